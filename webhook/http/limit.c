/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/limit.h"

#define TEXT(name, text, when, sees) text,

const char *moor_limit_name(enum moor_limit limit)
{
    static const char *const names[MOOR_LIMIT_COUNT] = {MOOR_LIMITS(TEXT)};
    return names[limit];
}

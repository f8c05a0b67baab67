/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a time: it is parsed or refused with a reason in printable characters. */
#include "policy/base/timestamp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t seconds = 0;
    struct moor_error err = {0};
    if (moor_timestamp_parse(&seconds, (struct moor_slice){(const char *)data, size}, &err) != 0) {
        if (err.code == MOOR_ERROR_NONE || err.text[0] == '\0') {
            abort();
        }
    }
    return 0;
}

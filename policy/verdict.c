/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

static const char *const origins[] = {
    [MOOR_ORIGIN_NEW] = "new",
    [MOOR_ORIGIN_UNCHANGED] = "unchanged",
    [MOOR_ORIGIN_CONTROLLER] = "controller-request",
};

static const char *const faults[MOOR_FAULT_COUNT] = {
    [MOOR_FAULT_NONE] = "none",
    [MOOR_FAULT_MALFORMED] = "malformed",
    [MOOR_FAULT_TOO_MANY_IMAGES] = "too-many-images",
    [MOOR_FAULT_TOO_LARGE] = "too-large",
    [MOOR_FAULT_TOO_COSTLY] = "too-costly",
};

const char *moor_fault_name(enum moor_fault fault)
{
    return faults[fault];
}

const char *moor_origin_name(enum moor_origin origin)
{
    return origins[origin];
}

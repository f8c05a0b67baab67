/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/field.h"

static const char *const names[MOOR_FIELD_COUNT] = {
    [MOOR_FIELD_CONTAINERS] = "containers",
    [MOOR_FIELD_INIT_CONTAINERS] = "initContainers",
    [MOOR_FIELD_EPHEMERAL_CONTAINERS] = "ephemeralContainers",
    [MOOR_FIELD_IMAGE_VOLUMES] = "imageVolumes",
    [MOOR_FIELD_ANNOTATIONS] = "annotations",
};

const char *moor_field_name(enum moor_field field)
{
    return names[field];
}

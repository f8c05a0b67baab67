/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field - the fields of a Pod that hold images.
 *
 * Policies, messages and metrics distinguish images by field.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_OBJECT_FIELD_H
#define MOOR_POLICY_OBJECT_FIELD_H

/* The fields. */
enum moor_field {
    MOOR_FIELD_CONTAINERS,
    MOOR_FIELD_INIT_CONTAINERS,
    MOOR_FIELD_EPHEMERAL_CONTAINERS,
    MOOR_FIELD_IMAGE_VOLUMES,
    MOOR_FIELD_ANNOTATIONS /* outside the specification: an injector adds a container for them */
};

/* The number of fields. */
#define MOOR_FIELD_COUNT (MOOR_FIELD_ANNOTATIONS + 1)

/* Returns the name in the policy file: "initContainers"; "imageVolumes" for image volumes. */
const char *moor_field_name(enum moor_field field);

#endif

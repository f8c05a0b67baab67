/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field - the kinds of places in a Pod specification where an image can stand.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_OBJECT_FIELD_H
#define MOOR_POLICY_OBJECT_FIELD_H

enum moor_field {
    MOOR_FIELD_CONTAINERS,
    MOOR_FIELD_INIT_CONTAINERS,
    MOOR_FIELD_EPHEMERAL_CONTAINERS,
    MOOR_FIELD_IMAGE_VOLUMES,
    MOOR_FIELD_ANNOTATIONS /* beside the specification: an injector makes a container of it */
};

#define MOOR_FIELD_COUNT (MOOR_FIELD_ANNOTATIONS + 1)

/* The field's name as a policy writes it: "initContainers"; "imageVolumes" for image volumes. */
const char *moor_field_name(enum moor_field field);

#endif

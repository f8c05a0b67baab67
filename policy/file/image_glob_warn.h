/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_glob_warn - warns of globs over images that strangers can satisfy.
 *
 * Clouds give each customer a name inside their registry: an account, a project, a registry of its
 * own.  A glob that leaves that name open admits the images of every customer, and anybody can
 * become one.  The registries that are known are a table; to add one, add a row.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_IMAGE_GLOB_WARN_H
#define MOOR_POLICY_FILE_IMAGE_GLOB_WARN_H

#include "policy/file/diagnostics.h"

/*
 * Warns at `item`, the text of which is a glob over names or references, if a special character is
 * where the registry names its customer, where the domain of a registry ends, or in its port.
 */
void moor_image_glob_warn(const struct moor_yaml_node *item, struct moor_slice glob,
                          struct moor_diagnostics *diagnostics);

#endif

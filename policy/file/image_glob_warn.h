/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_glob_warn - warns about globs that images of an attacker can match.
 *
 * Cloud registries give each customer a name: an account, a project, or a registry of its own.  A
 * glob that leaves this name open matches the images of every customer, and anyone can become a
 * customer.  The known registries are a table; to add a registry, add a row.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_IMAGE_GLOB_WARN_H
#define MOOR_POLICY_FILE_IMAGE_GLOB_WARN_H

#include "policy/file/diagnostics.h"

/*
 * Warns at `item`, whose text is a glob for names or references.  The warning is given if a special
 * character is in the customer's name, at the end of the registry's domain, or in its port.
 */
void moor_image_glob_warn(const struct moor_yaml_node *item, struct moor_slice glob,
                          struct moor_diagnostics *diagnostics);

#endif

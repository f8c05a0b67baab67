/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference_name - the canonical name of an image, which is the same for all spellings.
 *
 * Globs of a policy match canonical names, so that no other spelling of a registry evades a rule.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_IMAGE_REFERENCE_NAME_H
#define MOOR_POLICY_IMAGE_REFERENCE_NAME_H

#include "policy/image/reference.h"

/*
 * Appends the canonical name without tag and digest: `docker.io/library/nginx`.  The host becomes
 * lower case, and every host of Docker Hub becomes docker.io.  Port 443 and leading zeros of a port
 * are dropped.  A host without a dot keeps port 443, because without a port its name would be a
 * path on docker.io.
 */
void moor_reference_append_name(struct moor_buf *out, const struct moor_reference *reference);

/* Appends the domain of a canonical name.  Returns whether it is docker.io. */
bool moor_reference_append_domain(struct moor_buf *out, struct moor_slice domain);

/* Returns the hosts of Docker Hub; `*count` is their number. */
const char *const *moor_reference_hub_hosts(size_t *count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference_name - the canonical name of an image: one text for all spellings of a registry.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_IMAGE_REFERENCE_NAME_H
#define MOOR_POLICY_IMAGE_REFERENCE_NAME_H

#include "policy/image/reference.h"

/*
 * Appends the canonical name without tag and digest, `docker.io/library/nginx`: the name that the
 * globs of a policy match, and the same for each spelling of a registry.  The host is in lower case
 * and one of docker.io's names is docker.io; port 443 and the zeros before a port are dropped.  A
 * host without a dot keeps port 443, because its name would be one of docker.io's without a port.
 */
void moor_reference_append_name(struct moor_buf *out, const struct moor_reference *reference);

/* Appends the domain of such a name; returns whether it is docker.io. */
bool moor_reference_append_domain(struct moor_buf *out, struct moor_slice domain);

#endif

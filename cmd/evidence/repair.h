/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair - completes the repair of an image by the digest that a lock has of its reference.
 *
 * Without evidence, a repair has placeholders: `use nginx:<major>.<minor>.<patch>, or
 * nginx:1.27.5@sha256:<digest>`. With it, the digest is the very one that the cluster runs: `use
 * nginx:1.27.5@sha256:0a39...`.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_CMD_EVIDENCE_REPAIR_H
#define MOOR_CMD_EVIDENCE_REPAIR_H

#include "cmd/evidence/lock.h"

/*
 * Appends the repair of `image`, whose repair without evidence is `repair`.  Returns false, and
 * appends nothing, if the lock has no digest of the reference, or if `repair` offers no digest: a
 * digest then does not help.  If the lock has several digests, the repair says so and names none.
 */
bool moor_repair_append(struct moor_buf *out, const struct moor_lock *lock, struct moor_slice image,
                        bool is_rolling, struct moor_slice repair);

/* Replaces the repair in `repair` by that one, if there is one.  `lock` may be NULL. */
void moor_repair_complete(struct moor_buf *repair, const struct moor_lock *lock,
                          struct moor_slice image, bool is_rolling);

#endif

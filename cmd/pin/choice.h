/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choice - which digest or tag of a lock file an image gets.
 *
 * The digest is the one that the lock has for the reference.  With `is_tag_only`, the lock also
 * tells which fixed tags name the same content: another entry of the repository with the same
 * digest, whose tag satisfies the requirement of the policy, and at least a release.  Of several
 * tags, the firmest level counts, then one that continues the tag as written (`1.27` to `1.27.5`),
 * then the shortest.
 *
 * Threads:  pure.
 * Memory:   results borrow from the lock.
 */
#ifndef MOOR_CMD_PIN_CHOICE_H
#define MOOR_CMD_PIN_CHOICE_H

#include "cmd/evidence/lock.h"
#include "policy/verdict.h"

/* How to pin. */
struct moor_pin_choice {
    const struct moor_lock *lock;
    bool takes_all;     /* each image without a digest, not only those that are denied */
    bool is_tag_only;   /* write a fixed tag of the lock instead of a digest */
    bool joins_digests; /* write the digest into the tag of Helm values */
};

/* The digest or tag for an image. */
struct moor_pin_target {
    struct moor_slice digest;
    struct moor_slice tag;       /* empty unless `is_tag_only` */
    struct moor_slice platforms; /* the digest may be of these platforms only; or empty */
};

/* Returns whether the image, whose finding is not suppressed, is to be pinned. */
bool moor_pin_choice_wants(const struct moor_pin_choice *choice,
                           const struct moor_image_verdict *image);

/* Finds what the image gets.  Returns false, and appends the reason to `why`, if it gets nothing.
 */
bool moor_pin_choice_find(struct moor_pin_target *out, const struct moor_pin_choice *choice,
                          const struct moor_image_verdict *image, struct moor_buf *why);

#endif

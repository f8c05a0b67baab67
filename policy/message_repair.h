/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_repair - what to use instead of an image that does not meet a requirement.
 *
 * A repair is built on the reference as it was written and never invents a version: what the user
 * has to fill in is in angle brackets, `nginx:1.25.<patch>`.  It names a tag of a form that the
 * image has: by the entry of the policy, by official_tags, or by the class of the tag.  If there is
 * no such form, it names only the digest, which every image has.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_MESSAGE_REPAIR_H
#define MOOR_POLICY_MESSAGE_REPAIR_H

#include "policy/base/buf.h"
#include "policy/verdict.h"

enum moor_repair_form {
    MOOR_REPAIR_FULL, /* `use nginx:1.25.<patch>, or nginx@sha256:<digest>` */
    MOOR_REPAIR_BRIEF /* for warnings, without the repository: `use tag 1.25.<patch>, or a digest`
                       */
};

/* Appends the repair; at most `max_image` bytes of the repository are shown. */
void moor_message_repair_append(struct moor_buf *out, const struct moor_image_verdict *image,
                                enum moor_repair_form form, size_t max_image);

#endif

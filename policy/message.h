/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - the texts of a verdict, the same in the webhook's answers and in reports.
 *
 *   spec.containers[0] (container "web"): image "nginx:1.25" has a mutable tag (partial-version);
 *   environment "production" requires at least a release: use nginx:1.25.<patch>, or
 *   nginx@sha256:<digest>
 *
 * A message is complete alone: where the image is, what it is and why (its class), what the
 * environment requires, and what to use instead (message_repair.h).
 *
 * Text from outside is escaped (policy/base/escape.h) and cut in the middle, so that the end of a
 * long image, its tag or digest, stays readable.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   the macros below.
 */
#ifndef MOOR_POLICY_MESSAGE_H
#define MOOR_POLICY_MESSAGE_H

#include "policy/base/buf.h"
#include "policy/base/escape.h"
#include "policy/verdict.h"

#define MOOR_MESSAGE_MAX_BYTES      4095
#define MOOR_MESSAGE_MAX_IMAGES     16
#define MOOR_MESSAGE_MAX_IMAGE      256
#define MOOR_WARNING_MAX_CHARACTERS 256
#define MOOR_WARNING_MAX            16

/* Appends the message for one image that does not meet a requirement. */
void moor_message_append_image(struct moor_buf *out, const struct moor_verdict *verdict,
                               const struct moor_image_verdict *image);

/*
 * The two halves of that message without the path, for reports that show them apart: `image
 * "nginx:latest" has a mutable tag (channel); environment "production" requires at least a
 * release`, and the repair.  The first half also names the exemption that admits the image and its
 * end, or one that would if it had not ended.
 */
void moor_message_append_reason(struct moor_buf *out, const struct moor_verdict *verdict,
                                const struct moor_image_verdict *image);
void moor_message_append_image_repair(struct moor_buf *out, const struct moor_image_verdict *image);

/*
 * Appends the message of a denial: the fault of the object, then a line for each denied image, at
 * most MOOR_MESSAGE_MAX_IMAGES and MOOR_MESSAGE_MAX_BYTES, then `and N more`.
 */
void moor_message_append_denial(struct moor_buf *out, const struct moor_verdict *verdict);

/*
 * Appends the short form for a warning: one line, at most MOOR_WARNING_MAX_CHARACTERS characters.
 * If only the mode prevents a denial, the environment `will require` what it does not yet enforce.
 */
void moor_message_append_warning(struct moor_buf *out, const struct moor_verdict *verdict,
                                 const struct moor_image_verdict *image);

/* Appends the message for the object as a whole; nothing if `verdict->fault` is none. */
void moor_message_append_fault(struct moor_buf *out, const struct moor_verdict *verdict);

/*
 * Appends the warning that an exemption was used that expires soon or is meant for emergencies: one
 * line, at most MOOR_WARNING_MAX_CHARACTERS characters.
 */
void moor_message_append_exemption(struct moor_buf *out, const struct moor_exemption *exemption);

/* Appends the warning that the URL path names an environment which the policy lacks. */
void moor_message_append_lost_environment(struct moor_buf *out, const struct moor_verdict *verdict);

#endif

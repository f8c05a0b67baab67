/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - says a verdict to people, in one form everywhere: webhook, command line and log.
 *
 *   spec.template.spec.containers[0] "web": nginx:latest is rolling (channel "latest"), production
 *   requires a release: use a version such as nginx:1.2.3, or nginx@sha256:<digest>
 *
 * Everything that came from outside is escaped (policy/base/escape.h) and cut in the middle, so
 * that the end of a long image, its tag or digest, stays readable.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   see the functions.
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

/* The repair of what is no reference: what is wrong with it stands before. */
#define MOOR_MESSAGE_CORRECTION     "correct the reference"
/* The repair of a placeholder in a Pod. */
#define MOOR_MESSAGE_REPLACEMENT    "write the image, or correct the webhook that should replace it"

/* Appends the message for one image that failed a demand. */
void moor_message_append_image(struct moor_buf *out, const struct moor_verdict *verdict,
                               const struct moor_image_verdict *image);

/*
 * The two halves of that message without the place, for reports that show them apart: `nginx:latest
 * is rolling (channel "latest"), production requires a release`, and the repair.
 */
void moor_message_append_reason(struct moor_buf *out, const struct moor_verdict *verdict,
                                const struct moor_image_verdict *image);
void moor_message_append_image_repair(struct moor_buf *out, const struct moor_image_verdict *image);

/*
 * Appends the message of a denial: the fault, then a line for each denied image, at most
 * MOOR_MESSAGE_MAX_IMAGES and MOOR_MESSAGE_MAX_BYTES, then `and N more`.
 */
void moor_message_append_denial(struct moor_buf *out, const struct moor_verdict *verdict);

/*
 * Appends the short form for a warning: one line, at most MOOR_WARNING_MAX_CHARACTERS characters.
 * It says so where the image would be denied without the mode.
 */
void moor_message_append_warning(struct moor_buf *out, const struct moor_verdict *verdict,
                                 const struct moor_image_verdict *image);

/* The same for the object as a whole; there is one where `verdict->fault` is set. */
void moor_message_append_fault(struct moor_buf *out, const struct moor_verdict *verdict);

/*
 * Appends the warning that an exemption was used which ends soon, or which is for breaking the
 * glass: one line, at most MOOR_WARNING_MAX_CHARACTERS characters.
 */
void moor_message_append_exemption(struct moor_buf *out, const struct moor_exemption *exemption);

/* Appends the warning that the URL path names an environment which the policy lacks. */
void moor_message_append_lost_environment(struct moor_buf *out, const struct moor_verdict *verdict);

/*
 * Appends the repair for an image of which `demand` is asked: `use a version such as nginx:1.2.3,
 * or nginx@sha256:<digest>`.  `repository` is what the repair repeats; empty for the general form.
 */
void moor_message_append_repair(struct moor_buf *out, struct moor_slice repository,
                                struct moor_repair repair, enum moor_requirement requirement);

#endif

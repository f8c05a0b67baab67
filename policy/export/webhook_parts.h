/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook_parts - the rules and match conditions of a webhook configuration.
 *
 * The expressions are texts with one `%s`, the place of a list or literal in the form of JSON.
 * The chart of tagmoor fills the same texts in.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_WEBHOOK_PARTS_H
#define MOOR_POLICY_EXPORT_WEBHOOK_PARTS_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

/* Appends whether the request is a controller request, as an expression. */
int moor_webhook_append_controller(struct moor_buf *out, const struct moor_policy *policy,
                                   struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Appends whether the request may introduce an image.  If a custom resource of the file has images
 * outside of `spec`, all its updates may.
 */
void moor_webhook_append_may_bring_image(struct moor_buf *out, const struct moor_policy *policy);

/* Appends whether the request is not a mirror Pod of a node. */
void moor_webhook_append_no_mirror_pod(struct moor_buf *out);

/* Appends `rules`, as items of a list of YAML at two blanks. */
void moor_webhook_append_rules(struct moor_buf *out, const struct moor_policy *policy,
                               bool is_own_only, const char *scope);

/* Appends the facts: see moor_webhook_append_facts(). */
void moor_webhook_append_parts(struct moor_buf *out, const struct moor_policy *policy);

#endif

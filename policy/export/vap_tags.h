/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_tags - the variables of a ValidatingAdmissionPolicy that classify images.
 *
 * They take `variables.images`, a list of records with `x` and `u`, and end in
 * `variables.classified`, a list of records.  The members of a record are:
 *
 *   x   `FIELD/NAME IMAGE`
 *   r   the reference; `ok` is whether it is valid.
 *   t   the tag with its colon; `l` is the tag in lower case.
 *   d   the digest with its `@`
 *   b   the reference without tag and digest; `n` is the canonical name.
 *   s   the signs of the tag (policy/image/tag_patterns.h)
 *   c   the class.
 *   u   whether the old object has the image too
 *
 * The API server limits the cost of each variable, so the work is divided among several.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_TAGS_H
#define MOOR_POLICY_EXPORT_VAP_TAGS_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

/* Appends the variables, as items of a list of YAML. */
void moor_vap_append_tags(struct moor_buf *out, const struct moor_policy *policy);

/* Appends one variable. */
void moor_vap_append_variable(struct moor_buf *out, const char *name, struct moor_slice expression);

#endif

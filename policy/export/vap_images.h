/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vap_images - the variables of a ValidatingAdmissionPolicy that find the images of an object.
 *
 * The result is `variables.images`, a list of records: `x` is `FIELD/NAME IMAGE`, and `u` whether
 * the old object has the same image in the same field under the same name.  A name with a blank
 * makes the reference invalid, so that it is denied.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_VAP_IMAGES_H
#define MOOR_POLICY_EXPORT_VAP_IMAGES_H

#include "policy/base/buf.h"
#include "policy/rules/policy.h"

/* Appends the variables.  Unchanged images are omitted unless `with_unchanged` is set. */
void moor_vap_append_images(struct moor_buf *out, const struct moor_policy *policy,
                            bool with_unchanged);

/* Returns whether the images of a custom resource are found. */
bool moor_vap_has_resource(const struct moor_custom_resource *resource);

/* Returns whether the images of an annotation of this form can be found. */
bool moor_vap_has_annotation(const struct moor_annotation *annotation);

#endif

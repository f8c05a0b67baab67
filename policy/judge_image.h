/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_image - the parts of the evaluation of one image that do not depend on other images.
 *
 * Threads:  one workspace, one thread at a time.
 * Memory:   borrows from the verdict and the workspace.
 */
#ifndef MOOR_POLICY_JUDGE_IMAGE_H
#define MOOR_POLICY_JUDGE_IMAGE_H

#include "policy/verdict.h"
#include "policy/workspace.h"

/*
 * Gives the image its canonical name, which is valid until the next call, and empty if the image is
 * not a reference.  Returns -1 if the name does not fit the workspace.
 */
int moor_judge_name(struct moor_named_image *out, const struct moor_image_verdict *verdict,
                    struct moor_workspace *workspace, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Sets the decision and the requirement that gave it, by the level and the origin of the image.
 * The mode is applied later.
 */
void moor_judge_measure(struct moor_image_verdict *verdict,
                        const struct moor_requirements *requirements);

#endif

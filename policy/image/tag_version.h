/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_version - where the version is in a tag, or would be, for a message that completes it.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_VERSION_H
#define MOOR_POLICY_IMAGE_TAG_VERSION_H

#include "policy/base/slice.h"

struct moor_tag_version {
    struct moor_slice before; /* the tag up to the end of the number: `v1.25` of `v1.25.x-alpine` */
    struct moor_slice after;  /* the rest without open parts: `-alpine` */
    unsigned parts;           /* parts of the number: 2 */
};

/*
 * Finds the number of the tag that has the most parts and that no operating system or runtime
 * takes; parts that are the letter x are not counted.  Returns false if there is none.
 */
bool moor_tag_find_version(struct moor_tag_version *out, struct moor_slice tag);

/*
 * Finds the variant in a tag without a version, so that a version can precede it: `alpine3.20` of
 * `lts-alpine3.20`, `slim` of `slim`, and an empty one of `latest`.  Returns false for any other
 * tag, such as that of a branch.
 */
bool moor_tag_find_variant(struct moor_slice *out, struct moor_slice tag);
#endif

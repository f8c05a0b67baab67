/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_version - where the version is in a tag, for a message that completes a partial version.
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

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag - the class of a tag, read from its form alone.
 *
 * No registry is asked and no image is known by name: a tag is cut into pieces, the pieces are
 * looked up in tables of words, and the first rule that holds decides.  The rules and their order
 * are those of enum moor_class.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   a tag has at most 128 bytes; cost is linear in them.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_H
#define MOOR_POLICY_IMAGE_TAG_H

#include "policy/base/slice.h"
#include "policy/image/class.h"
#include "policy/image/reference.h"

struct moor_tag {
    enum moor_class class;
    bool base_unpinned; /* a version whose base system is named without its number, or not at all */
    bool foreign_commit; /* a commit behind a full version: it may be the upstream's, not this
                            image's */
};

/* Classifies a valid tag (never empty).  What is no valid tag is MOOR_CLASS_UNKNOWN. */
struct moor_tag moor_tag_classify(struct moor_slice tag);

/* Classifies a whole reference: a valid digest wins, then no tag, then the tag. */
struct moor_tag moor_reference_classify(const struct moor_reference *reference);

#endif

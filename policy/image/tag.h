/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag - classifies a tag by its form alone.
 *
 * The classifier contacts no registry and knows no image by name.  It cuts a tag into tokens, looks
 * them up in a table of words, and applies rules in a fixed order: the first rule that holds gives
 * the class.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   a tag has at most 128 bytes; the cost is linear in its length.
 */
#ifndef MOOR_POLICY_IMAGE_TAG_H
#define MOOR_POLICY_IMAGE_TAG_H

#include "policy/base/slice.h"
#include "policy/image/class.h"
#include "policy/image/reference.h"

#include <stdint.h>

/* The class of a tag, with the facts that messages and the policy's entries need. */
struct moor_tag {
    enum moor_class class;
    bool base_unpinned;  /* a version whose base system has no release, or is not named at all */
    bool foreign_commit; /* a commit after a full version; it may belong to the upstream project */
    bool is_whole;       /* a version that is full with any number of parts: `8u212` */
    bool is_open;        /* a part of the version is the letter x: `1.16.x` */
    /*
     * The parts of the longest number that is free or follows a v.  A number of three or more parts
     * counts anywhere.
     */
    uint8_t parts;
};

/* Classifies a tag; an invalid tag is MOOR_CLASS_UNKNOWN. */
struct moor_tag moor_tag_classify(struct moor_slice tag);

/*
 * Returns the class of the tag if a full version has `parts` parts instead of three.  A
 * partial-version with enough parts becomes a version.  A version with fewer parts becomes a
 * partial-version unless it is complete in another way (`is_whole`).  All other classes are
 * returned unchanged.
 */
enum moor_class moor_tag_class_by_parts(const struct moor_tag *tag, unsigned parts);

/* Classifies a reference: by its digest if it has one, as untagged without a tag, else by its tag.
 */
struct moor_tag moor_reference_classify(const struct moor_reference *reference);

#endif

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

#include <stdint.h>

struct moor_tag {
    enum moor_class class;
    bool base_unpinned; /* a version whose base system is named without its number, or not at all */
    bool foreign_commit; /* a commit behind a full version: it may be the upstream's, not this
                            image's */
    bool is_whole;       /* a version that is full in a way of its own, however many parts it has */
    bool is_open;        /* a part of the version is the letter x: `1.16.x` */
    uint8_t parts; /* the most that a number has which stands free or behind a v; of a number of
                      three parts or more also where it stands elsewhere */
};

/* Classifies a valid tag (never empty).  What is no valid tag is MOOR_CLASS_UNKNOWN. */
struct moor_tag moor_tag_classify(struct moor_slice tag);

/*
 * The tag's class where a version is full with `parts` parts instead of three: a partial-version
 * that has as many is a version, a version that has fewer and is not whole is a partial-version.
 * No other class is touched.
 */
enum moor_class moor_tag_class_by_parts(const struct moor_tag *tag, unsigned parts);

/* Classifies a whole reference: a valid digest wins, then no tag, then the tag. */
struct moor_tag moor_reference_classify(const struct moor_reference *reference);

#endif

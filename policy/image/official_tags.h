/* SPDX-License-Identifier: Apache-2.0 */
/*
 * official_tags - how Docker's official images name a release, if not by three numbers.
 *
 * The classes of tags know no image by name, so this table does not change a decision.  It is for
 * the repair in a message, which must name a tag that can exist: there is no `debian:12.4.1`.
 * The lists of tags at https://github.com/docker-library/official-images are the source.
 *
 * Threads:  pure, any thread.
 * Memory:   constants.
 */
#ifndef MOOR_POLICY_IMAGE_OFFICIAL_TAGS_H
#define MOOR_POLICY_IMAGE_OFFICIAL_TAGS_H

#include "policy/image/reference.h"

/* The form of a release's tags. */
struct moor_official_tags {
    const char *names;   /* names of images, separated by blanks */
    unsigned parts;      /* parts of the version; 0: no tag identifies a release */
    const char *last;    /* text in place of the last two parts, or NULL */
    const char *after;   /* text after the version, or NULL: `_<build>` */
    const char *flavor;  /* first part of the variant if the tag has none of this kind, or NULL */
    const char *end;     /* text at the end of the tag, or NULL: `-<yyyymmdd>` */
    bool is_dated;       /* a name and a date in place of a version: `bookworm-20240107` */
    const char *variant; /* the only suffix that such a tag can have; NULL: any */
    bool is_8_other;     /* Java 8 has tags of another form: `8u212` */
};

/* Returns whether the reference names one of Docker's official images. */
bool moor_official_is(const struct moor_reference *reference);

/* Returns the form of the image's tags, or NULL if they are like those of most images. */
const struct moor_official_tags *moor_official_tags_find(const struct moor_reference *reference);

/* Returns the names of the row, separated by blanks, and NULL after the last row. */
const char *moor_official_tags_names(size_t index);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_glob - which images a rule of the policy means: globs over normalised references.
 *
 * A glob is split where a reference is: `docker.io/vendor/agent:7*` is a glob over the canonical
 * name and one over the tag.  Neither is a prefix: a name in `docker.io/vendor` is none in
 * `docker.io/vendorevil`.  Without tag it covers all tags, without digest all digests.
 *
 * Threads:  compiled once; matched by any number of threads, each with a matcher.
 * Memory:   borrows the text; moor_image_glob_release() gives the compiled forms back.
 * Limits:   those of glob.h.
 */
#ifndef MOOR_POLICY_RULES_IMAGE_GLOB_H
#define MOOR_POLICY_RULES_IMAGE_GLOB_H

#include "policy/base/glob.h"
#include "policy/image/reference.h"

struct moor_image_glob {
    struct moor_slice text; /* as written */
    struct moor_glob name; /* over the canonical name, without tag; over the text if `is_invalid` */
    struct moor_glob tag;  /* empty text: any tag, and none */
    struct moor_glob digest; /* empty text: any digest, and none */
    bool is_invalid;         /* it is no valid reference, and stands for exactly this text */
};

struct moor_image_glob_list {
    struct moor_image_glob *items;
    size_t count;
};

/*
 * Compiles `text`.  Returns -1 with the reason where it is no glob, or where no normalised
 * reference can match it: `nginx` for instance, which is `docker.io/library/nginx`.  A text without
 * special characters that is no valid reference stands for itself: `*is_invalid` is set, and the
 * reason is in `err` all the same.
 */
int moor_image_glob_compile(struct moor_image_glob *out, bool *is_invalid, struct moor_slice text,
                            struct moor_error *err) MOOR_MUST_CHECK;
void moor_image_glob_release(struct moor_image_glob *glob);

/* An image as globs see it. */
struct moor_named_image {
    struct moor_slice text;                 /* as written in the object */
    struct moor_slice name;                 /* the canonical name; empty for what is no reference */
    const struct moor_reference *reference; /* meaningful where `name` is not empty */
};

/* Whether the glob, whose part for names matches the image, matches its tag and its digest too. */
bool moor_image_glob_match_rest(const struct moor_image_glob *glob,
                                const struct moor_named_image *image, struct moor_matcher *matcher);

/*
 * Checks a glob over canonical names alone.  Returns -1 with the reason where no canonical name can
 * match it, for instance because it spells the registry as no such name does (`CGR.dev`, port 443).
 * Sets and escapes are not followed, and pass outside the registry.
 */
int moor_image_glob_check_name(struct moor_slice glob, struct moor_error *err) MOOR_MUST_CHECK;

/* Whether the text has no special character, so that it matches itself alone. */
bool moor_image_glob_is_literal(struct moor_slice text);

/*
 * Writes the glob with its registry spelt as canonical names spell it.  Returns whether that is
 * another text; a glob without a registry, or for which there is no memory, is not changed.
 */
bool moor_image_glob_respell(struct moor_buf *out, struct moor_slice glob);

#endif

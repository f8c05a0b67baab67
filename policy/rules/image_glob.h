/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_glob - matches the images that a rule of the policy covers, by globs over references.
 *
 * A glob is split like a reference: `docker.io/vendor/agent:7*` has a glob for the canonical name
 * and another for the tag.  A name is matched as a whole and not as a prefix: `docker.io/vendor/`
 * does not cover `docker.io/vendorevil/`.  A glob without a tag covers all tags, and a glob without
 * a digest all digests.
 *
 * Threads:  compiled once; many threads may match it at once, each with its own matcher.
 * Memory:   borrows the text; moor_image_glob_release() frees the compiled forms.
 * Limits:   those of glob.h.
 */
#ifndef MOOR_POLICY_RULES_IMAGE_GLOB_H
#define MOOR_POLICY_RULES_IMAGE_GLOB_H

#include "policy/base/glob.h"
#include "policy/image/reference.h"

/* A compiled glob; the parts borrow from `text`. */
struct moor_image_glob {
    struct moor_slice text;  /* as written */
    struct moor_glob name;   /* for the canonical name; for the whole text if `is_invalid` */
    struct moor_glob tag;    /* empty text: any tag or none */
    struct moor_glob digest; /* empty text: any digest or none */
    bool is_invalid;         /* the text is not a valid reference and matches only itself */
};

/* Globs of which one must match. */
struct moor_image_glob_list {
    struct moor_image_glob *items;
    size_t count;
};

/*
 * Compiles `text`.  Returns -1 with the reason if the glob is invalid, or if no canonical name can
 * match it: `nginx`, for instance, is `docker.io/library/nginx`.  A text without special characters
 * that is not a valid reference matches only itself.  `*is_invalid` is then set, and `err` has the
 * reason although the result is 0.
 */
int moor_image_glob_compile(struct moor_image_glob *out, bool *is_invalid, struct moor_slice text,
                            struct moor_error *err) MOOR_MUST_CHECK;

/* Frees the compiled forms. */
void moor_image_glob_release(struct moor_image_glob *glob);

/* An image in the form that globs match. */
struct moor_named_image {
    struct moor_slice text;                 /* as written in the object */
    struct moor_slice name;                 /* canonical name; empty if `text` is not a reference */
    const struct moor_reference *reference; /* set if `name` is not empty */
};

/* Matches tag and digest, after the caller has found that the glob for the name matches. */
bool moor_image_glob_match_rest(const struct moor_image_glob *glob,
                                const struct moor_named_image *image, struct moor_matcher *matcher);

/*
 * Checks a glob for canonical names.  Returns -1 with the reason if no canonical name can match it,
 * for instance because its registry is in another spelling (`CGR.dev`, port 443).  Globs with sets
 * or escapes are checked only in the registry.
 */
int moor_image_glob_check_name(struct moor_slice glob, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the text has no special character and so matches only itself. */
bool moor_image_glob_is_literal(struct moor_slice text);

/*
 * Writes the glob with the canonical spelling of its registry.  Returns whether the spelling
 * differs.  A glob without a registry is not changed, nor is any glob if there is no memory.
 */
bool moor_image_glob_respell(struct moor_buf *out, struct moor_slice glob);

#endif

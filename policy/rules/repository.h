/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repository - classifies a reference by the policy's entries for repositories and by its form.
 *
 * The first entry that matches the canonical name applies.  Its parts are tried in order: patterns
 * for rolling tags, builds and releases; the number of parts of a full version; and the level of
 * all other tags.  The classes of tag.h apply to all tags that the entry does not classify.
 * References with a digest, and references without a tag, are classified without an entry.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing; the classification borrows from the policy.
 * Limits:   those of pattern.h; a tag on which a pattern reaches its limit is rolling.
 */
#ifndef MOOR_POLICY_RULES_REPOSITORY_H
#define MOOR_POLICY_RULES_REPOSITORY_H

#include "policy/image/tag.h"
#include "policy/rules/policy.h"

/* The kinds of repair for a reference whose level is too low. */
enum moor_repair_by {
    MOOR_REPAIR_FORM,  /* a tag with a stronger form */
    MOOR_REPAIR_ENTRY, /* a tag that the entry accepts */
    MOOR_REPAIR_DIGEST /* only a digest, because the entry accepts no tag */
};

/* A suggestion for the message of a denial. */
struct moor_repair {
    enum moor_repair_by by;
    const struct moor_repository *entry; /* the entry that applies, or NULL */
};

/* The result of a classification. */
struct moor_classification {
    enum moor_class class; /* MOOR_CLASS_REPOSITORY if an entry changed the result */
    enum moor_level level; /* how firmly the reference identifies an image */
    struct moor_tag tag;   /* the classification by form alone */
    const struct moor_repository *repository; /* the entry that applies, or NULL */
    struct moor_slice reason;                 /* MOOR_CLASS_REPOSITORY: the reason, or empty */
    const char *rule; /* key of the entry that decided, such as "build"; NULL: none did */
    const struct moor_pattern *pattern; /* the pattern that decided, or NULL */
    struct moor_repair repair;
};

/* Returns the first entry for this canonical name, which has no tag; or NULL. */
const struct moor_repository *moor_repository_find(const struct moor_policy *policy,
                                                   struct moor_slice name,
                                                   struct moor_matcher *matcher);

/* Classifies a reference; `name` is its canonical name. */
struct moor_classification moor_repository_classify(const struct moor_policy *policy,
                                                    const struct moor_reference *reference,
                                                    struct moor_slice name,
                                                    struct moor_matcher *matcher);

#endif

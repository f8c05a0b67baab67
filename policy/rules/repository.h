/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repository - what a reference names, by the policy's entries for repositories and by its form.
 *
 * The first entry that matches the canonical name speaks, for what it says: its patterns for
 * rolling tags, for builds and for releases, then how many parts make a version full, then what all
 * other tags are.  What it does not say is left to the classes of tag.h.  A digest, and no tag at
 * all, are settled before any entry.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing; the finding borrows from the policy.
 * Limits:   those of pattern.h: a pattern that reaches one makes the tag rolling.
 */
#ifndef MOOR_POLICY_RULES_REPOSITORY_H
#define MOOR_POLICY_RULES_REPOSITORY_H

#include "policy/image/tag.h"
#include "policy/rules/policy.h"

/* What would help, where what the reference names is not enough. */
enum moor_repair_by {
    MOOR_REPAIR_FORM,  /* a tag of a stronger form */
    MOOR_REPAIR_ENTRY, /* a tag that the entry accepts */
    MOOR_REPAIR_DIGEST /* a digest alone: the entry accepts no tag */
};

struct moor_repair {
    enum moor_repair_by by;
    const struct moor_repository *entry; /* the one that speaks for it, or NULL */
};

struct moor_classification {
    enum moor_class class; /* MOOR_CLASS_REPOSITORY where an entry decided otherwise than the form
                            */
    enum moor_level level;
    struct moor_tag tag;                      /* what the form says */
    const struct moor_repository *repository; /* the entry that speaks for it, or NULL */
    struct moor_slice reason;                 /* for MOOR_CLASS_REPOSITORY: why, or empty */
    struct moor_repair repair;
};

/* The first entry for this canonical name, without tag, or NULL. */
const struct moor_repository *moor_repository_find(const struct moor_policy *policy,
                                                   struct moor_slice name,
                                                   struct moor_matcher *matcher);

/* What the reference, which has this canonical name, names. */
struct moor_classification moor_repository_classify(const struct moor_policy *policy,
                                                    const struct moor_reference *reference,
                                                    struct moor_slice name,
                                                    struct moor_matcher *matcher);

#endif

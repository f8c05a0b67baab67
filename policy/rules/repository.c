/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/repository.h"

#include "policy/rules/cost.h"

/* The level of a tag that matches a pattern. */
static const enum moor_level pattern_levels[MOOR_PATTERNS_COUNT] = {
    [MOOR_PATTERNS_ROLLING] = MOOR_LEVEL_ROLLING,
    [MOOR_PATTERNS_BUILD] = MOOR_LEVEL_BUILD,
    [MOOR_PATTERNS_RELEASE] = MOOR_LEVEL_RELEASE,
};

const struct moor_repository *moor_repository_find(const struct moor_policy *policy,
                                                   struct moor_slice name,
                                                   struct moor_matcher *matcher)
{
    uint32_t index = moor_glob_index_lowest(&policy->repository_index, name, matcher);
    return index < policy->repository_count ? &policy->repositories[index] : NULL;
}

/* If the entry leaves other tags to their form, a tag with a stronger form helps. */
static enum moor_repair_by repair_by(const struct moor_repository *repository)
{
    if (repository->otherwise != MOOR_LEVEL_ROLLING) {
        return MOOR_REPAIR_FORM;
    }
    return repository->version_parts == 0 && repository->patterns[MOOR_PATTERNS_BUILD].count == 0 &&
                   repository->patterns[MOOR_PATTERNS_RELEASE].count == 0
               ? MOOR_REPAIR_DIGEST
               : MOOR_REPAIR_ENTRY;
}

/* The names of the keys of an entry that have patterns. */
static const char *const pattern_keys[MOOR_PATTERNS_COUNT] = {
    [MOOR_PATTERNS_ROLLING] = "rolling",
    [MOOR_PATTERNS_BUILD] = "build",
    [MOOR_PATTERNS_RELEASE] = "release",
};

static void decide(struct moor_classification *classification, const char *rule,
                   enum moor_level level, struct moor_slice reason)
{
    classification->rule = rule;
    classification->class = MOOR_CLASS_REPOSITORY;
    classification->level = level;
    classification->reason = reason;
}

/* If a pattern reaches its step limit, the tag is rolling: a slow tag must not pass as fixed. */
static bool ask_patterns(struct moor_classification *classification, enum moor_pattern_kind kind,
                         struct moor_slice tag, struct moor_matcher *matcher)
{
    const struct moor_pattern_list *patterns = &classification->repository->patterns[kind];
    for (size_t i = 0; i < patterns->count; i++) {
        enum moor_pattern_result result = moor_pattern_match(&patterns->items[i], tag, matcher);
        classification->pattern = result != MOOR_PATTERN_NO_MATCH ? &patterns->items[i] : NULL;
        switch (result) {
        case MOOR_PATTERN_NO_MATCH:
            break;
        case MOOR_PATTERN_MATCH:
            decide(classification, pattern_keys[kind], pattern_levels[kind],
                   classification->repository->reason);
            return true;
        case MOOR_PATTERN_GAVE_UP:
            decide(classification, pattern_keys[kind], MOOR_LEVEL_ROLLING,
                   MOOR_SLICE("a pattern of the policy takes too many steps for this tag"));
            return true;
        }
    }
    return false;
}

/*
 * Applies the number of parts and the level of all other tags.  If the form alone gives the same
 * class, the tag keeps that class, because the entry did not change the result.
 */
static void ask_parts(struct moor_classification *classification)
{
    const struct moor_repository *repository = classification->repository;
    unsigned parts = repository->version_parts;
    enum moor_class class = parts > 0 ? moor_tag_class_by_parts(&classification->tag, parts)
                                      : classification->tag.class;
    bool is_version = parts > 0 && class == MOOR_CLASS_VERSION;
    if (!is_version && repository->otherwise != MOOR_LEVEL_NONE) {
        decide(classification, "otherwise", repository->otherwise, repository->reason);

    } else if (class != classification->tag.class) {
        decide(classification, "versionParts", moor_class_level(class), repository->reason);
    }
}

struct moor_classification moor_repository_classify(const struct moor_policy *policy,
                                                    const struct moor_reference *reference,
                                                    struct moor_slice name,
                                                    struct moor_matcher *matcher)
{
    struct moor_classification classification = {.tag = moor_reference_classify(reference)};
    (void)moor_matcher_take(matcher, moor_cost_of_tag(reference->tag.len));
    classification.class = classification.tag.class;
    classification.level = moor_class_level(classification.class);
    classification.repository = moor_repository_find(policy, name, matcher);
    if (classification.repository == NULL) {
        return classification;
    }
    classification.repair =
        (struct moor_repair){repair_by(classification.repository), classification.repository};
    /* An entry is about tags, and cannot change a digest or add a tag. */
    if (reference->digest.len > 0 || reference->tag.len == 0) {
        return classification;
    }
    /* `rolling` comes first, so that no other pattern raises the level of a tag that moves. */
    for (enum moor_pattern_kind kind = 0; kind < MOOR_PATTERNS_COUNT; kind++) {
        if (ask_patterns(&classification, kind, reference->tag, matcher)) {
            return classification;
        }
    }
    ask_parts(&classification);
    return classification;
}

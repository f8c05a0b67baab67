/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/cost.h"

#include "policy/base/array_size.h"
#include "policy/base/matcher.h"
#include "policy/rules/policy.h"

/* The lengths that the estimate assumes: the maximum of names, tags, containers and fields. */
#define NAME_BYTES      255
#define TAG_BYTES       128
#define CONTAINER_BYTES 63
#define FIELD_BYTES     20

/* The steps of one part of the policy, and its costliest element. */
struct part {
    uint64_t steps;
    size_t index;
};

static void free_matcher(struct moor_matcher *const *matcher)
{
    moor_matcher_free(*matcher);
}

/* --- patterns --------------------------------------------------------------------------------- */

/* Backtracking is worst on a long run that ends unexpectedly; each fill is tried with each end. */
static const char *const fills[] = {"a", "0", "A", "a0", "a-", "0-", "a.", "0.", "a_", "a0-"};
static const char ends[] = {'a', '0', '-', '_'};

/* Matching is measured, because no formula gives the cost of a regular expression. */
static uint64_t try_pattern(const struct moor_pattern *pattern, struct moor_matcher *matcher)
{
    uint64_t most = 0;
    char tag[TAG_BYTES];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(fills) * sizeof ends; i++) {
        const char *fill = fills[i / sizeof ends];
        size_t len = strlen(fill);
        for (size_t at = 0; at < sizeof tag; at++) {
            tag[at] = fill[at % len];
        }
        tag[sizeof tag - 1] = ends[i % sizeof ends];
        uint64_t before = matcher->steps;
        enum moor_pattern_result result =
            moor_pattern_match(pattern, (struct moor_slice){tag, sizeof tag}, matcher);
        uint64_t steps = matcher->steps - before;
        most = steps > most ? steps : most;
        if (result == MOOR_PATTERN_GAVE_UP) {
            break;
        }
    }
    return most;
}

/* A tag that matches no pattern costs most: all patterns of the entry are tried on it. */
static uint64_t try_patterns(const struct moor_repository *repository, struct moor_matcher *matcher)
{
    uint64_t steps = 0;
    for (size_t kind = 0; kind < MOOR_PATTERNS_COUNT; kind++) {
        const struct moor_pattern_list *patterns = &repository->patterns[kind];
        for (size_t i = 0; i < patterns->count; i++) {
            steps += try_pattern(&patterns->items[i], matcher);
        }
    }
    return steps;
}

/*
 * Only the file's own entries are measured; the built-in ones are known.  The budget of the matcher
 * limits the time that measuring takes.
 */
static struct part patterns_part(const struct moor_policy *policy, struct moor_matcher *matcher)
{
    struct part part = {0};
    moor_matcher_begin(matcher, MOOR_COST_MAX_STEPS);
    for (size_t i = 0; i < policy->own_repository_count; i++) {
        uint64_t steps = try_patterns(&policy->repositories[i], matcher);
        if (steps > part.steps) {
            part = (struct part){steps, i};
        }
    }
    return part;
}

/* --- globs ------------------------------------------------------------------------------------ */

/* An image is matched in only one environment, so the costliest one counts. */

static struct part images_part(const struct moor_policy *policy)
{
    struct part part = {0};
    for (size_t i = 0; i < policy->environment_count; i++) {
        uint64_t steps = moor_glob_index_cost(&policy->environments[i].image_index, NAME_BYTES);
        if (steps > part.steps) {
            part = (struct part){steps, i};
        }
    }
    return part;
}

static uint64_t list_cost(const struct moor_glob_list *globs, size_t len)
{
    uint64_t steps = 0;
    for (size_t i = 0; i < globs->count; i++) {
        steps += moor_glob_cost(&globs->items[i], len);
    }
    return steps;
}

/* The index finds exemptions by images; fields and containers are tried for each of them. */
static struct part exemptions_part(const struct moor_policy *policy)
{
    const struct moor_exemption_index *index = &policy->exemption_index;
    uint64_t names = moor_glob_index_cost(&index->names, NAME_BYTES);
    uint64_t texts = moor_glob_index_cost(&index->texts, NAME_BYTES);
    struct part part = {.steps = names > texts ? names : texts};
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct moor_glob_list *match = policy->exemptions[i].match;
        part.steps += list_cost(&match[MOOR_EXEMPTION_FIELDS], FIELD_BYTES) +
                      list_cost(&match[MOOR_EXEMPTION_CONTAINERS], CONTAINER_BYTES);
    }
    return part;
}

/* --- the estimate ----------------------------------------------------------------------------- */

int moor_cost_estimate(struct moor_cost *out, const struct moor_policy *policy,
                       struct moor_error *err)
{
    __attribute__((cleanup(free_matcher))) struct moor_matcher *matcher = moor_matcher_new();
    if (matcher == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to match patterns");
    }
    const struct part parts[] = {
        [MOOR_COST_PATTERNS] = patterns_part(policy, matcher),
        [MOOR_COST_REPOSITORIES] = {moor_glob_index_cost(&policy->repository_index, NAME_BYTES), 0},
        [MOOR_COST_IMAGES] = images_part(policy),
        [MOOR_COST_EXEMPTIONS] = exemptions_part(policy),
        [MOOR_COST_PLACEHOLDERS] = {policy->placeholder_count, 0},
    };
    *out = (struct moor_cost){.image_steps = moor_cost_of_image(NAME_BYTES + TAG_BYTES) +
                                             moor_cost_of_tag(TAG_BYTES)};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts); i++) {
        out->image_steps += parts[i].steps;
        if (parts[i].steps > out->part_steps) {
            out->part = (enum moor_cost_part)i;
            out->part_steps = parts[i].steps;
            out->index = parts[i].index;
        }
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/cost.h"

#include "policy/base/array_size.h"
#include "policy/base/matcher.h"
#include "policy/rules/policy.h"

/* The texts that are thought of: what names of images, tags and containers have at most. */
#define NAME_BYTES      255
#define TAG_BYTES       128
#define CONTAINER_BYTES 63
#define FIELD_BYTES     20

/* What an image costs under one part of the policy. */
struct part {
    uint64_t steps;
    size_t index;
};

static void free_matcher(struct moor_matcher *const *matcher)
{
    moor_matcher_free(*matcher);
}

/* --- patterns --------------------------------------------------------------------------------- */

/* Tags that patterns are tried on: what backtracks does so on a long run that ends unexpectedly. */
static const char *const fills[] = {"a", "0", "A", "a0", "a-", "0-", "a.", "0.", "a_", "a0-"};
static const char ends[] = {'a', '0', '-', '_'};

/* The most steps that the pattern took on one of the tags. */
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

/* All patterns of an entry are tried on a tag that none of them matches. */
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

/* The patterns of the file's costliest entry: the matcher's budget bounds what trying them costs.
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

/* --- all -------------------------------------------------------------------------------------- */

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

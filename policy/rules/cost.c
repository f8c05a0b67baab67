/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates what the costliest object takes under a policy, and warns where that is too much. */
#include "policy/rules/cost.h"

#include "policy/file/build.h"

/* The texts that are thought of: what names of images, tags and containers have at most. */
#define NAME_BYTES      255
#define TAG_BYTES       128
#define CONTAINER_BYTES 63
#define FIELD_BYTES     20

/* What an image costs under one key of the policy. */
struct part {
    const char *key;
    const struct moor_yaml_node *at; /* NULL: it is not in the file */
    uint64_t steps;
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
    for (size_t i = 0; i < sizeof fills / sizeof *fills * sizeof ends; i++) {
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

/* The patterns of the file's costliest entry.  The matcher's budget bounds what trying them costs.
 */
static struct part patterns_part(const struct moor_policy *policy, const struct moor_key_list *list,
                                 struct moor_matcher *matcher)
{
    const struct moor_schema_repository *shapes = list->items;
    struct part part = {.key = "the patterns of this entry"};
    moor_matcher_begin(matcher, MOOR_COST_MAX_STEPS);
    for (size_t i = 0; i < list->count; i++) {
        uint64_t steps = try_patterns(&policy->repositories[i], matcher);
        if (steps > part.steps) {
            part.steps = steps;
            part.at = shapes[i].at;
        }
    }
    return part;
}

/* --- globs ------------------------------------------------------------------------------------ */

static struct part images_part(const struct moor_policy *policy, const struct moor_key_list *list)
{
    const struct moor_schema_environment *shapes = list->items;
    struct part part = {.key = "'images'"};
    for (size_t i = 0; i < policy->environment_count; i++) {
        uint64_t steps = moor_glob_index_cost(&policy->environments[i].image_index, NAME_BYTES);
        if (steps > part.steps) {
            part.steps = steps;
            part.at = shapes[i].images.at;
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

static struct part exemptions_part(const struct moor_policy *policy,
                                   const struct moor_key_list *list)
{
    const struct moor_exemption_index *index = &policy->exemption_index;
    uint64_t names = moor_glob_index_cost(&index->names, NAME_BYTES);
    uint64_t texts = moor_glob_index_cost(&index->texts, NAME_BYTES);
    struct part part = {
        .key = "'exemptions'", .at = list->at, .steps = names > texts ? names : texts};
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct moor_glob_list *match = policy->exemptions[i].match;
        part.steps += list_cost(&match[MOOR_EXEMPTION_FIELDS], FIELD_BYTES) +
                      list_cost(&match[MOOR_EXEMPTION_CONTAINERS], CONTAINER_BYTES);
    }
    return part;
}

/* --- all -------------------------------------------------------------------------------------- */

static void warn(const struct part *part, const struct moor_yaml_node *root, uint64_t image_steps,
                 struct moor_diagnostics *diagnostics)
{
    moor_diagnostics_warning(
        diagnostics, part->at != NULL ? part->at : root,
        "an image can take %llu matching steps, %llu of them for %s: an object of "
        "more than %llu such images exceeds the %d steps of a request and is "
        "denied",
        (unsigned long long)image_steps, (unsigned long long)part->steps, part->key,
        (unsigned long long)(MOOR_COST_MAX_STEPS / image_steps), MOOR_COST_MAX_STEPS);
}

int moor_build_check_cost(const struct moor_policy *policy, const struct moor_schema_policy *shape,
                          struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    __attribute__((cleanup(free_matcher))) struct moor_matcher *matcher = moor_matcher_new();
    if (matcher == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to match patterns");
    }
    const struct part parts[] = {
        patterns_part(policy, &shape->repositories, matcher),
        {"the globs of 'repositories'", shape->repositories.at,
         moor_glob_index_cost(&policy->repository_index, NAME_BYTES)},
        images_part(policy, &shape->environments),
        exemptions_part(policy, &shape->exemptions),
        {"'placeholders'", shape->placeholders.at, policy->placeholder_count},
    };
    const struct part *most = parts;
    uint64_t steps = moor_cost_of_image(NAME_BYTES + TAG_BYTES) + moor_cost_of_tag(TAG_BYTES);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        steps += parts[i].steps;
        most = parts[i].steps > most->steps ? &parts[i] : most;
    }
    if (steps * MOOR_COST_MANY_IMAGES > MOOR_COST_MAX_STEPS) {
        warn(most, shape->at, steps, diagnostics);
    }
    return 0;
}

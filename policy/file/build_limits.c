/* SPDX-License-Identifier: Apache-2.0 */
/* Counting first avoids the time to compile a file with a hundred thousand globs. */
#include "policy/file/build_limits.h"
#include "policy/base/array_size.h"
#include "policy/base/glob_index.h"

_Static_assert(MOOR_BUILD_MAX_GLOBS + 256 <= MOOR_GLOB_INDEX_MAX,
               "an index has room for all globs of a policy and the built-in ones");

/* The count so far; only the first excess is reported. */
struct count {
    struct moor_diagnostics *diagnostics;
    size_t globs;
    bool is_over;
};

static void add_list(struct count *count, const struct moor_key_value *list)
{
    const struct moor_yaml_node *item = list->at != NULL ? list->at->first : NULL;
    /* One error is enough: every glob after the limit would be reported otherwise. */
    for (; item != NULL && !count->is_over; item = item->next) {
        if (++count->globs > MOOR_BUILD_MAX_GLOBS) {
            count->is_over = true;
            moor_diagnostics_error(count->diagnostics, item,
                                   "the policy has more than %d globs: use fewer",
                                   MOOR_BUILD_MAX_GLOBS);
        }
    }
}

static void add_environments(struct count *count, const struct moor_key_list *list)
{
    const struct moor_schema_environment *environments = list->items;
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_schema_image_rule *rules = environments[i].images.items;
        add_list(count, &environments[i].namespaces);
        for (size_t j = 0; j < environments[i].images.count; j++) {
            add_list(count, &rules[j].match);
        }
    }
}

static void add_exemptions(struct count *count, const struct moor_key_list *list)
{
    const struct moor_schema_exemption *exemptions = list->items;
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_schema_match *match = &exemptions[i].match;
        for (size_t key = 0; key < MOOR_ARRAY_SIZE(match->keys); key++) {
            add_list(count, &match->keys[key]);
        }
        add_list(count, &match->images);
    }
}

bool moor_build_check_globs(const struct moor_schema_policy *schema,
                            struct moor_diagnostics *diagnostics)
{
    struct count count = {.diagnostics = diagnostics};
    const struct moor_schema_repository *repositories = schema->repositories.items;
    add_environments(&count, &schema->environments);
    add_list(&count, &schema->controllers.users);
    for (size_t i = 0; i < schema->repositories.count; i++) {
        add_list(&count, &repositories[i].match);
    }
    add_exemptions(&count, &schema->exemptions);
    return !count.is_over;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_cost.h"

#include "policy/rules/cost.h"

/* The texts for the warning, by part. */
static const char *const part_names[] = {
    [MOOR_COST_PATTERNS] = "the patterns of this entry",
    [MOOR_COST_REPOSITORIES] = "the globs of 'repositories'",
    [MOOR_COST_IMAGES] = "'images'",
    [MOOR_COST_EXEMPTIONS] = "'exemptions'",
    [MOOR_COST_PLACEHOLDERS] = "'placeholders'",
};

/* Returns the position of the part in the file; NULL if it is built in or costs nothing. */
static const struct moor_yaml_node *node_of(const struct moor_cost *cost,
                                            const struct moor_schema_policy *schema)
{
    if (cost->part_steps == 0) {
        return NULL;
    }
    switch (cost->part) {
    case MOOR_COST_PATTERNS:
        return ((const struct moor_schema_repository *)schema->repositories.items)[cost->index].at;
    case MOOR_COST_REPOSITORIES:
        return schema->repositories.at;
    case MOOR_COST_IMAGES:
        return ((const struct moor_schema_environment *)schema->environments.items)[cost->index]
            .images.at;
    case MOOR_COST_EXEMPTIONS:
        return schema->exemptions.at;
    case MOOR_COST_PLACEHOLDERS:
        break;
    }
    return schema->placeholders.at;
}

int moor_build_check_cost(const struct moor_policy *policy, const struct moor_schema_policy *schema,
                          struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    struct moor_cost cost;
    if (moor_cost_estimate(&cost, policy, err) != 0) {
        return -1;
    }
    /* A warning and no error: such a policy decides all objects of usual size correctly. */
    if (cost.image_steps * MOOR_COST_MANY_IMAGES <= MOOR_COST_MAX_STEPS) {
        return 0;
    }
    const struct moor_yaml_node *at = node_of(&cost, schema);
    moor_diagnostics_warning(
        diagnostics, at != NULL ? at : schema->at,
        "an image can take %llu matching steps, %llu of them for %s: an object with more than %llu "
        "such images exceeds the %d steps of a request and is denied: simplify the policy",
        (unsigned long long)cost.image_steps, (unsigned long long)cost.part_steps,
        part_names[cost.part], (unsigned long long)(MOOR_COST_MAX_STEPS / cost.image_steps),
        MOOR_COST_MAX_STEPS);
    return 0;
}

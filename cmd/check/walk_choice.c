/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/walk_choice.h"

#include "cmd/scan/resources.h"

static bool has_environment(const struct moor_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (moor_slice_is(policy->environments[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Rejects a name that no environment and no namespace can have. */
static int check_names(const struct moor_policy *policy, const struct moor_walk_choice *choice,
                       struct moor_error *err)
{
    if (choice->namespace != NULL &&
        !moor_resource_is_namespace(moor_slice_from(choice->namespace))) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "--namespace: '%s' is not a valid namespace name", choice->namespace);
    }
    return choice->environment == NULL || has_environment(policy, choice->environment)
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE, "the policy has no environment '%s'",
                                choice->environment);
}

int moor_walk_choice_apply(struct moor_walk *walk, const struct moor_walk_choice *choice,
                           struct moor_error *err)
{
    struct moor_judging *judging = &walk->judging;
    for (size_t i = 0; i < choice->include->count; i++) {
        if (moor_input_formats_parse(&judging->formats, choice->include->items[i], err) != 0) {
            return -1;
        }
    }
    /*
     * The names are checked before a file is read, so that a misspelled option is one error instead
     * of an answer for the wrong environment in every file.
     */
    if (check_names(judging->policy, choice, err) != 0) {
        return -1;
    }
    judging->environment = moor_slice_from(choice->environment);
    judging->namespace = moor_slice_from(choice->namespace);
    for (size_t i = 0; i < choice->namespace_labels->count; i++) {
        if (moor_label_list_add(&judging->labels, choice->namespace_labels->items[i], err) != 0) {
            return -1;
        }
    }
    /*
     * With --environment, the namespace decides nothing, so its missing labels are no gap in the
     * result.
     */
    judging->needs_labels = choice->environment == NULL && moor_walk_wants_labels(judging->policy);
    judging->now = choice->now;
    judging->findings.suppressions.is_off = choice->has_no_suppressions;
    /* Collecting the labels of namespaces reads all files once more, which only this case needs. */
    walk->uses_labels = choice->environment == NULL;
    walk->choice.excludes = choice->exclude->items;
    walk->choice.exclude_count = choice->exclude->count;
    walk->choice.forces_excludes = choice->forces_excludes;
    return 0;
}

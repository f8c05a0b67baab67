/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/trial.h"

#include "policy/base/nearest.h"
#include "policy/object/kinds.h"

static const struct moor_kind *find_builtin(struct moor_slice kind)
{
    /*
     * A kind without a group is looked up among the built-in kinds only: a policy can define one
     * name in several groups.
     */
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (moor_slice_equal(kinds[i].kind, kind)) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Finds a built-in kind by `Kind`, or any kind of the policy by `Kind.group`. */
static const struct moor_kind *find_kind(const struct moor_policy *policy, struct moor_slice name)
{
    const char *dot = name.len > 0 ? memchr(name.ptr, '.', name.len) : NULL;
    if (name.len == 0) {
        return find_builtin(MOOR_SLICE("Pod"));
    }
    if (dot == NULL) {
        return find_builtin(name);
    }
    size_t at = (size_t)(dot - name.ptr);
    /* The empty slice is the resource, which the API server knows and a user need not name. */
    return moor_policy_find_kind(policy, moor_slice_sub(name, at + 1, name.len),
                                 (struct moor_slice){0}, moor_slice_sub(name, 0, at));
}

static int fail_kind(struct moor_slice name, struct moor_error *err)
{
    struct moor_nearest nearest = {0};
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    /* Only built-in kinds are suggested, since a misspelled group has no known spelling. */
    for (size_t i = 0; i < count; i++) {
        moor_nearest_try(&nearest, name, kinds[i].kind.ptr);
    }
    return nearest.word != NULL
               ? moor_error_set(err, MOOR_ERROR_VALUE,
                                "'%.*s' is not a kind with images (did you mean '%s'?)",
                                MOOR_SLICE_ARGS(name), nearest.word)
               : moor_error_set(err, MOOR_ERROR_VALUE,
                                "'%.*s' is not a kind with images: use Kind, or Kind.group for a "
                                "custom resource",
                                MOOR_SLICE_ARGS(name));
}

int moor_trial_judge(struct moor_verdict *out, struct moor_trial *trial,
                     const struct moor_policy *policy, int64_t now,
                     struct moor_workspace *workspace, struct moor_error *err)
{
    const struct moor_kind *kind = find_kind(policy, trial->kind);
    if (kind == NULL) {
        return fail_kind(trial->kind, err);
    }
    /*
     * The image and the request are members of the trial, because the verdict keeps pointers to
     * both.
     */
    trial->held = (struct moor_object_image){.text = trial->image,
                                             .name = trial->container,
                                             .where = MOOR_SLICE("image"),
                                             .index = MOOR_OBJECT_NO_INDEX,
                                             .field = trial->field};
    trial->request = (struct moor_request){
        /*
         * Without an old object, no image is unchanged, so that the decision is the one for a new
         * workload.
         */
        .operation = MOOR_OPERATION_CREATE,
        .group = kind->group,
        .kind = kind->kind,
        .resource = kind->resource,
        .namespace = trial->namespace,
        .name = trial->name,
        .user = trial->user,
        .groups = &trial->group,
        .group_count = trial->group.len > 0 ? 1 : 0,
        .holds = kind,
        .object = {.is_present = true, .images = &trial->held, .image_count = 1, .image_total = 1},
    };
    const struct moor_judge_context context = {.environment = trial->environment, .now = now};
    return moor_judge(out, policy, &trial->request, &context, workspace, err);
}

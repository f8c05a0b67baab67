/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/scan/creator.h"
#include "cmd/scan/owner.h"
#include "policy/base/array_size.h"
#include "policy/object/kinds.h"

#define SERVICE_ACCOUNT  "system:serviceaccount:"
#define CONTROLLER(name) SERVICE_ACCOUNT "kube-system:" name "-controller"

/* The built-in controllers, by the object that they create and its owner. */
static const struct {
    const char *made;
    const char *owner;
    const char *group;
    const char *user; /* NULL: the owner is evaluated instead */
} controllers[] = {
    {"Pod", "ReplicaSet", "apps", CONTROLLER("replicaset")},
    {"Pod", "StatefulSet", "apps", CONTROLLER("statefulset")},
    {"Pod", "DaemonSet", "apps", CONTROLLER("daemon-set")},
    {"Pod", "Job", "batch", CONTROLLER("job")},
    {"Pod", "ReplicationController", "", CONTROLLER("replication")},
    {"ReplicaSet", "Deployment", "apps", NULL},
    {"Job", "CronJob", "batch", NULL},
};

static bool is_built_in(const struct moor_kind *kind, const char *name)
{
    return !kind->is_custom && moor_slice_is(kind->kind, name);
}

static bool is_of_node(const struct moor_request *request)
{
    const struct moor_object *object = &request->object;
    return is_built_in(request->holds, "Pod") &&
           (object->is_mirror ||
            (object->owner_group.len == 0 && moor_slice_is(object->owner_kind, "Node")));
}

void moor_creator_find(struct moor_creator *out, const struct moor_request *request,
                       const struct moor_policy *policy)
{
    const struct moor_slice none = {0};
    const struct moor_object *object = &request->object;
    *out = (struct moor_creator){.kind = MOOR_CREATOR_PERSON};
    if (is_of_node(request)) {
        out->kind = MOOR_CREATOR_NODE;
        return;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(controllers); i++) {
        if (is_built_in(request->holds, controllers[i].made) &&
            moor_slice_is(object->owner_kind, controllers[i].owner) &&
            moor_slice_is(object->owner_group, controllers[i].group)) {
            out->kind = controllers[i].user != NULL ? MOOR_CREATOR_CONTROLLER : MOOR_CREATOR_FOLDED;
            out->controller = controllers[i].user;
            return;
        }
    }
    /*
     * Any user can write any owner, so an owner that never creates such objects proves nothing.
     * Groups of Kubernetes itself have no operators.
     */
    if (moor_owner_is_kubernetes(object->owner_group) ||
        moor_kind_find(object->owner_group, none, object->owner_kind) != NULL) {
        return;
    }
    /* Old ReplicaSets keep old images, and the custom resource is evaluated itself. */
    bool is_version =
        is_built_in(request->holds, "ReplicaSet") &&
        moor_policy_find_kind(policy, object->owner_group, none, object->owner_kind) != NULL;
    out->kind = is_version ? MOOR_CREATOR_FOLDED : MOOR_CREATOR_OPERATOR;
}

/* Returns the group `system:serviceaccounts:NAMESPACE` of a service account. */
static struct moor_slice namespace_group(struct moor_creator *creator, struct moor_slice user)
{
    struct moor_slice rest = moor_slice_sub(user, sizeof SERVICE_ACCOUNT - 1, user.len);
    const char *colon = rest.len > 0 ? memchr(rest.ptr, ':', rest.len) : NULL;
    int len = snprintf(creator->namespace_group, sizeof creator->namespace_group,
                       "system:serviceaccounts:%.*s", colon != NULL ? (int)(colon - rest.ptr) : 0,
                       rest.len > 0 ? rest.ptr : "");
    bool fits = len > 0 && (size_t)len < sizeof creator->namespace_group;
    return (struct moor_slice){creator->namespace_group, fits ? (size_t)len : 0};
}

/* An account that the policy names is preferred: with it, the request is a controller request. */
static const char *choose(struct moor_creator *creator, const struct moor_policy *policy,
                          struct moor_matcher *matcher)
{
    const struct moor_operators_answer *answer = &creator->answer;
    creator->is_named = false;
    if (creator->kind != MOOR_CREATOR_OPERATOR) {
        return creator->controller;
    }
    for (size_t i = 0; i < answer->count; i++) {
        const char *user = answer->users[i].name;
        if (moor_glob_list_match(&policy->controllers.users, moor_slice_from(user), matcher)) {
            creator->is_named = true;
            return user;
        }
    }
    return answer->count > 0 ? answer->users[0].name : NULL;
}

/* The API server gives a service account these groups, and a policy may name them. */
void moor_creator_sign(struct moor_creator *creator, struct moor_request *request,
                       const struct moor_policy *policy, struct moor_matcher *matcher)
{
    static const struct moor_slice groups[] = {
        {"system:serviceaccounts", 22},
        {"system:authenticated", 20},
    };
    request->user = moor_slice_from(choose(creator, policy, matcher));
    request->group_count = 0;
    if (request->user.len == 0) {
        return;
    }
    memcpy(creator->groups, groups, sizeof groups);
    creator->groups[2] = namespace_group(creator, request->user);
    request->groups = creator->groups;
    request->group_count = MOOR_ARRAY_SIZE(creator->groups);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/operators.h"

#include "policy/base/array_size.h"
#include "policy/base/ascii.h"

#define ACCOUNT "system:serviceaccount:"

/* The operators whose custom resources have variables in images. */
static const struct {
    const char *group;
    const char *words[2];    /* in the item of the policy, as whole words; unused: NULL */
    const char *accounts[3]; /* usual service accounts, which a glob in the policy may match */
} operators[] = {
    {"argoproj.io",
     {"argo", "workflow"},
     {ACCOUNT "argo:argo", ACCOUNT "argo:argo-workflows-workflow-controller",
      ACCOUNT "argo-rollouts:argo-rollouts"}},
    {"tekton.dev", {"tekton", NULL}, {ACCOUNT "tekton-pipelines:tekton-pipelines-controller"}},
};

/*
 * Returns whether `text` has the word, with no letter around it.  Argo CD creates no Pods, although
 * its accounts begin with `argocd` or `argo-cd`.
 */
static bool has_word(struct moor_slice text, struct moor_slice word)
{
    for (size_t at = 0; at + word.len <= text.len; at++) {
        struct moor_slice rest = moor_slice_sub(text, at + word.len, text.len);
        bool is_word = memcmp(text.ptr + at, word.ptr, word.len) == 0 &&
                       (at == 0 || !moor_ascii_is_letter(text.ptr[at - 1])) &&
                       (rest.len == 0 || !moor_ascii_is_letter(rest.ptr[0]));
        if (is_word && !moor_slice_starts_with(rest, MOOR_SLICE("-cd"))) {
            return true;
        }
    }
    return false;
}

static bool names_operator(const struct moor_glob_list *users, size_t index, size_t operator,
                           struct moor_matcher * matcher)
{
    const struct moor_glob_list one = {.items = &users->items[index], .count = 1};
    struct moor_slice text = users->items[index].text;
    (void)moor_matcher_take(matcher, text.len);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(operators[operator].words); i++) {
        const char *word = operators[operator].words[i];
        if (word != NULL && has_word(text, moor_slice_from(word))) {
            return true;
        }
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(operators[operator].accounts); i++) {
        const char *account = operators[operator].accounts[i];
        if (account != NULL && moor_glob_list_match(&one, moor_slice_from(account), matcher)) {
            return true;
        }
    }
    return false;
}

struct moor_slice moor_operator_of(const struct moor_policy *policy, struct moor_slice group,
                                   struct moor_matcher *matcher)
{
    const struct moor_glob_list *users = &policy->controllers.users;
    size_t known = 0;
    while (known < MOOR_ARRAY_SIZE(operators) && !moor_slice_is(group, operators[known].group)) {
        known++;
    }
    /* The controllers of Kubernetes complete no image of a custom resource. */
    for (size_t i = policy->controllers.builtin_count; i < users->count; i++) {
        /* The operator of an unknown group may be any of the named users. */
        if (known == MOOR_ARRAY_SIZE(operators) || names_operator(users, i, known, matcher)) {
            return users->items[i].text;
        }
    }
    return (struct moor_slice){0};
}

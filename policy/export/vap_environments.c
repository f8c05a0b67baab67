/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_environments.h"

#include "policy/export/cel.h"
#include "policy/export/vap_tags.h"
#include "policy/export/webhook_parts.h"

#define EXPRESSION_BYTES ((size_t)1024 * 1024)

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

bool moor_vap_uses_labels(const struct moor_policy *policy)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (policy->environments[i].label_count > 0) {
            return true;
        }
    }
    return false;
}

/* --- environments ----------------------------------------------------------------------------- */

/* Appends whether the labels of the namespace select the environment. */
static void append_labels(struct moor_buf *out, const struct moor_environment *environment)
{
    for (size_t i = 0; i < environment->label_count; i++) {
        const struct moor_label_rule *rule = &environment->labels[i];
        /* The namespace object is null for objects without a namespace. */
        moor_buf_append_text(out, i == 0 ? "(request.namespace != '' && " : " && ");
        moor_buf_append_text(out, "namespaceObject.metadata.?labels[?");
        moor_cel_string(out, rule->key);
        /* A label cannot contain NUL, so that an absent label equals no value of the policy. */
        moor_buf_append_text(out, "].orValue('\\u0000') in ");
        moor_cel_strings(out, rule->values, rule->count);
    }
    moor_buf_append_text(out, environment->label_count > 0 ? ")" : "false");
}

static int append_namespaces(struct moor_buf *out, const struct moor_environment *environment,
                             struct moor_error *err)
{
    if (environment->namespaces.count == 0) {
        moor_buf_append_text(out, "false");
        return 0;
    }
    return moor_vap_append_globs(out, "request.namespace", &environment->namespaces, err);
}

/* Appends the number of the first environment that the labels or the name select, or `otherwise`.
 */
static int append_first(struct moor_buf *out, const struct moor_policy *policy, bool labels,
                        struct moor_error *err)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        const struct moor_environment *environment = &policy->environments[i];
        if ((labels ? environment->label_count : environment->namespaces.count) == 0) {
            continue;
        }
        if (labels) {
            append_labels(out, environment);
        } else if (append_namespaces(out, environment, err) != 0) {
            return -1;
        }
        moor_buf_printf(out, " ? %zu :\n", i);
    }
    return 0;
}

/* Appends whether the environment of the request is this one; the order is judge_environment.c's.
 */
static int append_environment(struct moor_buf *out, const struct moor_vap_case *asked,
                              struct moor_error *err)
{
    const struct moor_policy *policy = asked->policy;
    moor_buf_append_byte(out, '(');
    if (append_first(out, policy, true, err) != 0 || append_first(out, policy, false, err) != 0) {
        return -1;
    }
    moor_buf_printf(out, "%zu) == %zu",
                    (size_t)(policy->default_environment - policy->environments),
                    (size_t)(asked->environment - policy->environments));
    return 0;
}

/* --- controllers ------------------------------------------------------------------------------ */

static int append_controller(struct moor_buf *out, const struct moor_vap_case *asked,
                             struct moor_error *err)
{
    const struct moor_controllers *controllers = &asked->policy->controllers;
    moor_buf_append_text(out, "request.userInfo.username != '' && ");
    return moor_vap_append_globs(out, "request.userInfo.username", &controllers->users, err);
}

/*
 * An update by a controller of Kubernetes that introduces an image is a rollback, and evaluated
 * like a user's; without such an image, there is nothing to evaluate.
 */
static int append_builtin_update(struct moor_buf *out, const struct moor_vap_case *asked,
                                 struct moor_error *err)
{
    const struct moor_controllers *controllers = &asked->policy->controllers;
    const struct moor_glob_list builtin = {controllers->users.items, controllers->builtin_count};
    moor_buf_append_text(out, "request.operation == 'UPDATE' && ");
    return moor_vap_append_globs(out, "request.userInfo.username", &builtin, err);
}

/* --- conditions ------------------------------------------------------------------------------- */

static void begin_condition(struct moor_buf *out, const char *name, const struct moor_buf *text)
{
    moor_buf_printf(out, "  - name: %s\n    expression:", name);
    moor_cel_block(out, moor_buf_slice(text), 6);
    out->failed = out->failed || text->failed;
}

int moor_vap_append_conditions(struct moor_buf *out, const struct moor_vap_case *asked,
                               struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_buf_append_text(out, "  matchConditions:\n");
    moor_buf_append_text(&text, MOOR_CEL_NO_MIRROR_POD);
    begin_condition(out, "no-mirror-pod", &text);
    /*
     * The labels of a namespace are not available to match conditions, so that
     * moor_vap_append_selection() writes the environment as a variable then.
     */
    if (!moor_vap_uses_labels(asked->policy)) {
        moor_buf_clear(&text);
        if (append_environment(&text, asked, err) != 0) {
            return -1;
        }
        begin_condition(out, "environment", &text);
    }
    if (!moor_vap_can_decide_controller(asked)) {
        moor_buf_clear(&text);
        moor_buf_append_text(&text, "!(");
        if (append_controller(&text, asked, err) != 0) {
            return -1;
        }
        moor_buf_append_text(&text, ") ||\n");
        if (append_builtin_update(&text, asked, err) != 0) {
            return -1;
        }
        begin_condition(out, "no-controller", &text);
    }
    /* The webhook is not asked about other updates either, such as a label of an old workload. */
    moor_buf_clear(&text);
    moor_webhook_append_may_bring_image(&text, asked->policy);
    begin_condition(out, "may-bring-an-image", &text);
    return 0;
}

int moor_vap_append_selection(struct moor_buf *out, const struct moor_vap_case *asked,
                              struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    if (moor_vap_uses_labels(asked->policy)) {
        if (append_environment(&text, asked, err) != 0) {
            return -1;
        }
        moor_vap_append_variable(out, "isEnvironment", moor_buf_slice(&text));
        moor_buf_clear(&text);
    }
    if (append_builtin_update(&text, asked, err) != 0) {
        return -1;
    }
    moor_vap_append_variable(out, "isBuiltinUpdate", moor_buf_slice(&text));
    return moor_buf_check(&text, err);
}

int moor_vap_append_controller(struct moor_buf *out, const struct moor_vap_case *asked,
                               struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    if (!moor_vap_can_decide_controller(asked)) {
        return 0;
    }
    if (append_controller(&text, asked, err) != 0) {
        return -1;
    }
    moor_buf_append_text(&text, " &&\n!(variables.isBuiltinUpdate && "
                                "variables.found[0].exists(x, !(x in variables.old)))");
    moor_vap_append_variable(out, "isController", moor_buf_slice(&text));
    return moor_buf_check(&text, err);
}

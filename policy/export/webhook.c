/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/webhook.h"

#include "policy/export/cel.h"
#include "policy/export/webhook_parts.h"

#define EXPRESSION_BYTES ((size_t)4 * 1024 * 1024)
/* Each label adds an entry at least, so no selector within the limit of entries has more. */
#define MOST_TERMS       32
_Static_assert(MOST_TERMS >= 2 * MOOR_WEBHOOK_ENTRIES_MAX, "terms of the entries");

/* Namespaces with one of the values of a label, or with none of them. */
struct term {
    const struct moor_label_rule *rule;
    bool is_in;
};

/* Terms that are joined by `and`. */
struct selector {
    struct term terms[MOST_TERMS];
    size_t count;
};

struct context {
    struct moor_buf *out;
    const struct moor_policy *policy;
    const struct moor_webhook_options *options;
    struct moor_buf controller;                     /* condition: a controller request */
    struct moor_buf images;                         /* condition: may introduce an image */
    struct selector rest[MOOR_WEBHOOK_ENTRIES_MAX]; /* namespaces without an entry so far */
    size_t rest_count;
    struct selector left[MOOR_WEBHOOK_ENTRIES_MAX]; /* the next `rest`, while it is built */
    size_t left_count;
    size_t entries;
};

/* An entry of the configuration, for users or for controllers. */
struct entry {
    struct moor_slice environment; /* empty: the remaining namespaces */
    size_t number;                 /* number of the selector, from 0 */
    const struct selector *selector;
    bool is_enforced;
};

static void free_context(struct context *context)
{
    moor_buf_release(&context->controller);
    moor_buf_release(&context->images);
}

/* --- an entry --------------------------------------------------------------------------------- */

static void append_client(const struct context *context, const struct entry *entry)
{
    const struct moor_webhook_options *options = context->options;
    struct moor_buf *out = context->out;
    const char *path = entry->environment.len > 0 ? "/validate/" : "/validate";
    if (options->url.len > 0) {
        moor_buf_printf(out, "  clientConfig:\n    url: %.*s%s%.*s\n",
                        MOOR_SLICE_ARGS(options->url), path, MOOR_SLICE_ARGS(entry->environment));
    } else {
        moor_buf_printf(out,
                        "  clientConfig:\n    service:\n      name: %.*s\n      namespace: %.*s\n"
                        "      path: %s%.*s\n      port: %llu\n",
                        MOOR_SLICE_ARGS(options->service), MOOR_SLICE_ARGS(options->namespace),
                        path, MOOR_SLICE_ARGS(entry->environment),
                        (unsigned long long)options->port);
    }
    /* Base64 has no characters that need quotes in YAML. */
    if (options->ca_bundle.len > 0) {
        moor_buf_append_text(out, "    caBundle: ");
        moor_buf_append(out, options->ca_bundle);
        moor_buf_append_byte(out, '\n');
    }
}

/* Appends the values of a requirement of a selector. */
static void append_values(struct moor_buf *out, const struct moor_slice *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : "");
        moor_cel_yaml_string(out, values[i]);
    }
    moor_buf_append_text(out, "]\n");
}

/* Returns whether a namespace is left out already. */
static bool is_left_out(const struct moor_webhook_options *options, size_t index)
{
    struct moor_slice name = options->excluded[index];
    bool is_repeated = moor_slice_is(name, "kube-system") ||
                       (options->url.len == 0 && moor_slice_equal(name, options->namespace));
    for (size_t i = 0; i < index && !is_repeated; i++) {
        is_repeated = moor_slice_equal(name, options->excluded[i]);
    }
    return is_repeated;
}

static void append_excluded(struct moor_buf *out, const struct moor_webhook_options *options)
{
    moor_buf_append_text(out, "    - key: kubernetes.io/metadata.name\n      operator: NotIn\n"
                              "      values: [\"kube-system\"");
    if (options->url.len == 0 && !moor_slice_is(options->namespace, "kube-system")) {
        moor_buf_append_text(out, ", ");
        moor_cel_yaml_string(out, options->namespace);
    }
    for (size_t i = 0; i < options->excluded_count; i++) {
        if (!is_left_out(options, i)) {
            moor_buf_append_text(out, ", ");
            moor_cel_yaml_string(out, options->excluded[i]);
        }
    }
    moor_buf_append_text(out, "]\n");
}

static void append_selector(const struct context *context, const struct selector *selector)
{
    struct moor_buf *out = context->out;
    moor_buf_append_text(out, "  namespaceSelector:\n    matchExpressions:\n");
    append_excluded(out, context->options);
    for (size_t i = 0; i < selector->count; i++) {
        const struct term *term = &selector->terms[i];
        moor_buf_append_text(out, "    - key: ");
        moor_cel_yaml_string(out, term->rule->key);
        /* `NotIn` also selects namespaces without the label. */
        moor_buf_printf(out, "\n      operator: %s\n      values: [", term->is_in ? "In" : "NotIn");
        append_values(out, term->rule->values, term->rule->count);
    }
    /* The API server would add this default, which GitOps tools then show as a difference. */
    moor_buf_append_text(out, "  objectSelector: {}\n");
}

static void append_condition(struct moor_buf *out, const char *name, const char *before,
                             const struct moor_buf *text, const char *after)
{
    struct moor_buf whole;
    moor_buf_init(&whole, EXPRESSION_BYTES);
    moor_buf_append_text(&whole, before);
    moor_buf_append(&whole, moor_buf_slice(text));
    moor_buf_append_text(&whole, after);
    moor_buf_printf(out, "  - name: %s\n    expression: ", name);
    moor_cel_yaml_string(out, moor_buf_slice(&whole));
    moor_buf_append_byte(out, '\n');
    out->failed = out->failed || whole.failed || text->failed;
    moor_buf_release(&whole);
}

/* Returns whether users and controllers share an entry: then every request must be evaluated. */
static bool is_shared(const struct context *context)
{
    return context->policy->controllers.requirements.enforce > MOOR_REQUIREMENT_ANY;
}

static void append_conditions(const struct context *context, bool for_users)
{
    struct moor_buf *out = context->out;
    /*
     * Each condition skips requests before the webhook is called: one that is not sent costs
     * nothing, and cannot fail with the server.
     */
    struct moor_buf mirror;
    moor_buf_init(&mirror, EXPRESSION_BYTES);
    moor_webhook_append_no_mirror_pod(&mirror);
    moor_buf_append_text(out, "  matchConditions:\n");
    append_condition(out, "no-mirror-pod", "", &mirror, "");
    moor_buf_release(&mirror);
    if (!is_shared(context)) {
        append_condition(out, for_users ? "no-controller" : "controller", for_users ? "!(" : "",
                         &context->controller, for_users ? ")" : "");
    }
    append_condition(out, "may-bring-an-image", "", &context->images, "");
}

static void append_head(const struct context *context, const struct entry *entry, bool for_users)
{
    struct moor_buf *out = context->out;
    moor_buf_append_text(out, "- name: ");
    if (entry->number > 0) {
        moor_buf_printf(out, "%zu.", entry->number + 1);
    }
    if (entry->environment.len > 0) {
        moor_buf_printf(out, "%.*s.", MOOR_SLICE_ARGS(entry->environment));
    }
    moor_buf_printf(out, "%s.tagmoor.%s\n", for_users ? "users" : "controllers",
                    context->options->is_static ? "static.k8s.io" : "dev");
    moor_buf_append_text(
        out, for_users ? "  # Requests of users and pipelines, and rollbacks of Deployments by "
                         "Kubernetes.\n"
                       : "  # Controller requests: the template was evaluated when a user wrote "
                         "it, so they do not depend on tagmoor.\n");
    moor_buf_printf(out,
                    "  failurePolicy: %s\n  timeoutSeconds: %d\n  matchPolicy: Equivalent\n"
                    "  sideEffects: None\n  admissionReviewVersions: [v1]\n",
                    /* If the server denies nothing, an outage of it must not deny either. */
                    for_users && entry->is_enforced ? "Fail" : "Ignore", for_users ? 3 : 1);
}

/* Appends the entry for users, and the one for controllers if they do not share it. */
static void append_entry(struct context *context, const struct entry *entry)
{
    /* Objects without a namespace match every selector, so only one entry includes them. */
    const char *scope = entry->environment.len == 0 && entry->number == 0 ? "*" : "Namespaced";
    context->entries++;
    for (int part = 0; part < (is_shared(context) ? 1 : 2); part++) {
        append_head(context, entry, part == 0);
        append_client(context, entry);
        append_selector(context, entry->selector);
        moor_buf_append_text(context->out, "  rules:\n");
        moor_webhook_append_rules(context->out, context->policy, context->options->is_own_only,
                                  scope);
        append_conditions(context, part == 0);
    }
}

/* --- the selectors ---------------------------------------------------------------------------- */

/* Returns the label whose key is next after `last`, or NULL.  Keys appear once. */
static const struct moor_label_rule *next_label(const struct moor_environment *environment,
                                                const struct moor_label_rule *last)
{
    const struct moor_label_rule *next = NULL;
    for (size_t i = 0; i < environment->label_count; i++) {
        const struct moor_label_rule *rule = &environment->labels[i];
        if ((last == NULL || moor_slice_compare(rule->key, last->key) > 0) &&
            (next == NULL || moor_slice_compare(rule->key, next->key) < 0)) {
            next = rule;
        }
    }
    return next;
}

static int refuse_entries(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "environments with several namespaceLabels require more than %d webhook "
                          "entries; use one label for each environment",
                          MOOR_WEBHOOK_ENTRIES_MAX);
}

static int add_term(struct selector *selector, const struct moor_label_rule *rule, bool is_in,
                    struct moor_error *err)
{
    if (selector->count == MOST_TERMS) {
        return refuse_entries(err);
    }
    selector->terms[selector->count++] = (struct term){rule, is_in};
    return 0;
}

/*
 * Divides the namespaces of `selector`: those with all labels of the environment remain in it, and
 * the others are appended to `left`.
 */
static int divide(struct context *context, const struct moor_environment *environment,
                  struct selector *selector, struct moor_error *err)
{
    for (const struct moor_label_rule *rule = next_label(environment, NULL); rule != NULL;
         rule = next_label(environment, rule)) {
        if (context->left_count == MOOR_WEBHOOK_ENTRIES_MAX) {
            return refuse_entries(err);
        }
        struct selector *other = &context->left[context->left_count++];
        *other = *selector;
        if (add_term(other, rule, false, err) != 0 || add_term(selector, rule, true, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int append_environment(struct context *context, const struct moor_environment *environment,
                              struct moor_error *err)
{
    context->left_count = 0;
    for (size_t i = 0; i < context->rest_count; i++) {
        struct entry entry = {environment->name, i, &context->rest[i],
                              environment->mode == MOOR_MODE_ENFORCE};
        if (divide(context, environment, &context->rest[i], err) != 0) {
            return -1;
        }
        append_entry(context, &entry);
    }
    /*
     * Namespaces with the labels of this environment never reach a later one, so that the entries
     * are disjoint and a request is sent once.
     */
    memcpy(context->rest, context->left, sizeof context->rest);
    context->rest_count = context->left_count;
    return context->entries > MOOR_WEBHOOK_ENTRIES_MAX ? refuse_entries(err) : 0;
}

/* Appends the entries for all remaining namespaces. */
static void append_rest(struct context *context)
{
    /* The entry covers several environments, and must not skip a request of one that denies. */
    bool is_enforced = false;
    for (size_t i = 0; i < context->policy->environment_count; i++) {
        is_enforced = is_enforced || context->policy->environments[i].mode == MOOR_MODE_ENFORCE;
    }
    for (size_t i = 0; i < context->rest_count; i++) {
        append_entry(context, &(struct entry){{0}, i, &context->rest[i], is_enforced});
    }
}

/* --- the configuration ------------------------------------------------------------------------ */

static int append_entries(struct context *context, struct moor_error *err)
{
    const struct moor_policy *policy = context->policy;
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (policy->environments[i].label_count > 0 &&
            append_environment(context, &policy->environments[i], err) != 0) {
            return -1;
        }
    }
    /* Without an environment in the path, the server finds it by the name of the namespace. */
    append_rest(context);
    return context->entries > MOOR_WEBHOOK_ENTRIES_MAX ? refuse_entries(err) : 0;
}

int moor_webhook_append(struct moor_buf *out, const struct moor_policy *policy,
                        const struct moor_webhook_options *options, struct moor_error *err)
{
    __attribute__((cleanup(free_context))) struct context context = {
        .out = out, .policy = policy, .options = options, .rest_count = 1};
    moor_buf_init(&context.controller, EXPRESSION_BYTES);
    moor_buf_init(&context.images, EXPRESSION_BYTES);
    if (moor_webhook_append_controller(&context.controller, policy, err) != 0) {
        return -1;
    }
    moor_webhook_append_may_bring_image(&context.images, policy);
    moor_buf_printf(out,
                    "# Written by tagmoor %s from the policy %s.\n"
                    "# Export again when the policy changes.\n"
                    "apiVersion: admissionregistration.k8s.io/v1\n"
                    "kind: ValidatingWebhookConfiguration\nmetadata:\n  name: %.*s%s\nwebhooks:\n",
                    MOOR_VERSION, policy->digest, MOOR_SLICE_ARGS(options->name),
                    options->is_static ? ".static.k8s.io" : "");
    return append_entries(&context, err) != 0 ? -1 : moor_buf_check(out, err);
}

int moor_webhook_append_facts(struct moor_buf *out, const struct moor_policy *policy,
                              struct moor_error *err)
{
    moor_webhook_append_parts(out, policy);
    return moor_buf_check(out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap.h"

#include "policy/base/array_size.h"
#include "policy/base/ascii.h"
#include "policy/base/escape.h"
#include "policy/export/cel.h"
#include "policy/export/vap_environments.h"
#include "policy/export/vap_images.h"
#include "policy/export/vap_levels.h"
#include "policy/export/vap_rules.h"
#include "policy/export/vap_tags.h"
#include "policy/image/official_tags.h"
#include "policy/rules/exemption.h"

#define EXPRESSION_BYTES ((size_t)256 * 1024)
/* A long text of the policy would make the comment hard to read. */
#define SHOWN            128 /* bytes of a text of the policy in a comment */

struct context {
    struct moor_buf *out;
    const struct moor_policy *policy;
    const struct moor_vap_options *options;
    struct moor_vap_case asked;
    size_t index;   /* number of the environment */
    size_t objects; /* number of policies that have been written */
};

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

bool moor_vap_is_prefix(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_edge = i == 0 || i + 1 == text.len;
        if (!moor_ascii_is_lower(text.ptr[i]) && !moor_ascii_is_digit(text.ptr[i]) &&
            (is_edge || text.ptr[i] != '-')) {
            return false;
        }
    }
    return text.len > 0 && text.len <= MOOR_VAP_PREFIX_MAX;
}

/* --- the comment ------------------------------------------------------------------------------ */

/* Returns the exemption that ends first, or NULL. */
static const struct moor_exemption *first_to_end(const struct moor_policy *policy, int64_t now)
{
    const struct moor_exemption *first = NULL;
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &policy->exemptions[i];
        if (!exemption->is_permanent && !moor_exemption_is_over(exemption, now) &&
            (first == NULL || exemption->expires < first->expires)) {
            first = exemption;
        }
    }
    return first;
}

static void append_until(struct moor_buf *out, const struct moor_policy *policy, int64_t now)
{
    const struct moor_exemption *first = first_to_end(policy, now);
    if (first == NULL) {
        moor_buf_append_text(out, "# Export again when the policy changes.\n");
        return;
    }
    moor_buf_append_text(out, "# Export again when the policy changes, and when the exemption '");
    moor_escape_append(out, first->name, SHOWN);
    moor_buf_append_text(out, "' ends, on\n# ");
    moor_escape_append(out, first->until, SHOWN);
    moor_buf_append_text(out, ": the expressions have no clock, so it would still apply.\n");
}

/* Resources with many images are left out: see moor_vap_has_resource(). */
static void append_left_out(struct moor_buf *out, const struct moor_policy *policy)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        const struct moor_kind *kind = &policy->custom_resources[i].kind;
        if (moor_vap_has_resource(&policy->custom_resources[i])) {
            continue;
        }
        moor_buf_append_text(
            out,
            count == 0
                ? "# Of these custom resources, only the Pods that they create are evaluated:\n#   "
            : count % 3 == 0 ? ",\n#   "
                             : ", ");
        moor_buf_printf(out, "%.*s.%.*s", MOOR_SLICE_ARGS(kind->resource),
                        MOOR_SLICE_ARGS(kind->group));
        count++;
    }
    moor_buf_append_text(out, count > 0 ? "\n" : "");
}

static void append_comment(const struct context *context)
{
    struct moor_buf *out = context->out;
    moor_buf_printf(
        out, "# Written by tagmoor %s from the policy %s, for Kubernetes %.*s and later.\n",
        MOOR_VERSION, context->policy->digest, MOOR_SLICE_ARGS(context->options->kubernetes));
    append_until(out, context->policy, context->options->now);
    moor_buf_append_text(
        out,
        "# Only the webhook has metrics, logs and audit annotations, and evaluates annotations of\n"
        "# injectors that hold a tag, a repository or JSON, and annotations in custom resources.\n"
        "# If an evaluation exceeds the cost limits of the API server, the request is denied.\n");
    append_left_out(out, context->policy);
    __attribute__((cleanup(free_buf))) struct moor_buf gaps;
    moor_buf_init(&gaps, EXPRESSION_BYTES);
    moor_vap_append_gaps(&gaps, context->policy, context->options);
    for (size_t at = 0; at < gaps.len;) {
        const char *end = memchr(gaps.ptr + at, '\n', gaps.len - at);
        size_t next = end != NULL ? (size_t)(end - gaps.ptr) : gaps.len;
        moor_buf_append_text(out, "# Differs from the webhook: ");
        moor_buf_append(out, moor_slice_sub(moor_buf_slice(&gaps), at, next));
        moor_buf_append_byte(out, '\n');
        at = next + 1;
    }
}

static void append_exemption_gaps(struct moor_buf *out, const struct moor_exemption *exemption,
                                  const struct moor_policy *policy, int64_t now)
{
    bool is_workload = exemption->match[MOOR_EXEMPTION_KINDS].count > 0 ||
                       exemption->match[MOOR_EXEMPTION_NAMES].count > 0;
    if (moor_exemption_is_over(exemption, now)) {
        return;
    }
    if (!exemption->is_permanent) {
        moor_buf_append_text(out, "exemption '");
        moor_escape_append(out, exemption->name, SHOWN);
        moor_buf_append_text(out, "' applies until the policy is exported again, not only until ");
        moor_escape_append(out, exemption->until, SHOWN);
        moor_buf_append_byte(out, '\n');
    }
    if (is_workload && policy->controllers.requirements.enforce > MOOR_REQUIREMENT_ANY) {
        moor_buf_append_text(out, "exemption '");
        moor_escape_append(out, exemption->name, SHOWN);
        moor_buf_append_text(
            out, "' does not cover the objects that controllers create for the workload\n");
    }
}

void moor_vap_append_gaps(struct moor_buf *out, const struct moor_policy *policy,
                          const struct moor_vap_options *options)
{
    for (size_t i = 0; i < policy->exemption_count; i++) {
        append_exemption_gaps(out, &policy->exemptions[i], policy, options->now);
    }
    for (size_t i = 0; i < policy->repository_count; i++) {
        const struct moor_repository *repository = &policy->repositories[i];
        if (repository->version_parts > 3) {
            moor_buf_append_text(out, "versionParts of '");
            moor_escape_append(out, repository->match.items[0].text, SHOWN);
            moor_buf_append_text(out, "': versions with an update, such as 8u212, are partial\n");
        }
    }
}

/* --- names ------------------------------------------------------------------------------------ */

/* Names are lower case with hyphens; a number keeps two environments with one such name apart. */
static void append_name(const struct context *context)
{
    struct moor_buf *out = context->out;
    struct moor_slice name = context->asked.environment->name;
    moor_buf_append(out, context->options->prefix);
    moor_buf_append_byte(out, '-');
    bool is_plain = true;
    for (size_t i = 0; i < name.len; i++) {
        char byte = moor_ascii_lower(name.ptr[i]);
        bool fits = moor_ascii_is_lower(byte) || moor_ascii_is_digit(byte) ||
                    (byte == '-' && i > 0 && i + 1 < name.len);
        is_plain = is_plain && fits && byte == name.ptr[i];
        moor_buf_append_byte(out, fits ? byte : 'x');
    }
    if (!is_plain) {
        moor_buf_printf(out, "-%zu", context->index);
    }
    moor_buf_printf(out, "-%s%s", moor_decision_verb(context->asked.decision),
                    context->options->is_static ? ".static.k8s.io" : "");
}

/* --- the policy ------------------------------------------------------------------------------- */

/*
 * As in the configuration of the webhook: a policy must not keep a cluster from starting its own
 * components.
 */
static void append_excluded(const struct context *context)
{
    struct moor_buf *out = context->out;
    moor_buf_append_text(out, "    namespaceSelector:\n      matchExpressions:\n"
                              "      - key: kubernetes.io/metadata.name\n        operator: NotIn\n"
                              "        values: [kube-system");
    for (size_t i = 0; i < context->options->excluded_count; i++) {
        moor_buf_append_text(out, ", ");
        moor_cel_yaml_string(out, context->options->excluded[i]);
    }
    moor_buf_append_text(out, "]\n");
}

/* The words of a requirement in a message, and the repair; the index is the requirement. */
static const struct {
    const char *words;
    const char *tag; /* an example of a tag, or NULL */
} requirements[] = {
    [MOOR_REQUIREMENT_IGNORE] = {"nothing", NULL},
    [MOOR_REQUIREMENT_ANY] = {"a valid image reference", NULL},
    [MOOR_REQUIREMENT_RELEASE] = {"at least a release", "<major>.<minor>.<patch>"},
    [MOOR_REQUIREMENT_BUILD] = {"at least a build", "<commit>"},
    [MOOR_REQUIREMENT_DIGEST] = {"a digest", NULL},
};

/* Appends a choice by the requirement `i.q`. */
static void append_requirement_words(struct moor_buf *out)
{
    for (size_t i = MOOR_REQUIREMENT_ANY; i < MOOR_REQUIREMENT_DIGEST; i++) {
        moor_buf_printf(out, "i.q == %zu ? '%s' : ", i, requirements[i].words);
    }
    moor_buf_printf(out, "'%s'", requirements[MOOR_REQUIREMENT_DIGEST].words);
}

/*
 * Appends whether the tags of the repository have a form of their own: by the table of official
 * images, or by an entry.  CEL cannot complete a tag, so only the digest is proposed for these.
 */
static void append_other_forms(struct moor_buf *out, const struct moor_policy *policy)
{
    const char *names = NULL;
    moor_buf_append_text(out, "i.c == 'repository' || i.n in [");
    for (size_t i = 0; (names = moor_official_tags_names(i)) != NULL; i++) {
        for (const char *at = names; *at != '\0';) {
            size_t len = strcspn(at, " ");
            moor_buf_append_text(out, "'docker.io/library/");
            moor_buf_append(out, (struct moor_slice){at, len});
            moor_buf_append_text(out, "', ");
            at += len + (at[len] == ' ');
        }
    }
    moor_buf_append_text(out, "'']");
    for (size_t i = 0; i < policy->repository_count; i++) {
        const struct moor_glob_list *match = &policy->repositories[i].match;
        /*
         * Built-in entries that count the parts of a version: their tags do not have the form of
         * the example.
         */
        bool is_plain = policy->repositories[i].version_parts > 0 && match->count == 1 &&
                        memchr(match->items[0].text.ptr, '*', match->items[0].text.len) == NULL;
        if (is_plain && i >= policy->own_repository_count) {
            moor_buf_append_text(out, " || i.n == ");
            moor_cel_string(out, match->items[0].text);
        }
    }
}

static void append_repair(struct moor_buf *out, const struct moor_policy *policy)
{
    moor_buf_append_text(out, "i.v == 0 ? 'use the form [<registry>/]<repository>:<tag> or "
                              "[<registry>/]<repository>@sha256:<digest>' : 'use ' + (");
    append_other_forms(out, policy);
    moor_buf_append_text(out, " || i.q == 3 && i.n.startsWith('docker.io/library/') ? '' : ");
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(requirements); i++) {
        if (requirements[i].tag != NULL) {
            moor_buf_printf(out, "i.q == %zu ? i.b + ':%s, or ' : ", i, requirements[i].tag);
        }
    }
    moor_buf_append_text(out, "'') + i.b + '@sha256:<digest>'");
}

/* The message is one line; the API server drops one of more than 5 KiB, so it is cut before. */
static void append_message(const struct context *context)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_buf_append_text(
        &text, "[variables.explained.map(i,\n"
               "  i.x.find('^[^/]*') + ' \"' + i.x.find('/[^ ]*').substring(1) + '\": image \"' +\n"
               "  (i.r.size() > 200 ? i.r.substring(0, 90) + '...' + i.r.substring(i.r.size() - "
               "90) : i.r) +\n"
               "  '\" ' + (i.v == 0 ? 'is not a valid image reference' : i.v == 1 ? 'has a mutable "
               "tag' :\n"
               "  'is too weak') + ' (' + i.c + '); environment ' + ");
    __attribute__((cleanup(free_buf))) struct moor_buf name;
    moor_buf_init(&name, EXPRESSION_BYTES);
    moor_buf_append_byte(&name, '"');
    moor_buf_append(&name, context->asked.environment->name);
    moor_buf_append_byte(&name, '"');
    moor_cel_string(&text, moor_buf_slice(&name));
    moor_buf_append_text(&text, " + ' requires ' + (");
    append_requirement_words(&text);
    moor_buf_append_text(&text, ") + ': ' +\n  (");
    append_repair(&text, context->policy);
    moor_buf_append_text(&text,
                         ")).join('; ').replace('\\n', ' ').replace('\\r', ' ')].map(m,\n"
                         "  (variables.bad.size() > 1 ? string(variables.bad.size()) + ' images: ' "
                         ": '') +\n  (m.size() > 1200 ? m.substring(0, 1200) + ' ...' : m))[0]");
    moor_vap_append_variable(context->out, "message", moor_buf_slice(&text));
    context->out->failed = context->out->failed || text.failed || name.failed;
}

static void append_validation(const struct context *context)
{
    const char *otherwise =
        moor_vap_uses_labels(context->policy) ? "!variables.isEnvironment || " : "";
    moor_buf_printf(context->out,
                    "  validations:\n  - expression: \"%svariables.bad.size() == 0\"\n"
                    "    reason: Forbidden\n    message: \"an image does not meet the requirement "
                    "of the environment\"\n    messageExpression: variables.message\n",
                    otherwise);
}

static int append_policy(const struct context *context, struct moor_error *err)
{
    struct moor_buf *out = context->out;
    /* A document with nothing but the comment would be an error in a static manifest. */
    moor_buf_append_text(out, context->objects == 0 ? "" : "---\n");
    moor_buf_append_text(out, "apiVersion: admissionregistration.k8s.io/v1\n"
                              "kind: ValidatingAdmissionPolicy\nmetadata:\n  name: ");
    append_name(context);
    moor_buf_append_text(out, "\nspec:\n  failurePolicy: ");
    /*
     * An expression that fails, for example at a cost limit, says nothing about the image: a denial
     * must not be skipped then, and a warning is not worth a denial.
     */
    moor_buf_append_text(out, context->asked.decision == MOOR_DECISION_DENY ? "Fail" : "Ignore");
    /* Otherwise a request in another version of the API would not be evaluated. */
    moor_buf_append_text(out, "\n  matchConstraints:\n    matchPolicy: Equivalent\n");
    append_excluded(context);
    moor_buf_append_text(out, "    resourceRules:\n");
    moor_vap_append_resources(out, context->policy);
    if (moor_vap_append_conditions(out, &context->asked, err) != 0) {
        return -1;
    }
    moor_buf_append_text(out, "  variables:\n");
    /*
     * The order of the next calls is that of their variables: an expression can use only earlier
     * ones.
     */
    if (moor_vap_append_selection(out, &context->asked, err) != 0) {
        return -1;
    }
    moor_vap_append_images(out, context->policy, moor_vap_can_decide(&context->asked, true));
    if (moor_vap_append_controller(out, &context->asked, err) != 0) {
        return -1;
    }
    moor_vap_append_tags(out, context->policy);
    if (moor_vap_append_levels(out, &context->asked, err) != 0) {
        return -1;
    }
    append_message(context);
    append_validation(context);
    return 0;
}

static void append_binding(const struct context *context)
{
    static const char *const actions[] = {[MOOR_DECISION_ALLOW] = "Audit",
                                          [MOOR_DECISION_AUDIT] = "Audit",
                                          [MOOR_DECISION_WARN] = "Warn",
                                          [MOOR_DECISION_DENY] = "Deny"};
    struct moor_buf *out = context->out;
    moor_buf_append_text(out, "---\napiVersion: admissionregistration.k8s.io/v1\n"
                              "kind: ValidatingAdmissionPolicyBinding\nmetadata:\n  name: ");
    append_name(context);
    moor_buf_append_text(out, "\nspec:\n  policyName: ");
    append_name(context);
    moor_buf_printf(out, "\n  validationActions: [%s]\n", actions[context->asked.decision]);
}

/* Returns whether any request can get the decision. */
static bool is_needed(const struct moor_vap_case *asked)
{
    return moor_vap_can_decide(asked, false) || moor_vap_can_decide(asked, true) ||
           moor_vap_can_decide_controller(asked);
}

/* Appends the policies of an environment, the strictest first. */
static int append_environment(struct context *context, struct moor_matcher *matcher,
                              struct moor_error *err)
{
    const struct moor_policy *policy = context->policy;
    for (enum moor_decision decision = MOOR_DECISION_DENY; decision > MOOR_DECISION_ALLOW;
         decision--) {
        context->asked =
            (struct moor_vap_case){.policy = policy,
                                   .environment = &policy->environments[context->index],
                                   .decision = decision,
                                   .now = context->options->now,
                                   .matcher = matcher};
        if (!context->options->decisions[decision] || !is_needed(&context->asked)) {
            continue;
        }
        if (append_policy(context, err) != 0) {
            return -1;
        }
        append_binding(context);
        context->objects++;
    }
    return 0;
}

int moor_vap_append(struct moor_buf *out, const struct moor_policy *policy,
                    const struct moor_vap_options *options, struct moor_matcher *matcher,
                    struct moor_error *err)
{
    struct context context = {.out = out, .policy = policy, .options = options};
    append_comment(&context);
    for (context.index = 0; context.index < policy->environment_count; context.index++) {
        if (append_environment(&context, matcher, err) != 0) {
            return -1;
        }
    }
    return moor_buf_check(out, err);
}

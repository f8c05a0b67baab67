/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/gaps.h"

#include "policy/base/array_size.h"
#include "policy/base/escape.h"
#include "policy/rules/exemption.h"
#include "policy/rules/requirements.h"

/* Maximum length of a text from the policy, so that an item remains readable. */
#define LONGEST_TEXT 256

static void append_text(struct moor_buf *out, struct moor_slice text)
{
    moor_escape_append(out, text, LONGEST_TEXT);
}

/* Starts an item: `- production: `. */
static void begin(struct moor_buf *out, struct moor_slice subject)
{
    moor_buf_append_text(out, "- ");
    append_text(out, subject);
    moor_buf_append_text(out, ": ");
}

/* --- relaxations ------------------------------------------------------------------------------ */

/*
 * Appends an item if a part of the environment has a weaker requirement than the environment.  Only
 * `enforce` counts: a gap is an image that is admitted.
 */
static void append_lower(struct moor_buf *out, const struct moor_environment *environment,
                         const char *what, struct moor_slice name, enum moor_requirement enforce)
{
    if (enforce >= environment->requirements.enforce) {
        return;
    }
    begin(out, environment->name);
    moor_buf_append_text(out, what);
    append_text(out, name);
    moor_buf_printf(out, " require only '%s'\n", moor_requirement_name(enforce));
}

static void append_parts(struct moor_buf *out, const struct moor_environment *environment)
{
    const struct moor_slice none = {0};
    for (size_t i = 0; i < environment->image_count; i++) {
        const struct moor_image_rule *rule = &environment->images[i];
        for (size_t j = 0; j < rule->match.count; j++) {
            append_lower(out, environment, "images of ", rule->match.items[j].text,
                         rule->requirements.enforce);
        }
    }
    for (size_t i = 0; i < MOOR_FIELD_COUNT; i++) {
        append_lower(
            out, environment, moor_field_name((enum moor_field)i), none,
            moor_requirements_overlay(environment->requirements, &environment->fields[i]).enforce);
    }
    append_lower(
        out, environment, "images that the old object already had", none,
        moor_requirements_overlay(environment->requirements, &environment->unchanged).enforce);
}

static void append_environment(struct moor_buf *out, const struct moor_environment *environment)
{
    if (environment->mode != MOOR_MODE_ENFORCE) {
        begin(out, environment->name);
        moor_buf_printf(out, "mode %s: no image is denied\n", moor_mode_name(environment->mode));
    }
    if (environment->requirements.enforce < MOOR_REQUIREMENT_RELEASE) {
        begin(out, environment->name);
        moor_buf_printf(out, "enforce '%s': mutable tags are admitted\n",
                        moor_requirement_name(environment->requirements.enforce));
    }
    append_parts(out, environment);
}

static void append_controllers(struct moor_buf *out, const struct moor_controllers *controllers)
{
    if (controllers->requirements.enforce > MOOR_REQUIREMENT_ANY) {
        return;
    }
    moor_buf_printf(out,
                    "\nController requests require only '%s', because the image was evaluated in a "
                    "user's request before.\nThe chart lets the API server admit them if tagmoor "
                    "does not answer.  Set controllers.enforce to 'release'\nto evaluate them like "
                    "requests of users:\n",
                    moor_requirement_name(controllers->requirements.enforce));
    for (size_t i = 0; i < controllers->users.count; i++) {
        moor_buf_append_text(out, i < controllers->builtin_count ? "- built in: " : "- named: ");
        append_text(out, controllers->users.items[i].text);
        moor_buf_append_byte(out, '\n');
    }
}

static void append_globs(struct moor_buf *out, const struct moor_glob_list *globs)
{
    for (size_t i = 0; i < globs->count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : "");
        append_text(out, globs->items[i].text);
    }
}

/* Lists entries that raise the level of mutable-looking tags, because the registry keeps them. */
static void append_repositories(struct moor_buf *out, const struct moor_policy *policy)
{
    bool is_first = true;
    for (size_t i = 0; i < policy->repository_count; i++) {
        const struct moor_repository *repository = &policy->repositories[i];
        if (repository->otherwise < MOOR_LEVEL_RELEASE) {
            continue;
        }
        moor_buf_append_text(
            out,
            is_first ? "\nRepositories whose tags have a higher level than their form:\n" : "");
        is_first = false;
        moor_buf_append_text(out, "- ");
        append_globs(out, &repository->match);
        moor_buf_printf(out, ": every tag that 'rolling' does not list has level %s\n",
                        moor_level_name(repository->otherwise));
    }
}

/* Appends the scope of an exemption: `namespaces a, b; images c`. */
static void append_match(struct moor_buf *out, const struct moor_exemption *exemption)
{
    const char *separator = "";
    for (size_t i = 0; i < MOOR_EXEMPTION_KEY_COUNT; i++) {
        if (exemption->match[i].count > 0) {
            moor_buf_printf(out, "%s%s ", separator,
                            moor_exemption_key_name((enum moor_exemption_key)i));
            append_globs(out, &exemption->match[i]);
            separator = "; ";
        }
    }
    for (size_t i = 0; i < exemption->images.count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : separator);
        moor_buf_append_text(out, i > 0 ? "" : "images ");
        append_text(out, exemption->images.items[i].text);
    }
}

static void append_exemptions(struct moor_buf *out, const struct moor_policy *policy, int64_t now)
{
    bool is_first = true;
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &policy->exemptions[i];
        if (moor_exemption_is_over(exemption, now)) {
            continue;
        }
        moor_buf_append_text(out, is_first ? "\nExemptions in force:\n" : "");
        is_first = false;
        begin(out, exemption->name);
        append_match(out, exemption);
        moor_buf_printf(out, " require only '%s', ", moor_requirement_name(exemption->enforce));
        if (exemption->is_permanent) {
            moor_buf_append_text(out, "permanently");
        } else {
            moor_buf_append_text(out, "until ");
            append_text(out, exemption->until);
        }
        moor_buf_append_byte(out, '\n');
    }
}

/* --- not evaluated ---------------------------------------------------------------------------- */

/* The policies for which a statement holds. */
enum holds {
    ALWAYS,      /* all policies */
    CONTROLLERS, /* policies that relax controller requests */
    OPERATORS    /* such policies that also name operators */
};

/* A statement is added or removed with the code that evaluates the case. */
static const struct {
    enum holds holds;
    const char *text;
} unseen[] = {
    {OPERATORS, "images that an operator of controllers.users takes from a custom "
                "resource of an unknown kind:\n"
                "  its Pods are audited only; list the kind under customResources, or "
                "set controllers.enforce"},
    {OPERATORS,
     "images that an operator of controllers.users fills in for '{{...}}' or '$(...)' in a custom\n"
     "  resource: its Pods are audited only; set controllers.enforce"},
    {CONTROLLERS,
     "images that an injector takes from an annotation that is not listed, from a namespace's\n"
     "  annotation, or from its own configuration, if a controller creates the Pod; list the\n"
     "  annotation under imageAnnotations, or set controllers.enforce"},
    {ALWAYS,
     "custom resources of kinds that are neither built in nor under customResources; the Pods\n"
     "  created for them are evaluated as requests of the user who creates them"},
    {ALWAYS,
     "placeholders, and in custom resources '{{...}}' and '$(...)', in templates; Pods with\n"
     "  them are denied"},
    {ALWAYS,
     "the tag that an injector's own configuration adds to an annotation's repository or name"},
    {ALWAYS,
     "DELETE, CONNECT, and all subresources but pods/ephemeralcontainers: they contain no image"},
    {ALWAYS, "mirror Pods that nodes report: static Pods run without the API server"},
    {ALWAYS,
     "objects from before the installation, until a request changes their images: an old\n"
     "  ReplicaSet can be scaled up, and users with rights on statefulsets/status can restore an\n"
     "  old revision"},
    {ALWAYS,
     "kube-system, the release's namespace and webhook.excludeNamespaces, which the webhook\n"
     "  configuration of the chart leaves out"},
};

/* A statement that does not apply would teach readers to skip the list. */
static bool does_hold(const struct moor_controllers *controllers, enum holds holds)
{
    bool is_lowered = controllers->requirements.enforce <= MOOR_REQUIREMENT_ANY;
    bool has_operators = controllers->users.count > controllers->builtin_count;
    return holds == ALWAYS || (is_lowered && (holds == CONTROLLERS || has_operators));
}

static void append_unseen(struct moor_buf *out, const struct moor_policy *policy)
{
    moor_buf_append_text(out, "\nNot evaluated:\n");
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(unseen); i++) {
        if (does_hold(&policy->controllers, unseen[i].holds)) {
            moor_buf_printf(out, "- %s\n", unseen[i].text);
        }
    }
    for (size_t i = 0; i < policy->placeholder_count; i++) {
        moor_buf_append_text(out, i == 0 ? "\nPlaceholders: " : ", ");
        append_text(out, policy->placeholders[i]);
    }
    moor_buf_append_text(out, policy->placeholder_count > 0 ? "\n" : "");
    moor_buf_printf(out,
                    "Custom resources: %zu kinds.  Image annotations: %zu.  'tagmoor policy "
                    "show' lists both.\n",
                    policy->custom_resource_count, policy->annotations.count);
}

void moor_policy_append_gaps(struct moor_buf *out, const struct moor_policy *policy, int64_t now)
{
    moor_buf_append_text(out, "Relaxed requirements:\n");
    size_t start = out->len;
    for (size_t i = 0; i < policy->environment_count; i++) {
        append_environment(out, &policy->environments[i]);
    }
    moor_buf_append_text(out, out->len == start ? "- none\n" : "");
    append_controllers(out, &policy->controllers);
    append_repositories(out, policy);
    append_exemptions(out, policy, now);
    append_unseen(out, policy);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/policy_export.h"

#include <stdio.h>
#include <string.h>

#include "cmd/now.h"
#include "cmd/policy_file.h"
#include "cmd/report/page.h"
#include "policy/base/nearest.h"
#include "policy/export/vap.h"

/* A policy of 1 MiB can become several policies; no cluster accepts an object of more than 3 MiB.
 */
#define MAX_BYTES    ((size_t)64 * 1024 * 1024)
/* Static manifests are new in this version, as the index in MOOR_POLICY_EXPORT_VERSIONS. */
#define STATIC_SINCE 6

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

static void free_policy(struct moor_policy *const *policy)
{
    moor_policy_release(*policy);
}

static void free_matcher(struct moor_matcher *const *matcher)
{
    moor_matcher_free(*matcher);
}

/* Returns whether an option was given that both `export vap` and `export webhook` have. */
static bool is_given(const struct moor_policy_export_values *values)
{
    const struct moor_policy_export_values none = MOOR_POLICY_EXPORT_DEFAULTS;
    return values->policy != NULL || strcmp(values->name, none.name) != 0 ||
           values->excluded.count > 0 || values->is_static;
}

/* Returns the word at this index of the choices of an option. */
static struct moor_slice word_at(const char *words, int index)
{
    for (; index > 0; index--) {
        /* The option was parsed with the same words, so that the index is always one of them. */
        words = strchr(words, '|') + 1;
    }
    return (struct moor_slice){words, strcspn(words, "|")};
}

/* The position is that of a pattern; other texts name themselves in the message. */
static int fail_at(const char *path, const struct moor_error *err)
{
    if (err->line == 0) {
        return moor_command_fail("policy export: %s", err->text);
    }
    moor_page_escape(stderr, moor_slice_from(path != NULL ? path : "default.yaml"));
    (void)fprintf(stderr, ":%u:%u: the pattern cannot be exported: %s\n", (unsigned)err->line,
                  (unsigned)err->column, err->text);
    return MOOR_EXIT_UNDECIDED;
}

/* Lists what is lost, each on a line.  Returns whether there is anything. */
static bool print_gaps(const struct moor_policy *policy, const struct moor_vap_options *options)
{
    __attribute__((cleanup(free_buf))) struct moor_buf gaps;
    moor_buf_init(&gaps, MAX_BYTES);
    moor_vap_append_gaps(&gaps, policy, options);
    for (size_t at = 0; at < gaps.len;) {
        const char *end = memchr(gaps.ptr + at, '\n', gaps.len - at);
        size_t next = end != NULL ? (size_t)(end - gaps.ptr) : gaps.len;
        (void)fprintf(stderr, "tagmoor: the export differs from the webhook: %.*s\n",
                      (int)(next - at), gaps.ptr + at);
        at = next + 1;
    }
    return gaps.len > 0;
}

static int print(const struct moor_policy *policy, const struct moor_policy_export_values *values,
                 const struct moor_vap_options *options)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    __attribute__((cleanup(free_matcher))) struct moor_matcher *matcher = moor_matcher_new();
    struct moor_error err = {0};
    moor_buf_init(&text, MAX_BYTES);
    if (matcher == NULL) {
        return moor_command_fail("policy export: no memory");
    }
    /*
     * The matcher has no limit of steps here: the policy is the user's own, and no API server waits
     * for the answer.
     */
    moor_matcher_begin(matcher, UINT64_MAX);
    if (moor_vap_append(&text, policy, options, matcher, &err) != 0) {
        return fail_at(values->policy, &err);
    }
    /*
     * The gaps are printed before the export, so that with --strict nothing reaches a pipe to
     * kubectl.
     */
    if (print_gaps(policy, options) && values->is_strict) {
        return moor_command_fail(
            "policy export: the policy cannot be exported completely (--strict)");
    }
    (void)fwrite(text.ptr, 1, text.len, stdout);
    return moor_command_flush(MOOR_EXIT_CLEAN);
}

static int export_vap(const struct moor_policy_export_values *values,
                      struct moor_vap_options *options)
{
    struct moor_error err = {0};
    options->kubernetes = word_at(MOOR_POLICY_EXPORT_VERSIONS, values->kubernetes);
    for (int i = MOOR_DECISION_AUDIT; i <= MOOR_DECISION_DENY; i++) {
        /* The first word is `all`; the others are in the order of severity, from `deny` on. */
        options->decisions[i] = values->action == 0 || values->action == MOOR_DECISION_DENY + 1 - i;
    }
    if (moor_now_read(&options->now, values->now, &err) != 0) {
        return moor_command_fail("policy export: %s", err.text);
    }
    __attribute__((cleanup(free_policy))) struct moor_policy *policy =
        moor_policy_file_load(values->policy);
    return policy == NULL ? MOOR_EXIT_UNDECIDED : print(policy, values, options);
}

/* Copies the names of namespaces.  Returns false if one cannot be a namespace. */
static bool read_excluded(struct moor_slice out[MOOR_OPTION_LIST_MAX],
                          const struct moor_option_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        out[i] = moor_slice_from(list->items[i]);
        /* The names become part of the manifests, so that nothing in them may need a quote. */
        if (!moor_vap_is_prefix(out[i])) {
            return false;
        }
    }
    return true;
}

static int run_vap(const struct moor_command *command,
                   const struct moor_policy_export_values *values,
                   const struct moor_slice excluded[MOOR_OPTION_LIST_MAX])
{
    struct moor_vap_options options = {.prefix = moor_slice_from(values->name),
                                       .is_static = values->is_static,
                                       .excluded = excluded,
                                       .excluded_count = values->excluded.count};
    if (values->is_static && values->kubernetes < STATIC_SINCE) {
        return moor_command_misused(command, "'--static' requires '--kubernetes 1.36' or later");
    }
    return export_vap(values, &options);
}

static int run_webhook(const struct moor_command *command,
                       const struct moor_policy_export_values *values,
                       const struct moor_slice excluded[MOOR_OPTION_LIST_MAX])
{
    return moor_policy_export_webhook(
        command, &(struct moor_policy_export_webhook){.policy = values->policy,
                                                      .name = values->name,
                                                      .service = values->service,
                                                      .url = values->url,
                                                      .ca_bundle = values->ca_bundle,
                                                      .is_static = values->is_static,
                                                      .is_own_only = values->resources == 1,
                                                      .excluded = excluded,
                                                      .excluded_count = values->excluded.count});
}

/* A misspelled word gets a suggestion. */
static int fail_word(const struct moor_command *command, const char *what)
{
    struct moor_nearest nearest = {0};
    moor_nearest_try(&nearest, moor_slice_from(what), "vap");
    moor_nearest_try(&nearest, moor_slice_from(what), "webhook");
    return nearest.word != NULL
               ? moor_command_misused(command, "unknown word '%s' (did you mean 'export %s'?)",
                                      what, nearest.word)
               : moor_command_misused(command, "expected 'export vap' or 'export webhook'");
}

int moor_policy_export(const struct moor_command *command, const char *what,
                       const struct moor_policy_export_values *values)
{
    struct moor_slice excluded[MOOR_OPTION_LIST_MAX] = {{0}};
    bool is_webhook = strcmp(what, "webhook") == 0;
    /*
     * This word prints the parts of the chart that follow from the default policy.  It is for
     * maintainers, so that no help and no suggestion names it.
     */
    if (strcmp(what, "chart") == 0) {
        return is_given(values) ? moor_command_misused(command, "'export chart' has no options")
                                : moor_policy_export_chart();
    }
    if (!is_webhook && strcmp(what, "vap") != 0) {
        return fail_word(command, what);
    }
    /*
     * The API server would reject the objects only when they are applied, after some of them were
     * created.
     */
    if (!moor_vap_is_prefix(moor_slice_from(values->name))) {
        return moor_command_misused(
            command, "'--name' needs lower-case letters, digits and hyphens, at most %d",
            MOOR_VAP_PREFIX_MAX);
    }
    if (!read_excluded(excluded, &values->excluded)) {
        return moor_command_fail(
            "policy export: '--exclude-namespace' needs the name of a namespace");
    }
    return is_webhook ? run_webhook(command, values, excluded) : run_vap(command, values, excluded);
}

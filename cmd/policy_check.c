/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/policy_check.h"

#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/now.h"
#include "cmd/report/json_output.h"
#include "cmd/report/workflow_command.h"
#include "policy/file/diagnostics.h"
#include "policy/file/loader.h"
#include "policy/rules/exemption.h"
#include "policy/rules/gaps.h"

#define TEXT_MAX ((size_t)64 * 1024)
#define LINES    2 /* levels with one line per item: the object and its files */

/* A run over all files. */
struct context {
    const struct moor_policy_check *check;
    int64_t now;
    struct moor_json_output json; /* for JSON only */
    size_t invalid;
};

/* One file and what was found in it. */
struct checked {
    const char *path;
    struct moor_policy *policy; /* NULL: the file is invalid */
    struct moor_diagnostics diagnostics;
};

/* --- reading ---------------------------------------------------------------------------------- */

/* The loader has no clock, so that expired exemptions are found here. */
static void add_ended(struct checked *checked, int64_t now)
{
    for (size_t i = 0; checked->policy != NULL && i < checked->policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &checked->policy->exemptions[i];
        struct moor_error err = {.line = exemption->line, .column = exemption->column};
        if (moor_exemption_is_over(exemption, now)) {
            (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                                 "exemption '%.*s' has expired and has no effect: remove it, or "
                                 "extend 'expires'",
                                 MOOR_SLICE_ARGS(exemption->name));
            moor_diagnostics_add_warning(&checked->diagnostics, &err);
        }
    }
}

/* Returns -1 if the file cannot be read at all. */
static int read_file(struct checked *out, const char *path, int64_t now, struct moor_error *err)
{
    struct moor_buf text;
    *out = (struct checked){.path = path};
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    int status = moor_file_read(&text, path, err);
    if (status == 0) {
        size_t errors = moor_policy_read(&out->policy, moor_buf_slice(&text), &out->diagnostics);
        (void)errors; /* then there is no policy */
        add_ended(out, now);
    } else {
        moor_diagnostics_add(&out->diagnostics, err);
    }
    moor_buf_release(&text);
    return status;
}

/* --- text ------------------------------------------------------------------------------------- */

/* The list of gaps can be longer than the policy file. */
static void put_gaps(const struct context *context, const struct moor_policy *policy)
{
    struct moor_buf text;
    moor_buf_init(&text, 4 * MOOR_LOADER_MAX_BYTES);
    moor_policy_append_gaps(&text, policy, context->now);
    (void)fwrite(text.ptr, 1, text.len, stdout);
    moor_buf_release(&text);
}

static void put_text(const struct context *context, const struct checked *checked)
{
    struct moor_buf said;
    moor_buf_init(&said, TEXT_MAX);
    moor_diagnostics_write(&checked->diagnostics, checked->path, &said);
    /* Results go to standard output and errors to standard error; the flush keeps their order. */
    (void)fflush(stdout);
    (void)fwrite(said.ptr != NULL ? said.ptr : "", 1, said.len, stderr);
    moor_buf_release(&said);
    size_t errors = checked->diagnostics.errors.total;
    if (checked->policy == NULL) {
        (void)moor_command_fail("policy '%s' has %zu error%s", checked->path, errors,
                                moor_page_plural(errors));
        return;
    }
    moor_page_escape(stdout, moor_slice_from(checked->path));
    (void)printf(": valid, %s\n", checked->policy->digest);
    if (context->check->explains_gaps) {
        put_gaps(context, checked->policy);
    }
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_list(struct moor_json_writer *json, const char *name,
                     const struct moor_diagnostic_list *list)
{
    moor_json_output_array(json, name);
    for (size_t i = 0; i < list->count; i++) {
        moor_json_object_begin(json);
        if (list->kept[i].line > 0) {
            moor_json_member_u64(json, "line", list->kept[i].line);
            moor_json_member_u64(json, "column", list->kept[i].column);
        }
        moor_json_output_member(json, "text", moor_slice_from(list->kept[i].text));
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
}

/* Only the first diagnostics are listed, so that the counts are members of their own. */
static void put_json(struct context *context, const struct checked *checked)
{
    struct moor_json_writer *json = &context->json.json;
    moor_json_object_begin(json);
    moor_json_output_member(json, "file", moor_slice_from(checked->path));
    moor_json_member_bool(json, "valid", checked->policy != NULL);
    if (checked->policy != NULL) {
        moor_json_member_text(json, "digest", checked->policy->digest);
    }
    put_list(json, "errors", &checked->diagnostics.errors);
    put_list(json, "warnings", &checked->diagnostics.warnings);
    moor_json_member_u64(json, "errorCount", checked->diagnostics.errors.total);
    moor_json_member_u64(json, "warningCount", checked->diagnostics.warnings.total);
    moor_json_object_end(json);
    moor_json_output_flush(&context->json);
}

static void begin_json(struct context *context)
{
    struct moor_json_writer *json = &context->json.json;
    moor_json_output_init(&context->json, stdout, LINES);
    moor_json_object_begin(json);
    moor_json_member_u64(json, "version", 1);
    moor_json_member_text(json, "tagmoor", MOOR_VERSION);
    moor_json_output_array(json, "files");
}

static void end_json(struct context *context)
{
    struct moor_json_writer *json = &context->json.json;
    moor_json_array_end(json);
    moor_json_output_object(json, "summary");
    moor_json_member_u64(json, "valid", (size_t)context->check->count - context->invalid);
    moor_json_member_u64(json, "invalid", context->invalid);
    moor_json_object_end(json);
    moor_json_object_end(json);
    moor_json_output_end(&context->json);
}

/* --- annotations of GitHub -------------------------------------------------------------------- */

static void put_commands(const char *path, const char *name,
                         const struct moor_diagnostic_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        moor_workflow_command_write(
            stdout, &(struct moor_workflow_command){.name = name,
                                                    .file = moor_slice_from(path),
                                                    .line = list->kept[i].line,
                                                    .column = list->kept[i].column,
                                                    .title = MOOR_SLICE("policy"),
                                                    .text = moor_slice_from(list->kept[i].text)});
    }
}

/* The log needs the result too: a valid file has no annotation. */
static void put_github(const struct checked *checked)
{
    put_commands(checked->path, "error", &checked->diagnostics.errors);
    put_commands(checked->path, "warning", &checked->diagnostics.warnings);
    (void)fputs("tagmoor: ", stdout);
    moor_page_escape(stdout, moor_slice_from(checked->path));
    (void)printf(": %s; errors: %zu, warnings: %zu\n",
                 checked->policy != NULL ? "valid" : "invalid", checked->diagnostics.errors.total,
                 checked->diagnostics.warnings.total);
}

/* --- the run ---------------------------------------------------------------------------------- */

static void check_file(struct context *context, const char *path)
{
    struct checked checked;
    struct moor_error err = {0};
    int status = read_file(&checked, path, context->now, &err);
    context->invalid += checked.policy == NULL;
    switch (context->check->format) {
    case MOOR_POLICY_CHECK_TEXT:
        if (status != 0) {
            (void)moor_command_fail("%s", err.text);
        } else {
            put_text(context, &checked);
        }
        break;
    case MOOR_POLICY_CHECK_JSON:
        put_json(context, &checked);
        break;
    case MOOR_POLICY_CHECK_GITHUB:
        put_github(&checked);
        break;
    }
    moor_policy_release(checked.policy);
}

int moor_policy_check_run(const struct moor_policy_check *check)
{
    struct context context = {.check = check};
    struct moor_error err = {0};
    bool is_json = check->format == MOOR_POLICY_CHECK_JSON;
    if (moor_now_read(&context.now, NULL, &err) != 0) {
        return moor_command_fail("policy: %s", err.text);
    }
    if (is_json) {
        begin_json(&context);
    }
    for (int i = 0; i < check->count; i++) {
        check_file(&context, check->paths[i]);
    }
    if (is_json) {
        end_json(&context);
    }
    return moor_command_flush(context.invalid > 0 ? MOOR_EXIT_UNDECIDED : MOOR_EXIT_CLEAN);
}

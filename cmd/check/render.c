/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/render.h"

#include "cmd/input/file.h"
#include "cmd/input/tool.h"
#include "policy/base/array_size.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* `helm template release-name`, and the files of values. */
#define MOST_WORDS      (4 + 2 * MOOR_RENDER_MAX_VALUES)
#define MOST_SAID_LINES 4

/* One call of a tool for a directory. */
struct call {
    struct moor_render *render;
    struct moor_judging *judging;
    const char *directory;         /* as reports show it */
    const char *words[MOST_WORDS]; /* the command line, except for the directory at its end */
    struct moor_render_missing *missing;
    struct moor_rendering rendering;
    struct moor_buf command; /* as shown */
};

int moor_render_init(struct moor_render *out, struct moor_error *err)
{
    *out = (struct moor_render){0};
    return moor_kustomizations_init(&out->kustomizations, err);
}

void moor_render_release(struct moor_render *render)
{
    for (size_t i = 0; i < render->charts.count; i++) {
        free(render->charts.items[i].path);
    }
    free(render->charts.items);
    free(render->covered.items); /* its paths belong to the kustomizations */
    free(render->is_built);
    moor_kustomizations_release(&render->kustomizations);
    *render = (struct moor_render){0};
}

int moor_render_add_chart(struct moor_render *render, const char *directory, struct moor_error *err)
{
    struct moor_kustomization_parts *charts = &render->charts;
    for (size_t i = 0; i < charts->count; i++) {
        if (strcmp(charts->items[i].path, directory) == 0) {
            return 0;
        }
    }
    struct moor_kustomization_part chart = {.path = strdup(directory)};
    if (moor_kustomization_append(charts, chart, err) != 0) {
        free(chart.path);
        return -1;
    }
    return 1;
}

int moor_render_set_values(struct moor_render *render, const char *const *files, size_t count,
                           struct moor_error *err)
{
    for (size_t i = 0; i < count; i++) {
        bool is_plain = strchr(files[i], ',') == NULL && strstr(files[i], "://") == NULL;
        if (!is_plain || !moor_file_is_regular(files[i])) {
            return moor_error_set(err, MOOR_ERROR_VALUE,
                                  "--values: '%s' is not a file, or has a comma in its name",
                                  moor_file_shown(files[i]).text);
        }
    }
    render->values = files;
    render->value_count = count;
    return 0;
}

/* --- what is built ---------------------------------------------------------------------------- */

static int build(struct moor_render *render, size_t index, struct moor_error *err)
{
    render->is_built[index] = true;
    return moor_kustomizations_collect(&render->covered, &render->kustomizations, index, err);
}

/*
 * Selects the kustomizations that no other one names or, in the second round, those that no
 * selected one contains.
 */
static int select_built(struct moor_render *render, bool is_first, struct moor_error *err)
{
    struct moor_kustomizations *list = &render->kustomizations;
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_kustomization *item = &list->items[i];
        bool is_alone = is_first ? !item->is_referenced
                                 : !moor_kustomization_has(&render->covered, item->directory.device,
                                                           item->directory.inode);
        if (item->is_found && !item->is_component && is_alone && build(render, i, err) != 0) {
            return -1;
        }
    }
    moor_kustomization_sort(&render->covered);
    return 0;
}

/*
 * Of kustomizations that name one another, the first round selects none, so that there is a second
 * one: kustomize reports the cycle.
 */
int moor_render_plan(struct moor_render *render, struct moor_error *err)
{
    struct moor_kustomizations *list = &render->kustomizations;
    if (moor_kustomizations_link(list, err) != 0) {
        return -1;
    }
    render->is_built = calloc(list->count + 1, sizeof *render->is_built);
    if (render->is_built == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the kustomizations");
    }
    return select_built(render, true, err) != 0 ? -1 : select_built(render, false, err);
}

bool moor_render_covers(const struct moor_render *render, const char *path)
{
    struct stat found;
    return render->covered.count > 0 && stat(path, &found) == 0 &&
           moor_kustomization_has(&render->covered, found.st_dev, found.st_ino);
}

/* --- failures --------------------------------------------------------------------------------- */

/* Appends the first lines of what the tool said, as one line: reports escape the rest. */
static void append_said(struct moor_buf *out, const char *said)
{
    size_t lines = 0;
    for (const char *at = said; *at != '\0' && lines < MOST_SAID_LINES;) {
        size_t len = strcspn(at, "\r\n");
        if (len > 0) {
            moor_buf_append_text(out, lines == 0 ? ": " : "; ");
            moor_buf_append(out, (struct moor_slice){at, len});
            lines++;
        }
        at += len + (at[len] != '\0');
    }
}

static void report_failure(struct call *call, const struct moor_tool_result *result,
                           const struct moor_error *err)
{
    struct moor_buf text;
    moor_buf_init(&text, MOOR_TOOL_SAID_BYTES + (size_t)8 * 1024);
    moor_buf_append(&text, moor_buf_slice(&call->command));
    moor_buf_printf(&text, ": %s", err->text);
    append_said(&text, result->said);
    moor_report_add_input_error_text(call->judging->report, moor_slice_from(call->directory),
                                     moor_buf_slice(&text));
    moor_buf_release(&text);
}

/* Reports a missing tool once, with what it was needed for. */
static void report_missing(struct moor_report *report, const struct moor_render_missing *missing,
                           const char *noun)
{
    struct moor_buf text;
    if (missing->count == 0) {
        return;
    }
    moor_buf_init(&text, (size_t)8 * 1024);
    moor_buf_printf(&text, "%s, so the %s '%s'", missing->why.text, noun,
                    moor_file_shown(missing->first).text);
    if (missing->count > 1) {
        moor_buf_printf(&text, " and %zu other%s are", missing->count - 1,
                        missing->count > 2 ? "s" : "");
    } else {
        moor_buf_append_text(&text, " is");
    }
    moor_buf_append_text(&text, " not rendered: install it, or omit --render");
    moor_report_add_input_error_text(report, moor_slice_from(missing->first),
                                     moor_buf_slice(&text));
    moor_buf_release(&text);
}

/* --- calls ------------------------------------------------------------------------------------ */

static int try_words(struct call *call, struct moor_tool_result *result, const char *const *words,
                     struct moor_error *err)
{
    const char *list[MOST_WORDS + 2];
    char *path = NULL;
    size_t count = 0;
    for (; count < MOST_WORDS && words[count] != NULL; count++) {
        list[count] = words[count];
    }
    /* A directory that begins with a dash must not become an option. */
    bool is_absolute = call->directory[0] == '/';
    if (asprintf(&path, "%s%s", is_absolute ? "" : "./", call->directory) < 0) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the command line");
    }
    list[count++] = path;
    list[count] = NULL;
    moor_buf_clear(&call->command);
    for (size_t i = 0; i + 1 < count; i++) {
        moor_buf_printf(&call->command, "%s ", list[i]);
    }
    moor_buf_append_text(&call->command, call->directory);
    moor_buf_clear(&call->judging->source.bytes);
    int status =
        moor_tool_run(&call->judging->source.bytes, result, list, call->render->timeout_ms, err);
    free(path);
    return status;
}

/* Counts a directory for which the tool is missing. */
static int add_missing(struct call *call, const struct moor_error *err)
{
    if (call->missing->count++ == 0) {
        call->missing->first = call->directory;
        call->missing->why = *err;
    }
    return -1;
}

/* Runs the tool, or the other one if it is missing. */
static int run_tool(struct call *call, const char *const *words, const char *const *other)
{
    struct moor_tool_result result = {0};
    struct moor_error err = {0};
    if (call->missing->count > 0) {
        return add_missing(call, &err);
    }
    moor_source_set(&call->judging->source, (struct moor_slice){0});
    int status = try_words(call, &result, words, &err);
    if (status != 0 && result.is_missing && other != NULL) {
        err = (struct moor_error){0};
        status = try_words(call, &result, other, &err);
    }
    if (result.is_missing) {
        err = (struct moor_error){0};
        (void)moor_error_set(&err, MOOR_ERROR_SYSTEM, "cannot find '%s'%s%s%s in PATH", words[0],
                             other != NULL ? " or '" : "", other != NULL ? other[0] : "",
                             other != NULL ? "'" : "");
        return add_missing(call, &err);
    }
    if (status != 0) {
        report_failure(call, &result, &err);
    }
    return status;
}

/* Evaluates the output, which the tool left in the source. */
static void judge_output(struct call *call)
{
    struct moor_judging *judging = call->judging;
    call->rendering.command = moor_buf_slice(&call->command);
    judging->rendering = &call->rendering;
    judging->is_operand = false;
    judging->is_stdin = false;
    judging->is_in_chart = false;
    moor_judging_file(judging, moor_slice_from(call->directory));
    judging->rendering = NULL;
}

/* Returns -1 after a failure, which is in the report. */
static int run_call(struct call *call, const char *const *words, const char *const *other)
{
    size_t most = call->judging->source.bytes.max;
    call->judging->source.bytes.max = MOOR_RENDER_MAX_OUTPUT;
    moor_buf_init(&call->command, (size_t)128 * 1024);
    moor_rendering_init(&call->rendering);
    int status = run_tool(call, words, other);
    if (status == 0) {
        judge_output(call);
    }
    moor_rendering_release(&call->rendering);
    moor_buf_release(&call->command);
    call->judging->source.bytes.max = most;
    return status;
}

/* Returns whether the chart only defines templates for others: helm does not render it. */
static bool is_library(const char *directory)
{
    struct moor_buf text;
    char *path = NULL;
    struct moor_error ignored = {0};
    moor_buf_init(&text, (size_t)256 * 1024);
    bool is_read = asprintf(&path, "%s/Chart.yaml", directory) >= 0 && moor_file_is_regular(path) &&
                   moor_file_read(&text, path, &ignored) == 0;
    moor_buf_append_byte(&text, '\0');
    const char *type = is_read && !text.failed ? text.ptr : NULL;
    while (type != NULL && strncmp(type, "type:", 5) != 0) {
        type = strchr(type, '\n');
        type = type != NULL ? type + 1 : NULL;
    }
    type = type != NULL ? type + 5 + strspn(type + 5, " \t\"'") : "";
    bool is_one = strncmp(type, "library", 7) == 0;
    free(path);
    moor_buf_release(&text);
    return is_one;
}

static void run_chart(struct moor_render *render, struct moor_judging *judging,
                      const char *directory)
{
    const char *words[MOST_WORDS] = {"helm", "template", "release-name"};
    struct call call = {
        .render = render, .judging = judging, .directory = directory, .missing = &render->helm};
    call.rendering.chart = directory;
    for (size_t i = 0; i < render->value_count; i++) {
        words[3 + 2 * i] = "--values";
        words[4 + 2 * i] = render->values[i];
    }
    if (is_library(directory)) {
        moor_unread_chart(&judging->unread, directory, "(library)");
        return;
    }
    if (run_call(&call, words, NULL) != 0 && render->helm.count > 0) {
        moor_unread_chart(&judging->unread, directory, "with helm");
    }
}

/* Lists the files of a kustomization, in which the lines of findings are searched. */
static const char **list_files(const struct moor_kustomization_parts *parts, size_t *count)
{
    const char **files = calloc(parts->count + 1, sizeof *files);
    *count = 0;
    for (size_t i = 0; files != NULL && i < parts->count; i++) {
        if (!parts->items[i].is_directory) {
            files[(*count)++] = parts->items[i].path;
        }
    }
    return files;
}

static void run_kustomization(struct moor_render *render, struct moor_judging *judging,
                              size_t index)
{
    static const char *const words[] = {"kustomize", "build", NULL};
    static const char *const other[] = {"kubectl", "kustomize", NULL};
    struct moor_kustomization_parts parts = {0};
    struct moor_error err = {0};
    struct call call = {.render = render,
                        .judging = judging,
                        .directory = render->kustomizations.items[index].directory.path,
                        .missing = &render->kustomize};
    int status = moor_kustomizations_collect(&parts, &render->kustomizations, index, &err);
    const char **files = list_files(&parts, &call.rendering.file_count);
    call.rendering.files = files;
    judging->report->failed |= status != 0 || files == NULL;
    if (status == 0 && files != NULL) {
        render->is_built[index] = run_call(&call, words, other) == 0;
    }
    free((void *)files);
    free(parts.items);
}

/*
 * Lists the files of the kustomizations that were built.  Those of a failed one are evaluated as
 * they are: a missing tool must not hide their images.
 */
static void cover_built(struct moor_render *render, struct moor_report *report)
{
    struct moor_error ignored = {0};
    render->covered.count = 0;
    for (size_t i = 0; i < render->kustomizations.count; i++) {
        if (render->is_built[i] &&
            moor_kustomizations_collect(&render->covered, &render->kustomizations, i, &ignored) !=
                0) {
            report->failed = true;
        }
    }
    moor_kustomization_sort(&render->covered);
}

void moor_render_run(struct moor_render *render, struct moor_judging *judging)
{
    for (size_t i = 0; i < render->charts.count; i++) {
        run_chart(render, judging, render->charts.items[i].path);
    }
    for (size_t i = 0; i < render->kustomizations.count; i++) {
        if (render->is_built[i]) {
            run_kustomization(render, judging, i);
        }
    }
    report_missing(judging->report, &render->helm, "chart");
    report_missing(judging->report, &render->kustomize, "kustomization");
    cover_built(render, judging->report);
}

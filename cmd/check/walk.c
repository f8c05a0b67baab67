/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/walk.h"

#include "cmd/check/hints.h"
#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int moor_walk_init(struct moor_walk *out, const struct moor_policy *policy,
                   struct moor_report *report, struct moor_error *err)
{
    *out = (struct moor_walk){.report = report};
    moor_namespaces_init(&out->namespaces);
    moor_rendering_init(&out->input);
    out->input.command = MOOR_SLICE("-");
    moor_progress_start(&out->progress);
    return moor_judging_init(&out->judging, policy, report, err) != 0
               ? -1
               : moor_render_init(&out->render, err);
}

void moor_walk_release(struct moor_walk *walk)
{
    moor_judging_release(&walk->judging);
    moor_render_release(&walk->render);
    moor_namespaces_release(&walk->namespaces);
    moor_rendering_release(&walk->input);
}

/* Reports and baselines name a file without a leading `./`. */
static const char *shown(const char *path)
{
    return strncmp(path, "./", 2) == 0 && path[2] != '\0' ? path + 2 : path;
}

/* --- progress and errors ---------------------------------------------------------------------- */

static void say_input_errors(struct moor_walk *walk)
{
    if (walk->errors_said < walk->report->input_error_count) {
        moor_progress_clear(&walk->progress);
    }
    for (; walk->errors_said < walk->report->input_error_count; walk->errors_said++) {
        const struct moor_report_input_error *error =
            &walk->report->input_errors[walk->errors_said];
        if (error->line > 0) {
            (void)moor_command_fail("%.*s:%u:%u: %.*s",
                                    MOOR_SLICE_ARGS(moor_report_shown(error->file)), error->line,
                                    error->column, MOOR_SLICE_ARGS(error->text));
        } else {
            (void)moor_command_fail("%.*s", MOOR_SLICE_ARGS(error->text));
        }
    }
}

static void say_progress(struct moor_walk *walk)
{
    if (moor_progress_is_due(&walk->progress)) {
        const struct moor_report *report = walk->report;
        (void)fprintf(stderr, "%zu file%s, %.1f MiB, %zu finding%s", report->files,
                      moor_page_plural(report->files), (double)walk->bytes / (1024 * 1024),
                      report->finding_count, moor_page_plural(report->finding_count));
    }
}

/* Files are read twice if labels matter, but an unreadable file is reported once. */
void moor_walk_fail(struct moor_walk *walk, const char *path, const struct moor_error *err)
{
    if (walk->is_judging) {
        moor_report_add_input_error(walk->report, moor_slice_from(shown(path)), err);
    }
    say_input_errors(walk);
}

/* --- files ------------------------------------------------------------------------------------ */

bool moor_walk_wants_labels(const struct moor_policy *policy)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (policy->environments[i].label_count > 0) {
            return true;
        }
    }
    return false;
}

/*
 * Reads a file.  Empty standard input usually means that the command before the pipe failed, and
 * must not look like manifests without findings.
 */
static int read_source(struct moor_walk *walk, const char *path, struct moor_error *err)
{
    if (moor_source_read(&walk->judging.source, path, err) != 0) {
        return -1;
    }
    return strcmp(path, "-") == 0 && walk->judging.source.bytes.len == 0
               ? moor_error_set(err, MOOR_ERROR_VALUE,
                                "standard input is empty: check whether the command before the "
                                "pipe failed")
               : 0;
}

/*
 * Takes a chart to render.  Without rendering, it is counted by its directory, with the option that
 * would render it.
 */
static void take_chart(struct moor_walk *walk, const char *path)
{
    struct moor_error ignored = {0};
    int status = moor_render_add_chart(&walk->render, path, &ignored);
    walk->report->failed |= status < 0;
    if (status > 0 && !walk->renders) {
        moor_unread_chart(&walk->judging.unread, path, "with --render");
    }
}

/* Takes a chart or kustomization for render.h. */
static void collect(struct moor_walk *walk, const struct moor_files_item *item)
{
    struct moor_error ignored = {0};
    if (item->type == MOOR_FILES_CHART) {
        take_chart(walk, shown(item->path));
    } else if (item->type == MOOR_FILES_KUSTOMIZATION) {
        walk->report->failed |=
            moor_kustomizations_add(&walk->render.kustomizations, shown(item->path), &ignored) != 0;
    }
}

/* Counts a file that is not read by the first format that its name tells. */
static void tally_unread(struct moor_walk *walk, const char *path)
{
    unsigned named = moor_input_named(moor_slice_from(path));
    for (size_t i = 0; i < MOOR_INPUT_NAMED_COUNT; i++) {
        enum moor_input_format format = (enum moor_input_format)i;
        if ((named & moor_input_bit(format)) != 0) {
            moor_unread_other(&walk->judging.unread, moor_slice_from(path), format);
            return;
        }
    }
}

/* Counts what the search found but does not read.  Without rendering, kustomizations give hints. */
static void tally_item(struct moor_walk *walk, const struct moor_files_item *item)
{
    if (!walk->is_judging) {
        return;
    }
    if (item->type == MOOR_FILES_EXCLUDED) {
        moor_report_tally(walk->report, MOOR_UNJUDGED_EXCLUDED, item->rule);
    } else if (item->type == MOOR_FILES_UNREAD) {
        tally_unread(walk, item->path);
    } else if (!walk->renders) {
        collect(walk, item);
    }
}

/*
 * Returns the chart of a template that an operand names, as pre-commit hooks do, or NULL.  The
 * caller frees the path.
 */
static char *chart_of(const struct moor_files_item *item)
{
    static const char folder[] = "/templates/";
    const char *path = item->is_operand && item->type == MOOR_FILES_FILE ? shown(item->path) : "";
    for (const char *at = strstr(path, folder); at != NULL; at = strstr(at + 1, folder)) {
        char *file = NULL;
        size_t len = (size_t)(at - path);
        bool is_chart =
            asprintf(&file, "%.*s/Chart.yaml", (int)len, path) >= 0 && moor_file_is_regular(file);
        free(file);
        if (is_chart) {
            return strndup(path, len);
        }
    }
    bool is_here = strncmp(path, folder + 1, sizeof folder - 2) == 0;
    return is_here && moor_file_is_regular("Chart.yaml") ? strdup(".") : NULL;
}

/* Takes the chart of a template.  A file in this folder without an action is a manifest. */
static bool take_template(struct moor_walk *walk, const struct moor_files_item *item)
{
    struct moor_slice text = moor_buf_slice(&walk->judging.source.bytes);
    bool is_template = text.len > 1 && memmem(text.ptr, text.len, "{{", 2) != NULL;
    char *chart = is_template ? chart_of(item) : NULL;
    if (chart == NULL) {
        return false;
    }
    take_chart(walk, chart);
    free(chart);
    return true;
}

/* Returns whether the file is evaluated as a part of a kustomization, and counts it. */
static bool is_part(struct moor_walk *walk, const struct moor_files_item *item)
{
    if (!walk->is_judging || !walk->renders || !moor_render_covers(&walk->render, item->path)) {
        return false;
    }
    moor_report_tally(walk->report, MOOR_UNJUDGED_PART, (struct moor_slice){0});
    return true;
}

/* Reads the next readable file.  Returns false after the last one. */
static bool next_file(struct moor_walk *walk, struct moor_files *files,
                      struct moor_files_item *item)
{
    struct moor_error err = {0};
    int status = 0;
    while ((status = moor_files_next(files, item, &err)) != 0) {
        if (status > 0 && item->type != MOOR_FILES_FILE) {
            tally_item(walk, item);
            continue;
        }
        if (status > 0 && is_part(walk, item)) {
            continue;
        }
        if (status > 0 && read_source(walk, item->path, &err) == 0) {
            return true;
        }
        moor_walk_fail(walk, item->path, &err);
        err = (struct moor_error){0};
    }
    return false;
}

static int open_files(struct moor_walk *walk, struct moor_files *files, struct moor_error *err)
{
    walk->choice.formats = walk->judging.formats;
    return moor_files_init(files, walk->operands, walk->operand_count, &walk->choice, err);
}

/* --- the walk --------------------------------------------------------------------------------- */

/* Adds the labels of the Namespaces in all files. */
static int collect_namespaces(struct moor_walk *walk, struct moor_error *err)
{
    struct moor_judging *judging = &walk->judging;
    struct moor_files files;
    struct moor_files_item item;
    if (open_files(walk, &files, err) != 0) {
        return -1;
    }
    while (next_file(walk, &files, &item)) {
        struct moor_slice text = moor_buf_slice(&judging->source.bytes);
        struct moor_error ignored = {0};
        /* Searching the word is much faster than parsing a file without a Namespace. */
        if (text.len == 0 || memmem(text.ptr, text.len, "Namespace", 9) == NULL) {
            continue;
        }
        moor_documents_open(&judging->documents, &judging->source,
                            moor_slice_from(shown(item.path)), false);
        if (moor_namespaces_collect(&walk->namespaces, &judging->documents,
                                    &judging->workspace.arena, &ignored) != 0) {
            walk->report->failed = true;
        }
    }
    moor_files_release(&files);
    return 0;
}

/* Evaluates one file.  The name of a file that the user named tells its format. */
static void judge_file(struct moor_walk *walk, const struct moor_files_item *item)
{
    struct moor_judging *judging = &walk->judging;
    struct moor_slice path = moor_slice_from(shown(item->path));
    unsigned formats = judging->formats;
    size_t errors = walk->report->input_error_count;
    judging->is_operand = item->is_operand;
    judging->is_in_chart = item->is_in_chart;
    judging->is_stdin = moor_slice_is(path, "-");
    judging->rendering = judging->is_stdin ? &walk->input : NULL;
    judging->formats |= item->is_operand ? moor_input_named(path) : 0;
    judging->findings.observer = walk->observer;
    moor_judging_file(judging, path);
    if (walk->observer != NULL) {
        moor_progress_clear(&walk->progress);
        walk->observer->on_file(walk->observer->context, &judging->source, item,
                                walk->report->input_error_count > errors);
    }
    walk->bytes += judging->source.bytes.len;
    judging->formats = formats;
    say_progress(walk);
    say_input_errors(walk);
}

/* Finds the charts and kustomizations.  Errors are reported when the files are evaluated. */
static int plan_rendering(struct moor_walk *walk, struct moor_error *err)
{
    struct moor_files files;
    struct moor_files_item item;
    struct moor_error ignored = {0};
    int status = 0;
    if (open_files(walk, &files, err) != 0) {
        return -1;
    }
    while ((status = moor_files_next(&files, &item, &ignored)) != 0) {
        if (status > 0) {
            collect(walk, &item);
        }
        char *chart = status > 0 ? chart_of(&item) : NULL;
        if (chart != NULL) {
            take_chart(walk, chart);
        }
        free(chart);
        ignored = (struct moor_error){0};
    }
    moor_files_release(&files);
    return moor_render_plan(&walk->render, err);
}

/* Runs the tools first, because files that were evaluated in their result are left out. */
static int render_all(struct moor_walk *walk, struct moor_error *err)
{
    if (plan_rendering(walk, err) != 0) {
        return -1;
    }
    walk->is_judging = true;
    moor_render_run(&walk->render, &walk->judging);
    say_input_errors(walk);
    return 0;
}

/* Notes the patterns of --exclude that matched nothing, after the search. */
static void note_unused(struct moor_walk *walk, const struct moor_files *files)
{
    for (size_t i = 0; i < walk->choice.exclude_count; i++) {
        if (!moor_selection_is_used(&files->selection, i)) {
            moor_report_add_unused_exclude(walk->report, moor_slice_from(walk->choice.excludes[i]));
        }
    }
}

/* Evaluates all files.  Without rendering, kustomizations give hints. */
static int judge_all(struct moor_walk *walk, struct moor_error *err)
{
    struct moor_files files;
    struct moor_files_item item;
    walk->is_judging = true;
    if (open_files(walk, &files, err) != 0) {
        return -1;
    }
    while (next_file(walk, &files, &item)) {
        if (!take_template(walk, &item)) {
            judge_file(walk, &item);
        }
    }
    note_unused(walk, &files);
    moor_files_release(&files);
    if (walk->renders) {
        return 0;
    }
    if (moor_kustomizations_link(&walk->render.kustomizations, err) != 0) {
        return -1;
    }
    moor_hints_add(&walk->render.kustomizations, walk->report, walk->judging.environment.len == 0);
    return 0;
}

/* Standard input is kept if files are read twice, because it can be read only once. */
int moor_walk_run(struct moor_walk *walk, struct moor_error *err)
{
    /* If an environment selects by labels, all files are read for Namespaces first. */
    if (walk->uses_labels && moor_walk_wants_labels(walk->judging.policy)) {
        walk->judging.source.keeps_input = true;
        if (collect_namespaces(walk, err) != 0) {
            return -1;
        }
        walk->judging.namespaces = &walk->namespaces;
    }
    if (walk->renders && render_all(walk, err) != 0) {
        return -1;
    }
    return judge_all(walk, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/outputs.h"
#include "cmd/report/whole_file.h"

#include <string.h>

#define NAMES_MAX ((size_t)1024)

static int unknown_format(struct moor_slice name, moor_report_formats_function *at,
                          struct moor_error *err)
{
    struct moor_buf names;
    moor_buf_init(&names, NAMES_MAX);
    moor_report_formats_append_names(&names, at);
    int status =
        moor_error_set(err, MOOR_ERROR_VALUE, "unknown format '%.*s' in --output: use %.*s",
                       MOOR_SLICE_ARGS(name), MOOR_SLICE_ARGS(moor_buf_slice(&names)));
    moor_buf_release(&names);
    return status;
}

static int parse_one(struct moor_outputs *out, moor_report_formats_function *at,
                     const char *argument, struct moor_error *err)
{
    /*
     * No name of a format contains `=`, so the first one ends it, and the path may contain more of
     * them.
     */
    const struct moor_slice name = {argument, strcspn(argument, "=")};
    const char *path = argument[name.len] == '=' ? argument + name.len + 1 : NULL;
    const struct moor_report_format *format = moor_report_formats_find(at, name);
    if (format == NULL) {
        return unknown_format(name, at, err);
    }
    if (path != NULL && *path == '\0') {
        return moor_error_set(err, MOOR_ERROR_VALUE, "no file after '=' in '--output %s'",
                              argument);
    }
    /* Two reports in one file would overwrite or mix each other. */
    for (size_t i = 0; i < out->count; i++) {
        const char *other = out->items[i].path;
        if (path != NULL && other != NULL && strcmp(path, other) == 0) {
            return moor_error_set(err, MOOR_ERROR_VALUE, "two outputs to '%s': use a file for each",
                                  path);
        }
        if (path == NULL && other == NULL) {
            return moor_error_set(err, MOOR_ERROR_VALUE,
                                  "two outputs to standard output: use '%s=FILE'", argument);
        }
    }
    out->items[out->count++] = (struct moor_output){format, path};
    return 0;
}

int moor_outputs_parse(struct moor_outputs *out, moor_report_formats_function *at,
                       const char *const *arguments, size_t count, struct moor_error *err)
{
    *out = (struct moor_outputs){0};
    for (size_t i = 0; i < count && i < MOOR_OUTPUTS_MAX; i++) {
        if (parse_one(out, at, arguments[i], err) != 0) {
            return -1;
        }
    }
    /* The default is a format of the list, so that it is parsed like one that the user names. */
    return count > 0 ? 0 : parse_one(out, at, at(0)->name, err);
}

bool moor_outputs_has(const struct moor_outputs *outputs, const struct moor_report_format *format)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (outputs->items[i].format == format) {
            return true;
        }
    }
    return false;
}

static void write_to(FILE *out, const struct moor_report_format *format,
                     const struct moor_report *report, const struct moor_outputs_own *own,
                     enum moor_colour colour)
{
    /*
     * Each output has its own style: a report in a file stays plain even if standard output is a
     * terminal.
     */
    struct moor_page_style style = moor_terminal_style(out, colour);
    for (size_t i = 0; own != NULL && i < own->count; i++) {
        /* Formats are constants, so their addresses identify them. */
        if (own->formats[i].format == format) {
            own->formats[i].write(out, own->subject, &style);
            return;
        }
    }
    format->write(out, report, &style);
}

static int write_file(const struct moor_output *output, const struct moor_report *report,
                      const struct moor_outputs_own *own, enum moor_colour colour,
                      struct moor_error *err)
{
    /*
     * CI jobs upload a report even after a failure, so a half-written file must never replace the
     * last one.
     */
    struct moor_whole_file file;
    if (moor_whole_file_begin(&file, output->path, err) != 0) {
        return -1;
    }
    write_to(file.out, output->format, report, own, colour);
    return moor_whole_file_end(&file, true, err);
}

/* The other outputs are still written after a failure: a full disk must not cost the CI report. */
int moor_outputs_write(const struct moor_outputs *outputs, const struct moor_report *report,
                       const struct moor_outputs_own *own, struct moor_error *err)
{
    int status = 0;
    for (size_t i = 0; i < outputs->count; i++) {
        const struct moor_output *output = &outputs->items[i];
        if (output->path == NULL) {
            write_to(stdout, output->format, report, own, outputs->colour);
        } else if (write_file(output, report, own, outputs->colour, err) != 0) {
            status = -1;
        }
    }
    return status;
}

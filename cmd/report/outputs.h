/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outputs - the destinations of a report: formats, each for a file or for standard output.
 *
 * Threads:  main thread only.
 * Memory:   allocates nothing; names borrow from the arguments.
 * Limits:   MOOR_OUTPUTS_MAX outputs, at most one of them to standard output.
 */
#ifndef MOOR_CMD_REPORT_OUTPUTS_H
#define MOOR_CMD_REPORT_OUTPUTS_H

#include "cmd/report/formats.h"
#include "cmd/report/terminal.h"

#define MOOR_OUTPUTS_MAX 16

/* The outputs of one run. */
struct moor_outputs {
    struct moor_output {
        const struct moor_report_format *format;
        const char *path; /* NULL: standard output */
    } items[MOOR_OUTPUTS_MAX];

    size_t count;
    enum moor_colour colour; /* set by the caller after parsing; 0: automatic */
};

/*
 * Parses `FORMAT` or `FORMAT=FILE` for each argument, with the formats of the list `at`.  Without
 * arguments, the output is `text`.
 */
int moor_outputs_parse(struct moor_outputs *out, moor_report_formats_function *at,
                       const char *const *arguments, size_t count,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether one of the outputs has this format. */
bool moor_outputs_has(const struct moor_outputs *outputs, const struct moor_report_format *format);

/* Formats that a command writes itself, because they contain more than a report does. */
struct moor_outputs_own {
    const struct moor_own_format {
        const struct moor_report_format *format; /* the format to replace */
        void (*write)(FILE *out, const void *subject, const struct moor_page_style *style);
    } * formats;

    size_t count;
    const void *subject;
};

/*
 * Writes the report to all outputs.  A format in `own`, which may be NULL, is written from the
 * command's subject instead.  Returns -1 if a file cannot be written; the others are written.
 */
int moor_outputs_write(const struct moor_outputs *outputs, const struct moor_report *report,
                       const struct moor_outputs_own *own, struct moor_error *err) MOOR_MUST_CHECK;

#endif

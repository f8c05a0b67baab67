/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outputs - where a report goes: formats, each to a file of its own or to standard output.
 *
 * Threads:  the main thread alone.
 * Memory:   allocates nothing; names borrow from the arguments.
 * Limits:   MOOR_OUTPUTS_MAX; one to standard output.
 */
#ifndef MOOR_CMD_REPORT_OUTPUTS_H
#define MOOR_CMD_REPORT_OUTPUTS_H

#include "cmd/report/format.h"

#define MOOR_OUTPUTS_MAX 16

struct moor_outputs {
    struct moor_output {
        const struct moor_report_format *format;
        const char *path; /* NULL: standard output */
    } items[MOOR_OUTPUTS_MAX];

    size_t count;
};

/* Reads `FORMAT` or `FORMAT=FILE` for each argument; without any, the output is `text`. */
int moor_outputs_parse(struct moor_outputs *out, const char *const *arguments, size_t count,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* Formats that a command writes in a way of its own, from more than the report has. */
struct moor_outputs_own {
    const struct moor_own_format {
        const struct moor_report_format *format; /* that is replaced */
        void (*write)(FILE *out, const void *subject, const struct moor_page_style *style);
    } * formats;

    size_t count;
    const void *subject;
};

/*
 * Writes the report everywhere, or the command's own subject if `own` (or NULL) has the format.
 * Returns -1 with the first file that cannot be written.
 */
int moor_outputs_write(const struct moor_outputs *outputs, const struct moor_report *report,
                       const struct moor_outputs_own *own, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Whether a line of progress may be drawn over again: standard error and output are terminals, and
 * TERM is not dumb.
 */
bool moor_outputs_can_redraw(void);

/* How to write to `out`: with colour and folded lines on a terminal, unless NO_COLOR is set or TERM
 * is dumb. */
struct moor_page_style moor_outputs_style(FILE *out);

#endif

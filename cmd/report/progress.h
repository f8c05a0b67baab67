/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress - a line on standard error that shows how far a long command is.
 *
 * The line is drawn on a terminal only, after a second of work, and at most ten times a second.  It
 * must be cleared before anything else is printed.
 *
 * Threads:  main thread only.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_REPORT_PROGRESS_H
#define MOOR_CMD_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The state of the line; initialize it with moor_progress_start(). */
struct moor_progress {
    bool is_shown; /* standard error is a terminal that can redraw a line */
    bool has_line; /* the line is on the terminal */
    int64_t started_ms;
    int64_t drawn_ms;
};

/* Begins the measurement of time. */
void moor_progress_start(struct moor_progress *progress);

/*
 * Returns whether the line is due.  If so, the previous one is cleared, and the caller prints the
 * new one to standard error, without a line end.
 */
bool moor_progress_is_due(struct moor_progress *progress);

/* Clears the line, if there is one. */
void moor_progress_clear(struct moor_progress *progress);

#endif

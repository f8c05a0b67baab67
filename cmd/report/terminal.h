/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal - decides on colors and on the width of a page.
 *
 * The option --color decides first, then NO_COLOR (https://no-color.org), then FORCE_COLOR
 * (https://force-color.org), and at last whether the stream is a terminal.  A file that the user
 * names gets no colors: --color and FORCE_COLOR are for standard output.
 *
 * Threads:  main thread only, because it reads the environment.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_REPORT_TERMINAL_H
#define MOOR_CMD_REPORT_TERMINAL_H

#include "cmd/report/page.h"

/* The values of --color, in the order of its words. */
enum moor_colour {
    MOOR_COLOUR_AUTO,
    MOOR_COLOUR_ALWAYS,
    MOOR_COLOUR_NEVER
};

/* Returns whether TERM names a terminal without control sequences. */
bool moor_terminal_is_dumb(void);

/* Returns how to write to `out`.  On a terminal, lines are folded. */
struct moor_page_style moor_terminal_style(FILE *out, enum moor_colour colour);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page - prints text for terminals: colors, folding, escaping, excerpts of a file.
 *
 * File names, members of manifests and operands can contain line ends, workflow commands and
 * control sequences of terminals.  Everything is printed as policy/base/escape.h escapes it.
 * Colors and folding depend on the style, so that the same code writes files and pipes.
 *
 * Threads:  one page, one thread at a time.
 * Memory:   a scratch buffer of at most MOOR_PAGE_TEXT_MAX bytes, released by moor_page_release().
 */
#ifndef MOOR_CMD_REPORT_PAGE_H
#define MOOR_CMD_REPORT_PAGE_H

#include "cmd/input/positions.h"
#include "policy/base/buf.h"
#include "policy/decision.h"

#include <stdio.h>

#define MOOR_PAGE_TEXT_MAX ((size_t)64 * 1024)

/* How to print. */
struct moor_page_style {
    bool colour;
    unsigned columns; /* width for folding; 0: no folding */
};

/* The colors of a page, by their purpose. */
enum moor_shade {
    MOOR_SHADE_NONE,
    MOOR_SHADE_BOLD,
    MOOR_SHADE_DIM,
    MOOR_SHADE_GOOD,
    MOOR_SHADE_NOTE,
    MOOR_SHADE_WARNING,
    MOOR_SHADE_ERROR
};

/* Returns the shade of a decision. */
enum moor_shade moor_shade_of(enum moor_decision decision);

/* A page on a stream. */
struct moor_page {
    FILE *out;
    struct moor_page_style style;
    struct moor_buf text; /* scratch space of the caller, empty at first */
};

/* Prepares a page.  `out` and `style` are borrowed and copied, respectively. */
void moor_page_init(struct moor_page *page, FILE *out, const struct moor_page_style *style);
void moor_page_release(struct moor_page *page);

/* Switches to the shade, or back with MOOR_SHADE_NONE.  Does nothing without colors. */
void moor_page_shade(const struct moor_page *page, enum moor_shade shade);

/* Prints the escaped text in the shade. */
void moor_page_put(const struct moor_page *page, enum moor_shade shade, struct moor_slice text);

/* Prints the escaped text in the shade, and pads it to `width` characters. */
void moor_page_cell(const struct moor_page *page, enum moor_shade shade, struct moor_slice text,
                    unsigned width);

/* Prints spaces from column `from` to column `to`; none if `to` is not larger. */
void moor_page_pad(const struct moor_page *page, unsigned from, unsigned to);

/*
 * Prints the escaped text and ends the line.  The cursor is at `column`.  A line that exceeds the
 * width is folded between words and continues at column `indent`.
 */
void moor_page_fold(const struct moor_page *page, struct moor_slice text, unsigned column,
                    unsigned indent);

/* As moor_page_fold(), in a shade, which ends before the line: a reset must not begin the next. */
void moor_page_fold_shaded(const struct moor_page *page, enum moor_shade shade,
                           struct moor_slice text, unsigned column, unsigned indent);

/* Folds the scratch text from column `indent` on, and empties it. */
void moor_page_fold_scratch(struct moor_page *page, unsigned indent);

/*
 * Prints `line`, the line at `position`, with a mark below the value, and without a number if the
 * line of the position is 0.  Of a line that is wider than the page, only a part with the value is
 * printed.  Prints nothing for an empty line.
 */
void moor_page_excerpt(const struct moor_page *page, struct moor_slice line,
                       const struct moor_position *position, enum moor_shade shade);

/* Writes the escaped text to `out`. */
void moor_page_escape(FILE *out, struct moor_slice text);

/* Returns the number of characters of the escaped text. */
unsigned moor_page_width(struct moor_slice text);

/* Returns the plural ending of a noun: "" for 1, else "s". */
const char *moor_page_plural(size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page - text for a terminal: colours, folding to the width, escaping, excerpts of a file.
 *
 * File names, fields of manifests and operands can hold line ends, commands of a GitHub workflow
 * and sequences that move the cursor or change colours.  Everything is printed as
 * policy/base/escape.h shows it.  Colours are used and lines are folded only if the style asks for
 * it, so that the same code writes files and pipes.
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

struct moor_page_style {
    bool colour;
    unsigned columns; /* width to fold lines to; 0: lines are not folded */
};

enum moor_shade {
    MOOR_SHADE_NONE,
    MOOR_SHADE_BOLD,
    MOOR_SHADE_DIM,
    MOOR_SHADE_GOOD,
    MOOR_SHADE_NOTE,
    MOOR_SHADE_WARNING,
    MOOR_SHADE_ERROR
};

/* How a decision is shown. */
enum moor_shade moor_shade_of(enum moor_decision decision);

struct moor_page {
    FILE *out;
    struct moor_page_style style;
    struct moor_buf text; /* scratch of the caller, empty at first */
};

void moor_page_init(struct moor_page *page, FILE *out, const struct moor_page_style *style);
void moor_page_release(struct moor_page *page);

/* Switches to the shade; MOOR_SHADE_NONE ends it.  Nothing without colour. */
void moor_page_shade(const struct moor_page *page, enum moor_shade shade);

/* Prints the text as it is escaped, in the shade. */
void moor_page_put(const struct moor_page *page, enum moor_shade shade, struct moor_slice text);

/* The same, with spaces behind it up to `width` characters; the spaces are not shaded. */
void moor_page_cell(const struct moor_page *page, enum moor_shade shade, struct moor_slice text,
                    unsigned width);

/* Prints spaces from the column `from` up to the column `to`; none if that is not farther. */
void moor_page_pad(const struct moor_page *page, unsigned from, unsigned to);

/*
 * Prints the text and ends the line.  The cursor is at `column`; a line that would be longer than
 * the style's columns is folded between words, and goes on at `indent`.
 */
void moor_page_fold(const struct moor_page *page, struct moor_slice text, unsigned column,
                    unsigned indent);

/* The same with what the scratch holds, from `indent` on; empties the scratch. */
void moor_page_fold_scratch(struct moor_page *page, unsigned indent);

/*
 * Prints the line that `position` is in with a mark below the place.  If the line is longer than
 * the page is wide, only the part around the place is printed; nothing if the line is empty.
 */
void moor_page_excerpt(const struct moor_page *page, struct moor_slice line,
                       const struct moor_position *position, enum moor_shade shade);

/* Writes the text to `out` as it is escaped. */
void moor_page_escape(FILE *out, struct moor_slice text);

/* The number of characters of the escaped text. */
unsigned moor_page_width(struct moor_slice text);

/* The ending of a noun after the number: "" or "s". */
const char *moor_page_plural(size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_text - makes libyaml parse a text as kubectl's YAML library (go-yaml v2) does.
 *
 * The libraries differ in three cases that occur in real files:
 *
 *   - In go-yaml a plain scalar of a flow list or mapping can end with a colon: `[fd00::]`. libyaml
 *     rejects it.  Such a colon is replaced by a character that the text does not contain, and
 *     restored in the scalar.
 *   - kubectl splits a file at lines with `---` and parses each part alone, so that a part can
start
 *     with a byte order mark.  The mark is removed.
 *   - kubectl ends the last line of a file, so that a block scalar there ends with a line feed.
 *
 * Lines and columns remain those of the file; a byte order mark at the start of a line has no
 * column.
 *
 * Threads:  a text belongs to one thread at a time.
 * Memory:   borrows the text, or owns a copy if a part of the text had to change.
 * Limits:   the colons are kept if the text contains all of 64 characters of private use.
 */
#ifndef MOOR_POLICY_FILE_YAML_TEXT_H
#define MOOR_POLICY_FILE_YAML_TEXT_H

#include "policy/base/buf.h"

struct yaml_event_s;

/* A text for libyaml. */
struct moor_yaml_text {
    struct moor_slice text; /* the text to parse */
    struct moor_buf copy;   /* the changed copy, if there is one */
    char mark[3];           /* the character in place of a colon; 0 first if there is none */
};

/*
 * Prepares `text`, without its initial byte order mark; it must outlive the parsing.  Returns -1 if
 * there is no memory.
 */
int moor_yaml_text_open(struct moor_yaml_text *out, struct moor_slice text,
                        struct moor_error *err) MOOR_MUST_CHECK;
/* Frees the copy. */
void moor_yaml_text_release(struct moor_yaml_text *text);

/* Restores the colons in the scalar of the event. */
void moor_yaml_text_restore(const struct moor_yaml_text *text, struct yaml_event_s *event);

#endif

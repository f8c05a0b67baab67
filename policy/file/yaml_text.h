/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_text - makes libyaml read what kubectl's YAML library (go-yaml v2) reads.
 *
 * Three things differ in files that people write:
 *
 *   - A plain scalar of a flow list or mapping can end with a colon in go-yaml: `[fd00::]`.
 *     libyaml refuses it, so such a colon is replaced by a character that the text does not have,
 *     and put back in the scalar.
 *   - kubectl splits a file at its lines `---` and reads each part alone, so that a part can start
 *     with a byte order mark.  It is left out.
 *   - kubectl ends the last line of a file, so that a block scalar there ends with a line end.
 *
 * Lines and columns stay those of the file, where a byte order mark at the start of a line has no
 * column.
 *
 * Threads:  one text, one thread at a time.
 * Memory:   borrows the text, or owns a copy if something of it had to be changed.
 * Limits:   if the text has all of 64 characters of private use, its colons are left.
 */
#ifndef MOOR_POLICY_FILE_YAML_TEXT_H
#define MOOR_POLICY_FILE_YAML_TEXT_H

#include "policy/base/buf.h"

struct yaml_event_s;

struct moor_yaml_text {
    struct moor_slice text; /* to be given to libyaml */
    struct moor_buf copy;   /* of it, if it is one */
    char mark[3];           /* what stands for a colon; its first byte is 0 if nothing does */
};

/* Takes `text`, behind its byte order mark; it must outlive the reading. */
int moor_yaml_text_open(struct moor_yaml_text *out, struct moor_slice text,
                        struct moor_error *err) MOOR_MUST_CHECK;
void moor_yaml_text_release(struct moor_yaml_text *text);

/* Puts the colons back into the scalar of the event. */
void moor_yaml_text_restore(const struct moor_yaml_text *text, struct yaml_event_s *event);

#endif

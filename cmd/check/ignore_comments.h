/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignore_comments - the comments of one file that suppress findings: `# tagmoor: ignore REASON`.
 *
 * A comment applies to the findings on its own line.  A line that is only a comment applies to the
 * findings on the next line that is not one, so that a block of comments directly above an image
 * can explain it.  A blank line ends the block.  YAML's reader drops comments, so they are searched
 * in the bytes of the file, and the spans of the document exclude a `#` in quotes or in a block
 * scalar.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   the reasons borrow from the text.
 * Limits:   MOOR_IGNORE_COMMENTS_MAX comments of a file; findings near later ones are not
 *           suppressed.  The last MOOR_IGNORE_COMMENTS_BLOCK comments that apply to a line count.
 */
#ifndef MOOR_CMD_CHECK_IGNORE_COMMENTS_H
#define MOOR_CMD_CHECK_IGNORE_COMMENTS_H

#include "cmd/input/spans.h"
#include "policy/base/slice.h"

#define MOOR_IGNORE_COMMENTS_MAX   ((size_t)100000)
#define MOOR_IGNORE_COMMENTS_BLOCK ((size_t)64)

/* A text that is a suppression if no span contains it. */
struct moor_ignore_comment {
    uint32_t line;   /* position of the `#`, from 1 */
    uint32_t column; /* in characters */
    uint32_t target; /* line to whose findings it applies; ascending in a list */
    struct moor_slice reason;
    bool is_alone;    /* there is nothing before the comment on its line */
    bool is_used;     /* for the caller: it suppresses a finding */
    bool is_reported; /* for the caller: its error was reported */
};

/* The comments of one file, in its order. */
struct moor_ignore_comments {
    struct moor_ignore_comment *items;
    size_t count;
    size_t room;
    bool failed; /* memory was short: the list is incomplete */
};

void moor_ignore_comments_release(struct moor_ignore_comments *comments);

/* Lists the comments in `text`, a file, in place of the previous ones. */
void moor_ignore_comments_read(struct moor_ignore_comments *out, struct moor_slice text);

/* Returns whether the text of the comment is a comment of the YAML document with these spans. */
bool moor_ignore_comment_is_one(const struct moor_ignore_comment *comment,
                                const struct moor_spans *spans);

/*
 * Returns the nearest comment that applies to a finding on `line`, or NULL.  `spans` are those of
 * the finding's YAML document.  NULL means a Dockerfile, where a comment always has its own line.
 */
struct moor_ignore_comment *moor_ignore_comments_find(const struct moor_ignore_comments *comments,
                                                      const struct moor_spans *spans,
                                                      uint32_t line);

#endif

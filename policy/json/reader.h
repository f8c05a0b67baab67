/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_reader - reads a JSON text once, from left to right, without building a tree.
 *
 * A pull reader: moor_json_next() gives one event after the other, and moor_json_skip() passes over
 * a whole value.  Both check everything they pass: the grammar of RFC 8259, UTF-8 as RFC 3629 wants
 * it, and escapes, lone surrogates included.  What the Go encoder writes is accepted in full: a NUL
 * escape in a string or a key, numbers of any size, 10,000 levels.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   allocates nothing; strings and keys borrow from the text.  Nesting is kept in a bit for
 *           each level, never on the call stack.
 * Limits:   MOOR_JSON_MAX_DEPTH levels.  Cost is linear in the text.
 */
#ifndef MOOR_POLICY_JSON_READER_H
#define MOOR_POLICY_JSON_READER_H

#include "policy/json/state.h"
#include "policy/json/token.h"

enum moor_json_event {
    MOOR_JSON_ERROR, /* not JSON, or too deep; the reader says so again at each further call */
    MOOR_JSON_END,   /* the text was one whole value with nothing but blanks around it */
    MOOR_JSON_OBJECT_BEGIN, /* `{` */
    MOOR_JSON_OBJECT_END,
    MOOR_JSON_ARRAY_BEGIN, /* `[` */
    MOOR_JSON_ARRAY_END,
    MOOR_JSON_KEY, /* a member's name; its value comes next */
    MOOR_JSON_STRING,
    MOOR_JSON_NUMBER,
    MOOR_JSON_TRUE,
    MOOR_JSON_FALSE,
    MOOR_JSON_NULL
};

/* Starts reading `text`, which must outlive the reader and all slices taken from it. */
void moor_json_reader_init(struct moor_json_reader *reader, struct moor_slice text);

/*
 * The next event; `token` is set for it.  After MOOR_JSON_ERROR, `reader->error` holds a text with
 * the offset (in `offset` and in words).
 */
enum moor_json_event moor_json_next(struct moor_json_reader *reader, struct moor_json_token *token);

/*
 * Passes over the value that comes next, checking all of it: behind a KEY, its value; inside an
 * array, the next item; at the start, the whole text up to its end, so that only MOOR_JSON_END can
 * follow.  `raw` (may be NULL) receives the value's bytes without blanks around it.
 *
 * Returns -1 with the reader's error where the value is not JSON, and with MOOR_ERROR_VALUE where
 * none comes next: in an object behind `{` or a member, in an array before `]`, behind the end.
 * The reader has then failed for good.
 */
int moor_json_skip(struct moor_json_reader *reader, struct moor_slice *raw) MOOR_MUST_CHECK;

/*
 * Passes over the rest of the innermost open object or array, its end included, whatever was read
 * of it so far.  Returns -1 as moor_json_skip() does; none being open is MOOR_ERROR_VALUE.
 */
int moor_json_skip_rest(struct moor_json_reader *reader) MOOR_MUST_CHECK;

#endif

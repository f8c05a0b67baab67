/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader - reads a JSON text once, from start to end, without building a tree.
 *
 * This is a pull reader: moor_json_next() returns one event after another, and moor_json_skip()
 * skips a whole value.  Both check everything they pass: the grammar of RFC 8259, UTF-8 as RFC 3629
 * defines it, and escapes, including lone surrogates.  The reader accepts everything that Go's
 * encoder writes: NUL escapes in strings and keys, numbers of any size, and 10,000 levels.
 *
 * Threads:  a reader belongs to one thread at a time.
 * Memory:   allocates nothing; strings and keys borrow from the text.  Nesting uses a bit for each
 *           level, never the call stack.
 * Limits:   MOOR_JSON_MAX_DEPTH levels.  The cost is linear in the length of the text.
 */
#ifndef MOOR_POLICY_JSON_READER_H
#define MOOR_POLICY_JSON_READER_H

#include "policy/json/state.h"
#include "policy/json/token.h"

/* The events of moor_json_next(). */
enum moor_json_event {
    MOOR_JSON_ERROR, /* the text is not JSON or too deep; every later call returns this again */
    MOOR_JSON_END,   /* the text was one complete value, with only whitespace around it */
    MOOR_JSON_OBJECT_BEGIN, /* `{` */
    MOOR_JSON_OBJECT_END,   /* `}` */
    MOOR_JSON_ARRAY_BEGIN,  /* `[` */
    MOOR_JSON_ARRAY_END,    /* `]` */
    MOOR_JSON_KEY,          /* a member's name; its value comes next */
    MOOR_JSON_STRING,
    MOOR_JSON_NUMBER,
    MOOR_JSON_TRUE,
    MOOR_JSON_FALSE,
    MOOR_JSON_NULL
};

/* Starts reading `text`, which must outlive the reader and all slices taken from it. */
void moor_json_reader_init(struct moor_json_reader *reader, struct moor_slice text);

/*
 * Returns the next event and sets `token` for it.  After MOOR_JSON_ERROR, `reader->error` holds the
 * text and the offset; the text contains the offset too.
 */
enum moor_json_event moor_json_next(struct moor_json_reader *reader, struct moor_json_token *token);

/*
 * Skips the value that comes next and checks all of it.  After a KEY this is its value; inside an
 * array, the next item; at the start, the whole text up to its end, so that only MOOR_JSON_END can
 * follow.  `raw` (may be NULL) receives the bytes of the value without whitespace around it.
 *
 * Returns -1 with the reader's error if the value is not JSON.  Returns -1 with MOOR_ERROR_VALUE if
 * no value comes next: in an object after `{` or a member, in an array before `]`, or at the end.
 * The reader stays failed after an error.
 */
int moor_json_skip(struct moor_json_reader *reader, struct moor_slice *raw) MOOR_MUST_CHECK;

/*
 * Skips the rest of the innermost open object or array, including its end, wherever the reader is
 * in it.  Returns -1 as moor_json_skip() does, and MOOR_ERROR_VALUE if none is open.
 */
int moor_json_skip_rest(struct moor_json_reader *reader) MOOR_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scalar - finds the bytes of a value in its file, if they can be changed in place.
 *
 * A value can be changed if its text in the file is the value itself: a plain scalar or a quoted
 * string on one line without escapes, or a word of a Dockerfile.
 *
 * Threads:  as the document's source.
 * Memory:   the bytes borrow from the source.
 * Limits:   a YAML line of more than 4,096 bytes is not searched.
 */
#ifndef MOOR_CMD_PIN_SCALAR_H
#define MOOR_CMD_PIN_SCALAR_H

#include "cmd/input/documents.h"

/* The bytes of a value, without its quotes. */
struct moor_pin_scalar {
    size_t at; /* offset in the file */
    struct moor_slice text;
    bool is_plain; /* a YAML scalar without quotes */
};

/*
 * Finds the value at `offset` of the document's text.  Returns NULL if its bytes can be changed,
 * else why they cannot, in a few words.
 */
const char *moor_pin_scalar_find(struct moor_pin_scalar *out, const struct moor_document *document,
                                 size_t offset);

/* Returns whether the string at `offset` is a literal block scalar (`|`) of YAML. */
bool moor_pin_scalar_is_literal(const struct moor_document *document, size_t offset);

#endif

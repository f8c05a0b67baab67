/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar - resolves a plain scalar of YAML 1.1 to its type in JSON, as kubectl does.
 *
 * It follows go-yaml v2, which sigs.k8s.io/yaml uses: `yes`, `on` and `y` are true, `012` is ten,
 * `1_000` is a thousand, and dates remain texts.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_CMD_INPUT_YAML_SCALAR_H
#define MOOR_CMD_INPUT_YAML_SCALAR_H

#include "policy/base/buf.h"
#include "policy/base/slice.h"

/* The type of a scalar in JSON. */
enum moor_yaml_scalar {
    MOOR_YAML_TEXT,
    MOOR_YAML_NUMBER,
    MOOR_YAML_TRUE,
    MOOR_YAML_FALSE,
    MOOR_YAML_NULL,
    MOOR_YAML_NO_JSON /* infinity or not-a-number, which JSON lacks */
};

/* Returns the type of `text`, a scalar without quotes.  Appends the digits of a number to `number`.
 */
enum moor_yaml_scalar moor_yaml_scalar_resolve(struct moor_slice text, struct moor_buf *number);

/* Appends `text`, which is UTF-8, as a JSON string with quotes and escapes. */
void moor_yaml_scalar_append(struct moor_buf *out, struct moor_slice text);

#endif

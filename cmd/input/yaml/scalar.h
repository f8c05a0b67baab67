/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar - what a plain scalar of YAML 1.1 is in JSON, as kubectl reads it.
 *
 * Follows go-yaml v2, by which sigs.k8s.io/yaml converts: `yes`, `on` and `y` are true, `012` is
 * ten, `1_000` is a thousand, dates stay texts.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_CMD_INPUT_YAML_SCALAR_H
#define MOOR_CMD_INPUT_YAML_SCALAR_H

#include "policy/base/buf.h"
#include "policy/base/slice.h"

enum moor_yaml_scalar {
    MOOR_YAML_TEXT,
    MOOR_YAML_NUMBER,
    MOOR_YAML_TRUE,
    MOOR_YAML_FALSE,
    MOOR_YAML_NULL,
    MOOR_YAML_NO_JSON /* an infinity, or no number: JSON has none */
};

/* What `text`, written without quotes, is.  Appends the digits of a number to `number`. */
enum moor_yaml_scalar moor_yaml_scalar_resolve(struct moor_slice text, struct moor_buf *number);

/* Appends `text`, which is UTF-8, as a JSON string with its quotes. */
void moor_yaml_scalar_append(struct moor_buf *out, struct moor_slice text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - what the text of a value tells, apart from its key.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_VALUES_TEXT_H
#define MOOR_CMD_INPUT_VALUES_TEXT_H

#include "policy/base/slice.h"
#include "policy/image/reference.h"

/* Returns whether the reference names a registry, as `ghcr.io/a/b` and `localhost:5000/a` do. */
bool moor_values_text_has_host(const struct moor_reference *reference);

/*
 * Returns whether the text can hardly be anything but an image: a registry with a dot, a path, and
 * a tag or a digest.
 */
bool moor_values_text_is_image(struct moor_slice text);

/* Returns whether another program fills in a part: `{{ }}`, `${NAME}`, or a marker `<tag>`. */
bool moor_values_text_is_unresolved(struct moor_slice text);

/* Returns whether the text names a file, as the values of keys such as `backgroundImage` do. */
bool moor_values_text_is_file(struct moor_slice text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - splits the arguments of an instruction, and tells what a word of them can be.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; the words borrow from the text.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_WORDS_H
#define MOOR_CMD_INPUT_DOCKERFILE_WORDS_H

#include "policy/base/slice.h"

/* Takes the next word from `*rest`, which only blanks end.  Returns an empty slice at the end. */
struct moor_slice moor_dockerfile_take_word(struct moor_slice *rest);

/*
 * Takes the next word from the arguments of ARG, in which quotes and escapes protect blanks.  Both
 * stay in the word.
 */
struct moor_slice moor_dockerfile_take_quoted_word(struct moor_slice *rest, char escape);

/* Returns whether the word is `text`, whatever its case. */
bool moor_dockerfile_is_word(struct moor_slice word, const char *text);

/* Returns whether the text contains the start of a template: `{{`, `{%` or `<%`. */
bool moor_dockerfile_has_template(struct moor_slice text);

/*
 * Returns whether the text can name a stage: a letter, then letters, digits, `-`, `_` and `.`. Such
 * a text has no tag, digest or slash.
 */
bool moor_dockerfile_is_stage_name(struct moor_slice name);

/* Returns whether the text is a number as Go reads it.  A negative number gives SIZE_MAX. */
bool moor_dockerfile_read_number(size_t *out, struct moor_slice text);

#endif

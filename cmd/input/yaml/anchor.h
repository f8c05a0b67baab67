/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anchor - the values that anchors name, kept for their aliases.
 *
 * Threads:  as the state.
 * Memory:   in the state.
 * Limits:   MOOR_YAML_MAX_ANCHORS in a document; aliases add at most MOOR_YAML_ALIAS_FACTOR times
 * the text's size.
 */
#ifndef MOOR_CMD_INPUT_YAML_ANCHOR_H
#define MOOR_CMD_INPUT_YAML_ANCHOR_H

#include "cmd/input/yaml/state.h"

#define MOOR_YAML_NO_ANCHOR UINT32_MAX

/* Begins an anchor called `name`; `*out` is its number, MOOR_YAML_NO_ANCHOR without a name. */
int moor_yaml_anchor_open(uint32_t *out, struct moor_yaml_state *state, const yaml_event_t *event,
                          const unsigned char *name, struct moor_error *err) MOOR_MUST_CHECK;

/* Keeps the value that begins at `start` in the document and ends with it. */
int moor_yaml_anchor_close(struct moor_yaml_state *state, uint32_t anchor, size_t start,
                           yaml_mark_t mark, struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the value that an alias names to the document. */
int moor_yaml_anchor_append(struct moor_yaml_state *state, const yaml_event_t *event,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif

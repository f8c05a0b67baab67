/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anchor - keeps the values of anchors for the aliases that name them.
 *
 * Threads:  as the state.
 * Memory:   in the state.
 * Limits:   MOOR_YAML_MAX_ANCHORS per document; aliases add at most MOOR_YAML_ALIAS_FACTOR times
 * the size of the text.
 */
#ifndef MOOR_CMD_INPUT_YAML_ANCHOR_H
#define MOOR_CMD_INPUT_YAML_ANCHOR_H

#include "cmd/input/yaml/state.h"

#define MOOR_YAML_NO_ANCHOR UINT32_MAX

/*
 * Begins an anchor called `name`.  `*out` is its number, or MOOR_YAML_NO_ANCHOR if `name` is NULL.
 * Returns -1 if the document has too many anchors.
 */
int moor_yaml_anchor_open(uint32_t *out, struct moor_yaml_state *state, const yaml_event_t *event,
                          const unsigned char *name, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Keeps the value of an anchor: the document's JSON from `start` to its current end.  Returns -1 if
 * the budget for copies is exhausted.
 */
int moor_yaml_anchor_close(struct moor_yaml_state *state, uint32_t anchor, size_t start,
                           yaml_mark_t mark, struct moor_error *err) MOOR_MUST_CHECK;

/* Appends the value that an alias names.  Returns -1 for an unknown name or an exhausted budget. */
int moor_yaml_anchor_append(struct moor_yaml_state *state, const yaml_event_t *event,
                            struct moor_error *err) MOOR_MUST_CHECK;

#endif

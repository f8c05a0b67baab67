/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge - merge keys (`<<`) of YAML 1.1: the members of other mappings, in one.
 *
 * Threads:  as the state.
 * Memory:   allocates what it needs and frees it.
 */
#ifndef MOOR_CMD_INPUT_YAML_MERGE_H
#define MOOR_CMD_INPUT_YAML_MERGE_H

#include "cmd/input/yaml/state.h"

/* The key under which a merged value waits in the JSON for its mapping's end: no key of the file
 * can look so, because `<` is never escaped. */
#define MOOR_YAML_MERGE_KEY "\\u003c<"

/*
 * Puts what waits under MOOR_YAML_MERGE_KEY among the members of the object that begins at `start`
 * in the document and ends with it: each key once, with the value that was written last.
 */
int moor_yaml_merge(struct moor_yaml_state *state, size_t start, yaml_mark_t mark,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif

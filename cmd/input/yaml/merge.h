/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge - resolves merge keys (`<<`) of YAML 1.1, which add the members of other mappings.
 *
 * Threads:  as the state.
 * Memory:   allocates a list of members per call and frees it.
 */
#ifndef MOOR_CMD_INPUT_YAML_MERGE_H
#define MOOR_CMD_INPUT_YAML_MERGE_H

#include "cmd/input/yaml/state.h"

/*
 * The key under which a merged value waits in the JSON for the end of its mapping.  No key of a
 * file has this form, because the writer never escapes `<`.
 */
#define MOOR_YAML_MERGE_KEY "\\u003c<"

/*
 * Resolves the merge keys of the object that begins at `start` and ends with the document.  Each
 * key then occurs once, with the value that was written last.  Returns -1 if a merged value is
 * neither a mapping nor a list of mappings, or if the budget for copies is exhausted.
 */
int moor_yaml_merge(struct moor_yaml_state *state, size_t start, yaml_mark_t mark,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif

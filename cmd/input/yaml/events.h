/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events - converts the events of libyaml to JSON one by one, without a tree.
 *
 * Threads:  as the state.
 * Memory:   the JSON is the document of the state.
 * Limits:   MOOR_YAML_MAX_DEPTH nested lists and mappings.
 */
#ifndef MOOR_CMD_INPUT_YAML_EVENTS_H
#define MOOR_CMD_INPUT_YAML_EVENTS_H

#include "cmd/input/yaml/state.h"

/*
 * Appends the JSON of the event to the document.  Returns -1 with the position and the reason in
 * `err` if the event has no equivalent in JSON or exceeds a limit.
 */
int moor_yaml_take_event(struct moor_yaml_state *state, const yaml_event_t *event,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif

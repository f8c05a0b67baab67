/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events - makes JSON of libyaml's events, one by one, without a tree.
 *
 * Threads:  as the state.
 * Memory:   the JSON is the state's document.
 * Limits:   MOOR_YAML_MAX_DEPTH lists and mappings in each other.
 */
#ifndef MOOR_CMD_INPUT_YAML_EVENTS_H
#define MOOR_CMD_INPUT_YAML_EVENTS_H

#include "cmd/input/yaml/state.h"

/* Appends what the event says to the document. */
int moor_yaml_take_event(struct moor_yaml_state *state, const yaml_event_t *event,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif

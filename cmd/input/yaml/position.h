/* SPDX-License-Identifier: Apache-2.0 */
/*
 * position - finds the position in the file of an event of libyaml.
 *
 * Threads:  pure.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_YAML_POSITION_H
#define MOOR_CMD_INPUT_YAML_POSITION_H

#include "cmd/input/yaml/state.h"

/* Returns the position of the event's value, without its anchor and tag. */
struct moor_position moor_yaml_position(const struct moor_yaml_state *state,
                                        const yaml_event_t *event);

/* Returns whether another value replaces a value with this tag: `!reset`, `!reference`. */
bool moor_yaml_is_elsewhere(const unsigned char *tag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * position - where the value of an event of libyaml is in the file.
 *
 * Threads:  pure.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_YAML_POSITION_H
#define MOOR_CMD_INPUT_YAML_POSITION_H

#include "cmd/input/yaml/state.h"

/* The position of the event's value in the file. */
struct moor_position moor_yaml_position(const struct moor_yaml_state *state,
                                        const yaml_event_t *event);

/* Whether a value with this tag is replaced by another one: `!reset`, `!reference`. */
bool moor_yaml_is_elsewhere(const unsigned char *tag);

#endif

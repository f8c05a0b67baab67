/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/position.h"

#include "cmd/input/source.h"

/*
 * The position of libyaml includes the anchor and the tag, while a finding points at the value. The
 * start is computed from the end, so escapes in quotes move it to the right, but never to another
 * line.
 */
struct moor_position moor_yaml_position(const struct moor_yaml_state *state,
                                        const yaml_event_t *event)
{
    const yaml_mark_t *start = &event->start_mark;
    const yaml_mark_t *end = &event->end_mark;
    struct moor_position position = {.line = state->lines_before + (uint32_t)start->line + 1,
                                     .column = (uint32_t)start->column + 1,
                                     .width = 1};
    if (event->type != YAML_SCALAR_EVENT || start->line != end->line ||
        end->column <= start->column) {
        return position;
    }
    position.width = (uint32_t)(end->column - start->column);
    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
        uint32_t quotes = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? 0 : 2;
        uint32_t width =
            quotes + moor_source_characters((struct moor_slice){
                         (const char *)event->data.scalar.value, event->data.scalar.length});
        if (width > 0 && width < position.width) { /* Otherwise a finding points at the tag. */
            position.column += position.width - width;
            position.width = width;
        }
    }
    return position;
}

/* By these tags of Compose and GitLab CI, another value replaces the one in the file. */
bool moor_yaml_is_elsewhere(const unsigned char *tag)
{
    return tag != NULL && (strcmp((const char *)tag, "!reset") == 0 ||
                           strcmp((const char *)tag, "!reference") == 0);
}

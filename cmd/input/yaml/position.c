/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/position.h"

#include "cmd/input/source.h"

/*
 * The position of the value itself: libyaml's begins with its anchor and tag.  Escapes in quotes
 * make it begin too late then, but never on another line.
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
        if (width > 0 && width < position.width) { /* a tag alone is all there is to point at */
            position.column += position.width - width;
            position.width = width;
        }
    }
    return position;
}

/* Tags of Compose and GitLab by which the value that is written is not the one that counts. */
bool moor_yaml_is_elsewhere(const unsigned char *tag)
{
    return tag != NULL && (strcmp((const char *)tag, "!reset") == 0 ||
                           strcmp((const char *)tag, "!reference") == 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/position.h"

#include "cmd/input/source.h"
#include "policy/base/array_size.h"

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

/*
 * By these tags of Compose, GitLab CI and CloudFormation, another value replaces the one in the
 * file.  `!override` of Compose is not one of them: its own value is used.  Neither is `!Sub`,
 * which returns its text unless that contains `${`.
 */
bool moor_yaml_is_elsewhere(const unsigned char *tag)
{
    static const char *const tags[] = {
        "!reset", "!reference", "!Ref",  "!GetAtt", "!ImportValue", "!FindInMap", "!Select",
        "!Join",  "!Base64",    "!Cidr", "!GetAZs", "!Split",       "!Transform",
    };
    for (size_t i = 0; tag != NULL && tag[0] == '!' && i < MOOR_ARRAY_SIZE(tags); i++) {
        if (strcmp((const char *)tag, tags[i]) == 0) {
            return true;
        }
    }
    return false;
}

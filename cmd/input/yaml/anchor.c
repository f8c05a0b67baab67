/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/state.h"

int moor_yaml_spend(struct moor_yaml_state *state, size_t bytes, yaml_mark_t mark,
                    struct moor_error *err)
{
    if (bytes > state->work) {
        return moor_yaml_fail(state, mark, err, MOOR_ERROR_LIMIT,
                              "anchors and merge keys copy too much: write the values out");
    }
    state->work -= bytes;
    return 0;
}

static struct moor_slice name_of(const struct moor_yaml_state *state,
                                 const struct moor_yaml_anchor *anchor)
{
    return moor_slice_sub(moor_buf_slice(&state->kept), anchor->name,
                          anchor->name + anchor->name_len);
}

int moor_yaml_anchor_open(uint32_t *out, struct moor_yaml_state *state, const yaml_event_t *event,
                          const unsigned char *name, struct moor_error *err)
{
    *out = MOOR_YAML_NO_ANCHOR;
    if (name == NULL) {
        return 0;
    }
    if (state->anchor_count == MOOR_YAML_JSON_MAX_ANCHORS) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_LIMIT,
                              "more than 1,024 anchors in one document");
    }
    struct moor_slice text = moor_slice_from((const char *)name);
    *out = (uint32_t)state->anchor_count++;
    state->anchors[*out] =
        (struct moor_yaml_anchor){.name = state->kept.len, .name_len = text.len, .is_open = true};
    moor_buf_append(&state->kept, text);
    return 0;
}

int moor_yaml_anchor_close(struct moor_yaml_json *yaml, uint32_t anchor, size_t start,
                           yaml_mark_t mark, struct moor_error *err)
{
    struct moor_yaml_state *state = yaml->state;
    if (anchor == MOOR_YAML_NO_ANCHOR) {
        return 0;
    }
    struct moor_slice json = moor_slice_sub(moor_buf_slice(&yaml->json), start, yaml->json.len);
    if (moor_yaml_spend(state, json.len, mark, err) != 0) {
        return -1;
    }
    struct moor_yaml_anchor *kept = &state->anchors[anchor];
    kept->is_open = false;
    kept->json = state->kept.len;
    kept->json_len = json.len;
    moor_buf_append(&state->kept, json);
    moor_positions_add_range(&state->kept_positions, &yaml->positions, start, start + json.len,
                             kept->json);
    return 0;
}

int moor_yaml_anchor_find(const struct moor_yaml_anchor **out, struct moor_yaml_state *state,
                          const yaml_event_t *event, struct moor_error *err)
{
    struct moor_slice name = moor_slice_from((const char *)event->data.alias.anchor);
    for (size_t i = state->anchor_count; i > 0; i--) {
        const struct moor_yaml_anchor *anchor = &state->anchors[i - 1];
        if (!moor_slice_equal(name_of(state, anchor), name)) {
            continue;
        }
        if (anchor->is_open) {
            return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                                  "this alias stands inside of what it names");
        }
        if (anchor->json_len > state->budget) {
            return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_LIMIT,
                                  "aliases bring more than 10 times the file's size");
        }
        state->budget -= anchor->json_len;
        *out = anchor;
        return 0;
    }
    return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                          "nothing in this document has the name of this alias (a text that "
                          "starts with '*' needs quotes)");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/anchor.h"

static struct moor_slice name_of(const struct moor_yaml_state *state,
                                 const struct moor_yaml_anchor *anchor)
{
    return moor_slice_sub(moor_buf_slice(&state->names), anchor->name,
                          anchor->name + anchor->name_len);
}

/* Anchor names are kept outside of the event, because libyaml frees an event's texts with it. */

int moor_yaml_anchor_open(uint32_t *out, struct moor_yaml_state *state, const yaml_event_t *event,
                          const unsigned char *name, struct moor_error *err)
{
    *out = MOOR_YAML_NO_ANCHOR;
    if (name == NULL) {
        return 0;
    }
    if (state->anchor_count == MOOR_YAML_MAX_ANCHORS) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_LIMIT,
                              "more than 1,024 anchors in one document");
    }
    struct moor_slice text = moor_slice_from((const char *)name);
    *out = (uint32_t)state->anchor_count++;
    state->anchors[*out] =
        (struct moor_yaml_anchor){.name = state->names.len, .name_len = text.len, .is_open = true};
    moor_buf_append(&state->names, text);
    return 0;
}

int moor_yaml_anchor_close(struct moor_yaml_state *state, uint32_t anchor, size_t start,
                           yaml_mark_t mark, struct moor_error *err)
{
    size_t end = state->document.json.len;
    if (anchor == MOOR_YAML_NO_ANCHOR) {
        return 0;
    }
    /* Nested anchors copy the same bytes once per level, so copying has a budget. */
    if (moor_yaml_spend(state, end - start, mark, err) != 0) {
        return -1;
    }
    struct moor_yaml_anchor *kept = &state->anchors[anchor];
    kept->is_open = false;
    /* The value is copied because a later merge can move it in the document. */
    kept->start = state->kept.json.len;
    moor_yaml_document_append(&state->kept, &state->document, start, end);
    kept->end = state->kept.json.len;
    return 0;
}

/* Returns the last anchor of this name, or NULL: YAML permits a name to be reused. */
static const struct moor_yaml_anchor *find(const struct moor_yaml_state *state,
                                           struct moor_slice name)
{
    for (size_t i = state->anchor_count; i > 0; i--) {
        if (moor_slice_equal(name_of(state, &state->anchors[i - 1]), name)) {
            return &state->anchors[i - 1];
        }
    }
    return NULL;
}

int moor_yaml_anchor_append(struct moor_yaml_state *state, const yaml_event_t *event,
                            struct moor_error *err)
{
    struct moor_slice name = moor_slice_from((const char *)event->data.alias.anchor);
    const struct moor_yaml_anchor *anchor = find(state, name);
    if (anchor == NULL) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "unknown alias: no anchor in this document has this name (a string "
                              "that starts with '*' needs quotes)");
    }
    if (anchor->is_open) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_SYNTAX,
                              "recursive alias: its anchor contains it");
    }
    /* Without a budget, a few lines of aliases to aliases would expand to gigabytes. */
    if (anchor->end - anchor->start > state->budget) {
        return moor_yaml_fail(state, event->start_mark, err, MOOR_ERROR_LIMIT,
                              "aliases expand to more than 10 times the size of the file");
    }
    state->budget -= anchor->end - anchor->start;
    moor_yaml_document_append(&state->document, &state->kept, anchor->start, anchor->end);
    return 0;
}

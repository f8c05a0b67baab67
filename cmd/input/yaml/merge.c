/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/yaml/merge.h"

#include "policy/json/reader.h"

#include <stdlib.h>

/* One occurrence of a member, in the order of the document. */
struct written {
    struct moor_slice key; /* the key as in the JSON, without quotes */
    struct moor_slice value;
    size_t order;
};

struct members {
    struct written *items;
    size_t count;
    size_t room;
};

static int add_member(struct members *members, struct moor_slice key, struct moor_slice value)
{
    if (members->count == members->room) {
        size_t room = members->room == 0 ? 32 : members->room * 2;
        struct written *grown = reallocarray(members->items, room, sizeof *grown);
        if (grown == NULL) {
            return -1;
        }
        members->items = grown;
        members->room = room;
    }
    members->items[members->count] = (struct written){key, value, members->count};
    members->count++;
    return 0;
}

/* Adds the members of one object, whose own merge keys were resolved when it was closed. */
static int add_object(struct members *members, struct moor_slice object)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, object);
    if (moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return -1;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        struct moor_slice value;
        if (moor_json_skip(&reader, &value) != 0 || add_member(members, token.raw, value) != 0) {
            return -1;
        }
    }
    return 0;
}

/*
 * Adds the mappings of a list in reverse order: in YAML 1.1, an earlier mapping of `<<: [a, b]`
 * takes precedence, and the last member that is added wins here.
 */
static int add_list(struct members *members, struct moor_slice list)
{
    struct members items = {0};
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    int status = 0;
    moor_json_reader_init(&reader, list);
    (void)moor_json_next(&reader, &token);
    while (status == 0 && moor_json_skip(&reader, &item) == 0) {
        status = add_member(&items, item, item);
    }
    for (size_t i = items.count; status == 0 && i > 0; i--) {
        status = add_object(members, items.items[i - 1].value);
    }
    free(items.items);
    return status;
}

/* Adds all members in the order in which go-yaml v2 assigns them. */
static int collect(struct members *members, struct moor_slice object)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, object);
    (void)moor_json_next(&reader, &token);
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        struct moor_slice value;
        if (moor_json_skip(&reader, &value) != 0) {
            return -1;
        }
        int status = !moor_slice_is(token.raw, MOOR_YAML_MERGE_KEY)
                         ? add_member(members, token.raw, value)
                     : value.ptr[0] == '[' ? add_list(members, value)
                                           : add_object(members, value);
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

/*
 * Sorts by key, and the latest occurrence first.  Sorting finds duplicates in n log n; a comparison
 * of all pairs would let a large file stall the command.
 */
static int by_key(const void *left, const void *right)
{
    const struct written *a = left;
    const struct written *b = right;
    size_t shorter = a->key.len < b->key.len ? a->key.len : b->key.len;
    int order = shorter > 0 ? memcmp(a->key.ptr, b->key.ptr, shorter) : 0;
    if (order != 0) {
        return order;
    }
    if (a->key.len != b->key.len) {
        return a->key.len < b->key.len ? -1 : 1;
    }
    return a->order > b->order ? -1 : 1;
}

/* Builds the object in a scratch document, because its members overlap their new place. */
static void rebuild(struct moor_yaml_state *state, const struct members *members)
{
    struct moor_yaml_document *merged = &state->merged;
    const char *base = state->document.json.ptr;
    moor_yaml_document_clear(merged);
    moor_buf_append_byte(&merged->json, '{');
    for (size_t i = 0; i < members->count; i++) {
        const struct written *member = &members->items[i];
        if (i > 0 && moor_slice_equal(members->items[i - 1].key, member->key)) {
            continue;
        }
        moor_buf_append_text(&merged->json, merged->json.len > 1 ? ",\"" : "\"");
        moor_buf_append(&merged->json, member->key);
        moor_buf_append_text(&merged->json, "\":");
        size_t start = (size_t)(member->value.ptr - base);
        moor_yaml_document_append(merged, &state->document, start, start + member->value.len);
    }
    moor_buf_append_byte(&merged->json, '}');
}

int moor_yaml_merge(struct moor_yaml_state *state, size_t start, yaml_mark_t mark,
                    struct moor_error *err)
{
    struct moor_yaml_document *document = &state->document;
    struct members members = {0};
    struct moor_slice object =
        moor_slice_sub(moor_buf_slice(&document->json), start, document->json.len);
    if (moor_yaml_spend(state, object.len, mark, err) != 0) {
        return -1;
    }
    if (document->json.failed || collect(&members, object) != 0) {
        free(members.items);
        return moor_yaml_fail(state, mark, err, MOOR_ERROR_SYNTAX,
                              "a merge key ('<<') needs a mapping, or a list of mappings");
    }
    if (members.count > 0) {
        qsort(members.items, members.count, sizeof *members.items, by_key);
    }
    rebuild(state, &members);
    free(members.items);
    /* Truncation drops the position of the object itself, so it is saved. */
    struct moor_position position = moor_positions_find(&document->positions, start);
    moor_yaml_document_truncate(document, start);
    moor_positions_add(&document->positions, start, position);
    moor_yaml_document_append(document, &state->merged, 0, state->merged.json.len);
    return 0;
}

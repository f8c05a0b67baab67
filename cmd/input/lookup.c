/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/lookup.h"

#include "policy/base/buf.h"
#include "policy/json/reader.h"

#define LONGEST_PATH 1024

/* A step of an expression. */
struct step {
    bool is_item;          /* `[*]` */
    bool is_any;           /* `*`: each member */
    struct moor_slice key; /* name of the member otherwise */
};

/* The values after one step, from which the next step continues. */
struct list {
    struct moor_looked_up *items;
    size_t count;
    size_t room;
    struct moor_arena *arena;
    struct moor_error *err;
};

/* Takes the next step from the expression.  The table of formats has only valid expressions. */
static struct step take_step(const char **at)
{
    const char *start = *at;
    if (strncmp(start, "[*]", 3) == 0) {
        *at += 3;
        return (struct step){.is_item = true};
    }
    start += *start == '.';
    size_t len = strcspn(start, ".[");
    *at = start + len;
    return (struct step){.is_any = len == 1 && *start == '*', .key = {start, len}};
}

static int add(struct list *list, const struct moor_looked_up *from, const struct step *step,
               struct moor_slice key, size_t index, struct moor_slice json)
{
    if (list->count == MOOR_LOOKUP_MAX) {
        return moor_error_set(list->err, MOOR_ERROR_LIMIT,
                              "more than %d lists or mappings may "
                              "contain images",
                              MOOR_LOOKUP_MAX);
    }
    struct moor_looked_up *items = moor_arena_grow(list->arena, list->items, list->count,
                                                   &list->room, list->count + 1, sizeof *items);
    if (items == NULL) {
        return moor_error_set(list->err, MOOR_ERROR_MEMORY, "no memory for a document");
    }
    list->items = items;
    struct moor_buf path;
    moor_buf_init(&path, LONGEST_PATH);
    moor_buf_append(&path, from->path);
    if (step->is_item) {
        moor_buf_printf(&path, "[%zu]", index);
    } else {
        moor_buf_append_text(&path, path.len > 0 ? "." : "");
        moor_buf_append(&path, key);
    }
    struct moor_looked_up *item = &items[list->count++];
    *item = (struct moor_looked_up){.json = json, .parent = from->json};
    int status = moor_arena_copy(list->arena, &item->path, moor_buf_slice(&path), list->err);
    moor_buf_release(&path);
    return status;
}

static int add_items(struct list *list, const struct moor_looked_up *from, const struct step *step,
                     struct moor_json_reader *reader)
{
    struct moor_slice json;
    for (size_t index = 0; moor_json_skip(reader, &json) == 0; index++) {
        if (add(list, from, step, (struct moor_slice){0}, index, json) != 0) {
            return -1;
        }
    }
    return 0;
}

static int add_members(struct list *list, const struct moor_looked_up *from,
                       const struct step *step, struct moor_json_reader *reader)
{
    struct moor_json_token token;
    struct moor_slice json;
    struct moor_slice key;
    while (moor_json_next(reader, &token) == MOOR_JSON_KEY) {
        bool is_meant = step->is_any || moor_json_token_is(&token, step->key);
        if (moor_json_skip(reader, &json) != 0) {
            return 0;
        }
        if (is_meant && (moor_json_token_text(&token, list->arena, &key, list->err) != 0 ||
                         add(list, from, step, key, 0, json) != 0)) {
            return -1;
        }
    }
    return 0;
}

/* The text was read before, so that a failure of the reader is only the end of a list. */
static int take(struct list *list, const struct moor_looked_up *from, const struct step *step)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, from->json);
    enum moor_json_event event = moor_json_next(&reader, &token);
    if (step->is_item) {
        return event == MOOR_JSON_ARRAY_BEGIN ? add_items(list, from, step, &reader) : 0;
    }
    return event == MOOR_JSON_OBJECT_BEGIN ? add_members(list, from, step, &reader) : 0;
}

/* Replaces the values of the list by those that the step leads to. */
static int take_all(struct list *list, struct step step)
{
    struct list next = {.arena = list->arena, .err = list->err};
    for (size_t i = 0; i < list->count; i++) {
        if (take(&next, &list->items[i], &step) != 0) {
            return -1;
        }
    }
    *list = next;
    return 0;
}

int moor_lookup_find(struct moor_lookup *out, struct moor_slice json, const char *expression,
                     struct moor_arena *arena, struct moor_error *err)
{
    struct moor_looked_up *root = moor_arena_alloc(arena, sizeof *root);
    if (root == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a document");
    }
    root->json = json;
    struct list list = {.items = root, .count = 1, .arena = arena, .err = err};
    const char *at = expression;
    while (*at != '\0') {
        if (take_all(&list, take_step(&at)) != 0) {
            return -1;
        }
    }
    *out = (struct moor_lookup){list.items, list.count};
    return 0;
}

int moor_lookup_text(struct moor_slice *out, struct moor_slice json, const char *expression,
                     struct moor_arena *arena, struct moor_error *err)
{
    struct moor_lookup found = {0};
    struct moor_json_reader reader;
    struct moor_json_token token;
    *out = (struct moor_slice){0};
    if (moor_lookup_find(&found, json, expression, arena, err) != 0) {
        return -1;
    }
    if (found.count == 0) {
        return 0;
    }
    moor_json_reader_init(&reader, found.items[0].json);
    return moor_json_next(&reader, &token) == MOOR_JSON_STRING
               ? moor_json_token_text(&token, arena, out, err)
               : 0;
}

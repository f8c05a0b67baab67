/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/plain.h"

#include "policy/file/build_globs.h"
#include "policy/json/writer.h"

/* The types of the members that MOOR_KEY_PLAIN_... accept are the types of the pointers here. */
static int build_value(void *out, const struct moor_key *key, const struct moor_key_value *value,
                       struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                       struct moor_error *err)
{
    switch (key->type) {
    case MOOR_KEY_TEXT:
        return value->at != NULL ? moor_arena_copy(arena, out, value->at->text, err) : 0;
    case MOOR_KEY_FLAG:
        *(bool *)out = value->number != 0;
        return 0;
    case MOOR_KEY_NUMBER:
        *(unsigned *)out = value->number;
        return 0;
    default:
        return moor_build_globs(out, NULL, value, arena, diagnostics, err);
    }
}

int moor_plain_build(void *out, const struct moor_key_table *table, const void *record,
                     struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                     struct moor_error *err)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct moor_key *key = &table->keys[i];
        const void *value = (const unsigned char *)record + key->offset;
        void *member = (unsigned char *)out + key->plain;
        if (key->is_plain && build_value(member, key, value, arena, diagnostics, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A JSON string is also a double-quoted scalar of YAML, so that one writer serves both. */
void moor_plain_show_text(struct moor_buf *out, struct moor_slice text)
{
    struct moor_json_writer json;
    moor_json_writer_init(&json, out);
    moor_json_string(&json, text);
}

void moor_plain_show_globs(struct moor_buf *out, const struct moor_glob_list *globs)
{
    for (size_t i = 0; i < globs->count; i++) {
        moor_buf_append_text(out, i == 0 ? "[" : ", ");
        moor_plain_show_text(out, globs->items[i].text);
    }
    moor_buf_append_byte(out, ']');
}

/* Returns whether the value differs from that of an absent key. */
static bool is_given(const struct moor_key *key, const void *value)
{
    switch (key->type) {
    case MOOR_KEY_TEXT:
        return ((const struct moor_slice *)value)->len > 0;
    case MOOR_KEY_FLAG:
        return *(const bool *)value;
    case MOOR_KEY_NUMBER:
        return *(const unsigned *)value != 0;
    default:
        return ((const struct moor_glob_list *)value)->count > 0;
    }
}

static void show_value(struct moor_buf *out, const struct moor_key *key, const void *value)
{
    switch (key->type) {
    case MOOR_KEY_TEXT:
        moor_plain_show_text(out, *(const struct moor_slice *)value);
        break;
    case MOOR_KEY_FLAG:
        moor_buf_append_text(out, "true");
        break;
    case MOOR_KEY_NUMBER:
        moor_buf_printf(out, "%u", *(const unsigned *)value);
        break;
    default:
        moor_plain_show_globs(out, value);
        break;
    }
}

void moor_plain_show(struct moor_buf *out, const struct moor_key_table *table, const void *part,
                     const char *first, const char *indent)
{
    const char *prefix = first;
    for (size_t i = 0; i < table->count; i++) {
        const struct moor_key *key = &table->keys[i];
        const void *value = (const unsigned char *)part + key->plain;
        if (key->is_plain && is_given(key, value)) {
            moor_buf_printf(out, "%s%s: ", prefix, key->name);
            show_value(out, key, value);
            moor_buf_append_byte(out, '\n');
            prefix = indent;
        }
    }
}

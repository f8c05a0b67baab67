/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/resources.h"

#include "policy/json/reader.h"

#define COLUMNS_MAX 5

/* Splits a line into words.  Returns 0 for a line with too many words, such as a warning. */
static size_t split(struct moor_slice *words, struct moor_slice line)
{
    size_t count = 0;
    for (size_t at = 0; at < line.len;) {
        size_t end = at;
        while (end < line.len && line.ptr[end] != ' ') {
            end++;
        }
        if (end > at && count == COLUMNS_MAX) {
            return 0;
        }
        if (end > at) {
            words[count++] = moor_slice_sub(line, at, end);
        }
        at = end + 1;
    }
    return count;
}

/*
 * Parses NAME [SHORTNAMES] APIVERSION NAMESPACED KIND.  The columns are read from the right,
 * because the short names can be missing.
 */
static bool read_line(struct moor_resource *out, struct moor_slice line)
{
    struct moor_slice words[COLUMNS_MAX];
    size_t count = split(words, line);
    if (count < 4) {
        return false;
    }
    struct moor_slice version = words[count - 3];
    const char *slash = memchr(version.ptr, '/', version.len);
    size_t group = slash != NULL ? (size_t)(slash - version.ptr) : 0;
    *out = (struct moor_resource){
        .name = words[0],
        .group = moor_slice_sub(version, 0, group),
        .version = moor_slice_sub(version, slash != NULL ? group + 1 : 0, version.len),
        .kind = words[count - 1],
        .is_namespaced = moor_slice_is(words[count - 2], "true"),
    };
    return out->is_namespaced || moor_slice_is(words[count - 2], "false");
}

/* Lines that are no resource, such as a warning of kubectl, are skipped. */
bool moor_resource_next(struct moor_resource *out, struct moor_slice *text)
{
    while (text->len > 0) {
        const char *end = memchr(text->ptr, '\n', text->len);
        size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len;
        struct moor_slice line = moor_slice_sub(*text, 0, len);
        *text = moor_slice_sub(*text, len + 1, text->len);
        if (read_line(out, line)) {
            return true;
        }
    }
    return false;
}

/* Percent-encodes a part of a URL; a token or a name must not change the path or the query. */
static void append_part(struct moor_buf *out, struct moor_slice text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~";
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(plain, text.ptr[i], sizeof plain - 1) != NULL) {
            moor_buf_append_byte(out, text.ptr[i]);
        } else {
            moor_buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.ptr[i]);
        }
    }
}

void moor_resource_append_path(struct moor_buf *out, const struct moor_resource *resource,
                               const struct moor_resource_page *page)
{
    moor_buf_append_text(out, resource->group.len > 0 ? "/apis/" : "/api");
    append_part(out, resource->group);
    moor_buf_append_byte(out, '/');
    append_part(out, resource->version);
    if (resource->is_namespaced && page->namespace.len > 0) {
        moor_buf_append_text(out, "/namespaces/");
        append_part(out, page->namespace);
    }
    moor_buf_append_byte(out, '/');
    append_part(out, resource->name);
    moor_buf_printf(out, "?limit=%u", page->limit);
    if (page->token.len > 0) {
        moor_buf_append_text(out, "&continue=");
        append_part(out, page->token);
    }
}

/* Moves the reader to the value of the member `key`.  Returns false if the object has none. */
static bool find_member(struct moor_json_reader *reader, struct moor_slice key)
{
    struct moor_json_token token;
    if (moor_json_next(reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return false;
    }
    while (moor_json_next(reader, &token) == MOOR_JSON_KEY) {
        if (moor_json_token_is(&token, key)) {
            return true;
        }
        if (moor_json_skip(reader, NULL) != 0) {
            return false;
        }
    }
    return false;
}

/* Without a token this was the last page. */
int moor_resource_token(struct moor_slice *out, struct moor_slice list, struct moor_arena *arena,
                        struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    *out = (struct moor_slice){0};
    moor_json_reader_init(&reader, list);
    if (find_member(&reader, MOOR_SLICE("metadata")) &&
        find_member(&reader, MOOR_SLICE("continue")) &&
        moor_json_next(&reader, &token) == MOOR_JSON_STRING) {
        return moor_json_token_text(&token, arena, out, err);
    }
    return reader.error.code == MOOR_ERROR_NONE
               ? 0
               : moor_error_set(err, reader.error.code, "%s", reader.error.text);
}

/* Checked before the name is used in a URL, and before kubectl is asked. */
bool moor_resource_is_namespace(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') && byte != '-') {
            return false;
        }
    }
    return text.len > 0 && text.len <= 63;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/embedded.h"

#include "cmd/input/template.h"
#include "policy/base/utf8.h"
#include "policy/json/reader.h"

#include <stdlib.h>

/* Steps through a quoted string, as a multiple of its length: aliases can go back in it. */
#define STEP_FACTOR 64

int moor_embedded_init(struct moor_embedded *out, struct moor_error *err)
{
    *out = (struct moor_embedded){0};
    moor_buf_init(&out->text, MOOR_SOURCE_MAX_BYTES);
    moor_buf_init(&out->filled, MOOR_SOURCE_MAX_BYTES);
    return moor_yaml_json_init(&out->yaml, err);
}

void moor_embedded_release(struct moor_embedded *embedded)
{
    moor_yaml_json_release(&embedded->yaml);
    moor_positions_release(&embedded->positions);
    moor_buf_release(&embedded->text);
    moor_buf_release(&embedded->filled);
}

/* --- the style of the string ------------------------------------------------------------------ */

/* Returns the bytes of `line` from this column on. */
static struct moor_slice from_column(struct moor_slice line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < column && at < line.len; i++) {
        do {
            at++;
        } while (at < line.len && moor_utf8_continues(line.ptr[at]));
    }
    return moor_slice_sub(line, at, line.len);
}

/* Returns the bytes of the first `count` characters. */
static struct moor_slice first_characters(struct moor_slice text, uint32_t count)
{
    struct moor_slice rest = from_column(text, count + 1);
    return moor_slice_sub(text, 0, text.len - rest.len);
}

/* A header is `|`, with an indent and a chomping; an anchor or a tag may precede it. */
static bool is_literal(struct moor_slice header)
{
    const char *bar = header.len > 0 ? memrchr(header.ptr, '|', header.len) : NULL;
    bool has_property = header.len > 0 && (header.ptr[0] == '&' || header.ptr[0] == '!');
    return bar != NULL && (bar == header.ptr || (has_property && bar[-1] == ' '));
}

/* The indent is the difference between a line of the file and the same line of the string. */
static bool find_indent(struct moor_embedded_map *map, struct moor_source *source,
                        struct moor_slice text)
{
    uint32_t number = map->start.line + 1;
    while (text.len > 0 && text.ptr[0] == '\n') {
        text = moor_slice_sub(text, 1, text.len);
        number++;
    }
    const char *end = text.len > 0 ? memchr(text.ptr, '\n', text.len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;
    struct moor_slice line = moor_source_line(source, number);
    map->indent = line.len > len ? (uint32_t)(line.len - len) : 0;
    return line.len > len && moor_slice_ends_with(line, moor_slice_sub(text, 0, len));
}

/* Takes the raw text of a quoted string, which has `width` characters with its quotes. */
static void take_quoted(struct moor_embedded_map *map, enum moor_embedded_style style,
                        struct moor_slice raw)
{
    if (raw.len < 2 || raw.len > MOOR_EMBEDDED_MAX_LINE) {
        return;
    }
    map->style = style;
    map->raw = moor_slice_sub(raw, 1, raw.len - 1);
    map->steps = raw.len * STEP_FACTOR;
    map->line = 1;
    map->column = 1;
    map->passed = 1;
}

static void map_init(struct moor_embedded_map *out, const struct moor_document *document,
                     struct moor_slice json, struct moor_slice text)
{
    size_t offset = (size_t)(json.ptr - document->text.ptr);
    *out = (struct moor_embedded_map){.style = MOOR_EMBEDDED_ANYHOW,
                                      .start = moor_document_position(document, offset)};
    if (document->positions == NULL) {
        take_quoted(out, MOOR_EMBEDDED_DOUBLE, json);
        return;
    }
    struct moor_slice line =
        from_column(moor_source_line(document->source, out->start.line), out->start.column);
    struct moor_slice raw = first_characters(line, out->start.width);
    if (is_literal(line)) {
        out->style =
            find_indent(out, document->source, text) ? MOOR_EMBEDDED_BLOCK : MOOR_EMBEDDED_ANYHOW;
    } else if (raw.len > 1 && raw.ptr[0] == '"') {
        take_quoted(out, MOOR_EMBEDDED_DOUBLE, raw);
    } else if (raw.len > 1 && raw.ptr[0] == '\'') {
        take_quoted(out, MOOR_EMBEDDED_SINGLE, raw);
    } else if (moor_slice_equal(raw, text)) {
        out->style = MOOR_EMBEDDED_PLAIN;
    }
}

/* --- positions -------------------------------------------------------------------------------- */

/* Returns the length in bytes of the escape or character at `at`. */
static size_t unit_length(const struct moor_embedded_map *map, size_t at)
{
    struct moor_slice rest = moor_slice_sub(map->raw, at, map->raw.len);
    size_t len = 1;
    if (map->style == MOOR_EMBEDDED_SINGLE) {
        len = moor_slice_starts_with(rest, MOOR_SLICE("''")) ? 2 : 1;
    } else if (rest.ptr[0] == '\\' && rest.len > 1) {
        len = rest.ptr[1] == 'x' ? 4 : rest.ptr[1] == 'u' ? 6 : rest.ptr[1] == 'U' ? 10 : 2;
    }
    while (len < rest.len && moor_utf8_continues(rest.ptr[len])) {
        len++;
    }
    return len < rest.len ? len : rest.len;
}

/* Passes one character of the string. */
static void pass_unit(struct moor_embedded_map *map)
{
    size_t len = unit_length(map, map->at);
    struct moor_slice unit = moor_slice_sub(map->raw, map->at, map->at + len);
    bool is_end = map->style == MOOR_EMBEDDED_DOUBLE && moor_slice_is(unit, "\\n");
    map->passed += moor_source_characters(unit);
    map->at += len;
    map->column = is_end ? 1 : map->column + 1;
    map->line += is_end;
}

static bool is_before(const struct moor_embedded_map *map, uint32_t line, uint32_t column)
{
    return map->line < line || (map->line == line && map->column < column);
}

/* Returns how many characters of the file precede this position of the quoted string. */
static uint32_t passed_before(struct moor_embedded_map *map, uint32_t line, uint32_t column)
{
    if (!is_before(map, line, column) && !(map->line == line && map->column == column)) {
        map->at = 0;
        map->line = 1;
        map->column = 1;
        map->passed = 1;
    }
    while (map->at < map->raw.len && map->steps > 0 && is_before(map, line, column)) {
        pass_unit(map);
        map->steps--;
    }
    return map->steps > 0 ? map->passed : 0;
}

/* Returns the position in the file of `inner`, a position in the string. */
static struct moor_position in_file(struct moor_embedded_map *map, struct moor_position inner)
{
    struct moor_position out = map->start;
    out.is_elsewhere = inner.is_elsewhere;
    if (map->style == MOOR_EMBEDDED_ANYHOW || inner.line == 0) {
        return out;
    }
    if (map->style == MOOR_EMBEDDED_BLOCK) {
        out.line += inner.line;
        out.column = inner.column + map->indent;
        out.width = inner.width;
        return out;
    }
    if (map->style == MOOR_EMBEDDED_PLAIN) {
        out.column += inner.column - 1;
        out.width = inner.width;
        return out;
    }
    uint32_t before = passed_before(map, inner.line, inner.column);
    uint32_t behind = before > 0 ? passed_before(map, inner.line, inner.column + inner.width) : 0;
    if (behind > before) {
        out.column += before;
        out.width = behind - before;
    }
    return out;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The message keeps what is wrong; its position is moved into the file. */
static int fail(struct moor_embedded_map *map, const struct moor_error *why, struct moor_error *err)
{
    struct moor_position inner = {.line = why->line, .column = why->column, .width = 1};
    struct moor_position position = in_file(map, inner);
    *err = (struct moor_error){.line = position.line, .column = position.column};
    return moor_error_set(err, why->code, "in this string: %s", why->text);
}

static int decode(struct moor_embedded *embedded, struct moor_slice json, struct moor_error *err)
{
    struct moor_arena arena;
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice text = {0};
    moor_arena_init(&arena, json.len * 4 + 4096);
    moor_json_reader_init(&reader, json);
    int status = moor_json_next(&reader, &token) == MOOR_JSON_STRING
                     ? moor_json_token_text(&token, &arena, &text, err)
                     : moor_error_set(err, MOOR_ERROR_VALUE, "not a string");
    moor_buf_clear(&embedded->text);
    if (status == 0) {
        moor_buf_append(&embedded->text, text);
        status = moor_buf_check(&embedded->text, err);
    }
    moor_arena_release(&arena);
    return status;
}

/* Opens the string, without its templates if it has some. */
static int open_text(struct moor_embedded *embedded, struct moor_error *err)
{
    struct moor_slice text = moor_buf_slice(&embedded->text);
    moor_buf_clear(&embedded->filled);
    if (moor_template_fill(&embedded->filled, text)) {
        text = moor_buf_slice(&embedded->filled);
    }
    moor_yaml_json_open(&embedded->yaml, text, 0);
    return moor_buf_check(&embedded->filled, err);
}

int moor_embedded_next(struct moor_document *out, struct moor_embedded *embedded,
                       struct moor_error *err)
{
    struct moor_error why = {0};
    int status = moor_yaml_json_next(&embedded->yaml, &why);
    if (status <= 0) {
        return status < 0 ? fail(&embedded->map, &why, err) : 0;
    }
    const struct moor_positions *inner = &embedded->yaml.document->positions;
    moor_positions_clear(&embedded->positions);
    for (size_t i = 0; i < inner->count; i++) {
        moor_positions_add(&embedded->positions, inner->items[i].offset,
                           in_file(&embedded->map, inner->items[i].position));
    }
    *out = *embedded->document;
    out->text = moor_buf_slice(&embedded->yaml.document->json);
    out->positions = &embedded->positions;
    return embedded->positions.failed
               ? moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a document")
               : 1;
}

int moor_embedded_read(struct moor_document *out, struct moor_embedded *embedded,
                       const struct moor_document *document, struct moor_slice json,
                       struct moor_error *err)
{
    if (decode(embedded, json, err) != 0 || open_text(embedded, err) != 0) {
        return -1;
    }
    embedded->document = document;
    map_init(&embedded->map, document, json, moor_buf_slice(&embedded->text));
    return moor_embedded_next(out, embedded, err);
}

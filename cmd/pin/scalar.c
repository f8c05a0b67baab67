/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pin/scalar.h"

static bool contains(struct moor_slice text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static size_t offset_of(const struct moor_document *document, const char *at)
{
    return (size_t)(at - document->source->bytes.ptr);
}

/* A word of a Dockerfile ends at a blank, or at what ends a value of `--mount`. */
static const char *find_word(struct moor_pin_scalar *out, const struct moor_document *document,
                             size_t offset)
{
    struct moor_slice text = moor_slice_sub(document->text, offset, document->text.len);
    size_t len = 0;
    while (len < text.len && (unsigned char)text.ptr[len] > ' ' &&
           strchr(",\"'", text.ptr[len]) == NULL) {
        len++;
    }
    out->text = moor_slice_sub(text, 0, len);
    out->at = offset_of(document, text.ptr);
    return NULL;
}

static const char *find_json(struct moor_pin_scalar *out, const struct moor_document *document,
                             size_t offset)
{
    struct moor_slice rest = moor_slice_sub(document->text, offset, document->text.len);
    if (rest.len < 2 || rest.ptr[0] != '"') {
        return "it is not a string";
    }
    /*
     * A quote after a backslash also ends the search.  The text before it then contains the
     * backslash, so that the value is left and never cut in the middle.
     */
    const char *end = memchr(rest.ptr + 1, '"', rest.len - 1);
    out->text = moor_slice_sub(rest, 1, end != NULL ? (size_t)(end - rest.ptr) : rest.len);
    out->at = document->start + offset + 1;
    return contains(out->text, "\\") ? "it has escapes" : NULL;
}

static const char *find_quoted(struct moor_pin_scalar *out, const struct moor_document *document,
                               struct moor_slice raw)
{
    char quote = raw.ptr[0];
    if (raw.len < 2 || raw.ptr[raw.len - 1] != quote) {
        return "it is written over several lines";
    }
    out->text = moor_slice_sub(raw, 1, raw.len - 1);
    out->at = offset_of(document, raw.ptr) + 1;
    /*
     * Offsets in a text with escapes differ from those of its value.  A double-quoted text escapes
     * with a backslash, a single-quoted one by a doubled quote.
     */
    return contains(out->text, quote == '"' ? "\\" : "''") ? "it has escapes" : NULL;
}

static const char *find_yaml(struct moor_pin_scalar *out, const struct moor_document *document,
                             size_t offset)
{
    struct moor_slice raw = moor_document_scalar(document, offset);
    if (raw.len == 0) {
        return "its line is too long to be searched";
    }
    if (raw.ptr[0] == '"' || raw.ptr[0] == '\'') {
        return find_quoted(out, document, raw);
    }
    /*
     * The text of a block scalar begins on a later line than its position, and its end depends on
     * the indentation and the chomping indicator.
     */
    if (raw.ptr[0] == '|' || raw.ptr[0] == '>') {
        return "it is a block scalar";
    }
    out->text = raw;
    out->at = offset_of(document, raw.ptr);
    out->is_plain = true;
    return NULL;
}

const char *moor_pin_scalar_find(struct moor_pin_scalar *out, const struct moor_document *document,
                                 size_t offset)
{
    *out = (struct moor_pin_scalar){0};
    return document->is_whole            ? find_word(out, document, offset)
           : document->positions != NULL ? find_yaml(out, document, offset)
                                         : find_json(out, document, offset);
}

bool moor_pin_scalar_is_literal(const struct moor_document *document, size_t offset)
{
    /*
     * Only a literal block (`|`) keeps its lines as they are, so that an offset in the string has
     * one place in the file.  A folded block (`>`) joins lines, and JSON has escapes.
     */
    struct moor_slice raw = document->positions != NULL ? moor_document_scalar(document, offset)
                                                        : (struct moor_slice){0};
    return raw.len > 0 && raw.ptr[0] == '|';
}

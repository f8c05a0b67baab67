/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/documents.h"

#include "cmd/input/template.h"
#include "policy/base/utf8.h"
#include "policy/json/reader.h"

#define BYTE_ORDER_MARK MOOR_SLICE("\xEF\xBB\xBF")

int moor_documents_init(struct moor_documents *out, struct moor_error *err)
{
    *out = (struct moor_documents){.phase = MOOR_DOCUMENTS_ENDED};
    return moor_yaml_json_init(&out->yaml, err);
}

void moor_documents_release(struct moor_documents *documents)
{
    moor_yaml_json_release(&documents->yaml);
}

static struct moor_slice text_of(const struct moor_documents *documents)
{
    return moor_buf_slice(&documents->source->bytes);
}

static size_t skip_blanks(struct moor_slice text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]) != NULL && text.ptr[at] != '\0') {
        at++;
    }
    return at;
}

/* YAML may follow JSON in one file, so the reader needs the number of lines before it. */
static void begin_yaml(struct moor_documents *documents, size_t at)
{
    struct moor_slice text = text_of(documents);
    uint32_t lines = moor_source_position(documents->source, at, 0).line - 1;
    documents->phase = MOOR_DOCUMENTS_YAML;
    moor_yaml_json_open(&documents->yaml, moor_slice_sub(text, at, text.len), lines);
}

void moor_documents_open(struct moor_documents *documents, struct moor_source *source,
                         struct moor_slice path, bool is_whole)
{
    documents->source = source;
    documents->path = path;
    documents->index = 0;
    struct moor_slice text = text_of(documents);
    size_t at = skip_blanks(text, moor_slice_starts_with(text, BYTE_ORDER_MARK) ? 3 : 0);
    documents->at = at;
    if (is_whole) {
        documents->phase = MOOR_DOCUMENTS_WHOLE;
    } else if (at < text.len && (text.ptr[at] == '{' || text.ptr[at] == '[')) {
        documents->phase = MOOR_DOCUMENTS_JSON;
    } else {
        begin_yaml(documents, 0);
    }
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* Returns the end of the JSON value that begins at `at`, or 0 if no JSON object begins there. */
static size_t json_end(struct moor_slice text, size_t at, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, moor_slice_sub(text, at, text.len));
    enum moor_json_event event = moor_json_next(&reader, &token);
    bool is_open = event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN;
    if (!is_open || moor_json_skip_rest(&reader) != 0) {
        *err = reader.error;
        if (err->code == MOOR_ERROR_NONE) {
            (void)moor_error_set(err, MOOR_ERROR_SYNTAX, "no JSON object begins here");
        }
        return 0;
    }
    return at + (size_t)(reader.at - reader.start);
}

/*
 * The reader's error gives an offset in its text, while users need a line and a column: the prefix
 * before the colon is dropped for that.  A broken JSON text has no reliable end, so the file ends.
 */
static int fail_json(struct moor_documents *documents, const struct moor_error *why,
                     struct moor_error *err)
{
    const char *text = strstr(why->text, ": ");
    struct moor_position position =
        moor_source_position(documents->source, documents->at + why->offset, 1);
    documents->phase = MOOR_DOCUMENTS_ENDED;
    *err = (struct moor_error){.line = position.line, .column = position.column};
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "not JSON: %s",
                          text != NULL ? text + 2 : why->text);
}

/* Returns whether a line `---` begins at `at`, which means that YAML follows a JSON text. */
static bool is_separator(struct moor_slice text, size_t at)
{
    struct moor_slice rest = moor_slice_sub(text, at, text.len);
    return at > 0 && text.ptr[at - 1] == '\n' && moor_slice_starts_with(rest, MOOR_SLICE("---"));
}

/*
 * Reads the next of several JSON texts.  YAML flow mappings and templates begin with a brace too,
 * so the file is read as YAML if its first text is not JSON.  A line `---` also switches to YAML.
 */
static int next_json(struct moor_document *out, struct moor_documents *documents,
                     struct moor_error *err)
{
    struct moor_slice text = text_of(documents);
    struct moor_error why = {0};
    size_t at = documents->at;
    if (at >= text.len) {
        documents->phase = MOOR_DOCUMENTS_ENDED;
        return 0;
    }
    size_t end = json_end(text, at, &why);
    if (end > 0) {
        out->text = moor_slice_sub(text, at, end);
        out->start = at;
        out->index = ++documents->index;
        documents->at = skip_blanks(text, end);
        return 1;
    }
    if (documents->index == 0 && !moor_slice_ends_with(documents->path, MOOR_SLICE(".json"))) {
        begin_yaml(documents, 0);
        return 0;
    }
    if (is_separator(text, at)) {
        begin_yaml(documents, at);
        return 0;
    }
    return fail_json(documents, &why, err);
}

/* --- YAML and whole files --------------------------------------------------------------------- */

static int next_yaml(struct moor_document *out, struct moor_documents *documents,
                     struct moor_error *err)
{
    int status = moor_yaml_json_next(&documents->yaml, err);
    out->index = ++documents->index;
    out->text = moor_buf_slice(&documents->yaml.document->json);
    out->positions = &documents->yaml.document->positions;
    out->spans = &documents->yaml.document->spans;
    /* After a template, further errors would only repeat that the file must be rendered. */
    if (status == 0 || (status < 0 && moor_template_explain(err, text_of(documents)))) {
        documents->phase = MOOR_DOCUMENTS_ENDED;
    }
    return status;
}

/* A Dockerfile has a parser of its own, which takes the file as a whole. */
static int take_whole(struct moor_document *out, struct moor_documents *documents)
{
    documents->phase = MOOR_DOCUMENTS_ENDED;
    out->text = text_of(documents);
    out->index = 1;
    out->is_whole = true;
    return 1;
}

int moor_documents_next(struct moor_document *out, struct moor_documents *documents,
                        struct moor_error *err)
{
    *out = (struct moor_document){.path = documents->path, .source = documents->source};
    if (documents->phase == MOOR_DOCUMENTS_WHOLE) {
        return take_whole(out, documents);
    }
    if (documents->phase == MOOR_DOCUMENTS_JSON) {
        int status = next_json(out, documents, err);
        if (status != 0) {
            return status;
        }
    }
    return documents->phase == MOOR_DOCUMENTS_YAML ? next_yaml(out, documents, err) : 0;
}

/* --- positions -------------------------------------------------------------------------------- */

/* Returns the length of the string at `at` with its quotes, or 1 for any other value. */
static size_t string_length(struct moor_slice text, size_t at)
{
    if (at >= text.len || text.ptr[at] != '"') {
        return 1;
    }
    size_t end = at + 1;
    while (end < text.len && text.ptr[end] != '"') {
        end += text.ptr[end] == '\\' ? 2 : 1;
    }
    return end + 1 < text.len ? end + 1 - at : text.len - at;
}

/* Returns the length of an image in a Dockerfile: to a blank, a comma of `--mount` or a quote. */
static size_t word_length(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (end < text.len && (unsigned char)text.ptr[end] > ' ' &&
           (end == at || strchr(",\"'", text.ptr[end]) == NULL)) {
        end++;
    }
    return end - at;
}

/*
 * YAML values have a recorded position because their JSON text is not in the file.  The position of
 * JSON is computed only when a finding asks for it, which is rare.
 */
struct moor_position moor_document_position(const struct moor_document *document, size_t offset)
{
    if (document->positions != NULL) {
        return moor_positions_find(document->positions, offset);
    }
    size_t len = document->is_whole ? word_length(document->text, offset)
                                    : string_length(document->text, offset);
    return moor_source_position(document->source, document->start + offset, len);
}

/* Returns the bytes of `count` characters after the first `skipped` ones. */
static struct moor_slice characters(struct moor_slice text, uint32_t skipped, uint32_t count)
{
    size_t start = 0;
    size_t at = 0;
    for (uint32_t passed = 0; passed < skipped + count && at < text.len; passed++) {
        start = passed == skipped ? at : start;
        at++;
        while (at < text.len && moor_utf8_continues(text.ptr[at])) {
            at++;
        }
    }
    return moor_slice_sub(text, start, at);
}

struct moor_slice moor_document_scalar(const struct moor_document *document, size_t offset)
{
    if (document->positions != NULL) {
        struct moor_position position = moor_positions_find(document->positions, offset);
        return characters(moor_source_line(document->source, position.line), position.column - 1,
                          position.width);
    }
    static const struct moor_slice ends = {",}] \t\r\n", 7};
    size_t end = offset;
    while (end < document->text.len &&
           memchr(ends.ptr, document->text.ptr[end], ends.len) == NULL) {
        end++;
    }
    return moor_slice_sub(document->text, offset, end);
}

bool moor_document_is_elsewhere(const struct moor_document *document, size_t offset)
{
    return document->positions != NULL &&
           moor_positions_find(document->positions, offset).is_elsewhere;
}

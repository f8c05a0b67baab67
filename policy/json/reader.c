/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/json/reader.h"

#include "policy/base/simd.h"
#include "policy/base/utf8.h"
#include "policy/json/form.h"
#include "policy/json/grammar.h"

#include <ctype.h>

/* Strings up to this length skip the fast pass; most names and values in Kubernetes are short. */
#define SHORT_STRING 32

/* The texts complete "expected ..." in an error. */
static const char *const expectations[MOOR_JSON_STATES] = {
    [MOOR_JSON_START] = "a value",
    [MOOR_JSON_DONE] = "the end of the text",
    [MOOR_JSON_FIRST_MEMBER] = "a name in quotes or '}'",
    [MOOR_JSON_NAME] = "a name in quotes",
    [MOOR_JSON_COLON] = "':'",
    [MOOR_JSON_MEMBER_VALUE] = "a value",
    [MOOR_JSON_NEXT_MEMBER] = "',' or '}'",
    [MOOR_JSON_FIRST_ITEM] = "a value or ']'",
    [MOOR_JSON_ITEM] = "a value",
    [MOOR_JSON_NEXT_ITEM] = "',' or ']'",
    [MOOR_JSON_FAILED] = "",
};

void moor_json_reader_init(struct moor_json_reader *reader, struct moor_slice text)
{
    /* Clearing the bits of 10,000 levels would cost more than reading a small text. */
    reader->start = text.len > 0 ? text.ptr : "";
    reader->at = reader->start;
    reader->end = reader->start + text.len;
    reader->depth = 0;
    reader->expect = MOOR_JSON_START;
    reader->error.code = MOOR_ERROR_NONE;
    reader->error.line = 0;
    reader->error.column = 0;
    reader->error.offset = 0;
    reader->error.text[0] = '\0';
}

/* --- errors ----------------------------------------------------------------------------------- */

static int fail(struct moor_json_reader *reader, enum moor_error_code code, const char *at,
                const char *what)
{
    size_t offset = (size_t)(at - reader->start);
    (void)moor_error_set(&reader->error, code, "offset %zu: %s", offset, what);
    reader->error.offset = offset;
    reader->at = at;
    /* No event follows an error, so that a caller that overlooks it reads nothing wrong. */
    reader->expect = MOOR_JSON_FAILED;
    return -1;
}

static int fail_syntax(struct moor_json_reader *reader, const char *at, const char *what)
{
    return fail(reader, MOOR_ERROR_SYNTAX, at, what);
}

/* Names the expected text, and distinguishes a wrong byte from the end of the text. */
__attribute__((cold, noinline)) static int fail_expected(struct moor_json_reader *reader,
                                                         const char *at, const char *wanted)
{
    char what[96];
    (void)snprintf(what, sizeof what,
                   at == reader->end ? "the text ends where %s is expected" : "expected %s",
                   wanted);
    return fail_syntax(reader, at, what);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* On failure, the position of the error is the first byte that is not a digit. */
static int pass_hex4(struct moor_json_reader *reader, int32_t *unit, const char *at)
{
    *unit = moor_json_hex4(at, reader->end);
    if (*unit >= 0) {
        return 0;
    }
    while (at < reader->end && isxdigit((unsigned char)*at)) {
        at++;
    }
    return fail_expected(reader, at, "a hexadecimal digit");
}

/* `*at` is the `u` of an escape.  RFC 8259 permits lone surrogates; UTF-8 cannot express them. */
static int pass_unicode_escape(struct moor_json_reader *reader, const char **at)
{
    const char *backslash = *at - 1;
    int32_t unit = 0;
    if (pass_hex4(reader, &unit, *at + 1) != 0) {
        return -1;
    }
    *at += 5;
    if (unit < 0xD800 || unit > 0xDFFF) {
        return 0;
    }
    bool paired = unit < 0xDC00 && reader->end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
    int32_t low = paired ? moor_json_hex4(*at + 2, reader->end) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return fail_syntax(reader, backslash, "half of a surrogate pair");
    }
    *at += 6;
    return 0;
}

/* `*at` is a backslash. */
static int pass_escape(struct moor_json_reader *reader, const char **at)
{
    static const char letters[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};
    (*at)++;
    if (*at < reader->end && **at == 'u') {
        return pass_unicode_escape(reader, at);
    }
    if (*at == reader->end || memchr(letters, **at, sizeof letters) == NULL) {
        return fail_expected(reader, *at, "one of \"\\/bfnrtu after the backslash");
    }
    (*at)++;
    return 0;
}

/* `*at` is a byte that is not ordinary, and is not the closing quote. */
static int pass_special(struct moor_json_reader *reader, const char **at)
{
    if (*at == reader->end) {
        return fail_syntax(reader, *at, "the text ends inside a string");
    }
    if (**at == '\\') {
        return pass_escape(reader, at);
    }
    if ((unsigned char)**at < 0x20) {
        return fail_syntax(reader, *at, "a control character in a string is not escaped");
    }
    size_t length = moor_utf8_length(*at, reader->end);
    *at += length;
    return length == 0 ? fail_syntax(reader, *at, "a string is not UTF-8") : 0;
}

/*
 * Moves `*at` from the first byte after the quote to the closing quote.  This slower way finds the
 * exact position of an error after the fast pass has failed.
 */
static int pass_string_exactly(struct moor_json_reader *reader, const char **at, bool *escaped)
{
    for (;;) {
        *at = moor_simd_ordinary(*at, reader->end);
        if (*at < reader->end && **at == '"') {
            return 0;
        }
        *escaped = *escaped || (*at < reader->end && **at == '\\');
        if (pass_special(reader, at) != 0) {
            return -1;
        }
    }
}

/* `end` is the closing quote. */
static int take_string(struct moor_json_reader *reader, struct moor_json_token *token,
                       const char *end)
{
    const char *start = reader->at + 1;
    token->raw = (struct moor_slice){start, (size_t)(end - start)};
    reader->at = end + 1;
    return 0;
}

/* A separate function, because a short string needs none of its registers. */
__attribute__((noinline)) static int pass_long_string(struct moor_json_reader *reader,
                                                      struct moor_json_token *token)
{
    const char *at = moor_json_pass_string(reader->at + 1, reader->end, &token->escaped);
    if (at == NULL) {
        at = reader->at + 1;
        if (pass_string_exactly(reader, &at, &token->escaped) != 0) {
            return -1;
        }
    }
    return take_string(reader, token, at);
}

static int pass_string(struct moor_json_reader *reader, struct moor_json_token *token)
{
    const char *start = reader->at + 1;
    size_t left = (size_t)(reader->end - start);
    const char *at = moor_simd_ordinary(start, start + (left < SHORT_STRING ? left : SHORT_STRING));
    /* A backslash is not an ordinary byte, so that a string which ends here has no escape. */
    return at < reader->end && *at == '"' ? take_string(reader, token, at)
                                          : pass_long_string(reader, token);
}

/* --- events ----------------------------------------------------------------------------------- */

static enum moor_json_event read_string(struct moor_json_reader *reader,
                                        struct moor_json_token *token, uint8_t next)
{
    if (pass_string(reader, token) != 0) {
        return MOOR_JSON_ERROR;
    }
    reader->expect = next;
    return next == MOOR_JSON_COLON ? MOOR_JSON_KEY : MOOR_JSON_STRING;
}

static enum moor_json_event read_scalar(struct moor_json_reader *reader,
                                        struct moor_json_token *token)
{
    const char *start = reader->at;
    const char *wanted = moor_json_pass_scalar(&reader->at, reader->end);
    if (wanted != NULL) {
        /* If no value begins here, the state knows better which texts are allowed. */
        (void)fail_expected(reader, reader->at,
                            reader->at == start && *start != '-' ? expectations[reader->expect]
                                                                 : wanted);
        return MOOR_JSON_ERROR;
    }
    reader->expect = moor_json_after_value(reader->arrays, reader->depth);
    switch (*start) {
    case 't':
        return MOOR_JSON_TRUE;
    case 'f':
        return MOOR_JSON_FALSE;
    case 'n':
        return MOOR_JSON_NULL;
    default:
        token->raw = (struct moor_slice){start, (size_t)(reader->at - start)};
        return MOOR_JSON_NUMBER;
    }
}

/* Error paths are separate functions, so that no event sets up the room for their text. */
__attribute__((cold, noinline)) static int fail_depth(struct moor_json_reader *reader)
{
    char what[64];
    (void)snprintf(what, sizeof what, "nested deeper than %d levels", MOOR_JSON_MAX_DEPTH);
    return fail(reader, MOOR_ERROR_LIMIT, reader->at, what);
}

static enum moor_json_event open_level(struct moor_json_reader *reader, bool is_array)
{
    if (reader->depth == MOOR_JSON_MAX_DEPTH) {
        (void)fail_depth(reader);
        return MOOR_JSON_ERROR;
    }
    moor_json_set_level(reader->arrays, reader->depth, is_array);
    reader->depth++;
    reader->at++;
    reader->expect = is_array ? MOOR_JSON_FIRST_ITEM : MOOR_JSON_FIRST_MEMBER;
    return is_array ? MOOR_JSON_ARRAY_BEGIN : MOOR_JSON_OBJECT_BEGIN;
}

static enum moor_json_event close_level(struct moor_json_reader *reader)
{
    bool is_array = *reader->at == ']';
    reader->depth--;
    reader->at++;
    reader->expect = moor_json_after_value(reader->arrays, reader->depth);
    return is_array ? MOOR_JSON_ARRAY_END : MOOR_JSON_OBJECT_END;
}

static enum moor_json_event at_end(struct moor_json_reader *reader)
{
    if (reader->expect == MOOR_JSON_DONE) {
        return MOOR_JSON_END;
    }
    (void)fail_expected(reader, reader->at, expectations[reader->expect]);
    return MOOR_JSON_ERROR;
}

/* Skips whitespace and a `,` or `:`.  Returns the state or action for the next byte. */
static inline uint8_t advance(struct moor_json_reader *reader)
{
    const char *at = reader->at; /* a local variable stays in a register */
    uint8_t expect = reader->expect;
    uint8_t next = MOOR_JSON_REFUSE;
    for (; (at = moor_simd_blanks(at, reader->end)) < reader->end; at++) {
        uint8_t class = moor_json_classify(*at);
        next = moor_json_grammar[expect][class];
        if (class < MOOR_JSON_CLASS_COLON || next == MOOR_JSON_REFUSE) {
            break;
        }
        expect = next;
        next = MOOR_JSON_REFUSE;
    }
    reader->at = at;
    reader->expect = expect;
    return next;
}

/* Returns the event that begins at the byte that advance() has found. */
static inline enum moor_json_event take_event(struct moor_json_reader *reader,
                                              struct moor_json_token *token, uint8_t next)
{
    *token = (struct moor_json_token){.offset = (size_t)(reader->at - reader->start)};
    switch (next) {
    case MOOR_JSON_OPEN_OBJECT:
    case MOOR_JSON_OPEN_ARRAY:
        return open_level(reader, next == MOOR_JSON_OPEN_ARRAY);
    case MOOR_JSON_CLOSE:
        return close_level(reader);
    case MOOR_JSON_SCALAR:
        return read_scalar(reader, token);
    case MOOR_JSON_REFUSE:
        break;
    default:
        return read_string(reader, token, next);
    }
    if (reader->at == reader->end) {
        return at_end(reader);
    }
    (void)fail_expected(reader, reader->at, expectations[reader->expect]);
    return MOOR_JSON_ERROR;
}

enum moor_json_event moor_json_next(struct moor_json_reader *reader, struct moor_json_token *token)
{
    if (reader->expect == MOOR_JSON_FAILED) {
        *token = (struct moor_json_token){.offset = reader->error.offset};
        return MOOR_JSON_ERROR;
    }
    return take_event(reader, token, advance(reader));
}

/* --- skipping --------------------------------------------------------------------------------- */

/*
 * Skips to the end of the level `base`, which is open or opens at the next byte.  If the fast pass
 * fails, the events read the same text again to report the exact error.
 */
static int pass_level(struct moor_json_reader *reader, uint32_t base)
{
    if (moor_json_pass(reader, base)) {
        return 0;
    }
    struct moor_json_token token;
    do {
        if (moor_json_next(reader, &token) == MOOR_JSON_ERROR) {
            return -1;
        }
    } while (reader->depth > base);
    return 0;
}

static int fail_no_value(struct moor_json_reader *reader)
{
    return fail(reader, MOOR_ERROR_VALUE, reader->at, "no value comes next here");
}

/* Moves to the first byte of the value that comes next, and returns its action. */
static int find_value(struct moor_json_reader *reader, uint8_t *action)
{
    switch (reader->expect) {
    case MOOR_JSON_FAILED:
        return -1;
    case MOOR_JSON_DONE:
    case MOOR_JSON_FIRST_MEMBER:
    case MOOR_JSON_NEXT_MEMBER:
        return fail_no_value(reader);
    default:
        break;
    }
    *action = advance(reader);
    return *action == MOOR_JSON_CLOSE ? fail_no_value(reader) : 0;
}

static int pass_rest_of_text(struct moor_json_reader *reader)
{
    struct moor_json_token token;
    return moor_json_next(reader, &token) == MOOR_JSON_END ? 0 : -1;
}

int moor_json_skip(struct moor_json_reader *reader, struct moor_slice *raw)
{
    bool is_whole_text = reader->expect == MOOR_JSON_START;
    uint8_t action = MOOR_JSON_REFUSE;
    if (find_value(reader, &action) != 0) {
        return -1;
    }
    const char *start = reader->at;
    if (action == MOOR_JSON_OPEN_OBJECT || action == MOOR_JSON_OPEN_ARRAY) {
        if (pass_level(reader, reader->depth) != 0) {
            return -1;
        }
    } else {
        struct moor_json_token token;
        if (take_event(reader, &token, action) == MOOR_JSON_ERROR) {
            return -1;
        }
    }
    struct moor_slice value = {start, (size_t)(reader->at - start)};
    if (is_whole_text && pass_rest_of_text(reader) != 0) {
        return -1;
    }
    if (raw != NULL) {
        *raw = value;
    }
    return 0;
}

int moor_json_skip_rest(struct moor_json_reader *reader)
{
    if (reader->expect == MOOR_JSON_FAILED) {
        return -1;
    }
    if (reader->depth == 0) {
        return fail(reader, MOOR_ERROR_VALUE, reader->at, "no object or array is open here");
    }
    return pass_level(reader, reader->depth - 1);
}

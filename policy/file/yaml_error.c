/* SPDX-License-Identifier: Apache-2.0 */
#include <yaml.h>

#include "policy/base/array_size.h"
#include "policy/base/utf8.h"
#include "policy/file/yaml_error.h"

#include <stdio.h>

/* An error of libyaml, and its explanation for the author of a file. */
struct meaning {
    const char *problem;
    const char *context; /* only in this context; NULL: in any */
    char byte;           /* only if parsing stopped at this byte; 0: at any */
    bool at_context;     /* the position is the start of the context, not where parsing stopped */
    const char *text;
};

/*
 * libyaml has no codes for the errors of its scanner and parser, so their texts identify them.  An
 * unknown text is shown as it is: see fail_syntax().
 */
static const struct meaning meanings[] = {
    {"did not find expected alphabetic or numeric character", "while scanning an alias", 0, true,
     "a string that starts with '*' needs quotes"},
    {"did not find expected alphabetic or numeric character", "while scanning an anchor", 0, true,
     "a string that starts with '&' needs quotes"},
    {"found character that cannot start any token", NULL, '\t', false,
     "indent with spaces, not tabs"},
    {"found character that cannot start any token", NULL, 0, false,
     "a string cannot start with this character: put quotes around it"},
    {"did not find expected key", "while parsing a block mapping", 0, false,
     "expected a key here: check the indentation, or quote the text before it"},
    {"did not find expected '-' indicator", NULL, 0, false,
     "expected '- ' here: check the indentation"},
    {"mapping values are not allowed in this context", NULL, 0, false,
     "unexpected ':': check the indentation, or quote a string that contains ': '"},
    {"could not find expected ':'", NULL, 0, true, "missing ':': write 'key: value'"},
    {"did not find expected ',' or ']'", NULL, 0, true,
     "the list that starts with this '[' is not closed: add ',' or ']'"},
    {"did not find expected ',' or '}'", NULL, 0, true,
     "the mapping that starts with this '{' is not closed: add ',' or '}'"},
    {"found unexpected end of stream", "while scanning a quoted scalar", 0, true,
     "the string that starts with this quote is not closed: add the closing quote"},
    {"found unknown escape character", NULL, 0, false,
     "unknown escape after '\\': in double quotes write '\\\\', or use single quotes"},
    {"found a tab character that violates indentation", NULL, 0, false,
     "indent with spaces, not tabs"},
    {"found incompatible YAML document", NULL, 0, false,
     "unsupported YAML version: use 1.1 or 1.2"},
    {"did not find expected <document start>", NULL, 0, false,
     "expected the end of the file here, or '---' after a directive: check the indentation"},
};

static int fail(struct moor_error *err, yaml_mark_t mark, const char *text)
{
    err->line = (uint32_t)mark.line + 1;
    err->column = (uint32_t)mark.column + 1;
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "%s", text);
}

/* libyaml gives only a byte offset for errors of its reader. */
static void set_position(struct moor_error *err, struct moor_slice text, size_t offset)
{
    size_t end = offset < text.len ? offset : text.len;
    err->line = 1;
    err->column = 1;
    for (size_t i = 0; i < end; i++) {
        if (text.ptr[i] == '\n') {
            err->line++;
            err->column = 1;
        } else if (!moor_utf8_continues(text.ptr[i])) {
            err->column++;
        }
    }
}

static int fail_at_offset(struct moor_slice text, const yaml_parser_t *parser,
                          struct moor_error *err)
{
    set_position(err, text, parser->problem_offset);
    /* The other problems of the reader that can occur are about the encoding. */
    if (strcmp(parser->problem, "control characters are not allowed") == 0) {
        return moor_error_set(err, MOOR_ERROR_SYNTAX,
                              "control character U+%04X: is this a text file?",
                              (unsigned)parser->problem_value);
    }
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "invalid UTF-8: save the file as UTF-8");
}

static int fail_syntax(struct moor_error *err, const yaml_parser_t *parser)
{
    const char *context = parser->context != NULL ? parser->context : "";
    /*
     * The scanner has not consumed the byte that it rejects, so that a tab can be told from other
     * bytes.
     */
    const unsigned char *stop = parser->buffer.pointer;
    char byte = stop != NULL && stop < parser->buffer.last ? (char)*stop : '\0';
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(meanings); i++) {
        const struct meaning *meaning = &meanings[i];
        if (strcmp(meaning->problem, parser->problem) != 0 ||
            (meaning->context != NULL && strcmp(meaning->context, context) != 0) ||
            (meaning->byte != '\0' && meaning->byte != byte)) {
            continue;
        }
        bool at_context = meaning->at_context && parser->context != NULL;
        return fail(err, at_context ? parser->context_mark : parser->problem_mark, meaning->text);
    }
    char text[200];
    (void)snprintf(text, sizeof text, "not YAML: %s%s%s", parser->problem,
                   *context != '\0' ? " " : "", context);
    return fail(err, parser->problem_mark, text);
}

int moor_yaml_error(struct moor_error *err, const struct yaml_parser_s *parser,
                    struct moor_slice text)
{
    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read the file");
    }
    if (parser->error == YAML_READER_ERROR) {
        return fail_at_offset(text, parser, err);
    }
    return fail_syntax(err, parser);
}

/* libyaml accepts more line ends than `\n`, and skips a byte order mark. */
static bool is_line_start(struct moor_slice text, size_t at)
{
    static const char *const ends[] = {"\n",           "\r",           "\xC2\x85",
                                       "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(ends); i++) {
        size_t len = strlen(ends[i]);
        if (at >= len && memcmp(text.ptr + at - len, ends[i], len) == 0) {
            return true;
        }
    }
    return at == 0;
}

int moor_yaml_refuse_tag_directives(struct moor_slice text, struct moor_error *err)
{
    size_t at = 0;
    while (text.len - at >= 4) {
        /* In the text: at the event of a directive, libyaml has compared all of them already. */
        const char *found = memmem(text.ptr + at, text.len - at, "%TAG", 4);
        if (found == NULL) {
            return 0;
        }
        at = (size_t)(found - text.ptr);
        if (is_line_start(text, at)) {
            set_position(err, text, at);
            return moor_error_set(err, MOOR_ERROR_SYNTAX,
                                  "unsupported directive '%%TAG': remove it");
        }
        at += 4;
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/import_entries.h"

#include "policy/base/escape.h"
#include "policy/base/pattern.h"
#include "policy/image/reference.h"

#include <string.h>

/* Maximum length of a text from the settings in a note. */
#define NOTE_MAX_BYTES 128

void moor_import_init(struct moor_import *out, const char *project)
{
    *out = (struct moor_import){.project = project};
    moor_buf_init(&out->out, MOOR_IMPORT_MAX_BYTES);
    moor_buf_init(&out->notes, MOOR_IMPORT_MAX_BYTES);
}

void moor_import_release(struct moor_import *import)
{
    moor_buf_release(&import->out);
    moor_buf_release(&import->notes);
}

/* --- entries ---------------------------------------------------------------------------------- */

void moor_import_begin(struct moor_import *import)
{
    /*
     * The key is written with the first entry: a policy with an empty list would look like a
     * mistake.
     */
    moor_buf_append_text(&import->out, import->entries++ == 0 ? "repositories:\n" : "");
    moor_buf_append_text(&import->out, "- match:\n");
}

void moor_import_match(struct moor_import *import, const char *before, struct moor_slice name,
                       const char *after)
{
    moor_buf_append_text(&import->out, "  - \"");
    moor_buf_append_text(&import->out, before);
    moor_buf_append(&import->out, name);
    moor_buf_append_text(&import->out, after);
    moor_buf_append_text(&import->out, "\"\n");
}

void moor_import_reason(struct moor_import *import, const char *reason)
{
    moor_buf_printf(&import->out, "  reason: \"%s\"\n", reason);
}

/* Between single quotes, only a quote has a meaning, which is doubled. */
static void append_quoted(struct moor_buf *out, struct moor_slice text)
{
    moor_buf_append_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        moor_buf_append_byte(out, text.ptr[i]);
        if (text.ptr[i] == '\'') {
            moor_buf_append_byte(out, '\'');
        }
    }
    moor_buf_append_byte(out, '\'');
}

void moor_import_patterns(struct moor_import *import, const char *key,
                          const struct moor_slice *patterns, size_t count)
{
    if (count == 0) {
        return;
    }
    moor_buf_printf(&import->out, "  %s: [", key);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(&import->out, i > 0 ? ", " : "");
        append_quoted(&import->out, patterns[i]);
    }
    moor_buf_append_text(&import->out, "]\n");
}

void moor_import_otherwise(struct moor_import *import)
{
    moor_buf_append_text(&import->out, "  otherwise: build\n");
}

void moor_import_leave(struct moor_import *import, struct moor_slice subject,
                       struct moor_slice text, const char *reason)
{
    moor_buf_append_text(&import->notes, "tagmoor: import: ");
    moor_escape_append(&import->notes, subject, NOTE_MAX_BYTES);
    moor_buf_append_text(&import->notes, ": '");
    /* The text is from the settings of a registry, which other users can write. */
    moor_escape_append(&import->notes, text, NOTE_MAX_BYTES);
    moor_buf_append_text(&import->notes, "' ");
    moor_buf_printf(&import->notes, "is left out: %s\n", reason);
}

/* --- patterns --------------------------------------------------------------------------------- */

static bool is_one_of(char byte, const char *bytes)
{
    return byte != '\0' && strchr(bytes, byte) != NULL;
}

/* Returns the end of the set that begins at `at`, or 0 if it is not a plain one. */
static size_t skip_set(struct moor_slice text, size_t at)
{
    size_t start = at + 1;
    /*
     * A `]` in the first place is a literal in POSIX and an empty set in JavaScript, so that such a
     * set is left out.
     */
    start += start < text.len && text.ptr[start] == '^';
    for (size_t i = start; i < text.len; i++) {
        if (text.ptr[i] == ']') {
            return i > start ? i + 1 : 0;
        }
        /*
         * Only escapes that all regular expression languages in use read in the same way are
         * accepted.
         */
        bool is_escape = text.ptr[i] == '\\' && i + 1 < text.len;
        if (is_escape && !is_one_of(text.ptr[i + 1], "dw.-_\\]")) {
            return 0;
        }
        if (is_one_of(text.ptr[i], "[&~|")) {
            return 0; /* nested sets and set operations differ between the languages */
        }
        i += is_escape;
    }
    return 0;
}

/* Returns the end of `{n}`, `{n,}` or `{n,m}` at `at`, or 0: languages differ about `{,n}`. */
static size_t skip_braces(struct moor_slice text, size_t at)
{
    size_t i = at + 1;
    size_t digits = 0;
    for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        digits++;
    }
    if (digits > 0 && i < text.len && text.ptr[i] == ',') {
        i++;
        while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
            i++;
        }
    }
    return digits > 0 && i < text.len && text.ptr[i] == '}' ? i + 1 : 0;
}

/* Returns the end of the item at `at`, or 0 if the item may differ between languages. */
static size_t skip_item(struct moor_slice text, size_t at)
{
    /*
     * The list names what is safe, not what is dangerous: a byte that is not in it makes the
     * importer leave the pattern out.
     */
    static const char plain[] = "._-^$|)*+?/: ,=@#%!<>;~'&";
    char byte = text.ptr[at];
    bool has_next = at + 1 < text.len;
    if (byte == '\\') {
        return has_next && is_one_of(text.ptr[at + 1], "dw.-_+*?()[]{}|^$\\/") ? at + 2 : 0;
    }
    if (byte == '[') {
        return skip_set(text, at);
    }
    if (byte == '{') {
        return skip_braces(text, at);
    }
    if (byte == '(' && has_next && text.ptr[at + 1] == '?') {
        /* Other groups, such as lookahead and flags, exist in some languages only. */
        return at + 2 < text.len && text.ptr[at + 2] == ':' ? at + 3 : 0;
    }
    bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                   (byte >= '0' && byte <= '9');
    return is_word || byte == '(' || is_one_of(byte, plain) ? at + 1 : 0;
}

const char *moor_import_check_pattern(struct moor_slice pattern)
{
    struct moor_pattern compiled;
    struct moor_error err = {0};
    if (pattern.len == 0 || pattern.len > MOOR_PATTERN_MAX_BYTES) {
        return "a pattern of a policy has 1 to 512 bytes";
    }
    /*
     * The items are checked before compiling, because a pattern with another meaning can compile as
     * well.
     */
    for (size_t at = 0; at < pattern.len;) {
        size_t end = skip_item(pattern, at);
        if (end == 0) {
            return "it may have another meaning in a policy";
        }
        at = end;
    }
    if (moor_pattern_compile(&compiled, pattern, &err) != 0) {
        return "it is not a regular expression for a policy";
    }
    moor_pattern_release(&compiled);
    return NULL;
}

/* --- input ------------------------------------------------------------------------------------ */

struct moor_slice moor_import_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value)
               ? (struct moor_slice){json_string_value(value), json_string_length(value)}
               : (struct moor_slice){0};
}

int moor_import_check_project(const struct moor_import *import, struct moor_error *err)
{
    struct moor_reference reference;
    struct moor_error wrong = {0};
    struct moor_slice text = moor_slice_from(import->project != NULL ? import->project : "");
    /*
     * `shop/app` has no domain and means docker.io, which the parser adds; a registry must be
     * written.
     */
    bool is_reference = text.len > 0 && moor_reference_parse(&reference, text, &wrong) == 0 &&
                        reference.tag.len == 0 && reference.digest.len == 0 &&
                        text.len > reference.domain.len &&
                        moor_slice_starts_with(text, reference.domain);
    return is_reference ? 0
                        : moor_error_set(err, MOOR_ERROR_VALUE,
                                         "name the registry and the project, as in --project "
                                         "harbor.example.com/shop");
}

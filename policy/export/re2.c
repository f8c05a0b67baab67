/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/re2.h"

#include "policy/base/array_size.h"
#include "policy/base/ascii.h"

static void append_literal(struct moor_buf *out, char byte)
{
    unsigned char value = (unsigned char)byte;
    if (value < ' ' || value == 0x7f) {
        moor_buf_printf(out, "\\x%02x", (unsigned)value);
        return;
    }
    if (strchr("\\.+*?()|[]{}^$", byte) != NULL) {
        moor_buf_append_byte(out, '\\');
    }
    moor_buf_append_byte(out, byte);
}

void moor_re2_literal(struct moor_buf *out, struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        append_literal(out, text.ptr[i]);
    }
}

/* --- globs ------------------------------------------------------------------------------------ */

/* An approximation could admit an image that the webhook denies, so the export fails instead. */
static int refuse_set(struct moor_error *err, size_t at)
{
    err->column = (uint32_t)at + 1;
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "a set with a slash or a class has no equal in RE2: list the names");
}

static void append_in_set(struct moor_buf *out, char byte)
{
    if (byte == '\\' || byte == ']' || byte == '[' || byte == '^' || byte == '-') {
        moor_buf_append_byte(out, '\\');
    }
    moor_buf_append_byte(out, byte);
}

/* Reads a byte of a set, which a backslash may precede. */
static char set_byte(struct moor_slice glob, size_t *at)
{
    if (glob.ptr[*at] == '\\' && *at + 1 < glob.len) {
        (*at)++;
    }
    return glob.ptr[(*at)++];
}

/* Appends the set that begins at `*at`, and moves `*at` past it.  PCRE2 has checked its form. */
static int append_set(struct moor_buf *out, struct moor_slice glob, size_t *at,
                      struct moor_error *err)
{
    size_t start = *at;
    size_t i = start + 1;
    bool is_negated = i < glob.len && (glob.ptr[i] == '!' || glob.ptr[i] == '^');
    /* No item of a glob but two stars matches a slash, and a negated set would. */
    moor_buf_append_text(out, is_negated ? "[^/" : "[");
    i += is_negated ? 1 : 0;
    for (size_t first = i; i < glob.len && (glob.ptr[i] != ']' || i == first);) {
        if (glob.ptr[i] == '[' && i + 1 < glob.len && glob.ptr[i + 1] == ':') {
            return refuse_set(err, start);
        }
        char from = set_byte(glob, &i);
        char to = from;
        bool is_range = i + 1 < glob.len && glob.ptr[i] == '-' && glob.ptr[i + 1] != ']';
        if (is_range) {
            i++;
            to = set_byte(glob, &i);
        }
        if (!is_negated && from <= '/' && to >= '/') {
            return refuse_set(err, start);
        }
        append_in_set(out, from);
        if (is_range) {
            moor_buf_append_byte(out, '-');
            append_in_set(out, to);
        }
    }
    moor_buf_append_byte(out, ']');
    *at = i + 1;
    return 0;
}

/* Appends the stars that begin at `*at`; glob.h explains two stars between slashes. */
static void append_stars(struct moor_buf *out, struct moor_slice glob, size_t *at)
{
    size_t start = *at;
    size_t next = start;
    while (next < glob.len && glob.ptr[next] == '*') {
        next++;
    }
    bool is_segment =
        (start == 0 || glob.ptr[start - 1] == '/') && next < glob.len && glob.ptr[next] == '/';
    if (next == start + 1) {
        moor_buf_append_text(out, "[^/]*");
    } else {
        moor_buf_append_text(out, is_segment ? "(?:.*/)?" : ".*");
        next += is_segment ? 1 : 0;
    }
    *at = next;
}

static int append_item(struct moor_buf *out, struct moor_slice glob, size_t *at,
                       struct moor_error *err)
{
    switch (glob.ptr[*at]) {
    case '*':
        append_stars(out, glob, at);
        return 0;
    case '[':
        return append_set(out, glob, at, err);
    case '?':
        moor_buf_append_text(out, "[^/]");
        ++*at;
        return 0;
    default:
        *at += glob.ptr[*at] == '\\' && *at + 1 < glob.len ? 1 : 0;
        append_literal(out, glob.ptr[(*at)++]);
        return 0;
    }
}

int moor_re2_glob(struct moor_buf *out, struct moor_slice glob, struct moor_error *err)
{
    for (size_t at = 0; at < glob.len;) {
        if (append_item(out, glob, &at, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int moor_re2_globs(struct moor_buf *out, const struct moor_glob_list *globs, struct moor_error *err)
{
    /* `s` lets two stars match line ends.  Without `m`, `$` is only the end of the text in RE2. */
    moor_buf_append_text(out, "(?s)^(?:");
    for (size_t i = 0; i < globs->count; i++) {
        moor_buf_append_text(out, i > 0 ? "|" : "");
        if (moor_re2_glob(out, globs->items[i].text, err) != 0) {
            return -1;
        }
    }
    moor_buf_append_text(out, ")$");
    return 0;
}

/* --- patterns --------------------------------------------------------------------------------- */

static int refuse(struct moor_error *err, size_t at, const char *what)
{
    err->column = (uint32_t)at + 1;
    return moor_error_set(err, MOOR_ERROR_VALUE, "RE2 has no %s", what);
}

/* Groups by what follows `(?`; the first row that fits applies. */
static int check_group(struct moor_slice pattern, size_t at, struct moor_error *err)
{
    static const struct {
        const char *begin;
        const char *what; /* NULL: RE2 has it */
    } groups[] = {
        {"(*", "verbs"},
        {"(?=", "look-around"},
        {"(?!", "look-around"},
        {"(?<=", "look-around"},
        {"(?<!", "look-around"},
        {"(?>", "atomic groups"},
        {"(?|", "groups with reset numbers"},
        {"(?(", "conditions"},
        {"(?#", "comments"},
        {"(?:", NULL},
        {"(?P<", NULL},
        {"(?i)", NULL},
        {"(?s)", NULL},
        {"(?i:", NULL},
        {"(?s:", NULL},
        {"(?-i)", NULL},
        {"(?", "group of this kind"},
    };
    struct moor_slice rest = moor_slice_sub(pattern, at, pattern.len);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(groups); i++) {
        if (moor_slice_starts_with(rest, moor_slice_from(groups[i].begin))) {
            return groups[i].what == NULL ? 0 : refuse(err, at, groups[i].what);
        }
    }
    return 0;
}

/*
 * RE2 shares these escapes with PCRE2; escaped punctuation is itself in both.  PCRE2 has compiled
 * the pattern before, so that only the differences to RE2 are checked here.
 */
static int check_escape(struct moor_slice pattern, size_t at, struct moor_error *err)
{
    char byte = at + 1 < pattern.len ? pattern.ptr[at + 1] : '\0';
    if (byte >= '1' && byte <= '9') {
        return refuse(err, at, "back-references");
    }
    bool is_known = byte != '\0' && strchr("dDwWsSbBAzafnrt", byte) != NULL;
    bool is_letter = moor_ascii_is_digit(byte) || moor_ascii_is_lower(moor_ascii_lower(byte));
    bool is_ascii = byte > ' ' && byte <= '~';
    return is_known || (!is_letter && is_ascii) ? 0 : refuse(err, at, "escape of this kind");
}

/* A plus after a quantifier makes it possessive; a comma first in braces differs by version. */
static int check_quantifier(struct moor_slice pattern, size_t at, struct moor_error *err)
{
    char byte = pattern.ptr[at];
    char next = at + 1 < pattern.len ? pattern.ptr[at + 1] : '\0';
    if (byte == '{' && next == ',') {
        return refuse(err, at, "quantifier without a minimum: write {0,");
    }
    bool is_quantifier = byte == '*' || byte == '+' || byte == '?' || byte == '}';
    if (is_quantifier && next == '{') {
        return refuse(err, at, "quantifier after a quantifier");
    }
    return is_quantifier && next == '+' ? refuse(err, at, "possessive quantifiers") : 0;
}

/* Returns the offset of the last byte of a class such as `[:alpha:]`; PCRE2 has checked its name.
 */
static size_t skip_class(struct moor_slice pattern, size_t at)
{
    const char *end = memmem(pattern.ptr + at, pattern.len - at, ":]", 2);
    return end != NULL ? (size_t)(end - pattern.ptr) + 1 : at;
}

/* Moves `*at` to the last byte of an item of a set.  Returns -1 with the reason. */
static int skip_item(struct moor_slice pattern, size_t *at, struct moor_error *err)
{
    char byte = pattern.ptr[*at];
    char next = *at + 1 < pattern.len ? pattern.ptr[*at + 1] : '\0';
    if (byte == '\\') {
        bool is_edge = next != '\0' && strchr("bBAz", next) != NULL;
        if (check_escape(pattern, *at, err) != 0) {
            return -1;
        }
        if (is_edge) {
            return refuse(err, *at, "such an escape in a set");
        }
        ++*at;
        return 0;
    }
    if (byte == '[' && (next == '.' || next == '=')) {
        return refuse(err, *at, "collating elements");
    }
    *at = byte == '[' && next == ':' ? skip_class(pattern, *at) : *at;
    return 0;
}

/* Returns the offset after the set at `at`, or 0 with the reason. */
static size_t skip_set(struct moor_slice pattern, size_t at, struct moor_error *err)
{
    size_t i = at + 1;
    i += i < pattern.len && pattern.ptr[i] == '^' ? 1 : 0;
    for (size_t first = i; i < pattern.len && (pattern.ptr[i] != ']' || i == first); i++) {
        if (skip_item(pattern, &i, err) != 0) {
            return 0;
        }
    }
    return i + 1;
}

/* Both limit a repetition to 1,000 in RE2 and 65,535 in PCRE2. */
static int check_count(struct moor_slice pattern, size_t at, struct moor_error *err)
{
    unsigned long value = 0;
    for (size_t i = at + 1; i < pattern.len && pattern.ptr[i] != '}'; i++) {
        if (moor_ascii_is_digit(pattern.ptr[i])) {
            value = value * 10 + (unsigned long)(pattern.ptr[i] - '0');
        } else {
            value = 0;
        }
        if (value > 1000) {
            return refuse(err, at, "repetition of more than 1000");
        }
    }
    return 0;
}

int moor_re2_check(struct moor_slice pattern, struct moor_error *err)
{
    for (size_t at = 0; at < pattern.len;) {
        char byte = pattern.ptr[at];
        size_t next = at + 1;
        int status = 0;
        if (byte == '\\') {
            status = check_escape(pattern, at, err);
            next = at + 2;
        } else if (byte == '[') {
            next = skip_set(pattern, at, err);
            status = next == 0 ? -1 : 0;
        } else if (byte == '(') {
            status = check_group(pattern, at, err);
            /* The `?` of a group is no quantifier. */
            next = at + (next < pattern.len && pattern.ptr[next] == '?' ? 2 : 1);
        } else if (byte == '{') {
            status = check_count(pattern, at, err);
        }
        if (status == 0 && byte != '\\' && byte != '[' && byte != '(') {
            status = check_quantifier(pattern, at, err);
        }
        if (status != 0) {
            return -1;
        }
        at = next;
    }
    return 0;
}

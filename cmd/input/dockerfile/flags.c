/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/flags.h"

#include <strings.h>

/* Like BuildKit, which looks at single bytes here: two bytes of Latin-1 count as white space. */
static bool is_space(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value == ' ' || (value >= '\t' && value <= '\r') || value == 0x85 || value == 0xA0;
}

/*
 * Reads a flag from `at` on, without its quotes and escapes, until its end or until its text has
 * `count` bytes.  Appends the text to `out` if that is not NULL.  Returns the offset reached.
 */
static size_t read_flag(const struct moor_dockerfile_flags *flags, size_t at, struct moor_buf *out,
                        size_t count)
{
    struct moor_slice line = flags->line;
    char quote = '\0';
    size_t len = 0;
    for (; at < line.len && (quote != '\0' || !is_space(line.ptr[at])); at++) {
        char byte = line.ptr[at];
        if (quote != '\0' ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote != '\0' ? '\0' : byte;
            continue;
        }
        if (len == count) {
            return at;
        }
        if (byte == flags->escape && at + 1 == line.len) {
            continue;
        }
        if (byte == flags->escape) {
            byte = line.ptr[++at];
        }
        if (out != NULL) {
            moor_buf_append_byte(out, byte);
        }
        len++;
    }
    return at;
}

bool moor_dockerfile_flags_next(struct moor_dockerfile_flags *flags)
{
    struct moor_slice line = flags->line;
    moor_buf_clear(&flags->text);
    while (flags->at < line.len && is_space(line.ptr[flags->at])) {
        flags->at++;
    }
    if (!moor_slice_starts_with(moor_slice_sub(line, flags->at, line.len), MOOR_SLICE("--"))) {
        return false;
    }
    flags->start = flags->at;
    flags->at = read_flag(flags, flags->start, &flags->text, SIZE_MAX);
    return !moor_slice_is(moor_buf_slice(&flags->text), "--");
}

struct moor_slice moor_dockerfile_flags_value(const struct moor_dockerfile_flags *flags,
                                              const char *name)
{
    struct moor_slice text = moor_buf_slice(&flags->text);
    struct moor_slice prefix = moor_slice_from(name);
    return moor_slice_starts_with(text, prefix) ? moor_slice_sub(text, prefix.len, text.len)
                                                : (struct moor_slice){0};
}

size_t moor_dockerfile_flags_offset(const struct moor_dockerfile_flags *flags, const char *byte)
{
    return read_flag(flags, flags->start, NULL, (size_t)(byte - flags->text.ptr));
}

/*
 * Takes a field in quotes, whose text is moved over its quotes.  Returns false if a quote is
 * neither doubled nor at the end of the field.
 */
static bool take_quoted(struct moor_slice *field, char *text, size_t len, size_t *at)
{
    char *start = text + *at;
    size_t to = 0;
    for (size_t from = *at + 1; from < len; from++) {
        bool is_doubled = text[from] == '"' && from + 1 < len && text[from + 1] == '"';
        if (text[from] == '"' && !is_doubled) {
            *field = (struct moor_slice){start, to};
            *at = from + 1;
            return *at == len || text[*at] == ',';
        }
        from += is_doubled ? 1 : 0;
        start[to++] = text[from];
    }
    return false;
}

static bool take_plain(struct moor_slice *field, const char *text, size_t len, size_t *at)
{
    const char *comma = memchr(text + *at, ',', len - *at);
    size_t end = comma != NULL ? (size_t)(comma - text) : len;
    *field = (struct moor_slice){text + *at, end - *at};
    *at = end;
    return field->len == 0 || memchr(field->ptr, '"', field->len) == NULL;
}

int moor_dockerfile_mount_from(struct moor_slice *out, struct moor_dockerfile_flags *flags,
                               struct moor_error *err)
{
    static const char key[] = "from=";
    struct moor_slice value = moor_dockerfile_flags_value(flags, "--mount=");
    size_t at = flags->text.len - value.len;
    struct moor_slice field;
    *out = (struct moor_slice){0};
    for (; value.len > 0 && at <= flags->text.len; at++) {
        bool is_quoted = at < flags->text.len && flags->text.ptr[at] == '"';
        bool is_whole = is_quoted ? take_quoted(&field, flags->text.ptr, flags->text.len, &at)
                                  : take_plain(&field, flags->text.ptr, flags->text.len, &at);
        if (!is_whole) {
            return moor_error_set(err, MOOR_ERROR_SYNTAX, "misplaced quote in '--mount'");
        }
        if (field.len >= sizeof key - 1 && strncasecmp(field.ptr, key, sizeof key - 1) == 0) {
            *out = moor_slice_sub(field, sizeof key - 1, field.len);
        }
    }
    return 0;
}

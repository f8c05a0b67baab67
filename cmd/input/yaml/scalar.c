/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cmd/input/yaml/scalar.h"
#include "policy/base/array_size.h"

#include <ctype.h>
#include <stdint.h>

/* Longer texts are not numbers in practice; this bounds the buffer. */
#define LONGEST_NUMBER 128

struct word {
    const char *text;
    enum moor_yaml_scalar type;
};

/* The words of YAML 1.1 as go-yaml v2 resolves them, in its spellings only. */
static const struct word words[] = {
    {"", MOOR_YAML_NULL},         {"~", MOOR_YAML_NULL},        {"null", MOOR_YAML_NULL},
    {"Null", MOOR_YAML_NULL},     {"NULL", MOOR_YAML_NULL},     {"y", MOOR_YAML_TRUE},
    {"Y", MOOR_YAML_TRUE},        {"yes", MOOR_YAML_TRUE},      {"Yes", MOOR_YAML_TRUE},
    {"YES", MOOR_YAML_TRUE},      {"true", MOOR_YAML_TRUE},     {"True", MOOR_YAML_TRUE},
    {"TRUE", MOOR_YAML_TRUE},     {"on", MOOR_YAML_TRUE},       {"On", MOOR_YAML_TRUE},
    {"ON", MOOR_YAML_TRUE},       {"n", MOOR_YAML_FALSE},       {"N", MOOR_YAML_FALSE},
    {"no", MOOR_YAML_FALSE},      {"No", MOOR_YAML_FALSE},      {"NO", MOOR_YAML_FALSE},
    {"false", MOOR_YAML_FALSE},   {"False", MOOR_YAML_FALSE},   {"FALSE", MOOR_YAML_FALSE},
    {"off", MOOR_YAML_FALSE},     {"Off", MOOR_YAML_FALSE},     {"OFF", MOOR_YAML_FALSE},
    {".nan", MOOR_YAML_NO_JSON},  {".NaN", MOOR_YAML_NO_JSON},  {".NAN", MOOR_YAML_NO_JSON},
    {".inf", MOOR_YAML_NO_JSON},  {".Inf", MOOR_YAML_NO_JSON},  {".INF", MOOR_YAML_NO_JSON},
    {"+.inf", MOOR_YAML_NO_JSON}, {"+.Inf", MOOR_YAML_NO_JSON}, {"+.INF", MOOR_YAML_NO_JSON},
    {"-.inf", MOOR_YAML_NO_JSON}, {"-.Inf", MOOR_YAML_NO_JSON}, {"-.INF", MOOR_YAML_NO_JSON},
};

#define LONGEST_WORD 5

static const struct word *find_word(struct moor_slice text)
{
    char first = text.len > 0 ? text.ptr[0] : '\0'; /* rejects most texts with one comparison */
    for (size_t i = 0; text.len <= LONGEST_WORD && i < MOOR_ARRAY_SIZE(words); i++) {
        if (words[i].text[0] == first && moor_slice_is(text, words[i].text)) {
            return &words[i];
        }
    }
    return NULL;
}

/* Returns the base of the digits at `*at`, and moves `*at` after a prefix such as `0x`. */
static int base_of(const char **at)
{
    static const struct {
        char letter;
        int base;
    } bases[] = {{'x', 16}, {'o', 8}, {'b', 2}};

    const char *text = *at;
    for (size_t i = 0; text[0] == '0' && i < MOOR_ARRAY_SIZE(bases); i++) {
        if (tolower((unsigned char)text[1]) == bases[i].letter) {
            *at = text + 2;
            return bases[i].base;
        }
    }
    /* A leading zero is octal in YAML 1.1: `010` is 8. */
    return text[0] == '0' && text[1] != '\0' ? 8 : 10;
}

/*
 * strtoull() accepts more than go-yaml: blanks, a second sign and a second prefix `0x`.  The checks
 * around it reject these forms.
 */
static bool append_integer(struct moor_buf *out, const char *text)
{
    bool is_negative = *text == '-';
    const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
    int base = base_of(&at);
    if (!isxdigit((unsigned char)*at)) {
        return false;
    }
    char *rest = NULL;
    errno = 0;
    unsigned long long value = strtoull(at, &rest, base);
    if (errno != 0 || *rest != '\0' || (at[0] == '0' && tolower((unsigned char)at[1]) == 'x') ||
        (is_negative && value > (unsigned long long)INT64_MAX + 1)) {
        return false;
    }
    moor_buf_printf(out, "%s%llu", is_negative && value != 0 ? "-" : "", value);
    return true;
}

static const char *pass_digits(const char *at)
{
    while (isdigit((unsigned char)*at)) {
        at++;
    }
    return at;
}

/* The pattern of go-yaml v2: [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
    const char *point = pass_digits(at);
    const char *end = *point == '.' ? pass_digits(point + 1) : point;
    if (point == at && end <= point + 1) {
        return false;
    }
    if (*end == 'e' || *end == 'E') {
        const char *digits = end + (end[1] == '-' || end[1] == '+' ? 2 : 1);
        end = pass_digits(digits);
        if (end == digits) {
            return false;
        }
    }
    return *end == '\0';
}

static bool append_float(struct moor_buf *out, const char *text)
{
    if (!is_float(text)) {
        return false;
    }
    double value = strtod(text, NULL);
    if (isinf(value)) {
        return false;
    }
    /* 15 digits print 0.1 as it is written; 17 are needed for values that 15 do not restore. */
    char digits[40];
    (void)snprintf(digits, sizeof digits, "%.15g", value);
    if (strtod(digits, NULL) < value || strtod(digits, NULL) > value) {
        (void)snprintf(digits, sizeof digits, "%.17g", value);
    }
    moor_buf_append_text(out, digits);
    return true;
}

enum moor_yaml_scalar moor_yaml_scalar_resolve(struct moor_slice text, struct moor_buf *number)
{
    const struct word *word = find_word(text);
    if (word != NULL) {
        return word->type;
    }
    char first = text.ptr[0];
    if (!(isdigit((unsigned char)first) || first == '+' || first == '-' || first == '.') ||
        text.len > LONGEST_NUMBER) {
        return MOOR_YAML_TEXT;
    }
    /* YAML 1.1 permits underscores between digits. */
    char plain[LONGEST_NUMBER + 1] = {0};
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '_') {
            plain[len++] = text.ptr[i];
        }
    }
    bool is_number =
        strlen(plain) == len && (append_integer(number, plain) || append_float(number, plain));
    return is_number ? MOOR_YAML_NUMBER : MOOR_YAML_TEXT;
}

static bool needs_escape(char byte)
{
    return (unsigned char)byte < 0x20 || byte == '"' || byte == '\\';
}

void moor_yaml_scalar_append(struct moor_buf *out, struct moor_slice text)
{
    /* Runs without escapes are appended at once, since most texts need none. */
    size_t start = 0;
    moor_buf_append_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (!needs_escape(text.ptr[i])) {
            continue;
        }
        moor_buf_append(out, moor_slice_sub(text, start, i));
        start = i + 1;
        if (text.ptr[i] == '\n') {
            moor_buf_append_text(out, "\\n");
        } else if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            const char pair[] = {'\\', text.ptr[i]};
            moor_buf_append(out, (struct moor_slice){pair, sizeof pair});
        } else {
            moor_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)text.ptr[i]);
        }
    }
    moor_buf_append(out, moor_slice_sub(text, start, text.len));
    moor_buf_append_byte(out, '"');
}

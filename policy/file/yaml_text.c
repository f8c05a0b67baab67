/* SPDX-License-Identifier: Apache-2.0 */
#include <yaml.h>

#include "policy/base/utf8.h"
#include "policy/file/yaml_text.h"

#include <ctype.h>

#define MARKS   64
#define BOM     "\xEF\xBB\xBF"
#define BOM_LEN (sizeof BOM - 1)

static bool is_one_of(char byte, const char *bytes)
{
    return byte != '\0' && strchr(bytes, byte) != NULL;
}

/* A colon can end the name of an alias or an anchor for both libraries, so these are left alone. */
static bool is_name(struct moor_slice text, size_t end)
{
    size_t at = end;
    while (at > 0 &&
           (isalnum((unsigned char)text.ptr[at - 1]) || is_one_of(text.ptr[at - 1], "_-"))) {
        at--;
    }
    return at > 0 && is_one_of(text.ptr[at - 1], "*&") &&
           (at == 1 || is_one_of(text.ptr[at - 2], " \t\r\n,[]{}"));
}

/*
 * Returns whether the colon at `at` ends a plain scalar for go-yaml if it is in a flow list or
 * mapping: the byte after it ends a scalar, and the byte before all colons belongs to one.
 */
static bool ends_scalar(struct moor_slice text, size_t at)
{
    if (at + 1 >= text.len || !is_one_of(text.ptr[at + 1], ",[]{}")) {
        return false;
    }
    size_t end = at;
    while (end > 0 && text.ptr[end - 1] == ':') {
        end--;
    }
    return end > 0 && (unsigned char)text.ptr[end - 1] > ' ' &&
           !is_one_of(text.ptr[end - 1], ",[]{}\"'") && !is_name(text, end);
}

/* Returns the next colon that ends a plain scalar; text.len if there is none. */
static size_t find_colon(struct moor_slice text, size_t at)
{
    while (at < text.len) {
        const char *colon = memchr(text.ptr + at, ':', text.len - at);
        if (colon == NULL) {
            break;
        }
        at = (size_t)(colon - text.ptr);
        if (ends_scalar(text, at)) {
            return at;
        }
        at++;
    }
    return text.len;
}

/* A separator is `---`, with optional blanks and a comment, as kubectl splits files. */
static bool is_separator(struct moor_slice text, size_t end)
{
    const char *newline = end > 0 ? memrchr(text.ptr, '\n', end) : NULL;
    size_t at = newline != NULL ? (size_t)(newline - text.ptr) + 1 : 0;
    if (end - at < 3 || memcmp(text.ptr + at, "---", 3) != 0) {
        return false;
    }
    at += 3;
    while (at < end && is_one_of(text.ptr[at], " \t\r")) {
        at++;
    }
    return at == end || text.ptr[at] == '#';
}

/* Returns the next byte order mark after a separator; text.len if there is none. */
static size_t find_bom(struct moor_slice text, size_t at)
{
    while (at < text.len) {
        const char *found = memmem(text.ptr + at, text.len - at, "\n" BOM, 1 + BOM_LEN);
        if (found == NULL) {
            break;
        }
        at = (size_t)(found - text.ptr) + 1;
        if (is_separator(text, at - 1)) {
            return at;
        }
    }
    return text.len;
}

/* Chooses the first of 64 characters of private use that the text does not contain. */
static void choose_mark(struct moor_yaml_text *out, struct moor_slice text)
{
    for (unsigned i = 0; i < MARKS; i++) {
        const char mark[] = {'\xEE', '\x80', (char)(0x80U + i)};
        if (memmem(text.ptr, text.len, mark, sizeof mark) == NULL) {
            memcpy(out->mark, mark, sizeof mark);
            return;
        }
    }
}

/* A truncated character at the end is an error of its own, and must remain visible. */
static bool needs_end(struct moor_slice text)
{
    size_t start = text.len;
    while (start > 0 && moor_utf8_continues(text.ptr[start - 1])) {
        start--;
    }
    return start > 0 && text.ptr[text.len - 1] != '\n' &&
           moor_utf8_length(text.ptr + start - 1, text.ptr + text.len) > 0;
}

static void copy_changed(struct moor_yaml_text *out, struct moor_slice text)
{
    bool has_mark = out->mark[0] != '\0';
    size_t colon = has_mark ? find_colon(text, 0) : text.len;
    size_t bom = find_bom(text, 0);
    size_t start = 0;
    while (colon < text.len || bom < text.len) {
        size_t at = colon < bom ? colon : bom;
        moor_buf_append(&out->copy, moor_slice_sub(text, start, at));
        if (at == bom) {
            start = at + BOM_LEN;
            bom = find_bom(text, start);
        } else {
            moor_buf_append(&out->copy, (struct moor_slice){out->mark, sizeof out->mark});
            start = at + 1;
            colon = find_colon(text, start);
        }
    }
    moor_buf_append(&out->copy, moor_slice_sub(text, start, text.len));
    if (needs_end(text)) {
        moor_buf_append_byte(&out->copy, '\n');
    }
    out->text = moor_buf_slice(&out->copy);
}

int moor_yaml_text_open(struct moor_yaml_text *out, struct moor_slice text, struct moor_error *err)
{
    *out = (struct moor_yaml_text){.text = text};
    moor_buf_init(&out->copy, SIZE_MAX);
    bool has_colon = find_colon(text, 0) < text.len;
    if (has_colon) {
        choose_mark(out, text);
    }
    if (has_colon || needs_end(text) || find_bom(text, 0) < text.len) {
        copy_changed(out, text);
    }
    return moor_buf_check(&out->copy, err);
}

void moor_yaml_text_release(struct moor_yaml_text *text)
{
    moor_buf_release(&text->copy);
    *text = (struct moor_yaml_text){0};
}

void moor_yaml_text_restore(const struct moor_yaml_text *text, yaml_event_t *event)
{
    if (text->mark[0] == '\0' || event->type != YAML_SCALAR_EVENT) {
        return;
    }
    char *value = (char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    size_t kept = 0;
    for (size_t at = 0; at < len;) {
        bool is_mark =
            len - at >= sizeof text->mark && memcmp(value + at, text->mark, sizeof text->mark) == 0;
        value[kept++] = is_mark ? ':' : value[at];
        at += is_mark ? sizeof text->mark : 1;
    }
    value[kept] = '\0';
    event->data.scalar.length = kept;
}

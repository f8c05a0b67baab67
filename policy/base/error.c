/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/error.h"

#include "policy/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut inside a sequence would make the whole message invalid UTF-8, and so an invalid answer. */
static void drop_partial_sequence(char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && moor_utf8_continues(text[start - 1])) {
        start--;
    }
    bool starts = start > 0 && (unsigned char)text[start - 1] >= 0xC0U;
    if (starts && moor_utf8_length(text + start - 1, text + len) == 0) {
        text[start - 1] = '\0';
    }
}

int moor_error_set(struct moor_error *err, enum moor_error_code code, const char *format, ...)
{
    if (err == NULL || err->code != MOOR_ERROR_NONE) {
        return -1;
    }
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    /* vsnprintf() fails for a text over INT_MAX bytes; the code alone still reports the error. */
    if (wanted < 0) {
        err->text[0] = '\0';
    } else if ((size_t)wanted >= sizeof err->text) {
        drop_partial_sequence(err->text, strlen(err->text));
    }
    err->code = code;
    return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options_help.h"

#include "cmd/amounts.h"
#include "policy/base/buf.h"

#include <string.h>

#define COLUMNS     80
#define HELP_COLUMN 28
#define TEXT_MAX    4096

/* Prints `text` in lines of at most COLUMNS; later lines are indented to `indent`. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
    int column = indent;
    while (*text != '\0') {
        int word = (int)strcspn(text, " ");
        /* A word is never split, so that names of files and options can be copied. */
        if (column > indent && column + 1 + word > COLUMNS) {
            (void)fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            (void)fputc(' ', out);
            column++;
        }
        (void)fprintf(out, "%.*s", word, text);
        column += word;
        text += word + (text[word] == ' ' ? 1 : 0);
    }
    (void)fputc('\n', out);
}

/* Appends the default from `values`, unless there is none to show. */
static void append_value(struct moor_buf *out, const struct moor_option *option, const void *values)
{
    const void *value = (const char *)values + option->offset;
    struct moor_slice word = {0};
    const char *ignored = NULL;
    switch (option->type) {
    case MOOR_OPTION_FLAG:
    case MOOR_OPTION_LIST:
        return;
    case MOOR_OPTION_TEXT:
        moor_buf_append(out, moor_slice_from(*(const char *const *)value));
        return;
    case MOOR_OPTION_COUNT:
        /* A count has no default of 0: the option then has a text as its fallback, or none. */
        if (*(const unsigned *)value > 0) {
            moor_buf_printf(out, "%u", *(const unsigned *)value);
        }
        return;
    case MOOR_OPTION_SIZE:
        moor_buf_append_text(out, moor_amount_text(*(const size_t *)value, MOOR_AMOUNT_SIZE).text);
        return;
    case MOOR_OPTION_DURATION:
        moor_buf_append_text(out,
                             moor_amount_text(*(const uint32_t *)value, MOOR_AMOUNT_DURATION).text);
        return;
    case MOOR_OPTION_CHOICE:
        /* A choice is stored as an index of its words. */
        (void)moor_option_word(option, (size_t) * (const int *)value, &word, &ignored);
        moor_buf_append(out, word);
        return;
    }
}

static void append_max(struct moor_buf *out, const struct moor_option *option)
{
    enum moor_amount amount = option->type == MOOR_OPTION_SIZE       ? MOOR_AMOUNT_SIZE
                              : option->type == MOOR_OPTION_DURATION ? MOOR_AMOUNT_DURATION
                                                                     : MOOR_AMOUNT_COUNT;
    if (option->max > 0) {
        moor_buf_printf(out, "at most %s", moor_amount_text(option->max, amount).text);
    }
}

/* Appends one of the notes in parentheses after the help text. */
static void append_part(struct moor_buf *out, const char *name, struct moor_slice part)
{
    if (part.len > 0) {
        moor_buf_append_text(out, out->len > 0 ? "; " : "");
        moor_buf_append_text(out, name);
        moor_buf_append(out, part);
    }
}

/* Appends a complete text, such as `maximum request body (at most 15MiB; default: 7MiB)`. */
static void append_help(struct moor_buf *out, const struct moor_option *option, const void *values)
{
    struct moor_buf notes;
    struct moor_buf part;
    struct moor_slice word;
    const char *ignored = NULL;
    moor_buf_init(&notes, TEXT_MAX);
    moor_buf_init(&part, TEXT_MAX);
    if (option->only != NULL) {
        moor_buf_printf(out, "with %s, ", option->only);
    }
    moor_buf_append_text(out, option->help);
    for (size_t i = 0; option->lists_words && moor_option_word(option, i, &word, &ignored); i++) {
        moor_buf_printf(out, "%s%.*s", i == 0 ? ": " : ", ", MOOR_SLICE_ARGS(word));
    }
    append_part(&notes, "", moor_slice_from(option->type == MOOR_OPTION_LIST ? "may repeat" : ""));
    append_max(&part, option);
    append_part(&notes, "", moor_buf_slice(&part));
    moor_buf_clear(&part);
    append_value(&part, option, values);
    /*
     * A fallback is a default that depends on the system or on other options, so no value shows it.
     */
    append_part(&notes, "default: ",
                option->fallback != NULL ? moor_slice_from(option->fallback)
                                         : moor_buf_slice(&part));
    if (notes.len > 0) {
        moor_buf_printf(out, " (%.*s)", MOOR_SLICE_ARGS(moor_buf_slice(&notes)));
    }
    moor_buf_release(&part);
    moor_buf_release(&notes);
}

static void print_option(FILE *out, const struct moor_option *option, const void *values)
{
    char head[160];
    char letter[] = {'-', option->letter, ',', ' ', '\0'};
    struct moor_buf help;
    int len = snprintf(head, sizeof head, "  %s--%s%s%s", option->letter != 0 ? letter : "",
                       option->name, option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
    (void)fputs(head, out);
    /* A long option has a line of its own, as in the help of GNU programs. */
    if (len >= HELP_COLUMN - 1) {
        (void)fputc('\n', out);
        len = 0;
    }
    (void)fprintf(out, "%*s", HELP_COLUMN - len, "");
    moor_buf_init(&help, TEXT_MAX);
    append_help(&help, option, values);
    moor_buf_append_byte(&help, '\0');
    /* Without memory, the help is still printed, without its notes. */
    print_wrapped(out, help.failed ? option->help : help.ptr, HELP_COLUMN);
    moor_buf_release(&help);
}

void moor_options_help_print(FILE *out, const struct moor_option *options, size_t count,
                             const void *values)
{
    for (size_t i = 0; i < count; i++) {
        print_option(out, &options[i], values);
    }
}

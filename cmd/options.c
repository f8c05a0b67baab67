/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include "policy/base/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OPTIONS 40
#define COLUMNS      80
#define HELP_COLUMN  28

struct unit {
    const char *name;
    unsigned long long factor;
};

static const struct unit durations[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
static const struct unit sizes[] = {{"", 1},
                                    {"B", 1},
                                    {"KiB", 1024},
                                    {"MiB", 1024ULL * 1024},
                                    {"GiB", 1024ULL * 1024 * 1024}};

/* A number with one of the units behind it, at most `max`. */
static int parse_amount(unsigned long long *out, const char *text, const struct unit *units,
                        size_t count, unsigned long long max)
{
    if (!isdigit((unsigned char)*text)) {
        return -1;
    }
    char *rest = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &rest, 10);
    if (errno != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rest, units[i].name) == 0 && number <= max / units[i].factor) {
            *out = number * units[i].factor;
            return 0;
        }
    }
    return -1;
}

int moor_options_duration(unsigned *out_ms, const char *text)
{
    unsigned long long ms = 0;
    if (parse_amount(&ms, text, durations, sizeof durations / sizeof *durations, INT_MAX) != 0) {
        return -1;
    }
    *out_ms = (unsigned)ms;
    return 0;
}

int moor_options_size(size_t *out_bytes, const char *text)
{
    unsigned long long bytes = 0;
    if (parse_amount(&bytes, text, sizes, sizeof sizes / sizeof *sizes, SIZE_MAX / 2) != 0 ||
        bytes == 0) {
        return -1;
    }
    *out_bytes = (size_t)bytes;
    return 0;
}

static int parse_count(unsigned *out, const char *text)
{
    static const struct unit one[] = {{"", 1}};
    unsigned long long number = 0;
    if (parse_amount(&number, text, one, 1, 1000000) != 0 || number == 0) {
        return -1;
    }
    *out = (unsigned)number;
    return 0;
}

/* The index of `text` among `a|b|c`; -1 where it is none of them. */
static int parse_choice(int *out, const char *text, const char *choices)
{
    size_t len = strlen(text);
    int index = 0;
    for (const char *at = choices; at != NULL; index++) {
        const char *bar = strchr(at, '|');
        size_t choice = bar != NULL ? (size_t)(bar - at) : strlen(at);
        if (choice == len && memcmp(at, text, len) == 0) {
            *out = index;
            return 0;
        }
        at = bar != NULL ? bar + 1 : NULL;
    }
    return -1;
}

static int append_item(struct moor_option_list *list, const char *text)
{
    if (list->count == MOOR_OPTION_LIST_MAX) {
        return -1;
    }
    list->items[list->count++] = text;
    return 0;
}

static const char *wanted(const struct moor_option *option)
{
    switch (option->type) {
    case MOOR_OPTION_FLAG:
    case MOOR_OPTION_TEXT:
    case MOOR_OPTION_LIST:
        return "a text";
    case MOOR_OPTION_COUNT:
        return "a number from 1 to 1000000";
    case MOOR_OPTION_SIZE:
        return "a size such as 512KiB or 7MiB";
    case MOOR_OPTION_DURATION:
        return "a duration such as 250ms, 5s or 2m";
    case MOOR_OPTION_CHOICE:
        return option->argument;
    }
    return "";
}

static int set_value(const struct moor_option *option, void *values, const char *text)
{
    void *value = (char *)values + option->offset;
    switch (option->type) {
    case MOOR_OPTION_FLAG:
        *(bool *)value = true;
        return 0;
    case MOOR_OPTION_TEXT:
        *(const char **)value = text;
        return 0;
    case MOOR_OPTION_LIST:
        return append_item(value, text);
    case MOOR_OPTION_COUNT:
        return parse_count(value, text);
    case MOOR_OPTION_SIZE:
        return moor_options_size(value, text);
    case MOOR_OPTION_DURATION:
        return moor_options_duration(value, text);
    case MOOR_OPTION_CHOICE:
        return parse_choice(value, text, option->argument);
    }
    return -1;
}

/* The options as getopt_long wants them. */
struct getopt_tables {
    struct option longs[MOST_OPTIONS + 1];
    char letters[2 * MOST_OPTIONS + 2];
};

static void fill_tables(struct getopt_tables *out, const struct moor_option *options, size_t count)
{
    size_t used = 0;
    *out = (struct getopt_tables){0};
    out->letters[used++] = ':'; /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < count; i++) {
        bool takes_argument = options[i].type != MOOR_OPTION_FLAG;
        out->longs[i] = (struct option){.name = options[i].name,
                                        .has_arg = takes_argument ? required_argument : no_argument,
                                        .val = (int)i + 256};
        if (options[i].letter != 0) {
            out->letters[used++] = options[i].letter;
        }
        if (options[i].letter != 0 && takes_argument) {
            out->letters[used++] = ':';
        }
    }
}

static const struct moor_option *find(const struct moor_option *options, size_t count, int found)
{
    if (found >= 256) {
        return &options[found - 256];
    }
    for (size_t i = 0; i < count; i++) {
        if (options[i].letter == found) {
            return &options[i];
        }
    }
    return NULL;
}

/* The option at or behind `from` whose name begins with `name`; `count` where there is none. */
static size_t find_by_start(const struct moor_option *options, size_t count, size_t from,
                            struct moor_slice name)
{
    while (from < count && !moor_slice_starts_with(moor_slice_from(options[from].name), name)) {
        from++;
    }
    return from;
}

/* What getopt_long does not take: a start of two names, a flag with an argument, neither. */
static int fail_unknown(const struct moor_option *options, size_t count, const char *word,
                        struct moor_error *err)
{
    struct moor_slice name = {0};
    struct moor_nearest nearest = {0};
    if (strncmp(word, "--", 2) == 0) {
        name = (struct moor_slice){word + 2, strcspn(word + 2, "=")};
    }
    size_t first = name.len > 0 ? find_by_start(options, count, 0, name) : count;
    size_t second = first < count ? find_by_start(options, count, first + 1, name) : count;
    if (second < count) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "option '%s' can mean '--%s' or '--%s'", word,
                              options[first].name, options[second].name);
    }
    if (first < count) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "option '--%s' takes no argument, not '%s'",
                              options[first].name, name.ptr + name.len + 1);
    }
    for (size_t i = 0; i < count; i++) {
        moor_nearest_try(&nearest, name, options[i].name);
    }
    return nearest.word != NULL
               ? moor_error_set(err, MOOR_ERROR_VALUE, "unknown option '%s', perhaps '--%s'", word,
                                nearest.word)
               : moor_error_set(err, MOOR_ERROR_VALUE, "unknown option '%s'", word);
}

/* What getopt_long found: an option with its argument, or what is wrong with `word`. */
static int take(const struct moor_option *options, size_t count, int found, const char *word,
                void *values, struct moor_error *err)
{
    const struct moor_option *option = find(options, count, found);
    if (found == ':') {
        return moor_error_set(err, MOOR_ERROR_VALUE, "option '%s' needs an argument", word);
    }
    if (option == NULL) {
        return fail_unknown(options, count, word, err);
    }
    int status = set_value(option, values, optarg);
    if (status != 0 && option->type == MOOR_OPTION_LIST) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "--%s may be given %d times at most",
                              option->name, MOOR_OPTION_LIST_MAX);
    }
    if (status != 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "--%s wants %s, not '%s'", option->name,
                              wanted(option), optarg);
    }
    return 0;
}

/* The word that getopt_long looks at next: it passes over operands, and moves them behind. */
static const char *next_option(char *const *words)
{
    while (*words != NULL && ((*words)[0] != '-' || (*words)[1] == '\0')) {
        words++;
    }
    return *words;
}

int moor_options_parse(const struct moor_option *options, size_t count, int argc, char **argv,
                       void *values, struct moor_error *err)
{
    struct getopt_tables tables;
    if (count > MOST_OPTIONS) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "the program has too many options");
    }
    fill_tables(&tables, options, count);
    opterr = 0;
    optind = 0; /* glibc: start anew, for programs that parse more than once */
    for (;;) {
        const char *word = next_option(argv + (optind > 0 ? optind : 1));
        // NOLINTNEXTLINE(concurrency-mt-unsafe): options are parsed before any thread starts
        int found = getopt_long(argc, argv, tables.letters, tables.longs, NULL);
        if (found == -1) {
            return optind;
        }
        if (take(options, count, found, word, values, err) != 0) {
            return -1;
        }
    }
}

/* Prints `text` in lines of at most COLUMNS, those after the first indented to `indent`. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
    int column = indent;
    while (*text != '\0') {
        int word = (int)strcspn(text, " ");
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

void moor_options_print(FILE *out, const struct moor_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct moor_option *option = &options[i];
        char head[160];
        char letter[] = {'-', option->letter, ',', ' ', '\0'};
        int len = snprintf(head, sizeof head, "  %s--%s%s%s", option->letter != 0 ? letter : "",
                           option->name, option->argument != NULL ? " " : "",
                           option->argument != NULL ? option->argument : "");
        (void)fputs(head, out);
        if (len >= HELP_COLUMN - 1) {
            (void)fputc('\n', out);
            len = 0;
        }
        (void)fprintf(out, "%*s", HELP_COLUMN - len, "");
        print_wrapped(out, option->help, HELP_COLUMN);
    }
}

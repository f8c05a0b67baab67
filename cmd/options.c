/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include "cmd/amounts.h"
#include "policy/base/nearest.h"

#include <getopt.h>
#include <string.h>

#define MOST_OPTIONS 40

/* --- values ----------------------------------------------------------------------------------- */

/* The words of a choice are in its argument (`json|text`), so that --help and parsing agree. */
bool moor_option_word(const struct moor_option *option, size_t index, struct moor_slice *out,
                      const char **description)
{
    *description = NULL;
    const char *at = option->argument;
    /* A list has its words in a table, because they are too many for the usage line. */
    if (option->type != MOOR_OPTION_CHOICE) {
        const char *word = option->word_at != NULL ? option->word_at(index, description) : NULL;
        *out = moor_slice_from(word);
        return word != NULL;
    }
    for (; at != NULL && index > 0; index--) {
        at = strchr(at, '|');
        at = at != NULL ? at + 1 : NULL;
    }
    *out = (struct moor_slice){at, at != NULL ? strcspn(at, "|") : 0};
    return at != NULL;
}

static uint64_t max_of(const struct moor_option *option)
{
    uint64_t most = option->type == MOOR_OPTION_COUNT  ? MOOR_OPTION_COUNT_MAX
                    : option->type == MOOR_OPTION_SIZE ? MOOR_AMOUNTS_MAX_SIZE
                                                       : MOOR_AMOUNTS_MAX_DURATION_MS;
    return option->max > 0 ? option->max : most;
}

static int set_count(const struct moor_option *option, unsigned *out, const char *text)
{
    uint64_t number = 0;
    /*
     * A count or size of 0 would mean no limit in some programs and nothing in others, so it is
     * invalid.
     */
    if (moor_amount_parse(&number, text, MOOR_AMOUNT_COUNT, max_of(option)) != 0 || number == 0) {
        return -1;
    }
    *out = (unsigned)number;
    return 0;
}

static int set_size(const struct moor_option *option, size_t *out, const char *text)
{
    uint64_t bytes = 0;
    if (moor_amount_parse(&bytes, text, MOOR_AMOUNT_SIZE, max_of(option)) != 0 || bytes == 0) {
        return -1;
    }
    *out = (size_t)bytes;
    return 0;
}

static int set_duration(const struct moor_option *option, uint32_t *out_ms, const char *text)
{
    uint64_t ms = 0;
    if (moor_amount_parse(&ms, text, MOOR_AMOUNT_DURATION, max_of(option)) != 0) {
        return -1;
    }
    *out_ms = (uint32_t)ms;
    return 0;
}

static int set_choice(const struct moor_option *option, int *out, const char *text)
{
    struct moor_slice word;
    const char *ignored = NULL;
    for (size_t i = 0; moor_option_word(option, i, &word, &ignored); i++) {
        if (moor_slice_is(word, text)) {
            *out = (int)i;
            return 0;
        }
    }
    return -1;
}

static int append_item(struct moor_option_list *list, const char *text)
{
    /* The limit keeps the values of options free of memory that must be released. */
    if (list->count == MOOR_OPTION_LIST_MAX) {
        return -1;
    }
    list->items[list->count++] = text;
    return 0;
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
        return set_count(option, value, text);
    case MOOR_OPTION_SIZE:
        return set_size(option, value, text);
    case MOOR_OPTION_DURATION:
        return set_duration(option, value, text);
    case MOOR_OPTION_CHOICE:
        return set_choice(option, value, text);
    }
    return -1;
}

/* Explains an invalid argument.  Flags and texts are always valid; only a list can be too long. */
static int fail_value(const struct moor_option *option, const char *text, struct moor_error *err)
{
    struct moor_amount_text most = {{0}};
    const char *upto = option->max > 0 ? ", at most " : "";
    switch (option->type) {
    case MOOR_OPTION_FLAG:
    case MOOR_OPTION_TEXT:
    case MOOR_OPTION_LIST:
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "too many options '--%s': at most %d are allowed", option->name,
                              MOOR_OPTION_LIST_MAX);
    case MOOR_OPTION_COUNT:
        return moor_error_set(err, MOOR_ERROR_VALUE, "invalid number '%s' for '--%s': use 1 to %s",
                              text, option->name,
                              moor_amount_text(max_of(option), MOOR_AMOUNT_COUNT).text);
    case MOOR_OPTION_SIZE:
        most = option->max > 0 ? moor_amount_text(option->max, MOOR_AMOUNT_SIZE) : most;
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "invalid size '%s' for '--%s': use a size such as 512KiB or 7MiB%s%s",
                              text, option->name, upto, most.text);
    case MOOR_OPTION_DURATION:
        most = option->max > 0 ? moor_amount_text(option->max, MOOR_AMOUNT_DURATION) : most;
        return moor_error_set(
            err, MOOR_ERROR_VALUE,
            "invalid duration '%s' for '--%s': use a duration such as 250ms, 5s or 2m%s%s", text,
            option->name, upto, most.text);
    case MOOR_OPTION_CHOICE:
        return moor_error_set(err, MOOR_ERROR_VALUE, "invalid value '%s' for '--%s': use %s", text,
                              option->name, option->argument);
    }
    return -1;
}

/* --- getopt_long ------------------------------------------------------------------------------ */

/* The options in the form of getopt_long(). */
struct getopt_tables {
    struct option longs[MOST_OPTIONS + 1];
    char letters[2 * MOST_OPTIONS + 2];
};

static void fill_tables(struct getopt_tables *out, const struct moor_option *options, size_t count)
{
    size_t used = 0;
    *out = (struct getopt_tables){0};
    out->letters[used++] = ':'; /* reports a missing argument differently from an unknown option */
    for (size_t i = 0; i < count; i++) {
        bool takes_argument = options[i].type != MOOR_OPTION_FLAG;
        /* Values from 256 on cannot collide with a letter. */
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

/* Returns the first option from `from` on whose name begins with `name`, or `count`. */
static size_t find_by_start(const struct moor_option *options, size_t count, size_t from,
                            struct moor_slice name)
{
    while (from < count && !moor_slice_starts_with(moor_slice_from(options[from].name), name)) {
        from++;
    }
    return from;
}

/*
 * Explains a word that getopt_long() rejects: an ambiguous abbreviation, a flag with an argument,
 * or an unknown option.  getopt_long() returns `?` for all three.
 */
static int fail_unknown(const struct moor_option *options, size_t count, const char *word,
                        struct moor_error *err)
{
    struct moor_slice name = {0};
    struct moor_nearest nearest = {0};
    if (strncmp(word, "--", 2) == 0) {
        name = (struct moor_slice){word + 2, strcspn(word + 2, "=")};
    }
    /*
     * getopt_long() accepts unique abbreviations, so that a name that begins one option was
     * rejected for another reason.
     */
    size_t first = name.len > 0 ? find_by_start(options, count, 0, name) : count;
    size_t second = first < count ? find_by_start(options, count, first + 1, name) : count;
    if (second < count) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "ambiguous option '%s': use '--%s' or '--%s'",
                              word, options[first].name, options[second].name);
    }
    if (first < count) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "unexpected argument '%s' for option '--%s'",
                              name.ptr + name.len + 1, options[first].name);
    }
    for (size_t i = 0; i < count; i++) {
        moor_nearest_try(&nearest, name, options[i].name);
    }
    return nearest.word != NULL
               ? moor_error_set(err, MOOR_ERROR_VALUE, "unknown option '%s' (did you mean '--%s'?)",
                                word, nearest.word)
               : moor_error_set(err, MOOR_ERROR_VALUE, "unknown option '%s'", word);
}

/* Applies one result of getopt_long(), or reports the error in `word`. */
static int take(const struct moor_option *options, size_t count, int found, const char *word,
                void *values, struct moor_error *err)
{
    const struct moor_option *option = find(options, count, found);
    if (found == ':') {
        return moor_error_set(err, MOOR_ERROR_VALUE, "option '%s' requires an argument", word);
    }
    if (option == NULL) {
        return fail_unknown(options, count, word, err);
    }
    return set_value(option, values, optarg) != 0 ? fail_value(option, optarg, err) : 0;
}

/* Returns the word that getopt_long() reads next.  It skips operands and moves them to the end. */
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
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "too many options in the table of this command");
    }
    fill_tables(&tables, options, count);
    opterr = 0;
    optind = 0; /* resets glibc's state, for programs that parse more than once */
    for (;;) {
        /*
         * getopt_long() does not tell which word it rejects, so the word is found before the call.
         */
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

/* --- options of some operands ----------------------------------------------------------------- */

static size_t size_of(enum moor_option_type type)
{
    static const size_t sizes[] = {
        [MOOR_OPTION_FLAG] = sizeof(bool),
        [MOOR_OPTION_TEXT] = sizeof(const char *),
        [MOOR_OPTION_LIST] = sizeof(struct moor_option_list),
        [MOOR_OPTION_COUNT] = sizeof(unsigned),
        [MOOR_OPTION_SIZE] = sizeof(size_t),
        [MOOR_OPTION_DURATION] = sizeof(uint32_t),
        [MOOR_OPTION_CHOICE] = sizeof(int),
    };
    return sizes[type];
}

static bool allows(const struct moor_option *option, struct moor_slice operands)
{
    struct moor_slice only = moor_slice_from(option->only);
    /* `export` allows `export vap`, but `show` must not allow `shown`. */
    return moor_slice_starts_with(operands, only) &&
           (only.len == 0 || operands.len == only.len || operands.ptr[only.len] == ' ');
}

const struct moor_option *moor_options_find_misplaced(const struct moor_option *options,
                                                      size_t count, const void *values,
                                                      const void *defaults, const char *operands)
{
    for (size_t i = 0; i < count; i++) {
        const struct moor_option *option = &options[i];
        /*
         * An option that is set to its default can be missed, which is harmless because it changes
         * nothing.
         */
        bool is_given = memcmp((const char *)values + option->offset,
                               (const char *)defaults + option->offset, size_of(option->type)) != 0;
        if (is_given && !allows(option, moor_slice_from(operands))) {
            return option;
        }
    }
    return NULL;
}

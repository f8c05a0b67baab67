/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/lexer.h"

#include "cmd/input/dockerfile/space.h"
#include "cmd/input/dockerfile/substitution.h"

#include <ctype.h>

void moor_dockerfile_lexer_init(struct moor_dockerfile_lexer *lexer, size_t max_bytes)
{
    *lexer = (struct moor_dockerfile_lexer){.escape = '\\'};
    moor_buf_init(&lexer->out, max_bytes);
    moor_buf_init(&lexer->words, max_bytes);
    moor_buf_init(&lexer->scratch, MOOR_DOCKERFILE_VALUE_MAX_BYTES);
}

void moor_dockerfile_lexer_release(struct moor_dockerfile_lexer *lexer)
{
    moor_buf_release(&lexer->out);
    moor_buf_release(&lexer->words);
    moor_buf_release(&lexer->scratch);
}

static struct moor_dockerfile_level *innermost(struct moor_dockerfile_lexer *lexer)
{
    return &lexer->levels[lexer->depth];
}

static char byte_at(const struct moor_dockerfile_lexer *lexer, size_t at)
{
    return at < lexer->text.len ? lexer->text.ptr[at] : '\0';
}

static bool keeps_quotes(const struct moor_dockerfile_lexer *lexer)
{
    return lexer->mode == MOOR_DOCKERFILE_RAW_WORDS;
}

/* BuildKit looks for here-documents with the usual escape, whatever the directive says. */
static char escape_of(const struct moor_dockerfile_lexer *lexer)
{
    return lexer->mode == MOOR_DOCKERFILE_EXPAND ? lexer->escape : '\\';
}

/* --- words ------------------------------------------------------------------------------------ */

static bool has_words(const struct moor_dockerfile_lexer *lexer)
{
    return lexer->mode != MOOR_DOCKERFILE_EXPAND && lexer->depth == 0;
}

static void end_word(struct moor_dockerfile_lexer *lexer)
{
    if (lexer->words.len > lexer->word) {
        moor_buf_append_byte(&lexer->words, '\n');
        lexer->word = lexer->words.len;
    }
}

/* Appends to the current word a text in which white space does not end a word. */
static void add_raw(struct moor_dockerfile_lexer *lexer, struct moor_slice text)
{
    if (has_words(lexer)) {
        moor_buf_append(&lexer->words, text);
    }
}

/* Appends a text in which white space ends a word. */
static void add_text(struct moor_dockerfile_lexer *lexer, struct moor_slice text)
{
    for (size_t at = 0; has_words(lexer) && at < text.len;) {
        size_t space = moor_dockerfile_space(text, at);
        if (space > 0) {
            end_word(lexer);
            at += space;
            continue;
        }
        moor_buf_append_byte(&lexer->words, text.ptr[at++]);
    }
}

/* --- variables -------------------------------------------------------------------------------- */

/* Digits, one special character, or letters, digits and underscores. */
static struct moor_slice take_name(struct moor_dockerfile_lexer *lexer)
{
    size_t start = lexer->at;
    char first = byte_at(lexer, start);
    if (isdigit((unsigned char)first)) {
        while (isdigit((unsigned char)byte_at(lexer, lexer->at))) {
            lexer->at++;
        }
    } else if (first != '\0' && strchr("@*#?-$!", first) != NULL) {
        lexer->at++;
    } else {
        while (isalnum((unsigned char)byte_at(lexer, lexer->at)) ||
               byte_at(lexer, lexer->at) == '_' ||
               (unsigned char)byte_at(lexer, lexer->at) >= 0x80) {
            lexer->at++;
        }
    }
    return moor_slice_sub(lexer->text, start, lexer->at);
}

/* Finds the variable, or NULL.  The cost of the search is paid from `work`. */
static int find(const struct moor_dockerfile_variable **out,
                const struct moor_dockerfile_lexer *lexer, struct moor_slice name,
                struct moor_error *err)
{
    /* A value of the greatest length may be appended. */
    size_t cost = lexer->variable_count + MOOR_DOCKERFILE_VALUE_MAX_BYTES / 64;
    *out = NULL;
    if (cost > *lexer->work) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "the variables take too much work to expand");
    }
    *lexer->work -= cost;
    for (size_t i = lexer->variable_count; i > 0 && *out == NULL; i--) {
        *out =
            moor_slice_equal(lexer->variables[i - 1].name, name) ? &lexer->variables[i - 1] : NULL;
    }
    return 0;
}

/* Passes the value of a variable, which is in `out` from `dollar` on, to the words. */
static void end_value(struct moor_dockerfile_lexer *lexer, size_t dollar)
{
    if (innermost(lexer)->quote == 0) {
        add_text(lexer, moor_slice_sub(moor_buf_slice(&lexer->out), dollar, lexer->out.len));
    }
}

/* Appends the value of `$NAME` or `${NAME}`, which is in the text from `start` on. */
static int append_value(struct moor_dockerfile_lexer *lexer, struct moor_slice name, size_t start,
                        struct moor_error *err)
{
    const struct moor_dockerfile_variable *variable = NULL;
    size_t dollar = lexer->out.len;
    if (lexer->mode != MOOR_DOCKERFILE_EXPAND) {
        moor_buf_append(&lexer->out, moor_slice_sub(lexer->text, start, lexer->at));
        end_value(lexer, dollar);
        return 0;
    }
    if (find(&variable, lexer, name, err) != 0) {
        return -1;
    }
    if (variable != NULL && variable->is_known) {
        moor_buf_append(&lexer->out, variable->value);
    } else if (variable != NULL || isalpha((unsigned char)name.ptr[0]) || name.ptr[0] == '_') {
        innermost(lexer)->is_known =
            false; /* The parameters of a shell, such as `$$`, are empty. */
    }
    return 0;
}

/* Chooses between the value of the variable and the text after `-`, `+` or `?`. */
static void choose(struct moor_dockerfile_lexer *lexer, const struct moor_dockerfile_level *level,
                   const struct moor_dockerfile_variable *variable)
{
    struct moor_dockerfile_level *outer = innermost(lexer);
    bool is_set = variable != NULL;
    bool is_open = is_set && !variable->is_known;
    bool is_empty = is_set && !is_open && variable->value.len == 0;
    bool has_value = is_set && !(level->has_colon && is_empty);
    bool may_be_empty = is_open && level->has_colon && !variable->is_filled;
    bool takes_word =
        level->sign == '+' ? has_value && !may_be_empty : level->sign == '-' && !has_value;
    if (takes_word) {
        outer->is_known = outer->is_known && level->is_known;
        return;
    }
    moor_buf_truncate(&lexer->out, level->dollar);
    if (is_open || (level->sign == '?' && !has_value)) {
        outer->is_known = false; /* `${A:?}` needs a value from the build. */
    } else if (level->sign != '+' && is_set) {
        moor_buf_append(&lexer->out, variable->value);
    }
}

static int substitute(struct moor_dockerfile_lexer *lexer,
                      const struct moor_dockerfile_level *level,
                      const struct moor_dockerfile_variable *variable, struct moor_error *err)
{
    struct moor_slice out = moor_buf_slice(&lexer->out);
    struct moor_slice word = moor_slice_sub(out, level->word, out.len);
    struct moor_dockerfile_substitution substitution = {
        .sign = level->sign, .is_doubled = level->is_doubled, .pattern = word};
    bool is_known = level->is_known && variable != NULL && variable->is_known;
    if (level->sign == '/') {
        substitution.pattern = moor_slice_sub(out, level->word, level->replacement);
        substitution.replacement = moor_slice_sub(out, level->replacement, out.len);
    } else if (word.len > 0 && word.ptr[0] == level->sign) {
        substitution.is_doubled = true;
        substitution.pattern = moor_slice_sub(word, 1, word.len);
    }
    moor_buf_clear(&lexer->scratch);
    if (is_known && moor_dockerfile_substitute(&lexer->scratch, &is_known, variable->value,
                                               &substitution, lexer->work, err) != 0) {
        return -1;
    }
    moor_buf_truncate(&lexer->out, level->dollar);
    moor_buf_append(&lexer->out, moor_buf_slice(&lexer->scratch));
    innermost(lexer)->is_known = innermost(lexer)->is_known && is_known && !lexer->scratch.failed;
    return 0;
}

/* Ends the pattern of `${NAME/pattern/text}`, or the variable. */
static int close_level(struct moor_dockerfile_lexer *lexer, struct moor_error *err)
{
    struct moor_dockerfile_level *level = innermost(lexer);
    const struct moor_dockerfile_variable *variable = NULL;
    lexer->at++;
    if (level->stop == '/') {
        if (lexer->mode != MOOR_DOCKERFILE_EXPAND) {
            moor_buf_append_byte(&lexer->out, '/');
        }
        level->stop = '}';
        level->is_pattern = false;
        level->replacement = lexer->out.len;
        return 0;
    }
    lexer->depth--;
    if (lexer->mode != MOOR_DOCKERFILE_EXPAND) {
        moor_buf_append_byte(&lexer->out, '}');
        end_value(lexer, level->dollar);
        return 0;
    }
    if (find(&variable, lexer, level->name, err) != 0) {
        return -1;
    }
    switch (level->sign) {
    case '-':
    case '+':
    case '?':
        choose(lexer, level, variable);
        return 0;
    case '#':
    case '%':
    case '/':
        return substitute(lexer, level, variable, err);
    default:
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "unsupported operator in '${%.*s:...}'",
                              MOOR_SLICE_ARGS(level->name));
    }
}

/* Begins the text after the operator of a variable. */
static int open_level(struct moor_dockerfile_lexer *lexer, struct moor_dockerfile_level level,
                      size_t start, struct moor_error *err)
{
    bool is_slash = level.sign == '/' && !level.has_colon;
    if (lexer->depth == MOOR_DOCKERFILE_MAX_NESTING) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "variables are nested deeper than %d levels",
                              MOOR_DOCKERFILE_MAX_NESTING);
    }
    level.dollar = lexer->out.len;
    level.stop = '}';
    if (is_slash) {
        level.stop = '/';
        level.is_doubled = byte_at(lexer, lexer->at) == '/';
        lexer->at += level.is_doubled ? 1 : 0;
    }
    level.keeps_escapes = is_slash || level.sign == '#' || level.sign == '%';
    level.is_pattern = level.keeps_escapes;
    level.is_known = true;
    if (lexer->mode != MOOR_DOCKERFILE_EXPAND) {
        moor_buf_append(&lexer->out, moor_slice_sub(lexer->text, start, lexer->at));
    }
    level.word = lexer->out.len;
    level.replacement = level.word;
    /* BuildKit has one buffer for the words of all levels, so an inner level empties it. */
    moor_buf_truncate(&lexer->words, lexer->word);
    lexer->levels[++lexer->depth] = level;
    return 0;
}

/* Reads from `${` to the operator. */
static int take_braces(struct moor_dockerfile_lexer *lexer, size_t start, struct moor_error *err)
{
    struct moor_dockerfile_level level = {0};
    char first = byte_at(lexer, lexer->at);
    if (first != '\0' && strchr("{}:", first) != NULL) {
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "bad substitution: '${' without a name");
    }
    level.name = take_name(lexer);
    level.sign = byte_at(lexer, lexer->at);
    lexer->at += lexer->at < lexer->text.len ? 1 : 0;
    if (level.sign == '}') {
        return append_value(lexer, level.name, start, err);
    }
    if (level.sign == ':') {
        level.has_colon = true;
        level.sign = byte_at(lexer, lexer->at);
        lexer->at += lexer->at < lexer->text.len ? 1 : 0;
    }
    bool is_usual = level.sign != '\0' && strchr("-+?#%/", level.sign) != NULL;
    bool is_pattern = level.sign == '#' || level.sign == '%';
    if (level.has_colon ? is_pattern : !is_usual) {
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "unsupported operator in '${%.*s...}'",
                              MOOR_SLICE_ARGS(level.name));
    }
    /* After a colon, an unknown operator is an error only when the variable is expanded. */
    level.sign = level.has_colon && level.sign == '/' ? '\0' : level.sign;
    return open_level(lexer, level, start, err);
}

static int take_dollar(struct moor_dockerfile_lexer *lexer, struct moor_error *err)
{
    size_t start = lexer->at++;
    if (byte_at(lexer, lexer->at) == '{') {
        lexer->at++;
        return take_braces(lexer, start, err);
    }
    struct moor_slice name = take_name(lexer);
    if (name.len > 0) {
        return append_value(lexer, name, start, err);
    }
    size_t dollar = lexer->out.len;
    moor_buf_append_byte(&lexer->out, '$');
    end_value(lexer, dollar);
    return 0;
}

/* --- quotes and escapes ----------------------------------------------------------------------- */

static void open_quote(struct moor_dockerfile_lexer *lexer, char quote)
{
    innermost(lexer)->quote = quote;
    innermost(lexer)->quoted = lexer->out.len;
    lexer->at++;
    if (keeps_quotes(lexer)) {
        moor_buf_append_byte(&lexer->out, quote);
    }
}

static void close_quote(struct moor_dockerfile_lexer *lexer)
{
    struct moor_dockerfile_level *level = innermost(lexer);
    lexer->at++;
    if (keeps_quotes(lexer)) {
        moor_buf_append_byte(&lexer->out, level->quote);
    }
    level->quote = 0;
    add_raw(lexer, moor_slice_sub(moor_buf_slice(&lexer->out), level->quoted, lexer->out.len));
}

/* In a pattern, an escape is doubled, because the pattern has escapes of its own. */
static int step_single(struct moor_dockerfile_lexer *lexer)
{
    char byte = lexer->text.ptr[lexer->at];
    if (byte == '\'') {
        close_quote(lexer);
        return 0;
    }
    if (innermost(lexer)->is_pattern && byte == escape_of(lexer)) {
        moor_buf_append_byte(&lexer->out, byte);
    }
    moor_buf_append_byte(&lexer->out, byte);
    lexer->at++;
    return 0;
}

static int step_double(struct moor_dockerfile_lexer *lexer, struct moor_error *err)
{
    const struct moor_dockerfile_level *level = innermost(lexer);
    char byte = lexer->text.ptr[lexer->at];
    char next = byte_at(lexer, lexer->at + 1);
    if (byte == '"') {
        close_quote(lexer);
        return 0;
    }
    if (byte == '$') {
        return take_dollar(lexer, err);
    }
    lexer->at++;
    if (byte == escape_of(lexer) && lexer->at < lexer->text.len) {
        bool is_escaped = next == '"' || next == '$' || next == escape_of(lexer);
        bool is_kept =
            level->keeps_escapes && (is_escaped || !keeps_quotes(lexer) || level->is_pattern);
        if (is_kept) {
            moor_buf_append_byte(&lexer->out, byte);
        }
        byte = is_escaped ? next : byte;
        lexer->at += is_escaped ? 1 : 0;
    }
    moor_buf_append_byte(&lexer->out, byte);
    return 0;
}

static void take_escape(struct moor_dockerfile_lexer *lexer)
{
    size_t start = lexer->at + (innermost(lexer)->keeps_escapes ? 0 : 1);
    lexer->at = lexer->at + 2 < lexer->text.len ? lexer->at + 2 : lexer->text.len;
    struct moor_slice escaped = moor_slice_sub(lexer->text, start, lexer->at);
    moor_buf_append(&lexer->out, escaped);
    add_raw(lexer, escaped);
}

/* The word after `<<` may follow blanks, which then belong to the word of the here-document. */
static void take_arrow(struct moor_dockerfile_lexer *lexer)
{
    size_t start = lexer->at++;
    if (byte_at(lexer, lexer->at) == '<') {
        lexer->at++;
        while (lexer->at < lexer->text.len && strchr("\t\r ", byte_at(lexer, lexer->at)) != NULL) {
            lexer->at++;
        }
    }
    struct moor_slice arrow = moor_slice_sub(lexer->text, start, lexer->at);
    moor_buf_append(&lexer->out, arrow);
    add_raw(lexer, arrow);
}

static int step_outside(struct moor_dockerfile_lexer *lexer, struct moor_error *err)
{
    char byte = lexer->text.ptr[lexer->at];
    char stop = innermost(lexer)->stop;
    if (stop != 0 && byte == stop) {
        return close_level(lexer, err);
    }
    if (byte == '$') {
        return take_dollar(lexer, err);
    }
    if (byte == '<') {
        take_arrow(lexer);
    } else if (byte == '\'' || byte == '"') {
        open_quote(lexer, byte);
    } else if (byte == escape_of(lexer)) {
        take_escape(lexer);
    } else {
        size_t space = moor_dockerfile_space(lexer->text, lexer->at);
        size_t len = space > 0 ? space : 1;
        struct moor_slice part = moor_slice_sub(lexer->text, lexer->at, lexer->at + len);
        moor_buf_append(&lexer->out, part);
        add_text(lexer, part);
        lexer->at += len;
    }
    return 0;
}

/* --- texts ------------------------------------------------------------------------------------ */

static void start(struct moor_dockerfile_lexer *lexer, enum moor_dockerfile_mode mode,
                  struct moor_slice text)
{
    moor_buf_clear(&lexer->out);
    moor_buf_clear(&lexer->words);
    lexer->out.max =
        mode == MOOR_DOCKERFILE_EXPAND ? MOOR_DOCKERFILE_VALUE_MAX_BYTES : lexer->words.max;
    lexer->mode = mode;
    lexer->text = text;
    lexer->at = 0;
    lexer->word = 0;
    lexer->depth = 0;
    lexer->levels[0] = (struct moor_dockerfile_level){
        .keeps_escapes = mode == MOOR_DOCKERFILE_RAW_WORDS, .is_known = true};
}

static int finish(struct moor_dockerfile_lexer *lexer, struct moor_error *err)
{
    if (innermost(lexer)->quote != 0) {
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "a quote (%c) without its end",
                              innermost(lexer)->quote);
    }
    if (lexer->depth > 0) {
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "a variable has no closing '%c'",
                              innermost(lexer)->stop);
    }
    if (lexer->mode == MOOR_DOCKERFILE_EXPAND) {
        lexer->is_known = lexer->levels[0].is_known && !lexer->out.failed;
        return 0;
    }
    end_word(lexer);
    return moor_buf_check(&lexer->words, err);
}

int moor_dockerfile_lex(struct moor_dockerfile_lexer *lexer, enum moor_dockerfile_mode mode,
                        struct moor_slice text, struct moor_error *err)
{
    int status = 0;
    start(lexer, mode, text);
    while (status == 0 && lexer->at < text.len) {
        char quote = innermost(lexer)->quote;
        if (quote == '\'') {
            status = step_single(lexer);
        } else if (quote == '"') {
            status = step_double(lexer, err);
        } else {
            status = step_outside(lexer, err);
        }
    }
    return status == 0 ? finish(lexer, err) : -1;
}

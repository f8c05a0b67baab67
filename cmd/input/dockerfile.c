/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile.h"

#include "policy/base/buf.h"

#include <ctype.h>
#include <strings.h>

/*
 * The parser joins the lines of an instruction, and findings need positions in the file.  A segment
 * maps one joined line back to its place there.
 */
struct segment {
    size_t at; /* offset in the joined instruction */
    size_t offset;
};

struct context {
    struct moor_slice text;
    size_t at; /* offset of the next line */
    char escape;
    struct moor_arena *arena;
    struct moor_error *err;
    /* The current instruction with its lines joined. */
    struct moor_buf line;
    struct segment *segments;
    size_t segment_count;
    size_t segment_room;
    /* The arguments and stages found so far. */
    struct moor_variables arguments;
    size_t argument_room;
    struct moor_slice *stages;
    size_t stage_count;
    size_t stage_room;
    size_t from_count; /* number of FROM instructions, including `scratch` and stages */
    struct moor_dockerfile *out;
    size_t out_room;
};

static int fail_memory(struct context *context)
{
    return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for a Dockerfile");
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The physical line at `at`, without blanks around it. */
static struct moor_slice line_at(const struct context *context, size_t at, size_t *next)
{
    const char *start = context->text.ptr + at;
    const char *newline = memchr(start, '\n', context->text.len - at);
    size_t end = newline != NULL ? (size_t)(newline - context->text.ptr) : context->text.len;
    *next = newline != NULL ? end + 1 : end;
    while (at < end && is_blank(context->text.ptr[at])) {
        at++;
    }
    while (end > at && is_blank(context->text.ptr[end - 1])) {
        end--;
    }
    return moor_slice_sub(context->text, at, end);
}

static int append_segment(struct context *context, struct moor_slice part)
{
    struct segment *grown =
        moor_arena_grow(context->arena, context->segments, context->segment_count,
                        &context->segment_room, context->segment_count + 1, sizeof *grown);
    if (grown == NULL) {
        return fail_memory(context);
    }
    context->segments = grown;
    grown[context->segment_count++] =
        (struct segment){context->line.len, (size_t)(part.ptr - context->text.ptr)};
    moor_buf_append(&context->line, part);
    return moor_buf_check(&context->line, context->err);
}

/*
 * Joins the lines of the next instruction.  Returns 1 with the instruction in `line`, 0 at the end
 * of the file, and -1 if memory is short.
 */
static int next_instruction(struct context *context)
{
    bool is_continued = false;
    moor_buf_clear(&context->line);
    context->segment_count = 0;
    while (context->at < context->text.len) {
        struct moor_slice line = line_at(context, context->at, &context->at);
        if (line.len == 0 || line.ptr[0] == '#') {
            continue; /* BuildKit drops comments and empty lines inside an instruction too. */
        }
        is_continued = line.ptr[line.len - 1] == context->escape;
        if (append_segment(context, moor_slice_sub(line, 0, line.len - is_continued)) != 0) {
            return -1;
        }
        if (!is_continued) {
            return 1;
        }
    }
    /* A continuation on the last line still ends its instruction at the end of the file. */
    return is_continued && context->line.len > 0;
}

/*
 * Reads the directive `# escape=` from the comments that open the file.  The first line that is not
 * a directive ends the search: from there on, BuildKit reads `# escape=` as a comment.
 */
static void read_directives(struct context *context)
{
    static const char key[] = "escape";
    size_t at = context->at;
    while (at < context->text.len) {
        struct moor_slice line = line_at(context, at, &at);
        const char *equals = line.len > 0 ? memchr(line.ptr, '=', line.len) : NULL;
        if (line.len == 0 || line.ptr[0] != '#' || equals == NULL) {
            return;
        }
        size_t name = 1;
        while (is_blank(line.ptr[name])) {
            name++;
        }
        size_t value = (size_t)(equals - line.ptr) + 1;
        while (value < line.len && is_blank(line.ptr[value])) {
            value++;
        }
        if (strncasecmp(line.ptr + name, key, sizeof key - 1) == 0 && value + 1 == line.len &&
            (line.ptr[value] == '`' || line.ptr[value] == '\\')) {
            context->escape = line.ptr[value];
        }
    }
}

/* --- words ------------------------------------------------------------------------------------ */

/*
 * Returns the next word of the instruction after `*at`, or an empty slice at its end.  Quotes keep
 * blanks inside a word.
 */
static struct moor_slice next_word(const struct context *context, size_t *at)
{
    struct moor_slice line = moor_buf_slice(&context->line);
    char quote = '\0';
    while (*at < line.len && is_blank(line.ptr[*at])) {
        (*at)++;
    }
    size_t start = *at;
    for (; *at < line.len && (quote != '\0' || !is_blank(line.ptr[*at])); (*at)++) {
        char byte = line.ptr[*at];
        if (quote != '\0' ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote != '\0' ? '\0' : byte;
        }
    }
    return moor_slice_sub(line, start, *at);
}

static struct moor_slice unquoted(struct moor_slice word)
{
    bool is_quoted = word.len >= 2 && (word.ptr[0] == '"' || word.ptr[0] == '\'') &&
                     word.ptr[word.len - 1] == word.ptr[0];
    return is_quoted ? moor_slice_sub(word, 1, word.len - 1) : word;
}

static bool is_word(struct moor_slice word, const char *text)
{
    return word.len == strlen(text) && strncasecmp(word.ptr, text, word.len) == 0;
}

/* Returns the position in the file of a byte of the joined instruction. */
static size_t offset_of(const struct context *context, size_t at)
{
    size_t i = context->segment_count;
    while (i > 1 && context->segments[i - 1].at > at) {
        i--;
    }
    return i > 0 ? context->segments[i - 1].offset + (at - context->segments[i - 1].at) : 0;
}

/* --- instructions ----------------------------------------------------------------------------- */

static int add_argument(struct context *context, struct moor_slice word)
{
    const char *equals = memchr(word.ptr, '=', word.len);
    size_t len = equals != NULL ? (size_t)(equals - word.ptr) : word.len;
    struct moor_variable *grown =
        moor_arena_grow(context->arena, context->arguments.items, context->arguments.count,
                        &context->argument_room, context->arguments.count + 1, sizeof *grown);
    if (grown == NULL) {
        return fail_memory(context);
    }
    context->arguments.items = grown;
    struct moor_variable *argument = &grown[context->arguments.count];
    *argument = (struct moor_variable){.is_known = equals != NULL};
    struct moor_slice value = unquoted(moor_slice_sub(word, len + 1, word.len));
    bool is_known = true;
    /* A default may use the arguments that are declared before it. */
    if (moor_arena_copy(context->arena, &argument->name, moor_slice_sub(word, 0, len),
                        context->err) != 0 ||
        moor_arena_copy(context->arena, &value, value, context->err) != 0 ||
        moor_variables_expand(&argument->value, &is_known, value, &context->arguments,
                              context->arena, context->err) != 0) {
        return -1;
    }
    argument->is_known = argument->is_known && is_known;
    context->arguments.count++;
    return 0;
}

/*
 * Only an ARG before the first FROM can be used in a FROM.  Later ones belong to their stage and
 * never change a base image.
 */
static int on_arg(struct context *context, size_t at)
{
    struct moor_slice word;
    while (context->from_count == 0 && (word = next_word(context, &at)).len > 0) {
        if (add_argument(context, word) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_stage(const struct context *context, struct moor_slice name)
{
    for (size_t i = 0; i < context->stage_count; i++) {
        if (context->stages[i].len == name.len &&
            strncasecmp(context->stages[i].ptr, name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

static int add_stage(struct context *context, struct moor_slice name)
{
    if (name.len == 0) {
        return 0;
    }
    struct moor_slice *grown =
        moor_arena_grow(context->arena, context->stages, context->stage_count, &context->stage_room,
                        context->stage_count + 1, sizeof *grown);
    if (grown == NULL) {
        return fail_memory(context);
    }
    context->stages = grown;
    grown[context->stage_count++] = name;
    return 0;
}

/*
 * A stage of this file and `scratch` are not pulled from a registry, so neither is reported.  A
 * stage is added after its own FROM, because a FROM cannot name itself.
 */
static int add_from(struct context *context, const struct moor_dockerfile_from *from)
{
    bool is_stranger =
        !from->is_known || (!is_word(from->image, "scratch") && !is_stage(context, from->image));
    if (is_stranger) {
        struct moor_dockerfile_from *grown =
            moor_arena_grow(context->arena, context->out->froms, context->out->count,
                            &context->out_room, context->out->count + 1, sizeof *grown);
        if (grown == NULL) {
            return fail_memory(context);
        }
        context->out->froms = grown;
        grown[context->out->count++] = *from;
    }
    return add_stage(context, from->stage);
}

static int on_from(struct context *context, size_t at)
{
    struct moor_dockerfile_from from = {.is_known = true};
    struct moor_slice word = next_word(context, &at);
    context->from_count++;
    while (moor_slice_starts_with(word, MOOR_SLICE("--"))) {
        word = next_word(context, &at);
    }
    if (word.len == 0) {
        return 0; /* The build fails on a FROM without an image and explains the error itself. */
    }
    from.offset = offset_of(context, (size_t)(word.ptr - context->line.ptr));
    struct moor_slice stage = {0};
    if (is_word(next_word(context, &at), "AS")) {
        stage = next_word(context, &at);
    }
    struct moor_slice image;
    if (moor_arena_copy(context->arena, &image, unquoted(word), context->err) != 0 ||
        moor_arena_copy(context->arena, &from.stage, stage, context->err) != 0 ||
        moor_variables_expand(&from.image, &from.is_known, image, &context->arguments,
                              context->arena, context->err) != 0) {
        return -1;
    }
    return add_from(context, &from);
}

/* --- here-documents --------------------------------------------------------------------------- */

/* Returns the word that ends the here-document that `word` begins (`<<EOF`, `3<<-"EOF"`). */
static struct moor_slice delimiter_of(struct moor_slice word)
{
    size_t at = 0;
    while (at < word.len && isdigit((unsigned char)word.ptr[at])) {
        at++;
    }
    if (!moor_slice_starts_with(moor_slice_sub(word, at, word.len), MOOR_SLICE("<<"))) {
        return (struct moor_slice){0};
    }
    at += 2;
    at += at < word.len && word.ptr[at] == '-' ? 1 : 0;
    struct moor_slice name = unquoted(moor_slice_sub(word, at, word.len));
    for (size_t i = 0; i < name.len; i++) {
        if (!isalnum((unsigned char)name.ptr[i]) && name.ptr[i] != '_') {
            return (struct moor_slice){0};
        }
    }
    return name;
}

/*
 * Skips the here-documents of the instruction, whose lines can look like a FROM.  An unterminated
 * here-document is read as instructions: an image is reported rather than hidden.
 */
static void pass_documents(struct context *context, size_t at)
{
    struct moor_slice word;
    while ((word = next_word(context, &at)).len > 0) {
        struct moor_slice delimiter = delimiter_of(word);
        size_t next = context->at;
        bool is_found = false;
        while (delimiter.len > 0 && !is_found && next < context->text.len) {
            is_found = moor_slice_equal(line_at(context, next, &next), delimiter);
        }
        context->at = is_found ? next : context->at;
    }
}

static int take_instruction(struct context *context)
{
    size_t at = 0;
    struct moor_slice name = next_word(context, &at);
    if (is_word(name, "FROM")) {
        return on_from(context, at);
    }
    if (is_word(name, "ARG")) {
        return on_arg(context, at);
    }
    if (is_word(name, "RUN") || is_word(name, "COPY") || is_word(name, "ADD")) {
        pass_documents(context, at);
    }
    return 0;
}

int moor_dockerfile_read(struct moor_dockerfile *out, struct moor_slice text,
                         struct moor_arena *arena, struct moor_error *err)
{
    struct context context = {
        .text = text,
        .at = moor_slice_starts_with(text, MOOR_SLICE("\xEF\xBB\xBF")) ? 3 : 0,
        .escape = '\\',
        .arena = arena,
        .err = err,
        .out = out,
    };
    *out = (struct moor_dockerfile){0};
    moor_buf_init(&context.line, MOOR_DOCKERFILE_MAX_LINE);
    read_directives(&context);
    int status = 1;
    while (status > 0) {
        status = next_instruction(&context);
        if (status > 0 && take_instruction(&context) != 0) {
            status = -1;
        }
    }
    moor_buf_release(&context.line);
    return status;
}

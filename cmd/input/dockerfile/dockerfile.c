/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/dockerfile.h"

#include "cmd/input/dockerfile/directives.h"
#include "cmd/input/dockerfile/flags.h"
#include "cmd/input/dockerfile/heredoc.h"
#include "cmd/input/dockerfile/instruction.h"
#include "cmd/input/dockerfile/space.h"
#include "cmd/input/dockerfile/words.h"
#include "policy/base/array_size.h"
#include "policy/json/reader.h"

/* Steps of expansion in one file.  The files of public repositories need a few thousand. */
#define MAX_WORK         ((size_t)100 * 1000 * 1000)

/* The first arguments of the platform, which a build never leaves empty. */
#define FILLED_ARGUMENTS 7

struct context {
    struct moor_dockerfile_reader reader;
    struct moor_dockerfile_lexer lexer;
    struct moor_dockerfile_flags flags;
    struct moor_buf heredocs;
    struct moor_dockerfile_references references;
    /* The arguments before the first FROM. */
    struct moor_dockerfile_variable *arguments;
    size_t argument_count;
    size_t argument_room;
    size_t work;            /* steps of expansion that are left */
    struct moor_error stop; /* what ended the reading */
    struct moor_dockerfile *out;
};

/* Records the first error of the file, at a byte of the joined line. */
static void set_malformed(struct context *context, size_t at, const char *text)
{
    struct moor_error *malformed = &context->out->malformed;
    if (malformed->code == MOOR_ERROR_NONE) {
        malformed->offset = moor_dockerfile_instruction_offset(&context->reader, at);
    }
    (void)moor_error_set(malformed, MOOR_ERROR_SYNTAX, "%s", text);
}

/* --- words ------------------------------------------------------------------------------------ */

/* The slice is valid until the next instruction is read. */
static struct moor_slice line_of(const struct context *context)
{
    return moor_buf_slice(&context->reader.line);
}

static size_t offset_in_line(const struct context *context, struct moor_slice part)
{
    return (size_t)(part.ptr - context->reader.line.ptr);
}

/* BuildKit parses the instruction after ONBUILD anew, without the directive of the file. */
static char escape_of(const struct context *context, bool is_trigger)
{
    return is_trigger ? '\\' : context->reader.escape;
}

/* Begins to read the flags of the instruction whose arguments are `rest`. */
static void open_flags(struct context *context, struct moor_slice rest, char escape)
{
    size_t start = rest.len > 0 ? offset_in_line(context, rest) : context->reader.line.len;
    /* The blanks at the end of the line are not a part of a quote that is left open. */
    context->flags.line = moor_slice_sub(line_of(context), 0, start + rest.len);
    context->flags.at = start;
    context->flags.escape = escape;
}

/* Skips the flags and returns the arguments after them. */
static struct moor_slice skip_flags(struct context *context, struct moor_slice rest)
{
    open_flags(context, rest, context->reader.escape);
    while (moor_dockerfile_flags_next(&context->flags)) {
    }
    return moor_dockerfile_trim(moor_slice_sub(line_of(context), context->flags.at, SIZE_MAX));
}

/* --- stages and images ------------------------------------------------------------------------ */

/* Adds the value of `--from` or of a mount, in which BuildKit expands no variable. */
static int add_reference(struct context *context, struct moor_slice text,
                         struct moor_dockerfile_reference reference)
{
    size_t at = moor_dockerfile_flags_offset(&context->flags, text.ptr);
    bool has_variable = memchr(text.ptr, '$', text.len) != NULL;
    reference.image.image = text;
    reference.image.offset = moor_dockerfile_instruction_offset(&context->reader, at);
    reference.image.state = has_variable ? MOOR_DOCKERFILE_UNKNOWN : MOOR_DOCKERFILE_KNOWN;
    if (context->references.stage_count > 0) {
        reference.image.stage = context->references.stages[context->references.stage_count - 1];
    }
    if (moor_dockerfile_has_template(text)) {
        reference.image.state = MOOR_DOCKERFILE_TEMPLATE;
    }
    return moor_dockerfile_references_add(&context->references, &reference, &context->stop);
}

/* --- instructions ----------------------------------------------------------------------------- */

/* Appends the argument.  The lexer searches from the end, so that the last one of a name wins. */
static int add_argument(struct context *context, struct moor_slice name, struct moor_slice value,
                        bool is_known)
{
    struct moor_arena *arena = context->references.arena;
    struct moor_dockerfile_variable argument = {.is_known = is_known};
    struct moor_dockerfile_variable *grown = NULL;
    if (context->argument_count == MOOR_DOCKERFILE_MAX_ITEMS) {
        return moor_error_set(&context->stop, MOOR_ERROR_LIMIT,
                              "the file has more than 4,096 arguments");
    }
    grown = moor_arena_grow(arena, context->arguments, context->argument_count,
                            &context->argument_room, context->argument_count + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(&context->stop, MOOR_ERROR_MEMORY, "no memory for a Dockerfile");
    }
    context->arguments = grown;
    context->lexer.variables = grown;
    if (moor_arena_copy(arena, &argument.name, name, &context->stop) != 0 ||
        moor_arena_copy(arena, &argument.value, value, &context->stop) != 0) {
        return -1;
    }
    grown[context->argument_count++] = argument;
    return 0;
}

/* Expands a part of the joined line.  Returns false if it is malformed, which is recorded. */
static bool expand(struct context *context, struct moor_slice text)
{
    struct moor_error why = {0};
    context->lexer.variable_count = context->argument_count;
    if (moor_dockerfile_lex(&context->lexer, MOOR_DOCKERFILE_EXPAND, text, &why) != 0) {
        set_malformed(context, offset_in_line(context, text), why.text);
        return false;
    }
    return true;
}

/*
 * Only an ARG before the first FROM can be used in a FROM.  An ARG without a default keeps the
 * value of an earlier ARG of its name.
 */
static int on_arg(struct context *context, struct moor_slice rest)
{
    rest = skip_flags(context, rest);
    struct moor_slice word;
    while (context->references.stage_count == 0 &&
           (word = moor_dockerfile_take_quoted_word(&rest, context->reader.escape)).len > 0) {
        const char *equals = memchr(word.ptr, '=', word.len);
        size_t len = equals != NULL ? (size_t)(equals - word.ptr) : word.len;
        if (equals == NULL || !expand(context, moor_slice_sub(word, len + 1, word.len))) {
            continue;
        }
        if (add_argument(context, moor_slice_sub(word, 0, len), moor_buf_slice(&context->lexer.out),
                         context->lexer.is_known) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The words of a FROM: `IMAGE` or `IMAGE AS STAGE`. */
struct from {
    struct moor_slice image;
    struct moor_slice stage;
    bool is_malformed;
};

/* A template may have any number of words, of which the last two can still name the stage. */
static struct from read_from(struct moor_slice rest)
{
    bool is_template = moor_dockerfile_has_template(rest);
    struct from from = {.image = moor_dockerfile_take_word(&rest)};
    struct moor_slice last[2] = {{0}, {0}};
    size_t count = from.image.len > 0 ? 1 : 0;
    for (struct moor_slice word = moor_dockerfile_take_word(&rest); word.len > 0;
         word = moor_dockerfile_take_word(&rest)) {
        last[0] = last[1];
        last[1] = word;
        count++;
    }
    bool has_stage =
        count >= 3 && moor_dockerfile_is_word(last[0], "AS") && (count == 3 || is_template);
    from.stage = has_stage ? last[1] : (struct moor_slice){0};
    from.is_malformed = count == 0 || (!is_template && count != 1 && !has_stage);
    return from;
}

/* Expands the text of a FROM.  Returns false if it names no image. */
static bool read_base(struct context *context, struct moor_dockerfile_image *image,
                      struct moor_slice text)
{
    image->state = MOOR_DOCKERFILE_TEMPLATE;
    if (moor_dockerfile_has_template(text)) {
        return true;
    }
    if (!expand(context, text)) {
        return false;
    }
    image->image = moor_buf_slice(&context->lexer.out);
    if (moor_dockerfile_has_template(image->image)) {
        return true;
    }
    image->state = context->lexer.is_known ? MOOR_DOCKERFILE_KNOWN : MOOR_DOCKERFILE_UNKNOWN;
    if (context->lexer.is_known && image->image.len == 0) {
        set_malformed(context, offset_in_line(context, text), "FROM names no image");
        return false;
    }
    return image->state != MOOR_DOCKERFILE_KNOWN ||
           !(moor_slice_is(image->image, "scratch") ||
             moor_dockerfile_references_is_stage(&context->references, image->image));
}

static int on_from(struct context *context, struct moor_slice rest)
{
    struct moor_dockerfile_references *references = &context->references;
    struct moor_dockerfile_reference base = {.use = MOOR_DOCKERFILE_EARLIER};
    struct from from = read_from(skip_flags(context, rest));
    bool is_named = moor_dockerfile_is_stage_name(from.stage);
    context->out->has_stage = true;
    if (from.is_malformed) {
        set_malformed(context, 0,
                      "FROM must have an image, or an image, AS and the name of a "
                      "stage");
    } else if (from.stage.len > 0 && !is_named && !moor_dockerfile_has_template(from.stage)) {
        set_malformed(context, offset_in_line(context, from.stage),
                      "the name of a stage must begin with a letter and contain only letters, "
                      "digits, '-', '_' and '.'");
    }
    /* A stage cannot be its own base, so it is added after that. */
    bool has_image = from.image.len > 0 && read_base(context, &base.image, from.image);
    if (moor_dockerfile_references_add_stage(
            references, is_named ? from.stage : (struct moor_slice){0}, &context->stop) != 0) {
        return -1;
    }
    if (!has_image) {
        return 0;
    }
    base.image.where = MOOR_SLICE("FROM");
    base.image.stage = references->stages[references->stage_count - 1];
    base.image.offset =
        moor_dockerfile_instruction_offset(&context->reader, offset_in_line(context, from.image));
    return moor_dockerfile_references_add(references, &base, &context->stop);
}

/* BuildKit takes a list of texts in the form of JSON as words, not as a command of a shell. */
static bool is_json_list(struct moor_slice text)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_STRING;
    moor_json_reader_init(&reader, moor_dockerfile_trim(text));
    if (moor_json_next(&reader, &token) != MOOR_JSON_ARRAY_BEGIN) {
        return false;
    }
    while (event == MOOR_JSON_STRING) {
        event = moor_json_next(&reader, &token);
    }
    return event == MOOR_JSON_ARRAY_END && moor_json_next(&reader, &token) == MOOR_JSON_END;
}

/* Skips the here-documents of the instruction, whose lines can look like a FROM. */
static void skip_heredocs(struct context *context, struct moor_slice arguments)
{
    struct moor_slice line = line_of(context);
    struct moor_dockerfile_heredoc heredoc;
    struct moor_error why = {0};
    if (memmem(line.ptr, line.len, "<<", 2) == NULL || is_json_list(arguments)) {
        return;
    }
    if (moor_dockerfile_heredocs_find(&context->heredocs, &context->lexer, line, &why) != 0) {
        set_malformed(context, 0, why.text);
        return;
    }
    struct moor_slice heredocs = moor_buf_slice(&context->heredocs);
    for (size_t at = 0; moor_dockerfile_heredoc_next(&heredoc, heredocs, &at);) {
        if (!moor_dockerfile_instruction_skip(&context->reader, heredoc.end, heredoc.has_tabs)) {
            set_malformed(context, 0, "a here-document of this instruction has no end");
            return;
        }
    }
}

static int on_copy(struct context *context, struct moor_slice rest, bool is_trigger)
{
    const struct moor_dockerfile_reference reference = {
        .image.where = is_trigger ? MOOR_SLICE("ONBUILD COPY --from") : MOOR_SLICE("COPY --from"),
        .use = MOOR_DOCKERFILE_BY_NUMBER,
        .is_trigger = is_trigger,
    };
    open_flags(context, rest, escape_of(context, is_trigger));
    while (moor_dockerfile_flags_next(&context->flags)) {
        struct moor_slice from = moor_dockerfile_flags_value(&context->flags, "--from=");
        if (from.len > 0 && add_reference(context, from, reference) != 0) {
            return -1;
        }
    }
    skip_heredocs(context, moor_slice_sub(line_of(context), context->flags.at, SIZE_MAX));
    return 0;
}

static int on_run(struct context *context, struct moor_slice rest, bool is_trigger)
{
    const struct moor_dockerfile_reference reference = {
        .image.where = is_trigger ? MOOR_SLICE("ONBUILD RUN --mount") : MOOR_SLICE("RUN --mount"),
        .use = MOOR_DOCKERFILE_BY_NAME,
        .is_trigger = is_trigger,
    };
    struct moor_slice from = {0};
    open_flags(context, rest, escape_of(context, is_trigger));
    while (moor_dockerfile_flags_next(&context->flags)) {
        struct moor_error why = {0};
        if (moor_dockerfile_mount_from(&from, &context->flags, &why) != 0) {
            set_malformed(context, context->flags.start, why.text);
        } else if (from.len > 0 && add_reference(context, from, reference) != 0) {
            return -1;
        }
    }
    skip_heredocs(context, moor_slice_sub(line_of(context), context->flags.at, SIZE_MAX));
    return 0;
}

static int take_instruction(struct context *context)
{
    struct moor_slice rest = moor_dockerfile_trim(line_of(context));
    struct moor_slice name = moor_dockerfile_take_word(&rest);
    bool is_trigger = moor_dockerfile_is_word(name, "ONBUILD");
    /* The trigger is read in place, which needs no recursion: ONBUILD cannot be nested. */
    if (is_trigger) {
        rest = skip_flags(context, rest);
        name = moor_dockerfile_take_word(&rest);
    }
    context->out->is_template = context->out->is_template || moor_dockerfile_has_template(name);
    if (moor_dockerfile_is_word(name, "FROM")) {
        if (is_trigger) {
            set_malformed(context, 0, "FROM is not allowed after ONBUILD");
        }
        return is_trigger ? 0 : on_from(context, rest);
    }
    if (moor_dockerfile_is_word(name, "ARG")) {
        return is_trigger ? 0 : on_arg(context, rest);
    }
    if (moor_dockerfile_is_word(name, "RUN")) {
        return on_run(context, rest, is_trigger);
    }
    return moor_dockerfile_is_word(name, "COPY") || moor_dockerfile_is_word(name, "ADD")
               ? on_copy(context, rest, is_trigger)
               : 0;
}

/* --- the file --------------------------------------------------------------------------------- */

/* The build sets these arguments, so the file does not determine their values. */
static int add_platform_arguments(struct context *context)
{
    static const char *const names[] = {"BUILDPLATFORM",  "BUILDOS",        "BUILDARCH",
                                        "TARGETPLATFORM", "TARGETOS",       "TARGETARCH",
                                        "TARGETSTAGE",    "BUILDVARIANT",   "BUILDOSVERSION",
                                        "TARGETVARIANT",  "TARGETOSVERSION"};
    int status = 0;
    for (size_t i = 0; status == 0 && i < MOOR_ARRAY_SIZE(names); i++) {
        status = add_argument(context, moor_slice_from(names[i]), (struct moor_slice){0}, false);
    }
    for (size_t i = 0; status == 0 && i < FILLED_ARGUMENTS; i++) {
        context->arguments[i].is_filled = true;
    }
    return status;
}

static int read_directives(struct context *context)
{
    struct moor_dockerfile_directives directives;
    struct moor_slice text = moor_slice_sub(context->reader.text, context->reader.at, SIZE_MAX);
    struct moor_error *malformed = &context->out->malformed;
    if (moor_dockerfile_directives_read(&directives, text, malformed) != 0) {
        malformed->offset += context->reader.at;
    }
    context->reader.escape = directives.escape;
    context->lexer.escape = directives.escape;
    if (directives.syntax.len == 0) {
        return 0;
    }
    const struct moor_dockerfile_reference syntax = {
        .use = MOOR_DOCKERFILE_NEVER,
        .image = {.image = directives.syntax,
                  .where = MOOR_SLICE("# syntax"),
                  .offset = (size_t)(directives.syntax.ptr - context->reader.text.ptr),
                  .state = moor_dockerfile_has_template(directives.syntax)
                               ? MOOR_DOCKERFILE_TEMPLATE
                               : MOOR_DOCKERFILE_KNOWN}};
    return moor_dockerfile_references_add(&context->references, &syntax, &context->stop);
}

/* Reads until the end, or until a limit or the memory is exhausted. */
static void read_all(struct context *context)
{
    if (add_platform_arguments(context) != 0 || read_directives(context) != 0) {
        return;
    }
    while (moor_dockerfile_instruction_next(&context->reader, &context->stop) > 0) {
        if (take_instruction(context) != 0) {
            context->stop.offset = moor_dockerfile_instruction_offset(&context->reader, 0);
            return;
        }
    }
}

int moor_dockerfile_read(struct moor_dockerfile *out, struct moor_slice text,
                         struct moor_arena *arena, struct moor_error *err)
{
    struct context context = {
        .reader = {.text = text,
                   .at = moor_slice_starts_with(text, MOOR_SLICE("\xEF\xBB\xBF")) ? 3 : 0,
                   .arena = arena},
        .references = {.arena = arena},
        .work = MAX_WORK,
        .out = out,
    };
    *out = (struct moor_dockerfile){0};
    moor_buf_init(&context.reader.line, MOOR_DOCKERFILE_MAX_LINE);
    moor_buf_init(&context.flags.text, MOOR_DOCKERFILE_MAX_LINE);
    /* A line feed follows each word, so the words can need twice the room of the line. */
    moor_buf_init(&context.heredocs, 2 * MOOR_DOCKERFILE_MAX_LINE);
    moor_dockerfile_lexer_init(&context.lexer, 2 * MOOR_DOCKERFILE_MAX_LINE);
    context.lexer.work = &context.work;
    read_all(&context);
    moor_dockerfile_lexer_release(&context.lexer);
    moor_buf_release(&context.heredocs);
    moor_buf_release(&context.flags.text);
    moor_buf_release(&context.reader.line);
    if (context.stop.code == MOOR_ERROR_MEMORY) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "%s", context.stop.text);
    }
    if (context.stop.code != MOOR_ERROR_NONE && out->malformed.code == MOOR_ERROR_NONE) {
        out->malformed = context.stop;
    }
    return moor_dockerfile_references_settle(&out->images, &out->count, &context.references,
                                             &out->malformed, err);
}

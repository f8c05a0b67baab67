/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer - quotes, escapes and variables in a Dockerfile, as BuildKit's shell lexer reads them.
 *
 * `${NAME:-text}`, `${NAME:+text}`, `${NAME:?text}`, the same without the colon, and the
 * substitutions by pattern (substitution.h) are expanded.  Any other operator is an error.
 *
 * Threads:  one lexer, one thread at a time.
 * Memory:   owns buffers that are reused for each text.
 * Limits:   MOOR_DOCKERFILE_VALUE_MAX_BYTES of an expanded text, beyond which it counts as unknown;
 *           MOOR_DOCKERFILE_MAX_NESTING nested variables; `work` steps for all texts together.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_LEXER_H
#define MOOR_CMD_INPUT_DOCKERFILE_LEXER_H

#include "policy/base/buf.h"

#define MOOR_DOCKERFILE_VALUE_MAX_BYTES ((size_t)8192)
#define MOOR_DOCKERFILE_MAX_NESTING     16

/* A declared variable. */
struct moor_dockerfile_variable {
    struct moor_slice name;
    struct moor_slice value;
    bool is_known;  /* false if the file does not determine the value, as for TARGETARCH */
    bool is_filled; /* the value is not empty, even if it is unknown */
};

/* The ways to read a text. */
enum moor_dockerfile_mode {
    MOOR_DOCKERFILE_EXPAND,   /* replace variables, remove quotes and escapes */
    MOOR_DOCKERFILE_UNQUOTE,  /* keep variables, remove quotes and escapes, split into words */
    MOOR_DOCKERFILE_RAW_WORDS /* keep all, split into words */
};

/* Variables within variables, innermost last.  The first level is the text itself. */
struct moor_dockerfile_level {
    char stop;  /* `}` or `/`, which ends the level */
    char quote; /* the open quote, or 0 */
    bool keeps_escapes;
    bool is_pattern;
    bool is_known;   /* the text of this level has no unknown variable */
    char sign;       /* operator of the variable: `-`, `#` and so on */
    bool has_colon;  /* an empty value counts as none */
    bool is_doubled; /* `//` */
    struct moor_slice name;
    size_t dollar;      /* offset in `out` of the value of the variable */
    size_t word;        /* offset in `out` of the text after the operator */
    size_t replacement; /* offset in `out` of the text after the second slash */
    size_t quoted;      /* offset in `out` of the text in the open quote */
};

/* A lexer.  The caller sets the members up to `work`. */
struct moor_dockerfile_lexer {
    char escape;
    const struct moor_dockerfile_variable *variables; /* the last of a name wins */
    size_t variable_count;
    size_t *work;
    /* Results of moor_dockerfile_lex(). */
    struct moor_buf out;   /* the text */
    struct moor_buf words; /* its words, a line feed after each; not for EXPAND */
    bool is_known;         /* no variable without a value was used */
    /* Internal. */
    enum moor_dockerfile_mode mode;
    struct moor_slice text;
    size_t at;
    size_t word; /* offset in `words` of the current word */
    struct moor_buf scratch;
    size_t depth;
    struct moor_dockerfile_level levels[MOOR_DOCKERFILE_MAX_NESTING + 1];
};

void moor_dockerfile_lexer_init(struct moor_dockerfile_lexer *lexer, size_t max_bytes);
void moor_dockerfile_lexer_release(struct moor_dockerfile_lexer *lexer);

/*
 * Reads `text`, which has no line feed.  Returns -1 with MOOR_ERROR_SYNTAX if a quote or a variable
 * is malformed, and with MOOR_ERROR_LIMIT if a limit is exceeded.
 */
int moor_dockerfile_lex(struct moor_dockerfile_lexer *lexer, enum moor_dockerfile_mode mode,
                        struct moor_slice text, struct moor_error *err) MOOR_MUST_CHECK;

#endif

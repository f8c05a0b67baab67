/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/variables.h"

#include "policy/base/buf.h"

#include <ctype.h>

/* One variable of a text, split into its parts. */
struct use {
    struct moor_slice name;
    struct moor_slice word; /* the text after the operator */
    char operator;          /* '-', '+', or 0 */
    size_t len;             /* from the dollar to the end; 0: not a variable */
};

static size_t name_length(struct moor_slice text)
{
    size_t len = 0;
    while (len < text.len && (isalnum((unsigned char)text.ptr[len]) || text.ptr[len] == '_')) {
        len++;
    }
    return len;
}

/* Returns the offset of the brace that closes the one before `text`, or text.len without one. */
static size_t closing_brace(struct moor_slice text)
{
    size_t depth = 1;
    for (size_t i = 0; i < text.len; i++) {
        depth += text.ptr[i] == '{' ? 1 : 0;
        depth -= text.ptr[i] == '}' ? 1 : 0;
        if (depth == 0) {
            return i;
        }
    }
    return text.len;
}

/* Splits the variable at the start of `rest`, which is a dollar. */
static struct use read_use(struct moor_slice rest)
{
    struct moor_slice behind = moor_slice_sub(rest, 1, rest.len);
    if (behind.len == 0 || behind.ptr[0] != '{') {
        size_t len = name_length(behind);
        return (struct use){.name = moor_slice_sub(behind, 0, len), .len = len > 0 ? len + 1 : 0};
    }
    struct moor_slice inside = moor_slice_sub(behind, 1, behind.len);
    size_t end = closing_brace(inside);
    size_t len = name_length(inside);
    if (end == inside.len || len == 0 || len > end) {
        return (struct use){0};
    }
    struct use use = {.name = moor_slice_sub(inside, 0, len), .len = end + 3};
    size_t at = len < end && inside.ptr[len] == ':' ? len + 1 : len;
    if (at < end && (inside.ptr[at] == '-' || inside.ptr[at] == '+')) {
        use.operator= inside.ptr[at];
        use.word = moor_slice_sub(inside, at + 1, end);
    } else if (at < end) {
        /* `${NAME:?error}` requires a value, and the other operators differ between the tools. */
        return (struct use){0};
    }
    return use;
}

static const struct moor_variable *find(const struct moor_variables *variables,
                                        struct moor_slice name)
{
    for (size_t i = variables != NULL ? variables->count : 0; i > 0; i--) {
        if (moor_slice_equal(variables->items[i - 1].name, name)) {
            return &variables->items[i - 1];
        }
    }
    return NULL;
}

/*
 * Appends the value of a variable, which may contain variables itself.  Returns false if the value
 * is unknown: a registry or tag from the environment of a build is not in the file.
 */
static bool append_use(struct moor_buf *out, const struct use *use,
                       const struct moor_variables *variables)
{
    const struct moor_variable *variable = find(variables, use->name);
    bool has_value = variable != NULL && variable->is_known && variable->value.len > 0;
    if (use->operator== '+') {
        moor_buf_append(out, has_value ? use->word : (struct moor_slice){0});
        return true;
    }
    if (has_value) {
        moor_buf_append(out, variable->value);
        return true;
    }
    moor_buf_append(out, use->word);
    return use->operator== '-' ||(variable != NULL && variable->is_known);
}

/* Expands each variable in the text once.  The caller repeats for defaults that use variables. */
static bool expand_once(struct moor_buf *out, struct moor_slice text,
                        const struct moor_variables *variables)
{
    for (size_t at = 0; at < text.len;) {
        const char *dollar = memchr(text.ptr + at, '$', text.len - at);
        size_t before = dollar != NULL ? (size_t)(dollar - text.ptr) : text.len;
        moor_buf_append(out, moor_slice_sub(text, at, before));
        if (dollar == NULL) {
            return true;
        }
        struct use use = read_use(moor_slice_sub(text, before, text.len));
        if (use.len == 0 || !append_use(out, &use, variables)) {
            return false;
        }
        at = before + use.len;
    }
    return true;
}

int moor_variables_expand(struct moor_slice *out, bool *is_known, struct moor_slice text,
                          const struct moor_variables *variables, struct moor_arena *arena,
                          struct moor_error *err)
{
    struct moor_slice value = text;
    *is_known = true;
    *out = text;
    for (size_t depth = 0; value.len > 0 && memchr(value.ptr, '$', value.len) != NULL; depth++) {
        struct moor_buf expanded;
        moor_buf_init(&expanded, MOOR_VARIABLES_MAX_BYTES);
        *is_known = depth < MOOR_VARIABLES_MAX_DEPTH && expand_once(&expanded, value, variables) &&
                    !expanded.failed;
        int status = *is_known ? moor_arena_copy(arena, &value, moor_buf_slice(&expanded), err) : 0;
        moor_buf_release(&expanded);
        if (status != 0 || !*is_known) {
            return status;
        }
    }
    *out = value;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/ignore_glob.h"

#include "policy/base/array_size.h"

#include <ctype.h>
#include <stdint.h>

#define NOWHERE SIZE_MAX

/* A match in progress, and where it continues after a mismatch. */
struct context {
    struct moor_slice glob;
    struct moor_slice path;
    size_t at;      /* in the glob */
    size_t to;      /* in the path */
    size_t star;    /* in the glob, after the last `*`; NOWHERE if there is none */
    size_t star_to; /* in the path: where that `*` ends so far */
    size_t deep;    /* in the glob, after the last `**` and its slash; NOWHERE if there is none */
    size_t deep_to; /* in the path: the segment that begins there was tried last */
};

/* --- sets ------------------------------------------------------------------------------------- */

/* A class of characters in a set, such as `[:alpha:]`. */
static const struct class
{
    struct moor_slice name;
    int (*has)(int byte);
} classes[] = {
    {{"alnum", 5}, isalnum}, {{"alpha", 5}, isalpha}, {{"blank", 5}, isblank},
    {{"cntrl", 5}, iscntrl}, {{"digit", 5}, isdigit}, {{"graph", 5}, isgraph},
    {{"lower", 5}, islower}, {{"print", 5}, isprint}, {{"punct", 5}, ispunct},
    {{"space", 5}, isspace}, {{"upper", 5}, isupper}, {{"xdigit", 6}, isxdigit},
};

static char byte_at(struct moor_slice text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

/* Reads `[:NAME:]` at `*at`, and moves after it.  Returns false if no class begins there. */
static bool take_class(struct moor_slice glob, size_t *at, unsigned char byte, bool *is_in)
{
    struct moor_slice rest = moor_slice_sub(glob, *at, glob.len);
    const char *end = rest.len > 2 && moor_slice_starts_with(rest, MOOR_SLICE("[:"))
                          ? memmem(rest.ptr + 2, rest.len - 2, ":]", 2)
                          : NULL;
    if (end == NULL) {
        return false;
    }
    struct moor_slice name = {rest.ptr + 2, (size_t)(end - rest.ptr) - 2};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(classes); i++) {
        if (moor_slice_equal(name, classes[i].name)) {
            *is_in |= classes[i].has(byte) != 0;
            *at += name.len + 4;
            return true;
        }
    }
    return false;
}

/* Reads one character of a set, which `\` can escape. */
static unsigned char take_member(struct moor_slice glob, size_t *at)
{
    *at += byte_at(glob, *at) == '\\' && *at + 1 < glob.len;
    return (unsigned char)byte_at(glob, (*at)++);
}

/* Reads a character, a range or a class of a set, and notes whether it contains `byte`. */
static void take_range(struct moor_slice glob, size_t *at, unsigned char byte, bool *is_in)
{
    if (take_class(glob, at, byte, is_in)) {
        return;
    }
    unsigned char first = take_member(glob, at);
    unsigned char last = first;
    if (byte_at(glob, *at) == '-' && *at + 1 < glob.len && glob.ptr[*at + 1] != ']') {
        (*at)++;
        last = take_member(glob, at);
    }
    *is_in |= byte >= first && byte <= last;
}

/*
 * Matches `byte` with the set at `*at`, and moves after the set.  A `]` that is the first
 * character belongs to the set.  A slash is in no set.
 */
static bool match_set(struct moor_slice glob, size_t *at, char byte)
{
    size_t next = *at + 1;
    bool is_in = false;
    bool is_negated = byte_at(glob, next) == '!' || byte_at(glob, next) == '^';
    next += is_negated;
    size_t start = next;
    while (next < glob.len && (glob.ptr[next] != ']' || next == start)) {
        take_range(glob, &next, (unsigned char)byte, &is_in);
    }
    if (next >= glob.len) {
        return false;
    }
    *at = next + 1;
    return is_in != is_negated && byte != '/';
}

/* --- matching --------------------------------------------------------------------------------- */

/* Matches one character other than a star, and moves after it.  Returns false on a mismatch. */
static bool match_one(struct context *context)
{
    struct moor_slice glob = context->glob;
    size_t next = context->at;
    char byte = byte_at(context->path, context->to);
    bool is_match = false;
    if (context->to >= context->path.len || next >= glob.len) {
        return false;
    }
    switch (glob.ptr[next]) {
    case '?':
        is_match = byte != '/';
        next++;
        break;
    case '[':
        is_match = match_set(glob, &next, byte);
        break;
    case '\\':
        is_match = next + 1 < glob.len && glob.ptr[next + 1] == byte;
        next += 2;
        break;
    default:
        is_match = glob.ptr[next++] == byte;
        break;
    }
    context->at = is_match ? next : context->at;
    context->to += is_match;
    return is_match;
}

/*
 * Passes the stars at the current place.  A `**` that is a whole segment first matches no segment
 * at all, and later the segments up to each slash.
 */
static void take_stars(struct context *context)
{
    struct moor_slice glob = context->glob;
    size_t start = context->at;
    while (byte_at(glob, context->at) == '*') {
        context->at++;
    }
    bool begins = start == 0 || glob.ptr[start - 1] == '/';
    bool ends = context->at == glob.len || glob.ptr[context->at] == '/';
    if (context->at - start < 2 || !begins || !ends) {
        context->star = context->at;
        context->star_to = context->to;
        return;
    }
    context->at += context->at < glob.len;
    context->deep = context->at;
    context->deep_to = context->to;
    context->star = NOWHERE;
    /* At the end of the pattern, `**` matches the rest, whatever it is. */
    if (context->at == glob.len && glob.ptr[glob.len - 1] == '*') {
        context->to = context->path.len;
    }
}

/* Lets the last `*` match one more character, or the last `**` one more segment. */
static bool go_back(struct context *context)
{
    struct moor_slice path = context->path;
    if (context->star != NOWHERE && context->star_to < path.len &&
        path.ptr[context->star_to] != '/') {
        context->to = ++context->star_to;
        context->at = context->star;
        return true;
    }
    const char *slash = context->deep != NOWHERE && context->deep_to < path.len
                            ? memchr(path.ptr + context->deep_to, '/', path.len - context->deep_to)
                            : NULL;
    if (slash == NULL) {
        return false;
    }
    context->deep_to = (size_t)(slash - path.ptr) + 1;
    context->to = context->deep_to;
    context->at = context->deep;
    context->star = NOWHERE;
    return true;
}

bool moor_ignore_glob_match(struct moor_slice glob, struct moor_slice path)
{
    struct context context = {.glob = glob, .path = path, .star = NOWHERE, .deep = NOWHERE};
    while (context.at < glob.len || context.to < path.len) {
        if (byte_at(glob, context.at) == '*') {
            take_stars(&context);
        } else if (!match_one(&context) && !go_back(&context)) {
            return false;
        }
    }
    return true;
}

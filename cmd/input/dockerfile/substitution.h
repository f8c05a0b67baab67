/* SPDX-License-Identifier: Apache-2.0 */
/*
 * substitution - the substitutions by pattern of a Dockerfile: `${NAME#pattern}`, `${NAME%pattern}`
 * and `${NAME/pattern/text}`, with the operator doubled or not.
 *
 * A pattern has `*`, `?` and escapes by a backslash, but no brackets, as in BuildKit.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer; allocates nothing else.
 * Limits:   a value and a pattern have at most MOOR_DOCKERFILE_PATTERN_MAX_BYTES.  The cost of one
 *           substitution is the product of value, value and pattern, which the caller's `work`
 *           pays.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_SUBSTITUTION_H
#define MOOR_CMD_INPUT_DOCKERFILE_SUBSTITUTION_H

#include "policy/base/buf.h"

#define MOOR_DOCKERFILE_PATTERN_MAX_BYTES 256

/* One substitution. */
struct moor_dockerfile_substitution {
    char sign;       /* `#`, `%` or `/` */
    bool is_doubled; /* the longest match (`##`, `%%`), or every match (`//`) */
    struct moor_slice pattern;
    struct moor_slice replacement; /* for `/` */
};

/*
 * Appends the value after the substitution to `out`, and takes its cost from `*work`.  Sets
 * `*is_known` to false, and appends nothing, if the value or the pattern is too long or not ASCII,
 * or if the replacement would itself be expanded.  Returns -1 if the pattern is invalid or `*work`
 * is used up.
 */
int moor_dockerfile_substitute(struct moor_buf *out, bool *is_known, struct moor_slice value,
                               const struct moor_dockerfile_substitution *substitution,
                               size_t *work, struct moor_error *err) MOOR_MUST_CHECK;

#endif

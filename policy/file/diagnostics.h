/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnostics - the errors and warnings of one file, in the order of their positions.
 *
 * The first MOOR_DIAGNOSTICS_MAX of each kind are kept, ordered by position regardless of the order
 * in which they are added.  The others are only counted.
 *
 * Threads:  a list belongs to one thread at a time.
 * Memory:   allocates nothing.
 * Limits:   MOOR_DIAGNOSTICS_MAX errors and as many warnings.
 */
#ifndef MOOR_POLICY_FILE_DIAGNOSTICS_H
#define MOOR_POLICY_FILE_DIAGNOSTICS_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/file/quote.h"
#include "policy/file/yaml_tree.h"

/* Maximum number of errors, and of warnings, that are kept. */
#define MOOR_DIAGNOSTICS_MAX 20

/* Diagnostics of one kind. */
struct moor_diagnostic_list {
    struct moor_error kept[MOOR_DIAGNOSTICS_MAX]; /* sorted by line and column */
    size_t count;                                 /* number of those that are kept */
    size_t total;                                 /* number of all */
};

/* The diagnostics of a file; initialize with `{0}`. */
struct moor_diagnostics {
    struct moor_diagnostic_list errors;
    struct moor_diagnostic_list warnings;
};

/* Add an error or a warning at the position of the node. */
void moor_diagnostics_error(struct moor_diagnostics *diagnostics, const struct moor_yaml_node *at,
                            const char *format, ...) MOOR_PRINTF(3, 4);
void moor_diagnostics_warning(struct moor_diagnostics *diagnostics, const struct moor_yaml_node *at,
                              const char *format, ...) MOOR_PRINTF(3, 4);

/* Adds an error that a function returned; an error without a line comes first. */
void moor_diagnostics_add(struct moor_diagnostics *diagnostics, const struct moor_error *err);

/* Adds a warning in the form of an error. */
void moor_diagnostics_add_warning(struct moor_diagnostics *diagnostics,
                                  const struct moor_error *err);

/* Returns whether an error at this position would be kept, and is worth composing a text for. */
bool moor_diagnostics_would_keep(const struct moor_diagnostics *diagnostics,
                                 const struct moor_yaml_node *at);

/* Appends a line for each: `name:line:column: text`, and `warning: ` before the text of warnings.
 */
void moor_diagnostics_write(const struct moor_diagnostics *diagnostics, const char *name,
                            struct moor_buf *out);

#endif

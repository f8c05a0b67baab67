/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnostics - the errors and warnings of one file, in the order of their positions.
 *
 * The first MOOR_DIAGNOSTICS_MAX of each kind are kept, by place, however they come in; the others
 * are counted.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_DIAGNOSTICS_H
#define MOOR_POLICY_FILE_DIAGNOSTICS_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/file/quote.h"
#include "policy/file/yaml_tree.h"

#define MOOR_DIAGNOSTICS_MAX 20

struct moor_report_list {
    struct moor_error kept[MOOR_DIAGNOSTICS_MAX]; /* sorted by line and column */
    size_t count;                                 /* of kept ones */
    size_t total;                                 /* of all */
};

struct moor_diagnostics {
    struct moor_report_list errors;
    struct moor_report_list warnings;
};

/* Adds an error, or a warning, at the node's place. */
void moor_diagnostics_error(struct moor_diagnostics *diagnostics, const struct moor_yaml_node *at,
                            const char *format, ...) MOOR_PRINTF(3, 4);
void moor_diagnostics_warning(struct moor_diagnostics *diagnostics, const struct moor_yaml_node *at,
                              const char *format, ...) MOOR_PRINTF(3, 4);

/* Adds an error that a function gave back; line 0: it has no place and stands first. */
void moor_diagnostics_add(struct moor_diagnostics *diagnostics, const struct moor_error *err);

/* Whether an error at this place would be kept: composing a text for it is worth while. */
bool moor_diagnostics_would_keep(const struct moor_diagnostics *diagnostics,
                                 const struct moor_yaml_node *at);

/* Appends all reports, a line each: `name:line:column: text`, warnings with `warning: ` before. */
void moor_diagnostics_write(const struct moor_diagnostics *diagnostics, const char *name,
                            struct moor_buf *out);

#endif

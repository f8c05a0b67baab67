/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include "policy/base/escape.h"
#include "policy/file/diagnostics.h"

static bool is_before(const struct moor_error *left, const struct moor_error *right)
{
    return left->line != right->line ? left->line < right->line : left->column < right->column;
}

/*
 * Inserts after all earlier positions and equal ones; drops the last if the list is full.  The
 * modules that build a policy do not report in the order of the file, so the errors that are found
 * first may not be the ones to keep.
 */
static void insert(struct moor_diagnostic_list *list, const struct moor_error *err)
{
    list->total++;
    size_t at = list->count;
    /* From the end, because most errors are found in order and need no move. */
    while (at > 0 && is_before(err, &list->kept[at - 1])) {
        at--;
    }
    if (at == MOOR_DIAGNOSTICS_MAX) {
        return;
    }
    size_t moved = list->count < MOOR_DIAGNOSTICS_MAX ? list->count - at : list->count - at - 1;
    memmove(&list->kept[at + 1], &list->kept[at], moved * sizeof *err);
    list->kept[at] = *err;
    list->count += list->count < MOOR_DIAGNOSTICS_MAX ? 1 : 0;
}

static void add(struct moor_diagnostic_list *list, const struct moor_yaml_node *at,
                const char *format, va_list args) MOOR_PRINTF(3, 0);

static void add(struct moor_diagnostic_list *list, const struct moor_yaml_node *at,
                const char *format, va_list args)
{
    /* The buffer is larger than an error's text, which moor_error_set() cuts between characters. */
    char text[512];
    struct moor_error err = {.line = at->line, .column = at->column};
    if (vsnprintf(text, sizeof text, format, args) < 0) {
        text[0] = '\0';
    }
    (void)moor_error_set(&err, MOOR_ERROR_VALUE, "%s", text);
    insert(list, &err);
}

void moor_diagnostics_error(struct moor_diagnostics *diagnostics, const struct moor_yaml_node *at,
                            const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(&diagnostics->errors, at, format, args);
    va_end(args);
}

void moor_diagnostics_warning(struct moor_diagnostics *diagnostics, const struct moor_yaml_node *at,
                              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(&diagnostics->warnings, at, format, args);
    va_end(args);
}

void moor_diagnostics_add(struct moor_diagnostics *diagnostics, const struct moor_error *err)
{
    insert(&diagnostics->errors, err);
}

void moor_diagnostics_add_warning(struct moor_diagnostics *diagnostics,
                                  const struct moor_error *err)
{
    insert(&diagnostics->warnings, err);
}

bool moor_diagnostics_would_keep(const struct moor_diagnostics *diagnostics,
                                 const struct moor_yaml_node *at)
{
    struct moor_error position = {.line = at->line, .column = at->column};
    const struct moor_diagnostic_list *errors = &diagnostics->errors;
    return errors->count < MOOR_DIAGNOSTICS_MAX ||
           is_before(&position, &errors->kept[errors->count - 1]);
}

static void write_one(const struct moor_error *err, const char *name, const char *kind,
                      struct moor_buf *out)
{
    moor_escape_append(out, moor_slice_from(name), SIZE_MAX);
    if (err->line > 0) {
        moor_buf_printf(out, ":%u:%u", (unsigned)err->line, (unsigned)err->column);
    }
    moor_buf_printf(out, ": %s", kind);
    /* Texts quote the file, and a terminal would interpret control characters. */
    moor_escape_append(out, moor_slice_from(err->text), SIZE_MAX);
    moor_buf_append_byte(out, '\n');
}

static void write_rest(const struct moor_diagnostic_list *list, const char *name, const char *noun,
                       struct moor_buf *out)
{
    size_t rest = list->total - list->count;
    if (rest > 0) {
        moor_escape_append(out, moor_slice_from(name), SIZE_MAX);
        moor_buf_printf(out, ": %zu more %s%s\n", rest, noun, rest == 1 ? "" : "s");
    }
}

void moor_diagnostics_write(const struct moor_diagnostics *diagnostics, const char *name,
                            struct moor_buf *out)
{
    const struct moor_diagnostic_list *errors = &diagnostics->errors;
    const struct moor_diagnostic_list *warnings = &diagnostics->warnings;
    size_t error = 0;
    size_t warning = 0;
    /* Both lists are sorted, so that merging them gives the order of the file. */
    while (error < errors->count || warning < warnings->count) {
        if (warning == warnings->count ||
            (error < errors->count && !is_before(&warnings->kept[warning], &errors->kept[error]))) {
            write_one(&errors->kept[error++], name, "", out);
        } else {
            write_one(&warnings->kept[warning++], name, "warning: ", out);
        }
    }
    write_rest(errors, name, "error", out);
    write_rest(warnings, name, "warning", out);
}

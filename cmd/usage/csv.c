/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/usage/csv.h"

#include "policy/base/escape.h"

#include <string.h>

#define TEXT_MAX ((size_t)64 * 1024)

void moor_csv_begin(struct moor_csv *csv, FILE *out)
{
    *csv = (struct moor_csv){.out = out};
    moor_buf_init(&csv->text, TEXT_MAX);
}

/* Blanks are skipped, because some spreadsheets skip them before a formula too. */
static bool is_formula(struct moor_slice text)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] == ' ') {
        at++;
    }
    return at < text.len && strchr("=+-@|%\t\r\n", text.ptr[at]) != NULL;
}

void moor_csv_cell(struct moor_csv *csv, struct moor_slice text)
{
    moor_buf_clear(&csv->text);
    struct moor_slice shown = moor_escaped(&csv->text, text, text.len);
    (void)fputs(csv->has_cells ? ",\"" : "\"", csv->out);
    if (is_formula(text)) {
        (void)fputc('\'', csv->out);
    }
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.ptr[i] == '"') {
            (void)fputc('"', csv->out);
        }
        (void)fputc(shown.ptr[i], csv->out);
    }
    (void)fputc('"', csv->out);
    csv->has_cells = true;
}

void moor_csv_line(struct moor_csv *csv)
{
    (void)fputc('\n', csv->out);
    csv->has_cells = false;
}

void moor_csv_end(struct moor_csv *csv)
{
    moor_buf_release(&csv->text);
}

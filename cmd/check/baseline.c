/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/baseline.h"

#include "cmd/report/fingerprint.h"

#include <stdlib.h>

#define NAME_MAX_BYTES ((size_t)64 * 1024)

/* A finding or a line of the file, identified by its columns. */
struct entry {
    struct moor_slice name;
    size_t order; /* index of the finding, or line number */
};

struct entries {
    struct entry *items;
    size_t count;
    struct moor_arena arena;
};

/* The order breaks ties, so that equal names keep their sequence and the result is stable. */
static int by_name(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    size_t shorter = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = shorter > 0 ? memcmp(a->name.ptr, b->name.ptr, shorter) : 0;
    if (order != 0) {
        return order;
    }
    if (a->name.len != b->name.len) {
        return a->name.len < b->name.len ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

static void sort(struct entries *entries)
{
    if (entries->count > 0) {
        qsort(entries->items, entries->count, sizeof *entries->items, by_name);
    }
}

static void release(struct entries *entries)
{
    free(entries->items);
    moor_arena_release(&entries->arena);
}

static int fail_memory(struct entries *entries, struct moor_error *err)
{
    release(entries);
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the baseline");
}

/* Lists the findings that a baseline contains, sorted.  The others do not fail a run. */
static int name_findings(struct entries *out, const struct moor_report *report,
                         struct moor_error *err)
{
    *out = (struct entries){.items = calloc(report->finding_count + 1, sizeof *out->items)};
    moor_arena_init(&out->arena, MOOR_REPORT_MAX_BYTES);
    if (out->items == NULL) {
        return fail_memory(out, err);
    }
    struct moor_buf name;
    moor_buf_init(&name, NAME_MAX_BYTES);
    for (size_t i = 0; i < report->finding_count; i++) {
        struct entry *entry = &out->items[out->count];
        if (report->findings[i].decision == MOOR_DECISION_AUDIT ||
            report->findings[i].suppression != MOOR_SUPPRESSION_NONE) {
            continue;
        }
        moor_fingerprint_append(&name, &report->findings[i]);
        if (moor_arena_copy(&out->arena, &entry->name, moor_buf_slice(&name), err) != 0) {
            moor_buf_release(&name);
            return fail_memory(out, err);
        }
        moor_buf_clear(&name);
        entry->order = i;
        out->count++;
    }
    moor_buf_release(&name);
    sort(out);
    return 0;
}

/* Returns whether a line has the number of columns that a finding has. */
static bool is_entry(struct moor_slice line)
{
    size_t tabs = 0;
    for (size_t i = 0; i < line.len; i++) {
        tabs += line.ptr[i] == '\t';
    }
    return tabs == 3;
}

/* A wrong file must not count as an empty baseline, which would report every finding as new. */
static int fail_line(struct entries *entries, size_t number, struct moor_error *err)
{
    release(entries);
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "line %zu is not a baseline entry (file, object, container and image, "
                          "separated by tabs): create the file with --write-baseline",
                          number);
}

/* Lists the entries of the file, sorted. */
static int read_entries(struct entries *out, struct moor_slice text, struct moor_error *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
    }
    *out = (struct entries){.items = calloc(lines, sizeof *out->items)};
    if (out->items == NULL) {
        return fail_memory(out, err);
    }
    size_t number = 1;
    for (size_t at = 0; at < text.len; number++) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        size_t stop = end > at && text.ptr[end - 1] == '\r' ? end - 1 : end;
        struct moor_slice line = moor_slice_sub(text, at, stop);
        bool is_comment = line.len == 0 || line.ptr[0] == '#';
        if (!is_comment && !is_entry(line)) {
            return fail_line(out, number, err);
        }
        if (!is_comment) {
            out->items[out->count++] = (struct entry){line, number};
        }
        at = end + 1;
    }
    sort(out);
    return 0;
}

/* Reports an entry that matches no finding, such as `a.yaml: Deployment shop/web, web, nginx`. */
static void add_stale(struct moor_report *report, struct moor_slice file, const struct entry *entry)
{
    struct moor_buf text;
    moor_buf_init(&text, NAME_MAX_BYTES);
    moor_buf_append_text(&text, "matches no finding, remove it: ");
    for (size_t i = 0; i < entry->name.len; i++) {
        if (entry->name.ptr[i] == '\t') {
            moor_buf_append_text(&text, ", ");
        } else {
            moor_buf_append_byte(&text, entry->name.ptr[i]);
        }
    }
    moor_report_add_stale(report, file, (uint32_t)entry->order, moor_buf_slice(&text));
    moor_buf_release(&text);
}

/* Stale entries are reported in the order of the file, not of the sorted list. */
static int by_line(const void *left, const void *right)
{
    const struct moor_report_input_error *a = left;
    const struct moor_report_input_error *b = right;
    return a->line < b->line ? -1 : a->line > b->line;
}

int moor_baseline_apply(struct moor_report *report, struct moor_slice text, struct moor_slice file,
                        struct moor_error *err)
{
    struct entries findings;
    struct entries known;
    if (name_findings(&findings, report, err) != 0) {
        return -1;
    }
    if (read_entries(&known, text, err) != 0) {
        release(&findings);
        return -1;
    }
    /* Both lists are sorted, so one pass finds all matches.  An entry matches one finding only. */
    size_t at = 0;
    for (size_t i = 0; i < known.count; i++) {
        const struct entry *entry = &known.items[i];
        while (at < findings.count &&
               by_name(&(struct entry){findings.items[at].name, 0},
                       &(struct entry){entry->name, 1}) < 0 &&
               !moor_slice_equal(findings.items[at].name, entry->name)) {
            at++;
        }
        if (at < findings.count && moor_slice_equal(findings.items[at].name, entry->name)) {
            report->findings[findings.items[at++].order].is_known = true;
        } else {
            add_stale(report, file, entry);
        }
    }
    if (report->stale_count > 0) {
        qsort(report->stale, report->stale_count, sizeof *report->stale, by_line);
    }
    release(&findings);
    release(&known);
    return 0;
}

bool moor_baseline_is_one(struct moor_slice text)
{
    struct entries entries;
    struct moor_error ignored = {0};
    if (read_entries(&entries, text, &ignored) != 0) {
        return false;
    }
    release(&entries);
    return true;
}

int moor_baseline_write(FILE *out, const struct moor_report *report, struct moor_error *err)
{
    struct entries findings;
    if (name_findings(&findings, report, err) != 0) {
        return -1;
    }
    (void)fputs("# Known findings, which do not fail 'tagmoor check --baseline FILE'.\n"
                "# file\tobject\tcontainer\timage\n",
                out);
    for (size_t i = 0; i < findings.count; i++) {
        (void)fwrite(findings.items[i].name.ptr, 1, findings.items[i].name.len, out);
        (void)fputc('\n', out);
    }
    release(&findings);
    return 0;
}

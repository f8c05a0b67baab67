/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/check/baseline.h"

#include "cmd/report/fingerprint.h"

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
    /* An empty text can have a null pointer, which memcmp() does not accept even for no bytes. */
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

/* Standard input has no folder. */
static void append_file(struct moor_buf *out, const struct moor_relative *folder,
                        struct moor_slice file)
{
    if (moor_slice_is(file, "-")) {
        moor_buf_append(out, file);
    } else {
        moor_relative_append(out, folder, file);
    }
}

/* Lists the findings that a baseline contains, sorted.  The others do not fail a run. */
static int name_findings(struct entries *out, const struct moor_report *report,
                         const struct moor_relative *folder, struct moor_error *err)
{
    /* The additional item avoids calloc(0), whose null result would look like a lack of memory. */
    *out = (struct entries){.items = calloc(report->finding_count + 1, sizeof *out->items)};
    moor_arena_init(&out->arena, MOOR_REPORT_MAX_BYTES);
    if (out->items == NULL) {
        return fail_memory(out, err);
    }
    bool is_whole = true;
    struct moor_buf name;
    struct moor_buf file;
    moor_buf_init(&name, NAME_MAX_BYTES);
    moor_buf_init(&file, NAME_MAX_BYTES);
    for (size_t i = 0; i < report->finding_count; i++) {
        struct entry *entry = &out->items[out->count];
        if (report->findings[i].decision == MOOR_DECISION_AUDIT ||
            report->findings[i].suppression != MOOR_SUPPRESSION_NONE) {
            continue;
        }
        struct moor_report_finding finding = report->findings[i];
        /*
         * The path counts from the folder of the baseline, so that a run from any working directory
         * finds the same entries.
         */
        append_file(&file, folder, finding.file);
        finding.file = moor_buf_slice(&file);
        moor_fingerprint_append(&name, &finding);
        is_whole = is_whole && !name.failed && !file.failed &&
                   moor_arena_copy(&out->arena, &entry->name, moor_buf_slice(&name), err) == 0;
        moor_buf_clear(&name);
        moor_buf_clear(&file);
        entry->order = i;
        out->count++;
    }
    moor_buf_release(&name);
    moor_buf_release(&file);
    sort(out);
    return is_whole ? 0 : fail_memory(out, err);
}

/* Returns the first column of an entry. */
static struct moor_slice file_of(struct moor_slice name)
{
    const char *tab = name.len > 0 ? memchr(name.ptr, '\t', name.len) : NULL;
    return moor_slice_sub(name, 0, tab != NULL ? (size_t)(tab - name.ptr) : name.len);
}

/* Returns whether a line has the number of columns that a finding has. */
static bool is_entry(struct moor_slice line)
{
    /* Fingerprints escape tabs in texts, so that every tab in a line separates two columns. */
    size_t tabs = 0;
    for (size_t i = 0; i < line.len; i++) {
        tabs += line.ptr[i] == '\t';
    }
    return tabs == 3;
}

/* A wrong file must not count as an empty baseline, which would report every finding as new. */
static int fail_line(size_t number, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "line %zu is not a baseline entry (file, object, container and image, "
                          "separated by tabs): create the file with --write-baseline",
                          number);
}

/* Names the file of an entry as findings do: a user can have written it in another way. */
static int name_entry(struct entry *entry, struct entries *entries,
                      const struct moor_relative *folder, struct moor_error *err)
{
    struct moor_slice file = file_of(entry->name);
    if (folder == NULL || moor_slice_is(file, "-")) {
        return 0;
    }
    struct moor_buf name;
    moor_buf_init(&name, NAME_MAX_BYTES);
    /* `./a.yaml` and `a.yaml` are one file. */
    moor_relative_append_inside(&name, folder, file);
    moor_buf_append(&name, moor_slice_sub(entry->name, file.len, entry->name.len));
    int status = moor_buf_check(&name, err) == 0
                     ? moor_arena_copy(&entries->arena, &entry->name, moor_buf_slice(&name), err)
                     : -1;
    moor_buf_release(&name);
    return status;
}

/* Adds the entry of a line.  Comments and empty lines are none. */
static int take_line(struct entries *entries, struct moor_slice line, size_t number,
                     const struct moor_relative *folder, struct moor_error *err)
{
    if (line.len == 0 || line.ptr[0] == '#') {
        return 0;
    }
    if (!is_entry(line)) {
        return fail_line(number, err);
    }
    /* The entry borrows from the text of the file; only a changed name is copied to the arena. */
    struct entry *entry = &entries->items[entries->count++];
    *entry = (struct entry){line, number};
    return name_entry(entry, entries, folder, err);
}

/* Lists the entries of the file, sorted.  Without a folder, they are only checked. */
static int read_entries(struct entries *out, struct moor_slice text,
                        const struct moor_relative *folder, struct moor_error *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
    }
    *out = (struct entries){.items = calloc(lines, sizeof *out->items)};
    moor_arena_init(&out->arena, MOOR_REPORT_MAX_BYTES);
    if (out->items == NULL) {
        return fail_memory(out, err);
    }
    size_t number = 1;
    for (size_t at = 0; at < text.len; number++) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        /* Git can check a file out with CRLF on Windows. */
        size_t stop = end > at && text.ptr[end - 1] == '\r' ? end - 1 : end;
        if (take_line(out, moor_slice_sub(text, at, stop), number, folder, err) != 0) {
            release(out);
            return -1;
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
    /* The line is shown with commas: terminals and logs of CI would show tabs in different ways. */
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

/* --- the files of a run ----------------------------------------------------------------------- */

/* The files that this run can say something about. */
struct scope {
    const struct moor_baseline *baseline;
    struct entries read; /* names of the files that were read, sorted */
};

static int add_read(struct scope *scope, struct moor_slice file, struct moor_error *err)
{
    struct moor_buf name;
    moor_buf_init(&name, NAME_MAX_BYTES);
    append_file(&name, scope->baseline->folder, file);
    struct moor_slice *kept = &scope->read.items[scope->read.count++].name;
    int status = moor_buf_check(&name, err) == 0
                     ? moor_arena_copy(&scope->read.arena, kept, moor_buf_slice(&name), err)
                     : -1;
    moor_buf_release(&name);
    return status;
}

/* The file of a finding counts as read: a renderer read it, where it differs from the input. */
static int list_read(struct scope *out, const struct moor_report *report,
                     const struct moor_baseline *baseline, struct moor_error *err)
{
    size_t most = report->read_count + report->finding_count;
    *out =
        (struct scope){.baseline = baseline, .read.items = calloc(most + 1, sizeof(struct entry))};
    moor_arena_init(&out->read.arena, MOOR_REPORT_MAX_BYTES);
    bool is_whole = out->read.items != NULL;
    for (size_t i = 0; is_whole && i < report->read_count; i++) {
        is_whole = add_read(out, report->read[i], err) == 0;
    }
    for (size_t i = 0; is_whole && i < report->finding_count; i++) {
        is_whole =
            /* Findings of one file follow each other, so that most files are added once. */
            (i > 0 && moor_slice_equal(report->findings[i].file, report->findings[i - 1].file)) ||
            add_read(out, report->findings[i].file, err) == 0;
    }
    if (is_whole) {
        sort(&out->read);
    }
    return is_whole ? 0 : fail_memory(&out->read, err);
}

static bool was_read(const struct scope *scope, struct moor_slice file)
{
    size_t low = 0;
    size_t high = scope->read.count;
    const struct entry wanted = {.name = file};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct entry *entry = &scope->read.items[middle];
        /*
         * Equality is tested first, because by_name() never returns 0: the order of the entries
         * breaks ties.
         */
        if (moor_slice_equal(entry->name, file)) {
            return true;
        }
        if (by_name(entry, &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static bool is_directory(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* Returns whether the file is below an operand that is a directory. */
static bool is_below_operand(const struct scope *scope, struct moor_slice file)
{
    bool is_below = false;
    for (size_t i = 0; !is_below && i < scope->baseline->operand_count; i++) {
        const char *operand = scope->baseline->operands[i];
        struct moor_buf name;
        moor_buf_init(&name, NAME_MAX_BYTES);
        moor_relative_append(&name, scope->baseline->folder, moor_slice_from(operand));
        struct moor_slice folder = moor_buf_slice(&name);
        /* The folder of the baseline itself is `.`, which is no prefix of the names in it. */
        bool is_all = moor_slice_is(folder, ".") && !moor_slice_starts_with(file, MOOR_SLICE(".."));
        bool is_inside = file.len > folder.len && file.ptr[folder.len] == '/' &&
                         moor_slice_starts_with(file, folder);
        is_below = (is_all || is_inside) && is_directory(operand);
        moor_buf_release(&name);
    }
    return is_below;
}

/* A file that is gone from a directory cannot be read any more, so its entries are stale too. */
static bool is_gone(const struct scope *scope, struct moor_slice file)
{
    if (moor_slice_is(file, "-") || !is_below_operand(scope, file)) {
        return false;
    }
    struct moor_buf path;
    moor_buf_init(&path, NAME_MAX_BYTES);
    moor_buf_append(&path, moor_buf_slice(&scope->baseline->folder->folder));
    moor_buf_append_byte(&path, '/');
    moor_buf_append(&path, file);
    moor_buf_append_byte(&path, '\0');
    /* Another error, such as a missing permission, does not prove that the file is gone. */
    bool is_gone = !path.failed && access(path.ptr, F_OK) != 0 && errno == ENOENT;
    moor_buf_release(&path);
    return is_gone;
}

/* --- comparing -------------------------------------------------------------------------------- */

/* Both lists are sorted, so one pass finds all matches.  An entry matches one finding only. */
static void compare(struct moor_report *report, const struct entries *findings,
                    const struct entries *known, const struct scope *scope)
{
    size_t at = 0;
    for (size_t i = 0; i < known->count; i++) {
        const struct entry *entry = &known->items[i];
        struct moor_slice file = file_of(entry->name);
        /*
         * A finding with the same name must not be skipped.  With the orders 0 and 1, it would sort
         * before the entry, so the names are compared once more.
         */
        while (at < findings->count &&
               by_name(&(struct entry){findings->items[at].name, 0},
                       &(struct entry){entry->name, 1}) < 0 &&
               !moor_slice_equal(findings->items[at].name, entry->name)) {
            at++;
        }
        if (at < findings->count && moor_slice_equal(findings->items[at].name, entry->name)) {
            /* The finding is used up: a second one with the same name needs an entry of its own. */
            report->findings[findings->items[at++].order].is_known = true;
        } else if (was_read(scope, file) || is_gone(scope, file)) {
            add_stale(report, moor_slice_from(scope->baseline->path), entry);
        }
    }
    /* qsort() with a null pointer is undefined, even for no items. */
    if (report->stale_count > 0) {
        qsort(report->stale, report->stale_count, sizeof *report->stale, by_line);
    }
}

int moor_baseline_apply(struct moor_report *report, const struct moor_baseline *baseline,
                        struct moor_slice text, struct moor_error *err)
{
    struct entries findings = {0};
    struct entries known = {0};
    struct scope scope = {0};
    if (name_findings(&findings, report, baseline->folder, err) != 0) {
        return -1;
    }
    if (read_entries(&known, text, baseline->folder, err) != 0) {
        release(&findings);
        return -1;
    }
    int status = list_read(&scope, report, baseline, err);
    if (status == 0) {
        compare(report, &findings, &known, &scope);
        release(&scope.read);
    }
    release(&findings);
    release(&known);
    return status;
}

/*
 * An empty file and a file of comments are baselines too: --write-baseline writes the latter if
 * there are no findings.
 */
bool moor_baseline_is_one(struct moor_slice text)
{
    struct entries entries;
    struct moor_error ignored = {0};
    if (read_entries(&entries, text, NULL, &ignored) != 0) {
        return false;
    }
    release(&entries);
    return true;
}

int moor_baseline_write(FILE *out, size_t *count, const struct moor_report *report,
                        const struct moor_relative *folder, struct moor_error *err)
{
    struct entries findings;
    if (name_findings(&findings, report, folder, err) != 0) {
        return -1;
    }
    (void)fputs("# Known findings, which do not fail 'tagmoor check --baseline FILE'.\n"
                "# file\tobject\tcontainer\timage\n",
                out);
    for (size_t i = 0; i < findings.count; i++) {
        (void)fwrite(findings.items[i].name.ptr, 1, findings.items[i].name.len, out);
        (void)fputc('\n', out);
    }
    *count = findings.count;
    release(&findings);
    return 0;
}

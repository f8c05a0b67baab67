/* SPDX-License-Identifier: Apache-2.0 */
/* The results for people: by namespace and workload, a line an image, with a column an occasion. */
#include "cmd/scan/results.h"

#include "cmd/report/visible.h"

#define CELL        11 /* of an occasion: `re-creation` */
#define CELLS       (MOOR_SCAN_WHEN_COUNT * (CELL + 1))
#define INDENT      4
#define REASON      8   /* where reasons begin */
#define COLUMNS     100 /* where nothing says how wide the terminal is */
#define COLUMNS_MAX 120
#define TEXT_MAX    ((size_t)64 * 1024)

enum shade {
    SHADE_NONE,
    SHADE_BOLD,
    SHADE_REFUSED,
    SHADE_WARNED,
    SHADE_DIM,
    SHADE_GOOD
};

struct page {
    FILE *out;
    const struct moor_report_style *style;
    const struct moor_results *results;
    struct moor_buf text; /* scratch */
    unsigned columns;
};

static const struct {
    const char *word;
    enum shade shade;
} cells[] = {
    [MOOR_RESULT_NONE] = {"-", SHADE_DIM},
    [MOOR_RESULT_PASSED] = {"ok", SHADE_GOOD},
    [MOOR_RESULT_WARNED] = {"warned", SHADE_WARNED},
    [MOOR_RESULT_REFUSED] = {"refused", SHADE_REFUSED},
};

static void shade(const struct page *page, enum shade shade)
{
    static const char *const codes[] = {
        [SHADE_NONE] = "\x1b[0m",      [SHADE_BOLD] = "\x1b[1m", [SHADE_REFUSED] = "\x1b[1;31m",
        [SHADE_WARNED] = "\x1b[1;33m", [SHADE_DIM] = "\x1b[2m",  [SHADE_GOOD] = "\x1b[32m",
    };

    if (page->style->colour) {
        (void)fputs(codes[shade], page->out);
    }
}

static void put(const struct page *page, struct moor_slice text)
{
    moor_visible_write(page->out, text);
}

static void pad(const struct page *page, unsigned from, unsigned to)
{
    (void)fprintf(page->out, "%*s", from < to ? (int)(to - from) : 0, "");
}

/* Prints what the scratch holds, folded between words, each line from `indent` on. */
static void put_folded(struct page *page, unsigned indent)
{
    struct moor_slice text = moor_buf_slice(&page->text);
    unsigned column = indent;
    pad(page, 0, indent);
    for (size_t at = 0; at < text.len;) {
        const char *space = memchr(text.ptr + at, ' ', text.len - at);
        size_t end = space != NULL ? (size_t)(space - text.ptr) : text.len;
        struct moor_slice word = moor_slice_sub(text, at, end);
        unsigned width = moor_visible_width(word);
        if (column > indent && column + 1 + width > page->columns) {
            (void)fputc('\n', page->out);
            pad(page, 0, indent);
            column = indent;
        } else if (at > 0) {
            (void)fputc(' ', page->out);
            column++;
        }
        put(page, word);
        column += width;
        at = end + 1;
    }
    (void)fputc('\n', page->out);
    moor_buf_clear(&page->text);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* --- the table -------------------------------------------------------------------------------- */

static void put_heading(struct page *page)
{
    static const char *const words[] = {"change", "eviction", "re-creation"};
    pad(page, 0, page->columns - CELLS);
    shade(page, SHADE_DIM);
    for (size_t i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        (void)fprintf(page->out, i + 1 < MOOR_SCAN_WHEN_COUNT ? " %-*s" : " %.*s", CELL, words[i]);
    }
    shade(page, SHADE_NONE);
    (void)fputc('\n', page->out);
}

static void put_cells(struct page *page, const struct moor_workload *workload,
                      const struct moor_workload_image *image, size_t policy)
{
    for (int i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        enum moor_result result = moor_results_of(workload, image, policy, (enum moor_scan_when)i);
        const char *word = cells[result].word;
        (void)fputc(' ', page->out);
        shade(page, cells[result].shade);
        (void)fputs(word, page->out);
        shade(page, SHADE_NONE);
        if (i + 1 < MOOR_SCAN_WHEN_COUNT) {
            pad(page, (unsigned)strlen(word), CELL);
        }
    }
    (void)fputc('\n', page->out);
}

/* A label and the cells, on one line where there is room. */
static void put_row(struct page *page, struct moor_slice label, unsigned indent,
                    const struct moor_workload *workload, const struct moor_workload_image *image,
                    size_t policy)
{
    unsigned column = indent + moor_visible_width(label);
    unsigned first = page->columns - CELLS;
    pad(page, 0, indent);
    put(page, label);
    if (column > first) {
        (void)fputc('\n', page->out);
        column = 0;
    }
    pad(page, column, first);
    put_cells(page, workload, image, policy);
}

static void put_image(struct page *page, const struct moor_workload *workload,
                      const struct moor_workload_image *image)
{
    struct moor_buf *text = &page->text;
    if (image->container.len > 0) {
        moor_buf_append(text, image->container);
        moor_buf_append_text(text, ": ");
    }
    moor_buf_append(text, image->image.len > 0 ? image->image : image->path);
    put_row(page, moor_buf_slice(text), INDENT, workload, image, 0);
    moor_buf_clear(text);
    if (page->results->compares) {
        put_row(page, MOOR_SLICE("before"), REASON, workload, image, 1);
    }
    /* The image stands above already. */
    struct moor_slice reason = image->reason;
    if (image->image.len > 0 && moor_slice_starts_with(reason, image->image)) {
        size_t start = image->image.len;
        start += start + 4 < reason.len && memcmp(reason.ptr + start, " is ", 4) == 0 ? 4 : 0;
        reason = start > image->image.len ? moor_slice_sub(reason, start, reason.len) : reason;
    }
    moor_buf_append(text, reason);
    if (image->repair.len > 0) {
        moor_buf_append_text(text, ": ");
        moor_buf_append(text, image->repair);
    }
    put_folded(page, REASON);
}

static bool is_listed(const struct page *page, const struct moor_workload *workload,
                      const struct moor_workload_image *image)
{
    const struct moor_results *results = page->results;
    return results->compares || results->lists_warned ||
           moor_results_severity(results, workload, image) == MOOR_SEVERITY_ERROR;
}

static void put_workload(struct page *page, const struct moor_workload *workload)
{
    (void)fputs("  ", page->out);
    put(page, workload->key.kind);
    (void)fputc(' ', page->out);
    shade(page, SHADE_BOLD);
    put(page, workload->key.name);
    shade(page, SHADE_NONE);
    if (workload->pods > 0) {
        (void)fprintf(page->out, ", %zu Pod%s", workload->pods, plural(workload->pods));
    }
    (void)fputc('\n', page->out);
}

static void put_namespace(struct page *page, const struct moor_workload *workload,
                          const struct moor_workload_image *image)
{
    shade(page, SHADE_BOLD);
    if (workload->key.namespace.len > 0) {
        put(page, workload->key.namespace);
    } else {
        (void)fputs("(no namespace)", page->out);
    }
    shade(page, SHADE_NONE);
    (void)fprintf(page->out, ", %.*s\n", MOOR_SLICE_ARGS(image->environment));
}

static void put_table(struct page *page)
{
    struct moor_results_cursor cursor = {0};
    const struct moor_workload *last = NULL;
    while (moor_results_next(page->results, &cursor)) {
        const struct moor_workload *workload = cursor.workload;
        if (!is_listed(page, workload, cursor.image)) {
            continue;
        }
        if (last == NULL) {
            put_heading(page);
        }
        if (last == NULL || !moor_slice_equal(last->key.namespace, workload->key.namespace)) {
            put_namespace(page, workload, cursor.image);
        }
        if (last != workload) {
            put_workload(page, workload);
        }
        put_image(page, workload, cursor.image);
        last = workload;
    }
    (void)fputs(last != NULL ? "\n" : "", page->out);
}

/* --- operators -------------------------------------------------------------------------------- */

static void append_operator(struct moor_buf *out, const struct moor_scan_operator *unnamed)
{
    moor_buf_append(out, unnamed->owner_kind);
    moor_buf_append_byte(out, '.');
    moor_buf_append(out, unnamed->owner_group);
    moor_buf_append_text(out, ": ");
    if (unnamed->pods > 0) {
        moor_buf_printf(out, "%zu Pod%s", unnamed->pods, plural(unnamed->pods));
    }
    if (unnamed->makes > 0) {
        moor_buf_printf(out, "%s%zu object%s", unnamed->pods > 0 ? ", " : "", unnamed->makes,
                        plural(unnamed->makes));
    }
}

static bool is_certain(const struct moor_scan_operator *unnamed)
{
    return unnamed->found.count > 0 && unnamed->found.users[0].doubt == MOOR_OPERATORS_CERTAIN;
}

/* Whether an operator before this one has the account, so that it is in the list already. */
static bool is_listed_before(const struct moor_scanning *scanning, size_t index, const char *user)
{
    for (size_t i = 0; i < index; i++) {
        const struct moor_scan_operator *unnamed = &scanning->unnamed.items[i];
        if (is_certain(unnamed) && strcmp(unnamed->found.users[0].name, user) == 0) {
            return true;
        }
    }
    return false;
}

/* Lines for the policy; an account that is not certain, or not known at all, is a comment there. */
static void put_operator(struct page *page, size_t index)
{
    const struct moor_scanning *scanning = page->results->scanning;
    const struct moor_scan_operator *unnamed = &scanning->unnamed.items[index];
    const struct moor_operators_answer *found = &unnamed->found;
    append_operator(&page->text, unnamed);
    struct moor_slice what = moor_buf_slice(&page->text);
    for (size_t i = 0; i < found->count; i++) {
        const char *user = found->users[i].name;
        const char *doubt = moor_operators_doubt_text(found->users[i].doubt);
        bool is_comment = *doubt != '\0' || is_listed_before(scanning, index, user);
        (void)fprintf(page->out, "%s%s  # ", is_comment ? "  # - " : "  - ", user);
        put(page, what);
        (void)fprintf(page->out, "%s%s\n", *doubt != '\0' ? "; " : "", doubt);
    }
    if (found->total > found->count || found->count == 0) {
        (void)fputs("  # ", page->out);
        put(page, what);
        (void)fputs("; ", page->out);
    }
    if (found->total > found->count) {
        (void)fprintf(page->out, "and %zu more accounts\n", found->total - found->count);
    } else if (found->count == 0) {
        (void)fputs("no role tells whose: see the API server's audit log\n", page->out);
    }
    moor_buf_clear(&page->text);
}

static void put_operators(struct page *page)
{
    const struct moor_scanning *scanning = page->results->scanning;
    bool is_known = true;
    if (scanning->unnamed.count == 0) {
        return;
    }
    moor_buf_append_text(&page->text,
                         "Operators that the policy does not name: what they make would be refused "
                         "when it comes again. For the policy:");
    put_folded(page, 0);
    (void)fputs("\ncontrollers:\n  users:\n", page->out);
    for (size_t i = 0; i < scanning->unnamed.count; i++) {
        is_known = is_known && scanning->unnamed.items[i].found.count > 0;
        put_operator(page, i);
    }
    if (!is_known && page->results->hint != NULL) {
        (void)fprintf(page->out, "  # %s\n", page->results->hint);
    }
    (void)fputc('\n', page->out);
}

/* --- summary ---------------------------------------------------------------------------------- */

static void put_counts(struct page *page)
{
    static const char *const labels[] = {"on the next change", "on eviction", "on re-creation"};
    const struct moor_results *results = page->results;
    (void)fputs(results->compares ? "would be refused, and is not by the other policy:\n"
                                  : "would be refused:\n",
                page->out);
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        shade(page, results->images[when] > 0 ? SHADE_REFUSED : SHADE_GOOD);
        (void)fprintf(page->out, "  %-20s%zu image%s of %zu workload%s", labels[when],
                      results->images[when], plural(results->images[when]),
                      results->workloads[when], plural(results->workloads[when]));
        shade(page, SHADE_NONE);
        if (results->compares) {
            (void)fprintf(page->out, "; no longer refused: %zu", results->freed[when]);
        }
        (void)fputc('\n', page->out);
    }
}

/* What is judged is what holds once it is enforced. */
static bool is_enforced(const struct moor_policy *policy)
{
    bool is_enforced = true;
    for (size_t i = 0; i < policy->environment_count; i++) {
        is_enforced = is_enforced && policy->environments[i].mode == MOOR_MODE_ENFORCE;
    }
    return is_enforced;
}

static void append_unjudged(struct moor_buf *out, const struct moor_results *results)
{
    const struct moor_scanning *scanning = results->scanning;

    const struct {
        size_t count;
        const char *what;
    } parts[] = {
        {scanning->excluded_objects, "objects of excluded namespaces"},
        {scanning->static_pods, "static Pods"},
        {scanning->deleting, "objects being deleted"},
        {scanning->others, "objects of kinds without images"},
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].count > 0) {
            moor_buf_printf(out, "%s%s %zu", out->len > 0 ? "; " : "not judged: ", parts[i].what,
                            parts[i].count);
        }
    }
}

static void put_summary(struct page *page)
{
    const struct moor_results *results = page->results;
    const struct moor_scanning *scanning = results->scanning;
    put_counts(page);
    moor_buf_printf(&page->text, "judged: %zu workload%s, %zu Pod%s; %zu image%s pass%s, %zu %s",
                    scanning->objects, plural(scanning->objects), scanning->pods,
                    plural(scanning->pods), scanning->passed, plural(scanning->passed),
                    scanning->passed == 1 ? "es" : "", results->warned,
                    results->compares ? "would be warned of newly" : "would be warned of");
    if (results->warned > 0 && !results->compares && !results->lists_warned) {
        moor_buf_append_text(&page->text, " (--warned lists them)");
    }
    put_folded(page, 0);
    if (!is_enforced(scanning->policies[0])) {
        moor_buf_append_text(&page->text,
                             "the policy's mode still admits what it would refuse: this "
                             "is what mode enforce does");
        put_folded(page, 0);
    }
    append_unjudged(&page->text, results);
    if (page->text.len > 0) {
        put_folded(page, 0);
    }
    if (results->report.fault_count > 0) {
        shade(page, SHADE_REFUSED);
        (void)fprintf(page->out, "could not be read: %zu list%s, see standard error\n",
                      results->report.fault_count, plural(results->report.fault_count));
        shade(page, SHADE_NONE);
    }
}

void moor_results_write_text(FILE *out, const struct moor_report *report,
                             const struct moor_report_style *style)
{
    unsigned columns = style->columns == 0            ? COLUMNS
                       : style->columns > COLUMNS_MAX ? COLUMNS_MAX
                                                      : style->columns;
    struct page page = {
        .out = out, .style = style, .results = moor_results_from(report), .columns = columns};
    moor_buf_init(&page.text, TEXT_MAX);
    put_table(&page);
    put_operators(&page);
    put_summary(&page);
    moor_buf_release(&page.text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The text output: by namespace and workload, one line per image, one column per occasion. */
#include "cmd/scan/results_text.h"
#include "cmd/scan/moved.h"
#include "cmd/scan/summary_text.h"
#include "policy/base/array_size.h"

#define CELL        11 /* width of a cell: `re-creation` */
#define CELLS       (MOOR_SCAN_WHEN_COUNT * (CELL + 1))
#define INDENT      4
#define REASON      8   /* indentation of reasons */
#define COLUMNS     100 /* width without a terminal */
#define COLUMNS_MAX 120 /* width at most, for readable lines */
#define MAX_IMAGES  ((size_t)100)
#define MAX_OWNERS  ((size_t)50)

/* --- the table -------------------------------------------------------------------------------- */

static void put_heading(struct moor_page *page)
{
    static const char *const words[] = {"change", "eviction", "re-creation"};
    moor_page_pad(page, 0, page->style.columns - CELLS);
    moor_page_shade(page, MOOR_SHADE_DIM);
    for (size_t i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        (void)fprintf(page->out, i + 1 < MOOR_SCAN_WHEN_COUNT ? " %-*s" : " %.*s", CELL, words[i]);
    }
    moor_page_shade(page, MOOR_SHADE_NONE);
    (void)fputc('\n', page->out);
}

static void put_cells(struct moor_page *page, const struct moor_workload *workload,
                      const struct moor_workload_image *image, size_t policy)
{
    for (int i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        bool happens = moor_results_happens(workload, image, (enum moor_scan_when)i);
        enum moor_decision decision = image->decisions[policy].at[i];
        (void)fputc(' ', page->out);
        moor_page_cell(page, happens ? moor_shade_of(decision) : MOOR_SHADE_DIM,
                       happens ? moor_slice_from(moor_decision_past(decision)) : MOOR_SLICE("-"),
                       i + 1 < MOOR_SCAN_WHEN_COUNT ? CELL : 0);
    }
    (void)fputc('\n', page->out);
}

/* Prints a label and the cells, on one line if both fit. */
static void put_row(struct moor_page *page, struct moor_slice label, unsigned indent,
                    const struct moor_workload *workload, const struct moor_workload_image *image,
                    size_t policy)
{
    unsigned column = indent + moor_page_width(label);
    unsigned first = page->style.columns - CELLS;
    moor_page_pad(page, 0, indent);
    moor_page_put(page, MOOR_SHADE_NONE, label);
    if (column > first) {
        (void)fputc('\n', page->out);
        column = 0;
    }
    moor_page_pad(page, column, first);
    put_cells(page, workload, image, policy);
}

/* The reason without the `image "nginx:1.25" ` at its start: the line above has it. */
static struct moor_slice after_image(const struct moor_workload_image *image)
{
    const struct moor_slice before = MOOR_SLICE("image \"");
    const struct moor_slice after = MOOR_SLICE("\" ");
    struct moor_slice reason = image->reason;
    size_t start = before.len + image->image.len;
    bool is_there =
        image->image.len > 0 && moor_slice_starts_with(reason, before) &&
        moor_slice_starts_with(moor_slice_sub(reason, before.len, reason.len), image->image) &&
        moor_slice_starts_with(moor_slice_sub(reason, start, reason.len), after);
    return is_there ? moor_slice_sub(reason, start + after.len, reason.len) : reason;
}

static void put_image(struct moor_page *page, const struct moor_results *results,
                      const struct moor_workload *workload, const struct moor_workload_image *image)
{
    struct moor_buf *text = &page->text;
    if (image->container.len > 0) {
        moor_buf_append(text, image->container);
        moor_buf_append_text(text, ": ");
    }
    moor_buf_append(text, image->image.len > 0 ? image->image : image->path);
    put_row(page, moor_buf_slice(text), INDENT, workload, image, 0);
    moor_buf_clear(text);
    if (results->compares) {
        put_row(page, MOOR_SLICE("before"), REASON, workload, image, 1);
    }
    moor_buf_append(text, after_image(image));
    if (image->repair.len > 0) {
        moor_buf_append_text(text, ": ");
        moor_buf_append(text, image->repair);
    }
    moor_page_fold_scratch(page, REASON);
}

static void put_workload(struct moor_page *page, const struct moor_workload *workload)
{
    (void)fputs("  ", page->out);
    moor_page_put(page, MOOR_SHADE_NONE, workload->key.kind);
    (void)fputc(' ', page->out);
    moor_page_put(page, MOOR_SHADE_BOLD, workload->key.name);
    /* A Pod without an owner is one itself. */
    if (workload->pods > (moor_slice_is(workload->key.kind, "Pod") ? 1U : 0U)) {
        (void)fprintf(page->out, ", %zu Pod%s", workload->pods, moor_page_plural(workload->pods));
    }
    (void)fputc('\n', page->out);
}

static void put_namespace(struct moor_page *page, const struct moor_workload *workload,
                          const struct moor_workload_image *image)
{
    bool has_name = workload->key.namespace.len > 0;
    moor_page_put(page, MOOR_SHADE_BOLD,
                  has_name ? workload->key.namespace : MOOR_SLICE("(no namespace)"));
    (void)fprintf(page->out, ", %.*s\n", MOOR_SLICE_ARGS(image->environment));
}

/* The limit must not look like the end of the findings. */
static void put_rest(struct moor_page *page, const struct moor_results *results, size_t count)
{
    size_t rest = count > MAX_IMAGES ? count - MAX_IMAGES : 0;
    if (results->is_full || rest == 0) {
        return;
    }
    moor_buf_printf(&page->text,
                    "... and %zu more image%s (--full lists all, --summary counts them by image, "
                    "namespace and owner)",
                    rest, moor_page_plural(rest));
    moor_page_fold_scratch(page, 0);
}

/* A namespace and a workload are written once, above their images. */
static void put_table(struct moor_page *page, const struct moor_results *results)
{
    struct moor_results_cursor cursor = {0};
    const struct moor_workload *last = NULL;
    size_t count = 0;
    while (moor_results_next_listed(results, &cursor)) {
        const struct moor_workload *workload = cursor.workload;
        if (count++ >= MAX_IMAGES && !results->is_full) {
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
        put_image(page, results, workload, cursor.image);
        last = workload;
    }
    put_rest(page, results, count);
    (void)fputs(last != NULL ? "\n" : "", page->out);
}

/* --- operators -------------------------------------------------------------------------------- */

/* The counts tell which operator to name first. */
static void append_operator(struct moor_buf *out, const struct moor_scan_operator *unnamed)
{
    moor_buf_append(out, unnamed->owner_kind);
    moor_buf_append_byte(out, '.');
    moor_buf_append(out, unnamed->owner_group);
    moor_buf_append_text(out, ": ");
    if (unnamed->pods > 0) {
        moor_buf_printf(out, "%zu Pod%s", unnamed->pods, moor_page_plural(unnamed->pods));
    }
    if (unnamed->makes > 0) {
        moor_buf_printf(out, "%s%zu object%s", unnamed->pods > 0 ? ", " : "", unnamed->makes,
                        moor_page_plural(unnamed->makes));
    }
}

static bool is_certain(const struct moor_scan_operator *unnamed)
{
    return unnamed->found.count > 0 && unnamed->found.users[0].doubt == MOOR_OPERATORS_CERTAIN;
}

/* One operator can serve several custom resources, and its account is listed once. */
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

/*
 * Prints lines for the policy that a user can paste.  An uncertain account is a comment, because an
 * account that a tenant controls must not become trusted by copying.
 */
static void put_operator(struct moor_page *page, const struct moor_results *results, size_t index)
{
    const struct moor_scanning *scanning = results->scanning;
    const struct moor_scan_operator *unnamed = &scanning->unnamed.items[index];
    const struct moor_operators_answer *found = &unnamed->found;
    append_operator(&page->text, unnamed);
    struct moor_slice what = moor_buf_slice(&page->text);
    for (size_t i = 0; i < found->count; i++) {
        const char *user = found->users[i].name;
        const char *doubt = moor_operators_doubt_text(found->users[i].doubt);
        bool is_comment = *doubt != '\0' || is_listed_before(scanning, index, user);
        (void)fprintf(page->out, "%s%s  # ", is_comment ? "  # - " : "  - ", user);
        moor_page_put(page, MOOR_SHADE_NONE, what);
        (void)fprintf(page->out, "%s%s\n", *doubt != '\0' ? "; " : "", doubt);
    }
    if (found->total > found->count || found->count == 0) {
        (void)fputs("  # ", page->out);
        moor_page_put(page, MOOR_SHADE_NONE, what);
        (void)fputs("; ", page->out);
    }
    if (found->total > found->count) {
        (void)fprintf(page->out, "and %zu more accounts\n", found->total - found->count);
    } else if (found->count == 0) {
        (void)fputs("unknown account: see the audit log of the API server\n", page->out);
    }
    moor_buf_clear(&page->text);
}

static bool has_certain(const struct moor_scanning *scanning)
{
    for (size_t i = 0; i < scanning->unnamed.count; i++) {
        if (is_certain(&scanning->unnamed.items[i])) {
            return true;
        }
    }
    return false;
}

/*
 * Prints the owners with a candidate, or those without one.  A tenant can write any number of
 * owners, so that each of the two lists has a limit.
 */
static void put_owners(struct moor_page *page, const struct moor_results *results, bool is_found)
{
    const struct moor_unnamed *unnamed = &results->scanning->unnamed;
    size_t count = 0;
    for (size_t i = 0; i < unnamed->count; i++) {
        if ((unnamed->items[i].found.count > 0) == is_found &&
            (count++ < MAX_OWNERS || results->is_full)) {
            put_operator(page, results, i);
        }
    }
    if (count > MAX_OWNERS && !results->is_full) {
        (void)fprintf(page->out, "  # and %zu more owners%s (--full lists all)\n",
                      count - MAX_OWNERS, is_found ? "" : " with an unknown account");
    }
}

/* Without a certain account the keys are comments too: a key without a value is an error. */
static void put_operators(struct moor_page *page, const struct moor_results *results)
{
    const struct moor_scanning *scanning = results->scanning;
    bool is_known = true;
    if (scanning->unnamed.count == 0) {
        return;
    }
    moor_buf_append_text(
        &page->text,
        "Owners whose operator is unknown or not named by the policy, which would deny "
        "the objects that they create. Add to the policy:");
    moor_page_fold_scratch(page, 0);
    (void)fputs(has_certain(scanning) ? "\ncontrollers:\n  users:\n"
                                      : "\n# controllers:\n#   users:\n",
                page->out);
    put_owners(page, results, true);
    put_owners(page, results, false);
    for (size_t i = 0; i < scanning->unnamed.count; i++) {
        is_known = is_known && scanning->unnamed.items[i].found.count > 0;
    }
    if (!is_known && results->hint != NULL) {
        (void)fprintf(page->out, "  # %s\n", results->hint);
    }
    (void)fputc('\n', page->out);
}

/* --- summary ---------------------------------------------------------------------------------- */

static void put_counts(const struct moor_page *page, const struct moor_results *results)
{
    static const char *const labels[] = {"on the next change", "on eviction", "on re-creation"};
    (void)fputs(results->compares ? "would be denied, but not by the other policy:\n"
                                  : "would be denied:\n",
                page->out);
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        moor_page_shade(page, results->images[when] > 0 ? MOOR_SHADE_ERROR : MOOR_SHADE_GOOD);
        (void)fprintf(page->out, "  %-20s%zu image%s of %zu workload%s", labels[when],
                      results->images[when], moor_page_plural(results->images[when]),
                      results->workloads[when], moor_page_plural(results->workloads[when]));
        moor_page_shade(page, MOOR_SHADE_NONE);
        if (results->compares) {
            (void)fprintf(page->out, "; no longer denied: %zu", results->freed[when]);
        }
        (void)fputc('\n', page->out);
    }
}

/* The scan ignores the mode, so the summary must explain it if the policy is not enforced. */
static bool is_enforced(const struct moor_policy *policy)
{
    bool is_enforced = true;
    for (size_t i = 0; i < policy->environment_count; i++) {
        is_enforced = is_enforced && policy->environments[i].mode == MOOR_MODE_ENFORCE;
    }
    return is_enforced;
}

/* Skipped objects are counted, so that a scan never appears more complete than it is. */
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

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts); i++) {
        if (parts[i].count > 0) {
            moor_buf_printf(out, "%s%s %zu", out->len > 0 ? "; " : "not evaluated: ", parts[i].what,
                            parts[i].count);
        }
    }
}

/* Lists that could not be read could hold any finding. */
static void put_input_errors(struct moor_page *page, const struct moor_results *results)
{
    size_t count = results->report.input_error_count;
    if (count > 0) {
        moor_buf_printf(&page->text, "could not be read: %zu list%s, see standard error", count,
                        moor_page_plural(count));
        moor_page_fold_shaded(page, MOOR_SHADE_ERROR, moor_buf_slice(&page->text), 0, 0);
        moor_buf_clear(&page->text);
    }
}

static void put_summary(struct moor_page *page, const struct moor_results *results)
{
    const struct moor_scanning *scanning = results->scanning;
    put_counts(page, results);
    moor_buf_printf(
        &page->text, "evaluated: %zu workload%s, %zu Pod%s; %zu image%s allowed, %zu %s",
        scanning->objects, moor_page_plural(scanning->objects), scanning->pods,
        moor_page_plural(scanning->pods), scanning->allowed, moor_page_plural(scanning->allowed),
        results->warned, results->compares ? "newly warned" : "warned");
    if (results->warned > 0 && !results->compares && !results->lists_warned) {
        moor_buf_append_text(&page->text, " (--warned lists them)");
    }
    moor_page_fold_scratch(page, 0);
    if (!is_enforced(scanning->policies[0])) {
        moor_buf_append_text(&page->text, "the policy's mode does not deny yet: these are the "
                                          "decisions of mode enforce");
        moor_page_fold_scratch(page, 0);
    }
    for (size_t i = 0; i < scanning->exemptions.count; i++) {
        moor_exemption_use_append(&page->text, &scanning->exemptions.items[i]);
        moor_page_fold_scratch(page, 0);
    }
    append_unjudged(&page->text, results);
    if (page->text.len > 0) {
        moor_page_fold_scratch(page, 0);
    }
}

void moor_results_write_text(FILE *out, const struct moor_results *results,
                             const struct moor_page_style *style)
{
    struct moor_page page;
    moor_page_init(&page, out, style);
    page.style.columns = style->columns == 0            ? COLUMNS
                         : style->columns > COLUMNS_MAX ? COLUMNS_MAX
                                                        : style->columns;
    if (results->is_summary) {
        moor_summary_write_text(&page, results);
    } else {
        put_table(&page, results);
    }
    if (!results->compares) {
        moor_moved_put_text(&page, &results->scanning->running);
    }
    if (!results->scanning->only_moved) {
        put_operators(&page, results);
        put_summary(&page, results);
    }
    moor_moved_put_summary(&page, &results->scanning->running, results->lacks_nodes);
    put_input_errors(&page, results);
    moor_page_release(&page);
}

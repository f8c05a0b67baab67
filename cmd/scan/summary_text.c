/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/summary_text.h"

#include "cmd/scan/groups.h"

#define NUMBER  10 /* width of a column of numbers */
#define NUMBERS 3
#define INDENT  2

static void put_heading(const struct moor_page *page, enum moor_groups_by by)
{
    static const char *const titles[NUMBERS] = {"images", "workloads", "Pods"};
    struct moor_slice title = moor_slice_from(moor_groups_by_name(by));
    (void)fputs("by ", page->out);
    moor_page_put(page, MOOR_SHADE_BOLD, title);
    moor_page_pad(page, (unsigned)title.len + 3, page->style.columns - NUMBERS * NUMBER);
    moor_page_shade(page, MOOR_SHADE_DIM);
    for (size_t i = 0; i < NUMBERS; i++) {
        (void)fprintf(page->out, "%*s", NUMBER, titles[i]);
    }
    moor_page_shade(page, MOOR_SHADE_NONE);
    (void)fputc('\n', page->out);
}

/* A name that leaves no room for the numbers has a line of its own. */
static void put_group(const struct moor_page *page, const struct moor_group *group)
{
    unsigned first = page->style.columns - NUMBERS * NUMBER;
    struct moor_slice name = group->name.len > 0 ? group->name : MOOR_SLICE("(none)");
    unsigned column = INDENT + moor_page_width(name);
    moor_page_pad(page, 0, INDENT);
    moor_page_put(page, MOOR_SHADE_NONE, name);
    if (column > first) {
        (void)fputc('\n', page->out);
        column = 0;
    }
    moor_page_pad(page, column, first);
    (void)fprintf(page->out, "%*zu%*zu%*zu\n", NUMBER, group->findings, NUMBER, group->workloads,
                  NUMBER, group->pods);
}

static void put_groups(struct moor_page *page, const struct moor_results *results,
                       enum moor_groups_by by)
{
    struct moor_groups groups;
    /* The summary is additional text, so a lack of memory does not fail the scan. */
    if (moor_groups_init(&groups, results, by) != 0) {
        (void)fputs("no memory for the summary\n", page->out);
        return;
    }
    /* A cluster can run thousands of images; the largest groups are what a user changes first. */
    size_t shown = results->is_full || groups.count <= MOOR_SUMMARY_MAX_ROWS
                       ? groups.count
                       : MOOR_SUMMARY_MAX_ROWS;
    put_heading(page, by);
    for (size_t i = 0; i < shown; i++) {
        put_group(page, &groups.items[i]);
    }
    if (shown < groups.count) {
        (void)fprintf(page->out, "  ... and %zu more (--full lists all)\n", groups.count - shown);
    }
    (void)fputc('\n', page->out);
    moor_groups_release(&groups);
}

void moor_summary_write_text(struct moor_page *page, const struct moor_results *results)
{
    struct moor_results_cursor cursor = {0};
    /* Without findings, three empty tables would only hide the result below them. */
    if (!moor_results_next_listed(results, &cursor)) {
        return;
    }
    for (int by = 0; by < MOOR_GROUPS_BY_COUNT; by++) {
        put_groups(page, results, (enum moor_groups_by)by);
    }
}

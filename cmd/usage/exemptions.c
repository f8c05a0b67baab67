/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/usage/exemptions.h"

#include "cmd/audit/time_text.h"
#include "cmd/report/json_output.h"
#include "cmd/report/page.h"
#include "cmd/usage/csv.h"
#include "policy/base/array_size.h"

#include <inttypes.h>

#define LINES       2
#define DAY_SECONDS INT64_C(86400)

/* The facts about one exemption, as texts for tables. */
struct row {
    const struct moor_exemption *exemption;
    bool has_ended;
    int64_t days_left; /* whole days until the end; negative if it has ended */
    uint64_t images;   /* images of the dump that it admits, or would if it had not ended */
    uint64_t requests; /* requests of the log that it changed */
    int64_t last;      /* time of the last one */
};

static struct row row_of(const struct moor_exemptions *all, const struct moor_exemption *exemption)
{
    struct row row = {.exemption = exemption,
                      .has_ended = moor_exemption_is_over(exemption, all->now)};
    int64_t seconds = exemption->expires - all->now;
    row.days_left =
        seconds >= 0 ? seconds / DAY_SECONDS : -((-seconds + DAY_SECONDS - 1) / DAY_SECONDS);
    for (size_t i = 0; all->uses != NULL && i < all->uses->count; i++) {
        row.images += all->uses->items[i].exemption == exemption ? all->uses->items[i].images : 0;
    }
    for (size_t i = 0; all->log != NULL && i < all->log->count; i++) {
        const struct moor_tally_entry *entry = &all->log->entries[i];
        if (moor_slice_equal(entry->fields[0], exemption->name)) {
            row.requests = entry->counts[0];
            row.last = entry->last;
        }
    }
    return row;
}

/* --- tables ----------------------------------------------------------------------------------- */

#define CELLS 8

static const char *const heads[CELLS] = {"name",     "until",    "days left", "images",
                                         "requests", "last use", "state",     "reason"};

/* The texts of a row; the slices borrow from it. */
struct cells {
    struct moor_slice texts[CELLS];
    char days[24];
    char images[24];
    char requests[24];
    struct moor_time_text last;
};

/* Returns what to do about the exemption, in a word. */
static const char *state_of(const struct moor_exemptions *all, const struct row *row)
{
    if (row->has_ended) {
        return "ended";
    }
    bool is_unused =
        (all->log != NULL && row->requests == 0) && (all->uses == NULL || row->images == 0);
    return is_unused ? "never used" : "active";
}

static void fill(struct cells *out, const struct moor_exemptions *all, const struct row *row)
{
    const struct moor_exemption *exemption = row->exemption;
    (void)snprintf(out->days, sizeof out->days, "%" PRId64, row->days_left);
    (void)snprintf(out->images, sizeof out->images, "%" PRIu64, row->images);
    (void)snprintf(out->requests, sizeof out->requests, "%" PRIu64, row->requests);
    out->last = moor_time_text(row->last);
    const struct moor_slice texts[CELLS] = {
        exemption->name,
        exemption->is_permanent ? MOOR_SLICE("permanent") : exemption->until,
        moor_slice_from(exemption->is_permanent ? "" : out->days),
        moor_slice_from(all->uses != NULL ? out->images : ""),
        moor_slice_from(all->log != NULL ? out->requests : ""),
        moor_slice_from(row->requests > 0 ? out->last.text : ""),
        moor_slice_from(state_of(all, row)),
        exemption->reason,
    };
    memcpy(out->texts, texts, sizeof texts);
}

static void put_row(const struct moor_page *page, const unsigned *widths,
                    const struct moor_slice *texts)
{
    for (size_t i = 0; i < CELLS; i++) {
        moor_page_cell(page, MOOR_SHADE_NONE, texts[i], i + 1 < CELLS ? widths[i] + 2 : 0);
    }
    (void)fputs("\n", page->out);
}

void moor_exemptions_write_table(FILE *out, const struct moor_exemptions *exemptions)
{
    const struct moor_policy *policy = exemptions->policy;
    struct moor_page page;
    const struct moor_page_style style = {.colour = false};
    struct moor_slice titles[CELLS];
    unsigned widths[CELLS] = {0};
    struct cells cells = {.days = ""};
    moor_page_init(&page, out, &style);
    for (size_t i = 0; i < CELLS; i++) {
        titles[i] = moor_slice_from(heads[i]);
        widths[i] = moor_page_width(titles[i]);
    }
    for (size_t at = 0; at < 2 * policy->exemption_count; at++) {
        const struct row row =
            row_of(exemptions, &policy->exemptions[at % policy->exemption_count]);
        fill(&cells, exemptions, &row);
        if (at == policy->exemption_count) {
            put_row(&page, widths, titles);
        }
        for (size_t i = 0; at < policy->exemption_count && i < CELLS; i++) {
            unsigned width = moor_page_width(cells.texts[i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
        if (at >= policy->exemption_count) {
            put_row(&page, widths, cells.texts);
        }
    }
    if (policy->exemption_count == 0) {
        (void)fputs("the policy has no exemptions\n", out);
    }
    moor_page_release(&page);
}

void moor_exemptions_write_csv(FILE *out, const struct moor_exemptions *exemptions)
{
    struct moor_csv csv;
    moor_csv_begin(&csv, out);
    for (size_t i = 0; i < CELLS; i++) {
        moor_csv_cell(&csv, moor_slice_from(heads[i]));
    }
    moor_csv_line(&csv);
    for (size_t at = 0; at < exemptions->policy->exemption_count; at++) {
        const struct row row = row_of(exemptions, &exemptions->policy->exemptions[at]);
        struct cells cells = {.days = ""};
        fill(&cells, exemptions, &row);
        for (size_t i = 0; i < CELLS; i++) {
            moor_csv_cell(&csv, cells.texts[i]);
        }
        moor_csv_line(&csv);
    }
    moor_csv_end(&csv);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_end(struct moor_json_writer *json, const struct row *row)
{
    moor_json_member_bool(json, "ended", row->has_ended);
    if (row->exemption->is_permanent) {
        return;
    }
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRId64, row->days_left);
    moor_json_output_member(json, "until", row->exemption->until);
    moor_json_key(json, "daysLeft");
    moor_json_raw(json, moor_slice_from(digits));
}

void moor_exemptions_write_json(FILE *out, const struct moor_exemptions *exemptions)
{
    struct moor_json_output output;
    struct moor_json_writer *json = &output.json;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(json);
    moor_json_member_u64(json, "version", 1);
    moor_json_member_text(json, "tagmoor", MOOR_VERSION);
    moor_json_output_array(json, "exemptions");
    for (size_t i = 0; i < exemptions->policy->exemption_count; i++) {
        const struct row row = row_of(exemptions, &exemptions->policy->exemptions[i]);
        moor_json_object_begin(json);
        moor_json_output_member(json, "name", row.exemption->name);
        moor_json_output_member(json, "reason", row.exemption->reason);
        put_end(json, &row);
        if (exemptions->uses != NULL) {
            moor_json_member_u64(json, "images", row.images);
        }
        if (exemptions->log != NULL) {
            moor_json_member_u64(json, "requests", row.requests);
        }
        if (row.requests > 0) {
            moor_json_member_text(json, "lastUse", moor_time_text(row.last).text);
        }
        moor_json_member_text(json, "state", state_of(exemptions, &row));
        moor_json_object_end(json);
        moor_json_output_flush(&output);
    }
    moor_json_array_end(json);
    moor_json_object_end(json);
    moor_json_output_end(&output);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/usage/uses_output.h"

#include "cmd/audit/time_text.h"
#include "cmd/report/json_output.h"
#include "cmd/report/page.h"
#include "cmd/usage/csv.h"
#include "policy/base/array_size.h"

#include <inttypes.h>

#define LINES     2 /* levels with one line per item */
#define CELL_MAX  60
#define TIME_WIDE 22

static const char *const names[] = {
    [MOOR_USAGE_USER] = "user",           [MOOR_USAGE_NAMESPACE] = "namespace",
    [MOOR_USAGE_KIND] = "kind",           [MOOR_USAGE_NAME] = "name",
    [MOOR_USAGE_CONTAINER] = "container", [MOOR_USAGE_IMAGE] = "image",
    [MOOR_USAGE_ANSWER] = "answer",
};

/* --- table ------------------------------------------------------------------------------------ */

/* The widths of the columns: a long text exceeds its column rather than widening it for all. */
static void measure(unsigned *widths, const struct moor_usage *usage)
{
    for (size_t field = 0; field < MOOR_USAGE_FIELD_COUNT; field++) {
        widths[field] = moor_page_width(moor_slice_from(names[field]));
        for (size_t i = 0; i < usage->uses.count; i++) {
            unsigned width = moor_page_width(usage->uses.entries[i].fields[field]);
            width = width < CELL_MAX ? width : CELL_MAX;
            widths[field] = width > widths[field] ? width : widths[field];
        }
    }
}

static void put_cells(const struct moor_page *page, const unsigned *widths,
                      const struct moor_slice *cells)
{
    for (size_t field = 0; field < MOOR_USAGE_FIELD_COUNT; field++) {
        bool is_last = field + 1 == MOOR_USAGE_FIELD_COUNT;
        moor_page_cell(page, MOOR_SHADE_NONE, cells[field], is_last ? 0 : widths[field]);
        (void)fputs(is_last ? "\n" : "  ", page->out);
    }
}

void moor_uses_write_table(FILE *out, const struct moor_usage *usage)
{
    unsigned widths[MOOR_USAGE_FIELD_COUNT];
    struct moor_slice heads[MOOR_USAGE_FIELD_COUNT];
    struct moor_page page;
    const struct moor_page_style style = {.colour = false};
    moor_page_init(&page, out, &style);
    measure(widths, usage);
    for (size_t i = 0; i < MOOR_USAGE_FIELD_COUNT; i++) {
        heads[i] = moor_slice_from(names[i]);
    }
    (void)fprintf(out, "%-*s%-*s%8s  ", TIME_WIDE, "first", TIME_WIDE, "last", "requests");
    put_cells(&page, widths, heads);
    for (size_t i = 0; i < usage->uses.count; i++) {
        const struct moor_tally_entry *entry = &usage->uses.entries[i];
        (void)fprintf(out, "%-*s%-*s%8" PRIu64 "  ", TIME_WIDE, moor_time_text(entry->first).text,
                      TIME_WIDE, moor_time_text(entry->last).text, entry->counts[0]);
        put_cells(&page, widths, entry->fields);
    }
    moor_page_release(&page);
}

/* --- JSON and CSV ----------------------------------------------------------------------------- */

static void put_summary(struct moor_json_writer *json, const struct moor_usage *usage)
{
    const struct moor_replay *replay = &usage->replay;
    uint64_t damaged = 0;
    for (int i = 0; i < MOOR_REPLAY_DAMAGE_COUNT; i++) {
        damaged += replay->damaged[i];
    }
    moor_json_output_object(json, "summary");
    moor_json_member_u64(json, "files", replay->files);
    moor_json_member_u64(json, "lines", replay->lines);
    moor_json_member_u64(json, "events", replay->events);
    moor_json_member_u64(json, "reviews", usage->reviews);
    moor_json_member_u64(json, "damagedLines", damaged);
    moor_json_member_u64(json, "unreadRequests", usage->unread);
    moor_json_member_u64(json, "otherUses", usage->uses.others[0]);
    moor_json_object_end(json);
}

void moor_uses_write_json(FILE *out, const struct moor_usage *usage)
{
    struct moor_json_output output;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(&output.json);
    moor_json_member_u64(&output.json, "version", 1);
    moor_json_member_text(&output.json, "tagmoor", MOOR_VERSION);
    put_summary(&output.json, usage);
    moor_json_output_array(&output.json, "uses");
    for (size_t i = 0; i < usage->uses.count; i++) {
        const struct moor_tally_entry *entry = &usage->uses.entries[i];
        moor_json_object_begin(&output.json);
        moor_json_member_text(&output.json, "first", moor_time_text(entry->first).text);
        moor_json_member_text(&output.json, "last", moor_time_text(entry->last).text);
        moor_json_member_u64(&output.json, "requests", entry->counts[0]);
        for (size_t field = 0; field < MOOR_USAGE_FIELD_COUNT; field++) {
            moor_json_output_member(&output.json, names[field], entry->fields[field]);
        }
        moor_json_object_end(&output.json);
        moor_json_output_flush(&output);
    }
    moor_json_array_end(&output.json);
    moor_json_object_end(&output.json);
    moor_json_output_end(&output);
}

static void put_line(struct moor_csv *csv, const char *first, const char *last,
                     struct moor_slice requests, const struct moor_slice *cells)
{
    moor_csv_cell(csv, moor_slice_from(first));
    moor_csv_cell(csv, moor_slice_from(last));
    moor_csv_cell(csv, requests);
    for (size_t field = 0; field < MOOR_USAGE_FIELD_COUNT; field++) {
        moor_csv_cell(csv, cells[field]);
    }
    moor_csv_line(csv);
}

void moor_uses_write_csv(FILE *out, const struct moor_usage *usage)
{
    struct moor_csv csv;
    struct moor_slice heads[MOOR_USAGE_FIELD_COUNT];
    char digits[MOOR_BUF_DIGITS_MAX];
    for (size_t i = 0; i < MOOR_USAGE_FIELD_COUNT; i++) {
        heads[i] = moor_slice_from(names[i]);
    }
    moor_csv_begin(&csv, out);
    put_line(&csv, "first", "last", MOOR_SLICE("requests"), heads);
    for (size_t i = 0; i < usage->uses.count; i++) {
        const struct moor_tally_entry *entry = &usage->uses.entries[i];
        put_line(&csv, moor_time_text(entry->first).text, moor_time_text(entry->last).text,
                 moor_buf_digits(digits, entry->counts[0]), entry->fields);
    }
    moor_csv_end(&csv);
}

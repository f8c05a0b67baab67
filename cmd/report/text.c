/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text output: each finding at its `file:line:column`, with the line and a mark below the
 * image, and a summary that includes the values that were not evaluated.
 */
#include "cmd/report/formats.h"

#include "cmd/report/page.h"

#define INDENT     7
#define MOST_NAMES 6

static enum moor_shade shade_of(const struct moor_report_finding *finding)
{
    return moor_report_is_active(finding) ? moor_shade_of(finding->decision) : MOOR_SHADE_DIM;
}

static void put_object(struct moor_page *page, const struct moor_report_finding *finding)
{
    moor_buf_clear(&page->text);
    moor_report_append_object(&page->text, finding);
    if (finding->path.len > 0) {
        moor_buf_append_text(&page->text, ", ");
        moor_buf_append(&page->text, finding->path);
    }
    if (finding->container.len > 0) {
        moor_buf_append_text(&page->text, " \"");
        moor_buf_append(&page->text, finding->container);
        moor_buf_append_byte(&page->text, '"');
    }
    moor_buf_append_text(&page->text, finding->is_guessed ? " (guessed from key names)" : "");
    moor_page_fold_scratch(page, INDENT);
}

/*
 * Prints `a.yaml:9:12: denied: REASON`, which editors, terminals and CI systems recognize as the
 * message of a compiler, and link to the line.
 */
static void put_headline(struct moor_page *page, const struct moor_report_finding *finding)
{
    const char *state = moor_report_state(finding);
    const char *decision = state != NULL ? state : moor_decision_past(finding->decision);
    struct moor_buf *text = &page->text;
    moor_buf_clear(text);
    moor_buf_append(text, moor_report_shown(finding->file));
    if (finding->position.line > 0) {
        moor_buf_printf(text, ":%u:%u", finding->position.line, finding->position.column);
    }
    moor_buf_append_text(text, ": ");
    size_t column = moor_page_width(moor_buf_slice(text)) + strlen(decision) + strlen(": ");
    moor_page_put(page, MOOR_SHADE_BOLD, moor_buf_slice(text));
    moor_page_put(page, shade_of(finding), moor_slice_from(decision));
    (void)fputs(": ", page->out);
    moor_page_fold(page, finding->reason, (unsigned)column, INDENT);
}

/* The headline names the file that the output was made from. */
static void put_origin(struct moor_page *page, const struct moor_report_finding *finding)
{
    bool is_input = moor_slice_is(finding->rendered_by, "-");
    moor_buf_clear(&page->text);
    moor_buf_printf(&page->text, "rendered as line %u of ", finding->rendered.line);
    moor_buf_append_text(&page->text, is_input ? "standard input" : "the output of '");
    moor_buf_append(&page->text, !is_input ? finding->rendered_by : (struct moor_slice){0});
    moor_buf_append_text(&page->text, is_input ? "" : "'");
    moor_page_fold_scratch(page, INDENT);
}

/* Prints the reason of a suppression: `by a comment: OPS-1234`. */
static void put_justification(struct moor_page *page, const struct moor_report_finding *finding)
{
    moor_buf_clear(&page->text);
    moor_buf_printf(&page->text, "by %s: ",
                    finding->suppression == MOOR_SUPPRESSION_ANNOTATION ? "an annotation"
                                                                        : "a comment");
    moor_buf_append(&page->text, finding->justification);
    moor_page_pad(page, 0, INDENT);
    moor_page_fold(page, moor_buf_slice(&page->text), INDENT, INDENT);
}

static void put_finding(struct moor_page *page, const struct moor_report_finding *finding)
{
    put_headline(page, finding);
    if (finding->suppression != MOOR_SUPPRESSION_NONE) {
        put_justification(page, finding);
    }
    /* A known finding takes one line: a large baseline must not hide new findings. */
    if (!moor_report_is_active(finding)) {
        return;
    }
    bool is_rendered = finding->rendered_by.len > 0;
    /* A line of the output must not look like one of the file, so it has no number. */
    struct moor_position position = finding->is_unplaced ? finding->rendered : finding->position;
    position.line = finding->is_unplaced ? 0 : position.line;
    moor_page_excerpt(page, finding->line, &position, shade_of(finding));
    if (is_rendered) {
        put_origin(page, finding);
    }
    put_object(page, finding);
    if (finding->repair.len > 0) {
        moor_page_pad(page, 0, INDENT);
        moor_page_fold_shaded(page, MOOR_SHADE_GOOD, finding->repair, INDENT, INDENT);
    }
}

static void put_findings(struct moor_page *page, const struct moor_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        put_finding(page, &report->findings[i]);
        (void)fputc('\n', page->out);
    }
}

/* Stale entries do not fail a run, but are listed so that the baseline shrinks over time. */
static void put_stale(struct moor_page *page, const struct moor_report *report)
{
    for (size_t i = 0; i < report->stale_count; i++) {
        const struct moor_report_input_error *stale = &report->stale[i];
        moor_buf_clear(&page->text);
        moor_buf_append(&page->text, stale->file);
        moor_buf_printf(&page->text, ":%u: ", stale->line);
        moor_buf_append(&page->text, stale->text);
        moor_page_fold(page, moor_buf_slice(&page->text), 0, INDENT);
    }
    if (report->stale_count > 0) {
        (void)fputc('\n', page->out);
    }
}

/* Prints `a.yaml:9:12: TEXT` for each entry of a list, and a blank line. */
static void put_list(struct moor_page *page, const struct moor_report_input_error *list,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        moor_buf_clear(&page->text);
        moor_buf_append(&page->text, moor_report_shown(list[i].file));
        moor_buf_printf(&page->text, ":%u:%u: ", list[i].line, list[i].column);
        moor_buf_append(&page->text, list[i].text);
        moor_page_fold(page, moor_buf_slice(&page->text), 0, INDENT);
    }
    if (count > 0) {
        (void)fputc('\n', page->out);
    }
}

/* --- summary ---------------------------------------------------------------------------------- */

/* Appends a reason with some of its names: `kinds without images 3 (Service 2, ...)`. */
static void append_unjudged(struct moor_buf *out, const struct moor_report *report,
                            enum moor_unjudged why)
{
    size_t named = 0;
    size_t names = 0;
    moor_buf_printf(out, "%s %zu", moor_unjudged_name(why), report->unjudged[why]);
    for (size_t i = 0; i < report->tally_count && names < MOST_NAMES; i++) {
        const struct moor_report_tally *tally = &report->tallies[i];
        if (tally->why != why || tally->name.len == 0) {
            continue;
        }
        moor_buf_append_text(out, names == 0 ? " (" : ", ");
        moor_buf_append(out, tally->name);
        if (tally->count != report->unjudged[why]) {
            moor_buf_printf(out, " %zu", tally->count);
        }
        named += tally->count;
        names++;
    }
    if (names > 0 && named < report->unjudged[why]) {
        moor_buf_printf(out, ", others %zu", report->unjudged[why] - named);
    }
    moor_buf_append_text(out, names > 0 ? ")" : "");
}

static void put_unjudged(struct moor_page *page, const struct moor_report *report)
{
    static const char heading[] = "not evaluated: ";
    struct moor_buf *text = &page->text;
    moor_buf_clear(text);
    moor_buf_append_text(text, heading);
    for (size_t i = 0; i < MOOR_UNJUDGED_COUNT; i++) {
        if (report->unjudged[i] == 0) {
            continue;
        }
        moor_buf_append_text(text, text->len > sizeof heading - 1 ? "; " : "");
        append_unjudged(text, report, (enum moor_unjudged)i);
    }
    if (text->len > sizeof heading - 1) {
        moor_page_fold(page, moor_buf_slice(text), 0, INDENT);
    }
}

/* A mistyped pattern excludes nothing, which the counts do not show. */
static void put_unused_excludes(struct moor_page *page, const struct moor_report *report)
{
    for (size_t i = 0; i < report->unused_exclude_count; i++) {
        moor_buf_clear(&page->text);
        moor_buf_append_text(&page->text, "note: --exclude '");
        moor_buf_append(&page->text, report->unused_excludes[i]);
        moor_buf_append_text(&page->text, "' matches no file and no folder");
        moor_page_fold(page, moor_buf_slice(&page->text), 0, INDENT);
    }
}

static void put_exemptions(struct moor_page *page, const struct moor_report *report)
{
    for (size_t i = 0; i < report->exemptions.count; i++) {
        moor_buf_clear(&page->text);
        moor_exemption_use_append(&page->text, &report->exemptions.items[i]);
        moor_page_fold(page, moor_buf_slice(&page->text), 0, INDENT);
    }
}

static void put_summary(struct moor_page *page, const struct moor_report *report)
{
    static const enum moor_shade shades[] = {MOOR_SHADE_GOOD, MOOR_SHADE_ERROR, MOOR_SHADE_WARNING};
    struct moor_buf *text = &page->text;
    int status = moor_report_status(report);
    moor_buf_clear(text);
    moor_report_append_counts(text, report);
    moor_page_fold_shaded(
        page, report->counts[MOOR_DECISION_DENY] > 0 ? MOOR_SHADE_ERROR : shades[status],
        moor_buf_slice(text), 0, INDENT);
    if (report->input_error_count > 0) {
        moor_buf_clear(text);
        moor_buf_printf(text, "%zu input error%s, see standard error", report->input_error_count,
                        moor_page_plural(report->input_error_count));
        moor_page_fold_shaded(page, MOOR_SHADE_ERROR, moor_buf_slice(text), 0, INDENT);
    }
    put_exemptions(page, report);
    if (report->unlabelled > 0) {
        moor_buf_clear(text);
        moor_buf_printf(text,
                        "note: the policy selects environments by the labels of namespaces, which "
                        "are unknown for %zu object%s: add the Namespaces to the input, or use "
                        "--namespace-labels",
                        report->unlabelled, moor_page_plural(report->unlabelled));
        moor_page_fold(page, moor_buf_slice(text), 0, INDENT);
    }
    put_unused_excludes(page, report);
    put_unjudged(page, report);
    if (report->stale_count > 0) {
        (void)fprintf(page->out, "stale baseline entries: %zu\n", report->stale_count);
    }
    if (report->unused_count > 0) {
        (void)fprintf(page->out, "unused suppressions: %zu\n", report->unused_count);
    }
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    struct moor_page page;
    moor_page_init(&page, out, style);
    put_findings(&page, report);
    put_stale(&page, report);
    put_list(&page, report->unused, report->unused_count);
    put_list(&page, report->notes, report->note_count);
    put_summary(&page, report);
    moor_page_release(&page);
}

const struct moor_report_format moor_report_format_text = {
    .name = "text",
    .description = "findings with their lines and a summary, for reading",
    .write = write,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/replay/results_text.h"

#include "cmd/audit/time_text.h"

#include <inttypes.h>

#define INDENT 2
#define NAMES  "  %8s %8s %8s %8s  "

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static uint64_t sum(const uint64_t *counts, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += counts[i];
    }
    return total;
}

/* --- the summary ------------------------------------------------------------------------------ */

static void print_reason(FILE *out, uint64_t count, const char *name, const char *text)
{
    if (count > 0) {
        (void)fprintf(out, "  %8" PRIu64 "  %s%s%s\n", count, name, text[0] != '\0' ? ": " : "",
                      text);
    }
}

static void print_undecided(FILE *out, const struct moor_replay *replay)
{
    uint64_t total = sum(replay->undecided, MOOR_UNDECIDED_COUNT);
    if (total == 0) {
        return;
    }
    (void)fprintf(out, "\nundecided: %" PRIu64 " request%s\n", total, plural(total));
    for (int i = MOOR_UNDECIDED_NOT + 1; i < MOOR_UNDECIDED_COUNT; i++) {
        print_reason(out, replay->undecided[i], moor_undecided_name((enum moor_undecided)i),
                     moor_undecided_text((enum moor_undecided)i));
    }
}

static void print_skipped(FILE *out, const struct moor_replay *replay)
{
    static const char *const texts[] = {
        [MOOR_REPLAY_STAGE] = "another stage than ResponseComplete",
        [MOOR_REPLAY_DUPLICATE] = "the event occurred before",
        [MOOR_REPLAY_TIME] = "outside of the period",
        [MOOR_REPLAY_READ] = "admission does not see reads",
        [MOOR_REPLAY_FORBIDDEN] = "denied before admission",
        [MOOR_REPLAY_EXCLUDED] = "see --exclude",
        [MOOR_REPLAY_OPERATION] = "DELETE and CONNECT introduce no image",
        [MOOR_REPLAY_KIND] = "the kind contains no image",
        [MOOR_REPLAY_SUBRESOURCE] = "the subresource introduces no image",
        [MOOR_REPLAY_MIRROR] = "a node reports a Pod that runs already",
    };
    uint64_t total = sum(replay->skipped, MOOR_REPLAY_SKIP_COUNT);
    if (total > 0) {
        (void)fprintf(out, "\nnot evaluated: %" PRIu64 " event%s\n", total, plural(total));
    }
    for (int i = 0; i < MOOR_REPLAY_SKIP_COUNT; i++) {
        print_reason(out, replay->skipped[i], moor_replay_skip_name((enum moor_replay_skip)i),
                     texts[i]);
    }
    total = sum(replay->damaged, MOOR_REPLAY_DAMAGE_COUNT);
    if (total > 0) {
        (void)fprintf(out, "\ndamaged: %" PRIu64 " line%s\n", total, plural(total));
    }
    for (int i = 0; i < MOOR_REPLAY_DAMAGE_COUNT; i++) {
        print_reason(out, replay->damaged[i], moor_replay_damage_name((enum moor_replay_damage)i),
                     "");
    }
}

/* A table of decisions by rows that are named; rows without requests are left out. */
static void print_matrix(FILE *out, const char *title, const uint64_t (*rows)[MOOR_DECISION_COUNT],
                         size_t count, const char *(*name)(int row))
{
    /* The most severe decision is the first column, in the order in which a user works on them. */
    (void)fprintf(out, "\n" NAMES "%s\n", "denied", "warned", "audited", "allowed", title);
    for (size_t i = 0; i < count; i++) {
        if (sum(rows[i], MOOR_DECISION_COUNT) > 0) {
            (void)fprintf(out, "  %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %s\n",
                          rows[i][MOOR_DECISION_DENY], rows[i][MOOR_DECISION_WARN],
                          rows[i][MOOR_DECISION_AUDIT], rows[i][MOOR_DECISION_ALLOW], name((int)i));
        }
    }
}

static const char *answer_name(int row)
{
    return moor_event_answer_name((enum moor_event_answer)row);
}

static const char *decision_name(int row)
{
    return moor_decision_verb((enum moor_decision)row);
}

static void print_summary(FILE *out, const struct moor_replay *replay)
{
    (void)fprintf(out, "%" PRIu64 " event%s in %" PRIu64 " file%s", replay->events,
                  plural(replay->events), replay->files, plural(replay->files));
    if (replay->has_time) {
        (void)fprintf(out, ", %s to %s", moor_time_text(replay->first).text,
                      moor_time_text(replay->last).text);
    }
    (void)fprintf(out, "\n\nevaluated: %" PRIu64 " request%s", replay->evaluated,
                  plural(replay->evaluated));
    for (int i = MOOR_DECISION_COUNT; i > 0; i--) {
        (void)fprintf(out, "%s%" PRIu64 " %s", i == MOOR_DECISION_COUNT ? ": " : ", ",
                      replay->decisions[i - 1], moor_decision_past((enum moor_decision)(i - 1)));
    }
    (void)fputs("\n", out);
    print_undecided(out, replay);
    print_skipped(out, replay);
    if (replay->evaluated > 0) {
        print_matrix(out, "answered then", replay->then, MOOR_EVENT_ANSWER_COUNT, answer_name);
    }
    if (replay->evaluated > 0 && replay->policy_count > 1) {
        print_matrix(out, "by the older policy", replay->before, MOOR_DECISION_COUNT,
                     decision_name);
    }
}

/* --- findings --------------------------------------------------------------------------------- */

static void put_text(struct moor_page *page, const char *text)
{
    moor_buf_append_text(&page->text, text);
}

static void put_field(struct moor_page *page, const struct moor_tally_entry *entry,
                      enum moor_replay_field field, const char *before, const char *after)
{
    if (entry->fields[field].len > 0) {
        put_text(page, before);
        moor_buf_append(&page->text, entry->fields[field]);
        put_text(page, after);
    }
}

/* The line about what, where and who. */
static void print_what(struct moor_page *page, const struct moor_tally_entry *entry)
{
    put_field(page, entry, MOOR_REPLAY_NAMESPACE, "namespace ", ", ");
    put_field(page, entry, MOOR_REPLAY_KIND_NAME, "", " ");
    put_field(page, entry, MOOR_REPLAY_NAME, "", "");
    put_field(page, entry, MOOR_REPLAY_USER, ", user ", "");
    put_field(page, entry, MOOR_REPLAY_ENVIRONMENT, ", environment ", "");
    moor_page_fold_scratch(page, INDENT);
}

/* The line about when, and what was answered then. */
static void print_when(struct moor_page *page, const struct moor_tally_entry *entry)
{
    static const char *const names[] = {
        [MOOR_REPLAY_THEN_ADMITTED] = "admitted",
        [MOOR_REPLAY_THEN_DENIED] = "denied",
        [MOOR_REPLAY_THEN_FAILED] = "failed",
    };
    uint64_t total = moor_tally_sum(entry, MOOR_REPLAY_THEN_ADMITTED);
    moor_buf_printf(&page->text, "%" PRIu64 " request%s", total, plural(total));
    moor_buf_printf(&page->text, ", %s", moor_time_text(entry->first).text);
    /* A finding of one request has a time, not a period. */
    if (entry->last != entry->first) {
        moor_buf_printf(&page->text, " to %s", moor_time_text(entry->last).text);
    }
    put_text(page, "; then");
    for (size_t i = 0; i <= MOOR_REPLAY_THEN_FAILED; i++) {
        if (entry->counts[i] > 0) {
            moor_buf_printf(&page->text, " %" PRIu64 " %s", entry->counts[i], names[i]);
        }
    }
    moor_page_fold_scratch(page, INDENT);
}

static enum moor_shade shade_of(struct moor_slice verb)
{
    /* A tally keeps texts only, so the decision is found again by its verb. */
    for (int i = 0; i < MOOR_DECISION_COUNT; i++) {
        if (moor_slice_is(verb, moor_decision_verb((enum moor_decision)i))) {
            return moor_shade_of((enum moor_decision)i);
        }
    }
    return MOOR_SHADE_NONE;
}

static void print_finding(struct moor_page *page, const struct moor_tally_entry *entry)
{
    struct moor_slice decision = entry->fields[MOOR_REPLAY_DECISION];
    /*
     * Clients chose these texts, so all of them go through the page, which escapes control
     * characters: an image name must not move the cursor of a terminal.
     */
    (void)fputs("\n", page->out);
    if (entry->fields[MOOR_REPLAY_BEFORE].len > 0) {
        moor_page_put(page, MOOR_SHADE_NONE, entry->fields[MOOR_REPLAY_BEFORE]);
        (void)fputs(" -> ", page->out);
    }
    moor_page_put(page, shade_of(decision), decision);
    (void)fputs(" ", page->out);
    moor_page_put(page, MOOR_SHADE_BOLD, entry->fields[MOOR_REPLAY_IMAGE]);
    (void)fputs(entry->fields[MOOR_REPLAY_IMAGE].len > 0 ? " (" : "(", page->out);
    moor_page_put(page, MOOR_SHADE_NONE, entry->fields[MOOR_REPLAY_CLASS]);
    (void)fputs(")", page->out);
    if (entry->fields[MOOR_REPLAY_PATH].len > 0) {
        (void)fputs(" at ", page->out);
        moor_page_put(page, MOOR_SHADE_NONE, entry->fields[MOOR_REPLAY_PATH]);
    }
    (void)fputs("\n", page->out);
    print_what(page, entry);
    print_when(page, entry);
    if (entry->fields[MOOR_REPLAY_REPAIR].len > 0) {
        put_field(page, entry, MOOR_REPLAY_REPAIR, "", "");
        moor_page_fold_scratch(page, INDENT);
    }
}

/* Says how many were left out, so that a reader knows that the list is not complete. */
static void print_rest(FILE *out, size_t shown, const struct moor_tally *tally, const char *what)
{
    uint64_t others = sum(tally->others, MOOR_TALLY_COUNTERS);
    if (shown < tally->count) {
        (void)fprintf(out, "  ... and %zu more %s: see --full\n", tally->count - shown, what);
    }
    if (others > 0) {
        (void)fprintf(out, "  ... and %" PRIu64 " occurrence%s of %s beyond the limit of %zu\n",
                      others, plural(others), what, tally->max_names);
    }
}

static void print_findings(struct moor_page *page, const struct moor_replay *replay, bool is_full)
{
    const struct moor_tally *findings = &replay->findings;
    size_t shown = !is_full && findings->count > MOOR_REPLAY_SHOWN_FINDINGS
                       ? MOOR_REPLAY_SHOWN_FINDINGS
                       : findings->count;
    for (size_t i = 0; i < shown; i++) {
        print_finding(page, &findings->entries[i]);
    }
    print_rest(page->out, shown, findings, "findings");
}

/* --- names ------------------------------------------------------------------------------------ */

static void print_names(struct moor_page *page, const struct moor_replay *replay,
                        enum moor_replay_by by, bool is_full)
{
    const struct moor_tally *tally = &replay->by[by];
    size_t shown =
        !is_full && tally->count > MOOR_REPLAY_SHOWN_NAMES ? MOOR_REPLAY_SHOWN_NAMES : tally->count;
    if (tally->count == 0) {
        return;
    }
    (void)fprintf(page->out, "\n" NAMES "%s\n", "denied", "warned", "audited", "allowed",
                  moor_replay_by_name(by));
    for (size_t i = 0; i < shown; i++) {
        const struct moor_tally_entry *entry = &tally->entries[i];
        (void)fprintf(page->out, "  %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  ",
                      entry->counts[MOOR_DECISION_DENY], entry->counts[MOOR_DECISION_WARN],
                      entry->counts[MOOR_DECISION_AUDIT], entry->counts[MOOR_DECISION_ALLOW]);
        /* Cluster-scoped objects have no namespace. */
        moor_page_put(page, MOOR_SHADE_NONE,
                      entry->fields[0].len > 0 ? entry->fields[0] : MOOR_SLICE("(none)"));
        (void)fputs("\n", page->out);
    }
    print_rest(page->out, shown, tally, moor_replay_by_name(by));
}

void moor_replay_write_text(FILE *out, const struct moor_replay *replay, bool is_full,
                            const struct moor_page_style *style)
{
    struct moor_page page;
    moor_page_init(&page, out, style);
    print_summary(out, replay);
    print_findings(&page, replay, is_full);
    for (int i = 0; i < MOOR_REPLAY_BY_COUNT; i++) {
        print_names(&page, replay, (enum moor_replay_by)i, is_full);
    }
    moor_page_release(&page);
}

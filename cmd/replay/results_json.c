/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/replay/results_json.h"

#include "cmd/audit/time_text.h"
#include "cmd/report/json_output.h"

#define LINES 2 /* levels with one line per item: the object and its lists */

static void put_time(struct moor_json_writer *json, const char *name, int64_t time)
{
    moor_json_member_text(json, name, moor_time_text(time).text);
}

static void put_decisions(struct moor_json_writer *json, const uint64_t *counts)
{
    for (int i = 0; i < MOOR_DECISION_COUNT; i++) {
        moor_json_member_u64(json, moor_decision_past((enum moor_decision)i), counts[i]);
    }
}

/* Writes a row of decisions, or nothing if no request has it. */
static void put_row(struct moor_json_writer *json, const char *name, const uint64_t *counts)
{
    uint64_t sum = 0;
    for (int i = 0; i < MOOR_DECISION_COUNT; i++) {
        sum += counts[i];
    }
    if (sum > 0) {
        moor_json_output_object(json, name);
        put_decisions(json, counts);
        moor_json_object_end(json);
    }
}

static void put_finding(struct moor_json_writer *json, const struct moor_tally_entry *entry)
{
    static const char *const names[] = {
        [MOOR_REPLAY_ENVIRONMENT] = "environment",
        [MOOR_REPLAY_NAMESPACE] = "namespace",
        [MOOR_REPLAY_KIND_NAME] = "kind",
        [MOOR_REPLAY_NAME] = "name",
        [MOOR_REPLAY_USER] = "user",
        [MOOR_REPLAY_PATH] = "path",
        [MOOR_REPLAY_CONTAINER] = "container",
        [MOOR_REPLAY_IMAGE] = "image",
        [MOOR_REPLAY_CLASS] = "class",
        [MOOR_REPLAY_DECISION] = "decision",
        [MOOR_REPLAY_BEFORE] = "before",
        [MOOR_REPLAY_REPAIR] = "repair",
    };
    moor_json_object_begin(json);
    for (size_t i = 0; i < MOOR_REPLAY_FIELD_COUNT; i++) {
        moor_json_output_member(json, names[i], entry->fields[i]);
    }
    moor_json_member_u64(json, "requests", moor_tally_sum(entry, MOOR_REPLAY_THEN_ADMITTED));
    moor_json_member_u64(json, "admittedThen", entry->counts[MOOR_REPLAY_THEN_ADMITTED]);
    moor_json_member_u64(json, "deniedThen", entry->counts[MOOR_REPLAY_THEN_DENIED]);
    moor_json_member_u64(json, "failedThen", entry->counts[MOOR_REPLAY_THEN_FAILED]);
    put_time(json, "first", entry->first);
    put_time(json, "last", entry->last);
    moor_json_object_end(json);
}

static void put_findings(struct moor_json_output *output, const struct moor_replay *replay)
{
    moor_json_output_array(&output->json, "findings");
    /* All findings are written: the limit without --full is for readers at a terminal. */
    for (size_t i = 0; i < replay->findings.count; i++) {
        put_finding(&output->json, &replay->findings.entries[i]);
        moor_json_output_flush(output);
    }
    moor_json_array_end(&output->json);
    moor_json_member_u64(&output->json, "otherFindings",
                         replay->findings.others[0] + replay->findings.others[1] +
                             replay->findings.others[2]);
}

static void put_by(struct moor_json_output *output, const struct moor_replay *replay,
                   enum moor_replay_by by)
{
    const struct moor_tally *tally = &replay->by[by];
    moor_json_output_array(&output->json, moor_replay_by_name(by));
    for (size_t i = 0; i < tally->count; i++) {
        moor_json_object_begin(&output->json);
        moor_json_key(&output->json, "name");
        moor_json_output_string(&output->json, tally->entries[i].fields[0]);
        put_decisions(&output->json, tally->entries[i].counts);
        moor_json_object_end(&output->json);
        moor_json_output_flush(output);
    }
    moor_json_array_end(&output->json);
}

/* The names beyond the limits, counted together. */
static void put_others(struct moor_json_writer *json, const struct moor_replay *replay)
{
    moor_json_output_object(json, "others");
    for (int i = 0; i < MOOR_REPLAY_BY_COUNT; i++) {
        put_row(json, moor_replay_by_name((enum moor_replay_by)i), replay->by[i].others);
    }
    moor_json_object_end(json);
}

static void put_reasons(struct moor_json_writer *json, const struct moor_replay *replay)
{
    moor_json_output_object(json, "undecided");
    /* Zeros are written too, so that a query needs no case for an absent reason. */
    for (int i = MOOR_UNDECIDED_NOT + 1; i < MOOR_UNDECIDED_COUNT; i++) {
        moor_json_member_u64(json, moor_undecided_name((enum moor_undecided)i),
                             replay->undecided[i]);
    }
    moor_json_object_end(json);
    moor_json_output_object(json, "notEvaluated");
    for (int i = 0; i < MOOR_REPLAY_SKIP_COUNT; i++) {
        moor_json_member_u64(json, moor_replay_skip_name((enum moor_replay_skip)i),
                             replay->skipped[i]);
    }
    moor_json_object_end(json);
    moor_json_output_object(json, "damagedLines");
    for (int i = 0; i < MOOR_REPLAY_DAMAGE_COUNT; i++) {
        moor_json_member_u64(json, moor_replay_damage_name((enum moor_replay_damage)i),
                             replay->damaged[i]);
    }
    moor_json_object_end(json);
}

/* Decisions by what was answered then, and by the older policy. */
static void put_comparisons(struct moor_json_writer *json, const struct moor_replay *replay)
{
    moor_json_output_object(json, "then");
    for (int i = 0; i < MOOR_EVENT_ANSWER_COUNT; i++) {
        put_row(json, moor_event_answer_name((enum moor_event_answer)i), replay->then[i]);
    }
    moor_json_object_end(json);
    /* An empty object would mean that an older policy decided no request. */
    if (replay->policy_count < 2) {
        return;
    }
    moor_json_output_object(json, "before");
    for (int i = 0; i < MOOR_DECISION_COUNT; i++) {
        put_row(json, moor_decision_verb((enum moor_decision)i), replay->before[i]);
    }
    moor_json_object_end(json);
}

static void put_summary(struct moor_json_writer *json, const struct moor_replay *replay)
{
    moor_json_output_object(json, "summary");
    moor_json_member_u64(json, "files", replay->files);
    moor_json_member_u64(json, "lines", replay->lines);
    moor_json_member_u64(json, "events", replay->events);
    if (replay->has_time) {
        put_time(json, "first", replay->first);
        put_time(json, "last", replay->last);
    }
    moor_json_member_u64(json, "evaluated", replay->evaluated);
    moor_json_member_u64(json, "dryRuns", replay->dry_runs);
    put_decisions(json, replay->decisions);
    put_reasons(json, replay);
    put_comparisons(json, replay);
    moor_json_object_end(json);
}

void moor_replay_write_json(FILE *out, const struct moor_replay *replay)
{
    struct moor_json_output output;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(&output.json);
    /* The version is that of the format, which grows only when a member changes its meaning. */
    moor_json_member_u64(&output.json, "version", 1);
    moor_json_member_text(&output.json, "tagmoor", MOOR_VERSION);
    put_summary(&output.json, replay);
    put_findings(&output, replay);
    for (int i = 0; i < MOOR_REPLAY_BY_COUNT; i++) {
        put_by(&output, replay, (enum moor_replay_by)i);
    }
    put_others(&output.json, replay);
    moor_json_object_end(&output.json);
    moor_json_output_end(&output);
}

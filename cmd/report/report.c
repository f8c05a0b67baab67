/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/report.h"

#include <stdlib.h>

static const char *const unjudged[] = {
    [MOOR_UNJUDGED_PLAIN_KIND] = "kinds without images",
    [MOOR_UNJUDGED_UNKNOWN_KIND] = "unknown kinds",
    [MOOR_UNJUDGED_NO_OBJECT] = "other documents",
    [MOOR_UNJUDGED_FORMAT] = "files that need --include",
    [MOOR_UNJUDGED_IMAGE] = "unresolved images",
    [MOOR_UNJUDGED_TAG] = "images with a tag from elsewhere",
    [MOOR_UNJUDGED_EMPTY] = "empty files",
    [MOOR_UNJUDGED_NO_IMAGE] = "objects without images",
    [MOOR_UNJUDGED_CHART] = "charts",
    [MOOR_UNJUDGED_EXCLUDED] = "excluded",
    [MOOR_UNJUDGED_PART] = "files of kustomizations",
};

const char *moor_unjudged_name(enum moor_unjudged why)
{
    return unjudged[why];
}

void moor_report_init(struct moor_report *report)
{
    *report = (struct moor_report){.fails_from = MOOR_DECISION_DENY};
    moor_arena_init(&report->arena, MOOR_REPORT_MAX_BYTES);
}

void moor_report_release(struct moor_report *report)
{
    free(report->findings);
    free(report->input_errors);
    free(report->stale);
    free(report->unused);
    free(report->unused_excludes);
    free(report->read);
    moor_exemption_uses_release(&report->exemptions);
    free(report->notes);
    moor_arena_release(&report->arena);
    *report = (struct moor_report){0};
}

static struct moor_slice copy(struct moor_report *report, struct moor_slice text)
{
    struct moor_slice kept = {0};
    if (text.len > 0 && moor_arena_copy(&report->arena, &kept, text, NULL) != 0) {
        report->failed = true;
    }
    return kept;
}

/* Consecutive findings share files and kinds, so one copy serves them all. */
static struct moor_slice share(struct moor_report *report, struct moor_slice text,
                               struct moor_slice before)
{
    /* Only the last finding is compared: a table of all texts would cost more than it saves. */
    return moor_slice_equal(text, before) ? before : copy(report, text);
}

/* A failure is only recorded: the report is checked once, before it is written. */
static bool reserve(struct moor_report *report, void **items, size_t *room, size_t count,
                    size_t size)
{
    if (count < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 32 : *room * 2;
    void *grown = reallocarray(*items, wanted, size);
    if (grown == NULL) {
        report->failed = true;
        return false;
    }
    *items = grown;
    *room = wanted;
    return true;
}

/*
 * The texts are copied, because the input is released file by file. Most findings of an object
 * share them with the finding before.
 */
void moor_report_add(struct moor_report *report, const struct moor_report_finding *finding)
{
    void *items = report->findings;
    if (!reserve(report, &items, &report->finding_room, report->finding_count, sizeof *finding)) {
        return;
    }
    report->findings = items;
    const struct moor_report_finding none = {0};
    const struct moor_report_finding *last =
        report->finding_count > 0 ? &report->findings[report->finding_count - 1] : &none;
    struct moor_report_finding kept = *finding;
    kept.file = share(report, finding->file, last->file);
    kept.kind = share(report, finding->kind, last->kind);
    kept.namespace = share(report, finding->namespace, last->namespace);
    kept.namespaces = copy(report, finding->namespaces);
    kept.name = share(report, finding->name, last->name);
    kept.environment = share(report, finding->environment, last->environment);
    kept.repair = share(report, finding->repair, last->repair);
    kept.justification = share(report, finding->justification, last->justification);
    /* These texts differ from image to image, so comparing them first would not save a copy. */
    kept.path = copy(report, finding->path);
    kept.container = copy(report, finding->container);
    kept.image = copy(report, finding->image);
    kept.reason = copy(report, finding->reason);
    kept.line = copy(report, finding->line);
    kept.rendered_by = share(report, finding->rendered_by, last->rendered_by);
    kept.template = share(report, finding->template, last->template);
    report->findings[report->finding_count++] = kept;
}

/* Findings of one output belong to several files, and keep the order of the output. */
static struct moor_position place_of(const struct moor_report_finding *finding)
{
    return finding->rendered_by.len > 0 ? finding->rendered : finding->position;
}

/* The path breaks ties: one YAML alias can place several images at one position. */
static int by_place(const void *left, const void *right)
{
    const struct moor_report_finding *a = left;
    const struct moor_report_finding *b = right;
    const struct moor_position left_place = place_of(a);
    const struct moor_position right_place = place_of(b);
    /*
     * qsort() is not stable, so every finding needs a place in the order or reports would differ
     * between systems.
     */
    if (left_place.line != right_place.line) {
        return left_place.line < right_place.line ? -1 : 1;
    }
    if (left_place.column != right_place.column) {
        return left_place.column < right_place.column ? -1 : 1;
    }
    size_t shorter = a->path.len < b->path.len ? a->path.len : b->path.len;
    int order = shorter > 0 ? memcmp(a->path.ptr, b->path.ptr, shorter) : 0;
    return order != 0 ? order : (a->path.len > b->path.len) - (a->path.len < b->path.len);
}

void moor_report_sort(struct moor_report *report, size_t first)
{
    if (report->finding_count - first > 1) {
        qsort(report->findings + first, report->finding_count - first, sizeof *report->findings,
              by_place);
    }
}

void moor_report_add_unused_exclude(struct moor_report *report, struct moor_slice pattern)
{
    void *items = report->unused_excludes;
    if (!reserve(report, &items, &report->unused_exclude_room, report->unused_exclude_count,
                 sizeof *report->unused_excludes)) {
        return;
    }
    report->unused_excludes = items;
    report->unused_excludes[report->unused_exclude_count++] = copy(report, pattern);
}

void moor_report_add_read(struct moor_report *report, struct moor_slice file)
{
    void *items = report->read;
    /* Only a baseline needs the names; a repository can have many files. */
    if (!report->lists_read ||
        !reserve(report, &items, &report->read_room, report->read_count, sizeof *report->read)) {
        return;
    }
    report->read = items;
    report->read[report->read_count++] = copy(report, file);
}

/* Appends a copy of `entry` to one of the lists. */
static void append(struct moor_report *report, struct moor_report_input_error **list, size_t *count,
                   size_t *room, const struct moor_report_input_error *entry)
{
    void *items = *list;
    if (!reserve(report, &items, room, *count, sizeof **list)) {
        return;
    }
    *list = items;
    (*list)[(*count)++] = (struct moor_report_input_error){
        copy(report, entry->file), entry->line, entry->column, copy(report, entry->text)};
}

static void add_input_error(struct moor_report *report, const struct moor_report_input_error *error)
{
    append(report, &report->input_errors, &report->input_error_count, &report->input_error_room,
           error);
}

void moor_report_add_input_error(struct moor_report *report, struct moor_slice file,
                                 const struct moor_error *err)
{
    add_input_error(report, &(struct moor_report_input_error){file, err->line, err->column,
                                                              moor_slice_from(err->text)});
}

void moor_report_add_input_error_text(struct moor_report *report, struct moor_slice file,
                                      struct moor_slice text)
{
    add_input_error(report, &(struct moor_report_input_error){.file = file, .text = text});
}

void moor_report_set_repair(struct moor_report *report, struct moor_report_finding *finding,
                            struct moor_slice repair)
{
    finding->repair = copy(report, repair);
}

void moor_report_add_stale(struct moor_report *report, struct moor_slice file, uint32_t line,
                           struct moor_slice text)
{
    append(report, &report->stale, &report->stale_count, &report->stale_room,
           &(struct moor_report_input_error){file, line, 1, text});
}

void moor_report_add_unused(struct moor_report *report, struct moor_slice file,
                            const struct moor_position *position, struct moor_slice text)
{
    append(report, &report->unused, &report->unused_count, &report->unused_room,
           &(struct moor_report_input_error){file, position->line, position->column, text});
}

void moor_report_add_note(struct moor_report *report, struct moor_slice file,
                          const struct moor_position *position, struct moor_slice text)
{
    append(report, &report->notes, &report->note_count, &report->note_room,
           &(struct moor_report_input_error){file, position->line, position->column, text});
}

/* The number of names is limited, since a file can contain any number of kinds. */
void moor_report_tally(struct moor_report *report, enum moor_unjudged why, struct moor_slice name)
{
    /* The total is exact even if the name has no room in the table. */
    report->unjudged[why]++;
    for (size_t i = 0; i < report->tally_count; i++) {
        struct moor_report_tally *tally = &report->tallies[i];
        if (tally->why == why && moor_slice_equal(tally->name, name)) {
            tally->count++;
            return;
        }
    }
    if (report->tally_count < MOOR_REPORT_MAX_TALLIES) {
        report->tallies[report->tally_count++] =
            (struct moor_report_tally){why, copy(report, name), 1};
    }
}

struct moor_slice moor_report_shown(struct moor_slice file)
{
    return moor_slice_is(file, "-") ? MOOR_SLICE("<stdin>") : file;
}

const char *moor_report_state(const struct moor_report_finding *finding)
{
    return finding->suppression != MOOR_SUPPRESSION_NONE ? "suppressed"
           : finding->is_known                           ? "known"
                                                         : NULL;
}

bool moor_report_is_active(const struct moor_report_finding *finding)
{
    return moor_report_state(finding) == NULL;
}

const char *moor_suppression_name(enum moor_suppression suppression)
{
    return suppression == MOOR_SUPPRESSION_ANNOTATION ? "annotation" : "comment";
}

static bool is_moved(const struct moor_report_finding *finding)
{
    return strcmp(finding->class, MOOR_REPORT_MOVED) == 0;
}

/* Counted at the end, because a baseline can make findings known after all files were read. */
void moor_report_count(struct moor_report *report)
{
    report->failed = report->failed || report->exemptions.failed;
    /* Counting starts from zero each time, so that a second call gives the same result. */
    report->known = 0;
    report->suppressed = 0;
    report->moved = 0;
    for (size_t i = MOOR_DECISION_AUDIT; i < MOOR_DECISION_COUNT; i++) {
        report->counts[i] = 0;
    }
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct moor_report_finding *finding = &report->findings[i];
        if (finding->suppression != MOOR_SUPPRESSION_NONE) {
            report->suppressed++;
        } else if (finding->is_known) {
            report->known++;
        } else if (is_moved(finding)) {
            /* A moved tag is not a decision of the policy, so it is not one of the warnings. */
            report->moved++;
        } else {
            report->counts[finding->decision]++;
        }
    }
}

bool moor_report_fails(const struct moor_report *report, const struct moor_report_finding *finding)
{
    bool is_severe =
        /*
         * A moved tag has the decision `warn` only for its display; --fail-on decides whether it
         * fails a run.
         */
        is_moved(finding) ? report->fails_moved : finding->decision >= report->fails_from;
    return moor_report_is_active(finding) && is_severe;
}

size_t moor_report_failures(const struct moor_report *report)
{
    size_t failures = report->fails_moved ? report->moved : 0;
    for (size_t i = report->fails_from; i < MOOR_DECISION_COUNT; i++) {
        failures += report->counts[i];
    }
    return failures;
}

/* An input error outranks a denial: the result could be worse than it appears. */
int moor_report_status(const struct moor_report *report)
{
    if (report->input_error_count > 0 || report->failed) {
        return 2;
    }
    return moor_report_failures(report) > 0 ? 1 : 0;
}

/* Audited and known findings are rare, so their counts appear only if there are any. */
void moor_report_append_counts(struct moor_buf *out, const struct moor_report *report)
{
    for (int i = MOOR_DECISION_DENY; i >= MOOR_DECISION_ALLOW; i--) {
        if (i != MOOR_DECISION_AUDIT || report->counts[i] > 0) {
            moor_buf_printf(out, "%zu %s%s", report->counts[i],
                            moor_decision_past((enum moor_decision)i),
                            i > MOOR_DECISION_ALLOW ? ", " : "");
        }
    }
    if (report->known > 0) {
        moor_buf_printf(out, ", %zu known", report->known);
    }
    if (report->suppressed > 0) {
        moor_buf_printf(out, ", %zu suppressed", report->suppressed);
    }
    if (report->moved > 0) {
        moor_buf_printf(out, ", %zu moved", report->moved);
    }
    /* The numbers of objects and files show whether a run without findings looked at anything. */
    moor_buf_printf(out, " (%zu object%s", report->objects, report->objects == 1 ? "" : "s");
    /* A cluster has no files; a run without files and objects must say so. */
    if (report->files > 0 || report->objects == 0) {
        moor_buf_printf(out, " in %zu file%s", report->files, report->files == 1 ? "" : "s");
    }
    moor_buf_append_byte(out, ')');
}

unsigned moor_report_rank(const struct moor_report_finding *finding)
{
    return moor_report_is_active(finding) ? (unsigned)(MOOR_DECISION_DENY - finding->decision)
                                          : MOOR_REPORT_RANKS - 1;
}

void moor_report_append_object(struct moor_buf *out, const struct moor_report_finding *finding)
{
    moor_buf_append(out, finding->kind);
    /* Files of other tools have a kind only. */
    if (finding->name.len == 0 && finding->namespace.len == 0) {
        return;
    }
    moor_buf_append_byte(out, ' ');
    if (finding->namespace.len > 0) {
        moor_buf_append(out, finding->namespace);
        moor_buf_append_text(out, finding->name.len > 0 ? "/" : "");
    }
    moor_buf_append(out, finding->name);
}

void moor_report_append_state(struct moor_buf *out, const struct moor_report_finding *finding)
{
    if (finding->suppression != MOOR_SUPPRESSION_NONE) {
        moor_buf_append_text(out, "suppressed: ");
        moor_buf_append(out, finding->justification);
        moor_buf_append_text(out, "; ");
    } else if (finding->is_known) {
        moor_buf_append_text(out, "known: ");
    }
}

void moor_report_append_message(struct moor_buf *out, const struct moor_report_finding *finding)
{
    moor_buf_append(out, finding->reason);
    if (finding->repair.len > 0) {
        moor_buf_append_text(out, ": ");
        moor_buf_append(out, finding->repair);
    }
    if (finding->is_guessed) {
        moor_buf_append_text(out, " (guessed from key names)");
    }
}

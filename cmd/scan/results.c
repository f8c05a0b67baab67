/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/results.h"

#include "cmd/scan/moved.h"

#define TEXT_MAX ((size_t)64 * 1024)

static const struct {
    const char *name;
    const char *phrase;
} occasions[] = {
    [MOOR_SCAN_CHANGE] = {"change", "on a change"},
    [MOOR_SCAN_EVICTION] = {"eviction", "on eviction"},
    [MOOR_SCAN_RECREATION] = {"recreation", "on re-creation"},
};

const char *moor_scan_when_name(enum moor_scan_when when)
{
    return occasions[when].name;
}

void moor_results_init(struct moor_results *results)
{
    *results = (struct moor_results){0};
    moor_report_init(&results->report);
}

void moor_results_release(struct moor_results *results)
{
    moor_report_release(&results->report);
}

/* --- one image -------------------------------------------------------------------------------- */

bool moor_results_happens(const struct moor_workload *workload,
                          const struct moor_workload_image *image, enum moor_scan_when when)
{
    if (image->decisions[0].at[when] >= MOOR_DECISION_WARN ||
        image->decisions[1].at[when] >= MOOR_DECISION_WARN) {
        return true;
    }
    bool happens = when == MOOR_SCAN_EVICTION ? workload->remade > 0 : workload->is_seen;
    /* Containers of `kubectl debug` disappear with their Pod. */
    return happens && (when == MOOR_SCAN_CHANGE || image->field != MOOR_FIELD_EPHEMERAL_CONTAINERS);
}

/*
 * Returns whether the image is a result on this occasion: warned or denied.  In a comparison, only
 * a difference between both policies is a result.
 */
static bool is_result(const struct moor_results *results, const struct moor_workload_image *image,
                      int when)
{
    enum moor_decision now = image->decisions[0].at[when];
    enum moor_decision before = image->decisions[1].at[when];
    return results->compares ? now != before && (now > before ? now : before) >= MOOR_DECISION_WARN
                             : now >= MOOR_DECISION_WARN;
}

bool moor_results_has(const struct moor_results *results, const struct moor_workload_image *image)
{
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        if (is_result(results, image, when)) {
            return true;
        }
    }
    return false;
}

static const struct moor_workload_image *next_image(const struct moor_results_cursor *cursor)
{
    return cursor->image != NULL ? cursor->image->next : cursor->workload->images;
}

bool moor_results_next(const struct moor_results *results, struct moor_results_cursor *cursor)
{
    const struct moor_workloads *workloads = &results->scanning->workloads;
    for (;;) {
        cursor->image = cursor->workload != NULL ? next_image(cursor) : NULL;
        if (cursor->image != NULL && moor_results_has(results, cursor->image)) {
            return true;
        }
        if (cursor->image == NULL && cursor->next == workloads->root_count) {
            return false;
        }
        if (cursor->image == NULL) {
            cursor->workload = workloads->roots[cursor->next++];
        }
    }
}

bool moor_results_next_listed(const struct moor_results *results,
                              struct moor_results_cursor *cursor)
{
    bool has_next = moor_results_next(results, cursor);
    while (has_next && !results->compares && !results->lists_warned &&
           moor_results_worst(results, cursor->image) != MOOR_DECISION_DENY) {
        has_next = moor_results_next(results, cursor);
    }
    return has_next;
}

enum moor_decision moor_results_worst(const struct moor_results *results,
                                      const struct moor_workload_image *image)
{
    enum moor_decision worst = MOOR_DECISION_AUDIT;
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        enum moor_decision now = image->decisions[0].at[when];
        bool counts = !results->compares || now > image->decisions[1].at[when];
        worst = counts && now > worst ? now : worst;
    }
    return worst;
}

/* --- the report of check's formats ------------------------------------------------------------ */

/*
 * Appends `denied on re-creation, warned on a change`, or in a comparison `denied on re-creation
 * (before: allowed)`.
 */
static void append_occasions(struct moor_buf *out, const struct moor_results *results,
                             const struct moor_workload_image *image)
{
    size_t start = out->len;
    for (int when = MOOR_SCAN_WHEN_COUNT - 1; when >= 0; when--) {
        if (!is_result(results, image, when)) {
            continue;
        }
        moor_buf_append_text(out, out->len > start ? ", " : "");
        moor_buf_printf(out, "%s %s", moor_decision_past(image->decisions[0].at[when]),
                        occasions[when].phrase);
        if (results->compares) {
            moor_buf_printf(out, " (before: %s)", moor_decision_past(image->decisions[1].at[when]));
        }
    }
    moor_buf_append_text(out, ": ");
}

/* A cluster has no files, so `NAMESPACE/KIND/NAME` identifies the object in file-based formats. */
static void add_finding(struct moor_results *results, const struct moor_workload *workload,
                        const struct moor_workload_image *image)
{
    const struct moor_workload_key *key = &workload->key;
    struct moor_buf file;
    struct moor_buf reason;
    moor_buf_init(&file, TEXT_MAX);
    moor_buf_init(&reason, TEXT_MAX);
    moor_buf_printf(&file, "%.*s/%.*s/%.*s", MOOR_SLICE_ARGS(key->namespace),
                    MOOR_SLICE_ARGS(key->kind), MOOR_SLICE_ARGS(key->name));
    append_occasions(&reason, results, image);
    moor_buf_append(&reason, image->reason);
    const struct moor_report_finding finding = {
        .file = moor_buf_slice(&file),
        .document = 1,
        .kind = key->kind,
        .namespace = key->namespace,
        .name = key->name,
        .path = image->path,
        .container = image->container,
        .image = image->image,
        .class = image->class,
        .level = image->level,
        .decision = moor_results_worst(results, image),
        .environment = image->environment,
        .reason = moor_buf_slice(&reason),
        .repair = image->repair,
    };
    moor_report_add(&results->report, &finding);
    results->report.failed = results->report.failed || file.failed || reason.failed;
    moor_buf_release(&file);
    moor_buf_release(&reason);
}

/* --- counting --------------------------------------------------------------------------------- */

/* Returns whether the image is denied on any occasion, and sets `is_denied` by occasion. */
static bool count_image(struct moor_results *results, const struct moor_workload_image *image,
                        bool *is_denied)
{
    bool any = false;
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        bool now = image->decisions[0].at[when] == MOOR_DECISION_DENY;
        bool before = results->compares && image->decisions[1].at[when] == MOOR_DECISION_DENY;
        results->images[when] += now && !before;
        results->freed[when] += before && !now;
        is_denied[when] = is_denied[when] || (now && !before);
        any = any || (now && !before);
    }
    results->denied += any;
    results->warned += !any && moor_results_worst(results, image) == MOOR_DECISION_WARN;
    return any;
}

/* Returns whether an image of the workload is denied. */
static bool count_workload(struct moor_results *results, const struct moor_workload *workload)
{
    bool is_denied[MOOR_SCAN_WHEN_COUNT] = {false};
    bool any = false;
    for (const struct moor_workload_image *at = workload->images; at != NULL; at = at->next) {
        if (moor_results_has(results, at)) {
            any = count_image(results, at, is_denied) || any;
            add_finding(results, workload, at);
        }
    }
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        results->workloads[when] += is_denied[when];
    }
    return any;
}

/*
 * The workloads are sorted by namespace, so that namespaces are counted without a set of their
 * names.
 */
void moor_results_collect(struct moor_results *results, const struct moor_scanning *scanning)
{
    const struct moor_workload *last = NULL;
    results->scanning = scanning;
    results->compares = scanning->policy_count > 1;
    results->report.objects = scanning->objects;
    results->report.counts[MOOR_DECISION_ALLOW] = scanning->allowed;
    for (size_t i = 0; i < scanning->workloads.root_count; i++) {
        const struct moor_workload *workload = scanning->workloads.roots[i];
        if (count_workload(results, workload)) {
            results->namespaces +=
                last == NULL || !moor_slice_equal(last->key.namespace, workload->key.namespace);
            last = workload;
        }
    }
    if (!results->compares) {
        moor_moved_report(&results->report, &scanning->running);
    }
    results->report.failed = results->report.failed || scanning->exemptions.failed;
    moor_report_count(&results->report);
}

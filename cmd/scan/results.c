/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/results.h"

#define TEXT_MAX ((size_t)64 * 1024)

static const char *const names[] = {
    [MOOR_RESULT_NONE] = "",
    [MOOR_RESULT_PASSED] = "passed",
    [MOOR_RESULT_WARNED] = "warned",
    [MOOR_RESULT_REFUSED] = "refused",
};

static const struct {
    const char *name;
    const char *phrase;
} occasions[] = {
    [MOOR_SCAN_CHANGE] = {"change", "on a change"},
    [MOOR_SCAN_EVICTION] = {"eviction", "on eviction"},
    [MOOR_SCAN_RECREATION] = {"recreation", "on re-creation"},
};

const char *moor_result_name(enum moor_result result)
{
    return names[result];
}

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

enum moor_result moor_results_of(const struct moor_workload *workload,
                                 const struct moor_workload_image *image, size_t policy,
                                 enum moor_scan_when when)
{
    enum moor_decision decision = image->decisions[policy].at[when];
    if (decision >= MOOR_DECISION_WARN) {
        return decision == MOOR_DECISION_DENY ? MOOR_RESULT_REFUSED : MOOR_RESULT_WARNED;
    }
    bool happens = when == MOOR_SCAN_EVICTION ? workload->pods > 0 : workload->is_seen;
    /* What `kubectl debug` added does not come again. */
    bool comes = when == MOOR_SCAN_CHANGE || image->field != MOOR_FIELD_EPHEMERAL_CONTAINERS;
    return happens && comes ? MOOR_RESULT_PASSED : MOOR_RESULT_NONE;
}

bool moor_results_has(const struct moor_results *results, const struct moor_workload *workload,
                      const struct moor_workload_image *image)
{
    bool differs = false;
    bool is_bad = false;
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        enum moor_result now = moor_results_of(workload, image, 0, (enum moor_scan_when)when);
        enum moor_result before = moor_results_of(workload, image, 1, (enum moor_scan_when)when);
        differs = differs || now != before;
        is_bad = is_bad || now >= MOOR_RESULT_WARNED;
    }
    return results->compares ? differs : is_bad;
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
        if (cursor->image != NULL && moor_results_has(results, cursor->workload, cursor->image)) {
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

enum moor_severity moor_results_severity(const struct moor_results *results,
                                         const struct moor_workload *workload,
                                         const struct moor_workload_image *image)
{
    enum moor_severity worst = MOOR_SEVERITY_NOTE;
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        enum moor_result now = moor_results_of(workload, image, 0, (enum moor_scan_when)when);
        enum moor_result before = moor_results_of(workload, image, 1, (enum moor_scan_when)when);
        enum moor_severity own = now == MOOR_RESULT_REFUSED  ? MOOR_SEVERITY_ERROR
                                 : now == MOOR_RESULT_WARNED ? MOOR_SEVERITY_WARNING
                                                             : MOOR_SEVERITY_NOTE;
        bool counts = !results->compares || now > before;
        worst = counts && own > worst ? own : worst;
    }
    return worst;
}

/* --- the report of check's formats ------------------------------------------------------------ */

/* `refused on re-creation, warned on a change`; comparing, `now refused on re-creation, before
 * passed`. */
static void append_occasions(struct moor_buf *out, const struct moor_results *results,
                             const struct moor_workload *workload,
                             const struct moor_workload_image *image)
{
    size_t start = out->len;
    for (int i = MOOR_SCAN_WHEN_COUNT - 1; i >= 0; i--) {
        enum moor_scan_when when = (enum moor_scan_when)i;
        enum moor_result now = moor_results_of(workload, image, 0, when);
        enum moor_result before = moor_results_of(workload, image, 1, when);
        if (results->compares ? now == before : now < MOOR_RESULT_WARNED) {
            continue;
        }
        moor_buf_append_text(out, out->len > start ? ", " : "");
        moor_buf_printf(out, "%s %s", names[now], occasions[when].phrase);
        if (results->compares) {
            moor_buf_printf(out, " (before: %s)", names[before]);
        }
    }
    moor_buf_append_text(out, ": ");
}

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
    append_occasions(&reason, results, workload, image);
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
        .severity = moor_results_severity(results, workload, image),
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

/* Returns whether the image is refused, and sets by occasion whether. */
static bool count_image(struct moor_results *results, const struct moor_workload *workload,
                        const struct moor_workload_image *image, bool *is_refused)
{
    bool any = false;
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        bool now =
            moor_results_of(workload, image, 0, (enum moor_scan_when)when) == MOOR_RESULT_REFUSED;
        bool before =
            results->compares &&
            moor_results_of(workload, image, 1, (enum moor_scan_when)when) == MOOR_RESULT_REFUSED;
        results->images[when] += now && !before;
        results->freed[when] += before && !now;
        is_refused[when] = is_refused[when] || (now && !before);
        any = any || (now && !before);
    }
    results->refused += any;
    results->warned +=
        !any && moor_results_severity(results, workload, image) == MOOR_SEVERITY_WARNING;
    return any;
}

/* Returns whether something of the workload is refused. */
static bool count_workload(struct moor_results *results, const struct moor_workload *workload)
{
    bool is_refused[MOOR_SCAN_WHEN_COUNT] = {false};
    bool any = false;
    for (const struct moor_workload_image *at = workload->images; at != NULL; at = at->next) {
        if (moor_results_has(results, workload, at)) {
            any = count_image(results, workload, at, is_refused) || any;
            add_finding(results, workload, at);
        }
    }
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        results->workloads[when] += is_refused[when];
    }
    return any;
}

void moor_results_collect(struct moor_results *results, const struct moor_scanning *scanning)
{
    const struct moor_workload *last = NULL;
    results->scanning = scanning;
    results->compares = scanning->policy_count > 1;
    results->report.objects = scanning->objects;
    results->report.passed = scanning->passed;
    for (size_t i = 0; i < scanning->workloads.root_count; i++) {
        const struct moor_workload *workload = scanning->workloads.roots[i];
        if (count_workload(results, workload)) {
            results->namespaces +=
                last == NULL || !moor_slice_equal(last->key.namespace, workload->key.namespace);
            last = workload;
        }
    }
    moor_report_count(&results->report);
}

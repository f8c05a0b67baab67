/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/metrics.h"

#include "policy/base/array_size.h"
#include "webhook/observe/exposition.h"
#include "webhook/observe/name_table.h"
#include "webhook/observe/policy_metrics.h"
#include "webhook/observe/process.h"

#include <stdlib.h>

#define MAX_ENVIRONMENTS MOOR_METRICS_MAX_ENVIRONMENTS
#define MAX_KINDS        63
#define OPERATIONS       (MOOR_OPERATION_CONNECT + 1)
#define DECISIONS        MOOR_DECISION_COUNT
/* Longest line of each family: its name, its labels with names of 63 bytes, and 20 digits. */
#define REVIEW_LINE      256
#define IMAGE_LINE       176
#define FINDING_LINE     160
#define OTHER_BYTES      ((size_t)64 << 10) /* families with a fixed number of series */

/* All possible series fit into the text, so a scrape can never fail for its size. */
_Static_assert((MOOR_METRICS_MAX_REVIEWS + (MAX_ENVIRONMENTS + 1) * OPERATIONS * DECISIONS * 2) *
                           REVIEW_LINE +
                       (MAX_ENVIRONMENTS + 1) * MOOR_CLASS_COUNT * DECISIONS * IMAGE_LINE +
                       (MOOR_METRICS_MAX_NAMESPACES + 1) * (DECISIONS - MOOR_DECISION_AUDIT) *
                           FINDING_LINE +
                       MOOR_POLICY_METRICS_MAX_BYTES + OTHER_BYTES <=
                   MOOR_METRICS_MAX_BYTES,
               "the text is bounded by the number of series");

/* The bounds reach from a small review (tens of microseconds) to a server under overload. */
static const uint64_t duration_bounds_us[] = {50,    100,   250,   500,    1000,   2500,   5000,
                                              10000, 25000, 50000, 100000, 250000, 500000, 1000000};
static const uint64_t body_bounds[] = {1U << 10,  2U << 10,  4U << 10,   8U << 10,   16U << 10,
                                       32U << 10, 64U << 10, 128U << 10, 256U << 10, 512U << 10,
                                       1U << 20,  2U << 20,  4U << 20,   8U << 20};

/* Reasons why a body was not evaluated. */
enum body_error {
    BODY_NO_REVIEW, /* 400 */
    BODY_INTERNAL,  /* 500 */
    BODY_ERROR_COUNT
};

struct moor_metrics {
    struct moor_process *process;
    struct moor_name_table environments;
    struct moor_name_table kinds;
    struct moor_name_table namespaces;
    struct moor_policy_metrics policy;
    struct moor_histogram duration_us;
    struct moor_histogram body_bytes;
    atomic_uint_fast64_t body_errors[BODY_ERROR_COUNT];
    atomic_uint_fast64_t reloads[MOOR_RELOAD_PART_COUNT][2]; /* failures, successes */
    atomic_size_t review_series; /* series in use, except those of the kind `other` */
    /* The last index of environments, kinds and namespaces is `other`. */
    atomic_uint_fast64_t reviews[MAX_ENVIRONMENTS + 1][OPERATIONS][MAX_KINDS + 1][DECISIONS][2];
    atomic_uint_fast64_t images[MAX_ENVIRONMENTS + 1][MOOR_CLASS_COUNT][DECISIONS];
    atomic_uint_fast64_t faults[MOOR_FAULT_COUNT];
    atomic_uint_fast64_t findings[MOOR_METRICS_MAX_NAMESPACES + 1][DECISIONS];
};

int moor_metrics_open(struct moor_metrics **out, struct moor_error *err)
{
    /*
     * The array of all combinations is large, and few of them occur: the kernel provides a page of
     * zeroed memory only when a counter in it is used.
     */
    struct moor_metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL || (metrics->process = moor_process_open()) == NULL ||
        moor_name_table_init(&metrics->environments, MAX_ENVIRONMENTS, err) != 0 ||
        moor_name_table_init(&metrics->kinds, MAX_KINDS, err) != 0 ||
        moor_name_table_init(&metrics->namespaces, MOOR_METRICS_MAX_NAMESPACES, err) != 0 ||
        moor_policy_metrics_init(&metrics->policy, err) != 0) {
        moor_metrics_close(metrics);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the metrics");
    }
    metrics->duration_us.bounds = duration_bounds_us;
    metrics->duration_us.bound_count = MOOR_ARRAY_SIZE(duration_bounds_us);
    metrics->body_bytes.bounds = body_bounds;
    metrics->body_bytes.bound_count = MOOR_ARRAY_SIZE(body_bounds);
    *out = metrics;
    return 0;
}

void moor_metrics_close(struct moor_metrics *metrics)
{
    if (metrics == NULL) {
        return;
    }
    moor_process_close(metrics->process);
    moor_name_table_release(&metrics->environments);
    moor_name_table_release(&metrics->kinds);
    moor_name_table_release(&metrics->namespaces);
    moor_policy_metrics_release(&metrics->policy);
    free(metrics);
}

/* --- counting --------------------------------------------------------------------------------- */

/*
 * The namespace gets a number only for a finding, so that namespaces without findings do not fill
 * the table.
 */
static void count_findings(struct moor_metrics *metrics, const struct moor_verdict *verdict)
{
    if (verdict->worst < MOOR_DECISION_AUDIT) {
        return;
    }
    size_t namespace = moor_name_table_number(&metrics->namespaces, verdict->request->namespace);
    if (verdict->fault != MOOR_FAULT_NONE) {
        moor_counter_add(&metrics->findings[namespace][verdict->fault_decision], 1);
    }
    for (size_t decision = MOOR_DECISION_AUDIT; decision < DECISIONS; decision++) {
        if (verdict->counts[decision] > 0) {
            moor_counter_add(&metrics->findings[namespace][decision], verdict->counts[decision]);
        }
    }
}

/*
 * Returns the counter of a review.  When too many series are in use, a new combination is counted
 * with the kind `other`.
 */
static atomic_uint_fast64_t *find_review(struct moor_metrics *metrics, size_t environment,
                                         size_t kind, const struct moor_verdict *verdict)
{
    size_t operation = verdict->request->operation;
    size_t decision = verdict->worst;
    size_t dry_run = verdict->request->is_dry_run ? 1 : 0;
    atomic_uint_fast64_t *found =
        &metrics->reviews[environment][operation][kind][decision][dry_run];
    if (kind == MAX_KINDS || moor_counter_read(found) > 0) {
        return found;
    }
    /* Two threads may both take a place for one series; this only wastes a place. */
    if (atomic_load_explicit(&metrics->review_series, memory_order_relaxed) <
            MOOR_METRICS_MAX_REVIEWS &&
        atomic_fetch_add_explicit(&metrics->review_series, 1, memory_order_relaxed) <
            MOOR_METRICS_MAX_REVIEWS) {
        return found;
    }
    return &metrics->reviews[environment][operation][MAX_KINDS][decision][dry_run];
}

/* The kind is that of the policy and not of the request, because a client can write any kind. */
void moor_metrics_count_verdict(struct moor_metrics *metrics, const struct moor_verdict *verdict,
                                uint64_t duration_us)
{
    const struct moor_request *request = verdict->request;
    size_t environment = moor_name_table_number(&metrics->environments, verdict->environment->name);
    size_t kind = request->holds != NULL
                      ? moor_name_table_number(&metrics->kinds, request->holds->kind)
                      : MAX_KINDS;
    moor_counter_add(find_review(metrics, environment, kind, verdict), 1);
    for (size_t i = 0; i < verdict->image_count; i++) {
        const struct moor_image_verdict *image = &verdict->images[i];
        if (!image->is_skipped) {
            moor_counter_add(&metrics->images[environment][image->class][image->decision], 1);
        }
    }
    for (size_t i = 0; i < verdict->exemption_count; i++) {
        moor_policy_metrics_count_use(&metrics->policy, verdict->exemptions[i]);
    }
    /* Without a test: write_faults() omits the counter of `none`. */
    moor_counter_add(&metrics->faults[verdict->fault], 1);
    count_findings(metrics, verdict);
    moor_histogram_observe(&metrics->duration_us, duration_us);
}

void moor_metrics_count_body(struct moor_metrics *metrics, size_t body_bytes, int status)
{
    moor_histogram_observe(&metrics->body_bytes, body_bytes);
    if (status != 200) {
        moor_counter_add(&metrics->body_errors[status == 400 ? BODY_NO_REVIEW : BODY_INTERNAL], 1);
    }
}

void moor_metrics_count_reload(struct moor_metrics *metrics, enum moor_reload_part part, bool taken)
{
    moor_counter_add(&metrics->reloads[part][taken ? 1 : 0], 1);
}

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

/* --- writing: the families -------------------------------------------------------------------- */

enum family {
    FAMILY_BUILD_INFO,
    FAMILY_REVIEWS,
    FAMILY_IMAGES,
    FAMILY_OBJECT_FAULTS,
    FAMILY_FINDINGS,
    FAMILY_REVIEW_DURATION,
    FAMILY_REQUEST_BODY,
    FAMILY_REQUEST_ERRORS,
    FAMILY_LIMIT_HITS,
    FAMILY_HANDSHAKE_ERRORS,
    FAMILY_CONNECTIONS,
    FAMILY_WORKER_TURNS,
    FAMILY_WORKER_AGE,
    FAMILY_CERTIFICATE_EXPIRY,
    FAMILY_CERTIFICATE_RELOADS,
    FAMILY_POLICY_RELOADS,
    FAMILY_LOG_LINES_DROPPED,
};

static const struct {
    const char *name;
    const char *type;
    const char *help;
} families[] = {
    [FAMILY_BUILD_INFO] = {"tagmoor_build_info", "gauge", "1, with the version as a label."},
    [FAMILY_REVIEWS] = {"tagmoor_reviews_total", "counter", "Evaluated requests by decision."},
    [FAMILY_IMAGES] = {"tagmoor_images_total", "counter",
                       "Evaluated images by class and decision."},
    [FAMILY_OBJECT_FAULTS] = {"tagmoor_object_faults_total", "counter",
                              "Objects that could not be evaluated completely, by reason."},
    [FAMILY_FINDINGS] = {"tagmoor_findings_total", "counter",
                         "Images that did not meet a requirement, by namespace."},
    [FAMILY_REVIEW_DURATION] = {"tagmoor_review_duration_seconds", "histogram",
                                "Time from a complete request to its answer."},
    [FAMILY_REQUEST_BODY] = {"tagmoor_request_body_bytes", "histogram",
                             "Size of evaluated request bodies."},
    [FAMILY_REQUEST_ERRORS] = {"tagmoor_request_errors_total", "counter",
                               "Requests that were not evaluated, by cause."},
    [FAMILY_LIMIT_HITS] = {"tagmoor_limit_hits_total", "counter",
                           "Number of times that a limit was reached."},
    [FAMILY_HANDSHAKE_ERRORS] = {"tagmoor_tls_handshake_errors_total", "counter",
                                 "TLS handshakes that failed, by reason."},
    [FAMILY_CONNECTIONS] = {"tagmoor_connections", "gauge", "Open connections by state."},
    [FAMILY_WORKER_TURNS] = {"tagmoor_worker_turns_total", "counter",
                             "Turns of each worker's event loop: at least four a second."},
    [FAMILY_WORKER_AGE] =
        {"tagmoor_worker_last_turn_age_seconds", "gauge",
         "Whole seconds since the last turn of each worker's event loop; /livez fails after " TEXT(
             MOOR_WORKER_STUCK_S) "."},
    [FAMILY_CERTIFICATE_EXPIRY] = {"tagmoor_certificate_expiry_timestamp_seconds", "gauge",
                                   "Time when a certificate expires, in seconds since the epoch."},
    [FAMILY_CERTIFICATE_RELOADS] = {"tagmoor_certificate_reloads_total", "counter",
                                    "Reloads of a changed certificate, key or client CA."},
    [FAMILY_POLICY_RELOADS] = {"tagmoor_policy_reloads_total", "counter",
                               "Reloads of a changed policy."},
    [FAMILY_LOG_LINES_DROPPED] = {"tagmoor_log_lines_dropped_total", "counter",
                                  "Log lines that were lost because they were not read in time."},
};

/*
 * Writes the lines before the samples of a family, and returns its name.  The table of families is
 * the only place of the names.
 */
static const char *begin_family(struct moor_buf *out, enum family family)
{
    moor_exposition_family(out, families[family].name, families[family].type,
                           families[family].help);
    return families[family].name;
}

/* --- writing: evaluated requests -------------------------------------------------------------- */

static void write_review(struct moor_buf *out, const struct moor_metrics *metrics,
                         const size_t at[5], uint64_t count)
{
    moor_buf_append_text(out, families[FAMILY_REVIEWS].name);
    moor_exposition_label(out, "{", "environment",
                          moor_name_table_at(&metrics->environments, at[0]));
    moor_exposition_label(out, ",", "operation",
                          moor_slice_from(moor_operation_name((enum moor_operation)at[1])));
    moor_exposition_label(out, ",", "kind", moor_name_table_at(&metrics->kinds, at[2]));
    moor_buf_printf(out, ",decision=\"%s\",dry_run=\"%s\"} %llu\n",
                    moor_decision_verb((enum moor_decision)at[3]), at[4] == 1 ? "true" : "false",
                    (unsigned long long)count);
}

/* The counters are read as a flat array, because all indices follow from the position. */
static void write_reviews(struct moor_buf *out, const struct moor_metrics *metrics)
{
    const atomic_uint_fast64_t *flat = &metrics->reviews[0][0][0][0][0];
    (void)begin_family(out, FAMILY_REVIEWS);
    for (size_t i = 0; i < sizeof metrics->reviews / sizeof *flat; i++) {
        uint64_t count = moor_counter_read(&flat[i]);
        size_t per_operation = (size_t)(MAX_KINDS + 1) * DECISIONS * 2;
        if (count > 0) {
            const size_t at[] = {i / per_operation / OPERATIONS, i / per_operation % OPERATIONS,
                                 i / 2 / DECISIONS % (MAX_KINDS + 1), i / 2 % DECISIONS, i % 2};
            write_review(out, metrics, at, count);
        }
    }
}

static void write_images(struct moor_buf *out, const struct moor_metrics *metrics)
{
    const atomic_uint_fast64_t *flat = &metrics->images[0][0][0];
    const char *name = begin_family(out, FAMILY_IMAGES);
    for (size_t i = 0; i < sizeof metrics->images / sizeof *flat; i++) {
        uint64_t count = moor_counter_read(&flat[i]);
        if (count == 0) {
            continue;
        }
        moor_buf_append_text(out, name);
        moor_exposition_label(
            out, "{", "environment",
            moor_name_table_at(&metrics->environments, i / DECISIONS / MOOR_CLASS_COUNT));
        moor_buf_printf(out, ",class=\"%s\",decision=\"%s\"} %llu\n",
                        moor_class_name((enum moor_class)(i / DECISIONS % MOOR_CLASS_COUNT)),
                        moor_decision_verb((enum moor_decision)(i % DECISIONS)),
                        (unsigned long long)count);
    }
}

static void write_faults(struct moor_buf *out, const struct moor_metrics *metrics)
{
    const char *name = begin_family(out, FAMILY_OBJECT_FAULTS);
    /*
     * Also with a count of 0: rate() of Prometheus would miss the first event of a series that
     * begins with it.
     */
    for (unsigned i = MOOR_FAULT_NONE + 1; i < MOOR_FAULT_COUNT; i++) {
        moor_exposition_sample(out, name, "fault", moor_fault_name((enum moor_fault)i),
                               moor_counter_read(&metrics->faults[i]));
    }
}

static void write_findings(struct moor_buf *out, const struct moor_metrics *metrics)
{
    const atomic_uint_fast64_t *flat = &metrics->findings[0][0];
    const char *name = begin_family(out, FAMILY_FINDINGS);
    for (size_t i = 0; i < sizeof metrics->findings / sizeof *flat; i++) {
        uint64_t count = moor_counter_read(&flat[i]);
        if (count > 0) {
            moor_buf_append_text(out, name);
            moor_exposition_label(out, "{", "namespace",
                                  moor_name_table_at(&metrics->namespaces, i / DECISIONS));
            moor_buf_printf(out, ",decision=\"%s\"} %llu\n",
                            moor_decision_verb((enum moor_decision)(i % DECISIONS)),
                            (unsigned long long)count);
        }
    }
}

static void write_histograms(struct moor_buf *out, const struct moor_metrics *metrics)
{
    moor_histogram_write(out, &metrics->duration_us, begin_family(out, FAMILY_REVIEW_DURATION),
                         1e-6);
    moor_histogram_write(out, &metrics->body_bytes, begin_family(out, FAMILY_REQUEST_BODY), 1);
}

/* --- writing: the server ---------------------------------------------------------------------- */

static void write_request_errors(struct moor_buf *out, const struct moor_metrics *metrics,
                                 const struct moor_server_counters *counters)
{
    const char *name = begin_family(out, FAMILY_REQUEST_ERRORS);
    for (unsigned i = 0; i < MOOR_REQUEST_ERROR_COUNT; i++) {
        moor_exposition_sample(out, name, "cause",
                               moor_request_error_name((enum moor_request_error)i),
                               moor_counter_read(&counters->request_errors[i]));
    }
    moor_exposition_sample(out, name, "cause", "no_review",
                           moor_counter_read(&metrics->body_errors[BODY_NO_REVIEW]));
    moor_exposition_sample(out, name, "cause", "internal",
                           moor_counter_read(&metrics->body_errors[BODY_INTERNAL]));
}

static void write_counters(struct moor_buf *out, const struct moor_server_counters *counters)
{
    const char *hits = begin_family(out, FAMILY_LIMIT_HITS);
    for (unsigned i = MOOR_LIMIT_NONE + 1; i < MOOR_LIMIT_COUNT; i++) {
        moor_exposition_sample(out, hits, "limit", moor_limit_name((enum moor_limit)i),
                               moor_counter_read(&counters->limit_hits[i]));
    }
    const char *errors = begin_family(out, FAMILY_HANDSHAKE_ERRORS);
    for (unsigned i = 0; i < MOOR_HANDSHAKE_ERROR_COUNT; i++) {
        moor_exposition_sample(out, errors, "reason",
                               moor_handshake_error_name((enum moor_handshake_error)i),
                               moor_counter_read(&counters->handshake_errors[i]));
    }
}

static void write_connections(struct moor_buf *out, const struct moor_server *server)
{
    size_t counts[MOOR_CONNECTION_STATE_COUNT];
    moor_server_count_connections(server, counts);
    const char *name = begin_family(out, FAMILY_CONNECTIONS);
    for (unsigned i = MOOR_CONNECTION_HANDSHAKE; i < MOOR_CONNECTION_STATE_COUNT; i++) {
        moor_exposition_sample(out, name, "state",
                               moor_connection_state_name((enum moor_connection_state)i),
                               counts[i]);
    }
}

static void write_workers(struct moor_buf *out, const struct moor_server *server)
{
    struct moor_worker_state states[MOOR_SERVER_MAX_THREADS];
    size_t count = moor_server_worker_states(server, states, MOOR_SERVER_MAX_THREADS);
    const char *turns = begin_family(out, FAMILY_WORKER_TURNS);
    for (size_t i = 0; i < count; i++) {
        char worker[MOOR_BUF_DIGITS_MAX + 1];
        (void)snprintf(worker, sizeof worker, "%zu", i);
        moor_exposition_sample(out, turns, "worker", worker, states[i].turns);
    }
    const char *age = begin_family(out, FAMILY_WORKER_AGE);
    for (size_t i = 0; i < count; i++) {
        char worker[MOOR_BUF_DIGITS_MAX + 1];
        (void)snprintf(worker, sizeof worker, "%zu", i);
        moor_exposition_sample(out, age, "worker", worker, states[i].since_turn_us / 1000000U);
    }
}

static void write_certificates(struct moor_buf *out, const struct moor_server *server)
{
    static const char *const names[MOOR_CERTIFICATE_COUNT] = {"leaf", "ca", "client-ca"};
    const char *name = begin_family(out, FAMILY_CERTIFICATE_EXPIRY);
    for (unsigned i = 0; i < MOOR_CERTIFICATE_COUNT; i++) {
        int64_t expiry_s = moor_server_expiry_s(server, (enum moor_certificate_role)i);
        /*
         * A certificate that is not configured has no series: an expiry of 0 would look like one in
         * 1970.
         */
        if (expiry_s > 0) {
            moor_exposition_sample(out, name, "certificate", names[i], (uint64_t)expiry_s);
        }
    }
}

static void write_reloads(struct moor_buf *out, const struct moor_metrics *metrics)
{
    static const enum family parts[MOOR_RELOAD_PART_COUNT] = {
        [MOOR_RELOAD_CERTIFICATE] = FAMILY_CERTIFICATE_RELOADS,
        [MOOR_RELOAD_POLICY] = FAMILY_POLICY_RELOADS,
    };

    for (size_t i = 0; i < MOOR_RELOAD_PART_COUNT; i++) {
        const char *name = begin_family(out, parts[i]);
        moor_exposition_sample(out, name, "result", "success",
                               moor_counter_read(&metrics->reloads[i][1]));
        moor_exposition_sample(out, name, "result", "failure",
                               moor_counter_read(&metrics->reloads[i][0]));
    }
}

void moor_metrics_write_judged(struct moor_buf *out, struct moor_metrics *metrics,
                               const struct moor_policy *policy)
{
    write_reviews(out, metrics);
    write_images(out, metrics);
    write_faults(out, metrics);
    write_findings(out, metrics);
    moor_policy_metrics_write(out, &metrics->policy, policy);
    write_histograms(out, metrics);
}

void moor_metrics_write(struct moor_buf *out, struct moor_metrics *metrics,
                        const struct moor_metrics_sources *sources)
{
    const struct moor_server_counters *counters = moor_server_counters(sources->server);
    moor_exposition_sample(out, begin_family(out, FAMILY_BUILD_INFO), "version", MOOR_VERSION, 1);
    moor_metrics_write_judged(out, metrics, sources->policy);
    write_request_errors(out, metrics, counters);
    write_counters(out, counters);
    write_connections(out, sources->server);
    write_workers(out, sources->server);
    write_certificates(out, sources->server);
    write_reloads(out, metrics);
    const char *name = begin_family(out, FAMILY_LOG_LINES_DROPPED);
    moor_buf_printf(out, "%s %llu\n", name, (unsigned long long)moor_log_dropped(sources->log));
    moor_process_write(out, metrics->process);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics - counts evaluated requests, and writes all metrics for Prometheus.
 *
 * Label values are bounded, regardless of what clients send.  Kinds and environments are those of
 * the policy. Namespaces are the first MOOR_METRICS_MAX_NAMESPACES with a finding.  All other
 * values are `other`.  Names of objects and images are never labels.
 *
 * Threads:  moor_metrics_count_*(): any thread, without a lock except for a new name.
 *           moor_metrics_write(): one thread at a time.
 * Memory:   some 900 KB of address space; only counters in use become resident.
 * Limits:   the text has at most MOOR_METRICS_MAX_BYTES.  The first MOOR_METRICS_MAX_REVIEWS label
 *           combinations of `tagmoor_reviews_total` have their own series; the others are counted
 *           with the kind `other`.  Families with many possible series omit those at 0.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_METRICS_H
#define MOOR_WEBHOOK_OBSERVE_METRICS_H

#include "policy/judge.h"
#include "webhook/http/server.h"
#include "webhook/observe/log.h"

#define MOOR_METRICS_MAX_NAMESPACES 1000
#define MOOR_METRICS_MAX_REVIEWS    4096
#define MOOR_METRICS_MAX_BYTES      ((size_t)7 << 19)

/* Files that are reloaded. */
enum moor_reload_part {
    MOOR_RELOAD_CERTIFICATE, /* certificate, key and client CA */
    MOOR_RELOAD_POLICY,
    MOOR_RELOAD_PART_COUNT
};

struct moor_metrics;

/*
 * Opens the metrics, before the sandbox: /proc is opened here.  Returns -1 if there is no memory.
 */
int moor_metrics_open(struct moor_metrics **out, struct moor_error *err) MOOR_MUST_CHECK;

/* Frees the metrics; ignores NULL. */
void moor_metrics_close(struct moor_metrics *metrics);

/* Counts an evaluated request. */
void moor_metrics_count_verdict(struct moor_metrics *metrics, const struct moor_verdict *verdict,
                                uint64_t duration_us);

/* Counts a body that was passed to the review, and the HTTP status of its answer. */
void moor_metrics_count_body(struct moor_metrics *metrics, size_t body_bytes, int status);

/* Counts a reload that succeeded (`taken`) or failed. */
void moor_metrics_count_reload(struct moor_metrics *metrics, enum moor_reload_part part,
                               bool taken);

/* Sources of the other metrics. */
struct moor_metrics_sources {
    const struct moor_server *server;
    const struct moor_log *log;
    const struct moor_policy *policy; /* in force */
};

/*
 * Appends the families about the policy and evaluated requests: part of moor_metrics_write().  An
 * exemption that has no series yet gets one.
 */
void moor_metrics_write_judged(struct moor_buf *out, struct moor_metrics *metrics,
                               const struct moor_policy *policy);

/* Appends all families. */
void moor_metrics_write(struct moor_buf *out, struct moor_metrics *metrics,
                        const struct moor_metrics_sources *sources);

#endif

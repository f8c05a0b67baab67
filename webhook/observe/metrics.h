/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics - counts what was judged, and writes all that is counted for Prometheus.
 *
 * Label values are bounded whatever is sent: kinds are those that the policy knows, environments
 * those of the policy, namespaces the first MOOR_METRICS_MAX_NAMESPACES in which something was
 * found; all others are `other`.  Names of objects and images are never labels.
 *
 * Threads:  moor_metrics_count_*() any thread, without a lock but for a name that is seen first;
 *           moor_metrics_write() one thread at a time.
 * Memory:   some 900 KB of address space, of which only what is counted becomes resident.
 * Limits:   the text never exceeds MOOR_METRICS_MAX_BYTES, whatever is sent: of the combinations of
 *           labels of `tagmoor_reviews_total`, the first MOOR_METRICS_MAX_REVIEWS have series of
 *           their own, the others are counted with the kind `other`.  Series at 0 are left out
 *           where there may be many.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_METRICS_H
#define MOOR_WEBHOOK_OBSERVE_METRICS_H

#include "policy/judge.h"
#include "webhook/http/server.h"
#include "webhook/observe/log.h"

#define MOOR_METRICS_MAX_NAMESPACES 1000
#define MOOR_METRICS_MAX_REVIEWS    4096
#define MOOR_METRICS_MAX_BYTES      ((size_t)7 << 19)

/* What can be loaded again. */
enum moor_reload_part {
    MOOR_RELOAD_CERTIFICATE, /* with its key and the client CA */
    MOOR_RELOAD_POLICY,
    MOOR_RELOAD_PART_COUNT
};

struct moor_metrics;

int moor_metrics_open(struct moor_metrics **out, struct moor_error *err) MOOR_MUST_CHECK;

/* NULL is ignored. */
void moor_metrics_close(struct moor_metrics *metrics);

/* A judged request. */
void moor_metrics_count_verdict(struct moor_metrics *metrics, const struct moor_verdict *verdict,
                                uint64_t duration_us);

/* A body that was handed to the judge, and the HTTP status that it was answered with. */
void moor_metrics_count_body(struct moor_metrics *metrics, size_t body_bytes, int status);

/* A reload that was taken or refused. */
void moor_metrics_count_reload(struct moor_metrics *metrics, enum moor_reload_part part,
                               bool taken);

/* What else is shown. */
struct moor_metrics_sources {
    const struct moor_server *server;
    const struct moor_log *log;
    const struct moor_policy *policy; /* in force */
};

/* Appends the families of what was judged: part of moor_metrics_write(). */
void moor_metrics_write_judged(struct moor_buf *out, const struct moor_metrics *metrics,
                               const struct moor_policy *policy);

/* Appends all families. */
void moor_metrics_write(struct moor_buf *out, const struct moor_metrics *metrics,
                        const struct moor_metrics_sources *sources);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exposition - writes Prometheus' text format 0.0.4: families, samples, histograms.
 *
 * Threads:  moor_histogram_observe(): any thread.  A concurrent write sees each bucket at some
 *           moment; its count is the sum of these buckets.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_EXPOSITION_H
#define MOOR_WEBHOOK_OBSERVE_EXPOSITION_H

#include "policy/base/buf.h"

#include <stdatomic.h>

#define MOOR_HISTOGRAM_MAX_BOUNDS 15

/* Appends the lines HELP and TYPE of a family. */
void moor_exposition_family(struct moor_buf *out, const char *name, const char *type,
                            const char *help);

/* Appends `before`, then `label="value"` with the value escaped. */
void moor_exposition_label(struct moor_buf *out, const char *before, const char *label,
                           struct moor_slice value);

/* Appends a sample with one label. */
void moor_exposition_sample(struct moor_buf *out, const char *name, const char *label,
                            const char *value, uint64_t number);

/* Histogram; set the bounds before the first observation. */
struct moor_histogram {
    const uint64_t *bounds; /* ascending, in the unit of the observed values */
    size_t bound_count;
    atomic_uint_fast64_t buckets[MOOR_HISTOGRAM_MAX_BOUNDS + 1]; /* the last one is unbounded */
    atomic_uint_fast64_t sum;
};

/* Counts a value in its bucket and adds it to the sum. */
void moor_histogram_observe(struct moor_histogram *histogram, uint64_t value);

/*
 * Appends the samples of a histogram.  `unit` is the factor from the observed unit to the shown
 * unit: 1e-6 for microseconds that are shown as seconds.
 */
void moor_histogram_write(struct moor_buf *out, const struct moor_histogram *histogram,
                          const char *name, double unit);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exposition - Prometheus' text format 0.0.4: families, samples, histograms.
 *
 * Threads:  moor_histogram_observe() any thread; writing while others observe gives each bucket as
 *           it was at some moment of the writing, and a count that is their sum.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_EXPOSITION_H
#define MOOR_WEBHOOK_OBSERVE_EXPOSITION_H

#include "policy/base/buf.h"

#include <stdatomic.h>

#define MOOR_HISTOGRAM_MAX_BOUNDS 15

/* The lines before a family's samples. */
void moor_exposition_family(struct moor_buf *out, const char *name, const char *type,
                            const char *help);

/* `name{label="value"} ` up to the number; the value is escaped. */
void moor_exposition_label(struct moor_buf *out, const char *before, const char *label,
                           struct moor_slice value);

/* One sample with one label. */
void moor_exposition_sample(struct moor_buf *out, const char *name, const char *label,
                            const char *value, uint64_t number);

struct moor_histogram {
    const uint64_t *bounds; /* rising, in the unit that is observed */
    size_t bound_count;
    atomic_uint_fast64_t buckets[MOOR_HISTOGRAM_MAX_BOUNDS + 1]; /* the last one: above them all */
    atomic_uint_fast64_t sum;
};

void moor_histogram_observe(struct moor_histogram *histogram, uint64_t value);

/* `unit` is what one counts as in the text: 1e-6 for microseconds that are shown as seconds. */
void moor_histogram_write(struct moor_buf *out, const struct moor_histogram *histogram,
                          const char *name, double unit);

#endif

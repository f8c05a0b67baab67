/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/exposition.h"

void moor_exposition_family(struct moor_buf *out, const char *name, const char *type,
                            const char *help)
{
    moor_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The format requires escapes for backslash, quote and line end in label values. */
void moor_exposition_label(struct moor_buf *out, const char *before, const char *label,
                           struct moor_slice value)
{
    moor_buf_printf(out, "%s%s=\"", before, label);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\n') {
            moor_buf_append_text(out, "\\n");
            continue;
        }
        if (value.ptr[i] == '"' || value.ptr[i] == '\\') {
            moor_buf_append_byte(out, '\\');
        }
        moor_buf_append_byte(out, value.ptr[i]);
    }
    moor_buf_append_byte(out, '"');
}

void moor_exposition_sample(struct moor_buf *out, const char *name, const char *label,
                            const char *value, uint64_t number)
{
    moor_buf_append_text(out, name);
    moor_exposition_label(out, "{", label, moor_slice_from(value));
    moor_buf_printf(out, "} %llu\n", (unsigned long long)number);
}

/* The buckets are not cumulative here, so that an observation changes only one of them. */
void moor_histogram_observe(struct moor_histogram *histogram, uint64_t value)
{
    size_t at = 0;
    while (at < histogram->bound_count && value > histogram->bounds[at]) {
        at++;
    }
    (void)atomic_fetch_add_explicit(&histogram->buckets[at], 1, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&histogram->sum, value, memory_order_relaxed);
}

/*
 * The count is the sum of the buckets that were read, so that a concurrent observation cannot make
 * the `+Inf` bucket differ from the count.
 */
void moor_histogram_write(struct moor_buf *out, const struct moor_histogram *histogram,
                          const char *name, double unit)
{
    unsigned long long total = 0;
    for (size_t i = 0; i < histogram->bound_count; i++) {
        /* The format wants cumulative buckets: each one includes all smaller values. */
        total += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        moor_buf_printf(out, "%s_bucket{le=\"%.9g\"} %llu\n", name,
                        (double)histogram->bounds[i] * unit, total);
    }
    total +=
        atomic_load_explicit(&histogram->buckets[histogram->bound_count], memory_order_relaxed);
    uint64_t sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    moor_buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.15g\n%s_count %llu\n", name, total,
                    name, (double)sum * unit, name, total);
}

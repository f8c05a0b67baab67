/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_table - assigns small numbers to names, so that names can be labels of counters.
 *
 * A name is added on first use and never removed.  A name after the last place, or a text that
 * Kubernetes does not accept as a name, gets the number `max`, which is called `other`: a client
 * must not be able to make the metrics grow.  The name `other` itself also gets this number,
 * because Prometheus rejects a scrape with two series of one name.
 *
 * Threads:  moor_name_table_number() and _at(): any thread; only adding a name takes a lock.
 * Memory:   names are copied, and freed with the table.
 * Limits:   `max` names of 1 to MOOR_NAME_MAX_BYTES bytes.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_NAME_TABLE_H
#define MOOR_WEBHOOK_OBSERVE_NAME_TABLE_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <pthread.h>
#include <stdatomic.h>

#define MOOR_NAME_MAX_BYTES 63

/* Name of a number; not terminated by NUL. */
struct moor_name {
    size_t len;
    char text[MOOR_NAME_MAX_BYTES];
};

struct moor_name_table {
    pthread_mutex_t lock; /* protects adding */
    size_t max;
    size_t slot_mask;     /* slots - 1; there are at least twice as many slots as names */
    atomic_size_t count;  /* used items of `names` */
    atomic_size_t *slots; /* number + 1 by hash, or 0 */
    struct moor_name *names;
};

/* Initializes a table for `max` names.  Returns -1 if there is no memory. */
int moor_name_table_init(struct moor_name_table *out, size_t max,
                         struct moor_error *err) MOOR_MUST_CHECK;
void moor_name_table_release(struct moor_name_table *table);

/* Returns the number of a name, and adds the name if there is room; else returns `max`. */
size_t moor_name_table_number(struct moor_name_table *table, struct moor_slice name);

/* Returns the name of a number: "other" for `max`, empty for a number without a name. */
struct moor_slice moor_name_table_at(const struct moor_name_table *table, size_t number);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_table - gives names small numbers, so that they can be labels of counters.
 *
 * A name is added when it is first asked for, and stays.  What comes after the last place, or is no
 * name that Kubernetes would take, has the number `max`, which is called `other`: a client must not
 * be able to make the metrics grow.  What is itself called `other` has this number too: two series
 * of one name would make Prometheus drop the scrape.
 *
 * Threads:  moor_name_table_number() and _at() any thread; a lock is taken only to add a name.
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

struct moor_name {
    size_t len;
    char text[MOOR_NAME_MAX_BYTES];
};

struct moor_name_table {
    pthread_mutex_t lock; /* over adding */
    size_t max;
    size_t slot_mask;     /* slots - 1, at least twice as many as names */
    atomic_size_t count;  /* of `names` in use */
    atomic_size_t *slots; /* by hash: the number + 1, or 0 */
    struct moor_name *names;
};

int moor_name_table_init(struct moor_name_table *out, size_t max,
                         struct moor_error *err) MOOR_MUST_CHECK;
void moor_name_table_release(struct moor_name_table *table);

/* The number of a name, which is added where there is room; `max` for all others. */
size_t moor_name_table_number(struct moor_name_table *table, struct moor_slice name);

/* The name of a number: "other" for `max`, empty for a number that was not given yet. */
struct moor_slice moor_name_table_at(const struct moor_name_table *table, size_t number);

#endif

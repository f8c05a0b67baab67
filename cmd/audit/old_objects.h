/* SPDX-License-Identifier: Apache-2.0 */
/*
 * old_objects - the images of the objects that earlier events had, for the events that follow.
 *
 * An audit event has no oldObject.  The images of the old object are those that the last event of
 * the object had.  Of each image, only the parts are kept that decide whether a new one is
 * unchanged (policy/object/image_set.h).  When the table is full, the objects that were used
 * longest ago fall out, and a lookup tells that apart from an object that was never there.
 *
 * Threads:  one table, one thread at a time.
 * Memory:   one allocation an object, freed when it falls out, and a table of fixed size.
 * Limits:   `max_bytes` for all objects, with MOOR_OLD_OBJECTS_OVERHEAD for each, and
 *           MOOR_OLD_OBJECTS_MAX objects.
 */
#ifndef MOOR_CMD_AUDIT_OLD_OBJECTS_H
#define MOOR_CMD_AUDIT_OLD_OBJECTS_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/object/object.h"

#include <stdint.h>

#define MOOR_OLD_OBJECTS_MAX      262144
/* Bytes that an object costs beside its texts: the structure and malloc()'s own. */
#define MOOR_OLD_OBJECTS_OVERHEAD 96

struct moor_old_object;

/* The table. */
struct moor_old_objects {
    struct moor_old_object **slots; /* chains by hash */
    struct moor_old_object *newest; /* a list from the last to the first use */
    struct moor_old_object *oldest;
    uint64_t *lost; /* hashes of some keys that fell out */
    uint64_t seed;
    size_t bytes;
    size_t max_bytes;
    size_t count;
};

/* The result of a lookup. */
enum moor_old_objects_found {
    MOOR_OLD_OBJECTS_FOUND,
    MOOR_OLD_OBJECTS_UNKNOWN, /* no earlier event had the object */
    MOOR_OLD_OBJECTS_LOST,    /* it fell out of the table */
    MOOR_OLD_OBJECTS_LATER    /* the table has it from a later event: the log is not in order */
};

/* Prepares a table.  Returns -1 if there is no memory. */
int moor_old_objects_init(struct moor_old_objects *out, size_t max_bytes,
                          struct moor_error *err) MOOR_MUST_CHECK;
void moor_old_objects_release(struct moor_old_objects *table);

/*
 * Keeps the images of `object` under `key` as they were at `time`, unless the table has them from
 * later.  An object that does not fit, or is not complete, is forgotten instead.
 */
void moor_old_objects_put(struct moor_old_objects *table, struct moor_slice key,
                          const struct moor_object *object, int64_t time);

/* Forgets the object, because it changed in an unknown way. */
void moor_old_objects_forget(struct moor_old_objects *table, struct moor_slice key);

/*
 * Finds the object as it was before `time`.  `*out` has its images, and borrows from the table and
 * from `arena`.  An object whose images do not fit the arena counts as unknown.
 */
enum moor_old_objects_found moor_old_objects_find(struct moor_old_objects *table,
                                                  struct moor_object *out, struct moor_slice key,
                                                  int64_t time, struct moor_arena *arena);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads - what runs in a cluster, folded to what people wrote: a Deployment once, not its
 * ReplicaSets and Pods.
 *
 * Objects come in any order, and an owner may come behind what it owns, or never: then it is known
 * by name alone.  What is found of an object's images is kept with the object, or with the owner
 * where the object is one of many (a Pod); moor_workloads_fold() then moves everything up to the
 * topmost owners.
 *
 * Threads:  one table, one thread at a time.
 * Memory:   owns copies in an arena; a Pod that has an owner costs nothing of its own.
 * Limits:   MOOR_WORKLOADS_MAX_BYTES; an owner that has MOOR_WORKLOADS_MAX_OWNERS above it, or
 *           would close a circle, is left out.
 */
#ifndef MOOR_CMD_SCAN_WORKLOADS_H
#define MOOR_CMD_SCAN_WORKLOADS_H

#include "policy/judge.h"

#define MOOR_WORKLOADS_MAX_BYTES  ((size_t)1024 * 1024 * 1024)
#define MOOR_WORKLOADS_MAX_OWNERS 8
#define MOOR_WORKLOADS_POLICIES   2 /* that are judged by: the one asked for, and one to compare */

/* When an image that runs is judged again. */
enum moor_scan_when {
    MOOR_SCAN_CHANGE,    /* a person changes the workload, not the image */
    MOOR_SCAN_EVICTION,  /* a controller or an operator brings a Pod back */
    MOOR_SCAN_RECREATION /* the workload is made anew: a restore, a new cluster */
};

#define MOOR_SCAN_WHEN_COUNT (MOOR_SCAN_RECREATION + 1)

/* What becomes of an image, by occasion; ALLOW where there is no such occasion. */
struct moor_scan_decisions {
    enum moor_decision at[MOOR_SCAN_WHEN_COUNT];
};

struct moor_workload_image {
    struct moor_workload_image *next;
    enum moor_field field;
    struct moor_slice container;
    struct moor_slice image; /* escaped: fit to be shown */
    struct moor_slice path;
    bool has_own_path; /* it is that in the workload itself, not in one of its Pods */
    const char *class;
    const char *level;
    struct moor_slice environment;
    struct moor_slice reason;
    struct moor_slice repair;
    struct moor_scan_decisions decisions[MOOR_WORKLOADS_POLICIES];
};

/* What an object is called. */
struct moor_workload_key {
    struct moor_slice group;
    struct moor_slice kind;
    struct moor_slice namespace;
    struct moor_slice name;
};

struct moor_workload {
    struct moor_workload_key key;
    struct moor_workload *next;  /* in the same slot of the table */
    struct moor_workload *owner; /* the controlling one, or NULL */
    struct moor_workload_image *images;
    size_t pods;  /* that it owns; after folding, also those below */
    bool is_seen; /* the object itself was read */
};

struct moor_workloads {
    struct moor_arena arena;
    struct moor_workload **slots;
    size_t slot_count;
    size_t count;
    struct moor_workload **roots; /* by namespace, kind and name, once folded */
    size_t root_count;
};

void moor_workloads_init(struct moor_workloads *workloads);
void moor_workloads_release(struct moor_workloads *workloads);

/* The workload of this name, made where there is none yet; NULL where memory is out. */
struct moor_workload *moor_workloads_get(struct moor_workloads *workloads,
                                         const struct moor_workload_key *key) MOOR_MUST_CHECK;

/* Says who owns the workload. */
void moor_workloads_own(struct moor_workload *workload, struct moor_workload *owner);

/*
 * The image of the workload in this kind of field, under this name, with this text; made, with
 * copies of the texts and nothing else, where there is none yet.  NULL where memory is out.
 */
struct moor_workload_image *moor_workloads_image(
    struct moor_workloads *workloads, struct moor_workload *workload,
    const struct moor_workload_image *wanted) MOOR_MUST_CHECK;

/* Replaces path, reason and repair by those of the workload itself. */
int moor_workloads_settle(struct moor_workloads *workloads, struct moor_workload_image *image,
                          const struct moor_workload_image *own) MOOR_MUST_CHECK;

/* Makes each decision of `to` the worse one of both. */
void moor_scan_decisions_merge(struct moor_scan_decisions *to,
                               const struct moor_scan_decisions *from);

/* The worst of all occasions. */
enum moor_decision moor_scan_decisions_worst(const struct moor_scan_decisions *decisions);

/* Less, equal or greater than 0, as the texts are in the order of their bytes. */
int moor_workloads_compare(struct moor_slice left, struct moor_slice right);

/* Moves what was found up to the topmost owners and lists those in `roots`. */
int moor_workloads_fold(struct moor_workloads *workloads, struct moor_error *err) MOOR_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads - the workloads of a cluster as users wrote them: a Deployment without its ReplicaSets
 * and Pods.
 *
 * Objects arrive in any order.  An owner can arrive after its objects or not at all, and is then
 * known by name only.  Findings are stored with the object, or with the owner of a Pod.
 * moor_workloads_fold() then moves all findings up to the topmost owners.
 *
 * Threads:  one table, one thread at a time.
 * Memory:   owns copies in an arena; a Pod with an owner needs no memory of its own.
 * Limits:   MOOR_WORKLOADS_MAX_BYTES; an owner above MOOR_WORKLOADS_MAX_OWNERS levels, or one that
 *           closes a circle, is ignored.
 */
#ifndef MOOR_CMD_SCAN_WORKLOADS_H
#define MOOR_CMD_SCAN_WORKLOADS_H

#include "policy/judge.h"

#define MOOR_WORKLOADS_MAX_BYTES  ((size_t)1024 * 1024 * 1024)
#define MOOR_WORKLOADS_MAX_OWNERS 8
#define MOOR_WORKLOADS_POLICIES   2 /* the policy, and one for comparison */

/* The occasions on which a running image is evaluated again. */
enum moor_scan_when {
    MOOR_SCAN_CHANGE,    /* a user changes the workload, but not the image */
    MOOR_SCAN_EVICTION,  /* a controller or an operator re-creates a Pod */
    MOOR_SCAN_RECREATION /* the workload is created again: a restore, a new cluster */
};

#define MOOR_SCAN_WHEN_COUNT (MOOR_SCAN_RECREATION + 1)

/* The decisions on an image by occasion; ALLOW if an occasion cannot occur. */
struct moor_scan_decisions {
    enum moor_decision at[MOOR_SCAN_WHEN_COUNT];
};

/* An image of a workload that has a decision other than allow. */
struct moor_workload_image {
    struct moor_workload_image *next;
    enum moor_field field;
    struct moor_slice container;
    struct moor_slice image; /* escaped for output */
    struct moor_slice path;
    bool has_own_path; /* the path is of the workload, not of one of its Pods */
    const char *class;
    const char *level;
    struct moor_slice environment;
    struct moor_slice reason;
    struct moor_slice repair;
    struct moor_scan_decisions decisions[MOOR_WORKLOADS_POLICIES];
};

/* The identity of an object. */
struct moor_workload_key {
    struct moor_slice group;
    struct moor_slice kind;
    struct moor_slice namespace;
    struct moor_slice name;
};

/* A workload, or an owner that is known by name only. */
struct moor_workload {
    struct moor_workload_key key;
    struct moor_workload *next;  /* next in the same slot of the table */
    struct moor_workload *owner; /* controlling owner, or NULL */
    struct moor_workload_image *images;
    size_t pods;   /* its Pods, or 1 for a Pod; after folding, also those of owned objects */
    size_t remade; /* those of them that a controller or operator re-creates after an eviction */
    bool is_seen;  /* the object itself was read */
};

/* A table of workloads. */
struct moor_workloads {
    struct moor_arena arena;
    struct moor_workload **slots;
    size_t slot_count;
    size_t count;
    struct moor_workload **roots; /* topmost owners by namespace, kind and name, after folding */
    size_t root_count;
};

/* Prepares an empty table. */
void moor_workloads_init(struct moor_workloads *workloads);
void moor_workloads_release(struct moor_workloads *workloads);

/* Returns the workload of this identity, which is added if missing.  NULL if memory is short. */
struct moor_workload *moor_workloads_get(struct moor_workloads *workloads,
                                         const struct moor_workload_key *key) MOOR_MUST_CHECK;

/* Sets the owner of the workload, unless this would close a circle or exceed the limit. */
void moor_workloads_own(struct moor_workload *workload, struct moor_workload *owner);

/*
 * Returns the image of the workload with this field, container and text.  A missing image is added
 * with copies of the texts and without decisions.  Returns NULL if memory is short.
 */
struct moor_workload_image *moor_workloads_image(
    struct moor_workloads *workloads, struct moor_workload *workload,
    const struct moor_workload_image *wanted) MOOR_MUST_CHECK;

/* Replaces path, reason and repair by those of the workload itself.  Returns -1 without memory. */
int moor_workloads_settle(struct moor_workloads *workloads, struct moor_workload_image *image,
                          const struct moor_workload_image *own) MOOR_MUST_CHECK;

/* Sets each decision of `to` to the more severe of the two. */
void moor_scan_decisions_merge(struct moor_scan_decisions *to,
                               const struct moor_scan_decisions *from);

/* Returns the most severe decision over all occasions. */
enum moor_decision moor_scan_decisions_worst(const struct moor_scan_decisions *decisions);

/* Compares two texts by their bytes, as strcmp() does. */
int moor_workloads_compare(struct moor_slice left, struct moor_slice right);

/* Moves all findings to the topmost owners, and lists these in `roots`. */
int moor_workloads_fold(struct moor_workloads *workloads, struct moor_error *err) MOOR_MUST_CHECK;

#endif

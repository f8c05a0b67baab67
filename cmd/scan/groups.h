/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups - counts the findings of a scan by image, by namespace and by owner.
 *
 * A cluster of thousands of Pods often has a few images, namespaces or owners that cause most
 * findings.  The largest groups come first.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   the list borrows the scan, and owns the groups and the names that it composes.
 * Limits:   one group for each finding at most.
 */
#ifndef MOOR_CMD_SCAN_GROUPS_H
#define MOOR_CMD_SCAN_GROUPS_H

#include "cmd/scan/results.h"

/* The part of a finding that a group has in common. */
enum moor_groups_by {
    MOOR_GROUPS_BY_IMAGE,
    MOOR_GROUPS_BY_NAMESPACE,
    MOOR_GROUPS_BY_OWNER /* the workload that users change: `Deployment shop/web` */
};

#define MOOR_GROUPS_BY_COUNT (MOOR_GROUPS_BY_OWNER + 1)

/* The findings with one name. */
struct moor_group {
    struct moor_slice name; /* empty: objects without a namespace, or an image that is not set */
    size_t findings;        /* images of workloads */
    size_t workloads;
    size_t pods; /* running Pods of these workloads */
};

/* All groups, largest first: by findings, then by Pods, then by name. */
struct moor_groups {
    struct moor_group *items;
    size_t count;
    struct moor_arena arena;
};

/* Counts the findings that the text lists.  Returns -1 if memory is short. */
int moor_groups_init(struct moor_groups *out, const struct moor_results *results,
                     enum moor_groups_by by) MOOR_MUST_CHECK;
void moor_groups_release(struct moor_groups *groups);

/* Returns "image", "namespace" or "owner". */
const char *moor_groups_by_name(enum moor_groups_by by);

#endif

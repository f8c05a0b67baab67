/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scanning - judges what runs as it would be judged when it comes again, list by list.
 *
 * An object goes through the very functions that answer an admission review, up to three times:
 *
 *   on a change        an UPDATE by a person, with the images that it has
 *   on eviction        for a Pod, a CREATE by the controller or operator that owns it
 *   on re-creation     a CREATE by a person; by the operator where one owns the object
 *
 * What an owner makes is folded into it (workloads.h).  A policy's mode is left out of account:
 * what is asked is what will be refused once it is enforced.  What is only recorded counts as
 * passing.
 *
 * Threads:  one at a time.
 * Memory:   owns the workloads and buffers that are reused; lists are borrowed for the call.
 * Limits:   those of manifest, object, judge and workloads.
 */
#ifndef MOOR_CMD_SCAN_SCANNING_H
#define MOOR_CMD_SCAN_SCANNING_H

#include "cmd/input/manifest.h"
#include "cmd/input/namespaces.h"
#include "cmd/scan/unnamed.h"
#include "cmd/scan/workloads.h"

struct moor_scanning {
    /* Set by the caller. */
    const struct moor_policy *policies[MOOR_WORKLOADS_POLICIES]; /* the second: to compare */
    size_t policy_count;
    const struct moor_namespaces *namespaces; /* whose labels are known */
    struct moor_slice namespace;              /* the only one that is judged; empty: all */
    const char *const *excluded;              /* namespaces that nothing is judged of */
    size_t excluded_count;
    int64_t now;
    /* Fills `operators` when it is needed first; what it cannot read stays unknown.  May be NULL.
     */
    void (*load_operators)(void *context);
    void *context;
    struct moor_operators operators;
    /* What was found. */
    struct moor_workloads workloads;
    struct moor_unnamed unnamed; /* in the arena of `workloads` */
    size_t items;                /* of lists */
    const char *stranger;        /* the first of them that is no object of Kubernetes, or NULL */
    size_t of_namespace; /* objects of any kind in `namespace`, or itself; where it is empty: all */
    size_t objects;      /* that people or operators made, judged */
    size_t pods;         /* that controllers and operators made, judged */
    size_t allowed;      /* images of `objects` */
    size_t excluded_objects;
    size_t static_pods; /* nodes run them, whatever is admitted */
    size_t deleting;
    size_t others; /* objects of kinds that hold no image, as far as is known */
    /* Internal. */
    struct moor_workspace workspace;
    struct moor_manifest_reader manifests;
    struct moor_buf texts[4];
    const struct moor_namespace *last; /* the namespace that was looked for last */
    bool has_operators;
};

int moor_scanning_init(struct moor_scanning *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_scanning_release(struct moor_scanning *scanning);

/*
 * Judges all objects of `list`, one JSON value.  Returns -1 with the reason where it is no JSON, or
 * something of it cannot be read; `*offset` then says where.
 */
int moor_scanning_list(struct moor_scanning *scanning, struct moor_slice list, size_t *offset,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* Folds the workloads and sorts the operators, when all lists were judged. */
int moor_scanning_finish(struct moor_scanning *scanning, struct moor_error *err) MOOR_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scanning - evaluates running objects as the webhook would when they change or are re-created.
 *
 * An object passes through the functions that answer an admission review, up to three times:
 *
 *   on a change        an UPDATE by a user that keeps the images.
 *   on eviction        for a Pod, a CREATE by the controller or operator that owns it.
 *   on re-creation     a CREATE by a user, or by the operator that owns the object.
 *
 * Objects of an owner are folded into the owner (workloads.h).  The mode of a policy is ignored: a
 * scan shows what mode enforce denies.  The decision audit counts as allowed.
 *
 * Threads:  one at a time.
 * Memory:   owns the workloads and reused buffers; lists are borrowed for one call.
 * Limits:   those of manifest, object, judge and workloads.
 */
#ifndef MOOR_CMD_SCAN_SCANNING_H
#define MOOR_CMD_SCAN_SCANNING_H

#include "cmd/evidence/running.h"
#include "cmd/input/manifest.h"
#include "cmd/input/namespaces.h"
#include "cmd/report/exemption_uses.h"
#include "cmd/scan/unnamed.h"
#include "cmd/scan/workloads.h"

/* The state of a scan. */
struct moor_scanning {
    /* Set by the caller. */
    const struct moor_policy
        *policies[MOOR_WORKLOADS_POLICIES]; /* the second one is for comparison */
    size_t policy_count;
    const struct moor_namespaces *namespaces; /* labels of namespaces; or NULL */
    struct moor_slice namespace;              /* the only namespace to evaluate; empty: all */
    const char *const *excluded;              /* namespaces that are not evaluated */
    size_t excluded_count;
    int64_t now;
    bool wants_nodes; /* the architectures of all digests are needed */
    bool only_moved;  /* nothing is evaluated: only what Pods run is read */
    /* Fills `operators` on first use.  Unreadable roles stay unknown.  May be NULL. */
    void (*load_operators)(void *context);
    void *context;
    struct moor_operators operators;
    /* The findings and counts. */
    struct moor_workloads workloads;
    struct moor_running running; /* which digests the references of Pods named */
    struct moor_unnamed unnamed; /* in the arena of `workloads` */
    uint64_t bytes;              /* size of the lists */
    size_t items;                /* items of lists */
    const char *stranger;        /* the first item that is not a Kubernetes object, or NULL */
    size_t of_namespace; /* objects in `namespace` and the Namespace itself; all if it is empty */
    size_t objects;      /* evaluated objects of users and operators */
    size_t pods;         /* evaluated Pods, with those without an owner */
    size_t allowed;      /* allowed images of `objects` */
    struct moor_exemption_uses exemptions; /* those that admit `objects` in the first policy */
    size_t excluded_objects;
    size_t static_pods; /* Pods of kubelets, which admission cannot deny */
    size_t deleting;
    size_t others; /* objects of kinds without known images */
    /* Internal. */
    struct moor_workspace workspace;
    struct moor_manifest_reader manifests;
    struct moor_buf texts[4];
    const struct moor_namespace *last; /* the namespace of the last lookup */
    bool has_operators;
};

/* Prepares a scan.  Returns -1 if memory is short. */
int moor_scanning_init(struct moor_scanning *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_scanning_release(struct moor_scanning *scanning);

/*
 * Evaluates all objects of `list`, one JSON value.  Returns -1 with the reason in `err` and the
 * offset in `*offset` if the list is not JSON or an object cannot be read.
 */
int moor_scanning_list(struct moor_scanning *scanning, struct moor_slice list, size_t *offset,
                       struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Folds the workloads, sorts the operators, and completes repairs by the digests that Pods run.
 * Call it after the last list.
 */
int moor_scanning_finish(struct moor_scanning *scanning, struct moor_error *err) MOOR_MUST_CHECK;

#endif

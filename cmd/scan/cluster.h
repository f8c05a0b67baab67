/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster - reads the workloads of a live cluster with kubectl, and passes them to the evaluation.
 *
 * Resources with images are listed in pages, Pods last.  Namespaces are read only if a policy
 * selects by their labels, roles only if an operator must be identified, and Nodes only if their
 * architectures matter.  An unreadable list is an input error in the report, and the other lists
 * are still read.
 *
 * Threads:  main thread only.
 * Memory:   one page at a time.
 * Limits:   MOOR_CLUSTER_MAX_PAGE bytes per page.
 */
#ifndef MOOR_CMD_SCAN_CLUSTER_H
#define MOOR_CMD_SCAN_CLUSTER_H

#include "cmd/report/report.h"
#include "cmd/scan/kubectl.h"
#include "cmd/scan/resources.h"
#include "cmd/scan/scanning.h"

#define MOOR_CLUSTER_MAX_PAGE ((size_t)1024 * 1024 * 1024)

/* A scan of a cluster.  The caller sets all members but the last two. */
struct moor_cluster {
    struct moor_kubectl kubectl;
    struct moor_scanning *scanning; /* its load_operators is set by the scan */
    struct moor_report *report;     /* receives input errors */
    struct moor_namespaces *namespaces;
    struct moor_slice namespace; /* the only namespace to list; empty: all */
    unsigned chunk_size;         /* objects per page */
    void (*progress)(void *context, struct moor_slice resource); /* called before each page */
    void (*input_error)(void *context, struct moor_slice list, const struct moor_error *err);
    void *context;
    bool lacks_roles; /* roles were unreadable, so operators are unknown */
    bool lacks_nodes; /* no Nodes were read, so architectures are unknown */
};

/* Appends the namespace of kubectl's current context to `out`; nothing if the context has none. */
int moor_cluster_namespace(struct moor_buf *out, struct moor_cluster *cluster,
                           struct moor_error *err) MOOR_MUST_CHECK;

/* Scans the cluster.  Returns -1 only if nothing could be read at all. */
int moor_cluster_scan(struct moor_cluster *cluster, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether a policy selects environments by the labels of namespaces. */
bool moor_cluster_wants_labels(const struct moor_scanning *scanning);

#endif

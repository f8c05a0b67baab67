/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster - lists what a live cluster runs, through kubectl, and gives it to be judged.
 *
 * What holds images is asked for in pages, Pods last; the namespaces, where a policy goes by their
 * labels; roles and their bindings, once an operator has to be found.  A list that cannot be read
 * is an input error of the report, and the others are still read.
 *
 * Threads:  the main thread alone.
 * Memory:   one page at a time.
 * Limits:   MOOR_CLUSTER_MAX_PAGE bytes a page.
 */
#ifndef MOOR_CMD_SCAN_CLUSTER_H
#define MOOR_CMD_SCAN_CLUSTER_H

#include "cmd/report/report.h"
#include "cmd/scan/kubectl.h"
#include "cmd/scan/resources.h"
#include "cmd/scan/scanning.h"

#define MOOR_CLUSTER_MAX_PAGE ((size_t)1024 * 1024 * 1024)

struct moor_cluster {
    struct moor_kubectl kubectl;
    struct moor_scanning *scanning; /* its load_operators is set here */
    struct moor_report *report;     /* for input errors */
    struct moor_namespaces *namespaces;
    struct moor_slice namespace;                                 /* to list alone; empty: all */
    unsigned chunk_size;                                         /* items a page */
    void (*progress)(void *context, struct moor_slice resource); /* before each page */
    void (*input_error)(void *context, struct moor_slice list, const struct moor_error *err);
    void *context;
    bool lacks_roles; /* they could not be read, so that operators stay unknown */
};

/* The namespace of kubectl's current context, appended to `out`. */
int moor_cluster_namespace(struct moor_buf *out, struct moor_cluster *cluster,
                           struct moor_error *err) MOOR_MUST_CHECK;

/* Reads everything.  Returns -1 only where nothing could be asked at all. */
int moor_cluster_scan(struct moor_cluster *cluster, struct moor_error *err) MOOR_MUST_CHECK;

/* Whether one of the policies goes by the labels of namespaces. */
bool moor_cluster_wants_labels(const struct moor_scanning *scanning);

#endif

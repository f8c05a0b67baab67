/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dumps - reads workloads from the output of `kubectl get -o json` instead of a cluster.
 *
 * A dump has no context, so that a namespace only filters its objects.  A dump that cannot be
 * parsed is an input error in the report, and the others are still read.
 *
 * Threads:  main thread only.
 * Memory:   one dump at a time; standard input is kept if it is read twice.
 */
#ifndef MOOR_CMD_SCAN_DUMPS_H
#define MOOR_CMD_SCAN_DUMPS_H

#include "cmd/input/source.h"
#include "cmd/report/report.h"
#include "cmd/scan/scanning.h"

/* The dumps of a scan.  The caller sets all members but `source`. */
struct moor_dumps {
    const char *const *paths; /* `-`: standard input */
    int count;
    struct moor_scanning *scanning;
    struct moor_report *report; /* receives input errors */
    struct moor_namespaces *namespaces;
    struct moor_source source;
};

/* Prepares the reading. */
void moor_dumps_init(struct moor_dumps *dumps);
void moor_dumps_release(struct moor_dumps *dumps);

/*
 * Scans all dumps.  Returns -1 if one of them cannot be read, or if none has an object of the
 * namespace: a misspelled namespace must not look like a clean one.
 */
int moor_dumps_scan(struct moor_dumps *dumps, struct moor_error *err) MOOR_MUST_CHECK;

#endif

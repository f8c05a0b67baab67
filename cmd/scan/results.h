/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results - what a scan found, ready to be written in any format.
 *
 * Text, JSON and TSV have forms of their own (results_text, results_values), by workload and
 * occasion; the others are those of `check`, with a finding for each image of a workload.  Where
 * two policies are compared, only images that they judge differently are results, and what is
 * denied is what is denied newly.
 *
 * Threads:  one at a time.
 * Memory:   borrows the scanning; owns the report.
 */
#ifndef MOOR_CMD_SCAN_RESULTS_H
#define MOOR_CMD_SCAN_RESULTS_H

#include "cmd/report/report.h"
#include "cmd/scan/scanning.h"

struct moor_results {
    struct moor_report report; /* for the formats that the scan has no form of its own of */
    const struct moor_scanning *scanning;
    bool compares;
    bool lists_warned;                      /* in the text, beside what is denied */
    const char *hint;                       /* why operators are not known, or NULL */
    size_t workloads[MOOR_SCAN_WHEN_COUNT]; /* with something denied */
    size_t images[MOOR_SCAN_WHEN_COUNT];    /* denied; comparing: newly */
    size_t freed[MOOR_SCAN_WHEN_COUNT];     /* images; comparing: no longer denied */
    size_t denied;                          /* images, on any occasion */
    size_t warned;                          /* others that are warned */
    size_t namespaces;                      /* with something denied */
};

void moor_results_init(struct moor_results *results);
void moor_results_release(struct moor_results *results);

/* Counts what `scanning` found, whose workloads are folded, and fills the report. */
void moor_results_collect(struct moor_results *results, const struct moor_scanning *scanning);

/* Whether there is such an occasion for the image. */
bool moor_results_happens(const struct moor_workload *workload,
                          const struct moor_workload_image *image, enum moor_scan_when when);

/* Whether the image is one of the results. */
bool moor_results_has(const struct moor_results *results, const struct moor_workload_image *image);

/* Where a walk over the results is; starts as zeroes. */
struct moor_results_cursor {
    size_t next; /* of the roots */
    const struct moor_workload *workload;
    const struct moor_workload_image *image;
};

/* Goes to the next image that is one of the results; false behind the last. */
bool moor_results_next(const struct moor_results *results, struct moor_results_cursor *cursor);

/* The worst decision of all occasions; comparing, of those that it is worse on than before. */
enum moor_decision moor_results_worst(const struct moor_results *results,
                                      const struct moor_workload_image *image);

/* "change", "eviction", "recreation" */
const char *moor_scan_when_name(enum moor_scan_when when);

#endif

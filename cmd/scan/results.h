/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results - the findings of a scan, ready to be written in any format.
 *
 * Text, JSON and TSV have their own forms (results_text, results_values), by workload and occasion.
 * The other formats are those of `check`, with a finding for each image of a workload.  In a
 * comparison of two policies, results are the images that they decide differently, and the counts
 * of denials contain new denials only.
 *
 * Threads:  one at a time.
 * Memory:   borrows the scan; owns the report.
 */
#ifndef MOOR_CMD_SCAN_RESULTS_H
#define MOOR_CMD_SCAN_RESULTS_H

#include "cmd/report/report.h"
#include "cmd/scan/scanning.h"

/* The findings and counts of a scan. */
struct moor_results {
    struct moor_report report; /* for the formats of `check` */
    const struct moor_scanning *scanning;
    bool compares;
    bool lists_warned;                      /* the text lists warnings beside denials */
    bool is_full;                           /* the text has no limit */
    bool is_summary;                        /* the text and JSON count by groups */
    bool lacks_nodes;                       /* no Nodes were read, so architectures are unknown */
    const char *hint;                       /* why operators are unknown, or NULL */
    size_t workloads[MOOR_SCAN_WHEN_COUNT]; /* workloads with a denied image */
    size_t images[MOOR_SCAN_WHEN_COUNT];    /* denied images; in a comparison, newly denied */
    size_t freed[MOOR_SCAN_WHEN_COUNT];     /* images that are no longer denied, in a comparison */
    size_t denied;                          /* images denied on any occasion */
    size_t warned;                          /* images that are only warned about */
    size_t namespaces;                      /* namespaces with a denied image */
};

/* Prepares empty results. */
void moor_results_init(struct moor_results *results);
void moor_results_release(struct moor_results *results);

/* Counts the findings of `scanning`, whose workloads must be folded, and fills the report. */
void moor_results_collect(struct moor_results *results, const struct moor_scanning *scanning);

/* Returns whether the occasion can occur for the image: a workload without Pods has no eviction. */
bool moor_results_happens(const struct moor_workload *workload,
                          const struct moor_workload_image *image, enum moor_scan_when when);

/* Returns whether the image is a result. */
bool moor_results_has(const struct moor_results *results, const struct moor_workload_image *image);

/* The position of a walk over the results; all zero at the start. */
struct moor_results_cursor {
    size_t next; /* index of the next root */
    const struct moor_workload *workload;
    const struct moor_workload_image *image;
};

/* Moves to the next image that is a result.  Returns false after the last one. */
bool moor_results_next(const struct moor_results *results, struct moor_results_cursor *cursor);

/* As moor_results_next(), for the images that the text lists: without warnings, by default. */
bool moor_results_next_listed(const struct moor_results *results,
                              struct moor_results_cursor *cursor);

/*
 * Returns the most severe decision over all occasions; in a comparison, over those whose decision
 * became stricter.
 */
enum moor_decision moor_results_worst(const struct moor_results *results,
                                      const struct moor_workload_image *image);

/* Returns "change", "eviction" or "recreation". */
const char *moor_scan_when_name(enum moor_scan_when when);

#endif

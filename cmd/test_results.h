/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_results - the cases of `tagmoor test` and their results, ready to be written in any format.
 *
 * Threads:  one at a time.
 * Memory:   owns copies of all texts in an arena, and the array of cases.
 * Limits:   MOOR_REPORT_MAX_BYTES of texts.
 */
#ifndef MOOR_CMD_TEST_RESULTS_H
#define MOOR_CMD_TEST_RESULTS_H

#include "cmd/report/report.h"
#include "policy/file/diagnostics.h"

/* The formats, in the order of the words of --output. */
enum moor_test_format {
    MOOR_TEST_TEXT,
    MOOR_TEST_JSON,
    MOOR_TEST_JUNIT
};

/* An expectation that was not met: its class, its decision, or both. */
struct moor_test_failure {
    uint32_t line; /* position of the expectation */
    uint32_t column;
    struct moor_slice text;
};

#define MOOR_TEST_MAX_FAILURES 2

/* A case that was evaluated. */
struct moor_test_case {
    const char *file; /* borrowed from the arguments */
    uint32_t line;
    uint32_t column;
    struct moor_slice name;  /* the keys that identify the case */
    struct moor_slice image; /* escaped for output */
    struct moor_slice environment;
    enum moor_decision decision;
    const char *class;
    struct moor_test_failure failures[MOOR_TEST_MAX_FAILURES];
    size_t failure_count;
};

/* All results of a run. */
struct moor_test_results {
    struct moor_report report; /* errors of the files; its arena has all texts */
    struct moor_test_case *cases;
    size_t count;
    size_t room;
    size_t failed;
};

/* Prepares empty results. */
void moor_test_results_init(struct moor_test_results *results);
void moor_test_results_release(struct moor_test_results *results);

/* Adds a copy of the case.  A lack of memory is recorded in `report.failed`. */
void moor_test_results_add(struct moor_test_results *results, const struct moor_test_case *found);

/* Adds the errors of a file. */
void moor_test_results_add_errors(struct moor_test_results *results, const char *file,
                                  const struct moor_diagnostics *diagnostics);

/* Writes the failures of the cases from index `first` on as text, a line each. */
void moor_test_results_write_failures(FILE *out, const struct moor_test_results *results,
                                      size_t first);

/* Writes the line with the counts, or the whole report as JSON or JUnit XML. */
void moor_test_results_write(FILE *out, const struct moor_test_results *results,
                             enum moor_test_format format);

#endif

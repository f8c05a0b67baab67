/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint - identifies a finding independently of its line.
 *
 * File, object, container and image identify a finding.  The same finding in the next version of a
 * file has the same fingerprint.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer, or allocates for the caller.
 */
#ifndef MOOR_CMD_REPORT_FINGERPRINT_H
#define MOOR_CMD_REPORT_FINGERPRINT_H

#include "cmd/report/report.h"

/* Appends the columns of a baseline, separated by tabs: file, object, container or path, image. */
void moor_fingerprint_append(struct moor_buf *out, const struct moor_report_finding *finding);

/* The first 32 hexadecimal digits of a SHA-256, and a NUL. */
struct moor_fingerprint {
    char text[33];
};

/*
 * Returns the fingerprints of all findings of the report, or NULL if memory is short; the caller
 * frees them.  Findings with equal columns, such as an object that occurs twice in a file, are
 * numbered in their order, because readers regard equal fingerprints as one finding.
 */
struct moor_fingerprint *moor_fingerprints_of(const struct moor_report *report);

/* Sets the fingerprint of an input error, which is the `number`-th of its file. */
void moor_fingerprint_of_error(struct moor_fingerprint *out,
                               const struct moor_report_input_error *error, size_t number);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint - identifies a finding independently of its line.
 *
 * File, object, container and image identify a finding.  The same finding in the next version of a
 * file has the same fingerprint.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_CMD_REPORT_FINGERPRINT_H
#define MOOR_CMD_REPORT_FINGERPRINT_H

#include "cmd/report/report.h"

/* Appends the columns of a baseline, separated by tabs: file, object, container or path, image. */
void moor_fingerprint_append(struct moor_buf *out, const struct moor_report_finding *finding);

/* Writes the first 32 hexadecimal digits of the SHA-256 of the columns, and a NUL. */
void moor_fingerprint_digest(char out[33], const struct moor_report_finding *finding);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint - what a finding is called, whatever line it moves to.
 *
 * File, object, place in the object, container and image: a finding that is the same in the next
 * version of a file has the same name.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_CMD_REPORT_FINGERPRINT_H
#define MOOR_CMD_REPORT_FINGERPRINT_H

#include "cmd/report/report.h"

/* Appends the name as the columns of a baseline: file, object, container or path, image. */
void moor_fingerprint_append(struct moor_buf *out, const struct moor_report_finding *finding);

/* 32 hexadecimal digits of the SHA-256 of that. */
void moor_fingerprint_digest(char out[33], const struct moor_report_finding *finding);

#endif

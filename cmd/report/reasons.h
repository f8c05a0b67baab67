/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons - the sections of policy/REASONS.md, which explain the classes and the faults.
 *
 * The page is embedded in the program, so that reports explain a finding in the words of the
 * documentation.  A section begins with `## NAME`.
 *
 * Threads:  pure, any thread.
 * Memory:   static; texts borrow from the embedded page.
 */
#ifndef MOOR_CMD_REPORT_REASONS_H
#define MOOR_CMD_REPORT_REASONS_H

#include "policy/base/buf.h"

/* Returns the Markdown of the section of a class or fault, without its heading; empty if none. */
struct moor_slice moor_reason_find(const char *name);

/* Appends Markdown of the page as plain text: without the marks of code. */
void moor_reason_append_plain(struct moor_buf *out, struct moor_slice markdown);

#endif

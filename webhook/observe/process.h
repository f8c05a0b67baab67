/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process - metrics of the process, under the names that Prometheus' client libraries share.
 *
 * The files in /proc are opened once, because the sandbox forbids opening them later.
 *
 * Threads:  open and close on one thread; moor_process_write() on one thread at a time.
 * Memory:   allocates the state and the buffer of readdir().
 */
#ifndef MOOR_WEBHOOK_OBSERVE_PROCESS_H
#define MOOR_WEBHOOK_OBSERVE_PROCESS_H

#include "policy/base/buf.h"

struct moor_process;

/*
 * Opens the files; returns NULL if there is no memory.  Metrics of files that cannot be opened are
 * omitted.
 */
struct moor_process *moor_process_open(void);

/* Closes the files; ignores NULL. */
void moor_process_close(struct moor_process *process);

/* Appends the `process_*` families. */
void moor_process_write(struct moor_buf *out, const struct moor_process *process);

#endif

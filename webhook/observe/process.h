/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process - what the process uses, under the names that Prometheus' clients have agreed on.
 *
 * What it reads of /proc is opened once: later on the sandbox would refuse it.
 *
 * Threads:  open and close from one thread; moor_process_write() one thread at a time.
 * Memory:   allocates what readdir needs.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_PROCESS_H
#define MOOR_WEBHOOK_OBSERVE_PROCESS_H

#include "policy/base/buf.h"

struct moor_process;

/* NULL where there is no memory; what cannot be read later is left out. */
struct moor_process *moor_process_open(void);

/* NULL is ignored. */
void moor_process_close(struct moor_process *process);

/* Appends the `process_*` families. */
void moor_process_write(struct moor_buf *out, const struct moor_process *process);

#endif

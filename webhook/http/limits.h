/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - looks at all clients of a worker after each turn of its loop, and acts on the limits.
 *
 * libh2o has one timer, no limit on what all connections hold together, and no drain for HTTP/1;
 * it has no hook for bytes that arrive either.  So its list of connections is walked: a few
 * nanoseconds for each, and at most as many as `max_connections`.
 *
 * Threads:  on the thread of the worker, between two turns.
 * Memory:   closes nothing by itself: what is shut down here libh2o closes in its next turn.
 */
#ifndef MOOR_WEBHOOK_HTTP_LIMITS_H
#define MOOR_WEBHOOK_HTTP_LIMITS_H

#include "webhook/http/connection.h"

/* Brings the table of connections up to date; closes who is over a limit, times only in a sweep. */
void moor_limits_enforce(struct moor_worker *worker, bool sweep);

/* Pauses and resumes reading, so that what is buffered stays within the budget. */
void moor_limits_enforce_budget(struct moor_worker *worker);

#endif

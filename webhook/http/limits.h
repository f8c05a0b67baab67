/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - enforces the limits of connections after each turn of an event loop.
 *
 * libh2o has one timer, no limit on what all connections hold together, no drain for HTTP/1 and no
 * hook for arriving bytes.  Therefore the list of its connections is walked after each turn, at a
 * few nanoseconds each.  The slots of the connection table are updated, connection_rules.h and
 * budget.h decide from them, and this module carries the actions out.  LIMITS.md describes all
 * limits.
 *
 * Threads:  the worker's own, between two turns.
 * Memory:   closes no connection by itself: libh2o closes in its next turn what is shut down here.
 */
#ifndef MOOR_WEBHOOK_HTTP_LIMITS_H
#define MOOR_WEBHOOK_HTTP_LIMITS_H

#include "webhook/http/connection.h"

/* Updates the slots and enforces the limits of each connection; times only in a sweep. */
void moor_limits_enforce(struct moor_worker *worker, bool sweep);

/* Pauses, resumes and cuts connections, so that what all of them hold stays within the budget. */
void moor_limits_enforce_budget(struct moor_worker *worker);

#endif

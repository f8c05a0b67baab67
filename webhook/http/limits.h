/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - enforces the limits of connections after each turn of an event loop.
 *
 * libh2o has one timer, no limit on the memory of all connections together, no drain for HTTP/1 and
 * no hook for arriving bytes.  Therefore this module visits all connections after each turn, at a
 * few nanoseconds each.  It updates the slots of the connection table, asks connection_rules.h and
 * budget.h for decisions, and applies them.  LIMITS.md describes all limits.
 *
 * Threads:  the worker's own, between two turns.
 * Memory:   frees no connection: libh2o closes connections in the turn after their shutdown.
 */
#ifndef MOOR_WEBHOOK_HTTP_LIMITS_H
#define MOOR_WEBHOOK_HTTP_LIMITS_H

#include "webhook/http/connection.h"

/*
 * Updates the slots and enforces the limits of each connection.  Times are compared only in a
 * sweep.
 */
void moor_limits_enforce(struct moor_worker *worker, bool sweep);

/* Pauses, resumes and cuts connections to keep their memory within the budget. */
void moor_limits_enforce_budget(struct moor_worker *worker);

#endif

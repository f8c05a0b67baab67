/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handler - answers complete requests.
 *
 * The handler checks the limits and the route of a request.  It answers probes, metrics and errors
 * itself and passes reviews to the handler of the server (server_handler.h).
 *
 * Threads:  the thread of the request's worker.
 * Memory:   an answer is copied into the request's pool.
 */
#ifndef MOOR_WEBHOOK_HTTP_HANDLER_H
#define MOOR_WEBHOOK_HTTP_HANDLER_H

#include "webhook/http/connection.h"

/* Handles every path for libh2o: answers the request, now or after a later turn, and returns 0. */
int moor_handler_answer(h2o_handler_t *self, h2o_req_t *req);

/* Answers a request that takes long: a review, or /metrics on the listener for probes. */
void moor_handler_take_turn(h2o_req_t *req);

#endif

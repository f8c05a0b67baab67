/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handler - from a complete request to its answer.
 *
 * Threads:  on the thread of the request's worker.
 * Memory:   an answer is copied into the request's pool.
 */
#ifndef MOOR_WEBHOOK_HTTP_HANDLER_H
#define MOOR_WEBHOOK_HTTP_HANDLER_H

#include "webhook/http/connection.h"

/* The handler of libh2o for every path: answers and returns 0. */
int moor_handler_answer(h2o_handler_t *self, h2o_req_t *req);

/* Answers a request whose answer takes long to make: a review, on the probes' listener /metrics. */
void moor_handler_take_turn(h2o_req_t *req);

#endif

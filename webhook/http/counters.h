/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters - what the server has counted since its start, for the metrics.
 *
 * Threads:  written by all threads with relaxed atomics; read them the same way.
 * Memory:   plain numbers.
 */
#ifndef MOOR_WEBHOOK_HTTP_COUNTERS_H
#define MOOR_WEBHOOK_HTTP_COUNTERS_H

#include "webhook/http/limit.h"

#include <stdatomic.h>
#include <stdint.h>

/* Why a handshake failed. */
enum moor_handshake_error {
    MOOR_HANDSHAKE_CLOSED,         /* the client went away */
    MOOR_HANDSHAKE_REFUSED,        /* the client sent an alert: it does not trust the certificate */
    MOOR_HANDSHAKE_PROTOCOL,       /* no common version or cipher, or no TLS at all */
    MOOR_HANDSHAKE_NO_CERTIFICATE, /* mutual TLS: the client has none */
    MOOR_HANDSHAKE_BAD_CERTIFICATE, /* mutual TLS: not of the client CA, expired, another name */
    MOOR_HANDSHAKE_LIMIT,           /* too slow, too large, or closed for a newer connection */
    MOOR_HANDSHAKE_ERROR_COUNT
};

/* Why a request was not handed to the judge. */
enum moor_request_error {
    MOOR_REQUEST_MALFORMED, /* 400 and 417, by libh2o */
    MOOR_REQUEST_PATH,
    MOOR_REQUEST_METHOD,
    MOOR_REQUEST_CONTENT_TYPE,
    MOOR_REQUEST_BODY_SIZE,
    MOOR_REQUEST_HEAD_SIZE,
    MOOR_REQUEST_ERROR_COUNT
};

struct moor_server_counters {
    atomic_uint_fast64_t accepted; /* connections */
    atomic_uint_fast64_t requests; /* that were complete, of any kind */
    atomic_uint_fast64_t limit_hits[MOOR_LIMIT_COUNT];
    atomic_uint_fast64_t request_errors[MOOR_REQUEST_ERROR_COUNT];
    atomic_uint_fast64_t handshake_errors[MOOR_HANDSHAKE_ERROR_COUNT];
};

/* A loop turns at least four times a second; after that long without a turn it is stuck. */
#define MOOR_WORKER_STUCK_S 5

/* How the event loop of a worker thread does, for probes and metrics. */
struct moor_worker_state {
    uint64_t turns;         /* since its start */
    uint64_t since_turn_us; /* since the last one ended; 0 once the loop has ended */
};

/* Names as label values: `handshake_timeout`, `content_type`, `refused`. */
const char *moor_handshake_error_name(enum moor_handshake_error reason);
const char *moor_request_error_name(enum moor_request_error cause);

static inline void moor_counter_add(atomic_uint_fast64_t *counter, uint64_t count)
{
    (void)atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static inline uint64_t moor_counter_read(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif

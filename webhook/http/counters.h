/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters - counts events of the server since its start, for the metrics.
 *
 * Threads:  all threads write them with relaxed atomics; read them the same way.
 * Memory:   plain numbers inside the caller's structure.
 * Limits:   the numbers wrap after 2^64 events.
 */
#ifndef MOOR_WEBHOOK_HTTP_COUNTERS_H
#define MOOR_WEBHOOK_HTTP_COUNTERS_H

#include "webhook/http/limit.h"

#include <stdatomic.h>
#include <stdint.h>

/* Reason for a failed handshake: label value of a metric. */
enum moor_handshake_error {
    MOOR_HANDSHAKE_CLOSED,   /* the client closed the connection */
    MOOR_HANDSHAKE_REFUSED,  /* the client sent an alert, for example because it does not trust the
                                certificate */
    MOOR_HANDSHAKE_PROTOCOL, /* no common version or cipher, or no TLS at all */
    MOOR_HANDSHAKE_NO_CERTIFICATE,  /* mutual TLS: the client sent no certificate */
    MOOR_HANDSHAKE_BAD_CERTIFICATE, /* mutual TLS: other CA, expired, or wrong name */
    MOOR_HANDSHAKE_LIMIT,           /* too slow, too large, or closed for a newer connection */
    MOOR_HANDSHAKE_ERROR_COUNT
};

/* Cause of a request error: the request did not reach the handler. */
enum moor_request_error {
    MOOR_REQUEST_MALFORMED, /* libh2o answered 400 or 417 */
    MOOR_REQUEST_PATH,
    MOOR_REQUEST_METHOD,
    MOOR_REQUEST_CONTENT_TYPE,
    MOOR_REQUEST_BODY_SIZE,
    MOOR_REQUEST_HEAD_SIZE,
    MOOR_REQUEST_ERROR_COUNT
};

struct moor_server_counters {
    atomic_uint_fast64_t accepted; /* connections */
    atomic_uint_fast64_t requests; /* complete requests of any kind */
    atomic_uint_fast64_t limit_hits[MOOR_LIMIT_COUNT];
    atomic_uint_fast64_t request_errors[MOOR_REQUEST_ERROR_COUNT];
    atomic_uint_fast64_t handshake_errors[MOOR_HANDSHAKE_ERROR_COUNT];
};

/*
 * Seconds without a turn after which an event loop is stuck; it turns at least four times a second.
 */
#define MOOR_WORKER_STUCK_S 5

/* State of the event loop of a worker thread, for probes and metrics. */
struct moor_worker_state {
    uint64_t turns;         /* turns since the start */
    uint64_t since_turn_us; /* time since the end of the last turn; 0 if the loop has ended */
};

/* Return the names as label values: `content_type`, `refused`. */
const char *moor_handshake_error_name(enum moor_handshake_error reason);
const char *moor_request_error_name(enum moor_request_error cause);

/* Adds `count` to a counter. */
static inline void moor_counter_add(atomic_uint_fast64_t *counter, uint64_t count)
{
    (void)atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

/* Returns the value of a counter. */
static inline uint64_t moor_counter_read(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif

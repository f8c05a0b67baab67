/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection - one connection of a worker, and what can be done to it.
 *
 * acceptor.h makes it and ends it; limits.h looks at it after each turn.
 *
 * Threads:  a connection belongs to the thread of its worker.
 * Memory:   a connection is freed when libh2o closes its socket, and only then.
 */
#ifndef MOOR_WEBHOOK_HTTP_CONNECTION_H
#define MOOR_WEBHOOK_HTTP_CONNECTION_H

#include "webhook/http/listen.h"
#include "webhook/http/tls_client.h"
#include "webhook/http/tls_guard.h"
#include "webhook/http/worker.h"

struct moor_connection {
    h2o_linklist_t link; /* first: in `worker->clients` */
    struct moor_worker *worker;
    struct moor_connection_slot *slot;
    h2o_socket_t *sock;
    SSL_CTX *tls; /* a reference: libh2o keeps a bare pointer until the first bytes; NULL: plain */
    unsigned tls_generation;   /* of `tls` */
    h2o_socket_cb paused_read; /* what to read on with, NULL where it is not paused */
    uint64_t seen_turn;        /* libh2o last had it as an HTTP connection */
    size_t idle_written;       /* bytes written, and requests counted, when it was last idle */
    uint64_t idle_requests;
    struct moor_tls_guard guard;
    h2o_linklist_t turn_link; /* in a list of the worker while its handshake or request waits */
    h2o_req_t *waiting_req;   /* that request, else NULL */
    h2o_socket_cb first_read; /* what libh2o does with the first bytes */
    uint64_t complete_us;     /* its last request was complete */
    bool has_body_buffer;     /* its buffer was made large enough for the body that is coming */
    bool encrypted;           /* the handshake is done, or there is none */
    bool established;         /* libh2o speaks HTTP on it */
    bool refused;             /* the client sent an alert in the handshake */
    char peer[MOOR_ADDRESS_TEXT_BYTES];
    struct moor_tls_client certificate; /* with mutual TLS */
};

/* The clients of a worker one after the other; NULL after the last. */
static inline struct moor_connection *moor_connection_at(const struct moor_worker *worker,
                                                         h2o_linklist_t *node)
{
    return node == &worker->connections ? NULL : (struct moor_connection *)(void *)node;
}

static inline struct moor_connection *moor_connection_first(const struct moor_worker *worker)
{
    return moor_connection_at(worker, worker->connections.next);
}

static inline struct moor_connection *moor_connection_next(const struct moor_connection *connection)
{
    return moor_connection_at(connection->worker, connection->link.next);
}

static inline uint64_t moor_connection_since_us(const struct moor_connection *connection)
{
    return atomic_load_explicit(&connection->slot->since_us, memory_order_relaxed);
}

static inline uint64_t moor_connection_requests(const struct moor_connection *connection)
{
    return atomic_load_explicit(&connection->slot->requests, memory_order_relaxed);
}

static inline enum moor_connection_state moor_connection_state(
    const struct moor_connection *connection)
{
    return atomic_load_explicit(&connection->slot->state, memory_order_relaxed);
}

/* The connection that a request came on. */
static inline struct moor_connection *moor_connection_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/*
 * Takes over an accepted socket and its slot, with the current certificate.  NULL if there is no
 * memory: then socket and slot are still the caller's.  moor_connection_free() gives the slot and
 * the certificate back; the caller makes the socket's on_close call it.
 */
struct moor_connection *moor_connection_new(struct moor_worker *worker, h2o_socket_t *sock,
                                            struct moor_connection_slot *slot);
void moor_connection_free(struct moor_connection *connection);

/* Stops reading, or reads on; both do nothing where that is so already. */
void moor_connection_pause(struct moor_connection *connection);
void moor_connection_resume(struct moor_connection *connection);

/* Ends a connection that is over a limit: libh2o notices and closes it in its next turn. */
void moor_connection_cut(struct moor_connection *connection, enum moor_limit limit);

/* Ends a connection whose client has said that it is done; not a limit, and without a reset. */
void moor_connection_hang_up(struct moor_connection *connection);

/* Lets a connection end politely: what has arrived is still answered. */
void moor_connection_end_reading(struct moor_connection *connection);

/*
 * Charges what is held for the connection now against the budget.  `request_bytes` is allocated for
 * its request, `unsent_bytes` for its answer while that waits to be sent.
 */
void moor_connection_charge(struct moor_connection *connection, size_t request_bytes,
                            size_t unsent_bytes);

#endif

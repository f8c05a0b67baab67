/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection - one connection of a worker, and the operations on it.
 *
 * acceptor.h creates and frees connections; limits.h observes them after each turn.  The shared
 * part of the state is in the slot of the connection table.
 *
 * Threads:  a connection belongs to the thread of its worker.
 * Memory:   a connection is freed when libh2o closes its socket, and only then.
 * Limits:   connection_table.h limits the number of connections.
 */
#ifndef MOOR_WEBHOOK_HTTP_CONNECTION_H
#define MOOR_WEBHOOK_HTTP_CONNECTION_H

#include "webhook/http/listen.h"
#include "webhook/http/tls_client.h"
#include "webhook/http/tls_guard.h"
#include "webhook/http/worker.h"

struct moor_connection {
    h2o_linklist_t link; /* link in `worker->connections`; must be first */
    struct moor_worker *worker;
    struct moor_connection_slot *slot;
    h2o_socket_t *sock;
    SSL_CTX *tls; /* own reference, because libh2o keeps a bare pointer; NULL without TLS */
    unsigned tls_generation;   /* generation of `tls` */
    h2o_socket_cb paused_read; /* callback of a paused connection, else NULL */
    uint64_t seen_turn;        /* last turn in which libh2o listed it as an HTTP connection */
    size_t idle_written;       /* bytes written when it was last idle */
    uint64_t idle_requests;    /* requests counted when it was last idle */
    struct moor_tls_guard guard;
    h2o_linklist_t turn_link; /* link in a list of waiting handshakes or requests */
    h2o_req_t *waiting_req;   /* waiting request, else NULL */
    h2o_socket_cb first_read; /* callback of libh2o for the first bytes */
    uint64_t complete_us;     /* time at which its last request was complete */
    bool has_body_buffer;     /* its buffer has room for the whole body */
    bool encrypted;           /* the handshake is done, or there is none */
    bool established;         /* libh2o speaks HTTP on it */
    bool refused;             /* the handshake failed and the failure was counted */
    char peer[MOOR_ADDRESS_TEXT_BYTES];
    struct moor_tls_client certificate; /* with mutual TLS */
};

/* Iterates over the connections of a worker; returns NULL after the last one. */
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

/* Returns the connection of a request. */
static inline struct moor_connection *moor_connection_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/*
 * Takes over an accepted socket and its slot, and takes a reference to the current certificate.
 * Returns NULL if there is no memory; the caller then still owns the socket and the slot.
 * moor_connection_free() releases the slot and the certificate.  The caller sets the socket's
 * on_close so that it calls moor_connection_free().
 */
struct moor_connection *moor_connection_new(struct moor_worker *worker, h2o_socket_t *sock,
                                            struct moor_connection_slot *slot);
void moor_connection_free(struct moor_connection *connection);

/*
 * Stops reading, or continues to read.  Both do nothing if the connection is already in that state.
 */
void moor_connection_pause(struct moor_connection *connection);
void moor_connection_resume(struct moor_connection *connection);

/*
 * Shuts a connection down with a reset because it is over `limit`.  libh2o notices the shutdown and
 * closes the connection in its next turn.
 */
void moor_connection_cut(struct moor_connection *connection, enum moor_limit limit);

/*
 * Shuts a connection down without a reset after its client announced the end.  No limit is counted.
 */
void moor_connection_hang_up(struct moor_connection *connection);

/* Ends a connection gracefully: requests that have already arrived are still answered. */
void moor_connection_end_reading(struct moor_connection *connection);

/*
 * Charges the memory of the connection against the budget.  `request_bytes` is allocated for its
 * request.  `unsent_bytes` is allocated for an answer that waits to be sent.
 */
void moor_connection_charge(struct moor_connection *connection, size_t request_bytes,
                            size_t unsent_bytes);

#endif

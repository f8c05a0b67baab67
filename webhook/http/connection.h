/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client - one connection of a worker, and what can be done to it.
 *
 * This is the only file that includes <h2o.h>, for the sources that deal with libh2o: client.c, the
 * connection; handshake.c, its TLS layer; body_room.c, where bodies are received; exchange.c,
 * requests and answers; turns.c, their order; watch.c, the limits; worker.c, the event loop; and
 * library.h, what libh2o hides.  No other file knows libh2o, so that it can be replaced.
 *
 * Threads:  a client belongs to the thread of its worker.
 * Memory:   a client is freed by libh2o closing its socket, never by us.
 */
#ifndef MOOR_WEBHOOK_HTTP_CONNECTION_H
#define MOOR_WEBHOOK_HTTP_CONNECTION_H

#include <h2o.h>

#include "webhook/http/handshake.h"
#include "webhook/http/listen.h"
#include "webhook/http/log_limit.h"
#include "webhook/http/tls_client.h"
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
    uint64_t progress_us;      /* its request last grew; a pause does not count */
    uint64_t turned_us;        /* it was last paused, or read on from */
    size_t progress_bytes;     /* buffered then */
    size_t request_bytes;      /* what its request holds beside its input */
    size_t unsent_bytes;       /* the same while its answer waits to be sent, with the answer */
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
    bool cut;                 /* it was shut down and will be closed */
    bool ended;               /* no more requests are read: the drain */
    bool deferred;            /* it was to leave, and had a turn more to read what had arrived */
    char peer[MOOR_ADDRESS_TEXT_BYTES];
    struct moor_tls_client certificate; /* with mutual TLS */
};

struct moor_worker {
    struct moor_shared *shared;
    unsigned index;
    h2o_globalconf_t globalconf;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_multithread_receiver_t receiver;
    atomic_bool wakeable;
    h2o_socket_t *listeners[MOOR_SERVER_MAX_LISTENERS];
    bool listening; /* reading from the listeners */
    bool closed_listeners;
    uint64_t listen_at_us; /* not before that, where it does not listen */
    h2o_linklist_t connections;
    size_t connection_count;
    size_t paused_count;
    uint64_t turn;
    uint64_t now_us; /* of this turn */
    uint64_t sweep_at_us;
    unsigned trims_due; /* sweeps that still trim the heap of this thread */
    uint64_t cutting_since_us;
    uint64_t short_since_us; /* the budget is short, and how much had been brought by then; 0: no */
    uint64_t short_since_turn;
    size_t brought_before;
    struct moor_log_limit handshake_log; /* handshake errors */
    struct moor_log_limit accept_log;    /* connections that could not be accepted */
    h2o_buffer_prototype_t body_buffers;
    uint64_t body_buffer_used_us; /* when one was last taken */
    uint64_t body_refusals;       /* 413 by libh2o that were counted */
    void *workspace;
    h2o_linklist_t waiting_handshakes; /* clients whose first bytes were received */
    unsigned begun_handshakes;         /* in this turn */
    h2o_linklist_t waiting_small;      /* clients whose requests wait to be judged, by size */
    h2o_linklist_t waiting_large;
    void (*judge)(h2o_req_t *req);
    uint64_t judged_us;             /* spent on judging in this turn */
    int trial_epoll;                /* to learn whether the kernel registers another descriptor */
    atomic_uint_fast64_t turned_us; /* when the last turn ended, CLOCK_MONOTONIC */
    atomic_uint_fast64_t turns;
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

static inline enum moor_phase moor_worker_phase(const struct moor_worker *worker)
{
    return atomic_load(&worker->shared->phase);
}

static inline void moor_worker_hit(struct moor_worker *worker, enum moor_limit limit)
{
    moor_counter_add(&worker->shared->counters.limit_hits[limit], 1);
}

/* Memory of a connection was freed: what the heap keeps of it goes back to the system soon. */
static inline void moor_worker_note_freed(struct moor_worker *worker, size_t bytes)
{
    (void)atomic_fetch_add_explicit(&worker->shared->freed_bytes, bytes, memory_order_relaxed);
    worker->trims_due = 2; /* libh2o frees a socket in the turn after its connection was closed */
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

/*
 * Takes over an accepted socket and its slot, with the current certificate; all are given back
 * when the socket closes.  NULL where there is no memory: socket and slot are still the caller's.
 */
struct moor_connection *moor_connection_new(struct moor_worker *worker, h2o_socket_t *sock,
                                            struct moor_connection_slot *slot);

/* Stops reading, or reads on; both do nothing where that is so already. */
void moor_connection_pause(struct moor_connection *connection);
void moor_connection_resume(struct moor_connection *connection);

/* Ends a connection that is over a limit: libh2o notices and closes it in its next turn. */
void moor_connection_cut(struct moor_connection *connection, enum moor_limit limit);

/* Ends a connection whose client has said that it is done; not a limit, and without a reset. */
void moor_connection_hang_up(struct moor_connection *connection);

/* Lets a connection end politely: what has arrived is still answered. */
void moor_connection_end_reading(struct moor_connection *connection);

/* Whether a request is on its way that is worth pausing. */
bool moor_connection_is_large(const struct moor_connection *connection);

/* Notes what its answer holds while it waits to be sent; 0: nothing waits. */
void moor_connection_note_unsent(struct moor_connection *connection, size_t bytes);

/* Charges what libh2o holds for the client now against the budget. */
void moor_connection_charge(struct moor_connection *connection);

#endif

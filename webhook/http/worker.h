/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker - the state of one thread that serves connections.
 *
 * The modules that run on the thread share this state: acceptor, handshake, limits, turns and
 * handler.  event_loop.h runs them.
 *
 * Threads:  the worker's own, except moor_worker_wake() and moor_worker_state().
 * Memory:   workers belong to the server.
 */
#ifndef MOOR_WEBHOOK_HTTP_WORKER_H
#define MOOR_WEBHOOK_HTTP_WORKER_H

#include "webhook/http/budget.h"
#include "webhook/http/h2o.h"
#include "webhook/http/log_limit.h"
#include "webhook/http/shared.h"

/* State of a worker.  Other threads may read only `wakeable`, `turned_us` and `turns`. */
struct moor_worker {
    struct moor_shared *shared;
    unsigned index;
    h2o_globalconf_t globalconf;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_multithread_receiver_t receiver;
    atomic_bool wakeable;
    h2o_socket_t *listeners[MOOR_SERVER_MAX_LISTENERS];
    bool listening; /* the listeners are read */
    bool closed_listeners;
    uint64_t listen_at_us; /* earliest time at which it listens again */
    h2o_linklist_t connections;
    size_t connection_count;
    size_t paused_count;
    uint64_t turn;
    uint64_t now_us; /* time of this turn */
    uint64_t sweep_at_us;
    unsigned trims_due; /* remaining sweeps that trim the heap of this thread */
    uint64_t cutting_since_us;
    struct moor_budget_watch budget;
    struct moor_log_limit handshake_log; /* handshake errors */
    struct moor_log_limit accept_log;    /* connections that could not be accepted */
    h2o_buffer_prototype_t body_buffers;
    uint64_t body_buffer_used_us; /* time at which one was last taken */
    uint64_t body_refusals;       /* 413 answers of libh2o that were counted */
    void *workspace;
    h2o_linklist_t waiting_handshakes; /* connections whose next handshake step has to wait */
    unsigned begun_handshakes;         /* handshake steps in this turn */
    h2o_linklist_t waiting_small;      /* connections whose requests wait for evaluation, by size */
    h2o_linklist_t waiting_large;
    void (*judge)(h2o_req_t *req);
    uint64_t judged_us;             /* time of evaluation in this turn */
    int trial_epoll;                /* tests whether the kernel registers another descriptor */
    atomic_uint_fast64_t turned_us; /* end of the last turn, CLOCK_MONOTONIC */
    atomic_uint_fast64_t turns;
};

/* Returns the phase of the server. */
static inline enum moor_phase moor_worker_phase(const struct moor_worker *worker)
{
    return atomic_load(&worker->shared->phase);
}

/* Counts that a limit was reached. */
static inline void moor_worker_hit(struct moor_worker *worker, enum moor_limit limit)
{
    moor_counter_add(&worker->shared->counters.limit_hits[limit], 1);
}

/* Records that the memory of a connection was freed, so that the heap is trimmed soon. */
static inline void moor_worker_note_freed(struct moor_worker *worker, size_t bytes)
{
    (void)atomic_fetch_add_explicit(&worker->shared->freed_bytes, bytes, memory_order_relaxed);
    worker->trims_due = 2; /* libh2o frees a socket in the turn after its close */
}

/* Creates a worker that does not run; returns NULL if there is no memory. */
struct moor_worker *moor_worker_new(struct moor_shared *shared, unsigned index);
void moor_worker_free(struct moor_worker *worker);

/*
 * Returns the state of a worker that has begun; any thread.  `now_us` is the time of
 * CLOCK_MONOTONIC.
 */
struct moor_worker_state moor_worker_state(const struct moor_worker *worker, uint64_t now_us);

/* Makes the worker check the phase and its connections now; any thread. */
void moor_worker_wake(struct moor_worker *worker);

#endif

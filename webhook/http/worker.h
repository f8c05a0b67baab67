/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker - one thread that serves connections with libh2o, from accept to close.
 *
 * This header is free of libh2o; client.h says which files are not.
 *
 * Threads:  moor_worker_main() is the thread; moor_worker_wake() from any thread while it runs.
 * Memory:   workers and what they share belong to the server.
 */
#ifndef MOOR_WEBHOOK_HTTP_WORKER_H
#define MOOR_WEBHOOK_HTTP_WORKER_H

#include "webhook/http/server.h"

#include <time.h>

enum moor_phase {
    MOOR_PHASE_STARTING,
    MOOR_PHASE_SERVING,
    MOOR_PHASE_LAME_DUCK, /* not ready, every answer closes its connection */
    MOOR_PHASE_DRAINING,  /* nothing new is accepted, idle connections are closed */
    MOOR_PHASE_CUTTING    /* what is left is cut off */
};

/* A loop turns at least four times a second; after that long without a turn it is stuck. */
#define MOOR_WORKER_STUCK_US 5000000U

struct moor_worker;

static inline uint64_t moor_monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

/* What the threads of one server share. */
struct moor_shared {
    struct moor_server_config config;
    const struct moor_server_handler *handler;
    const struct moor_shared *serving; /* of the probes: whose state they tell; else NULL */
    const int *listen_fds;             /* `config.listen_count` of them */
    struct moor_connection_table connections;
    struct moor_server_counters counters;
    _Atomic(enum moor_phase) phase;
    atomic_bool body_buffer_kept; /* by a worker, for the next body */
    atomic_size_t freed_bytes;    /* given back since the heap was last trimmed */
    struct moor_worker **workers; /* `config.threads` of them */
    pthread_mutex_t tls_lock;     /* over `tls` */
    struct ssl_ctx_st *tls;       /* for new connections; each takes a reference */
    atomic_uint tls_generation;   /* counts the contexts: connections of an older one end */
    atomic_int_fast64_t expiry_s[MOOR_CERTIFICATE_COUNT]; /* seconds since 1970; 0: none */
    pthread_mutex_t life_lock;                            /* over what follows */
    pthread_cond_t life_changed;
    unsigned begun;    /* workers that serve */
    unsigned failed;   /* workers that could not begin */
    unsigned finished; /* workers whose loop has ended */
    bool dismissed;    /* all loops have ended: nobody wakes anybody any more */
};

/* A worker that is not running yet; NULL where there is no memory. */
struct moor_worker *moor_worker_new(struct moor_shared *shared, unsigned index);
void moor_worker_free(struct moor_worker *worker);

/* The thread: `argument` is a struct moor_worker.  Ends when the phase lets it. */
void *moor_worker_main(void *argument);

/*
 * What the thread does, for a caller that drives the event loop by itself: begin once, then one
 * turn after the other.  A turn handles the events that are there; with `may_wait` it waits for
 * the first.
 */
int moor_worker_begin(struct moor_worker *worker) MOOR_MUST_CHECK;
void moor_worker_turn(struct moor_worker *worker, bool may_wait);

/* Of a worker that has begun; any thread.  `now_us` is of CLOCK_MONOTONIC. */
struct moor_worker_state moor_worker_state(const struct moor_worker *worker, uint64_t now_us);

/* Makes the worker look at the phase and at its connections now. */
void moor_worker_wake(struct moor_worker *worker);

/* Makes handshakes of a context known to the workers: who failed and why, who the client is.  Once,
 * before it serves. */
void moor_worker_watch_tls(struct ssl_ctx_st *tls);

/* Sends one line to the handler's log. */
void moor_shared_log(const struct moor_shared *shared, enum moor_log_level level,
                     const char *format, ...) MOOR_PRINTF(3, 4);

/*
 * Ends the process at once.  The log is written by a thread that _exit() ends with all others: what
 * was logged is written first, for at most a second.
 */
_Noreturn void moor_shared_end(const struct moor_shared *shared, int status);

#endif

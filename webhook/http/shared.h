/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shared - the state that the threads of one server share.
 *
 * The server on the serving port has one struct moor_shared, and the listener for probes has its
 * own.  The modules that run on a worker's thread reach it through the worker.
 *
 * Threads:  the configuration is constant after the threads start; the rest is atomic or locked.
 * Memory:   belongs to the server or to the probes.
 */
#ifndef MOOR_WEBHOOK_HTTP_SHARED_H
#define MOOR_WEBHOOK_HTTP_SHARED_H

#include "webhook/config.h"
#include "webhook/http/connection_table.h"
#include "webhook/http/counters.h"
#include "webhook/http/server_handler.h"
#include "webhook/http/tls.h"

#include <time.h>

/* Phases of a server; later phases have larger values. */
enum moor_phase {
    MOOR_PHASE_STARTING,
    MOOR_PHASE_SERVING,
    MOOR_PHASE_LAME_DUCK, /* readiness fails, and every answer closes its connection */
    MOOR_PHASE_DRAINING,  /* listeners are closed, and idle connections are closed */
    MOOR_PHASE_CUTTING    /* all other connections are cut */
};

struct moor_worker;

/* State that the threads of one server share. */
struct moor_shared {
    struct moor_server_config config;
    const struct moor_server_handler *handler;
    const struct moor_shared *serving; /* server that the probes report on, else NULL */
    const int *listen_fds;             /* `config.listen_count` descriptors */
    struct moor_connection_table connections;
    struct moor_server_counters counters;
    _Atomic(enum moor_phase) phase;
    atomic_bool body_buffer_kept; /* a worker keeps a buffer for the next body */
    atomic_size_t freed_bytes;    /* bytes freed since the heap was last trimmed */
    struct moor_worker **workers; /* `config.threads` workers */
    pthread_mutex_t tls_lock;     /* protects `tls` */
    struct ssl_ctx_st *tls;       /* for new connections, each of which takes a reference */
    atomic_uint tls_generation;   /* number of the context; connections of an older one end */
    atomic_int_fast64_t expiry_s[MOOR_CERTIFICATE_COUNT]; /* seconds since 1970; 0: none */
    pthread_mutex_t life_lock;                            /* protects the following fields */
    pthread_cond_t life_changed;
    unsigned begun;    /* workers that serve */
    unsigned failed;   /* workers that could not begin */
    unsigned finished; /* workers whose loops have ended */
    bool dismissed;    /* all loops have ended, and threads no longer wake each other */
};

/* Returns the time of CLOCK_MONOTONIC in microseconds. */
static inline uint64_t moor_monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

/* Initializes the common fields of a zeroed `out`.  `handler` must outlive it. */
void moor_shared_init(struct moor_shared *out, const struct moor_server_config *config,
                      const struct moor_server_handler *handler);
void moor_shared_release(struct moor_shared *shared);

/* Adds one to `begun`, `failed` or `finished` of `shared`, and wakes the waiting threads. */
void moor_shared_report(struct moor_shared *shared, unsigned *counter);

/* Waits until `threads` threads have begun or failed.  Returns how many have begun. */
unsigned moor_shared_wait_begun(struct moor_shared *shared, unsigned threads);

/* Returns how many threads have finished or failed. */
unsigned moor_shared_ended(struct moor_shared *shared);

/*
 * A finished thread waits until it is dismissed, because other threads could still wake it.  It
 * then frees its memory and can be joined.
 */
void moor_shared_dismiss(struct moor_shared *shared);
void moor_shared_wait_dismissed(struct moor_shared *shared);

/* Sends one formatted line of at most 511 bytes to the handler's log. */
void moor_shared_log(const struct moor_shared *shared, enum moor_log_level level,
                     const char *format, ...) MOOR_PRINTF(3, 4);

/*
 * Exits immediately with `status`.  _exit() also ends the thread that writes the log, so the log is
 * flushed first, for at most a second.
 */
_Noreturn void moor_shared_end(const struct moor_shared *shared, int status);

#endif

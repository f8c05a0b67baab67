/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_table - what the threads must know of each other's connections to keep the limits that
 * all connections have together.
 *
 * A table with a slot for each open connection.  The thread that serves a connection writes its
 * slot; every thread reads all of them.  There are no sockets and no clocks here.  The decisions
 * are functions over the slots: places.h (too many connections), budget.h (too many bytes) and
 * connection_rules.h (one connection alone); limits.h carries them out.
 *
 * Threads:  moor_connection_table_*: any thread.  moor_connection_slot_*: only the thread that owns
 *           the slot.
 * Memory:   one allocation at init, released by moor_connection_table_release().
 * Limits:   `max` connections, and MOOR_SERVER_SPARE_CONNECTIONS that wait for one to be closed.
 */
#ifndef MOOR_WEBHOOK_HTTP_CONNECTION_TABLE_H
#define MOOR_WEBHOOK_HTTP_CONNECTION_TABLE_H

#include "policy/base/error.h"
#include "webhook/config.h"
#include "webhook/http/limit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A request with no more bytes than this is never paused: it is about to be complete. */
#define MOOR_CONNECTION_SMALL_BYTES ((size_t)16 << 10)

/* TLS input is held twice while a part of a record is missing, up to what one read brings. */
#define MOOR_CONNECTION_BURST_BYTES ((size_t)64 << 10)

/* Judging a larger body may need megabytes, a smaller one does not. */
#define MOOR_CONNECTION_LARGE_BYTES ((size_t)64 << 10)

enum moor_connection_state {
    MOOR_CONNECTION_FREE,
    MOOR_CONNECTION_HANDSHAKE,
    MOOR_CONNECTION_IDLE,      /* no byte of a request yet */
    MOOR_CONNECTION_RECEIVING, /* a request is not complete yet */
    MOOR_CONNECTION_ANSWERING, /* its answer is not sent yet */
    MOOR_CONNECTION_CLOSING,   /* the last bytes are on their way out */
    MOOR_CONNECTION_STATE_COUNT
};

/* `receiving`, for metrics. */
const char *moor_connection_state_name(enum moor_connection_state state);

/* What a connection holds in memory. */
struct moor_connection_bytes {
    size_t input;  /* decrypted input: the request so far */
    size_t other;  /* encrypted input, and what is allocated for a request that is received */
    size_t unsent; /* what its answer holds while it waits to be sent */
};

struct moor_connection; /* connection.h */

struct moor_connection_slot {
    _Atomic(enum moor_connection_state) state;
    atomic_uint_fast64_t opened_us;
    atomic_uint_fast64_t since_us;        /* when it came into this state */
    atomic_uint_fast64_t requests;        /* requests that were complete */
    atomic_size_t charge;                 /* bytes counted against the budget */
    atomic_bool leaving;                  /* it is to be closed for a newer one */
    atomic_uint_fast64_t chosen_since_us; /* `since_us` when it was chosen to leave */
    atomic_bool claimed;                  /* taken, maybe for a connection that does not come */
    atomic_bool parting;                  /* its next answer ends it */
    atomic_uint_fast64_t heard_us;        /* last bytes of its handshake; 0: none yet */
    atomic_uint thread; /* the owner of the slot; it may have changed by the time it is read */

    /* What follows only the thread that owns the slot may read. */
    struct moor_connection *connection;
    struct moor_connection_bytes bytes;
    uint64_t progress_us; /* the input last changed; time in a pause does not count */
    uint64_t turned_us;   /* it was last paused or resumed */
    bool paused;          /* it is not read from */
    bool over;            /* its client sends no more, or is over a limit of the TLS layer */
    bool cut;             /* it was shut down and will be closed */
    bool ended;           /* no more requests are read */
    bool deferred;        /* it was to leave, and got one more turn to read what had arrived */
};

struct moor_connection_table {
    pthread_mutex_t lock; /* over claiming, releasing, and choosing which connection leaves */
    struct moor_connection_slot *slots;
    size_t slot_count;
    size_t max;
    size_t max_buffered_bytes;
    size_t pause_at_bytes; /* less than that by one body: the oldest request goes on */
    atomic_size_t open;
    atomic_size_t leaving;
    atomic_size_t charged_bytes;           /* the sum of the charges */
    atomic_size_t unsent_bytes;            /* of them what answers hold that wait to be sent */
    atomic_size_t waiting;                 /* connections that are paused */
    atomic_size_t brought_bytes;           /* by requests after they had become large; it wraps */
    atomic_size_t judging;                 /* large bodies that are judged, or wait for it */
    atomic_bool judge_taken;               /* a large body is judged */
    atomic_uint_fast64_t crowded_since_us; /* new connections wait for a place; 0: no */
};

/*
 * `max_request_bytes` is what one request can come to: with that much left of the budget reading
 * pauses, or at half of a budget that is too small for it.
 */
int moor_connection_table_init(struct moor_connection_table *table, size_t max,
                               size_t max_buffered_bytes, size_t max_request_bytes,
                               struct moor_error *err) MOOR_MUST_CHECK;
void moor_connection_table_release(struct moor_connection_table *table);

/*
 * A slot for the next connection, or NULL where all are taken: accept no more until one is given
 * back.  It counts for nothing yet: of threads that wake up for the same connection only one gets
 * it, and no other connection may have to leave for those that come too late.
 */
struct moor_connection_slot *moor_connection_table_claim(struct moor_connection_table *table);

/* The connection is there, in state HANDSHAKE, on the thread of that number. */
void moor_connection_table_open(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, unsigned thread,
                                uint64_t now_us);

/* Gives the slot and its charge back, opened or only claimed. */
void moor_connection_table_give_back(struct moor_connection_table *table,
                                     struct moor_connection_slot *slot);

/* How many slots are in each state. */
void moor_connection_table_count(const struct moor_connection_table *table,
                                 size_t counts[MOOR_CONNECTION_STATE_COUNT]);

/* Whether moor_connection_table_claim() would find a slot. */
bool moor_connection_table_has_room(const struct moor_connection_table *table);

/* Comes into a state; the time is kept where it is the same state. */
void moor_connection_slot_enter(struct moor_connection_slot *slot, enum moor_connection_state state,
                                uint64_t now_us);

/* Bytes of the handshake were received. */
void moor_connection_slot_greet(struct moor_connection_slot *slot, uint64_t now_us);

/* Whether the connection is asked to end with its next answer. */
bool moor_connection_slot_is_parting(const struct moor_connection_slot *slot);

/* Counts a complete request: the connection is answering from now on. */
void moor_connection_slot_begin_answer(struct moor_connection_slot *slot, uint64_t now_us);

/*
 * Large bodies are judged one at a time, so that the memory which judging needs exists once and not
 * once for each thread.  moor_connection_table_await_judging() announces one;
 * moor_connection_table_try_judging() takes the right, or returns false at once;
 * moor_connection_table_end_judging() gives it back and returns whether others are announced;
 * moor_connection_table_forget_judging() takes an announcement back.
 */
void moor_connection_table_await_judging(struct moor_connection_table *table);
bool moor_connection_table_try_judging(struct moor_connection_table *table) MOOR_MUST_CHECK;
bool moor_connection_table_end_judging(struct moor_connection_table *table);
void moor_connection_table_forget_judging(struct moor_connection_table *table);
bool moor_connection_table_is_judging(const struct moor_connection_table *table);

/* Whether a request is on its way that is worth pausing. */
bool moor_connection_slot_is_large(const struct moor_connection_slot *slot);

/* Charges what the connection holds now, in place of what was charged before. */
void moor_connection_slot_charge(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot,
                                 struct moor_connection_bytes bytes, uint64_t now_us);

/* Reading was stopped, or goes on; the charge follows. */
void moor_connection_slot_pause(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, uint64_t now_us);
void moor_connection_slot_resume(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot, uint64_t now_us);

/* The connection was shut down: nothing is charged for it any more. */
void moor_connection_slot_cut(struct moor_connection_table *table,
                              struct moor_connection_slot *slot);

#endif

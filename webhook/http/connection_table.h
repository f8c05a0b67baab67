/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_table - the state of all connections, shared by all threads.
 *
 * Some limits apply to all connections together, so each thread must see the connections of the
 * others.  The table has a slot for each open connection.  The thread that serves a connection
 * writes its slot; every thread reads all slots.
 *
 * The table knows no sockets and no clocks.  The decisions are functions over the slots: places.h
 * (too many connections), budget.h (too many bytes) and connection_rules.h (a single connection).
 * limits.h applies them.
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

/* A request of at most this size is never paused, because it is about to be complete. */
#define MOOR_CONNECTION_SMALL_BYTES ((size_t)16 << 10)

/* While a part of a TLS record is missing, its input is held twice, up to the size of one read. */
#define MOOR_CONNECTION_BURST_BYTES ((size_t)64 << 10)

/* Evaluating a larger body may need megabytes; evaluating a smaller one does not. */
#define MOOR_CONNECTION_LARGE_BYTES ((size_t)64 << 10)

enum moor_connection_state {
    MOOR_CONNECTION_FREE,
    MOOR_CONNECTION_HANDSHAKE,
    MOOR_CONNECTION_IDLE,      /* no byte of a request has arrived */
    MOOR_CONNECTION_RECEIVING, /* a request is not complete */
    MOOR_CONNECTION_ANSWERING, /* the answer is not sent */
    MOOR_CONNECTION_CLOSING,   /* the last bytes are being sent */
    MOOR_CONNECTION_STATE_COUNT
};

/* Returns the name of a state as a label value for metrics, such as `receiving`. */
const char *moor_connection_state_name(enum moor_connection_state state);

/* Memory of a connection. */
struct moor_connection_bytes {
    size_t input;  /* decrypted input: the request so far */
    size_t other;  /* encrypted input, and memory allocated for a request that is being received */
    size_t unsent; /* memory of an answer that waits to be sent */
};

struct moor_connection; /* connection.h */

struct moor_connection_slot {
    _Atomic(enum moor_connection_state) state;
    atomic_uint_fast64_t opened_us;
    atomic_uint_fast64_t since_us;        /* time at which it entered this state */
    atomic_uint_fast64_t requests;        /* requests that were complete */
    atomic_size_t charge;                 /* bytes counted against the budget */
    atomic_bool leaving;                  /* it will be closed for a newer connection */
    atomic_uint_fast64_t chosen_since_us; /* `since_us` when it was chosen to leave */
    atomic_bool claimed;           /* taken, possibly for a connection that does not arrive */
    atomic_bool parting;           /* its next answer closes it */
    atomic_uint_fast64_t heard_us; /* time of the last bytes of its handshake; 0: no bytes yet */
    atomic_uint thread;            /* owner of the slot; may change while another thread reads it */

    /* Only the thread that owns the slot may read the following fields. */
    struct moor_connection *connection;
    struct moor_connection_bytes bytes;
    uint64_t progress_us; /* time at which the input last changed, without the time in pauses */
    uint64_t turned_us;   /* time at which it was last paused or resumed */
    bool paused;          /* reading is stopped */
    bool over;            /* its client sends no more, or crossed a limit of the TLS layer */
    bool cut;             /* it was shut down and will be closed */
    bool ended;           /* no more requests are read */
    bool deferred;        /* it has to leave, and got one more turn to read its input */
};

struct moor_connection_table {
    pthread_mutex_t lock; /* protects claims, releases and the choice of one that leaves */
    struct moor_connection_slot *slots;
    size_t slot_count;
    size_t max;
    size_t max_buffered_bytes;
    size_t pause_at_bytes; /* maximum less one body; beyond it only the oldest request continues */
    atomic_size_t open;
    atomic_size_t leaving;
    atomic_size_t charged_bytes; /* sum of the charges */
    atomic_size_t unsent_bytes;  /* part of the charges: answers that wait to be sent */
    atomic_size_t waiting;       /* connections that are paused */
    atomic_size_t brought_bytes; /* bytes that large requests brought; wraps */
    atomic_size_t judging;       /* large bodies that are being evaluated or wait for evaluation */
    atomic_bool judge_taken;     /* a large body is being evaluated */
    atomic_uint_fast64_t crowded_since_us; /* new connections wait since then; 0: none waits */
};

/*
 * Initializes a table of `max` connections that share `max_buffered_bytes`.  `max_request_bytes` is
 * the largest memory of one request.  Reading pauses when less than that is left of the budget, or
 * at half of a budget that is too small for two requests.  Returns -1 if there is no memory.
 */
int moor_connection_table_init(struct moor_connection_table *table, size_t max,
                               size_t max_buffered_bytes, size_t max_request_bytes,
                               struct moor_error *err) MOOR_MUST_CHECK;
void moor_connection_table_release(struct moor_connection_table *table);

/*
 * Claims a slot for the next connection.  Returns NULL if all slots are taken: accept no connection
 * until one is released.  A claimed slot does not count as a connection yet.  If several threads
 * wake up for the same connection, only one of them gets it, and the others must not make a
 * connection leave.
 */
struct moor_connection_slot *moor_connection_table_claim(struct moor_connection_table *table);

/* Opens a claimed slot, in state HANDSHAKE, for a connection on the thread of that number. */
void moor_connection_table_open(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, unsigned thread,
                                uint64_t now_us);

/* Releases a slot that was opened or only claimed, and its charge. */
void moor_connection_table_give_back(struct moor_connection_table *table,
                                     struct moor_connection_slot *slot);

/* Counts the slots in each state. */
void moor_connection_table_count(const struct moor_connection_table *table,
                                 size_t counts[MOOR_CONNECTION_STATE_COUNT]);

/* Returns whether moor_connection_table_claim() would find a slot. */
bool moor_connection_table_has_room(const struct moor_connection_table *table);

/* Enters a state.  If the slot is already in that state, its time is kept. */
void moor_connection_slot_enter(struct moor_connection_slot *slot, enum moor_connection_state state,
                                uint64_t now_us);

/* Records that bytes of the handshake were received. */
void moor_connection_slot_greet(struct moor_connection_slot *slot, uint64_t now_us);

/* Returns whether the next answer must close the connection. */
bool moor_connection_slot_is_parting(const struct moor_connection_slot *slot);

/* Counts a complete request and enters the state ANSWERING. */
void moor_connection_slot_begin_answer(struct moor_connection_slot *slot, uint64_t now_us);

/*
 * Large bodies are evaluated one at a time, so that the memory for the evaluation exists once and
 * not once for each thread.  moor_connection_table_await_judging() announces a body.
 * moor_connection_table_try_judging() takes the right to evaluate, or returns false at once.
 * moor_connection_table_end_judging() gives back the right, and returns whether other bodies are
 * announced.  moor_connection_table_forget_judging() withdraws an announcement.
 */
void moor_connection_table_await_judging(struct moor_connection_table *table);
bool moor_connection_table_try_judging(struct moor_connection_table *table) MOOR_MUST_CHECK;
bool moor_connection_table_end_judging(struct moor_connection_table *table);
void moor_connection_table_forget_judging(struct moor_connection_table *table);
bool moor_connection_table_is_judging(const struct moor_connection_table *table);

/* Returns whether the slot has an incomplete request that is large enough to be paused. */
bool moor_connection_slot_is_large(const struct moor_connection_slot *slot);

/* Replaces the charge of the slot with the memory that the connection uses now. */
void moor_connection_slot_charge(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot,
                                 struct moor_connection_bytes bytes, uint64_t now_us);

/* Records that reading was stopped or continued, and updates the charge. */
void moor_connection_slot_pause(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, uint64_t now_us);
void moor_connection_slot_resume(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot, uint64_t now_us);

/* Records that the connection was shut down, and no longer charges for it. */
void moor_connection_slot_cut(struct moor_connection_table *table,
                              struct moor_connection_slot *slot);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connections - what the threads must know of each other's connections to keep the common limits.
 *
 * A table with a slot for each open connection.  The thread that serves a connection writes its
 * slot; every thread reads all of them, to find the one that has to give way: when there are too
 * many connections, and when too many bytes wait to be judged.  No sockets here: the decisions are
 * functions over the slots, the server acts on them.
 *
 * At the maximum a new connection waits in the backlog of the kernel until another one can end
 * without harm.  These give way at once, in this order:
 *
 *   1. a connection that never completed a request and is older than a second, the oldest first;
 *      while such connections hold more than a quarter of the places, also a younger one whose
 *      client has sent nothing for 200 ms (500 ms after its first bytes);
 *   2. while new connections hold no more than a quarter: a used connection that has been idle, or
 *      in the middle of a request, for more than a second, the longest first (500 ms while
 * unfinished requests hold more than a quarter).
 *
 * If there is none of these for 250 ms, a quarter of the used connections is asked to end: the next
 * answer of each says so.  One that does not send another request is idle for a second and gives
 * way then.  So a burst of clients is served one after the other, and a client that holds
 * connections cannot lock the others out.
 *
 * Threads:  moor_connection_table_* any thread; moor_connection_* only the thread that owns the
 * slot, moor_connection_slot_overdue() any. Memory:   one allocation at init, released by
 * moor_connection_table_release(). Limits:   `max` connections and `MOOR_SERVER_SPARE_CONNECTIONS`
 * that wait for one to be closed.
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
    atomic_uint thread; /* who owns the slot; it may be another's by the time it is read */
};

struct moor_connection_table {
    pthread_mutex_t lock; /* over claiming, releasing and choosing who leaves */
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

/* Whether there is a place for another connection, or one that gives way to it at once. */
bool moor_connection_table_may_accept(const struct moor_connection_table *table, uint64_t now_us);

/* Whether more than half of the places are taken. */
bool moor_connection_table_is_crowded(const struct moor_connection_table *table);

/* New connections wait, and none may be accepted: after some time used ones are asked to end. */
void moor_connection_table_wait(struct moor_connection_table *table, uint64_t now_us);

/*
 * Where there are more than `max` connections, not counting those that leave already: marks the
 * next that has to leave and returns it, for its thread to be woken; else NULL.
 */
struct moor_connection_slot *moor_connection_table_dismiss(struct moor_connection_table *table,
                                                           uint64_t now_us);

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
 * Whether a connection that is marked to leave has begun a request since: it then stays, and
 * another has to be found.
 */
bool moor_connection_slot_stays(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, uint64_t now_us);

/*
 * Charges what is buffered for the connection now, in place of what was charged before; where
 * `expecting` also what the next read may bring.
 */
void moor_connection_slot_charge(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot, size_t buffered_bytes,
                                 bool expecting);

/*
 * Whether so much is charged that reading has to pause; so much that pausing was not enough; that
 * even without the answers that wait to be sent; so little that another connection can be read
 * from.
 */
bool moor_connection_table_over_budget(const struct moor_connection_table *table);
bool moor_connection_table_far_over_budget(const struct moor_connection_table *table);
bool moor_connection_table_far_over_without_unsent(const struct moor_connection_table *table);
bool moor_connection_table_have_budget(const struct moor_connection_table *table);

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

/*
 * The connection that goes on where the budget is used up: the one whose request is the longest on
 * its way, of all threads, of those that are paused otherwise: small ones that never end must not
 * take its place.  NULL where none is, and while a large body is judged, whose own bytes are there
 * until it has its answer.
 */
struct moor_connection_slot *moor_connection_table_oldest_request(
    const struct moor_connection_table *table);

/* The limit in time that the connection is over, or MOOR_LIMIT_NONE. */
enum moor_limit moor_connection_slot_overdue(const struct moor_connection_slot *slot,
                                             const struct moor_connection_times *times,
                                             uint64_t now_us);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/limits.h"
#include "webhook/http/body_buffer.h"
#include "webhook/http/handshake.h"
#include "webhook/http/library.h"

#include <poll.h>

#define FRESH_DRAIN_US 1000000U /* for the first request of a new connection in a drain */
#define STALLED_US     1000000U /* without a byte, while others are paused */
#define STUCK_BYTES    ((size_t)256 << 10) /* less than that, from all, in this time */
#define STUCK_US       1500000U            /* longer than a stall takes, which makes room too */
#define STUCK_TURNS    16U                 /* of a loop that was not kept from reading */
#define HELD_US        3000000U /* for a request to come, before others need its bytes more */

static bool is_head_incomplete(const h2o_req_t *req)
{
    return req->timestamps.request_body_begin_at.tv_sec == 0;
}

/* Becoming large is no progress: that is what a flood of those that never end does too. */
static void note_progress(struct moor_connection *connection, size_t buffered)
{
    struct moor_worker *worker = connection->worker;
    size_t before = connection->progress_bytes;
    if (buffered == before) {
        return;
    }
    if (before > MOOR_CONNECTION_SMALL_BYTES && buffered > before) {
        (void)atomic_fetch_add_explicit(&worker->shared->connections.brought_bytes,
                                        buffered - before, memory_order_relaxed);
    }
    connection->progress_bytes = buffered;
    connection->progress_us = worker->now_us;
}

/*
 * The answer is made and finds no room on its way out: what it was made from need not wait for
 * that.  libh2o would look for these bytes again where another request could follow, so that the
 * connection ends with the answer: only where that takes long, or memory is short.
 */
static void drop_body(h2o_req_t *req, struct moor_connection *connection)
{
    const struct moor_worker *worker = connection->worker;
    bool in_the_way = moor_connection_table_over_budget(&worker->shared->connections) ||
                      worker->now_us > moor_connection_since_us(connection) + STALLED_US;
    if (in_the_way && req->entity.base != NULL && connection->waiting_req == NULL &&
        connection->sock->input->size > MOOR_CONNECTION_SMALL_BYTES) {
        req->http1_is_persistent = 0;
        req->entity = h2o_iovec_init(NULL, 0);
        h2o_buffer_consume(&connection->sock->input, connection->sock->input->size);
    }
}

/*
 * What is allocated for the request.  While its answer waits to be sent it is a part of that: an
 * answer is held as it was made, and once more where it is encrypted.
 */
static void note_request(struct moor_connection *connection, const h2o_req_t *req)
{
    bool waits = req->processed_at.at.tv_sec != 0 && req->res.content_length != SIZE_MAX;
    size_t bytes = connection->cut ? 0 : moor_library_request_bytes(req);
    size_t encrypted = connection->tls != NULL ? req->res.content_length : 0;
    connection->request_bytes = waits ? 0 : bytes;
    moor_connection_note_unsent(connection, waits && !connection->cut ? bytes + encrypted : 0);
}

/* Brings a slot up to date with what libh2o knows of the connection. */
static int observe(h2o_req_t *req, void *data)
{
    struct moor_worker *worker = data;
    struct moor_connection *connection = moor_connection_of(req);
    connection->seen_turn = worker->turn;
    connection->established = true;
    if (req->timestamps.request_begin_at.tv_sec == 0) {
        moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_IDLE, worker->now_us);
        connection->idle_written = connection->sock->bytes_written;
        connection->idle_requests = moor_connection_requests(connection);
        moor_body_buffer_release(connection);
    } else if (req->processed_at.at.tv_sec == 0) {
        moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_RECEIVING, worker->now_us);
        if (is_head_incomplete(req) &&
            connection->sock->input->size > worker->shared->config.max_head_bytes) {
            moor_connection_cut(connection, MOOR_LIMIT_HEAD);
        } else if (!is_head_incomplete(req) && !connection->has_body_buffer) {
            moor_body_buffer_reserve(connection);
        }
    } else {
        connection->has_body_buffer = false;
        moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_ANSWERING, worker->now_us);
        drop_body(req, connection);
    }
    note_request(connection, req);
    size_t buffered = connection->sock->input->size;
    size_t before = atomic_load_explicit(&connection->slot->charge, memory_order_relaxed);
    note_progress(connection, buffered);
    moor_connection_charge(connection);
    if (before > buffered) {
        moor_worker_note_freed(worker, before - buffered);
    }
    return 0;
}

/* A connection that libh2o does not have as HTTP: not yet, or not any more. */
static void observe_other(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (connection->established) {
        moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_CLOSING, worker->now_us);
        h2o_buffer_consume(&connection->sock->input, connection->sock->input->size);
        connection->request_bytes = 0;
        moor_connection_note_unsent(connection, 0);
    } else {
        moor_handshake_watch(connection);
    }
    moor_connection_charge(connection);
}

/*
 * The client has said that it sends no more, or is over a limit of the TLS layer.  An answer that
 * is on its way is still sent.  Input that OpenSSL did not take although it was asked for more is
 * the same, whatever the reason: it would be kept without end.
 */
static void end_if_over(struct moor_connection *connection)
{
    bool over = connection->guard.over ||
                (connection->established && moor_library_encrypted_bytes(connection->sock) > 0);
    if (over && moor_connection_state(connection) != MOOR_CONNECTION_ANSWERING) {
        moor_connection_hang_up(connection);
    }
}

static void drain_connection(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    enum moor_phase phase = moor_worker_phase(worker);
    if (phase == MOOR_PHASE_CUTTING) {
        moor_connection_cut(connection, MOOR_LIMIT_NONE);
    } else if (phase == MOOR_PHASE_DRAINING &&
               moor_connection_state(connection) == MOOR_CONNECTION_IDLE) {
        bool fresh = atomic_load_explicit(&connection->slot->requests, memory_order_relaxed) == 0;
        uint64_t idle_us = worker->now_us -
                           atomic_load_explicit(&connection->slot->since_us, memory_order_relaxed);
        if (!fresh || idle_us > FRESH_DRAIN_US) {
            moor_connection_end_reading(connection);
        }
    }
}

static bool has_input(const struct moor_connection *connection)
{
    struct pollfd input = {.fd = h2o_socket_get_fd(connection->sock), .events = POLLIN | POLLRDHUP};
    return poll(&input, 1, 0) > 0 && input.revents == POLLIN;
}

/*
 * The connection gives way to a newer one.  A request may have arrived since the loop last read
 * from it: that is read first, in the next turn.  Once only, or a client that sends a byte now and
 * then would stay.
 */
static void leave_or_stay(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (moor_connection_slot_stays(&worker->shared->connections, connection->slot,
                                   worker->now_us)) {
        connection->deferred = false;
    } else if (connection->deferred || !has_input(connection)) {
        moor_connection_cut(connection, MOOR_LIMIT_CONNECTIONS);
    } else {
        connection->deferred = true;
    }
}

static void look_at(struct moor_connection *connection, bool sweep)
{
    struct moor_worker *worker = connection->worker;
    if (connection->seen_turn != worker->turn) {
        observe_other(connection);
    }
    end_if_over(connection);
    if (atomic_load_explicit(&connection->slot->leaving, memory_order_relaxed) &&
        !connection->cut) {
        leave_or_stay(connection);
    }
    enum moor_limit overdue =
        sweep ? moor_connection_slot_overdue(connection->slot, &worker->shared->config.times,
                                             worker->now_us)
              : MOOR_LIMIT_NONE;
    if (overdue == MOOR_LIMIT_IDLE_TIMEOUT && !connection->ended) {
        moor_worker_hit(worker, overdue);
        moor_connection_end_reading(connection);
    } else if (overdue != MOOR_LIMIT_NONE && overdue != MOOR_LIMIT_IDLE_TIMEOUT) {
        moor_connection_cut(connection, overdue);
    }
    drain_connection(connection);
}

void moor_limits_enforce(struct moor_worker *worker, bool sweep)
{
    (void)worker->globalconf.http1.callbacks.foreach_request(&worker->context, observe, worker);
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        look_at(connection, sweep); /* closes none: that is for the next turn */
    }
    if (sweep) {
        moor_body_buffers_sweep(worker);
    }
}

/* Of the connections that are paused the one waiting longest. */
static struct moor_connection *find_paused(struct moor_worker *worker)
{
    struct moor_connection *found = NULL;
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (connection->paused_read != NULL &&
            (found == NULL ||
             moor_connection_since_us(connection) < moor_connection_since_us(found))) {
            found = connection;
        }
    }
    return found;
}

/* Of answers that wait to be sent the one that holds most. */
static struct moor_connection *find_unsent(struct moor_worker *worker)
{
    struct moor_connection *found = NULL;
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (connection->unsent_bytes > (found != NULL ? found->unsent_bytes : 0) &&
            !connection->cut) {
            found = connection;
        }
    }
    return found;
}

/* Of the connections that could be paused the one that has brought nothing for the longest time. */
static struct moor_connection *find_stalest(struct moor_worker *worker)
{
    struct moor_connection *found = NULL;
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (moor_connection_is_large(connection) && !connection->cut &&
            (found == NULL || connection->progress_us < found->progress_us)) {
            found = connection;
        }
    }
    return found;
}

/*
 * Nobody gains by waiting for an answer that is not taken: these come first, and where they are
 * another thread's it is left to that one.
 */
static struct moor_connection *find_victim(struct moor_worker *worker)
{
    const struct moor_connection_table *table = &worker->shared->connections;
    if (!moor_connection_table_far_over_budget(table)) {
        return NULL;
    }
    struct moor_connection *unsent = find_unsent(worker);
    if (unsent != NULL) {
        return unsent;
    }
    return moor_connection_table_far_over_without_unsent(table) ? find_stalest(worker) : NULL;
}

static void cut_far_over_budget(struct moor_worker *worker)
{
    struct moor_connection *victim;
    while ((victim = find_victim(worker)) != NULL) {
        moor_connection_cut(victim, MOOR_LIMIT_BUFFERED_CLOSE);
        moor_connection_note_unsent(victim, 0);
        moor_connection_charge(victim);
    }
}

/* Who could send and does not, while others have to wait for its bytes, makes room. */
static void cut_stalled(struct moor_worker *worker)
{
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (moor_connection_is_large(connection) && connection->paused_read == NULL &&
            worker->now_us > connection->progress_us + STALLED_US) {
            moor_connection_cut(connection, MOOR_LIMIT_BUFFERED_STALL);
            moor_connection_charge(connection);
            /* Room was made: whoever waited has a new start. */
            (void)atomic_fetch_add_explicit(&worker->shared->connections.brought_bytes, STUCK_BYTES,
                                            memory_order_relaxed);
        }
    }
}

/* Whether for some time those that hold the budget have brought next to nothing. */
static bool is_stuck(const struct moor_worker *worker, size_t brought)
{
    const struct moor_connection_table *table = &worker->shared->connections;
    return brought - worker->brought_before < STUCK_BYTES &&
           atomic_load_explicit(&table->judging, memory_order_relaxed) == 0 &&
           worker->now_us > worker->short_since_us + STUCK_US &&
           worker->turn > worker->short_since_turn + STUCK_TURNS;
}

/* Whether a request had its time: a young one, or one that was read from only now, had not. */
static bool had_its_time(const struct moor_connection *connection)
{
    const struct moor_worker *worker = connection->worker;
    return moor_connection_is_large(connection) && !connection->cut &&
           worker->now_us > moor_connection_since_us(connection) + HELD_US &&
           connection->turned_us <= worker->short_since_us;
}

static struct moor_connection *find_oldest_held(struct moor_worker *worker, size_t *count)
{
    struct moor_connection *found = NULL;
    *count = 0;
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (had_its_time(connection)) {
            (*count)++;
            found = found == NULL ||
                            moor_connection_since_us(connection) < moor_connection_since_us(found)
                        ? connection
                        : found;
        }
    }
    return found;
}

/*
 * Each brings a byte now and then, or waits for one that does: closing them one by one would take
 * longer than others can wait.
 */
static void cut_older_half(struct moor_worker *worker)
{
    size_t count = 0;
    struct moor_connection *connection = find_oldest_held(worker, &count);
    for (size_t left = (count + 1) / 2; left > 0; left--) {
        moor_connection_cut(connection, MOOR_LIMIT_BUFFERED_STALL);
        moor_connection_charge(connection);
        connection = find_oldest_held(worker, &count);
    }
}

static void cut_stuck(struct moor_worker *worker)
{
    size_t brought =
        atomic_load_explicit(&worker->shared->connections.brought_bytes, memory_order_relaxed);
    bool stuck = worker->short_since_us > 0 && is_stuck(worker, brought);
    if (stuck) {
        cut_older_half(worker);
    }
    if (stuck || worker->short_since_us == 0 || brought - worker->brought_before >= STUCK_BYTES ||
        atomic_load_explicit(&worker->shared->connections.judging, memory_order_relaxed) > 0) {
        worker->short_since_us = worker->now_us;
        worker->short_since_turn = worker->turn;
        worker->brought_before = brought;
    }
}

static void pause_all_but(struct moor_worker *worker, const struct moor_connection_slot *oldest)
{
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (connection->slot != oldest && moor_connection_is_large(connection) &&
            !connection->cut) {
            moor_connection_pause(connection);
            moor_connection_charge(connection);
        }
    }
}

static void resume_one(struct moor_worker *worker, const struct moor_connection_slot *slot)
{
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (connection->slot == slot && connection->paused_read != NULL) {
            moor_connection_resume(connection);
            moor_connection_charge(connection);
        }
    }
}

/* One after the other, as long as there is room for what each may bring. */
static void resume_some(struct moor_worker *worker)
{
    while (worker->paused_count > 0 &&
           moor_connection_table_have_budget(&worker->shared->connections)) {
        struct moor_connection *paused = find_paused(worker);
        moor_connection_resume(paused);
        moor_connection_charge(paused);
    }
}

/*
 * libh2o calls the handler only when the whole body is there, so that refusing then would come too
 * late: reading stops while too much is buffered.  The oldest request of all goes on, so that
 * there is progress; where even pausing is too late those that stall are closed, answers that
 * nobody takes first.
 */
void moor_limits_enforce_budget(struct moor_worker *worker)
{
    struct moor_connection_table *table = &worker->shared->connections;
    bool over = moor_connection_table_over_budget(table);
    if (!over && atomic_load_explicit(&table->waiting, memory_order_relaxed) == 0) {
        worker->short_since_us = 0;
        return;
    }
    moor_body_buffers_release(worker);
    cut_stalled(worker);
    cut_stuck(worker);
    const struct moor_connection_slot *oldest = moor_connection_table_oldest_request(table);
    resume_one(worker, oldest);
    if (!over) {
        resume_some(worker);
        return;
    }
    pause_all_but(worker, oldest);
    cut_far_over_budget(worker);
}

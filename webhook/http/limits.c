/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/limits.h"
#include "webhook/http/body_buffer.h"
#include "webhook/http/handler.h"
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
static void note_progress(struct moor_client *client, size_t buffered)
{
    struct moor_worker *worker = client->worker;
    size_t before = client->progress_bytes;
    if (buffered == before) {
        return;
    }
    if (before > MOOR_CONNECTION_SMALL_BYTES && buffered > before) {
        (void)atomic_fetch_add_explicit(&worker->shared->connections.brought_bytes,
                                        buffered - before, memory_order_relaxed);
    }
    client->progress_bytes = buffered;
    client->progress_us = worker->now_us;
}

/*
 * The answer is made and finds no room on its way out: what it was made from need not wait for
 * that.  libh2o would look for these bytes again where another request could follow, so that the
 * connection ends with the answer: only where that takes long, or memory is short.
 */
static void drop_body(h2o_req_t *req, struct moor_client *client)
{
    const struct moor_worker *worker = client->worker;
    bool in_the_way = moor_connections_over_budget(&worker->shared->connections) ||
                      worker->now_us > moor_client_since_us(client) + STALLED_US;
    if (in_the_way && req->entity.base != NULL && client->waiting_req == NULL &&
        client->sock->input->size > MOOR_CONNECTION_SMALL_BYTES) {
        req->http1_is_persistent = 0;
        req->entity = h2o_iovec_init(NULL, 0);
        h2o_buffer_consume(&client->sock->input, client->sock->input->size);
    }
}

/*
 * What is allocated for the request.  While its answer waits to be sent it is a part of that: an
 * answer is held as it was made, and once more where it is encrypted.
 */
static void note_request(struct moor_client *client, const h2o_req_t *req)
{
    bool waits = req->processed_at.at.tv_sec != 0 && req->res.content_length != SIZE_MAX;
    size_t bytes = client->cut ? 0 : moor_library_request_bytes(req);
    size_t encrypted = client->tls != NULL ? req->res.content_length : 0;
    client->request_bytes = waits ? 0 : bytes;
    moor_client_note_unsent(client, waits && !client->cut ? bytes + encrypted : 0);
}

/* Brings a slot up to date with what libh2o knows of the connection. */
static int observe(h2o_req_t *req, void *data)
{
    struct moor_worker *worker = data;
    struct moor_client *client = moor_exchange_client(req);
    client->seen_turn = worker->turn;
    client->established = true;
    if (req->timestamps.request_begin_at.tv_sec == 0) {
        moor_connection_enter(client->slot, MOOR_CONNECTION_IDLE, worker->now_us);
        client->idle_written = client->sock->bytes_written;
        client->idle_requests = moor_client_requests(client);
        moor_body_room_leave(client);
    } else if (req->processed_at.at.tv_sec == 0) {
        moor_connection_enter(client->slot, MOOR_CONNECTION_RECEIVING, worker->now_us);
        if (is_head_incomplete(req) &&
            client->sock->input->size > worker->shared->config.max_head_bytes) {
            moor_client_cut(client, MOOR_LIMIT_HEAD);
        } else if (!is_head_incomplete(req) && !client->has_room) {
            moor_body_room_make(client);
        }
    } else {
        client->has_room = false;
        moor_connection_enter(client->slot, MOOR_CONNECTION_ANSWERING, worker->now_us);
        drop_body(req, client);
    }
    note_request(client, req);
    size_t buffered = client->sock->input->size;
    size_t before = atomic_load_explicit(&client->slot->charge, memory_order_relaxed);
    note_progress(client, buffered);
    moor_client_charge(client);
    if (before > buffered) {
        moor_worker_note_freed(worker, before - buffered);
    }
    return 0;
}

/* A connection that libh2o does not have as HTTP: not yet, or not any more. */
static void observe_other(struct moor_client *client)
{
    struct moor_worker *worker = client->worker;
    if (client->established) {
        moor_connection_enter(client->slot, MOOR_CONNECTION_CLOSING, worker->now_us);
        h2o_buffer_consume(&client->sock->input, client->sock->input->size);
        client->request_bytes = 0;
        moor_client_note_unsent(client, 0);
    } else {
        moor_handshake_watch(client);
    }
    moor_client_charge(client);
}

/*
 * The client has said that it sends no more, or is over a limit of the TLS layer.  An answer that
 * is on its way is still sent.  Input that OpenSSL did not take although it was asked for more is
 * the same, whatever the reason: it would be kept without end.
 */
static void end_if_over(struct moor_client *client)
{
    bool over = client->guard.over ||
                (client->established && moor_library_encrypted_bytes(client->sock) > 0);
    if (over && moor_client_state(client) != MOOR_CONNECTION_ANSWERING) {
        moor_client_hang_up(client);
    }
}

static void drain_client(struct moor_client *client)
{
    struct moor_worker *worker = client->worker;
    enum moor_phase phase = moor_worker_phase(worker);
    if (phase == MOOR_PHASE_CUTTING) {
        moor_client_cut(client, MOOR_LIMIT_NONE);
    } else if (phase == MOOR_PHASE_DRAINING && moor_client_state(client) == MOOR_CONNECTION_IDLE) {
        bool fresh = atomic_load_explicit(&client->slot->requests, memory_order_relaxed) == 0;
        uint64_t idle_us =
            worker->now_us - atomic_load_explicit(&client->slot->since_us, memory_order_relaxed);
        if (!fresh || idle_us > FRESH_DRAIN_US) {
            moor_client_end_reading(client);
        }
    }
}

static bool has_input(const struct moor_client *client)
{
    struct pollfd input = {.fd = h2o_socket_get_fd(client->sock), .events = POLLIN | POLLRDHUP};
    return poll(&input, 1, 0) > 0 && input.revents == POLLIN;
}

/*
 * The connection gives way to a newer one.  A request may have arrived since the loop last read
 * from it: that is read first, in the next turn.  Once only, or a client that sends a byte now and
 * then would stay.
 */
static void leave_or_stay(struct moor_client *client)
{
    struct moor_worker *worker = client->worker;
    if (moor_connection_stays(&worker->shared->connections, client->slot, worker->now_us)) {
        client->deferred = false;
    } else if (client->deferred || !has_input(client)) {
        moor_client_cut(client, MOOR_LIMIT_CONNECTIONS);
    } else {
        client->deferred = true;
    }
}

static void look_at(struct moor_client *client, bool sweep)
{
    struct moor_worker *worker = client->worker;
    if (client->seen_turn != worker->turn) {
        observe_other(client);
    }
    end_if_over(client);
    if (atomic_load_explicit(&client->slot->leaving, memory_order_relaxed) && !client->cut) {
        leave_or_stay(client);
    }
    enum moor_limit overdue =
        sweep ? moor_connection_overdue(client->slot, &worker->shared->config.times, worker->now_us)
              : MOOR_LIMIT_NONE;
    if (overdue == MOOR_LIMIT_IDLE_TIMEOUT && !client->ended) {
        moor_worker_hit(worker, overdue);
        moor_client_end_reading(client);
    } else if (overdue != MOOR_LIMIT_NONE && overdue != MOOR_LIMIT_IDLE_TIMEOUT) {
        moor_client_cut(client, overdue);
    }
    drain_client(client);
}

void moor_watch_clients(struct moor_worker *worker, bool sweep)
{
    (void)worker->globalconf.http1.callbacks.foreach_request(&worker->context, observe, worker);
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        look_at(client, sweep); /* closes none: that is for the next turn */
    }
    if (sweep) {
        moor_body_rooms_sweep(worker);
    }
}

/* Of the connections that are paused the one waiting longest. */
static struct moor_client *find_paused(struct moor_worker *worker)
{
    struct moor_client *found = NULL;
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (client->paused_read != NULL &&
            (found == NULL || moor_client_since_us(client) < moor_client_since_us(found))) {
            found = client;
        }
    }
    return found;
}

/* Of answers that wait to be sent the one that holds most. */
static struct moor_client *find_unsent(struct moor_worker *worker)
{
    struct moor_client *found = NULL;
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (client->unsent_bytes > (found != NULL ? found->unsent_bytes : 0) && !client->cut) {
            found = client;
        }
    }
    return found;
}

/* Of the connections that could be paused the one that has brought nothing for the longest time. */
static struct moor_client *find_stalest(struct moor_worker *worker)
{
    struct moor_client *found = NULL;
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (moor_client_is_large(client) && !client->cut &&
            (found == NULL || client->progress_us < found->progress_us)) {
            found = client;
        }
    }
    return found;
}

/*
 * Nobody gains by waiting for an answer that is not taken: these come first, and where they are
 * another thread's it is left to that one.
 */
static struct moor_client *find_victim(struct moor_worker *worker)
{
    const struct moor_connections *table = &worker->shared->connections;
    if (!moor_connections_far_over_budget(table)) {
        return NULL;
    }
    struct moor_client *unsent = find_unsent(worker);
    if (unsent != NULL) {
        return unsent;
    }
    return moor_connections_far_over_without_unsent(table) ? find_stalest(worker) : NULL;
}

static void cut_far_over_budget(struct moor_worker *worker)
{
    struct moor_client *victim;
    while ((victim = find_victim(worker)) != NULL) {
        moor_client_cut(victim, MOOR_LIMIT_BUFFERED_CLOSE);
        moor_client_note_unsent(victim, 0);
        moor_client_charge(victim);
    }
}

/* Who could send and does not, while others have to wait for its bytes, makes room. */
static void cut_stalled(struct moor_worker *worker)
{
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (moor_client_is_large(client) && client->paused_read == NULL &&
            worker->now_us > client->progress_us + STALLED_US) {
            moor_client_cut(client, MOOR_LIMIT_BUFFERED_STALL);
            moor_client_charge(client);
            /* Room was made: whoever waited has a new start. */
            (void)atomic_fetch_add_explicit(&worker->shared->connections.brought_bytes, STUCK_BYTES,
                                            memory_order_relaxed);
        }
    }
}

/* Whether for some time those that hold the budget have brought next to nothing. */
static bool is_stuck(const struct moor_worker *worker, size_t brought)
{
    const struct moor_connections *table = &worker->shared->connections;
    return brought - worker->brought_before < STUCK_BYTES &&
           atomic_load_explicit(&table->judging, memory_order_relaxed) == 0 &&
           worker->now_us > worker->short_since_us + STUCK_US &&
           worker->turn > worker->short_since_turn + STUCK_TURNS;
}

/* Whether a request had its time: a young one, or one that was read from only now, had not. */
static bool had_its_time(const struct moor_client *client)
{
    const struct moor_worker *worker = client->worker;
    return moor_client_is_large(client) && !client->cut &&
           worker->now_us > moor_client_since_us(client) + HELD_US &&
           client->turned_us <= worker->short_since_us;
}

static struct moor_client *find_oldest_held(struct moor_worker *worker, size_t *count)
{
    struct moor_client *found = NULL;
    *count = 0;
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (had_its_time(client)) {
            (*count)++;
            found = found == NULL || moor_client_since_us(client) < moor_client_since_us(found)
                        ? client
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
    struct moor_client *client = find_oldest_held(worker, &count);
    for (size_t left = (count + 1) / 2; left > 0; left--) {
        moor_client_cut(client, MOOR_LIMIT_BUFFERED_STALL);
        moor_client_charge(client);
        client = find_oldest_held(worker, &count);
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

static void pause_all_but(struct moor_worker *worker, const struct moor_connection *oldest)
{
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (client->slot != oldest && moor_client_is_large(client) && !client->cut) {
            moor_client_pause(client);
            moor_client_charge(client);
        }
    }
}

static void resume_one(struct moor_worker *worker, const struct moor_connection *slot)
{
    for (struct moor_client *client = moor_client_first(worker); client != NULL;
         client = moor_client_next(client)) {
        if (client->slot == slot && client->paused_read != NULL) {
            moor_client_resume(client);
            moor_client_charge(client);
        }
    }
}

/* One after the other, as long as there is room for what each may bring. */
static void resume_some(struct moor_worker *worker)
{
    while (worker->paused_count > 0 && moor_connections_have_budget(&worker->shared->connections)) {
        struct moor_client *paused = find_paused(worker);
        moor_client_resume(paused);
        moor_client_charge(paused);
    }
}

/*
 * libh2o calls the handler only when the whole body is there, so that refusing then would come too
 * late: reading stops while too much is buffered.  The oldest request of all goes on, so that
 * there is progress; where even pausing is too late those that stall are closed, answers that
 * nobody takes first.
 */
void moor_watch_budget(struct moor_worker *worker)
{
    struct moor_connections *table = &worker->shared->connections;
    bool over = moor_connections_over_budget(table);
    if (!over && atomic_load_explicit(&table->waiting, memory_order_relaxed) == 0) {
        worker->short_since_us = 0;
        return;
    }
    moor_body_rooms_release(worker);
    cut_stalled(worker);
    cut_stuck(worker);
    const struct moor_connection *oldest = moor_connections_oldest_request(table);
    resume_one(worker, oldest);
    if (!over) {
        resume_some(worker);
        return;
    }
    pause_all_but(worker, oldest);
    cut_far_over_budget(worker);
}

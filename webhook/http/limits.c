/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/limits.h"

#include "webhook/http/body_buffer.h"
#include "webhook/http/connection_rules.h"
#include "webhook/http/handshake.h"
#include "webhook/http/library.h"
#include "webhook/http/places.h"

#include <poll.h>

#define LATE_ANSWER_US 1000000U /* time after which the body of a request is released */

/* libh2o sets the time when it has parsed the head and expects a body. */
static bool is_head_incomplete(const h2o_req_t *req)
{
    return req->timestamps.request_body_begin_at.tv_sec == 0;
}

/*
 * Releases the body of a request whose answer the client does not read.  libh2o would parse these
 * bytes again as the next request, so the connection must close after the answer.  Therefore the
 * body is released only after some time, or if the budget is short.
 */
static void drop_body(h2o_req_t *req, struct moor_connection *connection)
{
    const struct moor_worker *worker = connection->worker;
    bool in_the_way = moor_budget_is_over(&worker->shared->connections) ||
                      worker->now_us > moor_connection_since_us(connection) + LATE_ANSWER_US;
    if (in_the_way && req->entity.base != NULL && connection->waiting_req == NULL &&
        connection->sock->input->size > MOOR_CONNECTION_SMALL_BYTES) {
        req->http1_is_persistent = 0;
        req->entity = h2o_iovec_init(NULL, 0);
        h2o_buffer_consume(&connection->sock->input, connection->sock->input->size);
    }
}

/*
 * Charges the memory of the request.  While the answer waits to be sent, this memory is a part of
 * the answer.  The answer is held in plain text, and again in encrypted form with TLS.
 */
static void charge_request(struct moor_connection *connection, const h2o_req_t *req)
{
    bool waits = req->processed_at.at.tv_sec != 0 && req->res.content_length != SIZE_MAX;
    size_t bytes = connection->slot->cut ? 0 : moor_library_request_bytes(req);
    size_t encrypted = connection->tls != NULL ? req->res.content_length : 0;
    if (connection->slot->cut || !waits) {
        moor_connection_charge(connection, bytes, 0);
    } else {
        moor_connection_charge(connection, 0, bytes + encrypted);
    }
}

/*
 * The counts of an idle connection show later whether libh2o has answered a request by itself
 * (acceptor.c).
 */
static void observe_idle(struct moor_connection *connection)
{
    moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_IDLE, connection->worker->now_us);
    connection->idle_written = connection->sock->bytes_written;
    connection->idle_requests = moor_connection_requests(connection);
    moor_body_buffer_release(connection);
}

/*
 * libh2o accepts a head of up to 417,792 bytes and cannot answer while the head is incomplete, so
 * the connection is cut.
 */
static void observe_receiving(struct moor_connection *connection, const h2o_req_t *req)
{
    const struct moor_worker *worker = connection->worker;
    moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_RECEIVING, worker->now_us);
    if (is_head_incomplete(req) &&
        connection->sock->input->size > worker->shared->config.max_head_bytes) {
        moor_connection_cut(connection, MOOR_LIMIT_HEAD);
    } else if (!is_head_incomplete(req) && !connection->has_body_buffer) {
        moor_body_buffer_reserve(connection);
    }
}

/*
 * Updates a slot from the state that libh2o has.  libh2o shows the state only in the timestamps of
 * the request.
 */
static int observe(h2o_req_t *req, void *data)
{
    struct moor_worker *worker = data;
    struct moor_connection *connection = moor_connection_of(req);
    connection->seen_turn = worker->turn;
    connection->established = true;
    if (req->timestamps.request_begin_at.tv_sec == 0) {
        observe_idle(connection);
    } else if (req->processed_at.at.tv_sec == 0) {
        observe_receiving(connection, req);
    } else {
        connection->has_body_buffer = false;
        moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_ANSWERING, worker->now_us);
        drop_body(req, connection);
    }
    size_t buffered = connection->sock->input->size;
    size_t before = atomic_load_explicit(&connection->slot->charge, memory_order_relaxed);
    charge_request(connection, req);
    if (before > buffered) {
        moor_worker_note_freed(worker, before - buffered);
    }
    return 0;
}

/*
 * Updates the slot of a connection that libh2o does not list as HTTP: before the handshake is
 * complete, or after HTTP has ended.
 */
static void observe_other(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (connection->established) {
        moor_connection_slot_enter(connection->slot, MOOR_CONNECTION_CLOSING, worker->now_us);
        h2o_buffer_consume(&connection->sock->input, connection->sock->input->size);
    } else {
        moor_handshake_watch(connection);
    }
    moor_connection_charge(connection, 0, 0);
}

/*
 * Returns whether the client sends no more, or crossed a limit of the TLS layer.  After the
 * handshake, this is also assumed if OpenSSL leaves encrypted input unread, for any reason: libh2o
 * would buffer such input without limit.
 */
static bool is_over(const struct moor_connection *connection)
{
    return connection->guard.over ||
           (connection->established && moor_library_encrypted_bytes(connection->sock) > 0);
}

/*
 * A request and the close of its connection may arrive together; only input without a close is
 * worth another turn.
 */
static bool has_input(const struct moor_connection *connection)
{
    struct pollfd input = {.fd = h2o_socket_get_fd(connection->sock), .events = POLLIN | POLLRDHUP};
    return poll(&input, 1, 0) > 0 && input.revents == POLLIN;
}

/*
 * The kernel may hold a request that arrived after the last read.  Cutting the connection would
 * lose it.
 */
static void leave(struct moor_connection *connection)
{
    if (has_input(connection)) {
        connection->slot->deferred = true;
    } else {
        moor_connection_cut(connection, MOOR_LIMIT_CONNECTIONS);
    }
}

static void carry_out(struct moor_connection *connection, struct moor_action action)
{
    struct moor_worker *worker = connection->worker;
    switch (action.kind) {
    case MOOR_ACTION_NONE:
        break;
    case MOOR_ACTION_PAUSE:
        moor_connection_pause(connection);
        break;
    case MOOR_ACTION_RESUME:
        moor_connection_resume(connection);
        break;
    case MOOR_ACTION_CUT:
        moor_connection_cut(connection, action.limit);
        break;
    case MOOR_ACTION_HANG_UP:
        moor_connection_hang_up(connection);
        break;
    case MOOR_ACTION_END_READING:
        moor_worker_hit(worker, action.limit);
        moor_connection_end_reading(connection);
        break;
    case MOOR_ACTION_LEAVE:
        leave(connection);
        break;
    case MOOR_ACTION_STAY:
        connection->slot->deferred = false;
        moor_places_keep(&worker->shared->connections, connection->slot);
        break;
    }
}

void moor_limits_enforce(struct moor_worker *worker, bool sweep)
{
    enum moor_phase phase = moor_worker_phase(worker);
    const struct moor_connection_look look = {
        .now_us = worker->now_us,
        .times = sweep ? &worker->shared->config.times : NULL,
        .draining = phase == MOOR_PHASE_DRAINING,
        .cutting = phase == MOOR_PHASE_CUTTING,
    };
    (void)worker->globalconf.http1.callbacks.foreach_request(&worker->context, observe, worker);
    for (struct moor_connection *connection = moor_connection_first(worker); connection != NULL;
         connection = moor_connection_next(connection)) {
        if (connection->seen_turn != worker->turn) {
            observe_other(connection);
        }
        connection->slot->over = is_over(connection);
        /* This frees no connection of the list: libh2o closes connections in the next turn. */
        carry_out(connection, moor_connection_rules_next(connection->slot, &look));
    }
    if (sweep) {
        moor_body_buffers_sweep(worker);
    }
}

/* A kept body buffer is memory without use, so it is released first. */
void moor_limits_enforce_budget(struct moor_worker *worker)
{
    const struct moor_budget_turn turn = {worker->index, worker->now_us, worker->turn};
    struct moor_budget_pass pass;
    if (!moor_budget_begin(&pass, &worker->shared->connections, &worker->budget, turn)) {
        return;
    }
    moor_body_buffers_release(worker);
    struct moor_action action = moor_budget_next(&pass);
    while (action.kind != MOOR_ACTION_NONE) {
        carry_out(action.slot->connection, action);
        action = moor_budget_next(&pass);
    }
}

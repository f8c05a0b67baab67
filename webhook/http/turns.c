/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/turns.h"

static bool is_large(const h2o_req_t *req)
{
    return req->entity.len > MOOR_CONNECTION_LARGE_BYTES;
}

static struct moor_connection *connection_at(h2o_linklist_t *node)
{
    return (struct moor_connection *)(void *)((char *)node -
                                              offsetof(struct moor_connection, turn_link));
}

void moor_turns_init(struct moor_worker *worker, void (*judge)(h2o_req_t *req))
{
    h2o_linklist_init_anchor(&worker->waiting_small);
    h2o_linklist_init_anchor(&worker->waiting_large);
    h2o_linklist_init_anchor(&worker->waiting_handshakes);
    worker->judge = judge;
}

bool moor_turns_may_shake_hands(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (worker->begun_handshakes < MOOR_TURN_HANDSHAKES) {
        worker->begun_handshakes++;
        return true;
    }
    moor_connection_slot_greet(connection->slot, worker->now_us);
    h2o_socket_read_stop(connection->sock);
    h2o_linklist_insert(&worker->waiting_handshakes, &connection->turn_link);
    return false;
}

static void begin_handshakes(struct moor_worker *worker)
{
    worker->begun_handshakes = 0;
    while (worker->begun_handshakes < MOOR_TURN_HANDSHAKES) {
        h2o_linklist_t *node = worker->waiting_handshakes.next;
        if (node == &worker->waiting_handshakes || !h2o_linklist_is_linked(node)) {
            return;
        }
        h2o_linklist_unlink(node);
        worker->begun_handshakes++;
        moor_handshake_go_on(connection_at(node));
    }
}

/* Another worker may have been refused the right while this one had it. */
static void wake_others(const struct moor_worker *worker)
{
    const struct moor_shared *shared = worker->shared;
    for (unsigned i = 0; i < shared->config.threads; i++) {
        if (i != worker->index) {
            moor_worker_wake(shared->workers[i]);
        }
    }
}

static void judge(struct moor_worker *worker, h2o_req_t *req)
{
    struct moor_connection_table *table = &worker->shared->connections;
    bool large = is_large(req);
    uint64_t start_us = moor_monotonic_us();
    worker->judge(req);
    worker->judged_us += moor_monotonic_us() - start_us;
    if (large && moor_connection_table_end_judging(table)) {
        wake_others(worker);
    }
}

void moor_turns_enter(struct moor_connection *connection, h2o_req_t *req)
{
    struct moor_worker *worker = connection->worker;
    struct moor_connection_table *table = &worker->shared->connections;
    bool large = is_large(req);
    if (large) {
        moor_connection_table_await_judging(table);
    }
    if (worker->judged_us < MOOR_TURN_US &&
        (!large || (h2o_linklist_is_empty(&worker->waiting_large) &&
                    moor_connection_table_try_judging(table)))) {
        judge(worker, req);
        return;
    }
    connection->waiting_req = req;
    h2o_linklist_insert(large ? &worker->waiting_large : &worker->waiting_small,
                        &connection->turn_link);
}

/* Judges the request that waits the longest; false: none waits. */
static bool judge_next(struct moor_worker *worker, h2o_linklist_t *waiting)
{
    h2o_linklist_t *node = waiting->next;
    if (node == waiting || !h2o_linklist_is_linked(node)) {
        return false;
    }
    struct moor_connection *connection = connection_at(node);
    h2o_req_t *req = connection->waiting_req;
    h2o_linklist_unlink(node);
    connection->waiting_req = NULL;
    judge(worker, req);
    return true;
}

void moor_turns_run(struct moor_worker *worker)
{
    begin_handshakes(worker);
    worker->judged_us = 0;
    while (judge_next(worker, &worker->waiting_small) && worker->judged_us < MOOR_TURN_US) {
    }
    if (!h2o_linklist_is_empty(&worker->waiting_large) &&
        moor_connection_table_try_judging(&worker->shared->connections)) {
        (void)judge_next(worker, &worker->waiting_large);
    }
}

bool moor_turns_are_waiting(const struct moor_worker *worker)
{
    return worker->waiting_small.next != &worker->waiting_small ||
           worker->waiting_large.next != &worker->waiting_large;
}

bool moor_turns_can_run(const struct moor_worker *worker)
{
    return worker->waiting_handshakes.next != &worker->waiting_handshakes ||
           worker->waiting_small.next != &worker->waiting_small ||
           (worker->waiting_large.next != &worker->waiting_large &&
            !moor_connection_table_is_judging(&worker->shared->connections));
}

void moor_turns_forget(struct moor_connection *connection)
{
    if (!h2o_linklist_is_linked(&connection->turn_link)) {
        return;
    }
    h2o_linklist_unlink(&connection->turn_link);
    if (connection->waiting_req != NULL && is_large(connection->waiting_req)) {
        moor_connection_table_forget_judging(&connection->worker->shared->connections);
    }
    connection->waiting_req = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/turns.h"

/*
 * Only the evaluation of a large body needs so much memory that it must not run on several threads
 * at once.
 */
static bool is_large(const h2o_req_t *req)
{
    return req->entity.len > MOOR_CONNECTION_LARGE_BYTES;
}

/* libh2o's lists link a member of the structure, so the structure begins before the node. */
static struct moor_connection *connection_at(h2o_linklist_t *node)
{
    return (struct moor_connection *)(void *)((char *)node -
                                              offsetof(struct moor_connection, turn_link));
}

/* Another worker may have tried in vain while this one had the right, and does not poll for it. */
static void wake_others(const struct moor_worker *worker)
{
    const struct moor_shared *shared = worker->shared;
    for (unsigned i = 0; i < shared->config.threads; i++) {
        if (i != worker->index) {
            moor_worker_wake(shared->workers[i]);
        }
    }
}

/* The answer may end the request, so its size is read first. */
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

/*
 * A small request runs at once if the turn has time left.  A large one also needs the right, and
 * must not overtake a large one that waits.
 */
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

/*
 * Evaluates the request that has waited the longest.  Returns false if none waits.  The node is
 * unlinked first, because the answer may free the connection.
 */
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

/* Small requests run first, because a large one may take as long as hundreds of them. */
void moor_turns_run(struct moor_worker *worker)
{
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

/*
 * While another worker evaluates a large body, this worker sleeps until it is woken, instead of
 * polling.
 */
bool moor_turns_can_run(const struct moor_worker *worker)
{
    return worker->waiting_small.next != &worker->waiting_small ||
           (worker->waiting_large.next != &worker->waiting_large &&
            !moor_connection_table_is_judging(&worker->shared->connections));
}

/* An announced body would otherwise keep the oldest request from being resumed forever. */
void moor_turns_forget(struct moor_connection *connection)
{
    if (connection->waiting_req == NULL) {
        return;
    }
    h2o_linklist_unlink(&connection->turn_link);
    if (is_large(connection->waiting_req)) {
        moor_connection_table_forget_judging(&connection->worker->shared->connections);
    }
    connection->waiting_req = NULL;
}

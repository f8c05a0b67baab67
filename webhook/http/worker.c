/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/worker.h"

/* libh2o's list anchors point to themselves when they are empty, so zeroed memory is not enough. */
struct moor_worker *moor_worker_new(struct moor_shared *shared, unsigned index)
{
    struct moor_worker *worker = calloc(1, sizeof *worker);
    if (worker != NULL) {
        worker->shared = shared;
        worker->index = index;
        h2o_linklist_init_anchor(&worker->connections);
        h2o_linklist_init_anchor(&worker->waiting_handshakes);
        h2o_linklist_init_anchor(&worker->waiting_small);
        h2o_linklist_init_anchor(&worker->waiting_large);
        /*
         * libh2o would move bodies over 16 MiB to a file in /tmp.  They may contain Secrets, and
         * the root file system may be read-only.
         */
        h2o_socket_buffer_mmap_settings.threshold = SIZE_MAX;
    }
    return worker;
}

void moor_worker_free(struct moor_worker *worker)
{
    free(worker);
}

/*
 * A worker that has not begun has no receiver yet, and needs no message: it reads the phase when it
 * begins.
 */
void moor_worker_wake(struct moor_worker *worker)
{
    if (atomic_load(&worker->wakeable)) {
        h2o_multithread_send_message(&worker->receiver, NULL);
    }
}

/* Another thread may end a turn after `now_us` was read, so a negative difference counts as 0. */
struct moor_worker_state moor_worker_state(const struct moor_worker *worker, uint64_t now_us)
{
    uint64_t turned_us = atomic_load_explicit(&worker->turned_us, memory_order_relaxed);
    return (struct moor_worker_state){
        .turns = atomic_load_explicit(&worker->turns, memory_order_relaxed),
        .since_turn_us = now_us > turned_us ? now_us - turned_us : 0,
    };
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/event_loop.h"

#include "webhook/http/acceptor.h"
#include "webhook/http/body_buffer.h"
#include "webhook/http/handler.h"
#include "webhook/http/handshake.h"
#include "webhook/http/library.h"
#include "webhook/http/limits.h"
#include "webhook/http/turns.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SWEEP_MS           250
#define SWEEP_US           250000U
#define PAUSED_LOOK_MS     10 /* delay until a paused connection is resumed */
#define TRIM_AT_BYTES      ((size_t)8 << 20)
#define TRIM_BLOCK_BYTES   ((size_t)64 << 10) /* FASTBIN_CONSOLIDATION_THRESHOLD of glibc */
#define CUT_US             1000000U           /* time for cut connections to close */
/*
 * The timers of libh2o follow the wall clock, which may step, so the limits of this server replace
 * them.  Ten years never pass, and are less than the milliseconds that the clock has counted since
 * 1970.
 */
#define LIBRARY_TIMEOUT_MS ((uint64_t)10 * 365 * 86400 * 1000)

/*
 * malloc_trim() releases the holes in the heap of a thread but not its end, which can be all of the
 * heap after many connections have closed.  glibc releases the end when a block of at least this
 * size is freed.
 */
static void trim_own_heap(struct moor_worker *worker)
{
    if (worker->trims_due > 0) {
        worker->trims_due--;
        void *volatile block =
            malloc(TRIM_BLOCK_BYTES); /* without volatile, the compiler drops both calls */
        free(block);
    }
}

/*
 * The main thread trims the heap once a second.  Many connections can open and close in that time,
 * and their holes add to the memory in use.  A worker does not wait for the main thread then.
 */
static void trim_if_much_was_freed(struct moor_worker *worker)
{
    atomic_size_t *freed = &worker->shared->freed_bytes;
    if (atomic_load_explicit(freed, memory_order_relaxed) > TRIM_AT_BYTES &&
        atomic_exchange(freed, 0) > TRIM_AT_BYTES) {
        (void)malloc_trim(0);
    }
}

/* --- after each turn ------------------------------------------------------------------------- */

/*
 * The order matters.  The limits see the bytes that this turn has read.  Places are freed before
 * connections are accepted.  Handshakes and requests run last, because they cost the most time.
 */
static void after_turn(struct moor_worker *worker)
{
    worker->turn++;
    worker->now_us = moor_monotonic_us();
    bool sweep = worker->now_us >= worker->sweep_at_us;
    if (sweep) {
        worker->sweep_at_us = worker->now_us + SWEEP_US;
        trim_own_heap(worker);
    }
    if (moor_worker_phase(worker) >= MOOR_PHASE_LAME_DUCK) {
        /*
         * h2o_context_request_shutdown() would start a timer of HTTP/2 that outlives the drain;
         * disposing of the context then aborts.
         */
        worker->context.shutdown_requested = 1;
    }
    if (moor_worker_phase(worker) >= MOOR_PHASE_DRAINING) {
        moor_acceptor_close(worker);
    }
    moor_limits_enforce(worker, sweep);
    moor_limits_enforce_budget(worker);
    trim_if_much_was_freed(worker);
    moor_acceptor_make_room(worker);
    moor_acceptor_listen_again(worker);
    moor_handshake_run(worker);
    moor_turns_run(worker);
    atomic_store_explicit(&worker->turned_us, moor_monotonic_us(), memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&worker->turns, 1, memory_order_relaxed);
}

/* --- the thread ------------------------------------------------------------------------------ */

static void on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    (void)messages; /* no message has content: waking up is its purpose */
}

/*
 * An empty server name suppresses the Server header.  HTTP/2 is off, also as an upgrade, because a
 * client can abort libh2o 2.2.5 through it.  After its own 413, libh2o closes without lingering,
 * and a client that is still sending sees a reset.  Therefore bodies somewhat over the limit are
 * read, and the handler answers them.
 */
static void configure(struct moor_worker *worker)
{
    const struct moor_server_config *config = &worker->shared->config;
    h2o_config_init(&worker->globalconf);
    worker->globalconf.server_name = h2o_iovec_init("", 0);
    worker->globalconf.max_request_entity_size =
        config->max_body_bytes + (worker->shared->serving == NULL ? MOOR_SERVER_OVERREAD_BYTES : 0);
    worker->globalconf.handshake_timeout = LIBRARY_TIMEOUT_MS;
    worker->globalconf.http1.req_timeout = LIBRARY_TIMEOUT_MS;
    worker->globalconf.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&worker->globalconf, h2o_iovec_init("default", 7), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = moor_handler_answer;
}

/*
 * Other threads may wake the worker only after its receiver is registered, so `wakeable` is set
 * last.
 */
int moor_event_loop_begin(struct moor_worker *worker)
{
    const struct moor_server_handler *handler = worker->shared->handler;
    if (handler->thread_begin != NULL && worker->shared->serving == NULL) {
        worker->workspace = handler->thread_begin(handler->context);
        if (worker->workspace == NULL) {
            return -1;
        }
    }
    configure(worker);
    moor_body_buffers_init(worker);
    worker->judge = moor_handler_take_turn;
    worker->trial_epoll = epoll_create1(EPOLL_CLOEXEC);
    h2o_context_init(&worker->context, h2o_evloop_create(), &worker->globalconf);
    h2o_multithread_register_receiver(worker->context.queue, &worker->receiver, on_message);
    worker->accept.ctx = &worker->context;
    worker->accept.hosts = worker->globalconf.hosts;
    if (worker->trial_epoll < 0 || moor_acceptor_open(worker) != 0) {
        return -1;
    }
    atomic_store_explicit(&worker->turned_us, moor_monotonic_us(), memory_order_relaxed);
    atomic_store(&worker->wakeable, true);
    return 0;
}

/* In the last phase, connections that libh2o does not close in time no longer delay the end. */
static bool is_done(struct moor_worker *worker)
{
    enum moor_phase phase = moor_worker_phase(worker);
    if (phase == MOOR_PHASE_CUTTING && worker->cutting_since_us == 0) {
        worker->cutting_since_us = worker->now_us;
    }
    bool late = phase == MOOR_PHASE_CUTTING && worker->now_us - worker->cutting_since_us > CUT_US;
    return late || (worker->closed_listeners && worker->connection_count == 0);
}

/* --- errors of the event loop ---------------------------------------------------------------- */

/*
 * The loop removed the socket from its list and could not register it, so no event would ever
 * arrive.  The waiting callback gets an error, as libh2o itself reports errors, and closes the
 * connection.
 */
static void close_lost(struct moor_connection *connection)
{
    h2o_socket_t *sock = connection->sock;
    moor_library_forget_polling(sock);
    moor_connection_slot_cut(&connection->worker->shared->connections, connection->slot);
    (void)shutdown(h2o_socket_get_fd(sock), SHUT_RDWR);
    if (sock->_cb.write != NULL) {
        h2o_socket_cb callback = sock->_cb.write;
        sock->_cb.write = NULL;
        moor_library_socket(sock)->write_count = 0;
        callback(sock, h2o_socket_error_io);
    } else if (sock->_cb.read != NULL) {
        sock->_cb.read(sock, h2o_socket_error_io);
    }
}

/*
 * Recovers from a failed run of the loop.  The kernel does not register a descriptor if the user
 * watches too many or if memory is short; both conditions pass.  No other error can be repaired.
 */
static bool recover(struct moor_worker *worker, int code)
{
    if (code != ENOSPC && code != ENOMEM) {
        return false;
    }
    moor_library_repair_loop(worker->context.loop);
    moor_acceptor_recover(worker);
    struct moor_connection *connection = moor_connection_first(worker);
    while (connection != NULL) {
        struct moor_connection *next = moor_connection_next(connection);
        if (moor_library_is_lost(connection->sock)) {
            close_lost(connection);
        }
        connection = next;
    }
    moor_acceptor_pause(worker, code);
    return true;
}

/*
 * Waiting work is not an event of a socket, so the loop must not sleep while a handshake or request
 * can continue.  A paused connection is resumed by a look at the budget, not by an event.
 */
static int32_t longest_wait_ms(const struct moor_worker *worker)
{
    return moor_handshake_is_waiting(worker) || moor_turns_can_run(worker) ? 0
           : worker->paused_count > 0 || !worker->listening || moor_turns_are_waiting(worker)
               ? PAUSED_LOOK_MS
               : SWEEP_MS;
}

static void run_loop(struct moor_worker *worker, int32_t wait_ms)
{
    if (h2o_evloop_run(worker->context.loop, wait_ms) == 0) {
        return;
    }
    /* A stopped and continued process gets EINTR even if it handles no signal. */
    int code = errno;
    if (code != EINTR && !recover(worker, code)) {
        char why[128];
        moor_shared_log(worker->shared, MOOR_LOG_ERROR,
                        "event loop failed: %s: exiting immediately",
                        strerror_r(code, why, sizeof why));
        moor_shared_end(worker->shared, 1);
    }
}

void moor_event_loop_turn(struct moor_worker *worker, bool may_wait)
{
    run_loop(worker, may_wait ? longest_wait_ms(worker) : 0);
    after_turn(worker);
}

static void serve(struct moor_worker *worker)
{
    while (!is_done(worker)) {
        moor_event_loop_turn(worker, true);
    }
    atomic_store(&worker->turned_us, UINT64_MAX); /* an ended loop is not stuck */
}

/*
 * Disposes of an empty context only, because libh2o aborts if a connection is left.  The process
 * exits soon in that case, so the memory does not matter.
 */
static void dispose(struct moor_worker *worker)
{
    if (worker->connection_count > 0) {
        return;
    }
    h2o_loop_t *loop = worker->context.loop;
    h2o_multithread_unregister_receiver(worker->context.queue, &worker->receiver);
    h2o_context_dispose(&worker->context);
    (void)h2o_evloop_run(loop, 0); /* frees the sockets that were closed last */
    h2o_evloop_destroy(loop);
    moor_body_buffers_release(worker);
    (void)close(worker->trial_epoll);
    h2o_config_dispose(&worker->globalconf);
}

/*
 * A finished worker waits for its dismissal, because other threads may still wake it through its
 * receiver.
 */
void *moor_event_loop_main(void *argument)
{
    struct moor_worker *worker = argument;
    struct moor_shared *shared = worker->shared;
    if (moor_event_loop_begin(worker) != 0) {
        moor_shared_report(shared, &shared->failed);
        return NULL;
    }
    moor_shared_report(shared, &shared->begun);
    serve(worker);
    moor_shared_report(shared, &shared->finished);
    moor_shared_wait_dismissed(shared);
    dispose(worker);
    if (shared->handler->thread_end != NULL && shared->serving == NULL) {
        shared->handler->thread_end(shared->handler->context, worker->workspace);
    }
    return NULL;
}

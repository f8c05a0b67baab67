/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/body_buffer.h"
#include "webhook/http/handler.h"
#include "webhook/http/library.h"
#include "webhook/http/limits.h"
#include "webhook/http/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SWEEP_MS           250
#define SWEEP_US           250000U
#define PAUSED_LOOK_MS     10 /* how soon a paused connection learns that there is room again */
#define ACCEPTS_A_WAKE_UP  2  /* more would put a burst of connections on one thread */
#define TRIM_AT_BYTES      ((size_t)8 << 20)
#define TRIM_BLOCK_BYTES   ((size_t)64 << 10) /* FASTBIN_CONSOLIDATION_THRESHOLD of glibc */
#define CUT_US             1000000U           /* for cut connections to be gone */
/* Its timers follow the wall clock, which may step; ten years are less than it has counted. */
#define LIBRARY_TIMEOUT_MS ((uint64_t)10 * 365 * 86400 * 1000)

void moor_shared_log(const struct moor_shared *shared, enum moor_log_level level,
                     const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    shared->handler->log(shared->handler->context, level, text);
}

_Noreturn void moor_shared_end(const struct moor_shared *shared, int status)
{
    if (shared->handler->flush != NULL) {
        shared->handler->flush(shared->handler->context);
    }
    _exit(status);
}

/* --- accepting ------------------------------------------------------------------------------- */

/* Marks connections to leave until there are no more than allowed, and wakes their threads. */
static void make_room(struct moor_worker *worker)
{
    struct moor_connection_slot *leaving;
    while ((leaving = moor_connection_table_dismiss(&worker->shared->connections,
                                                    moor_monotonic_us())) != NULL) {
        unsigned owner = atomic_load_explicit(&leaving->thread, memory_order_relaxed);
        if (owner != worker->index) {
            moor_worker_wake(worker->shared->workers[owner]);
        }
    }
}

/*
 * The kernel limits how many descriptors a user may watch.  A connection over that limit would be
 * accepted and lost; in the backlog it waits until there is room.
 */
static bool may_watch(const struct moor_worker *worker, h2o_socket_t *listener)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = h2o_socket_get_fd(listener);
    if (epoll_ctl(worker->trial_epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        return false;
    }
    (void)epoll_ctl(worker->trial_epoll, EPOLL_CTL_DEL, fd, &event);
    return true;
}

/* The slot comes first: once accepted, a client that finds none would be turned away. */
static bool accept_one(struct moor_worker *worker, h2o_socket_t *listener)
{
    struct moor_connection_table *table = &worker->shared->connections;
    if (!may_watch(worker, listener)) {
        return false;
    }
    struct moor_connection_slot *slot = moor_connection_table_claim(table);
    if (slot == NULL) {
        return false;
    }
    h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
    if (sock == NULL) {
        int code = errno;
        moor_connection_table_give_back(table, slot);
        errno = code;
        return false;
    }
    moor_connection_table_open(table, slot, worker->index, moor_monotonic_us());
    moor_counter_add(&worker->shared->counters.accepted, 1);
    struct moor_connection *connection = moor_connection_new(worker, sock, slot);
    if (connection == NULL) {
        moor_connection_table_give_back(table, slot);
        h2o_socket_close(sock);
        return true;
    }
    unsigned unsent_ms = worker->shared->config.times.unsent_timeout_ms;
    (void)setsockopt(h2o_socket_get_fd(sock), IPPROTO_TCP, TCP_USER_TIMEOUT, &unsent_ms,
                     sizeof unsent_ms);
    worker->accept.ssl_ctx = connection->tls;
    h2o_accept(&worker->accept, sock);
    moor_handshake_await(connection);
    return true;
}

static void listen_or_not(struct moor_worker *worker, bool listening);

/* Without a slot, a descriptor or memory the listener would wake us without end. */
static void pause_listening(struct moor_worker *worker, int code)
{
    if (code == EAGAIN || code == ECONNABORTED || code == EINTR) {
        return;
    }
    listen_or_not(worker, false);
    worker->listen_at_us = code == 0 ? 0 : moor_monotonic_us() + SWEEP_US;
    uint64_t omitted = 0;
    if (code != 0 && moor_log_limit_take(&worker->accept_log, moor_monotonic_us(), &omitted)) {
        char why[128];
        moor_shared_log(worker->shared, MOOR_LOG_WARN,
                        "new connections have to wait: %s: raise 'ulimit -n', the memory limit or "
                        "fs.epoll.max_user_watches (%llu more)",
                        strerror_r(code, why, sizeof why), (unsigned long long)omitted);
    }
}

/* Whether a client waits to be accepted. */
static bool has_newcomer(const struct moor_worker *worker)
{
    struct pollfd listeners[MOOR_SERVER_MAX_LISTENERS];
    nfds_t count = worker->shared->config.listen_count;
    for (nfds_t i = 0; i < count; i++) {
        listeners[i] =
            (struct pollfd){.fd = h2o_socket_get_fd(worker->listeners[i]), .events = POLLIN};
    }
    return poll(listeners, count, 0) != 0;
}

/* At the maximum clients wait in the backlog: their handshakes have not begun. */
static bool has_place(struct moor_worker *worker)
{
    struct moor_connection_table *table = &worker->shared->connections;
    uint64_t now_us = moor_monotonic_us();
    if (moor_connection_table_has_room(table) && moor_connection_table_may_accept(table, now_us)) {
        return true;
    }
    if (!has_newcomer(worker)) {
        return true;
    }
    moor_connection_table_wait(table, now_us);
    return false;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    struct moor_worker *worker = listener->data;
    if (err != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_A_WAKE_UP; i++) {
        errno = 0;
        if (!has_place(worker)) {
            pause_listening(worker, 0);
            break;
        }
        if (!accept_one(worker, listener)) {
            pause_listening(worker, errno);
            break;
        }
        make_room(worker);
    }
}

static void listen_or_not(struct moor_worker *worker, bool listening)
{
    if (worker->listening == listening || worker->closed_listeners) {
        return;
    }
    worker->listening = listening;
    for (size_t i = 0; i < worker->shared->config.listen_count; i++) {
        if (listening) {
            h2o_socket_read_start(worker->listeners[i], on_accept);
        } else {
            h2o_socket_read_stop(worker->listeners[i]);
        }
    }
}

/* What the kernel has accepted already is served: its clients know nothing of the drain. */
static void close_listeners(struct moor_worker *worker)
{
    if (worker->closed_listeners) {
        return;
    }
    listen_or_not(worker, false);
    worker->closed_listeners = true;
    for (size_t i = 0; i < worker->shared->config.listen_count; i++) {
        while (accept_one(worker, worker->listeners[i])) {
        }
        h2o_socket_close(worker->listeners[i]);
    }
}

/*
 * malloc_trim() gives back the holes in the heap of a thread but not its end, which can be all of
 * it after many connections have closed.  glibc gives the end back when a block is freed that is
 * at least this large.
 */
static void trim_own_heap(struct moor_worker *worker)
{
    if (worker->trims_due > 0) {
        worker->trims_due--;
        void *volatile block = malloc(TRIM_BLOCK_BYTES); /* volatile, or the compiler drops both */
        free(block);
    }
}

/*
 * The main thread trims the heap once a second.  Many connections can come and go in that time, and
 * the holes that they leave add to what is in use: a worker does not wait for it then.
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
        /* h2o_context_request_shutdown() would start a timer of HTTP/2 that outlives the drain. */
        worker->context.shutdown_requested = 1;
    }
    if (moor_worker_phase(worker) >= MOOR_PHASE_DRAINING) {
        close_listeners(worker);
    }
    moor_limits_enforce(worker, sweep);
    moor_limits_enforce_budget(worker);
    trim_if_much_was_freed(worker);
    make_room(worker);
    if (!worker->listening && !worker->closed_listeners && worker->now_us >= worker->listen_at_us &&
        has_place(worker)) {
        listen_or_not(worker, true);
    }
    moor_turns_run(worker);
    atomic_store_explicit(&worker->turned_us, moor_monotonic_us(), memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&worker->turns, 1, memory_order_relaxed);
}

struct moor_worker_state moor_worker_state(const struct moor_worker *worker, uint64_t now_us)
{
    uint64_t turned_us = atomic_load_explicit(&worker->turned_us, memory_order_relaxed);
    return (struct moor_worker_state){
        .turns = atomic_load_explicit(&worker->turns, memory_order_relaxed),
        .since_turn_us = now_us > turned_us ? now_us - turned_us : 0,
    };
}

/* --- the thread ------------------------------------------------------------------------------ */

static void on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    (void)messages; /* there are none: being awake is the message */
}

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

/* Each worker has descriptors of its own for the listening sockets. */
static int open_listeners(struct moor_worker *worker)
{
    for (size_t i = 0; i < worker->shared->config.listen_count; i++) {
        int fd = fcntl(worker->shared->listen_fds[i], F_DUPFD_CLOEXEC, 3);
        if (fd < 0) {
            return -1;
        }
        h2o_socket_t *sock =
            h2o_evloop_socket_create(worker->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
        worker->listeners[i] = sock;
        sock->data = worker;
        if (!moor_library_is_known(sock, worker->context.loop, H2O_SOCKET_FLAG_DONT_READ)) {
            moor_shared_log(worker->shared, MOOR_LOG_ERROR,
                            "the event loop is not that of libh2o 2.2.5: build with its headers");
            return -1;
        }
    }
    return 0;
}

int moor_worker_begin(struct moor_worker *worker)
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
    moor_turns_init(worker, moor_handler_take_turn);
    worker->trial_epoll = epoll_create1(EPOLL_CLOEXEC);
    h2o_context_init(&worker->context, h2o_evloop_create(), &worker->globalconf);
    h2o_multithread_register_receiver(worker->context.queue, &worker->receiver, on_message);
    worker->accept.ctx = &worker->context;
    worker->accept.hosts = worker->globalconf.hosts;
    if (worker->trial_epoll < 0 || open_listeners(worker) != 0) {
        return -1;
    }
    listen_or_not(worker, true);
    atomic_store_explicit(&worker->turned_us, moor_monotonic_us(), memory_order_relaxed);
    atomic_store(&worker->wakeable, true);
    return 0;
}

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
 * The loop took the socket off its list and could not register it: it would never hear of it again.
 * Whichever callback waits is told of an error, as libh2o does itself, and closes the connection.
 */
static void close_lost(struct moor_connection *connection)
{
    h2o_socket_t *sock = connection->sock;
    moor_library_forget_polling(sock);
    connection->cut = true;
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

/* A listener that was lost is registered again with the next look. */
static void recover_listeners(struct moor_worker *worker)
{
    for (size_t i = 0; i < worker->shared->config.listen_count; i++) {
        if (!worker->closed_listeners && moor_library_is_lost(worker->listeners[i])) {
            moor_library_forget_polling(worker->listeners[i]);
            listen_or_not(worker, false);
        }
    }
}

/*
 * After a failed run of the loop.  The kernel refuses to register a descriptor where the user has
 * used up what may be watched, or where memory is short: both pass.  Nothing else can be mended.
 */
static bool recover(struct moor_worker *worker, int code)
{
    if (code != ENOSPC && code != ENOMEM) {
        return false;
    }
    moor_library_repair_loop(worker->context.loop);
    recover_listeners(worker);
    struct moor_connection *connection = moor_connection_first(worker);
    while (connection != NULL) {
        struct moor_connection *next = moor_connection_next(connection);
        if (moor_library_is_lost(connection->sock)) {
            close_lost(connection);
        }
        connection = next;
    }
    pause_listening(worker, code);
    return true;
}

static int32_t longest_wait_ms(const struct moor_worker *worker)
{
    return moor_turns_can_run(worker) ? 0
           : worker->paused_count > 0 || !worker->listening || moor_turns_are_waiting(worker)
               ? PAUSED_LOOK_MS
               : SWEEP_MS;
}

static void run_loop(struct moor_worker *worker, int32_t wait_ms)
{
    if (h2o_evloop_run(worker->context.loop, wait_ms) == 0) {
        return;
    }
    /* A stopped and continued process sees EINTR even where no signal is handled. */
    int code = errno;
    if (code != EINTR && !recover(worker, code)) {
        char why[128];
        moor_shared_log(worker->shared, MOOR_LOG_ERROR, "event loop: %s: ending at once",
                        strerror_r(code, why, sizeof why));
        moor_shared_end(worker->shared, 1);
    }
}

void moor_worker_turn(struct moor_worker *worker, bool may_wait)
{
    run_loop(worker, may_wait ? longest_wait_ms(worker) : 0);
    after_turn(worker);
}

static void serve(struct moor_worker *worker)
{
    while (!is_done(worker)) {
        moor_worker_turn(worker, true);
    }
    atomic_store(&worker->turned_us, UINT64_MAX); /* it has ended: it is not stuck */
}

/* Only an empty context can be disposed of: libh2o aborts where a connection is left. */
static void dispose(struct moor_worker *worker)
{
    if (worker->connection_count > 0) {
        return;
    }
    h2o_loop_t *loop = worker->context.loop;
    h2o_multithread_unregister_receiver(worker->context.queue, &worker->receiver);
    h2o_context_dispose(&worker->context);
    (void)h2o_evloop_run(loop, 0); /* frees what was closed last */
    h2o_evloop_destroy(loop);
    moor_body_buffers_release(worker);
    (void)close(worker->trial_epoll);
    h2o_config_dispose(&worker->globalconf);
}

static void report(struct moor_shared *shared, unsigned *counter)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    (*counter)++;
    (void)pthread_cond_broadcast(&shared->life_changed);
    (void)pthread_mutex_unlock(&shared->life_lock);
}

static void wait_for_dismissal(struct moor_shared *shared)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    while (!shared->dismissed) {
        (void)pthread_cond_wait(&shared->life_changed, &shared->life_lock);
    }
    (void)pthread_mutex_unlock(&shared->life_lock);
}

void *moor_worker_main(void *argument)
{
    struct moor_worker *worker = argument;
    struct moor_shared *shared = worker->shared;
    if (moor_worker_begin(worker) != 0) {
        report(shared, &shared->failed);
        return NULL;
    }
    report(shared, &shared->begun);
    serve(worker);
    report(shared, &shared->finished);
    wait_for_dismissal(shared);
    dispose(worker);
    if (shared->handler->thread_end != NULL && shared->serving == NULL) {
        shared->handler->thread_end(shared->handler->context, worker->workspace);
    }
    return NULL;
}

struct moor_worker *moor_worker_new(struct moor_shared *shared, unsigned index)
{
    struct moor_worker *worker = calloc(1, sizeof *worker);
    if (worker != NULL) {
        worker->shared = shared;
        worker->index = index;
        h2o_linklist_init_anchor(&worker->connections);
        /* Bodies never touch the disk. */
        h2o_socket_buffer_mmap_settings.threshold = SIZE_MAX;
    }
    return worker;
}

void moor_worker_free(struct moor_worker *worker)
{
    free(worker);
}

void moor_worker_wake(struct moor_worker *worker)
{
    if (atomic_load(&worker->wakeable)) {
        h2o_multithread_send_message(&worker->receiver, NULL);
    }
}

const char *moor_server_library_version(void)
{
    return H2O_VERSION;
}

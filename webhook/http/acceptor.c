/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/acceptor.h"

#include "webhook/http/handshake.h"
#include "webhook/http/library.h"
#include "webhook/http/places.h"
#include "webhook/http/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>

#define ACCEPTS_A_WAKE_UP 2       /* more would put a burst of connections on one thread */
#define RETRY_US          250000U /* after an error of accept() */
#define CONTINUE_BYTES    25U     /* "HTTP/1.1 100 Continue\r\n\r\n" */

/*
 * The owner of a slot must act on the mark.  It may wait in its event loop, so it is woken; this
 * worker handles its own connections later in the same turn.
 */
void moor_acceptor_make_room(struct moor_worker *worker)
{
    struct moor_connection_slot *leaving;
    while ((leaving = moor_places_dismiss(&worker->shared->connections, moor_monotonic_us())) !=
           NULL) {
        unsigned owner = atomic_load_explicit(&leaving->thread, memory_order_relaxed);
        if (owner != worker->index) {
            moor_worker_wake(worker->shared->workers[owner]);
        }
    }
}

/*
 * The kernel limits how many descriptors a user may watch with epoll.  A connection over that limit
 * would be accepted and lost.  A trial registration detects the limit first, so that the connection
 * waits in the backlog until there is room.
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

/* --- the end of a connection ------------------------------------------------------------------ */

/*
 * libh2o answers malformed and oversized requests itself, without a call of the handler.  Such an
 * answer shows only in the bytes that were written since the connection was idle.  An interim 100
 * response does not count.
 */
static void count_refused(const struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (moor_connection_requests(connection) != connection->idle_requests ||
        connection->sock->bytes_written <= connection->idle_written + CONTINUE_BYTES) {
        return;
    }
    enum moor_request_error cause = MOOR_REQUEST_MALFORMED;
    if (worker->context.emitted_error_status[H2O_STATUS_ERROR_413] > worker->body_refusals) {
        worker->body_refusals++;
        moor_worker_hit(worker, MOOR_LIMIT_BODY);
        cause = MOOR_REQUEST_BODY_SIZE;
    }
    moor_counter_add(&worker->shared->counters.request_errors[cause], 1);
}

/*
 * libh2o frees the socket after this callback, so this is the last moment at which the connection
 * can be counted.  OpenSSL does not report a handshake that the client abandons; it is counted
 * here.
 */
static void on_close(void *data)
{
    struct moor_connection *connection = data;
    if (connection->encrypted) {
        count_refused(connection);
    } else {
        moor_handshake_count_closed(connection);
    }
    moor_turns_forget(connection);
    moor_connection_free(connection);
}

/* --- listening -------------------------------------------------------------------------------- */

/*
 * Claims the slot first, because an accepted client without a slot would have to be closed.
 * Releasing the slot may change errno, from which the caller learns why accept() failed.
 * TCP_USER_TIMEOUT closes connections whose clients do not read, because libh2o has no write
 * timeout.
 */
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
    sock->on_close.cb = on_close;
    unsigned unsent_ms = worker->shared->config.times.unsent_timeout_ms;
    (void)setsockopt(h2o_socket_get_fd(sock), IPPROTO_TCP, TCP_USER_TIMEOUT, &unsent_ms,
                     sizeof unsent_ms);
    worker->accept.ssl_ctx = connection->tls;
    h2o_accept(&worker->accept, sock);
    moor_handshake_await(connection);
    return true;
}

static void listen_or_not(struct moor_worker *worker, bool listening);

/*
 * Stops listening.  Without a slot, a descriptor or memory, the level-triggered listener would wake
 * the event loop without end.  Some errors concern only one client or mean that another worker
 * accepted it; they do not stop the listener.
 */
void moor_acceptor_pause(struct moor_worker *worker, int code)
{
    if (code == EAGAIN || code == ECONNABORTED || code == EINTR) {
        return;
    }
    listen_or_not(worker, false);
    worker->listen_at_us = code == 0 ? 0 : moor_monotonic_us() + RETRY_US;
    uint64_t omitted = 0;
    if (code != 0 && moor_log_limit_take(&worker->accept_log, moor_monotonic_us(), &omitted)) {
        char why[128];
        moor_shared_log(worker->shared, MOOR_LOG_WARN,
                        "cannot accept connections: %s: raise 'ulimit -n', the memory limit or "
                        "fs.epoll.max_user_watches (%llu omitted)",
                        strerror_r(code, why, sizeof why), (unsigned long long)omitted);
    }
}

/* Polls the listeners, because places are freed only for a client that waits. */
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

/*
 * Clients wait in the backlog at the maximum, because their handshakes have not begun there and
 * cost nothing.  If no client waits, listening continues: the event loop reports the next one.
 */
static bool has_place(struct moor_worker *worker)
{
    struct moor_connection_table *table = &worker->shared->connections;
    uint64_t now_us = moor_monotonic_us();
    if (moor_connection_table_has_room(table) && moor_places_may_accept(table, now_us)) {
        return true;
    }
    if (!has_newcomer(worker)) {
        return true;
    }
    moor_places_wait(table, now_us);
    return false;
}

/*
 * Accepts a few connections for each wake-up.  The listening socket is shared, so a thread that
 * accepted all connections of a burst would serve all of them alone.
 */
static void on_accept(h2o_socket_t *listener, const char *err)
{
    struct moor_worker *worker = listener->data;
    if (err != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_A_WAKE_UP; i++) {
        errno = 0;
        if (!has_place(worker)) {
            moor_acceptor_pause(worker, 0);
            break;
        }
        if (!accept_one(worker, listener)) {
            moor_acceptor_pause(worker, errno);
            break;
        }
        moor_acceptor_make_room(worker);
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

void moor_acceptor_listen_again(struct moor_worker *worker)
{
    if (!worker->listening && !worker->closed_listeners && worker->now_us >= worker->listen_at_us &&
        has_place(worker)) {
        listen_or_not(worker, true);
    }
}

/*
 * Serves the connections that the kernel has already accepted, because their clients do not know
 * about the drain.  Closing the listener would reset them.
 */
void moor_acceptor_close(struct moor_worker *worker)
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
 * Duplicates the descriptors, because each worker closes its listeners at another moment.  Each
 * socket is compared with the copy of its private structure, before the copy is used for
 * connections.
 */
int moor_acceptor_open(struct moor_worker *worker)
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
                            "libh2o has an unknown event loop: build and run with libh2o 2.2.5");
            return -1;
        }
    }
    listen_or_not(worker, true);
    return 0;
}

/*
 * Stops all listeners if one was lost, because moor_acceptor_listen_again() registers them again.
 */
void moor_acceptor_recover(struct moor_worker *worker)
{
    for (size_t i = 0; i < worker->shared->config.listen_count; i++) {
        if (!worker->closed_listeners && moor_library_is_lost(worker->listeners[i])) {
            moor_library_forget_polling(worker->listeners[i]);
            listen_or_not(worker, false);
        }
    }
}

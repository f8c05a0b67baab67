/* SPDX-License-Identifier: Apache-2.0 */
#include <h2o.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <unistd.h>

#include "webhook/listen.h"
#include "webhook/route.h"
#include "webhook/worker.h"

/* libh2o.so was built for its own event loop; with another one every structure differs. */
_Static_assert(H2O_USE_LIBUV == 0, "build with -DH2O_USE_LIBUV=0");
_Static_assert(sizeof(h2o_context_t) == 864, "not the h2o_context_t of libh2o-evloop 2.2.5");
_Static_assert(sizeof(h2o_req_t) == 608, "not the h2o_req_t of libh2o-evloop 2.2.5");

#define SWEEP_MS          250
#define PAUSED_LOOK_MS    10 /* how soon a paused connection learns that there is room again */
#define ACCEPTS_A_WAKE_UP 2  /* more would put a burst of connections on one thread */
#define FRESH_DRAIN_US    1000000U /* for the first request of a new connection in a drain */
#define CUT_US            1000000U /* for cut connections to be gone */
#define LIBRARY_TIMEOUT_MS \
    86400000U /* its timers follow the wall clock: the sweep is before them */
#define READY_BYTES    4096U
#define CONTINUE_BYTES 25U /* "HTTP/1.1 100 Continue\r\n\r\n" */

struct connection {
    h2o_linklist_t link; /* first: in `worker->connections` */
    struct moor_worker *worker;
    struct moor_connection *slot;
    h2o_socket_t *sock;
    SSL_CTX *tls;              /* a reference: libh2o keeps a bare pointer until the first bytes */
    const SSL *ssl;            /* during the handshake, else NULL */
    h2o_socket_cb paused_read; /* what to read on with, NULL where it is not paused */
    uint64_t seen_turn;        /* libh2o last had it as an HTTP connection */
    size_t idle_written;       /* bytes written, and requests counted, when it was last idle */
    uint64_t idle_requests;
    bool encrypted;   /* the handshake is done */
    bool established; /* libh2o speaks HTTP on it */
    bool refused;     /* the client sent an alert in the handshake */
    bool cut;         /* it was shut down and will be closed */
    bool ended;       /* no more requests are read: the drain */
    char peer[MOOR_ADDRESS_TEXT_BYTES];
};

struct moor_worker {
    struct moor_shared *shared;
    unsigned index;
    h2o_globalconf_t globalconf;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_multithread_receiver_t receiver;
    atomic_bool wakeable;
    h2o_socket_t *listeners[MOOR_SERVER_MAX_LISTENERS];
    bool listening; /* reading from the listeners */
    bool closed_listeners;
    h2o_linklist_t connections;
    size_t connection_count;
    size_t paused_count;
    uint64_t turn;
    uint64_t now_us; /* of this turn */
    uint64_t sweep_at_us;
    uint64_t cutting_since_us;
    uint64_t log_at_us;     /* the next handshake error may be logged */
    uint64_t log_omitted;   /* that were not, since the last one */
    uint64_t body_refusals; /* 413 by libh2o that were counted */
    void *workspace;
};

static uint64_t monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

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

static enum moor_phase phase_of(const struct moor_worker *worker)
{
    return atomic_load(&worker->shared->phase);
}

static void hit(struct moor_worker *worker, enum moor_limit limit)
{
    moor_counter_add(&worker->shared->counters.limit_hits[limit], 1);
}

/* --- one connection -------------------------------------------------------------------------- */

#define FOR_EACH_CONNECTION(worker, name)                                                   \
    for (struct connection *name = (struct connection *)(void *)(worker)->connections.next; \
         &(name)->link != &(worker)->connections;                                           \
         name = (struct connection *)(void *)(name)->link.next)

static uint64_t since_us_of(const struct connection *connection)
{
    return atomic_load_explicit(&connection->slot->since_us, memory_order_relaxed);
}

static uint64_t requests_of(const struct connection *connection)
{
    return atomic_load_explicit(&connection->slot->requests, memory_order_relaxed);
}

static enum moor_connection_state state_of(const struct connection *connection)
{
    return atomic_load_explicit(&connection->slot->state, memory_order_relaxed);
}

static void pause_reading(struct connection *connection)
{
    if (connection->paused_read != NULL || !h2o_socket_is_reading(connection->sock)) {
        return;
    }
    connection->paused_read = connection->sock->_cb.read;
    h2o_socket_read_stop(connection->sock);
    connection->worker->paused_count++;
    hit(connection->worker, MOOR_LIMIT_BUFFERED_PAUSE);
}

static void resume_reading(struct connection *connection)
{
    if (connection->paused_read == NULL) {
        return;
    }
    h2o_socket_read_start(connection->sock, connection->paused_read);
    connection->paused_read = NULL;
    connection->worker->paused_count--;
}

/* Ends a connection that is over a limit: libh2o notices and closes it in its next turn. */
static void cut(struct connection *connection, enum moor_limit limit)
{
    if (connection->cut) {
        return;
    }
    connection->cut = true;
    hit(connection->worker, limit);
    resume_reading(connection); /* or nobody would notice */
    /* With a reset: the client may be waiting for room to write, and would hear of nothing else. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(h2o_socket_get_fd(connection->sock), SOL_SOCKET, SO_LINGER, &reset,
                     sizeof reset);
    (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RDWR);
    moor_shared_log(connection->worker->shared, MOOR_LOG_DEBUG, "connection from %s closed: %s",
                    connection->peer, moor_limit_name(limit));
}

/* Lets a connection end politely: what has arrived is still answered. */
static void end_reading(struct connection *connection)
{
    if (!connection->ended) {
        connection->ended = true;
        resume_reading(connection);
        (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RD);
    }
}

static void count_handshake_error(struct connection *connection, enum moor_handshake_error reason,
                                  const char *why)
{
    struct moor_worker *worker = connection->worker;
    moor_counter_add(&worker->shared->counters.handshake_errors[reason], 1);
    enum moor_log_level level = reason == MOOR_HANDSHAKE_REFUSED ? MOOR_LOG_WARN : MOOR_LOG_DEBUG;
    if (level == MOOR_LOG_WARN && worker->now_us < worker->log_at_us) {
        worker->log_omitted++;
        return;
    }
    moor_shared_log(worker->shared, level, "TLS handshake with %s failed: %s: %s (%llu more)",
                    connection->peer, moor_handshake_error_name(reason), why,
                    (unsigned long long)worker->log_omitted);
    if (level == MOOR_LOG_WARN) {
        worker->log_at_us = worker->now_us + 1000000U;
        worker->log_omitted = 0;
    }
}

/* What libh2o refuses alone: bytes were written and no request was handed over. */
static void count_refused(const struct connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (requests_of(connection) != connection->idle_requests ||
        connection->sock->bytes_written <= connection->idle_written + CONTINUE_BYTES) {
        return;
    }
    enum moor_request_error cause = MOOR_REQUEST_MALFORMED;
    if (worker->context.emitted_error_status[H2O_STATUS_ERROR_413] > worker->body_refusals) {
        worker->body_refusals++;
        hit(worker, MOOR_LIMIT_BODY);
        cause = MOOR_REQUEST_BODY_SIZE;
    }
    moor_counter_add(&worker->shared->counters.request_errors[cause], 1);
}

static void on_close(void *data)
{
    struct connection *connection = data;
    struct moor_worker *worker = connection->worker;
    if (!connection->encrypted && !connection->refused) {
        count_handshake_error(connection,
                              connection->cut ? MOOR_HANDSHAKE_LIMIT : MOOR_HANDSHAKE_CLOSED,
                              "closed before its end");
    } else if (connection->encrypted) {
        count_refused(connection);
    }
    if (connection->paused_read != NULL) {
        worker->paused_count--;
    }
    (void)atomic_fetch_add_explicit(
        &worker->shared->freed_bytes,
        atomic_load_explicit(&connection->slot->charge, memory_order_relaxed) + 16384U,
        memory_order_relaxed);
    moor_connections_give_back(&worker->shared->connections, connection->slot);
    h2o_linklist_unlink(&connection->link);
    worker->connection_count--;
    SSL_CTX_free(connection->tls);
    free(connection);
}

static struct connection *connection_of_ssl(const SSL *ssl)
{
    BIO *bio = SSL_get_rbio(ssl);
    if (bio == NULL || strcmp(BIO_method_name(bio), "h2o_socket") != 0) {
        return NULL;
    }
    h2o_socket_t *sock = BIO_get_data(bio);
    return sock != NULL ? sock->on_close.data : NULL;
}

/*
 * libh2o clears OpenSSL's errors before anyone can read them, and tells nobody who the client is:
 * both are picked up here, in the midst of the handshake.
 */
static void on_tls_event(const SSL *ssl, int where, int value)
{
    struct connection *connection = connection_of_ssl(ssl);
    if (connection == NULL || connection->encrypted) {
        return;
    }
    connection->ssl = ssl;
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
        connection->encrypted = true;
        connection->ssl = NULL;
        return;
    }
    if (connection->refused) {
        return;
    }
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        connection->refused = true;
        count_handshake_error(connection, MOOR_HANDSHAKE_REFUSED,
                              SSL_alert_desc_string_long(value));
    } else if ((where & SSL_CB_ACCEPT_EXIT) == SSL_CB_ACCEPT_EXIT && value <= 0 &&
               ERR_peek_error() != 0) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        connection->refused = true;
        count_handshake_error(connection, MOOR_HANDSHAKE_PROTOCOL, reason != NULL ? reason : "?");
    }
}

/* --- requests -------------------------------------------------------------------------------- */

static struct connection *connection_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

static struct moor_worker *worker_of(const h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(struct moor_worker, context, req->conn->ctx);
}

static struct moor_slice slice_of(h2o_iovec_t bytes)
{
    return (struct moor_slice){bytes.base, bytes.base != NULL ? bytes.len : 0};
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } rows[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Payload Too Large"},
        {415, "Unsupported Media Type"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].status == status) {
            return rows[i].reason;
        }
    }
    return "Status";
}

static void send_answer(h2o_req_t *req, int status, const char *content_type,
                        struct moor_slice body)
{
    if (phase_of(worker_of(req)) >= MOOR_PHASE_LAME_DUCK || connection_of(req)->ended) {
        req->http1_is_persistent = 0;
    }
    req->res.status = status;
    req->res.reason = reason_of(status);
    req->res.content_length = body.len;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, content_type,
                   strlen(content_type));
    h2o_send_inline(req, body.len > 0 ? body.ptr : "", body.len);
}

static void refuse(h2o_req_t *req, int status, enum moor_request_error cause)
{
    moor_counter_add(&worker_of(req)->shared->counters.request_errors[cause], 1);
    send_answer(req, status, "text/plain; charset=utf-8",
                moor_slice_from(moor_route_explain(status)));
}

static size_t head_bytes(const h2o_req_t *req)
{
    size_t total = req->input.method.len + req->input.path.len + req->input.authority.len;
    for (size_t i = 0; i < req->headers.size; i++) {
        total += req->headers.entries[i].name->len + req->headers.entries[i].value.len + 4;
    }
    return total;
}

/* Whether bytes of a next request are there already: Kubernetes' client never does that. */
static bool is_pipelined(const h2o_req_t *req, const h2o_buffer_t *input)
{
    const char *end = input->bytes + input->size;
    if (req->entity.base != NULL) {
        return req->entity.base + req->entity.len < end;
    }
    const char *blank = memmem(input->bytes, input->size, "\r\n\r\n", 4);
    return blank != NULL && blank + 4 < end;
}

static bool is_ready(const struct moor_worker *worker, struct moor_buf *checks)
{
    const struct moor_server_handler *handler = worker->shared->handler;
    bool serving = phase_of(worker) == MOOR_PHASE_SERVING;
    moor_buf_append_text(checks, serving ? "[+]serving ok\n" : "[-]serving failed: draining\n");
    bool ready = handler->ready == NULL || handler->ready(handler->context, checks);
    moor_buf_append_text(checks,
                         serving && ready ? "readyz check passed\n" : "readyz check failed\n");
    return serving && ready;
}

static void answer_readyz(h2o_req_t *req)
{
    struct moor_buf checks;
    moor_buf_init(&checks, READY_BYTES);
    bool ready = is_ready(worker_of(req), &checks);
    size_t query_at = req->query_at != SIZE_MAX ? req->query_at + 1 : req->path.len;
    struct moor_slice query = moor_slice_sub(slice_of(req->path), query_at, req->path.len);
    struct moor_slice body = moor_buf_slice(&checks);
    if (!moor_route_is_verbose(query)) {
        body = ready ? MOOR_SLICE("ok\n") : moor_slice_from(moor_route_explain(503));
    }
    send_answer(req, ready ? 200 : 503, "text/plain; charset=utf-8", body);
    moor_buf_release(&checks);
}

static struct moor_slice content_type_of(const h2o_req_t *req)
{
    ssize_t at = h2o_find_header(&req->headers, H2O_TOKEN_CONTENT_TYPE, -1);
    return at >= 0 ? slice_of(req->headers.entries[at].value) : (struct moor_slice){NULL, 0};
}

static void answer_review(h2o_req_t *req, struct moor_slice environment)
{
    struct moor_worker *worker = worker_of(req);
    const struct moor_shared *shared = worker->shared;
    if (req->entity.len > shared->config.max_body_bytes) {
        hit(worker, MOOR_LIMIT_BODY);
        refuse(req, 413, MOOR_REQUEST_BODY_SIZE);
        return;
    }
    const struct moor_server_request request = {
        .method = slice_of(req->method),
        .path = slice_of(req->path_normalized),
        .environment = environment,
        .content_type = content_type_of(req),
        .body = slice_of(req->entity),
        .peer = moor_slice_from(connection_of(req)->peer),
        .received_us = monotonic_us(),
    };
    struct moor_answer answer = {
        .status = 500, .content_type = "text/plain; charset=utf-8", .body = {"", 0}};
    shared->handler->handle(shared->handler->context, worker->workspace, &request, &answer);
    send_answer(req, answer.status, answer.content_type, answer.body);
}

static void answer_route(h2o_req_t *req)
{
    struct moor_route route = moor_route_find(slice_of(req->method), slice_of(req->path_normalized),
                                              content_type_of(req));
    if (route.status == 404) {
        refuse(req, 404, MOOR_REQUEST_PATH);
    } else if (route.status == 405) {
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_ALLOW, NULL, route.allow,
                       strlen(route.allow));
        refuse(req, 405, MOOR_REQUEST_METHOD);
    } else if (route.status == 415) {
        refuse(req, 415, MOOR_REQUEST_CONTENT_TYPE);
    } else if (route.name == MOOR_ROUTE_REVIEW) {
        answer_review(req, route.environment);
    } else if (route.name == MOOR_ROUTE_READYZ) {
        answer_readyz(req);
    } else {
        send_answer(req, 200, "text/plain; charset=utf-8", MOOR_SLICE("ok\n"));
    }
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct moor_worker *worker = worker_of(req);
    struct connection *connection = connection_of(req);
    moor_counter_add(&worker->shared->counters.requests, 1);
    moor_connection_begin_answer(connection->slot, monotonic_us());
    if (is_pipelined(req, connection->sock->input)) {
        hit(worker, MOOR_LIMIT_PIPELINE);
        req->http1_is_persistent = 0;
    }
    if (head_bytes(req) > worker->shared->config.max_head_bytes) {
        hit(worker, MOOR_LIMIT_HEAD);
        req->http1_is_persistent = 0;
        refuse(req, 431, MOOR_REQUEST_HEAD_SIZE);
    } else {
        answer_route(req);
    }
    return 0;
}

/* --- accepting ------------------------------------------------------------------------------- */

static SSL_CTX *current_tls(struct moor_shared *shared)
{
    (void)pthread_mutex_lock(&shared->tls_lock);
    SSL_CTX *tls = shared->tls;
    (void)SSL_CTX_up_ref(tls);
    (void)pthread_mutex_unlock(&shared->tls_lock);
    return tls;
}

static void name_peer(struct connection *connection)
{
    struct sockaddr_storage address;
    if (h2o_socket_getpeername(connection->sock, (struct sockaddr *)&address) > 0) {
        moor_listen_format(connection->peer, (const struct sockaddr *)&address);
    }
}

static struct connection *new_connection(struct moor_worker *worker, h2o_socket_t *sock)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->slot =
        moor_connections_claim(&worker->shared->connections, worker->index, monotonic_us());
    if (connection->slot == NULL) {
        free(connection);
        return NULL;
    }
    connection->worker = worker;
    connection->sock = sock;
    connection->tls = current_tls(worker->shared);
    name_peer(connection);
    h2o_linklist_insert(&worker->connections, &connection->link);
    worker->connection_count++;
    return connection;
}

/* Marks connections to leave until there are no more than allowed, and wakes their threads. */
static void make_room(struct moor_worker *worker)
{
    struct moor_connection *leaving;
    while ((leaving = moor_connections_dismiss(&worker->shared->connections, monotonic_us())) !=
           NULL) {
        if (leaving->thread != worker->index) {
            moor_worker_wake(worker->shared->workers[leaving->thread]);
        }
    }
}

static bool accept_one(struct moor_worker *worker, h2o_socket_t *listener)
{
    if (!moor_connections_has_room(&worker->shared->connections)) {
        return false;
    }
    h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
    if (sock == NULL) {
        return false;
    }
    moor_counter_add(&worker->shared->counters.accepted, 1);
    struct connection *connection = new_connection(worker, sock);
    if (connection == NULL) {
        h2o_socket_close(sock);
        return true;
    }
    unsigned unsent_ms = worker->shared->config.times.unsent_timeout_ms;
    (void)setsockopt(h2o_socket_get_fd(sock), IPPROTO_TCP, TCP_USER_TIMEOUT, &unsent_ms,
                     sizeof unsent_ms);
    sock->on_close.cb = on_close;
    sock->on_close.data = connection;
    worker->accept.ssl_ctx = connection->tls;
    h2o_accept(&worker->accept, sock);
    return true;
}

static void listen_or_not(struct moor_worker *worker, bool listening);

static void on_accept(h2o_socket_t *listener, const char *err)
{
    struct moor_worker *worker = listener->data;
    if (err != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_A_WAKE_UP; i++) {
        errno = 0;
        if (!accept_one(worker, listener)) {
            /* No descriptor, no memory or no slot: the listener would wake us without end. */
            if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
                listen_or_not(worker, false);
            }
            break;
        }
    }
    make_room(worker);
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

/* --- after each turn ------------------------------------------------------------------------- */

static bool is_head_incomplete(const h2o_req_t *req)
{
    return req->timestamps.request_body_begin_at.tv_sec == 0;
}

/* Whether a request is on its way that is worth pausing. */
static bool is_large(const struct connection *connection)
{
    return state_of(connection) == MOOR_CONNECTION_RECEIVING &&
           connection->sock->input->size > MOOR_CONNECTION_SMALL_BYTES;
}

static void charge(struct connection *connection)
{
    bool expecting = is_large(connection) && connection->paused_read == NULL && !connection->cut;
    moor_connection_charge(&connection->worker->shared->connections, connection->slot,
                           connection->cut ? 0 : connection->sock->input->size, expecting);
}

/* Brings a slot up to date with what libh2o knows of the connection. */
static int observe(h2o_req_t *req, void *data)
{
    struct moor_worker *worker = data;
    struct connection *connection = connection_of(req);
    size_t buffered = connection->sock->input->size;
    connection->seen_turn = worker->turn;
    connection->established = true;
    connection->ssl = NULL;
    if (req->timestamps.request_begin_at.tv_sec == 0) {
        moor_connection_enter(connection->slot, MOOR_CONNECTION_IDLE, worker->now_us);
        connection->idle_written = connection->sock->bytes_written;
        connection->idle_requests = requests_of(connection);
    } else if (req->processed_at.at.tv_sec == 0) {
        moor_connection_enter(connection->slot, MOOR_CONNECTION_RECEIVING, worker->now_us);
        if (is_head_incomplete(req) && buffered > worker->shared->config.max_head_bytes) {
            cut(connection, MOOR_LIMIT_HEAD);
        }
    } else {
        moor_connection_enter(connection->slot, MOOR_CONNECTION_ANSWERING, worker->now_us);
    }
    size_t before = atomic_load_explicit(&connection->slot->charge, memory_order_relaxed);
    charge(connection);
    if (before > buffered) {
        (void)atomic_fetch_add_explicit(&worker->shared->freed_bytes, before - buffered,
                                        memory_order_relaxed);
    }
    return 0;
}

/* A connection that libh2o does not have as HTTP: not yet, or not any more. */
static void observe_other(struct connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (connection->established) {
        moor_connection_enter(connection->slot, MOOR_CONNECTION_CLOSING, worker->now_us);
        moor_connection_charge(&worker->shared->connections, connection->slot, 0, false);
        return;
    }
    if (connection->ssl != NULL && BIO_number_read(SSL_get_rbio(connection->ssl)) >
                                       worker->shared->config.max_handshake_bytes) {
        cut(connection, MOOR_LIMIT_HANDSHAKE_BYTES);
    }
}

static void drain_connection(struct connection *connection)
{
    struct moor_worker *worker = connection->worker;
    enum moor_phase phase = phase_of(worker);
    if (phase == MOOR_PHASE_CUTTING) {
        cut(connection, MOOR_LIMIT_NONE);
    } else if (phase == MOOR_PHASE_DRAINING && state_of(connection) == MOOR_CONNECTION_IDLE) {
        bool fresh = atomic_load_explicit(&connection->slot->requests, memory_order_relaxed) == 0;
        uint64_t idle_us = worker->now_us -
                           atomic_load_explicit(&connection->slot->since_us, memory_order_relaxed);
        if (!fresh || idle_us > FRESH_DRAIN_US) {
            end_reading(connection);
        }
    }
}

static void look_at(struct connection *connection, bool sweep)
{
    struct moor_worker *worker = connection->worker;
    if (connection->seen_turn != worker->turn) {
        observe_other(connection);
    }
    if (atomic_load_explicit(&connection->slot->leaving, memory_order_relaxed) &&
        !connection->cut &&
        !moor_connection_stays(&worker->shared->connections, connection->slot)) {
        cut(connection, MOOR_LIMIT_CONNECTIONS);
    }
    enum moor_limit overdue =
        sweep ? moor_connection_overdue(connection->slot, &worker->shared->config.times,
                                        worker->now_us)
              : MOOR_LIMIT_NONE;
    if (overdue == MOOR_LIMIT_IDLE_TIMEOUT && !connection->ended) {
        hit(worker, overdue);
        end_reading(connection);
    } else if (overdue != MOOR_LIMIT_NONE && overdue != MOOR_LIMIT_IDLE_TIMEOUT) {
        cut(connection, overdue);
    }
    drain_connection(connection);
}

/* Of the connections that are paused the one waiting longest. */
static struct connection *find_paused(struct moor_worker *worker)
{
    struct connection *found = NULL;
    FOR_EACH_CONNECTION(worker, connection)
    {
        if (connection->paused_read != NULL &&
            (found == NULL || since_us_of(connection) < since_us_of(found))) {
            found = connection;
        }
    }
    return found;
}

/* Of the connections that could be paused the one whose request began last. */
static struct connection *find_youngest(struct moor_worker *worker)
{
    struct connection *found = NULL;
    FOR_EACH_CONNECTION(worker, connection)
    {
        if (is_large(connection) && !connection->cut &&
            (found == NULL || since_us_of(connection) > since_us_of(found))) {
            found = connection;
        }
    }
    return found;
}

static void pause_all_but(struct moor_worker *worker, const struct moor_connection *oldest)
{
    FOR_EACH_CONNECTION(worker, connection)
    {
        if (connection->slot != oldest && is_large(connection) && !connection->cut) {
            pause_reading(connection);
            charge(connection);
        }
    }
}

static void resume_one(struct moor_worker *worker, const struct moor_connection *slot)
{
    FOR_EACH_CONNECTION(worker, connection)
    {
        if (connection->slot == slot && connection->paused_read != NULL) {
            resume_reading(connection);
            charge(connection);
        }
    }
}

/* One after the other, as long as there is room for what each may bring. */
static void resume_some(struct moor_worker *worker)
{
    while (worker->paused_count > 0 && moor_connections_have_budget(&worker->shared->connections)) {
        struct connection *paused = find_paused(worker);
        resume_reading(paused);
        charge(paused);
    }
}

/*
 * libh2o calls the handler only when the whole body is there, so that refusing then would come too
 * late: reading stops while too much is buffered.  The oldest request of all goes on, so that
 * there is progress; where even pausing is too late the youngest are closed.
 */
static void keep_budget(struct moor_worker *worker)
{
    struct moor_connections *table = &worker->shared->connections;
    bool over = moor_connections_over_budget(table);
    if (!over && worker->paused_count == 0) {
        return;
    }
    const struct moor_connection *oldest = moor_connections_oldest_request(table);
    resume_one(worker, oldest);
    if (!over) {
        resume_some(worker);
        return;
    }
    pause_all_but(worker, oldest);
    while (moor_connections_far_over_budget(table)) {
        struct connection *youngest = find_youngest(worker);
        if (youngest == NULL || youngest->slot == oldest) {
            break;
        }
        cut(youngest, MOOR_LIMIT_BUFFERED_CLOSE);
        charge(youngest);
    }
}

static void after_turn(struct moor_worker *worker)
{
    worker->turn++;
    worker->now_us = monotonic_us();
    bool sweep = worker->now_us >= worker->sweep_at_us;
    if (sweep) {
        worker->sweep_at_us = worker->now_us + SWEEP_MS * 1000U;
    }
    if (phase_of(worker) >= MOOR_PHASE_LAME_DUCK) {
        /* h2o_context_request_shutdown() would start a timer of HTTP/2 that outlives the drain. */
        worker->context.shutdown_requested = 1;
    }
    if (phase_of(worker) >= MOOR_PHASE_DRAINING) {
        close_listeners(worker);
    }
    (void)worker->globalconf.http1.callbacks.foreach_request(&worker->context, observe, worker);
    FOR_EACH_CONNECTION(worker, connection)
    {
        look_at(connection, sweep); /* closes none: that is for the next turn */
    }
    keep_budget(worker);
    make_room(worker);
    if (!worker->listening && moor_connections_has_room(&worker->shared->connections) && sweep) {
        listen_or_not(worker, true);
    }
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
        config->max_body_bytes + MOOR_SERVER_OVERREAD_BYTES;
    worker->globalconf.handshake_timeout = LIBRARY_TIMEOUT_MS;
    worker->globalconf.http1.req_timeout = LIBRARY_TIMEOUT_MS;
    worker->globalconf.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&worker->globalconf, h2o_iovec_init("default", 7), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
}

static int begin(struct moor_worker *worker)
{
    const struct moor_server_handler *handler = worker->shared->handler;
    if (handler->thread_begin != NULL) {
        worker->workspace = handler->thread_begin(handler->context);
        if (worker->workspace == NULL) {
            return -1;
        }
    }
    configure(worker);
    h2o_context_init(&worker->context, h2o_evloop_create(), &worker->globalconf);
    h2o_multithread_register_receiver(worker->context.queue, &worker->receiver, on_message);
    worker->accept.ctx = &worker->context;
    worker->accept.hosts = worker->globalconf.hosts;
    for (size_t i = 0; i < worker->shared->config.listen_count; i++) {
        int fd = fcntl(worker->shared->listen_fds[i], F_DUPFD_CLOEXEC, 3);
        worker->listeners[i] =
            h2o_evloop_socket_create(worker->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
        worker->listeners[i]->data = worker;
    }
    listen_or_not(worker, true);
    atomic_store(&worker->wakeable, true);
    return 0;
}

static bool is_done(struct moor_worker *worker)
{
    enum moor_phase phase = phase_of(worker);
    if (phase == MOOR_PHASE_CUTTING && worker->cutting_since_us == 0) {
        worker->cutting_since_us = worker->now_us;
    }
    bool late = phase == MOOR_PHASE_CUTTING && worker->now_us - worker->cutting_since_us > CUT_US;
    return late || (worker->closed_listeners && worker->connection_count == 0);
}

static void serve(struct moor_worker *worker)
{
    while (!is_done(worker)) {
        int32_t wait_ms = worker->paused_count > 0 ? PAUSED_LOOK_MS : SWEEP_MS;
        /* A stopped and continued process sees EINTR even where no signal is handled. */
        if (h2o_evloop_run(worker->context.loop, wait_ms) != 0 && errno != EINTR) {
            char why[128];
            moor_shared_log(worker->shared, MOOR_LOG_ERROR, "event loop: %s",
                            strerror_r(errno, why, sizeof why));
            (void)usleep(PAUSED_LOOK_MS * 1000);
        }
        after_turn(worker);
    }
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
    if (begin(worker) != 0) {
        report(shared, &shared->failed);
        return NULL;
    }
    report(shared, &shared->begun);
    serve(worker);
    report(shared, &shared->finished);
    wait_for_dismissal(shared);
    dispose(worker);
    if (shared->handler->thread_end != NULL) {
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

void moor_worker_watch_tls(struct ssl_ctx_st *tls)
{
    SSL_CTX_set_info_callback(tls, on_tls_event);
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

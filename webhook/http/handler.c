/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/handler.h"

#include "policy/base/array_size.h"
#include "webhook/http/framing.h"
#include "webhook/http/places.h"
#include "webhook/http/route.h"
#include "webhook/http/turns.h"

#define READY_BYTES   4096U
#define METRICS_BYTES ((size_t)4 << 20)
#define TEXT          "text/plain; charset=utf-8"

static struct moor_worker *worker_of(const h2o_req_t *req)
{
    return moor_connection_of(req)->worker;
}

static struct moor_slice slice_of(h2o_iovec_t bytes)
{
    return (struct moor_slice){bytes.base, bytes.base != NULL ? bytes.len : 0};
}

/* libh2o writes the reason as given, so each status needs one. */
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

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        if (rows[i].status == status) {
            return rows[i].reason;
        }
    }
    return "Status";
}

/*
 * Returns whether the answer closes the connection.  An answer of an older certificate closes it,
 * so that the client verifies the new one.  On the listener for probes, connections also close
 * while many places are taken.  Otherwise a few clients that keep theirs busy would delay the
 * probes of the kubelet, which opens a new connection each time.
 */
static bool is_last_answer(const struct moor_connection *connection)
{
    const struct moor_shared *shared = connection->worker->shared;
    return moor_worker_phase(connection->worker) >= MOOR_PHASE_LAME_DUCK ||
           connection->slot->ended || moor_connection_slot_is_parting(connection->slot) ||
           connection->tls_generation != atomic_load(&shared->tls_generation) ||
           (shared->serving != NULL && moor_places_is_crowded(&shared->connections));
}

/*
 * libh2o decides on keep-alive when it parses the head, so a connection that must close is marked
 * again here.
 */
static void send_answer(h2o_req_t *req, int status, const char *content_type,
                        struct moor_slice body)
{
    if (is_last_answer(moor_connection_of(req))) {
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
    send_answer(req, status, TEXT, moor_slice_from(moor_route_explain(status)));
}

/*
 * libh2o limits the head only at 417,792 bytes, which is fixed in the library.  The sizes of the
 * parsed parts show the size of the head without a copy.
 */
static size_t head_bytes(const h2o_req_t *req)
{
    size_t total = req->input.method.len + req->input.path.len + req->input.authority.len;
    for (size_t i = 0; i < req->headers.size; i++) {
        total += req->headers.entries[i].name->len + req->headers.entries[i].value.len + 4;
    }
    return total;
}

/*
 * Returns whether bytes of a next request have arrived.  The client of kube-apiserver never
 * pipelines, so such a connection closes after its answer: it could otherwise hold several requests
 * at a time.
 */
static bool is_pipelined(const h2o_req_t *req, const h2o_buffer_t *input)
{
    const char *end = input->bytes + input->size;
    if (req->entity.base != NULL) {
        return req->entity.base + req->entity.len < end;
    }
    const char *blank = memmem(input->bytes, input->size, "\r\n\r\n", 4);
    return blank != NULL && blank + 4 < end;
}

static bool is_serving(const struct moor_shared *shared, struct moor_buf *checks)
{
    enum moor_phase phase = atomic_load(&shared->phase);
    moor_buf_append_text(checks, phase == MOOR_PHASE_SERVING    ? "[+]serving ok\n"
                                 : phase == MOOR_PHASE_STARTING ? "[-]serving failed: starting\n"
                                                                : "[-]serving failed: draining\n");
    return phase == MOOR_PHASE_SERVING;
}

/* Both listeners report the state of the serving port. */
static const struct moor_shared *serving_of(const struct moor_worker *worker)
{
    return worker->shared->serving != NULL ? worker->shared->serving : worker->shared;
}

/*
 * An expired certificate fails the readiness, because the API server would reject every connection
 * of this replica.  The clock is compared each time; nothing else happens when a certificate
 * expires.
 */
static bool is_ready(const struct moor_worker *worker, struct moor_buf *checks)
{
    const struct moor_server_handler *handler = worker->shared->handler;
    const struct moor_shared *shared = serving_of(worker);
    bool serving = is_serving(shared, checks);
    bool valid = (int64_t)time(NULL) <= atomic_load(&shared->expiry_s[MOOR_CERTIFICATE_LEAF]);
    moor_buf_append_text(checks,
                         valid ? "[+]certificate ok\n" : "[-]certificate failed: expired\n");
    bool ready = (handler->ready == NULL || handler->ready(handler->context, checks)) && valid;
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
    send_answer(req, ready ? 200 : 503, TEXT, body);
    moor_buf_release(&checks);
}

/*
 * A worker whose loop does not turn answers on none of its connections, so the kubelet should
 * restart the container.
 */
static void answer_livez(h2o_req_t *req)
{
    const struct moor_shared *shared = serving_of(worker_of(req));
    uint64_t now_us = moor_monotonic_us();
    for (unsigned i = 0; i < shared->config.threads; i++) {
        struct moor_worker_state state = moor_worker_state(shared->workers[i], now_us);
        if (state.since_turn_us > MOOR_WORKER_STUCK_S * UINT64_C(1000000)) {
            char text[96];
            int len = snprintf(text, sizeof text,
                               "livez check failed: event loop %u has not turned for %llu s\n", i,
                               (unsigned long long)(state.since_turn_us / 1000000U));
            send_answer(req, 503, TEXT, (struct moor_slice){text, (size_t)len});
            return;
        }
    }
    send_answer(req, 200, TEXT, MOOR_SLICE("ok\n"));
}

/*
 * An incomplete text would show wrong values, so running out of memory is an error of the scrape.
 */
static void answer_metrics(h2o_req_t *req)
{
    const struct moor_server_handler *handler = worker_of(req)->shared->handler;
    struct moor_buf text;
    moor_buf_init(&text, METRICS_BYTES);
    if (handler->metrics != NULL) {
        handler->metrics(handler->context, &text);
    }
    if (text.failed) {
        send_answer(req, 500, TEXT, moor_slice_from(moor_route_explain(500)));
    } else {
        send_answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", moor_buf_slice(&text));
    }
    moor_buf_release(&text);
}

static struct moor_slice content_type_of(const h2o_req_t *req)
{
    ssize_t at = h2o_find_header(&req->headers, H2O_TOKEN_CONTENT_TYPE, -1);
    return at >= 0 ? slice_of(req->headers.entries[at].value) : (struct moor_slice){NULL, 0};
}

/*
 * The route is found again, because a request may wait for its turn and only the request itself is
 * kept.  An answer is a 500 until the handler sets it: a mistake never becomes an admission.
 */
static void judge(h2o_req_t *req)
{
    const struct moor_connection *connection = moor_connection_of(req);
    const struct moor_shared *shared = connection->worker->shared;
    const struct moor_route route = moor_route_find(
        slice_of(req->method), slice_of(req->path_normalized), content_type_of(req));
    const struct moor_server_request request = {
        .method = slice_of(req->method),
        .path = slice_of(req->path_normalized),
        .environment = route.environment,
        .is_image_review = route.name == MOOR_ROUTE_IMAGE_REVIEW,
        .content_type = content_type_of(req),
        .body = slice_of(req->entity),
        .peer = moor_slice_from(connection->peer),
        .client_certificate = moor_slice_from(connection->certificate.subject),
        .received_us = connection->complete_us,
    };
    struct moor_answer answer = {.status = 500, .content_type = TEXT, .body = {"", 0}};
    shared->handler->handle(shared->handler->context, connection->worker->workspace, &request,
                            &answer);
    send_answer(req, answer.status, answer.content_type, answer.body);
}

void moor_handler_take_turn(h2o_req_t *req)
{
    (worker_of(req)->shared->serving == NULL ? judge : answer_metrics)(req);
}

/*
 * The client has sent the whole body at this point, so it reads the 413.  libh2o's own 413 would
 * reach it less often.
 */
static void answer_review(h2o_req_t *req)
{
    struct moor_worker *worker = worker_of(req);
    if (req->entity.len > worker->shared->config.max_body_bytes) {
        moor_worker_hit(worker, MOOR_LIMIT_BODY);
        refuse(req, 413, MOOR_REQUEST_BODY_SIZE);
        return;
    }
    moor_turns_enter(moor_connection_of(req), req);
}

static void answer_route(h2o_req_t *req)
{
    struct moor_slice path = slice_of(req->path_normalized);
    struct moor_route route =
        worker_of(req)->shared->serving == NULL
            ? moor_route_find(slice_of(req->method), path, content_type_of(req))
            : moor_route_find_probe(slice_of(req->method), path);
    if (route.status == 404) {
        refuse(req, 404, MOOR_REQUEST_PATH);
    } else if (route.status == 405) {
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_ALLOW, NULL, route.allow,
                       strlen(route.allow));
        refuse(req, 405, MOOR_REQUEST_METHOD);
    } else if (route.status == 415) {
        refuse(req, 415, MOOR_REQUEST_CONTENT_TYPE);
    } else if (route.name == MOOR_ROUTE_REVIEW || route.name == MOOR_ROUTE_IMAGE_REVIEW) {
        answer_review(req);
    } else if (route.name == MOOR_ROUTE_READYZ) {
        answer_readyz(req);
    } else if (route.name == MOOR_ROUTE_METRICS) {
        moor_turns_enter(moor_connection_of(req), req);
    } else {
        answer_livez(req);
    }
}

/*
 * Returns the raw head, because libh2o drops the headers that show ambiguous framing.  The names of
 * headers are in lower case by now.
 */
static struct moor_slice raw_head(const h2o_req_t *req, const h2o_buffer_t *input)
{
    const char *end = req->entity.base != NULL ? req->entity.base : input->bytes + input->size;
    return (struct moor_slice){input->bytes, (size_t)(end - input->bytes)};
}

static void answer_framed(h2o_req_t *req)
{
    const struct moor_connection *connection = moor_connection_of(req);
    switch (moor_framing_of(raw_head(req, connection->sock->input))) {
    case MOOR_FRAMING_REFUSE:
        req->http1_is_persistent = 0;
        refuse(req, 400, MOOR_REQUEST_MALFORMED);
        return;
    case MOOR_FRAMING_CLOSE:
        req->http1_is_persistent = 0;
        break;
    case MOOR_FRAMING_CLEAR:
        break;
    }
    answer_route(req);
}

/*
 * The cheap checks of size and framing come before the route, so that an ambiguous request gets no
 * other answer than 400.
 */
int moor_handler_answer(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct moor_worker *worker = worker_of(req);
    struct moor_connection *connection = moor_connection_of(req);
    connection->complete_us = moor_monotonic_us();
    moor_counter_add(&worker->shared->counters.requests, 1);
    moor_connection_slot_begin_answer(connection->slot, connection->complete_us);
    moor_tls_guard_begin_request(&connection->guard);
    if (is_pipelined(req, connection->sock->input)) {
        moor_worker_hit(worker, MOOR_LIMIT_PIPELINE);
        req->http1_is_persistent = 0;
    }
    if (head_bytes(req) > worker->shared->config.max_head_bytes) {
        moor_worker_hit(worker, MOOR_LIMIT_HEAD);
        req->http1_is_persistent = 0;
        refuse(req, 431, MOOR_REQUEST_HEAD_SIZE);
    } else {
        answer_framed(req);
    }
    return 0;
}

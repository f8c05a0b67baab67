/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_server - the server of the target `connection`: two real workers, one for TLS and one
 * for probes, whose event loops are turned by the target, and what must hold after each turn.
 *
 * CLOCK_MONOTONIC is the target's own clock (linked with --wrap=clock_gettime), so that every
 * timeout is reached without waiting.  The limits are smaller than the defaults of `tagmoor serve`.
 *
 * A run of the loop that uses a second of CPU time aborts, and so does a connection that holds more
 * than its limits allow.
 */
#ifndef MOOR_TESTS_FUZZ_CONNECTION_SERVER_H
#define MOOR_TESTS_FUZZ_CONNECTION_SERVER_H

#include "webhook/http/event_loop.h"
#include "webhook/http/handshake.h"
#include "webhook/http/library.h"
#include "webhook/http/turns.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define KIB           ((size_t)1 << 10)
#define SOCKET_BYTES  (32 * KIB) /* as server.c sets it; the kernel doubles it */
#define READ_BYTES    (96 * KIB) /* what one read of the loop may bring */
#define MAX_HEAD      (64 * KIB)
#define MAX_HANDSHAKE (32 * KIB)
#define MAX_BODY      (128 * KIB)
#define MAX_BUFFERED  (2048 * KIB)
#define MAX_ENTITY    (MAX_BODY + MOOR_SERVER_OVERREAD_BYTES)
#define MAX_REPLY     (512 * KIB)
#define MAX_HEAP      (16 * KIB * KIB) /* that one input may add, with its clients */
#define TURN_US       50U              /* what a turn takes on the target's clock */
#define STUCK_TICKS   4                /* ticks of 250 ms CPU time */

enum listener {
    LISTENER_UNIX,
    LISTENER_TCP,
    LISTENER_COUNT
};

struct serving {
    struct moor_shared shared;
    struct moor_worker *worker;
    int fds[LISTENER_COUNT];
    struct sockaddr_storage addresses[LISTENER_COUNT];
    socklen_t address_lens[LISTENER_COUNT];
};

static struct serving webhook;
static struct serving probes;
static SSL_CTX *server_contexts[2]; /* without and with mutual TLS */
static SSL_CTX *client_context;
static uint64_t clock_us = 1000000;
static unsigned long turn_number;

static inline void require_that(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "turn %lu: not so: %s\n", turn_number, what);
        abort();
    }
}

#define REQUIRE(condition) require_that((condition), #condition)

/* --- clock and watchdog ---------------------------------------------------------------------- */

/* NOLINTBEGIN(cert-dcl37-c,readability-identifier-naming): the linker's --wrap gives the names */
int __real_clock_gettime(clockid_t id, struct timespec *out);
int __wrap_clock_gettime(clockid_t id, struct timespec *out);

int __wrap_clock_gettime(clockid_t id, struct timespec *out)
{
    if (id != CLOCK_MONOTONIC) {
        return __real_clock_gettime(id, out);
    }
    *out = (struct timespec){(time_t)(clock_us / 1000000U), (long)(clock_us % 1000000U) * 1000L};
    return 0;
}

/* NOLINTEND(cert-dcl37-c,readability-identifier-naming) */

static inline void on_cpu_tick(int signal_number)
{
    static unsigned long seen_turn;
    static int ticks;
    (void)signal_number;
    ticks = seen_turn == turn_number ? ticks + 1 : 0;
    seen_turn = turn_number;
    if (ticks >= STUCK_TICKS && turn_number % 2 == 1) {
        static const char text[] = "a turn of the event loop does not end\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        abort();
    }
}

static inline void begin_watchdog(void)
{
    const struct sigaction action = {.sa_handler = on_cpu_tick, .sa_flags = SA_RESTART};
    const struct itimerval interval = {{0, 250000}, {0, 250000}};
    REQUIRE(sigaction(SIGPROF, &action, NULL) == 0);
    REQUIRE(setitimer(ITIMER_PROF, &interval, NULL) == 0);
}

/* Bytes that are allocated; with ASan from its own count. */
/* NOLINTNEXTLINE(cert-dcl37-c,readability-identifier-naming): the name is ASan's */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static inline size_t heap_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes != NULL
               ? __sanitizer_get_current_allocated_bytes()
               : mallinfo2().uordblks + mallinfo2().hblkhd;
}

/* --- certificates ---------------------------------------------------------------------------- */

static inline void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    REQUIRE(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* Serves as the server's certificate, as a client's, and as the CA of both. */
static inline X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    REQUIRE(certificate != NULL && X509_set_version(certificate, 2) == 1);
    X509_NAME *name = X509_get_subject_name(certificate);
    REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"fuzz", -1,
                                       -1, 0) == 1);
    REQUIRE(X509_set_issuer_name(certificate, name) == 1);
    REQUIRE(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL);
    REQUIRE(X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * 365) != NULL);
    REQUIRE(X509_set_pubkey(certificate, key) == 1);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_alt_name, "DNS:localhost");
    REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

/* A file in memory that has a path. */
static inline void name_file(char path[32], int fd)
{
    (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
}

static inline void load_contexts(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);
    int fds[2] = {memfd_create("certificate", MFD_CLOEXEC), memfd_create("key", MFD_CLOEXEC)};
    FILE *files[2] = {fdopen(fds[0], "w"), fdopen(fds[1], "w")};
    REQUIRE(files[0] != NULL && files[1] != NULL);
    REQUIRE(PEM_write_X509(files[0], certificate) == 1);
    REQUIRE(PEM_write_PrivateKey(files[1], key, NULL, NULL, 0, NULL, NULL) == 1);
    REQUIRE(fflush(files[0]) == 0 && fflush(files[1]) == 0);
    char paths[2][32];
    name_file(paths[0], fds[0]);
    name_file(paths[1], fds[1]);
    for (int i = 0; i < 2; i++) {
        const struct moor_tls_files names = {paths[0], paths[1], i == 1 ? paths[0] : NULL};
        struct moor_tls_certificate loaded;
        struct moor_error err = {0};
        REQUIRE(moor_tls_load(&server_contexts[i], &loaded, &names, (int64_t)time(NULL), &err) ==
                0);
        moor_handshake_observe(server_contexts[i]);
    }
    client_context = SSL_CTX_new(TLS_client_method());
    REQUIRE(SSL_CTX_use_certificate(client_context, certificate) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(client_context, key) == 1);
    REQUIRE(SSL_CTX_set_ciphersuites(client_context, "TLS_AES_128_GCM_SHA256") == 1);
    (void)fclose(files[0]);
    (void)fclose(files[1]);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* --- the handler ----------------------------------------------------------------------------- */

/* The number after `word`, 0 where the body does not begin with the word. */
static inline unsigned long number_after(struct moor_slice body, const char *word)
{
    char text[32] = "";
    if (!moor_slice_starts_with(body, moor_slice_from(word))) {
        return 0;
    }
    memcpy(text, body.ptr, body.len < sizeof text ? body.len : sizeof text - 1);
    return strtoul(text + strlen(word), NULL, 10);
}

/* `sleep MS` takes that long on the target's clock; `reply N` is answered with N bytes. */
static inline void handle(void *context, void *workspace, const struct moor_server_request *request,
                          struct moor_answer *out)
{
    static char text[MAX_REPLY];
    (void)context;
    (void)workspace;
    size_t reply = number_after(request->body, "reply ");
    clock_us += number_after(request->body, "sleep ") % 100U * 1000U;
    int len = snprintf(text, 64, "%zu\n", request->body.len);
    out->status = 200;
    out->content_type = "application/json";
    out->body = (struct moor_slice){text, reply > 0 ? reply % MAX_REPLY : (size_t)len};
}

static inline void fill_metrics(void *context, struct moor_buf *out)
{
    (void)context;
    for (int i = 0; i < 4000; i++) {
        moor_buf_append_text(out, "tagmoor_connections 12345\n");
    }
}

static inline void ignore_log(void *context, enum moor_log_level level, const char *message)
{
    (void)context;
    (void)level;
    REQUIRE(strchr(message, '\n') == NULL);
}

static const struct moor_server_handler handler = {.handle = handle,
                                                   .metrics = fill_metrics,
                                                   .log = ignore_log};

/* --- workers --------------------------------------------------------------------------------- */

static inline void listen_both(struct serving *side)
{
    struct sockaddr_un any = {.sun_family = AF_UNIX};
    char bound[MOOR_ADDRESS_TEXT_BYTES];
    struct moor_error err = {0};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any.sun_family) == 0);
    REQUIRE(listen(fd, 64) == 0);
    side->fds[LISTENER_UNIX] = fd;
    REQUIRE(moor_listen_open(&side->fds[LISTENER_TCP], bound, "127.0.0.1:0", SOCKET_BYTES,
                             "--listen", &err) == 0);
    for (int i = 0; i < LISTENER_COUNT; i++) {
        side->address_lens[i] = sizeof side->addresses[i];
        REQUIRE(getsockname(side->fds[i], (struct sockaddr *)&side->addresses[i],
                            &side->address_lens[i]) == 0);
    }
}

static inline void begin_worker(struct serving *side, const struct moor_shared *serving)
{
    struct moor_shared *shared = &side->shared;
    struct moor_error err = {0};
    const struct moor_server_config defaults = moor_server_config_defaults();
    moor_shared_init(shared, &defaults, &handler);
    shared->config.listen_count = LISTENER_COUNT;
    shared->config.threads = 1;
    shared->config.max_connections = 12;
    shared->config.max_body_bytes = MAX_BODY;
    shared->config.max_head_bytes = MAX_HEAD;
    shared->config.max_handshake_bytes = MAX_HANDSHAKE;
    shared->config.max_buffered_bytes = MAX_BUFFERED;
    shared->serving = serving;
    shared->listen_fds = side->fds;
    shared->workers = &side->worker;
    shared->tls = server_contexts[0];
    shared->phase = MOOR_PHASE_SERVING;
    shared->expiry_s[MOOR_CERTIFICATE_LEAF] = INT64_MAX;
    REQUIRE(moor_connection_table_init(&shared->connections, shared->config.max_connections,
                                       MAX_BUFFERED, MAX_ENTITY, &err) == 0);
    listen_both(side);
    side->worker = moor_worker_new(shared, 0);
    REQUIRE(side->worker != NULL && moor_event_loop_begin(side->worker) == 0);
}

static inline void begin_server(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    load_contexts();
    begin_worker(&webhook, NULL);
    begin_worker(&probes, &webhook.shared);
    begin_watchdog();
}

static inline void check_client(const struct moor_connection *connection)
{
    size_t encrypted = moor_library_encrypted_bytes(connection->sock);
    bool answering = moor_connection_state(connection) == MOOR_CONNECTION_ANSWERING;
    REQUIRE(encrypted <= READ_BYTES);
    /* OpenSSL reads no further after it has rejected bytes, so the connection ends. */
    REQUIRE(encrypted == 0 || !connection->established || answering || connection->slot->cut);
    REQUIRE(connection->encrypted ||
            encrypted + connection->guard.read_bytes <= MAX_HANDSHAKE + READ_BYTES);
    REQUIRE(connection->sock->input->size <= MAX_HEAD + MAX_ENTITY + READ_BYTES);
    REQUIRE(connection->slot->bytes.unsent <= 2 * MAX_REPLY);
}

static size_t heap_before; /* when the input began */

static inline void turn_side(struct serving *side)
{
    clock_us += TURN_US;
    turn_number++; /* odd: it runs */
    moor_event_loop_turn(side->worker, false);
    turn_number++;
    for (struct moor_connection *connection = moor_connection_first(side->worker);
         connection != NULL; connection = moor_connection_next(connection)) {
        check_client(connection);
    }
}

static inline void turn(void)
{
    turn_side(&webhook);
    turn_side(&probes);
    size_t heap = heap_bytes();
    REQUIRE(heap <= heap_before + MAX_HEAP);
}

/* struct st_h2o_evloop_epoll_t of libh2o. */
struct epoll_loop {
    h2o_evloop_t super;
    int fd;
};

/* Whether the worker would sleep now: no event waits, and nothing else is to be done. */
static inline bool is_quiet(const struct serving *side)
{
    const struct epoll_loop *loop =
        (const struct epoll_loop *)(const void *)side->worker->context.loop;
    struct pollfd events = {.fd = loop->fd, .events = POLLIN};
    return poll(&events, 1, 0) == 0 && !moor_handshake_is_waiting(side->worker) &&
           !moor_turns_can_run(side->worker);
}

/* Nothing is left of any connection, and none waits to be accepted. */
static inline bool is_at_rest(const struct serving *side)
{
    struct pollfd listeners[LISTENER_COUNT];
    for (int i = 0; i < LISTENER_COUNT; i++) {
        listeners[i] = (struct pollfd){.fd = side->fds[i], .events = POLLIN};
    }
    return side->worker->connection_count == 0 && side->shared.connections.open == 0 &&
           poll(listeners, LISTENER_COUNT, 0) == 0;
}

static inline void print_clients(const struct serving *side)
{
    for (const struct moor_connection *connection = moor_connection_first(side->worker);
         connection != NULL; connection = moor_connection_next(connection)) {
        (void)fprintf(stderr,
                      "left: %s, input %zu, encrypted %zu, unsent %zu, over %d, cut %d, ended %d, "
                      "paused %d, waiting %d, reading %d, writing %d\n",
                      moor_connection_state_name(moor_connection_state(connection)),
                      connection->sock->input->size, moor_library_encrypted_bytes(connection->sock),
                      connection->slot->bytes.unsent, connection->guard.over, connection->slot->cut,
                      connection->slot->ended, connection->paused_read != NULL,
                      connection->waiting_req != NULL, h2o_socket_is_reading(connection->sock),
                      h2o_socket_is_writing(connection->sock));
    }
}

static inline void check_at_rest(const struct serving *side)
{
    const struct moor_connection_table *table = &side->shared.connections;
    print_clients(side);
    REQUIRE(is_at_rest(side));
    REQUIRE(table->leaving == 0);
    REQUIRE(table->charged_bytes == 0);
    REQUIRE(table->unsent_bytes == 0);
    REQUIRE(table->waiting == 0 && side->worker->paused_count == 0);
    REQUIRE(table->judging == 0 && !table->judge_taken);
    REQUIRE(!moor_turns_are_waiting(side->worker) && !moor_handshake_is_waiting(side->worker));
    for (size_t i = 0; i < table->slot_count; i++) {
        REQUIRE(table->slots[i].state == MOOR_CONNECTION_FREE && !table->slots[i].claimed);
    }
}

#endif

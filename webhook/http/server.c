/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/server.h"

#include "webhook/http/event_loop.h"
#include "webhook/http/handshake.h"
#include "webhook/http/probes.h"

#include <malloc.h>
#include <signal.h>

#define TICK_MS             1000
#define DRAIN_LOOK_MS       20
#define CUT_MS              2000 /* time for the threads to end after the drain */
#define TRIM_BYTES          ((size_t)1 << 20)
#define MMAP_BYTES          (256 << 10)
#define SOCKET_BUFFER_BYTES (32 << 10) /* the kernel doubles it; one read returns no more */

struct moor_server {
    struct moor_shared shared;
    struct moor_probes probes;
    struct moor_tls_certificate certificate;
    int listen_fds[MOOR_SERVER_MAX_LISTENERS];
    char addresses[MOOR_SERVER_MAX_LISTENERS][MOOR_ADDRESS_TEXT_BYTES];
    size_t bound_count;
    struct moor_worker *workers[MOOR_SERVER_MAX_THREADS];
    pthread_t threads[MOOR_SERVER_MAX_THREADS];
    unsigned thread_count; /* threads that were started */
    bool stuck[MOOR_SERVER_MAX_THREADS];
};

/* --- opening --------------------------------------------------------------------------------- */

/*
 * Signals that the main thread waits for.  All threads must block them, or the kernel may deliver
 * them elsewhere.
 */
static void signals_that_end(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGHUP);
}

/*
 * Ignores SIGPIPE: a client that closes its connection before the answer is written must not end
 * the server.
 */
static void prepare_signals(void)
{
    sigset_t signals;
    signals_that_end(&signals);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/*
 * Allocates bodies with mmap(), so that their memory returns to the system when they are freed.
 * The thresholds are fixed, because glibc otherwise raises them when a large block is freed.
 */
static void prepare_heap(void)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): there is no other thread yet */
    (void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, MMAP_BYTES);
    /* NOLINTEND(concurrency-mt-unsafe) */
}

/*
 * The new context is complete before it replaces the old one, so that a failure changes nothing.
 * The generation shows workers which connections use an older certificate or client CA.
 */
int moor_server_reload_tls(struct moor_server *server, struct moor_error *err)
{
    struct moor_shared *shared = &server->shared;
    SSL_CTX *fresh = NULL;
    if (moor_tls_load(&fresh, &server->certificate, &shared->config.tls, (int64_t)time(NULL),
                      err) != 0) {
        return -1;
    }
    moor_handshake_observe(fresh);
    (void)pthread_mutex_lock(&shared->tls_lock);
    SSL_CTX *old = shared->tls;
    shared->tls = fresh;
    (void)atomic_fetch_add(&shared->tls_generation, 1);
    (void)pthread_mutex_unlock(&shared->tls_lock);
    atomic_store(&shared->expiry_s[MOOR_CERTIFICATE_LEAF], server->certificate.not_after_s);
    atomic_store(&shared->expiry_s[MOOR_CERTIFICATE_CA], server->certificate.ca_not_after_s);
    atomic_store(&shared->expiry_s[MOOR_CERTIFICATE_CLIENT_CA],
                 server->certificate.client_ca_not_after_s);
    SSL_CTX_free(old); /* connections hold their own references */
    return 0;
}

static int bind_all(struct moor_server *server, struct moor_error *err)
{
    const struct moor_server_config *config = &server->shared.config;
    for (size_t i = 0; i < config->listen_count; i++) {
        if (moor_listen_open(&server->listen_fds[i], server->addresses[i], config->listen[i],
                             SOCKET_BUFFER_BYTES, "--listen", err) != 0) {
            return -1;
        }
        server->bound_count++;
    }
    return 0;
}

/* Addresses are bound last, because clients connect as soon as a socket listens. */
static int load(struct moor_server *server, struct moor_error *err)
{
    struct moor_shared *shared = &server->shared;
    if (moor_server_config_check(&shared->config, err) != 0 ||
        moor_server_reload_tls(server, err) != 0 ||
        moor_connection_table_init(
            &shared->connections, shared->config.max_connections, shared->config.max_buffered_bytes,
            shared->config.max_body_bytes + MOOR_SERVER_OVERREAD_BYTES, err) != 0) {
        return -1;
    }
    return bind_all(server, err) != 0 ? -1 : moor_probes_open(&server->probes, shared, err);
}

int moor_server_open(struct moor_server **out, const struct moor_server_config *config,
                     const struct moor_server_handler *handler, struct moor_error *err)
{
    struct moor_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the server");
    }
    struct moor_shared *shared = &server->shared;
    moor_shared_init(shared, config, handler);
    shared->listen_fds = server->listen_fds;
    shared->workers = server->workers;
    server->probes.fd = -1;
    prepare_signals();
    prepare_heap();
    if (load(server, err) != 0) {
        moor_server_free(server);
        return -1;
    }
    *out = server;
    return 0;
}

static void close_listeners(struct moor_server *server)
{
    for (size_t i = 0; i < server->bound_count; i++) {
        (void)close(server->listen_fds[i]);
    }
    server->bound_count = 0;
}

void moor_server_free(struct moor_server *server)
{
    if (server == NULL) {
        return;
    }
    close_listeners(server);
    moor_probes_release(&server->probes);
    SSL_CTX_free(server->shared.tls);
    moor_shared_release(&server->shared);
    free(server);
}

/* --- running --------------------------------------------------------------------------------- */

/* Workers read the phase after each turn.  They are woken, because an idle event loop may wait. */
static void enter_phase(struct moor_server *server, enum moor_phase phase)
{
    atomic_store(&server->shared.phase, phase);
    for (unsigned i = 0; i < server->thread_count; i++) {
        moor_worker_wake(server->workers[i]);
    }
}

/*
 * Dismisses and joins the threads.  Workers are freed only afterwards, because a thread may wake
 * another one until it is joined.
 */
static void dismiss(struct moor_server *server)
{
    struct moor_shared *shared = &server->shared;
    moor_shared_dismiss(shared);
    for (unsigned i = 0; i < server->thread_count; i++) {
        (void)pthread_join(server->threads[i], NULL);
    }
    for (unsigned i = 0; i < shared->config.threads; i++) {
        moor_worker_free(server->workers[i]);
        server->workers[i] = NULL;
    }
}

/*
 * Starts the threads and returns how many serve, after each has begun or failed.  A thread needs
 * system calls at its start that the sandbox forbids later.
 */
static unsigned start_threads(struct moor_server *server)
{
    struct moor_shared *shared = &server->shared;
    for (unsigned i = 0; i < shared->config.threads; i++) {
        server->workers[i] = moor_worker_new(shared, i);
        if (server->workers[i] == NULL) {
            return 0;
        }
    }
    while (server->thread_count < shared->config.threads &&
           pthread_create(&server->threads[server->thread_count], NULL, moor_event_loop_main,
                          server->workers[server->thread_count]) == 0) {
        server->thread_count++;
    }
    return moor_shared_wait_begun(shared, server->thread_count);
}

/*
 * Waits for a signal for at most `wait_ms`.  Returns SIGTERM or SIGINT, or 0.  SIGHUP is passed to
 * the handler.
 */
static int wait_for_signal(const struct moor_server *server, uint32_t wait_ms)
{
    const struct moor_server_handler *handler = server->shared.handler;
    sigset_t signals;
    signals_that_end(&signals);
    const struct timespec wait = {(time_t)(wait_ms / 1000U), (long)(wait_ms % 1000U) * 1000000L};
    int caught = sigtimedwait(&signals, NULL, &wait);
    if (caught == SIGHUP && handler->reload != NULL) {
        handler->reload(handler->context);
    }
    return caught == SIGTERM || caught == SIGINT ? caught : 0;
}

/* Logs changes only: a stuck event loop would otherwise fill the log every second. */
static void watch_workers(struct moor_server *server)
{
    for (unsigned i = 0; i < server->thread_count; i++) {
        struct moor_worker_state state = moor_worker_state(server->workers[i], moor_monotonic_us());
        bool stuck = state.since_turn_us > MOOR_WORKER_STUCK_S * UINT64_C(1000000);
        if (stuck != server->stuck[i]) {
            server->stuck[i] = stuck;
            moor_shared_log(&server->shared, stuck ? MOOR_LOG_ERROR : MOOR_LOG_WARN,
                            stuck ? "event loop %u has not turned for %llu ms: /livez fails"
                                  : "event loop %u turns again (last turn %llu ms ago)",
                            i, (unsigned long long)(state.since_turn_us / 1000U));
        }
    }
}

/*
 * Trims the heap, because glibc keeps freed blocks until malloc_trim() returns them to the system.
 */
static void tick(struct moor_server *server)
{
    watch_workers(server);
    const struct moor_server_handler *handler = server->shared.handler;
    if (atomic_load(&server->shared.freed_bytes) > TRIM_BYTES) {
        atomic_store(&server->shared.freed_bytes, 0);
        (void)malloc_trim(0);
    }
    if (handler->tick != NULL) {
        handler->tick(handler->context);
    }
}

static uint64_t now_ms(void)
{
    return moor_monotonic_us() / 1000U;
}

/*
 * Waits for at most `duration_ms`, or until all workers have finished.  A second signal exits
 * immediately: the administrator does not want to wait for the drain.
 */
static void pass(struct moor_server *server, uint32_t duration_ms, bool until_finished)
{
    uint64_t end_ms = now_ms() + duration_ms;
    uint64_t tick_ms = now_ms() + TICK_MS;
    for (uint64_t now = now_ms(); now < end_ms; now = now_ms()) {
        if (until_finished && moor_shared_ended(&server->shared) >= server->thread_count) {
            return;
        }
        uint64_t left_ms = end_ms - now;
        uint32_t longest_ms = until_finished ? DRAIN_LOOK_MS : TICK_MS;
        int caught = wait_for_signal(server, left_ms < longest_ms ? (uint32_t)left_ms : longest_ms);
        if (caught != 0) {
            moor_shared_log(&server->shared, MOOR_LOG_WARN,
                            "second signal received: exiting immediately");
            moor_shared_end(&server->shared, 128 + caught);
        }
        if (now_ms() >= tick_ms) {
            tick(server);
            tick_ms += TICK_MS;
        }
    }
}

static void log_listening(const struct moor_server *server)
{
    for (size_t i = 0; i < server->bound_count; i++) {
        moor_shared_log(&server->shared, MOOR_LOG_INFO, "listening on '%s' with %u threads",
                        server->addresses[i], server->shared.config.threads);
    }
    if (server->probes.fd >= 0) {
        moor_shared_log(&server->shared, MOOR_LOG_INFO, "probes and metrics on '%s'",
                        server->probes.address);
    }
}

/*
 * kube-proxy removes the endpoint some time after the Pod is deleted, and new connections arrive
 * until then.  Therefore the server keeps accepting during the lame-duck time.
 */
static void drain(struct moor_server *server, int caught)
{
    const struct moor_server_config *config = &server->shared.config;
    moor_shared_log(&server->shared, MOOR_LOG_INFO,
                    "%s received: readiness fails, serving for another %u ms",
                    caught == SIGTERM ? "SIGTERM" : "SIGINT", config->lame_duck_ms);
    enter_phase(server, MOOR_PHASE_LAME_DUCK);
    pass(server, config->lame_duck_ms, false);
    close_listeners(server);
    enter_phase(server, MOOR_PHASE_DRAINING);
    pass(server, config->drain_ms, true);
    size_t left = moor_server_open_connections(server);
    enter_phase(server, MOOR_PHASE_CUTTING);
    pass(server, CUT_MS, true);
    moor_shared_log(&server->shared, left > 0 ? MOOR_LOG_WARN : MOOR_LOG_INFO,
                    "drain complete: %zu connections were cut", left);
}

static int begin(struct moor_server *server, struct moor_error *err)
{
    unsigned threads = server->shared.config.threads;
    if (start_threads(server) < threads) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM,
                              "cannot start %u threads: raise the memory limit or lower --threads",
                              threads);
    }
    return moor_probes_start(&server->probes, err);
}

/*
 * A server with fewer threads than configured would serve with less capacity unnoticed, so one
 * failure ends the start.
 */
int moor_server_start(struct moor_server *server, struct moor_error *err)
{
    if (begin(server, err) != 0) {
        enter_phase(server, MOOR_PHASE_CUTTING);
        pass(server, CUT_MS, true);
        dismiss(server);
        return -1;
    }
    enter_phase(server, MOOR_PHASE_SERVING);
    log_listening(server);
    return 0;
}

/*
 * A request that does not end holds its thread, and the thread cannot be joined.  Exiting
 * immediately is the only way to stop in time.
 */
void moor_server_run(struct moor_server *server)
{
    int caught = 0;
    uint64_t tick_ms = now_ms() + TICK_MS;
    while (caught == 0) {
        uint64_t now = now_ms();
        caught = wait_for_signal(server, tick_ms > now ? (uint32_t)(tick_ms - now) : 0);
        if (caught == 0 && now_ms() >= tick_ms) {
            tick(server);
            tick_ms = now_ms() + TICK_MS;
        }
    }
    drain(server, caught);
    if (!moor_probes_stop(&server->probes) ||
        moor_shared_ended(&server->shared) < server->thread_count) {
        moor_shared_log(&server->shared, MOOR_LOG_ERROR,
                        "a request is still running after the drain: exiting immediately");
        moor_shared_end(&server->shared, 1);
    }
    dismiss(server);
}

/* --- reading --------------------------------------------------------------------------------- */

const char *moor_server_address(const struct moor_server *server, size_t index)
{
    return index < server->shared.config.listen_count ? server->addresses[index] : NULL;
}

const struct moor_tls_certificate *moor_server_certificate(const struct moor_server *server)
{
    return &server->certificate;
}

const char *moor_server_metrics_address(const struct moor_server *server)
{
    return server->probes.address;
}

int64_t moor_server_expiry_s(const struct moor_server *server, enum moor_certificate_role role)
{
    return atomic_load(&server->shared.expiry_s[role]);
}

void moor_server_count_connections(const struct moor_server *server,
                                   size_t counts[MOOR_CONNECTION_STATE_COUNT])
{
    moor_connection_table_count(&server->shared.connections, counts);
}

const struct moor_server_counters *moor_server_counters(const struct moor_server *server)
{
    return &server->shared.counters;
}

size_t moor_server_worker_states(const struct moor_server *server, struct moor_worker_state *out,
                                 size_t max)
{
    size_t count = server->thread_count < max ? server->thread_count : max;
    uint64_t now_us = moor_monotonic_us();
    for (size_t i = 0; i < count; i++) {
        out[i] = moor_worker_state(server->workers[i], now_us);
    }
    return count;
}

size_t moor_server_open_connections(const struct moor_server *server)
{
    return atomic_load(&server->shared.connections.open);
}

size_t moor_server_buffered_bytes(const struct moor_server *server)
{
    return atomic_load(&server->shared.connections.charged_bytes);
}

const char *moor_server_library_version(void)
{
    return H2O_VERSION;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/probes.h"

#include "webhook/http/event_loop.h"

#include <unistd.h>

#define BODY_BYTES     ((size_t)4 << 10) /* probes have no bodies */
#define HEAD_BYTES     ((size_t)16 << 10)
#define BUFFERED_BYTES ((size_t)512 << 10)
#define SOCKET_BYTES   (16 << 10)
#define STOP_MS        2000
#define LOOK_MS        10

/* Small limits are enough for a handful of clients, and bound the memory that the port can take. */
static void configure(struct moor_server_config *config)
{
    config->listen[0] = config->metrics_listen;
    config->listen_count = 1;
    config->threads = 1;
    config->max_connections = MOOR_PROBES_MAX_CONNECTIONS;
    config->max_body_bytes = BODY_BYTES;
    config->max_head_bytes = HEAD_BYTES;
    config->max_buffered_bytes = BUFFERED_BYTES;
}

int moor_probes_open(struct moor_probes *out, const struct moor_shared *serving,
                     struct moor_error *err)
{
    struct moor_shared *shared = &out->shared;
    memset(out, 0, sizeof *out);
    out->fd = -1;
    if (serving->config.metrics_listen == NULL) {
        return 0;
    }
    if (moor_listen_open(&out->fd, out->address, serving->config.metrics_listen, SOCKET_BYTES,
                         "--metrics-listen", err) != 0) {
        return -1;
    }
    moor_shared_init(shared, &serving->config, serving->handler);
    configure(&shared->config);
    shared->serving = serving;
    shared->listen_fds = &out->fd;
    shared->workers = &out->worker;
    return moor_connection_table_init(&shared->connections, shared->config.max_connections,
                                      shared->config.max_buffered_bytes, BODY_BYTES + HEAD_BYTES,
                                      err);
}

/*
 * Waits until the thread serves, because its start needs system calls that the sandbox forbids.
 * Leaves no thread if it fails.
 */
static int start_thread(struct moor_probes *probes)
{
    if (pthread_create(&probes->thread, NULL, moor_event_loop_main, probes->worker) != 0) {
        return -1;
    }
    if (moor_shared_wait_begun(&probes->shared, 1) == 1) {
        return 0;
    }
    (void)pthread_join(probes->thread, NULL);
    return -1;
}

/* This port serves from the start: `/readyz` reports the phase of the serving port. */
int moor_probes_start(struct moor_probes *probes, struct moor_error *err)
{
    if (probes->fd < 0) {
        return 0;
    }
    atomic_store(&probes->shared.phase, MOOR_PHASE_SERVING);
    probes->worker = moor_worker_new(&probes->shared, 0);
    if (probes->worker == NULL || start_thread(probes) != 0) {
        moor_worker_free(probes->worker);
        probes->worker = NULL;
        return moor_error_set(err, MOOR_ERROR_SYSTEM,
                              "cannot start the thread for probes and metrics: raise the memory "
                              "limit");
    }
    return 0;
}

/*
 * The listener for probes stops after the drain of the serving port, so that the kubelet sees the
 * failing readiness until the end.
 */
bool moor_probes_stop(struct moor_probes *probes)
{
    if (probes->worker == NULL) {
        return true;
    }
    struct moor_shared *shared = &probes->shared;
    atomic_store(&shared->phase, MOOR_PHASE_CUTTING);
    moor_worker_wake(probes->worker);
    /* Polling is enough, because the wait occurs once, at the end of the process. */
    for (unsigned waited_ms = 0; moor_shared_ended(shared) == 0; waited_ms += LOOK_MS) {
        if (waited_ms > STOP_MS) {
            return false;
        }
        (void)usleep(LOOK_MS * 1000);
    }
    moor_shared_dismiss(shared);
    (void)pthread_join(probes->thread, NULL);
    moor_worker_free(probes->worker);
    probes->worker = NULL;
    return true;
}

void moor_probes_release(struct moor_probes *probes)
{
    if (probes->fd < 0) {
        return;
    }
    (void)close(probes->fd);
    probes->fd = -1;
    moor_shared_release(&probes->shared);
}

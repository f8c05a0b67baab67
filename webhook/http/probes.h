/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probes - the listener for the kubelet and Prometheus: `/livez`, `/readyz`, `/metrics`, plain
 * HTTP.
 *
 * A worker of its own with a small table of connections: however busy or full the serving port is,
 * it answers, and whoever fills it takes nothing from the serving port.
 *
 * Threads:  all functions on the main thread.
 * Memory:   the server's; bounded as that of the serving port, with smaller limits.
 * Limits:   MOOR_PROBES_MAX_CONNECTIONS, no bodies; a connection is kept after an answer only while
 *           half of the places are free.
 */
#ifndef MOOR_WEBHOOK_HTTP_PROBES_H
#define MOOR_WEBHOOK_HTTP_PROBES_H

#include "webhook/http/listen.h"
#include "webhook/http/worker.h"

#define MOOR_PROBES_MAX_CONNECTIONS 32

struct moor_probes {
    struct moor_shared shared;
    struct moor_worker *worker; /* NULL where it does not run */
    pthread_t thread;
    int fd; /* -1 where there is none */
    char address[MOOR_ADDRESS_TEXT_BYTES];
};

/* Binds the address in `serving->config.metrics_listen`; does nothing where there is none. */
int moor_probes_open(struct moor_probes *out, const struct moor_shared *serving,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the thread. */
int moor_probes_start(struct moor_probes *probes, struct moor_error *err) MOOR_MUST_CHECK;

/* Ends the connections and the thread; false where it does not end in time. */
bool moor_probes_stop(struct moor_probes *probes);

/* Closes the listener and gives the memory back, where it was opened and does not run. */
void moor_probes_release(struct moor_probes *probes);

#endif

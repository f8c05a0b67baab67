/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probes - the listener for the kubelet and Prometheus: `/livez`, `/readyz`, `/metrics`, plain
 * HTTP.
 *
 * The listener has a worker and a small connection table of its own.  It answers however busy the
 * serving port is, and clients that fill it take nothing from the serving port.
 *
 * Threads:  all functions on the main thread.
 * Memory:   the server's; bounded as that of the serving port, with smaller limits.
 * Limits:   MOOR_PROBES_MAX_CONNECTIONS, no bodies; a connection is kept open after an answer only
 * if half of the places are free.
 */
#ifndef MOOR_WEBHOOK_HTTP_PROBES_H
#define MOOR_WEBHOOK_HTTP_PROBES_H

#include "webhook/http/listen.h"
#include "webhook/http/worker.h"

#define MOOR_PROBES_MAX_CONNECTIONS 32

struct moor_probes {
    struct moor_shared shared;
    struct moor_worker *worker; /* NULL: it does not run */
    pthread_t thread;
    int fd; /* -1: there is none */
    char address[MOOR_ADDRESS_TEXT_BYTES];
};

/* Binds the address in `serving->config.metrics_listen`; does nothing if there is none. */
int moor_probes_open(struct moor_probes *out, const struct moor_shared *serving,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the thread. */
int moor_probes_start(struct moor_probes *probes, struct moor_error *err) MOOR_MUST_CHECK;

/* Ends the connections and the thread; false if the thread does not end in time. */
bool moor_probes_stop(struct moor_probes *probes);

/* Closes the listener and frees its memory, if it was opened and does not run. */
void moor_probes_release(struct moor_probes *probes);

#endif

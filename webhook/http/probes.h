/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probes - the listener for the kubelet and Prometheus: `/livez`, `/readyz`, `/metrics`.
 *
 * The listener speaks plain HTTP and has its own worker and a small connection table.  It answers
 * even if the serving port is overloaded, and its clients take no places from the serving port.
 *
 * Threads:  all functions on the main thread.
 * Memory:   as on the serving port, with smaller limits.
 * Limits:   MOOR_PROBES_MAX_CONNECTIONS, no bodies.  A connection is kept open after an answer only
 *           if half of the places are free.
 */
#ifndef MOOR_WEBHOOK_HTTP_PROBES_H
#define MOOR_WEBHOOK_HTTP_PROBES_H

#include "webhook/http/listen.h"
#include "webhook/http/worker.h"

#define MOOR_PROBES_MAX_CONNECTIONS 32

struct moor_probes {
    struct moor_shared shared;
    struct moor_worker *worker; /* NULL if it does not run */
    pthread_t thread;
    int fd; /* -1 if there is no listener */
    char address[MOOR_ADDRESS_TEXT_BYTES];
};

/* Binds the address in `serving->config.metrics_listen`.  Does nothing if the address is NULL. */
int moor_probes_open(struct moor_probes *out, const struct moor_shared *serving,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Starts the thread and waits until it serves.  Returns -1 if it could not start. */
int moor_probes_start(struct moor_probes *probes, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Ends the connections and the thread.  Returns false if the thread does not end within two
 * seconds.
 */
bool moor_probes_stop(struct moor_probes *probes);

/*
 * Closes the listener and frees its memory.  Does nothing if the listener was not opened; the
 * thread must have ended.
 */
void moor_probes_release(struct moor_probes *probes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config - what the server can be told, its defaults, and whether it makes sense.
 *
 * Threads:  pure, except that moor_server_config_check() reads the limits of the process.
 * Memory:   strings are borrowed, and must outlive the server.
 */
#ifndef MOOR_WEBHOOK_CONFIG_H
#define MOOR_WEBHOOK_CONFIG_H

#include "policy/base/error.h"

#define MOOR_SERVER_MAX_LISTENERS     16
#define MOOR_SERVER_MAX_THREADS       64
#define MOOR_SERVER_MAX_CLIENT_NAMES  16

/* What is read of a body beyond `max_body_bytes`, so that the client is there to see the 413. */
#define MOOR_SERVER_OVERREAD_BYTES    ((size_t)1 << 20)

/* Connections beyond `max_connections` that are accepted and wait until one is closed for them. */
#define MOOR_SERVER_SPARE_CONNECTIONS 16

struct moor_tls_files {
    const char *cert_file;      /* PEM, the server's certificate first */
    const char *key_file;       /* PEM, without passphrase */
    const char *client_ca_file; /* PEM; NULL: clients need no certificate */
};

/* Maximum times of a connection in each state. */
struct moor_connection_times {
    uint32_t handshake_timeout_ms;
    uint32_t request_timeout_ms;
    uint32_t idle_timeout_ms;
    uint32_t new_connection_idle_ms; /* idle and never completed a request */
    uint32_t unsent_timeout_ms;
};

struct moor_server_config {
    const char *listen[MOOR_SERVER_MAX_LISTENERS]; /* `ADDRESS:PORT`; port 0 picks one */
    size_t listen_count;
    const char *metrics_listen; /* `ADDRESS:PORT` for probes and metrics, NULL: none */
    struct moor_tls_files tls;
    const char *client_names[MOOR_SERVER_MAX_CLIENT_NAMES]; /* of which a client has one */
    size_t client_name_count;   /* 0: every client of the client CA is welcome */
    unsigned threads;           /* 0: the CPUs that may be used, at least 2, at most 4 */
    uint32_t lame_duck_ms;      /* serving on after SIGTERM */
    uint32_t drain_ms;          /* for what is under way after that */
    size_t max_body_bytes;      /* above it 413 */
    size_t max_head_bytes;      /* of one request */
    size_t max_handshake_bytes; /* input before the TLS handshake is done */
    size_t max_buffered_bytes;  /* of all connections: over it reading pauses */
    size_t max_connections;     /* at the limit one is closed for the new one */
    struct moor_connection_times times;
};

/* The defaults of `tagmoor serve`: no addresses and no files yet. */
struct moor_server_config moor_server_config_defaults(void);

/*
 * Refuses what cannot work: limits that are zero or beyond what libh2o holds, a body larger than
 * the budget, more connections than file descriptors.  Puts the number of CPUs in place of 0
 * threads.
 */
int moor_server_config_check(struct moor_server_config *config,
                             struct moor_error *err) MOOR_MUST_CHECK;

#endif

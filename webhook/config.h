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

/*
 * The limits and times of a server, a row each: type, field, default.  LIMITS.md has the reason of
 * each default.
 */
#define MOOR_SERVER_LIMITS(ROW)                                                                 \
    ROW(uint32_t, lame_duck_ms, 5000)                  /* serving on after SIGTERM */           \
    ROW(uint32_t, drain_ms, 10000)                     /* for what is under way after that */   \
    ROW(size_t, max_body_bytes, (size_t)7 << 20)       /* above it 413 */                       \
    ROW(size_t, max_head_bytes, (size_t)64 << 10)      /* of one request */                     \
    ROW(size_t, max_handshake_bytes, (size_t)32 << 10) /* input before the handshake is done */ \
    ROW(size_t, max_buffered_bytes, (size_t)24 << 20)  /* of all connections: reading pauses */ \
    ROW(size_t, max_connections, 512) /* at the limit one is closed for the new one */

/* Maximum times of a connection in each state. */
#define MOOR_CONNECTION_TIMES(ROW)                                                        \
    ROW(uint32_t, handshake_timeout_ms, 5000)                                             \
    ROW(uint32_t, request_timeout_ms, 10000)                                              \
    ROW(uint32_t, idle_timeout_ms, 120000)                                                \
    ROW(uint32_t, new_connection_idle_ms, 10000) /* idle and never completed a request */ \
    ROW(uint32_t, unsent_timeout_ms, 15000)

#define MOOR_CONFIG_FIELD(type, field, value) type field;

struct moor_connection_times {
    MOOR_CONNECTION_TIMES(MOOR_CONFIG_FIELD)
};

struct moor_server_config {
    const char *listen[MOOR_SERVER_MAX_LISTENERS]; /* `ADDRESS:PORT`; port 0 picks one */
    size_t listen_count;
    const char *metrics_listen; /* `ADDRESS:PORT` for probes and metrics, NULL: none */
    struct moor_tls_files tls;
    const char *client_names[MOOR_SERVER_MAX_CLIENT_NAMES]; /* of which a client has one */
    size_t client_name_count; /* 0: every client of the client CA is welcome */
    unsigned threads;         /* 0: the CPUs that may be used, at least 2, at most 4 */
    MOOR_SERVER_LIMITS(MOOR_CONFIG_FIELD)
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

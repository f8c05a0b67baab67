/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config - configuration of the server: its defaults and its checks.
 *
 * Threads:  pure, except that moor_server_config_check() reads and raises the process's limits.
 * Memory:   strings are borrowed and must outlive the server.
 * Limits:   the constants below; LIMITS.md explains the values.
 */
#ifndef MOOR_WEBHOOK_CONFIG_H
#define MOOR_WEBHOOK_CONFIG_H

#include "policy/base/error.h"

#define MOOR_SERVER_MAX_LISTENERS     16
#define MOOR_SERVER_MAX_THREADS       64
#define MOOR_SERVER_MAX_CLIENT_NAMES  16

/* Bytes of a body that are read beyond `max_body_bytes`, so that the client still reads the 413. */
#define MOOR_SERVER_OVERREAD_BYTES    ((size_t)1 << 20)

/* Connections beyond `max_connections` that are accepted and wait until another one is closed. */
#define MOOR_SERVER_SPARE_CONNECTIONS 16

/* Names of the files for TLS. */
struct moor_tls_files {
    const char *cert_file;      /* PEM; begins with the server's certificate */
    const char *key_file;       /* PEM, without passphrase */
    const char *client_ca_file; /* PEM; NULL if clients need no certificate */
};

/*
 * Limits and times of a server, one in each row: type, field, default.  LIMITS.md explains the
 * defaults.
 */
#define MOOR_SERVER_LIMITS(ROW)                                                                \
    ROW(uint32_t, lame_duck_ms, 5000)                  /* normal service after SIGTERM */      \
    ROW(uint32_t, drain_ms, 10000)                     /* time for open requests after that */ \
    ROW(size_t, max_body_bytes, (size_t)7 << 20)       /* larger bodies get a 413 */           \
    ROW(size_t, max_head_bytes, (size_t)64 << 10)      /* request line and headers */          \
    ROW(size_t, max_handshake_bytes, (size_t)32 << 10) /* input during the handshake */        \
    ROW(size_t, max_buffered_bytes, (size_t)24 << 20)  /* reading pauses beyond it */          \
    ROW(size_t, max_connections, 512) /* a connection beyond it replaces another one */

/* Maximum times of a connection in each state. */
#define MOOR_CONNECTION_TIMES(ROW)                                                           \
    ROW(uint32_t, handshake_timeout_ms, 5000)                                                \
    ROW(uint32_t, request_timeout_ms, 10000)                                                 \
    ROW(uint32_t, idle_timeout_ms, 120000)                                                   \
    ROW(uint32_t, new_connection_idle_ms, 10000) /* idle time without a completed request */ \
    ROW(uint32_t, unsent_timeout_ms, 15000)

#define MOOR_CONFIG_FIELD(type, field, value) type field;

struct moor_connection_times {
    MOOR_CONNECTION_TIMES(MOOR_CONFIG_FIELD)
};

/* Configuration of the server; the options of `tagmoor serve` set it. */
struct moor_server_config {
    const char *listen[MOOR_SERVER_MAX_LISTENERS]; /* `ADDRESS:PORT`; port 0: any free port */
    size_t listen_count;
    const char *metrics_listen; /* `ADDRESS:PORT` for probes and metrics, or NULL */
    struct moor_tls_files tls;
    const char *client_names[MOOR_SERVER_MAX_CLIENT_NAMES]; /* allowed names of clients */
    size_t client_name_count;                               /* 0: any name is allowed */
    unsigned threads; /* 0: number of usable CPUs, from 2 to 4 */
    MOOR_SERVER_LIMITS(MOOR_CONFIG_FIELD)
    struct moor_connection_times times;
};

/* Returns the defaults of `tagmoor serve`, without addresses and files. */
struct moor_server_config moor_server_config_defaults(void);

/*
 * Checks a configuration.  Returns -1 if a limit is zero or exceeds the limits of libh2o, if a body
 * is larger than the budget, or if the process has too few file descriptors.  Replaces 0 threads by
 * a number that depends on the CPUs.
 */
int moor_server_config_check(struct moor_server_config *config,
                             struct moor_error *err) MOOR_MUST_CHECK;

#endif

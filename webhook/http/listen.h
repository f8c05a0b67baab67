/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen - opens listening TCP sockets from `ADDRESS:PORT`.
 *
 * `[::]:8443` serves IPv6 and IPv4.  If IPv6 is disabled, it falls back to `0.0.0.0:8443`.  With
 * port 0 the system chooses a free port, and the returned text names that port.
 *
 * Threads:  any thread.
 * Memory:   the caller owns the socket.
 * Limits:   addresses are numeric, because names would need a resolver at start.
 */
#ifndef MOOR_WEBHOOK_HTTP_LISTEN_H
#define MOOR_WEBHOOK_HTTP_LISTEN_H

#include "policy/base/error.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#define MOOR_ADDRESS_TEXT_BYTES 64

struct moor_listen_address {
    struct sockaddr_storage address;
    socklen_t len;
};

/*
 * Parses `127.0.0.1:8443`, `[::1]:8443` or `:8443` (the same as `[::]:8443`).  An error names
 * `flag` as the option to change.
 */
int moor_listen_parse(struct moor_listen_address *out, const char *text, const char *flag,
                      struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Opens a non-blocking, close-on-exec socket that listens on `text`.  `kernel_bytes` limits the
 * kernel's buffers of each connection, in each direction, and a client's segments to half of
 * that; 0 keeps the defaults of the system.  Writes the address with its real port to `bound`.  An
 * error names `flag`.
 */
int moor_listen_open(int *out, char bound[MOOR_ADDRESS_TEXT_BYTES], const char *text,
                     int kernel_bytes, const char *flag, struct moor_error *err) MOOR_MUST_CHECK;

/* Writes `10.0.0.1:443` or `[::1]:443`.  An IPv4-mapped IPv6 address is written as IPv4. */
void moor_listen_format(char out[MOOR_ADDRESS_TEXT_BYTES], const struct sockaddr *address);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen - opens listening TCP sockets from `ADDRESS:PORT`.
 *
 * `[::]:8443` serves both families; where IPv6 is switched off it becomes `0.0.0.0:8443`.  Port 0
 * lets the system pick one; the text that comes back names it.
 *
 * Threads:  any thread.
 * Memory:   the caller owns the socket.
 * Limits:   addresses are numeric: names would need a resolver at start.
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
 * Parses `127.0.0.1:8443`, `[::1]:8443` or `:8443` (as `[::]:8443`).  `flag` is named in the advice
 * of an error.
 */
int moor_listen_parse(struct moor_listen_address *out, const char *text, const char *flag,
                      struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Opens a socket that does not block and is closed on exec; `kernel_bytes` bounds what the kernel
 * holds of each connection before it is read, and of an answer before it is taken (0: the system's
 * choice).  Writes the address with its real port to `bound`.  `flag` as above.
 */
int moor_listen_open(int *out, char bound[MOOR_ADDRESS_TEXT_BYTES], const char *text,
                     int kernel_bytes, const char *flag, struct moor_error *err) MOOR_MUST_CHECK;

/* Writes `10.0.0.1:443` or `[::1]:443`; IPv4 in IPv6 is written as IPv4. */
void moor_listen_format(char out[MOOR_ADDRESS_TEXT_BYTES], const struct sockaddr *address);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "policy/base/slice.h"
#include "webhook/http/listen.h"

#define BACKLOG            512
/*
 * Segments that fit in the receive buffer.  A client holds data back while less than a segment fits
 * in the window.  On loopback, a segment can be as large as the buffer: the client then sends only
 * once in 200 ms, when its timer expires, and a body of 3 MB takes 20 s.  With four, fewer clients
 * get a head and a first part of a body across before reading pauses.
 */
#define SEGMENTS_IN_BUFFER 2

#define MOST_SHOWN         60 /* bytes of an invalid address */

/* Returns the port, or -1.  strtol() alone would accept white space, signs and trailing text. */
static int parse_port(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > 5 || strspn(text, "0123456789") != len) {
        return -1;
    }
    long port = strtol(text, NULL, 10);
    return port <= 65535 ? (int)port : -1;
}

/*
 * Numeric addresses only: a resolver could delay the start or return several addresses.  An empty
 * host is the IPv6 wildcard, which also serves IPv4.
 */
static int parse_host(struct moor_listen_address *out, const char *host, uint16_t port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->address;
    memset(out, 0, sizeof *out);
    size_t len = strlen(host);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        char inner[INET6_ADDRSTRLEN];
        if (len - 2 >= sizeof inner) {
            return -1;
        }
        memcpy(inner, host + 1, len - 2);
        inner[len - 2] = '\0';
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        out->len = sizeof *v6;
        return inet_pton(AF_INET6, inner, &v6->sin6_addr) == 1 ? 0 : -1;
    }
    if (len == 0) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        out->len = sizeof *v6;
        return 0;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out->len = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1 ? 0 : -1;
}

/*
 * Reports `what` about a part of the text.  Long parts are truncated, so that the remedy stays
 * visible.
 */
static int fail_parse(const char *text, struct moor_slice part, const char *what, const char *flag,
                      struct moor_error *err)
{
    struct moor_slice shown = moor_slice_sub(part, 0, MOST_SHOWN);
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "cannot listen on '%.*s': '%.*s' %s: use a numeric ADDRESS:PORT, such "
                          "as '[::]:8443', with %s",
                          MOST_SHOWN, text, MOOR_SLICE_ARGS(shown), what, flag);
}

int moor_listen_parse(struct moor_listen_address *out, const char *text, const char *flag,
                      struct moor_error *err)
{
    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(text, ':');
    if (colon == NULL) {
        return fail_parse(text, moor_slice_from(text), "has no port", flag, err);
    }
    int port = parse_port(colon + 1);
    if (port < 0) {
        return fail_parse(text, moor_slice_from(colon + 1), "is not a port from 0 to 65535", flag,
                          err);
    }
    struct moor_slice before = {text, (size_t)(colon - text)};
    struct moor_listen_address parsed;
    if (before.len < sizeof host) {
        memcpy(host, text, before.len);
        host[before.len] = '\0';
        if (parse_host(&parsed, host, (uint16_t)port) == 0) {
            *out = parsed;
            return 0;
        }
    }
    return fail_parse(text, before, "is not a numeric address", flag, err);
}

/*
 * A dual-stack socket reports IPv4 clients as IPv4-mapped addresses.  Logs show them in the form
 * that administrators know.
 */
void moor_listen_format(char out[MOOR_ADDRESS_TEXT_BYTES], const struct sockaddr *address)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        (void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        (void)snprintf(out, MOOR_ADDRESS_TEXT_BYTES, "%s:%u", host, ntohs(v4->sin_port));
        return;
    }
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        (void)inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, host, sizeof host);
        (void)snprintf(out, MOOR_ADDRESS_TEXT_BYTES, "%s:%u", host, ntohs(v6->sin6_port));
        return;
    }
    (void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    (void)snprintf(out, MOOR_ADDRESS_TEXT_BYTES, "[%s]:%u", host, ntohs(v6->sin6_port));
}

/* Returns whether the address is `[::]`, which means both families. */
static bool is_any(const struct moor_listen_address *address)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->address;
    return address->address.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

/* The default address `:8443` must also work on nodes that have IPv6 disabled. */
static void make_ipv4_any(struct moor_listen_address *address)
{
    in_port_t port = ((struct sockaddr_in6 *)&address->address)->sin6_port;
    memset(address, 0, sizeof *address);
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->address;
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    address->len = sizeof *v4;
}

/*
 * Returns 0 or an errno; closes the socket on failure.  SO_REUSEADDR allows a restart while old
 * connections are in TIME_WAIT.  The sizes of the kernel's buffers are set before listen(), because
 * accepted sockets inherit them.
 */
static int try_open(int *out, const struct moor_listen_address *address, int kernel_bytes)
{
    int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int on = 1;
    int off = 0;
    bool ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (is_any(address)) {
        ok = ok && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
    }
    if (kernel_bytes > 0) {
        ok = ok && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kernel_bytes, sizeof kernel_bytes) == 0;
        ok = ok && setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kernel_bytes, sizeof kernel_bytes) == 0;
        int segment_bytes = kernel_bytes / SEGMENTS_IN_BUFFER;
        ok = ok &&
             setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes) == 0;
    }
    ok = ok && bind(fd, (const struct sockaddr *)&address->address, address->len) == 0;
    ok = ok && listen(fd, BACKLOG) == 0;
    if (!ok) {
        int code = errno;
        (void)close(fd);
        return code;
    }
    *out = fd;
    return 0;
}

static bool means_no_ipv6(int code)
{
    return code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == EPROTONOSUPPORT;
}

/* Returns the remedy for an errno; the name of the flag follows it in the message. */
static const char *advice(int code)
{
    switch (code) {
    case EADDRINUSE:
        return "another process or another listen address uses this port; stop the process or "
               "choose another port with";
    case EACCES:
        return "ports below 1024 need privileges; choose a higher port with";
    case EADDRNOTAVAIL:
        return "this machine has no such address; choose another address with";
    case EMFILE:
        return "no file descriptors are left; raise 'ulimit -n' or lower the number of";
    default:
        return "choose another address with";
    }
}

int moor_listen_open(int *out, char bound[MOOR_ADDRESS_TEXT_BYTES], const char *text,
                     int kernel_bytes, const char *flag, struct moor_error *err)
{
    struct moor_listen_address address = {0};
    if (moor_listen_parse(&address, text, flag, err) != 0) {
        return -1;
    }
    int fd = -1;
    int code = try_open(&fd, &address, kernel_bytes);
    if (is_any(&address) && means_no_ipv6(code)) {
        make_ipv4_any(&address);
        code = try_open(&fd, &address, kernel_bytes);
    }
    if (code != 0) {
        char why[128];
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot listen on '%s': %s: %s %s", text,
                              strerror_r(code, why, sizeof why), advice(code), flag);
    }
    struct moor_listen_address real = {.len = sizeof real.address};
    (void)getsockname(fd, (struct sockaddr *)&real.address, &real.len);
    moor_listen_format(bound, (const struct sockaddr *)&real.address);
    *out = fd;
    return 0;
}

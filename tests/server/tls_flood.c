/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_flood PORT SECONDS KIND - floods a server on 127.0.0.1 with what Python's TLS cannot send.
 *
 * KIND is `updates`, KeyUpdate messages; `requests`, KeyUpdate messages that ask for one in return,
 * which is never read; `records`, a request in records of one byte.  When the server closes the
 * connection a new one is opened.  Prints how many were sent over how many connections.
 */
#include "policy/base/array_size.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Sends one of its kind; 1 on success. */
typedef int send_one(SSL *ssl);

static int send_update(SSL *ssl, int kind)
{
    return SSL_key_update(ssl, kind) == 1 && SSL_do_handshake(ssl) == 1;
}

static int send_plain_update(SSL *ssl)
{
    return send_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
}

static int send_update_request(SSL *ssl)
{
    return send_update(ssl, SSL_KEY_UPDATE_REQUESTED);
}

static int send_small_record(SSL *ssl)
{
    static const char text[] = "POST /validate HTTP/1.1\r\nContent-Length: 7000000\r\n\r\n";
    static size_t at;
    at = SSL_get_app_data(ssl) == NULL ? 0 : at + 1;
    (void)SSL_set_app_data(ssl, ssl); /* it has begun */
    return SSL_write(ssl, at < sizeof text - 1 ? text + at : " ", 1);
}

static const struct {
    const char *name;
    send_one *send;
} kinds[] = {
    {"updates", send_plain_update},
    {"requests", send_update_request},
    {"records", send_small_record},
};

static send_one *find_kind(const char *name)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return kinds[i].send;
        }
    }
    return NULL;
}

static int open_socket(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    const struct timeval patience = {.tv_sec = 2};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Over one connection, until the server closes it or the time is over; how many were sent. */
static long flood(SSL_CTX *context, unsigned short port, send_one *send, time_t end)
{
    long sent = 0;
    int fd = open_socket(port);
    SSL *ssl = fd >= 0 ? SSL_new(context) : NULL;
    if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1) {
        while (time(NULL) < end && send(ssl) == 1) {
            sent++;
        }
    }
    SSL_free(ssl);
    if (fd >= 0) {
        (void)close(fd);
    }
    return sent;
}

int main(int argc, char **argv)
{
    send_one *send = argc == 4 ? find_kind(argv[3]) : NULL;
    if (send == NULL) {
        (void)fprintf(stderr, "usage: tls_flood PORT SECONDS updates|requests|records\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    unsigned short port = (unsigned short)strtoul(argv[1], NULL, 10);
    time_t end = time(NULL) + strtol(argv[2], NULL, 10);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    (void)SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    long sent = 0;
    long connections = 0;
    for (; time(NULL) < end; connections++) {
        sent += flood(context, port, send, end);
    }
    SSL_CTX_free(context);
    (void)printf("%ld sent over %ld connections\n", sent, connections);
    return 0;
}

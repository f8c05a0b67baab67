/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_client - a client of the target `connection`: OpenSSL over memory, whose bytes are
 * sent when and as far as the input says, with others between them.
 *
 * Every byte that the server answers must be HTTP/1.1; other bytes abort.
 */
#ifndef MOOR_TESTS_FUZZ_CONNECTION_CLIENT_H
#define MOOR_TESTS_FUZZ_CONNECTION_CLIENT_H

#include "tests/fuzz/connection_sealer.h"

#include <netinet/tcp.h>

#define PATIENCE_TURNS 8 /* for the server to make room */

struct answers {
    char head[2048];
    size_t head_len;
    size_t body_left;
    unsigned complete;
    int status;    /* status of the last head */
    bool bodiless; /* a HEAD request may have been sent: bodies cannot be followed any more */
};

/*
 * The input that the server may accept before it ends the connection, counted as in handshake.h and
 * doubled, since the client does not see when a request was complete.
 */
struct allowance {
    unsigned small_records; /* since the last answer */
    unsigned messages;      /* after the handshake */
    unsigned answers;       /* that were seen */
    bool used_up;           /* nothing more may be answered */
};

struct connection {
    int fd;       /* -1: not open */
    SSL *ssl;     /* NULL: plain */
    BIO *in;      /* bytes of the server */
    BIO *out;     /* bytes for it */
    bool is_deaf; /* takes no answers */
    bool seals;   /* writes its records itself after the handshake */
    struct sealer sealer;
    struct allowance allowance;
    uint32_t last_sent; /* the last four bytes of text */
    struct answers answers;
};

/* --- answers --------------------------------------------------------------------------------- */

static inline void check_head(struct answers *answers)
{
    static const char length[] = "\r\nContent-Length: ";
    const char *head = answers->head;
    answers->status = (int)strtol(head + strlen("HTTP/1.1 "), NULL, 10);
    REQUIRE(answers->status >= 100 && answers->status <= 599);
    answers->head_len = 0;
    if (answers->status == 100) {
        return;
    }
    const char *at = strcasestr(head, length);
    REQUIRE(at != NULL);
    answers->body_left = strtoul(at + sizeof length - 1, NULL, 10);
    answers->complete += answers->body_left == 0;
}

static inline void take_head_byte(struct answers *answers, char byte)
{
    static const char version[] = "HTTP/1.1 ";
    size_t at = answers->head_len++;
    REQUIRE(at < sizeof answers->head - 1);
    REQUIRE(at >= sizeof version - 1 || byte == version[at]);
    answers->head[at] = byte;
    if (at >= 3 && memcmp(answers->head + at - 3, "\r\n\r\n", 4) == 0) {
        answers->head[at] = '\0';
        check_head(answers);
    }
}

static inline void take_answer(struct answers *answers, const char *bytes, size_t len)
{
    while (len > 0 && !answers->bodiless) {
        if (answers->body_left == 0) {
            take_head_byte(answers, *bytes++);
            len--;
            continue;
        }
        size_t part = len < answers->body_left ? len : answers->body_left;
        answers->body_left -= part;
        answers->complete += answers->body_left == 0;
        bytes += part;
        len -= part;
    }
}

/* --- the connection -------------------------------------------------------------------------- */

static inline void client_close(struct connection *connection)
{
    if (connection->fd < 0) {
        return;
    }
    (void)close(connection->fd);
    if (connection->ssl != NULL) {
        SSL_free(connection->ssl); /* with its BIOs */
    } else {
        BIO_free(connection->in);
        BIO_free(connection->out);
    }
    *connection = (struct connection){.fd = -1};
}

/* A closed TCP socket would wait for a minute and use up the ports; a reset does not. */
static inline void set_reset(int fd)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static inline int connect_to(const struct serving *side, enum listener listener)
{
    const struct sockaddr *address = (const struct sockaddr *)&side->addresses[listener];
    const int room = SOCKET_BYTES;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (listener == LISTENER_TCP) {
        const int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        set_reset(fd);
    }
    if (connect(fd, address, side->address_lens[listener]) != 0 && errno != EINPROGRESS) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

struct client_options {
    bool plain;
    enum listener listener;
    bool old;     /* TLS 1.2 */
    bool mutual;  /* the server asks for a certificate */
    bool retried; /* the first key share is of no use: the server asks for another hello */
    bool seals;
};

static inline void on_key(const SSL *ssl, const char *line)
{
    struct connection *connection = SSL_get_app_data(ssl);
    if (connection->seals) {
        sealer_take_line(&connection->sealer, line);
    }
}

static inline void client_open(struct connection *connection, struct client_options options)
{
    *connection =
        (struct connection){.fd = connect_to(options.plain ? &probes : &webhook, options.listener)};
    if (connection->fd < 0) {
        return;
    }
    webhook.shared.tls = server_contexts[options.mutual];
    connection->in = BIO_new(BIO_s_mem());
    connection->out = BIO_new(BIO_s_mem());
    (void)BIO_set_mem_eof_return(connection->in, -1);
    (void)BIO_set_mem_eof_return(connection->out, -1);
    if (!options.plain) {
        connection->ssl = SSL_new(client_context);
        REQUIRE(connection->ssl != NULL);
        (void)SSL_set_max_proto_version(connection->ssl, options.old ? TLS1_2_VERSION : 0);
        char groups[] = "X448:X25519";
        REQUIRE(!options.retried || SSL_set1_groups_list(connection->ssl, groups) == 1);
        (void)SSL_set_app_data(connection->ssl, connection);
        connection->seals = options.seals && !options.old;
        SSL_set_bio(connection->ssl, connection->in, connection->out);
        SSL_set_connect_state(connection->ssl);
        (void)SSL_do_handshake(connection->ssl); /* the ClientHello */
    }
}

/* --- bytes of the server --------------------------------------------------------------------- */

static inline void read_answers(struct connection *connection)
{
    char bytes[16384];
    for (;;) {
        int len = connection->ssl != NULL ? SSL_read(connection->ssl, bytes, sizeof bytes)
                                          : BIO_read(connection->in, bytes, sizeof bytes);
        if (len <= 0) {
            ERR_clear_error();
            return;
        }
        take_answer(&connection->answers, bytes, (size_t)len);
    }
}

/* Takes what has arrived, goes on with the handshake and reads what was answered. */
static inline void receive(struct connection *connection)
{
    static char bytes[64 * 1024];
    ssize_t len;
    while ((len = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        (void)BIO_write(connection->in, bytes, (int)len);
        read_answers(connection);
    }
}

/* --- what it may take ------------------------------------------------------------------------ */

static inline void count_record_of(struct allowance *allowance, size_t len)
{
    unsigned earned = (unsigned)(len / MOOR_TLS_RECORD_BYTES);
    if (earned == 0) {
        allowance->small_records++;
    } else {
        allowance->small_records -=
            earned < allowance->small_records ? earned : allowance->small_records;
    }
}

static inline void note_answers(struct connection *connection)
{
    struct allowance *allowance = &connection->allowance;
    if (connection->answers.complete > allowance->answers) {
        REQUIRE(!allowance->used_up);
        allowance->answers = connection->answers.complete;
        allowance->small_records = 0;
    }
}

static inline bool is_over(const struct allowance *allowance)
{
    return allowance->messages > MOOR_TLS_MAX_MESSAGES ||
           allowance->small_records > 2 * MOOR_TLS_SPARE_RECORDS + 16;
}

/* A client that is over gets what it asked for before, and nothing after that. */
static inline void check_allowance(struct connection *connection)
{
    note_answers(connection);
    if (connection->allowance.used_up || !is_over(&connection->allowance) ||
        BIO_ctrl_pending(connection->out) > 0 || webhook.worker->paused_count > 0) {
        return;
    }
    for (int i = 0; i < 2 * PATIENCE_TURNS; i++) {
        turn();
        receive(connection);
    }
    note_answers(connection);
    connection->allowance.used_up = is_over(&connection->allowance);
}

/* --- bytes to the server --------------------------------------------------------------------- */

/* Sends as much as the server takes; where it takes nothing for some turns, no more. */
static inline size_t send_bytes(const struct connection *connection, const char *bytes, size_t len)
{
    size_t sent = 0;
    for (int waited = 0; sent < len && waited < PATIENCE_TURNS;) {
        ssize_t done = send(connection->fd, bytes + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done > 0) {
            sent += (size_t)done;
            waited = 0;
        } else if (errno == EAGAIN) {
            turn();
            waited++;
        } else {
            return len;
        }
    }
    return sent;
}

/* Sends what OpenSSL made, at most `most` bytes of it. */
static inline void deliver(const struct connection *connection, size_t most)
{
    char *bytes = NULL;
    char scratch[4096];
    long held = BIO_get_mem_data(connection->out, &bytes);
    size_t len = held > 0 ? (size_t)held : 0;
    size_t sent = send_bytes(connection, bytes, len < most ? len : most);
    while (sent > 0) {
        int dropped = BIO_read(connection->out, scratch,
                               (int)(sent < sizeof scratch ? sent : sizeof scratch));
        REQUIRE(dropped > 0);
        sent -= (size_t)dropped;
    }
}

static inline void note_head_requests(struct connection *connection, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        connection->last_sent = connection->last_sent << 8 | (unsigned char)bytes[i];
        connection->answers.bodiless |= connection->last_sent == 0x48454144U; /* HEAD */
    }
}

static inline bool is_sealing(const struct connection *connection)
{
    return connection->seals && connection->sealer.ready && SSL_is_init_finished(connection->ssl);
}

/*
 * A record of any type: encrypted where the client seals, after what it wrote; else as it is, at
 * once, also between the pieces of a flight.
 */
static inline void put_record(struct connection *connection, uint8_t type, const void *content,
                              size_t len)
{
    static unsigned char record[5 + 65536];
    if (is_sealing(connection) && len + 1 + TAG_BYTES <= MAX_RECORD) {
        size_t sealed = seal(&connection->sealer, record, type, content, len);
        (void)BIO_write(connection->out, record, (int)sealed);
        return;
    }
    const unsigned char header[5] = {type, 3, 3, (unsigned char)(len >> 8), (unsigned char)len};
    memcpy(record, header, sizeof header);
    memcpy(record + 5, content, len);
    (void)send_bytes(connection, (const char *)record, 5 + len);
}

/* One record of text. */
static inline bool write_record(struct connection *connection, const char *bytes, size_t len)
{
    if (is_sealing(connection)) {
        put_record(connection, SSL3_RT_APPLICATION_DATA, bytes, len);
        return true;
    }
    return SSL_write(connection->ssl, bytes, (int)len) > 0;
}

/* Text of HTTP in records of at most `record` bytes. */
static inline void write_text(struct connection *connection, const char *bytes, size_t len,
                              size_t record)
{
    note_head_requests(connection, bytes, len);
    if (connection->ssl == NULL) {
        (void)BIO_write(connection->out, bytes, (int)len);
        return;
    }
    while (len > 0) {
        size_t part = len < record ? len : record;
        part = part < 16384 ? part : 16384;
        if (!write_record(connection, bytes, part)) {
            return;
        }
        count_record_of(&connection->allowance, part);
        bytes += part;
        len -= part;
    }
}

static inline void update_key(struct connection *connection, bool requested)
{
    const char message[] = {SSL3_MT_KEY_UPDATE, 0, 0, 1, (char)requested};
    if (is_sealing(connection)) {
        put_record(connection, SSL3_RT_HANDSHAKE, message, sizeof message);
        sealer_update(&connection->sealer);
        connection->allowance.messages++;
    } else if (SSL_key_update(connection->ssl, requested ? SSL_KEY_UPDATE_REQUESTED
                                                         : SSL_KEY_UPDATE_NOT_REQUESTED) == 1) {
        connection->allowance.messages += SSL_do_handshake(connection->ssl) == 1;
    }
}

static inline void say_goodbye(struct connection *connection)
{
    const char alert[] = {SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY};
    if (is_sealing(connection)) {
        put_record(connection, SSL3_RT_ALERT, alert, sizeof alert);
    } else {
        (void)SSL_shutdown(connection->ssl);
    }
}

/* All of the handshake that is left. */
static inline void shake_hands(struct connection *connection)
{
    for (int i = 0; i < 6 && connection->ssl != NULL && !SSL_is_init_finished(connection->ssl);
         i++) {
        deliver(connection, SIZE_MAX);
        turn();
        receive(connection);
    }
    deliver(connection, SIZE_MAX);
    turn();
}

#endif

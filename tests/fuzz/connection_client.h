/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_client - a client of the target `connection`: OpenSSL over memory, whose bytes are
 * sent when and as far as the input says, with others between them.
 *
 * What the server answers must be HTTP/1.1 from the first byte to the last; other bytes abort.
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
    int status;    /* of the last head */
    bool bodiless; /* a HEAD request may have been sent: bodies cannot be followed any more */
};

/*
 * What the server may take before it ends the connection, counted as handshake.h says and with as
 * much again, since the client does not see when a request was complete.
 */
struct allowance {
    unsigned small_records; /* since the last answer */
    unsigned messages;      /* after the handshake */
    unsigned answers;       /* that were seen */
    bool used_up;           /* nothing more may be answered */
};

struct client {
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

static inline void client_close(struct client *client)
{
    if (client->fd < 0) {
        return;
    }
    (void)close(client->fd);
    if (client->ssl != NULL) {
        SSL_free(client->ssl); /* with its BIOs */
    } else {
        BIO_free(client->in);
        BIO_free(client->out);
    }
    *client = (struct client){.fd = -1};
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
    struct client *client = SSL_get_app_data(ssl);
    if (client->seals) {
        sealer_take_line(&client->sealer, line);
    }
}

static inline void client_open(struct client *client, struct client_options options)
{
    *client =
        (struct client){.fd = connect_to(options.plain ? &probes : &webhook, options.listener)};
    if (client->fd < 0) {
        return;
    }
    webhook.shared.tls = server_contexts[options.mutual];
    client->in = BIO_new(BIO_s_mem());
    client->out = BIO_new(BIO_s_mem());
    (void)BIO_set_mem_eof_return(client->in, -1);
    (void)BIO_set_mem_eof_return(client->out, -1);
    if (!options.plain) {
        client->ssl = SSL_new(client_context);
        REQUIRE(client->ssl != NULL);
        (void)SSL_set_max_proto_version(client->ssl, options.old ? TLS1_2_VERSION : 0);
        char groups[] = "X448:X25519";
        REQUIRE(!options.retried || SSL_set1_groups_list(client->ssl, groups) == 1);
        (void)SSL_set_app_data(client->ssl, client);
        client->seals = options.seals && !options.old;
        SSL_set_bio(client->ssl, client->in, client->out);
        SSL_set_connect_state(client->ssl);
        (void)SSL_do_handshake(client->ssl); /* the ClientHello */
    }
}

/* --- bytes of the server --------------------------------------------------------------------- */

static inline void read_answers(struct client *client)
{
    char bytes[16384];
    for (;;) {
        int len = client->ssl != NULL ? SSL_read(client->ssl, bytes, sizeof bytes)
                                      : BIO_read(client->in, bytes, sizeof bytes);
        if (len <= 0) {
            ERR_clear_error();
            return;
        }
        take_answer(&client->answers, bytes, (size_t)len);
    }
}

/* Takes what has arrived, goes on with the handshake and reads what was answered. */
static inline void receive(struct client *client)
{
    static char bytes[64 * 1024];
    ssize_t len;
    while ((len = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        (void)BIO_write(client->in, bytes, (int)len);
        read_answers(client);
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

static inline void note_answers(struct client *client)
{
    struct allowance *allowance = &client->allowance;
    if (client->answers.complete > allowance->answers) {
        REQUIRE(!allowance->used_up);
        allowance->answers = client->answers.complete;
        allowance->small_records = 0;
    }
}

static inline bool is_over(const struct allowance *allowance)
{
    return allowance->messages > MOOR_TLS_MAX_MESSAGES ||
           allowance->small_records > 2 * MOOR_TLS_SPARE_RECORDS + 16;
}

/* A client that is over gets what it asked for before, and nothing after that. */
static inline void check_allowance(struct client *client)
{
    note_answers(client);
    if (client->allowance.used_up || !is_over(&client->allowance) ||
        BIO_ctrl_pending(client->out) > 0 || webhook.worker->paused_count > 0) {
        return;
    }
    for (int i = 0; i < 2 * PATIENCE_TURNS; i++) {
        turn();
        receive(client);
    }
    note_answers(client);
    client->allowance.used_up = is_over(&client->allowance);
}

/* --- bytes to the server --------------------------------------------------------------------- */

/* Sends as much as the server takes; where it takes nothing for some turns, no more. */
static inline size_t send_bytes(const struct client *client, const char *bytes, size_t len)
{
    size_t sent = 0;
    for (int waited = 0; sent < len && waited < PATIENCE_TURNS;) {
        ssize_t done = send(client->fd, bytes + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
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
static inline void deliver(const struct client *client, size_t most)
{
    char *bytes = NULL;
    char scratch[4096];
    long held = BIO_get_mem_data(client->out, &bytes);
    size_t len = held > 0 ? (size_t)held : 0;
    size_t sent = send_bytes(client, bytes, len < most ? len : most);
    while (sent > 0) {
        int dropped =
            BIO_read(client->out, scratch, (int)(sent < sizeof scratch ? sent : sizeof scratch));
        REQUIRE(dropped > 0);
        sent -= (size_t)dropped;
    }
}

static inline void note_head_requests(struct client *client, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        client->last_sent = client->last_sent << 8 | (unsigned char)bytes[i];
        client->answers.bodiless |= client->last_sent == 0x48454144U; /* HEAD */
    }
}

static inline bool is_sealing(const struct client *client)
{
    return client->seals && client->sealer.ready && SSL_is_init_finished(client->ssl);
}

/*
 * A record of any type: encrypted where the client seals, after what it wrote; else as it is, at
 * once, also between the pieces of a flight.
 */
static inline void put_record(struct client *client, uint8_t type, const void *content, size_t len)
{
    static unsigned char record[5 + 65536];
    if (is_sealing(client) && len + 1 + TAG_BYTES <= MAX_RECORD) {
        size_t sealed = seal(&client->sealer, record, type, content, len);
        (void)BIO_write(client->out, record, (int)sealed);
        return;
    }
    const unsigned char header[5] = {type, 3, 3, (unsigned char)(len >> 8), (unsigned char)len};
    memcpy(record, header, sizeof header);
    memcpy(record + 5, content, len);
    (void)send_bytes(client, (const char *)record, 5 + len);
}

/* One record of text. */
static inline bool write_record(struct client *client, const char *bytes, size_t len)
{
    if (is_sealing(client)) {
        put_record(client, SSL3_RT_APPLICATION_DATA, bytes, len);
        return true;
    }
    return SSL_write(client->ssl, bytes, (int)len) > 0;
}

/* Text of HTTP in records of at most `record` bytes. */
static inline void write_text(struct client *client, const char *bytes, size_t len, size_t record)
{
    note_head_requests(client, bytes, len);
    if (client->ssl == NULL) {
        (void)BIO_write(client->out, bytes, (int)len);
        return;
    }
    while (len > 0) {
        size_t part = len < record ? len : record;
        part = part < 16384 ? part : 16384;
        if (!write_record(client, bytes, part)) {
            return;
        }
        count_record_of(&client->allowance, part);
        bytes += part;
        len -= part;
    }
}

static inline void update_key(struct client *client, bool requested)
{
    const char message[] = {SSL3_MT_KEY_UPDATE, 0, 0, 1, (char)requested};
    if (is_sealing(client)) {
        put_record(client, SSL3_RT_HANDSHAKE, message, sizeof message);
        sealer_update(&client->sealer);
        client->allowance.messages++;
    } else if (SSL_key_update(client->ssl, requested ? SSL_KEY_UPDATE_REQUESTED
                                                     : SSL_KEY_UPDATE_NOT_REQUESTED) == 1) {
        client->allowance.messages += SSL_do_handshake(client->ssl) == 1;
    }
}

static inline void say_goodbye(struct client *client)
{
    const char alert[] = {SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY};
    if (is_sealing(client)) {
        put_record(client, SSL3_RT_ALERT, alert, sizeof alert);
    } else {
        (void)SSL_shutdown(client->ssl);
    }
}

/* All of the handshake that is left. */
static inline void shake_hands(struct client *client)
{
    for (int i = 0; i < 6 && client->ssl != NULL && !SSL_is_init_finished(client->ssl); i++) {
        deliver(client, SIZE_MAX);
        turn();
        receive(client);
    }
    deliver(client, SIZE_MAX);
    turn();
}

#endif

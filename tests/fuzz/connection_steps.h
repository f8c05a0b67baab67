/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_steps - the steps that an input of the target `connection` is made of.
 *
 * A step is four bytes: what to do and on which of eight connections, and three arguments.
 */
#ifndef MOOR_TESTS_FUZZ_CONNECTION_STEPS_H
#define MOOR_TESTS_FUZZ_CONNECTION_STEPS_H

#include "policy/base/array_size.h"
#include "tests/fuzz/connection_client.h"

#define CLIENTS     8
#define CROWD       14 /* more than may begin a handshake in one turn, or have a place */
#define STEP_BYTES  4
#define MAX_SENT    (4096 * KIB) /* for one input */
#define RECORD_COST 64

struct run {
    struct connection connections[CLIENTS];
    struct connection crowd[CROWD];
    unsigned held; /* steps without a turn */
    size_t sent;
};

struct step {
    struct connection *connection;
    uint8_t a, b, c;
};

static const size_t sizes[] = {
    0,      1,      2,      3,      4,      5,      6,       8,     13,    16,    17,
    32,     64,     100,    127,    128,    250,    255,     256,   257,   512,   1000,
    1399,   1400,   2048,   4096,   5000,   8191,   8192,    12000, 16383, 16384, 16385,
    16640,  20000,  32767,  32768,  40000,  65535,  65536,   65537, 70000, 90000, 100000,
    131071, 131072, 131073, 200000, 300000, 600000, 1179648,
};

static inline size_t size_at(uint8_t index)
{
    return sizes[index % MOOR_ARRAY_SIZE(sizes)];
}

static inline size_t record_at(uint8_t index)
{
    size_t record = size_at(index);
    return record > 0 ? record : 16384;
}

/* --- many clients ---------------------------------------------------------------------------- */

static inline void leave_crowd(struct run *run)
{
    for (int i = 0; i < CROWD; i++) {
        client_close(&run->crowd[i]);
    }
}

/* Connections that are silent at first, and then begin their handshakes at once. */
static inline void step_crowd(struct run *run, struct step step)
{
    leave_crowd(run);
    for (unsigned i = 0; i < 1U + step.a % CROWD; i++) {
        client_open(&run->crowd[i],
                    (struct client_options){.old = step.b % 2 == 1, .retried = step.b % 4 == 2});
    }
    for (unsigned i = step.c % 16U; i > 0; i--) {
        turn();
    }
    for (int i = 0; i < CROWD; i++) {
        if (run->crowd[i].fd >= 0) {
            deliver(&run->crowd[i], step.b % 8 == 7 ? 1 : SIZE_MAX);
        }
    }
}

/* The crowd goes on, or leaves. */
static inline void step_crowd_on(struct run *run, struct step step)
{
    for (int i = 0; i < CROWD && step.a % 4 != 3; i++) {
        if (run->crowd[i].fd >= 0) {
            receive(&run->crowd[i]);
            deliver(&run->crowd[i], SIZE_MAX);
        }
    }
    if (step.a % 4 == 3) {
        leave_crowd(run);
    }
}

/* --- steps below the TLS layer --------------------------------------------------------------- */

static inline void step_hold(struct run *run, struct step step)
{
    run->held = step.a % 16U;
}

static inline void step_turn(struct run *run, struct step step)
{
    (void)run;
    for (unsigned i = step.a % 8U; i > 0; i--) {
        turn();
    }
}

static inline void step_pass_time(struct run *run, struct step step)
{
    static const uint32_t times_ms[] = {1,    2,    10,   50,   100,   250,   251,   500,
                                        1001, 1501, 3001, 5001, 10001, 15001, 120001};
    (void)run;
    clock_us += (uint64_t)times_ms[step.a % MOOR_ARRAY_SIZE(times_ms)] * 1000U;
}

static inline void step_flight(struct run *run, struct step step)
{
    (void)run;
    receive(step.connection);
    deliver(step.connection, step.a > 0 ? (size_t)step.a << step.b % 8 : SIZE_MAX);
}

/* All but the last bytes of what the client would send. */
static inline void step_flight_but(struct run *run, struct step step)
{
    (void)run;
    receive(step.connection);
    size_t held = BIO_ctrl_pending(step.connection->out);
    size_t kept = (size_t)step.a + 1;
    deliver(step.connection, held > kept ? held - kept : 0);
}

static inline void step_handshake(struct run *run, struct step step)
{
    (void)run;
    shake_hands(step.connection);
}

static inline void step_bytes(struct run *run, struct step step)
{
    (void)run;
    const char bytes[] = {(char)step.b, (char)step.c};
    (void)send_bytes(step.connection, bytes, 1 + step.a % 2U);
}

/* Sends records that were put, and as they are unless the client seals. */
static inline void put_and_send(struct run *run, struct connection *connection, uint8_t type,
                                const void *content, size_t len)
{
    if (run->sent + len + RECORD_COST <= MAX_SENT) {
        run->sent += len + RECORD_COST;
        put_record(connection, type, content, len);
        if (is_sealing(connection)) {
            deliver(connection, SIZE_MAX);
        }
    }
}

/* A record of any type and length. */
static inline void step_record(struct run *run, struct step step)
{
    static const uint8_t types[] = {20, 21, 22, 23, 24, 0, 0x80, 255};
    static char content[65536];
    memset(content, step.c, sizeof content);
    put_and_send(run, step.connection, types[step.a % sizeof types], content,
                 size_at(step.b) & 0xffffU);
}

/* Many records of a kind, at once. */
static inline void step_records(struct run *run, struct step step)
{
    static const uint8_t types[] = {20, 21, 22, 23};
    static const char content[256] = {1};
    for (size_t i = size_at(step.c % 32U); i > 0; i--) {
        put_and_send(run, step.connection, types[step.a % sizeof types], content, step.b);
    }
}

static inline void step_alert(struct run *run, struct step step)
{
    static const uint8_t requirements[] = {1, 2, 0, 255};
    static const uint8_t descriptions[] = {0, 90, 100, 10, 20, 40, 42, 48, 80, 109, 112, 255};
    const char alert[] = {(char)requirements[step.a % sizeof requirements],
                          (char)descriptions[step.b % sizeof descriptions]};
    for (int i = step.c % 8; i >= 0; i--) {
        put_and_send(run, step.connection, SSL3_RT_ALERT, alert, step.c / 8 % 8 == 7 ? 1 : 2);
    }
}

/* A record as it is on the wire, also in an encrypted connection. */
static inline void step_change_cipher(struct run *run, struct step step)
{
    (void)run;
    static const char record[] = {20, 3, 3, 0, 1, 1};
    for (int i = step.a % 64; i >= 0; i--) {
        (void)send_bytes(step.connection, record, sizeof record);
    }
}

/* A handshake message of any type that says it is long, in records of any size. */
static inline void step_long_message(struct run *run, struct step step)
{
    static char content[16384];
    size_t size = record_at(step.b) < sizeof content ? record_at(step.b) : sizeof content;
    const unsigned char head[] = {step.a, 0, 255, 255};
    memcpy(content, head, sizeof head);
    for (int i = step.c; i >= 0; i--) {
        put_and_send(run, step.connection, SSL3_RT_HANDSHAKE, content, size);
    }
}

/* Handshake messages that are complete, of any type and short. */
static inline void step_messages(struct run *run, struct step step)
{
    unsigned char message[4 + 255] = {step.a % 32, 0, 0, step.b};
    for (size_t i = step.c % 64U; i > 0; i--) {
        put_and_send(run, step.connection, SSL3_RT_HANDSHAKE, message, 4U + step.b);
    }
}

static inline void step_shut(struct run *run, struct step step)
{
    (void)run;
    (void)shutdown(step.connection->fd, SHUT_WR);
}

static inline void step_close(struct run *run, struct step step)
{
    (void)run;
    if (step.a % 2 == 1) {
        set_reset(step.connection->fd);
    }
    client_close(step.connection);
}

/* From now on the client takes no answers, or takes them again. */
static inline void step_deafen(struct run *run, struct step step)
{
    (void)run;
    step.connection->is_deaf = step.a % 2 == 1;
}

/* --- steps above it -------------------------------------------------------------------------- */

/* Writes text and sends it, unless it is to arrive with what follows or too much was sent. */
static inline void say(struct run *run, struct connection *connection, const char *text, size_t len,
                       size_t record)
{
    size_t cost = len + len / record * RECORD_COST;
    if (run->sent + cost <= MAX_SENT) {
        run->sent += cost;
        write_text(connection, text, len, record);
        deliver(connection, SIZE_MAX);
    }
}

static inline void step_text(struct run *run, struct step step)
{
    const char text[] = {(char)step.b, (char)step.c};
    say(run, step.connection, text, 1 + step.a % 2U, 1);
}

static inline void step_fragment(struct run *run, struct step step)
{
    static const char *const fragments[] = {
        "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /readyz?verbose HTTP/1.1\r\n\r\n",
        "GET /metrics HTTP/1.1\r\n\r\n",
        "POST /validate HTTP/1.1\r\n",
        "POST /validate/production HTTP/1.0\r\n",
        "HEAD /livez HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /../livez HTTP/1.1\r\n",
        "Content-Type: application/json\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 99999999999\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "Connection: keep-alive, upgrade\r\nUpgrade: h2c\r\n",
        " folded\r\n",
        "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
        "\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "abcde",
    };
    const char *text = fragments[step.a % MOOR_ARRAY_SIZE(fragments)];
    for (int i = step.b % 4 == 3 ? step.b : 0; i >= 0; i--) {
        say(run, step.connection, text, strlen(text), record_at(step.c));
    }
}

/* The head of a POST that announces a body of a size. */
static inline void step_post(struct run *run, struct step step)
{
    char head[256];
    int len = snprintf(head, sizeof head,
                       "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s%s",
                       (step.b & 1) != 0 ? "/image-review" : "/validate",
                       (step.b & 2) != 0 ? "Expect: 100-continue\r\n" : "",
                       (step.b & 4) != 0 ? "Connection: close\r\n" : "");
    say(run, step.connection, head, (size_t)len, record_at(step.c));
    len = (step.b & 8) != 0
              ? snprintf(head, sizeof head, "Transfer-Encoding: chunked\r\n\r\n")
              : snprintf(head, sizeof head, "Content-Length: %zu\r\n\r\n", size_at(step.a));
    say(run, step.connection, head, (size_t)len, record_at(step.c));
}

/* Bytes of a body; what it begins with tells the handler how long to take or what to answer. */
static inline void say_body(struct run *run, struct step step, size_t len)
{
    static char body[1200 * 1024];
    memset(body, 'x', len);
    char order[32];
    int order_len = step.b % 4 == 1 ? snprintf(order, sizeof order, "sleep %u ", step.b / 4U)
                    : step.b % 4 == 2
                        ? snprintf(order, sizeof order, "reply %zu ", size_at(step.b / 4U))
                        : 0;
    memcpy(body, order, (size_t)order_len < len ? (size_t)order_len : len);
    say(run, step.connection, body, len, record_at(step.c));
}

/* A request that is complete, with the body that it announces. */
static inline void step_request(struct run *run, struct step step)
{
    step_post(run, (struct step){step.connection, step.a, 0, step.c});
    say_body(run, step, size_at(step.a));
}

static inline void step_body(struct run *run, struct step step)
{
    say_body(run, step, size_at(step.a));
}

static inline void step_chunk(struct run *run, struct step step)
{
    char line[32];
    int len = snprintf(line, sizeof line, "%zx\r\n", size_at(step.a));
    say(run, step.connection, line, (size_t)len, 16384);
    say_body(run, step, size_at(step.a));
    say(run, step.connection, "\r\n", 2, 16384);
}

static inline void step_key_update(struct run *run, struct step step)
{
    (void)run;
    if (step.connection->ssl == NULL || SSL_version(step.connection->ssl) != TLS1_3_VERSION ||
        !SSL_is_init_finished(step.connection->ssl)) {
        return;
    }
    for (int i = step.b % 64; i >= 0; i--) {
        update_key(step.connection, step.a % 2 == 1);
    }
    deliver(step.connection, SIZE_MAX);
}

static inline void step_close_notify(struct run *run, struct step step)
{
    (void)run;
    if (step.connection->ssl != NULL) {
        say_goodbye(step.connection);
        deliver(step.connection, SIZE_MAX);
    }
}

static inline void step_renegotiate(struct run *run, struct step step)
{
    (void)run;
    if (step.connection->ssl != NULL && SSL_renegotiate(step.connection->ssl) == 1) {
        (void)SSL_do_handshake(step.connection->ssl);
        deliver(step.connection, SIZE_MAX);
    }
}

/* A record that the client cannot read makes it send a fatal alert as the protocol has it. */
static inline void step_confuse_client(struct run *run, struct step step)
{
    (void)run;
    const char record[] = {(char)(20 + step.a % 5), 3, 3, 0, 3, (char)step.b, (char)step.c, 0};
    if (step.connection->ssl != NULL) {
        (void)BIO_write(step.connection->in, record, sizeof record);
        read_answers(step.connection);
        deliver(step.connection, SIZE_MAX);
    }
}

/* Connections of an older context end with their next answer. */
static inline void step_reload(struct run *run, struct step step)
{
    (void)run;
    (void)step;
    (void)atomic_fetch_add(&webhook.shared.tls_generation, 1);
}

static inline void step_open(struct run *run, struct step step)
{
    (void)run;
    client_close(step.connection);
    client_open(step.connection, (struct client_options){
                                     .plain = step.a % 4 == 2,
                                     .old = step.a % 4 == 1,
                                     .mutual = step.a % 4 == 3,
                                     .seals = step.a % 8 >= 4,
                                     .retried = step.b % 8 >= 4,
                                     .listener = step.b % 4 == 3 ? LISTENER_TCP : LISTENER_UNIX});
}

/* --- all of them ------------------------------------------------------------ */

/* Steps that are worth frequent use are listed twice. */
static void (*const steps[])(struct run *, struct step) = {
    step_open,       step_hold,       step_turn,         step_pass_time,     step_flight,
    step_flight_but, step_handshake,  step_crowd_on,     step_bytes,         step_record,
    step_records,    step_alert,      step_messages,     step_change_cipher, step_long_message,
    step_shut,       step_close,      step_deafen,       step_text,          step_fragment,
    step_fragment,   step_post,       step_request,      step_body,          step_body,
    step_chunk,      step_key_update, step_close_notify, step_renegotiate,   step_confuse_client,
    step_reload,     step_crowd,
};

_Static_assert(MOOR_ARRAY_SIZE(steps) == 32, "five bits name a step");

#endif

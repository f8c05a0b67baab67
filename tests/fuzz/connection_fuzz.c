/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection - what clients do below and above the TLS layer, in any order and at any moment.
 *
 * The input is a program of steps, four bytes each: what to do and on which of eight connections,
 * and three arguments.  After each step the event loops turn once, so that each is seen alone; the
 * step `hold` lets the next ones arrive together.  The invariants are in connection_server.h and
 * connection_client.h; at the end all clients close, and nothing may be left of them.  Every few
 * inputs, fresh clients must get correct answers.
 */
#include "policy/base/array_size.h"
#include "tests/fuzz/connection_steps.h"

#define MAX_STEPS    160
#define HONEST_EVERY 8U
#define HONEST_TURNS 64
#define SETTLE_TURNS 64
#define LEFT_BYTES   ((int64_t)1 << 20) /* that inputs may leave allocated: caches */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));

static void take_step(struct run *run, const uint8_t bytes[STEP_BYTES])
{
    struct connection *connection = &run->connections[bytes[0] >> 5];
    struct step step = {connection, bytes[1], bytes[2], bytes[3]};
    void (*const act)(struct run *, struct step) = steps[bytes[0] & 31];
    if (connection->fd < 0 && act != step_open) {
        step_open(run, (struct step){connection, 0, 0, 0});
        turn();
    }
    if (connection->fd >= 0 || act == step_open) {
        act(run, step);
    }
    if (run->held > 0) {
        run->held--;
        return;
    }
    turn();
    if (connection->fd >= 0 && !connection->is_deaf) {
        receive(connection);
    }
    if (connection->ssl != NULL) {
        check_allowance(connection);
    }
}

/* A fresh client gets its answer. */
static void check_honest(struct client_options options)
{
    struct connection connection;
    static const char get[] = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char post[] =
        "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 3\r\n\r\nabc";
    const char *text = options.plain ? get : post;
    client_open(&connection, options);
    REQUIRE(connection.fd >= 0);
    REQUIRE(options.listener == LISTENER_TCP || !is_quiet(options.plain ? &probes : &webhook));
    turn();
    shake_hands(&connection);
    write_text(&connection, text, strlen(text), 16384);
    deliver(&connection, SIZE_MAX);
    for (int i = 0; i < HONEST_TURNS && connection.answers.complete == 0; i++) {
        turn();
        receive(&connection);
    }
    REQUIRE(connection.answers.complete == 1 && connection.answers.status == 200);
    client_close(&connection);
}

static void check_honest_clients(void)
{
    static const struct client_options kinds[] = {
        {.plain = true},  {.old = true},     {.seals = true},
        {.mutual = true}, {.retried = true}, {.listener = LISTENER_TCP},
    };
    static size_t next;
    check_honest(kinds[next++ % MOOR_ARRAY_SIZE(kinds)]);
    check_honest((struct client_options){0});
}

/* While no client does anything, the event loops sleep. */
static void check_quiet(void)
{
    for (int i = 0; i < SETTLE_TURNS && !(is_quiet(&webhook) && is_quiet(&probes)); i++) {
        turn();
    }
    REQUIRE(is_quiet(&webhook) && is_quiet(&probes));
}

/* All clients are gone: so is what the server keeps of them, at the latest after its timeouts. */
static void come_to_rest(void)
{
    for (int i = 0; i < 64 && !(is_at_rest(&webhook) && is_at_rest(&probes)); i++) {
        clock_us += i < 16 ? 0 : 1000000U;
        turn();
    }
    turn();
    check_at_rest(&webhook);
    check_at_rest(&probes);
    check_quiet();
}

static void check_leaks(void)
{
    static int64_t left;
    left += (int64_t)heap_bytes() - (int64_t)heap_before;
    REQUIRE(left <= LEFT_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned count;
    static struct run run;
    if (count == 0) {
        begin_server();
    }
    run = (struct run){.held = 0};
    for (int i = 0; i < CLIENTS; i++) {
        run.connections[i].fd = -1;
    }
    for (int i = 0; i < CROWD; i++) {
        run.crowd[i].fd = -1;
    }
    heap_before = heap_bytes();
    for (size_t at = 0; at + STEP_BYTES <= size && at < (size_t)MAX_STEPS * STEP_BYTES;
         at += STEP_BYTES) {
        take_step(&run, data + at);
    }
    check_quiet();
    for (int i = 0; i < CLIENTS; i++) {
        client_close(&run.connections[i]);
    }
    leave_crowd(&run);
    come_to_rest();
    if (count++ % HONEST_EVERY == 0) {
        check_honest_clients();
        come_to_rest();
    }
    check_leaks();
    return 0;
}

/* --- the mutator ----------------------------------------------------------------------------- */

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static void random_step(uint8_t out[STEP_BYTES], unsigned *state)
{
    unsigned connection = next_random(state) % 4 == 0 ? next_random(state) % CLIENTS : 0;
    out[0] = (uint8_t)(connection << 5 | next_random(state) % 32);
    for (int i = 1; i < STEP_BYTES; i++) {
        out[i] = (uint8_t)(next_random(state) % (next_random(state) % 2 == 0 ? 8 : 256));
    }
}

/* Changes a program by whole steps: one is put in, left out, repeated or changed, or two swapped.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    unsigned state = seed;
    size_t count = size / STEP_BYTES;
    size_t at = count > 0 ? next_random(&state) % count : 0;
    uint8_t *step = data + at * STEP_BYTES;
    bool has_body_buffer = (count + 1) * STEP_BYTES <= max_size;
    unsigned choice = next_random(&state) % 8;
    if ((choice <= 2 || count == 0) && has_body_buffer) {
        memmove(step + STEP_BYTES, step, (count - at) * STEP_BYTES);
        if (choice > 0 || count == 0) { /* 0: as it was, once more */
            random_step(step, &state);
        }
        return (count + 1) * STEP_BYTES;
    }
    if (choice == 3 && count > 1) {
        memmove(step, step + STEP_BYTES, (count - at - 1) * STEP_BYTES);
        return (count - 1) * STEP_BYTES;
    }
    if (choice == 4 && count > 0) {
        step[next_random(&state) % STEP_BYTES] = (uint8_t)next_random(&state);
        return count * STEP_BYTES;
    }
    if (choice == 5 && count > 1) {
        uint8_t *other = data + next_random(&state) % count * STEP_BYTES;
        uint8_t kept[STEP_BYTES];
        memcpy(kept, step, STEP_BYTES);
        memmove(step, other, STEP_BYTES);
        memcpy(other, kept, STEP_BYTES);
        return count * STEP_BYTES;
    }
    size = LLVMFuzzerMutate != NULL ? LLVMFuzzerMutate(data, size, max_size) : size;
    return size - size % STEP_BYTES;
}

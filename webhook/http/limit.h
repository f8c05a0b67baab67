/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit - names the limits that a connection can reach, and the actions that enforce them.
 *
 * LIMITS.md describes the purpose of each limit, what a client sees, and where the limit is
 * enforced.
 *
 * Threads:  pure, any thread.
 * Memory:   constants.
 */
#ifndef MOOR_WEBHOOK_HTTP_LIMIT_H
#define MOOR_WEBHOOK_HTTP_LIMIT_H

/*
 * Table of the limits: MOOR_LIMIT_<name>, the name in logs and metrics, when the limit is reached,
 * and what the client sees.  Each row also defines a counter and a row of LIMITS.md.
 */
#define MOOR_LIMITS(ROW)                                                                        \
    ROW(NONE, "none", "", "")                                                                   \
    ROW(BODY, "body", "the body is larger than `--max-body-bytes`", "HTTP 413")                 \
    ROW(HEAD, "head", "the request line and headers are larger than `max_head_bytes`",          \
        "HTTP 431, or a reset if the head is not complete")                                     \
    ROW(HANDSHAKE_BYTES, "handshake_bytes", "a handshake or one ClientHello is too large",      \
        "the connection closes")                                                                \
    ROW(BUFFERED_PAUSE, "buffered_pause", "too much is buffered: the request waits",            \
        "nothing, the request takes longer")                                                    \
    ROW(BUFFERED_STALL, "buffered_stall", "the request stalls while others wait", "a reset")    \
    ROW(BUFFERED_CLOSE, "buffered_close", "pausing was not enough", "a reset")                  \
    ROW(CONNECTIONS, "connections",                                                             \
        "there are too many connections, and this connection gives way", "a reset")             \
    ROW(HANDSHAKE_TIMEOUT, "handshake_timeout", "the handshake takes too long", "a reset")      \
    ROW(REQUEST_TIMEOUT, "request_timeout", "a request is not complete in time", "a reset")     \
    ROW(IDLE_TIMEOUT, "idle_timeout", "no request comes for too long", "the connection closes") \
    ROW(UNSENT_TIMEOUT, "unsent_timeout", "the client does not read its answer", "a reset")     \
    ROW(PIPELINE, "pipeline", "a second request arrives before the first has its answer",       \
        "the first answer, then the connection closes")                                         \
    ROW(SMALL_RECORDS, "small_records", "too many TLS records that are almost empty",           \
        "the connection closes")                                                                \
    ROW(TLS_MESSAGES, "tls_messages", "too many handshake messages after the handshake",        \
        "the connection closes")

#define MOOR_LIMIT_ENUM(name, text, when, sees) MOOR_LIMIT_##name,

enum moor_limit {
    MOOR_LIMITS(MOOR_LIMIT_ENUM) MOOR_LIMIT_COUNT
};

/* Returns the name of a limit for logs and metrics, such as `handshake_timeout`. */
const char *moor_limit_name(enum moor_limit limit);

/* Action that the event loop applies to a connection. */
enum moor_action_kind {
    MOOR_ACTION_NONE,
    MOOR_ACTION_PAUSE,       /* stop reading */
    MOOR_ACTION_RESUME,      /* read again */
    MOOR_ACTION_CUT,         /* close it with a reset */
    MOOR_ACTION_HANG_UP,     /* close it without a reset: its client sends no more */
    MOOR_ACTION_END_READING, /* close it after its requests are answered */
    MOOR_ACTION_LEAVE,       /* cut it for a newer connection, but read its input first */
    MOOR_ACTION_STAY         /* keep it: it has begun a request since it was chosen to leave */
};

struct moor_connection_slot;

/* Action for the connection of a slot, with its reason. */
struct moor_action {
    enum moor_action_kind kind;
    enum moor_limit limit; /* reason; MOOR_LIMIT_NONE if no limit was reached */
    struct moor_connection_slot *slot;
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit - the limits that a connection can reach, their names, and the actions that keep them.
 *
 * LIMITS.md tells what each limit is for, what a client sees of it and where it is enforced.
 *
 * Threads:  pure, any thread.
 * Memory:   constants.
 */
#ifndef MOOR_WEBHOOK_HTTP_LIMIT_H
#define MOOR_WEBHOOK_HTTP_LIMIT_H

/*
 * One row a limit: it becomes MOOR_LIMIT_<name>, its name in logs and metrics, and its counter.
 */
#define MOOR_LIMITS(ROW)                                                                           \
    ROW(NONE, "none")                                                                              \
    ROW(BODY, "body")                       /* 413 */                                              \
    ROW(HEAD, "head")                       /* too many bytes before the end of the head */        \
    ROW(HANDSHAKE_BYTES, "handshake_bytes") /* too much input before the end of the handshake */   \
    ROW(BUFFERED_PAUSE, "buffered_pause")   /* reading was paused */                               \
    ROW(BUFFERED_STALL, "buffered_stall") /* closed because it stalled while others were paused */ \
    ROW(BUFFERED_CLOSE, "buffered_close") /* closed because pausing was not enough */              \
    ROW(CONNECTIONS, "connections")       /* closed for a newer connection */                      \
    ROW(HANDSHAKE_TIMEOUT, "handshake_timeout") /* the times in each state */                      \
    ROW(REQUEST_TIMEOUT, "request_timeout")                                                        \
    ROW(IDLE_TIMEOUT, "idle_timeout")                                                              \
    ROW(UNSENT_TIMEOUT, "unsent_timeout")                                                          \
    ROW(PIPELINE, "pipeline")           /* bytes beyond the request: answered, then closed */      \
    ROW(SMALL_RECORDS, "small_records") /* too many small TLS records for one request */           \
    ROW(TLS_MESSAGES, "tls_messages")   /* too many handshake messages after the handshake */

#define MOOR_LIMIT_ENUM(name, text) MOOR_LIMIT_##name,

enum moor_limit {
    MOOR_LIMITS(MOOR_LIMIT_ENUM) MOOR_LIMIT_COUNT
};

/* `handshake_timeout`, for logs and metrics. */
const char *moor_limit_name(enum moor_limit limit);

/* What the event loop has to do with a connection. */
enum moor_action_kind {
    MOOR_ACTION_NONE,
    MOOR_ACTION_PAUSE,       /* stop reading */
    MOOR_ACTION_RESUME,      /* read again */
    MOOR_ACTION_CUT,         /* close it with a reset */
    MOOR_ACTION_HANG_UP,     /* close it without a reset: its client sends no more */
    MOOR_ACTION_END_READING, /* close it when what has arrived is answered */
    MOOR_ACTION_LEAVE,       /* cut it for a newer one, but read first what has arrived */
    MOOR_ACTION_STAY         /* it was to leave, and has begun a request since */
};

struct moor_connection_slot;

struct moor_action {
    enum moor_action_kind kind;
    enum moor_limit limit; /* the reason, MOOR_LIMIT_NONE if it is no limit */
    struct moor_connection_slot *slot;
};

#endif

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
 * Table of the limits.  Each row defines MOOR_LIMIT_<name>, the name in logs and metrics, and a
 * counter.
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

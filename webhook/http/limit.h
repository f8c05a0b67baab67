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

/* The limits that a connection can run into, each with a counter. */
enum moor_limit {
    MOOR_LIMIT_NONE,
    MOOR_LIMIT_BODY,              /* 413 */
    MOOR_LIMIT_HEAD,              /* too many bytes before the end of the head */
    MOOR_LIMIT_HANDSHAKE_BYTES,   /* too much input before the end of the handshake */
    MOOR_LIMIT_BUFFERED_PAUSE,    /* reading was paused */
    MOOR_LIMIT_BUFFERED_STALL,    /* closed because it stalled while others were paused */
    MOOR_LIMIT_BUFFERED_CLOSE,    /* closed because pausing was not enough */
    MOOR_LIMIT_CONNECTIONS,       /* closed for a newer connection */
    MOOR_LIMIT_HANDSHAKE_TIMEOUT, /* and the times in each state */
    MOOR_LIMIT_REQUEST_TIMEOUT,
    MOOR_LIMIT_IDLE_TIMEOUT,
    MOOR_LIMIT_UNSENT_TIMEOUT,
    MOOR_LIMIT_PIPELINE,      /* bytes beyond the request: answered, then closed */
    MOOR_LIMIT_SMALL_RECORDS, /* too many small TLS records for one request */
    MOOR_LIMIT_TLS_MESSAGES,  /* too many handshake messages after the handshake */
    MOOR_LIMIT_COUNT
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/limit.h"

const char *moor_limit_name(enum moor_limit limit)
{
    static const char *const names[MOOR_LIMIT_COUNT] = {
        [MOOR_LIMIT_NONE] = "none",
        [MOOR_LIMIT_BODY] = "body",
        [MOOR_LIMIT_HEAD] = "head",
        [MOOR_LIMIT_HANDSHAKE_BYTES] = "handshake_bytes",
        [MOOR_LIMIT_BUFFERED_PAUSE] = "buffered_pause",
        [MOOR_LIMIT_BUFFERED_STALL] = "buffered_stall",
        [MOOR_LIMIT_BUFFERED_CLOSE] = "buffered_close",
        [MOOR_LIMIT_CONNECTIONS] = "connections",
        [MOOR_LIMIT_HANDSHAKE_TIMEOUT] = "handshake_timeout",
        [MOOR_LIMIT_REQUEST_TIMEOUT] = "request_timeout",
        [MOOR_LIMIT_IDLE_TIMEOUT] = "idle_timeout",
        [MOOR_LIMIT_UNSENT_TIMEOUT] = "unsent_timeout",
        [MOOR_LIMIT_PIPELINE] = "pipeline",
        [MOOR_LIMIT_SMALL_RECORDS] = "small_records",
        [MOOR_LIMIT_TLS_MESSAGES] = "tls_messages",
    };
    return names[limit];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/counters.h"

/*
 * The names are label values of metrics and therefore an interface: dashboards and alerts depend on
 * them.
 */
const char *moor_handshake_error_name(enum moor_handshake_error reason)
{
    static const char *const names[MOOR_HANDSHAKE_ERROR_COUNT] = {
        [MOOR_HANDSHAKE_CLOSED] = "closed",
        [MOOR_HANDSHAKE_REFUSED] = "refused",
        [MOOR_HANDSHAKE_PROTOCOL] = "protocol",
        [MOOR_HANDSHAKE_NO_CERTIFICATE] = "no_client_certificate",
        [MOOR_HANDSHAKE_BAD_CERTIFICATE] = "bad_client_certificate",
        [MOOR_HANDSHAKE_LIMIT] = "limit",
    };
    return names[reason];
}

const char *moor_request_error_name(enum moor_request_error cause)
{
    static const char *const names[MOOR_REQUEST_ERROR_COUNT] = {
        [MOOR_REQUEST_MALFORMED] = "malformed", [MOOR_REQUEST_PATH] = "path",
        [MOOR_REQUEST_METHOD] = "method",       [MOOR_REQUEST_CONTENT_TYPE] = "content_type",
        [MOOR_REQUEST_BODY_SIZE] = "body_size", [MOOR_REQUEST_HEAD_SIZE] = "head_size",
    };
    return names[cause];
}

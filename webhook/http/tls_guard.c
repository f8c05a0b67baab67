/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/tls_guard.h"

void moor_tls_guard_init(struct moor_tls_guard *out)
{
    *out = (struct moor_tls_guard){.spare_records = MOOR_TLS_SPARE_RECORDS};
}

bool moor_tls_guard_take(struct moor_tls_guard *guard, const unsigned char *bytes, size_t len,
                         size_t max_handshake_bytes)
{
    return guard->read_bytes <= max_handshake_bytes && moor_hello_read(&guard->hello, bytes, len);
}

/*
 * A record of any size costs about the same, so a connection pays for each record and earns
 * by content.  Large records restore the allowance, so that uploads of any size pass; a stream of
 * tiny records does not.
 */
bool moor_tls_guard_count_record(struct moor_tls_guard *guard, size_t content_bytes)
{
    size_t earned = content_bytes / MOOR_TLS_RECORD_BYTES;
    if (earned > 0) {
        guard->spare_records = guard->spare_records + earned - 1 < MOOR_TLS_SPARE_RECORDS
                                   ? guard->spare_records + (unsigned)earned - 1
                                   : MOOR_TLS_SPARE_RECORDS;
        return true;
    }
    if (guard->spare_records == 0) {
        return false;
    }
    guard->spare_records--;
    return true;
}

bool moor_tls_guard_count_message(struct moor_tls_guard *guard)
{
    return ++guard->messages <= MOOR_TLS_MAX_MESSAGES;
}

void moor_tls_guard_begin_request(struct moor_tls_guard *guard)
{
    guard->spare_records = MOOR_TLS_SPARE_RECORDS;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/hello.h"

#include <string.h>

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO     1

/*
 * Copies bytes to `out` until it is full, and returns their number.  A header may arrive in pieces,
 * so it is collected before it is read.
 */
static size_t fill(unsigned char *out, size_t size, size_t *filled, const unsigned char *bytes,
                   size_t len)
{
    size_t count = size - *filled < len ? size - *filled : len;
    memcpy(out + *filled, bytes, count);
    *filled += count;
    return count;
}

/* A record without content has no message bytes, so the next record header follows at once. */
static size_t read_record_header(struct moor_hello *hello, const unsigned char *bytes, size_t len)
{
    size_t count = fill(hello->record, sizeof hello->record, &hello->record_len, bytes, len);
    if (hello->record_len == sizeof hello->record) {
        hello->content = (size_t)hello->record[3] << 8 | hello->record[4];
        hello->record_len = hello->content > 0 ? hello->record_len : 0;
    }
    return count;
}

/*
 * A message may span records, and a record may hold several messages (RFC 8446, section 5.1).
 * Therefore the two lengths are counted independently.
 */
static size_t read_message(struct moor_hello *hello, const unsigned char *bytes, size_t len)
{
    if (hello->message > 0) {
        size_t count = hello->message < len ? hello->message : len;
        hello->message -= count;
        return count;
    }
    size_t count = fill(hello->header, sizeof hello->header, &hello->header_len, bytes, len);
    if (hello->header_len == sizeof hello->header) {
        hello->done = hello->header[0] != CLIENT_HELLO;
        hello->message =
            (size_t)hello->header[1] << 16 | (size_t)hello->header[2] << 8 | hello->header[3];
        hello->header_len = 0;
    }
    return count;
}

static size_t read_content(struct moor_hello *hello, const unsigned char *bytes, size_t len)
{
    size_t most = hello->content < len ? hello->content : len;
    size_t count = hello->record[0] == RECORD_HANDSHAKE ? read_message(hello, bytes, most) : most;
    hello->content -= count;
    hello->record_len = hello->content > 0 ? hello->record_len : 0;
    return count;
}

/*
 * The length is checked as soon as the header is complete: OpenSSL allocates memory at that moment.
 */
bool moor_hello_read(struct moor_hello *hello, const unsigned char *bytes, size_t len)
{
    for (size_t at = 0; at < len && !hello->done;) {
        at += hello->record_len < sizeof hello->record
                  ? read_record_header(hello, bytes + at, len - at)
                  : read_content(hello, bytes + at, len - at);
        if (!hello->done && hello->message > MOOR_HELLO_MAX_BYTES) {
            return false;
        }
    }
    return true;
}

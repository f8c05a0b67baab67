/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/tls_chain.h"

#define MESSAGE_HEADER_BYTES 4U

/* TLS writes lengths in network byte order (RFC 8446, section 3.3). */
static size_t number_at(const char *bytes, size_t digits)
{
    size_t number = 0;
    for (size_t i = 0; i < digits; i++) {
        number = number << 8 | (unsigned char)bytes[i];
    }
    return number;
}

/*
 * Removes a part from the front of `rest`; its first `digits` bytes are its length.  Returns false
 * if the part is incomplete.
 */
static bool skip_part(struct moor_slice *rest, size_t digits)
{
    if (rest->len < digits) {
        return false;
    }
    size_t len = number_at(rest->ptr, digits);
    bool whole = len <= rest->len - digits;
    *rest = moor_slice_sub(*rest, whole ? digits + len : rest->len, rest->len);
    return whole;
}

/*
 * Counts certificates up to the point at which the message is malformed, because OpenSSL decodes as
 * many before it notices the error.
 */
static unsigned count_certificates(struct moor_slice rest, bool has_context)
{
    unsigned count = 0;
    if (has_context && !skip_part(&rest, 1)) {
        return 0;
    }
    rest = moor_slice_sub(rest, rest.len < 3 ? rest.len : 3, rest.len);
    while (rest.len > 0 && skip_part(&rest, 3)) {
        count++;
        if (has_context && !skip_part(&rest, 2)) {
            break;
        }
    }
    return count;
}

/*
 * Returns whether a certificate defines its own curve, which RFC 5480 forbids.  The object
 * identifiers of field types occur only in such a definition.  A search for their common prefix
 * needs no parser for hostile input.
 */
static bool defines_a_curve(struct moor_slice message)
{
    static const char field_types[] = "\x2a\x86\x48\xce\x3d\x01"; /* 1.2.840.10045.1 */
    return message.len > 0 &&
           memmem(message.ptr, message.len, field_types, sizeof field_types - 1) != NULL;
}

const char *moor_tls_chain_refusal(struct moor_slice message, bool has_context)
{
    struct moor_slice rest = moor_slice_sub(
        message, message.len < MESSAGE_HEADER_BYTES ? message.len : MESSAGE_HEADER_BYTES,
        message.len);
    if (count_certificates(rest, has_context) > MOOR_TLS_MAX_CHAIN) {
        return "it has too many certificates";
    }
    return defines_a_curve(rest) ? "it defines an elliptic curve of its own" : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framing - whether the head of a request is clear about where its body ends.
 *
 * libh2o uses the first Content-Length or the last Transfer-Encoding and ignores the others.  A
 * proxy in front may use another one, and would take a part of the body for a request of its own.
 * Follows RFC 9112, sections 5.2, 6.1 and 6.3.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows the head.
 */
#ifndef MOOR_WEBHOOK_HTTP_FRAMING_H
#define MOOR_WEBHOOK_HTTP_FRAMING_H

#include "policy/base/slice.h"

enum moor_framing {
    MOOR_FRAMING_CLEAR,
    MOOR_FRAMING_CLOSE, /* both headers: chunked applies, and the connection ends with the answer */
    MOOR_FRAMING_REFUSE /* Content-Length headers that differ, two Transfer-Encoding headers,
                           Transfer-Encoding in HTTP/1.0, or a header on several lines */
};

/* `head` is the request line and the headers as received, up to the empty line or beyond it. */
enum moor_framing moor_framing_of(struct moor_slice head);

#endif

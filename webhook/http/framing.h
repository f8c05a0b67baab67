/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framing - checks that the head of a request is unambiguous about the end of its body.
 *
 * libh2o uses the first Content-Length or the last Transfer-Encoding header and ignores the
 * others.  A proxy in front of the server may use another one, and would then take a part of the
 * body for a request of its own (request smuggling).  Follows RFC 9112, sections 5.2, 6.1 and 6.3.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows the head.
 */
#ifndef MOOR_WEBHOOK_HTTP_FRAMING_H
#define MOOR_WEBHOOK_HTTP_FRAMING_H

#include "policy/base/slice.h"

enum moor_framing {
    MOOR_FRAMING_CLEAR,
    MOOR_FRAMING_CLOSE, /* both headers: chunked applies, and the answer closes the connection */
    MOOR_FRAMING_REFUSE /* 400: Content-Length headers that differ, two Transfer-Encoding headers,
                           Transfer-Encoding in HTTP/1.0, or a header on several lines */
};

/*
 * Classifies a head.  `head` is the request line and the headers as received; bytes after the empty
 * line are ignored.
 */
enum moor_framing moor_framing_of(struct moor_slice head);

#endif

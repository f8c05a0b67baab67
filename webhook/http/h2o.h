/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h2o - includes libh2o, and stops a build against another version or event loop.
 *
 * This is the only file that includes <h2o.h>.  Of the rooms of the webhook only http knows libh2o,
 * so that it can be replaced.
 */
#ifndef MOOR_WEBHOOK_HTTP_H2O_H
#define MOOR_WEBHOOK_HTTP_H2O_H

#include <h2o.h>

/* libh2o.so was built for its own event loop; with another one every structure differs. */
_Static_assert(H2O_USE_LIBUV == 0, "build with -DH2O_USE_LIBUV=0");
_Static_assert(sizeof(h2o_context_t) == 864, "not the h2o_context_t of libh2o-evloop 2.2.5");
_Static_assert(sizeof(h2o_req_t) == 608, "not the h2o_req_t of libh2o-evloop 2.2.5");
_Static_assert(sizeof(h2o_socket_t) == 96, "not the h2o_socket_t of libh2o-evloop 2.2.5");

#endif

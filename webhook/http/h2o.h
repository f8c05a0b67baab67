/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h2o - includes libh2o, and stops a build against another version or event loop.
 *
 * This is the only file that includes <h2o.h>.  Only webhook/http uses libh2o, so that the
 * library can be replaced.
 *
 * Threads, memory: declares nothing of its own.
 */
#ifndef MOOR_WEBHOOK_HTTP_H2O_H
#define MOOR_WEBHOOK_HTTP_H2O_H

#include <h2o.h>

/*
 * Debian's libh2o-evloop.so uses its own event loop.  Headers that select libuv compile silently,
 * but every structure then has another size and the library corrupts memory.
 */
_Static_assert(H2O_USE_LIBUV == 0, "build with -DH2O_USE_LIBUV=0");
_Static_assert(sizeof(h2o_context_t) == 864, "not the h2o_context_t of libh2o-evloop 2.2.5");
_Static_assert(sizeof(h2o_req_t) == 608, "not the h2o_req_t of libh2o-evloop 2.2.5");
_Static_assert(sizeof(h2o_socket_t) == 96, "not the h2o_socket_t of libh2o-evloop 2.2.5");

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library - the parts of libh2o 2.2.5's structures that its headers do not show.
 *
 * The public interface cannot answer three questions: how many encrypted bytes libh2o holds for a
 * connection, how many bytes it has allocated for a request, and whether its event loop lost a
 * socket because the kernel did not register it.  This file reads the answers from copies of the
 * private structures (lib/common/socket.c, lib/common/memory.c and lib/common/socket/evloop.c.h of
 * version 2.2.5).
 *
 * moor_library_is_known() compares a copy with a real socket before the first connection is
 * accepted.  A worker does not start if they differ.
 *
 * Threads:  the worker that owns the socket.
 * Memory:   owns nothing.
 */
#ifndef MOOR_WEBHOOK_HTTP_LIBRARY_H
#define MOOR_WEBHOOK_HTTP_LIBRARY_H

#include "webhook/http/h2o.h"

#include <malloc.h>
#include <openssl/ssl.h>
#include <stdbool.h>

/* Copy of struct st_h2o_evloop_socket_t, up to the request to write. */
struct moor_library_socket {
    h2o_socket_t super;
    int fd;
    int flags; /* H2O_SOCKET_FLAG_* */
    h2o_evloop_t *loop;
    size_t write_count; /* buffers that are not written */
};

/* Copy of struct st_h2o_socket_ssl_t, up to the encrypted input. */
struct moor_library_ssl {
    SSL_CTX *context;
    SSL *ssl;
    int *did_write_in_read;
    size_t record_overhead;
    h2o_socket_cb handshake_done;
    void *handshake[5]; /* union of the server's and the client's state */
    h2o_buffer_t *encrypted;
};

/* Returns a socket as its private structure. */
static inline struct moor_library_socket *moor_library_socket(h2o_socket_t *sock)
{
    return (struct moor_library_socket *)(void *)sock;
}

/* Returns the private TLS state of a socket, or NULL without TLS. */
static inline const struct moor_library_ssl *moor_library_ssl(const h2o_socket_t *sock)
{
    return (const struct moor_library_ssl *)(const void *)sock->ssl;
}

/* Returns whether a socket of `loop`, created with `flags`, matches the copy of its structure. */
static inline bool moor_library_is_known(h2o_socket_t *sock, const h2o_evloop_t *loop, int flags)
{
    const struct moor_library_socket *own = moor_library_socket(sock);
    return own->fd == h2o_socket_get_fd(sock) && own->flags == flags && own->loop == loop &&
           own->write_count == 0;
}

/* Returns whether the TLS state of `sock` matches the copy of its structure. */
static inline bool moor_library_is_ssl_known(const h2o_socket_t *sock, const SSL *ssl)
{
    return sock->ssl != NULL && moor_library_ssl(sock)->ssl == ssl &&
           moor_library_ssl(sock)->context == SSL_get_SSL_CTX(ssl);
}

/* Returns the encrypted bytes that were read from the network and not passed to OpenSSL. */
static inline size_t moor_library_encrypted_bytes(const h2o_socket_t *sock)
{
    return sock->ssl != NULL ? moor_library_ssl(sock)->encrypted->size : 0;
}

/* Common beginning of struct st_h2o_mem_pool_chunk_t and struct st_h2o_mem_pool_direct_t. */
struct moor_library_block {
    struct moor_library_block *next;
};

#define MOOR_LIBRARY_CHUNK_BYTES  ((size_t)4096)
#define MOOR_LIBRARY_USUAL_CHUNKS 2U /* chunks of a usual request and its answer */

/*
 * Returns the bytes in the memory pool of a request beyond the usual: copies of its head, the
 * answer, and its path.  To normalize a path, libh2o allocates nine bytes for each byte.
 */
static inline size_t moor_library_request_bytes(const h2o_req_t *req)
{
    struct moor_library_block *block = (void *)req->pool.chunks;
    size_t chunks = 0;
    size_t bytes = 0;
    for (; block != NULL; block = block->next) {
        chunks++;
    }
    if (chunks > MOOR_LIBRARY_USUAL_CHUNKS) {
        bytes = (chunks - MOOR_LIBRARY_USUAL_CHUNKS) * MOOR_LIBRARY_CHUNK_BYTES;
    }
    for (block = (void *)req->pool.directs; block != NULL; block = block->next) {
        bytes += malloc_usable_size(block);
    }
    return bytes;
}

#define MOOR_LIBRARY_POLLED \
    (H2O_SOCKET_FLAG_IS_POLLED_FOR_READ | H2O_SOCKET_FLAG_IS_POLLED_FOR_WRITE)

/*
 * Returns whether the event loop believes that the kernel polls the socket, and the kernel does
 * not.
 */
static inline bool moor_library_is_lost(h2o_socket_t *sock)
{
    int flags = moor_library_socket(sock)->flags;
    return (flags & MOOR_LIBRARY_POLLED) != 0 &&
           (flags & H2O_SOCKET_FLAG__EPOLL_IS_REGISTERED) == 0;
}

/*
 * Marks a lost socket as never polled.  Otherwise the event loop aborts when it next updates the
 * poll flags of the socket.
 */
static inline void moor_library_forget_polling(h2o_socket_t *sock)
{
    moor_library_socket(sock)->flags &= ~MOOR_LIBRARY_POLLED;
}

/*
 * Repairs the list of changed sockets after h2o_evloop_run() failed.  The tail of the list may
 * point into the socket that was removed last, and every later change would be lost.
 */
static inline void moor_library_repair_loop(h2o_evloop_t *loop)
{
    if (loop->_statechanged.head == NULL) {
        loop->_statechanged.tail_ref = &loop->_statechanged.head;
    }
}

#endif

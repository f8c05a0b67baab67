/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/connection.h"
#include "webhook/http/library.h"

#define CONNECTION_BYTES 16384U /* about what libh2o and OpenSSL free with a connection */

/* h2o_socket_read_stop() forgets the callback, so it is kept here until reading continues. */
void moor_connection_pause(struct moor_connection *connection)
{
    if (connection->paused_read != NULL || !h2o_socket_is_reading(connection->sock)) {
        return;
    }
    connection->paused_read = connection->sock->_cb.read;
    h2o_socket_read_stop(connection->sock);
    connection->worker->paused_count++;
    moor_connection_slot_pause(&connection->worker->shared->connections, connection->slot,
                               moor_monotonic_us());
    moor_worker_hit(connection->worker, MOOR_LIMIT_BUFFERED_PAUSE);
}

void moor_connection_resume(struct moor_connection *connection)
{
    if (connection->paused_read == NULL) {
        return;
    }
    h2o_socket_read_start(connection->sock, connection->paused_read);
    connection->paused_read = NULL;
    connection->worker->paused_count--;
    moor_connection_slot_resume(&connection->worker->shared->connections, connection->slot,
                                moor_monotonic_us());
}

/* Resumes reading, because libh2o notices a shutdown only when it reads. */
static void mark_cut(struct moor_connection *connection)
{
    moor_connection_resume(connection);
    moor_connection_slot_cut(&connection->worker->shared->connections, connection->slot);
}

void moor_connection_cut(struct moor_connection *connection, enum moor_limit limit)
{
    if (connection->slot->cut) {
        return;
    }
    mark_cut(connection);
    moor_worker_hit(connection->worker, limit);
    /* Sends a reset, because a client that is blocked in a write would not notice anything else. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(h2o_socket_get_fd(connection->sock), SOL_SOCKET, SO_LINGER, &reset,
                     sizeof reset);
    (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RDWR);
    moor_shared_log(connection->worker->shared, MOOR_LOG_DEBUG, "connection from '%s' closed: %s",
                    connection->peer, moor_limit_name(limit));
}

void moor_connection_hang_up(struct moor_connection *connection)
{
    if (!connection->slot->cut) {
        mark_cut(connection);
        (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RDWR);
    }
}

/*
 * Shuts down only the reading side: HTTP/1 of libh2o has no graceful shutdown.  libh2o answers
 * complete requests and then sees the end of the input.
 */
void moor_connection_end_reading(struct moor_connection *connection)
{
    if (!connection->slot->ended) {
        connection->slot->ended = true;
        moor_connection_resume(connection);
        (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RD);
    }
}

/*
 * Takes a reference for the connection, because libh2o stores the bare SSL_CTX pointer at accept
 * and calls SSL_new() only when the first bytes arrive.  A reload in between would free the
 * context.
 */
static void take_tls(struct moor_connection *connection)
{
    struct moor_shared *shared = connection->worker->shared;
    (void)pthread_mutex_lock(&shared->tls_lock);
    connection->tls = shared->tls;
    connection->tls_generation = atomic_load(&shared->tls_generation);
    (void)SSL_CTX_up_ref(connection->tls);
    (void)pthread_mutex_unlock(&shared->tls_lock);
}

static void name_peer(struct moor_connection *connection)
{
    struct sockaddr_storage address;
    if (h2o_socket_getpeername(connection->sock, (struct sockaddr *)&address) > 0) {
        moor_listen_format(connection->peer, (const struct sockaddr *)&address);
    }
}

/*
 * The connection is linked to the socket through on_close.data, because libh2o has no other field
 * for the application.  libh2o itself never uses on_close of server sockets.
 */
struct moor_connection *moor_connection_new(struct moor_worker *worker, h2o_socket_t *sock,
                                            struct moor_connection_slot *slot)
{
    struct moor_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->slot = slot;
    slot->connection = connection;
    connection->worker = worker;
    connection->sock = sock;
    if (worker->shared->serving == NULL) {
        take_tls(connection);
    } else {
        connection->encrypted = true; /* there is no handshake to wait for */
    }
    moor_tls_guard_init(&connection->guard);
    name_peer(connection);
    sock->on_close.data = connection;
    h2o_linklist_insert(&worker->connections, &connection->link);
    worker->connection_count++;
    return connection;
}

/*
 * Waiting handshakes and requests are unlinked here, because their lists would otherwise point into
 * freed memory.
 */
void moor_connection_free(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (connection->paused_read != NULL) {
        worker->paused_count--;
    }
    moor_worker_note_freed(worker,
                           atomic_load_explicit(&connection->slot->charge, memory_order_relaxed) +
                               CONNECTION_BYTES);
    moor_connection_table_give_back(&worker->shared->connections, connection->slot);
    if (h2o_linklist_is_linked(&connection->turn_link)) {
        h2o_linklist_unlink(&connection->turn_link);
    }
    h2o_linklist_unlink(&connection->link);
    worker->connection_count--;
    SSL_CTX_free(connection->tls);
    free(connection);
}

void moor_connection_charge(struct moor_connection *connection, size_t request_bytes,
                            size_t unsent_bytes)
{
    struct moor_worker *worker = connection->worker;
    const h2o_socket_t *sock = connection->sock;
    /* During the handshake, OpenSSL keeps its input until a message is complete. */
    size_t kept = connection->encrypted ? 0 : connection->guard.read_bytes;
    moor_connection_slot_charge(
        &worker->shared->connections, connection->slot,
        (struct moor_connection_bytes){
            .input = sock->input->size,
            .other = moor_library_encrypted_bytes(sock) + kept + request_bytes,
            .unsent = unsent_bytes,
        },
        worker->now_us);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/connection.h"
#include "webhook/http/library.h"

#define CONNECTION_BYTES 16384U /* about what libh2o and OpenSSL free with a connection */

static void count_waiting(struct moor_connection *connection, int change)
{
    (void)atomic_fetch_add_explicit(&connection->worker->shared->connections.waiting,
                                    (size_t)change, memory_order_relaxed);
}

void moor_connection_pause(struct moor_connection *connection)
{
    if (connection->paused_read != NULL || !h2o_socket_is_reading(connection->sock)) {
        return;
    }
    connection->paused_read = connection->sock->_cb.read;
    h2o_socket_read_stop(connection->sock);
    connection->turned_us = moor_monotonic_us();
    connection->worker->paused_count++;
    count_waiting(connection, 1);
    moor_worker_hit(connection->worker, MOOR_LIMIT_BUFFERED_PAUSE);
}

void moor_connection_resume(struct moor_connection *connection)
{
    if (connection->paused_read == NULL) {
        return;
    }
    h2o_socket_read_start(connection->sock, connection->paused_read);
    connection->paused_read = NULL;
    uint64_t now_us = moor_monotonic_us();
    connection->progress_us += now_us - connection->turned_us;
    connection->turned_us = now_us;
    connection->worker->paused_count--;
    count_waiting(connection, -1);
}

void moor_connection_note_unsent(struct moor_connection *connection, size_t bytes)
{
    if (bytes != connection->unsent_bytes) {
        (void)atomic_fetch_add_explicit(&connection->worker->shared->connections.unsent_bytes,
                                        bytes - connection->unsent_bytes, memory_order_relaxed);
        connection->unsent_bytes = bytes;
    }
}

void moor_connection_cut(struct moor_connection *connection, enum moor_limit limit)
{
    if (connection->cut) {
        return;
    }
    connection->cut = true;
    moor_worker_hit(connection->worker, limit);
    moor_connection_resume(connection); /* or nobody would notice */
    /* With a reset: the client may be waiting for room to write, and would hear of nothing else. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(h2o_socket_get_fd(connection->sock), SOL_SOCKET, SO_LINGER, &reset,
                     sizeof reset);
    (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RDWR);
    moor_shared_log(connection->worker->shared, MOOR_LOG_DEBUG, "connection from %s closed: %s",
                    connection->peer, moor_limit_name(limit));
}

void moor_connection_hang_up(struct moor_connection *connection)
{
    if (!connection->cut) {
        connection->cut = true;
        moor_connection_resume(connection);
        (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RDWR);
    }
}

void moor_connection_end_reading(struct moor_connection *connection)
{
    if (!connection->ended) {
        connection->ended = true;
        moor_connection_resume(connection);
        (void)shutdown(h2o_socket_get_fd(connection->sock), SHUT_RD);
    }
}

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

struct moor_connection *moor_connection_new(struct moor_worker *worker, h2o_socket_t *sock,
                                            struct moor_connection_slot *slot)
{
    struct moor_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->slot = slot;
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

void moor_connection_free(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (connection->paused_read != NULL) {
        worker->paused_count--;
        count_waiting(connection, -1);
    }
    moor_connection_note_unsent(connection, 0);
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

bool moor_connection_is_large(const struct moor_connection *connection)
{
    return moor_connection_state(connection) == MOOR_CONNECTION_RECEIVING &&
           connection->sock->input->size > MOOR_CONNECTION_SMALL_BYTES;
}

/* During the handshake OpenSSL keeps what it took until a message is complete. */
static size_t held_bytes(const struct moor_connection *connection)
{
    size_t kept = connection->encrypted ? 0 : connection->guard.read_bytes;
    return connection->sock->input->size + moor_library_encrypted_bytes(connection->sock) + kept +
           connection->request_bytes + connection->unsent_bytes;
}

void moor_connection_charge(struct moor_connection *connection)
{
    bool expecting =
        moor_connection_is_large(connection) && connection->paused_read == NULL && !connection->cut;
    moor_connection_slot_charge(&connection->worker->shared->connections, connection->slot,
                                connection->cut ? 0 : held_bytes(connection), expecting);
}

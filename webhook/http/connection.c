/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/connection.h"
#include "webhook/http/library.h"
#include "webhook/http/turns.h"

#define CONTINUE_BYTES   25U    /* "HTTP/1.1 100 Continue\r\n\r\n" */
#define CONNECTION_BYTES 16384U /* about what libh2o and OpenSSL free with a connection */

static void count_waiting(struct moor_client *client, int change)
{
    (void)atomic_fetch_add_explicit(&client->worker->shared->connections.waiting, (size_t)change,
                                    memory_order_relaxed);
}

void moor_client_pause(struct moor_client *client)
{
    if (client->paused_read != NULL || !h2o_socket_is_reading(client->sock)) {
        return;
    }
    client->paused_read = client->sock->_cb.read;
    h2o_socket_read_stop(client->sock);
    client->turned_us = moor_monotonic_us();
    client->worker->paused_count++;
    count_waiting(client, 1);
    moor_worker_hit(client->worker, MOOR_LIMIT_BUFFERED_PAUSE);
}

void moor_client_resume(struct moor_client *client)
{
    if (client->paused_read == NULL) {
        return;
    }
    h2o_socket_read_start(client->sock, client->paused_read);
    client->paused_read = NULL;
    uint64_t now_us = moor_monotonic_us();
    client->progress_us += now_us - client->turned_us;
    client->turned_us = now_us;
    client->worker->paused_count--;
    count_waiting(client, -1);
}

void moor_client_note_unsent(struct moor_client *client, size_t bytes)
{
    if (bytes != client->unsent_bytes) {
        (void)atomic_fetch_add_explicit(&client->worker->shared->connections.unsent_bytes,
                                        bytes - client->unsent_bytes, memory_order_relaxed);
        client->unsent_bytes = bytes;
    }
}

void moor_client_cut(struct moor_client *client, enum moor_limit limit)
{
    if (client->cut) {
        return;
    }
    client->cut = true;
    moor_worker_hit(client->worker, limit);
    moor_client_resume(client); /* or nobody would notice */
    /* With a reset: the client may be waiting for room to write, and would hear of nothing else. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(h2o_socket_get_fd(client->sock), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)shutdown(h2o_socket_get_fd(client->sock), SHUT_RDWR);
    moor_shared_log(client->worker->shared, MOOR_LOG_DEBUG, "connection from %s closed: %s",
                    client->peer, moor_limit_name(limit));
}

void moor_client_hang_up(struct moor_client *client)
{
    if (!client->cut) {
        client->cut = true;
        moor_client_resume(client);
        (void)shutdown(h2o_socket_get_fd(client->sock), SHUT_RDWR);
    }
}

void moor_client_end_reading(struct moor_client *client)
{
    if (!client->ended) {
        client->ended = true;
        moor_client_resume(client);
        (void)shutdown(h2o_socket_get_fd(client->sock), SHUT_RD);
    }
}

/* What libh2o refuses alone: bytes were written and no request was handed over. */
static void count_refused(const struct moor_client *client)
{
    struct moor_worker *worker = client->worker;
    if (moor_client_requests(client) != client->idle_requests ||
        client->sock->bytes_written <= client->idle_written + CONTINUE_BYTES) {
        return;
    }
    enum moor_request_error cause = MOOR_REQUEST_MALFORMED;
    if (worker->context.emitted_error_status[H2O_STATUS_ERROR_413] > worker->body_refusals) {
        worker->body_refusals++;
        moor_worker_hit(worker, MOOR_LIMIT_BODY);
        cause = MOOR_REQUEST_BODY_SIZE;
    }
    moor_counter_add(&worker->shared->counters.request_errors[cause], 1);
}

static void on_close(void *data)
{
    struct moor_client *client = data;
    struct moor_worker *worker = client->worker;
    if (client->encrypted) {
        count_refused(client);
    } else {
        moor_handshake_count_closed(client);
    }
    moor_turns_forget(client);
    if (client->paused_read != NULL) {
        worker->paused_count--;
        count_waiting(client, -1);
    }
    moor_client_note_unsent(client, 0);
    moor_worker_note_freed(worker,
                           atomic_load_explicit(&client->slot->charge, memory_order_relaxed) +
                               CONNECTION_BYTES);
    moor_connections_give_back(&worker->shared->connections, client->slot);
    h2o_linklist_unlink(&client->link);
    worker->client_count--;
    SSL_CTX_free(client->tls);
    free(client);
}

static void take_tls(struct moor_client *client)
{
    struct moor_shared *shared = client->worker->shared;
    (void)pthread_mutex_lock(&shared->tls_lock);
    client->tls = shared->tls;
    client->tls_generation = atomic_load(&shared->tls_generation);
    (void)SSL_CTX_up_ref(client->tls);
    (void)pthread_mutex_unlock(&shared->tls_lock);
}

static void name_peer(struct moor_client *client)
{
    struct sockaddr_storage address;
    if (h2o_socket_getpeername(client->sock, (struct sockaddr *)&address) > 0) {
        moor_listen_format(client->peer, (const struct sockaddr *)&address);
    }
}

struct moor_client *moor_client_new(struct moor_worker *worker, h2o_socket_t *sock,
                                    struct moor_connection *slot)
{
    struct moor_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return NULL;
    }
    client->slot = slot;
    client->worker = worker;
    client->sock = sock;
    if (worker->shared->serving == NULL) {
        take_tls(client);
    } else {
        client->encrypted = true; /* there is no handshake to wait for */
    }
    moor_handshake_init(client);
    name_peer(client);
    sock->on_close.cb = on_close;
    sock->on_close.data = client;
    h2o_linklist_insert(&worker->clients, &client->link);
    worker->client_count++;
    return client;
}

bool moor_client_is_large(const struct moor_client *client)
{
    return moor_client_state(client) == MOOR_CONNECTION_RECEIVING &&
           client->sock->input->size > MOOR_CONNECTION_SMALL_BYTES;
}

/* During the handshake OpenSSL keeps what it took until a message is complete. */
static size_t held_bytes(const struct moor_client *client)
{
    size_t kept = client->encrypted ? 0 : client->guard.read_bytes;
    return client->sock->input->size + moor_library_encrypted_bytes(client->sock) + kept +
           client->request_bytes + client->unsent_bytes;
}

void moor_client_charge(struct moor_client *client)
{
    bool expecting = moor_client_is_large(client) && client->paused_read == NULL && !client->cut;
    moor_connection_charge(&client->worker->shared->connections, client->slot,
                           client->cut ? 0 : held_bytes(client), expecting);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/client.h"

#include <openssl/err.h>

#define CONTINUE_BYTES   25U /* "HTTP/1.1 100 Continue\r\n\r\n" */
#define LOG_EVERY_US     1000000U
#define LOG_AHEAD_US     9000000U
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

void moor_client_end_reading(struct moor_client *client)
{
    if (!client->ended) {
        client->ended = true;
        moor_client_resume(client);
        (void)shutdown(h2o_socket_get_fd(client->sock), SHUT_RD);
    }
}

/* Whether a handshake failed between parties that both speak TLS, which somebody has to mend. */
static bool matters(enum moor_handshake_error reason)
{
    return reason == MOOR_HANDSHAKE_REFUSED || reason == MOOR_HANDSHAKE_NO_CERTIFICATE ||
           reason == MOOR_HANDSHAKE_BAD_CERTIFICATE;
}

/* One a second in the long run, some at once before that. */
static bool may_log(struct moor_worker *worker)
{
    uint64_t now_us = worker->now_us;
    if (worker->log_at_us > now_us + LOG_AHEAD_US) {
        return false;
    }
    worker->log_at_us = (worker->log_at_us > now_us ? worker->log_at_us : now_us) + LOG_EVERY_US;
    return true;
}

static void count_handshake_error(struct moor_client *client, enum moor_handshake_error reason,
                                  const char *why)
{
    struct moor_worker *worker = client->worker;
    moor_counter_add(&worker->shared->counters.handshake_errors[reason], 1);
    enum moor_log_level level = matters(reason) ? MOOR_LOG_WARN : MOOR_LOG_DEBUG;
    if (level == MOOR_LOG_WARN && !may_log(worker)) {
        worker->log_omitted++;
        return;
    }
    moor_shared_log(worker->shared, level, "TLS handshake with %s failed: %s: %s (%llu more)",
                    client->peer, moor_handshake_error_name(reason), why,
                    (unsigned long long)worker->log_omitted);
    if (level == MOOR_LOG_WARN) {
        worker->log_omitted = 0;
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
    if (!client->encrypted && !client->refused) {
        count_handshake_error(client, client->cut ? MOOR_HANDSHAKE_LIMIT : MOOR_HANDSHAKE_CLOSED,
                              "closed before its end");
    } else if (client->encrypted) {
        count_refused(client);
    }
    if (client->paused_read != NULL) {
        worker->paused_count--;
        count_waiting(client, -1);
    }
    moor_client_note_unsent(client, 0);
    (void)atomic_fetch_add_explicit(
        &worker->shared->freed_bytes,
        atomic_load_explicit(&client->slot->charge, memory_order_relaxed) + CONNECTION_BYTES,
        memory_order_relaxed);
    moor_connections_give_back(&worker->shared->connections, client->slot);
    h2o_linklist_unlink(&client->link);
    worker->client_count--;
    SSL_CTX_free(client->tls);
    free(client);
}

static struct moor_client *client_of_ssl(const SSL *ssl)
{
    BIO *bio = SSL_get_rbio(ssl);
    if (bio == NULL || strcmp(BIO_method_name(bio), "h2o_socket") != 0) {
        return NULL;
    }
    h2o_socket_t *sock = BIO_get_data(bio);
    return sock != NULL ? sock->on_close.data : NULL;
}

static void count_own_refusal(struct moor_client *client)
{
    unsigned long code = ERR_peek_error();
    if (client->certificate.refusal != NULL) {
        char why[MOOR_TLS_SUBJECT_BYTES + 128];
        (void)snprintf(why, sizeof why, "%s (client certificate '%s')", client->certificate.refusal,
                       client->certificate.subject);
        count_handshake_error(client, MOOR_HANDSHAKE_BAD_CERTIFICATE, why);
    } else if (ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        count_handshake_error(client, MOOR_HANDSHAKE_NO_CERTIFICATE,
                              "the client sent no certificate");
    } else {
        const char *reason = ERR_reason_error_string(code);
        count_handshake_error(client, MOOR_HANDSHAKE_PROTOCOL, reason != NULL ? reason : "?");
    }
}

/*
 * libh2o clears OpenSSL's errors before anyone can read them, and tells nobody who the client is:
 * both are picked up here, in the midst of the handshake.
 */
static void on_tls_event(const SSL *ssl, int where, int value)
{
    struct moor_client *client = client_of_ssl(ssl);
    if (client == NULL || client->encrypted) {
        return;
    }
    client->ssl = ssl;
    moor_connection_greet(client->slot);
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
        client->encrypted = true;
        client->ssl = NULL;
        return;
    }
    if (client->refused) {
        return;
    }
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        client->refused = true;
        count_handshake_error(client, MOOR_HANDSHAKE_REFUSED, SSL_alert_desc_string_long(value));
    } else if ((where & SSL_CB_ACCEPT_EXIT) == SSL_CB_ACCEPT_EXIT && value <= 0 &&
               ERR_peek_error() != 0) {
        client->refused = true;
        count_own_refusal(client);
    }
}

static int on_client_certificate(int verified, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct moor_client *client = ssl != NULL ? client_of_ssl(ssl) : NULL;
    if (client == NULL) {
        return 0;
    }
    const struct moor_server_config *config = &client->worker->shared->config;
    return moor_tls_client_accepts(&client->certificate, store, verified == 1, config->client_names,
                                   config->client_name_count);
}

void moor_worker_watch_tls(struct ssl_ctx_st *tls)
{
    SSL_CTX_set_info_callback(tls, on_tls_event);
    if (SSL_CTX_get_verify_mode(tls) != SSL_VERIFY_NONE) {
        SSL_CTX_set_verify(tls, SSL_CTX_get_verify_mode(tls), on_client_certificate);
    }
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

void moor_client_charge(struct moor_client *client)
{
    bool expecting = moor_client_is_large(client) && client->paused_read == NULL && !client->cut;
    moor_connection_charge(&client->worker->shared->connections, client->slot,
                           client->cut ? 0 : client->sock->input->size + client->unsent_bytes,
                           expecting);
}

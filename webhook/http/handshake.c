/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/handshake.h"

#include "webhook/http/library.h"
#include "webhook/http/tls_chain.h"

#include <openssl/err.h>

/*
 * An administrator can fix a failure between two parties that both speak TLS, so it is a warning.
 * Other failures come from port scanners and broken connections.
 */
static bool matters(enum moor_handshake_error reason)
{
    return reason == MOOR_HANDSHAKE_REFUSED || reason == MOOR_HANDSHAKE_NO_CERTIFICATE ||
           reason == MOOR_HANDSHAKE_BAD_CERTIFICATE;
}

/* Any client can cause such lines, so their rate is limited; the counter is exact. */
static void count_error(struct moor_connection *connection, enum moor_handshake_error reason,
                        const char *why)
{
    struct moor_worker *worker = connection->worker;
    moor_counter_add(&worker->shared->counters.handshake_errors[reason], 1);
    enum moor_log_level level = matters(reason) ? MOOR_LOG_WARN : MOOR_LOG_DEBUG;
    uint64_t omitted = 0;
    if (level == MOOR_LOG_WARN &&
        !moor_log_limit_take(&worker->handshake_log, moor_monotonic_us(), &omitted)) {
        return;
    }
    moor_shared_log(worker->shared, level, "TLS handshake with '%s' failed: %s: %s (%llu omitted)",
                    connection->peer, moor_handshake_error_name(reason), why,
                    (unsigned long long)omitted);
}

void moor_handshake_count_closed(struct moor_connection *connection)
{
    if (!connection->encrypted && !connection->refused) {
        bool limited = connection->slot->cut || connection->guard.over;
        count_error(connection, limited ? MOOR_HANDSHAKE_LIMIT : MOOR_HANDSHAKE_CLOSED,
                    "connection closed before the handshake was complete");
    }
}

static void report_no_memory(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    uint64_t omitted = 0;
    ERR_clear_error();
    if (moor_log_limit_take(&worker->accept_log, moor_monotonic_us(), &omitted)) {
        moor_shared_log(worker->shared, MOOR_LOG_ERROR,
                        "no memory for a TLS connection: connection from '%s' closed: raise the "
                        "memory limit (%llu omitted)",
                        connection->peer, (unsigned long long)omitted);
    }
}

/*
 * libh2o crashes if SSL_new() fails.  The trial frees its memory on this thread, so that libh2o's
 * own call gets the same memory from the heap.
 */
static const char *try_memory(struct moor_connection *connection)
{
    if (moor_library_ssl(connection->sock)->ssl != NULL) {
        return NULL;
    }
    SSL *trial = SSL_new(connection->tls);
    if (trial == NULL) {
        report_no_memory(connection);
        return h2o_socket_error_out_of_memory;
    }
    SSL_free(trial);
    return NULL;
}

/* An error in place of NULL makes libh2o close the connection instead of calling SSL_new(). */
static void go_on(struct moor_connection *connection)
{
    connection->first_read(connection->sock, try_memory(connection));
}

/* libh2o's lists link a member of the structure, so the structure begins before the node. */
static struct moor_connection *connection_at(h2o_linklist_t *node)
{
    return (struct moor_connection *)(void *)((char *)node -
                                              offsetof(struct moor_connection, turn_link));
}

/*
 * Returns whether the handshake may continue in this turn.  If not, reading stops and the
 * connection is queued.  The wait is the server's, so it counts as a sign of life of the client.
 */
static bool may_go_on(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    if (worker->begun_handshakes < MOOR_HANDSHAKES_A_TURN) {
        worker->begun_handshakes++;
        return true;
    }
    moor_connection_slot_greet(connection->slot, worker->now_us);
    h2o_socket_read_stop(connection->sock);
    h2o_linklist_insert(&worker->waiting_handshakes, &connection->turn_link);
    return false;
}

/*
 * A callback may free its own connection, so the list is read again from its head after each step.
 */
void moor_handshake_run(struct moor_worker *worker)
{
    worker->begun_handshakes = 0;
    while (worker->begun_handshakes < MOOR_HANDSHAKES_A_TURN) {
        h2o_linklist_t *node = worker->waiting_handshakes.next;
        if (node == &worker->waiting_handshakes || !h2o_linklist_is_linked(node)) {
            return;
        }
        h2o_linklist_unlink(node);
        worker->begun_handshakes++;
        go_on(connection_at(node));
    }
}

bool moor_handshake_is_waiting(const struct moor_worker *worker)
{
    return worker->waiting_handshakes.next != &worker->waiting_handshakes;
}

static void on_bytes(h2o_socket_t *sock, const char *err)
{
    struct moor_connection *connection = sock->on_close.data;
    if (err != NULL) {
        connection->first_read(sock, err);
    } else if (may_go_on(connection)) {
        go_on(connection);
    }
}

/* The callback is replaced, because libh2o offers no hook between the first bytes and SSL_new(). */
void moor_handshake_await(struct moor_connection *connection)
{
    if (connection->tls != NULL && connection->sock->_cb.read != NULL) {
        connection->first_read = connection->sock->_cb.read;
        connection->sock->_cb.read = on_bytes;
    }
}

void moor_handshake_watch(struct moor_connection *connection)
{
    if (connection->first_read != NULL && connection->sock->_cb.read == connection->first_read) {
        connection->sock->_cb.read = on_bytes;
    }
}

/*
 * libh2o 2.2.5 has no public access from an SSL object to its socket.  Its own BIO holds the
 * socket, and the name of the BIO proves the type.
 */
static struct moor_connection *connection_of(const SSL *ssl)
{
    BIO *bio = SSL_get_rbio(ssl);
    if (bio == NULL || strcmp(BIO_method_name(bio), "h2o_socket") != 0) {
        return NULL;
    }
    h2o_socket_t *sock = BIO_get_data(bio);
    return sock != NULL ? sock->on_close.data : NULL;
}

/* --- reading --------------------------------------------------------------------------------- */

/*
 * Only sets a flag, because closing a connection inside a callback of OpenSSL would free the
 * structures that OpenSSL is using.  limits.c closes the connection after the turn.
 */
static void cross(struct moor_connection *connection, enum moor_limit limit)
{
    if (!connection->guard.over) {
        connection->guard.over = true;
        moor_worker_hit(connection->worker, limit);
        moor_shared_log(connection->worker->shared, MOOR_LOG_DEBUG,
                        "connection from '%s' closed: %s", connection->peer,
                        moor_limit_name(limit));
    }
}

/*
 * OpenSSL calls this before and after each read of encrypted input.  libh2o's BIO sets its retry
 * flag and never clears it.  OpenSSL would therefore report that a connection waits for input
 * although its reads were ended here.
 */
/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter): OpenSSL's type */
static long on_bio(BIO *bio, int operation, const char *bytes, size_t len, int number, long option,
                   int status, size_t *processed)
{
    (void)len;
    (void)number;
    (void)option;
    struct moor_connection *connection =
        (struct moor_connection *)(void *)BIO_get_callback_arg(bio);
    struct moor_tls_guard *guard = &connection->guard;
    if (operation == BIO_CB_READ) {
        BIO_clear_retry_flags(bio);
        guard->read_tried = true;
        return guard->over ? -1 : status;
    }
    const struct moor_server_config *config = &connection->worker->shared->config;
    if (operation == (BIO_CB_READ | BIO_CB_RETURN) && status > 0 && processed != NULL) {
        guard->read_bytes += *processed;
        if (!connection->encrypted &&
            !moor_tls_guard_take(guard, (const unsigned char *)bytes, *processed,
                                 config->max_handshake_bytes)) {
            cross(connection, MOOR_LIMIT_HANDSHAKE_BYTES);
            return -1;
        }
    }
    return status;
}

/* NOLINTEND(readability-function-size,readability-non-const-parameter) */

/*
 * OpenSSL decodes certificates before it verifies any of them, and offers no way to stop here.  It
 * parses the message after this callback from the same buffer.  Overwriting the message makes it
 * malformed, which ends the handshake.
 */
static void look_at_certificates(struct moor_connection *connection, bool is_1_3,
                                 const unsigned char *message, size_t len)
{
    const struct moor_slice bytes = {(const char *)message, len};
    connection->certificate.refusal = moor_tls_chain_refusal(bytes, is_1_3);
    if (connection->certificate.refusal != NULL) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the buffer is not const where it comes from */
        unsigned char *buffer = (unsigned char *)(uintptr_t)message;
        memset(buffer + SSL3_HM_HEADER_LENGTH, 0xff, len - SSL3_HM_HEADER_LENGTH);
    }
}

/*
 * OpenSSL calls this for each record header and each handshake message, in both directions.  A
 * KeyUpdate is a handshake message after the handshake; their number is limited.
 */
/* NOLINTNEXTLINE(readability-function-size): the type is OpenSSL's */
static void on_tls_message(int written, int version, int type, const void *bytes, size_t len,
                           SSL *ssl, void *context)
{
    (void)context;
    struct moor_connection *connection = written == 0 ? connection_of(ssl) : NULL;
    if (connection == NULL) {
        return;
    }
    const unsigned char *header = bytes;
    if (type == SSL3_RT_HANDSHAKE && connection->encrypted) {
        if (!moor_tls_guard_count_message(&connection->guard)) {
            cross(connection, MOOR_LIMIT_TLS_MESSAGES);
        }
    } else if (type == SSL3_RT_HANDSHAKE && len >= SSL3_HM_HEADER_LENGTH &&
               header[0] == SSL3_MT_CERTIFICATE) {
        look_at_certificates(connection, version == TLS1_3_VERSION, header, len);
    } else if (type == SSL3_RT_HEADER && connection->encrypted && len == SSL3_RT_HEADER_LENGTH) {
        if (!moor_tls_guard_count_record(&connection->guard, (size_t)header[3] << 8 | header[4])) {
            cross(connection, MOOR_LIMIT_SMALL_RECORDS);
        }
    }
}

/* --- events ---------------------------------------------------------------------------------- */

/* The most specific reason wins: the verify callback knows more than OpenSSL's error queue. */
static void count_own_refusal(struct moor_connection *connection)
{
    unsigned long code = ERR_peek_error();
    if (connection->certificate.refusal != NULL) {
        char why[MOOR_TLS_SUBJECT_BYTES + 128];
        (void)snprintf(why, sizeof why, "%s (client certificate '%s')",
                       connection->certificate.refusal, connection->certificate.subject);
        count_error(connection, MOOR_HANDSHAKE_BAD_CERTIFICATE, why);
    } else if (ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        count_error(connection, MOOR_HANDSHAKE_NO_CERTIFICATE, "the client sent no certificate");
    } else {
        const char *reason = ERR_reason_error_string(code);
        count_error(connection, MOOR_HANDSHAKE_PROTOCOL, reason != NULL ? reason : "?");
    }
}

/*
 * A client that gives up sends one of these alerts.  Any other alert concerns the certificate or
 * the protocol of this server.
 */
static bool is_goodbye(int alert)
{
    int description = alert & 0xff;
    return description == SSL_AD_CLOSE_NOTIFY || description == SSL_AD_USER_CANCELLED;
}

/*
 * Nothing is read after an alert, because libh2o would call SSL_accept() forever, or extend its
 * buffer without end.
 */
static void on_alert(struct moor_connection *connection, int alert)
{
    connection->guard.over = true;
    if (!connection->encrypted && !connection->refused) {
        connection->refused = true;
        count_error(connection, is_goodbye(alert) ? MOOR_HANDSHAKE_CLOSED : MOOR_HANDSHAKE_REFUSED,
                    SSL_alert_desc_string_long(alert));
    }
}

/*
 * A call of SSL_accept() that neither failed nor tried to read will do the same again, and libh2o
 * repeats the call at once while it holds input.  An error in the queue turns the call into a
 * failure and ends the loop.
 */
static void on_accept_exit(struct moor_connection *connection)
{
    if (!connection->guard.read_tried && ERR_peek_error() == 0) {
        ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_MESSAGE);
    }
    connection->guard.read_tried = false;
    if (!connection->refused && ERR_peek_error() != 0) {
        connection->refused = true;
        count_own_refusal(connection);
    }
}

/*
 * Handles the first event of a connection, after which its reads are observed.  The copy of the
 * private TLS structure can now be compared with a real one for the first time.
 */
static void begin(struct moor_connection *connection, const SSL *ssl)
{
    connection->guard.begun = true;
    BIO *bio = SSL_get_rbio(ssl);
    BIO_set_callback_arg(bio, (char *)connection);
    BIO_set_callback_ex(bio, on_bio);
    if (!moor_library_is_ssl_known(connection->sock, ssl)) {
        connection->guard.over = true;
        moor_shared_log(connection->worker->shared, MOOR_LOG_ERROR,
                        "libh2o has an unknown TLS layer: connection closed: build and run with "
                        "libh2o 2.2.5");
    }
}

/*
 * libh2o clears OpenSSL's error queue before the application could read it, and sends no alert to
 * the client.  The cause of a failure is visible only here, during the handshake.
 */
static void on_tls_event(const SSL *ssl, int where, int value)
{
    struct moor_connection *connection = connection_of(ssl);
    if (connection == NULL) {
        return;
    }
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        on_alert(connection, value);
    }
    if (connection->encrypted) {
        return;
    }
    if (!connection->guard.begun) {
        begin(connection, ssl);
    }
    moor_connection_slot_greet(connection->slot, moor_monotonic_us());
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
        connection->encrypted = true;
    } else if ((where & SSL_CB_ACCEPT_EXIT) == SSL_CB_ACCEPT_EXIT && value <= 0) {
        on_accept_exit(connection);
    }
}

/*
 * A certificate that belongs to no known connection is rejected: the names could not be compared.
 */
static int on_client_certificate(int verified, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct moor_connection *connection = ssl != NULL ? connection_of(ssl) : NULL;
    if (connection == NULL) {
        return 0;
    }
    const struct moor_server_config *config = &connection->worker->shared->config;
    return moor_tls_client_accepts(&connection->certificate, store, verified == 1,
                                   config->client_names, config->client_name_count);
}

/*
 * The mode of verification is kept; only the callback is added, because tls_client.h sets the mode.
 */
void moor_handshake_observe(struct ssl_ctx_st *tls)
{
    SSL_CTX_set_info_callback(tls, on_tls_event);
    SSL_CTX_set_msg_callback(tls, on_tls_message);
    if (SSL_CTX_get_verify_mode(tls) != SSL_VERIFY_NONE) {
        SSL_CTX_set_verify(tls, SSL_CTX_get_verify_mode(tls), on_client_certificate);
    }
}

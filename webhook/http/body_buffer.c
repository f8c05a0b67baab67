/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/body_buffer.h"

/*
 * Returns the length of the body that the head announces; 0 if there is none or if it is too
 * large.  libh2o keeps Content-Length out of its list of headers, so the raw head is searched.
 */
static size_t announced_bytes(const h2o_buffer_t *input, size_t most)
{
    static const char name[] =
        "\r\ncontent-length:"; /* libh2o has converted the names to lower case */
    const char *end = input->bytes + input->size;
    const char *at = memmem(input->bytes, input->size, name, sizeof name - 1);
    size_t bytes = 0;
    for (at = at != NULL ? at + sizeof name - 1 : end; at < end && *at == ' '; at++) {
    }
    for (; at < end && *at >= '0' && *at <= '9' && bytes <= most; at++) {
        bytes = bytes * 10 + (size_t)(*at - '0');
    }
    return bytes <= most ? bytes : 0;
}

/*
 * The prototype has the capacity of the largest request, because libh2o recycles only buffers with
 * the capacity of their prototype.
 */
void moor_body_buffers_init(struct moor_worker *worker)
{
    const struct moor_server_config *config = &worker->shared->config;
    worker->body_buffers._initial_buf.capacity = config->max_body_bytes + config->max_head_bytes;
}

/*
 * A kept buffer keeps its memory even if its next body is small, so all workers together keep only
 * one.  While it is in use, other bodies get new buffers.
 */
static bool may_use_kept(struct moor_worker *worker)
{
    bool kept_by_another = false;
    const h2o_mem_recycle_t *kept = &worker->body_buffers.allocator;
    return kept->max > 0 ? kept->cnt > 0
                         : atomic_compare_exchange_strong(&worker->shared->body_buffer_kept,
                                                          &kept_by_another, true);
}

void moor_body_buffers_release(struct moor_worker *worker)
{
    h2o_mem_recycle_t *kept = &worker->body_buffers.allocator;
    if (kept->cnt == 0) {
        return; /* no buffer is kept, or a body is in it */
    }
    free(h2o_mem_alloc_recycle(kept, 0));
    kept->max = 0;
    atomic_store(&worker->shared->body_buffer_kept, false);
}

/*
 * Moves the head and the first bytes of the body.  A capacity of exactly the prototype makes libh2o
 * recycle the buffer; one byte more makes libh2o free it.
 */
static void move_to_body_buffer(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    h2o_buffer_t *input = connection->sock->input;
    h2o_buffer_t *fresh = NULL;
    size_t capacity = worker->body_buffers._initial_buf.capacity;
    if (may_use_kept(worker)) {
        worker->body_buffers.allocator.max = 1; /* libh2o recycles buffers of this capacity */
    } else {
        capacity++;
    }
    h2o_buffer_init(&fresh, &worker->body_buffers);
    h2o_iovec_t bytes = h2o_buffer_reserve(&fresh, capacity);
    memcpy(bytes.base, input->bytes, input->size);
    fresh->size = input->size;
    h2o_buffer_dispose(&connection->sock->input);
    connection->sock->input = fresh;
    worker->body_buffer_used_us = worker->now_us;
}

/*
 * A small body stays in libh2o's own buffer: one reservation of the announced size replaces the
 * repeated doubling.
 */
void moor_body_buffer_reserve(struct moor_connection *connection)
{
    const h2o_buffer_t *input = connection->sock->input;
    size_t body = announced_bytes(input, connection->worker->shared->config.max_body_bytes);
    connection->has_body_buffer = true;
    if (body <= input->capacity) {
        return;
    }
    if (body > MOOR_CONNECTION_LARGE_BYTES &&
        input->size <= connection->worker->body_buffers._initial_buf.capacity) {
        move_to_body_buffer(connection);
    } else {
        (void)h2o_buffer_reserve(&connection->sock->input, body);
    }
}

void moor_body_buffer_release(struct moor_connection *connection)
{
    connection->has_body_buffer = false;
    h2o_buffer_set_prototype(&connection->sock->input, &h2o_socket_buffer_prototype);
}

void moor_body_buffers_sweep(struct moor_worker *worker)
{
    if (worker->now_us > worker->body_buffer_used_us + MOOR_BODY_BUFFER_KEPT_US) {
        moor_body_buffers_release(worker);
    }
}

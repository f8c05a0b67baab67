/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/body_buffer.h"

/* The length of the body as its head announces it; 0 if it does not, or if it is too large. */
static size_t announced_bytes(const h2o_buffer_t *input, size_t most)
{
    static const char name[] = "\r\ncontent-length:"; /* libh2o has put names in lower case */
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

void moor_body_buffers_init(struct moor_worker *worker)
{
    const struct moor_server_config *config = &worker->shared->config;
    worker->body_buffers._initial_buf.capacity = config->max_body_bytes + config->max_head_bytes;
}

/*
 * A kept buffer uses its memory whatever the size of its next body, so all workers together have
 * one.  While it is in use, other bodies get fresh buffers.
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
        return; /* there is none, or a body is in it */
    }
    free(h2o_mem_alloc_recycle(kept, 0));
    kept->max = 0;
    atomic_store(&worker->shared->body_buffer_kept, false);
}

/* The head, and what is there of the body, move with the connection. */
static void move_to_body_buffer(struct moor_connection *connection)
{
    struct moor_worker *worker = connection->worker;
    h2o_buffer_t *input = connection->sock->input;
    h2o_buffer_t *fresh = NULL;
    size_t capacity = worker->body_buffers._initial_buf.capacity;
    if (may_use_kept(worker)) {
        worker->body_buffers.allocator.max = 1; /* of just this capacity: libh2o will keep it */
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

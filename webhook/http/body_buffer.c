/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/body_buffer.h"

/* What the head says about the length of its body; 0 where it says nothing that can be used. */
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
 * The pages of a room that was used are there, whatever its next body brings: there is one such
 * room, and where it is in use the next body gets a fresh one.
 */
static bool may_use_kept(struct moor_worker *worker)
{
    bool nobody = false;
    const h2o_mem_recycle_t *kept = &worker->body_buffers.allocator;
    return kept->max > 0
               ? kept->cnt > 0
               : atomic_compare_exchange_strong(&worker->shared->body_buffer_kept, &nobody, true);
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
    h2o_buffer_t *room = NULL;
    size_t capacity = worker->body_buffers._initial_buf.capacity;
    if (may_use_kept(worker)) {
        worker->body_buffers.allocator.max = 1; /* of just this capacity: libh2o will keep it */
    } else {
        capacity++;
    }
    h2o_buffer_init(&room, &worker->body_buffers);
    h2o_iovec_t bytes = h2o_buffer_reserve(&room, capacity);
    memcpy(bytes.base, input->bytes, input->size);
    room->size = input->size;
    h2o_buffer_dispose(&connection->sock->input);
    connection->sock->input = room;
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/connection_rules.h"

#include "webhook/http/places.h"

#define LOAD(field)    atomic_load_explicit(&(field), memory_order_relaxed)
#define FRESH_DRAIN_US 1000000U /* for the first request of a new connection in a drain */

/*
 * A new connection has less time than a used one: a client connects because it has a request, and
 * keeps the connection afterwards because it may have more.
 */
static enum moor_limit find_overdue(const struct moor_connection_slot *slot,
                                    const struct moor_connection_times *times, uint64_t now_us)
{
    bool fresh = LOAD(slot->requests) == 0;
    uint32_t idle_ms = fresh ? times->new_connection_idle_ms : times->idle_timeout_ms;

    const struct {
        enum moor_limit limit;
        uint32_t timeout_ms;
    } states[] = {
        [MOOR_CONNECTION_FREE] = {MOOR_LIMIT_NONE, UINT32_MAX},
        [MOOR_CONNECTION_HANDSHAKE] = {MOOR_LIMIT_HANDSHAKE_TIMEOUT, times->handshake_timeout_ms},
        [MOOR_CONNECTION_IDLE] = {MOOR_LIMIT_IDLE_TIMEOUT, idle_ms},
        [MOOR_CONNECTION_RECEIVING] = {MOOR_LIMIT_REQUEST_TIMEOUT, times->request_timeout_ms},
        [MOOR_CONNECTION_ANSWERING] = {MOOR_LIMIT_UNSENT_TIMEOUT, times->unsent_timeout_ms},
        [MOOR_CONNECTION_CLOSING] = {MOOR_LIMIT_UNSENT_TIMEOUT, times->unsent_timeout_ms},
    };
    enum moor_connection_state state = LOAD(slot->state);
    uint64_t since_us = LOAD(slot->since_us);
    bool over = now_us > since_us && now_us - since_us > (uint64_t)states[state].timeout_ms * 1000U;
    return over ? states[state].limit : MOOR_LIMIT_NONE;
}

static struct moor_action cut(enum moor_limit limit)
{
    return (struct moor_action){.kind = MOOR_ACTION_CUT, .limit = limit};
}

static struct moor_action end_reading(const struct moor_connection_slot *slot,
                                      enum moor_limit limit)
{
    return (struct moor_action){.kind = slot->ended ? MOOR_ACTION_NONE : MOOR_ACTION_END_READING,
                                .limit = limit};
}

/*
 * The connection gives way to a newer one.  A request may have arrived since the event loop last
 * read, so the input is read first.  This happens only once, because a client that sends a byte now
 * and then would otherwise stay forever.
 */
static struct moor_action leave(const struct moor_connection_slot *slot, uint64_t now_us)
{
    if (moor_places_may_stay(slot, now_us)) {
        return (struct moor_action){.kind = MOOR_ACTION_STAY};
    }
    return slot->deferred
               ? cut(MOOR_LIMIT_CONNECTIONS)
               : (struct moor_action){.kind = MOOR_ACTION_LEAVE, .limit = MOOR_LIMIT_CONNECTIONS};
}

/*
 * In a drain, an idle connection ends.  A new connection gets some time for its first request,
 * because its client does not know about the drain.
 */
static bool is_drained(const struct moor_connection_slot *slot, uint64_t now_us)
{
    return LOAD(slot->state) == MOOR_CONNECTION_IDLE &&
           (LOAD(slot->requests) > 0 || now_us - LOAD(slot->since_us) > FRESH_DRAIN_US);
}

/*
 * The order matters.  An answer is still sent to a client that has announced its end.  An idle
 * connection ends by the end of reading, because a request may just have arrived: Go's client does
 * not retry a POST on a connection that the server closes.
 */
struct moor_action moor_connection_rules_next(const struct moor_connection_slot *slot,
                                              const struct moor_connection_look *look)
{
    if (slot->cut) {
        return (struct moor_action){.kind = MOOR_ACTION_NONE};
    }
    if (slot->over && LOAD(slot->state) != MOOR_CONNECTION_ANSWERING) {
        return (struct moor_action){.kind = MOOR_ACTION_HANG_UP};
    }
    if (look->cutting) {
        return cut(MOOR_LIMIT_NONE);
    }
    if (LOAD(slot->leaving)) {
        return leave(slot, look->now_us);
    }
    enum moor_limit overdue =
        look->times != NULL ? find_overdue(slot, look->times, look->now_us) : MOOR_LIMIT_NONE;
    if (overdue != MOOR_LIMIT_NONE) {
        return overdue == MOOR_LIMIT_IDLE_TIMEOUT ? end_reading(slot, overdue) : cut(overdue);
    }
    if (look->draining && is_drained(slot, look->now_us)) {
        return end_reading(slot, MOOR_LIMIT_NONE);
    }
    return (struct moor_action){.kind = MOOR_ACTION_NONE};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/places.h"

#define LOAD(field)         atomic_load_explicit(&(field), memory_order_relaxed)
#define STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

/*
 * Time for a new connection to complete its first request, and for a used one to complete the next.
 */
#define SPARED_US           1000000U

/*
 * Times in a flood: without a byte since the connection began, and since the last byte.  Honest
 * clients in a burst are slower than usual but not silent.
 */
#define SILENT_US           200000U
#define STALLED_US          500000U

/*
 * Time that new connections wait before used ones are asked to end, and the share that is asked at
 * once.
 */
#define PATIENCE_US         250000U
#define PARTING_SHARE       4

static bool may_leave(const struct moor_connection_slot *slot)
{
    return LOAD(slot->state) != MOOR_CONNECTION_FREE && !LOAD(slot->leaving);
}

/*
 * A client sends its ClientHello at once, so silence after the connection is the first sign of a
 * flood.
 */
static bool is_silent(const struct moor_connection_slot *slot)
{
    return LOAD(slot->state) == MOOR_CONNECTION_HANDSHAKE && LOAD(slot->heard_us) == 0;
}

/* Kinds of floods.  If many connections are new at once, those that do nothing give way earlier. */
struct flood {
    bool of_silent;
    bool of_others;
    bool of_requests; /* incomplete requests of used connections */
};

/*
 * A kind of connection is a flood if it holds more than a quarter of the places.  LIMITS.md
 * describes the effects.
 */
static struct flood find_flood(const struct moor_connection_table *table)
{
    size_t silent = 0;
    size_t others = 0;
    size_t requests = 0;
    for (size_t i = 0; i < table->slot_count; i++) {
        const struct moor_connection_slot *slot = &table->slots[i];
        if (!may_leave(slot)) {
            continue;
        }
        bool fresh = LOAD(slot->requests) == 0;
        silent += fresh && is_silent(slot);
        others += fresh && !is_silent(slot);
        requests += !fresh && LOAD(slot->state) == MOOR_CONNECTION_RECEIVING;
    }
    size_t many = table->max / 4;
    return (struct flood){silent + others > many, others > many, requests > many};
}

static bool is_older(uint64_t since_us, uint64_t age_us, uint64_t now_us)
{
    return now_us > since_us + age_us;
}

/* Order in which connections give way at once; connections of the last rank do not. */
enum rank {
    RANK_UNUSED,
    RANK_IDLE,
    RANK_NONE
};

/*
 * A silent connection and one that stalled in its handshake have different times, because
 * handshakes in a burst wait for each other.
 */
static enum rank rank_of_unused(const struct moor_connection_slot *slot, struct flood flood,
                                uint64_t now_us)
{
    uint64_t opened_us = LOAD(slot->opened_us);
    uint64_t heard_us = LOAD(slot->heard_us);
    bool stalled = is_silent(slot) ? flood.of_silent && is_older(opened_us, SILENT_US, now_us)
                                   : flood.of_others && is_older(heard_us, STALLED_US, now_us);
    return stalled || is_older(opened_us, SPARED_US, now_us) ? RANK_UNUSED : RANK_NONE;
}

/*
 * A used connection gives way if it has been idle, or in the middle of a request, for so long that
 * it looks held.
 */
static enum rank rank_of_used(const struct moor_connection_slot *slot, struct flood flood,
                              uint64_t now_us)
{
    bool stalled = flood.of_requests && LOAD(slot->state) == MOOR_CONNECTION_RECEIVING;
    return is_older(LOAD(slot->since_us), stalled ? STALLED_US : SPARED_US, now_us) ? RANK_IDLE
                                                                                    : RANK_NONE;
}

static enum rank rank_of(const struct moor_connection_slot *slot, struct flood flood,
                         uint64_t now_us)
{
    return LOAD(slot->requests) == 0 ? rank_of_unused(slot, flood, now_us)
                                     : rank_of_used(slot, flood, now_us);
}

/* Within a rank, the connection that has been in its state for the longest time gives way. */
static uint64_t seniority_us(const struct moor_connection_slot *slot)
{
    return LOAD(slot->requests) == 0 ? LOAD(slot->opened_us) : LOAD(slot->since_us);
}

static struct moor_connection_slot *choose_leaving(const struct moor_connection_table *table,
                                                   uint64_t now_us)
{
    struct moor_connection_slot *chosen = NULL;
    struct flood flood = find_flood(table);
    /*
     * In a flood of new connections some will stall soon.  Until then, no used connection loses its
     * place.
     */
    enum rank lowest = flood.of_silent || flood.of_others ? RANK_IDLE : RANK_NONE;
    for (size_t i = 0; i < table->slot_count; i++) {
        struct moor_connection_slot *slot = &table->slots[i];
        enum rank own = may_leave(slot) ? rank_of(slot, flood, now_us) : RANK_NONE;
        if (own < lowest ||
            (own == lowest && chosen != NULL && seniority_us(slot) < seniority_us(chosen))) {
            chosen = slot;
            lowest = own;
        }
    }
    return chosen;
}

bool moor_places_may_accept(const struct moor_connection_table *table, uint64_t now_us)
{
    return LOAD(table->open) - LOAD(table->leaving) < table->max ||
           choose_leaving(table, now_us) != NULL;
}

/*
 * Half of the places stay free for clients that connect anew for each request, as the kubelet does.
 */
bool moor_places_is_crowded(const struct moor_connection_table *table)
{
    return LOAD(table->open) > table->max / 2;
}

/*
 * Returns the used connection that has been in its state for the longest time and is not asked to
 * end.
 */
static struct moor_connection_slot *choose_parting(const struct moor_connection_table *table)
{
    struct moor_connection_slot *chosen = NULL;
    for (size_t i = 0; i < table->slot_count; i++) {
        struct moor_connection_slot *slot = &table->slots[i];
        if (may_leave(slot) && LOAD(slot->requests) > 0 && !LOAD(slot->parting) &&
            (chosen == NULL || seniority_us(slot) < seniority_us(chosen))) {
            chosen = slot;
        }
    }
    return chosen;
}

/*
 * Short bursts are over before PATIENCE_US.  A quarter at a time keeps clients from reconnecting
 * all at once.
 */
void moor_places_wait(struct moor_connection_table *table, uint64_t now_us)
{
    uint64_t since_us = LOAD(table->crowded_since_us);
    if (since_us == 0) {
        STORE(table->crowded_since_us, now_us);
        return;
    }
    if (!is_older(since_us, PATIENCE_US, now_us)) {
        return;
    }
    STORE(table->crowded_since_us, now_us);
    for (size_t left = 1 + table->max / PARTING_SHARE; left > 0; left--) {
        struct moor_connection_slot *slot = choose_parting(table);
        if (slot == NULL) {
            return;
        }
        STORE(slot->parting, true);
    }
}

/*
 * The first check without the lock keeps the usual turn cheap.  The numbers may change until the
 * lock is taken, so they are compared again.
 */
struct moor_connection_slot *moor_places_dismiss(struct moor_connection_table *table,
                                                 uint64_t now_us)
{
    if (LOAD(table->open) <= table->max) {
        return NULL;
    }
    struct moor_connection_slot *chosen = NULL;
    (void)pthread_mutex_lock(&table->lock);
    if (LOAD(table->open) - LOAD(table->leaving) > table->max) {
        chosen = choose_leaving(table, now_us);
    }
    if (chosen != NULL) {
        STORE(chosen->leaving, true);
        STORE(chosen->chosen_since_us, LOAD(chosen->since_us));
        atomic_fetch_add(&table->leaving, 1);
    }
    (void)pthread_mutex_unlock(&table->lock);
    return chosen;
}

/*
 * A connection that begins a request after it was chosen was chosen wrongly.  A connection without
 * a completed request stays chosen, because a flood would otherwise save itself with one byte.
 */
bool moor_places_may_stay(const struct moor_connection_slot *slot, uint64_t now_us)
{
    bool begun = LOAD(slot->since_us) != LOAD(slot->chosen_since_us);
    return begun && LOAD(slot->requests) > 0 && !is_older(LOAD(slot->since_us), SPARED_US, now_us);
}

void moor_places_keep(struct moor_connection_table *table, struct moor_connection_slot *slot)
{
    (void)pthread_mutex_lock(&table->lock);
    if (atomic_exchange(&slot->leaving, false)) {
        atomic_fetch_sub(&table->leaving, 1);
    }
    (void)pthread_mutex_unlock(&table->lock);
}

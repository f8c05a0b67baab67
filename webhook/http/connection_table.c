/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/connection_table.h"

/* Slots are statistics of each other's threads: no order between them is needed. */
#define LOAD(field)         atomic_load_explicit(&(field), memory_order_relaxed)
#define STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

/* For a new connection to complete its first request, and for one to complete a later one. */
#define SPARED_US           1000000U

/* In a flood: without a byte since the connection, or since its last byte.  A client in a burst of
 * honest ones is slower than usual, not silent. */
#define SILENT_US           200000U
#define STALLED_US          500000U

/* How long new connections wait before used ones are asked to end, and how many at a time. */
#define PATIENCE_US         250000U
#define PARTING_SHARE       4

const char *moor_connection_state_name(enum moor_connection_state state)
{
    static const char *const names[MOOR_CONNECTION_STATE_COUNT] = {
        [MOOR_CONNECTION_FREE] = "free",           [MOOR_CONNECTION_HANDSHAKE] = "handshake",
        [MOOR_CONNECTION_IDLE] = "idle",           [MOOR_CONNECTION_RECEIVING] = "receiving",
        [MOOR_CONNECTION_ANSWERING] = "answering", [MOOR_CONNECTION_CLOSING] = "closing",
    };
    return names[state];
}

void moor_connection_table_count(const struct moor_connection_table *table,
                                 size_t counts[MOOR_CONNECTION_STATE_COUNT])
{
    memset(counts, 0, MOOR_CONNECTION_STATE_COUNT * sizeof *counts);
    for (size_t i = 0; i < table->slot_count; i++) {
        counts[LOAD(table->slots[i].state)]++;
    }
}

int moor_connection_table_init(struct moor_connection_table *table, size_t max,
                               size_t max_buffered_bytes, size_t max_request_bytes,
                               struct moor_error *err)
{
    memset(table, 0, sizeof *table);
    table->slot_count = max + MOOR_SERVER_SPARE_CONNECTIONS;
    table->max = max;
    table->max_buffered_bytes = max_buffered_bytes;
    table->pause_at_bytes = max_buffered_bytes / 2 > max_request_bytes
                                ? max_buffered_bytes - max_request_bytes
                                : max_buffered_bytes / 2;
    table->slots = calloc(table->slot_count, sizeof *table->slots);
    if (table->slots == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu connections", max);
    }
    (void)pthread_mutex_init(&table->lock, NULL);
    return 0;
}

void moor_connection_table_release(struct moor_connection_table *table)
{
    if (table->slots != NULL) {
        (void)pthread_mutex_destroy(&table->lock);
        free(table->slots);
        table->slots = NULL;
    }
}

struct moor_connection_slot *moor_connection_table_claim(struct moor_connection_table *table)
{
    struct moor_connection_slot *slot = NULL;
    (void)pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->slot_count && slot == NULL; i++) {
        if (!LOAD(table->slots[i].claimed)) {
            slot = &table->slots[i];
            STORE(slot->claimed, true);
        }
    }
    (void)pthread_mutex_unlock(&table->lock);
    return slot;
}

void moor_connection_table_open(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, unsigned thread, uint64_t now_us)
{
    (void)pthread_mutex_lock(&table->lock);
    STORE(slot->opened_us, now_us);
    STORE(slot->since_us, now_us);
    STORE(slot->requests, 0);
    STORE(slot->charge, 0);
    STORE(slot->leaving, false);
    STORE(slot->parting, false);
    STORE(slot->heard_us, 0);
    STORE(slot->thread, thread);
    STORE(slot->state, MOOR_CONNECTION_HANDSHAKE);
    STORE(table->crowded_since_us, 0);
    atomic_fetch_add(&table->open, 1);
    (void)pthread_mutex_unlock(&table->lock);
}

void moor_connection_table_give_back(struct moor_connection_table *table,
                                     struct moor_connection_slot *slot)
{
    moor_connection_slot_charge(table, slot, 0, false);
    (void)pthread_mutex_lock(&table->lock);
    if (atomic_exchange(&slot->leaving, false)) {
        atomic_fetch_sub(&table->leaving, 1);
    }
    if (LOAD(slot->state) != MOOR_CONNECTION_FREE) {
        STORE(slot->state, MOOR_CONNECTION_FREE);
        atomic_fetch_sub(&table->open, 1);
    }
    STORE(slot->claimed, false);
    (void)pthread_mutex_unlock(&table->lock);
}

bool moor_connection_table_has_room(const struct moor_connection_table *table)
{
    for (size_t i = 0; i < table->slot_count; i++) {
        if (!LOAD(table->slots[i].claimed)) {
            return true;
        }
    }
    return false;
}

static bool may_leave(const struct moor_connection_slot *slot)
{
    return LOAD(slot->state) != MOOR_CONNECTION_FREE && !LOAD(slot->leaving);
}

static bool is_silent(const struct moor_connection_slot *slot)
{
    return LOAD(slot->state) == MOOR_CONNECTION_HANDSHAKE && LOAD(slot->heard_us) == 0;
}

/* Many new connections at once may be a flood: then those of it that do nothing are not spared. */
struct flood {
    bool of_silent;
    bool of_others;
    bool of_requests; /* that are not complete: of used connections */
};

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

/* Who gives way at once; the last rank does not. */
enum rank {
    RANK_UNUSED,
    RANK_IDLE,
    RANK_NONE
};

static enum rank rank_of_unused(const struct moor_connection_slot *slot, struct flood flood,
                                uint64_t now_us)
{
    uint64_t opened_us = LOAD(slot->opened_us);
    uint64_t heard_us = LOAD(slot->heard_us);
    bool stalled = is_silent(slot) ? flood.of_silent && is_older(opened_us, SILENT_US, now_us)
                                   : flood.of_others && is_older(heard_us, STALLED_US, now_us);
    return stalled || is_older(opened_us, SPARED_US, now_us) ? RANK_UNUSED : RANK_NONE;
}

/* A used one: idle or in the middle of a request for so long that it looks held. */
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

/* Of the same rank: the one that has been as it is the longest. */
static uint64_t seniority_us(const struct moor_connection_slot *slot)
{
    return LOAD(slot->requests) == 0 ? LOAD(slot->opened_us) : LOAD(slot->since_us);
}

static struct moor_connection_slot *choose_leaving(const struct moor_connection_table *table,
                                                   uint64_t now_us)
{
    struct moor_connection_slot *chosen = NULL;
    struct flood flood = find_flood(table);
    /* Of a flood of new ones some will stall: it must not cost a used one its place meanwhile. */
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

bool moor_connection_table_may_accept(const struct moor_connection_table *table, uint64_t now_us)
{
    return LOAD(table->open) - LOAD(table->leaving) < table->max ||
           choose_leaving(table, now_us) != NULL;
}

bool moor_connection_table_is_crowded(const struct moor_connection_table *table)
{
    return LOAD(table->open) > table->max / 2;
}

/* The used connection that has been as it is the longest and is not asked to end yet. */
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

void moor_connection_table_wait(struct moor_connection_table *table, uint64_t now_us)
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

struct moor_connection_slot *moor_connection_table_dismiss(struct moor_connection_table *table,
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

void moor_connection_slot_enter(struct moor_connection_slot *slot, enum moor_connection_state state,
                                uint64_t now_us)
{
    if (LOAD(slot->state) != state) {
        STORE(slot->since_us, now_us);
        STORE(slot->state, state);
    }
}

void moor_connection_slot_greet(struct moor_connection_slot *slot, uint64_t now_us)
{
    STORE(slot->heard_us, now_us);
}

bool moor_connection_slot_is_parting(const struct moor_connection_slot *slot)
{
    return LOAD(slot->parting);
}

void moor_connection_slot_begin_answer(struct moor_connection_slot *slot, uint64_t now_us)
{
    atomic_fetch_add_explicit(&slot->requests, 1, memory_order_relaxed);
    STORE(slot->since_us, now_us);
    STORE(slot->state, MOOR_CONNECTION_ANSWERING);
}

bool moor_connection_slot_stays(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, uint64_t now_us)
{
    bool begun = LOAD(slot->since_us) != LOAD(slot->chosen_since_us);
    if (!begun || LOAD(slot->requests) == 0 || is_older(LOAD(slot->since_us), SPARED_US, now_us)) {
        return false;
    }
    (void)pthread_mutex_lock(&table->lock);
    if (atomic_exchange(&slot->leaving, false)) {
        atomic_fetch_sub(&table->leaving, 1);
    }
    (void)pthread_mutex_unlock(&table->lock);
    return true;
}

void moor_connection_slot_charge(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot, size_t buffered_bytes,
                                 bool expecting)
{
    const size_t burst = MOOR_CONNECTION_BURST_BYTES;
    size_t charge = buffered_bytes + (buffered_bytes < burst ? buffered_bytes : burst);
    charge += expecting ? burst : 0;
    size_t before = LOAD(slot->charge);
    if (charge != before) {
        STORE(slot->charge, charge);
        atomic_fetch_add_explicit(&table->charged_bytes, charge - before, memory_order_relaxed);
    }
}

bool moor_connection_table_over_budget(const struct moor_connection_table *table)
{
    return LOAD(table->charged_bytes) > table->pause_at_bytes;
}

/* Some connections bring a burst at once before anyone could pause them. */
static size_t far_over_bytes(const struct moor_connection_table *table)
{
    return table->max_buffered_bytes + 64 * MOOR_CONNECTION_BURST_BYTES;
}

bool moor_connection_table_far_over_budget(const struct moor_connection_table *table)
{
    return LOAD(table->charged_bytes) > far_over_bytes(table);
}

bool moor_connection_table_far_over_without_unsent(const struct moor_connection_table *table)
{
    return LOAD(table->charged_bytes) > far_over_bytes(table) + LOAD(table->unsent_bytes);
}

bool moor_connection_table_have_budget(const struct moor_connection_table *table)
{
    return LOAD(table->charged_bytes) + MOOR_CONNECTION_BURST_BYTES <= table->pause_at_bytes;
}

void moor_connection_table_await_judging(struct moor_connection_table *table)
{
    atomic_fetch_add_explicit(&table->judging, 1, memory_order_relaxed);
}

void moor_connection_table_forget_judging(struct moor_connection_table *table)
{
    atomic_fetch_sub_explicit(&table->judging, 1, memory_order_relaxed);
}

bool moor_connection_table_is_judging(const struct moor_connection_table *table)
{
    return atomic_load(&table->judge_taken);
}

bool moor_connection_table_try_judging(struct moor_connection_table *table)
{
    return !atomic_exchange(&table->judge_taken, true);
}

bool moor_connection_table_end_judging(struct moor_connection_table *table)
{
    atomic_store(&table->judge_taken, false);
    return atomic_fetch_sub(&table->judging, 1) > 1;
}

struct moor_connection_slot *moor_connection_table_oldest_request(
    const struct moor_connection_table *table)
{
    struct moor_connection_slot *oldest = NULL;
    if (LOAD(table->judging) > 0) {
        return NULL;
    }
    for (size_t i = 0; i < table->slot_count; i++) {
        struct moor_connection_slot *slot = &table->slots[i];
        if (LOAD(slot->state) == MOOR_CONNECTION_RECEIVING &&
            LOAD(slot->charge) > 2 * MOOR_CONNECTION_SMALL_BYTES &&
            (oldest == NULL || LOAD(slot->since_us) < LOAD(oldest->since_us))) {
            oldest = slot;
        }
    }
    return oldest;
}

enum moor_limit moor_connection_slot_overdue(const struct moor_connection_slot *slot,
                                             const struct moor_connection_times *times,
                                             uint64_t now_us)
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

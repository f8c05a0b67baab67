/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/connection_table.h"

/*
 * Other threads read slots as statistics, so relaxed order is enough.  Only `state` publishes a
 * slot and has a stronger order.
 */
#define LOAD(field)         atomic_load_explicit(&(field), memory_order_relaxed)
#define STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

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

/* A negative change is passed as its unsigned complement, and the sum wraps. */
static void add(atomic_size_t *sum, size_t change)
{
    (void)atomic_fetch_add_explicit(sum, change, memory_order_relaxed);
}

/*
 * Publishes the slot: a thread that sees the new state also sees the fields that were written
 * before.
 */
static void set_state(struct moor_connection_slot *slot, enum moor_connection_state state)
{
    atomic_store_explicit(&slot->state, state, memory_order_release);
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

/*
 * The lock covers the search, so that two threads never claim the same slot.  A linear search over
 * some hundred slots is cheap compared with a TLS handshake.
 */
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

bool moor_connection_slot_is_large(const struct moor_connection_slot *slot)
{
    return LOAD(slot->state) == MOOR_CONNECTION_RECEIVING &&
           slot->bytes.input > MOOR_CONNECTION_SMALL_BYTES;
}

/*
 * Charges the memory in use, twice up to a burst, because a partial TLS record is held in encrypted
 * and decrypted form.  A large request that is being read is also charged for its next read, so
 * that the budget is short before the bytes arrive.
 */
static size_t charge_of(const struct moor_connection_slot *slot)
{
    const size_t burst = MOOR_CONNECTION_BURST_BYTES;
    if (slot->cut) {
        return 0;
    }
    size_t held = slot->bytes.input + slot->bytes.other + slot->bytes.unsent;
    bool expecting = !slot->paused && moor_connection_slot_is_large(slot);
    return held + (held < burst ? held : burst) + (expecting ? burst : 0);
}

static void charge(struct moor_connection_table *table, struct moor_connection_slot *slot)
{
    size_t after = charge_of(slot);
    size_t before = LOAD(slot->charge);
    if (after != before) {
        STORE(slot->charge, after);
        add(&table->charged_bytes, after - before);
    }
}

/*
 * Becoming large is not progress, because a flood of requests that never end also becomes large.
 * Only bytes beyond the limit of a small request count.
 */
static void note_progress(struct moor_connection_table *table, struct moor_connection_slot *slot,
                          size_t input_bytes, uint64_t now_us)
{
    size_t before = slot->bytes.input;
    if (input_bytes == before) {
        return;
    }
    if (before > MOOR_CONNECTION_SMALL_BYTES && input_bytes > before) {
        add(&table->brought_bytes, input_bytes - before);
    }
    slot->progress_us = now_us;
}

void moor_connection_slot_charge(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot,
                                 struct moor_connection_bytes bytes, uint64_t now_us)
{
    note_progress(table, slot, bytes.input, now_us);
    if (bytes.unsent != slot->bytes.unsent) {
        add(&table->unsent_bytes, bytes.unsent - slot->bytes.unsent);
    }
    slot->bytes = bytes;
    charge(table, slot);
}

void moor_connection_slot_pause(struct moor_connection_table *table,
                                struct moor_connection_slot *slot, uint64_t now_us)
{
    slot->paused = true;
    slot->turned_us = now_us;
    add(&table->waiting, 1);
    charge(table, slot);
}

/*
 * Shifts the time of the last progress by the pause, so that a pause does not count as a stall of
 * the client.
 */
void moor_connection_slot_resume(struct moor_connection_table *table,
                                 struct moor_connection_slot *slot, uint64_t now_us)
{
    slot->paused = false;
    slot->progress_us += now_us - slot->turned_us;
    slot->turned_us = now_us;
    add(&table->waiting, SIZE_MAX);
    charge(table, slot);
}

void moor_connection_slot_cut(struct moor_connection_table *table,
                              struct moor_connection_slot *slot)
{
    slot->cut = true;
    add(&table->unsent_bytes, (size_t)0 - slot->bytes.unsent);
    slot->bytes.unsent = 0;
    charge(table, slot);
}

/*
 * Resets every field, because a slot is used again for the next connection.  The state is set last
 * and publishes the others.
 */
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
    slot->connection = NULL;
    slot->bytes = (struct moor_connection_bytes){0};
    slot->progress_us = 0;
    slot->turned_us = 0;
    slot->paused = slot->cut = slot->ended = slot->deferred = slot->over = false;
    set_state(slot, MOOR_CONNECTION_HANDSHAKE);
    STORE(table->crowded_since_us, 0);
    atomic_fetch_add(&table->open, 1);
    (void)pthread_mutex_unlock(&table->lock);
}

/*
 * Releases the charge before the slot, because a claimed slot may be opened by another thread at
 * once.
 */
void moor_connection_table_give_back(struct moor_connection_table *table,
                                     struct moor_connection_slot *slot)
{
    if (slot->paused) {
        slot->paused = false;
        add(&table->waiting, SIZE_MAX);
    }
    moor_connection_slot_charge(table, slot, (struct moor_connection_bytes){0}, 0);
    (void)pthread_mutex_lock(&table->lock);
    if (atomic_exchange(&slot->leaving, false)) {
        atomic_fetch_sub(&table->leaving, 1);
    }
    if (LOAD(slot->state) != MOOR_CONNECTION_FREE) {
        set_state(slot, MOOR_CONNECTION_FREE);
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

void moor_connection_slot_enter(struct moor_connection_slot *slot, enum moor_connection_state state,
                                uint64_t now_us)
{
    if (LOAD(slot->state) != state) {
        STORE(slot->since_us, now_us);
        set_state(slot, state);
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
    set_state(slot, MOOR_CONNECTION_ANSWERING);
}

void moor_connection_table_await_judging(struct moor_connection_table *table)
{
    add(&table->judging, 1);
}

void moor_connection_table_forget_judging(struct moor_connection_table *table)
{
    add(&table->judging, SIZE_MAX);
}

bool moor_connection_table_is_judging(const struct moor_connection_table *table)
{
    return atomic_load(&table->judge_taken);
}

bool moor_connection_table_try_judging(struct moor_connection_table *table)
{
    return !atomic_exchange(&table->judge_taken, true);
}

/* Returns whether another thread may have tried in vain and must be woken. */
bool moor_connection_table_end_judging(struct moor_connection_table *table)
{
    atomic_store(&table->judge_taken, false);
    return atomic_fetch_sub(&table->judging, 1) > 1;
}

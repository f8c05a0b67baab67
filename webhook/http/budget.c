/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/budget.h"
#include "policy/base/array_size.h"

#define LOAD(field)  atomic_load_explicit(&(field), memory_order_relaxed)

#define STALLED_US   1000000U            /* time without a byte while others are paused */
#define STUCK_BYTES  ((size_t)256 << 10) /* minimum bytes of all large requests together */
#define STUCK_US     1500000U            /* longer than a stall, which also makes room */
#define STUCK_TURNS  16U                 /* turns of a loop that could read */
#define HELD_US      3000000U            /* time for a request before others need its bytes */

/*
 * Some connections receive a burst at once before they can be paused.  The margin keeps such bursts
 * from cutting connections.
 */
#define MARGIN_BYTES (64 * MOOR_CONNECTION_BURST_BYTES)

bool moor_budget_is_over(const struct moor_connection_table *table)
{
    return LOAD(table->charged_bytes) > table->pause_at_bytes;
}

/*
 * Answers that wait to be sent are cut first, so requests are cut only for the excess without the
 * answers.
 */
static bool is_far_over(const struct moor_connection_table *table, size_t unsent_bytes)
{
    return LOAD(table->charged_bytes) > table->max_buffered_bytes + MARGIN_BYTES + unsent_bytes;
}

/*
 * A resumed connection may receive a burst before the next pass.  Without room for it, the
 * connection would be paused again at once.
 */
static bool has_room_for_burst(const struct moor_connection_table *table)
{
    return LOAD(table->charged_bytes) + MOOR_CONNECTION_BURST_BYTES <= table->pause_at_bytes;
}

/*
 * The charge counts input twice, so the threshold is twice that of a small request.  Another thread
 * writes the slot meanwhile; a wrong choice costs nothing, because every pass chooses again.
 */
struct moor_connection_slot *moor_budget_oldest_request(const struct moor_connection_table *table)
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

/* --- the slots of one thread ------------------------------------------------------------------ */

/*
 * The owner is written before the state leaves FREE.  Reading in the opposite order, with acquire,
 * ensures that a used slot shows its real owner.
 */
static bool is_own(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    return atomic_load_explicit(&slot->state, memory_order_acquire) != MOOR_CONNECTION_FREE &&
           LOAD(slot->thread) == pass->turn.thread;
}

static bool is_large(const struct moor_connection_slot *slot)
{
    return moor_connection_slot_is_large(slot) && !slot->cut;
}

/*
 * A large request that is read but receives nothing blocks its share of the budget, while other
 * requests wait for it.
 */
static bool is_stalled(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    return is_large(slot) && !slot->paused && pass->turn.now_us > slot->progress_us + STALLED_US;
}

/*
 * A large request has had its time.  A young request, or one that was resumed only recently, has
 * not.
 */
static bool is_held(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    return is_large(slot) && pass->turn.now_us > LOAD(slot->since_us) + HELD_US &&
           slot->turned_us <= pass->held_since_us;
}

static bool is_paused(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    (void)pass;
    return slot->paused;
}

static bool may_pause(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    return is_large(slot) && !slot->paused && slot != pass->oldest;
}

static bool has_unsent(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    (void)pass;
    return slot->bytes.unsent > 0 && !slot->cut;
}

static bool may_cut(const struct moor_budget_pass *pass, const struct moor_connection_slot *slot)
{
    (void)pass;
    return is_large(slot);
}

/*
 * Continues at the position of the stage, because the caller applies each action before the next
 * call.
 */
static struct moor_connection_slot *next_own(struct moor_budget_pass *pass,
                                             bool (*fits)(const struct moor_budget_pass *,
                                                          const struct moor_connection_slot *))
{
    while (pass->at < pass->table->slot_count) {
        struct moor_connection_slot *slot = &pass->table->slots[pass->at++];
        if (is_own(pass, slot) && fits(pass, slot)) {
            return slot;
        }
    }
    return NULL;
}

static uint64_t since(const struct moor_connection_slot *slot)
{
    return LOAD(slot->since_us);
}

static uint64_t progress(const struct moor_connection_slot *slot)
{
    return slot->progress_us;
}

static uint64_t most_unsent(const struct moor_connection_slot *slot)
{
    return UINT64_MAX - slot->bytes.unsent;
}

/* Returns the slot of this thread with the lowest rank; NULL if no slot fits. */
static struct moor_connection_slot *find_own(
    const struct moor_budget_pass *pass,
    bool (*fits)(const struct moor_budget_pass *, const struct moor_connection_slot *),
    uint64_t (*rank)(const struct moor_connection_slot *slot))
{
    struct moor_connection_slot *found = NULL;
    for (size_t i = 0; i < pass->table->slot_count; i++) {
        struct moor_connection_slot *slot = &pass->table->slots[i];
        if (is_own(pass, slot) && fits(pass, slot) && (found == NULL || rank(slot) < rank(found))) {
            found = slot;
        }
    }
    return found;
}

static size_t count_own(const struct moor_budget_pass *pass,
                        bool (*fits)(const struct moor_budget_pass *,
                                     const struct moor_connection_slot *))
{
    size_t count = 0;
    for (size_t i = 0; i < pass->table->slot_count; i++) {
        count += is_own(pass, &pass->table->slots[i]) && fits(pass, &pass->table->slots[i]);
    }
    return count;
}

/* --- the stages of a pass --------------------------------------------------------------------- */

/* Returns an action, or NONE if there is no slot: stages chain their searches without a check. */
static struct moor_action act(enum moor_action_kind kind, enum moor_limit limit,
                              struct moor_connection_slot *slot)
{
    return (struct moor_action){slot != NULL ? kind : MOOR_ACTION_NONE, limit, slot};
}

static struct moor_action cut_stalled(struct moor_budget_pass *pass)
{
    struct moor_connection_slot *slot = next_own(pass, is_stalled);
    if (slot != NULL) {
        /* This frees memory, so the time limits of the other requests start again. */
        (void)atomic_fetch_add_explicit(&pass->table->brought_bytes, STUCK_BYTES,
                                        memory_order_relaxed);
    }
    return act(MOOR_ACTION_CUT, MOOR_LIMIT_BUFFERED_STALL, slot);
}

/*
 * Determines whether all large requests together have received almost nothing.  Each of them could
 * receive a byte from time to time, or be paused while another one does.  Cutting them one by one
 * would take longer than other clients can wait, so the older half is cut.  An evaluation holds its
 * bytes without receiving any, and does not count as a lack of progress.
 */
static void look_for_stuck(struct moor_budget_pass *pass)
{
    struct moor_budget_watch *watch = pass->watch;
    size_t brought = LOAD(pass->table->brought_bytes);
    bool progressed = brought - watch->brought_before >= STUCK_BYTES;
    bool judging = LOAD(pass->table->judging) > 0;
    bool stuck = watch->since_us > 0 && !progressed && !judging &&
                 pass->turn.now_us > watch->since_us + STUCK_US &&
                 pass->turn.number > watch->since_turn + STUCK_TURNS;
    if (stuck) {
        pass->held_since_us = watch->since_us;
        pass->cuts_left = (count_own(pass, is_held) + 1) / 2;
    }
    if (stuck || progressed || judging || watch->since_us == 0) {
        *watch = (struct moor_budget_watch){pass->turn.now_us, pass->turn.number, brought};
    }
}

static struct moor_action cut_held(struct moor_budget_pass *pass)
{
    if (!pass->looked_for_stuck) {
        pass->looked_for_stuck = true;
        look_for_stuck(pass);
    }
    if (pass->cuts_left == 0) {
        return act(MOOR_ACTION_NONE, MOOR_LIMIT_NONE, NULL);
    }
    pass->cuts_left--;
    return act(MOOR_ACTION_CUT, MOOR_LIMIT_BUFFERED_STALL, find_own(pass, is_held, since));
}

/*
 * Resumes the oldest request even if the budget is exceeded.  Otherwise requests that are all
 * paused would wait for each other forever.
 */
static struct moor_action resume_oldest(struct moor_budget_pass *pass)
{
    struct moor_connection_slot *oldest = moor_budget_oldest_request(pass->table);
    bool waits = oldest != NULL && is_own(pass, oldest) && oldest->paused;
    pass->oldest = oldest;
    return act(MOOR_ACTION_RESUME, MOOR_LIMIT_NONE, waits ? oldest : NULL);
}

/*
 * Resumes one request at a time, the longest waiting first, while there is room for a burst of
 * each.
 */
static struct moor_action resume_others(struct moor_budget_pass *pass)
{
    bool room = !pass->over && has_room_for_burst(pass->table);
    return act(MOOR_ACTION_RESUME, MOOR_LIMIT_NONE, room ? find_own(pass, is_paused, since) : NULL);
}

/* Small requests are not paused: they are about to be complete, and pausing them frees nothing. */
static struct moor_action pause_others(struct moor_budget_pass *pass)
{
    return act(MOOR_ACTION_PAUSE, MOOR_LIMIT_BUFFERED_PAUSE,
               pass->over ? next_own(pass, may_pause) : NULL);
}

/*
 * Cuts answers first: a client that does not read its answer frees no memory while others wait.
 * Answers of another thread are cut by that thread.
 */
static struct moor_action cut_far_over(struct moor_budget_pass *pass)
{
    struct moor_connection_slot *slot = NULL;
    if (pass->over && is_far_over(pass->table, 0)) {
        slot = find_own(pass, has_unsent, most_unsent);
        if (slot == NULL && is_far_over(pass->table, LOAD(pass->table->unsent_bytes))) {
            slot = find_own(pass, may_cut, progress);
        }
    }
    return act(MOOR_ACTION_CUT, MOOR_LIMIT_BUFFERED_CLOSE, slot);
}

bool moor_budget_begin(struct moor_budget_pass *out, struct moor_connection_table *table,
                       struct moor_budget_watch *watch, struct moor_budget_turn turn)
{
    bool over = moor_budget_is_over(table);
    if (!over && LOAD(table->waiting) == 0) {
        watch->since_us = 0;
        return false;
    }
    *out = (struct moor_budget_pass){.table = table, .watch = watch, .turn = turn, .over = over};
    return true;
}

/*
 * Each stage returns one action a call.  The caller applies the action and so changes the charges
 * before the next decision.
 */
struct moor_action moor_budget_next(struct moor_budget_pass *pass)
{
    static struct moor_action (*const stages[])(struct moor_budget_pass * pass) = {
        cut_stalled, cut_held, resume_oldest, resume_others, pause_others, cut_far_over,
    };
    for (; pass->stage < MOOR_ARRAY_SIZE(stages); pass->stage++) {
        struct moor_action action = stages[pass->stage](pass);
        if (action.kind != MOOR_ACTION_NONE) {
            return action;
        }
        pass->at = 0;
    }
    return act(MOOR_ACTION_NONE, MOOR_LIMIT_NONE, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/glob_index.h"

#include <stdlib.h>

#define GRAM        4 /* bytes of a lookup */
#define SHORT_LIST  8 /* number of globs up to which trying them all is not slower */

/* The costs of a search in steps, as measured: a byte of the text, and a glob that is found. */
#define LOOKUP_COST 3
#define FOUND_COST  8

/* The four bytes by which a glob is found, with its entry. */
struct gram {
    uint32_t bytes;
    bool is_chosen;
    struct moor_glob_entry entry;
};

/* memcpy() because the bytes are not aligned; compilers make a single load of it. */
static uint32_t load(const char *at)
{
    uint32_t bytes = 0;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/*
 * Returns the slot of these bytes, or the free slot where they belong.  The multiplier is that of
 * Fibonacci hashing, 2^32 divided by the golden ratio, which spreads similar names well.  The table
 * is at most half full, so that probing ends soon.
 */
static struct moor_glob_slot *find_slot(const struct moor_glob_index *index, uint32_t bytes)
{
    size_t at = (bytes * UINT32_C(2654435769)) >> 15;
    for (;;) {
        struct moor_glob_slot *slot = &index->slots[at & index->mask];
        if (slot->count == 0 || slot->bytes == bytes) {
            return slot;
        }
        at++;
    }
}

/* --- building --------------------------------------------------------------------------------- */

static bool is_special(char byte)
{
    return byte == '*' || byte == '?' || byte == '[' || byte == '\\';
}

/* Returns where the next run of plain bytes begins at `at` or later; the length if there is none.
 */
static size_t next_run(struct moor_slice text, size_t at)
{
    while (at < text.len && is_special(text.ptr[at]) && text.ptr[at] != '[') {
        char special = text.ptr[at];
        at += special == '\\' ? 2 : 1;
        /* The slash after `**` belongs to no run, because it may match nothing. */
        if (special == '*' && at < text.len && text.ptr[at] == '/') {
            at++;
        }
    }
    /* The rest after a set is ignored: finding the end of a set would repeat PCRE2's rules. */
    return at < text.len && text.ptr[at] != '[' ? at : text.len;
}

/* Describes the four bytes at `at` in the run from `run` to `end`. */
static struct gram gram_at(struct moor_slice text, size_t run, size_t end, size_t at)
{
    struct gram gram = {.bytes = load(text.ptr + at),
                        .is_chosen = true,
                        .entry = {.run = (uint16_t)run,
                                  .len = (uint16_t)(end - run),
                                  .before = (uint16_t)(at - run),
                                  .anchor = MOOR_GLOB_ANYWHERE}};
    if (run == 0) {
        gram.entry.anchor = MOOR_GLOB_FROM_START;
        gram.entry.offset = (uint16_t)at;
    } else if (end == text.len) {
        gram.entry.anchor = MOOR_GLOB_FROM_END;
        gram.entry.offset = (uint16_t)(text.len - at);
    }
    return gram;
}

/* Replaces the choice if four bytes of the run have fewer globs in their slot. */
static void choose_in_run(struct gram *chosen, uint32_t *fewest,
                          const struct moor_glob_index *index, struct moor_slice text, size_t run,
                          size_t end)
{
    for (size_t at = run; at + GRAM <= end && *fewest > 0; at++) {
        uint32_t count = find_slot(index, load(text.ptr + at))->count;
        if (count < *fewest) {
            *fewest = count;
            *chosen = gram_at(text, run, end, at);
        }
    }
}

/* The least crowded slot is chosen, so that a common prefix does not put all globs into one. */
static struct gram choose_gram(const struct moor_glob_index *index, struct moor_slice text)
{
    struct gram chosen = {0};
    uint32_t fewest = UINT32_MAX;
    for (size_t run = next_run(text, 0); run < text.len;) {
        size_t end = run;
        while (end < text.len && !is_special(text.ptr[end])) {
            end++;
        }
        choose_in_run(&chosen, &fewest, index, text, run, end);
        run = next_run(text, end);
    }
    return chosen;
}

static int fail_for_memory(struct moor_error *err, size_t count)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to look %zu globs up", count);
}

static int take_room(struct moor_glob_index *out, struct moor_arena *arena, struct moor_error *err)
{
    size_t slots = GRAM;
    while (slots < out->count * 2) {
        slots *= 2;
    }
    out->loose = moor_arena_alloc(arena, out->count * sizeof *out->loose);
    if (out->loose == NULL) {
        return fail_for_memory(err, out->count);
    }
    if (out->count <= SHORT_LIST) {
        return 0;
    }
    out->mask = slots - 1;
    out->slots = moor_arena_alloc(arena, slots * sizeof *out->slots);
    out->entries = moor_arena_alloc(arena, out->count * sizeof *out->entries);
    return out->slots != NULL && out->entries != NULL ? 0 : fail_for_memory(err, out->count);
}

/* Fills the counts of the slots first: the position of an entry depends on all of them. */
static void choose_grams(struct moor_glob_index *out, struct gram *grams)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->slots != NULL) {
            grams[i] = choose_gram(out, out->items[i].glob->text);
        }
        if (!grams[i].is_chosen) {
            out->loose[out->loose_count++] = (uint32_t)i;
            continue;
        }
        grams[i].entry.item = (uint32_t)i;
        struct moor_glob_slot *slot = find_slot(out, grams[i].bytes);
        slot->bytes = grams[i].bytes;
        slot->count++;
    }
}

/* Places the entries; those of the same slot are adjacent and in the order of their items. */
static void lay_out(struct moor_glob_index *out, const struct gram *grams)
{
    uint32_t first = 0;
    for (size_t i = 0; i <= out->mask && out->slots != NULL; i++) {
        first += out->slots[i].count;
        out->slots[i].first = first;
    }
    for (size_t i = out->count; i > 0; i--) {
        const struct gram *gram = &grams[i - 1];
        if (gram->is_chosen) {
            out->entries[--find_slot(out, gram->bytes)->first] = gram->entry;
        }
    }
}

int moor_glob_index_init(struct moor_glob_index *out, const struct moor_glob_item *items,
                         size_t count, struct moor_arena *arena, struct moor_error *err)
{
    *out = (struct moor_glob_index){.items = items, .count = count};
    if (count == 0) {
        return 0;
    }
    if (count > MOOR_GLOB_INDEX_MAX) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "%zu globs are more than %d", count,
                              MOOR_GLOB_INDEX_MAX);
    }
    struct gram *grams = calloc(count, sizeof *grams);
    if (grams == NULL || take_room(out, arena, err) != 0) {
        free(grams);
        return fail_for_memory(err, count);
    }
    choose_grams(out, grams);
    lay_out(out, grams);
    free(grams);
    return 0;
}

/* --- searching -------------------------------------------------------------------------------- */

void moor_glob_search_init(struct moor_glob_search *out, const struct moor_glob_index *index,
                           struct moor_slice text, uint32_t below, struct moor_matcher *matcher)
{
    out->index = index;
    out->text = text;
    out->matcher = matcher;
    out->below = below;
    out->at = 0;
    out->loose = 0;
    out->entry = NULL;
    out->end = NULL;
    if (index->slots != NULL) {
        (void)moor_matcher_take(matcher, LOOKUP_COST * text.len);
        memset(out->tried, 0, (index->count + 63) / 64 * sizeof *out->tried);
    }
}

/* Compares the whole run, which rejects most globs before a match begins. */
static bool has_run(const struct moor_glob_search *search, const struct moor_glob_entry *entry,
                    size_t at)
{
    const struct moor_glob *glob = search->index->items[entry->item].glob;
    size_t start = at - entry->before;
    return at >= entry->before && entry->len <= search->text.len - start &&
           memcmp(search->text.ptr + start, glob->text.ptr + entry->run, entry->len) == 0;
}

/* Returns whether the glob is worth a match: its bytes are in place, and it was not tried yet. */
static bool is_due(struct moor_glob_search *search, const struct moor_glob_entry *entry, size_t at)
{
    if ((entry->anchor == MOOR_GLOB_FROM_START && at != entry->offset) ||
        (entry->anchor == MOOR_GLOB_FROM_END && search->text.len - at != entry->offset) ||
        !has_run(search, entry, at)) {
        return false;
    }
    uint64_t *word = &search->tried[entry->item / 64];
    uint64_t bit = UINT64_C(1) << entry->item % 64;
    bool is_new = (*word & bit) == 0;
    *word |= bit;
    return is_new;
}

/* Looks up the next four bytes; returns false after the last. */
static bool look_up(struct moor_glob_search *search)
{
    const struct moor_glob_index *index = search->index;
    while (index->slots != NULL && search->at + GRAM <= search->text.len) {
        const struct moor_glob_slot *slot = find_slot(index, load(search->text.ptr + search->at));
        search->at++;
        if (slot->count > 0) {
            search->entry = index->entries + slot->first;
            search->end = search->entry + slot->count;
            return true;
        }
    }
    return false;
}

static bool try_item(struct moor_glob_search *search, const struct moor_glob_item *item)
{
    return item->rank < search->below && moor_glob_match(item->glob, search->text, search->matcher);
}

/* These items come first: they are in order of rank, so that `below` drops soon. */
static const struct moor_glob_item *next_loose(struct moor_glob_search *search)
{
    const struct moor_glob_index *index = search->index;
    while (search->loose < index->loose_count) {
        const struct moor_glob_item *item = &index->items[index->loose[search->loose++]];
        if (item->rank >= search->below) {
            search->loose = index->loose_count;
        } else if (try_item(search, item)) {
            return item;
        }
    }
    return NULL;
}

/* Returns the next matching item of the slot that was looked up last. */
static const struct moor_glob_item *next_found(struct moor_glob_search *search)
{
    while (search->entry != search->end && moor_matcher_take(search->matcher, FOUND_COST)) {
        const struct moor_glob_entry *entry = search->entry++;
        const struct moor_glob_item *item = &search->index->items[entry->item];
        if (is_due(search, entry, search->at - 1) && try_item(search, item)) {
            return item;
        }
    }
    return NULL;
}

const struct moor_glob_item *moor_glob_search_next(struct moor_glob_search *search)
{
    const struct moor_glob_item *item = next_loose(search);
    if (item == NULL) {
        item = next_found(search);
    }
    while (item == NULL && !moor_matcher_is_exhausted(search->matcher) && look_up(search)) {
        item = next_found(search);
    }
    return item;
}

uint32_t moor_glob_index_lowest(const struct moor_glob_index *index, struct moor_slice text,
                                struct moor_matcher *matcher)
{
    /* Zeroing the bit of every possible glob would cost more than looking up a few. */
    __attribute__((uninitialized)) struct moor_glob_search search;
    const struct moor_glob_item *item = NULL;
    moor_glob_search_init(&search, index, text, UINT32_MAX, matcher);
    while ((item = moor_glob_search_next(&search)) != NULL) {
        search.below = item->rank;
    }
    return search.below;
}

/* --- cost of a search ------------------------------------------------------------------------- */

/* The costliest slot at each offset: a text has only one run of four bytes at an offset. */
struct anchored_costs {
    uint64_t most[2][MOOR_GLOB_MAX_BYTES + 1];
    uint64_t slot[2][MOOR_GLOB_MAX_BYTES + 1]; /* sums of the current slot */
};

static uint64_t *cost_at(uint64_t costs[2][MOOR_GLOB_MAX_BYTES + 1],
                         const struct moor_glob_entry *entry)
{
    return &costs[entry->anchor == MOOR_GLOB_FROM_END ? 1 : 0][entry->offset];
}

/* Returns the cost of the globs without an anchor, and notes the costs of those with one. */
static uint64_t add_slot(struct anchored_costs *costs, const struct moor_glob_index *index,
                         const struct moor_glob_slot *slot, size_t len)
{
    uint64_t anywhere = 0;
    const struct moor_glob_entry *entries = index->entries + slot->first;
    for (uint32_t i = 0; i < slot->count; i++) {
        uint64_t cost = FOUND_COST + moor_glob_cost(index->items[entries[i].item].glob, len);
        if (entries[i].anchor == MOOR_GLOB_ANYWHERE) {
            anywhere += cost;
            continue;
        }
        uint64_t *sum = cost_at(costs->slot, &entries[i]);
        uint64_t *most = cost_at(costs->most, &entries[i]);
        *sum += cost;
        *most = *sum > *most ? *sum : *most;
    }
    for (uint32_t i = 0; i < slot->count; i++) {
        *cost_at(costs->slot, &entries[i]) = 0;
    }
    return anywhere;
}

uint64_t moor_glob_index_cost(const struct moor_glob_index *index, size_t len)
{
    struct anchored_costs costs = {0};
    uint64_t total = 0;
    for (size_t i = 0; i < index->loose_count; i++) {
        total += moor_glob_cost(index->items[index->loose[i]].glob, len);
    }
    if (index->slots == NULL) {
        return total;
    }
    total += LOOKUP_COST * len;
    for (size_t i = 0; i <= index->mask; i++) {
        total += add_slot(&costs, index, &index->slots[i], len);
    }
    for (size_t i = 0; i <= MOOR_GLOB_MAX_BYTES && i < len; i++) {
        total += costs.most[0][i] + costs.most[1][i];
    }
    return total;
}

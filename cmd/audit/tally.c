/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/tally.h"

#include "cmd/audit/hash.h"

#include <stdlib.h>

/* A power of two, because a mask selects the slot. */
#define FIRST_SLOTS 256

void moor_tally_init(struct moor_tally *out, size_t field_count, size_t max_names, size_t max_bytes)
{
    /*
     * Names come from the users of a cluster.  A random seed prevents names that all fall into one
     * slot.
     */
    *out = (struct moor_tally){
        .field_count = field_count, .max_names = max_names, .seed = moor_hash_seed()};
    moor_arena_init(&out->arena, max_bytes);
}

void moor_tally_release(struct moor_tally *tally)
{
    moor_arena_release(&tally->arena);
    free(tally->entries);
    free(tally->slots);
    tally->entries = NULL;
    tally->slots = NULL;
    tally->count = 0;
}

static struct moor_slice cut(struct moor_slice field)
{
    /*
     * The hash and the comparison use the cut text too, so that a long name finds its own entry
     * again.
     */
    return moor_slice_sub(field, 0, MOOR_TALLY_MAX_FIELD);
}

/* Rotated, so that equal fields in another order have another hash. */
static uint64_t hash_of(const struct moor_tally *tally, const struct moor_slice *fields)
{
    uint64_t hash = tally->seed;
    for (size_t i = 0; i < tally->field_count; i++) {
        hash = (hash << 7 | hash >> 57) ^ moor_hash(tally->seed + i, cut(fields[i]));
    }
    return hash;
}

static bool is_name(const struct moor_tally *tally, const struct moor_tally_entry *entry,
                    const struct moor_slice *fields)
{
    for (size_t i = 0; i < tally->field_count; i++) {
        if (!moor_slice_equal(entry->fields[i], cut(fields[i]))) {
            return false;
        }
    }
    return true;
}

/* Returns the slot of the name, or the free one where it belongs. */
static uint32_t *find_slot(const struct moor_tally *tally, const struct moor_slice *fields,
                           uint64_t hash)
{
    size_t at = (size_t)hash & tally->mask;
    /* Half of the slots are free, so that the search ends. */
    while (tally->slots[at] != 0) {
        const struct moor_tally_entry *entry = &tally->entries[tally->slots[at] - 1];
        if (entry->hash == hash && is_name(tally, entry, fields)) {
            break;
        }
        at = (at + 1) & tally->mask;
    }
    return &tally->slots[at];
}

/* Doubles the slots and fills them again; at most half of them are used. */
static bool grow_slots(struct moor_tally *tally)
{
    size_t slots = tally->slots != NULL ? (tally->mask + 1) * 2 : FIRST_SLOTS;
    uint32_t *grown = calloc(slots, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    free(tally->slots);
    tally->slots = grown;
    tally->mask = slots - 1;
    for (size_t i = 0; i < tally->count; i++) {
        size_t at = (size_t)tally->entries[i].hash & tally->mask;
        while (grown[at] != 0) {
            at = (at + 1) & tally->mask;
        }
        /* A slot has the index plus one, because zero is a free slot. */
        grown[at] = (uint32_t)i + 1;
    }
    return true;
}

static bool has_room(struct moor_tally *tally)
{
    if (tally->count >= tally->max_names) {
        return false;
    }
    if ((tally->slots == NULL || tally->count * 2 > tally->mask) && !grow_slots(tally)) {
        return false;
    }
    if (tally->count < tally->room) {
        return true;
    }
    size_t room = tally->room > 0 ? tally->room * 2 : FIRST_SLOTS / 2;
    /* The slots hold indices and not pointers, so that the entries may move. */
    struct moor_tally_entry *grown = realloc(tally->entries, room * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    tally->entries = grown;
    tally->room = room;
    return true;
}

static bool copy_fields(struct moor_tally *tally, struct moor_tally_entry *entry,
                        const struct moor_slice *fields)
{
    entry->fields = moor_arena_alloc(&tally->arena, tally->field_count * sizeof *entry->fields);
    if (entry->fields == NULL) {
        return false;
    }
    for (size_t i = 0; i < tally->field_count; i++) {
        if (moor_arena_copy(&tally->arena, &entry->fields[i], cut(fields[i]), NULL) != 0) {
            return false;
        }
    }
    return true;
}

static struct moor_tally_entry *add_name(struct moor_tally *tally, const struct moor_slice *fields,
                                         uint64_t hash, int64_t time)
{
    if (!has_room(tally)) {
        return NULL;
    }
    struct moor_tally_entry *entry = &tally->entries[tally->count];
    *entry = (struct moor_tally_entry){
        .hash = hash, .first = time, .last = time, .field_count = tally->field_count};
    if (!copy_fields(tally, entry, fields)) {
        return NULL;
    }
    /*
     * Searched again, because has_room() may have replaced the slots.  The count grows last: an
     * entry whose texts do not fit is overwritten by the next one.
     */
    *find_slot(tally, fields, hash) = (uint32_t)++tally->count;
    return entry;
}

struct moor_tally_entry *moor_tally_add(struct moor_tally *tally, const struct moor_slice *fields,
                                        size_t counter, int64_t time)
{
    uint64_t hash = hash_of(tally, fields);
    uint32_t slot = tally->slots != NULL ? *find_slot(tally, fields, hash) : 0;
    struct moor_tally_entry *entry =
        slot != 0 ? &tally->entries[slot - 1] : add_name(tally, fields, hash, time);
    /* Without room, the sum of all entries and `others` is still exact; only the name is lost. */
    if (entry == NULL) {
        tally->others[counter]++;
        return NULL;
    }
    entry->counts[counter]++;
    entry->first = time < entry->first ? time : entry->first;
    entry->last = time > entry->last ? time : entry->last;
    return entry;
}

/* --- sorting ---------------------------------------------------------------------------------- */

uint64_t moor_tally_sum(const struct moor_tally_entry *entry, size_t first)
{
    uint64_t sum = 0;
    for (size_t i = first; i < MOOR_TALLY_COUNTERS; i++) {
        sum += entry->counts[i];
    }
    return sum;
}

static int compare_slices(struct moor_slice left, struct moor_slice right)
{
    size_t len = left.len < right.len ? left.len : right.len;
    int order = len > 0 ? memcmp(left.ptr, right.ptr, len) : 0;
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int compare(const void *left, const void *right)
{
    const struct moor_tally_entry *a = left;
    const struct moor_tally_entry *b = right;
    if (a->rank != b->rank) {
        return (a->rank < b->rank) - (a->rank > b->rank);
    }
    /* qsort() is not stable: the fields make the order the same in each run. */
    int order = 0;
    for (size_t i = 0; i < a->field_count && order == 0; i++) {
        order = compare_slices(a->fields[i], b->fields[i]);
    }
    return order;
}

void moor_tally_sort(struct moor_tally *tally, size_t first)
{
    for (size_t i = 0; i < tally->count; i++) {
        tally->entries[i].rank = moor_tally_sum(&tally->entries[i], first);
    }
    /* The slots have the old indices afterwards, so that no name may be added any more. */
    if (tally->count > 0) {
        qsort(tally->entries, tally->count, sizeof *tally->entries, compare);
    }
}

/* A rank is larger for what comes first. */
void moor_tally_sort_by_time(struct moor_tally *tally)
{
    for (size_t i = 0; i < tally->count; i++) {
        /*
         * Unsigned arithmetic is defined for all times, also for those before 1970 in a forged log.
         */
        tally->entries[i].rank = (uint64_t)INT64_MAX - (uint64_t)tally->entries[i].first;
    }
    if (tally->count > 0) {
        qsort(tally->entries, tally->count, sizeof *tally->entries, compare);
    }
}

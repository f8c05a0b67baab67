/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/name_table.h"

#include <stdbool.h>
#include <stdlib.h>

#define OTHER "other"

/*
 * At most half of the slots are in use, which keeps searches short and guarantees a free slot to
 * stop at.
 */
int moor_name_table_init(struct moor_name_table *out, size_t max, struct moor_error *err)
{
    size_t slots = 2;
    while (slots < 2 * max) {
        slots *= 2;
    }
    memset(out, 0, sizeof *out);
    out->max = max;
    out->slot_mask = slots - 1;
    out->slots = calloc(slots, sizeof *out->slots);
    out->names = calloc(max, sizeof *out->names);
    (void)pthread_mutex_init(&out->lock, NULL);
    if (out->slots == NULL || out->names == NULL) {
        moor_name_table_release(out);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the metrics' names");
    }
    return 0;
}

void moor_name_table_release(struct moor_name_table *table)
{
    if (table->slot_mask == 0) {
        return;
    }
    (void)pthread_mutex_destroy(&table->lock);
    free(table->slots);
    free(table->names);
    memset(table, 0, sizeof *table);
}

/* Returns whether the text can have a number of its own. */
static bool is_name(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        bool known = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
        if (!known) {
            return false;
        }
    }
    return text.len > 0 && text.len <= MOOR_NAME_MAX_BYTES && !moor_slice_is(text, OTHER);
}

/* FNV-1a.  Names that collide on purpose make a search longer, but not longer than the table. */
static size_t hash_of(struct moor_slice name)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.ptr[i]) * 1099511628211U;
    }
    return (size_t)(hash ^ (hash >> 32));
}

/*
 * Searches from the hash to the name or to a free slot, and returns the slot.  Acquire pairs with
 * the release in add(), so that a number in a slot implies a complete name.
 */
static atomic_size_t *find(const struct moor_name_table *table, struct moor_slice name,
                           size_t *number)
{
    size_t at = hash_of(name) & table->slot_mask;
    for (;;) {
        size_t found = atomic_load_explicit(&table->slots[at], memory_order_acquire);
        if (found == 0) {
            *number = table->max;
            return &table->slots[at];
        }
        const struct moor_name *known = &table->names[found - 1];
        if (moor_slice_equal(name, (struct moor_slice){known->text, known->len})) {
            *number = found - 1;
            return &table->slots[at];
        }
        at = (at + 1) & table->slot_mask;
    }
}

/* The lock is held. */
static size_t add(struct moor_name_table *table, struct moor_slice name)
{
    size_t number = 0;
    atomic_size_t *slot = find(table, name, &number);
    size_t count = atomic_load_explicit(&table->count, memory_order_relaxed);
    if (number < table->max || count == table->max) {
        return number;
    }
    memcpy(table->names[count].text, name.ptr, name.len);
    table->names[count].len = name.len;
    atomic_store_explicit(&table->count, count + 1, memory_order_release);
    atomic_store_explicit(slot, count + 1, memory_order_release);
    return count;
}

/*
 * The first search needs no lock, because names are never removed.  Only a new name takes the lock,
 * and searches again under it.
 */
size_t moor_name_table_number(struct moor_name_table *table, struct moor_slice name)
{
    size_t number = table->max;
    if (!is_name(name)) {
        return number;
    }
    (void)find(table, name, &number);
    if (number < table->max ||
        atomic_load_explicit(&table->count, memory_order_relaxed) == table->max) {
        return number;
    }
    (void)pthread_mutex_lock(&table->lock);
    number = add(table, name);
    (void)pthread_mutex_unlock(&table->lock);
    return number;
}

struct moor_slice moor_name_table_at(const struct moor_name_table *table, size_t number)
{
    if (number >= table->max) {
        return MOOR_SLICE(OTHER);
    }
    if (number >= atomic_load_explicit(&table->count, memory_order_acquire)) {
        return MOOR_SLICE("");
    }
    return (struct moor_slice){table->names[number].text, table->names[number].len};
}

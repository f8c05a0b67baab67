/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/evidence/texts.h"

#include <stdlib.h>

#define FIRST_SLOTS 1024

void moor_texts_init(struct moor_texts *texts, size_t max)
{
    *texts = (struct moor_texts){.slots = NULL};
    moor_arena_init(&texts->arena, max);
}

void moor_texts_release(struct moor_texts *texts)
{
    free(texts->slots);
    moor_arena_release(&texts->arena);
    *texts = (struct moor_texts){.slots = NULL};
}

/* FNV-1a. */
static uint64_t hash_of(struct moor_slice text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Doubles the slots when there are as many texts, so that a slot holds about one. */
static int grow(struct moor_texts *texts)
{
    if (texts->count < texts->slot_count) {
        return 0;
    }
    size_t wanted = texts->slot_count == 0 ? FIRST_SLOTS : texts->slot_count * 2;
    struct moor_text **slots = calloc(wanted, sizeof(struct moor_text *));
    if (slots == NULL) {
        return -1;
    }
    for (size_t i = 0; i < texts->slot_count; i++) {
        struct moor_text *next = NULL;
        for (struct moor_text *at = texts->slots[i]; at != NULL; at = next) {
            struct moor_text **slot = &slots[hash_of(at->text) & (wanted - 1)];
            next = at->next;
            at->next = *slot;
            *slot = at;
        }
    }
    free(texts->slots);
    texts->slots = slots;
    texts->slot_count = wanted;
    return 0;
}

struct moor_text *moor_texts_get(struct moor_texts *texts, struct moor_slice text)
{
    if (grow(texts) != 0) {
        return NULL;
    }
    struct moor_text **slot = &texts->slots[hash_of(text) & (texts->slot_count - 1)];
    for (struct moor_text *at = *slot; at != NULL; at = at->next) {
        if (moor_slice_equal(at->text, text)) {
            return at;
        }
    }
    struct moor_text *made = moor_arena_alloc(&texts->arena, sizeof *made);
    if (made == NULL || moor_arena_copy(&texts->arena, &made->text, text, NULL) != 0) {
        return NULL;
    }
    made->next = *slot;
    *slot = made;
    texts->count++;
    return made;
}

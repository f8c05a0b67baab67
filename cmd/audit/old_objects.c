/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/old_objects.h"

#include "cmd/audit/hash.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS ((size_t)MOOR_OLD_OBJECTS_MAX / 2)
#define LOST  ((size_t)65536)

/* An image: the lengths of its texts, which follow the images of the object. */
struct kept_image {
    uint32_t text_len;
    uint32_t name_len;
    uint32_t expression;
    enum moor_field field;
};

/* An object.  Its bytes are the images, then the key, then the texts of each image. */
struct moor_old_object {
    struct moor_old_object *next; /* in the chain of its slot */
    struct moor_old_object *newer;
    struct moor_old_object *older;
    uint64_t hash;
    int64_t time;
    size_t size; /* cost in `bytes` of the table */
    uint32_t key_len;
    uint32_t image_count;
    struct kept_image images[];
};

static char *key_of(struct moor_old_object *object)
{
    return (char *)&object->images[object->image_count];
}

int moor_old_objects_init(struct moor_old_objects *out, size_t max_bytes, struct moor_error *err)
{
    *out = (struct moor_old_objects){
        .slots = calloc(SLOTS, sizeof(struct moor_old_object *)),
        .lost = calloc(LOST, sizeof(uint64_t)),
        .seed = moor_hash_seed(),
        .max_bytes = max_bytes,
    };
    if (out->slots == NULL || out->lost == NULL) {
        moor_old_objects_release(out);
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the old objects");
    }
    return 0;
}

void moor_old_objects_release(struct moor_old_objects *table)
{
    for (struct moor_old_object *at = table->newest; at != NULL;) {
        struct moor_old_object *older = at->older;
        free(at);
        at = older;
    }
    free(table->slots);
    free(table->lost);
    *table = (struct moor_old_objects){0};
}

/* --- the list by use, and the chains by hash -------------------------------------------------- */

static void unlink_use(struct moor_old_objects *table, struct moor_old_object *object)
{
    *(object->newer != NULL ? &object->newer->older : &table->newest) = object->older;
    *(object->older != NULL ? &object->older->newer : &table->oldest) = object->newer;
}

static void link_use(struct moor_old_objects *table, struct moor_old_object *object)
{
    object->newer = NULL;
    object->older = table->newest;
    *(table->newest != NULL ? &table->newest->newer : &table->oldest) = object;
    table->newest = object;
}

/* Returns the place of the pointer to the object with this key, or of the chain's end. */
static struct moor_old_object **find_place(const struct moor_old_objects *table,
                                           struct moor_slice key, uint64_t hash)
{
    struct moor_old_object **at = &table->slots[hash % SLOTS];
    while (*at != NULL &&
           ((*at)->hash != hash ||
            !moor_slice_equal(key, (struct moor_slice){key_of(*at), (*at)->key_len}))) {
        at = &(*at)->next;
    }
    return at;
}

/* Removes the object at this place. */
static void drop(struct moor_old_objects *table, struct moor_old_object **place)
{
    struct moor_old_object *object = *place;
    *place = object->next;
    unlink_use(table, object);
    table->bytes -= object->size;
    table->count--;
    free(object);
}

/* Only some of the keys that fell out are remembered, so that the memory is bounded. */
static void drop_oldest(struct moor_old_objects *table)
{
    struct moor_old_object *object = table->oldest;
    table->lost[object->hash % LOST] = object->hash;
    drop(table,
         find_place(table, (struct moor_slice){key_of(object), object->key_len}, object->hash));
}

/* --- keeping ---------------------------------------------------------------------------------- */

static size_t size_of(const struct moor_object *object, struct moor_slice key)
{
    size_t size = sizeof(struct moor_old_object) + key.len + MOOR_OLD_OBJECTS_OVERHEAD;
    for (size_t i = 0; i < object->image_count; i++) {
        size += sizeof(struct kept_image) + object->images[i].text.len + object->images[i].name.len;
    }
    return size;
}

static char *append(char *at, struct moor_slice text)
{
    if (text.len > 0) {
        memcpy(at, text.ptr, text.len);
    }
    return at + text.len;
}

static struct moor_old_object *copy(const struct moor_object *object, struct moor_slice key,
                                    uint64_t hash, size_t size)
{
    struct moor_old_object *kept = malloc(size);
    if (kept == NULL) {
        return NULL;
    }
    *kept = (struct moor_old_object){.hash = hash,
                                     .size = size,
                                     .key_len = (uint32_t)key.len,
                                     .image_count = (uint32_t)object->image_count};
    for (size_t i = 0; i < object->image_count; i++) {
        const struct moor_object_image *image = &object->images[i];
        kept->images[i] = (struct kept_image){(uint32_t)image->text.len, (uint32_t)image->name.len,
                                              image->expression, image->field};
    }
    char *at = append(key_of(kept), key);
    for (size_t i = 0; i < object->image_count; i++) {
        at = append(append(at, object->images[i].text), object->images[i].name);
    }
    return kept;
}

/* Returns whether all images of the object are known, so that it can be compared with. */
static bool is_complete(const struct moor_object *object)
{
    return object->is_present && !object->is_too_large && object->malformed.len == 0 &&
           object->image_count == object->image_total;
}

void moor_old_objects_put(struct moor_old_objects *table, struct moor_slice key,
                          const struct moor_object *object, int64_t time)
{
    uint64_t hash = moor_hash(table->seed, key);
    struct moor_old_object **place = find_place(table, key, hash);
    if (*place != NULL) {
        if ((*place)->time > time) {
            return;
        }
        drop(table, place);
    }
    size_t size = size_of(object, key);
    if (!is_complete(object) || size > table->max_bytes) {
        return;
    }
    while (table->bytes + size > table->max_bytes || table->count == MOOR_OLD_OBJECTS_MAX) {
        drop_oldest(table);
    }
    struct moor_old_object *kept = copy(object, key, hash, size);
    if (kept == NULL) {
        return;
    }
    kept->time = time;
    kept->next = table->slots[hash % SLOTS];
    table->slots[hash % SLOTS] = kept;
    link_use(table, kept);
    table->bytes += size;
    table->count++;
}

void moor_old_objects_forget(struct moor_old_objects *table, struct moor_slice key)
{
    struct moor_old_object **place = find_place(table, key, moor_hash(table->seed, key));
    if (*place != NULL) {
        drop(table, place);
    }
}

/* --- finding ---------------------------------------------------------------------------------- */

static bool unpack(struct moor_old_object *kept, struct moor_object *out, struct moor_arena *arena)
{
    const char *at = key_of(kept) + kept->key_len;
    *out = (struct moor_object){.is_present = true};
    out->images = moor_arena_alloc(arena, kept->image_count * sizeof *out->images);
    if (out->images == NULL && kept->image_count > 0) {
        return false;
    }
    for (size_t i = 0; i < kept->image_count; i++) {
        const struct kept_image *image = &kept->images[i];
        out->images[i] = (struct moor_object_image){.text = {at, image->text_len},
                                                    .name = {at + image->text_len, image->name_len},
                                                    .expression = image->expression,
                                                    .field = image->field};
        at += image->text_len + image->name_len;
    }
    out->image_count = out->image_total = kept->image_count;
    return true;
}

enum moor_old_objects_found moor_old_objects_find(struct moor_old_objects *table,
                                                  struct moor_object *out, struct moor_slice key,
                                                  int64_t time, struct moor_arena *arena)
{
    uint64_t hash = moor_hash(table->seed, key);
    struct moor_old_object *kept = *find_place(table, key, hash);
    if (kept == NULL) {
        return table->lost[hash % LOST] == hash ? MOOR_OLD_OBJECTS_LOST : MOOR_OLD_OBJECTS_UNKNOWN;
    }
    if (kept->time > time) {
        return MOOR_OLD_OBJECTS_LATER;
    }
    unlink_use(table, kept);
    link_use(table, kept);
    return unpack(kept, out, arena) ? MOOR_OLD_OBJECTS_FOUND : MOOR_OLD_OBJECTS_UNKNOWN;
}

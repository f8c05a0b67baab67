/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/found.h"

void moor_values_found_clear(struct moor_values_found *found)
{
    *found = (struct moor_values_found){.object = {.is_present = true}};
}

int moor_values_found_add(struct moor_values_found *found, const struct moor_object_image *image,
                          const struct moor_image_note *note, struct moor_arena *arena,
                          struct moor_error *err)
{
    struct moor_object *object = &found->object;
    object->image_total++;
    /* The judge denies an object with more images than it has: none passes for its number. */
    if (object->image_count == MOOR_OBJECT_MAX_IMAGES) {
        return 0;
    }
    size_t wanted = object->image_count + 1;
    struct moor_object_image *images =
        moor_arena_grow(arena, object->images, object->image_count, &object->image_room, wanted,
                        sizeof *object->images);
    if (images == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the images of values");
    }
    object->images = images;
    struct moor_image_note *notes = moor_arena_grow(
        arena, found->notes, object->image_count, &found->note_room, wanted, sizeof *found->notes);
    if (notes == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the images of values");
    }
    /* Both arrays grow before either gets an item, so that an image always has its note. */
    found->notes = notes;
    found->notes[object->image_count] = *note;
    object->images[object->image_count++] = *image;
    return 0;
}

int moor_values_found_add_string(struct moor_values_found *found,
                                 const struct moor_values_string *string, struct moor_arena *arena,
                                 struct moor_error *err)
{
    /*
     * Strings beyond the limit are reported as not evaluated, because an error would hide the
     * images that were found.
     */
    if (found->string_count == MOOR_VALUES_MAX_STRINGS) {
        moor_values_found_unresolved(found, string->offset, arena);
        return 0;
    }
    struct moor_values_string *strings =
        moor_arena_grow(arena, found->strings, found->string_count, &found->string_room,
                        found->string_count + 1, sizeof *strings);
    if (strings == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for values");
    }
    found->strings = strings;
    strings[found->string_count++] = *string;
    return 0;
}

void moor_values_found_unresolved(struct moor_values_found *found, size_t offset,
                                  struct moor_arena *arena)
{
    found->unresolved++;
    moor_skipped_add(&found->skipped, false, offset, arena);
}

void moor_values_found_untagged(struct moor_values_found *found, size_t offset,
                                struct moor_arena *arena)
{
    found->untagged++;
    moor_skipped_add(&found->skipped, true, offset, arena);
}

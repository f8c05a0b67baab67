/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/references.h"

#include "cmd/input/dockerfile/words.h"

#include <strings.h>

/* The lists grow in the arena, so that a file costs no call of malloc() for each stage. */
static void *grow(const struct moor_dockerfile_references *references, void *items, size_t count,
                  size_t *room, size_t size)
{
    return moor_arena_grow(references->arena, items, count, room, count + 1, size);
}

/* A list that cannot grow is either at its limit or out of memory. */
static int fail(size_t count, struct moor_error *err)
{
    return count == MOOR_DOCKERFILE_MAX_ITEMS
               ? moor_error_set(err, MOOR_ERROR_LIMIT,
                                "the file has more than 4,096 images or stages")
               : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a Dockerfile");
}

int moor_dockerfile_references_add_stage(struct moor_dockerfile_references *references,
                                         struct moor_slice name, struct moor_error *err)
{
    size_t count = references->stage_count;
    struct moor_slice *grown = NULL;
    if (count < MOOR_DOCKERFILE_MAX_ITEMS) {
        grown = grow(references, references->stages, count, &references->stage_room, sizeof *grown);
    }
    if (grown == NULL) {
        return fail(count, err);
    }
    references->stages = grown;
    references->stage_count++;
    return moor_arena_copy(references->arena, &grown[count], name, err);
}

int moor_dockerfile_references_add(struct moor_dockerfile_references *references,
                                   const struct moor_dockerfile_reference *reference,
                                   struct moor_error *err)
{
    size_t count = references->count;
    struct moor_dockerfile_reference *grown = NULL;
    if (count < MOOR_DOCKERFILE_MAX_ITEMS) {
        grown = grow(references, references->items, count, &references->room, sizeof *grown);
    }
    if (grown == NULL) {
        return fail(count, err);
    }
    references->items = grown;
    references->count++;
    grown[count] = *reference;
    return moor_arena_copy(references->arena, &grown[count].image.image, reference->image.image,
                           err);
}

/* A linear search is enough: the limit of stages bounds it. */
bool moor_dockerfile_references_is_stage(const struct moor_dockerfile_references *references,
                                         struct moor_slice name)
{
    for (size_t i = 0; name.len > 0 && i < references->stage_count; i++) {
        /* BuildKit compares the names of stages in lower case. */
        if (references->stages[i].len == name.len &&
            strncasecmp(references->stages[i].ptr, name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns whether the reference is an image after all, and what the file says of it. */
static bool is_image(const struct moor_dockerfile_references *references,
                     struct moor_dockerfile_reference *item, struct moor_error *malformed)
{
    struct moor_slice text = item->image.image;
    size_t number = 0;
    if (item->use < MOOR_DOCKERFILE_BY_NAME || item->image.state != MOOR_DOCKERFILE_KNOWN) {
        return true;
    }
    if (moor_dockerfile_references_is_stage(references, text) || moor_slice_is(text, "scratch")) {
        return false;
    }
    /* RUN --mount has no numbers: BuildKit takes `from=0` for an image. */
    bool is_number =
        item->use == MOOR_DOCKERFILE_BY_NUMBER && moor_dockerfile_read_number(&number, text);
    if (item->is_trigger && (is_number || moor_dockerfile_is_stage_name(text))) {
        item->image.state = MOOR_DOCKERFILE_UNKNOWN;
        return true;
    }
    if (is_number && number >= references->stage_count && malformed->code == MOOR_ERROR_NONE) {
        malformed->offset = item->image.offset;
        (void)moor_error_set(malformed, MOOR_ERROR_VALUE, "the file has no stage %.*s",
                             MOOR_SLICE_ARGS(text));
    }
    return !is_number;
}

int moor_dockerfile_references_settle(struct moor_dockerfile_image **out, size_t *count,
                                      const struct moor_dockerfile_references *references,
                                      struct moor_error *malformed, struct moor_error *err)
{
    struct moor_dockerfile_image *images =
        moor_arena_alloc(references->arena, (references->count + 1) * sizeof *images);
    if (images == NULL) {
        return fail(0, err);
    }
    *out = images;
    *count = 0;
    for (size_t i = 0; i < references->count; i++) {
        struct moor_dockerfile_reference *item = &references->items[i];
        if (is_image(references, item, malformed)) {
            images[(*count)++] = item->image;
        }
    }
    return 0;
}

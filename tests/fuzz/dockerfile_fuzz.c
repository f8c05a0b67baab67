/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dockerfile - any bytes as a Dockerfile.
 *
 * Positions are inside of the file, limits hold, an error has a text, and a file that is read twice
 * gives the same images.
 */
#include "cmd/input/dockerfile/dockerfile.h"

#include <stdlib.h>

#define ARENA_MAX ((size_t)4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check(const struct moor_dockerfile *found, struct moor_slice text)
{
    require(found->count <= MOOR_DOCKERFILE_MAX_ITEMS);
    require((found->malformed.code != MOOR_ERROR_NONE) == (found->malformed.text[0] != '\0'));
    require(found->malformed.offset <= text.len);
    for (size_t i = 0; i < found->count; i++) {
        const struct moor_dockerfile_image *image = &found->images[i];
        require(image->offset < text.len && image->where.len > 0);
        require(image->state != MOOR_DOCKERFILE_KNOWN || image->image.len > 0);
        require(!moor_slice_is(image->image, "scratch") || image->state != MOOR_DOCKERFILE_KNOWN ||
                moor_slice_is(image->where, "# syntax"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_slice text = {(const char *)data, size};
    struct moor_arena arenas[2];
    struct moor_dockerfile found[2];
    int status[2];
    for (size_t i = 0; i < 2; i++) {
        struct moor_error err = {0};
        moor_arena_init(&arenas[i], ARENA_MAX);
        status[i] = moor_dockerfile_read(&found[i], text, &arenas[i], &err);
        require(status[i] == 0 || err.code == MOOR_ERROR_MEMORY);
    }
    require(status[0] == status[1]);
    if (status[0] == 0) {
        check(&found[0], text);
        require(found[0].count == found[1].count);
    }
    for (size_t i = 0; status[0] == 0 && i < found[0].count; i++) {
        require(moor_slice_equal(found[0].images[i].image, found[1].images[i].image));
        require(found[0].images[i].offset == found[1].images[i].offset);
    }
    moor_arena_release(&arenas[0]);
    moor_arena_release(&arenas[1]);
    return 0;
}

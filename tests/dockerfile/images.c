/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the images of Dockerfiles, for against_buildkit.py.
 *
 * Standard input is a row of texts, each after its length in bytes and a line end.  For each, one
 * line of JSON is printed: `error`, the first malformed part or null, and `images`.
 */
#include <stdlib.h>

#include "cmd/input/dockerfile/dockerfile.h"
#include "cmd/input/source.h"

#include <stdio.h>

#define MOST ((size_t)256 * 1024 * 1024)

static const char *const states[] = {
    [MOOR_DOCKERFILE_KNOWN] = "known",
    [MOOR_DOCKERFILE_UNKNOWN] = "unknown",
    [MOOR_DOCKERFILE_TEMPLATE] = "template",
};

static void print_text(struct moor_slice text)
{
    (void)putchar('"');
    for (size_t i = 0; i < text.len; i++) {
        (void)printf("\\u%04x", (unsigned)(unsigned char)text.ptr[i]);
    }
    (void)putchar('"');
}

static void print_image(const struct moor_dockerfile_image *image, struct moor_source *source)
{
    bool is_known = image->state == MOOR_DOCKERFILE_KNOWN;
    struct moor_position position = moor_source_position(source, image->offset, 1);
    (void)printf("{\"where\":");
    print_text(image->where);
    (void)printf(",\"state\":\"%s\",\"line\":%u,\"image\":", states[image->state], position.line);
    print_text(is_known ? image->image : (struct moor_slice){0});
    (void)putchar('}');
}

static int print_file(struct moor_slice text)
{
    struct moor_arena arena;
    struct moor_source source;
    struct moor_dockerfile found;
    struct moor_error err = {0};
    moor_arena_init(&arena, MOST);
    moor_source_init(&source);
    moor_source_set(&source, text);
    int status = moor_dockerfile_read(&found, text, &arena, &err);
    if (status == 0) {
        (void)printf("{\"error\":");
        print_text(moor_slice_from(found.malformed.text));
        (void)printf(",\"images\":[");
        for (size_t i = 0; i < found.count; i++) {
            (void)printf("%s", i > 0 ? "," : "");
            print_image(&found.images[i], &source);
        }
        (void)puts("]}");
    }
    moor_source_release(&source);
    moor_arena_release(&arena);
    return status;
}

int main(void)
{
    char chunk[4096];
    size_t got = 0;
    int status = 0;
    struct moor_buf row;
    moor_buf_init(&row, MOST);
    while ((got = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        moor_buf_append(&row, (struct moor_slice){chunk, got});
    }
    for (size_t at = 0; status == 0 && !row.failed && at < row.len;) {
        char *end = NULL;
        size_t len = strtoul(row.ptr + at, &end, 10);
        size_t start = (size_t)(end - row.ptr) + 1;
        status = end == row.ptr + at || start + len > row.len
                     ? -1
                     : print_file(moor_slice_sub(moor_buf_slice(&row), start, start + len));
        at = start + len;
    }
    status = row.failed ? -1 : status;
    moor_buf_release(&row);
    return status == 0 ? 0 : 1;
}

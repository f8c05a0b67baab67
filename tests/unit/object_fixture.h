/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object_fixture - an object that is read from JSON, with the memory that it needs.
 */
#ifndef MOOR_TESTS_UNIT_OBJECT_FIXTURE_H
#define MOOR_TESTS_UNIT_OBJECT_FIXTURE_H

#include "tests/unit/object_dump.h"
#include "tests/unit/test.h"

#include "policy/object/kinds.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)

struct fixture {
    struct moor_arena arena;
    struct moor_buf json;
    struct moor_object object;
    struct moor_error err;
};

static inline void begin(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    moor_arena_init(&fixture->arena, ARENA_MAX);
    moor_buf_init(&fixture->json, ARENA_MAX);
}

static inline void end(struct fixture *fixture)
{
    moor_arena_release(&fixture->arena);
    moor_buf_release(&fixture->json);
}

static inline void append_json(struct fixture *fixture, const char *text)
{
    for (; *text != '\0'; text++) {
        moor_buf_append_byte(&fixture->json, (char)(*text == '\'' ? '"' : *text));
    }
}

static inline const struct moor_kind *kind_of(const char *name)
{
    static const char *const groups[] = {"", "apps", "batch"};
    const struct moor_kind *kind = NULL;
    for (size_t i = 0; i < 3 && kind == NULL; i++) {
        kind = moor_kind_find(moor_slice_from(groups[i]), (struct moor_slice){0},
                              moor_slice_from(name));
    }
    assert_non_null(kind);
    return kind;
}

static inline int read_as(struct fixture *fixture, const char *kind)
{
    return read_object(&fixture->object, moor_buf_slice(&fixture->json), kind_of(kind),
                       &fixture->arena, &fixture->err);
}

static inline void append_containers(struct fixture *fixture, size_t count)
{
    append_json(fixture, "{'spec':{'containers':[");
    for (size_t i = 0; i < count; i++) {
        append_json(fixture, i > 0 ? "," : "");
        moor_buf_printf(&fixture->json, "{\"image\":\"i%zu\",\"name\":\"n%zu\"}", i, i);
    }
    append_json(fixture, "]}}");
    assert_int_equal(moor_buf_check(&fixture->json, NULL), 0);
}

#endif

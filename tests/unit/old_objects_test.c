/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/audit/old_objects.h"

/* A table with room for about `objects` objects of one image, and memory for lookups. */
struct fixture {
    struct moor_old_objects table;
    struct moor_arena arena;
};

static struct fixture made(size_t max_bytes)
{
    struct fixture fixture;
    struct moor_error err = {0};
    assert_int_equal(moor_old_objects_init(&fixture.table, max_bytes, &err), 0);
    moor_arena_init(&fixture.arena, (size_t)1024 * 1024);
    return fixture;
}

static void release(struct fixture *fixture)
{
    moor_old_objects_release(&fixture->table);
    moor_arena_release(&fixture->arena);
}

static void put(struct fixture *fixture, const char *key, const char *image, int64_t time)
{
    struct moor_object_image images[] = {
        {.text = moor_slice_from(image), .name = MOOR_SLICE("web"), .expression = 7}};
    struct moor_object object = {
        .is_present = true, .images = images, .image_count = 1, .image_total = 1};
    moor_old_objects_put(&fixture->table, moor_slice_from(key), &object, time);
}

static enum moor_old_objects_found find(struct fixture *fixture, const char *key, int64_t time,
                                        struct moor_object *out)
{
    return moor_old_objects_find(&fixture->table, out, moor_slice_from(key), time, &fixture->arena);
}

static void find__kept_object__its_images(void **state)
{
    (void)state;
    struct fixture fixture = made(4096);
    struct moor_object found;
    put(&fixture, "a", "nginx:1", 10);
    put(&fixture, "a", "nginx:2", 11);
    assert_int_equal(find(&fixture, "a", 11, &found), MOOR_OLD_OBJECTS_FOUND);
    assert_int_equal(found.image_count, 1);
    assert_slice_equal(found.images[0].text, "nginx:2");
    assert_slice_equal(found.images[0].name, "web");
    assert_int_equal(found.images[0].expression, 7);
    assert_int_equal(find(&fixture, "b", 11, &found), MOOR_OLD_OBJECTS_UNKNOWN);
    release(&fixture);
}

static void find__before_the_event_of_the_object__later(void **state)
{
    (void)state;
    struct fixture fixture = made(4096);
    struct moor_object found;
    put(&fixture, "a", "nginx:2", 11);
    put(&fixture, "a", "nginx:1", 10);
    assert_int_equal(find(&fixture, "a", 10, &found), MOOR_OLD_OBJECTS_LATER);
    assert_int_equal(find(&fixture, "a", 12, &found), MOOR_OLD_OBJECTS_FOUND);
    assert_slice_equal(found.images[0].text, "nginx:2");
    release(&fixture);
}

static void put__beyond_the_bytes__least_used_is_lost(void **state)
{
    (void)state;
    struct fixture fixture = made(1024);
    struct moor_object found;
    put(&fixture, "a", "nginx:1", 1);
    put(&fixture, "b", "nginx:1", 1);
    for (int i = 0; i < 100; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "other-%d", i);
        assert_int_equal(find(&fixture, "a", 1, &found), MOOR_OLD_OBJECTS_FOUND);
        put(&fixture, key, "nginx:1", 1);
        assert_true(fixture.table.bytes <= 1024);
    }
    assert_int_equal(find(&fixture, "b", 1, &found), MOOR_OLD_OBJECTS_LOST);
    release(&fixture);
}

static void put__more_objects_than_the_maximum__bounded(void **state)
{
    (void)state;
    struct fixture fixture = made(SIZE_MAX / 2);
    for (int i = 0; i < MOOR_OLD_OBJECTS_MAX + 10; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", i);
        put(&fixture, key, "nginx:1", 1);
    }
    assert_int_equal(fixture.table.count, MOOR_OLD_OBJECTS_MAX);
    release(&fixture);
}

static void put__incomplete_or_too_large__forgotten(void **state)
{
    (void)state;
    struct fixture fixture = made(400);
    struct moor_object found;
    struct moor_object large = {.is_present = true, .is_too_large = true};
    char text[1024];
    put(&fixture, "a", "nginx:1", 1);
    moor_old_objects_put(&fixture.table, MOOR_SLICE("a"), &large, 2);
    assert_int_equal(find(&fixture, "a", 3, &found), MOOR_OLD_OBJECTS_UNKNOWN);
    put(&fixture, "a", "nginx:1", 3);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    put(&fixture, "a", text, 4);
    assert_int_equal(find(&fixture, "a", 5, &found), MOOR_OLD_OBJECTS_UNKNOWN);
    release(&fixture);
}

static void forget__kept_object__unknown(void **state)
{
    (void)state;
    struct fixture fixture = made(4096);
    struct moor_object found;
    put(&fixture, "a", "nginx:1", 1);
    put(&fixture, "b", "nginx:1", 1);
    moor_old_objects_forget(&fixture.table, MOOR_SLICE("a"));
    moor_old_objects_forget(&fixture.table, MOOR_SLICE("c"));
    assert_int_equal(find(&fixture, "a", 1, &found), MOOR_OLD_OBJECTS_UNKNOWN);
    assert_int_equal(find(&fixture, "b", 1, &found), MOOR_OLD_OBJECTS_FOUND);
    assert_int_equal(fixture.table.count, 1);
    release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__kept_object__its_images),
        cmocka_unit_test(find__before_the_event_of_the_object__later),
        cmocka_unit_test(put__beyond_the_bytes__least_used_is_lost),
        cmocka_unit_test(put__more_objects_than_the_maximum__bounded),
        cmocka_unit_test(put__incomplete_or_too_large__forgotten),
        cmocka_unit_test(forget__kept_object__unknown),
    };
    return cmocka_run_group_tests_name("old_objects", tests, NULL, NULL);
}

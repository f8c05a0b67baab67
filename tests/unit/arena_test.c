/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/arena.h"

#include <stdalign.h>

static bool is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void alloc__many_sizes__zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, (size_t)8 * 1024 * 1024);
    unsigned char *pieces[2000];
    for (size_t i = 0; i < 2000; i++) {
        pieces[i] = moor_arena_alloc(&arena, i);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        assert_true(is_zero(pieces[i], i));
        memset(pieces[i], (int)(i % 251) + 1, i);
    }
    for (size_t i = 0; i < 2000; i++) {
        for (size_t at = 0; at < i; at++) {
            assert_int_equal(pieces[i][at], i % 251 + 1);
        }
    }
    assert_in_range(arena.total, 1, arena.max);
    moor_arena_release(&arena);
}

static void alloc__up_to_the_maximum__then_null(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 20000);
    assert_non_null(moor_arena_alloc(&arena, 16000));
    assert_null(moor_arena_alloc(&arena, 4000));
    assert_non_null(moor_arena_alloc(&arena, 3000));
    assert_null(moor_arena_alloc(&arena, 2000));
    assert_in_range(arena.total, 1, 20000);
    moor_arena_release(&arena);
    assert_non_null(moor_arena_alloc(&arena, 20000));
    moor_arena_release(&arena);
}

static void alloc__more_than_there_is__null(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, SIZE_MAX);
    for (size_t less = 0; less < 100; less++) {
        assert_null(moor_arena_alloc(&arena, SIZE_MAX - less));
    }
    assert_int_equal(arena.total, 0);
    moor_arena_init(&arena, 0);
    assert_null(moor_arena_alloc(&arena, 1));
    moor_arena_release(&arena);
}

static void reset__used_pieces__taken_again_zeroed(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 1000000);
    void *first = moor_arena_alloc(&arena, 100);
    assert_non_null(first);
    memset(first, 'x', 100);
    assert_non_null(moor_arena_alloc(&arena, 500000));
    moor_arena_reset(&arena);
    assert_in_range(arena.total, 1, 400000);
    unsigned char *again = moor_arena_alloc(&arena, 100);
    assert_ptr_equal(again, first);
    assert_true(is_zero(again, 100));
    moor_arena_release(&arena);
    moor_arena_reset(&arena);
    assert_int_equal(arena.total, 0);
}

static void copy__text__of_its_own(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 100);
    char text[] = "abc";
    struct moor_slice copy = MOOR_SLICE("untouched");
    assert_int_equal(moor_arena_copy(&arena, &copy, moor_slice_from(text), NULL), 0);
    text[0] = 'x';
    assert_slice_equal(copy, "abc");
    assert_int_equal(moor_arena_copy(&arena, &copy, (struct moor_slice){NULL, 0}, NULL), 0);
    assert_slice_equal(copy, "");
    struct moor_error err = {0};
    copy = MOOR_SLICE("untouched");
    assert_int_equal(moor_arena_copy(&arena, &copy, (struct moor_slice){text, 200}, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    assert_slice_equal(copy, "untouched");
    moor_arena_release(&arena);
}

static void grow__item_by_item__all_kept(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 100000);
    size_t *items = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < 1000; i++) {
        items = moor_arena_grow(&arena, items, i, &cap, i + 1, sizeof *items);
        assert_non_null(items);
        assert_in_range(cap, i + 1, 2 * i + 8);
        items[i] = i;
    }
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(items[i], i);
    }
    assert_ptr_equal(moor_arena_grow(&arena, items, 1000, &cap, 5, sizeof *items), items);
    moor_arena_release(&arena);
}

/* Where twice as many do not fit, as many as are wanted may. */
static void grow__near_the_maximum__to_what_is_wanted(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 3000);
    size_t cap = 0;
    char *items = moor_arena_grow(&arena, NULL, 0, &cap, 1200, 1);
    assert_non_null(items);
    assert_int_equal(cap, 1200);
    memset(items, 'x', cap);
    items = moor_arena_grow(&arena, items, 1200, &cap, 1201, 1);
    assert_non_null(items);
    assert_in_range(cap, 1201, 2399);
    assert_int_equal(items[1199], 'x');
    moor_arena_release(&arena);
}

static void grow__too_many__null_and_old_kept(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 1000);
    size_t cap = 0;
    char *items = moor_arena_grow(&arena, NULL, 0, &cap, 10, 8);
    assert_non_null(items);
    items[79] = 'x';
    assert_null(moor_arena_grow(&arena, items, 10, &cap, SIZE_MAX, 8));
    assert_null(moor_arena_grow(&arena, items, 10, &cap, SIZE_MAX / 8, 8));
    assert_null(moor_arena_grow(&arena, items, 10, &cap, 200, 8));
    assert_int_equal(cap, 10);
    assert_int_equal(items[79], 'x');
    moor_arena_release(&arena);
}

static void charge__up_to_the_maximum__then_refused_and_not_counted(void **state)
{
    (void)state;
    struct moor_arena arena;
    moor_arena_init(&arena, 1000);
    assert_true(moor_arena_charge(&arena, 600, 1000));
    assert_false(moor_arena_charge(&arena, 401, 1000));
    assert_true(moor_arena_charge(&arena, 400, 1000));
    assert_false(moor_arena_charge(&arena, 1, 1000));
    assert_false(moor_arena_charge(&arena, SIZE_MAX, 1000));
    assert_false(moor_arena_charge(&arena, 0, 999));
    assert_non_null(moor_arena_alloc(&arena, 900));
    moor_arena_release(&arena);
    assert_true(moor_arena_charge(&arena, 1000, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc__many_sizes__zeroed_aligned_and_apart),
        cmocka_unit_test(alloc__up_to_the_maximum__then_null),
        cmocka_unit_test(alloc__more_than_there_is__null),
        cmocka_unit_test(reset__used_pieces__taken_again_zeroed),
        cmocka_unit_test(copy__text__of_its_own),
        cmocka_unit_test(grow__item_by_item__all_kept),
        cmocka_unit_test(grow__near_the_maximum__to_what_is_wanted),
        cmocka_unit_test(grow__too_many__null_and_old_kept),
        cmocka_unit_test(charge__up_to_the_maximum__then_refused_and_not_counted),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

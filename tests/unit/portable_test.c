/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that replace those of glibc: each must answer as its model does. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

/* Their models, before portable.h gives their names to the replacements. */
static void *(*const model_memmem)(const void *, size_t, const void *, size_t) = memmem;

static void *model_memrchr(const char *text, int wanted, size_t size)
{
    return memrchr(text, wanted, size);
}

#include "policy/base/portable.h"

/* Every text of up to six letters of an alphabet of two, and every word of up to three in it. */
static void spell(char *text, size_t size, unsigned letters)
{
    for (size_t i = 0; i < size; i++) {
        text[i] = (letters >> i & 1) != 0 ? 'b' : 'a';
    }
}

static void check_every_word_in(const char *text, size_t size)
{
    for (size_t length = 0; length <= 3; length++) {
        for (unsigned letters = 0; letters < 1U << length; letters++) {
            char wanted[3];
            spell(wanted, length, letters);
            assert_ptr_equal(moor_portable_memmem(text, size, wanted, length),
                             model_memmem(text, size, wanted, length));
        }
    }
}

static void memmem__every_short_text_and_word__as_the_model(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 6; size++) {
        for (unsigned letters = 0; letters < 1U << size; letters++) {
            char text[6];
            spell(text, size, letters);
            check_every_word_in(text, size);
        }
    }
}

static void memrchr__every_position__as_the_model(void **state)
{
    (void)state;
    const char text[] = {'x', '\0', 'y', 'x', (char)0xff};
    for (size_t size = 0; size <= sizeof text; size++) {
        for (int wanted = 0; wanted < 256; wanted++) {
            assert_ptr_equal(moor_portable_memrchr(text, wanted, size),
                             model_memrchr(text, wanted, size));
        }
    }
}

static void reallocarray__too_large__refused(void **state)
{
    (void)state;
    assert_null(moor_portable_reallocarray(NULL, SIZE_MAX / 2, 3));
    assert_int_equal(errno, ENOMEM);
    char *block = moor_portable_reallocarray(NULL, 3, 5);
    assert_non_null(block);
    memset(block, 1, 15);
    free(block);
}

static void asprintf__words_and_numbers__whole(void **state)
{
    (void)state;
    char *text = NULL;
    assert_int_equal(moor_portable_asprintf(&text, "%s:%d", "nginx", 25), 8);
    assert_string_equal(text, "nginx:25");
    free(text);
}

static void strerror__known_error__its_text(void **state)
{
    (void)state;
    assert_string_equal(moor_portable_strerror(ENOENT), "No such file or directory");
}

static void pipe2_and_mkostemp__close_on_exec__set(void **state)
{
    (void)state;
    int ends[2] = {-1, -1};
    assert_int_equal(moor_portable_pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(ends[1], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(ends[0]);
    close(ends[1]);

    char name[] = "/tmp/portable-test-XXXXXX";
    int file = moor_portable_mkostemp(name, O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(file);
    assert_int_equal(unlink(name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memmem__every_short_text_and_word__as_the_model),
        cmocka_unit_test(memrchr__every_position__as_the_model),
        cmocka_unit_test(reallocarray__too_large__refused),
        cmocka_unit_test(asprintf__words_and_numbers__whole),
        cmocka_unit_test(strerror__known_error__its_text),
        cmocka_unit_test(pipe2_and_mkostemp__close_on_exec__set),
    };
    return cmocka_run_group_tests_name("portable", tests, NULL, NULL);
}

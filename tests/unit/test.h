/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test - cmocka with the headers that it requires, and the asserts that this project adds.
 */
#ifndef MOOR_TESTS_UNIT_TEST_H
#define MOOR_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/base/slice.h"

static inline void fail_unless_slice_is(struct moor_slice slice, const char *text, const char *file,
                                        int line)
{
    if (!moor_slice_is(slice, text)) {
        print_error("\"%.*s\" is not \"%s\"\n", MOOR_SLICE_ARGS(slice), text);
        _fail(file, line);
    }
}

/* Fails if the slice is not exactly this text, and prints both. */
#define assert_slice_equal(slice, text) fail_unless_slice_is((slice), (text), __FILE__, __LINE__)

/* valgrind and qemu take fifty times as long: MOOR_SHORT_TESTS asks for fewer rounds. */
static inline bool is_short(void)
{
    return getenv("MOOR_SHORT_TESTS") != NULL; // NOLINT(concurrency-mt-unsafe): one thread
}

/* A test of one row of a table, which `run` finds in its state. */
static inline struct CMUnitTest test_of_row(const char *name, CMUnitTestFunction run,
                                            const void *row)
{
    struct CMUnitTest test = {name, run, NULL, NULL, NULL};
    memcpy(&test.initial_state, &row, sizeof row);
    return test;
}

#endif

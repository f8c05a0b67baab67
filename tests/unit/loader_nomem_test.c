/* SPDX-License-Identifier: Apache-2.0 */
/* The linker leads every allocation of ours through here, so that each can fail in its turn. */
#include "tests/unit/test.h"

#include "policy/file/default.h"
#include "policy/file/loader.h"

static size_t calls_left; /* allocations that still succeed */
static bool is_armed;
static bool has_failed;

static bool succeeds(void)
{
    if (!is_armed) {
        return true;
    }
    if (calls_left == 0) {
        has_failed = true;
        return false;
    }
    calls_left--;
    return true;
}

/* NOLINTBEGIN(cert-dcl37-c,readability-identifier-naming): the linker's --wrap gives the names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return succeeds() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return succeeds() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return succeeds() ? __real_realloc(old, size) : NULL;
}

/* NOLINTEND(cert-dcl37-c,readability-identifier-naming) */

/* Loads with the n-th allocation failing, for all n until none fails; returns that n. */
static size_t sweep(struct moor_slice text, size_t expected_errors)
{
    for (size_t n = 0; n < 1000; n++) {
        struct moor_buf diagnostics;
        moor_buf_init(&diagnostics, (size_t)64 * 1024);
        struct moor_policy *policy = NULL;
        calls_left = n;
        has_failed = false;
        is_armed = true;
        size_t errors = moor_policy_load(&policy, text, "p.yaml", &diagnostics);
        is_armed = false;
        assert_int_equal(errors == 0, policy != NULL);
        if (!diagnostics.failed && errors > expected_errors) {
            assert_non_null(
                memmem(diagnostics.ptr, diagnostics.len, "no memory", strlen("no memory")));
        }
        moor_policy_release(policy);
        moor_buf_release(&diagnostics);
        if (!has_failed) {
            assert_int_equal(errors, expected_errors);
            return n;
        }
        assert_true(errors > 0);
    }
    fail_msg("allocations without end");
    return 0;
}

static void load__default_without_memory__refused_cleanly(void **state)
{
    (void)state;
    assert_true(sweep(moor_policy_default_text(), 0) >= 4);
}

static void load__large_without_memory__refused_cleanly(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_append_text(&text, "version: 1\nenvironments:\n");
    for (unsigned i = 0; i < 60; i++) {
        moor_buf_printf(&text, "- name: e%u\n  enforce: any\n  namespaces:\n", i);
        for (unsigned j = 0; j < 60; j++) {
            moor_buf_printf(&text, "  - namespace-%u-%u\n", i, j);
        }
    }
    moor_buf_append_text(&text, "- {name: all, default: true, enforce: any}\n");
    assert_int_equal(moor_buf_check(&text, NULL), 0);
    assert_true(sweep(moor_buf_slice(&text), 0) >= 8);
    moor_buf_release(&text);
}

static void load__every_rule_without_memory__refused_cleanly(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_append_text(&text, "version: 1\nenvironments:\n"
                                "- {name: all, default: true, enforce: any}\n"
                                "- name: other\n"
                                "  enforce: any\n"
                                "  namespaceLabels: {a: [b, c]}\n"
                                "  images: [{match: ['r.io/**'], enforce: build}]\n"
                                "repositories:\n");
    for (unsigned i = 0; i < 40; i++) {
        moor_buf_printf(&text, "- {match: ['r.io/%u/*'], rolling: ['a%u'], build: ['b+']}\n", i, i);
    }
    moor_buf_append_text(&text, "exemptions:\n");
    for (unsigned i = 0; i < 40; i++) {
        moor_buf_printf(&text,
                        "- {name: e%u, reason: long enough, expires: 2099-01-01, match: "
                        "{kinds: ['*Set'], images: ['r.io/%u/*:1*']}}\n",
                        i, i);
    }
    assert_int_equal(moor_buf_check(&text, NULL), 0);
    assert_true(sweep(moor_buf_slice(&text), 0) >= 5);
    moor_buf_release(&text);
}

static void load__wrong_without_memory__refused_cleanly(void **state)
{
    (void)state;
    assert_true(sweep(MOOR_SLICE("version: 2\nenvironments: []\nx: 1\n"), 3) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load__default_without_memory__refused_cleanly),
        cmocka_unit_test(load__large_without_memory__refused_cleanly),
        cmocka_unit_test(load__every_rule_without_memory__refused_cleanly),
        cmocka_unit_test(load__wrong_without_memory__refused_cleanly),
    };
    return cmocka_run_group_tests_name("loader_nomem", tests, NULL, NULL);
}

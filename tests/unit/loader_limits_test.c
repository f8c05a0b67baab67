/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of the loader: bytes, depth, nodes, and names tried on globs.
 */
#include "tests/unit/loading.h"

/* Fails unless the policy is refused with exactly these diagnostics. */
static void assert_refused(struct moor_slice text, const char *expected)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    assert_int_equal(load(&policy, text, &diagnostics), 1);
    assert_slice_equal(moor_buf_slice(&diagnostics), expected);
    assert_null(policy);
    moor_buf_release(&diagnostics);
}

/* The smallest policy followed by a comment, `size` bytes in all. */
static struct moor_slice padded(char *text, size_t size)
{
    memset(text, 'x', size);
    memcpy(text, SMALLEST "#", sizeof SMALLEST);
    return (struct moor_slice){text, size};
}

static void limit__one_mebibyte__loaded_and_a_byte_more_refused(void **state)
{
    (void)state;
    char *text = malloc(MOOR_LOADER_MAX_BYTES + 1);
    assert_non_null(text);
    moor_policy_release(load_clean(padded(text, MOOR_LOADER_MAX_BYTES)));
    assert_refused(padded(text, MOOR_LOADER_MAX_BYTES + 1),
                   "p.yaml:1:1: the file has 1048577 bytes, more than 1 MiB: is it a policy?\n");
    free(text);
}

static struct moor_slice nested(struct moor_buf *buf, size_t depth)
{
    moor_buf_clear(buf);
    for (size_t i = 0; i < depth; i++) {
        moor_buf_append_byte(buf, '[');
    }
    for (size_t i = 0; i < depth; i++) {
        moor_buf_append_byte(buf, ']');
    }
    return moor_buf_slice(buf);
}

static void limit__depth_32__read_and_33_refused(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, 1024);
    assert_refused(nested(&text, 32),
                   "p.yaml:1:1: a policy must be a mapping of keys, not a list\n");
    assert_refused(nested(&text, 33), "p.yaml:1:33: nested deeper than 32 levels\n");
    moor_buf_release(&text);
}

/* A list and its items: `count` nodes. */
static struct moor_slice many(struct moor_buf *buf, size_t count)
{
    moor_buf_clear(buf);
    for (size_t i = 1; i < count; i++) {
        moor_buf_append_text(buf, "- a\n");
    }
    return moor_buf_slice(buf);
}

static void limit__65536_nodes__read_and_one_more_refused(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    assert_refused(many(&text, 65536),
                   "p.yaml:1:1: a policy must be a mapping of keys, not a list\n");
    assert_refused(many(&text, 65537),
                   "p.yaml:65536:3: the file has more than 65,536 keys and values: use fewer\n");
    moor_buf_release(&text);
}

/*
 * Environments of 256 globs each, then one whose 256 names are tried on all of them; only the last
 * glob matches a name, the last one.
 */
static size_t load_crowd(unsigned environments, struct moor_buf *diagnostics)
{
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_append_text(&text, "version: 1\nenvironments:\n");
    for (unsigned i = 0; i < environments; i++) {
        moor_buf_printf(&text, "- name: e%u\n  enforce: any\n  namespaces:\n", i);
        for (unsigned j = 1; j < 256; j++) {
            moor_buf_printf(&text, "  - a%u-%u-*\n", i, j);
        }
        moor_buf_printf(&text, "  - %c%u-*\n", i + 1 == environments ? 'z' : 'y', i);
    }
    moor_buf_append_text(&text, "- name: names\n  default: true\n  enforce: any\n  namespaces:\n");
    for (unsigned j = 1; j < 256; j++) {
        moor_buf_printf(&text, "  - n%u\n", j);
    }
    moor_buf_printf(&text, "  - z%u-name\n", environments - 1);
    struct moor_policy *policy = NULL;
    size_t errors = load(&policy, moor_buf_slice(&text), diagnostics);
    moor_policy_release(policy);
    moor_buf_release(&text);
    return errors;
}

static void limit__half_a_million_tries__warned_and_no_more_after(void **state)
{
    (void)state;
    struct moor_buf diagnostics;
    assert_int_equal(load_crowd(7, &diagnostics), 0);
    assert_non_null(memmem(diagnostics.ptr, diagnostics.len, "'z6-name' has no effect",
                           strlen("'z6-name' has no effect")));
    moor_buf_release(&diagnostics);
    assert_int_equal(load_crowd(8, &diagnostics), 0);
    assert_slice_equal(moor_buf_slice(&diagnostics), "");
    moor_buf_release(&diagnostics);
}

#define FIXED_TESTS 14

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit__one_mebibyte__loaded_and_a_byte_more_refused),
        cmocka_unit_test(limit__depth_32__read_and_33_refused),
        cmocka_unit_test(limit__65536_nodes__read_and_one_more_refused),
        cmocka_unit_test(limit__half_a_million_tries__warned_and_no_more_after),
    };
    return cmocka_run_group_tests_name("loader_limits", tests, NULL, NULL);
}

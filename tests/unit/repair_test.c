/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/evidence/repair.h"
#include "policy/base/array_size.h"

#define A   "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B   "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ANY "use nginx@sha256:<digest>"
#define ADVICE                                                                         \
    ", but registries delete old digests of rolling tags: prefer a fixed tag with its" \
    " digest"

static const char known[] = "nginx:1.27.5\t" A "\tamd64\tshop\t2026-11-30\n"
                            "nginx:1.27 " A "\n"
                            "nginx " A "\n"
                            "crio:1.2.3\t" A "\tamd64?\t-\t-\n"
                            "crio:1.2.4\t" A "\t?\t-\t-\n"
                            "moved:1 " A "\nmoved:1 " B "\n";

/* An image with its repair, and the repair with the digests above; NULL: none. */
static const struct row {
    const char *name;
    const char *image;
    bool is_rolling;
    const char *repair;
    const char *expected;
} rows[] = {
    {"fixed_tag", "nginx:1.27.5", false, ANY, "use nginx:1.27.5@" A},
    {"as_it_is_written", "index.docker.io/nginx:1.27.5", false, ANY,
     "use index.docker.io/nginx:1.27.5@" A},
    {"rolling_tag", "nginx:1.27", true, ANY, ANY "; it runs as nginx:1.27@" A ADVICE},
    {"no_tag", "nginx", true, ANY, ANY "; it runs as nginx@" A ADVICE},
    {"platform", "crio:1.2.3", false, ANY,
     "use crio:1.2.3@" A " (platform unknown, perhaps amd64 only)"},
    {"unknown_platform", "crio:1.2.4", false, ANY,
     "use crio:1.2.4@" A " (platform unknown, perhaps one only)"},
    {"several", "moved:1", false, ANY, ANY "; it has run as 2 digests, so that none is proposed"},
    {"unknown_image", "nginx:1.27.6", false, ANY, NULL},
    {"pinned", "nginx:1.27.5@" B, false, ANY, NULL},
    {"invalid", "NGINX", false, ANY, NULL},
    {"digest_that_does_not_help", "nginx:1.27.5", false, "set the image", NULL},
    {"no_repair", "nginx:1.27.5", false, "", NULL},
};

static void append__row__with_the_digest(void **state)
{
    const struct row *row = *state;
    struct moor_lock lock;
    struct moor_buf out;
    moor_buf_init(&out, 4096);
    assert_int_equal(moor_lock_parse(&lock, moor_slice_from(known), NULL), 0);
    bool is_found = moor_repair_append(&out, &lock, moor_slice_from(row->image), row->is_rolling,
                                       moor_slice_from(row->repair));
    assert_int_equal(is_found, row->expected != NULL);
    assert_slice_equal(moor_buf_slice(&out), row->expected != NULL ? row->expected : "");
    moor_buf_clear(&out);
    moor_buf_append_text(&out, row->repair);
    moor_repair_complete(&out, NULL, moor_slice_from(row->image), row->is_rolling);
    assert_slice_equal(moor_buf_slice(&out), row->repair);
    moor_repair_complete(&out, &lock, moor_slice_from(row->image), row->is_rolling);
    assert_slice_equal(moor_buf_slice(&out), is_found ? row->expected : row->repair);
    moor_buf_release(&out);
    moor_lock_release(&lock);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, append__row__with_the_digest, &rows[i]);
    }
    return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}

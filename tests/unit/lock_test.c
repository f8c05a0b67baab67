/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/evidence/lock.h"
#include "policy/base/array_size.h"

#define A     "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B     "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NGINX "docker.io/library/nginx:1.27.5"
#define HEAD  "# tagmoor lock 1\n# reference\tdigest\tarchitectures\tnamespaces\tseen\n"

/* A text, and what the lock then says of an image: its digests in order, or the error. */
struct row {
    const char *name;
    const char *text;
    const char *image;
    const char *found[3];
    const char *error;
};

static const struct row rows[] = {
    {"nothing", "", "nginx", {NULL}, NULL},
    {"comments", HEAD "\n  \n # x\n#y\r\n", "nginx", {NULL}, NULL},
    {"columns", HEAD NGINX "\t" A "\tamd64,arm64\tshop\t2026-11-30\n", "nginx:1.27.5", {A}, NULL},
    {"unknown_columns", NGINX "\t" A "\t-\t-\t-\n", "nginx:1.27.5", {A}, NULL},
    {"time", NGINX "\t" A "\tamd64?\ta,+12\t2026-11-30T10:00:00Z", NGINX, {A}, NULL},
    {"crane", "nginx:1.27.5 " A "\n", NGINX, {A}, NULL},
    {"crane_with_blanks", "  nginx:1.27.5 \t " A "  \r\n", NGINX, {A}, NULL},
    {"pinned", "nginx:1.27.5@" A "\n", NGINX, {A}, NULL},
    {"another_spelling",
     "Registry.Hub.Docker.com:443/nginx:1.27.5 " A,
     "docker.io/nginx:1.27.5",
     {A},
     NULL},
    {"digest_of_the_image_is_ignored", "nginx:1.27.5 " A, "nginx:1.27.5@" B, {A}, NULL},
    {"no_tag_is_latest", "nginx " A, "index.docker.io/library/nginx:latest", {A}, NULL},
    {"digest_alone", "nginx " A, "nginx@" A, {NULL}, NULL},
    {"invalid_image", "nginx " A, "NGINX", {NULL}, NULL},
    {"another_tag", "nginx:1.27.5 " A, "nginx:1.27", {NULL}, NULL},
    {"another_registry", "ghcr.io/nginx:1 " A, "nginx:1", {NULL}, NULL},
    {"prefix_of_another", "nginx:1.27.50 " A "\nnginx:1.27.4 " B, "nginx:1.27.5", {NULL}, NULL},
    {"several", NGINX " " B "\nredis:7 " A "\nnginx:1.27.5 " A, "nginx:1.27.5", {A, B}, NULL},
    {"copies", NGINX " " A "\n" NGINX "\t" A "\tamd64\t-\t-\n", "nginx:1.27.5", {A}, NULL},
    {"sha512",
     "a:1 sha512:"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     "a:1",
     {"sha512:"
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
     NULL},
    {"version", "# tagmoor lock 2\n", "", {NULL}, "line 1 of the lock: this version of tagmoor"},
    {"second_version", HEAD "# tagmoor lock 10\n", "", {NULL}, "line 3 of the lock: this version"},
    {"word", HEAD "\nnginx\n", "", {NULL}, "line 4 of the lock: no digest"},
    {"short_digest", "nginx:1 sha256:abc", "", {NULL}, "line 1 of the lock: no digest"},
    {"upper_case_digest", "nginx:1 SHA256:" A, "", {NULL}, "line 1 of the lock: no digest"},
    {"digest_with_a_name", "nginx:1 a@" A, "", {NULL}, "line 1 of the lock: no digest"},
    {"digest_alone_in_a_line", A "\n", "", {NULL}, "line 1 of the lock: "},
    {"two_digests", "nginx:1@" A " " A, "", {NULL}, "line 1 of the lock: the reference has a dig"},
    {"no_tag", "nginx@" A, "", {NULL}, "line 1 of the lock: the reference has no tag"},
    {"invalid_reference", "a:1 " A "\nNGINX:1 " A, "", {NULL}, "line 2 of the lock: upper-case"},
    {"three_columns", "a:1 " A " amd64", "", {NULL}, "line 1 of the lock: has neither one"},
    {"six_columns", "a:1 " A " a b - c", "", {NULL}, "line 1 of the lock: has neither one"},
    {"many_columns", "a:1 " A " a b - c d e f g", "", {NULL}, "line 1 of the lock: has neither"},
    {"no_date", "a:1 " A " a b soon", "", {NULL}, "line 1 of the lock: the last column is no"},
    {"hidden_byte", "a:1 " A " a \033b -", "", {NULL}, "line 1 of the lock: a column has a char"},
    {"not_ascii", "a:1 " A " \303\244 b -", "", {NULL}, "line 1 of the lock: a column has a char"},
};

static void parse__row__found_or_error(void **state)
{
    const struct row *row = *state;
    struct moor_lock lock;
    struct moor_error err = {0};
    int status = moor_lock_parse(&lock, moor_slice_from(row->text), &err);
    assert_int_equal(status, row->error != NULL ? -1 : 0);
    if (row->error != NULL) {
        assert_true(moor_slice_starts_with(moor_slice_from(err.text), moor_slice_from(row->error)));
        assert_int_equal(lock.count, 0);
    }
    struct moor_lock_found found = moor_lock_find(&lock, moor_slice_from(row->image));
    size_t expected = 0;
    for (; row->found[expected] != NULL; expected++) {
        assert_true(expected < found.count);
        assert_slice_equal(found.entries[expected].digest, row->found[expected]);
    }
    assert_int_equal(found.count, expected);
    moor_lock_release(&lock);
}

static void parse__columns__kept(void **state)
{
    (void)state;
    struct moor_lock lock;
    struct moor_slice text = MOOR_SLICE(
        HEAD "nginx:1.27.5\t" A "\tamd64?\tshop,web,+3\t2026-11-30\n" NGINX "\t" B "\t-\t-\t-\n");
    assert_int_equal(moor_lock_parse(&lock, text, NULL), 0);
    assert_int_equal(lock.count, 2);
    assert_slice_equal(lock.entries[0].reference, NGINX);
    assert_slice_equal(lock.entries[0].architectures, "amd64?");
    assert_slice_equal(lock.entries[0].namespaces, "shop,web,+3");
    assert_slice_equal(lock.entries[0].seen, "2026-11-30");
    assert_int_equal(lock.entries[0].line, 3);
    assert_int_equal(lock.entries[1].architectures.len, 0);
    assert_int_equal(lock.entries[1].namespaces.len, 0);
    assert_int_equal(lock.entries[1].seen.len, 0);
    assert_int_equal(lock.entries[1].line, 4);
    moor_lock_release(&lock);
}

/* Reading what is written gives the same entries. */
static void write__entries__read_again(void **state)
{
    (void)state;
    struct moor_lock_entry entries[] = {
        {.reference = MOOR_SLICE(NGINX),
         .digest = MOOR_SLICE(A),
         .architectures = MOOR_SLICE("amd64,arm64"),
         .namespaces = MOOR_SLICE("shop")},
        {.reference = MOOR_SLICE(NGINX),
         .digest = MOOR_SLICE(B),
         .architectures = MOOR_SLICE("amd64?"),
         .seen = MOOR_SLICE("2026-11-30")},
        {.reference = MOOR_SLICE("ghcr.io/a/b:1"), .digest = MOOR_SLICE(A)},
    };
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    moor_lock_write(
        out, &(const struct moor_lock){.entries = entries, .count = MOOR_ARRAY_SIZE(entries)});
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text,
                        HEAD NGINX "\t" A "\tamd64,arm64\tshop\t-\n" NGINX "\t" B
                                   "\tamd64?\t-\t2026-11-30\nghcr.io/a/b:1\t" A "\t-\t-\t-\n");
    struct moor_lock lock;
    assert_int_equal(moor_lock_parse(&lock, (struct moor_slice){text, len}, NULL), 0);
    assert_int_equal(lock.count, MOOR_ARRAY_SIZE(entries));
    struct moor_lock_found found = moor_lock_find(&lock, MOOR_SLICE("nginx:1.27.5"));
    assert_int_equal(found.count, 2);
    assert_false(moor_lock_is_of_platform(&found.entries[0]));
    assert_true(moor_lock_is_of_platform(&found.entries[1]));
    assert_int_equal(moor_lock_find(&lock, MOOR_SLICE("ghcr.io/a/b:1")).count, 1);
    moor_lock_release(&lock);
    free(text);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* Fills a text with `count` copies of a line and returns the code with which it is rejected. */
static enum moor_error_code parse_lines(const char *line, size_t count)
{
    struct moor_buf text;
    struct moor_lock lock;
    struct moor_error err = {0};
    moor_buf_init(&text, MOOR_LOCK_MAX_BYTES * 2);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(&text, line);
    }
    assert_false(text.failed);
    int status = moor_lock_parse(&lock, moor_buf_slice(&text), &err);
    assert_int_equal(status, err.code == MOOR_ERROR_NONE ? 0 : -1);
    moor_lock_release(&lock);
    moor_buf_release(&text);
    return err.code;
}

static void parse__most_lines__read(void **state)
{
    (void)state;
    assert_int_equal(parse_lines("a:1 " A "\n", MOOR_LOCK_MAX_LINES), MOOR_ERROR_NONE);
    assert_int_equal(parse_lines("a:1 " A "\n", MOOR_LOCK_MAX_LINES + 1), MOOR_ERROR_LIMIT);
}

static void parse__longest_line__read(void **state)
{
    (void)state;
    char line[MOOR_LOCK_MAX_LINE_BYTES + 2];
    memset(line, '#', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    assert_int_equal(parse_lines(line, 1), MOOR_ERROR_LIMIT);
    assert_int_equal(parse_lines(line + 1, 1), MOOR_ERROR_NONE);
}

static void parse__largest_file__read(void **state)
{
    (void)state;
    char line[1024 + 1];
    memset(line, '#', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    line[sizeof line - 2] = '\n';
    size_t count = MOOR_LOCK_MAX_BYTES / (sizeof line - 1);
    assert_int_equal(parse_lines(line, count), MOOR_ERROR_NONE);
    assert_int_equal(parse_lines(line, count + 1), MOOR_ERROR_LIMIT);
}

/* The largest file of the longest entries fits into the memory of a lock. */
static void parse__largest_entries__read(void **state)
{
    (void)state;
    struct moor_buf line;
    moor_buf_init(&line, MOOR_LOCK_MAX_LINE_BYTES + 2);
    moor_buf_append_text(&line, "a:1 " A " ");
    while (line.len < MOOR_LOCK_MAX_LINE_BYTES - 4) {
        moor_buf_append_byte(&line, 'x');
    }
    moor_buf_append_text(&line, " - -\n");
    size_t count = MOOR_LOCK_MAX_BYTES / line.len;
    moor_buf_append_byte(&line, '\0');
    assert_int_equal(parse_lines(line.ptr, count), MOOR_ERROR_NONE);
    moor_buf_release(&line);
}

static void load__missing_file__named(void **state)
{
    (void)state;
    struct moor_lock lock;
    struct moor_error err = {0};
    assert_int_equal(moor_lock_load(&lock, "/nonexistent/lock", &err), -1);
    assert_non_null(strstr(err.text, "/nonexistent/lock"));
    moor_lock_release(&lock);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(parse__columns__kept),      cmocka_unit_test(write__entries__read_again),
        cmocka_unit_test(parse__most_lines__read),   cmocka_unit_test(parse__longest_line__read),
        cmocka_unit_test(parse__largest_file__read), cmocka_unit_test(parse__largest_entries__read),
        cmocka_unit_test(load__missing_file__named),
    };
    struct CMUnitTest tests[ROWS + MOOR_ARRAY_SIZE(others)];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, parse__row__found_or_error, &rows[i]);
    }
    memcpy(tests + ROWS, others, sizeof others);
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}

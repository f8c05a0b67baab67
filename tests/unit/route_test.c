/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/http/route.h"

struct row {
    const char *method;
    const char *path;
    const char *content_type;
    int status;
    enum moor_route_name name;
    const char *environment;
};

static void find__row__status_name_and_environment(void **state)
{
    const struct row *row = *state;
    struct moor_route route =
        moor_route_find(moor_slice_from(row->method), moor_slice_from(row->path),
                        moor_slice_from(row->content_type));
    assert_int_equal(route.status, row->status);
    assert_int_equal(route.allow != NULL, row->status == 405);
    assert_int_equal(route.name, row->name);
    assert_true(moor_slice_is(route.environment, row->environment));
}

static struct row rows[] = {
    {"POST", "/validate", "application/json", 200, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate/production", "application/json", 200, MOOR_ROUTE_REVIEW, "production"},
    {"POST", "/validate/a-b_c.9", "APPLICATION/JSON ; charset=utf-8", 200, MOOR_ROUTE_REVIEW,
     "a-b_c.9"},
    {"POST", "/validate", "\t application/json", 200, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/image-review", "application/json", 200, MOOR_ROUTE_IMAGE_REVIEW, ""},
    {"POST", "/image-review/dev", "application/json", 200, MOOR_ROUTE_IMAGE_REVIEW, "dev"},
    {"POST", "/image-review/", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/image-reviews", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"GET", "/image-review", "application/json", 405, MOOR_ROUTE_IMAGE_REVIEW, ""},
    {"POST", "/image-review", "", 415, MOOR_ROUTE_IMAGE_REVIEW, ""},
    {"GET", "/livez", "", 200, MOOR_ROUTE_LIVEZ, ""},
    {"HEAD", "/readyz", "", 200, MOOR_ROUTE_READYZ, ""},
    {"POST", "", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate/", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate/a/b", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate/a b", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate/a\n", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate\\a", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/Validate", "application/json", 404, MOOR_ROUTE_REVIEW, ""},
    {"GET", "/livez/x", "", 404, MOOR_ROUTE_REVIEW, ""},
    {"GET", "/livezx", "", 404, MOOR_ROUTE_REVIEW, ""},
    {"GET", "/validate", "application/json", 405, MOOR_ROUTE_REVIEW, ""},
    {"post", "/validate", "application/json", 405, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/livez", "application/json", 405, MOOR_ROUTE_LIVEZ, ""},
    {"POST", "/validate", "", 415, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate", ";", 415, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate", "application/jso", 415, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate", "application/json-patch+json", 415, MOOR_ROUTE_REVIEW, ""},
    {"POST", "/validate", "text/plain; application/json", 415, MOOR_ROUTE_REVIEW, ""},
};

static void find_probe__only_what_the_listener_has(void **state)
{
    (void)state;
    assert_int_equal(moor_route_find_probe(MOOR_SLICE("GET"), MOOR_SLICE("/metrics")).status, 200);
    assert_int_equal(moor_route_find_probe(MOOR_SLICE("HEAD"), MOOR_SLICE("/readyz")).status, 200);
    assert_int_equal(moor_route_find_probe(MOOR_SLICE("POST"), MOOR_SLICE("/livez")).status, 405);
    assert_int_equal(moor_route_find_probe(MOOR_SLICE("POST"), MOOR_SLICE("/validate")).status,
                     404);
    struct moor_route serving =
        moor_route_find(MOOR_SLICE("GET"), MOOR_SLICE("/metrics"), MOOR_SLICE(""));
    assert_int_equal(serving.status, 404);
}

static void find__environment_of_63_and_64_bytes__found_and_not_found(void **state)
{
    (void)state;
    char path[] = "/validate/0123456789012345678901234567890123456789012345678901234567890123";
    struct moor_slice whole = moor_slice_from(path);
    struct moor_slice shorter = moor_slice_sub(whole, 0, whole.len - 1);
    assert_int_equal(moor_route_find(MOOR_SLICE("POST"), shorter, MOOR_SLICE("application/json"))
                         .environment.len,
                     63);
    assert_int_equal(
        moor_route_find(MOOR_SLICE("POST"), whole, MOOR_SLICE("application/json")).status, 404);
}

static void explain__every_status__one_line(void **state)
{
    (void)state;
    const int statuses[] = {400, 404, 405, 413, 415, 431, 500, 503, 999};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(statuses); i++) {
        struct moor_slice text = moor_slice_from(moor_route_explain(statuses[i]));
        assert_true(text.len > 1);
        assert_ptr_equal(memchr(text.ptr, '\n', text.len), text.ptr + text.len - 1);
    }
}

static void is_verbose__parameter_in_any_place__found(void **state)
{
    (void)state;
    assert_true(moor_route_is_verbose(MOOR_SLICE("verbose")));
    assert_true(moor_route_is_verbose(MOOR_SLICE("verbose=1")));
    assert_true(moor_route_is_verbose(MOOR_SLICE("a=b&verbose")));
    assert_true(moor_route_is_verbose(MOOR_SLICE("verbose&a=b")));
    assert_false(moor_route_is_verbose(MOOR_SLICE("")));
    assert_false(moor_route_is_verbose(MOOR_SLICE("&")));
    assert_false(moor_route_is_verbose(MOOR_SLICE("verbosely")));
    assert_false(moor_route_is_verbose(MOOR_SLICE("a=verbose")));
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
    };

    static char names[ROW_COUNT][128];
    struct CMUnitTest tests[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        (void)snprintf(names[i], sizeof names[i], "find__%s_%s_%s__%d", rows[i].method,
                       rows[i].path, rows[i].content_type, rows[i].status);
        for (char *byte = names[i]; *byte != '\0'; byte++) {
            *byte = *byte == '\n' || *byte == '\t' ? '?' : *byte;
        }
        tests[i] = (struct CMUnitTest){names[i], find__row__status_name_and_environment, NULL, NULL,
                                       &rows[i]};
    }
    const struct CMUnitTest others[] = {
        cmocka_unit_test(find_probe__only_what_the_listener_has),
        cmocka_unit_test(find__environment_of_63_and_64_bytes__found_and_not_found),
        cmocka_unit_test(explain__every_status__one_line),
        cmocka_unit_test(is_verbose__parameter_in_any_place__found),
    };
    int failed = cmocka_run_group_tests_name("route", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("route", others, NULL, NULL);
}

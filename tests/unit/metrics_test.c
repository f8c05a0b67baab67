/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/observe/expiry.h"
#include "webhook/observe/exposition.h"
#include "webhook/observe/metrics.h"
#include "webhook/observe/name_table.h"

#define DAY_S 86400

/* --- name_table ------------------------------------------------------------------------------- */

static void number__same_name_twice__same_number(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    assert_int_equal(moor_name_table_init(&table, 4, &err), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("shop-prod")), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("dev")), 1);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("shop-prod")), 0);
    assert_slice_equal(moor_name_table_at(&table, 1), "dev");
    assert_slice_equal(moor_name_table_at(&table, 2), "");
    moor_name_table_release(&table);
}

static void number__more_names_than_places__other(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    assert_int_equal(moor_name_table_init(&table, 1000, &err), 0);
    for (unsigned i = 0; i < 3000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "ns-%u", i);
        assert_int_equal(moor_name_table_number(&table, moor_slice_from(name)),
                         i < 1000 ? i : 1000);
    }
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("ns-999")), 999);
    assert_slice_equal(moor_name_table_at(&table, 999), "ns-999");
    assert_slice_equal(moor_name_table_at(&table, 1000), "other");
    moor_name_table_release(&table);
}

static void number__what_is_no_name__other(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    static const char longest[] = "012345678901234567890123456789012345678901234567890123456789012";
    assert_int_equal(moor_name_table_init(&table, 4, &err), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("a\"b")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("a\0b")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("a\n")), 4);
    assert_int_equal(moor_name_table_number(&table, moor_slice_from(longest)), 0);
    assert_int_equal(
        moor_name_table_number(&table, MOOR_SLICE("0123456789012345678901234567890123456789012345"
                                                  "678901234567890123")),
        4);
    moor_name_table_release(&table);
}

static void number__a_name_called_other__no_second_series_of_that_name(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_name_table table;
    assert_int_equal(moor_name_table_init(&table, 4, &err), 0);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("other")), 4);
    assert_int_equal(moor_name_table_number(&table, MOOR_SLICE("others")), 0);
    assert_slice_equal(moor_name_table_at(&table, 4), "other");
    moor_name_table_release(&table);
}

/* --- metrics ---------------------------------------------------------------------------------- */

enum {
    ENVIRONMENTS = 64,
    KINDS = 63,
    NAMESPACES = 1500,
    EXEMPTIONS = 256,
    OPERATIONS = MOOR_OPERATION_CONNECT + 1
};

/* A name of 63 bytes. */
static struct moor_slice long_name(char room[64], char prefix, unsigned number)
{
    (void)snprintf(room, 64, "%c%03u%059d", prefix, number % 1000, (int)(number / 1000));
    return (struct moor_slice){room, 63};
}

/* A policy and a request of which nothing but names matters. */
struct scene {
    struct moor_environment environments[ENVIRONMENTS];
    struct moor_exemption exemptions[EXEMPTIONS];
    struct moor_kind kinds[KINDS];
    const struct moor_exemption *used[EXEMPTIONS];
    struct moor_policy policy;
    char names[ENVIRONMENTS + EXEMPTIONS + KINDS][64];
};

static void fill(struct scene *scene)
{
    size_t name = 0;
    for (unsigned i = 0; i < ENVIRONMENTS; i++, name++) {
        scene->environments[i].name = long_name(scene->names[name], 'e', i);
    }
    for (unsigned i = 0; i < KINDS; i++, name++) {
        scene->kinds[i].kind = long_name(scene->names[name], 'K', i);
    }
    for (unsigned i = 0; i < EXEMPTIONS; i++, name++) {
        scene->exemptions[i].name = long_name(scene->names[name], 'x', i);
        scene->exemptions[i].expires = INT64_MAX;
        scene->used[i] = &scene->exemptions[i];
    }
    scene->policy.exemptions = scene->exemptions;
    scene->policy.exemption_count = EXEMPTIONS;
}

/* Everything that a client can bring about, in every combination. */
static void count_all(struct moor_metrics *metrics, struct scene *scene, unsigned environment)
{
    struct moor_image_verdict images[MOOR_CLASS_COUNT * MOOR_DECISION_COUNT];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(images); i++) {
        images[i] =
            (struct moor_image_verdict){.class = (enum moor_class)(i / MOOR_DECISION_COUNT),
                                        .decision = (enum moor_decision)(i % MOOR_DECISION_COUNT)};
    }
    for (unsigned at = 0; at < OPERATIONS * KINDS * MOOR_DECISION_COUNT * 2; at++) {
        char namespace[64];
        struct moor_request request = {
            .operation = (enum moor_operation)(at / 8 / KINDS),
            .holds = &scene->kinds[at / 8 % KINDS],
            .is_dry_run = at % 2 == 1,
            .namespace = long_name(namespace, 'n', (environment * 1000 + at) % NAMESPACES)};
        const struct moor_verdict verdict = {.request = &request,
                                             .environment = &scene->environments[environment],
                                             .worst =
                                                 (enum moor_decision)(at / 2 % MOOR_DECISION_COUNT),
                                             .counts = {1, 1, 1, 1},
                                             .images = images,
                                             .image_count = at == 0 ? MOOR_ARRAY_SIZE(images) : 0,
                                             .exemptions = scene->used,
                                             .exemption_count = at == 0 ? EXEMPTIONS : 0};
        moor_metrics_count_verdict(metrics, &verdict, UINT32_MAX);
    }
}

static void metrics__all_that_a_client_can_cause__text_is_bounded_and_sums_are_right(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_metrics *metrics = NULL;
    struct moor_buf text;
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    fill(scene);
    assert_int_equal(moor_metrics_open(&metrics, &err), 0);
    for (unsigned i = 0; i < ENVIRONMENTS; i++) {
        count_all(metrics, scene, i);
    }
    moor_buf_init(&text, (size_t)64 << 20);
    moor_metrics_write_judged(&text, metrics, &scene->policy);
    assert_false(text.failed);
    /* The figures grow to 20 digits at most, in fewer than 20,000 lines. */
    assert_in_range(text.len, (size_t)1 << 20, MOOR_METRICS_MAX_BYTES - ((size_t)19 * 20000));
    moor_buf_append_byte(&text, '\0');
    assert_false(text.failed);
    unsigned long long reviews = 0;
    size_t series = 0;
    size_t lines = 0;
    for (const char *line = text.ptr; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        if (strncmp(line, "tagmoor_reviews_total{", 22) == 0) {
            reviews += strtoull(strchr(line, '}') + 2, NULL, 10);
            series++;
        }
    }
    assert_in_range(lines, 5000, 20000);
    assert_in_range(series, MOOR_METRICS_MAX_REVIEWS + 1,
                    MOOR_METRICS_MAX_REVIEWS + ENVIRONMENTS * OPERATIONS * MOOR_DECISION_COUNT * 2);
    assert_int_equal(reviews, (size_t)ENVIRONMENTS * OPERATIONS * KINDS * MOOR_DECISION_COUNT * 2);
    moor_buf_release(&text);
    moor_metrics_close(metrics);
    free(scene);
}

/* --- exposition ------------------------------------------------------------------------------- */

static void label__quotes_backslashes_and_line_ends__escaped(void **state)
{
    (void)state;
    struct moor_buf out;
    moor_buf_init(&out, 256);
    moor_exposition_label(&out, "{", "name", MOOR_SLICE("a\"b\\c\nd"));
    assert_slice_equal(moor_buf_slice(&out), "{name=\"a\\\"b\\\\c\\nd\"");
    moor_buf_release(&out);
}

static void histogram__values_at_and_above_a_bound__cumulative(void **state)
{
    (void)state;
    static const uint64_t bounds[] = {50, 1000};
    struct moor_histogram histogram = {.bounds = bounds, .bound_count = 2};
    static const uint64_t values[] = {0, 50, 51, 1000, 1001, 500000};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(values); i++) {
        moor_histogram_observe(&histogram, values[i]);
    }
    struct moor_buf out;
    moor_buf_init(&out, 1024);
    moor_histogram_write(&out, &histogram, "x_seconds", 1e-6);
    assert_slice_equal(moor_buf_slice(&out), "x_seconds_bucket{le=\"5e-05\"} 2\n"
                                             "x_seconds_bucket{le=\"0.001\"} 4\n"
                                             "x_seconds_bucket{le=\"+Inf\"} 6\n"
                                             "x_seconds_sum 0.502102\n"
                                             "x_seconds_count 6\n");
    moor_buf_release(&out);
}

/* --- expiry ----------------------------------------------------------------------------------- */

struct expiry_row {
    int64_t not_before_s;
    int64_t not_after_s;
    enum moor_expiry expected;
};

static void expiry__row__how_near(void **state)
{
    const struct expiry_row *row = *state;
    assert_int_equal(moor_expiry_of(row->not_before_s, row->not_after_s, (int64_t)1000 * DAY_S),
                     row->expected);
}

#define DAYS(count) ((int64_t)(count)*DAY_S)

static struct expiry_row expiry_rows[] = {
    {DAYS(700), DAYS(1031), MOOR_EXPIRY_FAR},
    {DAYS(700), DAYS(1030), MOOR_EXPIRY_FAR},
    {DAYS(700), DAYS(1030) - 1, MOOR_EXPIRY_NEAR},
    {DAYS(700), DAYS(1007), MOOR_EXPIRY_NEAR},
    {DAYS(700), DAYS(1007) - 1, MOOR_EXPIRY_CLOSE},
    {DAYS(700), DAYS(1000), MOOR_EXPIRY_CLOSE},
    {DAYS(700), DAYS(1000) - 1, MOOR_EXPIRY_PAST},
    {DAYS(999), DAYS(1002), MOOR_EXPIRY_FAR},   /* three days, two of them left */
    {DAYS(997), DAYS(1001), MOOR_EXPIRY_NEAR},  /* a quarter left */
    {DAYS(981), DAYS(1001), MOOR_EXPIRY_CLOSE}, /* a twentieth left */
    {0, DAYS(1029), MOOR_EXPIRY_NEAR},
};

int main(void)
{
    static const char *const expiry_names[] = {
        "expiry__31_days__far",          "expiry__30_days__far",
        "expiry__below_30_days__near",   "expiry__7_days__near",
        "expiry__below_7_days__close",   "expiry__now__close",
        "expiry__a_second_ago__past",    "expiry__short_life_begun__far",
        "expiry__short_life_near__near", "expiry__short_life_close__close",
        "expiry__unknown_life__near",
    };

    struct CMUnitTest tests[7 + MOOR_ARRAY_SIZE(expiry_rows)] = {
        cmocka_unit_test(number__same_name_twice__same_number),
        cmocka_unit_test(number__more_names_than_places__other),
        cmocka_unit_test(number__what_is_no_name__other),
        cmocka_unit_test(number__a_name_called_other__no_second_series_of_that_name),
        cmocka_unit_test(metrics__all_that_a_client_can_cause__text_is_bounded_and_sums_are_right),
        cmocka_unit_test(label__quotes_backslashes_and_line_ends__escaped),
        cmocka_unit_test(histogram__values_at_and_above_a_bound__cumulative),
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(expiry_rows); i++) {
        tests[7 + i] = test_of_row(expiry_names[i], expiry__row__how_near, &expiry_rows[i]);
    }
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/config.h"

#include <sys/resource.h>

#define ALL_LIMITS (SIZE_MAX / 4)

/* The defaults with one address, which are valid. */
static struct moor_server_config valid(void)
{
    struct moor_server_config config = moor_server_config_defaults();
    config.listen[0] = "[::]:8443";
    config.listen_count = 1;
    config.threads = 2;
    return config;
}

/* A row changes one field, whose type has 4 or 8 bytes, and perhaps a second one. */
#define AT(field) \
    offsetof(struct moor_server_config, field), sizeof(((struct moor_server_config *)0)->field)

static const struct row {
    const char *name;
    size_t offset;
    size_t size;
    size_t value;
    const char *error; /* NULL: it is valid */
} rows[] = {
    {"check__no_address", AT(listen_count), 0,
     "the number of --listen addresses is 0: use a value from 1 to 16"},
    {"check__17_addresses", AT(listen_count), 17,
     "the number of --listen addresses is 17: use a value from 1 to 16"},
    {"check__1_thread", AT(threads), 1, NULL},
    {"check__64_threads", AT(threads), 64, NULL},
    {"check__65_threads", AT(threads), 65, "--threads is 65: use a value from 1 to 64"},
    {"check__no_body", AT(max_body_bytes), 0,
     "--max-body-bytes is 0: use a value from 1 to 15728640"},
    {"check__body_of_15_MiB", AT(max_body_bytes), (size_t)15 << 20, NULL},
    {"check__body_over_15_MiB", AT(max_body_bytes), ((size_t)15 << 20) + 1,
     "--max-body-bytes is 15728641: use a value from 1 to 15728640"},
    {"check__budget_of_one_body", AT(max_buffered_bytes), (size_t)7 << 20, NULL},
    {"check__budget_below_one_body", AT(max_buffered_bytes), ((size_t)7 << 20) - 1,
     "--max-buffered-bytes is 7340031 and less than --max-body-bytes (7340032): "
     "raise --max-buffered-bytes or lower --max-body-bytes"},
    {"check__no_budget", AT(max_buffered_bytes), 0,
     "--max-buffered-bytes is 0: use a value from 1 to 4611686018427387903"},
    {"check__largest_budget", AT(max_buffered_bytes), ALL_LIMITS, NULL},
    {"check__no_connection", AT(max_connections), 0,
     "--max-connections is 0: use a value from 1 to 65536"},
    {"check__65537_connections", AT(max_connections), 65537,
     "--max-connections is 65537: use a value from 1 to 65536"},
    {"check__no_handshake_time", AT(times.handshake_timeout_ms), 0,
     "--handshake-timeout in ms is 0: use a value from 1 to 2147483647"},
    {"check__handshake_time_over_24_days", AT(times.handshake_timeout_ms), 2147483648U,
     "--handshake-timeout in ms is 2147483648: use a value from 1 to 2147483647"},
    {"check__no_request_time", AT(times.request_timeout_ms), 0,
     "--request-timeout in ms is 0: use a value from 1 to 2147483647"},
    {"check__no_idle_time", AT(times.idle_timeout_ms), 0,
     "--idle-timeout in ms is 0: use a value from 1 to 2147483647"},
    {"check__longest_idle_time", AT(times.idle_timeout_ms), INT32_MAX, NULL},
    {"check__no_lame_duck", AT(lame_duck_ms), 0, NULL},
};

static void check__row__valid_or_this_error(void **state)
{
    const struct row *row = *state;
    struct moor_server_config config = valid();
    struct moor_error err = {0};
    memcpy((char *)&config + row->offset, &row->value,
           row->size); /* little-endian, as all targets */
    assert_int_equal(moor_server_config_check(&config, &err), row->error == NULL ? 0 : -1);
    assert_string_equal(err.text, row->error == NULL ? "" : row->error);
}

static void check__defaults_with_an_address__valid(void **state)
{
    (void)state;
    struct moor_server_config config = valid();
    assert_int_equal(moor_server_config_check(&config, NULL), 0);
}

static void check__no_threads__the_cpus_from_2_to_4(void **state)
{
    (void)state;
    struct moor_server_config config = valid();
    config.threads = 0;
    assert_int_equal(moor_server_config_check(&config, NULL), 0);
    assert_in_range(config.threads, 2, 4);
}

static void check__client_name_without_a_ca__refused(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_server_config config = valid();
    config.client_names[0] = "client";
    config.client_name_count = 1;
    assert_int_equal(moor_server_config_check(&config, &err), -1);
    assert_string_equal(err.text, "--client-name requires --client-ca-file: clients prove their "
                                  "names with certificates");
    config.tls.client_ca_file = "ca.pem";
    assert_int_equal(moor_server_config_check(&config, NULL), 0);
}

static void check__empty_client_name__refused(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_server_config config = valid();
    config.tls.client_ca_file = "ca.pem";
    config.client_names[0] = "client";
    config.client_names[1] = "";
    config.client_name_count = 2;
    assert_int_equal(moor_server_config_check(&config, &err), -1);
    assert_string_equal(
        err.text, "--client-name is empty: use a name of the client's certificate or omit the "
                  "option");
}

/* The descriptors that the default configuration needs. */
static size_t wanted_descriptors(void)
{
    return valid().max_connections + MOOR_SERVER_SPARE_CONNECTIONS + 128;
}

static void check__descriptors__raised_as_far_as_allowed(void **state)
{
    (void)state;
    struct rlimit limit;
    struct moor_server_config config = valid();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(limit.rlim_max >= wanted_descriptors());
    limit.rlim_cur = wanted_descriptors() - 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(moor_server_config_check(&config, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(limit.rlim_cur, wanted_descriptors());
}

/* Lowers the hard limit for good, so it is the last test. */
static void check__descriptors__too_few_allowed__refused(void **state)
{
    (void)state;
    struct moor_error err = {0};
    struct moor_server_config config = valid();
    struct rlimit limit = {.rlim_cur = wanted_descriptors() - 1,
                           .rlim_max = wanted_descriptors() - 1};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        print_message("# the hard limit cannot be lowered, as under valgrind\n");
        return;
    }
    assert_int_equal(moor_server_config_check(&config, &err), -1);
    assert_string_equal(err.text, "512 connections need 656 file descriptors and only 655 are "
                                  "allowed: raise 'ulimit -n' or lower --max-connections");
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests_of_rows[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        tests_of_rows[i] = test_of_row(rows[i].name, check__row__valid_or_this_error, &rows[i]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__defaults_with_an_address__valid),
        cmocka_unit_test(check__no_threads__the_cpus_from_2_to_4),
        cmocka_unit_test(check__client_name_without_a_ca__refused),
        cmocka_unit_test(check__empty_client_name__refused),
        cmocka_unit_test(check__descriptors__raised_as_far_as_allowed),
        cmocka_unit_test(check__descriptors__too_few_allowed__refused),
    };
    int failed = cmocka_run_group_tests_name("config", tests_of_rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("config", tests, NULL, NULL);
}

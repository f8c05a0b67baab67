/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "webhook/listen.h"

struct row {
    const char *text;
    const char *formatted; /* NULL: refused */
};

static struct row rows[] = {
    {"127.0.0.1:8443", "127.0.0.1:8443"},
    {"0.0.0.0:0", "0.0.0.0:0"},
    {"[::]:8443", "[::]:8443"},
    {":8443", "[::]:8443"},
    {"[::1]:65535", "[::1]:65535"},
    {"[::ffff:10.0.0.1]:1", "10.0.0.1:1"},
    {"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1"},
    {"", NULL},
    {":", NULL},
    {"127.0.0.1", NULL},
    {"127.0.0.1:", NULL},
    {"127.0.0.1:65536", NULL},
    {"127.0.0.1:000080", NULL},
    {"127.0.0.1:+80", NULL},
    {"127.0.0.1:80x", NULL},
    {"127.0.0:80", NULL},
    {"localhost:80", NULL},
    {"::1:80", NULL},
    {"[::1]80", NULL},
    {"[]:80", NULL},
    {"[:80", NULL},
    {"[127.0.0.1]:80", NULL},
    {"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1", NULL},
};

static void parse__row__formatted_or_refused(void **state)
{
    const struct row *row = *state;
    struct moor_listen_address address;
    struct moor_error err = {0};
    int result = moor_listen_parse(&address, row->text, &err);
    assert_int_equal(result, row->formatted != NULL ? 0 : -1);
    if (row->formatted != NULL) {
        char text[MOOR_ADDRESS_TEXT_BYTES];
        moor_listen_format(text, (const struct sockaddr *)&address.address);
        assert_string_equal(text, row->formatted);
    } else {
        assert_non_null(strstr(err.text, "write ADDRESS:PORT"));
    }
}

int main(void)
{
    enum {
        ROW_COUNT = sizeof rows / sizeof *rows
    };

    static char names[ROW_COUNT][128];
    struct CMUnitTest tests[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        (void)snprintf(names[i], sizeof names[i], "parse__%s__%s", rows[i].text,
                       rows[i].formatted != NULL ? "accepted" : "refused");
        tests[i] =
            (struct CMUnitTest){names[i], parse__row__formatted_or_refused, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}

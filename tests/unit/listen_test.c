/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/http/listen.h"

#define PORT    " is not a port from 0 to 65535"
#define ADDRESS " is not a numeric address"

struct row {
    const char *text;
    const char *formatted; /* NULL: refused */
    const char *why;
};

static struct row rows[] = {
    {"127.0.0.1:8443", "127.0.0.1:8443", NULL},
    {"0.0.0.0:0", "0.0.0.0:0", NULL},
    {"[::]:8443", "[::]:8443", NULL},
    {":8443", "[::]:8443", NULL},
    {"[::1]:65535", "[::1]:65535", NULL},
    {"[::ffff:10.0.0.1]:1", "10.0.0.1:1", NULL},
    {"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1",
     NULL},
    {"", NULL, "'' has no port"},
    {":", NULL, "''" PORT},
    {"127.0.0.1", NULL, "'127.0.0.1' has no port"},
    {"127.0.0.1:", NULL, "''" PORT},
    {"127.0.0.1:65536", NULL, "'65536'" PORT},
    {"127.0.0.1:80000", NULL, "'80000'" PORT},
    {"127.0.0.1:18446744073709551696", NULL, "'18446744073709551696'" PORT},
    {"127.0.0.1:000080", NULL, "'000080'" PORT},
    {"127.0.0.1:+80", NULL, "'+80'" PORT},
    {"127.0.0.1:-1", NULL, "'-1'" PORT},
    {"127.0.0.1:80x", NULL, "'80x'" PORT},
    {"127.0.0:80", NULL, "'127.0.0'" ADDRESS},
    {"localhost:80", NULL, "'localhost'" ADDRESS},
    {"https://127.0.0.1:80", NULL, "'https://127.0.0.1'" ADDRESS},
    {"::1:80", NULL, "'::1'" ADDRESS},
    {"[::1]", NULL, "'1]'" PORT},
    {"[::1]80", NULL, "'1]80'" PORT},
    {"[]:80", NULL, "'[]'" ADDRESS},
    {"[:80", NULL, "'['" ADDRESS},
    {"[127.0.0.1]:80", NULL, "'[127.0.0.1]'" ADDRESS},
    {"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1", NULL, ADDRESS},
};

static void parse__row__formatted_or_refused(void **state)
{
    const struct row *row = *state;
    struct moor_listen_address address;
    struct moor_error err = {0};
    int result = moor_listen_parse(&address, row->text, "--listen", &err);
    assert_int_equal(result, row->formatted != NULL ? 0 : -1);
    if (row->formatted != NULL) {
        char text[MOOR_ADDRESS_TEXT_BYTES];
        moor_listen_format(text, (const struct sockaddr *)&address.address);
        assert_string_equal(text, row->formatted);
    } else {
        assert_non_null(strstr(err.text, row->why));
        assert_non_null(strstr(err.text, "use a numeric ADDRESS:PORT"));
        assert_non_null(strstr(err.text, "with --listen"));
    }
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
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

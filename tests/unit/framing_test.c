/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/http/framing.h"

static struct row {
    const char *name;
    const char *head;
    enum moor_framing framing;
} rows[] = {
    {"no_body__clear", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", MOOR_FRAMING_CLEAR},
    {"length__clear", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", MOOR_FRAMING_CLEAR},
    {"chunked__clear", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", MOOR_FRAMING_CLEAR},
    {"same_length_twice__clear",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\ncontent-length:3 \r\n\r\n", MOOR_FRAMING_CLEAR},
    {"header_after_the_head__clear",
     "POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\nContent-Length: 4\r\n\r\n", MOOR_FRAMING_CLEAR},
    {"name_in_a_value__clear",
     "POST / HTTP/1.1\r\nX: content-length: 4\r\nContent-Length: 3\r\n\r\n", MOOR_FRAMING_CLEAR},
    {"longer_name__clear", "POST / HTTP/1.1\r\nX-Content-Length: 4\r\nContent-Length: 3\r\n\r\n",
     MOOR_FRAMING_CLEAR},
    {"lengths_differ__refused", "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"lengths_differ_in_case_and_place__refused",
     "POST / HTTP/1.1\r\ncontent-LENGTH:3\r\nHost: x\r\nContent-Length:\t4\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"lengths_spelled_differently__refused",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 03\r\n\r\n", MOOR_FRAMING_REFUSE},
    {"three_lengths__refused",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"bare_line_feeds__refused", "POST / HTTP/1.1\nContent-Length: 3\nContent-Length: 4\n\n",
     MOOR_FRAMING_REFUSE},
    {"empty_lines_first__refused",
     "\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"two_encodings__refused",
     "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"folded_header__refused", "POST / HTTP/1.1\r\nContent-Length: 3\r\nX: a\r\n b\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"folded_length__refused", "POST / HTTP/1.1\r\nContent-Length:\r\n\t3\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"encoding_in_http_1_0__refused", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
     MOOR_FRAMING_REFUSE},
    {"length_in_http_1_0__clear", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n",
     MOOR_FRAMING_CLEAR},
    {"length_and_encoding__close",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     MOOR_FRAMING_CLOSE},
    {"encoding_and_length__close",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
     MOOR_FRAMING_CLOSE},
    {"blank_before_the_colon__refused",
     "POST / HTTP/1.1\r\nContent-Length : 3\r\nContent-Length: 4\r\n\r\n", MOOR_FRAMING_REFUSE},
    {"nothing__clear", "", MOOR_FRAMING_CLEAR},
    {"no_end__clear", "POST / HTTP/1.1\r\nContent-Length: 3", MOOR_FRAMING_CLEAR},
};

static void framing__row__as_expected(void **state)
{
    const struct row *row = *state;
    assert_int_equal(moor_framing_of(moor_slice_from(row->head)), row->framing);
}

int main(void)
{
    enum {
        COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        tests[i] =
            (struct CMUnitTest){rows[i].name, framing__row__as_expected, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}

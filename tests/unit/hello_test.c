/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/http/hello.h"

/* A record header, and the headers of a ClientHello of N bytes and of a ClientKeyExchange. */
#define RECORD(type, len) type "\x03\x01" len
#define HELLO(len)        "\x01" len
#define TEXT(text)        text, sizeof(text) - 1

static struct row {
    const char *name;
    const char *bytes;
    size_t len;
    bool accepted;
} rows[] = {
    {"nothing__accepted", TEXT(""), true},
    {"a_short_hello__accepted", TEXT(RECORD("\x16", "\x00\x06") HELLO("\x00\x00\x02") "ab"), true},
    {"the_longest_hello__accepted", TEXT(RECORD("\x16", "\x40\x00") HELLO("\x00\x20\x00")), true},
    {"a_byte_more__refused", TEXT(RECORD("\x16", "\x40\x00") HELLO("\x00\x20\x01")), false},
    {"what_openssl_allows__refused", TEXT(RECORD("\x16", "\x00\x04") HELLO("\x02\x01\x44")), false},
    {"half_a_header__accepted", TEXT(RECORD("\x16", "\x00\x04") "\x01\xff\xff"), true},
    {"a_header_in_four_records__refused",
     TEXT(RECORD("\x16", "\x00\x01") "\x01" RECORD("\x16", "\x00\x01") "\x01" RECORD(
         "\x16", "\x00\x01") "\xf0" RECORD("\x16", "\x00\x01") "\x00"),
     false},
    {"empty_records_before__refused",
     TEXT(RECORD("\x16", "\x00\x00") RECORD("\x16", "\x00\x04") HELLO("\x01\x00\x00")), false},
    {"other_records_before__refused",
     TEXT(RECORD("\x14", "\x00\x01") "\x01" RECORD("\x15", "\x00\x02") "\x01\x00" RECORD(
         "\x16", "\x00\x04") HELLO("\x01\x00\x00")),
     false},
    {"a_long_second_hello__refused",
     TEXT(RECORD("\x16", "\x00\x06") HELLO("\x00\x00\x02") "ab" RECORD(
         "\x14", "\x00\x01") "\x01" RECORD("\x16", "\x00\x04") HELLO("\x01\x00\x00")),
     false},
    {"a_long_second_hello_in_the_same_record__refused",
     TEXT(RECORD("\x16", "\x00\x0a") HELLO("\x00\x00\x02") "ab" HELLO("\x01\x00\x00")), false},
    {"encrypted_messages_after_a_key_exchange__accepted",
     TEXT(RECORD("\x16", "\x00\x06")
              HELLO("\x00\x00\x02") "ab" RECORD("\x16", "\x00\x05") "\x10\x00\x00\x01z" RECORD(
                  "\x14", "\x00\x01") "\x01" RECORD("\x16", "\x00\x04") HELLO("\xff\xff\xff")),
     true},
    {"other_content__accepted", TEXT(RECORD("\x17", "\x00\x04") HELLO("\xff\xff\xff")), true},
};

static bool read_in_pieces(const struct row *row, size_t size)
{
    struct moor_hello hello = {0};
    for (size_t at = 0; at < row->len; at += size) {
        size_t len = row->len - at < size ? row->len - at : size;
        if (!moor_hello_read(&hello, (const unsigned char *)row->bytes + at, len)) {
            return false;
        }
    }
    return true;
}

static void hello__row__the_same_in_all_pieces(void **state)
{
    const struct row *row = *state;
    for (size_t size = 1; size <= row->len + 1; size++) {
        assert_int_equal(read_in_pieces(row, size), row->accepted);
    }
}

int main(void)
{
    enum {
        COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        tests[i] = (struct CMUnitTest){rows[i].name, hello__row__the_same_in_all_pieces, NULL, NULL,
                                       &rows[i]};
    }
    return cmocka_run_group_tests_name("hello", tests, NULL, NULL);
}

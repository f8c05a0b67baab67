/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/http/tls_chain.h"

#define LITERAL(text) text, sizeof(text) - 1

#define ONE           "\x00\x00\x02\x30\x00" /* a certificate of two bytes */
#define ONE_1_3       ONE "\x00\x00"         /* and no extensions */
#define EIGHT(of)     of of of of of of of of
#define CURVE         "\x06\x07\x2a\x86\x48\xce\x3d" /* 1.2.840.10045 */

static struct row {
    const char *name;
    const char *message;
    size_t len;
    bool has_context;
    const char *refusal;
} rows[] = {
    {"none__allowed", LITERAL("\x0b\x00\x00\x03\x00\x00\x00"), false, NULL},
    {"none_1_3__allowed", LITERAL("\x0b\x00\x00\x04\x00\x00\x00\x00"), true, NULL},
    {"eight__allowed", LITERAL("\x0b\x00\x00\x2b\x00\x00\x28" EIGHT(ONE)), false, NULL},
    {"eight_1_3__allowed", LITERAL("\x0b\x00\x00\x3c\x00\x00\x00\x38" EIGHT(ONE_1_3)), true, NULL},
    {"nine__refused", LITERAL("\x0b\x00\x00\x30\x00\x00\x2d" EIGHT(ONE) ONE), false,
     "it has too many certificates"},
    {"nine_1_3__refused", LITERAL("\x0b\x00\x00\x43\x00\x00\x00\x3f" EIGHT(ONE_1_3) ONE_1_3), true,
     "it has too many certificates"},
    {"nine_before_a_malformed_end__refused",
     LITERAL("\x0b\x00\x00\x43\x00\x00\x00\x3f" EIGHT(ONE_1_3) ONE_1_3 "\xff\xff\xff"), true,
     "it has too many certificates"},
    {"nine_after_a_context__refused",
     LITERAL("\x0b\x00\x00\x45\x02zz\x00\x00\x3f" EIGHT(ONE_1_3) ONE_1_3), true,
     "it has too many certificates"},
    {"named_curve__allowed",
     LITERAL("\x0b\x00\x00\x10\x00\x00\x0d\x00\x00\x0a" CURVE "\x03\x01\x07"), false, NULL},
    {"prime_field__refused", LITERAL("\x0b\x00\x00\x0f\x00\x00\x0c\x00\x00\x09" CURVE "\x01\x01"),
     false, "it defines an elliptic curve of its own"},
    {"binary_field_1_3__refused",
     LITERAL("\x0b\x00\x00\x12\x00\x00\x00\x0e\x00\x00\x09" CURVE "\x01\x02\x00\x00"), true,
     "it defines an elliptic curve of its own"},
    {"empty__allowed", LITERAL(""), true, NULL},
    {"cut_off__allowed", LITERAL("\x0b\x00\x00"), false, NULL},
    {"length_beyond_the_end__allowed", LITERAL("\x0b\x00\x00\x09\x00\x00\x28\xff\xff\xff"), false,
     NULL},
};

static void tls_chain__row__as_expected(void **state)
{
    const struct row *row = *state;
    const char *refusal =
        moor_tls_chain_refusal((struct moor_slice){row->message, row->len}, row->has_context);
    assert_int_equal(refusal == NULL, row->refusal == NULL);
    if (refusal != NULL) {
        assert_string_equal(refusal, row->refusal);
    }
}

int main(void)
{
    enum {
        COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        tests[i] =
            (struct CMUnitTest){rows[i].name, tls_chain__row__as_expected, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("tls_chain", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/json/grammar.h"

#include "policy/base/slice.h"

const uint8_t moor_json_classes[256] = {
    /*
     * All other bytes have class 0, `other`; whether they begin a value is checked when it is read.
     */
    ['"'] = MOOR_JSON_CLASS_QUOTE,      ['{'] = MOOR_JSON_CLASS_OBJECT_BEGIN,
    ['}'] = MOOR_JSON_CLASS_OBJECT_END, ['['] = MOOR_JSON_CLASS_ARRAY_BEGIN,
    [']'] = MOOR_JSON_CLASS_ARRAY_END,  [':'] = MOOR_JSON_CLASS_COLON,
    [','] = MOOR_JSON_CLASS_COMMA,
};

/* Short names keep a row of the table on one line. */
#define NO     MOOR_JSON_REFUSE
#define OBJECT MOOR_JSON_OPEN_OBJECT
#define ARRAY  MOOR_JSON_OPEN_ARRAY
#define CLOSE  MOOR_JSON_CLOSE
#define SCALAR MOOR_JSON_SCALAR
#define DONE   MOOR_JSON_DONE
#define NAME   MOOR_JSON_NAME
#define COLON  MOOR_JSON_COLON
#define VALUE  MOOR_JSON_MEMBER_VALUE
#define MEMBER MOOR_JSON_NEXT_MEMBER
#define ITEM   MOOR_JSON_ITEM
#define NEXT   MOOR_JSON_NEXT_ITEM

const uint8_t moor_json_grammar[MOOR_JSON_STATES][MOOR_JSON_CLASSES] = {
    /* clang-format off */
    /*                          other   "       {       }      [      ]      :      ,   */
    [MOOR_JSON_START]        = {SCALAR, DONE,   OBJECT, NO,    ARRAY, NO,    NO,    NO},
    [MOOR_JSON_DONE]         = {NO,     NO,     NO,     NO,    NO,    NO,    NO,    NO},
    /*
     * Two states for a name, and two for an item: a bracket may close an empty object or array, but
     * not follow a comma.
     */
    [MOOR_JSON_FIRST_MEMBER] = {NO,     COLON,  NO,     CLOSE, NO,    NO,    NO,    NO},
    [MOOR_JSON_NAME]         = {NO,     COLON,  NO,     NO,    NO,    NO,    NO,    NO},
    [MOOR_JSON_COLON]        = {NO,     NO,     NO,     NO,    NO,    NO,    VALUE, NO},
    [MOOR_JSON_MEMBER_VALUE] = {SCALAR, MEMBER, OBJECT, NO,    ARRAY, NO,    NO,    NO},
    [MOOR_JSON_NEXT_MEMBER]  = {NO,     NO,     NO,     CLOSE, NO,    NO,    NO,    NAME},
    [MOOR_JSON_FIRST_ITEM]   = {SCALAR, NEXT,   OBJECT, NO,    ARRAY, CLOSE, NO,    NO},
    [MOOR_JSON_ITEM]         = {SCALAR, NEXT,   OBJECT, NO,    ARRAY, NO,    NO,    NO},
    [MOOR_JSON_NEXT_ITEM]    = {NO,     NO,     NO,     NO,    NO,    CLOSE, NO,    ITEM},
    [MOOR_JSON_FAILED]       = {NO,     NO,     NO,     NO,    NO,    NO,    NO,    NO},
    /* clang-format on */
};

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* RFC 8259 requires at least one digit wherever it allows digits. */
static bool pass_digits(const char **at, const char *end)
{
    if (!is_digit(*at, end)) {
        return false;
    }
    while (is_digit(*at, end)) {
        (*at)++;
    }
    return true;
}

static bool pass_byte(const char **at, const char *end, char one, char other)
{
    if (*at == end || (**at != one && **at != other)) {
        return false;
    }
    (*at)++;
    return true;
}

static const char *pass_number(const char **at, const char *end)
{
    (void)pass_byte(at, end, '-', '-');
    /* JSON has no leading zeros: `01` ends after the zero, and the caller rejects the 1. */
    if (!pass_byte(at, end, '0', '0') && !pass_digits(at, end)) {
        return "a digit";
    }
    if (pass_byte(at, end, '.', '.') && !pass_digits(at, end)) {
        return "a digit after the point";
    }
    if (pass_byte(at, end, 'e', 'E')) {
        (void)pass_byte(at, end, '+', '-');
        if (!pass_digits(at, end)) {
            return "a digit of the exponent";
        }
    }
    return NULL;
}

/* Stops at the first wrong letter, which is the position of the error. */
static bool pass_literal(const char **at, const char *end, struct moor_slice literal)
{
    size_t same = 0;
    while (same < literal.len && *at < end && **at == literal.ptr[same]) {
        (*at)++;
        same++;
    }
    return same == literal.len;
}

const char *moor_json_pass_scalar(const char **at, const char *end)
{
    switch (**at) {
    case 't':
        return pass_literal(at, end, MOOR_SLICE("true")) ? NULL : "'true'";
    case 'f':
        return pass_literal(at, end, MOOR_SLICE("false")) ? NULL : "'false'";
    case 'n':
        return pass_literal(at, end, MOOR_SLICE("null")) ? NULL : "'null'";
    case '-':
        return pass_number(at, end);
    default:
        return is_digit(*at, end) ? pass_number(at, end) : "a value";
    }
}

static int32_t hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    /* This bit is the difference between upper and lower case of ASCII letters. */
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int32_t moor_json_hex4(const char *at, const char *end)
{
    if (end - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        int32_t digit = hex_value(at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

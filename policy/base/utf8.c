/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/utf8.h"

#include "policy/base/utf8_table.h"

static bool is_between(char byte, unsigned low, unsigned high)
{
    unsigned value = (unsigned char)byte;
    return low <= value && value <= high;
}

/* RFC 3629 restricts the second byte: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool is_second(unsigned first, char byte)
{
    switch (first) {
    case 0xE0:
        return is_between(byte, 0xA0, 0xBF);
    case 0xED:
        return is_between(byte, 0x80, 0x9F);
    case 0xF0:
        return is_between(byte, 0x90, 0xBF);
    case 0xF4:
        return is_between(byte, 0x80, 0x8F);
    default:
        return is_between(byte, 0x80, 0xBF);
    }
}

/* 0xC0 and 0xC1 would begin overlong forms of ASCII, and 0xF5 to 0xFF are above U+10FFFF. */
static size_t length_by_first(unsigned first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t moor_utf8_length(const char *at, const char *end)
{
    unsigned first = (unsigned char)*at;
    size_t length = length_by_first(first);
    if (length <= 1) {
        return length;
    }
    if ((size_t)(end - at) < length || !is_second(first, at[1])) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_between(at[i], 0x80, 0xBF)) {
            return 0;
        }
    }
    return length;
}

/* The caller has checked the bytes with moor_utf8_length(). */
uint32_t moor_utf8_point(const char *at, size_t length)
{
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (unsigned char)at[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++) {
        point = point << 6 | ((unsigned char)at[i] & 0x3fU);
    }
    return point;
}

/* Hidden and shown ranges alternate in the table: an odd number of range starts means hidden. */
bool moor_utf8_is_hidden(uint32_t point)
{
    uint16_t low_bits = (uint16_t)point;
    size_t low = moor_utf8_planes[point >> 16];
    size_t high = moor_utf8_planes[(point >> 16) + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (moor_utf8_turns[middle] <= low_bits) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low % 2 == 1;
}

/* Counts the bytes that start a character. */
size_t moor_utf8_count(struct moor_slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += !moor_utf8_continues(text.ptr[i]);
    }
    return count;
}

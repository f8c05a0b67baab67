/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8 - the length of the next UTF-8 sequence, as RFC 3629 defines it, and which characters can be
 * printed.
 *
 * Which ones follows Unicode 14.0.0 (utf8_table.h, written by tests/unicode/table.py).  A character
 * that a later version of Unicode assigns is hidden until the table is written anew.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_UTF8_H
#define MOOR_POLICY_BASE_UTF8_H

#include "policy/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether the byte is one of a sequence but not its first: cutting before it would break a
 * character.
 */
static inline bool moor_utf8_continues(char byte)
{
    return ((unsigned char)byte & 0xC0U) == 0x80U;
}

/* The characters in the text; a byte that no character can have counts as one. */
size_t moor_utf8_count(struct moor_slice text);

/*
 * The bytes of the sequence that starts at `at`, 1 to 4; 0 where it is not one: cut off at `end`,
 * overlong, a surrogate, over U+10FFFF, or a byte that starts none.  `at` < `end`.
 */
size_t moor_utf8_length(const char *at, const char *end);

/* The code point of the sequence of `length` bytes at `at`, as moor_utf8_length() gives it. */
uint32_t moor_utf8_point(const char *at, size_t length);

/*
 * Whether an output must show an escape in place of this code point, below 0x110000: a control,
 * format character, line or paragraph end, or one that is private, unassigned or no character.
 */
bool moor_utf8_is_hidden(uint32_t point);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ascii - classes of ASCII characters, independent of the locale.
 *
 * The functions of <ctype.h> depend on the locale and are undefined for negative values of `char`.
 * These functions accept any byte; a byte of a UTF-8 sequence is in none of the classes.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_ASCII_H
#define MOOR_POLICY_BASE_ASCII_H

#include <stdbool.h>

/* Returns whether the byte is one of `0` to `9`. */
static inline bool moor_ascii_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Returns whether the byte is one of `a` to `z`. */
static inline bool moor_ascii_is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* Returns whether the byte is one of `A` to `Z`. */
static inline bool moor_ascii_is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* Returns whether the byte is a letter. */
static inline bool moor_ascii_is_letter(char byte)
{
    return moor_ascii_is_lower(byte) || moor_ascii_is_upper(byte);
}

/* Returns the lower-case letter for an upper-case one, and every other byte unchanged. */
static inline char moor_ascii_lower(char byte)
{
    return moor_ascii_is_upper(byte) ? (char)(byte - 'A' + 'a') : byte;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ascii - classes of bytes, independent of any locale.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_ASCII_H
#define MOOR_POLICY_BASE_ASCII_H

#include <stdbool.h>

static inline bool moor_ascii_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool moor_ascii_is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static inline bool moor_ascii_is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* The byte, or the small letter for a capital one. */
static inline char moor_ascii_lower(char byte)
{
    return moor_ascii_is_upper(byte) ? (char)(byte - 'A' + 'a') : byte;
}

#endif

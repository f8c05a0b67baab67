/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "policy/base/nearest.h"

static unsigned char lower(char letter)
{
    unsigned char byte = (unsigned char)letter;
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

static size_t least(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Returns whether the two letters that end at `i` and `j` are the same pair, swapped. */
static bool is_swapped(struct moor_slice left, size_t i, struct moor_slice right, size_t j)
{
    return i > 1 && j > 1 && lower(left.ptr[i - 1]) == lower(right.ptr[j - 2]) &&
           lower(left.ptr[i - 2]) == lower(right.ptr[j - 1]);
}

/* Optimal string alignment: three rows of the matrix are enough for swaps of neighbours. */
size_t moor_nearest_distance(struct moor_slice left, struct moor_slice right)
{
    if (left.len > MOOR_NEAREST_MAX_BYTES || right.len > MOOR_NEAREST_MAX_BYTES) {
        return SIZE_MAX;
    }
    size_t rows[3][MOOR_NEAREST_MAX_BYTES + 1] = {{0}};
    for (size_t j = 0; j <= right.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= left.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= right.len; j++) {
            size_t differs = lower(left.ptr[i - 1]) != lower(right.ptr[j - 1]) ? 1 : 0;
            row[j] = least(above[j - 1] + differs, least(above[j], row[j - 1]) + 1);
            size_t swapped = is_swapped(left, i, right, j) ? two_above[j - 2] + 1 : SIZE_MAX;
            row[j] = least(row[j], swapped);
        }
    }
    return rows[left.len % 3][right.len];
}

/* A set of the letters of a word; two letters can share a bit, which only lowers the bound. */
static uint64_t letters_of(struct moor_slice word)
{
    uint64_t letters = 0;
    for (size_t i = 0; i < word.len; i++) {
        letters |= UINT64_C(1) << (lower(word.ptr[i]) & 63);
    }
    return letters;
}

/* One step adds or removes at most one letter of the set, or replaces one by another. */
size_t moor_nearest_least_distance(struct moor_slice left, struct moor_slice right)
{
    size_t gap = left.len > right.len ? left.len - right.len : right.len - left.len;
    uint64_t others = letters_of(left) ^ letters_of(right);
    size_t steps = ((size_t)__builtin_popcountll(others) + 1) / 2;
    return gap > steps ? gap : steps;
}

/* In a short word, a single different letter already makes another word. */
bool moor_nearest_is_close(struct moor_slice written, struct moor_slice known, size_t distance)
{
    size_t shorter = least(written.len, known.len);
    size_t allowed = shorter < 3 ? 0 : shorter < 6 ? 1 : shorter < 10 ? 2 : 3;
    return distance <= allowed;
}

void moor_nearest_try(struct moor_nearest *best, struct moor_slice written, const char *known)
{
    struct moor_slice right = moor_slice_from(known);
    size_t distance = moor_nearest_distance(written, right);
    if ((best->word == NULL || distance < best->distance) &&
        moor_nearest_is_close(written, right, distance)) {
        *best = (struct moor_nearest){known, distance};
    }
}

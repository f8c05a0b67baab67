/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simd - classifies many bytes of JSON at once.
 *
 * A block has 64 bytes.  The result of a test is a word with a bit for each byte of the block; the
 * first byte is the lowest bit.  Each function exists in plain C (`..._plain`) and over the lanes
 * of simd_lane.h.  The name without a suffix is the form over lanes, or the plain form if the
 * processor has no lanes.  Both forms agree on every input.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; never reads outside the block, nor beyond `end`.
 */
#ifndef MOOR_POLICY_BASE_SIMD_H
#define MOOR_POLICY_BASE_SIMD_H

#include "policy/base/simd_lane.h"

#include <stdbool.h>
#include <stdint.h>
#if defined(__x86_64__)
    #include <immintrin.h>
#endif

/* The number of bytes that are classified at once. */
#define MOOR_SIMD_BLOCK  64

/* Inlining is forced: a call for every block would pass all its words through memory. */
#define MOOR_SIMD_INLINE static inline __attribute__((always_inline))

/* The classes of the bytes of a block, a bit for each byte. */
struct moor_simd_block {
    uint64_t quote;     /* `"` */
    uint64_t backslash; /* `\` */
    uint64_t control;   /* bytes below 0x20 */
    uint64_t high;      /* bytes from 0x80 */
    uint64_t open;      /* `{` and `[` */
    uint64_t close;     /* `}` and `]` */
    uint64_t colon;     /* `:` */
    uint64_t comma;     /* `,` */
    uint64_t brace;     /* bytes with the bit 0x20; among brackets these are `{` and `}` */
    uint64_t blank;     /* space, tab, line feed and carriage return */
};

/* Adds two words and `*carry`, and sets `*carry` to 1 if the sum overflows, else to 0. */
static inline uint64_t moor_simd_add(uint64_t left, uint64_t right, unsigned char *carry)
{
    unsigned long long sum = 0;
#if defined(__x86_64__) && !defined(MOOR_SIMD_PLAIN)
    *carry = _addcarry_u64(*carry, left, right, &sum);
#else
    bool over = __builtin_add_overflow(left, right, &sum);
    *carry = (unsigned char)(over | __builtin_add_overflow(sum, *carry, &sum));
#endif
    return sum;
}

/* --- plain C ---------------------------------------------------------------------------------- */

/* Returns whether the byte is whitespace in JSON. */
static inline bool moor_simd_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Returns whether the byte is structure of JSON: a bracket, colon or comma. */
static inline bool moor_simd_is_punctuation(char byte)
{
    return byte == '{' || byte == '}' || byte == '[' || byte == ']' || byte == ':' || byte == ',';
}

/* Returns whether the byte is ASCII and needs no escape inside a string. */
static inline bool moor_simd_is_ordinary(char byte)
{
    return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x80 && byte != '"' && byte != '\\';
}

/*
 * The plain form handles eight bytes as a word, with the first byte lowest.  The functions below
 * give their result in the top bit of each byte.  No carry crosses from byte to byte, because every
 * addend fits into seven bits.
 */
#define MOOR_SIMD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define MOOR_SIMD_TOPS       MOOR_SIMD_EACH(0x80U)

/* Loads eight bytes, in an order that does not depend on the processor. */
static inline uint64_t moor_simd_word(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

/* Finds bytes whose low seven bits are at least `limit`, which is at most 0x80. */
static inline uint64_t moor_simd_word_from(uint64_t word, unsigned limit)
{
    return ((word & ~MOOR_SIMD_TOPS) + MOOR_SIMD_EACH(0x80U - limit)) & MOOR_SIMD_TOPS;
}

/* Finds bytes that equal `byte`. */
static inline uint64_t moor_simd_word_equal(uint64_t word, unsigned byte)
{
    uint64_t differs = word ^ MOOR_SIMD_EACH(byte);
    return ~(moor_simd_word_from(differs, 1) | differs) & MOOR_SIMD_TOPS;
}

/* Finds whitespace. */
static inline uint64_t moor_simd_word_blank(uint64_t word)
{
    return moor_simd_word_equal(word, ' ') | moor_simd_word_equal(word, '\t') |
           moor_simd_word_equal(word, '\n') | moor_simd_word_equal(word, '\r');
}

/* Gathers the top bits of eight bytes, and shifts them to their position in the block. */
static inline uint64_t moor_simd_word_bits(uint64_t tops, unsigned first)
{
    return ((tops >> 7) * UINT64_C(0x0102040810204080) >> 56) << first;
}

/* Classifies the 64 bytes at `at`. */
static inline void moor_simd_classify_plain(struct moor_simd_block *out, const char *at)
{
    *out = (struct moor_simd_block){0};
    for (unsigned i = 0; i < MOOR_SIMD_BLOCK; i += 8) {
        uint64_t word = moor_simd_word(at + i);
        uint64_t high = word & MOOR_SIMD_TOPS;
        uint64_t folded = word | MOOR_SIMD_EACH(0x20U); /* a bracket with this bit is a brace */
        uint64_t low = ~(moor_simd_word_from(word, 0x20) | word) & MOOR_SIMD_TOPS;
        out->quote |= moor_simd_word_bits(moor_simd_word_equal(word, '"'), i);
        out->backslash |= moor_simd_word_bits(moor_simd_word_equal(word, '\\'), i);
        out->control |= moor_simd_word_bits(low, i);
        out->high |= moor_simd_word_bits(high, i);
        out->open |= moor_simd_word_bits(moor_simd_word_equal(folded, '{'), i);
        out->close |= moor_simd_word_bits(moor_simd_word_equal(folded, '}'), i);
        out->colon |= moor_simd_word_bits(moor_simd_word_equal(word, ':'), i);
        out->brace |= moor_simd_word_bits(word << 2 & MOOR_SIMD_TOPS, i);
        out->comma |= moor_simd_word_bits(moor_simd_word_equal(word, ','), i);
        out->blank |= moor_simd_word_bits(moor_simd_word_blank(word), i);
    }
}

/* Finds the bytes of a block from `low` to `high`, which are both 0x80 or above. */
static inline uint64_t moor_simd_between_plain(const char *at, unsigned char low,
                                               unsigned char high)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SIMD_BLOCK; i += 8) {
        uint64_t word = moor_simd_word(at + i);
        uint64_t within =
            moor_simd_word_from(word, low - 0x80U) & ~moor_simd_word_from(word, high - 0x7FU);
        found |= moor_simd_word_bits(within & word & MOOR_SIMD_TOPS, i);
    }
    return found;
}

/* Returns the first byte that is not ordinary, or `end`. */
static inline const char *moor_simd_ordinary_plain(const char *at, const char *end)
{
    while (at < end && moor_simd_is_ordinary(*at)) {
        at++;
    }
    return at;
}

/* Returns the first byte that is not ordinary or is DEL, or `end`. */
static inline const char *moor_simd_visible_plain(const char *at, const char *end)
{
    while (at < end && moor_simd_is_ordinary(*at) && *at != 0x7F) {
        at++;
    }
    return at;
}

/* Returns the first byte that is not whitespace, or `end`. */
static inline const char *moor_simd_blanks_plain(const char *at, const char *end)
{
    while (at < end && moor_simd_is_blank(*at)) {
        at++;
    }
    return at;
}

/* Without lanes, the plain form is the only one. */
#if defined(MOOR_SIMD_PLAIN)

MOOR_SIMD_INLINE void moor_simd_classify(struct moor_simd_block *out, const char *at)
{
    moor_simd_classify_plain(out, at);
}

static inline uint64_t moor_simd_between(const char *at, unsigned char low, unsigned char high)
{
    return moor_simd_between_plain(at, low, high);
}

static inline const char *moor_simd_ordinary(const char *at, const char *end)
{
    return moor_simd_ordinary_plain(at, end);
}

static inline const char *moor_simd_visible(const char *at, const char *end)
{
    return moor_simd_visible_plain(at, end);
}

static inline const char *moor_simd_blanks(const char *at, const char *end)
{
    return moor_simd_blanks_plain(at, end);
}

#else

/* --- the same functions over lanes ------------------------------------------------------------ */

/* Finds tab, line feed and carriage return. */
static inline moor_simd_lane moor_simd_find_blank_control(moor_simd_lane lane)
{
    return moor_simd_or(moor_simd_equal(lane, '\t'),
                        moor_simd_or(moor_simd_equal(lane, '\n'), moor_simd_equal(lane, '\r')));
}

/* Finds whitespace. */
static inline moor_simd_lane moor_simd_find_blank(moor_simd_lane lane)
{
    return moor_simd_or(moor_simd_equal(lane, ' '), moor_simd_find_blank_control(lane));
}

/* The lanes of a block. */
struct moor_simd_lanes {
    moor_simd_lane lane[MOOR_SIMD_LANES];
};

/* Loads the 64 bytes at `at`, which need no alignment. */
static inline struct moor_simd_lanes moor_simd_load_block(const char *at)
{
    struct moor_simd_lanes block;
    MOOR_SIMD_EACH_LANE(i)
    {
        block.lane[i] = moor_simd_load(at + i * MOOR_SIMD_LANE);
    }
    return block;
}

/*
 * Finds the bytes of the block that equal `byte`.  The result starts as a copy of the block,
 * because gcc's analyzer does not see that the loop fills all lanes.
 */
static inline uint64_t moor_simd_block_equal(const struct moor_simd_lanes *block, char byte)
{
    struct moor_simd_lanes found = *block;
    MOOR_SIMD_EACH_LANE(i)
    {
        found.lane[i] = moor_simd_equal(block->lane[i], byte);
    }
    return moor_simd_gather(found.lane);
}

/* Finds the bytes of the block below `limit`, compared as signed, as moor_simd_below() does. */
static inline uint64_t moor_simd_block_below(const struct moor_simd_lanes *block, signed char limit)
{
    struct moor_simd_lanes found = *block;
    MOOR_SIMD_EACH_LANE(i)
    {
        found.lane[i] = moor_simd_below(block->lane[i], limit);
    }
    return moor_simd_gather(found.lane);
}

/* Returns whether any byte of the block is below `limit`, compared as signed. */
static inline bool moor_simd_block_has_below(const struct moor_simd_lanes *block, signed char limit)
{
    moor_simd_lane found = moor_simd_below(block->lane[0], limit);
    MOOR_SIMD_EACH_LANE(i)
    {
        found = moor_simd_or(found, moor_simd_below(block->lane[i], limit));
    }
    return moor_simd_bits(found) != 0;
}

/* Finds tab, line feed and carriage return in the block. */
static inline uint64_t moor_simd_block_blank_control(const struct moor_simd_lanes *block)
{
    struct moor_simd_lanes found = *block;
    MOOR_SIMD_EACH_LANE(i)
    {
        found.lane[i] = moor_simd_find_blank_control(block->lane[i]);
    }
    return moor_simd_gather(found.lane);
}

/* Classifies the 64 bytes at `at`. */
MOOR_SIMD_INLINE void moor_simd_classify(struct moor_simd_block *out, const char *at)
{
    const struct moor_simd_lanes block = moor_simd_load_block(at);
    struct moor_simd_lanes folded = block; /* a bracket with the bit 0x20 is a brace */
    struct moor_simd_lanes raised = block;
    MOOR_SIMD_EACH_LANE(i)
    {
        folded.lane[i] = moor_simd_or(block.lane[i], moor_simd_each(0x20));
        raised.lane[i] = moor_simd_raise(block.lane[i]);
    }
    out->quote = moor_simd_block_equal(&block, '"');
    out->backslash = moor_simd_block_equal(&block, '\\');
    out->open = moor_simd_block_equal(&folded, '{');
    out->close = moor_simd_block_equal(&folded, '}');
    out->colon = moor_simd_block_equal(&block, ':');
    out->brace = moor_simd_gather(raised.lane);
    out->comma = moor_simd_block_equal(&block, ',');
    out->control = 0;
    out->high = 0;
    out->blank = 0;
    if (moor_simd_block_has_below(&block, ' ' + 1)) { /* rare in compact JSON */
        out->high = moor_simd_gather(block.lane);
        out->control = moor_simd_block_below(&block, ' ') & ~out->high;
        out->blank = moor_simd_block_equal(&block, ' ') | moor_simd_block_blank_control(&block);
    }
}

/* Finds the bytes of a block from `low` to `high`, which are both 0x80 or above. */
static inline uint64_t moor_simd_between(const char *at, unsigned char low, unsigned char high)
{
    const struct moor_simd_lanes block = moor_simd_load_block(at);
    uint64_t below = moor_simd_block_below(&block, (signed char)low);
    return moor_simd_block_below(&block, (signed char)(high + 1)) & ~below;
}

/* Finds quotes, backslashes, control characters and bytes from 0x80, which are negative. */
static inline moor_simd_lane moor_simd_find_special(moor_simd_lane lane)
{
    moor_simd_lane ends = moor_simd_or(moor_simd_equal(lane, '"'), moor_simd_equal(lane, '\\'));
    return moor_simd_or(ends, moor_simd_below(lane, 0x20));
}

/* Finds the bytes of a lane that are not ordinary or are DEL. */
static inline uint64_t moor_simd_not_visible(const char *at)
{
    moor_simd_lane lane = moor_simd_load(at);
    return moor_simd_bits(moor_simd_or(moor_simd_find_special(lane), moor_simd_equal(lane, 0x7F)));
}

/* Returns the first byte that is not ordinary or is DEL, or `end`. */
static inline const char *moor_simd_visible(const char *at, const char *end)
{
    char padded[MOOR_SIMD_LANE];
    size_t left = (size_t)(end - at);
    if (left < MOOR_SIMD_LANE) {
        memset(padded, ' ', sizeof padded);
        memcpy(padded, at, left);
        uint64_t found = moor_simd_not_visible(padded);
        return found != 0 ? at + __builtin_ctzll(found) : end;
    }
    uint64_t found = 0;
    while (found == 0 && end - at > MOOR_SIMD_LANE) {
        found = moor_simd_not_visible(at);
        at += found == 0 ? MOOR_SIMD_LANE : 0;
    }
    if (found == 0) { /* the last lane overlaps the one before, whose bytes are visible */
        at = end - MOOR_SIMD_LANE;
        found = moor_simd_not_visible(at);
    }
    return found != 0 ? at + __builtin_ctzll(found) : end;
}

/* Returns the first byte that is not ordinary, or `end`. */
static inline const char *moor_simd_ordinary(const char *at, const char *end)
{
    for (; end - at >= MOOR_SIMD_LANE; at += MOOR_SIMD_LANE) {
        uint64_t found = moor_simd_bits(moor_simd_find_special(moor_simd_load(at)));
        if (found != 0) {
            return at + __builtin_ctzll(found);
        }
    }
    return moor_simd_ordinary_plain(at, end);
}

/* Returns the first byte that is not whitespace, or `end`.  Most calls find none to skip. */
static inline const char *moor_simd_blanks(const char *at, const char *end)
{
    if (at < end && !moor_simd_is_blank(*at)) {
        return at;
    }
    for (; end - at >= MOOR_SIMD_LANE; at += MOOR_SIMD_LANE) {
        uint64_t other =
            moor_simd_bits(moor_simd_find_blank(moor_simd_load(at))) ^ MOOR_SIMD_LANE_BITS;
        if (other != 0) {
            return at + __builtin_ctzll(other);
        }
    }
    return moor_simd_blanks_plain(at, end);
}

#endif

#endif

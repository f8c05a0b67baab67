/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan - looks at many bytes of JSON at once.
 *
 * A block is 64 bytes; what is found in it is a word with a bit for each byte, the first byte in
 * the lowest bit.  Each function stands here in plain C (`..._plain`) and, where the compiler's
 * target has it, in SSE2 (every x86-64) or NEON (every arm64); the name without a suffix is the
 * fastest form, or the plain one where MOOR_SCAN_PLAIN is defined.  The forms agree on all input.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; never reads outside the block, or past `end`.
 */
#ifndef MOOR_POLICY_BASE_SCAN_H
#define MOOR_POLICY_BASE_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(MOOR_SCAN_PLAIN)
    #define MOOR_SCAN_FORM "plain"
#elif defined(__SSE2__)
    #include <emmintrin.h>
    #define MOOR_SCAN_FORM "sse2"
#elif defined(__ARM_NEON) && defined(__aarch64__)
    #include <arm_neon.h>
    #define MOOR_SCAN_FORM "neon"
#else
    #define MOOR_SCAN_PLAIN
    #define MOOR_SCAN_FORM "plain"
#endif

#define MOOR_SCAN_BLOCK 64

struct moor_scan_block {
    uint64_t quote;       /* `"` */
    uint64_t backslash;   /* `\` */
    uint64_t control;     /* below 0x20 */
    uint64_t high;        /* 0x80 and above */
    uint64_t punctuation; /* `{` `}` `[` `]` `:` `,` */
    uint64_t blank;       /* space, tab, line feed, carriage return */
};

/* --- plain C --------------------------------------------------------------------------------- */

static inline bool moor_scan_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static inline bool moor_scan_is_punctuation(char byte)
{
    return byte == '{' || byte == '}' || byte == '[' || byte == ']' || byte == ':' || byte == ',';
}

/* Whether the byte stands for itself inside a string, and is ASCII. */
static inline bool moor_scan_is_ordinary(char byte)
{
    return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x80 && byte != '"' && byte != '\\';
}

/*
 * Eight bytes in a word, the first one lowest.  The questions below answer in the top bit of each
 * byte; no carry crosses from byte to byte, since what is added to fits into seven bits.
 */
#define MOOR_SCAN_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define MOOR_SCAN_TOPS       MOOR_SCAN_EACH(0x80U)

static inline uint64_t moor_scan_word(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

/* Seven bits at most, each at least `limit`: for limits up to 0x80. */
static inline uint64_t moor_scan_word_from(uint64_t word, unsigned limit)
{
    return ((word & ~MOOR_SCAN_TOPS) + MOOR_SCAN_EACH(0x80U - limit)) & MOOR_SCAN_TOPS;
}

static inline uint64_t moor_scan_word_equal(uint64_t word, unsigned byte)
{
    uint64_t differs = word ^ MOOR_SCAN_EACH(byte);
    return ~(moor_scan_word_from(differs, 1) | differs) & MOOR_SCAN_TOPS;
}

static inline uint64_t moor_scan_word_punctuation(uint64_t word)
{
    uint64_t folded = word | MOOR_SCAN_EACH(0x20U); /* braces differ from brackets in one bit */
    return moor_scan_word_equal(folded, '{') | moor_scan_word_equal(folded, '}') |
           moor_scan_word_equal(word, ':') | moor_scan_word_equal(word, ',');
}

static inline uint64_t moor_scan_word_blank(uint64_t word)
{
    return moor_scan_word_equal(word, ' ') | moor_scan_word_equal(word, '\t') |
           moor_scan_word_equal(word, '\n') | moor_scan_word_equal(word, '\r');
}

/* The top bits of the eight bytes side by side, in their place in a block. */
static inline uint64_t moor_scan_word_bits(uint64_t tops, unsigned first)
{
    return ((tops >> 7) * UINT64_C(0x0102040810204080) >> 56) << first;
}

static inline void moor_scan_classify_plain(struct moor_scan_block *out, const char *at)
{
    *out = (struct moor_scan_block){0};
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i += 8) {
        uint64_t word = moor_scan_word(at + i);
        uint64_t high = word & MOOR_SCAN_TOPS;
        uint64_t low = ~(moor_scan_word_from(word, 0x20) | word) & MOOR_SCAN_TOPS;
        out->quote |= moor_scan_word_bits(moor_scan_word_equal(word, '"'), i);
        out->backslash |= moor_scan_word_bits(moor_scan_word_equal(word, '\\'), i);
        out->control |= moor_scan_word_bits(low, i);
        out->high |= moor_scan_word_bits(high, i);
        out->punctuation |= moor_scan_word_bits(moor_scan_word_punctuation(word), i);
        out->blank |= moor_scan_word_bits(moor_scan_word_blank(word), i);
    }
}

/* The bytes of a block that may follow a backslash, but for `"`, `\` and `u`. */
static inline uint64_t moor_scan_escape_letters_plain(const char *at)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i += 8) {
        uint64_t word = moor_scan_word(at + i);
        found |= moor_scan_word_bits(
            moor_scan_word_equal(word, '/') | moor_scan_word_equal(word, 'b') |
                moor_scan_word_equal(word, 'f') | moor_scan_word_equal(word, 'n') |
                moor_scan_word_equal(word, 'r') | moor_scan_word_equal(word, 't'),
            i);
    }
    return found;
}

/* The bytes of a block from `low` to `high`, both 0x80 or above. */
static inline uint64_t moor_scan_between_plain(const char *at, unsigned char low,
                                               unsigned char high)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i += 8) {
        uint64_t word = moor_scan_word(at + i);
        uint64_t within =
            moor_scan_word_from(word, low - 0x80U) & ~moor_scan_word_from(word, high - 0x7FU);
        found |= moor_scan_word_bits(within & word & MOOR_SCAN_TOPS, i);
    }
    return found;
}

/* The first byte that is not ordinary, or `end`. */
static inline const char *moor_scan_ordinary_plain(const char *at, const char *end)
{
    while (at < end && moor_scan_is_ordinary(*at)) {
        at++;
    }
    return at;
}

/* The first byte that is not blank, or `end`. */
static inline const char *moor_scan_blanks_plain(const char *at, const char *end)
{
    while (at < end && moor_scan_is_blank(*at)) {
        at++;
    }
    return at;
}

#if defined(MOOR_SCAN_PLAIN)

static inline void moor_scan_classify(struct moor_scan_block *out, const char *at)
{
    moor_scan_classify_plain(out, at);
}

static inline uint64_t moor_scan_escape_letters(const char *at)
{
    return moor_scan_escape_letters_plain(at);
}

static inline uint64_t moor_scan_between(const char *at, unsigned char low, unsigned char high)
{
    return moor_scan_between_plain(at, low, high);
}

static inline const char *moor_scan_ordinary(const char *at, const char *end)
{
    return moor_scan_ordinary_plain(at, end);
}

static inline const char *moor_scan_blanks(const char *at, const char *end)
{
    return moor_scan_blanks_plain(at, end);
}

#else

    /* --- lanes of 16 bytes: the few operations that differ between SSE2 and NEON ----------------
     */

    #define MOOR_SCAN_LANE 16

    #if defined(__SSE2__)

typedef __m128i moor_scan_lane;

static inline moor_scan_lane moor_scan_load(const char *at)
{
    moor_scan_lane lane;
    memcpy(&lane, at, sizeof lane);
    return lane;
}

static inline moor_scan_lane moor_scan_equal(moor_scan_lane lane, char byte)
{
    return _mm_cmpeq_epi8(lane, _mm_set1_epi8(byte));
}

static inline moor_scan_lane moor_scan_or(moor_scan_lane left, moor_scan_lane right)
{
    return _mm_or_si128(left, right);
}

/* Signed: bytes of 0x80 and above are below zero. */
static inline moor_scan_lane moor_scan_below(moor_scan_lane lane, signed char limit)
{
    return _mm_cmplt_epi8(lane, _mm_set1_epi8(limit));
}

static inline uint64_t moor_scan_bits(moor_scan_lane lane)
{
    return (uint32_t)_mm_movemask_epi8(lane);
}

/* The bits of four lanes. */
static inline uint64_t moor_scan_gather(moor_scan_lane first, moor_scan_lane second,
                                        moor_scan_lane third, moor_scan_lane fourth)
{
    uint64_t low = moor_scan_bits(first) | moor_scan_bits(second) << 16;
    uint64_t high = moor_scan_bits(third) | moor_scan_bits(fourth) << 16;
    return low | high << 32;
}

    #else

typedef uint8x16_t moor_scan_lane;

static inline moor_scan_lane moor_scan_load(const char *at)
{
    moor_scan_lane lane;
    memcpy(&lane, at, sizeof lane);
    return lane;
}

static inline moor_scan_lane moor_scan_equal(moor_scan_lane lane, char byte)
{
    return vceqq_u8(lane, vdupq_n_u8((uint8_t)byte));
}

static inline moor_scan_lane moor_scan_or(moor_scan_lane left, moor_scan_lane right)
{
    return vorrq_u8(left, right);
}

/* Signed: bytes of 0x80 and above are below zero. */
static inline moor_scan_lane moor_scan_below(moor_scan_lane lane, signed char limit)
{
    return vcltq_s8(vreinterpretq_s8_u8(lane), vdupq_n_s8(limit));
}

/* NEON cannot gather the top bits: give each byte a bit of its own and add up neighbours. */
static inline uint8x16_t moor_scan_place(moor_scan_lane lane)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    return vandq_u8(vtstq_u8(lane, vdupq_n_u8(0x80)), vld1q_u8(places));
}

static inline uint64_t moor_scan_bits(moor_scan_lane lane)
{
    uint8x16_t placed = moor_scan_place(lane);
    uint8x16_t sums = vpaddq_u8(placed, placed);
    sums = vpaddq_u8(sums, sums);
    sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u16(vreinterpretq_u16_u8(sums), 0);
}

/* The bits of four lanes. */
static inline uint64_t moor_scan_gather(moor_scan_lane first, moor_scan_lane second,
                                        moor_scan_lane third, moor_scan_lane fourth)
{
    uint8x16_t low = vpaddq_u8(moor_scan_place(first), moor_scan_place(second));
    uint8x16_t high = vpaddq_u8(moor_scan_place(third), moor_scan_place(fourth));
    uint8x16_t sums = vpaddq_u8(low, high);
    sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sums), 0);
}

    #endif

/* --- the same functions over lanes ---------------------------------------------------------------
 */

/* Tab, line feed and carriage return. */
static inline moor_scan_lane moor_scan_find_blank_control(moor_scan_lane lane)
{
    return moor_scan_or(moor_scan_equal(lane, '\t'),
                        moor_scan_or(moor_scan_equal(lane, '\n'), moor_scan_equal(lane, '\r')));
}

static inline moor_scan_lane moor_scan_find_blank(moor_scan_lane lane)
{
    return moor_scan_or(moor_scan_equal(lane, ' '), moor_scan_find_blank_control(lane));
}

static inline moor_scan_lane moor_scan_find_punctuation(moor_scan_lane lane)
{
    /* Braces differ from brackets in one bit. */
    #if defined(__SSE2__)
    moor_scan_lane folded = moor_scan_or(lane, _mm_set1_epi8(0x20));
    #else
    moor_scan_lane folded = moor_scan_or(lane, vdupq_n_u8(0x20));
    #endif
    return moor_scan_or(moor_scan_or(moor_scan_equal(folded, '{'), moor_scan_equal(folded, '}')),
                        moor_scan_or(moor_scan_equal(lane, ':'), moor_scan_equal(lane, ',')));
}

static inline moor_scan_lane moor_scan_find_escape_letter(moor_scan_lane lane)
{
    moor_scan_lane left = moor_scan_or(moor_scan_equal(lane, '/'), moor_scan_equal(lane, 'b'));
    moor_scan_lane mid = moor_scan_or(moor_scan_equal(lane, 'f'), moor_scan_equal(lane, 'n'));
    moor_scan_lane right = moor_scan_or(moor_scan_equal(lane, 'r'), moor_scan_equal(lane, 't'));
    return moor_scan_or(moor_scan_or(left, mid), right);
}

/* A block as the four lanes that it is. */
struct moor_scan_lanes {
    moor_scan_lane first;
    moor_scan_lane second;
    moor_scan_lane third;
    moor_scan_lane fourth;
};

static inline struct moor_scan_lanes moor_scan_load_block(const char *at)
{
    return (struct moor_scan_lanes){
        moor_scan_load(at),
        moor_scan_load(at + MOOR_SCAN_LANE),
        moor_scan_load(at + (size_t)2 * MOOR_SCAN_LANE),
        moor_scan_load(at + (size_t)3 * MOOR_SCAN_LANE),
    };
}

static inline uint64_t moor_scan_block_equal(const struct moor_scan_lanes *block, char byte)
{
    return moor_scan_gather(
        moor_scan_equal(block->first, byte), moor_scan_equal(block->second, byte),
        moor_scan_equal(block->third, byte), moor_scan_equal(block->fourth, byte));
}

/* Signed, as moor_scan_below(). */
static inline uint64_t moor_scan_block_below(const struct moor_scan_lanes *block, signed char limit)
{
    return moor_scan_gather(
        moor_scan_below(block->first, limit), moor_scan_below(block->second, limit),
        moor_scan_below(block->third, limit), moor_scan_below(block->fourth, limit));
}

/* One of the questions above, asked of all four. */
static inline uint64_t moor_scan_block_find(const struct moor_scan_lanes *block,
                                            moor_scan_lane (*find)(moor_scan_lane))
{
    return moor_scan_gather(find(block->first), find(block->second), find(block->third),
                            find(block->fourth));
}

static inline void moor_scan_classify(struct moor_scan_block *out, const char *at)
{
    const struct moor_scan_lanes block = moor_scan_load_block(at);
    out->high = moor_scan_gather(block.first, block.second, block.third, block.fourth);
    out->quote = moor_scan_block_equal(&block, '"');
    out->backslash = moor_scan_block_equal(&block, '\\');
    out->control = moor_scan_block_below(&block, 0x20) & ~out->high;
    out->punctuation = moor_scan_block_find(&block, moor_scan_find_punctuation);
    out->blank = moor_scan_block_equal(&block, ' ');
    if (out->control != 0) { /* few blocks of what programs write hold other blanks */
        out->blank |= moor_scan_block_find(&block, moor_scan_find_blank_control);
    }
}

static inline uint64_t moor_scan_escape_letters(const char *at)
{
    const struct moor_scan_lanes block = moor_scan_load_block(at);
    return moor_scan_block_find(&block, moor_scan_find_escape_letter);
}

static inline uint64_t moor_scan_between(const char *at, unsigned char low, unsigned char high)
{
    const struct moor_scan_lanes block = moor_scan_load_block(at);
    uint64_t below = moor_scan_block_below(&block, (signed char)low);
    return moor_scan_block_below(&block, (signed char)(high + 1)) & ~below;
}

static inline const char *moor_scan_ordinary(const char *at, const char *end)
{
    for (; end - at >= MOOR_SCAN_LANE; at += MOOR_SCAN_LANE) {
        moor_scan_lane lane = moor_scan_load(at);
        moor_scan_lane ends = moor_scan_or(moor_scan_equal(lane, '"'), moor_scan_equal(lane, '\\'));
        uint64_t found = moor_scan_bits(moor_scan_or(ends, moor_scan_below(lane, 0x20)));
        if (found != 0) {
            return at + __builtin_ctzll(found);
        }
    }
    return moor_scan_ordinary_plain(at, end);
}

static inline const char *moor_scan_blanks(const char *at, const char *end)
{
    if (at < end && !moor_scan_is_blank(*at)) {
        return at;
    }
    for (; end - at >= MOOR_SCAN_LANE; at += MOOR_SCAN_LANE) {
        uint64_t other = moor_scan_bits(moor_scan_find_blank(moor_scan_load(at))) ^ 0xFFFFU;
        if (other != 0) {
            return at + __builtin_ctzll(other);
        }
    }
    return moor_scan_blanks_plain(at, end);
}

#endif

#endif

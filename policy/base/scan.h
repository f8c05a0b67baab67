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

static inline bool moor_scan_is_escape_letter(char byte)
{
    return byte == '/' || byte == 'b' || byte == 'f' || byte == 'n' || byte == 'r' || byte == 't';
}

/* Whether the byte stands for itself inside a string, and is ASCII. */
static inline bool moor_scan_is_ordinary(char byte)
{
    return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x80 && byte != '"' && byte != '\\';
}

static inline void moor_scan_classify_plain(struct moor_scan_block *out, const char *at)
{
    *out = (struct moor_scan_block){0};
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i++) {
        unsigned byte = (unsigned char)at[i];
        out->quote |= (uint64_t)(byte == '"') << i;
        out->backslash |= (uint64_t)(byte == '\\') << i;
        out->control |= (uint64_t)(byte < 0x20) << i;
        out->high |= (uint64_t)(byte >= 0x80) << i;
        out->punctuation |= (uint64_t)moor_scan_is_punctuation(at[i]) << i;
        out->blank |= (uint64_t)moor_scan_is_blank(at[i]) << i;
    }
}

/* The bytes of a block that may follow a backslash, but for `"`, `\` and `u`. */
static inline uint64_t moor_scan_escape_letters_plain(const char *at)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i++) {
        found |= (uint64_t)moor_scan_is_escape_letter(at[i]) << i;
    }
    return found;
}

/* The bytes of a block from `low` to `high`, both 0x80 or above. */
static inline uint64_t moor_scan_between_plain(const char *at, unsigned char low,
                                               unsigned char high)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i++) {
        unsigned byte = (unsigned char)at[i];
        found |= (uint64_t)(low <= byte && byte <= high) << i;
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
static inline uint64_t moor_scan_bits(moor_scan_lane lane)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t placed = vandq_u8(vtstq_u8(lane, vdupq_n_u8(0x80)), vld1q_u8(places));
    uint8x16_t sums = vpaddq_u8(placed, placed);
    sums = vpaddq_u8(sums, sums);
    sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u16(vreinterpretq_u16_u8(sums), 0);
}

    #endif

/* --- the same functions over lanes ---------------------------------------------------------------
 */

static inline moor_scan_lane moor_scan_find_blank(moor_scan_lane lane)
{
    return moor_scan_or(moor_scan_or(moor_scan_equal(lane, ' '), moor_scan_equal(lane, '\t')),
                        moor_scan_or(moor_scan_equal(lane, '\n'), moor_scan_equal(lane, '\r')));
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

static inline void moor_scan_classify(struct moor_scan_block *out, const char *at)
{
    struct moor_scan_block found = {0};
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i += MOOR_SCAN_LANE) {
        moor_scan_lane lane = moor_scan_load(at + i);
        uint64_t high = moor_scan_bits(lane);
        found.high |= high << i;
        found.quote |= moor_scan_bits(moor_scan_equal(lane, '"')) << i;
        found.backslash |= moor_scan_bits(moor_scan_equal(lane, '\\')) << i;
        found.control |= (moor_scan_bits(moor_scan_below(lane, 0x20)) & ~high) << i;
        found.punctuation |= moor_scan_bits(moor_scan_find_punctuation(lane)) << i;
        found.blank |= moor_scan_bits(moor_scan_find_blank(lane)) << i;
    }
    *out = found;
}

static inline uint64_t moor_scan_escape_letters(const char *at)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i += MOOR_SCAN_LANE) {
        moor_scan_lane lane = moor_scan_load(at + i);
        moor_scan_lane left = moor_scan_or(moor_scan_equal(lane, '/'), moor_scan_equal(lane, 'b'));
        moor_scan_lane mid = moor_scan_or(moor_scan_equal(lane, 'f'), moor_scan_equal(lane, 'n'));
        moor_scan_lane right = moor_scan_or(moor_scan_equal(lane, 'r'), moor_scan_equal(lane, 't'));
        found |= moor_scan_bits(moor_scan_or(moor_scan_or(left, mid), right)) << i;
    }
    return found;
}

static inline uint64_t moor_scan_between(const char *at, unsigned char low, unsigned char high)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SCAN_BLOCK; i += MOOR_SCAN_LANE) {
        moor_scan_lane lane = moor_scan_load(at + i);
        uint64_t below = moor_scan_bits(moor_scan_below(lane, (signed char)low));
        uint64_t within = moor_scan_bits(moor_scan_below(lane, (signed char)(high + 1)));
        found |= (within & ~below) << i;
    }
    return found;
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

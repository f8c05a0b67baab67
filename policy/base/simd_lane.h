/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simd_lane - the few operations on many bytes at once that differ between processors, for simd.h.
 *
 * A lane has 16 bytes with SSE2 (every x86-64) or NEON (every arm64), and 32 bytes with AVX2.  A
 * source file selects AVX2 by defining MOOR_SIMD_WIDE, as policy/json/pass_wide.c does.  Other
 * processors have no lanes, and this header then defines MOOR_SIMD_PLAIN.  A source file may define
 * MOOR_SIMD_PLAIN itself to get the plain form.
 *
 * The result of a test is a lane with the top bit set in each byte that passes.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_SIMD_LANE_H
#define MOOR_POLICY_BASE_SIMD_LANE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(MOOR_SIMD_PLAIN)
    #define MOOR_SIMD_FORM "plain"
#elif defined(MOOR_SIMD_WIDE)
    #include <immintrin.h>
    #define MOOR_SIMD_FORM "avx2"
    #define MOOR_SIMD_LANE 32
#elif defined(__SSE2__)
    #include <emmintrin.h>
    #define MOOR_SIMD_FORM "sse2"
    #define MOOR_SIMD_LANE 16
#elif defined(__ARM_NEON) && defined(__AARCH64EL__)
    #include <arm_neon.h>
    #define MOOR_SIMD_FORM "neon"
    #define MOOR_SIMD_LANE 16
#else
    #define MOOR_SIMD_PLAIN
    #define MOOR_SIMD_FORM "plain"
#endif

#if !defined(MOOR_SIMD_PLAIN)

    #define MOOR_SIMD_LANES     (64 / MOOR_SIMD_LANE) /* number of lanes in a block */
    #define MOOR_SIMD_LANE_BITS (UINT64_MAX >> (64 - MOOR_SIMD_LANE))

    /* The loop is unrolled to keep the lanes in registers; clang unrolls it by itself. */
    #if defined(__clang__)
        #define MOOR_SIMD_EACH_LANE(i) for (size_t i = 0; (i) < MOOR_SIMD_LANES; (i)++)
    #else
        #define MOOR_SIMD_EACH_LANE(i) \
            _Pragma("GCC unroll 4") for (size_t i = 0; (i) < MOOR_SIMD_LANES; (i)++)
    #endif

    #if defined(MOOR_SIMD_WIDE)
typedef __m256i moor_simd_lane;
    #elif defined(__SSE2__)
typedef __m128i moor_simd_lane;
    #else
typedef uint8x16_t moor_simd_lane;
    #endif

/* Loads a lane; memcpy() because the bytes are not aligned. */
static inline moor_simd_lane moor_simd_load(const char *at)
{
    moor_simd_lane lane;
    memcpy(&lane, at, sizeof lane);
    return lane;
}

    #if defined(MOOR_SIMD_WIDE)

/* Returns a lane with this byte at every position. */
static inline moor_simd_lane moor_simd_each(char byte)
{
    return _mm256_set1_epi8(byte);
}

/* Finds the bytes that equal `byte`. */
static inline moor_simd_lane moor_simd_equal(moor_simd_lane lane, char byte)
{
    return _mm256_cmpeq_epi8(lane, moor_simd_each(byte));
}

/* Combines two lanes bit by bit. */
static inline moor_simd_lane moor_simd_or(moor_simd_lane left, moor_simd_lane right)
{
    return _mm256_or_si256(left, right);
}

/* Moves the bit 0x20 of each byte to the top bit. */
static inline moor_simd_lane moor_simd_raise(moor_simd_lane lane)
{
    return _mm256_slli_epi16(lane, 2);
}

/* Finds bytes below `limit`, compared as signed: bytes from 0x80 are negative. */
static inline moor_simd_lane moor_simd_below(moor_simd_lane lane, signed char limit)
{
    return _mm256_cmpgt_epi8(moor_simd_each((char)limit), lane);
}

/* Gathers the top bit of each byte of a lane. */
static inline uint64_t moor_simd_bits(moor_simd_lane lane)
{
    return (uint32_t)_mm256_movemask_epi8(lane);
}

/* Gathers the top bit of each byte of a block. */
static inline uint64_t moor_simd_gather(const moor_simd_lane *lanes)
{
    return moor_simd_bits(lanes[0]) | moor_simd_bits(lanes[1]) << 32;
}

    #elif defined(__SSE2__)

static inline moor_simd_lane moor_simd_each(char byte)
{
    return _mm_set1_epi8(byte);
}

static inline moor_simd_lane moor_simd_equal(moor_simd_lane lane, char byte)
{
    return _mm_cmpeq_epi8(lane, moor_simd_each(byte));
}

static inline moor_simd_lane moor_simd_or(moor_simd_lane left, moor_simd_lane right)
{
    return _mm_or_si128(left, right);
}

static inline moor_simd_lane moor_simd_raise(moor_simd_lane lane)
{
    return _mm_slli_epi16(lane, 2);
}

static inline moor_simd_lane moor_simd_below(moor_simd_lane lane, signed char limit)
{
    return _mm_cmplt_epi8(lane, moor_simd_each((char)limit));
}

static inline uint64_t moor_simd_bits(moor_simd_lane lane)
{
    return (uint32_t)_mm_movemask_epi8(lane);
}

static inline uint64_t moor_simd_gather(const moor_simd_lane *lanes)
{
    uint64_t low = moor_simd_bits(lanes[0]) | moor_simd_bits(lanes[1]) << 16;
    uint64_t high = moor_simd_bits(lanes[2]) | moor_simd_bits(lanes[3]) << 16;
    return low | high << 32;
}

    #else

static inline moor_simd_lane moor_simd_each(char byte)
{
    return vdupq_n_u8((uint8_t)byte);
}

static inline moor_simd_lane moor_simd_equal(moor_simd_lane lane, char byte)
{
    return vceqq_u8(lane, moor_simd_each(byte));
}

static inline moor_simd_lane moor_simd_or(moor_simd_lane left, moor_simd_lane right)
{
    return vorrq_u8(left, right);
}

static inline moor_simd_lane moor_simd_raise(moor_simd_lane lane)
{
    return vshlq_n_u8(lane, 2);
}

static inline moor_simd_lane moor_simd_below(moor_simd_lane lane, signed char limit)
{
    return vcltq_s8(vreinterpretq_s8_u8(lane), vdupq_n_s8(limit));
}

/* NEON cannot gather the top bits.  Each byte gets a bit of its own; sums then combine them. */
static inline uint8x16_t moor_simd_place(moor_simd_lane lane)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    return vandq_u8(vtstq_u8(lane, vdupq_n_u8(0x80)), vld1q_u8(places));
}

static inline uint64_t moor_simd_bits(moor_simd_lane lane)
{
    uint8x16_t placed = moor_simd_place(lane);
    uint8x16_t sums = vpaddq_u8(placed, placed);
    sums = vpaddq_u8(sums, sums);
    sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u16(vreinterpretq_u16_u8(sums), 0);
}

static inline uint64_t moor_simd_gather(const moor_simd_lane *lanes)
{
    uint8x16_t low = vpaddq_u8(moor_simd_place(lanes[0]), moor_simd_place(lanes[1]));
    uint8x16_t high = vpaddq_u8(moor_simd_place(lanes[2]), moor_simd_place(lanes[3]));
    uint8x16_t sums = vpaddq_u8(low, high);
    sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sums), 0);
}

    #endif

#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_random - what the comparisons with jansson on random documents share.
 */
#ifndef MOOR_TESTS_UNIT_JSON_RANDOM_H
#define MOOR_TESTS_UNIT_JSON_RANDOM_H

#include "tests/unit/test.h"

#include <jansson.h>

#include "policy/base/array_size.h"
#include "policy/json/reader.h"

#define DOCUMENTS (is_short() ? 2500 : 25000)
#define FLAGS     (JSON_ALLOW_NUL | JSON_DECODE_ANY)

static uint64_t seed;

/* xorshift: the same documents on every machine. */
static inline uint32_t next_random(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 24) % below;
}

#define PICK(list) (list)[next_random(MOOR_ARRAY_SIZE(list))]

static inline bool is_skipped(struct moor_slice text)
{
    static struct moor_json_reader reader;
    moor_json_reader_init(&reader, text);
    return moor_json_skip(&reader, NULL) == 0;
}

#endif

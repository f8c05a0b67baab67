/* SPDX-License-Identifier: Apache-2.0 */
/* Every form of the scanner that this machine can run, on the same bytes. */
#include "tests/unit/test.h"

#include "policy/base/simd.h"
#include "policy/json/form.h"

#include <stdlib.h>

#define ROUNDS 20000

static uint64_t seed = 20261121;

/* xorshift: the same bytes on every machine. */
static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Bytes among which those that matter to JSON are frequent, and all others come up. */
static char random_byte(void)
{
    static const char special[] = "\"\\{}[]:, \t\r\n/bfnrtu\x1F\x7F\x80\xBF\xC2\xDF\xE0";
    uint64_t random = next_random() >> 20;
    return random % 2 == 0 ? special[(random >> 1) % (sizeof special - 1)] : (char)(random >> 8);
}

/* Classifies a block byte by byte, to compare with. */
static void classify_bytes(struct moor_simd_block *out, const char *at)
{
    *out = (struct moor_simd_block){0};
    for (unsigned i = 0; i < MOOR_SIMD_BLOCK; i++) {
        unsigned byte = (unsigned char)at[i];
        out->quote |= (uint64_t)(byte == '"') << i;
        out->backslash |= (uint64_t)(byte == '\\') << i;
        out->control |= (uint64_t)(byte < 0x20) << i;
        out->high |= (uint64_t)(byte >= 0x80) << i;
        out->open |= (uint64_t)(byte == '{' || byte == '[') << i;
        out->close |= (uint64_t)(byte == '}' || byte == ']') << i;
        out->colon |= (uint64_t)(byte == ':') << i;
        out->brace |= (uint64_t)((byte & 0x20) != 0) << i;
        out->comma |= (uint64_t)(byte == ',') << i;
        out->blank |= (uint64_t)moor_simd_is_blank(at[i]) << i;
    }
}

static void assert_between(const char *at, unsigned char low, unsigned char high)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < MOOR_SIMD_BLOCK; i++) {
        unsigned byte = (unsigned char)at[i];
        found |= (uint64_t)(low <= byte && byte <= high) << i;
    }
    const struct moor_json_form *form = NULL;
    for (size_t i = 0; (form = moor_json_form_at(i)) != NULL; i++) {
        assert_true(form->between(at, low, high) == found);
    }
}

static void assert_blocks_equal(const char *at)
{
    struct moor_simd_block bytes;
    classify_bytes(&bytes, at);
    const struct moor_json_form *form = NULL;
    for (size_t i = 0; (form = moor_json_form_at(i)) != NULL; i++) {
        struct moor_simd_block block;
        form->classify(&block, at);
        assert_memory_equal(&block, &bytes, sizeof bytes);
    }
    assert_between(at, 0x80, 0xBF);
    assert_between(at, 0xC2, 0xDF);
    assert_between(at, 0x80, 0xFF);
}

static void block__every_byte_at_every_place__forms_agree(void **state)
{
    (void)state;
    char *block = malloc(MOOR_SIMD_BLOCK);
    assert_non_null(block);
    for (unsigned place = 0; place < MOOR_SIMD_BLOCK; place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            memset(block, 'a', MOOR_SIMD_BLOCK);
            block[place] = (char)byte;
            assert_blocks_equal(block);
        }
    }
    free(block);
}

static void block__random_bytes_at_every_alignment__forms_agree(void **state)
{
    (void)state;
    char bytes[MOOR_SIMD_BLOCK * 2];
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < sizeof bytes; i++) {
            bytes[i] = random_byte();
        }
        assert_blocks_equal(bytes + round % MOOR_SIMD_BLOCK);
    }
}

static void block__one_of_each__bits_in_their_places(void **state)
{
    (void)state;
    static const char bytes[] = "\"\\\x01\x80{}[]:, \n\"";
    char padded[MOOR_SIMD_BLOCK];
    memset(padded, 'a', sizeof padded);
    memcpy(padded, bytes, sizeof bytes - 1);
    padded[63] = '"';
    const struct moor_json_form *form = NULL;
    for (size_t i = 0; (form = moor_json_form_at(i)) != NULL; i++) {
        struct moor_simd_block block;
        form->classify(&block, padded);
        assert_true(block.quote == (UINT64_C(1) << 63 | 0x1001U));
        assert_true(block.backslash == 0x02U);
        assert_true(block.control == 0x804U);
        assert_true(block.high == 0x08U);
        assert_true(block.open == 0x50U);
        assert_true(block.close == 0xA0U);
        assert_true(block.colon == 0x100U);
        assert_true(block.comma == 0x200U);
        assert_true(block.blank == 0xC00U);
    }
}

/* `len` bytes up to the end of their memory, the one at `stop` being the first of another kind. */
static void assert_stops(size_t len, size_t stop)
{
    char *memory = malloc(len + 1);
    assert_non_null(memory);
    char *at = memory + 1;
    memset(at, 'a', len);
    char special = "\"\\\x1F\x80\xFF"[(len + stop) % 5];
    memset(at + stop, special, stop < len ? 1 : 0);
    assert_ptr_equal(moor_simd_ordinary(at, at + len), at + stop);
    assert_ptr_equal(moor_simd_ordinary_plain(at, at + len), at + stop);
    assert_ptr_equal(moor_simd_visible(at, at + len), at + stop);
    assert_ptr_equal(moor_simd_visible_plain(at, at + len), at + stop);
    for (size_t i = 0; i < len; i++) {
        at[i] = " \t\r\n"[(len + i) % 4];
    }
    char other = "{\x0B\x0C\x08\xA0"[(len + stop) % 5];
    memset(at + stop, other, stop < len ? 1 : 0);
    assert_ptr_equal(moor_simd_blanks(at, at + len), at + stop);
    assert_ptr_equal(moor_simd_blanks_plain(at, at + len), at + stop);
    free(memory);
}

static void runs__every_length_and_alignment__forms_agree(void **state)
{
    (void)state;
    for (size_t len = 0; len < 150; len++) {
        for (size_t stop = 0; stop <= len; stop++) {
            assert_stops(len, stop);
        }
    }
}

static void runs__every_byte__forms_agree(void **state)
{
    (void)state;
    char bytes[32];
    for (unsigned byte = 0; byte < 256; byte++) {
        memset(bytes, 'a', sizeof bytes);
        bytes[17] = (char)byte;
        assert_ptr_equal(moor_simd_ordinary(bytes, bytes + 32),
                         moor_simd_ordinary_plain(bytes, bytes + 32));
        assert_ptr_equal(moor_simd_visible(bytes, bytes + 32),
                         moor_simd_visible_plain(bytes, bytes + 32));
        assert_ptr_equal(moor_simd_visible(bytes, bytes + 32),
                         byte == 0x7F ? bytes + 17 : moor_simd_ordinary(bytes, bytes + 32));
        memset(bytes, ' ', sizeof bytes);
        bytes[17] = (char)byte;
        assert_ptr_equal(moor_simd_blanks(bytes, bytes + 32),
                         moor_simd_blanks_plain(bytes, bytes + 32));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block__every_byte_at_every_place__forms_agree),
        cmocka_unit_test(block__random_bytes_at_every_alignment__forms_agree),
        cmocka_unit_test(block__one_of_each__bits_in_their_places),
        cmocka_unit_test(runs__every_length_and_alignment__forms_agree),
        cmocka_unit_test(runs__every_byte__forms_agree),
    };
    const struct moor_json_form *form = NULL;
    for (size_t i = 0; (form = moor_json_form_at(i)) != NULL; i++) {
        print_message("# %s\n", form->name);
    }
    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}

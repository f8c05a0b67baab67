/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON writer against jansson: it reads back the same strings, on random bytes.
 */
#include "tests/unit/forms.h"
#include "tests/unit/json_random.h"

#include "policy/base/buf.h"
#include "policy/base/utf8.h"
#include "policy/json/writer.h"

static size_t random_bytes(char *out, size_t max)
{
    static const char *const pieces[] = {"a",
                                         "\"",
                                         "\\",
                                         "\n",
                                         "\x01",
                                         "\x1F",
                                         "\x7F",
                                         "\xC3\xA9",
                                         "\xE2\x80\xA8",
                                         "\xE2\x80\xA9",
                                         "\xF0\x9F\x98\x80",
                                         "\xED\x9F\xBF",
                                         "plain text"};
    size_t len = 0;
    uint32_t count = next_random(20);
    for (uint32_t i = 0; i < count; i++) {
        const char *piece = PICK(pieces);
        size_t piece_len = strlen(piece);
        if (len + piece_len < max) {
            memcpy(out + len, piece, piece_len);
            len += piece_len;
        }
    }
    if (next_random(4) == 0) {
        out[len++] = '\0';
    }
    return len;
}

static json_t *write_and_load(struct moor_buf *out, struct moor_slice text)
{
    struct moor_json_writer writer;
    moor_buf_clear(out);
    moor_json_writer_init(&writer, out);
    moor_json_array_begin(&writer);
    moor_json_string(&writer, text);
    moor_json_array_end(&writer);
    assert_int_equal(moor_buf_check(out, NULL), 0);
    json_error_t error;
    json_t *loaded = json_loadb(out->ptr, out->len, FLAGS, &error);
    if (loaded == NULL) {
        print_error("%s: %.*s\n", error.text, MOOR_SLICE_ARGS(moor_buf_slice(out)));
    }
    assert_non_null(loaded);
    assert_true(is_skipped(moor_buf_slice(out)));
    return loaded;
}

static void writer__valid_utf8__the_same_string_in_jansson(void **state)
{
    (void)state;
    seed = 31337;
    struct moor_buf out;
    moor_buf_init(&out, 100000);
    for (int i = 0; i < DOCUMENTS; i++) {
        char bytes[256];
        size_t len = random_bytes(bytes, sizeof bytes - 1);
        json_t *loaded = write_and_load(&out, (struct moor_slice){bytes, len});
        json_t *text = json_array_get(loaded, 0);
        assert_int_equal(json_string_length(text), len);
        assert_memory_equal(json_string_value(text), bytes, len);
        json_decref(loaded);
    }
    moor_buf_release(&out);
}

/* Valid UTF-8 is kept and each invalid byte becomes U+FFFD; nothing else changes. */
static void writer__any_bytes__valid_json_with_replacements(void **state)
{
    (void)state;
    seed = 271828;
    struct moor_buf out;
    struct moor_buf expected;
    moor_buf_init(&out, 100000);
    moor_buf_init(&expected, 100000);
    for (int i = 0; i < DOCUMENTS; i++) {
        char bytes[256];
        size_t len = random_bytes(bytes, sizeof bytes - 1);
        for (uint32_t broken = next_random(6); broken > 0 && len > 0; broken--) {
            bytes[next_random((uint32_t)len)] = (char)(0x80 + next_random(0x80));
        }
        moor_buf_clear(&expected);
        for (size_t at = 0; at < len;) {
            size_t length = moor_utf8_length(bytes + at, bytes + len);
            moor_buf_append(&expected, length == 0 ? MOOR_SLICE("\xEF\xBF\xBD")
                                                   : (struct moor_slice){bytes + at, length});
            at += length == 0 ? 1 : length;
        }
        json_t *loaded = write_and_load(&out, (struct moor_slice){bytes, len});
        json_t *text = json_array_get(loaded, 0);
        assert_int_equal(json_string_length(text), expected.len);
        if (expected.len > 0) {
            assert_memory_equal(json_string_value(text), expected.ptr, expected.len);
        }
        json_decref(loaded);
    }
    moor_buf_release(&out);
    moor_buf_release(&expected);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer__valid_utf8__the_same_string_in_jansson),
        cmocka_unit_test(writer__any_bytes__valid_json_with_replacements),
    };
    return run_in_each_form("json_writer_differential", tests, MOOR_ARRAY_SIZE(tests));
}

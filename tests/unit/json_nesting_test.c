/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader keeps the kinds of its levels in words of 64 bits, and the fast pass the innermost
 * ones in a register: what is skipped and what is read event by event must agree at every depth.
 */
#include "tests/unit/forms.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/json/reader.h"

#define DEPTHS   300
#define ROUNDS   400
#define TEXT_MAX ((size_t)64 * 1024)
#define SEED     UINT64_C(0x9E3779B97F4A7C15)

static uint64_t random_state = SEED;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state >> 16;
}

/* A walk up and down between depth 1 and DEPTHS: brackets of both kinds. */
static void make_text(struct moor_buf *out, size_t steps)
{
    char ends[DEPTHS] = {0};
    size_t depth = 0;
    moor_buf_clear(out);
    for (size_t i = 0; i < steps || depth > 0; i++) {
        bool rises = i < steps && depth < DEPTHS && (depth == 0 || next_random() % 9 < 5);
        char last = out->len > 0 ? out->ptr[out->len - 1] : '[';
        if (!rises) {
            moor_buf_append_byte(out, ends[--depth]);
            i = depth == 0 ? steps : i;
            continue;
        }
        moor_buf_append_text(out, last == '[' || last == '{' ? "" : ",");
        moor_buf_append_text(out, depth > 0 && ends[depth - 1] == '}' ? "\"k\":" : "");
        bool is_array = next_random() % 2 == 0;
        moor_buf_append_byte(out, is_array ? '[' : '{');
        ends[depth++] = is_array ? ']' : '}';
    }
}

static bool skips(struct moor_slice text)
{
    static struct moor_json_reader reader;
    moor_json_reader_init(&reader, text);
    return moor_json_skip(&reader, NULL) == 0;
}

static bool reads(struct moor_slice text)
{
    static struct moor_json_reader reader;
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_NULL;
    moor_json_reader_init(&reader, text);
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        event = moor_json_next(&reader, &token);
    }
    return event == MOOR_JSON_END;
}

/* Reads down to `depth` by events, and passes over the rest of each level on the way back. */
static bool reads_and_skips(struct moor_slice text, size_t depth)
{
    static struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, text);
    while (reader.depth < depth) {
        enum moor_json_event event = moor_json_next(&reader, &token);
        if (event == MOOR_JSON_END || event == MOOR_JSON_ERROR) {
            return event == MOOR_JSON_END;
        }
    }
    while (reader.depth > 0) {
        if (moor_json_skip_rest(&reader) != 0) {
            return false;
        }
    }
    return moor_json_next(&reader, &token) == MOOR_JSON_END;
}

static void skip__any_nesting__accepted(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, TEXT_MAX);
    for (size_t round = 0; round < ROUNDS; round++) {
        make_text(&text, 50 + next_random() % 2000);
        assert_true(reads(moor_buf_slice(&text)));
        assert_true(skips(moor_buf_slice(&text)));
        assert_true(reads_and_skips(moor_buf_slice(&text), 1 + next_random() % DEPTHS));
    }
    moor_buf_release(&text);
}

static void skip__a_bracket_of_the_other_kind__refused_by_all(void **state)
{
    (void)state;
    struct moor_buf text;
    moor_buf_init(&text, TEXT_MAX);
    for (size_t round = 0; round < ROUNDS; round++) {
        make_text(&text, 50 + next_random() % 2000);
        size_t at = next_random() % text.len;
        while (strchr("[]{}", text.ptr[at]) == NULL) {
            at = (at + 1) % text.len;
        }
        text.ptr[at] = (char)(text.ptr[at] ^ ('[' ^ '{')); /* `]` and `}` differ as much */
        assert_false(reads(moor_buf_slice(&text)));
        assert_false(skips(moor_buf_slice(&text)));
        assert_false(reads_and_skips(moor_buf_slice(&text), 1 + next_random() % DEPTHS));
    }
    moor_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skip__any_nesting__accepted),
        cmocka_unit_test(skip__a_bracket_of_the_other_kind__refused_by_all),
    };
    return run_in_each_form("json_nesting", tests, MOOR_ARRAY_SIZE(tests));
}

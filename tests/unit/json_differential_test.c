/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON reader against jansson, on documents made and damaged by a seeded generator: the same
 * texts are accepted, with the same values, but for the differences proved one by one.
 */
#include "tests/unit/forms.h"
#include "tests/unit/json_random.h"

#include "policy/base/buf.h"

#define GENERATED_MAX 12 /* levels of a generated document */
#define JANSSON_DEPTH 2048

/* --- documents ------------------------------------------------------------------------------- */

static void append_string(struct moor_buf *out, bool is_name)
{
    static const char *const pieces[] = {
        "a",
        "bc",
        "image",
        " ",
        "nginx:1.25@sha256:",
        "{}[],:",
        "\\\"",
        "\\\\",
        "\\/",
        "\\n",
        "\\t\\r\\b\\f",
        "\\u0041",
        "\\u00e9",
        "\\uFFFF",
        "\\ud83d\\ude00",
        "\x7F",
        "\xC3\xA9",
        "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80",
        "\xED\x9F\xBF",
        "0123456789abcdef0123456789abcdef",
        "\\\\\\\\\\\"",
    };
    moor_buf_append_byte(out, '"');
    uint32_t count = next_random(8) == 0 ? next_random(60) : next_random(6);
    for (uint32_t i = 0; i < count; i++) {
        moor_buf_append_text(out, PICK(pieces));
    }
    if (!is_name && next_random(20) == 0) {
        moor_buf_append_text(out, "\\u0000");
    }
    moor_buf_append_byte(out, '"');
}

static void append_blanks(struct moor_buf *out)
{
    static const char *const blanks[] = {
        "", "", "", "", "", " ", "\n    ", "\t", "\r\n", "                                  "};
    moor_buf_append_text(out, PICK(blanks));
}

static void append_scalar(struct moor_buf *out)
{
    static const char *const scalars[] = {
        "0",
        "-0",
        "1",
        "-12",
        "9223372036854775807",
        "-9223372036854775808",
        "0.5",
        "-1.25e3",
        "1e10",
        "1E-5",
        "1e-400",
        "123456789.125",
        "true",
        "false",
        "null",
        "0e0",
        "1.0",
        "2E+2",
    };
    if (next_random(2) == 0) {
        append_string(out, false);
        return;
    }
    moor_buf_append_text(out, PICK(scalars));
}

/* A document without a stack of calls: `levels` remembers what is open. */
static void generate(struct moor_buf *out)
{
    char levels[GENERATED_MAX];
    size_t depth = 0;
    uint32_t members = 0;
    uint32_t budget = 1 + next_random(40);
    do {
        append_blanks(out);
        if (depth > 0 && levels[depth - 1] == '}') {
            append_string(out, true);
            /* jansson keeps the last of duplicate names: these are all different. */
            out->len--;
            moor_buf_printf(out, "%u\"", members++);
            append_blanks(out);
            moor_buf_append_byte(out, ':');
            append_blanks(out);
        }
        bool opens = depth < GENERATED_MAX && budget > 1 && (depth == 0 || next_random(3) == 0);
        if (opens) {
            bool is_array = next_random(2) == 0;
            moor_buf_append_byte(out, is_array ? '[' : '{');
            levels[depth++] = is_array ? ']' : '}';
        } else {
            append_scalar(out);
        }
        budget -= budget > 0;
        bool just_opened = opens && next_random(5) != 0;
        while (depth > 0 && !just_opened && (budget == 0 || next_random(4) == 0 || opens)) {
            opens = false;
            append_blanks(out);
            moor_buf_append_byte(out, levels[--depth]);
        }
        if (depth > 0 && !just_opened) {
            append_blanks(out);
            moor_buf_append_byte(out, ',');
        }
    } while (depth > 0);
    append_blanks(out);
}

static void damage(struct moor_buf *text)
{
    static const char bytes[] = "\"\\{}[],: \n\t0123456789-+.eEtrufalsn\x01\x1F\x7F\x80\xC2\xE0\xED"
                                "\xF0\xF4\xFFud8c";
    uint32_t times = 1 + next_random(3);
    for (uint32_t i = 0; i < times && text->len > 0; i++) {
        size_t at = next_random((uint32_t)text->len);
        switch (next_random(4)) {
        case 0:
            text->ptr[at] = bytes[next_random(sizeof bytes - 1)];
            break;
        case 1: /* take a byte out */
            memmove(text->ptr + at, text->ptr + at + 1, text->len - at - 1);
            text->len--;
            break;
        case 2: /* put a byte in */
            moor_buf_append_byte(text, ' ');
            memmove(text->ptr + at + 1, text->ptr + at, text->len - at - 1);
            text->ptr[at] = bytes[next_random(sizeof bytes - 1)];
            break;
        default: /* cut off */
            text->len = next_random(8) == 0 ? at : text->len;
            break;
        }
    }
}

/* --- the reader's events as a jansson tree --------------------------------------------------- */

struct builder {
    struct moor_arena arena;
    json_t *root;
    json_t *open[JANSSON_DEPTH + 1];
    size_t depth;
    struct moor_slice name;
};

static json_t *scalar_of(struct builder *builder, enum moor_json_event event,
                         const struct moor_json_token *token)
{
    struct moor_slice text;
    switch (event) {
    case MOOR_JSON_STRING:
        assert_int_equal(moor_json_token_text(token, &builder->arena, &text, NULL), 0);
        return json_stringn(text.ptr, text.len);
    case MOOR_JSON_NUMBER:
        return json_loadb(token->raw.ptr, token->raw.len, FLAGS, NULL);
    case MOOR_JSON_TRUE:
        return json_true();
    case MOOR_JSON_FALSE:
        return json_false();
    case MOOR_JSON_NULL:
        return json_null();
    case MOOR_JSON_ARRAY_BEGIN:
        return json_array();
    default:
        return json_object();
    }
}

static void place(struct builder *builder, json_t *value)
{
    assert_non_null(value);
    if (builder->depth == 0) {
        builder->root = value;
        return;
    }
    json_t *parent = builder->open[builder->depth - 1];
    int result = json_is_array(parent)
                     ? json_array_append_new(parent, value)
                     : json_object_setn_new(parent, builder->name.ptr, builder->name.len, value);
    assert_int_equal(result, 0);
}

static void add_event(struct builder *builder, enum moor_json_event event,
                      const struct moor_json_token *token)
{
    if (event == MOOR_JSON_OBJECT_END || event == MOOR_JSON_ARRAY_END) {
        builder->depth--;
        return;
    }
    if (event == MOOR_JSON_KEY) {
        assert_int_equal(moor_json_token_text(token, &builder->arena, &builder->name, NULL), 0);
        return;
    }
    json_t *value = scalar_of(builder, event, token);
    place(builder, value);
    if (event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN) {
        builder->open[builder->depth++] = value;
    }
}

/* NULL where the reader refuses. */
static json_t *build(struct builder *builder, struct moor_slice text)
{
    static struct moor_json_reader reader;
    struct moor_json_token token;
    builder->root = NULL;
    builder->depth = 0;
    moor_arena_reset(&builder->arena);
    moor_json_reader_init(&reader, text);
    enum moor_json_event event = moor_json_next(&reader, &token);
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        add_event(builder, event, &token);
        event = moor_json_next(&reader, &token);
    }
    if (event == MOOR_JSON_END) {
        return builder->root;
    }
    json_decref(builder->root);
    return NULL;
}

/* --- the comparison -------------------------------------------------------------------------- */

/* Whether jansson refuses the text for a reason that the reader does not share. */
static bool is_known_difference(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);
    return code == json_error_null_byte_in_key || code == json_error_numeric_overflow ||
           code == json_error_stack_overflow;
}

static void assert_same(struct builder *builder, struct moor_slice text, size_t *accepted)
{
    json_error_t error;
    json_t *theirs = json_loadb(text.ptr, text.len, FLAGS, &error);
    bool known = theirs == NULL && is_known_difference(&error);
    bool skipped = is_skipped(text);
    json_t *ours = known ? NULL : build(builder, text);
    bool same = known || ((theirs != NULL) == (ours != NULL) && skipped == (ours != NULL) &&
                          (ours == NULL || json_equal(ours, theirs)));
    if (!same) {
        print_error("jansson %s (%s), events %s, skip %s: %.*s\n", theirs ? "accepts" : "refuses",
                    theirs ? "" : error.text, ours ? "accept" : "refuse",
                    skipped ? "accepts" : "refuses", MOOR_SLICE_ARGS(text));
    }
    *accepted += ours != NULL;
    json_decref(ours);
    json_decref(theirs);
    assert_true(same);
}

static void run_documents(bool damaged, size_t *accepted)
{
    static struct builder builder;
    moor_arena_init(&builder.arena, (size_t)1024 * 1024);
    struct moor_buf text;
    moor_buf_init(&text, (size_t)1024 * 1024);
    for (int i = 0; i < DOCUMENTS; i++) {
        moor_buf_clear(&text);
        generate(&text);
        if (damaged) {
            damage(&text);
        }
        assert_int_equal(moor_buf_check(&text, NULL), 0);
        /* Of exactly its size, so that a read past the end shows. */
        char *copy = malloc(text.len > 0 ? text.len : 1);
        assert_non_null(copy);
        memcpy(copy, text.ptr, text.len);
        assert_same(&builder, (struct moor_slice){copy, text.len}, accepted);
        free(copy);
    }
    moor_buf_release(&text);
    moor_arena_release(&builder.arena);
}

static void generated__whole__accepted_with_the_same_values(void **state)
{
    (void)state;
    seed = 20261121;
    size_t accepted = 0;
    run_documents(false, &accepted);
    assert_int_equal(accepted, DOCUMENTS);
}

static void generated__damaged__accepted_or_refused_alike(void **state)
{
    (void)state;
    seed = 4711;
    size_t accepted = 0;
    run_documents(true, &accepted);
    /* Both accepted and refused documents must be frequent. */
    assert_in_range(accepted, DOCUMENTS / 10, DOCUMENTS * 9 / 10);
}

/* --- the differences ------------------------------------------------------------------------- */

struct difference {
    const char *name;
    const char *text;
    enum json_error_code jansson; /* why it refuses the text */
};

static const struct difference differences[] = {
    {"difference__nul_in_name__accepted", "{\"a\\u0000b\":1}", json_error_null_byte_in_key},
    {"difference__integer_over_64_bits__accepted", "[18446744073709552000]",
     json_error_numeric_overflow},
    {"difference__integer_below_64_bits__accepted", "[-9223372036854775809]",
     json_error_numeric_overflow},
    {"difference__real_over_double__accepted", "[1e400]", json_error_numeric_overflow},
};

static void difference__row(void **state)
{
    const struct difference *row = *state;
    json_error_t error;
    assert_null(json_loads(row->text, FLAGS, &error));
    assert_int_equal(json_error_code(&error), row->jansson);
    assert_true(is_skipped(moor_slice_from(row->text)));
}

static void difference__depth_over_2048__accepted(void **state)
{
    (void)state;
    static char text[2 * (JANSSON_DEPTH + 1)];
    memset(text, '[', sizeof text / 2);
    memset(text + sizeof text / 2, ']', sizeof text / 2);
    json_error_t error;
    assert_null(json_loadb(text, sizeof text, FLAGS, &error));
    assert_int_equal(json_error_code(&error), json_error_stack_overflow);
    assert_true(is_skipped((struct moor_slice){text, sizeof text}));
    json_t *one_less = json_loadb(text + 1, sizeof text - 2, FLAGS, &error);
    assert_non_null(one_less);
    json_decref(one_less);
}

/* jansson accepts a NUL byte after a number; therefore the generator writes no NUL bytes. */
static void difference__nul_byte_after_number__refused(void **state)
{
    (void)state;
    static const char text[] = "[1\0]";
    json_error_t error;
    json_t *theirs = json_loadb(text, sizeof text - 1, FLAGS, &error);
    assert_non_null(theirs);
    json_decref(theirs);
    assert_false(is_skipped((struct moor_slice){text, sizeof text - 1}));
}

/* The reader gives both members; jansson keeps the last, or refuses them if a flag is set. */
static void difference__duplicate_names__both_given(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":1,\"a\":2}";
    json_error_t error;
    assert_null(json_loads(text, FLAGS | JSON_REJECT_DUPLICATES, &error));
    assert_int_equal(json_error_code(&error), json_error_duplicate_key);
    static struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, moor_slice_from(text));
    int names = 0;
    enum moor_json_event event = MOOR_JSON_NULL;
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        event = moor_json_next(&reader, &token);
        names += event == MOOR_JSON_KEY && moor_json_token_is(&token, MOOR_SLICE("a"));
    }
    assert_int_equal(event, MOOR_JSON_END);
    assert_int_equal(names, 2);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(generated__whole__accepted_with_the_same_values),
        cmocka_unit_test(generated__damaged__accepted_or_refused_alike),
        cmocka_unit_test(difference__depth_over_2048__accepted),
        cmocka_unit_test(difference__nul_byte_after_number__refused),
        cmocka_unit_test(difference__duplicate_names__both_given),
    };
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(others) + MOOR_ARRAY_SIZE(differences)];
    memcpy(tests, others, sizeof others);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(differences); i++) {
        tests[MOOR_ARRAY_SIZE(others) + i] =
            test_of_row(differences[i].name, difference__row, &differences[i]);
    }
    return run_in_each_form("json_differential", tests, MOOR_ARRAY_SIZE(tests));
}

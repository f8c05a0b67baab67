/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/check/suppressions.h"
#include "policy/base/array_size.h"
#include "policy/json/writer.h"

/* --- comments --------------------------------------------------------------------------------- */

struct comment_row {
    const char *name;
    const char *text;
    uint32_t line;      /* line of the finding */
    const char *reason; /* NULL: no comment applies */
    uint32_t column;    /* position of the comment */
    struct moor_span span;
};

/* A span without numbers is none. */
static const struct comment_row comment_rows[] = {
    {"on_the_line", "a: b # tagmoor: ignore x", 1, "x", 6, {0}},
    {"on_the_line_above", "# tagmoor: ignore x\na: b", 2, "x", 1, {0}},
    {"indented", "\n  \t# tagmoor: ignore x\na: b\n", 3, "x", 4, {0}},
    {"two_lines_above", "# tagmoor: ignore x\n\na: b", 3, NULL, 0, {0}},
    {"first_of_a_block", "# tagmoor: ignore x\n# y\n  #\na: b", 4, "x", 1, {0}},
    {"last_of_a_block", "# y\n# tagmoor: ignore x\na: b", 3, "x", 1, {0}},
    {"nearest_of_a_block", "# tagmoor: ignore x\n# tagmoor: ignore y\na: b", 3, "y", 1, {0}},
    {"line_before_the_block", "# tagmoor: ignore x\n# y\na: b", 2, NULL, 0, {0}},
    {"blank_line_in_a_block", "# tagmoor: ignore x\n# y\n\n# z\na: b", 5, NULL, 0, {0}},
    {"line_of_text_in_a_block", "# tagmoor: ignore x\nc: d\n# z\na: b", 4, NULL, 0, {0}},
    {"on_the_line_and_above", "# tagmoor: ignore x\na: b # tagmoor: ignore y", 2, "y", 6, {0}},
    {"alone_on_the_findings_line", "# tagmoor: ignore x", 1, NULL, 0, {0}},
    {"end_of_the_line_above", "a: b # tagmoor: ignore x\nc: d", 2, NULL, 0, {0}},
    {"below", "a: b\n# tagmoor: ignore x", 1, NULL, 0, {0}},
    {"no_blanks", "a #tagmoor:ignore x", 1, "x", 3, {0}},
    {"more_blanks", "a \t#  tagmoor: \t ignore \t x  y \t", 1, "x  y", 4, {0}},
    {"carriage_return", "a: b # tagmoor: ignore x\r\n", 1, "x", 6, {0}},
    {"no_reason", "a: b # tagmoor: ignore", 1, "", 6, {0}},
    {"blank_reason", "a: b # tagmoor: ignore \t\r\n", 1, "", 6, {0}},
    {"no_blank_before_the_hash", "a: b# tagmoor: ignore x", 1, NULL, 0, {0}},
    {"no_hash", "a: tagmoor: ignore x", 1, NULL, 0, {0}},
    {"other_word", "a # tagmoor: ignored x", 1, NULL, 0, {0}},
    {"no_word", "a # tagmoor:", 1, NULL, 0, {0}},
    {"other_case", "a # Tagmoor: ignore x", 1, NULL, 0, {0}},
    {"behind_another_comment", "a # b # tagmoor: ignore x", 1, "x", 7, {0}},
    {"first_of_two",
     "a # tagmoor: ignore x # tagmoor: ignore y",
     1,
     "x # tagmoor: ignore y",
     3,
     {0}},
    {"in_quotes_before_another",
     "\"a # tagmoor: ignore x\" # tagmoor: ignore y",
     1,
     "y",
     25,
     {1, 1, 1, 24, false}},
    {"columns_are_characters", "\xc3\xa4: \xe2\x82\xac # tagmoor: ignore x", 1, "x", 6, {0}},
    {"byte_order_mark", "\xEF\xBB\xBF# tagmoor: ignore x\na", 2, "x", 1, {0}},
    {"in_a_block", "a: |\n  # tagmoor: ignore x\nb: c", 3, NULL, 0, {1, 4, 3, 1, true}},
    {"block_ends_before_it", "a: |\n  b\n# tagmoor: ignore x\nb: c", 4, "x", 1, {1, 4, 3, 1, true}},
    {"in_the_findings_own_block",
     "a: |\n  # tagmoor: ignore x\n  b: c\n",
     3,
     "x",
     3,
     {1, 4, 4, 1, true}},
    {"last_line_of_the_block", "a: |\n  # tagmoor: ignore x\n", 3, NULL, 0, {1, 4, 3, 1, true}},
    {"beside_a_block", "a: >- # tagmoor: ignore x\n  b", 1, "x", 7, {1, 4, 3, 1, true}},
    {"first_line_in_quotes", "a: \"b # tagmoor: ignore x\n  c\"", 1, NULL, 0, {1, 4, 2, 5, false}},
    {"no_line", "# tagmoor: ignore x", 0, NULL, 0, {0}},
};

static void find__comment_row__reason_and_position(void **state)
{
    const struct comment_row *row = *state;
    struct moor_ignore_comments comments = {0};
    struct moor_spans spans = {0};
    if (row->span.line > 0) {
        moor_spans_add(&spans, &row->span);
    }
    moor_ignore_comments_read(&comments, moor_slice_from(row->text));
    const struct moor_ignore_comment *found =
        moor_ignore_comments_find(&comments, &spans, row->line);
    assert_int_equal(found != NULL, row->reason != NULL);
    if (found != NULL && row->reason != NULL) {
        assert_slice_equal(found->reason, row->reason);
        assert_int_equal(found->column, row->column);
    }
    moor_ignore_comments_release(&comments);
    moor_spans_release(&spans);
}

/* Comments in a block scalar, of which each finding after it must not look at all. */
static void find__more_than_the_limit_for_a_line__the_last_ones(void **state)
{
    (void)state;
    struct moor_buf text;
    struct moor_ignore_comments comments = {0};
    struct moor_spans spans = {0};
    uint32_t last = MOOR_IGNORE_COMMENTS_BLOCK + 1;
    moor_buf_init(&text, 1 << 16);
    for (uint32_t i = 0; i < last; i++) {
        moor_buf_append_text(&text, "# tagmoor: ignore x\n");
    }
    moor_ignore_comments_read(&comments, moor_buf_slice(&text));
    assert_int_equal(moor_ignore_comments_find(&comments, &spans, last + 1)->line, last);
    moor_spans_add(&spans, &(struct moor_span){2, 1, last + 1, 1, false});
    assert_null(moor_ignore_comments_find(&comments, &spans, last + 1));
    spans.items[0].line = 3;
    assert_int_equal(moor_ignore_comments_find(&comments, &spans, last + 1)->line, 2);
    moor_ignore_comments_release(&comments);
    moor_spans_release(&spans);
    moor_buf_release(&text);
}

static void find__dockerfile__only_whole_lines(void **state)
{
    (void)state;
    struct moor_ignore_comments comments = {0};
    moor_ignore_comments_read(
        &comments, MOOR_SLICE("FROM a # tagmoor: ignore x\n# tagmoor: ignore y\nFROM b"));
    assert_null(moor_ignore_comments_find(&comments, NULL, 1));
    assert_non_null(moor_ignore_comments_find(&comments, NULL, 3));
    moor_ignore_comments_read(&comments, MOOR_SLICE("FROM a"));
    assert_null(moor_ignore_comments_find(&comments, NULL, 3));
    moor_ignore_comments_release(&comments);
}

/* --- annotations ------------------------------------------------------------------------------ */

#define NOTE(reason) "{\"metadata\":{\"annotations\":{\"tagmoor.dev/ignore\":" reason "}}"

struct annotation_row {
    const char *name;
    const char *json;
    const char *at;     /* the finding is at this text */
    const char *reason; /* NULL: no annotation applies */
};

static const struct annotation_row annotation_rows[] = {
    {"of_the_object", NOTE("\"x\"") ",\"spec\":[1]}", "1", "x"},
    {"behind_its_spec",
     "{\"spec\":1,\"metadata\":{\"annotations\":{\"tagmoor.dev/ignore\":\"x\"}}}", "1", "x"},
    {"of_a_template", "{\"spec\":{\"template\":" NOTE("\"x\"") ",\"spec\":1}}}", "1", "x"},
    {"of_another_template", "{\"a\":" NOTE("\"x\"") "},\"b\":{\"spec\":1}}", "1", NULL},
    {"of_the_object_too", NOTE("\"x\"") ",\"a\":" NOTE("\"y\"") ",\"spec\":1}}", "1", "y"},
    {"in_a_list", "{\"a\":[" NOTE("\"x\"") ",\"spec\":1}," NOTE("\"y\"") ",\"spec\":2}]}", "2",
     "y"},
    {"escapes", NOTE("\"\\u0078\\n\"") ",\"spec\":1}", "1", "x\n"},
    {"leading_blanks", NOTE("\" \\t x\"") ",\"spec\":1}", "1", "x"},
    {"empty", NOTE("\"\"") ",\"spec\":1}", "1", ""},
    {"blank", NOTE("\" \\n\"") ",\"spec\":1}", "1", ""},
    {"no_string", NOTE("true") ",\"spec\":1}", "1", ""},
    {"a_mapping", NOTE("{\"tagmoor.dev/ignore\":\"y\"}") ",\"spec\":1}", "1", ""},
    {"a_label", "{\"metadata\":{\"labels\":{\"tagmoor.dev/ignore\":\"x\"}},\"spec\":1}", "1", NULL},
    {"annotations_elsewhere", "{\"annotations\":{\"tagmoor.dev/ignore\":\"x\"},\"spec\":1}", "1",
     NULL},
    {"annotations_below_metadata",
     "{\"metadata\":{\"a\":{\"annotations\":{\"tagmoor.dev/ignore\":\"x\"}}},\"spec\":1}", "1",
     NULL},
    {"another_domain",
     "{\"metadata\":{\"annotations\":{\"tagmoor.dev/ignored\":\"x\"}},\"spec\":1}", "1", NULL},
    {"no_object", "[\"tagmoor.dev/ignore\",1]", "1", NULL},
};

static void find__annotation_row__reason(void **state)
{
    const struct annotation_row *row = *state;
    struct moor_ignore_annotations annotations;
    struct moor_error err = {0};
    moor_ignore_annotations_init(&annotations);
    assert_int_equal(moor_ignore_annotations_read(&annotations, moor_slice_from(row->json), &err),
                     0);
    const struct moor_ignore_annotation *found = moor_ignore_annotations_find(
        &annotations, (size_t)(strstr(row->json, row->at) - row->json));
    assert_int_equal(found != NULL, row->reason != NULL);
    if (found != NULL && row->reason != NULL) {
        assert_slice_equal(found->reason, row->reason);
    }
    moor_ignore_annotations_release(&annotations);
}

static void read__more_annotations_than_the_limit__error(void **state)
{
    (void)state;
    struct moor_ignore_annotations annotations;
    struct moor_buf json;
    struct moor_error err = {0};
    moor_ignore_annotations_init(&annotations);
    moor_buf_init(&json, (size_t)64 * 1024);
    for (size_t count = 0; count <= MOOR_IGNORE_ANNOTATIONS_MAX + 1; count++) {
        moor_buf_clear(&json);
        moor_buf_append_byte(&json, '[');
        for (size_t i = 0; i < count; i++) {
            moor_buf_append_text(&json, i > 0 ? "," : "");
            moor_buf_append_text(&json, NOTE("\"x\"") "}");
        }
        moor_buf_append_byte(&json, ']');
        int expected = count > MOOR_IGNORE_ANNOTATIONS_MAX ? -1 : 0;
        assert_int_equal(moor_ignore_annotations_read(&annotations, moor_buf_slice(&json), &err),
                         expected);
    }
    assert_non_null(strstr(err.text, "use one for the whole object"));
    moor_buf_release(&json);
    moor_ignore_annotations_release(&annotations);
}

int main(void)
{
    enum {
        COMMENTS = MOOR_ARRAY_SIZE(comment_rows),
        ANNOTATIONS = MOOR_ARRAY_SIZE(annotation_rows)
    };

    static char names[COMMENTS + ANNOTATIONS][96];
    struct CMUnitTest tests[COMMENTS + ANNOTATIONS + 3] = {
        [COMMENTS + ANNOTATIONS] =
            cmocka_unit_test(find__more_than_the_limit_for_a_line__the_last_ones),
        cmocka_unit_test(find__dockerfile__only_whole_lines),
        cmocka_unit_test(read__more_annotations_than_the_limit__error),
    };
    for (size_t i = 0; i < COMMENTS; i++) {
        (void)snprintf(names[i], sizeof names[i], "find_comment__%s__reason", comment_rows[i].name);
        tests[i] = test_of_row(names[i], find__comment_row__reason_and_position, &comment_rows[i]);
    }
    for (size_t i = 0; i < ANNOTATIONS; i++) {
        char *name = names[COMMENTS + i];
        (void)snprintf(name, sizeof names[0], "find_annotation__%s__reason",
                       annotation_rows[i].name);
        tests[COMMENTS + i] = test_of_row(name, find__annotation_row__reason, &annotation_rows[i]);
    }
    return cmocka_run_group_tests_name("suppressions", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/dockerfile.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"

/* A Dockerfile, and the images it builds from: `offset image stage` a line, `?` where unknown. */
struct row {
    const char *name;
    const char *text;
    const char *froms;
};

static const struct row rows[] = {
    {"empty", "", ""},
    {"one", "FROM nginx\n", "5 nginx -\n"},
    {"without_line_end", "FROM nginx", "5 nginx -\n"},
    {"lower_case_and_blanks", "  from \t nginx  \r\n", "9 nginx -\n"},
    {"platform_and_stage", "FROM --platform=linux/amd64 a:1 AS b\n", "28 a:1 b\n"},
    {"stage_is_no_image", "FROM a AS b\nFROM B as c\nFROM c\n", "5 a b\n"},
    {"stage_of_a_later_from_is_an_image", "FROM b\nFROM a AS b\n", "5 b -\n12 a b\n"},
    {"scratch", "FROM scratch\nFROM scratch:1\n", "18 scratch:1 -\n"},
    {"continuation", "FROM \\\n\n # comment\n nginx \\ \n AS x\n", "20 nginx x\n"},
    {"continuation_inside_of_a_word", "FROM ngi\\\nnx\n", "5 nginx -\n"},
    {"escape_directive", "# escape=`\nFROM `\n  a\nRUN c:\\\nFROM b\n", "20 a -\n35 b -\n"},
    {"escape_directive_too_late", "FROM a\n# escape=`\nRUN x `\nFROM b\n", "5 a -\n31 b -\n"},
    {"argument", "ARG V=1.2\nFROM a:$V\nFROM a:${V}-x\n", "15 a:1.2 -\n25 a:1.2-x -\n"},
    {"argument_in_quotes", "ARG A='a:1' B=\"b:2\"\nFROM $A\nFROM $B\n", "25 a:1 -\n33 b:2 -\n"},
    {"argument_of_argument", "ARG V=1\nARG I=a:$V\nFROM $I\n", "24 a:1 -\n"},
    {"argument_last_one_holds", "ARG V=1\nARG V=2\nFROM a:$V\n", "21 a:2 -\n"},
    {"argument_without_default", "ARG V\nFROM a:$V\n", "11 ? -\n"},
    {"argument_of_nobody", "FROM $V\n", "5 ? -\n"},
    {"argument_after_from", "FROM a\nARG V=1\nFROM b:$V\n", "5 a -\n20 ? -\n"},
    {"default_in_place", "ARG V\nFROM a:${V:-3}\nFROM a:${W-4}\nFROM a${X:+:5}\n",
     "11 a:3 -\n26 a:4 -\n40 a -\n"},
    {"default_in_default", "FROM ${A:-${B:-c}}\n", "5 c -\n"},
    {"here_document", "RUN <<EOF\nFROM x\nEOF\nFROM a\n", "26 a -\n"},
    {"here_documents_quoted_with_tabs", "COPY <<-\"A\" <<'B' /x\nFROM y\n\tA\nFROM z\nB\nFROM a\n",
     "45 a -\n"},
    {"here_document_without_end", "RUN <<EOF\nFROM x\n", "15 x -\n"},
    {"no_here_document", "RUN a << EOF\nRUN b<<EOF\nRUN c <<<EOF\nFROM a\nEOF\n", "42 a -\n"},
    {"comments", "#FROM x\n  # FROM y\nFROM a # b\n", "24 a -\n"},
    {"mark_at_the_start",
     "\xEF\xBB\xBF"
     "FROM a\n",
     "8 a -\n"},
    {"from_without_image", "FROM\nFROM --platform=x\nFROM a\n", "28 a -\n"},
    {"fromage", "FROMAGE a\n", ""},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct moor_arena arena;
    struct moor_dockerfile found;
    struct moor_buf said;
    moor_arena_init(&arena, (size_t)1024 * 1024);
    moor_buf_init(&said, 4096);
    assert_int_equal(moor_dockerfile_read(&found, moor_slice_from(row->text), &arena, NULL), 0);
    for (size_t i = 0; i < found.count; i++) {
        const struct moor_dockerfile_from *from = &found.froms[i];
        moor_buf_printf(&said, "%zu ", from->offset);
        moor_buf_append(&said, from->is_known ? from->image : MOOR_SLICE("?"));
        moor_buf_append_byte(&said, ' ');
        moor_buf_append(&said, from->stage.len > 0 ? from->stage : MOOR_SLICE("-"));
        moor_buf_append_byte(&said, '\n');
    }
    assert_slice_equal(moor_buf_slice(&said), row->froms);
    moor_buf_release(&said);
    moor_arena_release(&arena);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, test_row, &rows[i]);
    }
    return cmocka_run_group_tests_name("dockerfile", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/dockerfile/dockerfile.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"

/*
 * A Dockerfile, and the images that it names: `offset image stage where` a line, `?` for an unknown
 * image, `{}` for a template, and no `where` for FROM.  `! offset text` is the first error.
 */
struct row {
    const char *name;
    const char *text;
    const char *images;
};

#define FROM_WORDS "FROM must have an image, or an image, AS and the name of a stage\n"

static const struct row rows[] = {
    {"empty", "", ""},
    {"one", "FROM nginx\n", "5 nginx -\n"},
    {"without_line_end", "FROM nginx", "5 nginx -\n"},
    {"lower_case_and_blanks", "  from \t nginx  \r\n", "9 nginx -\n"},
    {"no_break_space_before_from",
     "\xC2\xA0"
     "FROM a\n",
     "7 a -\n"},
    {"platform_and_stage", "FROM --platform=linux/amd64 a:1 AS b\n", "28 a:1 b\n"},
    {"stage_is_no_image", "FROM a AS b\nFROM B as c\nFROM c\n", "5 a b\n"},
    {"stage_of_a_later_from_is_an_image", "FROM b\nFROM a AS b\n", "5 b -\n12 a b\n"},
    {"scratch", "FROM scratch\nFROM scratch:1\nFROM SCRATCH\n", "18 scratch:1 -\n33 SCRATCH -\n"},
    {"quotes_in_from", "FROM \"a\":'1' AS b\n", "5 a:1 b\n"},
    {"escape_in_from", "FROM a\\:1\n", "5 a:1 -\n"},
    {"comments", "#FROM x\n  # FROM y\nFROM a\n", "24 a -\n"},
    {"mark_at_the_start",
     "\xEF\xBB\xBF"
     "FROM a\n",
     "8 a -\n"},
    {"fromage", "FROMAGE a\n", ""},
    /* Malformed files. */
    {"from_without_image", "FROM\nFROM --platform=x\nFROM a\n", "28 a -\n! 0 " FROM_WORDS},
    {"comment_behind_from", "FROM a # b\n", "5 a -\n! 0 " FROM_WORDS},
    {"image_in_two_words", "FROM \"a b\"\n", "! 0 " FROM_WORDS},
    {"empty_image", "ARG V=\nFROM \"\"\nFROM $V\n", "! 12 FROM names no image\n"},
    {"stage_with_a_tag", "FROM a AS b:1\nFROM b:1\n",
     "5 a -\n19 b:1 -\n! 10 the name of a stage must begin with a letter and contain only letters, "
     "digits, '-', '_' and '.'\n"},
    {"stage_number_that_is_absent", "FROM a\nCOPY --from=1 /a /b\n",
     "5 a -\n! 19 the file has no stage 1\n"},
    {"escape_of_another_kind", "# escape=x\nFROM a\n",
     "16 a -\n! 0 the escape must be a backslash or a backquote\n"},
    {"escape_twice", "# escape=`\n# escape=`\nFROM a\n",
     "27 a -\n! 11 the directive 'escape' appears twice\n"},
    {"quote_without_its_end", "FROM \"a\n", "! 5 a quote (\") without its end\n"},
    {"variable_without_its_end", "FROM ${A\n", "! 5 unsupported operator in '${A...}'\n"},
    {"variable_without_a_name", "FROM ${}\n", "! 5 bad substitution: '${' without a name\n"},
    {"variable_in_words_without_its_end", "FROM ${A:-b\n", "! 5 a variable has no closing '}'\n"},
    {"mount_with_a_quote", "FROM a\nRUN --mount=x\\\"y,from=b c\n",
     "5 a -\n! 11 misplaced quote in '--mount'\n"},
    {"trigger_from", "FROM a\nONBUILD FROM b\n", "5 a -\n! 7 FROM is not allowed after ONBUILD\n"},
    /* Continued lines. */
    {"continuation", "FROM \\\n\n # comment\n nginx \\ \n AS x\n", "20 nginx x\n"},
    {"continuation_inside_of_a_word", "FROM ngi\\\nnx\n", "5 nginx -\n"},
    {"continuation_with_blanks_at_its_start", "FROM ngi\\\n  nx\n", "5 ngi -\n! 0 " FROM_WORDS},
    {"continuation_of_the_name", "FR\\\n# no\nOM a\n", "12 a -\n"},
    {"continuation_at_the_end", "FROM a\\", "5 a -\n"},
    {"two_escapes_do_not_continue", "RUN a \\\\\nFROM b\n", "14 b -\n"},
    {"escape_directive", "# escape=`\nFROM `\n  a\nRUN c:\\\nFROM b\n", "20 a -\n35 b -\n"},
    {"escape_directive_among_others", "# syntax=s:1\n  # ESCAPE = `\nFROM `\n  a\n",
     "9 s:1 - # syntax\n37 a -\n"},
    {"escape_directive_too_late", "FROM a\n# escape=`\nRUN x `\nFROM b\n", "5 a -\n31 b -\n"},
    {"escape_directive_after_a_comment", "# comment\n# escape=`\nFROM a\\\nb\n", "26 ab -\n"},
    /* The frontend. */
    {"syntax", "# syntax=docker/dockerfile:1 key=1\nFROM a\n",
     "9 docker/dockerfile:1 - # syntax\n40 a -\n"},
    {"syntax_after_an_interpreter", "#!/usr/bin/a\n#syntax = s\nFROM a\n",
     "23 s - # syntax\n30 a -\n"},
    {"syntax_indented_is_a_comment", " # syntax=s\nFROM a\n", "17 a -\n"},
    {"syntax_too_late", "# a\n# syntax=s\nFROM a\n", "20 a -\n"},
    {"syntax_with_slashes", "// syntax=s\n", "10 s - # syntax\n"},
    /* Arguments. */
    {"argument", "ARG V=1.2\nFROM a:$V\nFROM a:${V}-x\n", "15 a:1.2 -\n25 a:1.2-x -\n"},
    {"argument_in_quotes", "ARG A='a:1' B=\"b:2\"\nFROM $A\nFROM $B\n", "25 a:1 -\n33 b:2 -\n"},
    {"argument_in_single_quotes_is_not_expanded", "ARG V=1\nARG A='a:$V'\nFROM $A\n",
     "26 a:$V -\n"},
    {"argument_of_argument", "ARG V=1\nARG I=a:$V\nFROM $I\n", "24 a:1 -\n"},
    {"argument_last_one_holds", "ARG V=1\nARG V=2\nFROM a:$V\n", "21 a:2 -\n"},
    {"argument_again_without_default", "ARG V=1\nARG V\nFROM a:$V\n", "19 a:1 -\n"},
    {"argument_without_default", "ARG V\nFROM a:$V\n", "11 ? -\n"},
    {"argument_of_nobody", "FROM $V\n", "5 ? -\n"},
    {"argument_after_from", "FROM a\nARG V=1\nFROM b:$V\n", "5 a -\n20 ? -\n"},
    {"argument_of_the_platform", "FROM a-$TARGETARCH\nFROM a:${TARGETARCH:-1}\n",
     "5 ? -\n24 ? -\n"},
    {"argument_of_the_platform_that_is_never_empty",
     "FROM a${TARGETARCH:+:1}\nFROM a${TARGETVARIANT:+:1}\n", "5 a:1 -\n29 ? -\n"},
    {"argument_of_the_platform_with_a_value", "ARG TARGETARCH=x\nFROM a-$TARGETARCH\n",
     "22 a-x -\n"},
    {"default_in_place", "ARG V\nFROM a:${V:-3}\nFROM a:${W-4}\nFROM a${X:+:5}\n",
     "11 a:3 -\n26 a:4 -\n40 a -\n"},
    {"default_in_default", "FROM ${A:-${B:-c}}\n", "5 c -\n"},
    {"default_in_quotes", "FROM ${A:-'c'}${B:-\"d\"}\n", "5 cd -\n"},
    {"default_not_used", "ARG A=b\nFROM ${A:-$C}\n", "13 b -\n"},
    {"empty_value", "ARG V=\nFROM a${V:-b}\nFROM a${V-b}\nFROM a${V:+b}\nFROM a${V+b}\n",
     "12 ab -\n26 a -\n39 a -\n53 ab -\n"},
    {"demanded_value", "ARG V=1\nFROM a:${V:?no}\nFROM a:${W:?no}\n", "13 a:1 -\n29 ? -\n"},
    {"prefix_and_suffix",
     "ARG V=a-b-c\nFROM x:${V#*-}\nFROM x:${V##*-}\nFROM x:${V%-*}\nFROM "
     "x:${V%%-*}\n",
     "17 x:b-c -\n32 x:c -\n48 x:a-b -\n63 x:a -\n"},
    {"replacement", "ARG V=1.2.3\nFROM x:${V/./_}\nFROM x:${V//./_}\nFROM x:${V//?/}y\n",
     "17 x:1_2.3 -\n33 x:1_2_3 -\n50 x:y -\n"},
    {"parameters_of_a_shell_are_empty", "FROM a$$b$1\nFROM c$\n", "5 ab -\n17 c$ -\n"},
    {"unsupported_operator", "ARG V=1\nFROM a:${V:=2}\n",
     "! 13 unsupported operator in '${V:...}'\n"},
    /* COPY, RUN, ONBUILD. */
    {"copy_from_image", "FROM a AS b\nCOPY --chown=1 --from=c:1 /x /y\nADD --from=d /x /y\n",
     "5 a b\n34 c:1 b COPY --from\n55 d b COPY --from\n"},
    {"copy_from_stages",
     "FROM a AS b\nCOPY --from=B . .\nCOPY --from=c . .\nCOPY --from=1 . .\n"
     "FROM d AS C\n",
     "5 a b\n71 d C\n"},
    {"copy_in_quotes", "FROM a\nCOPY --from=\"b:1\" . .\n", "5 a -\n20 b:1 - COPY --from\n"},
    {"copy_after_the_flags", "FROM a\nCOPY -- --from=b .\nCOPY x --from=c .\n", "5 a -\n"},
    {"copy_from_variable", "ARG V=1\nFROM a\nCOPY --from=b:$V . .\n",
     "13 a -\n27 ? - COPY --from\n"},
    {"copy_from_scratch", "FROM a\nCOPY --from=scratch . .\n", "5 a -\n"},
    {"mount", "FROM a AS b\nRUN --mount=type=bind,from=c:1,target=/c --mount=from=b true\n",
     "5 a b\n39 c:1 b RUN --mount\n"},
    {"mount_of_a_number_is_an_image", "FROM a\nRUN --mount=from=0 true\n",
     "5 a -\n24 0 - RUN --mount\n"},
    {"mount_in_quotes", "FROM a\nRUN --mount=\"type=bind,FROM=b:1\" true\n",
     "5 a -\n35 b:1 - RUN --mount\n"},
    {"mount_in_an_open_quote", "FROM a\nRUN --mount=\"from=b:1 \\\n# no\n",
     "5 a -\n25 b:1 - RUN --mount\n"},
    {"mount_on_a_continued_line",
     "FROM a\nRUN --mount=type=bind \\\n  --mount=from=b:1 \\\n true\n",
     "5 a -\n46 b:1 - RUN --mount\n"},
    {"trigger", "FROM a\nONBUILD COPY --from=b:1 . .\nONBUILD RUN --mount=from=c:1 d\n",
     "5 a -\n27 b:1 - ONBUILD COPY --from\n60 c:1 - ONBUILD RUN --mount\n"},
    {"trigger_has_the_usual_escape", "# escape=`\nONBUILD COPY --from=b\\:1 . .\n",
     "31 b:1 - ONBUILD COPY --from\n"},
    {"trigger_of_a_later_build",
     "FROM a\nONBUILD COPY --from=build . .\nONBUILD COPY --from=7 . .\n",
     "5 a -\n27 ? - ONBUILD COPY --from\n57 ? - ONBUILD COPY --from\n"},
    /* Here-documents. */
    {"here_document", "RUN <<EOF\nFROM x\nEOF\nFROM a\n", "26 a -\n"},
    {"here_documents_quoted", "COPY <<\"A\" <<'B' /x\nFROM y\nA\nFROM z\nB\nFROM a\n", "43 a -\n"},
    {"here_document_with_tabs", "RUN <<-A\nFROM x\n\t\tA\nFROM a\n", "25 a -\n"},
    {"here_document_whose_end_has_tabs", "RUN <<A\nFROM x\n\tA\nA\nFROM a\n", "25 a -\n"},
    {"here_document_after_blanks", "RUN a << EOF\nFROM x\nEOF\nFROM b\n", "29 b -\n"},
    {"here_document_with_a_number", "RUN a 3<<EOF\nFROM x\nEOF\nFROM b\n", "29 b -\n"},
    {"here_document_of_a_trigger", "ONBUILD RUN <<EOF\nFROM x\nEOF\nFROM b\n", "34 b -\n"},
    {"here_document_with_an_escape", "RUN <<\\EOF\nFROM x\nEOF\nFROM b\n", "27 b -\n"},
    {"here_document_without_end", "FROM a\nRUN <<EOF\nFROM x\n",
     "5 a -\n! 7 a here-document of this instruction has no end\n"},
    {"no_here_document", "RUN b<<EOF\nRUN c <<<EOF\nENV a <<EOF\nFROM a\n", "41 a -\n"},
    {"no_here_document_in_json", "RUN [\"a\", \"<<EOF\"]\nFROM a\n", "24 a -\n"},
    {"no_here_document_beside_an_open_quote", "RUN it's <<EOF\nFROM a\n", "20 a -\n"},
    /* Templates. */
    {"template", "FROM {{ .image }}:1 AS b\nFROM a:{{ .tag }}\nFROM b\nCOPY --from={{ .c }} . .\n",
     "5 {} b\n30 {} -\n62 {} - COPY --from\n"},
    {"template_in_an_argument", "ARG V={{.v}}\nFROM a:$V\n", "18 {} -\n"},
    {"template_of_other_languages", "FROM <%= image %>\nFROM {% if a %}b{% endif %}\n",
     "5 {} -\n23 {} -\n"},
    {"template_in_a_command", "FROM a\nRUN docker inspect -f '{{.Id}}'\n", "5 a -\n"},
};

static const char *text_of(const struct moor_dockerfile_image *image)
{
    return image->state == MOOR_DOCKERFILE_UNKNOWN ? "?" : "{}";
}

static void append_image(struct moor_buf *said, const struct moor_dockerfile_image *image)
{
    moor_buf_printf(said, "%zu ", image->offset);
    moor_buf_append(said, image->state == MOOR_DOCKERFILE_KNOWN ? image->image
                                                                : moor_slice_from(text_of(image)));
    moor_buf_append_byte(said, ' ');
    moor_buf_append(said, image->stage.len > 0 ? image->stage : MOOR_SLICE("-"));
    if (!moor_slice_is(image->where, "FROM")) {
        moor_buf_append_byte(said, ' ');
        moor_buf_append(said, image->where);
    }
    moor_buf_append_byte(said, '\n');
}

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
        append_image(&said, &found.images[i]);
    }
    if (found.malformed.code != MOOR_ERROR_NONE) {
        moor_buf_printf(&said, "! %zu %s\n", found.malformed.offset, found.malformed.text);
    }
    assert_slice_equal(moor_buf_slice(&said), row->images);
    moor_buf_release(&said);
    moor_arena_release(&arena);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* A file of `count` times `text`, and the error that a limit gives. */
struct limit {
    const char *name;
    const char *start;
    const char *text;
    size_t count;
    const char *error;
};

static const struct limit limits[] = {
    {"stages", "", "FROM a\n", 4097, "the file has more than 4,096 images or stages"},
    {"stages_as_allowed", "", "FROM a\n", 4096, ""},
    {"images", "FROM scratch\n", "COPY --from=a:1 b c\n", 4097,
     "the file has more than 4,096 images or stages"},
    {"arguments", "", "ARG A=1\n", 4097, "the file has more than 4,096 arguments"},
    {"line", "RUN ", "1234567", 10000, "the line has more than 65,535 bytes"},
    {"instruction", "RUN ", "1234567890123456789012345678901\\\n", 35000,
     "the instruction has more than 1 MiB"},
    {"work", "", "ARG A=$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A\n", 4000,
     "the variables take too much work to expand"},
    {"nesting", "FROM ", "${A:-", 17, "variables are nested deeper than 16 levels"},
};

static void limit__crossed__its_error(void **state)
{
    const struct limit *row = *state;
    struct moor_arena arena;
    struct moor_dockerfile found;
    struct moor_buf text;
    moor_arena_init(&arena, (size_t)16 * 1024 * 1024);
    moor_buf_init(&text, (size_t)4 * 1024 * 1024);
    moor_buf_append_text(&text, row->start);
    for (size_t i = 0; i < row->count; i++) {
        moor_buf_append_text(&text, row->text);
    }
    assert_false(text.failed);
    assert_int_equal(moor_dockerfile_read(&found, moor_buf_slice(&text), &arena, NULL), 0);
    assert_string_equal(found.malformed.text, row->error);
    moor_buf_release(&text);
    moor_arena_release(&arena);
}

/* Each value is as long as all before it together, so that the limit of a value decides. */
static void value__longer_than_its_limit__unknown(void **state)
{
    struct moor_arena arena;
    struct moor_dockerfile found;
    struct moor_buf text;
    (void)state;
    moor_arena_init(&arena, (size_t)1024 * 1024);
    moor_buf_init(&text, 4096);
    moor_buf_append_text(&text, "ARG A=a\n");
    for (size_t i = 0; i < 14; i++) {
        moor_buf_append_text(&text, "ARG A=$A$A\n");
    }
    moor_buf_append_text(&text, "FROM $A\n");
    assert_int_equal(moor_dockerfile_read(&found, moor_buf_slice(&text), &arena, NULL), 0);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.images[0].state, MOOR_DOCKERFILE_UNKNOWN);
    moor_buf_release(&text);
    moor_arena_release(&arena);
}

static void memory__too_little__an_error(void **state)
{
    struct moor_arena arena;
    struct moor_dockerfile found;
    struct moor_error err = {0};
    (void)state;
    moor_arena_init(&arena, 64);
    assert_int_equal(moor_dockerfile_read(&found, MOOR_SLICE("FROM a\n"), &arena, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_arena_release(&arena);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows),
        LIMITS = MOOR_ARRAY_SIZE(limits)
    };
    struct CMUnitTest tests[ROWS + LIMITS + 2];
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        tests[count++] = test_of_row(rows[i].name, test_row, &rows[i]);
    }
    for (size_t i = 0; i < LIMITS; i++) {
        tests[count++] = test_of_row(limits[i].name, limit__crossed__its_error, &limits[i]);
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(value__longer_than_its_limit__unknown);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(memory__too_little__an_error);
    return cmocka_run_group_tests_name("dockerfile", tests, NULL, NULL);
}

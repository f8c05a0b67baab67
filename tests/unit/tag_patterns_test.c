/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of tag_patterns.c give the classes of tag.c: for all vectors, for the tags of all
 * reference cases, and for all but a few of the sample of real tags.
 */
#include "tests/unit/test.h"

#include "policy/image/tag.h"
#include "tests/unit/tag_patterns_run.h"

#include <stdio.h>

struct file {
    const char *path;
    int column;      /* column of the tag */
    size_t at_least; /* the file has more tags than this */
    size_t classes;  /* differences of the class that are allowed */
    size_t levels;   /* differences of the level that are allowed */
};

static const struct file files[] = {
    {"tests/data/tag-vectors.tsv", 0, 60, 0, 0},
    {"tests/data/tag-vectors-more.tsv", 0, 200, 0, 0},
    {"tests/data/reference-cases.tsv", 7, 15, 0, 0},
    {"tests/data/official-tags-sample.tsv", 1, 8000, 0, 0},
};

static struct moor_slice column_of(const char *line, int column)
{
    for (; column > 0 && strchr(line, '\t') != NULL; column--) {
        line = strchr(line, '\t') + 1;
    }
    return (struct moor_slice){line, column > 0 ? 0 : strcspn(line, "\t\n")};
}

struct counts {
    size_t tags;
    size_t classes;
    size_t levels;
};

static void compare(struct counts *counts, struct moor_slice tag)
{
    struct run_text signs;
    enum moor_class wanted = moor_tag_classify(tag).class;
    enum moor_class found = run_classify(tag, &signs);
    counts->tags++;
    if (wanted == found) {
        return;
    }
    counts->classes++;
    counts->levels += moor_class_level(wanted) != moor_class_level(found) ? 1 : 0;
    (void)fprintf(stderr, "# %.*s [%.*s]: %s, not %s\n", MOOR_SLICE_ARGS(tag), (int)signs.len,
                  signs.bytes, moor_class_name(found), moor_class_name(wanted));
}

static void tags_of_file__by_tables__class_of_the_judge(void **state)
{
    const struct file *file = *state;
    char line[2048];
    struct counts counts = {0};
    FILE *in = fopen(file->path, "r");
    assert_non_null(in);
    assert_non_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in) != NULL) {
        struct moor_slice tag = column_of(line, file->column);
        if (tag.len > 0 && tag.len <= 128 && tag.ptr[0] != '(') {
            compare(&counts, tag);
        }
    }
    (void)fclose(in);
    (void)fprintf(stderr, "# %s: %zu tags, %zu other classes, %zu other levels\n", file->path,
                  counts.tags, counts.classes, counts.levels);
    assert_true(counts.tags > file->at_least);
    assert_true(counts.classes <= file->classes);
    assert_true(counts.levels <= file->levels);
}

/* A word without a sign would be an ordinary word in the exported policy. */
static void word_of_table__any__has_a_sign(void **state)
{
    (void)state;
    for (size_t i = 0; i < moor_tag_word_count; i++) {
        assert_int_not_equal(moor_tag_sign(i), 0);
    }
}

/* Words of hex letters must have a sign that the patterns count as hex. */
static void hex_word_of_table__any__sign_of_hex(void **state)
{
    (void)state;
    for (size_t i = 0; i < moor_tag_word_count; i++) {
        const char *word = moor_tag_words[i].text;
        if (strspn(word, "abcdef") == strlen(word)) {
            assert_non_null(strchr("hAEb", moor_tag_sign(i)));
        }
    }
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[2 + sizeof files / sizeof files[0]] = {
        cmocka_unit_test(word_of_table__any__has_a_sign),
        cmocka_unit_test(hex_word_of_table__any__sign_of_hex),
    };
    /* By hand: the tags of another file, one a line after a heading. */
    static struct file other;
    if (argc > 1) {
        other = (struct file){argv[1], 0, 0, 0, 0};
        const struct CMUnitTest one[] = {
            test_of_row(argv[1], tags_of_file__by_tables__class_of_the_judge, &other)};
        return cmocka_run_group_tests_name("tag_patterns", one, NULL, NULL);
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tests[2 + i] =
            test_of_row(files[i].path, tags_of_file__by_tables__class_of_the_judge, &files[i]);
    }
    return cmocka_run_group_tests_name("tag_patterns", tests, NULL, NULL);
}

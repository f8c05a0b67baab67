/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vectors of tests/data (a test for each row), the facts beside the class, and what must hold
 * for every tag.  How well the rules fit real tags is measured by tests/data/tag_score_test.py.
 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/image/tag.h"
#include "policy/image/tag_words.h"

#define MAX_ROWS 500
#define HEX64    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct row {
    char line[512]; /* the fields point into it */
    const char *tag;
    const char *class;
    const char *level;
};

static struct row rows[MAX_ROWS];
static size_t row_count;

static char *cut(char *text)
{
    char *tab = strchr(text, '\t');
    assert_non_null(tab);
    *tab = '\0';
    return tab + 1;
}

/* Reads `tag <tab> class <tab> level <tab> note` lines after a heading. */
static void read_vectors(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    struct row *row = &rows[row_count];
    size_t before = row_count;
    bool heading = true;
    while (row_count < MAX_ROWS && fgets(row->line, sizeof row->line, file) != NULL) {
        if (!heading) {
            char *class = cut(row->line);
            char *level = cut(class);
            (void)cut(level);
            row->tag = row->line;
            row->class = class;
            row->level = level;
            row_count++;
        }
        heading = false;
        row = &rows[row_count];
    }
    (void)fclose(file);
    assert_true(row_count > before && row_count < MAX_ROWS);
}

static bool is_accepted(enum moor_class class)
{
    return moor_class_level(class) > MOOR_LEVEL_ROLLING;
}

/* --- a row of the vectors -------------------------------------------------------------------- */

/* Classifies `app` with this tag through the parser; `(none)` has no tag. */
static struct moor_tag classify(const char *tag, const char *suffix)
{
    char text[512];
    bool none = strcmp(tag, "(none)") == 0;
    (void)snprintf(text, sizeof text, "app%s%s%s", none ? "" : ":", none ? "" : tag, suffix);
    struct moor_reference reference;
    struct moor_error err = {0};
    assert_int_equal(moor_reference_parse(&reference, moor_slice_from(text), &err), 0);
    return moor_reference_classify(&reference);
}

static void vector__row__class_and_level(void **state)
{
    const struct row *row = *state;
    struct moor_tag found = classify(row->tag, "");
    assert_string_equal(moor_class_name(found.class), row->class);
    assert_string_equal(moor_level_name(moor_class_level(found.class)), row->level);
}

/* --- the facts beside the class -------------------------------------------------------------- */

static void classify__version_without_its_base__base_unpinned(void **state)
{
    (void)state;
    static const char *const unpinned[] = {"1.25.3", "1.25.3-alpine", "1.25.3-jdk17",
                                           "8u212-b04-jdk", "1.2.3-slim"};
    static const char *const pinned[] = {"1.25.3-alpine3.20", "1.25.3-bookworm-slim",
                                         "1.25.3-debian-12", "2019-CU31-ubuntu-20.04",
                                         "21.0.2_13-jdk-ubi9-minimal"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(unpinned); i++) {
        assert_true(classify(unpinned[i], "").base_unpinned);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(pinned); i++) {
        assert_false(classify(pinned[i], "").base_unpinned);
    }
}

static void classify__not_a_version__no_word_of_its_base(void **state)
{
    (void)state;
    static const char *const others[] = {"1.25", "latest", "1.2.3-rc1", "1a6dd44", "20240107"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(others); i++) {
        assert_false(classify(others[i], "").base_unpinned);
    }
}

static void classify__commit_after_a_full_version__foreign(void **state)
{
    (void)state;
    assert_true(classify("1.40.2.8395-c67dce28e", "").foreign_commit);
    assert_true(classify("v1.2.3-1a6dd44", "").foreign_commit);
    assert_false(classify("1a6dd44", "").foreign_commit);
    assert_false(classify("v20240107-abcdef0", "").foreign_commit);
    assert_false(classify("1.25-1a6dd44", "").foreign_commit);
    assert_false(classify("1.25.3", "").foreign_commit);
}

/* --- what is no tag -------------------------------------------------------------------------- */

static void classify__not_a_tag__unknown(void **state)
{
    (void)state;
    assert_int_equal(moor_tag_classify(MOOR_SLICE("")).class, MOOR_CLASS_UNKNOWN);
    assert_int_equal(moor_tag_classify(MOOR_SLICE("1.2.3+4")).class, MOOR_CLASS_UNKNOWN);
    assert_int_equal(moor_tag_classify(MOOR_SLICE("1.2.3\0")).class, MOOR_CLASS_UNKNOWN);
    assert_int_equal(moor_tag_classify(MOOR_SLICE("1.2.\xc3\xa4")).class, MOOR_CLASS_UNKNOWN);
}

static void classify__at_and_past_the_limit__a_class_and_unknown(void **state)
{
    (void)state;
    char text[129];
    memset(text, '1', sizeof text);
    struct moor_slice longest = {text, 128};
    assert_int_equal(moor_tag_classify(longest).class, MOOR_CLASS_BUILD_NUMBER);
    struct moor_slice over = {text, 129};
    assert_int_equal(moor_tag_classify(over).class, MOOR_CLASS_UNKNOWN);
    for (size_t i = 0; i < sizeof text; i++) { /* as many tokens as a tag can have */
        text[i] = i % 2 == 0 ? '1' : 'a';
    }
    assert_true(moor_tag_classify(longest).class < MOOR_CLASS_COUNT);
    memset(text, '.', sizeof text);
    text[0] = '_';
    assert_int_equal(moor_tag_classify(longest).class, MOOR_CLASS_CHANNEL);
}

/* --- what must hold for every tag ------------------------------------------------------------ */

static void every_tag__with_a_digest__digest(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        assert_int_equal(classify(rows[i].tag, "@sha256:" HEX64).class, MOOR_CLASS_DIGEST);
    }
}

/* Text before a time does not lower its level, except `dirty`, which may name two builds. */
static void every_tag__with_a_time_after_it__accepted_unless_dirty(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].tag, "(none)") == 0) {
            continue;
        }
        enum moor_class class = classify(rows[i].tag, "-20240107123456").class;
        bool dirty = strcmp(rows[i].class, "dirty") == 0;
        if (is_accepted(class) == dirty) {
            print_error("%s-20240107123456 is %s\n", rows[i].tag, moor_class_name(class));
            fail();
        }
    }
}

static void every_number__with_a_v_before_it__same_class(void **state)
{
    (void)state;
    size_t compared = 0;
    for (size_t i = 0; i < row_count; i++) {
        char text[256];
        bool number = rows[i].tag[0] >= '0' && rows[i].tag[0] <= '9';
        bool commit = strcmp(rows[i].class, "commit") == 0;   /* whose six digits take no letter */
        bool stage = strcmp(rows[i].tag, "0.21.2-beta") == 0; /* the v makes it the tag of git */
        if (!number || commit || stage) {
            continue;
        }
        (void)snprintf(text, sizeof text, "v%s", rows[i].tag);
        enum moor_class class = classify(text, "").class;
        if (strcmp(moor_class_name(class), rows[i].class) != 0) {
            print_error("%s is %s, %s is %s\n", rows[i].tag, rows[i].class, text,
                        moor_class_name(class));
            fail();
        }
        compared++;
    }
    assert_true(compared > 50);
}

static void every_tag__in_upper_case__same_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        char text[256];
        if (strcmp(rows[i].tag, "(none)") == 0) {
            continue;
        }
        (void)snprintf(text, sizeof text, "%s", rows[i].tag);
        for (char *c = text; *c != '\0'; c++) {
            *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
        }
        assert_string_equal(moor_class_name(classify(text, "").class), rows[i].class);
    }
}

static void words__each_row__after_the_one_before(void **state)
{
    (void)state;
    for (size_t i = 1; i < moor_tag_word_count; i++) {
        if (strcmp(moor_tag_words[i - 1].text, moor_tag_words[i].text) >= 0) {
            print_error("'%s' is not in its place\n", moor_tag_words[i].text);
            fail();
        }
    }
}

static void words__each_row__found_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < moor_tag_word_count; i++) {
        const char *text = moor_tag_words[i].text;
        assert_int_equal(moor_tag_word_groups(moor_slice_from(text)), moor_tag_words[i].groups);
        assert_true(moor_tag_words[i].groups != 0);
    }
    assert_int_equal(moor_tag_word_groups(MOOR_SLICE("alpin")), 0);
    assert_int_equal(moor_tag_word_groups(MOOR_SLICE("alpines")), 0);
    assert_int_equal(moor_tag_word_groups(MOOR_SLICE("")), 0);
}

int main(void)
{
    read_vectors("tests/data/tag-vectors.tsv");
    read_vectors("tests/data/tag-vectors-more.tsv");
    static struct CMUnitTest tests[MAX_ROWS + 32];
    static char names[MAX_ROWS][300];
    size_t count = 0;
    for (; count < row_count; count++) {
        (void)snprintf(names[count], sizeof names[count], "vector__%s__%s", rows[count].tag,
                       rows[count].class);
        tests[count] = (struct CMUnitTest){.name = names[count],
                                           .test_func = vector__row__class_and_level,
                                           .initial_state = &rows[count]};
    }
    const struct CMUnitTest singles[] = {
        cmocka_unit_test(classify__version_without_its_base__base_unpinned),
        cmocka_unit_test(classify__not_a_version__no_word_of_its_base),
        cmocka_unit_test(classify__commit_after_a_full_version__foreign),
        cmocka_unit_test(classify__not_a_tag__unknown),
        cmocka_unit_test(classify__at_and_past_the_limit__a_class_and_unknown),
        cmocka_unit_test(every_tag__with_a_digest__digest),
        cmocka_unit_test(every_tag__with_a_time_after_it__accepted_unless_dirty),
        cmocka_unit_test(every_number__with_a_v_before_it__same_class),
        cmocka_unit_test(every_tag__in_upper_case__same_class),
        cmocka_unit_test(words__each_row__after_the_one_before),
        cmocka_unit_test(words__each_row__found_again),
    };
    memcpy(&tests[count], singles, sizeof singles);
    count += MOOR_ARRAY_SIZE(singles);
    return _cmocka_run_group_tests("tag", tests, count, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/glob_index.h"

#define MAX_GLOBS MOOR_GLOB_INDEX_MAX
#define GLOB_ROOM 48

/* Globs with the index over them. */
struct fixture {
    struct moor_arena arena;
    struct moor_matcher *matcher;
    struct moor_glob globs[MAX_GLOBS];
    struct moor_glob_item items[MAX_GLOBS + 1];
    char texts[MAX_GLOBS][GLOB_ROOM];
    size_t count;
    struct moor_glob_index index;
};

static struct fixture *begin(void)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    moor_arena_init(&fixture->arena, (size_t)4 << 20);
    fixture->matcher = moor_matcher_new();
    assert_non_null(fixture->matcher);
    return fixture;
}

static void end(struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++) {
        moor_glob_release(&fixture->globs[i]);
    }
    moor_matcher_free(fixture->matcher);
    moor_arena_release(&fixture->arena);
    free(fixture);
}

static void add_text(struct fixture *fixture, const char *glob, unsigned rank)
{
    size_t at = fixture->count++;
    char *text = fixture->texts[at];
    (void)snprintf(text, GLOB_ROOM, "%s", glob);
    assert_int_equal(moor_glob_compile(&fixture->globs[at], moor_slice_from(text), NULL), 0);
    fixture->items[at] =
        (struct moor_glob_item){.glob = &fixture->globs[at], .rank = rank, .number = (uint32_t)at};
}

/* Adds the glob that consists of `before`, the number and `after`. */
static void add(struct fixture *fixture, const char *before, unsigned number, const char *after)
{
    char text[GLOB_ROOM];
    (void)snprintf(text, sizeof text, "%s%04u%s", before, number, after);
    add_text(fixture, text, number);
}

static void build(struct fixture *fixture)
{
    assert_int_equal(moor_glob_index_init(&fixture->index, fixture->items, fixture->count,
                                          &fixture->arena, NULL),
                     0);
}

static uint64_t steps_of(struct fixture *fixture, struct moor_slice text, uint32_t expected)
{
    moor_matcher_begin(fixture->matcher, UINT64_MAX);
    assert_int_equal(moor_glob_index_lowest(&fixture->index, text, fixture->matcher), expected);
    return fixture->matcher->steps;
}

/* --- the same as trying each ------------------------------------------------------------------ */

static unsigned draw(uint64_t *state, size_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*state >> 33) % below);
}

static size_t draw_text(uint64_t *state, char *out, const char *const *pieces, size_t count)
{
    size_t len = 0;
    for (unsigned i = 1 + draw(state, 5); i > 0; i--) {
        const char *piece = pieces[draw(state, count)];
        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    out[len] = '\0';
    return len;
}

static void assert_same_as_each(struct fixture *fixture, struct moor_slice text)
{
    bool found[MAX_GLOBS] = {false};
    struct moor_glob_search search;
    const struct moor_glob_item *item = NULL;
    moor_glob_search_init(&search, &fixture->index, text, UINT32_MAX, fixture->matcher);
    while ((item = moor_glob_search_next(&search)) != NULL) {
        assert_false(found[item->number]);
        found[item->number] = true;
    }
    for (size_t i = 0; i < fixture->count; i++) {
        if (found[i] != moor_glob_match(&fixture->globs[i], text, fixture->matcher)) {
            print_error("'%s' on '%.*s'\n", fixture->texts[i], MOOR_SLICE_ARGS(text));
            fail();
        }
    }
}

static void search__generated_globs__those_that_match(void **state)
{
    (void)state;
    static const char *const globs[] = {"*",   "**", "/",   "**/",   "?",     "team",    "-1",
                                        "\\a", "ab", "app", "/web/", "[a-c]", "team-12", ".io/"};
    static const char *const texts[] = {"/",   "team",  "-1",      "a",    "ab",
                                        "app", "/web/", "team-12", ".io/", "c"};
    uint64_t random = 1;
    for (unsigned round = 0; round < 60; round++) {
        struct fixture *fixture = begin();
        char text[GLOB_ROOM];
        for (unsigned i = 0; i < 1 + round * 3; i++) {
            (void)draw_text(&random, text, globs, MOOR_ARRAY_SIZE(globs));
            add_text(fixture, text, i);
        }
        build(fixture);
        for (unsigned i = 0; i < 200; i++) {
            size_t len = draw_text(&random, text, texts, MOOR_ARRAY_SIZE(texts));
            assert_same_as_each(fixture, (struct moor_slice){text, len});
        }
        end(fixture);
    }
}

static void lowest__several_match__the_first(void **state)
{
    (void)state;
    struct fixture *fixture = begin();
    for (unsigned i = 0; i < 40; i++) {
        if (i == 20 || i == 30) {
            add_text(fixture, i == 20 ? "**/app" : "registry.io/**", i);
        } else {
            add(fixture, "other.io/", i, "");
        }
    }
    build(fixture);
    (void)steps_of(fixture, MOOR_SLICE("registry.io/team/app"), 20);
    (void)steps_of(fixture, MOOR_SLICE("registry.io/team/web"), 30);
    (void)steps_of(fixture, MOOR_SLICE("other.io/0007"), 7);
    (void)steps_of(fixture, MOOR_SLICE("other.io/00070"), UINT32_MAX);
    (void)steps_of(fixture, MOOR_SLICE(""), UINT32_MAX);
    end(fixture);
}

/* --- what it costs ---------------------------------------------------------------------------- */

struct cost_row {
    const char *name;
    const char *before; /* the number of the glob */
    const char *after;
    const char *text;
    uint32_t expected;
};

/* Of 4,000 globs, few are tried: fewer steps than one a glob. */
static struct cost_row cost_rows[] = {
    {"cost__literals__looked_up", "registry.io/team/app-", "", "registry.io/team/app-3999", 3999},
    {"cost__prefixes__looked_up", "registry.io/team-", "/**", "registry.io/team-3999/a/b", 3999},
    {"cost__suffixes__looked_up", "**/app-", "", "registry.io/team/app-3999", 3999},
    {"cost__words_between_stars__looked_up", "**/team-", "/*", "registry.io/team-3999/app", 3999},
    {"cost__none_matches__looked_up", "**/team-", "/*", "registry.io/group-1/app", UINT32_MAX},
};

static void cost__row(void **state)
{
    const struct cost_row *row = *state;
    struct fixture *fixture = begin();
    for (unsigned i = 0; i < 4000; i++) {
        add(fixture, row->before, i, row->after);
    }
    build(fixture);
    assert_in_range(steps_of(fixture, moor_slice_from(row->text), row->expected), 1, 2000);
    end(fixture);
}

/* The bytes of each glob are in the text many times: each glob is tried once all the same. */
static void cost__bytes_repeated__each_glob_once(void **state)
{
    (void)state;
    struct fixture *fixture = begin();
    char text[400];
    memset(text, 'a', sizeof text);
    for (unsigned i = 0; i < 20; i++) {
        char glob[GLOB_ROOM];
        (void)snprintf(glob, sizeof glob, "**aaaa*b%02u*", i);
        add_text(fixture, glob, i);
    }
    build(fixture);
    uint64_t all = steps_of(fixture, (struct moor_slice){text, sizeof text}, UINT32_MAX);
    moor_matcher_begin(fixture->matcher, UINT64_MAX);
    assert_false(moor_glob_match(&fixture->globs[0], (struct moor_slice){text, sizeof text},
                                 fixture->matcher));
    assert_in_range(all, 20 * fixture->matcher->steps, 25 * fixture->matcher->steps + 60000);
    end(fixture);
}

static void search__past_the_budget__nothing_found(void **state)
{
    (void)state;
    struct fixture *fixture = begin();
    for (unsigned i = 0; i < 40; i++) {
        add(fixture, "**/app-", i, "");
    }
    build(fixture);
    struct moor_slice text = MOOR_SLICE("registry.io/team/app-0039");
    uint64_t steps = steps_of(fixture, text, 39);
    for (uint64_t budget = 0; budget < steps; budget++) {
        moor_matcher_begin(fixture->matcher, budget);
        (void)moor_glob_index_lowest(&fixture->index, text, fixture->matcher);
        assert_true(moor_matcher_is_exhausted(fixture->matcher));
    }
    moor_matcher_begin(fixture->matcher, steps);
    assert_int_equal(moor_glob_index_lowest(&fixture->index, text, fixture->matcher), 39);
    assert_false(moor_matcher_is_exhausted(fixture->matcher));
    end(fixture);
}

static void cost__estimate__not_below_what_is_taken(void **state)
{
    (void)state;
    static const char *const schemas[][2] = {
        {"registry.io/team-", "/**"}, {"**/team-", "/*"}, {"*.io/**/app-", ""}, {"?.io/", ""}};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(schemas); i++) {
        struct fixture *fixture = begin();
        for (unsigned j = 0; j < 500; j++) {
            add(fixture, schemas[i][0], j, schemas[i][1]);
        }
        build(fixture);
        struct moor_slice text = MOOR_SLICE("registry.io/team-0001/team-0002/team-0003/app-0055/x");
        (void)moor_glob_index_lowest(&fixture->index, text, fixture->matcher);
        assert_true(moor_glob_index_cost(&fixture->index, text.len) >= fixture->matcher->steps);
        end(fixture);
    }
}

/* --- limits ----------------------------------------------------------------------------------- */

static void init__most_globs__taken_and_one_more_refused(void **state)
{
    (void)state;
    struct fixture *fixture = begin();
    struct moor_error err = {0};
    for (unsigned i = 0; i < MAX_GLOBS; i++) {
        add(fixture, "app-", i, "");
    }
    build(fixture);
    (void)steps_of(fixture, MOOR_SLICE("app-4351"), 4351);
    fixture->items[MAX_GLOBS] = fixture->items[0];
    assert_int_equal(
        moor_glob_index_init(&fixture->index, fixture->items, MAX_GLOBS + 1, &fixture->arena, &err),
        -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    end(fixture);
}

static void init__arena_full__memory_error(void **state)
{
    (void)state;
    struct fixture *fixture = begin();
    struct moor_error err = {0};
    struct moor_arena small;
    for (unsigned i = 0; i < 100; i++) {
        add(fixture, "app-", i, "");
    }
    moor_arena_init(&small, 500);
    assert_int_equal(
        moor_glob_index_init(&fixture->index, fixture->items, fixture->count, &small, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_arena_release(&small);
    end(fixture);
}

static void init__no_globs__nothing_found(void **state)
{
    (void)state;
    struct fixture *fixture = begin();
    build(fixture);
    (void)steps_of(fixture, MOOR_SLICE("registry.io/team/app"), UINT32_MAX);
    assert_int_equal(moor_glob_index_cost(&fixture->index, 100), 0);
    end(fixture);
}

int main(void)
{
    enum {
        FIXED = 8,
        ROWS = MOOR_ARRAY_SIZE(cost_rows)
    };
    struct CMUnitTest tests[FIXED + ROWS] = {
        cmocka_unit_test(search__generated_globs__those_that_match),
        cmocka_unit_test(lowest__several_match__the_first),
        cmocka_unit_test(cost__bytes_repeated__each_glob_once),
        cmocka_unit_test(search__past_the_budget__nothing_found),
        cmocka_unit_test(cost__estimate__not_below_what_is_taken),
        cmocka_unit_test(init__most_globs__taken_and_one_more_refused),
        cmocka_unit_test(init__arena_full__memory_error),
        cmocka_unit_test(init__no_globs__nothing_found),
    };
    for (size_t i = 0; i < ROWS; i++) {
        tests[FIXED + i] =
            (struct CMUnitTest){cost_rows[i].name, cost__row, NULL, NULL, &cost_rows[i]};
    }
    return cmocka_run_group_tests_name("glob_index", tests, NULL, NULL);
}

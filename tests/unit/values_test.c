/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/values/mapping.h"
#include "cmd/input/values/number.h"
#include "cmd/input/values/walk.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)
#define TEXT_MAX  ((size_t)64 * 1024)
#define HEX       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --- images ----------------------------------------------------------------------------------- */

/*
 * Values, and what is found: `path image` a line, with `?` before a guessed one.  The last line is
 * `untagged N` or `unresolved N`, if there are any.
 */
struct row {
    const char *name;
    const char *values;
    const char *found;
};

static const struct row rows[] = {
    {"nothing", "{\"replicas\":1,\"name\":\"a/b:c\",\"tag\":\"1\",\"version\":\"1\"}", ""},
    {"scalar", "1", ""},
    {"text", "{\"image\":\"nginx:1.25\"}", "image ?nginx:1.25\n"},
    {"text_with_registry", "{\"a\":{\"image\":\"ghcr.io/a/b:1\"}}", "a.image ghcr.io/a/b:1\n"},
    {"text_with_digest", "{\"image\":\"a/b@sha256:" HEX "\"}", "image a/b@sha256:" HEX "\n"},
    {"repository_and_tag", "{\"image\":{\"repository\":\"a/b\",\"tag\":\"1\"}}", "image ?a/b:1\n"},
    {"repository_and_tag_under_another_key", "{\"redis\":{\"repository\":\"r\",\"tag\":\"7\"}}",
     "redis ?r:7\n"},
    {"tag_before_repository", "{\"image\":{\"tag\":\"1\",\"repository\":\"a\"}}", "image ?a:1\n"},
    {"repo", "{\"image\":{\"repo\":\"a/b\",\"tag\":\"1\"}}", "image ?a/b:1\n"},
    {"registry",
     "{\"image\":{\"registry\":\"quay.io\",\"repository\":\"a/b\",\"tag\":\"1\",\"digest\":\"\"}}",
     "image quay.io/a/b:1\n"},
    {"registry_with_slash",
     "{\"image\":{\"registry\":\"quay.io/x/\",\"repository\":\"b\",\"tag\":\"1\"}}",
     "image quay.io/x/b:1\n"},
    {"registry_in_repository",
     "{\"image\":{\"registry\":\"quay.io\",\"repository\":\"quay.io/b\",\"tag\":\"1\"}}",
     "image quay.io/b:1\n"},
    {"digest", "{\"image\":{\"repository\":\"a\",\"tag\":\"1\",\"digest\":\"sha256:" HEX "\"}}",
     "image a:1@sha256:" HEX "\n"},
    {"digest_alone", "{\"image\":{\"repository\":\"a\",\"digest\":\"sha256:" HEX "\"}}",
     "image a@sha256:" HEX "\n"},
    {"sha", "{\"image\":{\"repository\":\"a\",\"tag\":\"1\",\"sha\":\"" HEX "\"}}",
     "image a:1@sha256:" HEX "\n"},
    {"sha_of_a_commit", "{\"image\":{\"repository\":\"a\",\"tag\":\"1\",\"sha\":\"abc\"}}",
     "image ?a:1\n"},
    {"tag_with_digest", "{\"image\":{\"repository\":\"a\",\"tag\":\"1@sha256:" HEX "\"}}",
     "image ?a:1@sha256:" HEX "\n"},
    {"name_and_tag", "{\"hub\":{\"image\":{\"name\":\"quay.io/a/hub\",\"tag\":\"1\"}}}",
     "hub.image quay.io/a/hub:1\n"},
    {"name_with_tag", "{\"image\":{\"name\":\"a:1\"}}", "image ?a:1\n"},
    {"name_elsewhere", "{\"web\":{\"name\":\"a/b\",\"tag\":\"1\"}}", ""},
    {"image_and_tag", "{\"agent\":{\"image\":\"a/b\",\"tag\":\"1\"}}", "agent.image ?a/b:1\n"},
    {"image_and_version", "{\"app\":{\"image\":\"a/b\",\"version\":\"1\"}}", "app.image ?a/b:1\n"},
    {"version_is_no_tag", "{\"app\":{\"image\":\"a/b:2\",\"version\":\"1\"}}",
     "app.image ?a/b:2\n"},
    {"repository_and_image",
     "{\"driver\":{\"repository\":\"nvcr.io/nvidia\",\"image\":\"driver\",\"version\":\"525\"}}",
     "driver.image nvcr.io/nvidia/driver:525\n"},
    {"flat_repository", "{\"x\":{\"imageRepository\":\"a/b\",\"imageTag\":\"1\"}}",
     "x.imageRepository ?a/b:1\n"},
    {"flat_name", "{\"x\":{\"imageName\":\"a/b\",\"imageTag\":\"1\"}}", "x.imageName ?a/b:1\n"},
    {"flat_snake", "{\"x\":{\"image_name\":\"a/b\",\"image_version\":\"1\"}}",
     "x.image_name ?a/b:1\n"},
    {"prefixes",
     "{\"fooImage\":\"a\",\"bar_image\":\"b\",\"bar_image_tag\":\"2\",\"fooTag\":\"1\"}",
     "fooImage ?a:1\nbar_image ?b:2\n"},
    {"prefix_with_tag", "{\"thanosImage\":\"quay.io/t/t:1\",\"logoImage\":\"a/b.png\"}",
     "thanosImage quay.io/t/t:1\n"},
    {"prefix_without_tag", "{\"useImage\":\"backend\",\"a_image\":\"container_image\"}", ""},
    {"mapping_with_prefix", "{\"appImage\":{\"repository\":\"a\",\"tag\":\"1\"}}",
     "appImage ?a:1\n"},
    {"global_registry",
     "{\"image\":{\"registry\":\"docker.io\",\"repository\":\"a/b\",\"tag\":\"1\"},\"global\":{"
     "\"imageRegistry\":\"r.example\"}}",
     "image r.example/a/b:1\n"},
    {"global_registry_and_another",
     "{\"global\":{\"imageRegistry\":\"r.example\"},\"image\":{\"repository\":\"ghcr.io/a/b\","
     "\"tag\":\"1\"}}",
     "image ghcr.io/a/b:1\n"},
    {"global_registry_is_no_sign",
     "{\"global\":{\"imageRegistry\":\"r.example\"},\"image\":{\"repository\":\"a/"
     "b\",\"tag\":\"1\"}}",
     "image ?r.example/a/b:1\n"},
    {"empty_tag", "{\"image\":{\"repository\":\"a/b\",\"tag\":\"\"}}", "untagged 1\n"},
    {"null_tag", "{\"image\":{\"repository\":\"a/b\",\"tag\":null}}", "untagged 1\n"},
    {"no_tag", "{\"image\":{\"repository\":\"a/b\",\"pullPolicy\":\"Always\"}}", "untagged 1\n"},
    {"text_without_tag", "{\"x\":{\"image\":\"a/b\"},\"y\":{\"image\":\"24h\"}}", "untagged 1\n"},
    {"container_without_tag", "{\"x\":{\"image\":\"busybox\",\"command\":[\"sh\"]}}",
     "x.image ?busybox\n"},
    {"item_without_tag",
     "{\"initContainers\":[{\"name\":\"a\",\"image\":\"a/b\"},{\"name\":\"b\",\"image\":\"vm\"}]}",
     "initContainers[0].image ?a/b\n"},
    {"tag_alone", "{\"image\":{\"tag\":\"latest\"}}", "image ?chart-default:latest\n"},
    {"flat_tag_alone", "{\"x\":{\"imageTag\":\"1\"}}", "x.imageTag ?chart-default:1\n"},
    {"tag_alone_elsewhere", "{\"x\":{\"tag\":\"1\"},\"fooTag\":\"1\"}", ""},
    {"tag_is_a_reference", "{\"x\":{\"image_tag\":\"a/b:1\"}}", "x.image_tag ?a/b:1\n"},
    {"list_of_texts", "{\"images\":[\"a:1\",\"b\",\"c:2\"]}", "images[0] ?a:1\nimages[2] ?c:2\n"},
    {"list_of_mappings", "{\"images\":[{\"repository\":\"a\",\"tag\":\"1\"}]}", "images[0] ?a:1\n"},
    {"mapping_of_texts", "{\"common_images\":{\"cache\":{\"main\":\"a:1\",\"port\":\"b\"}}}",
     "common_images.cache.main ?a:1\n"},
    {"no_key_says_it", "{\"csi\":{\"registrar\":\"r.example/a/b:1\",\"args\":[\"q.io/c:2\"]}}",
     "csi.args[0] q.io/c:2\ncsi.registrar r.example/a/b:1\n"},
    {"prose", "{\"description\":\"quay.io/a/b:1\",\"url\":\"a.example/b:1\"}", ""},
    {"git", "{\"sync\":{\"repository\":\"a/b\",\"tag\":\"1\",\"branch\":\"main\"}}", ""},
    {"url", "{\"image\":{\"repository\":\"https://a.example/b\",\"tag\":\"1\"}}", ""},
    {"schema", "{\"properties\":{\"image\":{\"type\":\"string\",\"default\":\"\"}}}", ""},
    {"templates",
     "{\"image\":{\"repository\":\"a\",\"tag\":\"{{ .Values.t }}\"},\"x\":{\"image\":\"${I}\"}}",
     "unresolved 2\n"},
    {"not_a_reference", "{\"image\":{\"repository\":\"A B\",\"tag\":\"1\"}}", "unresolved 1\n"},
    {"number", "{\"image\":{\"repository\":\"a\",\"tag\":1.10}}", "image ?a:1.1 =1.1\n"},
    {"large_number", "{\"image\":{\"repository\":\"a\",\"tag\":20240107}}",
     "image ?a:2.0240107e+07 =2.0240107e+07\n"},
    {"boolean", "{\"image\":{\"repository\":\"a\",\"tag\":true}}", "image ?a:true =true\n"},
    {"escapes", "{\"im\\u0061ge\":\"ngin\\u0078:1\"}", "image ?nginx:1\n"},
};

static void append_found(struct moor_buf *out, const struct moor_values_found *found)
{
    for (size_t i = 0; i < found->object.image_count; i++) {
        const struct moor_object_image *image = &found->object.images[i];
        const struct moor_image_note *note = &found->notes[i];
        moor_object_append_path(out, image);
        moor_buf_printf(out, " %s%.*s", note->is_guessed ? "?" : "", MOOR_SLICE_ARGS(image->text));
        if (note->rendered.len > 0) {
            moor_buf_printf(out, " =%.*s", MOOR_SLICE_ARGS(note->rendered));
        }
        moor_buf_append_byte(out, '\n');
    }
    if (found->untagged > 0) {
        moor_buf_printf(out, "untagged %zu\n", found->untagged);
    }
    if (found->unresolved > 0) {
        moor_buf_printf(out, "unresolved %zu\n", found->unresolved);
    }
}

static void walk__row__these_images(void **state)
{
    const struct row *row = *state;
    const struct moor_values values = {.json = moor_slice_from(row->values)};
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    struct moor_buf said;
    moor_arena_init(&arena, ARENA_MAX);
    moor_buf_init(&said, TEXT_MAX);
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), 0);
    assert_int_equal(found.object.image_count, found.object.image_total);
    append_found(&said, &found);
    assert_slice_equal(moor_buf_slice(&said), row->found);
    moor_buf_release(&said);
    moor_arena_release(&arena);
}

/* A finding points at the tag, which is what has to change; without a tag, at the image. */
static void walk__tag__its_offset(void **state)
{
    static const char json[] =
        "{\"image\":{\"repository\":\"a\",\"tag\":\"1\"},\"x\":{\"image\":\"b:2\"}}";
    const struct moor_values values = {
        .json = moor_slice_from(json), .offset = 100, .path = MOOR_SLICE("spec.values")};
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    (void)state;
    moor_arena_init(&arena, ARENA_MAX);
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), 0);
    assert_int_equal(found.object.image_count, 2);
    assert_slice_equal(found.object.images[0].where, "spec.values.image");
    assert_int_equal(found.object.images[0].offset, 100 + (strstr(json, "\"1\"") - json));
    assert_int_equal(found.object.images[1].offset, 100 + (strstr(json, "\"b:2\"") - json));
    moor_arena_release(&arena);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* Walks values of `count` repetitions, which is an error. */
static void assert_too_much(const char *opening, const char *item, const char *closing,
                            size_t count, const char *text)
{
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    struct moor_buf json;
    moor_arena_init(&arena, ARENA_MAX);
    moor_buf_init(&json, ARENA_MAX);
    moor_buf_append_text(&json, opening);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(&json, item);
    }
    moor_buf_append_text(&json, closing);
    const struct moor_values values = {.json = moor_buf_slice(&json)};
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), -1);
    assert_string_equal(err.text, text);
    moor_buf_release(&json);
    moor_arena_release(&arena);
}

static void walk__beyond_a_limit__error(void **state)
{
    (void)state;
    assert_too_much("", "[", "", MOOR_VALUES_MAX_DEPTH + 1,
                    "values are nested deeper than 200 levels");
    assert_too_much("{\"a\":1", ",\"x_image\":\"a:1\"", "}", MOOR_VALUES_MAX_MEMBERS + 1,
                    "a mapping has more than 256 members with parts of images");
}

/* Images beyond the limit are counted, so that the judge denies the object. */
static void walk__many_images__counted(void **state)
{
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    struct moor_buf json;
    (void)state;
    moor_arena_init(&arena, ARENA_MAX);
    moor_buf_init(&json, ARENA_MAX);
    moor_buf_append_text(&json, "{\"images\":[\"a:1\"");
    for (size_t i = 0; i < MOOR_OBJECT_MAX_IMAGES; i++) {
        moor_buf_append_text(&json, ",\"a:1\"");
    }
    moor_buf_append_text(&json, "]}");
    const struct moor_values values = {.json = moor_buf_slice(&json)};
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), 0);
    assert_int_equal(found.object.image_count, MOOR_OBJECT_MAX_IMAGES);
    assert_int_equal(found.object.image_total, MOOR_OBJECT_MAX_IMAGES + 1);
    moor_buf_release(&json);
    moor_arena_release(&arena);
}

static void walk__no_memory__error(void **state)
{
    const struct moor_values values = {
        .json = MOOR_SLICE("{\"image\":{\"repository\":\"a\",\"tag\":\"1\"}}")};
    (void)state;
    for (size_t max = 0; max < (size_t)32 * 1024; max += 1024) {
        struct moor_values_found found;
        struct moor_error err = {0};
        struct moor_arena arena;
        moor_arena_init(&arena, max);
        moor_values_found_clear(&found);
        int status = moor_values_walk(&found, &values, &arena, &err);
        assert_true(status == 0 ? found.object.image_count == 1 : err.code == MOOR_ERROR_MEMORY);
        moor_arena_release(&arena);
    }
}

/* --- strings ---------------------------------------------------------------------------------- */

static void walk__string_of_lines__kept(void **state)
{
    const struct moor_values values = {
        .json = MOOR_SLICE("{\"a\":[0,\"- image: x\\n\"],\"b\":\"image: x\",\"c\":\"x\\ny\"}"),
        .path = MOOR_SLICE("spec.values")};
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    (void)state;
    moor_arena_init(&arena, ARENA_MAX);
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), 0);
    assert_int_equal(found.string_count, 1);
    assert_slice_equal(found.strings[0].path, "spec.values.a[1]");
    assert_slice_equal(found.strings[0].key, "a");
    assert_slice_equal(found.strings[0].json, "\"- image: x\\n\"");
    moor_arena_release(&arena);
}

static void walk__too_many_strings__unresolved(void **state)
{
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    struct moor_buf text;
    (void)state;
    moor_buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < MOOR_VALUES_MAX_STRINGS + 2; i++) {
        moor_buf_append_text(&text, i == 0 ? "[\"image:\\n\"" : ",\"image:\\n\"");
    }
    moor_buf_append_text(&text, "]");
    const struct moor_values values = {.json = moor_buf_slice(&text)};
    moor_arena_init(&arena, ARENA_MAX);
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), 0);
    assert_int_equal(found.string_count, MOOR_VALUES_MAX_STRINGS);
    assert_int_equal(found.unresolved, 2);
    moor_arena_release(&arena);
    moor_buf_release(&text);
}

static void walk__many_untagged__positions_of_the_first(void **state)
{
    struct moor_values_found found;
    struct moor_error err = {0};
    struct moor_arena arena;
    struct moor_buf text;
    (void)state;
    moor_buf_init(&text, 4 * TEXT_MAX);
    for (size_t i = 0; i < MOOR_SKIPPED_MAX + 3; i++) {
        moor_buf_append_text(&text, i == 0 ? "[" : ",");
        moor_buf_append_text(&text, "{\"repository\":\"a\",\"tag\":\"\"}");
    }
    moor_buf_append_text(&text, "]");
    const struct moor_values values = {.json = moor_buf_slice(&text)};
    moor_arena_init(&arena, ARENA_MAX);
    moor_values_found_clear(&found);
    assert_int_equal(moor_values_walk(&found, &values, &arena, &err), 0);
    assert_int_equal(found.untagged, MOOR_SKIPPED_MAX + 3);
    assert_int_equal(found.skipped.count, MOOR_SKIPPED_MAX);
    assert_int_equal(found.skipped.items[0].offset, strlen("[{\"repository\":"));
    assert_true(found.skipped.items[0].is_untagged);
    moor_arena_release(&arena);
    moor_buf_release(&text);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* A number, and what Go 1.22 prints for it. */
struct number {
    const char *name;
    const char *text;
};

static const struct number numbers[] = {
    {"1.10", "1.1"},       {"20240107", "2.0240107e+07"},
    {"1000000", "1e+06"},  {"999999", "999999"},
    {"34", "34"},          {"0", "0"},
    {"1e3", "1000"},       {"0.00001", "1e-05"},
    {"0.0001", "0.0001"},  {"12345678901234567890", "1.2345678901234567e+19"},
    {"1.5e-7", "1.5e-07"}, {"3.14159", "3.14159"},
    {"1.0", "1"},          {"1e999", ""},
};

static void render__row__as_go_prints_it(void **state)
{
    const struct number *row = *state;
    char room[MOOR_VALUES_NUMBER_MAX];
    assert_slice_equal(moor_values_number_render(room, moor_slice_from(row->name)), row->text);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows),
        NUMBERS = MOOR_ARRAY_SIZE(numbers)
    };
    struct CMUnitTest tests[ROWS + NUMBERS + 7];
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        tests[count++] = test_of_row(rows[i].name, walk__row__these_images, &rows[i]);
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        tests[count++] = test_of_row(numbers[i].name, render__row__as_go_prints_it, &numbers[i]);
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(walk__tag__its_offset);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(walk__beyond_a_limit__error);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(walk__many_images__counted);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(walk__no_memory__error);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(walk__string_of_lines__kept);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(walk__too_many_strings__unresolved);
    tests[count++] =
        (struct CMUnitTest)cmocka_unit_test(walk__many_untagged__positions_of_the_first);
    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of the reader of objects: images, memory, annotations and depth.
 */
#include "tests/unit/object_fixture.h"

#include "policy/object/annotation.h"
#include "policy/object/bounds.h"

static void read__as_many_images_as_are_kept__all_kept(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_containers(&fixture, MOOR_OBJECT_MAX_IMAGES);
    assert_int_equal(read_as(&fixture, "Pod"), 0);
    assert_int_equal(fixture.object.image_count, MOOR_OBJECT_MAX_IMAGES);
    assert_int_equal(fixture.object.image_total, MOOR_OBJECT_MAX_IMAGES);
    const struct moor_object_image *last = &fixture.object.images[MOOR_OBJECT_MAX_IMAGES - 1];
    assert_slice_equal(last->text, "i4095");
    assert_slice_equal(last->name, "n4095");
    assert_int_equal(last->index, 4095);
    end(&fixture);
}

static void read__more_images_than_are_kept__counted(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_containers(&fixture, MOOR_OBJECT_MAX_IMAGES + 3);
    assert_int_equal(read_as(&fixture, "Pod"), 0);
    assert_int_equal(fixture.object.image_count, MOOR_OBJECT_MAX_IMAGES);
    assert_int_equal(fixture.object.image_total, MOOR_OBJECT_MAX_IMAGES + 3);
    assert_slice_equal(fixture.object.images[MOOR_OBJECT_MAX_IMAGES - 1].name, "n4095");
    end(&fixture);
}

/* Images that do not fit in the arena are only counted; room remains for the rest of a request. */
static void read__images_fill_the_arena__too_large(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_containers(&fixture, 3000);
    fixture.arena.max = (size_t)1024 * 1024;
    assert_int_equal(read_as(&fixture, "Pod"), 0);
    assert_true(fixture.object.is_too_large);
    assert_in_range(fixture.object.image_count, 100, 2999);
    assert_int_equal(fixture.object.image_total, 3000);
    assert_non_null(moor_arena_alloc(&fixture.arena, (size_t)32 * 1024));
    end(&fixture);
}

static void read__escaped_texts_fill_the_arena__too_large(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_json(&fixture, "{'spec':{'containers':[");
    for (unsigned i = 0; i < 100; i++) {
        append_json(&fixture, i > 0 ? ",{'image':'" : "{'image':'");
        for (unsigned j = 0; j < 400; j++) {
            append_json(&fixture, "\\u0061a");
        }
        append_json(&fixture, "'}");
    }
    append_json(&fixture, "]}}");
    fixture.arena.max = (size_t)128 * 1024;
    assert_int_equal(read_as(&fixture, "Pod"), 0);
    assert_true(fixture.object.is_too_large);
    assert_int_equal(fixture.object.image_total, 100);
    end(&fixture);
}

static int read_with_annotations(struct fixture *fixture, unsigned keys)
{
    struct moor_json_reader reader;
    moor_buf_clear(&fixture->json);
    append_json(fixture, "{'metadata':{'annotations':{");
    for (unsigned i = 0; i < keys; i++) {
        append_json(fixture, "'':0,");
    }
    append_json(fixture, "'':0}},'spec':{'containers':[{'image':'x'}]}}");
    moor_json_reader_init(&reader, moor_buf_slice(&fixture->json));
    const struct moor_annotation_list annotations = moor_annotation_builtin();
    return moor_object_read(&fixture->object, &reader, kind_of("Pod"), &annotations,
                            &fixture->arena, &fixture->err);
}

/* More annotations than the API server accepts, each compared with all known keys. */
static void read__endless_annotations__too_large(void **state)
{
    (void)state;
    struct fixture fixture;
    unsigned most = MOOR_OBJECT_MAX_COMPARISONS / (1 + (unsigned)moor_annotation_builtin().count);
    begin(&fixture);
    assert_int_equal(read_with_annotations(&fixture, most - 20), 0);
    assert_false(fixture.object.is_too_large);
    assert_int_equal(fixture.object.image_count, 1);
    assert_int_equal(read_with_annotations(&fixture, most + 20), 0);
    assert_true(fixture.object.is_too_large);
    end(&fixture);
}

static void read__no_memory_at_all__said_so(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_containers(&fixture, 1);
    fixture.arena.max = 8;
    assert_int_equal(read_as(&fixture, "Pod"), -1);
    assert_int_equal(fixture.err.code, MOOR_ERROR_MEMORY);
    end(&fixture);
}

/* Skipped values may be nested as deeply as the JSON reader allows. */
static void append_nested(struct fixture *fixture, size_t depth)
{
    append_json(fixture, "{'status':");
    for (size_t i = 0; i < depth; i++) {
        append_json(fixture, "[");
    }
    for (size_t i = 0; i < depth; i++) {
        append_json(fixture, "]");
    }
    append_json(fixture, ",'spec':{'containers':[{'image':'x'}]}}");
}

static void read__deep_nesting_beside__image_found(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_nested(&fixture, MOOR_JSON_MAX_DEPTH - 1);
    assert_int_equal(read_as(&fixture, "Pod"), 0);
    assert_int_equal(fixture.object.image_count, 1);
    end(&fixture);
}

static void read__one_level_too_deep__refused(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_nested(&fixture, MOOR_JSON_MAX_DEPTH);
    assert_int_equal(read_as(&fixture, "Pod"), -1);
    assert_int_equal(fixture.err.code, MOOR_ERROR_LIMIT);
    end(&fixture);
}

/* Too long for any reference: its escapes are not resolved, so that it costs no memory. */
static void read__long_image_with_escapes__kept_unresolved(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    append_json(&fixture, "{'spec':{'containers':[{'image':'");
    for (int i = 0; i < 5000; i++) {
        append_json(&fixture, "\\u0061");
    }
    append_json(&fixture, "'}]}}");
    fixture.arena.max = (size_t)16 * 1024;
    assert_int_equal(read_as(&fixture, "Pod"), 0);
    assert_int_equal(fixture.object.images[0].text.len, 30000);
    end(&fixture);
}

static void read__path_too_deep_for_the_walker__refused(void **state)
{
    (void)state;
    static struct moor_path_node nodes[MOOR_PATH_MAX_STEPS + 1];
    for (size_t i = 0; i < MOOR_PATH_MAX_STEPS + 1; i++) {
        nodes[i] = (struct moor_path_node){.step = MOOR_PATH_ANY_ITEM,
                                           .role = i < MOOR_PATH_MAX_STEPS ? MOOR_PATH_STEP
                                                                           : MOOR_PATH_IMAGE,
                                           .children = &nodes[i] + 1,
                                           .child_count = i < MOOR_PATH_MAX_STEPS ? 1 : 0};
    }
    const struct moor_path_node root = {.children = nodes, .child_count = 1};
    const struct moor_kind kind = {.root = &root};
    struct fixture fixture;
    begin(&fixture);
    for (int i = 0; i <= MOOR_PATH_MAX_STEPS; i++) {
        append_json(&fixture, "[");
    }
    assert_int_equal(read_object(&fixture.object, moor_buf_slice(&fixture.json), &kind,
                                 &fixture.arena, &fixture.err),
                     -1);
    assert_int_equal(fixture.err.code, MOOR_ERROR_LIMIT);
    end(&fixture);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__as_many_images_as_are_kept__all_kept),
        cmocka_unit_test(read__more_images_than_are_kept__counted),
        cmocka_unit_test(read__images_fill_the_arena__too_large),
        cmocka_unit_test(read__escaped_texts_fill_the_arena__too_large),
        cmocka_unit_test(read__endless_annotations__too_large),
        cmocka_unit_test(read__no_memory_at_all__said_so),
        cmocka_unit_test(read__deep_nesting_beside__image_found),
        cmocka_unit_test(read__one_level_too_deep__refused),
        cmocka_unit_test(read__long_image_with_escapes__kept_unresolved),
        cmocka_unit_test(read__path_too_deep_for_the_walker__refused),
    };
    return cmocka_run_group_tests_name("object_limits", tests, NULL, NULL);
}

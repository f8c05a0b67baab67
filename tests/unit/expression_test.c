/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/object/expression.h"
#include "policy/object/kinds.h"
#include "policy/object/well_known.h"
#include "tests/unit/object_dump.h"

#define MOST 6

/* The images that expressions find in an object. */
struct found {
    const char *name;
    const char *pod_specs[MOST];
    const char *images[MOST];
    const char *json;
    const char *dump;
};

static const struct found found[] = {
    {"add__pod_spec__every_field_found",
     {"spec.template.spec"},
     {NULL},
     "{'spec':{'template':{'spec':{'containers':[{'name':'a','image':'x'}],"
     "'initContainers':[{'name':'b','image':'y'}],'ephemeralContainers':[{'image':'z'}],"
     "'volumes':[{'name':'v','image':{'reference':'r'}},{'rbd':{'image':'no'}}]}}}}",
     "spec.template.spec.containers[0] containers a x; "
     "spec.template.spec.initContainers[0] initContainers b y; "
     "spec.template.spec.ephemeralContainers[0] ephemeralContainers - z; "
     "spec.template.spec.volumes[0].image imageVolumes v r;"},
    {"add__pod_spec_at_one_step__found",
     {"spec"},
     {NULL},
     "{'spec':{'containers':[{'name':'a','image':'x'}]}}",
     "spec.containers[0] containers a x;"},
    {"add__each_item__index_shown",
     {"spec.jobs[*].spec"},
     {NULL},
     "{'spec':{'jobs':[{'spec':{}},{'name':'j','spec':{'containers':[{'image':'x'}]}}]}}",
     "spec.jobs[1].spec.containers[0] containers j x;"},
    {"add__item_of_items__pod_spec_itself",
     {"spec.jobs[*][*]"},
     {NULL},
     "{'spec':{'jobs':[[],[{},{'containers':[{'image':'x'}]}]]}}",
     "spec.jobs[1][1].containers[0] containers - x;"},
    {"add__each_member__name_shown",
     {"spec.specs.*.spec"},
     {NULL},
     "{'spec':{'specs':{'name':{'spec':{'containers':[{'image':'x'}]}},'W':null,'V':3}}}",
     "spec.specs.name.spec.containers[0] containers - x; malformed=spec.specs.V"},
    {"add__member_name_with_escape__resolved",
     {"spec.*.spec"},
     {NULL},
     "{'spec':{'a\\u002eb':{'spec':{'containers':[{'image':'x'}]}}}}",
     "spec.a.b.spec.containers[0] containers - x;"},
    {"add__image__its_own_path",
     {NULL},
     {"spec.image", "spec.thanos.image"},
     "{'spec':{'image':'x','thanos':{'image':'y'}}}",
     "spec.image containers - x; spec.thanos.image containers - y;"},
    {"add__image_of_items__place_is_the_item",
     {NULL},
     {"spec.steps[*].image"},
     "{'spec':{'steps':[{'name':'a','image':'x'},{'image':'y'},{'name':'no'}]}}",
     "spec.steps[0] containers a x; spec.steps[1] containers - y;"},
    {"add__other_key_of_items__place_is_the_path",
     {NULL},
     {"spec.steps[*].run"},
     "{'spec':{'steps':[{'name':'a','run':'x'}]}}",
     "spec.steps[0].run containers a x;"},
    {"add__items_are_images__found",
     {NULL},
     {"spec.list[*]"},
     "{'spec':{'list':['x',5,null,{},'y']}}",
     "spec.list[0] containers - x; spec.list[4] containers - y; malformed=spec.list[1]"},
    {"add__members_are_images__found",
     {NULL},
     {"spec.tools.*"},
     "{'spec':{'tools':{'name':'x','b':[],'c':'y'}}}",
     "spec.tools.name containers - x; spec.tools.c containers - y; malformed=spec.tools.b"},
    {"add__last_array_named_as_in_a_pod__counts_as_there",
     {NULL},
     {"a.initContainers[*].image", "b.ephemeralContainers[*].x.image",
      "c.volumes[*].image.reference", "d.initContainers[*].steps[*].image",
      "e.initContainers.image", "f.initContainers[*][*].image"},
     "{'a':{'initContainers':[{'image':'1'}]},'b':{'ephemeralContainers':[{'x':{'image':'2'}}]},"
     "'c':{'volumes':[{'name':'v','image':{'reference':'3'}}]},"
     "'d':{'initContainers':[{'steps':[{'image':'4'}]}]},'e':{'initContainers':{'image':'5'}},"
     "'f':{'initContainers':[[{'image':'6'}]]}}",
     "a.initContainers[0] initContainers - 1; b.ephemeralContainers[0].x.image "
     "ephemeralContainers - 2; c.volumes[0].image.reference imageVolumes v 3; "
     "d.initContainers[0].steps[0] containers - 4; e.initContainers.image containers - 5; "
     "f.initContainers[0][0] containers - 6;"},
    {"add__pod_spec_with_an_image_beside__both_found",
     {"spec", "spec.inner"},
     {"spec.image", "spec.inner.image"},
     "{'spec':{'image':'x','containers':[{'image':'y'}],"
     "'inner':{'image':'z','containers':[{'image':'w'}]}}}",
     "spec.image containers - x; spec.containers[0] containers - y; spec.inner.image containers - "
     "z; spec.inner.containers[0] containers - w;"},
    {"add__nearest_name__wins",
     {NULL},
     {"spec.tasks[*].spec.steps[*].image"},
     "{'name':'root','spec':{'tasks':[{'spec':{'steps':[{'image':'x'},{'name':'s','image':'y'}]},"
     "'name':'t'}],'name':'no'}}",
     "spec.tasks[0].spec.steps[0] containers t x; spec.tasks[0].spec.steps[1] containers s y;"},
    {"add__expression_through_name__read_as_it_says",
     {NULL},
     {"spec.name", "spec.a.name.image"},
     "{'spec':{'name':'x','a':{'name':{'image':'y'}}}}",
     "spec.name containers - x; spec.a.name.image containers - y;"},
    {"add__nothing__metadata_is_read",
     {NULL},
     {NULL},
     "{'metadata':{'deletionTimestamp':'x','ownerReferences':[{'kind':'K','name':'n',"
     "'controller':true}]},'spec':{'image':'x'}}",
     " deleting owner=K/n"},
    {"add__other_shapes__skipped",
     {"a.spec", "b[*].spec"},
     {"c.image", "d[*]", "e.*"},
     "{'a':[],'b':{},'c':'x','d':'x','e':['x']}",
     " malformed=a"},
};

/* JSON with ' for ", so that it can be read. */
static struct moor_slice json_of(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    assert_true(len < size);
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    }
    return (struct moor_slice){out, len};
}

struct fixture {
    struct moor_arena arena;
    struct moor_arena scratch;
    struct moor_expression_tree tree;
};

static void begin(struct fixture *fixture)
{
    moor_arena_init(&fixture->arena, (size_t)1024 * 1024);
    moor_arena_init(&fixture->scratch, (size_t)1024 * 1024);
    assert_int_equal(moor_expression_tree_init(&fixture->tree, &fixture->scratch, NULL), 0);
}

static void end(struct fixture *fixture)
{
    moor_arena_release(&fixture->arena);
    moor_arena_release(&fixture->scratch);
}

static void add_all(struct fixture *fixture, const char *const *texts,
                    enum moor_expression_mode mode)
{
    for (size_t i = 0; i < MOST && texts[i] != NULL; i++) {
        struct moor_error err = {0};
        int status = moor_expression_add(&fixture->tree, moor_slice_from(texts[i]), mode, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(status, 0);
    }
}

static void find_as_listed(void **state)
{
    const struct found *row = *state;
    struct fixture fixture;
    begin(&fixture);
    add_all(&fixture, row->pod_specs, MOOR_EXPRESSION_POD_SPEC);
    add_all(&fixture, row->images, MOOR_EXPRESSION_IMAGE);
    struct moor_kind kind = {.is_custom = true};
    assert_int_equal(moor_expression_compile(&kind.root, &fixture.tree, &fixture.arena, NULL), 0);
    /* The compiled tree must not refer to the memory of its sources. */
    moor_arena_reset(&fixture.scratch);

    char text[1024];
    struct moor_object object;
    struct moor_error err = {0};
    struct moor_slice json = json_of(text, sizeof text, row->json);
    assert_int_equal(read_object(&object, json, &kind, &fixture.arena, &err), 0);
    struct moor_buf dump;
    moor_buf_init(&dump, 4096);
    dump_object(&dump, &object);
    assert_slice_equal(moor_buf_slice(&dump), row->dump);
    moor_buf_release(&dump);
    end(&fixture);
}

/* The last expression is refused. */
struct refused {
    const char *name;
    const char *pod_specs[MOST];
    const char *images[MOST];
    enum moor_expression_mode mode;
    const char *last;
    enum moor_error_code code;
    uint32_t column;
};

#define POD   MOOR_EXPRESSION_POD_SPEC
#define IMAGE MOOR_EXPRESSION_IMAGE
#define BAD   MOOR_ERROR_SYNTAX
#define CLASH MOOR_ERROR_VALUE

static const struct refused refused[] = {
    {"add__empty__refused", {NULL}, {NULL}, POD, "", BAD, 1},
    {"add__dot_first__refused", {NULL}, {NULL}, POD, ".spec", BAD, 1},
    {"add__star_first__refused", {NULL}, {NULL}, POD, "*", BAD, 1},
    {"add__items_first__refused", {NULL}, {NULL}, POD, "[*].spec", BAD, 1},
    {"add__dollar_first__refused", {NULL}, {NULL}, POD, "$.spec", BAD, 1},
    {"add__blank_first__refused", {NULL}, {NULL}, POD, " spec", BAD, 1},
    {"add__blank_last__refused", {NULL}, {NULL}, POD, "spec ", BAD, 5},
    {"add__dot_last__refused", {NULL}, {NULL}, POD, "spec.", BAD, 6},
    {"add__two_dots__refused", {NULL}, {NULL}, POD, "spec..a", BAD, 6},
    {"add__star_without_dot__refused", {NULL}, {NULL}, POD, "spec*", BAD, 5},
    {"add__name_after_star__refused", {NULL}, {NULL}, POD, "spec.*a", BAD, 7},
    {"add__two_stars__refused", {NULL}, {NULL}, POD, "spec.**", BAD, 7},
    {"add__index__refused", {NULL}, {NULL}, POD, "spec[0]", BAD, 5},
    {"add__empty_brackets__refused", {NULL}, {NULL}, POD, "spec[]", BAD, 5},
    {"add__open_bracket__refused", {NULL}, {NULL}, POD, "spec[*", BAD, 5},
    {"add__dot_before_bracket__refused", {NULL}, {NULL}, POD, "spec.[*]", BAD, 6},
    {"add__name_after_bracket__refused", {NULL}, {NULL}, POD, "spec[*]a", BAD, 8},
    {"add__quoted_name__refused", {NULL}, {NULL}, POD, "spec['a']", BAD, 5},
    {"add__slash__refused", {NULL}, {NULL}, POD, "spec/a", BAD, 5},
    {"add__umlaut__refused", {NULL}, {NULL}, POD, "sp\xc3\xa4t", BAD, 3},
    {"add__same_pod_spec__refused", {"a.b"}, {NULL}, POD, "a.b", CLASH, 3},
    {"add__same_image__refused", {NULL}, {"a.b"}, IMAGE, "a.b", CLASH, 3},
    {"add__image_in_pod_spec__refused", {"a"}, {NULL}, IMAGE, "a.containers[*].image", CLASH, 13},
    {"add__image_over_containers__refused", {"a"}, {NULL}, IMAGE, "a.containers", CLASH, 3},
    {"add__pod_spec_over_images__refused", {NULL}, {"a.containers[*].x"}, POD, "a", CLASH, 1},
    {"add__pod_spec_at_list__refused", {"a[*]"}, {NULL}, POD, "a", CLASH, 1},
    {"add__pod_spec_at_members__refused", {"a.*"}, {NULL}, POD, "a", CLASH, 1},
    {"add__pod_spec_at_image__refused", {NULL}, {"a.b"}, POD, "a.b", CLASH, 3},
    {"add__below_image__refused", {NULL}, {"a"}, IMAGE, "a.b", CLASH, 3},
    {"add__items_of_image__refused", {NULL}, {"a"}, IMAGE, "a[*]", CLASH, 2},
    {"add__image_above_image__refused", {NULL}, {"a.b"}, IMAGE, "a", CLASH, 1},
    {"add__list_and_object__refused", {NULL}, {"a[*].b"}, IMAGE, "a.b", CLASH, 3},
    {"add__object_and_list__refused", {NULL}, {"a.b"}, IMAGE, "a[*].b", CLASH, 2},
    {"add__members_and_list__refused", {NULL}, {"a.*"}, IMAGE, "a[*]", CLASH, 2},
    {"add__member_and_members__refused", {NULL}, {"a.b"}, IMAGE, "a.*", CLASH, 2},
    {"add__members_and_member__refused", {NULL}, {"a.*"}, IMAGE, "a.b", CLASH, 3},
    {"add__metadata_as_pod_spec__refused", {NULL}, {NULL}, POD, "metadata", CLASH, 1},
    {"add__metadata_as_image__refused", {NULL}, {NULL}, IMAGE, "metadata", CLASH, 1},
    {"add__half_in_pod_spec__refused", {NULL}, {NULL}, POD, "a.b:c", CLASH, 5},
    {"add__half_of_items__refused", {NULL}, {NULL}, IMAGE, "a[*]:c", BAD, 5},
    {"add__half_without_name__refused", {NULL}, {NULL}, IMAGE, "a.b:", BAD, 5},
    {"add__half_with_dot__refused", {NULL}, {NULL}, IMAGE, "a.b:c.d", BAD, 6},
    {"add__half_of_itself__refused", {NULL}, {NULL}, IMAGE, "a.b:b", CLASH, 5},
    {"add__halves_twice__refused", {NULL}, {"a.b:c"}, IMAGE, "a.b:c", CLASH, 3},
    {"add__halves_with_other_names__refused", {NULL}, {"a.b:c"}, IMAGE, "a.d:e", CLASH, 3},
    {"add__half_that_is_an_image__refused", {NULL}, {"a.c"}, IMAGE, "a.b:c", CLASH, 3},
    {"add__image_that_is_a_half__refused", {NULL}, {"a.b:c"}, IMAGE, "a.c", CLASH, 3},
    {"add__below_half__refused", {NULL}, {"a.b:c"}, IMAGE, "a.c.d", CLASH, 5},
    {"add__inside_metadata__refused", {NULL}, {NULL}, IMAGE, "metadata.labels.a", CLASH, 10},
};

static void refuse_as_listed(void **state)
{
    const struct refused *row = *state;
    struct fixture fixture;
    begin(&fixture);
    add_all(&fixture, row->pod_specs, MOOR_EXPRESSION_POD_SPEC);
    add_all(&fixture, row->images, MOOR_EXPRESSION_IMAGE);
    struct moor_error err = {0};
    assert_int_equal(
        moor_expression_add(&fixture.tree, moor_slice_from(row->last), row->mode, &err), -1);
    assert_int_equal(err.code, row->code);
    assert_int_equal(err.column, row->column);
    assert_true(strlen(err.text) > 0);
    end(&fixture);
}

/* `a.a.a`, of `count` steps */
static struct moor_slice steps_of(char *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = 'a';
        out[2 * i + 1] = '.';
    }
    return (struct moor_slice){out, 2 * count - 1};
}

static void add__as_many_steps_as_allowed__image_volume_below_is_found(void **state)
{
    (void)state;
    char text[2 * MOOR_EXPRESSION_MAX_STEPS + 2];
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(moor_expression_add(&fixture.tree, steps_of(text, MOOR_EXPRESSION_MAX_STEPS),
                                         MOOR_EXPRESSION_POD_SPEC, NULL),
                     0);
    struct moor_kind kind = {.is_custom = true};
    assert_int_equal(moor_expression_compile(&kind.root, &fixture.tree, &fixture.arena, NULL), 0);
    struct moor_buf json;
    moor_buf_init(&json, 1024);
    for (size_t i = 0; i < MOOR_EXPRESSION_MAX_STEPS; i++) {
        moor_buf_append_text(&json, "{\"a\":");
    }
    moor_buf_append_text(&json, "{\"volumes\":[{\"image\":{\"reference\":\"x\"}}]}");
    for (size_t i = 0; i < MOOR_EXPRESSION_MAX_STEPS; i++) {
        moor_buf_append_text(&json, "}");
    }
    struct moor_object object;
    assert_int_equal(read_object(&object, moor_buf_slice(&json), &kind, &fixture.arena, NULL), 0);
    assert_int_equal(object.image_count, 1);
    assert_slice_equal(object.images[0].text, "x");
    moor_buf_release(&json);
    end(&fixture);
}

static void add__one_step_too_many__refused(void **state)
{
    (void)state;
    char text[2 * MOOR_EXPRESSION_MAX_STEPS + 2];
    struct fixture fixture;
    struct moor_error err = {0};
    begin(&fixture);
    assert_int_equal(moor_expression_add(&fixture.tree,
                                         steps_of(text, MOOR_EXPRESSION_MAX_STEPS + 1),
                                         MOOR_EXPRESSION_POD_SPEC, &err),
                     -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    end(&fixture);
}

static void add__bytes_at_and_over_the_limit__refused_over_it(void **state)
{
    (void)state;
    char text[MOOR_EXPRESSION_MAX_BYTES + 1];
    memset(text, 'a', sizeof text);
    struct fixture fixture;
    struct moor_error err = {0};
    begin(&fixture);
    struct moor_slice all = {text, sizeof text};
    struct moor_slice most = {text, sizeof text - 1};
    assert_int_equal(moor_expression_add(&fixture.tree, most, MOOR_EXPRESSION_IMAGE, &err), 0);
    assert_int_equal(moor_expression_add(&fixture.tree, all, MOOR_EXPRESSION_IMAGE, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_LIMIT);
    end(&fixture);
}

/* `name` and `metadata` need places of their own, so two less than the walker takes. */
static void add__members_at_and_over_the_limit__refused_over_it(void **state)
{
    (void)state;
    struct fixture fixture;
    struct moor_error err = {0};
    char texts[MOOR_PATH_MAX_MEMBERS][8];
    begin(&fixture);
    for (int i = 0; i < MOOR_PATH_MAX_MEMBERS; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "a.m%d", i);
        struct moor_slice text = {texts[i], (size_t)len};
        assert_int_equal(moor_expression_add(&fixture.tree, text, MOOR_EXPRESSION_IMAGE, &err),
                         i < MOOR_PATH_MAX_MEMBERS - 2 ? 0 : -1);
    }
    assert_int_equal(err.code, MOOR_ERROR_VALUE);
    const struct moor_path_node *root = NULL;
    assert_int_equal(moor_expression_compile(&root, &fixture.tree, &fixture.arena, NULL), 0);
    assert_int_equal(root->children[1].child_count, MOOR_PATH_MAX_MEMBERS - 1);
    end(&fixture);
}

static void compile__expressions__numbered_from_one(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    static const char *const pods[MOST] = {"a", "b"};
    add_all(&fixture, pods, MOOR_EXPRESSION_POD_SPEC);
    struct moor_kind kind = {.is_custom = true};
    assert_int_equal(moor_expression_compile(&kind.root, &fixture.tree, &fixture.arena, NULL), 0);
    char text[128];
    struct moor_slice json = json_of(text, sizeof text,
                                     "{'b':{'containers':[{'image':'x'}]},"
                                     "'a':{'containers':[{'image':'x'}]}}");
    struct moor_object object;
    assert_int_equal(read_object(&object, json, &kind, &fixture.arena, NULL), 0);
    assert_int_equal(object.image_count, 2);
    assert_int_equal(object.images[0].expression, 2);
    assert_int_equal(object.images[1].expression, 1);
    end(&fixture);
}

static void add__no_memory__said_so(void **state)
{
    (void)state;
    struct moor_arena none;
    struct moor_expression_tree tree;
    struct moor_error err = {0};
    moor_arena_init(&none, 1);
    assert_int_equal(moor_expression_tree_init(&tree, &none, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_arena_release(&none);

    struct fixture fixture;
    begin(&fixture);
    err = (struct moor_error){0};
    moor_arena_init(&none, 1);
    const struct moor_path_node *root = NULL;
    assert_int_equal(moor_expression_compile(&root, &fixture.tree, &none, &err), -1);
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    assert_null(root);
    moor_arena_release(&none);
    end(&fixture);
}

static void add__scratch_is_full__said_so(void **state)
{
    (void)state;
    char texts[512][8];
    struct moor_arena arena;
    struct moor_expression_tree tree;
    struct moor_error err = {0};
    moor_arena_init(&arena, (size_t)16 * 1024);
    assert_int_equal(moor_expression_tree_init(&tree, &arena, &err), 0);
    for (int i = 0; i < 512 && err.code == MOOR_ERROR_NONE; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "%d.%d", i % 30, i);
        (void)!moor_expression_add(&tree, (struct moor_slice){texts[i], (size_t)len},
                                   MOOR_EXPRESSION_IMAGE, &err);
    }
    assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    moor_arena_release(&arena);
}

/* A table of ours must compile as a policy's own would. */
static void compile__well_known_kind__no_conflict(void **state)
{
    const struct moor_well_known *known = *state;
    struct fixture fixture;
    begin(&fixture);
    for (size_t i = 0; known->pod_specs[i] != NULL; i++) {
        assert_int_equal(moor_expression_add(&fixture.tree, moor_slice_from(known->pod_specs[i]),
                                             MOOR_EXPRESSION_POD_SPEC, NULL),
                         0);
    }
    for (size_t i = 0; known->images[i] != NULL; i++) {
        assert_int_equal(moor_expression_add(&fixture.tree, moor_slice_from(known->images[i]),
                                             MOOR_EXPRESSION_IMAGE, NULL),
                         0);
    }
    assert_true(fixture.tree.count > 0);
    const struct moor_path_node *root = NULL;
    assert_int_equal(moor_expression_compile(&root, &fixture.tree, &fixture.arena, NULL), 0);
    assert_null(moor_kind_find(moor_slice_from(known->group), moor_slice_from(known->resource),
                               moor_slice_from(known->kind)));
    end(&fixture);
}

#define MOST_KNOWN 200

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(add__as_many_steps_as_allowed__image_volume_below_is_found),
        cmocka_unit_test(add__one_step_too_many__refused),
        cmocka_unit_test(add__bytes_at_and_over_the_limit__refused_over_it),
        cmocka_unit_test(add__members_at_and_over_the_limit__refused_over_it),
        cmocka_unit_test(compile__expressions__numbered_from_one),
        cmocka_unit_test(add__no_memory__said_so),
        cmocka_unit_test(add__scratch_is_full__said_so),
    };
    static struct CMUnitTest tests[MOOR_ARRAY_SIZE(found) + MOOR_ARRAY_SIZE(refused) +
                                   MOOR_ARRAY_SIZE(others) + MOST_KNOWN];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(found); i++) {
        tests[count++] = test_of_row(found[i].name, find_as_listed, &found[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refused); i++) {
        tests[count++] = test_of_row(refused[i].name, refuse_as_listed, &refused[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(others); i++) {
        tests[count++] = others[i];
    }
    size_t known_count = 0;
    const struct moor_well_known *known = moor_well_known_all(&known_count);
    static char names[MOST_KNOWN][96];
    for (size_t i = 0; i < known_count && i < MOST_KNOWN; i++) {
        (void)snprintf(names[i], sizeof names[i], "compile__%s.%s__no_conflict", known[i].resource,
                       known[i].group);
        tests[count++] = test_of_row(names[i], compile__well_known_kind__no_conflict, &known[i]);
    }
    return _cmocka_run_group_tests("expression", tests, count, NULL, NULL);
}

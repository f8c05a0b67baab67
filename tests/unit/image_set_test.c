/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/object_fixture.h"

#include "policy/base/array_size.h"
#include "policy/object/bounds.h"
#include "policy/object/image_set.h"

/* Whether the first image of `new` is one of `old`; both are Pod specifications. */
struct membership {
    const char *name;
    const char *old;
    const char *new;
    bool is_in;
};

static const struct membership memberships[] = {
    {"has__same_image__yes", "'containers':[{'name':'a','image':'x'}]",
     "'containers':[{'name':'a','image':'x'}]", true},
    {"has__other_image__no", "'containers':[{'name':'a','image':'x'}]",
     "'containers':[{'name':'a','image':'y'}]", false},
    {"has__image_that_begins_so__no", "'containers':[{'name':'a','image':'xy'}]",
     "'containers':[{'name':'a','image':'x'}]", false},
    {"has__other_name__no", "'containers':[{'name':'a','image':'x'}]",
     "'containers':[{'name':'b','image':'x'}]", false},
    {"has__other_field__no", "'initContainers':[{'name':'a','image':'x'}]",
     "'containers':[{'name':'a','image':'x'}]", false},
    {"has__volume_of_that_name__no", "'volumes':[{'name':'a','image':{'reference':'x'}}]",
     "'containers':[{'name':'a','image':'x'}]", false},
    {"has__other_place_in_the_list__yes",
     "'containers':[{'name':'b','image':'y'},{'name':'a','image':'x'}]",
     "'containers':[{'name':'a','image':'x'}]", true},
    {"has__name_twice__any_of_its_images",
     "'containers':[{'name':'a','image':'x'},{'name':'a','image':'y'}]",
     "'containers':[{'name':'a','image':'y'}]", true},
    {"has__images_swapped__no", "'containers':[{'name':'a','image':'x'},{'name':'b','image':'y'}]",
     "'containers':[{'name':'b','image':'x'}]", false},
    {"has__same_by_escape__yes", "'containers':[{'name':'a','image':'x'}]",
     "'containers':[{'name':'\\u0061','image':'\\u0078'}]", true},
    {"has__no_name_on_both_sides__yes", "'containers':[{'image':'x'}]",
     "'containers':[{'image':'x'}]", true},
    {"has__name_against_none__no", "'containers':[{'image':'x'}]",
     "'containers':[{'name':'a','image':'x'}]", false},
    {"has__empty_set__no", "'containers':[]", "'containers':[{'image':'x'}]", false},
};

static void read_spec(struct fixture *fixture, const char *spec)
{
    begin(fixture);
    append_json(fixture, "{'spec':{");
    append_json(fixture, spec);
    append_json(fixture, "}}");
    assert_int_equal(read_as(fixture, "Pod"), 0);
}

static void has_as_listed(void **state)
{
    const struct membership *row = *state;
    struct fixture old;
    struct fixture new;
    struct moor_image_set set;
    read_spec(&old, row->old);
    read_spec(&new, row->new);
    assert_int_equal(moor_image_set_init(&set, &old.object, &old.arena, NULL), 0);
    assert_int_equal(moor_image_set_has(&set, &new.object.images[0]), row->is_in);
    end(&new);
    end(&old);
}

static void has__other_expression__no(void **state)
{
    (void)state;
    struct fixture old;
    struct moor_image_set set;
    read_spec(&old, "'containers':[{'name':'a','image':'x'}]");
    assert_int_equal(moor_image_set_init(&set, &old.object, &old.arena, NULL), 0);
    struct moor_object_image image = old.object.images[0];
    assert_true(moor_image_set_has(&set, &image));
    image.expression = 1;
    assert_false(moor_image_set_has(&set, &image));
    end(&old);
}

static void has__as_many_images_as_are_kept__all_found(void **state)
{
    (void)state;
    struct fixture old;
    struct fixture new;
    struct moor_image_set set;
    begin(&old);
    begin(&new);
    append_containers(&old, MOOR_OBJECT_MAX_IMAGES);
    append_containers(&new, MOOR_OBJECT_MAX_IMAGES);
    assert_int_equal(read_as(&old, "Pod"), 0);
    assert_int_equal(read_as(&new, "Pod"), 0);
    assert_int_equal(moor_image_set_init(&set, &old.object, &old.arena, NULL), 0);
    for (size_t i = 0; i < MOOR_OBJECT_MAX_IMAGES; i++) {
        struct moor_object_image image = new.object.images[i];
        assert_true(moor_image_set_has(&set, &image));
        image.text = MOOR_SLICE("none");
        assert_false(moor_image_set_has(&set, &image));
    }
    end(&new);
    end(&old);
}

static void init__no_memory__said_so(void **state)
{
    (void)state;
    struct fixture old;
    struct moor_image_set set;
    struct moor_arena none;
    read_spec(&old, "'containers':[{'name':'a','image':'x'}]");
    moor_arena_init(&none, 1);
    assert_int_equal(moor_image_set_init(&set, &old.object, &none, &old.err), -1);
    assert_int_equal(old.err.code, MOOR_ERROR_MEMORY);
    moor_arena_release(&none);
    end(&old);
}

int main(void)
{
    static const struct CMUnitTest singles[] = {
        cmocka_unit_test(has__other_expression__no),
        cmocka_unit_test(has__as_many_images_as_are_kept__all_found),
        cmocka_unit_test(init__no_memory__said_so),
    };
    static struct CMUnitTest tests[MOOR_ARRAY_SIZE(memberships) + MOOR_ARRAY_SIZE(singles)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(memberships); i++) {
        tests[count++] = test_of_row(memberships[i].name, has_as_listed, &memberships[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(singles); i++) {
        tests[count++] = singles[i];
    }
    return _cmocka_run_group_tests("image_set", tests, count, NULL, NULL);
}

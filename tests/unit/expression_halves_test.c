/* SPDX-License-Identifier: Apache-2.0 */
/* Images whose repository and tag are two members of an object. */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/object/expression.h"
#include "policy/object/kinds.h"
#include "tests/unit/object_dump.h"

#define MOST 6

/* The images that expressions find in an object. */
struct found {
    const char *name;
    const char *images[MOST];
    const char *json;
    const char *dump;
};

static const struct found found[] = {
    {"add__halves__joined",
     {"spec.image.repository:tag", "spec.side.*.repo:version", "spec.list[*].image:tag"},
     "{'spec':{'name':'n','image':{'tag':'1.2','repository':'a/b'},'side':{'x':{'repo':'c',"
     "'version':'v'}},'list':[{'image':'d','name':'m','tag':'e'},{'image':'f','tag':'g'}]}}",
     "spec.image containers n a/b:1.2 (joined); spec.side.x containers n c:v (joined); "
     "spec.list[0] "
     "containers m d:e (joined); spec.list[1] containers n f:g (joined);"},
    {"add__one_half__partial",
     {"a.repository:tag", "b.repository:tag", "c.repository:tag", "d.repository:tag"},
     "{'a':{'repository':'x','tag':''},'b':{'tag':'y'},'c':{'repository':null,'tag':''},'d':{}}",
     "a containers - x (partial); b containers - :y (partial);"},
    {"add__halves_around_halves__each_by_its_object",
     {"a.repository:tag", "a.inner.repository:tag"},
     "{'a':{'repository':'x','inner':{'tag':'2','repository':'y'},'tag':'1'}}",
     "a.inner containers - y:2 (joined); a containers - x:1 (joined);"},
    {"add__halves_at_the_root__path_of_a_member",
     {"repository:tag"},
     "{'repository':'x','tag':'1'}",
     " containers - x:1 (joined);"},
    {"add__halves_of_other_types__malformed",
     {"a.repository:tag"},
     "{'a':{'repository':'x','tag':1.5}}",
     "a containers - x (partial); malformed=a.tag"},
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

static void add_all(struct fixture *fixture, const char *const *texts)
{
    for (size_t i = 0; i < MOST && texts[i] != NULL; i++) {
        struct moor_error err = {0};
        int status = moor_expression_add(&fixture->tree, moor_slice_from(texts[i]),
                                         MOOR_EXPRESSION_IMAGE, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(status, 0);
    }
}

static void find_as_listed(void **state)
{
    const struct found *row = *state;
    struct fixture fixture;
    begin(&fixture);
    add_all(&fixture, row->images);
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

/* A repository or tag over 4,096 bytes is not joined, and is no reference without its other part.
 */
static void add__halves_of_any_length__too_long_for_a_reference(void **state)
{
    static const size_t lengths[][2] = {{4096, 1}, {4097, 1}, {1, 4096}, {1, 4097}, {5000, 5000}};
    (void)state;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(lengths); i++) {
        struct fixture fixture;
        struct moor_object object;
        struct moor_buf json;
        begin(&fixture);
        add_all(&fixture, (const char *const[]){"repository:tag", NULL});
        struct moor_kind kind = {.is_custom = true};
        assert_int_equal(moor_expression_compile(&kind.root, &fixture.tree, &fixture.arena, NULL),
                         0);
        moor_buf_init(&json, 65536);
        moor_buf_append_text(&json, "{\"repository\":\"");
        memset(moor_buf_extend(&json, lengths[i][0]), 'a', lengths[i][0]);
        moor_buf_append_text(&json, "\",\"tag\":\"");
        memset(moor_buf_extend(&json, lengths[i][1]), 'b', lengths[i][1]);
        moor_buf_append_text(&json, "\"}");
        assert_int_equal(read_object(&object, moor_buf_slice(&json), &kind, &fixture.arena, NULL),
                         0);
        assert_int_equal(object.image_count, 1);
        assert_int_equal(object.images[0].form, MOOR_IMAGE_JOINED);
        assert_true(object.images[0].text.len >= 4097);
        moor_buf_release(&json);
        end(&fixture);
    }
}

int main(void)
{
    static struct CMUnitTest tests[MOOR_ARRAY_SIZE(found) + 1];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(found); i++) {
        tests[count++] = test_of_row(found[i].name, find_as_listed, &found[i]);
    }
    tests[count++] =
        (struct CMUnitTest)cmocka_unit_test(add__halves_of_any_length__too_long_for_a_reference);
    return _cmocka_run_group_tests("expression_halves", tests, count, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/object/annotation.h"
#include "policy/object/bounds.h"
#include "policy/object/image_set.h"
#include "policy/object/kinds.h"
#include "policy/object/reader.h"
#include "tests/unit/object_dump.h"

#include <stdlib.h>

#define ARENA_MAX ((size_t)16 * 1024 * 1024)

/* What is found in an object of a kind of Kubernetes; ' stands for ". */
struct row {
    const char *name;
    const char *kind;
    const char *json;
    const char *dump;
};

static const struct row rows[] = {
    {"read__containers__in_order", "Pod",
     "{'spec':{'containers':[{'name':'a','image':'x'},{'image':'y','name':'b'}]}}",
     "spec.containers[0] containers a x; spec.containers[1] containers b y;"},
    {"read__every_field__told_apart", "Pod",
     "{'spec':{'initContainers':[{'name':'i','image':'1'}],'ephemeralContainers':[{'name':'e',"
     "'image':'2'}],'volumes':[{'name':'v','image':{'reference':'3'}}]}}",
     "spec.initContainers[0] initContainers i 1; spec.ephemeralContainers[0] ephemeralContainers e "
     "2; spec.volumes[0].image imageVolumes v 3;"},
    {"read__pod_template__below_template", "PodTemplate",
     "{'template':{'spec':{'containers':[{'image':'x'}]}},'spec':{'containers':[{'image':'no'}]}}",
     "template.spec.containers[0] containers - x;"},
    {"read__deployment__below_spec_template", "Deployment",
     "{'spec':{'template':{'spec':{'containers':[{'image':'x'}]}}}}",
     "spec.template.spec.containers[0] containers - x;"},
    {"read__cron_job__below_job_template", "CronJob",
     "{'spec':{'jobTemplate':{'spec':{'template':{'spec':{'containers':[{'image':'x'}]}}}}}}",
     "spec.jobTemplate.spec.template.spec.containers[0] containers - x;"},
    {"read__image_of_other_places__no_image", "Pod",
     "{'image':'a','spec':{'image':'b','volumes':[{'rbd':{'image':'c'}}],'containers':[{'env':"
     "[{'image':'d'}],'image':'x'}]},'status':{'containerStatuses':[{'image':'e'}]}}",
     "spec.containers[0] containers - x;"},
    {"read__container_without_image__counts_as_empty", "Pod",
     "{'spec':{'containers':[{'name':'a'},{'name':'b','image':null},{}]}}",
     "spec.containers[0] containers a -; spec.containers[1] containers b -; spec.containers[2] "
     "containers - -;"},
    {"read__image_volume_without_reference__counts_as_empty", "Pod",
     "{'spec':{'volumes':[{'name':'v','image':{}},{'name':'w','emptyDir':{}},{'image':null}]}}",
     "spec.volumes[0].image imageVolumes v -;"},
    {"read__empty_and_blank_images__as_written", "Pod",
     "{'spec':{'containers':[{'name':'','image':''},{'image':'  '}]}}",
     "spec.containers[0] containers  ; spec.containers[1] containers -   ;"},
    {"read__escapes_in_keys__resolved", "Pod",
     "{'\\u0073pec':{'contai\\u006eers':[{'\\u006e\\u0061me':'a','i\\u006dage':'x'}]}}",
     "spec.containers[0] containers a x;"},
    {"read__escapes_in_texts__resolved", "Pod",
     "{'spec':{'containers':[{'name':'\\u0061\\/\\u00e4','image':'\\u006eginx:\\u006c'}]}}",
     "spec.containers[0] containers a/\xc3\xa4 nginx:l;"},
    {"read__upper_case_keys__no_image", "Pod",
     "{'spec':{'Containers':[{'image':'a'}],'containers':[{'Image':'b','image':'x'}]}}",
     "spec.containers[0] containers - x;"},
    {"read__empty_object__nothing", "Pod", "{}", ""},
    {"read__null__absent", "Pod", "null", " absent"},
    {"read__nulls_on_the_way__count_as_absent", "Pod",
     "{'metadata':null,'spec':{'containers':null,'volumes':[null]}}", ""},
    {"read__deletion_timestamp__deleting", "Pod",
     "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'}}", " deleting"},
    {"read__deletion_timestamp_of_any_type__deleting", "Pod",
     "{'metadata':{'deletionTimestamp':{'a':[1]}}}", " deleting"},
    {"read__deletion_timestamp_null__not_deleting", "Pod",
     "{'metadata':{'deletionTimestamp':null}}", ""},
    {"read__image_annotation_of_a_pod__an_image", "Pod",
     "{'metadata':{'annotations':{'x':'y','dapr.io/sidecar-image':'d'}},'spec':{'containers':"
     "[{'image':'x'}]}}",
     "metadata.annotations[dapr.io/sidecar-image] annotations dapr.io/sidecar-image d; "
     "spec.containers[0] containers - x;"},
    {"read__image_annotation_of_a_template__an_image", "CronJob",
     "{'spec':{'jobTemplate':{'spec':{'template':{'metadata':{'annotations':"
     "{'dapr.io\\/sidecar-image':'d'}}}}}}}",
     "spec.jobTemplate.spec.template.metadata.annotations[dapr.io/sidecar-image] annotations "
     "dapr.io/sidecar-image d;"},
    {"read__image_annotation_of_the_workload__no_image", "Job",
     "{'metadata':{'annotations':{'dapr.io/sidecar-image':'d'}},'spec':{'template':{'spec':{}}}}",
     ""},
    {"read__image_annotation_in_parts__put_together", "Pod",
     "{'metadata':{'annotations':{'config.linkerd.io/proxy-version':'v','config.linkerd.io/"
     "proxy-image':'r/p','config.linkerd.io/init-image':'r/i'}}}",
     "metadata.annotations[config.linkerd.io/proxy-version] annotations "
     "config.linkerd.io/proxy-version r/p:v; metadata.annotations[config.linkerd.io/init-image] "
     "annotations config.linkerd.io/init-image r/i;"},
    {"read__image_annotation_empty_or_null__no_image", "Pod",
     "{'metadata':{'annotations':{'dapr.io/sidecar-image':'','config.linkerd.io/proxy-version':"
     "null,'config.linkerd.io/init-image-version':''}}}",
     ""},
    {"read__revision__below_data", "ControllerRevision",
     "{'data':{'spec':{'template':{'$patch':'replace','spec':{'containers':[{'image':'x'}]}}}},"
     "'spec':{'template':{'spec':{'containers':[{'image':'no'}]}}}}",
     "data.spec.template.spec.containers[0] containers - x;"},
    {"read__revision_in_another_case__the_same", "ControllerRevision",
     "{'data':{'\\u017fPEC':{'Template':{'spec':{'initcontainers':[{'NAME':'a','Image':'x'}]}}}}}",
     "data.spec.template.spec.initContainers[0] initContainers a x;"},
    {"read__mirror_annotation__mirror", "Pod",
     "{'metadata':{'annotations':{'kubernetes.io/config.mirror':'x'}}}", " mirror"},
    {"read__other_annotations__no_mirror", "Pod",
     "{'metadata':{'annotations':{'kubernetes.io/config.source':'x'},'labels':{"
     "'kubernetes.io/config.mirror':'x'}}}",
     ""},
    {"read__controlling_owner__found", "Pod",
     "{'metadata':{'ownerReferences':[{'kind':'A','name':'a'},{'name':'b','controller':true,"
     "'kind':'B'},{'kind':'C','name':'c','controller':false}]}}",
     " owner=B/b"},
    {"read__owner_without_controller__none", "Pod",
     "{'metadata':{'ownerReferences':[{'kind':'A','name':'a'},{'kind':'B','name':'b',"
     "'controller':'true'}]}}",
     ""},
    {"read__object_is_a_list__malformed", "Pod", "[{'spec':{}}]", " malformed=object"},
    {"read__object_is_a_string__malformed", "Pod", "'spec'", " malformed=object"},
    {"read__spec_is_a_list__malformed", "Pod", "{'spec':[]}", " malformed=spec"},
    {"read__containers_is_an_object__malformed", "Deployment",
     "{'spec':{'template':{'spec':{'containers':{'a':{'image':'x'}}}}}}",
     " malformed=spec.template.spec.containers"},
    {"read__container_is_a_string__malformed", "Pod",
     "{'spec':{'containers':[{'image':'x'},'y',{'image':'z'}]}}",
     "spec.containers[0] containers - x; spec.containers[2] containers - z; "
     "malformed=spec.containers[1]"},
    {"read__image_is_a_number__malformed", "Pod",
     "{'spec':{'containers':[{'image':'x'},{'image':5}]}}",
     "spec.containers[0] containers - x; malformed=spec.containers[1].image"},
    {"read__image_is_an_object__malformed", "Pod",
     "{'spec':{'containers':[{'image':{'image':'x'}}]}}", " malformed=spec.containers[0].image"},
    {"read__name_is_a_number__malformed", "Pod", "{'spec':{'containers':[{'name':5,'image':'x'}]}}",
     "spec.containers[0] containers - x; malformed=spec.containers[0].name"},
    {"read__volume_image_is_a_string__malformed", "Pod", "{'spec':{'volumes':[{'image':'x'}]}}",
     " malformed=spec.volumes[0].image"},
    {"read__reference_is_a_list__malformed", "Pod",
     "{'spec':{'volumes':[{'image':{'reference':['x']}}]}}",
     " malformed=spec.volumes[0].image.reference"},
    {"read__annotations_is_a_list__malformed", "Pod", "{'metadata':{'annotations':[]}}",
     " malformed=metadata.annotations"},
    {"read__owner_kind_is_a_number__malformed", "Pod",
     "{'metadata':{'ownerReferences':[{'kind':1}]}}",
     " malformed=metadata.ownerReferences[0].kind"},
    {"read__several_wrong__first_is_told", "Pod", "{'spec':{'initContainers':1,'containers':2}}",
     " malformed=spec.initContainers"},
};

/* What is refused whole. */
struct wrong {
    const char *name;
    const char *json;
    enum moor_error_code code;
};

static const struct wrong wrongs[] = {
    {"read__no_text__refused", "", MOOR_ERROR_SYNTAX},
    {"read__cut_off__refused", "{'spec':{'containers':[", MOOR_ERROR_SYNTAX},
    {"read__cut_off_in_skipped__refused", "{'status':{'a':[", MOOR_ERROR_SYNTAX},
    {"read__bad_utf8_in_skipped__refused", "{'status':'\xff'}", MOOR_ERROR_SYNTAX},
    {"read__lone_surrogate_in_image__refused", "{'spec':{'containers':[{'image':'\\ud800'}]}}",
     MOOR_ERROR_SYNTAX},
    {"read__comma_missing__refused", "{'spec':{} 'metadata':{}}", MOOR_ERROR_SYNTAX},
    {"read__spec_twice__refused", "{'spec':{},'spec':{}}", MOOR_ERROR_VALUE},
    {"read__spec_twice_by_escape__refused", "{'spec':{},'\\u0073pec':{}}", MOOR_ERROR_VALUE},
    {"read__spec_twice_with_null__refused", "{'spec':null,'spec':{}}", MOOR_ERROR_VALUE},
    {"read__containers_twice__refused", "{'spec':{'containers':[],'containers':[]}}",
     MOOR_ERROR_VALUE},
    {"read__image_twice__refused", "{'spec':{'containers':[{'image':'a','image':'a'}]}}",
     MOOR_ERROR_VALUE},
    {"read__name_twice__refused", "{'spec':{'containers':[{'name':'a','name':'b'}]}}",
     MOOR_ERROR_VALUE},
    {"read__deletion_timestamp_twice__refused",
     "{'metadata':{'deletionTimestamp':null,'deletionTimestamp':'x'}}", MOOR_ERROR_VALUE},
    {"read__image_annotation_twice__refused",
     "{'metadata':{'annotations':{'dapr.io/sidecar-image':'a','dapr.io/sidecar-image':'b'}}}",
     MOOR_ERROR_VALUE},
};

struct fixture {
    struct moor_arena arena;
    struct moor_buf json;
    struct moor_object object;
    struct moor_error err;
};

static void begin(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    moor_arena_init(&fixture->arena, ARENA_MAX);
    moor_buf_init(&fixture->json, ARENA_MAX);
}

static void end(struct fixture *fixture)
{
    moor_arena_release(&fixture->arena);
    moor_buf_release(&fixture->json);
}

static void append_json(struct fixture *fixture, const char *text)
{
    for (; *text != '\0'; text++) {
        moor_buf_append_byte(&fixture->json, (char)(*text == '\'' ? '"' : *text));
    }
}

static const struct moor_kind *kind_of(const char *name)
{
    static const char *const groups[] = {"", "apps", "batch"};
    const struct moor_kind *kind = NULL;
    for (size_t i = 0; i < 3 && kind == NULL; i++) {
        kind = moor_kind_find(moor_slice_from(groups[i]), (struct moor_slice){0},
                              moor_slice_from(name));
    }
    assert_non_null(kind);
    return kind;
}

static int read_as(struct fixture *fixture, const char *kind)
{
    return read_object(&fixture->object, moor_buf_slice(&fixture->json), kind_of(kind),
                       &fixture->arena, &fixture->err);
}

static void find_as_listed(void **state)
{
    const struct row *row = *state;
    struct fixture fixture;
    begin(&fixture);
    append_json(&fixture, row->json);
    assert_int_equal(read_as(&fixture, row->kind), 0);
    assert_int_equal(fixture.object.image_total, fixture.object.image_count);
    struct moor_buf dump;
    moor_buf_init(&dump, 4096);
    dump_object(&dump, &fixture.object);
    assert_slice_equal(moor_buf_slice(&dump), row->dump);
    moor_buf_release(&dump);
    end(&fixture);
}

static void refuse_as_listed(void **state)
{
    const struct wrong *row = *state;
    struct fixture fixture;
    begin(&fixture);
    append_json(&fixture, row->json);
    assert_int_equal(read_as(&fixture, "Pod"), -1);
    assert_int_equal(fixture.err.code, row->code);
    assert_true(strlen(fixture.err.text) > 0);
    end(&fixture);
}

/* --- limits ----------------------------------------------------------------------------------- */

static void append_containers(struct fixture *fixture, size_t count)
{
    append_json(fixture, "{'spec':{'containers':[");
    for (size_t i = 0; i < count; i++) {
        append_json(fixture, i > 0 ? "," : "");
        moor_buf_printf(&fixture->json, "{\"image\":\"i%zu\",\"name\":\"n%zu\"}", i, i);
    }
    append_json(fixture, "]}}");
    assert_int_equal(moor_buf_check(&fixture->json, NULL), 0);
}

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

/* What the arena has no room for is counted, and room is left for what else a request needs. */
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

/* More annotations than the API server takes, each compared with all that are read. */
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

/* Nesting that nobody reads is only limited by the reader. */
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

/* Too long for any reference: kept as it stands, so that it costs no memory. */
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

/* --- sets of images --------------------------------------------------------------------------- */

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
    static const struct CMUnitTest others[] = {
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
        cmocka_unit_test(has__other_expression__no),
        cmocka_unit_test(has__as_many_images_as_are_kept__all_found),
        cmocka_unit_test(init__no_memory__said_so),
    };
    static struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows) + MOOR_ARRAY_SIZE(wrongs) +
                                   MOOR_ARRAY_SIZE(memberships) + MOOR_ARRAY_SIZE(others)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[count++] = test_of_row(rows[i].name, find_as_listed, &rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(wrongs); i++) {
        tests[count++] = test_of_row(wrongs[i].name, refuse_as_listed, &wrongs[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(memberships); i++) {
        tests[count++] = test_of_row(memberships[i].name, has_as_listed, &memberships[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(others); i++) {
        tests[count++] = others[i];
    }
    return _cmocka_run_group_tests("object", tests, count, NULL, NULL);
}

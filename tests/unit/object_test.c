/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/object_fixture.h"

#include "policy/base/array_size.h"

/* An object of a built-in kind and its dump; each ' is read as ". */
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

/* An object that is refused as a whole. */
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

int main(void)
{
    static struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows) + MOOR_ARRAY_SIZE(wrongs)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[count++] = test_of_row(rows[i].name, find_as_listed, &rows[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(wrongs); i++) {
        tests[count++] = test_of_row(wrongs[i].name, refuse_as_listed, &wrongs[i]);
    }
    return _cmocka_run_group_tests("object", tests, count, NULL, NULL);
}

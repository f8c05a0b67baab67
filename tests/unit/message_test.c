/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/utf8.h"
#include "policy/message.h"

/* --- whole messages --------------------------------------------------------------------------- */

/* A verdict over `count` denied images that all look the same, as hostile as the caller likes. */
struct scene {
    struct moor_request request;
    struct moor_environment environment;
    struct moor_verdict verdict;
    struct moor_object_image images[64];
    struct moor_image_verdict verdicts[64];
    struct moor_buf out;
};

static void set_scene(struct scene *scene, size_t count, struct moor_slice text,
                      struct moor_slice name, struct moor_slice where)
{
    *scene = (struct scene){0};
    scene->environment.name = MOOR_SLICE("production");
    scene->verdict.request = &scene->request;
    scene->verdict.environment = &scene->environment;
    scene->verdict.scope = MOOR_SCOPE_JUDGE;
    scene->verdict.worst = MOOR_DECISION_DENY;
    scene->verdict.images = scene->verdicts;
    scene->verdict.image_count = count;
    scene->verdict.counts[MOOR_DECISION_DENY] = count;
    for (size_t i = 0; i < count; i++) {
        scene->images[i] = (struct moor_object_image){
            .text = text, .name = name, .where = where, .index = (uint32_t)i};
        scene->verdicts[i] = (struct moor_image_verdict){
            .image = &scene->images[i],
            .class = MOOR_CLASS_CHANNEL,
            .level = MOOR_LEVEL_ROLLING,
            .requirement = MOOR_REQUIREMENT_RELEASE,
            .decision = MOOR_DECISION_DENY,
            .would_deny = true,
        };
        if (moor_reference_parse(&scene->verdicts[i].reference, text, NULL) != 0) {
            scene->verdicts[i].class = MOOR_CLASS_INVALID;
        }
    }
    moor_buf_init(&scene->out, (size_t)64 * 1024);
}

static void append_denial__one_image__the_documented_form(void **state)
{
    (void)state;
    struct scene scene;
    set_scene(&scene, 1, MOOR_SLICE("nginx:latest"), MOOR_SLICE("web"),
              MOOR_SLICE("spec.template.spec.containers"));
    moor_message_append_denial(&scene.out, &scene.verdict);
    assert_slice_equal(moor_buf_slice(&scene.out),
                       "spec.template.spec.containers[0] \"web\": nginx:latest is rolling (channel "
                       "\"latest\"), production requires a release: use a version such as "
                       "nginx:1.2.3, or nginx@sha256:<digest>");
    moor_buf_release(&scene.out);
}

static void append_denial__seventeen_images__sixteen_and_one_more(void **state)
{
    (void)state;
    struct scene scene;
    set_scene(&scene, 17, MOOR_SLICE("nginx:latest"), MOOR_SLICE("web"),
              MOOR_SLICE("spec.containers"));
    moor_message_append_denial(&scene.out, &scene.verdict);
    size_t lines = 1;
    for (size_t i = 0; i < scene.out.len; i++) {
        lines += scene.out.ptr[i] == '\n';
    }
    assert_int_equal(lines, 17);
    struct moor_slice end =
        moor_slice_sub(moor_buf_slice(&scene.out), scene.out.len - 11, scene.out.len);
    assert_slice_equal(end, "\nand 1 more");
    moor_buf_release(&scene.out);
}

static void append_denial__hostile_texts__within_its_limit_and_one_is_shown(void **state)
{
    (void)state;
    char noise[4096];
    memset(noise, 0x01, sizeof noise);
    struct moor_slice text = {noise, sizeof noise};
    struct scene scene;
    set_scene(&scene, 40, text, text, text);
    moor_message_append_denial(&scene.out, &scene.verdict);
    assert_in_range(scene.out.len, 1000, MOOR_MESSAGE_MAX_BYTES);
    assert_int_equal(scene.out.ptr[0], '\\');
    struct moor_slice end =
        moor_slice_sub(moor_buf_slice(&scene.out), scene.out.len - 12, scene.out.len);
    assert_slice_equal(end, "\nand 39 more");
    moor_buf_release(&scene.out);
}

static size_t characters(struct moor_slice text)
{
    size_t count = 0;
    for (const char *at = text.ptr; at < text.ptr + text.len; count++) {
        size_t len = moor_utf8_length(at, text.ptr + text.len);
        assert_int_not_equal(len, 0);
        at += len;
    }
    return count;
}

static void append_warning__hostile_texts__short_and_on_one_line(void **state)
{
    (void)state;
    char noise[4096];
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = "\xc3\xb6\n\xff"[i % 4];
    }
    struct moor_slice text = {noise, sizeof noise};
    struct scene scene;
    set_scene(&scene, 1, text, text, text);
    moor_message_append_warning(&scene.out, &scene.verdict, &scene.verdicts[0]);
    assert_in_range(characters(moor_buf_slice(&scene.out)), 200, MOOR_WARNING_MAX_CHARACTERS);
    assert_null(memchr(scene.out.ptr, '\n', scene.out.len));
    moor_buf_release(&scene.out);
}

static void append_warning__mode_holds_back__says_that_it_will_refuse(void **state)
{
    (void)state;
    struct scene scene;
    set_scene(&scene, 1, MOOR_SLICE("nginx"), MOOR_SLICE("web"), MOOR_SLICE("spec.containers"));
    scene.verdicts[0].decision = MOOR_DECISION_WARN;
    scene.verdicts[0].class = MOOR_CLASS_UNTAGGED;
    moor_message_append_warning(&scene.out, &scene.verdict, &scene.verdicts[0]);
    assert_slice_equal(moor_buf_slice(&scene.out),
                       "spec.containers[0] \"web\": nginx is rolling (untagged), production will "
                       "refuse this, it requires a release: use a version such as 1.2.3, or a "
                       "digest");
    moor_buf_release(&scene.out);
}

static void append_fault__too_many_images__tells_the_count(void **state)
{
    (void)state;
    struct scene scene;
    set_scene(&scene, 0, MOOR_SLICE(""), MOOR_SLICE(""), MOOR_SLICE(""));
    scene.verdict.fault = MOOR_FAULT_TOO_MANY_IMAGES;
    scene.verdict.fault_decision = MOOR_DECISION_DENY;
    scene.request.object.image_total = 20000;
    moor_message_append_denial(&scene.out, &scene.verdict);
    assert_slice_equal(moor_buf_slice(&scene.out),
                       "the object has 20000 images, at most 4096 are evaluated: split it");
    moor_buf_release(&scene.out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_denial__one_image__the_documented_form),
        cmocka_unit_test(append_denial__seventeen_images__sixteen_and_one_more),
        cmocka_unit_test(append_denial__hostile_texts__within_its_limit_and_one_is_shown),
        cmocka_unit_test(append_warning__hostile_texts__short_and_on_one_line),
        cmocka_unit_test(append_warning__mode_holds_back__says_that_it_will_refuse),
        cmocka_unit_test(append_fault__too_many_images__tells_the_count),
    };
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}

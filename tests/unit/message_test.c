/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
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

#define REQUIRES   "; environment \"production\" requires "
#define NGINX_TEXT "image \"nginx:1.25\" has a mutable tag (partial-version)"

/* --- where: a row is an image's place and the beginning of its message ---------------------------
 */

struct place_row {
    const char *name;
    const char *where;
    uint32_t index;
    enum moor_field field;
    const char *container;
    const struct moor_annotation *annotation;
    const char *expected;
};

static const struct moor_annotation as_image = {.form = MOOR_ANNOTATION_IMAGE};

static const struct place_row place_rows[] = {
    {"container", "spec.containers", 0, MOOR_FIELD_CONTAINERS, "web", NULL,
     "spec.containers[0] (container \"web\"): image"},
    {"container_without_a_name", "spec.containers", 2, MOOR_FIELD_CONTAINERS, "", NULL,
     "spec.containers[2]: image"},
    {"debugger", "spec.ephemeralContainers", 1, MOOR_FIELD_EPHEMERAL_CONTAINERS, "d", NULL,
     "spec.ephemeralContainers[1] (container \"d\"): image"},
    {"image_volume", "spec.volumes[3].image", MOOR_OBJECT_NO_INDEX, MOOR_FIELD_IMAGE_VOLUMES,
     "model", NULL, "spec.volumes[3].image (volume \"model\"): image"},
    {"annotation", "metadata.annotations[a/b]", MOOR_OBJECT_NO_INDEX, MOOR_FIELD_ANNOTATIONS, "a/b",
     &as_image, "metadata.annotations[a/b] (annotation): image"},
    {"custom_resource", "spec.tools[0].image", MOOR_OBJECT_NO_INDEX, MOOR_FIELD_CONTAINERS, "x",
     NULL, "spec.tools[0].image (field of Widget): image"},
};

static void append_image__place__as_expected(void **state)
{
    static const struct moor_kind widget = {.kind = {"Widget", 6}, .is_custom = true};
    const struct place_row *row = *state;
    struct scene scene;
    set_scene(&scene, 1, MOOR_SLICE("nginx"), moor_slice_from(row->container),
              moor_slice_from(row->where));
    scene.request.holds = &widget;
    scene.images[0].index = row->index;
    scene.images[0].field = row->field;
    scene.images[0].annotation = row->annotation;
    moor_message_append_image(&scene.out, &scene.verdict, &scene.verdicts[0]);
    struct moor_slice start = moor_slice_sub(moor_buf_slice(&scene.out), 0, strlen(row->expected));
    assert_slice_equal(start, row->expected);
    moor_buf_release(&scene.out);
}

/* --- whole denials -------------------------------------------------------------------------------
 */

static void append_denial__one_image__the_documented_form(void **state)
{
    (void)state;
    struct scene scene;
    set_scene(&scene, 1, MOOR_SLICE("nginx:1.25"), MOOR_SLICE("web"),
              MOOR_SLICE("spec.containers"));
    scene.verdicts[0].class = MOOR_CLASS_PARTIAL_VERSION;
    moor_message_append_denial(&scene.out, &scene.verdict);
    assert_slice_equal(moor_buf_slice(&scene.out),
                       "spec.containers[0] (container \"web\"): " NGINX_TEXT REQUIRES
                       "at least a release: use nginx:1.25.<patch>, or nginx@sha256:<digest>");
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

/* --- warnings ------------------------------------------------------------------------------------
 */

struct warning_row {
    const char *name;
    bool would_deny;
    enum moor_requirement requirement;
    const char *expected; /* after the path */
};

static const struct warning_row warning_rows[] = {
    {"below_warn", false, MOOR_REQUIREMENT_RELEASE,
     NGINX_TEXT "; environment \"production\" recommends at least a release: use tag 1.25.<patch>, "
                "or a digest"},
    {"held_back_by_the_mode", true, MOOR_REQUIREMENT_RELEASE,
     NGINX_TEXT "; environment \"production\" will require at least a release: use tag "
                "1.25.<patch>, or a digest"},
    {"digest", false, MOOR_REQUIREMENT_DIGEST,
     "image \"nginx:1.25\" has a tag but no digest; environment \"production\" recommends a "
     "digest: "
     "use its @sha256:<digest>"},
};

static void append_warning__row__as_expected(void **state)
{
    static const char path[] = "spec.containers[0] (container \"web\"): ";
    const struct warning_row *row = *state;
    struct scene scene;
    set_scene(&scene, 1, MOOR_SLICE("nginx:1.25"), MOOR_SLICE("web"),
              MOOR_SLICE("spec.containers"));
    struct moor_image_verdict *image = &scene.verdicts[0];
    image->decision = MOOR_DECISION_WARN;
    image->would_deny = row->would_deny;
    image->class = MOOR_CLASS_PARTIAL_VERSION;
    image->requirement = row->requirement;
    moor_message_append_warning(&scene.out, &scene.verdict, image);
    assert_memory_equal(scene.out.ptr, path, strlen(path));
    assert_slice_equal(moor_slice_sub(moor_buf_slice(&scene.out), strlen(path), scene.out.len),
                       row->expected);
    moor_buf_release(&scene.out);
}

static void append_exemption__until_and_permanent__the_reason(void **state)
{
    (void)state;
    struct scene scene;
    struct moor_exemption exemption = {.name = MOOR_SLICE("old"),
                                       .reason = MOOR_SLICE("moves in May"),
                                       .until = MOOR_SLICE("2027-03-31")};
    set_scene(&scene, 0, MOOR_SLICE(""), MOOR_SLICE(""), MOOR_SLICE(""));
    moor_message_append_exemption(&scene.out, &exemption);
    assert_slice_equal(moor_buf_slice(&scene.out),
                       "exemption \"old\" was used; it applies until 2027-03-31: moves in May");
    moor_buf_clear(&scene.out);
    exemption.is_permanent = true;
    moor_message_append_exemption(&scene.out, &exemption);
    assert_slice_equal(moor_buf_slice(&scene.out), "exemption \"old\" was used: moves in May");
    moor_buf_release(&scene.out);
}

static void append_lost_environment__unknown_path__names_both(void **state)
{
    (void)state;
    struct scene scene;
    set_scene(&scene, 0, MOOR_SLICE(""), MOOR_SLICE(""), MOOR_SLICE(""));
    scene.verdict.asked_environment = MOOR_SLICE("prodution");
    moor_message_append_lost_environment(&scene.out, &scene.verdict);
    assert_slice_equal(moor_buf_slice(&scene.out),
                       "the policy has no environment \"prodution\", which the URL path of the "
                       "webhook names; environment \"production\" applies instead: correct the "
                       "webhook configuration");
    moor_buf_release(&scene.out);
}

/* --- faults --------------------------------------------------------------------------------------
 */

struct fault_row {
    const char *name;
    enum moor_fault fault;
    enum moor_decision decision;
    const char *expected;
};

#define DENIES "; environment \"production\" denies such objects: "

static const struct fault_row fault_rows[] = {
    {"none", MOOR_FAULT_NONE, MOOR_DECISION_ALLOW, ""},
    {"malformed", MOOR_FAULT_MALFORMED, MOOR_DECISION_DENY,
     "spec.containers: malformed for kind Pod, so the images of the object cannot be "
     "evaluated" DENIES "correct the structure of this field"},
    {"too_many_images", MOOR_FAULT_TOO_MANY_IMAGES, MOOR_DECISION_DENY,
     "the object has 20000 images, and at most 4096 are evaluated" DENIES "split the object"},
    {"too_large", MOOR_FAULT_TOO_LARGE, MOOR_DECISION_DENY,
     "the object is too large to be read completely, and only 12 of its images were "
     "evaluated" DENIES "split the object"},
    {"too_costly", MOOR_FAULT_TOO_COSTLY, MOOR_DECISION_DENY,
     "matching the object against the policy takes more than 8000000 steps, and only 7 of its "
     "20000 images were evaluated" DENIES "split the object, or simplify the policy"},
    {"held_back_by_the_mode", MOOR_FAULT_TOO_MANY_IMAGES, MOOR_DECISION_WARN,
     "the object has 20000 images, and at most 4096 are evaluated; environment \"production\" will "
     "deny such objects: split the object"},
};

static void append_fault__row__as_expected(void **state)
{
    static const struct moor_kind pod = {.kind = {"Pod", 3}};
    const struct fault_row *row = *state;
    struct scene scene;
    set_scene(&scene, 0, MOOR_SLICE(""), MOOR_SLICE(""), MOOR_SLICE(""));
    scene.request.holds = &pod;
    scene.request.object.malformed = MOOR_SLICE("spec.containers");
    scene.request.object.image_total = 20000;
    scene.request.object.image_count = 12;
    scene.verdict.image_count = 7;
    scene.verdict.fault = row->fault;
    scene.verdict.fault_decision = row->decision;
    scene.verdict.fault_would_deny = row->fault != MOOR_FAULT_NONE;
    moor_message_append_fault(&scene.out, &scene.verdict);
    assert_slice_equal(moor_buf_slice(&scene.out), row->expected);
    moor_buf_release(&scene.out);
}

/* --- main ----------------------------------------------------------------------------------------
 */

/* A table of rows that all begin with their name. */
static const struct {
    const char *subject;
    const char *rows;
    size_t size;
    size_t count;
    void (*test)(void **state);
} tables[] = {
    {"append_place", (const char *)place_rows, sizeof *place_rows, MOOR_ARRAY_SIZE(place_rows),
     append_image__place__as_expected},
    {"append_warning", (const char *)warning_rows, sizeof *warning_rows,
     MOOR_ARRAY_SIZE(warning_rows), append_warning__row__as_expected},
    {"append_fault", (const char *)fault_rows, sizeof *fault_rows, MOOR_ARRAY_SIZE(fault_rows),
     append_fault__row__as_expected},
};

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(append_denial__one_image__the_documented_form),
        cmocka_unit_test(append_denial__seventeen_images__sixteen_and_one_more),
        cmocka_unit_test(append_denial__hostile_texts__within_its_limit_and_one_is_shown),
        cmocka_unit_test(append_warning__hostile_texts__short_and_on_one_line),
        cmocka_unit_test(append_exemption__until_and_permanent__the_reason),
        cmocka_unit_test(append_lost_environment__unknown_path__names_both),
    };

    enum {
        ROWS = MOOR_ARRAY_SIZE(place_rows) + MOOR_ARRAY_SIZE(warning_rows) +
               MOOR_ARRAY_SIZE(fault_rows),
        OTHERS = MOOR_ARRAY_SIZE(others)
    };

    static char names[ROWS][96];
    static struct CMUnitTest tests[ROWS + OTHERS];
    size_t count = OTHERS;
    memcpy(tests, others, sizeof others);
    for (size_t t = 0; t < MOOR_ARRAY_SIZE(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++, count++) {
            const char *row = tables[t].rows + i * tables[t].size;
            char *name = names[count - OTHERS];
            (void)snprintf(name, sizeof names[0], "%s__%s__as_expected", tables[t].subject,
                           *(const char *const *)(const void *)row);
            tests[count] = test_of_row(name, tables[t].test, row);
        }
    }
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}

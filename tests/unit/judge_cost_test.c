/* SPDX-License-Identifier: Apache-2.0 */
/* How many matching steps a request takes, and what becomes of one that takes too many. */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/judge.h"
#include "policy/object/kinds.h"
#include "policy/rules/cost.h"

#define FILE_MAX   ((size_t)1 << 20)
#define IMAGES_MAX MOOR_OBJECT_MAX_IMAGES
#define ONE        "version: 1\nenvironments: [{name: all, default: true, enforce: release}]\n"
#define SLOW       "repositories: [{match: ['**'], release: ['([a-z0-9]+-?)+\\d{8}']}]\n"

struct scene {
    struct moor_policy *policy;
    struct moor_workspace workspace;
    struct moor_buf texts; /* memory of the image texts */
    struct moor_object_image *images;
    struct moor_request request;
    struct moor_verdict verdict;
};

static struct moor_policy *load(struct moor_slice text)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, 65536);
    if (moor_policy_load(&policy, text, "p.yaml", &diagnostics) != 0) {
        print_error("%.*s", MOOR_SLICE_ARGS(moor_buf_slice(&diagnostics)));
    }
    assert_non_null(policy);
    moor_buf_release(&diagnostics);
    return policy;
}

static struct scene *begin(struct moor_slice policy)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->policy = load(policy);
    assert_int_equal(moor_workspace_init(&scene->workspace, NULL), 0);
    moor_buf_init(&scene->texts, (size_t)16 << 20);
    scene->images = calloc(IMAGES_MAX, sizeof *scene->images);
    assert_non_null(scene->images);
    scene->request = (struct moor_request){
        .operation = MOOR_OPERATION_CREATE,
        .kind = MOOR_SLICE("Pod"),
        .user = MOOR_SLICE("jane"),
        .holds = moor_kind_find(MOOR_SLICE(""), MOOR_SLICE("pods"), (struct moor_slice){0}),
        .object = {.is_present = true, .images = scene->images},
    };
    return scene;
}

static void end(struct scene *scene)
{
    moor_policy_release(scene->policy);
    moor_workspace_release(&scene->workspace);
    moor_buf_release(&scene->texts);
    free(scene->images);
    free(scene);
}

/* `count` images `before<number>after`, in containers of their own. */
static void set_images(struct scene *scene, size_t count, const char *before, const char *after)
{
    size_t each = strlen(before) + strlen(after) + 8;
    moor_buf_clear(&scene->texts);
    for (size_t i = 0; i < count; i++) {
        moor_buf_printf(&scene->texts, "%s%08zu%s", before, i, after);
    }
    assert_int_equal(moor_buf_check(&scene->texts, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        scene->images[i] = (struct moor_object_image){
            .text = {scene->texts.ptr + i * each, each},
            .where = MOOR_SLICE("spec.containers"),
            .index = (uint32_t)i,
        };
    }
    scene->request.object.image_count = count;
    scene->request.object.image_total = count;
}

static const struct moor_verdict *judge(struct scene *scene)
{
    const struct moor_judge_context context = {.now = 1};
    moor_arena_reset(&scene->workspace.arena);
    assert_int_equal(moor_judge(&scene->verdict, scene->policy, &scene->request, &context,
                                &scene->workspace, NULL),
                     0);
    assert_false(moor_matcher_is_exhausted(scene->workspace.matcher));
    return &scene->verdict;
}

/* --- the costliest objects under policies that were written to be slow --------------------------
 */

static void append_repositories(struct moor_buf *out)
{
    moor_buf_append_text(out, ONE "repositories:\n");
    for (unsigned i = 0; i < 1000; i++) {
        moor_buf_printf(out, "- {match: ['**/team-%u/*'], otherwise: release}\n", i);
    }
}

static void append_exemptions(struct moor_buf *out)
{
    moor_buf_append_text(out, ONE "exemptions:\n");
    for (unsigned i = 0; i < 100; i++) {
        moor_buf_printf(out,
                        "- {name: e%u, reason: long enough, permanent: true, match: {images: [", i);
        for (unsigned j = 0; j < 40; j++) {
            moor_buf_printf(out, "%s'**/vendor-%u-%u/*'", j > 0 ? ", " : "", i, j);
        }
        moor_buf_append_text(out, "]}}\n");
    }
}

static void append_containers(struct moor_buf *out)
{
    moor_buf_append_text(out, ONE "exemptions:\n");
    for (unsigned i = 0; i < 16; i++) {
        moor_buf_printf(
            out, "- {name: e%u, reason: long enough, permanent: true, match: {containers: [", i);
        for (unsigned j = 0; j < 250; j++) {
            moor_buf_printf(out, "%s'*a*b%u-%u'", j > 0 ? ", " : "", i, j);
        }
        moor_buf_append_text(out, "]}}\n");
    }
}

static void append_image_rules(struct moor_buf *out)
{
    moor_buf_append_text(out, "version: 1\nenvironments:\n- name: all\n  default: true\n"
                              "  enforce: release\n  images:\n");
    for (unsigned i = 0; i < 64; i++) {
        moor_buf_append_text(out, "  - {enforce: any, match: [");
        for (unsigned j = 0; j < 60; j++) {
            moor_buf_printf(out, "%s'**/a/?*%u_*%u_*'", j > 0 ? ", " : "", i, j);
        }
        moor_buf_append_text(out, "]}\n");
    }
}

static void append_slow_pattern(struct moor_buf *out)
{
    moor_buf_append_text(out, ONE SLOW);
}

struct slow_row {
    const char *name;
    void (*append)(struct moor_buf *out);
    const char *before; /* the number of the image */
    const char *after;
    bool is_too_costly; /* for 4,096 of these images */
};

#define DEEP "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"

static struct slow_row slow_rows[] = {
    {"judge__many_repository_globs__looked_up", append_repositories, "r.io/team-7/app-", ":a1b2",
     false},
    {"judge__many_exempted_globs__looked_up", append_exemptions, "r.io/vendor-7-7/app-", ":a1b2",
     false},
    {"judge__many_image_rules__too_costly", append_image_rules, "r.io/" DEEP "/x1-", ":1", true},
    {"judge__many_container_globs__too_costly", append_containers, "r.io/app-", ":latest", true},
    {"judge__slow_pattern__too_costly", append_slow_pattern, "r.io/app:aaaaaaaaaaaaaaaaaaaaaaa",
     "x", true},
};

static void judge__slow_row(void **state)
{
    const struct slow_row *row = *state;
    struct moor_buf text;
    moor_buf_init(&text, FILE_MAX);
    row->append(&text);
    struct scene *scene = begin(moor_buf_slice(&text));
    set_images(scene, IMAGES_MAX, row->before, row->after);
    const struct moor_verdict *verdict = judge(scene);
    assert_int_equal(verdict->fault, row->is_too_costly ? MOOR_FAULT_TOO_COSTLY : MOOR_FAULT_NONE);
    /* Past the budget by one match at most. */
    assert_in_range(verdict->steps, 1000000, MOOR_COST_MAX_STEPS + 100000);
    uint64_t steps = verdict->steps;
    size_t images = verdict->image_count;
    assert_true(row->is_too_costly ? images < IMAGES_MAX : images == IMAGES_MAX);
    verdict = judge(scene);
    assert_int_equal(verdict->steps, steps);
    assert_int_equal(verdict->image_count, images);
    end(scene);
    moor_buf_release(&text);
}

static void judge__default_policy__most_images_fit(void **state)
{
    (void)state;
    struct scene *scene = begin(moor_policy_default_text());
    set_images(scene, IMAGES_MAX, "registry.example.com/a-team/of-some-size/application-",
               ":v1.22.333-alpine3.20-20240107-123456");
    assert_int_equal(judge(scene)->fault, MOOR_FAULT_NONE);
    assert_int_equal(scene->verdict.image_count, IMAGES_MAX);
    assert_in_range(scene->verdict.steps, 1000000, MOOR_COST_MAX_STEPS);
    end(scene);
}

/* --- what becomes of an object that is too costly -----------------------------------------------
 */

struct decision_row {
    const char *name;
    const char *policy;
    const char *user;
    enum moor_decision expected;
    bool would_deny;
};

#define MODE(mode) \
    "version: 1\nmode: " mode "\nenvironments: [{name: all, default: true, enforce: release}]\n"
#define CONTROLLER "system:serviceaccount:kube-system:replicaset-controller"

static struct decision_row decision_rows[] = {
    {"fault__enforce__denied", MODE("enforce") SLOW, "jane", MOOR_DECISION_DENY, true},
    {"fault__warn__warned", MODE("warn") SLOW, "jane", MOOR_DECISION_WARN, true},
    {"fault__audit__audited", MODE("audit") SLOW, "jane", MOOR_DECISION_AUDIT, true},
    {"fault__controller__audited", MODE("enforce") SLOW, CONTROLLER, MOOR_DECISION_AUDIT, false},
    {"fault__controller_held_to_release__denied",
     MODE("enforce") "controllers: {enforce: release}\n" SLOW, CONTROLLER, MOOR_DECISION_DENY,
     true},
    {"fault__controller_not_audited__allowed",
     MODE("enforce") "controllers: {audit: ignore}\n" SLOW, CONTROLLER, MOOR_DECISION_ALLOW, false},
};

static void assert_fault(struct scene *scene, const struct decision_row *row, enum moor_fault fault)
{
    const struct moor_verdict *verdict = judge(scene);
    assert_int_equal(verdict->fault, fault);
    assert_int_equal(verdict->fault_decision, row->expected);
    assert_int_equal(verdict->fault_would_deny, row->would_deny);
    assert_int_equal(moor_verdict_allows(verdict), row->expected < MOOR_DECISION_DENY);
    assert_true(verdict->worst >= verdict->fault_decision);
}

static void fault__outcome_row(void **state)
{
    const struct decision_row *row = *state;
    struct scene *scene = begin(moor_slice_from(row->policy));
    scene->request.user = moor_slice_from(row->user);
    set_images(scene, IMAGES_MAX, "r.io/app:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "x");
    assert_fault(scene, row, MOOR_FAULT_TOO_COSTLY);
    assert_true(scene->verdict.image_count > 0);
    set_images(scene, 1, "r.io/app:1.2.", "");
    scene->request.object.image_total = IMAGES_MAX + 1;
    assert_fault(scene, row, MOOR_FAULT_TOO_MANY_IMAGES);
    scene->request.object.is_too_large = true;
    assert_fault(scene, row, MOOR_FAULT_TOO_LARGE);
    end(scene);
}

/* The API server makes sure of the shape: controllers are not held to less there. */
static void fault__malformed__denied_for_controllers_too(void **state)
{
    (void)state;
    struct scene *scene = begin(MOOR_SLICE(ONE));
    scene->request.user = MOOR_SLICE(CONTROLLER);
    scene->request.object.malformed = MOOR_SLICE("spec");
    assert_int_equal(judge(scene)->fault, MOOR_FAULT_MALFORMED);
    assert_int_equal(scene->verdict.worst, MOOR_DECISION_DENY);
    end(scene);
}

/* Where even finding the environment is too costly, the default one decides. */
static void fault__endless_namespace__denied_in_the_default_environment(void **state)
{
    (void)state;
    struct moor_buf policy;
    struct moor_buf name;
    moor_buf_init(&policy, FILE_MAX);
    moor_buf_init(&name, (size_t)8 << 20);
    moor_buf_append_text(&policy, "version: 1\nenvironments:\n"
                                  "- {name: all, default: true, enforce: release}\n"
                                  "- {name: other, enforce: any, namespaces: [");
    for (unsigned i = 0; i < 200; i++) {
        moor_buf_printf(&policy, "'*a*b%u-*', ", i);
    }
    moor_buf_append_text(&policy, "x]}\n");
    for (unsigned i = 0; i < 4000000; i++) {
        moor_buf_append_byte(&name, 'b');
    }
    struct scene *scene = begin(moor_buf_slice(&policy));
    set_images(scene, 1, "r.io/app:1.2.", "");
    scene->request.namespace = moor_buf_slice(&name);
    const struct moor_verdict *verdict = judge(scene);
    assert_int_equal(verdict->fault, MOOR_FAULT_TOO_COSTLY);
    assert_slice_equal(verdict->environment->name, "all");
    assert_int_equal(verdict->worst, MOOR_DECISION_DENY);
    assert_int_equal(verdict->image_count, 0);
    end(scene);
    moor_buf_release(&policy);
    moor_buf_release(&name);
}

/* --- equal references ---------------------------------------------------------------------------
 */

static void judge__equal_references__matched_once(void **state)
{
    (void)state;
    struct scene *scene = begin(MOOR_SLICE(ONE SLOW));
    set_images(scene, IMAGES_MAX, "r.io/app:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "x");
    for (size_t i = 1; i < IMAGES_MAX; i++) {
        scene->images[i].text = scene->images[0].text;
    }
    const struct moor_verdict *verdict = judge(scene);
    assert_int_equal(verdict->fault, MOOR_FAULT_NONE);
    assert_int_equal(verdict->counts[MOOR_DECISION_DENY], IMAGES_MAX);
    for (size_t i = 0; i < IMAGES_MAX; i++) {
        assert_ptr_equal(verdict->images[i].image, &scene->images[i]);
        assert_int_equal(verdict->images[i].class, MOOR_CLASS_REPOSITORY);
        assert_int_equal(verdict->images[i].decision, MOOR_DECISION_DENY);
        assert_true(verdict->images[i].would_deny);
    }
    end(scene);
}

/* The cached result of an image is not used for an equal reference in another field or container.
 */
static void judge__equal_references_in_other_places__their_own_outcome(void **state)
{
    (void)state;
    struct scene *scene = begin(MOOR_SLICE(
        "version: 1\nenvironments:\n"
        "- {name: all, default: true, enforce: release, initContainers: {enforce: any, warn: any, "
        "audit: any}}\n"
        "exemptions:\n"
        "- {name: e, reason: long enough, permanent: true, match: {containers: [agent]}}\n"));
    set_images(scene, 5, "r.io/app:latest-x", "");
    for (size_t i = 1; i < 5; i++) {
        scene->images[i].text = scene->images[0].text;
    }
    scene->images[1].field = MOOR_FIELD_INIT_CONTAINERS;
    scene->images[2].name = MOOR_SLICE("agent");
    scene->images[3].name = MOOR_SLICE("agent");
    const struct moor_verdict *verdict = judge(scene);
    assert_int_equal(verdict->images[0].decision, MOOR_DECISION_DENY);
    assert_null(verdict->images[0].exemption);
    assert_int_equal(verdict->images[1].decision, MOOR_DECISION_ALLOW);
    assert_false(verdict->images[1].would_deny);
    assert_int_equal(verdict->images[2].decision, MOOR_DECISION_AUDIT);
    assert_non_null(verdict->images[2].exemption);
    assert_int_equal(verdict->images[3].decision, MOOR_DECISION_AUDIT);
    assert_non_null(verdict->images[3].exemption);
    assert_int_equal(verdict->images[4].decision, MOOR_DECISION_DENY);
    assert_int_equal(verdict->exemption_count, 1);
    end(scene);
}

/* --- steps ---------------------------------------------------------------------------------------
 */

static void judge__allowed_unseen__no_budget_left_after(void **state)
{
    (void)state;
    struct scene *scene = begin(MOOR_SLICE(ONE));
    scene->request.operation = MOOR_OPERATION_DELETE;
    assert_int_equal(judge(scene)->scope, MOOR_SCOPE_OPERATION);
    assert_true(moor_matcher_take(scene->workspace.matcher, MOOR_COST_MAX_STEPS + 1));
    end(scene);
}

/* An UPDATE costs what sorting costs, not each image times each old one. */
static void judge__update_of_most_images__fits(void **state)
{
    (void)state;
    struct scene *scene = begin(MOOR_SLICE(ONE));
    set_images(scene, IMAGES_MAX, "r.io/team/app-", ":1.2.3");
    scene->request.operation = MOOR_OPERATION_UPDATE;
    scene->request.old_object = scene->request.object;
    assert_int_equal(judge(scene)->fault, MOOR_FAULT_NONE);
    assert_int_equal(scene->verdict.images[IMAGES_MAX - 1].origin, MOOR_ORIGIN_UNCHANGED);
    end(scene);
}

int main(void)
{
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(judge__default_policy__most_images_fit),
        cmocka_unit_test(fault__malformed__denied_for_controllers_too),
        cmocka_unit_test(fault__endless_namespace__denied_in_the_default_environment),
        cmocka_unit_test(judge__equal_references__matched_once),
        cmocka_unit_test(judge__equal_references_in_other_places__their_own_outcome),
        cmocka_unit_test(judge__allowed_unseen__no_budget_left_after),
        cmocka_unit_test(judge__update_of_most_images__fits),
    };

    enum {
        FIXED = MOOR_ARRAY_SIZE(fixed),
        SLOW_ROWS = MOOR_ARRAY_SIZE(slow_rows),
        OUTCOMES = MOOR_ARRAY_SIZE(decision_rows)
    };
    struct CMUnitTest tests[FIXED + SLOW_ROWS + OUTCOMES];
    size_t count = 0;
    for (size_t i = 0; i < SLOW_ROWS; i++) {
        tests[count++] = test_of_row(slow_rows[i].name, judge__slow_row, &slow_rows[i]);
    }
    for (size_t i = 0; i < OUTCOMES; i++) {
        tests[count++] = test_of_row(decision_rows[i].name, fault__outcome_row, &decision_rows[i]);
    }
    for (size_t i = 0; i < FIXED; i++) {
        tests[count++] = fixed[i];
    }
    return cmocka_run_group_tests_name("judge_cost", tests, NULL, NULL);
}

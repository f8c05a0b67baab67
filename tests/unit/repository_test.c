/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/file/show.h"
#include "policy/image/reference_name.h"
#include "policy/rules/repository.h"

static struct moor_policy *load(const char *text)
{
    struct moor_buf diagnostics;
    struct moor_policy *policy = NULL;
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    if (moor_policy_load(&policy, moor_slice_from(text), "p.yaml", &diagnostics) != 0) {
        print_error("%.*s", MOOR_SLICE_ARGS(moor_buf_slice(&diagnostics)));
    }
    assert_non_null(policy);
    moor_buf_release(&diagnostics);
    return policy;
}

/* --- how many parts make a version full --------------------------------------------------------
 */

struct parts_row {
    const char *name;
    const char *tag;
    unsigned parts;
    enum moor_class expected;
};

#define FULL    MOOR_CLASS_VERSION
#define PARTIAL MOOR_CLASS_PARTIAL_VERSION

static struct parts_row parts_rows[] = {
    {"parts_1__one__full", "26", 1, FULL},
    {"parts_1__one_after_v__full", "v26", 1, FULL},
    {"parts_1__variant_after__full", "3-alpine3.20", 1, FULL},
    {"parts_1__number_of_a_system__still_variant", "alpine3", 1, MOOR_CLASS_VARIANT},
    {"parts_1__open__partial", "1.x", 1, PARTIAL},
    {"parts_1__stage__still_prerelease_channel", "17-rc", 1, MOOR_CLASS_PRERELEASE_CHANNEL},
    {"parts_1__channel__still_channel", "latest", 1, MOOR_CLASS_CHANNEL},
    {"parts_2__one__partial", "16", 2, PARTIAL},
    {"parts_2__two__full", "16.4", 2, FULL},
    {"parts_2__two_with_base__full", "16.4-bookworm", 2, FULL},
    {"parts_2__two_after_v__full", "v3.10", 2, FULL},
    {"parts_2__two_after_a_word__partial", "17-foo1.2", 2, PARTIAL},
    {"parts_2__three__full", "16.4.1", 2, FULL},
    {"parts_2__open__partial", "1.16.x", 2, PARTIAL},
    {"parts_2__date__still_date", "20240107", 2, MOOR_CLASS_DATE},
    {"parts_2__serial__still_build_number", "4567", 2, MOOR_CLASS_BUILD_NUMBER},
    {"parts_3__two__partial", "16.4", 3, PARTIAL},
    {"parts_3__three__full", "16.4.1", 3, FULL},
    {"parts_4__three__partial", "24.3.4", 4, PARTIAL},
    {"parts_4__three_with_base__partial", "24.3.4-alpine3.20", 4, PARTIAL},
    {"parts_4__four__full", "24.3.4.1", 4, FULL},
    {"parts_4__whole_in_its_own_way__full", "8u212-b04-jdk", 4, FULL},
    {"parts_4__revision__still_revision", "1.2.3-r5", 4, MOOR_CLASS_REVISION},
    {"parts_9__eight__partial", "1.2.3.4.5.6.7.8", 9, PARTIAL},
};

static void class_by_parts__row__class(void **state)
{
    const struct parts_row *row = *state;
    struct moor_tag tag = moor_tag_classify(moor_slice_from(row->tag));
    assert_string_equal(moor_class_name(moor_tag_class_by_parts(&tag, row->parts)),
                        moor_class_name(row->expected));
}

static void class_by_parts__three__as_the_form_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts_rows); i++) {
        struct moor_tag tag = moor_tag_classify(moor_slice_from(parts_rows[i].tag));
        assert_int_equal(moor_tag_class_by_parts(&tag, 3), tag.class);
    }
}

/* --- what an entry says ------------------------------------------------------------------------
 */

static const char entries[] = "version: 1\n"
                              "environments: [{name: all, default: true, enforce: release}]\n"
                              "repositories:\n"
                              "- match: [r.io/all]\n"
                              "  reason: because\n"
                              "  rolling: ['r.*']\n"
                              "  build: ['r1', 'b.*']\n"
                              "  release: ['b1', '[a-z]\\d']\n"
                              "  versionParts: 2\n"
                              "  otherwise: build\n"
                              "- {match: [r.io/parts], versionParts: 2, reason: two}\n"
                              "- {match: [r.io/four], versionParts: 4}\n"
                              "- {match: [r.io/rolling], versionParts: 2, otherwise: rolling}\n"
                              "- {match: [r.io/silent]}\n"
                              "- {match: ['r.io/*'], otherwise: rolling}\n"
                              "- {match: [cgr.dev/mine/*], otherwise: release}\n";

struct entry_row {
    const char *name;
    const char *image;
    enum moor_class class;
    enum moor_level level;
    const char *reason;
    enum moor_repair_by repair;
};

#define ENTRY   MOOR_CLASS_REPOSITORY
#define ROLLING MOOR_LEVEL_ROLLING
#define RELEASE MOOR_LEVEL_RELEASE
#define BUILD   MOOR_LEVEL_BUILD

static struct entry_row entry_rows[] = {
    {"classify__rolling_before_build__rolling", "r.io/all:r1", ENTRY, ROLLING, "because",
     MOOR_REPAIR_FORM},
    {"classify__build_before_release__build", "r.io/all:b1", ENTRY, BUILD, "because",
     MOOR_REPAIR_FORM},
    {"classify__release__release", "r.io/all:c1", ENTRY, RELEASE, "because", MOOR_REPAIR_FORM},
    {"classify__parts_before_otherwise__release", "r.io/all:1.2", ENTRY, RELEASE, "because",
     MOOR_REPAIR_FORM},
    {"classify__full_as_the_form_says__version", "r.io/all:1.2.3", FULL, RELEASE, "",
     MOOR_REPAIR_FORM},
    {"classify__otherwise__build", "r.io/all:latest", ENTRY, BUILD, "because", MOOR_REPAIR_FORM},
    {"classify__digest__before_the_entry",
     "r.io/all:r1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     MOOR_CLASS_DIGEST, MOOR_LEVEL_DIGEST, "", MOOR_REPAIR_FORM},
    {"classify__untagged__before_the_entry", "r.io/all", MOOR_CLASS_UNTAGGED, ROLLING, "",
     MOOR_REPAIR_FORM},
    {"classify__two_of_two_parts__release", "r.io/parts:1.2", ENTRY, RELEASE, "two",
     MOOR_REPAIR_FORM},
    {"classify__one_of_two_parts__partial", "r.io/parts:1", PARTIAL, ROLLING, "", MOOR_REPAIR_FORM},
    {"classify__not_said__by_form", "r.io/parts:1a6dd44", MOOR_CLASS_COMMIT, BUILD, "",
     MOOR_REPAIR_FORM},
    {"classify__three_of_four_parts__rolling", "r.io/four:1.2.3", ENTRY, ROLLING, "",
     MOOR_REPAIR_FORM},
    {"classify__two_of_two_and_else_rolling__release", "r.io/rolling:1.2", ENTRY, RELEASE, "",
     MOOR_REPAIR_ENTRY},
    {"classify__commit_and_else_rolling__rolling", "r.io/rolling:1a6dd44", ENTRY, ROLLING, "",
     MOOR_REPAIR_ENTRY},
    {"classify__silent_entry__hides_those_after", "r.io/silent:1.2.3", FULL, RELEASE, "",
     MOOR_REPAIR_FORM},
    {"classify__last_entry__rolling", "r.io/other:1.2.3", ENTRY, ROLLING, "", MOOR_REPAIR_DIGEST},
    {"classify__deeper_than_the_glob__by_form", "r.io/other/x:1.2.3", FULL, RELEASE, "",
     MOOR_REPAIR_FORM},
    {"classify__own_before_builtin__release", "cgr.dev/mine/x:latest", ENTRY, RELEASE, "",
     MOOR_REPAIR_FORM},
    {"classify__no_entry__by_form", "nginx:1.27.3", FULL, RELEASE, "", MOOR_REPAIR_FORM},
    {"classify__postgres_17_1__release", "postgres:17.1", ENTRY, RELEASE, NULL, MOOR_REPAIR_FORM},
    {"classify__postgres_with_registry__release", "docker.io/postgres:17.1-alpine", ENTRY, RELEASE,
     NULL, MOOR_REPAIR_FORM},
    {"classify__postgres_9_6__rolling", "postgres:9.6", ENTRY, ROLLING, NULL, MOOR_REPAIR_FORM},
    {"classify__postgres_9_6_alpine__rolling", "postgres:9.6-alpine3.15", ENTRY, ROLLING, NULL,
     MOOR_REPAIR_FORM},
    {"classify__postgres_9_6_24__release", "postgres:9.6.24-alpine", FULL, RELEASE, "",
     MOOR_REPAIR_FORM},
    {"classify__postgres_17__rolling", "postgres:17", PARTIAL, ROLLING, "", MOOR_REPAIR_FORM},
    {"classify__postgres_beta__prerelease", "postgres:18beta1", MOOR_CLASS_PRERELEASE, RELEASE, "",
     MOOR_REPAIR_FORM},
    {"classify__postgres_of_others__by_form", "bitnami/postgres:16.4", PARTIAL, ROLLING, "",
     MOOR_REPAIR_FORM},
    {"classify__distroless__rolling", "gcr.io/distroless/static:1.2.3", ENTRY, ROLLING, NULL,
     MOOR_REPAIR_DIGEST},
    {"classify__pause__build", "registry.k8s.io/pause:3.9", ENTRY, BUILD, NULL, MOOR_REPAIR_FORM},
    {"classify__any_tag_of_kubernetes__build", "registry.k8s.io/e2e-test-images/agnhost:2.45",
     ENTRY, BUILD, NULL, MOOR_REPAIR_FORM},
    {"classify__word_of_kubernetes__build", "Registry.K8s.io:443/redis:e2e", ENTRY, BUILD, NULL,
     MOOR_REPAIR_FORM},
    {"classify__latest_of_kubernetes__rolling", "registry.k8s.io/pause:latest", ENTRY, ROLLING,
     NULL, MOOR_REPAIR_FORM},
    {"classify__untagged_of_kubernetes__rolling", "registry.k8s.io/pause", MOOR_CLASS_UNTAGGED,
     ROLLING, "", MOOR_REPAIR_FORM},
    {"classify__registry_that_ends_as_kubernetes__by_form", "evil-registry.k8s.io/pause:3.9",
     PARTIAL, ROLLING, "", MOOR_REPAIR_FORM},
};

static void classify__row__finding(void **state)
{
    const struct entry_row *row = *state;
    struct moor_policy *policy = load(entries);
    struct moor_matcher *matcher = moor_matcher_new();
    struct moor_reference reference;
    struct moor_buf name;
    moor_buf_init(&name, 4096);
    assert_non_null(matcher);
    assert_int_equal(moor_reference_parse(&reference, moor_slice_from(row->image), NULL), 0);
    moor_reference_append_name(&name, &reference);
    struct moor_classification finding =
        moor_repository_classify(policy, &reference, moor_buf_slice(&name), matcher);
    assert_string_equal(moor_class_name(finding.class), moor_class_name(row->class));
    assert_string_equal(moor_level_name(finding.level), moor_level_name(row->level));
    assert_int_equal(finding.repair.by, row->repair);
    assert_true(row->reason != NULL ? moor_slice_is(finding.reason, row->reason)
                                    : finding.reason.len > 0);
    moor_buf_release(&name);
    moor_matcher_free(matcher);
    moor_policy_release(policy);
}

static void builtin__entries__each_with_its_fact(void **state)
{
    (void)state;
    struct moor_policy *policy = load(moor_policy_default_text().ptr);
    assert_true(policy->repository_count >= 4);
    for (size_t i = 0; i < policy->repository_count; i++) {
        struct moor_slice reason = policy->repositories[i].reason;
        assert_non_null(memmem(reason.ptr, reason.len, "https://", strlen("https://")));
    }
    moor_policy_release(policy);
}

/* --- what is shown loads again -----------------------------------------------------------------
 */

static void show__loaded_again__same_text(void **state)
{
    const char *const *text = *state;
    struct moor_buf once;
    struct moor_buf twice;
    moor_buf_init(&once, (size_t)256 * 1024);
    moor_buf_init(&twice, (size_t)256 * 1024);
    struct moor_policy *policy = load(*text);
    moor_policy_show(&once, policy);
    moor_buf_append_byte(&once, '\0');
    struct moor_policy *again = load(once.ptr);
    moor_buf_truncate(&once, once.len - 1);
    moor_policy_show(&twice, again);
    assert_true(once.len > sizeof policy->digest);
    assert_true(moor_slice_equal(moor_buf_slice(&once), moor_buf_slice(&twice)));
    moor_policy_release(policy);
    moor_policy_release(again);
    moor_buf_release(&once);
    moor_buf_release(&twice);
}

static const char *shown[] = {
    "version: 1\n"
    "environments: [{name: all, default: true, enforce: release}]\n",

    "version: 1\n"
    "mode: warn\n"
    "environments:\n"
    "- name: dev\n"
    "  namespaceLabels: {env: [dev, test], example.com/tier: [a]}\n"
    "  enforce: any\n"
    "- name: all\n"
    "  default: true\n"
    "  enforce: digest\n"
    "  warn: digest\n"
    "  initContainers: {warn: any}\n"
    "  unchanged: {audit: build}\n"
    "  images:\n"
    "  - {match: [r.io/**, '*/x/*'], enforce: build}\n"
    "  - {match: ['**/y'], enforce: any, warn: release, audit: digest}\n"
    "controllers: {users: ['system:serviceaccount:a:*'], warn: any}\n"
    "repositories:\n"
    "- match: ['*.dkr.ecr.*.amazonaws.com/forms-*']\n"
    "  reason: 'quotes \" and \\ and ü'\n"
    "  rolling: ['a\"b', '\\d+']\n"
    "  build: ['x']\n"
    "  release: ['y']\n"
    "  versionParts: 4\n"
    "  otherwise: rolling\n"
    "- {match: [docker.io/library/postgres], otherwise: build}\n"
    "exemptions:\n"
    "- name: one\n"
    "  reason: long enough\n"
    "  expires: 2027-03-31\n"
    "  match: {environments: [all], namespaces: [a], kinds: [Pod], names: ['*'],\n"
    "    fields: [containers], containers: [c], images: ['**:7', ' Bad', r.io/a@sha256:*],\n"
    "    users: [u], groups: [g]}\n"
    "  enforce: build\n"
    "- {name: two, reason: long enough, permanent: true, match: {groups: [g]}}\n",
};

#define FIXED_TESTS 4

int main(void)
{
    struct CMUnitTest
        tests[FIXED_TESTS + MOOR_ARRAY_SIZE(parts_rows) + MOOR_ARRAY_SIZE(entry_rows)] = {
            cmocka_unit_test(class_by_parts__three__as_the_form_says),
            cmocka_unit_test(builtin__entries__each_with_its_fact),
            {"show__smallest_loaded_again__same_text", show__loaded_again__same_text, NULL, NULL,
             &shown[0]},
            {"show__everything_loaded_again__same_text", show__loaded_again__same_text, NULL, NULL,
             &shown[1]},
        };
    size_t count = FIXED_TESTS;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts_rows); i++) {
        tests[count++] = (struct CMUnitTest){parts_rows[i].name, class_by_parts__row__class, NULL,
                                             NULL, &parts_rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(entry_rows); i++) {
        tests[count++] = (struct CMUnitTest){entry_rows[i].name, classify__row__finding, NULL, NULL,
                                             &entry_rows[i]};
    }
    return cmocka_run_group_tests_name("repository", tests, NULL, NULL);
}

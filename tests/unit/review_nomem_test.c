/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of a review fails in turn.  The result is a denial, an HTTP error or the same
 * answer as with enough memory: a request that would be denied is never admitted.
 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/file/loader.h"
#include "policy/json/reader.h"
#include "webhook/admission/image_review.h"

static size_t calls_left; /* allocations that still succeed */
static bool is_armed;
static bool is_once; /* only one fails; the next ones succeed again */
static bool has_failed;
static size_t bytes_taken; /* by all allocations so far, given back or not */

static bool succeeds(size_t bytes)
{
    bytes_taken += bytes;
    if (!is_armed || (has_failed && is_once)) {
        return true;
    }
    if (calls_left == 0) {
        has_failed = true;
        return false;
    }
    calls_left--;
    return true;
}

/* NOLINTBEGIN(cert-dcl37-c,readability-identifier-naming): the linker's --wrap gives the names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return succeeds(size) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return succeeds(count * size) ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return succeeds(size) ? __real_realloc(old, size) : NULL;
}

/* NOLINTEND(cert-dcl37-c,readability-identifier-naming) */

/* --- the reviews ------------------------------------------------------------------------------ */

#define BODY_MAX ((size_t)4 << 20)
#define PINNED      \
    "nginx@sha256:" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void append_head(struct moor_buf *out, const char *operation, const char *group,
                        const char *kind, const char *resource)
{
    moor_buf_printf(
        out,
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\","
        "\"request\":{\"uid\":\"705ab4f5\",\"kind\":{\"group\":\"%s\",\"kind\":\"%s\"},"
        "\"resource\":{\"group\":\"%s\",\"resource\":\"%s\"},\"namespace\":\"sh\\u006fp\","
        "\"operation\":\"%s\",\"userInfo\":{\"username\":\"j\\u0061ne\",\"groups\":"
        "[\"a\",\"system:\\u006eodes\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]},",
        group, kind, group, resource, operation);
}

static void append_pod(struct moor_buf *out, const char *member, const char *image, unsigned count)
{
    moor_buf_printf(out,
                    "\"%s\":{\"metadata\":{\"name\":\"w\\u0065b\",\"ownerReferences\":[{"
                    "\"kind\":\"Re\\u0070licaSet\",\"name\":\"w\\u0065b\",\"controller\":true}]},"
                    "\"spec\":{\"containers\":[",
                    member);
    for (unsigned i = 0; i < count; i++) {
        moor_buf_printf(out, "%s{\"name\":\"c\\u006f%u\",\"image\":\"%s\"}", i > 0 ? "," : "", i,
                        image);
    }
    moor_buf_append_text(out, "]}}");
}

static void make_pod(struct moor_buf *out, const char *image, unsigned count)
{
    append_head(out, "CREATE", "", "Pod", "pods");
    append_pod(out, "object", image, count);
    moor_buf_append_text(out, "}}");
}

static void make_denied(struct moor_buf *out)
{
    make_pod(out, "nginx:l\\u0061test", 1);
}

static void make_allowed(struct moor_buf *out)
{
    make_pod(out, PINNED, 1);
}

static void make_invalid(struct moor_buf *out)
{
    make_pod(out, "NGINX\\u0000\\n", 3);
}

static void make_large(struct moor_buf *out)
{
    make_pod(out, "registry.example.com/te\\u0061m/\\u0061pp:v1-l\\u0061test", 3000);
}

static void make_object_first(struct moor_buf *out)
{
    moor_buf_append_text(out,
                         "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\","
                         "\"request\":{");
    append_pod(out, "object", "nginx:latest", 20);
    moor_buf_append_text(out, ",\"operation\":\"CREATE\",\"uid\":\"1\",\"kind\":{\"group\":\"\","
                              "\"kind\":\"Pod\"}}}");
}

static void make_update(struct moor_buf *out)
{
    append_head(out, "UPDATE", "", "Pod", "pods");
    append_pod(out, "oldObject", "redis:latest", 40);
    moor_buf_append_text(out, ",");
    append_pod(out, "object", "nginx:l\\u0061test", 40);
    moor_buf_append_text(out, "}}");
}

static void make_unchanged(struct moor_buf *out)
{
    append_head(out, "UPDATE", "", "Pod", "pods");
    append_pod(out, "oldObject", "nginx:latest", 40);
    moor_buf_append_text(out, ",");
    append_pod(out, "object", "nginx:l\\u0061test", 40);
    moor_buf_append_text(out, "}}");
}

static void make_malformed(struct moor_buf *out)
{
    append_head(out, "CREATE", "", "Pod", "pods");
    moor_buf_append_text(out, "\"object\":{\"spec\":{\"containers\":{}}}}}");
}

static void make_custom(struct moor_buf *out)
{
    append_head(out, "CREATE", "argoproj.io", "Rollout", "rollouts");
    moor_buf_append_text(out,
                         "\"object\":{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":"
                         "\"w\\u0065b\",\"image\":\"nginx:l\\u0061test\"}]}}}}}}");
}

static void make_image_review(struct moor_buf *out)
{
    moor_buf_append_text(
        out, "{\"kind\":\"ImageReview\",\"apiVersion\":\"imagepolicy.k8s.io\\/v1alpha1\","
             "\"spec\":{\"namespace\":\"sh\\u006fp\",\"containers\":[");
    for (unsigned i = 0; i < 100; i++) {
        moor_buf_append_text(out, i > 0 ? ",{\"image\":\"nginx:l\\u0061test\"}"
                                        : "{\"image\":\"nginx:l\\u0061test\"}");
    }
    moor_buf_append_text(out, "]}}");
}

static struct row {
    const char *name;
    void (*make)(struct moor_buf *out);
    bool is_allowed; /* with memory enough */
} rows[] = {
    {"denied", make_denied, false},
    {"allowed", make_allowed, true},
    {"invalid", make_invalid, false},
    {"large", make_large, false},
    {"object_first", make_object_first, false},
    {"update", make_update, false},
    {"unchanged", make_unchanged, true},
    {"malformed", make_malformed, false},
    {"custom", make_custom, false},
    {"image_review", make_image_review, false},
};

/* --- the sweep -------------------------------------------------------------------------------- */

static struct moor_policy *policy;

static int load_policy(void **state)
{
    (void)state;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    size_t errors = moor_policy_load(
        &policy,
        MOOR_SLICE("version: 1\nenvironments:\n- {name: all, default: true, enforce: release, "
                   "warn: build, audit: digest, namespaces: ['sh*p']}\n"
                   "controllers: {users: ['x*', '*y']}\n"),
        "p.yaml", &diagnostics);
    moor_buf_release(&diagnostics);
    return errors == 0 ? 0 : -1;
}

static int release_policy(void **state)
{
    (void)state;
    moor_policy_release(policy);
    return 0;
}

static bool says_allowed(const struct moor_buf *answer)
{
    return memmem(answer->ptr, answer->len, "\"allowed\":true", 14) != NULL;
}

static void answer(struct moor_review *review, struct moor_slice body)
{
    (moor_image_review_is_one(body) ? moor_image_review_answer : moor_review_answer)(
        review, policy, (struct moor_slice){0}, body, 0);
}

/* Fails unless the result is one that a failed allocation may lead to. */
static void check_decision(const struct row *row, const struct moor_review *review)
{
    bool allowed = review->status == 200 && says_allowed(&review->answer);
    assert_true(review->status == 200 || review->status == 500);
    assert_true(!allowed || row->is_allowed);
    if (review->status == 200) {
        struct moor_json_reader reader;
        moor_json_reader_init(&reader, moor_buf_slice(&review->answer));
        assert_int_equal(moor_json_skip(&reader, NULL), 0);
        assert_false(review->answer.failed);
    }
    assert_true(!review->is_judged || review->status == 200);
}

/* Answers with the n-th allocation failing, and all after it or none, on a review that is new or
 * has answered before; for all n until none fails. */
static size_t sweep(const struct row *row, struct moor_slice body, bool once, bool warm)
{
    for (size_t n = 0; n < 5000; n++) {
        struct moor_review review;
        struct moor_error err = {0};
        assert_int_equal(moor_review_init(&review, &err), 0);
        if (warm) {
            answer(&review, body);
            moor_arena_release(&review.workspace.arena);
        }
        calls_left = n;
        is_once = once;
        has_failed = false;
        is_armed = true;
        answer(&review, body);
        is_armed = false;
        check_decision(row, &review);
        bool is_over = !has_failed;
        if (is_over) {
            assert_int_equal(review.status, 200);
            assert_int_equal(says_allowed(&review.answer), row->is_allowed);
        }
        moor_review_release(&review);
        if (is_over) {
            return n;
        }
    }
    fail_msg("allocations without end");
    return 0;
}

static void answer__without_memory__refused_cleanly(void **state)
{
    const struct row *row = *state;
    struct moor_buf body;
    moor_buf_init(&body, BODY_MAX);
    row->make(&body);
    assert_int_equal(moor_buf_check(&body, NULL), 0);
    for (int how = 0; how < 4; how++) {
        assert_true(sweep(row, moor_buf_slice(&body), (how & 1) != 0, (how & 2) != 0) >= 1);
    }
    moor_buf_release(&body);
}

/* 3 MB as they come: much that is passed over, escapes among it, around a few images. */
static void make_three_megabytes(struct moor_buf *out)
{
    append_head(out, "CREATE", "", "Pod", "pods");
    moor_buf_append_text(out, "\"object\":{\"metadata\":{\"annotations\":{\"a\":\"");
    for (unsigned i = 0; i < 70000; i++) {
        moor_buf_append_text(out, "{\\\"name\\\":\\u00e9\\n}");
    }
    moor_buf_append_text(out, "\"}},\"spec\":{\"containers\":[");
    for (unsigned i = 0; i < 16; i++) {
        moor_buf_printf(out, "%s{\"name\":\"c%u\",\"image\":\"nginx:latest\",\"env\":[",
                        i > 0 ? "," : "", i);
        for (unsigned k = 0; k < 3000; k++) {
            moor_buf_printf(out, "%s{\"name\":\"VARIABLE_%05u\",\"value\":\"a\\u0026b\"}",
                            k > 0 ? "," : "", k);
        }
        moor_buf_append_text(out, "]}");
    }
    moor_buf_append_text(out, "]}}}}");
}

/* Beside the body itself a review takes little, from the first one of a thread on. */
static void answer__three_megabytes__takes_less_than_one(void **state)
{
    (void)state;
    struct moor_buf body;
    moor_buf_init(&body, BODY_MAX);
    make_three_megabytes(&body);
    assert_int_equal(moor_buf_check(&body, NULL), 0);
    assert_true(body.len > 3000000);
    struct moor_review review;
    struct moor_error err = {0};
    bytes_taken = 0;
    assert_int_equal(moor_review_init(&review, &err), 0);
    answer(&review, moor_buf_slice(&body));
    size_t taken = bytes_taken;
    assert_int_equal(review.status, 200);
    assert_int_equal(review.verdict.counts[MOOR_DECISION_DENY], 16);
    print_message("# %zu bytes allocated for a body of %zu\n", taken, body.len);
    assert_true(taken <= (size_t)1024 * 1024);
    moor_review_release(&review);
    moor_buf_release(&body);
}

static void init__without_memory__an_error(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct moor_review review;
        struct moor_error err = {0};
        calls_left = n;
        is_once = false;
        has_failed = false;
        is_armed = true;
        int status = moor_review_init(&review, &err);
        is_armed = false;
        moor_review_release(&review);
        assert_int_equal(status != 0, has_failed);
        if (status == 0) {
            assert_true(n >= 1);
            return;
        }
        assert_int_equal(err.code, MOOR_ERROR_MEMORY);
    }
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows) + 2] = {
        cmocka_unit_test(init__without_memory__an_error),
        cmocka_unit_test(answer__three_megabytes__takes_less_than_one)};
    char names[MOOR_ARRAY_SIZE(rows)][64];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        (void)snprintf(names[i], sizeof names[i], "answer__%s_without_memory__refused_cleanly",
                       rows[i].name);
        tests[i + 2] = (struct CMUnitTest){
            .name = names[i],
            .test_func = answer__without_memory__refused_cleanly,
            .initial_state = &rows[i],
        };
    }
    return cmocka_run_group_tests_name("review_nomem", tests, load_policy, release_policy);
}

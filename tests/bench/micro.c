/* SPDX-License-Identifier: Apache-2.0 */
/*
 * micro BODIES - what each step between the bytes of a review and those of its answer costs alone:
 * a line a case with the nanoseconds of CPU of one call, the best of several rounds, and MB/s where
 * a body is passed over.  BODIES is the folder that bodies.py wrote.
 *
 * micro BODIES CASE COUNT - runs a case so many times and says nothing, for counting instructions.
 */
#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/image/tag.h"
#include "policy/json/form.h"
#include "policy/json/reader.h"
#include "webhook/admission/review.h"
#include "webhook/admission/review_decode.h"
#include "webhook/observe/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS         9
#define ROUND_NS       20e6
#define BODY_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define REPORTS_MAX    ((size_t)64 * 1024)
#define NOW            INT64_C(1767225600)

static struct {
    struct moor_policy *policy;
    struct moor_review review;
    struct moor_slice body;
    struct moor_arena arena; /* memory of the request that is evaluated and encoded in a loop */
    struct moor_request request;
    struct moor_verdict verdict;
    struct moor_slice uid;
    struct moor_buf answer;
    struct moor_log *log;
    struct moor_log_room log_room;
} scene;

static void stop(const char *what, const char *why)
{
    (void)fprintf(stderr, "micro: %s: %s\n", what, why);
    exit(2); /* NOLINT(concurrency-mt-unsafe): there is no other thread that matters */
}

/* --- the cases -------------------------------------------------------------------------------- */

static void pass_over(void)
{
    static struct moor_json_reader reader;
    moor_json_reader_init(&reader, scene.body);
    if (moor_json_skip(&reader, NULL) != 0) {
        stop("skip", reader.error.text);
    }
}

static void decode(void)
{
    struct moor_error err = {0};
    moor_arena_reset(&scene.arena);
    if (moor_review_decode(&scene.request, &scene.uid, scene.body, scene.policy, &scene.arena,
                           &err) != 0) {
        stop("decode", err.text);
    }
}

static void judge(void)
{
    struct moor_error err = {0};
    const struct moor_judge_context context = {.now = NOW};
    moor_arena_reset(&scene.review.workspace.arena);
    if (moor_judge(&scene.verdict, scene.policy, &scene.request, &context, &scene.review.workspace,
                   &err) != 0) {
        stop("judge", err.text);
    }
}

static void encode(void)
{
    moor_buf_clear(&scene.answer);
    moor_review_encode(&scene.answer, &scene.verdict, scene.uid, &scene.review.scratch);
}

static void write_log(void)
{
    const struct moor_log_review line = {
        .room = &scene.log_room,
        .policy = scene.policy,
        .verdict = &scene.verdict,
        .peer = MOOR_SLICE("127.0.0.1:43210"),
        .duration_us = 42,
    };
    moor_log_review(scene.log, &line);
}

static void answer(void)
{
    moor_review_answer(&scene.review, scene.policy, (struct moor_slice){0}, scene.body, NOW);
    if (scene.review.status != 200) {
        stop("answer", "not a review");
    }
}

static const char *const references[] = {
    "nginx",
    "nginx:latest",
    "registry.example.com:5000/shop/web:1.4.2",
    "redis:7",
    "shop/web@sha256:3f2b64ef97bd285e36132c684e6b2ae8f2723293d09aae046196cca64251acac",
    "registry.example.com/team/app:main-20240107123456-1a6dd44",
};

static void parse_references(void)
{
    struct moor_reference reference;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(references); i++) {
        if (moor_reference_parse(&reference, moor_slice_from(references[i]), NULL) != 0) {
            stop("reference", references[i]);
        }
    }
}

static void classify_references(void)
{
    struct moor_reference reference;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(references); i++) {
        if (moor_reference_parse(&reference, moor_slice_from(references[i]), NULL) != 0 ||
            moor_reference_classify(&reference).class == MOOR_CLASS_INVALID) {
            stop("classify", references[i]);
        }
    }
}

static void load_policy(void)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, REPORTS_MAX);
    if (moor_policy_load(&policy, moor_policy_default_text(), "default", &diagnostics) != 0) {
        stop("policy", "does not load");
    }
    moor_policy_release(policy);
    moor_buf_release(&diagnostics);
}

static const struct {
    const char *name;
    const char *body; /* NULL: needs none */
    void (*run)(void);
} cases[] = {
    {"skip-46kb", "update-46kb", pass_over},
    {"skip-3mb", "pod-3mb", pass_over},
    {"decode-6kb", "pod-6kb", decode},
    {"judge-6kb", "pod-6kb", judge},
    {"encode-6kb", "pod-6kb", encode},
    {"encode-denied", "pod-denied", encode},
    {"log-6kb", "pod-6kb", write_log},
    {"answer-6kb", "pod-6kb", answer},
    {"answer-denied", "pod-denied", answer},
    {"answer-46kb", "update-46kb", answer},
    {"answer-3mb", "pod-3mb", answer},
    {"parse-6-references", NULL, parse_references},
    {"classify-6-references", NULL, classify_references},
    {"policy-load", NULL, load_policy},
};

/* --- running them ----------------------------------------------------------------------------- */

static void read_body(const char *folder, const char *name)
{
    static char bytes[BODY_MAX_BYTES];
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        stop(path, "cannot be read; bodies.py makes it");
    }
    scene.body = (struct moor_slice){bytes, fread(bytes, 1, sizeof bytes, file)};
    (void)fclose(file);
}

static void prepare(const char *folder, size_t row)
{
    if (cases[row].body != NULL) {
        read_body(folder, cases[row].body);
        decode();
        judge();
        encode();
    }
}

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double run_ns(void (*run)(void), size_t times)
{
    double start = now_ns();
    for (size_t i = 0; i < times; i++) {
        run();
    }
    return now_ns() - start;
}

static double best_ns(void (*run)(void))
{
    size_t times = 1;
    while (run_ns(run, times) < ROUND_NS / 4) {
        times *= 2;
    }
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double each = run_ns(run, times) / (double)times;
        best = round == 0 || each < best ? each : best;
    }
    return best;
}

static void print_all(const char *folder)
{
    printf("case\tns\tMB/s\n");
    for (size_t row = 0; row < MOOR_ARRAY_SIZE(cases); row++) {
        prepare(folder, row);
        double ns = best_ns(cases[row].run);
        bool is_pass = cases[row].run == pass_over || cases[row].run == answer;
        printf("%s\t%.0f\t%.0f\n", cases[row].name, ns,
               is_pass ? (double)scene.body.len * 1e3 / ns : 0.0);
    }
}

static void run_one(const char *folder, const char *name, unsigned long count)
{
    for (size_t row = 0; row < MOOR_ARRAY_SIZE(cases); row++) {
        if (strcmp(cases[row].name, name) == 0) {
            moor_json_use_form(&moor_json_form_usual); /* the one that every x86-64 has */
            prepare(folder, row);
            (void)run_ns(cases[row].run, count);
            return;
        }
    }
    stop(name, "no such case");
}

static void open_scene(void)
{
    struct moor_error err = {0};
    struct moor_buf diagnostics;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const struct moor_log_config config = {
        .fd = null, .level = MOOR_LOG_INFO, .requests = MOOR_LOG_REQUESTS_CHANGES};
    moor_buf_init(&diagnostics, REPORTS_MAX);
    moor_buf_init(&scene.answer, BODY_MAX_BYTES);
    moor_arena_init(&scene.arena, BODY_MAX_BYTES);
    moor_log_room_init(&scene.log_room);
    if (moor_policy_load(&scene.policy, moor_policy_default_text(), "default", &diagnostics) != 0 ||
        moor_review_init(&scene.review, &err) != 0 ||
        moor_log_open(&scene.log, &config, &err) != 0) {
        stop("start", err.text);
    }
    moor_buf_release(&diagnostics);
}

static void close_scene(void)
{
    moor_log_close(scene.log);
    moor_log_room_release(&scene.log_room);
    moor_review_release(&scene.review);
    moor_arena_release(&scene.arena);
    moor_buf_release(&scene.answer);
    moor_policy_release(scene.policy);
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4) {
        (void)fprintf(stderr, "usage: micro BODIES [CASE COUNT]\n");
        return 2;
    }
    open_scene();
    if (argc == 2) {
        print_all(argv[1]);
    } else {
        run_one(argv[1], argv[2], strtoul(argv[3], NULL, 10));
    }
    close_scene();
    return 0;
}

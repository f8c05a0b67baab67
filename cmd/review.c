/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor review`: prints the server's answer to a review, byte for byte, without a server. */
#include "policy/base/array_size.h"
#include "webhook/admission/image_review.h"

#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/policy_file.h"

/* Larger than the server's default of 7 MiB for --max-body-bytes. */
#define BODY_MAX ((size_t)8 * 1024 * 1024)

struct values {
    const char *policy;
    const char *environment;
    const char *now;
};

static const struct moor_option options[] = {
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    {.name = "environment",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, environment),
     .argument = "NAME",
     .help = "evaluate as the URL path /validate/NAME does",
     .fallback = "the environment of the object's namespace",
     .completion = MOOR_COMPLETION_ENVIRONMENTS},
    MOOR_NOW_OPTION(offsetof(struct values, now)),
};

/* Prints the answer.  `name` is the name of the file in messages. */
static int print_answer(const struct moor_review *review, const char *name)
{
    if (review->status != 200) {
        /* The server's error text ends with a newline, which a message must not contain. */
        return moor_command_fail("review: %s: %.*s", name,

                                 MOOR_SLICE_ARGS(moor_slice_sub(moor_buf_slice(&review->answer), 0,
                                                                review->answer.len - 1)));
    }
    (void)fwrite(review->answer.ptr, 1, review->answer.len, stdout);
    return moor_command_flush(review->is_judged && moor_verdict_allows(&review->verdict)
                                  ? MOOR_EXIT_CLEAN
                                  : MOOR_EXIT_DENIED);
}

static int answer(const struct values *values, const char *path, struct moor_buf *body)
{
    struct moor_error err = {0};
    int64_t now = 0;
    if (moor_file_read(body, path, &err) != 0) {
        return moor_command_fail("%s", err.text);
    }
    struct moor_policy *policy = moor_policy_file_load_at(values->policy, values->now, &now);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    struct moor_review review;
    int status = MOOR_EXIT_UNDECIDED;
    if (moor_review_init(&review, &err) != 0) {
        (void)moor_command_fail("%s", err.text);
    } else {
        bool is_image_review = moor_image_review_is_one(moor_buf_slice(body));
        (is_image_review ? moor_image_review_answer : moor_review_answer)(
            &review, policy, moor_slice_from(values->environment), moor_buf_slice(body), now);
        status = print_answer(&review, moor_file_name(path));
    }
    moor_review_release(&review);
    moor_policy_release(policy);
    return status;
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {0};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (argc - first > 1) {
        return moor_command_misused(command, "too many operands: give one FILE");
    }
    struct moor_buf body;
    moor_buf_init(&body, BODY_MAX);
    status = answer(&values, first < argc ? argv[first] : "-", &body);
    moor_buf_release(&body);
    return status;
}

const struct moor_command moor_command_review = {
    .name = "review",
    .operands = "[FILE|-]",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "answer an AdmissionReview or ImageReview as the server does",
    .about = "An ImageReview contains no user, no operation and no old object: every\n"
             "image in it is evaluated as new.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_review - any bytes as the body of an ImageReview, by the default policy.
 *
 * What is answered with 200 is valid JSON throughout; a body that is no valid JSON is never
 * answered so.
 */
#include "policy/rules/loader.h"
#include "webhook/image_review.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_json(struct moor_slice text)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, text);
    return moor_json_skip(&reader, NULL) == 0 && moor_json_next(&reader, &token) == MOOR_JSON_END;
}

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Loaded and allocated once: the target asks for reviews, not for starts. */
static struct moor_review *start(const struct moor_policy **policy)
{
    static struct moor_policy *loaded;
    static struct moor_review review;
    if (loaded == NULL) {
        struct moor_buf reports;
        moor_buf_init(&reports, (size_t)64 * 1024);
        require(moor_policy_load(&loaded, moor_policy_default_text(), "default", &reports) == 0);
        moor_buf_release(&reports);
        require(moor_review_init(&review, NULL) == 0);
    }
    *policy = loaded;
    return &review;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct moor_policy *policy = NULL;
    struct moor_review *review = start(&policy);
    struct moor_slice body = {(const char *)data, size};
    moor_image_review_answer(review, policy, (struct moor_slice){0}, body, 0);
    require(!review->answer.failed && review->answer.len > 0);
    if (review->status == 200) {
        require(is_json(body));
        require(is_json(moor_buf_slice(&review->answer)));
    } else {
        require(review->status == 400 || review->status == 500);
        require(!review->is_judged);
    }
    moor_review_reset(review);
    return 0;
}

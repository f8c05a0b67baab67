/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answering - any bytes as the body of what the webhook answers, by the default policy.
 *
 * A body that is answered with 200 is valid JSON throughout; any other body gets an HTTP error.
 */
#ifndef MOOR_TESTS_FUZZ_ANSWERING_H
#define MOOR_TESTS_FUZZ_ANSWERING_H

#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/json/reader.h"
#include "webhook/admission/review.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool is_json(struct moor_slice text)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, text);
    return moor_json_skip(&reader, NULL) == 0 && moor_json_next(&reader, &token) == MOOR_JSON_END;
}

static inline void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Loaded and allocated once: the target asks for reviews, not for starts. */
static inline struct moor_review *start(const struct moor_policy **policy)
{
    static struct moor_policy *loaded;
    static struct moor_review review;
    if (loaded == NULL) {
        struct moor_buf diagnostics;
        moor_buf_init(&diagnostics, (size_t)64 * 1024);
        require(moor_policy_load(&loaded, moor_policy_default_text(), "default", &diagnostics) ==
                0);
        moor_buf_release(&diagnostics);
        require(moor_review_init(&review, NULL) == 0);
    }
    *policy = loaded;
    return &review;
}

/* `answer` is moor_review_answer(), or one like it. */
static inline int try_body(void (*answer)(struct moor_review *, const struct moor_policy *,
                                          struct moor_slice, struct moor_slice, int64_t),
                           struct moor_slice body)
{
    const struct moor_policy *policy = NULL;
    struct moor_review *review = start(&policy);
    answer(review, policy, (struct moor_slice){0}, body, 0);
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

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/retry.h"

/* A new content may be the correction, so the time starts over. */
static void wait_longer(struct moor_retry *retry, bool changed, uint64_t now_ms)
{
    unsigned wait_s = changed || retry->wait_s == 0 ? MOOR_RETRY_FIRST_S : 2 * retry->wait_s;
    retry->wait_s = wait_s < MOOR_RETRY_LONGEST_S ? wait_s : MOOR_RETRY_LONGEST_S;
    retry->again_ms = now_ms + UINT64_C(1000) * retry->wait_s;
}

/* A different error of the same content is news: for example, a lack of memory that is over. */
bool moor_retry_fail(struct moor_retry *retry, bool changed, struct moor_slice error,
                     uint64_t now_ms)
{
    const struct moor_slice reported = {retry->reported, retry->reported_len};
    error = moor_slice_sub(error, 0, sizeof retry->reported);
    bool is_news = changed || !moor_slice_equal(error, reported);
    memcpy(retry->reported, error.ptr, error.len);
    retry->reported_len = error.len;
    wait_longer(retry, changed, now_ms);
    return is_news;
}

void moor_retry_succeed(struct moor_retry *retry)
{
    *retry = (struct moor_retry){0};
}

bool moor_retry_has_failed(const struct moor_retry *retry)
{
    return retry->wait_s > 0;
}

bool moor_retry_is_due(const struct moor_retry *retry, uint64_t now_ms)
{
    return moor_retry_has_failed(retry) && now_ms >= retry->again_ms;
}

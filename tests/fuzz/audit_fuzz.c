/* SPDX-License-Identifier: Apache-2.0 */
/* audit - any bytes as the lines of an audit log, replayed with the embedded policy. */
#include <stdint.h>
#include <stdlib.h>

#include "cmd/replay/replaying.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static struct moor_policy *load(void)
{
    struct moor_policy *policy = NULL;
    struct moor_buf diagnostics;
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    require(moor_policy_load(&policy, moor_policy_default_text(), "default", &diagnostics) == 0);
    moor_buf_release(&diagnostics);
    return policy;
}

/* One replay for all inputs, so that an old object of one can meet an update of another. */
static struct moor_replay *replay_of_all(void)
{
    static struct moor_replay replay;
    struct moor_error err = {0};
    if (replay.policy_count == 0) {
        require(moor_replay_init(&replay, load(), NULL, &err) == 0);
    }
    return &replay;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_replay *replay = replay_of_all();
    struct moor_slice rest = {(const char *)data, size};
    while (rest.len > 0) {
        const char *newline = memchr(rest.ptr, '\n', rest.len);
        size_t len = newline != NULL ? (size_t)(newline - rest.ptr) : rest.len;
        struct moor_error err = {0};
        int status = moor_replay_line(replay, moor_slice_sub(rest, 0, len), &err);
        require((status == 0) == (err.code == MOOR_ERROR_NONE));
        rest = moor_slice_sub(rest, len + 1, rest.len);
    }
    uint64_t counted = replay->evaluated;
    for (size_t i = 0; i < MOOR_DECISION_COUNT; i++) {
        counted -= replay->decisions[i];
    }
    require(counted == 0);
    return 0;
}

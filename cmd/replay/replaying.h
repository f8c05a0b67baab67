/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replaying - evaluates the events of audit logs, and counts what a policy would have answered.
 *
 * Threads:  one replay, one thread at a time.
 * Memory:   that of the results, and of one event, which is reused.
 * Limits:   those of results.h, log_lines.h and evaluator.h.
 */
#ifndef MOOR_CMD_REPLAY_REPLAYING_H
#define MOOR_CMD_REPLAY_REPLAYING_H

#include "cmd/replay/results.h"

/*
 * Prepares a replay for `policy` and, if it is not NULL, the `older` one.  Returns -1 if there is
 * no memory; moor_replay_release() is necessary in any case.
 */
int moor_replay_init(struct moor_replay *out, const struct moor_policy *policy,
                     const struct moor_policy *older, struct moor_error *err) MOOR_MUST_CHECK;
void moor_replay_release(struct moor_replay *replay);

/* Evaluates the event in `line`.  Returns -1 with the reason in `err` if it is not an event. */
int moor_replay_line(struct moor_replay *replay, struct moor_slice line,
                     struct moor_error *err) MOOR_MUST_CHECK;

/* Counts a line that was too long to read. */
void moor_replay_long_line(struct moor_replay *replay);

/* Sorts everything that was counted by name. */
void moor_replay_finish(struct moor_replay *replay);

#endif

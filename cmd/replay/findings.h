/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings - counts the verdicts about one request in a replay.
 *
 * Threads:  one replay, one thread at a time.
 * Memory:   that of the replay's tallies.
 */
#ifndef MOOR_CMD_REPLAY_FINDINGS_H
#define MOOR_CMD_REPLAY_FINDINGS_H

#include "cmd/replay/results.h"

/*
 * Counts the request of `source`, whose verdicts the evaluators have: the decision by environment,
 * namespace, user and image, and each denied image.  With an older policy, counts each image whose
 * decision it changes instead.
 */
void moor_findings_count(struct moor_replay *replay, const struct moor_review_source *source);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results_json - writes the results of a replay as one JSON object; tagmoor-output(5) documents it.
 *
 * Threads:  main thread only.
 * Memory:   a buffer for unflushed bytes.
 */
#ifndef MOOR_CMD_REPLAY_RESULTS_JSON_H
#define MOOR_CMD_REPLAY_RESULTS_JSON_H

#include "cmd/replay/results.h"

#include <stdio.h>

/* Writes the results, with a line for each finding and name.  Call moor_replay_finish() first. */
void moor_replay_write_json(FILE *out, const struct moor_replay *replay);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The benchmark of the JSON reader over the plain C scanner: the form that runs where the target
 * has neither SSE2 nor NEON.
 */
#define MOOR_SCAN_PLAIN

/* Sources, not headers: what is defined here is not taken from the library. */
#include "policy/base/json_pass.c"   /* NOLINT(bugprone-suspicious-include): see above */
#include "policy/base/json_reader.c" /* NOLINT(bugprone-suspicious-include): see above */

#include "tests/bench/json_reader_bench.c" /* NOLINT(bugprone-suspicious-include): see above */

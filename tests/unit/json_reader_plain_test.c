/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests of the JSON reader once more, over its events compiled with the plain C scanner: the
 * one that runs where the target has neither SSE2 nor NEON.
 */
#define MOOR_SCAN_PLAIN

/* A source, not a header: what is defined here is not taken from the library. */
#include "policy/json/reader.c" /* NOLINT(bugprone-suspicious-include): see above */

#include "tests/unit/json_reader_test.c" /* NOLINT(bugprone-suspicious-include): see above */

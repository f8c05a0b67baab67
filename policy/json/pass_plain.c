/* SPDX-License-Identifier: Apache-2.0 */
/* The fast pass in plain C, for every processor; the tests compare the other forms with it. */
#define MOOR_SIMD_PLAIN
#define MOOR_JSON_FORM moor_json_form_plain

/* The file is a source: each inclusion compiles the same code for another instruction set. */
#include "policy/json/pass.c" /* NOLINT(bugprone-suspicious-include): see above */

/* SPDX-License-Identifier: Apache-2.0 */
/* The fast pass in plain C, for every processor: what the other forms are compared with. */
#define MOOR_SIMD_PLAIN
#define MOOR_JSON_FORM moor_json_form_plain

/* A source, not a header: the same one, with other eyes. */
#include "policy/json/pass.c" /* NOLINT(bugprone-suspicious-include): see above */

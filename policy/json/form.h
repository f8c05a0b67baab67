/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_form - the forms that the fast pass of the JSON reader comes in, and which one is used.
 *
 * All of them accept the same texts; they differ in how many bytes they look at in one step.  The
 * fastest that the processor can run is chosen once, before main().
 *
 * Threads:  moor_json_use_form() while no other thread reads JSON; the rest any thread.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_JSON_FORM_H
#define MOOR_POLICY_JSON_FORM_H

#include "policy/json/state.h"

struct moor_simd_block;

struct moor_json_form {
    const char *name; /* "avx2", "sse2", "neon", "plain" */
    /* What moor_json_pass() and moor_json_pass_string() promise. */
    bool (*pass)(struct moor_json_reader *reader, uint32_t base);
    const char *(*pass_string)(const char *at, const char *end, bool *escaped);
    /* What it sees of 64 bytes: moor_simd_classify() and moor_simd_between() of scan.h. */
    void (*classify)(struct moor_simd_block *out, const char *at);
    uint64_t (*between)(const char *at, unsigned char low, unsigned char high);
};

#if defined(__x86_64__)
extern const struct moor_json_form moor_json_form_wide;
#endif
extern const struct moor_json_form moor_json_form_usual; /* of the compiler's target */
extern const struct moor_json_form moor_json_form_plain;

/* The `number`th of the forms that this processor can run, the fastest first; NULL behind the last.
 */
const struct moor_json_form *moor_json_form_at(size_t number);

/* The form that is used from now on, for tests and benchmarks of each. */
void moor_json_use_form(const struct moor_json_form *form);

/*
 * Passes over everything up to the end of the level `base`, which is open or opens at
 * `reader->at`, 64 bytes at a time.  Returns false, with nothing of the reader changed but levels
 * above its depth, where the text is not JSON: then the events find out what is wrong.
 */
bool moor_json_pass(struct moor_json_reader *reader, uint32_t base) MOOR_MUST_CHECK;

/* The same for the string whose first byte, behind the quote, is `at`.  Returns its closing quote,
 * or NULL. */
const char *moor_json_pass_string(const char *at, const char *end, bool *escaped);

#endif

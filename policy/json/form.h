/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form - the forms of the JSON reader's fast pass, and the choice between them.
 *
 * All forms accept the same texts.  They differ in the number of bytes that an instruction handles.
 * The fastest form that the processor supports is chosen once, before main().
 *
 * Threads:  moor_json_use_form() only while no other thread reads JSON; all else any thread.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_JSON_FORM_H
#define MOOR_POLICY_JSON_FORM_H

#include "policy/json/state.h"

struct moor_simd_block;

/* A form of the fast pass. */
struct moor_json_form {
    const char *name; /* "avx2", "sse2", "neon", "plain" */
    /* The implementations of moor_json_pass() and moor_json_pass_string(). */
    bool (*pass)(struct moor_json_reader *reader, uint32_t base);
    const char *(*pass_string)(const char *at, const char *end, bool *escaped);
    /* The classification of 64 bytes as this form sees it, for tests; see simd.h. */
    void (*classify)(struct moor_simd_block *out, const char *at);
    uint64_t (*between)(const char *at, unsigned char low, unsigned char high);
};

/* The forms; use moor_json_form_at() to get those that the processor supports. */
#if defined(__x86_64__)
extern const struct moor_json_form moor_json_form_wide;
#endif
extern const struct moor_json_form moor_json_form_usual; /* the compiler's default target */
extern const struct moor_json_form moor_json_form_plain;

/*
 * Returns the form at index `number` among those that this processor supports, the fastest first.
 * Returns NULL after the last.
 */
const struct moor_json_form *moor_json_form_at(size_t number);

/* Selects the form for all readers; tests and benchmarks compare the forms with it. */
void moor_json_use_form(const struct moor_json_form *form);

/*
 * Skips everything up to the end of the level `base`, which is open or opens at `reader->at`.
 * Checks 64 bytes at a time.  Returns false if the text is not valid JSON; the reader is then
 * unchanged except for levels above its depth.  The caller reads the events to find the error.
 */
bool moor_json_pass(struct moor_json_reader *reader, uint32_t base) MOOR_MUST_CHECK;

/*
 * Skips the string whose first byte after the quote is `at`.  Returns its closing quote, or NULL if
 * the string is invalid.  Sets `*escaped` to whether the string has an escape.
 */
const char *moor_json_pass_string(const char *at, const char *end, bool *escaped);

#endif

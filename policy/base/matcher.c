/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/matcher.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

/* A tag has at most 128 bytes: ordinary patterns need some hundred steps to match one. */
#define PATTERN_STEPS  20000
#define PATTERN_DEPTH  1000
/* Globs have no nesting: only a glob that was written to be slow needs more steps than this. */
#define GLOB_STEPS     100000
/* Maximum memory of a match, which PCRE2 allocates while it backtracks. */
#define HEAP_LIMIT_KIB 1024

/* PCRE2 calls this function before each item of a pattern; it offers no other hook for counting. */
static int count_item(pcre2_callout_block *block, void *context)
{
    struct moor_matcher *matcher = context;
    (void)block;
    return moor_matcher_take(matcher, matcher->charge) ? 0 : PCRE2_ERROR_MATCHLIMIT;
}

static pcre2_match_context *new_context(struct moor_matcher *matcher, uint32_t steps,
                                        uint32_t depth)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (context != NULL) {
        (void)pcre2_set_match_limit(context, steps);
        (void)pcre2_set_depth_limit(context, depth);
        (void)pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        (void)pcre2_set_callout(context, count_item, matcher);
    }
    return context;
}

struct moor_matcher *moor_matcher_new(void)
{
    struct moor_matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL) {
        return NULL;
    }
    moor_matcher_begin(matcher, UINT64_MAX);
    matcher->data = pcre2_match_data_create(1, NULL);
    matcher->patterns = new_context(matcher, PATTERN_STEPS, PATTERN_DEPTH);
    matcher->globs = new_context(matcher, GLOB_STEPS, GLOB_STEPS);
    if (matcher->data == NULL || matcher->patterns == NULL || matcher->globs == NULL) {
        moor_matcher_free(matcher);
        return NULL;
    }
    return matcher;
}

void moor_matcher_free(struct moor_matcher *matcher)
{
    if (matcher == NULL) {
        return;
    }
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->patterns);
    pcre2_match_context_free(matcher->globs);
    free(matcher);
}

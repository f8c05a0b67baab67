/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/base/matcher.h"

#include "policy/base/glob.h"
#include "policy/base/pattern.h"

/* Globs have no nesting: what needs more steps than this is a glob made to be slow. */
#define GLOB_STEPS     100000
#define HEAP_LIMIT_KIB 1024

static pcre2_match_context *new_context(uint32_t steps, uint32_t depth)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (context != NULL) {
        (void)pcre2_set_match_limit(context, steps);
        (void)pcre2_set_depth_limit(context, depth);
        (void)pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
    }
    return context;
}

struct moor_matcher *moor_matcher_new(void)
{
    struct moor_matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL) {
        return NULL;
    }
    matcher->data = pcre2_match_data_create(1, NULL);
    matcher->globs = new_context(GLOB_STEPS, GLOB_STEPS);
    matcher->patterns = new_context(MOOR_PATTERN_MAX_STEPS, MOOR_PATTERN_MAX_DEPTH);
    if (matcher->data == NULL || matcher->globs == NULL || matcher->patterns == NULL) {
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
    pcre2_match_context_free(matcher->globs);
    pcre2_match_context_free(matcher->patterns);
    free(matcher);
}

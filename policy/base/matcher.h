/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matcher - the scratch memory of PCRE2 that glob and pattern share; private to both.
 *
 * Threads:  one matcher, one thread at a time.
 * Memory:   made and freed by glob.h's functions; kept from match to match, so that matching costs
 *           no malloc once it has grown.
 */
#ifndef MOOR_POLICY_BASE_MATCHER_H
#define MOOR_POLICY_BASE_MATCHER_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct moor_matcher {
    pcre2_match_data *data;
    pcre2_match_context *globs;    /* with the limits of globs */
    pcre2_match_context *patterns; /* with the limits of patterns */
};

#endif

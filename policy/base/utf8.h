/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8 - the length of the next UTF-8 sequence, as RFC 3629 defines it.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_UTF8_H
#define MOOR_POLICY_BASE_UTF8_H

#include "policy/base/slice.h"

/*
 * The bytes of the sequence that starts at `at`, 1 to 4; 0 where it is not one: cut off at `end`,
 * overlong, a surrogate, over U+10FFFF, or a byte that starts none.  `at` < `end`.
 */
size_t moor_utf8_length(const char *at, const char *end);

#endif

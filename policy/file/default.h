/* SPDX-License-Identifier: Apache-2.0 */
/*
 * default - the built-in default policy.
 *
 * Threads:  constant text, any thread.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_FILE_DEFAULT_H
#define MOOR_POLICY_FILE_DEFAULT_H

#include "policy/base/slice.h"

/* Returns the text of default.yaml, including its comments. */
struct moor_slice moor_policy_default_text(void);

#endif

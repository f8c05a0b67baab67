/* SPDX-License-Identifier: Apache-2.0 */
/*
 * default - the policy that comes with the program.
 *
 * Threads:  constant text, any thread.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_FILE_DEFAULT_H
#define MOOR_POLICY_FILE_DEFAULT_H

#include "policy/base/slice.h"

/* The embedded default policy as it stands in default.yaml, comments included. */
struct moor_slice moor_policy_default_text(void);

#endif

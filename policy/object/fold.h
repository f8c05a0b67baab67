/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold - compares the name of a member with that of a field as Go's encoding/json does.
 *
 * The API server distinguishes upper and lower case.  A controller that decodes JSON which the API
 * server stores unchanged does not: for Go, `Containers` is the field `containers`.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_OBJECT_FOLD_H
#define MOOR_POLICY_OBJECT_FOLD_H

#include "policy/base/slice.h"

/*
 * Returns whether `key` equals `name`, which is ASCII, without regard to case.  By Unicode's simple
 * folding, U+017F (long s) equals `s` and U+212A (Kelvin sign) equals `k`.
 */
bool moor_fold_equal(struct moor_slice key, struct moor_slice name);

#endif

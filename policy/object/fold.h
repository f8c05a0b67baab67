/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold - compares the key of a member with a field's name as Go's encoding/json does.
 *
 * The API server tells upper and lower case apart.  A controller that decodes JSON which the API
 * server kept as it was written does not: for Go `Containers` is the field `containers`.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_OBJECT_FOLD_H
#define MOOR_POLICY_OBJECT_FOLD_H

#include "policy/base/slice.h"

/*
 * Whether `key` is `name` but for the case of letters; `name` is ASCII.  U+017F (a long s) is an
 * `s` and U+212A (the Kelvin sign) a `k`, as Unicode's simple folding has them.
 */
bool moor_fold_equal(struct moor_slice key, struct moor_slice name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * array_size - the number of elements of an array.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_BASE_ARRAY_SIZE_H
#define MOOR_POLICY_BASE_ARRAY_SIZE_H

/* The operand must be an array: for a pointer the result is wrong, and gcc warns about it. */
#define MOOR_ARRAY_SIZE(array) (sizeof(array) / sizeof *(array))

#endif

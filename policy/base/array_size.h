/* SPDX-License-Identifier: Apache-2.0 */
/* array_size - the number of elements of an array, not of a pointer. */
#ifndef MOOR_POLICY_BASE_ARRAY_SIZE_H
#define MOOR_POLICY_BASE_ARRAY_SIZE_H

#define MOOR_ARRAY_SIZE(array) (sizeof(array) / sizeof *(array))

#endif

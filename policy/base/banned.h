/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned - library functions that may not be used, because a safer form exists.
 *
 * Included by error.h and slice.h, so that every source file sees it.  Use moor_buf and moor_slice
 * instead of the string functions, moor_slice_to_u64() instead of atoi().
 */
#ifndef MOOR_POLICY_BASE_BANNED_H
#define MOOR_POLICY_BASE_BANNED_H

/* The headers come first: what they declare must be declared before the names are poisoned. */
#include <stdio.h>  /* IWYU pragma: keep */
#include <stdlib.h> /* IWYU pragma: keep */
#include <string.h> /* IWYU pragma: keep */
#include <time.h>   /* IWYU pragma: keep */

/* With clang and _FORTIFY_SOURCE it is a macro of glibc's, which cannot be poisoned. */
#undef sprintf

#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf strtok strtok_r gets atoi
#pragma GCC poison atol atoll atof gmtime localtime ctime asctime tmpnam mktemp

#endif

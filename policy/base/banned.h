/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned - forbids library functions for which a safer form exists.
 *
 * error.h and slice.h include this header, so that every source file sees it.  Use moor_buf and
 * moor_slice instead of the string functions.  Parse numbers from a slice, with a check of their
 * range, instead of calling atoi().
 */
#ifndef MOOR_POLICY_BASE_BANNED_H
#define MOOR_POLICY_BASE_BANNED_H

/* These headers come first: their declarations must precede the poisoning of the names. */
#include <stdio.h>  /* IWYU pragma: keep */
#include <stdlib.h> /* IWYU pragma: keep */
#include <string.h> /* IWYU pragma: keep */
#include <time.h>   /* IWYU pragma: keep */

/* With clang and _FORTIFY_SOURCE, sprintf is a macro of glibc, and a macro cannot be poisoned. */
#undef sprintf

#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf strtok strtok_r gets atoi
#pragma GCC poison atol atoll atof gmtime localtime ctime asctime tmpnam mktemp

#endif

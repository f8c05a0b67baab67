/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portable - gives the command line the functions of glibc that POSIX.1-2008 lacks.
 *
 * `make POSIX=1` includes this header before every source and defines no _GNU_SOURCE, so that the
 * command line compiles on systems with another C library.  A build for Linux does not use it.
 * Each function does what the manual page of the GNU function of the same name says, and nothing
 * more: no file of the product includes this header by name.
 *
 * Threads:  as the functions that they replace.
 */
#ifndef MOOR_PORTABLE_H
#define MOOR_PORTABLE_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The environment of the process; POSIX lets each program declare it. */
#ifndef _GNU_SOURCE
extern char **environ;
#endif

/* Finds the last byte `wanted` in `size` bytes.  Returns NULL if there is none. */
void *moor_portable_memrchr(const void *bytes, int wanted, size_t size);

/* Finds the first `wanted_size` bytes like `wanted` in `size` bytes.  Returns NULL if none are. */
void *moor_portable_memmem(const void *bytes, size_t size, const void *wanted, size_t wanted_size);

/* realloc() of `count` members of `size` bytes; NULL with ENOMEM if the product overflows. */
void *moor_portable_reallocarray(void *block, size_t count, size_t size);

/* Prints to a new string, which the caller frees.  Returns its length, or -1 without memory. */
int moor_portable_asprintf(char **text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text for an errno value; static, or valid until the next call of the thread. */
const char *moor_portable_strerror(int code);

/* pipe() and mkstemp() whose descriptors get O_CLOEXEC after they are made; -1 with errno. */
int moor_portable_pipe2(int ends[2], int flags);
int moor_portable_mkostemp(char *pattern, int flags);

/* glibc has macros for some of them. */
#undef memrchr
#undef memmem
#undef reallocarray
#undef asprintf
#undef strerrordesc_np
#undef pipe2
#undef mkostemp

/* NOLINTBEGIN(readability-identifier-naming): the names of glibc */
#define memrchr         moor_portable_memrchr
#define memmem          moor_portable_memmem
#define reallocarray    moor_portable_reallocarray
#define asprintf        moor_portable_asprintf
#define strerrordesc_np moor_portable_strerror
#define pipe2           moor_portable_pipe2
#define mkostemp        moor_portable_mkostemp
/* NOLINTEND(readability-identifier-naming) */

#endif

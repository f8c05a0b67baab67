/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

/* Last, because it renames functions that these headers may declare. */
#include "policy/base/portable.h"

/* The functions of the C library return pointers to bytes that they take as constant. */
static void *without_const(const void *bytes)
{
    return (void *)(uintptr_t)bytes; // NOLINT(performance-no-int-to-ptr)
}

void *moor_portable_memrchr(const void *bytes, int wanted, size_t size)
{
    const char *text = bytes;
    for (size_t i = size; i > 0; i--) {
        if (text[i - 1] == (char)wanted) {
            return without_const(text + i - 1);
        }
    }
    return NULL;
}

/* Searches for the first byte with memchr(), so that long texts without it cost little. */
void *moor_portable_memmem(const void *bytes, size_t size, const void *wanted, size_t wanted_size)
{
    if (wanted_size == 0) {
        return without_const(bytes);
    }
    const char *at = bytes;
    const char *end = at + size;
    while ((size_t)(end - at) >= wanted_size) {
        at = memchr(at, *(const char *)wanted, (size_t)(end - at) - wanted_size + 1);
        if (at == NULL) {
            return NULL;
        }
        if (memcmp(at, wanted, wanted_size) == 0) {
            return without_const(at);
        }
        at++;
    }
    return NULL;
}

void *moor_portable_reallocarray(void *block, size_t count, size_t size)
{
    /* The division cannot overflow, unlike the product that it checks. */
    if (size != 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    /* A size of 0 would free the block. */
    return realloc(block, count * size > 0 ? count * size : 1);
}

int moor_portable_asprintf(char **text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    *text = length >= 0 ? malloc((size_t)length + 1) : NULL;
    if (*text == NULL) {
        return -1;
    }
    va_start(args, format);
    length = vsnprintf(*text, (size_t)length + 1, format, args);
    va_end(args);
    return length;
}

const char *moor_portable_strerror(int code)
{
    return strerror(code); // NOLINT(concurrency-mt-unsafe): commands have one thread
}

/* Programs are started by one thread, so none inherits a descriptor between the two calls. */
static int close_on_exec(int fd, int flags)
{
    return (flags & O_CLOEXEC) != 0 ? fcntl(fd, F_SETFD, FD_CLOEXEC) : 0;
}

int moor_portable_pipe2(int ends[2], int flags)
{
    if (pipe(ends) != 0) {
        return -1;
    }
    return close_on_exec(ends[0], flags) != 0 ? -1 : close_on_exec(ends[1], flags);
}

int moor_portable_mkostemp(char *pattern, int flags)
{
    int fd = mkstemp(pattern);
    return fd >= 0 && close_on_exec(fd, flags) != 0 ? -1 : fd;
}

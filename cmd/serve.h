/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve - tells whether this program contains the server.
 *
 * Either serve.c or serve_absent.c is part of a program: a program that is compiled with
 * MOOR_WITHOUT_SERVER has every command but `serve`.  Both define moor_command_serve.
 *
 * Threads:  any.
 */
#ifndef MOOR_CMD_SERVE_H
#define MOOR_CMD_SERVE_H

#include <stddef.h>

/* Returns the version of libh2o, or NULL if this program has no server. */
#ifdef MOOR_WITHOUT_SERVER
static inline const char *moor_serve_library_version(void)
{
    return NULL;
}
#else
const char *moor_serve_library_version(void);
#endif

#endif

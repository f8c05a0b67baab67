/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubectl - runs kubectl and takes what it prints.
 *
 * Whoever may read what, by which certificate, token or plugin, is kubectl's matter: no credential
 * is read here.  What it writes to standard error is passed on: to a terminal as it comes, because
 * a plugin for credentials may be asking for something, elsewhere line by line and escaped.  Its
 * last line is kept for reports.
 *
 * Threads:  the main thread alone.
 * Memory:   what is printed is appended to the caller's buffer, whose maximum holds.
 * Limits:   MOOR_KUBECTL_MAX_ARGUMENTS.  How long it may take is for kubectl's --request-timeout.
 */
#ifndef MOOR_CMD_SCAN_KUBECTL_H
#define MOOR_CMD_SCAN_KUBECTL_H

#include "policy/base/buf.h"

#define MOOR_KUBECTL_MAX_ARGUMENTS 32

struct moor_kubectl {
    const char *program;                             /* looked for in PATH where it has no slash */
    const char *options[MOOR_KUBECTL_MAX_ARGUMENTS]; /* of every call */
    size_t option_count;
    void (*before_noise)(void *context); /* before something of kubectl's is passed on; or NULL */
    void *context;
    bool is_quiet;   /* nothing is passed on unasked */
    char said[1024]; /* the last line of that in the last call; or empty */
};

/* Adds `name value` to the options of every call; nothing where `value` is NULL. */
void moor_kubectl_option(struct moor_kubectl *kubectl, const char *name, const char *value);

/*
 * Runs it with these arguments (NULL behind the last) and appends its standard output to `out`.
 * Returns -1 with the reason where it cannot be run, fails, or prints more than `out` may hold;
 * what was printed until then is in `out`.
 */
int moor_kubectl_run(struct moor_buf *out, struct moor_kubectl *kubectl,
                     const char *const *arguments, struct moor_error *err) MOOR_MUST_CHECK;

/* Passes on what a quiet call said last. */
void moor_kubectl_pass_on(const struct moor_kubectl *kubectl);

#endif

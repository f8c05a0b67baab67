/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubectl - runs kubectl and captures its output.
 *
 * kubectl handles authentication: tagmoor reads no certificate, token or plugin configuration.
 * Standard error of kubectl is passed on.  A terminal receives the bytes at once, because a
 * credential plugin may prompt; other outputs receive escaped lines.  The last line is kept for
 * reports.
 *
 * Threads:  main thread only.
 * Memory:   output is appended to the caller's buffer, up to the buffer's maximum.
 * Limits:   MOOR_KUBECTL_MAX_ARGUMENTS; the time of a call is limited by --request-timeout only.
 */
#ifndef MOOR_CMD_SCAN_KUBECTL_H
#define MOOR_CMD_SCAN_KUBECTL_H

#include "policy/base/buf.h"

#define MOOR_KUBECTL_MAX_ARGUMENTS 32

/* How to run kubectl. */
struct moor_kubectl {
    const char *program; /* searched in PATH unless it contains a slash */
    const char *options[MOOR_KUBECTL_MAX_ARGUMENTS]; /* options of every call */
    size_t option_count;
    void (*before_noise)(void *context); /* called before standard error is passed on; or NULL */
    void *context;
    bool is_quiet;   /* standard error is not passed on */
    char said[1024]; /* last line of standard error of the last call, or empty */
};

/* Adds `name value` to the options of every call.  Does nothing if `value` is NULL. */
void moor_kubectl_option(struct moor_kubectl *kubectl, const char *name, const char *value);

/*
 * Runs kubectl with `arguments`, which end with NULL, and appends its standard output to `out`.
 * Returns -1 with the reason if kubectl cannot be started, fails, or exceeds the maximum of `out`;
 * `out` then holds the output so far.
 */
int moor_kubectl_run(struct moor_buf *out, struct moor_kubectl *kubectl,
                     const char *const *arguments, struct moor_error *err) MOOR_MUST_CHECK;

/* Passes on the last line of a quiet call. */
void moor_kubectl_pass_on(const struct moor_kubectl *kubectl);

#endif

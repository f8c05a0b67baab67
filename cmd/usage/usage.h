/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage - who asked to run which image where and when, and which exemptions were used.
 *
 * Reads audit logs of Kubernetes and the log of `tagmoor serve`.  Only images that a request
 * introduces count: unchanged ones would name everybody who scales a workload.
 *
 * Threads:  one usage, one thread at a time.
 * Memory:   that of a replay, and of the uses.
 * Limits:   MOOR_USAGE_MAX_USES uses with MOOR_USAGE_MAX_BYTES of texts; further ones are counted.
 */
#ifndef MOOR_CMD_USAGE_USAGE_H
#define MOOR_CMD_USAGE_USAGE_H

#include "cmd/replay/replaying.h"
#include "policy/rules/image_glob.h"

#define MOOR_USAGE_MAX_USES  100000
#define MOOR_USAGE_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define MOOR_USAGE_MAX_GLOBS 16

/* The fields of a use; the only counter is the number of requests. */
enum moor_usage_field {
    MOOR_USAGE_USER,
    MOOR_USAGE_NAMESPACE,
    MOOR_USAGE_KIND,
    MOOR_USAGE_NAME, /* name of the object */
    MOOR_USAGE_CONTAINER,
    MOOR_USAGE_IMAGE,
    MOOR_USAGE_ANSWER /* decision of tagmoor, or `admitted`, `rejected`, `failed` */
};

#define MOOR_USAGE_FIELD_COUNT (MOOR_USAGE_ANSWER + 1)

/* The wanted uses, and the uses. */
struct moor_usage {
    struct moor_image_glob images[MOOR_USAGE_MAX_GLOBS]; /* none: all */
    size_t image_count;
    struct moor_glob users[MOOR_USAGE_MAX_GLOBS];
    size_t user_count;
    struct moor_glob namespaces[MOOR_USAGE_MAX_GLOBS];
    size_t namespace_count;
    struct moor_replay replay; /* settings and counts of the audit events */

    struct moor_tally uses;
    struct moor_tally exemptions; /* by name, with the number of requests and the last one */
    uint64_t reviews;             /* review lines of tagmoor's log */
    uint64_t unread;              /* requests whose images the log does not have */

    /* Internal. */
    struct moor_matcher *matcher;
    struct moor_buf name;
};

/* Prepares the reading; `policy` defines where images are.  Release it in any case. */
int moor_usage_init(struct moor_usage *out, const struct moor_policy *policy,
                    struct moor_error *err) MOOR_MUST_CHECK;
void moor_usage_release(struct moor_usage *usage);

/* Add a glob.  Return -1 with the reason if it is invalid or one too many. */
int moor_usage_add_image(struct moor_usage *usage, const char *glob,
                         struct moor_error *err) MOOR_MUST_CHECK;
int moor_usage_add_user(struct moor_usage *usage, const char *glob,
                        struct moor_error *err) MOOR_MUST_CHECK;
int moor_usage_add_namespace(struct moor_usage *usage, const char *glob,
                             struct moor_error *err) MOOR_MUST_CHECK;

/* Reads a line of a log.  Returns -1 with the reason if it is damaged. */
int moor_usage_line(struct moor_usage *usage, struct moor_slice line,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif

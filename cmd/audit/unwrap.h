/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unwrap - finds the audit events in the lines of a cloud's log service.
 *
 * Follows the formats that the clouds document.  None was tried with the logs of a real account.
 *
 *   EKS  Amazon CloudWatch: the event is a text in `message` (`@message` in results of queries),
 *        also in each item of `logEvents` or `events`.  An export to S3 has a time before the event
 *   AKS  Azure Monitor: the event is a text in `properties.log`, also in each item of `records`;
 *        `log_s` in results of queries
 *   GKE  Google Cloud Logging: `protoPayload` is another type, google.cloud.audit.AuditLog, from
 *        which an event is made
 *
 * Threads:  pure, any thread.
 * Memory:   texts with escapes are copied into the arena.
 * Limits:   those of the JSON reader and the arena.
 */
#ifndef MOOR_CMD_AUDIT_UNWRAP_H
#define MOOR_CMD_AUDIT_UNWRAP_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/* The formats, in the order of the words of --unwrap. */
enum moor_unwrap {
    MOOR_UNWRAP_NONE, /* a line is an event */
    MOOR_UNWRAP_EKS,
    MOOR_UNWRAP_GKE,
    MOOR_UNWRAP_AKS
};

/* Takes the JSON of an event.  Returns -1 with `err` if it is not one. */
typedef int moor_unwrap_take(void *context, struct moor_slice event, struct moor_error *err);

/*
 * Passes each event in `line` to `take`.  A line without the wrapping is passed as it is.  Returns
 * -1 with the first error, after all events of the line.
 */
int moor_unwrap_line(enum moor_unwrap format, struct moor_slice line, struct moor_arena *arena,
                     moor_unwrap_take *take, void *context, struct moor_error *err) MOOR_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unwrap_gke - makes an audit event of an entry of Google Cloud Logging.
 *
 * Follows google.cloud.audit.AuditLog as GKE fills it in: `methodName` is
 * `io.k8s.apps.v1.deployments.patch`, with a subresource before the verb; `resourceName` is
 * `apps/v1/namespaces/shop/deployments/web`; `request` and `response` are the objects;
 * `status.code` is a code of gRPC; `labels` are the annotations.  The user's groups are not in the
 * entry.
 *
 * Threads:  pure, any thread.
 * Memory:   the event is in the arena, as are texts with escapes.
 */
#ifndef MOOR_CMD_AUDIT_UNWRAP_GKE_H
#define MOOR_CMD_AUDIT_UNWRAP_GKE_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * Sets `*out` to the JSON of an event, or to `entry` itself if it has no `protoPayload`.  `entry`
 * is valid JSON.  Returns -1 with MOOR_ERROR_MEMORY if the arena is full.
 */
int moor_unwrap_gke(struct moor_slice *out, struct moor_slice entry, struct moor_arena *arena,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif

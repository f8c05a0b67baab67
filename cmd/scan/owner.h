/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - the custom resource that an object belongs to, if no owner of it says `controller: true`.
 *
 * The admission code knows controlling owners only.  The operators of Strimzi, OLM and others leave
 * `controller` out of the references that they write.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the JSON, or are in the arena.
 */
#ifndef MOOR_CMD_SCAN_OWNER_H
#define MOOR_CMD_SCAN_OWNER_H

#include "policy/object/object.h"

/*
 * Sets the owner of `object`, which has no controlling one, to the first of `references` (JSON, its
 * ownerReferences) that can be a custom resource: its group has a domain, and it is no workload of
 * Kubernetes.  Leaves the object as it is if there is none.
 */
int moor_owner_find(struct moor_object *object, struct moor_slice references,
                    struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif

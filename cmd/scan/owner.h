/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - finds the custom resource that owns an object without a controlling owner.
 *
 * The admission code evaluates controlling owners only (`controller: true`).  The operators of
 * Strimzi, OLM and others omit `controller` in the references that they write.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the JSON or live in the arena.
 */
#ifndef MOOR_CMD_SCAN_OWNER_H
#define MOOR_CMD_SCAN_OWNER_H

#include "policy/object/object.h"

/*
 * Sets the owner of `object`, if it has no controlling one, to the first of `references` that can
 * be a custom resource: its group is not one of Kubernetes, and it is not a built-in workload.
 * `references` is the JSON of ownerReferences.  Returns -1 if the arena is full.
 */
int moor_owner_find(struct moor_object *object, struct moor_slice references,
                    struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Returns whether the API group is one of Kubernetes itself.  Its objects have no operators, and
 * the owner of such a group proves nothing: many roles may write, for example, the core group.
 */
bool moor_owner_is_kubernetes(struct moor_slice group);

#endif

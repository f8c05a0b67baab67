/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_digest - identifies the policy in force, in logs, metrics and manifests.
 *
 * The digest is that of the policy's canonical form (show.h), so that a file, the ConfigMap that
 * Helm writes from it, and a replica that loaded either have one digest.  The form has the built-in
 * entries, because they decide too: another version of tagmoor can have another digest.
 *
 * Threads:  pure, any thread.
 * Memory:   one part of the form at a time.
 */
#ifndef MOOR_POLICY_FILE_POLICY_DIGEST_H
#define MOOR_POLICY_FILE_POLICY_DIGEST_H

#include "policy/base/error.h"
#include "policy/rules/policy.h"

/* Sets `policy->digest`.  Returns -1 if memory is short. */
int moor_policy_digest(struct moor_policy *policy, struct moor_error *err) MOOR_MUST_CHECK;

#endif

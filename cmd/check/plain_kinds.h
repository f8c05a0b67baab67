/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_kinds - the kinds of Kubernetes itself that contain no image.
 *
 * `check` counts their objects as "kinds without images".  Any other kind that tagmoor does not
 * know is counted as unknown, whatever its group is: *.k8s.io has custom resources too.
 *
 * Threads:  pure, any thread.
 * Memory:   constant.
 */
#ifndef MOOR_CMD_CHECK_PLAIN_KINDS_H
#define MOOR_CMD_CHECK_PLAIN_KINDS_H

#include "policy/base/slice.h"

#include <stdbool.h>

/*
 * Returns whether k8s.io/api defines the kind in this group, in any version, and without a field
 * for an image.  The kinds of Gateway API count too.  The group is empty for the core group; case
 * matters, as in the API server.
 */
bool moor_plain_kind_is(struct moor_slice group, struct moor_slice kind);

/* Returns whether Kubernetes defines the group, or did so in an earlier version. */
bool moor_plain_kind_has_group(struct moor_slice group);

#endif

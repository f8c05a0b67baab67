/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod_status - reads what a Pod runs: the images of its specification beside those of its status.
 *
 * Init containers and containers of `kubectl debug` are read too.  A value of another type counts
 * as absent, as in cmd/input/manifest.h: the evaluation of the Pod reports it.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow the JSON, or live in the arena if they had escapes.
 * Limits:   MOOR_POD_STATUS_MAX containers, and as many states; further ones are only counted.
 */
#ifndef MOOR_CMD_EVIDENCE_POD_STATUS_H
#define MOOR_CMD_EVIDENCE_POD_STATUS_H

#include "policy/base/arena.h"

#include <stdbool.h>

#define MOOR_POD_STATUS_MAX 256

/* A container: its image in the specification, and its state, which is empty if there is none. */
struct moor_pod_container {
    struct moor_slice name;
    struct moor_slice image;
    struct moor_slice image_id;
    struct moor_slice container_id; /* `containerd://...` */
    struct moor_slice started;      /* RFC 3339 */
};

/* A Pod, or the platform of a node: the members of `status` that are read differ. */
struct moor_pod_status {
    struct moor_slice node;
    struct moor_pod_container containers[MOOR_POD_STATUS_MAX];
    size_t count;
    size_t unread;                  /* containers beyond the limit */
    struct moor_slice architecture; /* node: `amd64` */
    struct moor_slice system;       /* node: `linux` */
};

/*
 * Reads the JSON of the two members of a Pod or Node; either may be empty.  Returns -1 if one is
 * not JSON or the arena is full.
 */
int moor_pod_status_read(struct moor_pod_status *out, struct moor_slice spec,
                         struct moor_slice status, struct moor_arena *arena,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif

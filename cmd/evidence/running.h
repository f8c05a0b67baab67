/* SPDX-License-Identifier: Apache-2.0 */
/*
 * running - which digests the image references of a cluster's Pods have named.
 *
 * The image ID of a container says which digest its node pulled (image_id.h).  A reference that
 * runs as two digests on nodes of one architecture has named two things: its tag was moved.  Two
 * digests on different architectures only are unknown, because CRI-O may report the digest of one
 * platform in place of the index's.  Pods do not say which digest came first.
 *
 * Pods and Nodes arrive in any order.  A node that is not known by name has an architecture of its
 * own, so that two digests on one node count without Nodes too.
 *
 * Threads:  one cluster, one thread at a time.
 * Memory:   owns copies of the texts, each once, and an item for each container with a digest.
 * Limits:   MOOR_RUNNING_MAX containers with a digest; further ones are only counted.
 */
#ifndef MOOR_CMD_EVIDENCE_RUNNING_H
#define MOOR_CMD_EVIDENCE_RUNNING_H

#include "cmd/evidence/image_id.h"
#include "cmd/evidence/lock.h"
#include "cmd/evidence/pod_status.h"
#include "cmd/evidence/texts.h"
#include "cmd/input/manifest.h"

#define MOOR_RUNNING_MAX            1000000
#define MOOR_RUNNING_MAX_NAMESPACES 128 /* names in one entry; further ones are only counted */

/* A container that runs a digest of a reference.  Equal texts have equal pointers. */
struct moor_running_item {
    const struct moor_text *reference;
    const struct moor_text *digest;
    const struct moor_text *namespace;
    const struct moor_text *node; /* its architecture may become known later */
    uint32_t pod;                 /* number of the Pod, from 1 */
    bool is_of_index; /* the runtime reports the digest of the index, if the image has one */
    char seen[10];    /* day of its start, `2026-11-30`; zero: unknown */
};

/* A reference that Pods run, and its digests. */
struct moor_running_image {
    const struct moor_lock_entry *entries;
    size_t count;
    bool is_moved; /* two of them on nodes of one architecture */
};

/* The digests that the Pods of a cluster run. */
struct moor_running {
    size_t counts[MOOR_IMAGE_ID_COUNT]; /* containers by what their image ID says */
    size_t unread;                      /* containers beyond a limit */
    size_t nodes;                       /* Nodes with an architecture */
    /* Set by moor_running_finish(). */
    struct moor_lock lock;             /* all digests, to look up; its arena is empty */
    struct moor_running_image *images; /* by reference */
    size_t image_count;
    size_t moved;     /* references that are moved */
    size_t undecided; /* references with several digests that are not */
    /* Internal. */
    struct moor_texts texts;
    struct moor_running_item *items;
    size_t count;
    size_t room;
    uint32_t pods;
    struct moor_buf name;
    struct moor_pod_status status;
};

/* Prepares an empty cluster.  Allocates nothing yet. */
void moor_running_init(struct moor_running *running);
void moor_running_release(struct moor_running *running);

/*
 * Adds the object if it is a Pod or a Node, and ignores any other.  `scratch` is used for texts
 * with escapes.  Returns -1 if the object is not JSON or memory is short.
 */
int moor_running_add(struct moor_running *running, const struct moor_manifest *manifest,
                     struct moor_arena *scratch, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the manifest is one of a Node. */
bool moor_running_is_node(const struct moor_manifest *manifest);

/* Returns whether a reference has several digests, so that the architectures of nodes matter. */
bool moor_running_has_several(struct moor_running *running);

/* Sets the digests by reference.  Call it once, after the last object. */
int moor_running_finish(struct moor_running *running, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Appends `nginx:1.27.5 ran as sha256:aa... on 3 Pods and sha256:bb... on 1`, with the short form
 * of the name on Docker Hub.  At most four digests are named, those of most Pods first.
 */
void moor_running_append(struct moor_buf *out, const struct moor_running_image *image);

#endif

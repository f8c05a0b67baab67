/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_id - what the image ID of a running container says about the tag of its image.
 *
 * A kubelet reports in `status.containerStatuses[].imageID` what the container runtime gives:
 *
 *   docker.io/library/nginx@sha256:...   containerd and CRI-O.
 *   docker-pullable://nginx@sha256:...   Docker.
 *   sha256:..., docker://sha256:...      An image that was imported into the node.
 *   64 hex digits                        The same, with CRI-O.
 *   an empty text                        The image is not pulled yet.
 *
 * The repository is another one if the node pulled the same content before under that name.
 *
 * Only a digest in the repository of `spec.image` says what the tag named when it was pulled.
 * `status.image` is not used, because it may be another tag of the same content.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer; the digest borrows the image ID.
 */
#ifndef MOOR_CMD_EVIDENCE_IMAGE_ID_H
#define MOOR_CMD_EVIDENCE_IMAGE_ID_H

#include "policy/base/buf.h"

/* An image ID is a digest, or says nothing for one of these reasons. */
enum moor_image_id {
    MOOR_IMAGE_ID_DIGEST,
    MOOR_IMAGE_ID_PINNED,    /* the reference has a digest, so that its tag is not used */
    MOOR_IMAGE_ID_WAITING,   /* no image is pulled yet */
    MOOR_IMAGE_ID_LOCAL,     /* an image of the node, without a digest of a repository */
    MOOR_IMAGE_ID_ELSEWHERE, /* a digest in another repository */
    MOOR_IMAGE_ID_INVALID    /* the reference or the image ID cannot be parsed */
};

#define MOOR_IMAGE_ID_COUNT (MOOR_IMAGE_ID_INVALID + 1)

/*
 * Compares `image`, as in the Pod's specification, with the image ID of its status.  Sets `*digest`
 * and appends the name of the image to `name`, `docker.io/library/nginx:1.27.5`, only if the result
 * is MOOR_IMAGE_ID_DIGEST.
 */
enum moor_image_id moor_image_id_read(struct moor_slice *digest, struct moor_buf *name,
                                      struct moor_slice image, struct moor_slice image_id);

/* Returns the member of JSON that counts the result: "pinned", "notPulled". */
const char *moor_image_id_name(enum moor_image_id result);

/* Returns the result as a phrase: "with a digest in the reference". */
const char *moor_image_id_phrase(enum moor_image_id result);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observer - tells another command about each image and each file that `check` evaluates.
 *
 * `pin` rewrites the images of a file as soon as the file was evaluated, while its bytes and the
 * positions in them are still there.
 *
 * Threads:  main thread only.
 * Memory:   everything is borrowed for the time of the call.
 */
#ifndef MOOR_CMD_CHECK_OBSERVER_H
#define MOOR_CMD_CHECK_OBSERVER_H

#include "cmd/check/images.h"
#include "cmd/input/files.h"
#include "policy/verdict.h"

/* An evaluated image, with everything that is needed to find it in its file. */
struct moor_observed_image {
    const struct moor_images_found *found; /* its object, and where that is */
    const struct moor_image_verdict *verdict;
    const struct moor_image_note *note; /* or NULL */
    bool is_suppressed;                 /* its finding is suppressed in the file */
};

/* The functions to call. */
struct moor_observer {
    void *context;
    void (*on_image)(void *context, const struct moor_observed_image *image);
    /* The source still has the bytes of the file.  `has_errors`: a part of it was not evaluated. */
    void (*on_file)(void *context, struct moor_source *source, const struct moor_files_item *item,
                    bool has_errors);
};

#endif

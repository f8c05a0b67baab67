/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_log - reads the review lines of `tagmoor serve` from its log.
 *
 * Follows LOG in tagmoor-output(5): one JSON object a line.  A container runtime or kubectl may add
 * a time and a name before the object.
 *
 * Threads:  pure, any thread.
 * Memory:   texts borrow from the line, or from the arena if they have escapes.
 * Limits:   MOOR_OWN_LOG_MAX_PREFIX bytes before the object.
 */
#ifndef MOOR_CMD_USAGE_OWN_LOG_H
#define MOOR_CMD_USAGE_OWN_LOG_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdint.h>

#define MOOR_OWN_LOG_MAX_PREFIX 512

/* A review line. */
struct moor_own_log_review {
    int64_t time; /* seconds since 1970 */
    struct moor_slice user;
    struct moor_slice namespace;
    struct moor_slice kind;
    struct moor_slice name;
    struct moor_slice exemptions; /* JSON of a list of names, or empty */
    struct moor_slice images;     /* JSON of a list of images, or empty */
};

/* An image of a review line. */
struct moor_own_log_image {
    struct moor_slice container;
    struct moor_slice image;
    struct moor_slice decision;
    struct moor_slice origin; /* empty for a new image */
};

/* Returns the JSON object of a log line of tagmoor, or an empty slice for another line. */
struct moor_slice moor_own_log_find(struct moor_slice line);

/*
 * Reads a review line.  Returns 1, or 0 for a line about another event than a review.  Returns -1
 * with `err` if the line is not complete.
 */
int moor_own_log_read(struct moor_own_log_review *out, struct moor_slice object,
                      struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* Reads an item of the list of images. */
int moor_own_log_image(struct moor_own_log_image *out, struct moor_slice item,
                       struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif

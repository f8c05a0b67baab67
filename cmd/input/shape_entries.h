/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape_entries - the images that kustomizations and Argo CD put in place of others.
 *
 * Threads:  one list of images, one thread at a time.
 * Memory:   in the arena of the context.
 */
#ifndef MOOR_CMD_INPUT_SHAPE_ENTRIES_H
#define MOOR_CMD_INPUT_SHAPE_ENTRIES_H

#include "cmd/input/shape.h"

/*
 * Takes a list of kustomize's entries, each with `name`, `newName`, `newTag` and `digest`.  An
 * entry without a tag and a digest is counted.  Returns -1 if the arena is full.
 */
int moor_shape_entries_take(const struct moor_shape_context *context) MOOR_MUST_CHECK;

/* Takes a list of texts `name=newName:newTag`.  Returns -1 if the arena is full. */
int moor_shape_entries_overrides(const struct moor_shape_context *context) MOOR_MUST_CHECK;

/*
 * Applies the `postRenderers` beside the values to the images that were found in them.  Returns -1
 * if the arena is full.
 */
int moor_shape_entries_render(const struct moor_shape_context *context) MOOR_MUST_CHECK;

#endif

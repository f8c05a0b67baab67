/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape_parameters - the Helm parameters of a source of Argo CD, and the images that they change.
 *
 * Threads:  one list of images, one thread at a time.
 * Memory:   in the arena of the context.
 * Limits:   those of values/overrides.h and embedded.h.
 */
#ifndef MOOR_CMD_INPUT_SHAPE_PARAMETERS_H
#define MOOR_CMD_INPUT_SHAPE_PARAMETERS_H

#include "cmd/input/embedded.h"
#include "cmd/input/shape.h"
#include "cmd/input/values/overrides.h"

/* Reads the parameters of the source that contains the value.  Returns -1 if the arena is full. */
int moor_shape_parameters_read(struct moor_values_overrides *out,
                               const struct moor_shape_context *context) MOOR_MUST_CHECK;

/*
 * Takes the images that result from the parameters and from the values beside them.  Returns -1 if
 * a limit is exceeded or the arena is full.
 */
int moor_shape_parameters_take(const struct moor_shape_context *context,
                               struct moor_embedded *embedded) MOOR_MUST_CHECK;

#endif

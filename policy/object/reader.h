/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader - finds the images of a Kubernetes object.
 *
 * Reads the object's JSON once, follows the steps of its kind (path.h) and skips all other values.
 * All of the text is checked.  The path of a malformed value, such as a list in place of an object,
 * is recorded, and the caller decides: kinds of Kubernetes are denied, and custom resources are
 * not, because their schema may allow anything.  null counts as absent, as for the API server.  A
 * member that is read may occur only once.  Below `.*` all members are read.
 *
 * Threads:  an object belongs to one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena if they had escapes; arrays are in the
 *           arena.
 * Limits:   MOOR_OBJECT_MAX_IMAGES images are kept, and further ones only counted.  The same
 *           happens once less than a quarter of the arena is left.
 */
#ifndef MOOR_POLICY_OBJECT_READER_H
#define MOOR_POLICY_OBJECT_READER_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/json/reader.h"
#include "policy/object/annotation.h"
#include "policy/object/kinds.h"
#include "policy/object/object.h"

/*
 * Reads the next value of `reader` as an object of `kind`.  Also reads the images in annotations
 * that `annotations` lists (NULL: none).  Returns -1 with `err` if the text is not JSON, if a
 * member that is read occurs twice, or if memory or its limit is exhausted.
 */
int moor_object_read(struct moor_object *out, struct moor_json_reader *reader,
                     const struct moor_kind *kind, const struct moor_annotation_list *annotations,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif

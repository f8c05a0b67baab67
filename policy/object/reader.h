/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object_reader - finds the images of one Kubernetes object.
 *
 * Walks the object's JSON once along the steps of its kind (path.h) and skips everything else; both
 * are fully checked.  If a value is malformed (a list where an object should be), its path is
 * noted, and the judge decides what that means: a denial for the kinds of Kubernetes, and nothing
 * for custom resources, whose schema may allow anything.  null counts as absent, as it does for the
 * API server.  A member that is read may occur once; below `.*`, where members have no name of
 * their own, all of them are read.
 *
 * Threads:  one object, one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena if they had escapes; arrays come from the
 *           arena.
 * Limits:   MOOR_OBJECT_MAX_IMAGES are kept; more are only counted, and so are those after the
 * first that finds less than a quarter of the arena left.
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
 * Reads the next value of `reader` as an object of `kind`, with the images in its annotations that
 * `annotations` lists (NULL: none).  Returns -1 with `err` where the text is not JSON, where a
 * member that is read stands twice, and where memory or its limit is reached.
 */
int moor_object_read(struct moor_object *out, struct moor_json_reader *reader,
                     const struct moor_kind *kind, const struct moor_annotation_list *annotations,
                     struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

#endif

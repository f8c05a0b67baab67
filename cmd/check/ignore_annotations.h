/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignore_annotations - the annotations `tagmoor.dev/ignore: REASON` of an object and of its Pod
 * templates.
 *
 * An annotation suppresses the findings in the value whose `metadata` has it, which is the whole
 * object or a Pod template.  This holds for the templates of custom resources too, wherever they
 * are.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns copies of the reasons in an arena.
 * Limits:   MOOR_IGNORE_ANNOTATIONS_MAX annotations of an object.
 */
#ifndef MOOR_CMD_CHECK_IGNORE_ANNOTATIONS_H
#define MOOR_CMD_CHECK_IGNORE_ANNOTATIONS_H

#include "policy/base/arena.h"
#include "policy/base/slice.h"

#define MOOR_IGNORE_ANNOTATION      "tagmoor.dev/ignore"
#define MOOR_IGNORE_ANNOTATIONS_MAX 64

/* An annotation, and the value that it applies to. */
struct moor_ignore_annotation {
    size_t start; /* offsets of the value in the object's JSON */
    size_t end;
    size_t offset;            /* offset of the annotation's value */
    struct moor_slice reason; /* empty if the annotation has none, or is not a string */
    bool is_used;             /* for the caller: it suppresses a finding */
    bool is_reported;         /* for the caller: its error was reported */
};

/* The annotations of one object. */
struct moor_ignore_annotations {
    struct moor_ignore_annotation items[MOOR_IGNORE_ANNOTATIONS_MAX];
    size_t count;
    struct moor_arena arena;
};

void moor_ignore_annotations_init(struct moor_ignore_annotations *out);
void moor_ignore_annotations_release(struct moor_ignore_annotations *annotations);

/*
 * Lists the annotations of `json`, one object, in place of the previous ones.  Returns -1 if there
 * are too many, or no memory.
 */
int moor_ignore_annotations_read(struct moor_ignore_annotations *out, struct moor_slice json,
                                 struct moor_error *err) MOOR_MUST_CHECK;

/* Returns the innermost annotation for the value at `offset`, or NULL. */
struct moor_ignore_annotation *moor_ignore_annotations_find(
    struct moor_ignore_annotations *annotations, size_t offset);

#endif

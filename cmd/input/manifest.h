/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest - the Kubernetes objects of one JSON document: itself, or the items of a list.
 *
 * A list is what `kubectl get -o json` prints (kind `List`), or what the API server answers
 * (`DeploymentList`, whose items have no kind of their own and take it from the list).  Lists may
 * hold lists.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena where they had escapes.
 * Limits:   MOOR_MANIFEST_MAX_NESTING lists in each other.
 */
#ifndef MOOR_CMD_INPUT_MANIFEST_H
#define MOOR_CMD_INPUT_MANIFEST_H

#include "policy/json/reader.h"

#define MOOR_MANIFEST_MAX_NESTING 8

/* What every object says of itself; what it does not say is empty. */
struct moor_manifest {
    struct moor_slice json; /* the object itself */
    bool is_object;         /* not a list, a text or nothing */
    bool is_null;
    struct moor_slice group; /* of `apiVersion` */
    struct moor_slice kind;
    struct moor_slice name; /* or generateName */
    struct moor_slice namespace;
    struct moor_slice labels; /* JSON */
    struct moor_slice owners; /* JSON of its ownerReferences */
    struct moor_slice items;  /* JSON; empty where it is no list of objects */
    bool has_api_version;
    bool has_metadata; /* a mapping */
    bool has_spec;     /* a mapping */
    bool has_items;    /* of whatever type, but not null */
};

struct moor_manifest_reader {
    struct moor_slice document;
    struct moor_arena *arena;
    bool is_started;
    bool has_lists; /* one was opened */
    size_t depth;

    struct moor_manifest_level {
        struct moor_json_reader items;
        struct moor_slice group; /* what items take that do not say it */
        struct moor_slice kind;
        bool has_api_version;
    } levels[MOOR_MANIFEST_MAX_NESTING];

    size_t error_offset; /* in the document, where moor_manifest_next() fails */
};

/* Starts reading `document`, one JSON value. */
void moor_manifest_open(struct moor_manifest_reader *reader, struct moor_slice document,
                        struct moor_arena *arena);

/*
 * The next object.  Returns 1, 0 at the end, -1 with the reason and `error_offset`.  The arena may
 * be reset between two calls.
 */
int moor_manifest_next(struct moor_manifest *out, struct moor_manifest_reader *reader,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* Whether it is an object of a cluster: it has a kind, and is no answer that tells of an error. */
bool moor_manifest_is_kubernetes(const struct moor_manifest *manifest);

/* Whether it is in the namespace, or that itself; empty: any. */
bool moor_manifest_is_of(const struct moor_manifest *manifest, struct moor_slice namespace);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest - splits a JSON document into its Kubernetes objects: itself, or the items of a list.
 *
 * A list is the output of `kubectl get -o json` (kind `List`) or an answer of the API server
 * (`DeploymentList`), whose items have no kind of their own and inherit the kind of the list. Lists
 * may be nested.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   texts borrow from the JSON, or from the arena if they had escapes.
 * Limits:   MOOR_MANIFEST_MAX_NESTING nested lists.
 */
#ifndef MOOR_CMD_INPUT_MANIFEST_H
#define MOOR_CMD_INPUT_MANIFEST_H

#include "policy/json/reader.h"

#define MOOR_MANIFEST_MAX_NESTING 8

/* The head of an object.  A member that the object lacks is empty. */
struct moor_manifest {
    struct moor_slice json; /* the complete object */
    bool is_object;         /* false for an array, a text, a number or null */
    bool is_null;
    struct moor_slice group; /* the API group of `apiVersion`; empty for `v1` */
    struct moor_slice kind;
    struct moor_slice name; /* or generateName */
    struct moor_slice namespace;
    struct moor_slice labels; /* JSON */
    struct moor_slice owners; /* JSON of ownerReferences */
    struct moor_slice items;  /* JSON; empty unless the object is a list */
    struct moor_slice spec;   /* JSON of any type */
    struct moor_slice status; /* JSON of any type */
    bool has_api_version;
    bool has_metadata; /* is a mapping */
    bool has_spec;     /* is a mapping */
    bool has_items;    /* has any type but null */
};

/* A reader of the objects in one document. */
struct moor_manifest_reader {
    struct moor_slice document;
    struct moor_arena *arena;
    bool is_started;
    bool has_lists; /* the document contains a list */
    size_t depth;

    struct moor_manifest_level {
        struct moor_json_reader items;
        struct moor_slice group; /* inherited by items without a kind */
        struct moor_slice kind;
        bool has_api_version;
    } levels[MOOR_MANIFEST_MAX_NESTING];

    size_t error_offset; /* offset in the document of the last error */
};

/* Starts reading `document`, which is one JSON value.  Texts with escapes are put in `arena`. */
void moor_manifest_open(struct moor_manifest_reader *reader, struct moor_slice document,
                        struct moor_arena *arena);

/*
 * Reads the head of the next object.  Returns 1, or 0 after the last object.  Returns -1 with the
 * reason in `err` and the offset in `error_offset`.  The arena may be reset between two calls.
 */
int moor_manifest_next(struct moor_manifest *out, struct moor_manifest_reader *reader,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the object has a kind and is not a Status, by which the API server reports
 * errors. */
bool moor_manifest_is_kubernetes(const struct moor_manifest *manifest);

/* Returns whether the object is in `namespace` or is that Namespace.  An empty name matches all. */
bool moor_manifest_is_of(const struct moor_manifest *manifest, struct moor_slice namespace);

#endif

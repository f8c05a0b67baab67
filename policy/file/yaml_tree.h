/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree - parses a YAML document into a tree of nodes, each with its position in the file.
 *
 * libyaml gives events; the tree keeps the features that a configuration file needs.  Anchors,
 * aliases, tags, merge keys, keys that are not texts, a second document, invalid UTF-8 and control
 * characters are rejected with a reason.  A byte order mark at the start is skipped.
 *
 * Threads:  pure, any thread.
 * Memory:   nodes and texts are in the caller's arena.
 * Limits:   depth MOOR_YAML_MAX_DEPTH, MOOR_YAML_MAX_NODES nodes; the caller limits the bytes.
 */
#ifndef MOOR_POLICY_FILE_YAML_TREE_H
#define MOOR_POLICY_FILE_YAML_TREE_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/* Maximum number of levels, and of nodes. */
#define MOOR_YAML_MAX_DEPTH 32
#define MOOR_YAML_MAX_NODES 65536

/* The kinds of nodes. */
enum moor_yaml_kind {
    MOOR_YAML_SCALAR,
    MOOR_YAML_SEQUENCE,
    MOOR_YAML_MAPPING
};

/* A node; a key of a mapping is a node too. */
struct moor_yaml_node {
    enum moor_yaml_kind kind;
    bool is_plain;                    /* a scalar without quotes */
    uint32_t line;                    /* from 1 */
    uint32_t column;                  /* from 1, in characters */
    struct moor_slice text;           /* text of a scalar */
    size_t count;                     /* number of children */
    struct moor_yaml_node *first;     /* the first child */
    struct moor_yaml_node *next;      /* the next child of the same parent */
    const struct moor_yaml_node *key; /* the scalar that names this child; NULL in a sequence */
};

/*
 * Parses the document in `text`.  `*out` is NULL if there is none: an empty file, or only comments.
 * Returns -1 with the position in `err` if the text is invalid or unsupported.
 */
int moor_yaml_parse(const struct moor_yaml_node **out, struct moor_slice text,
                    struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns the first child with this key; NULL if there is none, or the node is no mapping. */
const struct moor_yaml_node *moor_yaml_get(const struct moor_yaml_node *mapping, const char *key);

/* Returns whether the node is null: `~`, `null` or an empty text, without quotes. */
bool moor_yaml_is_null(const struct moor_yaml_node *node);

#endif

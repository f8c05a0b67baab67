/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree - one YAML document as a tree of nodes, each with its place in the file.
 *
 * libyaml gives events; this keeps those that a configuration file needs.  Refused, with the
 * reason: anchors, aliases, tags, merge keys, keys that are not texts, a second document, bytes
 * that are not UTF-8 and control characters.  A byte order mark at the start is skipped.
 *
 * Threads:  pure, any thread.
 * Memory:   nodes and texts are in the caller's arena.
 * Limits:   depth MOOR_YAML_MAX_DEPTH, MOOR_YAML_MAX_NODES nodes; the caller bounds the bytes.
 */
#ifndef MOOR_POLICY_FILE_YAML_TREE_H
#define MOOR_POLICY_FILE_YAML_TREE_H

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#define MOOR_YAML_MAX_DEPTH 32
#define MOOR_YAML_MAX_NODES 65536

enum moor_yaml_kind {
    MOOR_YAML_SCALAR,
    MOOR_YAML_SEQUENCE,
    MOOR_YAML_MAPPING
};

struct moor_yaml_node {
    enum moor_yaml_kind kind;
    bool is_plain;          /* a scalar without quotes */
    uint32_t line;          /* from 1 */
    uint32_t column;        /* from 1, in characters */
    struct moor_slice text; /* of a scalar */
    size_t count;           /* children */
    struct moor_yaml_node *first;
    struct moor_yaml_node *next;      /* the next child of the same parent */
    const struct moor_yaml_node *key; /* the scalar that names this child; NULL in a sequence */
};

/*
 * Reads the document in `text`; `*out` is NULL where there is none: an empty file, or comments
 * only.  Returns -1 with the place in `err` where the text is no YAML or more than is read here.
 */
int moor_yaml_parse(const struct moor_yaml_node **out, struct moor_slice text,
                    struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* The first child of a mapping with this key; NULL where there is none, or no mapping. */
const struct moor_yaml_node *moor_yaml_get(const struct moor_yaml_node *mapping, const char *key);

/* Whether the node stands for nothing: `~`, `null`, or no text at all, without quotes. */
bool moor_yaml_is_null(const struct moor_yaml_node *node);

#endif

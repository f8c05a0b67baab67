/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kustomization - the kustomizations of a tree, and which files and directories each consists of.
 *
 * A kustomization file lists its parts as paths: `resources`, `bases`, `components`, patches and
 * others.  A part that is a directory is a kustomization itself.  Parts at a URL, inline patches
 * and paths that do not exist are left out: kustomize reports them when it builds.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns copies of all paths.
 * Limits:   MOOR_KUSTOMIZATION_MAX_BYTES of a file, MOOR_KUSTOMIZATIONS_MAX kustomizations and
 *           MOOR_KUSTOMIZATION_MAX_PARTS parts of each; more are left out.
 */
#ifndef MOOR_CMD_CHECK_KUSTOMIZATION_H
#define MOOR_CMD_CHECK_KUSTOMIZATION_H

#include "cmd/input/documents.h"

#include <sys/types.h>

#define MOOR_KUSTOMIZATION_MAX_BYTES ((size_t)1024 * 1024)
#define MOOR_KUSTOMIZATIONS_MAX      4096
#define MOOR_KUSTOMIZATION_MAX_PARTS 4096

/* A file or directory.  Different paths can lead to one file. */
struct moor_kustomization_part {
    char *path;
    dev_t device;
    ino_t inode;
    bool is_directory;
};

/* A list of files and directories. */
struct moor_kustomization_parts {
    struct moor_kustomization_part *items;
    size_t count;
    size_t room;
};

/*
 * Appends a part, whose path the list takes.  Returns -1 if the path is NULL or memory is short;
 * the path is not taken then.
 */
int moor_kustomization_append(struct moor_kustomization_parts *parts,
                              struct moor_kustomization_part part,
                              struct moor_error *err) MOOR_MUST_CHECK;

/* Sorts the parts by their identity, which moor_kustomization_has() needs. */
void moor_kustomization_sort(struct moor_kustomization_parts *parts);

/* Returns whether the sorted list has this file or directory. */
bool moor_kustomization_has(const struct moor_kustomization_parts *parts, dev_t device,
                            ino_t inode);

/* One kustomization. */
struct moor_kustomization {
    struct moor_kustomization_part directory;
    struct moor_kustomization_parts parts;  /* the kustomization file is the first one */
    struct moor_kustomization_parts images; /* names of the images that it changes, as paths */
    char *namespace;                        /* that it sets for its objects, or NULL */
    bool is_found;      /* the search found it; else another kustomization names it */
    bool is_component;  /* cannot be built alone */
    bool is_referenced; /* part of another kustomization */
    bool is_visited;    /* internal */
};

/* The kustomizations of a tree. */
struct moor_kustomizations {
    struct moor_kustomization *items;
    size_t count;
    size_t room;
    struct moor_source source; /* internal: the file being read */
    struct moor_documents documents;
};

/* Prepares an empty list.  Returns -1 if memory is short. */
int moor_kustomizations_init(struct moor_kustomizations *out,
                             struct moor_error *err) MOOR_MUST_CHECK;
void moor_kustomizations_release(struct moor_kustomizations *list);

/* Adds the kustomization of `directory`, which the search found.  Returns -1 if memory is short. */
int moor_kustomizations_add(struct moor_kustomizations *list, const char *directory,
                            struct moor_error *err) MOOR_MUST_CHECK;

/* Adds the kustomizations that others name, and sets `is_referenced`. */
int moor_kustomizations_link(struct moor_kustomizations *list,
                             struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Appends the files and directories of the kustomization at `index`, and of those that it names, to
 * `out`.  The paths are borrowed.  Returns -1 if memory is short.
 */
int moor_kustomizations_collect(struct moor_kustomization_parts *out,
                                struct moor_kustomizations *list, size_t index,
                                struct moor_error *err) MOOR_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock - reads and writes the file that says which digest each image reference names.
 *
 * `tagmoor scan -o lock` writes the file from what a cluster runs, and users write it with other
 * tools.  It is text in lines.  `scan` writes two comments, the version and the names of the
 * columns, and one line for each digest of a reference, sorted by reference and digest.  Five
 * columns are separated by tabs:
 *
 *     # tagmoor lock 1
 *     # reference  digest  architectures  namespaces  seen
 *     docker.io/library/nginx:1.27.5  sha256:0a39...  amd64,arm64  shop,web  2026-11-30
 *
 *   reference      canonical name with its tag
 *   digest         `algorithm:hex`
 *   architectures  of the nodes that run the digest, as a comma list; `-`: unknown.  A `?` after
 *                  an architecture, as in `amd64?`: the digest may be of that platform only
 *   namespaces     that use the reference, as a comma list that may end in the number of further
 *                  ones, such as `+12`; `-`: unknown
 *   seen           the day since which the digest runs, or an RFC 3339 time; `-`: unknown
 *
 * The reader also takes lines as users write them with `crane digest`: `REFERENCE DIGEST`, with
 * blanks or tabs between, and `REFERENCE@DIGEST`.  The reference may have any spelling:
 * `nginx:1.27.5`.  Lines that start with `#` are comments, but a version other than 1 is an error.
 *
 * A reference may have several digests: its tag has moved, or each digest is of one platform.
 * moor_lock_find() returns all of them, so that the caller cannot choose one without notice.
 *
 * Threads:  pure but for moor_lock_load() and moor_lock_write(); a lock is not changed once read.
 * Memory:   a lock has an arena of its own, which holds its entries and their texts.
 * Limits:   MOOR_LOCK_MAX_BYTES a file, MOOR_LOCK_MAX_LINES lines, MOOR_LOCK_MAX_LINE_BYTES a line.
 */
#ifndef MOOR_CMD_EVIDENCE_LOCK_H
#define MOOR_CMD_EVIDENCE_LOCK_H

#include "policy/base/arena.h"
#include "policy/image/reference.h"

#include <stdio.h>

#define MOOR_LOCK_MAX_BYTES      ((size_t)32 * 1024 * 1024)
#define MOOR_LOCK_MAX_LINES      100000
#define MOOR_LOCK_MAX_LINE_BYTES ((size_t)16 * 1024)

/* One digest of one reference.  Unknown columns are empty. */
struct moor_lock_entry {
    struct moor_slice reference;     /* `docker.io/library/nginx:1.27.5` */
    struct moor_slice digest;        /* `sha256:` and 64 hex digits */
    struct moor_slice architectures; /* `amd64,arm64` */
    struct moor_slice namespaces;    /* `shop,web` */
    struct moor_slice seen;          /* `2026-11-30` */
    uint32_t line;                   /* number of its line, from 1; 0: not from a file */
    size_t pods;                     /* that run the digest; 0 if read from a file */
};

/* The entries of a file, sorted by reference and digest, each pair once. */
struct moor_lock {
    struct moor_lock_entry *entries;
    size_t count;
    struct moor_arena arena;
};

/* The entries of one reference: none, the one digest, or several among which the user decides. */
struct moor_lock_found {
    const struct moor_lock_entry *entries; /* borrows the lock */
    size_t count;
};

/*
 * Parses `text`.  Returns -1 with the reason, which names the line, if a line is no entry or a
 * limit is exceeded.  `*out` is then empty.  The entries do not borrow `text`.
 */
int moor_lock_parse(struct moor_lock *out, struct moor_slice text,
                    struct moor_error *err) MOOR_MUST_CHECK;

/* Reads the file at `path`; `-` is standard input.  Errors name the path. */
int moor_lock_load(struct moor_lock *out, const char *path, struct moor_error *err) MOOR_MUST_CHECK;

/* Releases the lock; one that is zero or that failed to load may be released too. */
void moor_lock_release(struct moor_lock *lock);

/*
 * Returns the entries of `image`, in any spelling; `nginx` is `nginx:latest`.  The digest of
 * `nginx:1.27.5@sha256:...` is ignored.  An invalid reference, and one with a digest and no tag,
 * has no entries.
 */
struct moor_lock_found moor_lock_find(const struct moor_lock *lock, struct moor_slice image);

/*
 * Appends the name by which a lock knows the reference: `docker.io/library/nginx:1.27.5`, with
 * `:latest` if it has no tag.  Returns false, and appends nothing, for a digest without a tag.
 */
bool moor_lock_append_name(struct moor_buf *out, const struct moor_reference *reference);

/* Returns whether the digest may be of one platform only: the architectures end in `?`. */
bool moor_lock_is_of_platform(const struct moor_lock_entry *entry);

/* Writes the lock as a file. */
void moor_lock_write(FILE *out, const struct moor_lock *lock);

#endif

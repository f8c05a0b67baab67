/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pinning - pins the images of one file after the other, as `check` evaluates them.
 *
 * Each image becomes a site (sites.h).  At the end of a file, its edits are applied and verified
 * (verify.h), and the file is replaced (replace.h) or its difference printed (diff.h).  A file with
 * an error is not changed at all.
 *
 * Threads:  main thread only.
 * Memory:   owns its buffers, which are reused for each file; borrows the operands and the lock.
 */
#ifndef MOOR_CMD_PIN_PINNING_H
#define MOOR_CMD_PIN_PINNING_H

#include "cmd/check/observer.h"
#include "cmd/pin/verify.h"

/* The run over all files. */
struct moor_pinning {
    struct moor_observer observer; /* for the walk over the files */
    bool is_dry_run;               /* set by the caller: print the difference, write no file */
    FILE *list;                    /* set by the caller: the list of images */
    char *const *operands;         /* set by the caller */
    size_t operand_count;
    size_t pinned; /* images that were pinned, */
    size_t left;   /* and that were left as they are, */
    size_t before; /* and that had a digest before */
    size_t files;  /* changed files */
    size_t errors; /* files that could not be verified or replaced */
    /* Internal. */
    struct moor_pin_sites sites;
    struct moor_pin_verify verify;
    struct moor_buf after;
};

/* Prepares a run.  The observer refers to `out`, which must not move.  Returns -1 for no memory. */
int moor_pinning_init(struct moor_pinning *out, const struct moor_pin_choice *choice,
                      struct moor_error *err) MOOR_MUST_CHECK;
void moor_pinning_release(struct moor_pinning *pinning);

#endif

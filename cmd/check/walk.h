/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - reads the files of `check`, evaluates each, and prints errors and the progress.
 *
 * If the policy selects environments by labels, the files are read for Namespaces first.  A file
 * that an operand names is evaluated as the format that its name tells, without --include, and must
 * be readable.  Excluded paths and charts are counted in the report.  With `renders`, charts and
 * kustomizations are collected and rendered before the files, and the files of a kustomization that
 * was built are left out.
 *
 * Threads:  one at a time.
 * Memory:   owns the state of the evaluation; borrows the report and the operands.
 */
#ifndef MOOR_CMD_CHECK_WALK_H
#define MOOR_CMD_CHECK_WALK_H

#include "cmd/check/render.h"
#include "cmd/input/files.h"
#include "cmd/report/progress.h"

/* The state of a walk.  The caller sets the members up to `judging`, and those of `judging`. */
struct moor_walk {
    char *const *operands;
    size_t operand_count;
    struct moor_files_choice choice;
    bool uses_labels; /* environments can be selected by the labels of Namespaces */
    bool renders;     /* run helm and kustomize */
    const struct moor_observer *observer; /* gets images and files; or NULL */
    struct moor_report *report;
    struct moor_judging judging;
    struct moor_render render;
    /* Internal. */
    struct moor_namespaces namespaces;
    struct moor_rendering input; /* standard input can be the output of helm */
    size_t errors_said;          /* number of input errors that were printed */
    bool is_judging;             /* false while only Namespaces are collected */
    uint64_t bytes;              /* size of the files so far */
    struct moor_progress progress;
};

/* Prepares a walk without operands.  Returns -1 if memory is short. */
int moor_walk_init(struct moor_walk *out, const struct moor_policy *policy,
                   struct moor_report *report, struct moor_error *err) MOOR_MUST_CHECK;
void moor_walk_release(struct moor_walk *walk);

/*
 * Evaluates all files.  The caller clears the line of progress.  Returns -1 with the reason if the
 * operands or patterns are invalid.
 */
int moor_walk_run(struct moor_walk *walk, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the policy selects an environment by the labels of namespaces. */
bool moor_walk_wants_labels(const struct moor_policy *policy);

/* Adds an input error that concerns `path`, and prints it. */
void moor_walk_fail(struct moor_walk *walk, const char *path, const struct moor_error *err);

#endif

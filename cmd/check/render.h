/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render - evaluates what the user's own helm and kustomize make of the charts and kustomizations
 * in a tree.
 *
 * `helm template` renders each chart that is not a library and not a part of another chart, with
 * its default values and those of the caller.  `kustomize build`, or else `kubectl kustomize`,
 * builds each kustomization that no other one names, unless it is a component.  The files of a
 * kustomization that was built are not evaluated on their own: an overlay can replace the image of
 * its base.
 *
 * Threads:  main thread only, because tools are started.
 * Memory:   owns the paths.
 * Limits:   MOOR_RENDER_MAX_VALUES files of values; MOOR_RENDER_MAX_OUTPUT for each call, and a
 * time for each; see also tool.h.
 */
#ifndef MOOR_CMD_CHECK_RENDER_H
#define MOOR_CMD_CHECK_RENDER_H

#include "cmd/check/judging.h"
#include "cmd/check/kustomization.h"

#define MOOR_RENDER_MAX_VALUES ((size_t)16)
#define MOOR_RENDER_MAX_OUTPUT ((size_t)256 * 1024 * 1024)

/* A tool that is missing, and what it was needed for. */
struct moor_render_missing {
    size_t count;      /* directories that were not rendered; 0: it is there, or was not needed */
    const char *first; /* the first of them */
    struct moor_error why;
};

/* The charts and kustomizations of a tree. */
struct moor_render {
    struct moor_kustomizations kustomizations;
    struct moor_kustomization_parts charts; /* directories */
    uint32_t timeout_ms;                    /* for each call; set by the caller */
    const char *const *values;              /* files of values for helm; set by the caller */
    size_t value_count;
    /* Internal. */
    struct moor_kustomization_parts covered; /* files of the kustomizations below; sorted */
    bool *is_built; /* for each kustomization: to be built, and then whether it was */
    struct moor_render_missing helm;
    struct moor_render_missing kustomize;
};

/* Prepares an empty list.  Returns -1 if memory is short. */
int moor_render_init(struct moor_render *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_render_release(struct moor_render *render);

/*
 * Adds the directory of a chart.  Returns 1, or 0 if it was added before.  Returns -1 if memory is
 * short.
 */
int moor_render_add_chart(struct moor_render *render, const char *directory,
                          struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Sets the files of values for helm, at most MOOR_RENDER_MAX_VALUES, which are borrowed.  Returns
 * -1 if one is no regular file: helm would also download a URL, and split a name at its commas.
 */
int moor_render_set_values(struct moor_render *render, const char *const *files, size_t count,
                           struct moor_error *err) MOOR_MUST_CHECK;

/* Decides which kustomizations to build, after all were added.  Returns -1 if memory is short. */
int moor_render_plan(struct moor_render *render, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the file at `path` was evaluated as a part of a kustomization that was built. */
bool moor_render_covers(const struct moor_render *render, const char *path);

/* Runs the tools, and evaluates what they print.  Failures are input errors in the report. */
void moor_render_run(struct moor_render *render, struct moor_judging *judging);

#endif

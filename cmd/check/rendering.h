/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rendering - maps findings in the output of a renderer, such as helm, to the files that the output
 * was made from.
 *
 * Helm names the template of each document in a comment: `# Source: web/templates/deploy.yaml`.
 * The first part of this path is the name of the chart, not its directory.  The line in the
 * template is the one that equals the line of the output, or the only one that can make it, or the
 * only one with the same key; else the finding concerns the template as a whole, at its first line.
 * Kustomize names no file, so the line is searched in the files of the kustomization.
 *
 * Threads:  one at a time.
 * Memory:   owns its buffers; the file of a finding is valid until the next call.
 * Limits:   files of MOOR_RENDERING_MAX_FILE, and MOOR_RENDERING_MAX_SEARCHES findings of one
 *           output; beyond either, the line of a finding is unknown.  A line of more than
 *           MOOR_RENDERING_MAX_LINE is not kept for an excerpt.
 */
#ifndef MOOR_CMD_CHECK_RENDERING_H
#define MOOR_CMD_CHECK_RENDERING_H

#include "cmd/report/report.h"

#define MOOR_RENDERING_MAX_FILE     ((size_t)256 * 1024)
#define MOOR_RENDERING_MAX_SEARCHES 10000
#define MOOR_RENDERING_MAX_LINE     ((size_t)64 * 1024)

/* An output, and what it was made from.  The caller sets the members up to `file_count`. */
struct moor_rendering {
    struct moor_slice command; /* as shown: `helm template charts/web`; `-` for standard input */
    const char *chart;         /* directory of the chart; NULL if unknown */
    const char *const *files;  /* files of a kustomization, the kustomization file first */
    size_t file_count;
    /* Internal. */
    struct moor_slice text;     /* the output */
    size_t at;                  /* the comments were read up to here */
    uint32_t line;              /* number of the line there */
    struct moor_slice template; /* template of the current document, or empty */
    size_t searches;
    struct moor_buf path;    /* path of the file of the last finding */
    struct moor_buf content; /* content of the file that was read last */
    struct moor_buf read;    /* path of that file */
};

/* Prepares the internal members. */
void moor_rendering_init(struct moor_rendering *rendering);
void moor_rendering_release(struct moor_rendering *rendering);

/* Starts with `text`, the output, which must outlive the documents. */
void moor_rendering_open(struct moor_rendering *rendering, struct moor_slice text);

/*
 * Reads the comment of the document whose first value is at `line`.  Lines must ascend; 0 means
 * that the document has no comment.
 */
void moor_rendering_document(struct moor_rendering *rendering, uint32_t line);

/*
 * Moves a finding, whose position and line are those in the output, to the file that it was made
 * from, with the line of that file if it is known.  Does nothing if this file is unknown.
 */
void moor_rendering_place(struct moor_rendering *rendering, struct moor_report_finding *finding);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judging - evaluates the objects of files as the webhook would, and reports findings.
 *
 * Each object goes through the functions that answer an admission review, as if a user created it.
 * A file is read in one direction: file -> documents -> values -> subject -> images -> verdict ->
 * findings; each step is a call downwards or a loop over `next`, and returns what it found.  What
 * is not evaluated is counted in the report with the reason.
 *
 * Threads:  one at a time.
 * Memory:   owns buffers that are reused from file to file; what lasts is in the report.
 * Limits:   MOOR_JUDGING_MAX_INPUT_ERRORS errors of objects are listed for a file.  Others are
 * those of source, yaml_json, manifest, object and judge: crossing one is an input error in the
 *           report, never a pass.
 */
#ifndef MOOR_CMD_CHECK_JUDGING_H
#define MOOR_CMD_CHECK_JUDGING_H

#include "cmd/check/findings.h"
#include "cmd/input/format_images.h"
#include "cmd/input/namespaces.h"

#define MOOR_JUDGING_MAX_INPUT_ERRORS 20

struct moor_judging {
    const struct moor_policy *policy;
    struct moor_report *report;
    struct moor_slice environment; /* for all objects; empty: each object's own */
    struct moor_slice namespace;   /* of objects that name none */
    unsigned formats;              /* evaluated beside manifests: bits of moor_input_format */
    int64_t now;
    const struct moor_namespaces *namespaces; /* whose labels are known; or NULL */
    struct moor_source source;                /* the file at hand */
    struct moor_documents documents;          /* of the file at hand */
    /* Internal. */
    size_t input_errors; /* of objects in the file at hand */
    size_t values;       /* documents and items that are not null, and lists */
    size_t recognised;   /* those that are objects of Kubernetes or of a format */
    struct moor_workspace workspace;
    struct moor_manifest_reader manifests;
    struct moor_format_images images;
    struct moor_findings findings;
    struct moor_buf name; /* scratch */
};

int moor_judging_init(struct moor_judging *out, const struct moor_policy *policy,
                      struct moor_report *report, struct moor_error *err) MOOR_MUST_CHECK;
void moor_judging_release(struct moor_judging *judging);

/* Evaluates what `source` holds, which was read from `path`. */
void moor_judging_file(struct moor_judging *judging, struct moor_slice path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `judging` - evaluates the objects of files as the webhook would, and reports findings.
 *
 * Each object passes through the functions that answer an admission review, as if a user created
 * it. A file is read in one direction: file -> documents -> values -> subject -> images -> verdict
 * -> findings.  Each step is a call or a loop over `next`, and passes its result to the next one.
 * Values that are not evaluated are counted in the report with the reason.
 *
 * Threads:  one at a time.
 * Memory:   owns buffers that are reused for each file; the report owns copies.
 * Limits:   those of source, yaml_json, manifest, object, judge and unread; exceeding one is an
 *           input error in the report and never a pass.
 */
#ifndef MOOR_CMD_CHECK_JUDGING_H
#define MOOR_CMD_CHECK_JUDGING_H

#include "cmd/check/findings.h"
#include "cmd/check/unread.h"
#include "cmd/input/label_list.h"
#include "cmd/input/namespaces.h"

/* The state of a run.  The caller sets the members up to `source`. */
struct moor_judging {
    const struct moor_policy *policy;
    struct moor_report *report;
    struct moor_slice environment; /* environment of all objects; empty: that of the namespace */
    struct moor_slice namespace;   /* namespace of objects that name none */
    unsigned formats; /* formats to evaluate beside manifests: bits of moor_input_format */
    int64_t now;
    struct moor_rendering *rendering; /* the content is the output of a renderer; or NULL */
    bool is_stdin;                    /* standard input must contain an object */
    bool is_in_chart;                 /* the file can hold values of a chart */
    bool is_operand;                  /* the user named the file, so it must be a manifest */
    const struct moor_namespaces *namespaces; /* labels of namespaces; or NULL */
    struct moor_label_list labels;            /* labels of all other namespaces */
    bool needs_labels;               /* count the objects whose namespace has unknown labels */
    struct moor_source source;       /* the current file */
    struct moor_documents documents; /* its documents */
    struct moor_unread unread;       /* what is not evaluated */
    struct moor_findings findings;
    /* Internal. */
    size_t values;     /* documents and items that are not null, and lists */
    size_t recognised; /* values that are Kubernetes objects or of a format */
    struct moor_workspace workspace;
    struct moor_manifest_reader manifests;
    struct moor_images images;
};

/* Prepares a run.  Returns -1 if memory is short. */
int moor_judging_init(struct moor_judging *out, const struct moor_policy *policy,
                      struct moor_report *report, struct moor_error *err) MOOR_MUST_CHECK;
void moor_judging_release(struct moor_judging *judging);

/* Evaluates the content of `source`, which was read from `path`.  Errors go to the report. */
void moor_judging_file(struct moor_judging *judging, struct moor_slice path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judging - judges what stands in files as the webhook would, and reports what it finds.
 *
 * Each object goes through the very functions that answer an admission review, as if a person
 * created it.  What is not judged is counted in the report, under the reason.
 *
 * Threads:  one at a time.
 * Memory:   owns buffers that are reused from file to file; what lasts is in the report.
 * Limits:   MOOR_JUDGING_MAX_FAULTS errors of objects are listed for a file.  Others are those of
 *           source, yaml_json, manifest, object and judge: crossing one is a fault in the
 *           report, never a pass.
 */
#ifndef MOOR_CMD_CHECK_JUDGING_H
#define MOOR_CMD_CHECK_JUDGING_H

#include "cmd/input/formats.h"
#include "cmd/input/manifest.h"
#include "cmd/input/namespaces.h"
#include "cmd/input/source.h"
#include "cmd/input/yaml/json.h"
#include "cmd/report/report.h"
#include "policy/judge.h"

#define MOOR_JUDGING_MAX_FAULTS 20

struct moor_judging {
    const struct moor_policy *policy;
    struct moor_report *report;
    struct moor_slice environment; /* to judge all by; empty: each object's own */
    struct moor_slice namespace;   /* of objects that name none */
    unsigned formats;              /* that are judged beside manifests: bits of moor_input_format */
    int64_t now;
    const struct moor_namespaces *namespaces; /* whose labels are known; or NULL */
    struct moor_source source;                /* the file at hand */
    /* Internal. */
    struct moor_namespaces *collecting; /* nothing is judged, Namespaces are added to it */
    size_t faults;                      /* of objects in the file at hand */
    size_t values;                      /* documents and items that are not null, and lists */
    size_t recognised;                  /* those that are objects of Kubernetes or of a format */
    struct moor_report unheard;         /* takes what is said meanwhile */
    struct moor_workspace workspace;
    struct moor_yaml_json yaml;
    struct moor_manifest_reader manifests;
    struct moor_buf texts[4];
};

int moor_judging_init(struct moor_judging *out, const struct moor_policy *policy,
                      struct moor_report *report, struct moor_error *err) MOOR_MUST_CHECK;
void moor_judging_release(struct moor_judging *judging);

/* Judges what `source` holds, which was read from `file`. */
void moor_judging_file(struct moor_judging *judging, struct moor_slice file);

/* Adds the labels of the Namespaces in `source` to `out`; what is broken is left for judging. */
void moor_judging_namespaces(struct moor_judging *judging, struct moor_namespaces *out);

#endif

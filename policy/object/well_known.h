/* SPDX-License-Identifier: Apache-2.0 */
/*
 * well_known - the paths of images in widely used custom resources.
 *
 * Argo, Knative Serving, Tekton, JobSet, LeaderWorkerSet, OpenKruise, KEDA, Prometheus operator,
 * CloudNativePG, Kubeflow and Ray, following their resource definitions.  A policy's own entry for
 * a resource replaces the entry here.
 *
 * Threads:  constant.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_OBJECT_WELL_KNOWN_H
#define MOOR_POLICY_OBJECT_WELL_KNOWN_H

#include <stddef.h>

/* Maximum number of expressions of a resource. */
#define MOOR_WELL_KNOWN_MAX_POD_SPECS 3
#define MOOR_WELL_KNOWN_MAX_IMAGES    14

/* A resource with its expressions (expression.h); unused elements are NULL. */
struct moor_well_known {
    const char *group;
    const char *resource;
    const char *kind;
    const char *pod_specs[MOOR_WELL_KNOWN_MAX_POD_SPECS];
    const char *images[MOOR_WELL_KNOWN_MAX_IMAGES];
};

/* Returns the resources; `*count` is their number. */
const struct moor_well_known *moor_well_known_all(size_t *count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * well_known - where images stand in custom resources that many clusters have.
 *
 * Argo, Knative Serving, Tekton, JobSet, LeaderWorkerSet, OpenKruise, KEDA, Prometheus operator,
 * CloudNativePG, Kubeflow and Ray, as their definitions say.  A policy's own entry for a resource
 * replaces the one here.
 *
 * Threads:  constant.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_OBJECT_WELL_KNOWN_H
#define MOOR_POLICY_OBJECT_WELL_KNOWN_H

#include <stddef.h>

#define MOOR_WELL_KNOWN_MAX_POD_SPECS 3
#define MOOR_WELL_KNOWN_MAX_IMAGES    14

/* Expressions are as in expression.h; NULL behind the last where there is room. */
struct moor_well_known {
    const char *group;
    const char *resource;
    const char *kind;
    const char *pod_specs[MOOR_WELL_KNOWN_MAX_POD_SPECS];
    const char *images[MOOR_WELL_KNOWN_MAX_IMAGES];
};

/* All of them, `*count` in number. */
const struct moor_well_known *moor_well_known_all(size_t *count);

#endif

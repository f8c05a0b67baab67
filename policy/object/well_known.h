/* SPDX-License-Identifier: Apache-2.0 */
/*
 * well_known - the paths of images in widely used custom resources.
 *
 * Argo, Knative Serving, Tekton, JobSet, LeaderWorkerSet, OpenKruise, KEDA, Prometheus operator,
 * CloudNativePG, Kubeflow, Ray, Spark, OpenShift, Rook, Strimzi, Elastic, VictoriaMetrics, Grafana,
 * OpenTelemetry, Solr, Logging operator and others, following their resource definitions;
 * tests/crds/image-fields compares definitions with this table.  A policy's own entry for a
 * resource replaces the entry here.
 *
 * Threads:  constant.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_OBJECT_WELL_KNOWN_H
#define MOOR_POLICY_OBJECT_WELL_KNOWN_H

#include <stddef.h>

/* A resource with its expressions (expression.h); each list ends with NULL. */
struct moor_well_known {
    const char *group;
    const char *resource;
    const char *kind;
    const char *const *pod_specs;
    const char *const *images;
};

/* Returns the resources; `*count` is their number. */
const struct moor_well_known *moor_well_known_all(size_t *count);

#endif

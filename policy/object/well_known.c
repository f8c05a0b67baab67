/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/well_known.h"
#include "policy/base/array_size.h"

/* Shared lists, so that most resources need only a line or two in the table. */
#define TEMPLATE             \
    {                        \
        "spec.template.spec" \
    }

/* Argo: a template of a workflow, and the members that apply to all templates. */
#define WORKFLOW_TEMPLATE(at)                                                 \
    at ".container.image", at ".script.image", at ".initContainers[*].image", \
        at ".sidecars[*].image", at ".containerSet.containers[*].image",      \
        at ".volumes[*].image.reference"
#define WORKFLOW(at)                                                                      \
    {                                                                                     \
        WORKFLOW_TEMPLATE(at ".templates[*]"), WORKFLOW_TEMPLATE(at ".templateDefaults"), \
            at ".volumes[*].image.reference",                                             \
            at ".executorPlugins[*].spec.sidecar.container.image"                         \
    }
#define ANALYSIS                                          \
    {                                                     \
        "spec.metrics[*].provider.job.spec.template.spec" \
    }

/* Tekton: the steps of a task, and the tasks of a pipeline. */
#define TASK(at) at ".steps[*].image", at ".sidecars[*].image", at ".stepTemplate.image"
#define PIPELINE(at)                                                   \
    {                                                                  \
        TASK(at ".tasks[*].taskSpec"), TASK(at ".finally[*].taskSpec") \
    }

/* Prometheus operator: `baseImage` is not listed, because its tag is in another member. */
#define MONITORING                                                            \
    "spec.image", "spec.containers[*].image", "spec.initContainers[*].image", \
        "spec.volumes[*].image.reference"

/* Ray: the head and the workers have Pod templates of their own. */
#define RAY(at) at ".headGroupSpec.template.spec", at ".workerGroupSpecs[*].template.spec"

#define ARGO    "argoproj.io"
#define KNATIVE "serving.knative.dev"
#define TEKTON  "tekton.dev"
#define KRUISE  "apps.kruise.io"
#define COREOS  "monitoring.coreos.com"
#define CNPG    "postgresql.cnpg.io"
#define FLOW    "kubeflow.org"

static const struct moor_well_known all[] = {
    /* group, resource, kind, Pod specifications, images */
    {ARGO, "rollouts", "Rollout", TEMPLATE, {NULL}},
    {ARGO, "experiments", "Experiment", {"spec.templates[*].template.spec"}, {NULL}},
    {ARGO, "analysistemplates", "AnalysisTemplate", ANALYSIS, {NULL}},
    {ARGO, "clusteranalysistemplates", "ClusterAnalysisTemplate", ANALYSIS, {NULL}},
    {ARGO, "analysisruns", "AnalysisRun", ANALYSIS, {NULL}},
    {ARGO, "workflows", "Workflow", {NULL}, WORKFLOW("spec")},
    {ARGO, "workflowtemplates", "WorkflowTemplate", {NULL}, WORKFLOW("spec")},
    {ARGO, "clusterworkflowtemplates", "ClusterWorkflowTemplate", {NULL}, WORKFLOW("spec")},
    {ARGO, "cronworkflows", "CronWorkflow", {NULL}, WORKFLOW("spec.workflowSpec")},

    {KNATIVE, "services", "Service", TEMPLATE, {NULL}},
    {KNATIVE, "configurations", "Configuration", TEMPLATE, {NULL}},
    {KNATIVE, "revisions", "Revision", {"spec"}, {NULL}},

    {TEKTON, "tasks", "Task", {NULL}, {TASK("spec")}},
    {TEKTON, "clustertasks", "ClusterTask", {NULL}, {TASK("spec")}},
    {TEKTON, "taskruns", "TaskRun", {NULL}, {TASK("spec.taskSpec")}},
    {TEKTON, "pipelines", "Pipeline", {NULL}, PIPELINE("spec")},
    {TEKTON, "pipelineruns", "PipelineRun", {NULL}, PIPELINE("spec.pipelineSpec")},
    {TEKTON, "stepactions", "StepAction", {NULL}, {"spec.image"}},

    {"jobset.x-k8s.io",
     "jobsets",
     "JobSet",
     {"spec.replicatedJobs[*].template.spec.template.spec"},
     {NULL}},
    {"leaderworkerset.x-k8s.io",
     "leaderworkersets",
     "LeaderWorkerSet",
     {"spec.leaderWorkerTemplate.leaderTemplate.spec",
      "spec.leaderWorkerTemplate.workerTemplate.spec"},
     {NULL}},

    {KRUISE, "clonesets", "CloneSet", TEMPLATE, {NULL}},
    {KRUISE, "statefulsets", "StatefulSet", TEMPLATE, {NULL}},
    {KRUISE, "daemonsets", "DaemonSet", TEMPLATE, {NULL}},
    {KRUISE, "broadcastjobs", "BroadcastJob", TEMPLATE, {NULL}},
    {KRUISE,
     "advancedcronjobs",
     "AdvancedCronJob",
     {"spec.template.jobTemplate.spec.template.spec",
      "spec.template.broadcastJobTemplate.spec.template.spec"},
     {NULL}},
    {KRUISE, "sidecarsets", "SidecarSet", {"spec"}, {NULL}},

    {"keda.sh", "scaledjobs", "ScaledJob", {"spec.jobTargetRef.template.spec"}, {NULL}},

    {COREOS, "prometheuses", "Prometheus", {NULL}, {MONITORING, "spec.thanos.image"}},
    {COREOS, "prometheusagents", "PrometheusAgent", {NULL}, {MONITORING}},
    {COREOS, "alertmanagers", "Alertmanager", {NULL}, {MONITORING}},
    {COREOS, "thanosrulers", "ThanosRuler", {NULL}, {MONITORING}},

    {CNPG,
     "clusters",
     "Cluster",
     {NULL},
     {"spec.imageName", "spec.postgresql.extensions[*].image.reference"}},
    {CNPG, "imagecatalogs", "ImageCatalog", {NULL}, {"spec.images[*].image"}},
    {CNPG, "clusterimagecatalogs", "ClusterImageCatalog", {NULL}, {"spec.images[*].image"}},
    {CNPG, "poolers", "Pooler", TEMPLATE, {NULL}},

    {FLOW, "pytorchjobs", "PyTorchJob", {"spec.pytorchReplicaSpecs.*.template.spec"}, {NULL}},
    {FLOW, "tfjobs", "TFJob", {"spec.tfReplicaSpecs.*.template.spec"}, {NULL}},
    {FLOW, "mpijobs", "MPIJob", {"spec.mpiReplicaSpecs.*.template.spec"}, {NULL}},
    {FLOW, "xgboostjobs", "XGBoostJob", {"spec.xgbReplicaSpecs.*.template.spec"}, {NULL}},
    {FLOW, "paddlejobs", "PaddleJob", {"spec.paddleReplicaSpecs.*.template.spec"}, {NULL}},
    {FLOW, "jaxjobs", "JAXJob", {"spec.jaxReplicaSpecs.*.template.spec"}, {NULL}},

    {"ray.io", "rayclusters", "RayCluster", {RAY("spec")}, {"spec.autoscalerOptions.image"}},
    {"ray.io",
     "rayjobs",
     "RayJob",
     {RAY("spec.rayClusterSpec"), "spec.submitterPodTemplate.spec"},
     {"spec.rayClusterSpec.autoscalerOptions.image"}},
    {"ray.io",
     "rayservices",
     "RayService",
     {RAY("spec.rayClusterConfig")},
     {"spec.rayClusterConfig.autoscalerOptions.image"}},
};

const struct moor_well_known *moor_well_known_all(size_t *count)
{
    *count = MOOR_ARRAY_SIZE(all);
    return all;
}

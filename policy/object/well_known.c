/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/well_known.h"
#include "policy/base/array_size.h"

/* A list of expressions; most resources need only one of the two lists. */
#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NONE       ((const char *const[]){NULL})

#define TEMPLATE   PATHS("spec.template.spec")

/*
 * Argo: a template of a workflow, and the members that apply to all templates.  A step or task has
 * the name of a template, or the template itself in `inline`.
 */
#define WORKFLOW_CONTAINERS(at)                                               \
    at ".container.image", at ".script.image", at ".initContainers[*].image", \
        at ".sidecars[*].image", at ".containerSet.containers[*].image",      \
        at ".volumes[*].image.reference"
#define WORKFLOW_TEMPLATE(at)                                                \
    WORKFLOW_CONTAINERS(at), WORKFLOW_CONTAINERS(at ".dag.tasks[*].inline"), \
        WORKFLOW_CONTAINERS(at ".steps[*][*].inline")
#define WORKFLOW(at)                                                                  \
    WORKFLOW_TEMPLATE(at ".templates[*]"), WORKFLOW_TEMPLATE(at ".templateDefaults"), \
        at ".volumes[*].image.reference", at ".executorPlugins[*].spec.sidecar.container.image"
#define ANALYSIS PATHS("spec.metrics[*].provider.job.spec.template.spec")

/* Argo Events: the Pod of the sensor, and the workflows that its triggers create. */
#define SENSOR                                                                   \
    "spec.template.container.image", "spec.template.volumes[*].image.reference", \
        WORKFLOW("spec.triggers[*].template.argoWorkflow.source.resource.spec"), \
        WORKFLOW("spec.triggers[*].template.k8s.source.resource.spec")

/* Tekton: the steps of a task, and the tasks of a pipeline, which may be a pipeline in turn. */
#define TASK(at)                                                             \
    at ".steps[*].image", at ".sidecars[*].image", at ".stepTemplate.image", \
        at ".volumes[*].image.reference"
#define PIPELINE_TASK(at)                                             \
    TASK(at ".taskSpec"), TASK(at ".pipelineSpec.tasks[*].taskSpec"), \
        TASK(at ".pipelineSpec.finally[*].taskSpec")
#define PIPELINE(at) PIPELINE_TASK(at ".tasks[*]"), PIPELINE_TASK(at ".finally[*]")

/* Prometheus operator: `baseImage` is not listed, because its tag is in another member. */
#define MONITORING                                                            \
    "spec.image", "spec.containers[*].image", "spec.initContainers[*].image", \
        "spec.volumes[*].image.reference"

/* Ray: the head and the workers have Pod templates of their own. */
#define RAY_PODS(at) at ".headGroupSpec.template.spec", at ".workerGroupSpecs[*].template.spec"
#define RAY_IMAGES(at) \
    at ".autoscalerOptions.image", at ".historyServerOptions.collectorOptions.image"

/* Kubeflow Trainer 2: a runtime is a template of a JobSet. */
#define RUNTIME       PATHS("spec.template.spec.replicatedJobs[*].template.spec.template.spec")

/* Spark: images of all Pods, of the driver and of the executors. */
#define SPARK_POD(at) at ".image", at ".initContainers[*].image", at ".sidecars[*].image"
#define SPARK(at)                                                              \
    PATHS(at ".driver.template.spec", at ".executor.template.spec"),           \
        PATHS(at ".image", SPARK_POD(at ".driver"), SPARK_POD(at ".executor"), \
              at ".volumes[*].image.reference")

/* Elastic: the Pod template may leave the image to `spec.image` and `spec.version`. */
#define ELASTIC(...)      PATHS(__VA_ARGS__), PATHS("spec.image")
#define ELASTIC_POD       "spec.podTemplate.spec"
#define ELASTIC_WORKLOADS "spec.daemonSet.podTemplate.spec", "spec.deployment.podTemplate.spec"

/*
 * Strimzi: containers have images of their own in the resource, and Pods only image volumes.
 * `spec.build.output` is not listed, because the operator pushes that image instead of pulling it.
 */
#define STRIMZI_POD(at)   at ".template.pod.volumes[*].image.reference"
#define STRIMZI_PART(at)  at ".image", STRIMZI_POD(at)
#define STRIMZI_CLIENT                                \
    STRIMZI_PART("spec"), "spec.clientRackInitImage", \
        "spec.template.buildPod.volumes[*].image.reference"
#define STRIMZI_KAFKA                                                                             \
    STRIMZI_PART("spec.kafka"), "spec.kafka.brokerRackInitImage", STRIMZI_PART("spec.zookeeper"), \
        STRIMZI_PART("spec.cruiseControl"), STRIMZI_PART("spec.kafkaExporter"),                   \
        STRIMZI_POD("spec.entityOperator"), "spec.entityOperator.topicOperator.image",            \
        "spec.entityOperator.userOperator.image", "spec.entityOperator.tlsSidecar.image",         \
        "spec.cruiseControl.tlsSidecar.image"

/* An image whose repository and tag are two members. */
#define PAIR(at) at ".repository:tag"

/* VictoriaMetrics: metrics (vm), logs (vl) and traces (vt). */
#define VICTORIA(at)                                                             \
    PAIR(at ".image"), at ".containers[*].image", at ".initContainers[*].image", \
        at ".volumes[*].image.reference"
#define RELOADER "spec.configReloaderImage"

/* Solr: its sidecars and the ZooKeeper that it may bring along. */
#define SOLR_PODS(at) \
    at ".podOptions.sidecarContainers[*].image", at ".podOptions.initContainers[*].image"
#define ZOOKEEPER(at) VICTORIA(at)

/* Logging operator: the agents and aggregators may be in a Logging or in resources of their own. */
#define FLUENTBIT(at) \
    PAIR(at ".image"), PAIR(at ".configHotReload.image"), PAIR(at ".bufferVolumeImage")
#define FLUENTD(at)                                                                 \
    PAIR(at ".image"), PAIR(at ".configReloaderImage"), PAIR(at ".volumeModImage"), \
        PAIR(at ".bufferVolumeImage"), PAIR(at ".scaling.drain.image"),             \
        PAIR(at ".scaling.drain.pauseImage"), at ".sidecarContainers[*].image"
#define SYSLOG_PODS(at) at ".configCheckPod", at ".statefulSet.spec.template.spec"
#define SYSLOG(at)                                                                              \
    PAIR(at ".syslogNGImage"), PAIR(at ".configReloadImage"), PAIR(at ".metricsExporterImage"), \
        PAIR(at ".bufferVolumeMetricsImage")
#define TAILER(at) PAIR(at ".image"), at ".containerOverrides.image"

/* OpenTelemetry: Pods of the operator's own, and the images that it injects into others. */
#define TELEMETRY                                                                       \
    "spec.image", "spec.additionalContainers[*].image", "spec.initContainers[*].image", \
        "spec.volumes[*].image.reference"

#define INSTRUMENTATION                                                                           \
    "spec.java.image", "spec.java.extensions[*].image", "spec.nodejs.image", "spec.python.image", \
        "spec.dotnet.image", "spec.go.image", "spec.apacheHttpd.image", "spec.nginx.image"

/* CloudNativePG: the server, other components, and extensions as image volumes. */
#define CATALOG                                                             \
    "spec.images[*].image", "spec.images[*].extensions[*].image.reference", \
        "spec.componentImages[*].image"

#define ARGO        "argoproj.io"
#define KNATIVE     "serving.knative.dev"
#define TEKTON      "tekton.dev"
#define KRUISE      "apps.kruise.io"
#define COREOS      "monitoring.coreos.com"
#define CNPG        "postgresql.cnpg.io"
#define FLOW        "kubeflow.org"
#define TRAINER     "trainer.kubeflow.org"
#define RAY         "ray.io"
#define SPARK_GROUP "sparkoperator.k8s.io"
#define ROOK        "ceph.rook.io"
#define STRIMZI     "kafka.strimzi.io"
#define METRICS     "operator.victoriametrics.com"
#define OTEL        "opentelemetry.io"
#define SOLR        "solr.apache.org"
#define LOGGING     "logging.banzaicloud.io"
#define TAILERS     "logging-extensions.banzaicloud.io"
#define JOB_SET     "spec.replicatedJobs[*].template.spec.template.spec"

static const struct moor_well_known all[] = {
    /* group, resource, kind, Pod specifications, images */
    {ARGO, "rollouts", "Rollout", TEMPLATE, NONE},
    {ARGO, "experiments", "Experiment", PATHS("spec.templates[*].template.spec"), NONE},
    {ARGO, "analysistemplates", "AnalysisTemplate", ANALYSIS, NONE},
    {ARGO, "clusteranalysistemplates", "ClusterAnalysisTemplate", ANALYSIS, NONE},
    {ARGO, "analysisruns", "AnalysisRun", ANALYSIS, NONE},
    {ARGO, "workflows", "Workflow", NONE, PATHS(WORKFLOW("spec"))},
    {ARGO, "workflowtemplates", "WorkflowTemplate", NONE, PATHS(WORKFLOW("spec"))},
    {ARGO, "clusterworkflowtemplates", "ClusterWorkflowTemplate", NONE, PATHS(WORKFLOW("spec"))},
    {ARGO, "cronworkflows", "CronWorkflow", NONE, PATHS(WORKFLOW("spec.workflowSpec"))},
    {ARGO, "sensors", "Sensor", NONE, PATHS(SENSOR)},

    {KNATIVE, "services", "Service", TEMPLATE, NONE},
    {KNATIVE, "configurations", "Configuration", TEMPLATE, NONE},
    {KNATIVE, "revisions", "Revision", PATHS("spec"), NONE},

    {TEKTON, "tasks", "Task", NONE, PATHS(TASK("spec"))},
    {TEKTON, "clustertasks", "ClusterTask", NONE, PATHS(TASK("spec"))},
    {TEKTON, "taskruns", "TaskRun", NONE,
     PATHS(TASK("spec.taskSpec"), "spec.podTemplate.volumes[*].image.reference")},
    {TEKTON, "pipelines", "Pipeline", NONE, PATHS(PIPELINE("spec"))},
    {TEKTON, "pipelineruns", "PipelineRun", NONE,
     PATHS(PIPELINE("spec.pipelineSpec"), "spec.podTemplate.volumes[*].image.reference",
           "spec.taskRunTemplate.podTemplate.volumes[*].image.reference",
           "spec.taskRunSpecs[*].podTemplate.volumes[*].image.reference")},
    {TEKTON, "stepactions", "StepAction", NONE, PATHS("spec.image")},

    {"jobset.x-k8s.io", "jobsets", "JobSet", PATHS(JOB_SET), NONE},
    {"leaderworkerset.x-k8s.io", "leaderworkersets", "LeaderWorkerSet",
     PATHS("spec.leaderWorkerTemplate.leaderTemplate.spec",
           "spec.leaderWorkerTemplate.workerTemplate.spec"),
     NONE},

    {KRUISE, "clonesets", "CloneSet", TEMPLATE, NONE},
    {KRUISE, "statefulsets", "StatefulSet", TEMPLATE, NONE},
    {KRUISE, "daemonsets", "DaemonSet", TEMPLATE, NONE},
    {KRUISE, "broadcastjobs", "BroadcastJob", TEMPLATE, NONE},
    {KRUISE, "advancedcronjobs", "AdvancedCronJob",
     PATHS("spec.template.jobTemplate.spec.template.spec",
           "spec.template.broadcastJobTemplate.spec.template.spec"),
     NONE},
    {KRUISE, "sidecarsets", "SidecarSet", PATHS("spec"), NONE},
    {KRUISE, "uniteddeployments", "UnitedDeployment",
     PATHS("spec.template.statefulSetTemplate.spec.template.spec",
           "spec.template.advancedStatefulSetTemplate.spec.template.spec",
           "spec.template.cloneSetTemplate.spec.template.spec",
           "spec.template.deploymentTemplate.spec.template.spec"),
     NONE},

    {"keda.sh", "scaledjobs", "ScaledJob", PATHS("spec.jobTargetRef.template.spec"), NONE},

    {COREOS, "prometheuses", "Prometheus", NONE, PATHS(MONITORING, "spec.thanos.image")},
    {COREOS, "prometheusagents", "PrometheusAgent", NONE, PATHS(MONITORING)},
    {COREOS, "alertmanagers", "Alertmanager", NONE, PATHS(MONITORING)},
    {COREOS, "thanosrulers", "ThanosRuler", NONE, PATHS(MONITORING)},

    {CNPG, "clusters", "Cluster", NONE,
     PATHS("spec.imageName", "spec.postgresql.extensions[*].image.reference")},
    {CNPG, "imagecatalogs", "ImageCatalog", NONE, PATHS(CATALOG)},
    {CNPG, "clusterimagecatalogs", "ClusterImageCatalog", NONE, PATHS(CATALOG)},
    {CNPG, "poolers", "Pooler", TEMPLATE, PATHS("spec.pgbouncer.image")},

    {FLOW, "pytorchjobs", "PyTorchJob", PATHS("spec.pytorchReplicaSpecs.*.template.spec"), NONE},
    {FLOW, "tfjobs", "TFJob", PATHS("spec.tfReplicaSpecs.*.template.spec"), NONE},
    {FLOW, "mpijobs", "MPIJob", PATHS("spec.mpiReplicaSpecs.*.template.spec"), NONE},
    {FLOW, "xgboostjobs", "XGBoostJob", PATHS("spec.xgbReplicaSpecs.*.template.spec"), NONE},
    {FLOW, "paddlejobs", "PaddleJob", PATHS("spec.paddleReplicaSpecs.*.template.spec"), NONE},
    {FLOW, "jaxjobs", "JAXJob", PATHS("spec.jaxReplicaSpecs.*.template.spec"), NONE},

    {TRAINER, "trainjobs", "TrainJob", NONE,
     PATHS("spec.trainer.image",
           "spec.runtimePatches[*].trainingRuntimeSpec.template.spec.replicatedJobs[*].template."
           "spec.template.spec.volumes[*].image.reference")},
    {TRAINER, "trainingruntimes", "TrainingRuntime", RUNTIME, NONE},
    {TRAINER, "clustertrainingruntimes", "ClusterTrainingRuntime", RUNTIME, NONE},

    {RAY, "rayclusters", "RayCluster", PATHS(RAY_PODS("spec")), PATHS(RAY_IMAGES("spec"))},
    {RAY, "rayjobs", "RayJob",
     PATHS(RAY_PODS("spec.rayClusterSpec"), "spec.submitterPodTemplate.spec"),
     PATHS(RAY_IMAGES("spec.rayClusterSpec"))},
    {RAY, "rayservices", "RayService", PATHS(RAY_PODS("spec.rayClusterConfig")),
     PATHS(RAY_IMAGES("spec.rayClusterConfig"))},
    {RAY, "raycronjobs", "RayCronJob",
     PATHS(RAY_PODS("spec.jobTemplate.rayClusterSpec"),
           "spec.jobTemplate.submitterPodTemplate.spec"),
     PATHS(RAY_IMAGES("spec.jobTemplate.rayClusterSpec"))},

    {SPARK_GROUP, "sparkapplications", "SparkApplication", SPARK("spec")},
    {SPARK_GROUP, "scheduledsparkapplications", "ScheduledSparkApplication",
     SPARK("spec.template")},

    {"apps.openshift.io", "deploymentconfigs", "DeploymentConfig", TEMPLATE,
     PATHS("spec.strategy.customParams.image")},
    {"agents.x-k8s.io", "sandboxes", "Sandbox", PATHS("spec.podTemplate.spec"), NONE},
    {"extensions.agents.x-k8s.io", "sandboxtemplates", "SandboxTemplate",
     PATHS("spec.podTemplate.spec"), NONE},

    {ROOK, "cephclusters", "CephCluster", NONE, PATHS("spec.cephVersion.image")},
    {ROOK, "cephnfses", "CephNFS", NONE, PATHS("spec.security.sssd.sidecar.image")},
    {ROOK, "cephcosidrivers", "CephCOSIDriver", NONE,
     PATHS("spec.image", "spec.objectProvisionerImage")},

    {STRIMZI, "kafkas", "Kafka", NONE, PATHS(STRIMZI_KAFKA)},
    {STRIMZI, "kafkanodepools", "KafkaNodePool", NONE, PATHS(STRIMZI_POD("spec"))},
    {STRIMZI, "kafkaconnects", "KafkaConnect", NONE, PATHS(STRIMZI_CLIENT)},
    {STRIMZI, "kafkabridges", "KafkaBridge", NONE, PATHS(STRIMZI_CLIENT)},
    {STRIMZI, "kafkamirrormakers", "KafkaMirrorMaker", NONE, PATHS(STRIMZI_CLIENT)},
    {STRIMZI, "kafkamirrormaker2s", "KafkaMirrorMaker2", NONE, PATHS(STRIMZI_CLIENT)},

    {"elasticsearch.k8s.elastic.co", "elasticsearches", "Elasticsearch",
     ELASTIC("spec.nodeSets[*].podTemplate.spec")},
    {"kibana.k8s.elastic.co", "kibanas", "Kibana", ELASTIC(ELASTIC_POD)},
    {"apm.k8s.elastic.co", "apmservers", "ApmServer", ELASTIC(ELASTIC_POD)},
    {"enterprisesearch.k8s.elastic.co", "enterprisesearches", "EnterpriseSearch",
     ELASTIC(ELASTIC_POD)},
    {"maps.k8s.elastic.co", "elasticmapsservers", "ElasticMapsServer", ELASTIC(ELASTIC_POD)},
    {"logstash.k8s.elastic.co", "logstashes", "Logstash", ELASTIC(ELASTIC_POD)},
    {"beat.k8s.elastic.co", "beats", "Beat", ELASTIC(ELASTIC_WORKLOADS)},
    {"agent.k8s.elastic.co", "agents", "Agent",
     ELASTIC(ELASTIC_WORKLOADS, "spec.statefulSet.podTemplate.spec")},

    {METRICS, "vmagents", "VMAgent", NONE, PATHS(VICTORIA("spec"), RELOADER)},
    {METRICS, "vmalerts", "VMAlert", NONE, PATHS(VICTORIA("spec"), RELOADER)},
    {METRICS, "vmalertmanagers", "VMAlertmanager", NONE, PATHS(VICTORIA("spec"), RELOADER)},
    {METRICS, "vmauths", "VMAuth", NONE, PATHS(VICTORIA("spec"), RELOADER)},
    {METRICS, "vmsingles", "VMSingle", NONE,
     PATHS(VICTORIA("spec"), RELOADER, PAIR("spec.vmBackup.image"))},
    {METRICS, "vmclusters", "VMCluster", NONE,
     PATHS(VICTORIA("spec.vmselect"), VICTORIA("spec.vminsert"), VICTORIA("spec.vmstorage"),
           PAIR("spec.vmstorage.vmBackup.image"))},
    {METRICS, "vmanomalies", "VMAnomaly", NONE, PATHS(VICTORIA("spec"))},
    {METRICS, "vlagents", "VLAgent", NONE, PATHS(VICTORIA("spec"))},
    {METRICS, "vlsingles", "VLSingle", NONE, PATHS(VICTORIA("spec"))},
    {METRICS, "vlclusters", "VLCluster", NONE,
     PATHS(VICTORIA("spec.vlselect"), VICTORIA("spec.vlinsert"), VICTORIA("spec.vlstorage"))},
    {METRICS, "vtsingles", "VTSingle", NONE, PATHS(VICTORIA("spec"))},
    {METRICS, "vtclusters", "VTCluster", NONE,
     PATHS(VICTORIA("spec.select"), VICTORIA("spec.insert"), VICTORIA("spec.storage"))},

    {SOLR, "solrclouds", "SolrCloud", NONE,
     PATHS(PAIR("spec.solrImage"), PAIR("spec.busyBoxImage"),
           SOLR_PODS("spec.customSolrKubeOptions"), ZOOKEEPER("spec.zookeeperRef.provided"))},
    {SOLR, "solrprometheusexporters", "SolrPrometheusExporter", NONE,
     PATHS(PAIR("spec.image"), PAIR("spec.busyBoxImage"), SOLR_PODS("spec.customKubeOptions"))},
    {"zookeeper.pravega.io", "zookeeperclusters", "ZookeeperCluster", NONE,
     PATHS(ZOOKEEPER("spec"))},

    {LOGGING, "loggings", "Logging", PATHS(SYSLOG_PODS("spec.syslogNG")),
     PATHS(FLUENTBIT("spec.fluentbit"), FLUENTD("spec.fluentd"), SYSLOG("spec.syslogNG"))},
    {LOGGING, "fluentbitagents", "FluentbitAgent", NONE, PATHS(FLUENTBIT("spec"))},
    {LOGGING, "fluentdconfigs", "FluentdConfig", NONE, PATHS(FLUENTD("spec"))},
    {LOGGING, "syslogngconfigs", "SyslogNGConfig", PATHS(SYSLOG_PODS("spec")),
     PATHS(SYSLOG("spec"))},
    {TAILERS, "eventtailers", "EventTailer", PATHS("spec.workloadOverrides"),
     PATHS(TAILER("spec"))},
    {TAILERS, "hosttailers", "HostTailer", PATHS("spec.workloadOverrides"),
     PATHS(TAILER("spec.fileTailers[*]"), TAILER("spec.systemdTailers[*]"))},

    {"grafana.integreatly.org", "grafanas", "Grafana", PATHS("spec.deployment.spec.template.spec"),
     NONE},

    {OTEL, "opentelemetrycollectors", "OpenTelemetryCollector", NONE,
     PATHS(TELEMETRY, "spec.targetAllocator.image")},
    {OTEL, "targetallocators", "TargetAllocator", NONE, PATHS(TELEMETRY)},
    {OTEL, "opampbridges", "OpAMPBridge", NONE,
     PATHS("spec.image", "spec.volumes[*].image.reference")},
    {OTEL, "instrumentations", "Instrumentation", NONE, PATHS(INSTRUMENTATION)},
};

const struct moor_well_known *moor_well_known_all(size_t *count)
{
    *count = MOOR_ARRAY_SIZE(all);
    return all;
}

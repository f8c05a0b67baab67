/* SPDX-License-Identifier: Apache-2.0 */
/* The paths follow the types of k8s.io/api: core/v1, apps/v1 and batch/v1. */
#include "policy/object/kinds.h"
#include "policy/base/array_size.h"

/* Shorthands for nodes: a member without children, a member with children, items, and a field. */
#define LEAF(name, what)                                                               \
    {                                                                                  \
        .step = MOOR_PATH_MEMBER, .role = (what), .key = { "" name, sizeof(name) - 1 } \
    }
#define MEMBER(name, below)                                                                \
    {                                                                                      \
        .step = MOOR_PATH_MEMBER, .key = {"" name, sizeof(name) - 1}, .children = (below), \
        .child_count = MOOR_ARRAY_SIZE(below)                                              \
    }
#define ITEMS(what, below)                                               \
    {                                                                    \
        .step = MOOR_PATH_ANY_ITEM, .role = (what), .children = (below), \
        .child_count = MOOR_ARRAY_SIZE(below)                            \
    }
#define FIELD(name, which, below)                                                       \
    {                                                                                   \
        .step = MOOR_PATH_MEMBER, .key = {"" name, sizeof(name) - 1}, .field = (which), \
        .sets_field = true, .children = (below), .child_count = MOOR_ARRAY_SIZE(below)  \
    }

static const struct moor_path_node container[] = {
    LEAF("name", MOOR_PATH_NAME),
    LEAF("image", MOOR_PATH_IMAGE),
};

static const struct moor_path_node image_source[] = {
    LEAF("reference", MOOR_PATH_IMAGE),
};

/* `volumes[].rbd.image` and others name no container image: only `image.reference` is read. */
static const struct moor_path_node volume[] = {
    LEAF("name", MOOR_PATH_NAME),
    {.step = MOOR_PATH_MEMBER,
     .role = MOOR_PATH_HOLDER,
     .key = {"image", 5},
     .children = image_source,
     .child_count = MOOR_ARRAY_SIZE(image_source)},
};

static const struct moor_path_node containers[] = {ITEMS(MOOR_PATH_HOLDER, container)};
static const struct moor_path_node volumes[] = {ITEMS(MOOR_PATH_STEP, volume)};

static const struct moor_path_node pod_spec[] = {
    FIELD("containers", MOOR_FIELD_CONTAINERS, containers),
    FIELD("initContainers", MOOR_FIELD_INIT_CONTAINERS, containers),
    FIELD("ephemeralContainers", MOOR_FIELD_EPHEMERAL_CONTAINERS, containers),
    FIELD("volumes", MOOR_FIELD_IMAGE_VOLUMES, volumes),
};

static const struct moor_path_node annotations[] = {
    LEAF("kubernetes.io/config.mirror", MOOR_PATH_MIRROR),
};

#define ANNOTATIONS                                                                          \
    {                                                                                        \
        .step = MOOR_PATH_MEMBER, .role = MOOR_PATH_ANNOTATIONS, .key = {"annotations", 11}, \
        .field = MOOR_FIELD_ANNOTATIONS, .sets_field = true, .children = annotations,        \
        .child_count = MOOR_ARRAY_SIZE(annotations)                                          \
    }

static const struct moor_path_node owner[] = {
    LEAF("apiVersion", MOOR_PATH_OWNER_VERSION),
    LEAF("kind", MOOR_PATH_OWNER_KIND),
    LEAF("name", MOOR_PATH_NAME),
    LEAF("controller", MOOR_PATH_OWNER_CONTROLLER),
};

static const struct moor_path_node owners[] = {ITEMS(MOOR_PATH_OWNER, owner)};

#define METADATA(annotations_member)                                                 \
    LEAF("generateName", MOOR_PATH_GENERATE_NAME),                                   \
        LEAF("deletionTimestamp", MOOR_PATH_DELETION_TIMESTAMP), annotations_member, \
        MEMBER("ownerReferences", owners)

/* Pods do not get the annotations of `metadata`, but they have those of `pod_metadata`. */
static const struct moor_path_node metadata[] = {METADATA(MEMBER("annotations", annotations))};
static const struct moor_path_node pod_metadata[] = {METADATA(ANNOTATIONS)};

static const struct moor_path_node template_metadata[] = {ANNOTATIONS};

/* spec: a Pod specification */
static const struct moor_path_node pod[] = {
    MEMBER("metadata", pod_metadata),
    MEMBER("spec", pod_spec),
};

/* template.spec: the template is a member of the object itself */
static const struct moor_path_node pod_template_template[] = {
    MEMBER("metadata", template_metadata),
    MEMBER("spec", pod_spec),
};
static const struct moor_path_node pod_template[] = {
    MEMBER("metadata", metadata),
    MEMBER("template", pod_template_template),
};

/* spec.template.spec */
static const struct moor_path_node workload_spec[] = {MEMBER("template", pod_template_template)};
static const struct moor_path_node workload[] = {
    MEMBER("metadata", metadata),
    MEMBER("spec", workload_spec),
};

/* spec.jobTemplate.spec.template.spec */
static const struct moor_path_node job_template[] = {MEMBER("spec", workload_spec)};
static const struct moor_path_node cron_job_spec[] = {MEMBER("jobTemplate", job_template)};
static const struct moor_path_node cron_job[] = {
    MEMBER("metadata", metadata),
    MEMBER("spec", cron_job_spec),
};

/* data.spec.template.spec: a patch of the workload; statefulset-controller creates Pods from it */
static const struct moor_path_node revision_data[] = {MEMBER("spec", workload_spec)};
static const struct moor_path_node revision[] = {
    MEMBER("metadata", metadata),
    MEMBER("data", revision_data),
};

const struct moor_path_node moor_path_metadata = MEMBER("metadata", pod_metadata);
const struct moor_path_node moor_path_template_metadata = MEMBER("metadata", template_metadata);
const struct moor_path_node moor_path_pod_spec = {.children = pod_spec,
                                                  .child_count = MOOR_ARRAY_SIZE(pod_spec)};

#define ROOT(below)                                                \
    {                                                              \
        .children = (below), .child_count = MOOR_ARRAY_SIZE(below) \
    }
static const struct moor_path_node pod_root = ROOT(pod);
static const struct moor_path_node pod_template_root = ROOT(pod_template);
static const struct moor_path_node workload_root = ROOT(workload);
static const struct moor_path_node cron_job_root = ROOT(cron_job);
static const struct moor_path_node revision_root = ROOT(revision);

#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
#define KIND(of, plural, name, template, raw, tree)                           \
    {                                                                         \
        TEXT(of), TEXT(plural), TEXT(name), (template), false, (raw), &(tree) \
    }
static const struct moor_kind kinds[] = {
    /* group, resource, kind, is a template, is raw, paths */
    KIND("", "pods", "Pod", false, false, pod_root),
    KIND("", "podtemplates", "PodTemplate", true, false, pod_template_root),
    KIND("", "replicationcontrollers", "ReplicationController", true, false, workload_root),
    KIND("apps", "deployments", "Deployment", true, false, workload_root),
    KIND("apps", "replicasets", "ReplicaSet", true, false, workload_root),
    KIND("apps", "statefulsets", "StatefulSet", true, false, workload_root),
    KIND("apps", "daemonsets", "DaemonSet", true, false, workload_root),
    KIND("apps", "controllerrevisions", "ControllerRevision", true, true, revision_root),
    KIND("batch", "jobs", "Job", true, false, workload_root),
    KIND("batch", "cronjobs", "CronJob", true, false, cron_job_root),
};

const struct moor_kind *moor_kind_all(size_t *count)
{
    *count = MOOR_ARRAY_SIZE(kinds);
    return kinds;
}

/*
 * The webhook knows the resource of a request, and a file only the kind of its object, so either
 * selects the entry.
 */
const struct moor_kind *moor_kind_find(struct moor_slice group, struct moor_slice resource,
                                       struct moor_slice kind)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(kinds); i++) {
        if (moor_slice_equal(kinds[i].group, group) &&
            (moor_slice_equal(kinds[i].resource, resource) ||
             moor_slice_equal(kinds[i].kind, kind))) {
            return &kinds[i];
        }
    }
    return NULL;
}

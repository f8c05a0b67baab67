/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/plain_kinds.h"

#include "policy/base/array_size.h"

/* Lists of kinds are kinds of their own, but files rarely contain them: `List` is read instead. */
#define MOST_KINDS 20

/* The groups of k8s.io/api with their kinds without images; unused elements are NULL. */
static const struct {
    const char *group;
    const char *kinds[MOST_KINDS];
} groups[] = {
    {"",
     {"Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace",
      "Node", "PersistentVolume", "PersistentVolumeClaim", "ResourceQuota", "Secret", "Service",
      "ServiceAccount"}},
    {"admissionregistration.k8s.io",
     {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
      "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
      "ValidatingWebhookConfiguration"}},
    {"apiextensions.k8s.io", {"CustomResourceDefinition"}},
    {"apiregistration.k8s.io", {"APIService"}},
    /*
     * Every kind of `apps` and `batch` contains images. Both need a row all the same, because
     * moor_plain_kind_has_group() answers from this table.
     */
    {"apps", {NULL}},
    {"authentication.k8s.io", {"SelfSubjectReview", "TokenRequest", "TokenReview"}},
    {"authorization.k8s.io",
     {"LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview",
      "SubjectAccessReview"}},
    {"autoscaling", {"HorizontalPodAutoscaler", "Scale"}},
    {"batch", {NULL}},
    {"certificates.k8s.io",
     {"CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"}},
    {"coordination.k8s.io", {"Lease", "LeaseCandidate"}},
    {"discovery.k8s.io", {"EndpointSlice"}},
    {"events.k8s.io", {"Event"}},
    /*
     * Kubernetes no longer serves this group, but old charts and repositories still contain its
     * kinds.
     */
    {"extensions", {"Ingress", "NetworkPolicy", "PodSecurityPolicy"}},
    {"flowcontrol.apiserver.k8s.io", {"FlowSchema", "PriorityLevelConfiguration"}},
    /*
     * The Gateway API is not part of k8s.io/api.  It is listed because its kinds are official and
     * common in manifests.
     */
    {"gateway.networking.k8s.io",
     {"BackendTLSPolicy", "GRPCRoute", "Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant",
      "TCPRoute", "TLSRoute", "UDPRoute"}},
    {"internal.apiserver.k8s.io", {"StorageVersion"}},
    {"networking.k8s.io", {"IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"}},
    {"node.k8s.io", {"RuntimeClass"}},
    /* PodSecurityPolicy was removed in Kubernetes 1.25, and is kept here for older manifests. */
    {"policy", {"Eviction", "PodDisruptionBudget", "PodSecurityPolicy"}},
    {"rbac.authorization.k8s.io", {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}},
    {"resource.k8s.io",
     {"DeviceClass", "DeviceTaintRule", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"}},
    {"scheduling.k8s.io", {"PriorityClass", "Workload"}},
    {"storage.k8s.io",
     {"CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment",
      "VolumeAttributesClass"}},
    {"storagemigration.k8s.io", {"StorageVersionMigration"}},
};

bool moor_plain_kind_has_group(struct moor_slice group)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(groups); i++) {
        if (moor_slice_is(group, groups[i].group)) {
            return true;
        }
    }
    return false;
}

static bool has_kind(const char *const kinds[MOST_KINDS], struct moor_slice kind)
{
    for (size_t i = 0; i < MOST_KINDS && kinds[i] != NULL; i++) {
        if (moor_slice_is(kind, kinds[i])) {
            return true;
        }
    }
    return false;
}

bool moor_plain_kind_is(struct moor_slice group, struct moor_slice kind)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(groups); i++) {
        if (moor_slice_is(group, groups[i].group)) {
            return has_kind(groups[i].kinds, kind);
        }
    }
    return false;
}

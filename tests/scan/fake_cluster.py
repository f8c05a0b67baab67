# SPDX-License-Identifier: Apache-2.0
"""A cluster to scan: objects as an API server lists them, in pages, with what may not be read.

Answers what a kube-apiserver answers to discovery and lists, and no more.  The shapes are those that
kube-apiserver 1.36 gives.
"""
import base64
import json
import urllib.parse

RBAC = "rbac.authorization.k8s.io"
# resource, short name, group, version, namespaced, kind
RESOURCES = [
    ("bindings", "", "", "v1", True, "Binding"),
    ("namespaces", "ns", "", "v1", False, "Namespace"),
    ("nodes", "no", "", "v1", False, "Node"),
    ("pods", "po", "", "v1", True, "Pod"),
    ("podtemplates", "", "", "v1", True, "PodTemplate"),
    ("replicationcontrollers", "rc", "", "v1", True, "ReplicationController"),
    ("services", "svc", "", "v1", True, "Service"),
    ("daemonsets", "ds", "apps", "v1", True, "DaemonSet"),
    ("deployments", "deploy", "apps", "v1", True, "Deployment"),
    ("replicasets", "rs", "apps", "v1", True, "ReplicaSet"),
    ("statefulsets", "sts", "apps", "v1", True, "StatefulSet"),
    ("cronjobs", "cj", "batch", "v1", True, "CronJob"),
    ("jobs", "", "batch", "v1", True, "Job"),
    ("clusterrolebindings", "", RBAC, "v1", False, "ClusterRoleBinding"),
    ("clusterroles", "", RBAC, "v1", False, "ClusterRole"),
    ("rolebindings", "", RBAC, "v1", True, "RoleBinding"),
    ("roles", "", RBAC, "v1", True, "Role"),
]
CUSTOM = [
    ("rollouts", "ro", "argoproj.io", "v1alpha1", True, "Rollout"),
    ("kafkas", "k", "kafka.example.io", "v1beta2", True, "Kafka"),
    ("podsets", "ps", "core.kafka.example.io", "v1", True, "PodSet"),
    ("prometheuses", "prom", "monitoring.coreos.com", "v1", True, "Prometheus"),
]


class Cluster:
    """Objects, in the order of their keys in etcd; `failing` maps a resource to a status and a message."""

    def __init__(self, objects, custom=CUSTOM, failing=None, namespace=""):
        self.objects = sorted(objects, key=lambda o: (o["metadata"].get("namespace", ""), o["metadata"]["name"]))
        self.resources = RESOURCES + list(custom)
        self.failing = failing or {}
        self.namespace = namespace  # of the current context
        self.asked = []

    def table(self):
        lines = []
        for name, short, group, version, namespaced, kind in self.resources:
            where = f"{group}/{version}" if group else version
            lines.append(f"{name:<34}{short:<13}{where:<31}{str(namespaced).lower():<13}{kind}\n")
        return "".join(lines)

    def find(self, group, version, name):
        for row in self.resources:
            if (row[2], row[3], row[0]) == (group, version, name):
                return row
        return None

    def get(self, address):
        """The status and the JSON for `address`, as a path with its query."""
        self.asked.append(address)
        url = urllib.parse.urlsplit(address)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        group, version, rest = ("", parts[1], parts[2:]) if parts[0] == "api" else (parts[1], parts[2], parts[3:])
        namespace = ""
        if len(rest) == 3 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        resource = self.find(group, version, rest[0])
        if resource is None:
            return 404, failure(404, "NotFound", "the server could not find the requested resource")
        full = rest[0] + (f".{group}" if group else "")
        if full in self.failing:
            status, reason, text = self.failing[full]
            if not (reason == "Expired" and "continue" not in query):
                return status, failure(status, reason, text)
        if len(rest) == 2:
            return self.one(resource, rest[1])
        return 200, self.page(resource, namespace, query)

    def one(self, resource, name):
        for item in self.objects:
            if item["kind"] == resource[5] and item["metadata"]["name"] == name:
                return 200, item
        return 404, failure(404, "NotFound", f'{resource[0]} "{name}" not found')

    def page(self, resource, namespace, query):
        name, _, group, version, _, kind = resource
        wanted = f"{group}/{version}" if group else version
        items = [o for o in self.objects if o["kind"] == kind and o["apiVersion"] == wanted
                 and namespace in ("", o["metadata"].get("namespace", ""))]
        start = int(base64.urlsafe_b64decode(query["continue"])) if "continue" in query else 0
        limit = int(query.get("limit", 0)) or len(items)
        metadata = {"resourceVersion": "4711"}
        if start + limit < len(items):
            metadata["continue"] = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
            metadata["remainingItemCount"] = len(items) - start - limit
        # Items of a list have no kind of their own.
        bare = [{k: v for k, v in o.items() if k not in ("kind", "apiVersion")} for o in items[start:start + limit]]
        return {"kind": kind + "List", "apiVersion": wanted, "metadata": metadata, "items": bare}


def failure(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "code": code}


# --- objects --------------------------------------------------------------------------------------


def made(api, kind, namespace, name, spec=None, owner=None, **more):
    metadata = {"name": name, "uid": f"{kind}-{name}", "resourceVersion": "1"}
    if namespace:
        metadata["namespace"] = namespace
    if owner:
        metadata["ownerReferences"] = [{"apiVersion": owner["apiVersion"], "kind": owner["kind"],
                                        "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
                                        "controller": True, "blockOwnerDeletion": True}]
    metadata.update(more.pop("metadata", {}))
    found = {"apiVersion": api, "kind": kind, "metadata": metadata, **more}
    if spec is not None:
        found["spec"] = spec
    return found


def containers(**images):
    return {"containers": [{"name": name, "image": image} for name, image in images.items()]}


def template(spec):
    return {"template": {"metadata": {"labels": {"app": "x"}}, "spec": spec}}


def workload(kind, namespace, name, owner=None, version="apps/v1", **images):
    return made(version, kind, namespace, name, template(containers(**images)), owner)


def pod(namespace, name, owner=None, metadata=None, **images):
    return made("v1", "Pod", namespace, name, containers(**images), owner, metadata=metadata or {},
                status={"phase": "Running", "containerStatuses": [{"image": "sha256:abc"}]})


def node(name, architecture="amd64"):
    return made("v1", "Node", "", name, status={"nodeInfo": {"architecture": architecture, "operatingSystem": "linux"}})


def running(namespace, name, on, image, digest, owner=None, runtime="containerd"):
    """A Pod on a node, with what its kubelet reports; `digest` is a letter, or the whole image ID."""
    repository = image.split("@")[0].rsplit(":", 1)[0]
    repository = repository if "/" in repository else f"docker.io/library/{repository}"
    image_id = f"{repository}@{sha256(digest)}" if len(digest) == 1 else digest
    return made("v1", "Pod", namespace, name, {"nodeName": on, **containers(web=image)}, owner,
                status={"phase": "Running", "containerStatuses": [
                    {"name": "web", "image": "other:tag", "imageID": image_id, "containerID": f"{runtime}://{'0' * 64}",
                     "state": {"running": {"startedAt": "2026-11-30T08:00:00Z"}}}]})


def sha256(letter):
    return "sha256:" + letter * 64


def deployment(namespace, name, pods=1, **images):
    """With its ReplicaSet and Pods, as the controllers make them."""
    top = workload("Deployment", namespace, name, **images)
    middle = workload("ReplicaSet", namespace, f"{name}-5d89c5b6c7", top, **images)
    return [top, middle] + [pod(namespace, f"{name}-5d89c5b6c7-{i:05}", middle, **images) for i in range(pods)]


def namespace(name, **labels):
    return made("v1", "Namespace", "", name, metadata={"labels": {"kubernetes.io/metadata.name": name, **labels}})


def role(name, *rules, namespace=""):
    return made(f"{RBAC}/v1", "Role" if namespace else "ClusterRole", namespace, name,
                rules=[dict(zip(("apiGroups", "resources", "verbs"), rule)) for rule in rules])


def binding(name, role_kind, role_name, account_namespace, account, namespace=""):
    return made(f"{RBAC}/v1", "RoleBinding" if namespace else "ClusterRoleBinding", namespace, name,
                roleRef={"apiGroup": RBAC, "kind": role_kind, "name": role_name},
                subjects=[{"kind": "ServiceAccount", "namespace": account_namespace, "name": account}])


def example():
    """A small cluster with one of everything."""
    found = [namespace("shop", environment="production"), namespace("play", environment="sandbox"),
             namespace("data"), namespace("kube-system")]
    found += deployment("shop", "web", pods=3, web="nginx:latest", log="fluent/fluent-bit:3.1.4")
    found.append(workload("ReplicaSet", "shop", "web-7c9f8d6b54", found[4], web="nginx:stable"))
    found += deployment("shop", "api", pods=2, api="shop/api@sha256:" + "ab" * 32)
    # An injected sidecar is in the Pod alone.
    found[-1]["spec"]["containers"].append({"name": "proxy", "image": "istio/proxyv2:latest"})
    agent = workload("DaemonSet", "shop", "agent", agent="vendor/agent:7")
    found += [agent, pod("shop", "agent-x", agent, agent="vendor/agent:7")]
    nightly = made("batch/v1", "CronJob", "shop", "nightly",
                   {"schedule": "0 3 * * *", "jobTemplate": {"spec": template(containers(run="busybox"))}})
    job = workload("Job", "shop", "nightly-29045000", nightly, version="batch/v1", run="busybox")
    found += [nightly, job, pod("shop", "nightly-29045000-abcde", job, run="busybox")]
    found.append(pod("shop", "shell", shell="busybox:latest"))
    found[-1]["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": "alpine"}]
    found.append(pod("shop", "gone", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}, gone="a:latest"))
    found += deployment("play", "try", try_="shop/try:main")
    # Made by operators: one whose kind is known, one whose kind is not, one that makes a StatefulSet.
    rollout = made("argoproj.io/v1alpha1", "Rollout", "data", "front", template(containers(front="shop/front:edge")))
    middle = workload("ReplicaSet", "data", "front-6d4f", rollout, front="shop/front:edge")
    found += [rollout, middle, pod("data", "front-6d4f-1", middle, front="shop/front:edge")]
    podset = made("core.kafka.example.io/v1", "PodSet", "data", "events", {},
                  made("kafka.example.io/v1beta2", "Kafka", "data", "events", {}))
    found.append(podset)
    found += [pod("data", f"events-{i}", podset, kafka="kafka:latest") for i in range(2)]
    prometheus = made("monitoring.coreos.com/v1", "Prometheus", "data", "k8s", {"version": "v3.0.1"})
    stateful = workload("StatefulSet", "data", "prometheus-k8s", prometheus, prometheus="prom/prometheus:main")
    found += [prometheus, stateful, pod("data", "prometheus-k8s-0", stateful, prometheus="prom/prometheus:main")]
    found.append(pod("kube-system", "etcd-node", metadata={
        "annotations": {"kubernetes.io/config.mirror": "1"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "node", "uid": "1", "controller": True}],
    }, etcd="etcd:latest"))
    found += deployment("kube-system", "dns", dns="dns:latest")
    return found + roles()


def roles():
    """The service accounts of two operators, and of others that may do much."""
    every = ["get", "list", "watch", "create", "update", "patch", "delete"]
    return [
        role("kafka-operator", ([""], ["pods", "services"], every),
             (["core.kafka.example.io"], ["podsets", "podsets/status"], every)),
        binding("kafka-operator", "ClusterRole", "kafka-operator", "kafka", "cluster-operator"),
        role("prometheus-operator", (["apps"], ["statefulsets"], ["*"]),
             (["monitoring.coreos.com"], ["prometheuses", "prometheuses/finalizers"], ["*"])),
        binding("prometheus-operator", "ClusterRole", "prometheus-operator", "monitoring", "prometheus-operator"),
        role("edit", ([""], ["pods"], every), (["apps"], ["statefulsets"], every),
             (["core.kafka.example.io"], ["podsets"], every), (["monitoring.coreos.com"], ["prometheuses"], every)),
        binding("deployer", "ClusterRole", "edit", "ci", "deployer", namespace="data"),
        role("cluster-admin", (["*"], ["*"], ["*"])),
        binding("argocd", "ClusterRole", "cluster-admin", "argocd", "application-controller"),
        role("viewer", (["core.kafka.example.io"], ["podsets", "podsets/status"], ["get", "list"])),
        binding("viewer", "ClusterRole", "viewer", "monitoring", "viewer"),
    ]


def dump(objects):
    """As `kubectl get -A -o json` prints several kinds."""
    return json.dumps({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}},
                      indent=4)

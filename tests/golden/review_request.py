# SPDX-License-Identifier: Apache-2.0
"""review_request - expands a row of a table of golden reviews into the bytes of the review.

  kind         Pod if absent; a built-in workload by its name, anything else as GROUP/VERSION/KIND; ImageReview
  resource     the plural, where it is not the kind in lower case with an `s`
  subresource, operation, namespace (null: none), user, groups
  images, initImages, ephemeralImages, volumes
               the images of the Pod (template): a text (container `web`), a list (`c0`, `c1`...) or a mapping by name
  spec         further members of the Pod spec
  metadata     further members of the object's metadata
  template     the metadata of the Pod template
  object       the whole object, where the keys above do not do
  old          the old object: the row's, with these keys changed; the request is then an UPDATE
"""
import json

WORKLOADS = {   # kind: (group, the way to what has the metadata and the spec of a Pod)
    "Pod": ("", []),
    "PodTemplate": ("", ["template"]),
    "ReplicationController": ("", ["spec", "template"]),
    "Deployment": ("apps", ["spec", "template"]),
    "ReplicaSet": ("apps", ["spec", "template"]),
    "StatefulSet": ("apps", ["spec", "template"]),
    "DaemonSet": ("apps", ["spec", "template"]),
    "ControllerRevision": ("apps", ["data", "spec", "template"]),
    "Job": ("batch", ["spec", "template"]),
    "CronJob": ("batch", ["spec", "jobTemplate", "spec", "template"]),
}
KEYS = {"kind", "resource", "subresource", "operation", "namespace", "user", "groups", "images", "initImages", "ephemeralImages",
        "volumes", "spec", "metadata", "template", "object", "old"}
LISTS = {"images": "containers", "initImages": "initContainers", "ephemeralImages": "ephemeralContainers", "volumes": "volumes"}
USER = "jane@example.com"
NAMESPACE = "shop"
UID = "7c1f0a52-0000-4000-8000-000000000001"


def group_version_kind(row):
    kind = row.get("kind", "Pod")
    if kind in WORKLOADS:
        return WORKLOADS[kind][0], "v1", kind
    group, version, kind = kind.split("/")
    return group, version, kind


def named(images):
    """(name, image) pairs."""
    if isinstance(images, str):
        return [("web", images)]
    if isinstance(images, list):
        return [(f"c{index}", image) for index, image in enumerate(images)]
    return list(images.items())


def holder(key, name, image):
    if key == "volumes":
        return {"name": name, "image": {"reference": image}}
    return {"name": name, "image": image} if image is not None else {"name": name}


def pod_spec(row):
    lists = {LISTS[key]: [holder(key, *pair) for pair in named(images)] for key, images in row.items() if key in LISTS}
    return {**lists, **row.get("spec", {})}


def object_of(row):
    if "object" in row and not isinstance(row["object"], dict):
        return row["object"]
    group, version, kind = group_version_kind(row)
    metadata = {"name": "web", **({"namespace": row.get("namespace", NAMESPACE)} if row.get("namespace", NAMESPACE) else {})}
    whole = {"apiVersion": f"{group}/{version}".lstrip("/"), "kind": kind, "metadata": {**metadata, **row.get("metadata", {})}}
    if "object" in row:
        return {**whole, **row["object"]}
    at = whole
    for key in WORKLOADS[kind][1]:
        at = at.setdefault(key, {})
    if "template" in row:
        at["metadata"] = row["template"]
    at["spec"] = pod_spec(row)
    return whole


def old_object(row):
    if not isinstance(row.get("old"), dict):
        return row.get("old")
    return object_of({**row, **row["old"]})


def groups_of(user):
    """The groups that authentication gives a user."""
    if user.startswith("system:serviceaccount:"):
        return ["system:serviceaccounts", f"system:serviceaccounts:{user.split(':')[2]}", "system:authenticated"]
    return ["developers", "system:authenticated"]


def admission_review(row):
    group, version, kind = group_version_kind(row)
    user = row.get("user", USER)
    thing = object_of(row)
    metadata = thing.get("metadata") if isinstance(thing, dict) else None
    request = {
        "uid": UID,
        "kind": {"group": group, "version": version, "kind": kind},
        "resource": {"group": group, "version": version, "resource": row.get("resource", kind.lower() + "s")},
        "name": metadata.get("name", "") if isinstance(metadata, dict) else "web",
        "namespace": row.get("namespace", NAMESPACE),
        "operation": row.get("operation", "UPDATE" if "old" in row else "CREATE"),
        "userInfo": {"username": user, "groups": row.get("groups", groups_of(user))},
        "object": thing, "oldObject": old_object(row), "dryRun": False, "options": None,
    }
    if request["namespace"] is None:
        del request["namespace"]
    if "subresource" in row:
        request["subResource"] = row["subresource"]
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}


def image_review(row):
    spec = {"containers": [{"image": image} for image in row.get("images", [])], "namespace": row.get("namespace", NAMESPACE)}
    if spec["namespace"] is None:
        del spec["namespace"]
    return {"kind": "ImageReview", "apiVersion": "imagepolicy.k8s.io/v1alpha1", "metadata": {"creationTimestamp": None},
            "spec": row.get("object", {**spec, **row.get("spec", {})}), "status": {"allowed": False}}


def expand(row):
    review = image_review(row) if row.get("kind") == "ImageReview" else admission_review(row)
    return json.dumps(review, ensure_ascii=False, separators=(",", ":")).encode()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""audit_log.py EVENTS - writes an audit log of a busy cluster to standard output, for measurements of replay and report.

Events have about 2.7 KB, as in a cluster whose audit policy omits managed fields.  Half of them are writes of workloads: Pods that a
ReplicaSet creates, Deployments that a user updates by a patch, and status updates; the others are reads and leases.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from audit_events import event

TAGS = ("1.27.3", "latest", "1.27", "8.3.0-alpine")
FILLER = [{"name": f"SETTING_{number}", "value": "x" * 40} for number in range(10)]


def pod_spec(tag):
    container = {"name": "web", "image": f"registry.example.com/shop/web:{tag}", "env": FILLER, "imagePullPolicy": "IfNotPresent",
                 "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "50m", "memory": "64Mi"}}}
    return {"containers": [container, {"name": "proxy", "image": "envoyproxy/envoy:v1.32.1"}], "restartPolicy": "Always"}


def pod(tag):
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d9c5b8f6d", "uid": "u", "controller": True}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "NAME", "generateName": "web-7d9c5b8f6d-", "namespace": "SPACE",
            "ownerReferences": [owner], "labels": {"app": "web"}}, "spec": pod_spec(tag), "status": {"phase": "Pending"}}


def deployment(tag):
    return {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "NAME", "namespace": "SPACE", "labels": {"app": "web"}},
            "spec": {"replicas": 3, "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod_spec(tag)}}}


def shapes():
    """Texts of events, in which ID, NAME and SPACE are replaced."""
    node = {"username": "system:node:worker-1", "groups": ["system:nodes", "system:authenticated"]}
    controller = {"username": "system:serviceaccount:kube-system:replicaset-controller", "groups": ["system:serviceaccounts"]}
    jane = {"username": "jane@example.com", "groups": ["developers", "system:authenticated"]}
    pods = {"resource": "pods", "namespace": "SPACE", "name": "NAME", "apiVersion": "v1"}
    deployments = {"resource": "deployments", "apiGroup": "apps", "namespace": "SPACE", "name": "NAME", "apiVersion": "v1"}
    for tag in TAGS:
        asked = {**pod(tag), "status": None, "metadata": {"generateName": "web-7d9c5b8f6d-"}}
        yield event(user=controller, objectRef=pods, requestObject=asked, responseObject=pod(tag))
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": f"registry.example.com/shop/web:{tag}"}]}}}}
        yield event(user=jane, verb="patch", objectRef=deployments, requestObject=patch, responseObject=deployment(tag),
                    responseStatus={"code": 200})
        yield event(user=node, verb="patch", objectRef={**pods, "subresource": "status"}, requestObject={"status": {"phase": "Running"}},
                    responseObject=pod(tag), responseStatus={"code": 200})
        yield event(user=jane, verb="list", objectRef=pods, responseStatus={"code": 200}, userAgent="x" * 2100)


def padded(text):
    """An event of about 2.7 KB."""
    return text[:-1] + ', "userAgent2": "' + "y" * max(0, 2650 - len(text)) + '"}\n'


def main():
    count = int(sys.argv[1])
    texts = [padded(json.dumps({**each, "auditID": "ID"})) for each in shapes()]
    write = sys.stdout.buffer.write
    for number in range(count):
        text = texts[number % len(texts)].replace('"ID"', f'"{number:036d}"').replace("SPACE", f"shop-{number // 16 % 5000 % 97}")
        write(text.replace("NAME", f"web-{number // 16 % 5000}").encode())


main()

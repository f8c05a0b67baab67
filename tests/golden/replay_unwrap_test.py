#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor replay --unwrap`: events in the lines of the log services of clouds, as these document them."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from audit_events import event
from cli import check, main, tagmoor, test

POD = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "shop"},
       "spec": {"containers": [{"name": "web", "image": "nginx:latest"}]}}
EVENT = event(auditID=None, objectRef={"resource": "pods", "namespace": "shop", "name": "web"}, requestObject=POD, responseObject=POD)
TEXT = json.dumps(EVENT)
GKE = {"insertId": "abc", "timestamp": "2027-01-01T00:00:00.5Z", "labels": {"authorization.k8s.io/decision": "allow"},
       "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "k8s.io", "methodName": "io.k8s.core.v1.pods.create",
                        "authenticationInfo": {"principalEmail": "jane@example.com"}, "resourceName": "core/v1/namespaces/shop/pods/web",
                        "request": {"@type": "core.k8s.io/v1.Pod", **POD}, "response": {"@type": "core.k8s.io/v1.Pod", **POD}}}


def gke(**payload):
    return {**GKE, "protoPayload": {**GKE["protoPayload"], **payload}}


def replay(form, text):
    status, out, err = tagmoor("replay", "--unwrap", form, "-o", "json", "-", stdin=text.encode())
    return status, json.loads(out) if out else None, err


@test
def wrapped_event__evaluated():
    for form, text, count in [("none", TEXT, 1), ("eks", json.dumps({"message": TEXT, "timestamp": 1}), 1), ("eks", json.dumps({"@message": TEXT}), 1),
                              ("eks", json.dumps({"messageType": "DATA_MESSAGE", "logEvents": [{"message": TEXT}, {"message": TEXT}]}), 2),
                              ("eks", json.dumps({"events": [{"message": TEXT}]}), 1), ("eks", "2027-01-01T00:00:00.000Z " + TEXT, 1), ("eks", TEXT, 1),
                              ("aks", json.dumps({"category": "kube-audit", "properties": {"log": TEXT, "stream": "stdout"}}), 1),
                              ("aks", json.dumps({"records": [{"properties": {"log": TEXT}}, {"properties": {"log": TEXT}}]}), 2),
                              ("aks", json.dumps({"log_s": TEXT}), 1), ("aks", TEXT, 1), ("gke", json.dumps(GKE), 1), ("gke", TEXT, 1)]:
        status, found, err = replay(form, text)
        check(status == 0 and found["summary"]["denied"] == count and err == "", form, text, err, found)
        check([(each["image"], each["user"], each["namespace"]) for each in found["findings"]] == [("nginx:latest", "jane@example.com", "shop")],
              form, found["findings"])


@test
def wrong_format__not_an_event():
    for form, text in [("none", json.dumps({"message": TEXT})), ("eks", json.dumps({"message": "x"})), ("eks", "{"), ("eks", ""), ("eks", "no brace"),
                       ("aks", json.dumps({"properties": 7})), ("aks", json.dumps({"records": [{}, 1]})), ("gke", json.dumps({"protoPayload": 1})),
                       ("eks", json.dumps({"logEvents": [{"message": TEXT[:50]}, {"message": 7}]}))]:
        status, found, err = replay(form, text + "\n")
        damaged = sum(found["summary"]["damagedLines"].values())
        check(status == 2 and damaged == (1 if text else 0) and "no event" in err, form, text, status, err)


@test
def damaged_item__the_others_count():
    status, found, _ = replay("eks", json.dumps({"logEvents": [{"message": "x"}, {"message": TEXT}, {"message": "{"}]}))
    check(status == 0 and found["summary"]["denied"] == 1 and sum(found["summary"]["damagedLines"].values()) == 1, found)


@test
def gke__methods_and_codes():
    deployment = {**POD, "kind": "Deployment", "apiVersion": "apps/v1", "spec": {"template": {"spec": POD["spec"]}}}
    for entry, reason, count in [(gke(methodName="io.k8s.core.v1.pods.list"), "read", 1), (gke(status={"code": 7, "message": "no"}), "", 0),
                                 (gke(methodName="io.k8s.core.v1.pods.delete"), "operation", 1),
                                 (gke(methodName="io.k8s.apps.v1.deployments.scale.update", request={}, response={},
                                      resourceName="apps/v1/namespaces/shop/deployments/web/scale"), "subresource", 1),
                                 (gke(methodName="io.k8s.core.v1.nodes.create", resourceName="core/v1/nodes/n1", request={}, response={}), "kind", 1)]:
        _, found, _ = replay("gke", json.dumps(entry))
        check(sum(found["summary"]["notEvaluated"].values()) == count and (not reason or found["summary"]["notEvaluated"][reason] == 1), entry, found)
    forbidden = {**gke(status={"code": 7}), "labels": {"authorization.k8s.io/decision": "forbid"}}
    check(replay("gke", json.dumps(forbidden))[1]["summary"]["notEvaluated"]["not-authorized"] == 1, "forbidden")
    changed = gke(methodName="io.k8s.apps.v1.deployments.patch", resourceName="apps/v1/namespaces/shop/deployments/web", request={"x": 1},
                  response=deployment)
    found = replay("gke", json.dumps(changed))[1]
    check(found["summary"]["evaluated"] == 1 and found["summary"]["denied"] == 0, found)


main()

# SPDX-License-Identifier: Apache-2.0
"""Audit events as the API server writes them, made from reviews and for the tests of replay and report."""
import json

TIME = "2026-11-21T20:39:02.000000Z"
VERBS = {"CREATE": "create", "UPDATE": "update", "DELETE": "delete", "CONNECT": "create"}


def event(**members):
    """An event of a request that succeeded; a member of None is left out."""
    made = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "id-" + str(len(json.dumps(members))),
            "stage": "ResponseComplete", "requestURI": "/", "verb": "create", "user": {"username": "jane@example.com"},
            "responseStatus": {"metadata": {}, "code": 201}, "requestReceivedTimestamp": TIME, "stageTimestamp": TIME, "annotations": {}}
    made.update(members)
    return {key: value for key, value in made.items() if value is not None}


def target(request, name):
    reference = {"resource": request["resource"]["resource"], "apiGroup": request["resource"].get("group"),
                 "apiVersion": request["resource"].get("version"), "namespace": request.get("namespace"), "name": name,
                 "subresource": request.get("subResource")}
    return {key: value for key, value in reference.items() if value}


def events_of(review):
    """The events of a review: a read that shows the old object, and the request, which succeeded."""
    request = review["request"]
    new, old, operation = request.get("object"), request.get("oldObject"), request["operation"]
    name = request.get("name") or (new or {}).get("metadata", {}).get("name")
    uri = "/?dryRun=All" if request.get("dryRun") else "/"
    shared = {"user": request["userInfo"], "objectRef": target(request, name), "requestURI": uri}
    made = []
    if operation == "UPDATE" and old is not None:
        made.append(event(**{**shared, "verb": "get", "auditID": "old", "responseStatus": {"code": 200}, "responseObject": old}))
    asked = new
    if operation == "CREATE" and new is not None and not request.get("name") and "metadata" in new:
        asked = {**new, "metadata": {key: value for key, value in new["metadata"].items() if key != "name"}}
    made.append(event(**{**shared, "verb": VERBS[operation], "auditID": "new", "requestObject": asked, "responseObject": new,
                         "responseStatus": {"code": 201 if operation == "CREATE" else 200}}))
    return made


def lines(events):
    return "".join(json.dumps(each) + "\n" for each in events).encode()

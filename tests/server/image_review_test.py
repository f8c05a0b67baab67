#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ImageReview over HTTP: its own path, with and without an environment, and what is not one."""
import json

from certificates import CERT, KEY
from harness import JSON, Tagmoor, ask_once, check, check_equal, main, test


def review(image, namespace="shop"):
    return json.dumps({"apiVersion": "imagepolicy.k8s.io/v1alpha1", "kind": "ImageReview",
                       "spec": {"containers": [{"image": image}], "namespace": namespace}}).encode()


def status(response):
    check_equal(response.status, 200, response)
    check_equal(response.headers["content-type"], "application/json")
    answer = json.loads(response.body)
    check_equal((answer["apiVersion"], answer["kind"]), ("imagepolicy.k8s.io/v1alpha1", "ImageReview"))
    return answer["status"]


@test
def image_review__posted__judged_and_logged():
    with Tagmoor(cert=CERT, key=KEY) as server:
        denied = status(ask_once(server, "POST", "/image-review?timeout=30s", review("nginx:latest"), JSON))
        check_equal(denied["allowed"], False)
        check("spec.containers[0]: image \"nginx:latest\" has a mutable tag" in denied["reason"], denied)
        check_equal(status(ask_once(server, "POST", "/image-review", review("nginx:1.27.3"), JSON))["allowed"], True)
        path = "/image-review/development"
        check_equal(status(ask_once(server, "POST", path, review("nginx:latest"), JSON))["allowed"], True)
        server.wait_for("ImageReview", 3)
        check_equal(server.end(), 0)


@test
def image_review__wrong_body__400_without_its_data():
    with Tagmoor(cert=CERT, key=KEY) as server:
        for body in (b"", b"{}", b"[]", review("secret")[:-1], review("secret").replace(b"v1alpha1", b"v1"),
                     b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"secret"}}'):
            answer = ask_once(server, "POST", "/image-review", body, JSON)
            check_equal(answer.status, 400, body)
            check(b"secret" not in answer.body and answer.body.count(b"\n") == 1, answer)
        check_equal(ask_once(server, "POST", "/validate", review("nginx"), JSON).status, 400)


main()

# SPDX-License-Identifier: Apache-2.0
"""Reviews of any size for the server's tests, and the answers that they must get."""
import json
import os
import subprocess
import sys

from harness import ENVIRONMENT, JSON, TAGMOOR, ask, check, connect, request_bytes

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden"))
from audit_events import events_of, lines  # noqa: E402
from cases import all_cases  # noqa: E402


def expected(body, environment=""):
    """(status, body) as `tagmoor review` says."""
    command = [TAGMOOR, "review", *(["--environment", environment] if environment else []), "-"]
    done = subprocess.run(command, input=body, capture_output=True, timeout=120, env=ENVIRONMENT)
    if done.returncode in (0, 1):
        return 200, done.stdout
    text = done.stderr.removeprefix(b"tagmoor: review: standard input: ")
    if done.returncode != 2 or text == done.stderr:
        raise AssertionError(f"tagmoor review: {done.returncode} {done.stderr.decode(errors='replace')}")
    return (500 if text.startswith(b"cannot evaluate") else 400), text


class Case:
    """A review with the answer that it must get; `bytes` is its request."""

    def __init__(self, name, body, environment=""):
        self.name, self.body = name, body
        self.status, self.answer = expected(body, environment)
        is_image_review = b"imagepolicy.k8s.io" in body or b"imagepolicy.k8s.io" in self.answer
        path = "/image-review" if is_image_review else "/validate"
        self.target = path + ("/" + environment if environment else "")
        self.bytes = request_bytes("POST", self.target, body, JSON)

    def is_answered_by(self, response):
        return response.status == self.status and response.body == self.answer


def golden_cases(largest=200000):
    """The golden reviews that the embedded policy evaluates."""
    return [Case(case.name, case.body, case.environment or "") for case in all_cases().values()
            if case.policy is None and len(case.body) <= largest]


def audit_log():
    """An audit log with the event of a Pod that the embedded policy denies."""
    return lines(events_of(json.loads(pod(images=["nginx"]))))


def pod(uid="u", images=("nginx:1.25.3",), old=None, user="jane", name="web", namespace="shop", padding=0):
    """The body of a review of a Pod with a container for each image; `padding` bytes in each."""
    def containers(names):
        rest = {"args": ["a" * padding]} if padding else {}
        return [{"name": f"c{i}", "image": image, **rest} for i, image in enumerate(names)]

    def thing(names):
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
                "spec": {"containers": containers(names)}}

    return json.dumps({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {"uid": uid, "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "resource": {"group": "", "version": "v1", "resource": "pods"},
                    "name": name, "namespace": namespace, "operation": "UPDATE" if old else "CREATE",
                    "userInfo": {"username": user, "groups": ["system:authenticated"]},
                    "object": thing(images), "oldObject": thing(old) if old else None, "dryRun": False,
                    "options": None}}).encode()


def large_pod(size=7 << 20, count=4096):
    """`count` images in object and oldObject, no two alike, `size` bytes in all or a little less."""
    images = [f"registry.example/team/app-{i}:v1.{i}.0" for i in range(count)]
    old = [f"registry.example/team/app-{i}:v1.{i}.1" for i in range(count)]
    bare = len(pod(images=images, old=old))
    padding = (size - bare) // (2 * count) - len(', "args": [""]')
    return pod(images=images, old=old, padding=max(padding, 0))


# --- reviews that are sent at once
def review(image, kind="Pod", group="", namespace="shop-prod", operation="CREATE", dry_run=False):
    """An AdmissionReview of a Pod, or of what calls itself something else."""
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "0-1", "kind": {"group": group, "version": "v1", "kind": kind},
        "resource": {"group": group, "version": "v1", "resource": kind.lower() + "s"},
        "operation": operation, "namespace": namespace, "name": "web", "userInfo": {"username": "jane"},
        "dryRun": dry_run, "object": {"metadata": {"name": "web"}, "spec": {
            "containers": [{"name": "web", "image": image}]}}}}).encode()


def judge(server, image="docker.io/library/nginx:latest", context=None, sock=None, **options):
    """Whether the image is allowed."""
    if sock is not None:
        answer = ask(sock, "POST", "/validate", review(image, **options), JSON)
    else:
        with connect(server, context) as own:
            answer = ask(own, "POST", "/validate", review(image, **options), JSON)
    check(answer.status == 200, answer)
    return json.loads(answer.body)["response"]["allowed"]

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor check` on the object of a review and the webhook's answer to its creation agree.

For each golden review that creates an object: the request, from an unknown user, and
the object alone as a file, as JSON and as YAML made of it.  Same verdict, same images, same classes.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases import all_cases

TAGMOOR = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor")


def run(*args, text):
    return subprocess.run([TAGMOOR, *args], input=text, capture_output=True, timeout=60)


def yaml_of(value, indent=0):
    """YAML in block style; texts in quotes, as JSON has them."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"\n{pad}{json.dumps(key)}: {yaml_of(item, indent + 1)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{pad}- {yaml_of(item, indent + 1)}" for item in value)
    return json.dumps(value)


def reviewed(policy, request):
    """(allowed, what fell below a level) as the webhook says it; None where it judges nothing."""
    done = run("review", *policy, text=json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                                                   "request": request}).encode())
    if done.returncode == 2:
        return "undecided", None
    response = json.loads(done.stdout)["response"]
    notes = response.get("auditAnnotations")
    if notes is None:
        return ("unjudged" if response["allowed"] else "refused"), None
    found = sorted((image["path"], image["image"], image["class"], image["level"])
                   for image in json.loads(notes.get("images", "[]")))
    return ("allowed" if response["allowed"] else "refused"), found


def checked(policy, namespace, text):
    done = run("check", *policy, *namespace, "-o", "json", "-", text=text)
    report = json.loads(done.stdout)
    if report["errors"]:
        return "undecided", None
    found = sorted((f["path"], f.get("image", ""), f["class"], f["level"]) for f in report["findings"]
                   if f["class"] not in ("malformed", "too-many-images"))
    if done.returncode == 1:
        return "refused", found
    return ("allowed" if report["summary"]["objects"] else "unjudged"), found


def differs(policy, request):
    request = {key: request[key] for key in ("uid", "kind", "resource", "name", "namespace", "operation", "object")
               if key in request}
    request["userInfo"] = {}  # `check` does not know who will apply a file: exemptions for users are not for it
    namespace = ["--namespace", request["namespace"]] if request.get("namespace") else []
    verdict, images = reviewed(policy, request)
    for form, text in (("JSON", json.dumps(request["object"], indent=1)), ("YAML", yaml_of(request["object"]))):
        said, found = checked(policy, namespace, text.encode())
        if said != verdict:
            return f"{form}: the webhook says {verdict}, check says {said}"
        if images is not None and found[:16] != images and len(images) < 16:
            return f"{form}: the webhook finds {images}, check finds {found}"
    return None


def requests():
    for case in all_cases().values():
        try:
            request = json.loads(case.body.decode())["request"]
            group = request["object"]["apiVersion"].rpartition("/")[0]
            # The API server keeps a review in agreement with its object; reviews that break this are left out.
            if (request["operation"] == "CREATE" and not request.get("subResource") and
                    request["object"]["kind"] == request["kind"]["kind"] and group == request["kind"].get("group", "") and
                    request["object"].get("metadata", {}).get("namespace", request.get("namespace")) == request.get("namespace")):
                yield case, request
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # no AdmissionReview: its refusal is what that case is about


def main():
    cases = list(requests())
    print(f"1..{len(cases) + 1}")
    failed = 0
    for number, (case, request) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            wrong = differs(case.policy_flags(folder), request)
        failed += wrong is not None
        if wrong is not None:
            print(f"# {wrong}")
        print(f"{'ok' if wrong is None else 'not ok'} {number} - check agrees with the webhook: {case.name}")
    enough = len(cases) >= 40
    print(f"{'ok' if enough else 'not ok'} {len(cases) + 1} - there are reviews to compare: {len(cases)}")
    sys.exit(1 if failed or not enough else 0)


main()

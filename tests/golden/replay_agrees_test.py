#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`replay` of the audit event of each golden review decides as `review` does.

The events are made from the reviews: one that shows the old object, and one of the request.  UNDECIDED lists the cases that an event
cannot show: updates without an old object or with a malformed one, and requests without an object.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from audit_events import events_of, lines
from cases import all_cases
from cli import TAGMOOR

UNDECIDED = {"custom/update-old-malformed", "custom/update-old-missing", "json/duplicate-object", "malformed/object-null",
             "unchanged/old-object-malformed", "unchanged/old-object-missing"}


def run(command, *arguments, body):
    done = subprocess.run([TAGMOOR, command, *arguments, "-"], input=body, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout


def by_review(flags, body):
    """(decision, denied images as (image, class)) of the answer, or None for an error."""
    status, out = run("review", *flags, body=body)
    if status == 2:
        return None
    response = json.loads(out)["response"]
    annotations = response.get("auditAnnotations")
    if annotations is None:
        return ("not evaluated" if response["allowed"] else "unknown"), None
    return annotations["decision"], annotations["environment"].split(" (")[0]


def by_replay(flags, body):
    status, out = run("replay", "-o", "json", "--exclude", "no-such-namespace", *flags, body=body)
    if status != 0:
        return f"exit status {status}", None
    summary = json.loads(out)
    found = summary["summary"]
    undecided = [reason for reason, count in found["undecided"].items() if count]
    if undecided:
        return "undecided", undecided[0]
    if found["evaluated"] == 0:
        return "not evaluated", None
    past = {"allowed": "allow", "audited": "audit", "warned": "warn", "denied": "deny"}
    return next(verb for name, verb in past.items() if found[name]), summary["environments"][0]["name"]


def reviews():
    """The cases whose body is an AdmissionReview that a JSON library reads."""
    for case in all_cases().values():
        try:
            review = json.loads(case.body)
            request = review["request"]
            if review["kind"] == "AdmissionReview" and {"uid", "kind", "resource", "operation", "userInfo"} <= set(request):
                yield case, review
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue


def compare(case, review, folder):
    flags = case.flags(folder)
    expected = by_review(flags, json.dumps(review).encode())
    if expected is None:
        return None
    found = by_replay(flags, lines(events_of(review)))
    is_right = found[0] == "undecided" if case.name in UNDECIDED else found == expected
    return None if is_right else f"replay: {found}, review: {expected}"


def main():
    compared = list(reviews())
    print(f"1..{len(compared)}")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tagmoor-replay-") as folder:
        for number, (case, review) in enumerate(compared, 1):
            wrong = compare(case, review, folder)
            failed += wrong is not None
            if wrong is not None:
                print(f"# {wrong}")
            print(f"{'ok' if wrong is None else 'not ok'} {number} - replay agrees {case.name}")
    sys.exit(1 if failed else 0)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor replay` and `report` on the API server's own audit log, against what the API server answered."""
import datetime
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (BY_LABEL, LATEST, OLD, PINNED, STATE, TAGMOOR, check, check_equal, create, install, kubectl, main, namespaces, needs,  # noqa: E402
                     ok, pod, refused, rendered, test, uninstall, until, workload, write)

VALUES = {"mode": "enforce", "policy": BY_LABEL}
LOG = f"{STATE}/log/audit.json"
ANSWERS = {"allow": "allowed", "audit": "audited", "warn": "warned", "deny": "denied"}
START = []  # when the traffic begins
needs_audit = needs("node", "plane", why="the API server's audit log is out of reach")


def tagmoor(command, *flags):
    done = subprocess.run([TAGMOOR, command, "--from", START[0], "-o", "json", *flags, LOG], capture_output=True, text=True, timeout=120, check=False)
    check_equal(done.returncode, 0, done.stderr)
    return json.loads(done.stdout)


def replay():
    policy = rendered(write("replayed-values.json", json.dumps(VALUES)), "--set", "tls.helm.withoutCluster=true")["ConfigMap"]["data"]["policy.yaml"]
    return tagmoor("replay", "--policy", write("replayed.yaml", policy))


@test
@needs_audit
def traffic__of_users_and_controllers():
    ok("run", "-n", "shop-dev", "replayed-warned", f"--image={LATEST}")
    refused("run", "-n", "shop-prod", "replayed-denied", f"--image={LATEST}")
    ok("run", "-n", "shop-prod", "replayed-pinned", f"--image={PINNED}")
    kubectl("create", "-n", "shop-prod", "--dry-run=server", "-f", "-", stdin=json.dumps(pod("replayed-dry", LATEST)))
    create("shop-prod", workload("Deployment", "replayed", OLD))
    ok("scale", "-n", "shop-prod", "deployment", "replayed", "--replicas=2")
    ok("set", "image", "-n", "shop-prod", "deployment/replayed", f"*={PINNED}")
    refused("set", "image", "-n", "shop-prod", "deployment/replayed", f"*={LATEST}")
    ok("label", "-n", "shop-prod", "deployment", "replayed", "replayed=yes")
    ok("rollout", "restart", "-n", "shop-prod", "deployment/replayed")


@test
@needs_audit
def replay__decides_as_the_api_server_answered():
    until("the last request is in the log", lambda: "replayed=yes" in open(LOG, encoding="utf-8").read() or
          '"replayed":"yes"' in open(LOG, encoding="utf-8").read(), 30)
    found = replay()
    summary = found["summary"]
    check(summary["evaluated"] >= 8 and summary["denied"] >= 2 and summary["warned"] >= 1, summary)
    for answer, decision in ANSWERS.items():
        row = {name: count for name, count in summary["then"].get(answer, {}).items() if count}
        check(set(row) <= {decision}, answer, row, found["findings"])
    check(summary["then"].get("admitted", {}).get("denied", 0) == 0, summary["then"], found["findings"])
    check_equal({reason: count for reason, count in summary["undecided"].items() if count}, {"patch-failed": 1})


@test
@needs_audit
def report__who_ran_latest():
    uses = tagmoor("report", "--image", LATEST, "-n", "shop-*")["uses"]
    found = {(each["namespace"], each["name"]): each["answer"] for each in uses}
    check_equal({key: found.get(key) for key in (("shop-dev", "replayed-warned"), ("shop-prod", "replayed-denied"))},
                {("shop-dev", "replayed-warned"): "warn", ("shop-prod", "replayed-denied"): "deny"})


def setup():
    namespaces(shop_prod={"environment": "prod"}, shop_dev={"environment": "dev"})
    install(VALUES)
    # The requests that found out whether the webhook answers must be before the period, which begins with a second.
    time.sleep(1)
    START.append(datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    time.sleep(1)


main(setup)

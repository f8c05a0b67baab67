#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kinds that tagmoor knows against everything that lists them: webhook rules, and the tables of the tests."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "golden")]
import yaml  # noqa: E402
from cli import tagmoor  # noqa: E402
from review_request import WORKLOADS  # noqa: E402
from tap import check, main, test  # noqa: E402

FACTS = "charts/tagmoor/files/webhook.yaml"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def kinds():
    """(group, resource, kind) of the kinds of Kubernetes."""
    found = re.findall(r'KIND\("(\w*)", "(\w+)", "(\w+)",', read("policy/object/kinds.c"))
    check(len(found) > 9, found)
    return found


def workloads():
    return [(group, resource) for group, resource, _ in kinds()]


def custom_resources():
    """(group, resource) of the custom resources that tagmoor knows."""
    status, out, err = tagmoor("policy", "show")
    check(status == 0, err)
    return [tuple(reversed(name.split(".", 1))) for name in re.findall(r"^- resource: (\S+)$", out, re.M)]


def check_same(found, expected, *where):
    missing, extra = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    check(missing == extra == [], *where, "missing:", missing, "not known to tagmoor:", extra)


def check_webhooks(path, expected):
    configurations = [one for one in yaml.safe_load_all(read(path)) if one and one["kind"] == "ValidatingWebhookConfiguration"]
    webhooks = [webhook for one in configurations for webhook in one["webhooks"]]
    check(webhooks, path)
    for webhook in webhooks:
        rules = [(group, resource) for rule in webhook["rules"] for group in rule["apiGroups"] for resource in rule["resources"]]
        check_same([rule for rule in rules if "/" not in rule[1]], expected, path, webhook["name"])


@test
def chart__lists_and_expressions__those_of_the_program():
    """`make manifests` writes the file."""
    status, out, err = tagmoor("policy", "export", "chart")
    check(status == 0, err)
    check(read(FACTS).split("\n", 2)[2] == out, FACTS, "is not up to date: run make manifests")


@test
def program__rules__every_workload_and_custom_resource():
    facts = yaml.safe_load(tagmoor("policy", "export", "chart")[1])
    found = [(group, resource) for rule in facts["rules"] for group in rule["apiGroups"] for resource in rule["resources"]]
    check_same([rule for rule in found if "/" not in rule[1]], workloads())
    check(("", "pods/ephemeralcontainers") in found, found)
    check_same([(group, resource) for group, resources in facts["customResources"].items() for resource in resources], custom_resources())


@test
def manifests__rules__every_workload_and_custom_resource():
    check_webhooks("deploy/kubernetes/tagmoor.yaml", workloads() + custom_resources())


@test
def webhook_by_url__rules__every_workload():
    check_webhooks("deploy/examples/webhook-by-url.yaml", workloads())


@test
def scan_reports__role_lists_every_workload_and_custom_resource():
    role, = [one for one in yaml.safe_load_all(read("deploy/examples/scan-reports.yaml")) if one["kind"] == "ClusterRole"]
    listed = [(group, resource) for rule in role["rules"] if rule["verbs"] == ["list"] for group in rule["apiGroups"]
              for resource in rule["resources"] if group != "rbac.authorization.k8s.io" and resource not in ("nodes", "namespaces")]
    check_same(listed, workloads() + custom_resources())


@test
def tests__workloads__all():
    check_same([(group, kind) for kind, (group, _) in WORKLOADS.items()], [(group, kind) for group, _, kind in kinds()])


main()

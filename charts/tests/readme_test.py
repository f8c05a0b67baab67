#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chart's README and deploy/README.md: their commands, values, messages and links exist."""
import glob
import os
import re
import tempfile

import yaml

from chart import BIN, CHART, TOP, check, check_equal, main, policy_of, render, test, tool


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


README, DEPLOY = read(f"{CHART}/README.md"), read(f"{TOP}/deploy/README.md")
# Messages of Helm, of Kubernetes and of the platform, which no file of the chart contains.
OF_OTHERS = {"pre-upgrade hooks failed", "job tagmoor-policy-check failed", "timed out waiting for the condition",
             "another operation (install/upgrade/rollback) is in progress", "forbidden: insufficient quota to match these scopes", "MountVolume.SetUp failed",
             "unable to validate against any security context constraint", "x509: certificate signed by unknown authority",
             "context deadline exceeded", "no endpoints available for service", "denied the request"}


@test
def readme__topics__are_there():
    found = re.findall(r"^## (.*)$", README, re.M)
    for topic in ("Requirements", "Install", "Policy", "Argo CD and Flux", "As a dependency", "Upgrade and rollback", "Uninstall",
                  "Troubleshooting", "Values"):
        check(topic in found, topic, found)
    for topic in ("Without Helm", "By URL, with systemd", "Overlays that change the namespace or names", "Undo"):
        check(f"\n## {topic}\n" in DEPLOY, topic)


@test
def troubleshooting__messages_of_the_chart__are_in_its_templates():
    table = README[README.index("## Troubleshooting"):README.index("## Values")]
    messages = set(re.findall(r"^\| `([^`]+)` \|", table, re.M))
    check(OF_OTHERS < messages, OF_OTHERS - messages)
    templates = "".join(read(path) for path in glob.glob(f"{CHART}/templates/*.*"))
    for message in messages - OF_OTHERS:
        check(message in templates, message)


@test
def values__in_the_text__exist():
    values = yaml.safe_load(read(f"{CHART}/values.yaml"))
    text = README[:README.index("## Values")] + DEPLOY + read(f"{TOP}/deploy/runbook.md")
    found = set(re.findall(r"--set(?:-file)? ([a-zA-Z.]+)=", text)) | set(re.findall(r"`((?:%s)\.[a-zA-Z.]+)`" % "|".join(values), text))
    check(len(found) > 8, found)
    for path in found - {"policy.yaml"}:    # the name of a file
        at = values
        for key in path.split("."):
            check(key in at, path)
            at = at[key]


@test
def links__of_both_pages__lead_to_files():
    for text, folder in ((README, CHART), (DEPLOY, f"{TOP}/deploy"), (read(f"{TOP}/deploy/runbook.md"), f"{TOP}/deploy")):
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            check(os.path.exists(f"{folder}/{link}"), link)


@test
def environment__in_the_readme__is_a_policy():
    section = README[README.index("## Namespaces that are not evaluated"):]
    found = re.search(r"^      environments:\n(?:      .*\n)+", section, re.M)[0]
    environments = yaml.safe_load(found)["environments"] + [{"name": "production", "default": True, "enforce": "release"}]
    check("platform" in policy_of(render({"policy": {"environments": environments}})))
    selector = yaml.safe_load(re.search(r"^      webhook:\n(?:        .*\n)+", section, re.M)[0])
    render(selector)


@test
def package__of_the_chart__has_no_tests():
    with tempfile.TemporaryDirectory() as folder:
        done = tool(f"{BIN}/helm", "package", CHART, "--destination", folder)
        check_equal(done.returncode, 0, done.stderr)
        listed = tool("tar", "-tzf", glob.glob(f"{folder}/*.tgz")[0]).stdout.split()
    check("tagmoor/files/defaults.yaml" in listed and "tagmoor/examples/openshift.yaml" in listed, listed)
    check(not [name for name in listed if name.startswith(("tagmoor/tests/", "tagmoor/ci/"))], listed)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor policy export webhook` prints the webhook configuration that the chart renders."""
import glob
import os
import tempfile

import yaml

from chart import TAGMOOR, TOP, add, check, check_equal, check_fails, main, render, test, tool

SHIPPED = sorted(glob.glob(f"{TOP}/deploy/examples/policy-*.yaml")) + [f"{TOP}/policy/file/default.yaml"]
CA = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
ONE = {"name": "production", "default": True, "enforce": "release"}


def exported(text, *flags):
    server = () if "--url" in flags else ("--service", "gates/tagmoor")
    done = tool(TAGMOOR, "policy", "export", "webhook", *server, "--policy", "-", *flags, text=text)
    check_equal(done.returncode, 0, done.stderr)
    return yaml.safe_load(done.stdout)


def is_the_chart_s(text, values=None, flags=()):
    rendered = render({"policyFile": text, **(values or {})})["ValidatingWebhookConfiguration", "tagmoor"]
    found = exported(text, *flags)
    check_equal((found["apiVersion"], found["metadata"]["name"]), (rendered["apiVersion"], rendered["metadata"]["name"]))
    check_equal([hook["name"] for hook in found["webhooks"]], [hook["name"] for hook in rendered["webhooks"]])
    for one, other in zip(found["webhooks"], rendered["webhooks"]):
        for key in sorted(set(one) | set(other)):
            check_equal(one.get(key), other.get(key), one["name"], key)
    return found["webhooks"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


check(len(SHIPPED) > 4, SHIPPED)
for each in SHIPPED:
    add(f"{os.path.basename(each)}__exported__is_that_of_the_chart", is_the_chart_s, read(each))


def policy(*environments, **more):
    return yaml.safe_dump({"version": 1, "environments": list(environments) or [ONE], "mode": "enforce", **more}, sort_keys=False)


def labelled(name, labels, **more):
    return {"name": name, "enforce": "any", "namespaceLabels": labels, **more}


CASES = {
    "mode warn": policy(mode="warn"),
    "mode audit": policy(mode="audit"),
    "an environment with a mode of its own": policy(labelled("dev", {"env": ["dev"]}, mode="audit"), ONE),
    "the default environment with a mode of its own": policy({**ONE, "mode": "enforce"}, mode="warn"),
    "environments by label": policy(labelled("dev", {"env": ["dev", "test"]}), labelled("stage", {"env": ["stage"]}), ONE),
    "two labels": policy(labelled("dev", {"zone": ["b"], "env": ["dev"]}), labelled("lab", {"lab": ["yes"]}), ONE),
    "two environments with two labels": policy(labelled("a", {"x": ["1"], "yy": ["2"]}), labelled("b", {"z": ["3"], "w": ["4"]}), ONE),
    "labels and names": policy({**labelled("dev", {"env": ["dev"]}), "namespaces": ["dev-*"]}, ONE),
    "a default environment with labels": policy({**ONE, "namespaceLabels": {"env": ["prod"]}}),
    "own controllers": policy(controllers={"users": ["system:serviceaccount:cnpg-system:operator", "system:serviceaccount:ops:*", "ops-?", "x.y(z)",
                                                     "system:kube-controller-manager", "system:serviceaccount:ci:**"]}),
    "controllers are evaluated": policy(controllers={"enforce": "release"}),
    "controllers are ignored": policy(controllers={"enforce": "ignore"}),
    "own annotations": policy(imageAnnotations=["example.com/image", "dapr.io/sidecar-image", "example.com/other"]),
    "own custom resources": policy(customResources=[
        {"resource": "widgets.example.com", "kind": "Widget", "podSpecs": ["spec.template.spec"], "images": ["spec.image"]},
        {"resource": "gadgets.example.com", "kind": "Gadget", "images": ["image", "specification.image"]},
        {"resource": "rollouts.argoproj.io", "kind": "Rollout", "podSpecs": ["spec.template.spec"]},
        {"resource": "extras.argoproj.io", "kind": "Extra", "images": ["status.image"]}]),
}
for name, text in CASES.items():
    add(f"{name.replace(' ', '_')}__exported__is_that_of_the_chart", is_the_chart_s, text)


@test
def namespaces__left_out__as_with_the_value():
    names = ["monitoring", "gates", "kube-system", "monitoring", "backup"]
    flags = [word for name in names for word in ("--exclude-namespace", name)]
    hooks = is_the_chart_s(policy(), {"webhook": {"excludeNamespaces": names}}, flags)
    check_equal(hooks[0]["namespaceSelector"]["matchExpressions"][0]["values"], ["kube-system", "gates", "monitoring", "backup"])


@test
def custom_resources__own__as_with_the_value():
    for text in (policy(), CASES["own custom resources"]):
        hooks = is_the_chart_s(text, {"webhook": {"customResources": False}}, ["--custom-resources", "own"])
        check_equal(("argoproj.io" in str(hooks)), text != policy())


@test
def ca_bundle__of_a_file__as_with_an_existing_secret():
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(CA)
        file.flush()
        hooks = is_the_chart_s(policy(), {"tls": {"type": "existingSecret", "existingSecret": {"name": "x", "caBundle": CA}}}, ["--ca-bundle", file.name])
    check(hooks[0]["clientConfig"]["caBundle"])


@test
def port__of_the_service__as_with_the_value():
    is_the_chart_s(policy(), {"service": {"port": 8443}}, ["--service", "gates/tagmoor:8443"])


@test
def url__given__is_all_that_differs():
    text = CASES["environments by label"]
    by_service = is_the_chart_s(text)
    by_url = exported(text, "--exclude-namespace", "gates", "--url", "https://10.0.0.1:8443")["webhooks"]
    check_equal(len(by_url), len(by_service))
    for one, other in zip(by_url, by_service):
        path = other["clientConfig"]["service"]["path"]
        check_equal({**one, "clientConfig": None}, {**other, "clientConfig": None})
        check_equal(one["clientConfig"], {"url": f"https://10.0.0.1:8443{path}"})


@test
def too_many_entries__refused_by_both():
    text = policy(labelled("a", {key: ["1"] for key in "abcdef"}), labelled("b", {key: ["1"] for key in "uvw"}), ONE)
    check_fails({"policyFile": text}, "16 webhook entries")
    done = tool(TAGMOOR, "policy", "export", "webhook", "--policy", "-", text=text)
    check_equal(done.returncode, 2, done.stdout[:200])
    check("16 webhook entries" in done.stderr and not done.stdout, done.stderr)


main()

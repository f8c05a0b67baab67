#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chart as a dependency of another chart: unconditional, conditional and aliased."""
import os
import shutil
import tempfile

import yaml

from chart import BASE, CHART, check, check_equal, main, merged, policy_of, render, template, test

WEBHOOK = "ValidatingWebhookConfiguration"


class Parent:
    """A chart in a temporary folder whose only dependencies are copies of tagmoor's."""

    def __init__(self, *dependencies):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "platform")
        os.makedirs(f"{self.path}/charts")
        shutil.copytree(CHART, f"{self.path}/charts/tagmoor")
        about = {"apiVersion": "v2", "name": "platform", "version": "1.0.0",
                 "dependencies": [{"name": "tagmoor", "version": "*", "repository": "", **one} for one in dependencies]}
        self.write("Chart.yaml", about)

    def write(self, name, content):
        with open(f"{self.path}/{name}", "w", encoding="utf-8") as file:
            yaml.safe_dump(content, file)

    def render(self, values):
        return render(values, chart=self.path)


@test
def unconditional__global_values__are_accepted():
    rendered = Parent({}).render({"global": {"region": "eu"}, "tagmoor": BASE})
    check((WEBHOOK, "tagmoor") in rendered, list(rendered))


@test
def conditional__enabled__is_rendered():
    parent = Parent({"condition": "tagmoor.enabled"})
    for values in (BASE, merged(BASE, {"enabled": True})):
        check((WEBHOOK, "tagmoor") in parent.render({"tagmoor": values}))


@test
def conditional__disabled__renders_nothing():
    check_equal(Parent({"condition": "tagmoor.enabled"}).render({"tagmoor": merged(BASE, {"enabled": False})}), {})


@test
def aliased__once__has_the_name_of_the_alias():
    parent = Parent({"alias": "tags", "condition": "tags.enabled"})
    check((WEBHOOK, "tagmoor-tags") in parent.render({"tags": merged(BASE, {"enabled": True})}))


@test
def aliased__twice__no_object_and_no_selector_is_shared():
    rendered = Parent({"alias": "one"}, {"alias": "two"}).render({"one": BASE, "two": BASE})
    selectors = [rendered["Service", f"tagmoor-{name}"]["spec"]["selector"] for name in ("one", "two")]
    check(selectors[0] != selectors[1], selectors)
    for name, selector in zip(("one", "two"), selectors):
        labels = rendered["Deployment", f"tagmoor-{name}"]["spec"]["template"]["metadata"]["labels"]
        check_equal({key: labels[key] for key in selector}, selector)


@test
def parent_values__null_and_policy__apply_as_in_the_chart():
    parent = Parent({})
    parent.write("values.yaml", {"tagmoor": merged(BASE, {"replicas": None, "policy": {"mode": "enforce"}})})
    rendered = parent.render({})
    check_equal(rendered["Deployment", "tagmoor"]["spec"]["replicas"], 3)
    check_equal(yaml.safe_load(policy_of(rendered))["mode"], "enforce")


@test
def enabled__of_another_type__fails():
    done = template({"enabled": "perhaps"})
    check(done.returncode != 0 and "/enabled" in done.stderr, done.stderr)


main()

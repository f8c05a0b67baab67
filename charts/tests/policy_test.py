#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policy of the chart: a policy file is accepted as it is, as a mapping or as text."""
import glob
import os
import re
import tempfile

import yaml

from chart import TAGMOOR, TOP, add, check, check_equal, check_fails, main, policy_of, render, template, test, tool

SHIPPED = sorted(glob.glob(f"{TOP}/deploy/examples/policy-*.yaml")) + [f"{TOP}/policy/file/default.yaml"]
SMALL = "version: 1\nenvironments: [{name: all, default: true, enforce: release}]\n"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def in_force(text):
    """The complete policy that tagmoor reads from the text, with its digest."""
    done = tool(TAGMOOR, "policy", "show", "-", text=text)
    check_equal(done.returncode, 0, done.stderr, text)
    check(done.stdout.startswith("# in force: sha256:"), done.stdout)
    return done.stdout


def webhooks(rendered):
    return rendered["ValidatingWebhookConfiguration", "tagmoor"]["webhooks"]


def shipped__in_each_way__is_the_policy_of_the_file(path):
    expected = in_force(read(path))
    ways = [render({"policy": yaml.safe_load(read(path))}), render(flags=["--set-file", f"policyFile={path}"]),
            render(flags=["--set-file", f"policy={path}"]), render({"policyFile": read(path)})]
    for rendered in ways:
        check_equal(in_force(policy_of(rendered)), expected)
        check_equal(policy_of(rendered, "tagmoor-policy-check"), policy_of(rendered))
        check_equal(webhooks(rendered), webhooks(ways[0]))
    expected = {hook["failurePolicy"] for hook in webhooks(ways[0]) if "users" in hook["name"]}
    check_equal(expected, {"Fail" if "mode: enforce" in read(path) else "Ignore"})


check(len(SHIPPED) > 4, SHIPPED)
for one in SHIPPED:
    add(f"{os.path.basename(one)}__in_each_way__is_the_policy_of_the_file", shipped__in_each_way__is_the_policy_of_the_file, one)


@test
def text__has_comments__they_are_kept():
    check_equal(policy_of(render({"policyFile": read(SHIPPED[0])})), read(SHIPPED[0]))


@test
def mode__in_the_policy_only__applies_to_the_webhooks():
    for mode, failure in (("enforce", "Fail"), ("warn", "Ignore"), ("audit", "Ignore")):
        for values in ({"policyFile": f"mode: {mode}\n{SMALL}"}, {"policy": {"mode": mode}}):
            rendered = render(values)
            check_equal(webhooks(rendered)[0]["failurePolicy"], failure)
            check_equal(yaml.safe_load(policy_of(rendered))["mode"], mode)


@test
def mode__nowhere__is_warn():
    for text in (SMALL, "# comment\n---\n" + SMALL, "\n  # comment\n--- # first\n" + SMALL, SMALL.replace("\n", "\r\n")):
        rendered = render({"policyFile": text})
        check_equal(yaml.safe_load(policy_of(rendered))["mode"], "warn", text)
        check_equal(webhooks(rendered)[0]["failurePolicy"], "Ignore")
        in_force(policy_of(rendered))
    check_equal(yaml.safe_load(policy_of(render()))["mode"], "warn")


@test
def mode__value_and_policy_agree__is_accepted():
    rendered = render({"mode": "enforce", "policyFile": "mode: enforce\n" + SMALL})
    check_equal(policy_of(rendered), "mode: enforce\n" + SMALL)


@test
def mode__value_only__is_written_into_the_text():
    rendered = render({"mode": "enforce", "policyFile": SMALL})
    check_equal(yaml.safe_load(policy_of(rendered))["mode"], "enforce")
    check_equal(webhooks(rendered)[0]["failurePolicy"], "Fail")


@test
def mode__by_the_value__same_digest_as_in_the_file():
    for mode in ("enforce", "warn", "audit"):
        expected = in_force(f"mode: {mode}\n{SMALL}")
        for values in ({"policyFile": SMALL}, {"policy": yaml.safe_load(SMALL)}):
            check_equal(in_force(policy_of(render({"mode": mode, **values}))), expected)


@test
def mode__value_and_policy_differ__fails_and_names_both():
    for values in ({"policyFile": "mode: enforce\n" + SMALL}, {"policy": {"mode": "enforce"}}, {"policy": "mode: enforce\n" + SMALL}):
        key = next(iter(values))
        check_fails({"mode": "warn", **values}, f"{key} contains 'mode: enforce', but the value mode is 'warn'", "remove one of them")


BAD_TEXTS = {
    "no YAML": ("a: [", "policyFile: ", "not valid YAML"),
    "a list": ("- a\n", "policyFile: ", "not valid YAML"),
    "no environments": ("version: 1\n", "policyFile: environments is missing"),
    "environments is text": ("environments: all\n", "policyFile: environments must be a list of mappings"),
    "an environment is text": ("environments: [all]\n", "policyFile: environments must be a list of mappings"),
    "an environment without a name": ("environments: [{default: true, enforce: any}]\n", "policyFile: environments[0].name"),
    "a name for no path": ("environments: [{name: A_b, default: true}]\n", "policyFile: environments[0].name"),
    "labels are a list": ("environments: [{name: a, default: true, namespaceLabels: [b]}]\n", "namespaceLabels must be a mapping"),
    "controllers is a list": (SMALL + "controllers: [a]\n", "policyFile: controllers must be a mapping"),
    "users is text": (SMALL + "controllers: {users: a}\n", "policyFile: controllers.users must be a list of texts"),
    "customResources is a mapping": (SMALL + "customResources: {a: b}\n", "policyFile: customResources must be a list of mappings"),
    "a custom resource without a name": (SMALL + "customResources: [{kind: A}]\n", "policyFile: customResources[0].resource"),
    "imageAnnotations is text": (SMALL + "imageAnnotations: a\n", "policyFile: imageAnnotations must be a list of texts"),
    "unknown mode": ("mode: deny\n" + SMALL, "policyFile: mode 'deny' is not audit, warn or enforce"),
    "unknown mode of an environment": (SMALL.replace("name: all", "name: all, mode: deny"), "environments[0].mode 'deny'"),
    "mode and one line": ("{environments: [{name: all, default: true, enforce: any}]}", "policyFile: write each key on a line of its own"),
}
for name, (bad, *messages) in BAD_TEXTS.items():
    add(f"text__{name.replace(' ', '_')}__fails", check_fails, {"policyFile": bad}, *messages)


@test
def text__has_empty_keys__renders():
    empty = "".join(f"{key}:\n" for key in ("controllers", "exemptions", "repositories", "customResources", "imageAnnotations", "placeholders"))
    render({"policyFile": SMALL + empty})
    render({"policyFile": SMALL + "controllers: {users: , enforce: }\n"})
    render({"policyFile": "environments: [{name: all, default: true, enforce: any, namespaceLabels: , namespaces: , mode: }]\n"})


@test
def policy__as_mapping_and_as_file__fails():
    for values in ({"policy": {"controllers": {"enforce": "release"}}}, {"policy": SMALL}):
        check_fails({"policyFile": SMALL, **values}, "policyFile and policy are both set", "--set policy=null")
    check_equal(yaml.safe_load(policy_of(render({"policyFile": SMALL, "policy": None})))["environments"][0]["name"], "all")


@test
def readme__both_ways__are_shown():
    text = read(f"{TOP}/charts/tagmoor/README.md")
    check(re.search(r"--set-file policyFile=\S+\.yaml", text))
    check(re.search(r"^    policy:\n      version: 1\n", text, re.M))


@test
def text__longer_than_a_screen__stays_readable():
    check(re.search(r"^  policy.yaml: \|\n    #", template({"policyFile": read(SHIPPED[0])}).stdout, re.M))


@test
def file__with_labels__has_an_entry_for_each():
    text = SMALL.replace("[{", "[{name: dev, enforce: any, namespaceLabels: {env: [dev]}}, {")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        paths = [hook["clientConfig"]["service"]["path"] for hook in webhooks(render(flags=["--set-file", f"policyFile={file.name}"]))]
    check_equal(sorted(set(paths)), ["/validate", "/validate/dev"])


main()

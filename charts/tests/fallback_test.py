#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fallback policy of the chart: what `tagmoor policy export vap` prints for the same policy, under the names of the release."""
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
import tempfile

import yaml

from chart import BASE, CHART, TAGMOOR, TOP, check, check_equal, check_fails, main, merged, policy_of, render, template, test, tool
from notes import notes

OWN = "mode: enforce\nversion: 1\nenvironments: [{name: all, default: true, enforce: build}]\n"
ON = {"mode": "enforce", "fallbackPolicy": {"enabled": True}}
VAP, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
NOW = ("--now", "2027-01-01")


def exported(policy, *flags):
    given = ("--policy", "-") if policy else ()
    done = tool(TAGMOOR, "policy", "export", "vap", *given, *NOW, *flags, text=policy)
    check_equal(done.returncode, 0, done.stderr)
    return done.stdout


def objects(rendered):
    return {key: one for key, one in rendered.items() if key[0] in (VAP, BINDING)}


def actions(rendered):
    return {name: one["spec"]["validationActions"] for (kind, name), one in rendered.items() if kind == BINDING}


def linked(policy, text):
    """The text with the first line that links it to a policy file."""
    return f"# policy.yaml {hashlib.sha256(policy.encode()).hexdigest()}\n{text}"


def own(policy=OWN, values=None, text=None):
    """Values with an own policy and its export."""
    exported_text = linked(policy, exported(policy, "--action", "deny") if text is None else text)
    return merged({"policyFile": policy, "fallbackPolicy": {"enabled": True, "text": exported_text}}, values or {})


def check_same(rendered, text, excluded):
    """The objects are those of the export, except for labels, defaults of the API server and namespaces."""
    wanted = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(text) if one}
    check_equal(sorted(rendered), sorted(wanted))
    for key, one in rendered.items():
        spec = wanted[key]["spec"]
        if key[0] == VAP:
            selector = {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": excluded}]}
            spec["matchConstraints"].update(namespaceSelector=selector, objectSelector={})
            for rule in spec["matchConstraints"]["resourceRules"]:
                rule["scope"] = "*"
        check_equal(one["spec"], spec, key)


@test
def values__by_default__no_fallback_policy():
    check_equal(objects(render()), {})


@test
def default_policy__enforce__is_the_export():
    check_same(objects(render(ON)), exported(None, "--action", "deny"), ["kube-system", "gates"])


@test
def default_policy__other_modes__decide_by_the_mode():
    for mode, action in (("enforce", "Deny"), ("warn", "Warn"), ("audit", "Audit")):
        rendered = objects(render({**ON, "mode": mode}))
        check_equal(actions(rendered), {"tagmoor-development-deny": [action], "tagmoor-production-deny": [action]})
        failures = {one["spec"]["failurePolicy"] for (kind, _), one in rendered.items() if kind == VAP}
        check_equal(failures, {"Fail" if mode == "enforce" else "Ignore"})


@test
def default_policy__as_a_file__needs_no_text():
    with open(f"{TOP}/policy/file/default.yaml", encoding="utf-8") as file:
        rendered = objects(render({"policyFile": file.read(), "fallbackPolicy": {"enabled": True}}))
    check_equal(set(actions(rendered)), {"tagmoor-development-deny", "tagmoor-production-deny"})


@test
def own_policy__with_its_export__is_installed():
    policy = OWN.replace("[{", "[{name: dev, namespaceLabels: {env: [dev]}, enforce: any}, {")
    check_same(objects(render(own(policy))), exported(policy, "--action", "deny"), ["kube-system", "gates"])


@test
def own_policy__all_actions__are_installed():
    policy = OWN.replace("enforce: build}", "enforce: release, warn: build, audit: digest}")
    found = actions(objects(render(own(policy, text=exported(policy)))))
    check_equal(found, {"tagmoor-all-deny": ["Deny"], "tagmoor-all-warn": ["Warn"], "tagmoor-all-audit": ["Audit"]})


@test
def own_policy__that_denies_nothing__installs_nothing():
    check_equal(objects(render(own(OWN.replace("enforce", "warn", 1)))), {})


@test
def own_policy__without_text__fails_with_the_command():
    for values in ({"policyFile": OWN}, {"policy": {"controllers": {"enforce": "release"}}}):
        check_fails(merged(ON, values), "requires its export in fallbackPolicy.text", "--set-file fallbackPolicy.text=", "tagmoor policy export vap")


@test
def own_policy__with_another_text__fails_with_the_command():
    other = OWN.replace("build", "release")
    for text in (linked(other, exported(other)), exported(OWN), "x", "\n" + linked(OWN, exported(OWN))):
        values = merged(own(), {"fallbackPolicy": {"text": text}})
        check_fails(values, "is not an export of the policy in force (mode enforce, SHA-256 ", "tagmoor policy export vap")


@test
def own_policy__in_another_mode__fails():
    policy = OWN.split("\n", 1)[1]
    for mode in ("enforce", "warn"):
        inside = f"mode: {mode}\n{policy}"
        values = {"mode": "warn", "policyFile": policy, "fallbackPolicy": {"enabled": True, "text": linked(inside, exported(inside))}}
        if mode == "warn":
            render(values)
        else:
            check_fails(values, "is not an export of the policy in force (mode warn")


@test
def text__with_another_kind__fails():
    head = "# a comment"
    check_fails(own(text=f"{head}\n---\nkind: ClusterRole\nmetadata: {{name: a}}\nspec: {{}}\n"), "unexpected kind 'ClusterRole'")
    check_fails(own(text=f"{head}\n---\na: [\n"), "fallbackPolicy.text")


FAKE_KUBECTL = f"""#!{sys.executable}
import sys, yaml
sys.stdout.write(next(one for one in yaml.safe_load_all(sys.stdin) if one)["data"]["policy.yaml"])
"""


def follow(command, values):
    """What the command of the error message writes, with a kubectl that needs no cluster."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/kubectl", "w", encoding="utf-8") as file:
            file.write(FAKE_KUBECTL)
        os.chmod(f"{folder}/kubectl", 0o755)
        with open(f"{folder}/values.yaml", "w", encoding="utf-8") as file:
            yaml.safe_dump(values, file)
        path = f"{folder}:{os.path.dirname(TAGMOOR)}:{TOP}/build/charts:{os.environ['PATH']}"
        done = tool("env", f"PATH={path}", "sh", "-ec", f"cd {folder}; {command.replace(' CHART ', f' {CHART} ')}")
        check_equal(done.returncode, 0, done.stderr)
        with open(f"{folder}/fallback.yaml", encoding="utf-8") as file:
            return file.read()


@test
def command__of_the_message__makes_the_values_complete():
    for policy in ({"policyFile": OWN}, {"policy": {"controllers": {"enforce": "release"}}}, {"policyFile": OWN.split("\n", 1)[1] + "# é\n\n"}):
        values = merged(merged(BASE, ON), policy)
        done = template(values)
        command = re.search(r"(helm template .*>fallback.yaml)", done.stderr)[1]
        text = follow(command, values)
        rendered = render(merged(values, {"fallbackPolicy": {"text": text}}))
        check(objects(rendered) and set(map(tuple, actions(rendered).values())) == {("Deny",)}, rendered.keys())
        check(policy_of(rendered))


@test
def readme__has_the_command_of_the_message():
    command = re.search(r"(helm template .*>fallback.yaml)", template(merged(ON, {"policyFile": OWN})).stderr)[1]
    with open(f"{CHART}/README.md", encoding="utf-8") as file:
        text = " ".join(file.read().replace("\\\n", " ").split())
    check(command.replace("CHART --namespace gates", "charts/tagmoor --namespace tagmoor") in text, command)


@test
def names_and_namespaces__of_the_release__apply():
    selector = {"matchLabels": {"tagmoor": "yes"}, "matchExpressions": [{"key": "level", "operator": "DoesNotExist"}]}
    values = merged(ON, {"fullnameOverride": "gate", "commonLabels": {"team": "a"}, "webhook": {"excludeNamespaces": ["infra"], "namespaceSelector": selector}})
    rendered = render(values)
    check_equal(sorted(name for kind, name in objects(rendered) if kind == VAP), ["gate-development-deny", "gate-production-deny"])
    hook = rendered["ValidatingWebhookConfiguration", "gate"]["webhooks"][0]
    for (kind, name), one in objects(rendered).items():
        check_equal(one["metadata"]["labels"]["team"], "a")
        check_equal(one["metadata"]["labels"]["app.kubernetes.io/instance"], "tagmoor")
        if kind == BINDING:
            check_equal(one["spec"]["policyName"], name)
        else:
            check_equal(one["spec"]["matchConstraints"]["namespaceSelector"], hook["namespaceSelector"])


@test
def namespaces__of_the_text__are_left_out_too():
    text = exported(OWN, "--action", "deny", "--exclude-namespace", "monitoring", "--exclude-namespace", "gates")
    rendered = objects(render(own(text=text)))
    found = rendered[VAP, "tagmoor-all-deny"]["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"][0]["values"]
    check_equal(found, ["kube-system", "gates", "monitoring"])


@test
def webhook_failure_policy__ignore__is_that_of_users_in_mode_enforce():
    def failures(values):
        return {hook["name"]: hook["failurePolicy"] for hook in render(values)["ValidatingWebhookConfiguration", "tagmoor"]["webhooks"]}
    check_equal(failures(ON), {"users.tagmoor.dev": "Fail", "controllers.tagmoor.dev": "Ignore"})
    check_equal(failures(merged(ON, {"fallbackPolicy": {"webhookFailurePolicy": "Ignore"}})),
                {"users.tagmoor.dev": "Ignore", "controllers.tagmoor.dev": "Ignore"})
    check_fails({"fallbackPolicy": {"webhookFailurePolicy": "Ignore"}}, "requires fallbackPolicy.enabled")
    check_fails({"fallbackPolicy": {"webhookFailurePolicy": "Warn"}}, "/fallbackPolicy/webhookFailurePolicy")


@test
def notes__say_what_is_installed():
    check("fallback policy" not in notes({"mode": "enforce"}))
    check("fallback policy is installed" in notes(ON) and "Export it again" not in notes(ON))
    check("second warning" in notes({**ON, "mode": "warn"}))
    own_notes = notes(own())
    check("Export it again" in own_notes and "CAUTION: fallbackPolicy.text" not in own_notes, own_notes)
    old = re.sub("by tagmoor [0-9.]+", "by tagmoor 0.0.9", exported(OWN), count=1)
    check("was exported by tagmoor 0.0.9" in notes(own(text=old)))


@test
def release__with_the_fallback_policy__is_far_below_the_limit_of_a_secret():
    """Helm stores the chart, the values and the objects in a Secret, compressed; the limit is 1 MiB."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(CHART)
    for values in (ON, own(text=exported(OWN))):
        size = len(gzip.compress(packed.getvalue() + template(values).stdout.encode() + yaml.safe_dump(values).encode())) * 4 // 3
        print(f"# {size} bytes")
        check(size < 300_000, size)


main()

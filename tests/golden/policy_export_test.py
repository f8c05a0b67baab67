#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor policy export vap`: the manifests, what cannot be exported, and policies with hostile texts."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import yaml
from cli import check, check_fails, folder, main, tagmoor, test, write

NOW = ("--now", "2027-01-01T00:00:00Z")
POLICY = """version: 1
environments: [{name: production, default: true, enforce: release}]
"""


def export(policy, *flags):
    """(exit status, output, errors) of an export of this text."""
    with folder() as path:
        return tagmoor("policy", "export", "vap", "--policy", write(path, "policy.yaml", policy), *NOW, *flags)


def objects(text):
    return [(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(text)]


@test
def default__exported__a_policy_and_binding_for_each_environment_and_action():
    status, out, err = tagmoor("policy", "export", "vap", *NOW)
    names = [f"tagmoor-{environment}-{action}" for environment in ("development", "production") for action in ("deny", "warn", "audit")]
    wanted = [(kind, name) for name in names for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")]
    check((status, err) == (0, "") and objects(out) == wanted, objects(out), err)


@test
def default__exported_twice__same_bytes():
    check(tagmoor("policy", "export", "vap", *NOW) == tagmoor("policy", "export", "vap", *NOW))


@test
def action_and_static__given__one_policy_with_a_static_name():
    status, out, _ = export(POLICY, "--action", "deny", "--static", "--kubernetes", "1.37", "--name", "guard")
    check(status == 0 and {name for _, name in objects(out)} == {"guard-production-deny.static.k8s.io"}, objects(out))


@test
def static__every_document__is_an_object():
    """The API server rejects a document without an object, such as the comment alone."""
    _, out, _ = export(POLICY, "--static", "--kubernetes", "1.37")
    documents = list(yaml.safe_load_all(out))
    check(out.startswith("# Written by tagmoor ") and documents and all(documents), out[:2000])


@test
def static__with_an_older_kubernetes__refused():
    check_fails(export(POLICY, "--static"), "1.36")


@test
def name__not_a_label__refused():
    for name in ("", "A", "a\nb", "x" * 64):
        check_fails(export(POLICY, "--name", name), "--name")


@test
def pattern_with_look_around__exported__position():
    status, out, err = export(POLICY + "repositories:\n- match: [docker.io/a/*]\n  release: ['1(?=x)x']\n")
    check(status == 2 and out == "" and "policy.yaml:5:15: " in err and "look-around" in err, err)


@test
def exemption_with_an_end__exported__listed_and_an_error_with_strict():
    policy = POLICY + ("exemptions:\n- {name: old, reason: 'OPS-1: not yet', expires: 2026-01-01, match: {namespaces: [a]}}\n"
                       "- {name: soon, reason: 'OPS-2: not yet', expires: 2027-02-01, match: {namespaces: [b]}}\n")
    status, out, err = export(policy, "--action", "deny")
    check(status == 0 and "tagmoor: the export differs from the webhook: exemption 'soon'" in err and "'old' applies" not in err, err)
    check("when the exemption 'soon' ends, on\n# 2027-02-01: " in out and "exemption1" in out and "exemption0" not in out, out[:400])
    check(export(policy, "--strict")[:2] == (2, ""))


@test
def hostile_texts__exported__stay_texts():
    names = ["it's", "a\\b", "a: [b] #", '"', "${x}", "é{{", "'; true || '"]
    policy = POLICY + "exemptions:\n" + "".join(
        f"- {{name: e{index}, reason: 'OPS-1: not yet', permanent: true, match: {{users: [{yaml.safe_dump(name, default_style=chr(34)).strip()}]}}}}\n"
        for index, name in enumerate(names))
    status, out, err = export(policy, "--action", "deny")
    check(status == 0, err)
    check(len(objects(out)) == 2 and out.isascii(), objects(out))


@test
def export_vap__repairs__only_a_digest_where_tags_have_another_form():
    repairs = {line for line in tagmoor("policy", "export", "vap")[1].splitlines() if "<major>.<minor>.<patch>" in line}
    check(len(repairs) > 0)
    for line in repairs:
        digest_only = line.partition("<major>.<minor>.<patch>")[0]
        for name in ("'docker.io/library/debian'", "'docker.io/library/fedora'", "i.n == 'docker.io/library/postgres'"):
            check(name in digest_only, name, line)
        check("i.c == 'repository'" in digest_only, line)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor policy export webhook`: its options, and policies that it refuses.  charts/tests compares the output with the chart."""
import base64
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import yaml
from cli import check, check_fails, folder, main, tagmoor, test, write

CA = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
BY_LABEL = """version: 1
environments:
- {name: NAME, enforce: any, namespaceLabels: {env: [dev]}}
- {name: production, default: true, enforce: release}
"""


def export(*flags):
    return tagmoor("policy", "export", "webhook", *flags)


def webhooks(*flags):
    status, out, err = export(*flags)
    check((status, err) == (0, ""), status, err)
    return yaml.safe_load(out)["webhooks"]


def export_of(policy, *flags):
    with folder() as path:
        return export("--policy", write(path, "policy.yaml", policy), *flags)


@test
def default__exported__an_entry_for_users_and_one_for_controllers():
    found = {hook["name"]: (hook["failurePolicy"], hook["timeoutSeconds"], hook["clientConfig"]) for hook in webhooks()}
    client = {"service": {"name": "tagmoor", "namespace": "tagmoor", "path": "/validate", "port": 443}}
    check(found == {"users.tagmoor.dev": ("Fail", 3, client), "controllers.tagmoor.dev": ("Ignore", 1, client)}, found)


@test
def static__by_url__names_for_a_static_manifest():
    status, out, err = export("--static", "--url", "https://127.0.0.1:8443")
    check(status == 0, err)
    found = yaml.safe_load(out)
    names = [found["metadata"]["name"]] + [hook["name"] for hook in found["webhooks"]]
    check(names == ["tagmoor.static.k8s.io", "users.tagmoor.static.k8s.io", "controllers.tagmoor.static.k8s.io"], names)
    check(found["webhooks"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["kube-system"])


@test
def ca_bundle__a_file__in_base64():
    with folder() as path:
        found = webhooks("--ca-bundle", write(path, "ca.crt", CA))
    check([base64.b64decode(hook["clientConfig"]["caBundle"]).decode() for hook in found] == [CA, CA], found)


@test
def ca_bundle__not_usable__refused():
    with folder() as path:
        check_fails(export("--ca-bundle", os.path.join(path, "none")), "--ca-bundle")
        check_fails(export("--ca-bundle", write(path, "key", CA.replace("CERTIFICATE", "PRIVATE KEY"))), "no certificate")
        check_fails(export("--ca-bundle", write(path, "empty", "")), "no certificate")
        check_fails(export("--ca-bundle", write(path, "large", CA + "x" * 256 * 1024)), "--ca-bundle")
        write(path, "fits", (CA + "x" * 256 * 1024)[:256 * 1024])
        check(export("--ca-bundle", os.path.join(path, "fits"))[0] == 0)


@test
def service_and_url__of_another_form__refused():
    for text in ("", "tagmoor", "a/b/c", "/b", "a/", "a/b:", "a/b:0", "a/b:65536", "a/b:99999999999999999999", "a/b:4x", "A/b", "a/b:443 "):
        check_fails(export("--service", text), "'--service' needs")
    for text in ("", "http://a", "https://", "https://a/validate", "https://u@a", "https://a?b", "https://a#b", "https://a\nb", "https://a b"):
        check_fails(export("--url", text), "'--url' needs")
    check_fails(export("--url", "https://a", "--service", "a/b"), "exclude each other")
    check(webhooks("--service", "a/b:65535")[0]["clientConfig"]["service"]["port"] == 65535)
    check(webhooks("--url", "https://[::1]:8443")[0]["clientConfig"] == {"url": "https://[::1]:8443/validate"})


@test
def options__of_the_other_export__refused():
    for flags in (("--strict",), ("--action", "deny"), ("--kubernetes", "1.33"), ("--now", "2027-01-01")):
        check_fails(export(*flags), "'" + flags[0] + "' requires 'export vap'")
    for flags in (("--url", "https://a"), ("--service", "a/b"), ("--ca-bundle", "x"), ("--custom-resources", "own")):
        check_fails(tagmoor("policy", "export", "vap", *flags), "'" + flags[0] + "' requires 'export webhook'")
    check_fails(export("--static"), "requires '--url'")
    check_fails(tagmoor("policy", "export", "chart", "--static"), "no options")
    check_fails(tagmoor("policy", "show", "--url", "https://a"), "'--url' requires 'export webhook'")
    check_fails(tagmoor("policy", "check", "--strict", "x.yaml"), "'--strict' requires 'export vap'")
    check_fails(tagmoor("policy", "export", "webhok"), "did you mean 'export webhook'?")
    check_fails(tagmoor("policy", "exprt", "vap", "--strict"), "unknown word 'exprt' (did you mean 'export'?)")
    check_fails(tagmoor("policy", "export", "other"), "export webhook")
    check_fails(export("--name", "A"), "--name")
    check_fails(export("--exclude-namespace", "a_b"), "--exclude-namespace")


@test
def labels__of_many_environments__refused_beyond_16_entries():
    def policy(count):
        lines = "".join(f"- {{name: e{i}, enforce: any, namespaceLabels: {{env: [e{i}]}}}}\n" for i in range(count))
        return "version: 1\nenvironments:\n" + lines + "- {name: production, default: true, enforce: release}\n"
    status, out, err = export_of(policy(15))
    check(status == 0 and len(yaml.safe_load(out)["webhooks"]) == 32, err)
    check_fails(export_of(policy(16)), "more than 16 webhook entries")
    labels = ", ".join(f"l{i}: [x]" for i in range(16))
    check_fails(export_of(BY_LABEL.replace("NAME", "dev").replace("env: [dev]", labels)), "more than 16 webhook entries")


@test
def hostile_texts__exported__stay_texts():
    users = ["it's", "a\\\\b", 'q"uote', "é*", "\U000e0001", "$(x)", "{{ x }}", "# no comment", "x' || true || '"]
    quoted = ", ".join(yaml.safe_dump(user, default_style='"', width=1000).strip() for user in users)
    status, out, err = export_of(BY_LABEL.replace("NAME", "dev") + f"controllers: {{users: [{quoted}]}}\n")
    check(status == 0 and out.isascii(), err)
    found = yaml.safe_load(out)["webhooks"]
    check(len(found) == 4)
    for hook in found:
        expression = next(one["expression"] for one in hook["matchConditions"] if "controller" in one["name"])
        check('"x\' || true || \'"' in expression and '"q\\"uote"' in expression and "\n" not in expression, expression)


main()

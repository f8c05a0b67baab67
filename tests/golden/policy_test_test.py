#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor test`: cases with expected verdicts, what it says of those that fail, its exit status."""
import json
import os
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import check, check_fails, folder, main, tagmoor, test, write

POLICY = """\
version: 1
environments:
- {name: staging, namespaces: [staging], enforce: any, warn: release}
- {name: quiet, namespaces: [quiet], enforce: any, warn: any, audit: release}
- name: production
  default: true
  enforce: release
  ephemeralContainers: {enforce: any, warn: any}
exemptions:
- name: agent-of-nodes
  reason: "its vendor moves the tag"
  expires: 2099-03-31
  match: {namespaces: [monitoring], kinds: [DaemonSet], names: [node-agent], containers: [agent], images: ["docker.io/vendor/agent:7"]}
- name: night-shift
  reason: "for who is on duty"
  permanent: true
  match: {groups: [on-duty], users: ["*@example.com"]}
customResources:
- {resource: ships.example.com, kind: Ship, podSpecs: [spec.template.spec]}
controllers:
  users: ["system:serviceaccount:postgres:operator"]
"""


NOW = ("--now", "2027-01-01T00:00:00Z")


def run(cases, *options, policy=POLICY):
    with folder() as path:
        file = write(path, "cases.yaml", cases)
        status, out, err = tagmoor("test", "--policy", write(path, "policy.yaml", policy), *(options or NOW), file)
        return status, out.replace(path + "/", ""), err.replace(path + "/", "")


@test
def cases__two_documents__refused_as_such():
    status, _, err = run("- {image: a, expect: deny}\n---\n- {image: b, expect: deny}\n")
    check(status == 2 and "cases.yaml:2:1: unexpected second document: keep one document in the file" in err, err)


@test
def misspelled_words__of_a_case__suggested():
    status, _, err = run("- {image: a, kind: Deploment, expect: deny}\n- {image: a, kind: Widget, expect: deny}\n"
                         "- {image: a, class: partial-versio}\n- {image: a, class: nothing-known}\n")
    check(status == 2 and "'Deploment' is not a kind with images (did you mean 'Deployment'?)" in err, err)
    check("'Widget' is not a kind with images: use Kind" in err, err)
    check("'class' cannot be 'partial-versio', did you mean 'partial-version'?" in err, err)
    check("variant, unknown, placeholder, repository\n" in err, err)


@test
def standard_input__named_in_one_way():
    for cases in ("- {image: a, expect: allow}\n", "- {image: a}\n"):
        _, out, err = tagmoor("test", "-", stdin=cases.encode())
        check("<stdin>:1:" in out + err and "'-'" not in err, out, err)
    check("<stdin>:1:1: " in tagmoor("check", "-", stdin=b"kind: Pod\n")[2])


@test
def cases__all_as_expected__0():
    status, out, err = run("""\
- {image: "nginx:latest", expect: deny, class: channel}
- {image: nginx, namespace: staging, expect: warn, class: untagged}
- {image: nginx, environment: staging, expect: warn}
- {image: nginx, namespace: quiet, expect: audit}
- {image: "nginx:1.2.3", expect: allow}
- {image: "nginx@sha256:abc", namespace: staging, expect: deny, class: invalid}
- {image: "nginx:1.25", class: partial-version}
- {image: "nginx:1.25", field: ephemeralContainers, expect: audit}
- {image: "nginx:1.25", field: initContainers, expect: deny}
- {image: "app:latest", kind: Ship.example.com, expect: deny}
- {image: auto, kind: Deployment, expect: allow, class: placeholder}
- {image: auto, expect: deny}
- {image: "nginx:latest", user: "system:serviceaccount:postgres:operator", expect: audit}
""")
    check(status == 0 and err == "", out, err)
    check(out == "13 cases: 13 passed, 0 failed\n", out)


@test
def exemptions__by_every_key__and_until_their_end():
    whole = {"image": "vendor/agent:7", "namespace": "monitoring", "kind": "DaemonSet", "name": "node-agent", "container": "agent"}

    def case(changes, expect):
        values = {**whole, **changes, "expect": expect}
        return "- {" + ", ".join(f'{key}: "{value}"' for key, value in values.items()) + "}\n"

    others = {"image": "vendor/agent:8", "namespace": "shop", "kind": "Deployment", "name": "x", "container": "y"}
    cases = case({}, "audit") + "".join(case({key: value}, "deny") for key, value in others.items())
    cases += case({"namespace": "shop", "user": "a@example.com", "group": "on-duty"}, "audit")
    cases += case({"namespace": "shop", "user": "a@example.com"}, "deny") + case({"namespace": "shop", "group": "on-duty"}, "deny")
    status, out, err = run(cases, "--now", "2099-03-31T23:59:59Z")
    check(status == 0 and err == "", out, err)
    status, out, _ = run(case({}, "allow"), "--now", "2099-04-01T00:00:00Z")
    check(status == 1 and "expected allow, got deny" in out, out)
    # A date is the start of that day: the exemption applies all day on its last date.
    for now, expect in (("2099-03-31", "audit"), ("2099-04-01", "deny")):
        status, out, _ = run(case({}, expect), "--now", now)
        check(status == 0, now, out)


@test
def cases__that_fail__each_with_its_place_and_why_1():
    status, out, err = run("""\
- image: nginx:latest
  expect: allow
- image: app:1a6dd44
  namespace: staging
  class: version
- {image: "nginx:1.2.3", expect: deny}
- {image: "x:latest", group: on-duty, user: "b@example.com", expect: deny}
- {image: "nginx:1.2.4", expect: allow}
""")
    check(status == 1 and err == "", err)
    check(out == """\
cases.yaml:2:11: nginx:latest in production: expected allow, got deny: image "nginx:latest" has a mutable tag (channel); \
environment "production" requires at least a release
cases.yaml:5:10: app:1a6dd44 in staging: expected class version, got commit: the hash of a commit
cases.yaml:6:34: nginx:1.2.3 in production: expected deny, got allow: image "nginx:1.2.3" identifies a release (version); \
environment "production" requires at least a release
cases.yaml:7:70: x:latest in production: expected deny, got audit: image "x:latest" has a mutable tag (channel); \
environment "production" recommends at least a release; admitted by exemption "night-shift" permanently
5 cases: 1 passed, 4 failed
""", out)


@test
def cases__that_are_wrong__said_with_place_and_2():
    for cases, text in [("- {image: a, expects: deny}", "cases.yaml:1:14: unknown key 'expects', did you mean 'expect'?"),
                        ("- {image: a, expect: denied}", "must be one of allow, audit, warn, deny, not 'denied'"),
                        ("- {image: a, class: versions}", "did you mean 'version'?"),
                        ("- {expect: deny}", "cases.yaml:1:3: missing key 'image' in a case"),
                        ("- {image: a}", "cases.yaml:1:3: the case expects nothing"),
                        ("- {image: a, environment: prod, expect: deny}", "cases.yaml:1:27: the policy has no environment 'prod'"),
                        ("- {image: a, kind: Service, expect: deny}", "cases.yaml:1:20: 'Service' is not a kind with images"),
                        ("- {image: a, kind: Ship, expect: deny}", "'Ship' is not a kind with images"),
                        ("- {image: a, image: b, expect: deny}", "duplicate key 'image', first on line 1"),
                        ("- nginx", "must be a mapping of keys, not 'nginx'"),
                        ("cases: []", "expected a list of cases"), ("[]", "expected a list of cases"), ("", "expected a list of cases"),
                        ("- {image: &a b, expect: deny}", "anchor"), ("- {image: a", "cases.yaml:")]:
        status, out, err = run(cases)
        check(status == 2 and text in err and "'cases.yaml' has 1 error" in err, cases, status, out, err)
        check(out == "0 cases: 0 passed, 0 failed\n", out)


@test
def cases__wrong_and_failing__2_and_the_others_still_run():
    status, out, err = run('- {image: a, expect: allow}\n- {image: b}\n- {image: "c:1.2.3", expect: allow}\n')
    check(status == 2 and "the case expects nothing" in err and "2 cases: 1 passed, 1 failed" in out, out, err)


@test
def files__several__one_unreadable_does_not_stop_the_others():
    with folder() as path:
        good = write(path, "good.yaml", '- {image: "a:1.2.3", expect: allow}\n')
        status, out, err = tagmoor("test", os.path.join(path, "none.yaml"), good, good)
        check(status == 2 and "cannot open" in err and out == "2 cases: 2 passed, 0 failed\n", out, err)
        status, out, _ = tagmoor("test", "-", stdin=b"- {image: a, expect: allow}\n")
        check(status == 1 and out.startswith("<stdin>:1:"), out)
        large = write(path, "large.yaml", "#" * (1 << 20) + "\n")
        check(tagmoor("test", large)[0] == 2)


CASES = """\
- {image: "nginx:latest", namespace: shop, expect: allow, class: version}
- {image: "nginx:1.2.3", kind: Deployment, name: "a<&>\\"b", expect: allow}
"""


@test
def json__every_case_and_its_failures():
    status, out, err = run(CASES, "-o", "json", *NOW)
    report = json.loads(out)
    check(status == 1 and err == "" and report["version"] == 1, status, err)
    check(report["summary"] == {"passed": 1, "failed": 1, "errors": 0} and report["errors"] == [], report["summary"])
    first, second = report["cases"]
    check([first[key] for key in ("line", "column", "image", "environment", "decision", "class", "passed")] ==
          [1, 3, "nginx:latest", "production", "deny", "channel", False], first)
    check([(one["line"], one["column"], one["text"].split(":")[0]) for one in first["failures"]] ==
          [(1, 66, "expected class version, got channel"), (1, 52, "expected allow, got deny")], first["failures"])
    check(second["passed"] and second["failures"] == [] and second["name"] == 'nginx:1.2.3 kind=Deployment name=a<&>"b', second)


@test
def junit__a_test_case_each_with_a_name_that_stays():
    status, out, _ = run(CASES, "-o", "junit", *NOW)
    suite = xml.fromstring(out)[0]
    names = [case.get("name") for case in suite]
    check(status == 1 and suite.get("tests") == "2" and suite.get("failures") == "1", suite.attrib)
    check(names == ["nginx:latest namespace=shop", 'nginx:1.2.3 kind=Deployment name=a<&>"b'], names)
    check(len(suite[0].findall("failure")) == 2 and len(suite[1]) == 0, out)
    _, out, _ = run("# moved\n" + CASES.replace("expect: allow", "expect: deny"), "-o", "junit", *NOW)
    check([case.get("name") for case in xml.fromstring(out)[0]] == names, out)


@test
def json_and_junit__errors_are_in_them_and_on_standard_error():
    status, out, err = run("- {image: a}\n- {image: b, expect: deny}\n", "--output=json", *NOW)
    report = json.loads(out)
    check(status == 2 and "the case expects nothing" in err and report["summary"] == {"passed": 1, "failed": 0, "errors": 1}, out, err)
    check((report["errors"][0]["line"], report["errors"][0]["column"]) == (1, 3), report["errors"])
    status, out, _ = run("- {image: a}\n", "--output=junit", *NOW)
    suite = xml.fromstring(out)[0]
    check(status == 2 and suite.get("errors") == "1" and "the case expects nothing" in suite[0][0].get("message"), out)
    status, out, _ = tagmoor("test", "-o", "json", "absent.yaml")
    check(status == 2 and "cannot open" in json.loads(out)["errors"][0]["text"], out)


@test
def usage__wrong__2():
    check_fails(tagmoor("test", "-o", "sarif", "x"), "invalid value 'sarif' for '--output': use text|json|junit")
    check_fails(tagmoor("test"), "no file with cases")
    check_fails(tagmoor("test", "--now", "tomorrow", "x"), "use a date such as 2027-03-31, or a time such as")
    check_fails(tagmoor("test", "--now", "2027-02-29", "x"), "use a date such as")
    check_fails(tagmoor("test", "--policy", "/no/such", "x"), "cannot open")


@test
def examples__policies_with_their_cases__pass():
    examples = "deploy/examples"
    names = [name for name in sorted(os.listdir(examples)) if name.startswith("cases-")]
    check(names != [], examples)
    for name in names:
        policy = os.path.join(examples, name.replace("cases-", "policy-"))
        status, out, err = tagmoor("test", *NOW, "--policy", policy, os.path.join(examples, name))
        check(status == 0 and err == "", name, out, err)


main()

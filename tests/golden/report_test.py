#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor report`: who asked to run which image, from audit logs and from the log of serve; and the exemptions of a policy."""
import csv
import io
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from audit_events import event, lines
from cli import check, check_fails, folder, main, tagmoor, test, write

PAGE = "cmd/tagmoor-output.5"
PODS = {"resource": "pods", "namespace": "shop", "name": "web"}
POLICY = """\
version: 1
environments:
- {name: production, default: true, enforce: release}
exemptions:
- {name: used, reason: "=1+1 =HYPERLINK()", expires: 2027-01-31, match: {namespaces: [shop]}, enforce: any}
- {name: unused, reason: nobody knows, permanent: true, match: {namespaces: [nowhere]}, enforce: any}
- {name: over, reason: was migrated, expires: 2026-12-01, match: {namespaces: [old]}, enforce: any}
"""
DUMP = {"apiVersion": "v1", "kind": "List", "items": [
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
     "spec": {"containers": [{"name": "web", "image": "nginx"}, {"name": "other", "image": "redis"}]}}]}


def create(image, at="2027-01-01T00:00:00Z", user="jane", **more):
    thing = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "shop"},
             "spec": {"containers": [{"name": "main", "image": image}]}}
    return event(**{"auditID": None, "objectRef": PODS, "requestObject": thing, "responseObject": thing, "user": {"username": user},
                    "stageTimestamp": at, **more})


def own(image, at="2027-01-01T00:00:00.123Z", **more):
    """A review line of serve."""
    return {"sequence": 7, "time": at, "level": "info", "instance": "tagmoor-0", "msg": "review", "decision": "deny", "scope": "evaluated",
            "namespace": "shop", "kind": "Deployment", "name": "api", "user": "joe",
            "images": [{"path": "spec.containers[0]", "container": "c", "image": image, "decision": "deny"}], **more}


def compact(records):
    return "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in records).encode()


def uses(log, *flags):
    status, out, err = tagmoor("report", "-o", "json", *flags, "-", stdin=log if isinstance(log, bytes) else lines(log))
    check(status == 0, status, out, err)
    return json.loads(out)["uses"]


def images(log, *flags):
    return [each["image"] for each in uses(log, *flags)]


@test
def audit_log__who_what_where_when():
    found = uses([create("nginx:1.2"), create("nginx:1.2", at="2027-01-02T00:00:00Z"), create("redis", user="joe", responseStatus={"code": 409})])
    first = {"first": "2027-01-01T00:00:00Z", "last": "2027-01-02T00:00:00Z", "requests": 2, "user": "jane", "namespace": "shop", "kind": "Pod",
             "name": "web", "container": "main", "image": "nginx:1.2", "answer": "admitted"}
    check(found[0] == first and (found[1]["user"], found[1]["answer"]) == ("joe", "failed"), found)


@test
def own_log__same_report__with_prefixes_of_runtimes():
    for prefix in (b"", b"2027-01-01T00:00:00.1Z stderr F ", b"[pod/tagmoor-0/tagmoor] "):
        found = uses(prefix + compact([own("nginx:latest")]))
        check([(each["user"], each["kind"], each["name"], each["image"], each["answer"], each["first"]) for each in found] ==
              [("joe", "Deployment", "api", "nginx:latest", "deny", "2027-01-01T00:00:00Z")], prefix, found)
    unchanged = own("nginx", images=[{"image": "nginx", "decision": "warn", "origin": "unchanged"}])
    check(uses(compact([unchanged, own("x", msg="started")]) + compact([own("redis")])) != [], "one")
    check(images(compact([unchanged, own("x", msg="started"), own("redis")])) == ["redis"], "only the new image")


@test
def filters__image_user_namespace_time():
    log = [create("aquasec/trivy", at="2027-03-19T01:00:00Z"), create("docker.io/aquasec/trivy:latest", at="2027-03-25T23:59:59Z", user="joe"),
           create("aquasec/trivy:0.60", at="2027-03-20T00:00:00Z"), create("aquasec/trivy:latest", at="2027-03-26T00:00:00Z"),
           create("ghcr.io/x/y@sha256:" + "0" * 64, at="2027-03-18T00:00:00Z")]
    trivy = ("--image", "docker.io/aquasec/trivy:latest")
    check(images(log, *trivy, "--from", "2027-03-19", "--to", "2027-03-25") == ["aquasec/trivy", "docker.io/aquasec/trivy:latest"], "the question")
    check(images(log, *trivy, "--user", "j?e") == ["docker.io/aquasec/trivy:latest"], "user")
    check(len(images(log, "--image", "docker.io/aquasec/*")) == 4, "any tag")
    check(images(log, "--image", "docker.io/aquasec/trivy:0*", "--image", "ghcr.io/**") == [log[4]["requestObject"]["spec"]["containers"][0]["image"],
                                                                                            "aquasec/trivy:0.60"], "several")
    check(images(log, "-n", "sh*", "--to", "2027-03-18") != [] and images(log, "-n", "other") == [], "namespace")
    for flags, text in [(("--image", "nginx"), "write 'docker.io/library/nginx'"), (("--user", "["), "--user '['"), (("--from", "x"), "invalid time")]:
        check_fails(tagmoor("report", *flags, "-", stdin=lines(log)), text)


@test
def unchanged_images__not_asked_for():
    def deployment(image, **more):
        thing = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "web", "namespace": "shop"},
                 "spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}
        return event(**{"auditID": None, "verb": "update", "responseStatus": {"code": 200}, "responseObject": thing, "requestObject": thing,
                        "objectRef": {"resource": "deployments", "apiGroup": "apps", "namespace": "shop", "name": "web"}, **more})
    scaled = deployment("nginx:1.2.3", verb="patch", requestObject={"spec": {"replicas": 3}})
    check(images([scaled]) == [], "a patch without the image")
    check([each["requests"] for each in uses([deployment("nginx:1.2.3"), deployment("nginx:1.2.3"), scaled])] == [1], "repeated")


@test
def csv__formulas_and_control_characters_are_text():
    hostile = [create("nginx:1.2", user=user) for user in ('=cmd|" /C calc"!A0', "+1", "-1", "@SUM(A1)", "\tx", " =1", "a,\"b\"", "x\ny\x1b[31m")]
    status, out, err = tagmoor("report", "-o", "csv", "-", stdin=lines(hostile))
    rows = list(csv.DictReader(io.StringIO(out)))
    check(status == 0 and err == "" and len(rows) == len(hostile) and "\x1b" not in out, out)
    for row in rows:
        check(all(cell[:1] not in tuple("=+-@\t\r\n ") for cell in row.values()), row)
    check({row["user"] for row in rows} >= {'\'=cmd|" /C calc"!A0', 'a,"b"', r"x\x0ay\x1b[31m", "'-1"}, rows)


@test
def table__header_and_escaped():
    status, out, _ = tagmoor("report", "-", stdin=lines([create("nginx:1.2", user="x\x1b[31m")]))
    check(status == 0 and out.startswith("first ") and r"x\x1b[31m" in out and "\x1b" not in out and len(out.splitlines()) == 2, out)


@test
def damaged_and_unreadable_logs__said():
    status, out, err = tagmoor("report", "-o", "json", "-", stdin=compact([own("nginx")]) + compact([own("redis")])[:80] + b"\nx\n")
    check(status == 0 and json.loads(out)["summary"]["damagedLines"] == 2 and "standard input:2: " in err, status, out, err)
    status, _, err = tagmoor("report", "-", stdin=b"hello\n")
    check(status == 2 and "no event of audit.k8s.io and no review was found" in err, status, err)
    status, out, err = tagmoor("report", "-o", "json", "-", stdin=lines([create("x", requestObject=None, responseObject=None)]))
    check(status == 0 and json.loads(out)["summary"]["unreadRequests"] == 1 and "no images for 1 requests" in err, out, err)


@test
def more_uses_than_the_limit__counted_and_said():
    log = compact([own("nginx", user=f"u{number}") for number in range(100005)])
    status, out, err = tagmoor("report", "-o", "json", "-", stdin=log)
    found = json.loads(out)
    check(status == 2 and len(found["uses"]) == 100000 and found["summary"]["otherUses"] == 5 and "more than 100000 uses" in err, status, err)


def exemptions(*flags, form="json", log=None):
    with folder() as where:
        words = ["report", "exemptions", "--policy", write(where, "policy.yaml", POLICY), "--now", "2027-01-20", "-o", form, *flags]
        if log is not None:
            words += ["--log", write(where, "x.log", log.decode())]
        if "--scan" in flags:
            words[words.index("--scan") + 1] = write(where, "dump.json", json.dumps(DUMP))
        status, out, err = tagmoor(*words)
    check(status == 0, status, out, err)
    return out


@test
def exemptions__ends_reasons_and_uses():
    base = [{"name": "used", "reason": "=1+1 =HYPERLINK()", "ended": False, "until": "2027-01-31", "daysLeft": 12, "state": "active"},
            {"name": "unused", "reason": "nobody knows", "ended": False, "state": "active"},
            {"name": "over", "reason": "was migrated", "ended": True, "until": "2026-12-01", "daysLeft": -49, "state": "ended"}]
    check(json.loads(exemptions())["exemptions"] == base, exemptions())
    scanned = json.loads(exemptions("--scan", "x"))["exemptions"]
    check([each["images"] for each in scanned] == [2, 0, 0], scanned)
    audit = lines([create("nginx", at="2027-01-02T00:00:00Z"), create("nginx", at="2027-01-03T00:00:00Z"), create("nginx:1.2.3")])
    for log, last, count in [(audit, "2027-01-03T00:00:00Z", 2), (compact([own("nginx", exemptions=["used"])]), "2027-01-01T00:00:00Z", 1)]:
        found = json.loads(exemptions(log=log))["exemptions"]
        check((found[0]["requests"], found[0]["lastUse"], found[0]["state"]) == (count, last, "active"), found)
        check((found[1]["requests"], found[1]["state"]) == (0, "never used") and "lastUse" not in found[1], found)


@test
def exemptions__table_and_csv():
    table = exemptions("--scan", "x", form="table").splitlines()
    check(re.match(r"name +until +days left +images", table[0]) and re.match(r"used +2027-01-31 +12 +2 ", table[1]) and len(table) == 4, table)
    rows = list(csv.DictReader(io.StringIO(exemptions(form="csv"))))
    check([row["reason"] for row in rows] == ["'=1+1 =HYPERLINK()", "nobody knows", "was migrated"] and rows[1]["until"] == "permanent", rows)


@test
def wrong_usage__said():
    for words, text in [([], "name a log"), (["exemptions", "x"], "the word 'exemptions' alone"), (["exemptions", "--image", "docker.io/x"], "'--image' has no effect with"),
                        (["--scan", "x", "-"], "'--scan' has no effect without"), (["--policy", "/none", "-"], "cannot open")]:
        check_fails(tagmoor("report", *words), text)


def flatten(value, at_path, found):
    """Adds the path of each member to `found`, as the page writes it."""
    if isinstance(value, (dict, list)):
        for key, member in value.items() if isinstance(value, dict) else [("[]", each) for each in value]:
            flatten(member, at_path + key if key == "[]" else f"{at_path}.{key}".strip("."), found)
    else:
        found.add(at_path)
    return found


@test
def page__members_of_the_outputs_and_no_more():
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    outputs = {"report: json": tagmoor("report", "-o", "json", "-", stdin=lines([create("nginx")]))[1],
               "report exemptions: json": exemptions("--scan", "x", log=lines([create("nginx")]))}
    for title, out in outputs.items():
        section = re.split(r"\n\.S[sh] ", page.split(f".Ss {title}\n")[1])[0]
        documented = {name for row in re.findall(r"^\.It Va (.+)$", section, re.M) for name in row.split(" , ")}
        found = flatten(json.loads(out), "", set())
        check(documented == found, title, "only in the page:", documented - found, "only in the output:", found - documented)


main()

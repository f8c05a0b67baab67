#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor replay`: what counts, what is undecided and why, damaged logs, comparisons, outputs."""
import gzip
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from audit_events import event, lines
from cli import check, check_fails, folder, main, tagmoor, test, write

PAGE = "cmd/tagmoor-output.5"
STRICT = "version: 1\nenvironments:\n- {name: production, default: true, enforce: release}\n- {name: dev, namespaces: [dev], enforce: any}\n"
LOOSE = "version: 1\nenvironments:\n- {name: production, default: true, enforce: any, warn: release}\n"
DEPLOYMENTS = {"resource": "deployments", "apiGroup": "apps", "namespace": "shop", "name": "web"}
PODS = {"resource": "pods", "namespace": "shop", "name": "web"}
DENIED = {"code": 403, "message": 'admission webhook "users.tagmoor.dev" denied the request: no'}


def pod(image, **metadata):
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "shop", **metadata},
            "spec": {"containers": [{"name": "web", "image": image}]}}


def deployment(image):
    return {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}


def create(image="nginx:latest", **more):
    return event(**{"auditID": None, "objectRef": PODS, "requestObject": pod(image), "responseObject": pod(image), **more})


def update(image="nginx:latest", **more):
    return event(**{"auditID": None, "verb": "update", "objectRef": DEPLOYMENTS, "responseStatus": {"code": 200},
                    "requestObject": deployment(image), "responseObject": deployment(image), **more})


def patch(body, image="nginx:latest", **more):
    return update(image, **{"verb": "patch", "requestObject": body, **more})


def at(second, made):
    return {**made, "stageTimestamp": f"2027-01-01T00:00:{second:02}.000000Z"}


def replay(log, *flags, policy=STRICT, older=None):
    """The JSON output for a log, given as events or bytes."""
    with folder() as where:
        words = ["--policy", write(where, "policy.yaml", policy), "-o", "json", *flags]
        if older:
            words += ["--compare", write(where, "older.yaml", older)]
        status, out, err = tagmoor("replay", *words, "-", stdin=log if isinstance(log, bytes) else lines(log))
    check(status in (0, 1, 2) and out, status, out, err)
    return json.loads(out)


def counted(found, *names):
    """The counts of a part of the summary that are not 0."""
    for name in names:
        found = found[name]
    return {key: value for key, value in found.items() if value}


def decisions(found):
    return {key: found["summary"][key] for key in ("denied", "warned", "audited", "allowed") if found["summary"][key]}


@test
def event__not_a_write_of_a_workload__counted_by_its_reason():
    named = {**PODS, "namespace": "kube-system"}
    for reason, made in [("stage", create(stage="RequestReceived")), ("stage", create(stage="ResponseStarted")),
                         ("read", create(verb="list")), ("read", create(verb="watch")),
                         ("not-authorized", create(annotations={"authorization.k8s.io/decision": "forbid"}, responseStatus={"code": 403})),
                         ("excluded-namespace", create(objectRef=named)), ("operation", create(verb="delete")),
                         ("operation", create(objectRef={**PODS, "subresource": "exec"})),
                         ("kind", create(objectRef={"resource": "configmaps"}, requestObject={}, responseObject={})),
                         ("subresource", create(objectRef={**PODS, "subresource": "binding"})),
                         ("subresource", update(objectRef={**DEPLOYMENTS, "subresource": "scale"}))]:
        found = replay([made])
        check(counted(found, "summary", "notEvaluated") == {reason: 1} and decisions(found) == {}, reason, found["summary"])


@test
def event__undecided__counted_by_its_reason():
    metadata_level = {"requestObject": None, "responseObject": None, "level": "Metadata"}
    for reason, log in [("no-object", [create(**metadata_level)]), ("no-object", [patch({}, **metadata_level)]),
                        ("truncated", [create(**metadata_level, annotations={"audit.k8s.io/truncated": "true"})]),
                        ("patch-failed", [patch({"spec": {}}, responseStatus=DENIED, responseObject={"kind": "Status"})]),
                        ("old-object-unknown", [update()]), ("old-object-unknown", [patch({"a": "nginx:latest"})]),
                        ("old-object-unknown", [patch([{"op": "copy", "from": "/x", "path": "/spec/x"}])]),
                        ("out-of-order", [at(2, update("nginx:1.27.3")), at(1, update())]),
                        ("malformed", [create(responseObject={**pod("nginx"), "metadata": {}}, requestObject={"metadata": 7, "kind": "Pod"},
                                              responseStatus={"code": 201})])]:
        found = replay(log)
        wanted = {} if reason == "malformed" else {reason: 1}
        check(counted(found, "summary", "undecided") == wanted, reason, found["summary"])


@test
def update__decided_without_the_old_object_if_it_cannot_matter():
    for made, expected in [(update("nginx:1.27.3"), "allowed"), (patch({"spec": {"replicas": 3}}), "warned"),
                           (patch([{"op": "replace", "path": "/spec/replicas", "value": 3}]), "warned"),
                           (update(objectRef={**DEPLOYMENTS, "namespace": "dev"}), "allowed")]:
        found = replay([made])
        check(decisions(found) == {expected: 1}, made, found["summary"])


@test
def update__old_object_of_an_earlier_event__decides():
    for earlier, expected in [(update("nginx:latest"), "warned"), (update("nginx:1.27.3"), "denied"),
                              (update("nginx:1.27.3", verb="get", requestObject=None), "denied"),
                              (update("nginx:latest", objectRef={**DEPLOYMENTS, "subresource": "status"}), "warned")]:
        found = replay([at(1, earlier), at(2, update("nginx:latest"))])
        check(found["summary"][expected] >= 1 and counted(found, "summary", "undecided") in ({}, {"old-object-unknown": 1}),
              earlier, found["summary"])


@test
def update__after_a_dry_run_or_an_unreadable_write__old_object_is_the_one_before():
    dry = at(2, update("nginx:latest", requestURI="/x?dryRun=All"))
    found = replay([at(1, update("nginx:1.27.3")), dry, at(3, update("nginx:latest"))])
    check(decisions(found) == {"denied": 2, "allowed": 1} and found["summary"]["dryRuns"] == 1, found["summary"])
    unreadable = at(2, update(requestObject=None, responseObject=None))
    found = replay([at(1, update("nginx:1.27.3")), unreadable, at(3, update("nginx:latest"))])
    check(counted(found, "summary", "undecided") == {"no-object": 1, "old-object-unknown": 1}, found["summary"])


@test
def patch__answered_with_201__is_a_create():
    found = replay([patch({"a": "nginx:latest"}, responseStatus={"code": 201})])
    check(decisions(found) == {"denied": 1}, found["summary"])


@test
def create__rejected__request_object_is_evaluated():
    found = replay([create(responseStatus=DENIED, responseObject={"kind": "Status", "apiVersion": "v1"})])
    check(decisions(found) == {"denied": 1}, found["summary"])
    check(counted(found, "summary", "then") == {"rejected": {"allowed": 0, "audited": 0, "warned": 0, "denied": 1}}, found["summary"])


@test
def answered_then__annotations_and_messages():
    ours = "users.tagmoor.dev/decision"
    both = {ours: "allow", "controllers.tagmoor.dev/decision": "warn"}
    failure = {"validation.policy.admission.k8s.io/validation_failure": "[]"}
    for answer, made in [("allow", create(annotations={ours: "allow"})), ("deny", create(annotations={ours: "deny"}, responseStatus=DENIED)),
                         ("warn", create(annotations=both)), ("admitted", create(annotations={"x.example/decision": "perhaps"})),
                         ("rejected", create(responseStatus={"code": 422, "message": "ValidatingAdmissionPolicy 'x' denied request: no"})),
                         ("rejected", create(annotations=failure, responseStatus={"code": 422})), ("failed", create(responseStatus={"code": 409}))]:
        found = replay([made])
        check(list(found["summary"]["then"]) == [answer], answer, found["summary"]["then"])


@test
def environment__of_the_recorded_path__applies():
    annotations = {"users.tagmoor.dev/environment": "dev (path)", "users.tagmoor.dev/decision": "allow"}
    check(replay([create(annotations=annotations)])["environments"][0]["name"] == "dev", "the recorded one")
    check(replay([create(annotations=annotations)], "--environment", "production")["environments"][0]["name"] == "production", "the option's")


@test
def user__impersonated__is_the_one_whom_admission_saw():
    found = replay([create(impersonatedUser={"username": "deployer"})])
    check([each["name"] for each in found["users"]] == ["deployer"], found["users"])


@test
def finding__once_with_count_and_times():
    log = [at(3, create(annotations={"users.tagmoor.dev/decision": "allow"})), at(1, create()), at(2, create(responseStatus=DENIED)),
           at(9, create(image="nginx:1.27.3"))]
    found = replay(log)
    check(len(found["findings"]) == 1, found["findings"])
    one = found["findings"][0]
    check((one["requests"], one["admittedThen"], one["deniedThen"]) == (3, 2, 1), one)
    check((one["first"], one["last"]) == ("2027-01-01T00:00:01Z", "2027-01-01T00:00:03Z"), one)
    check((one["kind"], one["name"], one["image"], one["class"], one["path"]) == ("Pod", "web", "nginx:latest", "channel", "spec.containers[0]"), one)


@test
def finding__names_of_generated_pods__counted_together():
    owner = {"ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "controller": True}]}
    for metadata, kind, name in [({"generateName": "web-"}, "Pod", "web-*"), (owner, "ReplicaSet", "web-1")]:
        log = []
        for number in range(3):
            asked, stored = pod("nginx", **metadata), pod("nginx", **{**metadata, "name": f"web-{number}"})
            del asked["metadata"]["name"]
            log.append(create(requestObject=asked, responseObject=stored, objectRef={**PODS, "name": f"web-{number}"}))
        found = replay(log)["findings"]
        check([(each["kind"], each["name"], each["requests"]) for each in found] == [(kind, name, 3)], found)


@test
def exemption__by_name__applies_to_a_generated_one():
    asked, stored = pod("nginx", generateName="once-"), pod("nginx", generateName="once-", name="once-x7k2p")
    del asked["metadata"]["name"]
    policy = STRICT + 'exemptions:\n- {name: once, reason: it is needed, permanent: true, match: {names: ["once-*"]}}\n'
    log = [create(requestObject=asked, responseObject=stored, objectRef={"resource": "pods", "namespace": "shop"})]
    check(decisions(replay(log, policy=policy)) == {"audited": 1} and decisions(replay(log)) == {"denied": 1},
          replay(log, policy=policy)["summary"])


@test
def name__too_long_for_a_key__undecided_and_nothing_of_the_event_before():
    name = "n" * 70000  # the sanitizer would find a use of the texts of the first event
    stored = {**deployment("nginx:1"), "metadata": {"name": name, "namespace": "shop"}}
    long = update(objectRef={**DEPLOYMENTS, "name": name}, requestObject=stored, responseObject=stored)
    found = replay([update("nginx:1"), long, create("nginx:1.27.3")])
    check(counted(found, "summary", "undecided").get("too-large") == 1 and decisions(found) == {"allowed": 1}, found["summary"])


@test
def compare__only_what_changes():
    log = [create(), create("nginx:1.27.3")]
    found = replay(log, "--fail-on", "deny", older=LOOSE)
    check([(each["image"], each["before"], each["decision"]) for each in found["findings"]] == [("nginx:latest", "warn", "deny")], found["findings"])
    check(found["summary"]["before"] == {"allow": {"allowed": 1, "audited": 0, "warned": 0, "denied": 0},
                                         "warn": {"allowed": 0, "audited": 0, "warned": 0, "denied": 1}}, found["summary"])
    check(replay(log, older=STRICT)["findings"] == [], "the same policy")


@test
def exit_status__by_fail_on():
    with folder() as where:
        strict, loose = write(where, "strict.yaml", STRICT), write(where, "loose.yaml", LOOSE)
        for flags, expected in [(["--policy", strict], 0), (["--policy", strict, "--fail-on", "deny"], 1),
                                (["--policy", loose, "--fail-on", "deny"], 0), (["--policy", loose, "--fail-on", "warn"], 1),
                                (["--policy", strict, "--compare", strict, "--fail-on", "deny"], 0),
                                (["--policy", strict, "--compare", loose, "--fail-on", "deny"], 1),
                                (["--policy", strict, "--compare", loose, "--fail-on", "warn"], 0)]:
            status, _, err = tagmoor("replay", *flags, "-", stdin=lines([create()]))
            check(status == expected and err == "", flags, status, err)


@test
def period__from_and_to__inclusive_and_earlier_objects_known():
    log = [at(1, update("nginx:1.27.3")), at(2, update()), at(3, create()), at(4, create())]
    found = replay(log, "--from", "2027-01-01T00:00:02Z", "--to", "2027-01-01T00:00:03Z")
    check(decisions(found) == {"denied": 2} and counted(found, "summary", "notEvaluated") == {"time": 2}, found["summary"])
    check(replay(log, "--from", "2027-01-01", "--to", "2027-01-01")["summary"]["evaluated"] >= 3, "a whole day")
    for flags, text in [(["--from", "2027-01-02", "--to", "2027-01-01"], "'--from' is later than '--to'"), (["--to", "x"], "invalid time 'x' for '--to'")]:
        check_fails(tagmoor("replay", *flags, "-", stdin=lines(log)), text)


@test
def exemptions__at_the_time_of_the_event__or_of_now():
    exempt = STRICT + "exemptions:\n- {name: old, reason: migration, expires: 2027-01-31, match: {namespaces: [shop]}}\n"
    check(decisions(replay([at(1, create())], policy=exempt)) == {"audited": 1}, "then")
    check(decisions(replay([at(1, create())], "--now", "2027-02-01", policy=exempt)) == {"denied": 1}, "later")


@test
def duplicate__counted_once():
    found = replay([create(auditID="a"), create(auditID="b"), create(auditID="a")])
    check(decisions(found) == {"denied": 2} and counted(found, "summary", "notEvaluated") == {"duplicate": 1}, found["summary"])


@test
def damaged_lines__said_and_counted():
    good = lines([create()])
    deep = b'{"kind":"Event","x":' + b"[" * 200000 + b"\n"
    damaged = [good[:100] + b"\n", b"\0\0\n", b"[1, 2]\n", b'{"kind": "Pod"}\n', deep, b'{"kind":"Event","kind":"Event"}\n', good[:-5]]
    status, out, err = tagmoor("replay", "-o", "json", "-", stdin=b"\n" + good + b"".join(damaged))
    found = json.loads(out)
    check(status == 0 and decisions(found) == {"denied": 1}, status, found["summary"])
    check(sum(found["summary"]["damagedLines"].values()) == len(damaged), found["summary"]["damagedLines"])
    said = err.splitlines()
    check(len(said) == 6 and said[0].startswith("tagmoor: replay: standard input:3: ") and said[5].endswith(": 2 more damaged lines"), err)


@test
def huge_line__skipped_and_counted():
    status, out, err = tagmoor("replay", "-o", "json", "-", stdin=b"x" * (9 * 1024 * 1024) + b"\n" + lines([create()]))
    found = json.loads(out)
    check(status == 0 and found["summary"]["damagedLines"]["too-long"] == 1 and decisions(found) == {"denied": 1}, err, found["summary"])


@test
def files__gzip_and_plain_in_order__unreadable_ones_said():
    with folder() as where:
        packed = os.path.join(where, "audit.log.1.gz")
        with gzip.open(packed, "wb") as file:
            file.write(lines([at(1, update("nginx:1.27.3"))]))
        plain = write(where, "audit.log", lines([at(2, update())]).decode())
        status, out, _ = tagmoor("replay", "-o", "json", packed, plain)
        check(status == 0 and decisions(json.loads(out)) == {"allowed": 1, "denied": 1}, out)
        status, out, err = tagmoor("replay", "-o", "json", os.path.join(where, "none"), plain)
        check(status == 2 and json.loads(out)["summary"]["files"] == 1 and "cannot open" in err, status, err)
        with open(packed, "r+b") as file:
            file.truncate(200)
        status, _, err = tagmoor("replay", packed, plain)
        check(status == 2 and "damaged" in err, status, err)


@test
def nothing_to_replay__status_2():
    for words, stdin, text in [([], b"", "name a log"), (["-"], b"", "no event"), (["-"], b"{}\n", "no event")]:
        status, _, err = tagmoor("replay", *words, stdin=stdin)
        check(status == 2 and text in err, words, status, err)


@test
def more_names_than_the_limits__counted_together():
    log = b"".join(lines([create(f"app-{number}:latest", user={"username": f"u{number}"})]) for number in range(50010))
    found = replay(log)
    check(len(found["findings"]) == 20000 and found["otherFindings"] == 30010, len(found["findings"]), found["otherFindings"])
    check(len(found["users"]) == 10000 and found["others"]["users"]["denied"] == 40010, found["others"])
    check(len(found["images"]) == 50000 and found["others"]["images"]["denied"] == 10, found["others"])


@test
def text__for_a_reader__control_characters_escaped():
    hostile = create("nginx:\u001b[31mlatest", user={"username": "mallory\u001b]0;x\u0007"})
    status, out, err = tagmoor("replay", "-", stdin=lines([create(), hostile]))
    check(status == 0 and "\x1b" not in out and "\x07" not in out and err == "", out, err)
    for text in ("2 events in 1 file", "evaluated: 2 requests: 2 denied", "deny nginx:latest (channel) at spec.containers[0]",
                 "namespace shop, Pod web, user jane@example.com, environment production", "then 1 admitted", r"mallory\x1b]0;x\x07"):
        check(text in out, text, out)


@test
def text__many_findings__limited_unless_full():
    log = lines([create(f"app-{number}:latest") for number in range(120)])
    _, short, _ = tagmoor("replay", "-", stdin=log)
    _, full, _ = tagmoor("replay", "--full", "-", stdin=log)
    check(short.count("\ndeny ") == 100 and "and 20 more findings: see --full" in short, short)
    check(full.count("\ndeny ") == 120 and "see --full" not in full, full)


def flatten(value, at_path, found):
    """Adds the path of each member to `found`, as the page writes it."""
    if isinstance(value, dict):
        for key, member in value.items():
            flatten(member, f"{at_path}.{key}" if at_path else key, found)
    elif isinstance(value, list):
        for item in value:
            flatten(item, at_path + "[]", found)
    else:
        found.add(at_path)
    return found


@test
def page__members_of_the_output_and_no_more():
    with open(PAGE, encoding="utf-8") as file:
        section = file.read().split(".Ss replay: json\n")[1].split("\n.Sh ")[0]
    documented = {name for row in re.findall(r"^\.It Va (.+)$", section, re.M) for name in row.split(" , ")}
    found = flatten(replay([create()], older=LOOSE), "", set())
    # A row of decisions appears only with a request, so that its name is compared with the program's own lists.
    rows = {f"summary.{part}.{row}.{decision}" for part, names in (("then", "allow audit warn deny admitted rejected failed"), ("before", "allow audit warn deny"))
            for row in names.split() for decision in ("allowed", "audited", "warned", "denied")}
    others = {f"others.{by}.{decision}" for by in ("environments", "namespaces", "users", "images") for decision in ("allowed", "audited", "warned", "denied")}
    check(documented - found <= rows | others and found <= documented, "only in the page:", documented - found - rows - others,
          "only in the output:", found - documented)


main()

#!/usr/bin/env python3
"""`tagmoor scan` over clusters that a kubectl of our own answers for (tests/scan/kubectl)."""
import difflib
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

from fake_cluster import (Cluster, binding, containers, deployment, dump, example, made, namespace, pod, role, roles,
                          template, workload)
from harness import (HERE, IS_SANITIZED, KUBECTL, TAGMOOR, Result, Skip, check, check_equal, lay_out, main, require_terminal, scan, test,
                     write)

DEFAULT = subprocess.run([TAGMOOR, "policy", "show", "--default"], capture_output=True, check=True).stdout.decode()
PRODUCTION = """\
version: 1
grammar: 1
environments:
- name: production
  default: true
  enforce: release
"""


def scan_dump(text, *args, output="json", stdin=None):
    with tempfile.TemporaryDirectory() as folder:
        path = "-" if stdin is not None else write(folder, "dump.json", text)
        done = subprocess.run([TAGMOOR, "scan", path, "-o", output, *args], capture_output=True, timeout=300,
                              input=stdin.encode() if stdin is not None else b"", check=False)
        return Result(done)


# --- what is refused when ---------------------------------------------------------------------------


@test
def example__all_formats_of_its_own__as_expected():
    for output in ("text", "tsv", "json"):
        result = scan(example(), output=output)
        check_equal((result.status, result.err), (1, ""))
        text = re.sub(r'"tagmoor": "[^"]*"', '"tagmoor": "VERSION"', result.out)
        path = os.path.join(HERE, "expected", f"example.{output}")
        if "--write" in sys.argv and not os.path.exists(path):
            write(os.path.dirname(path), os.path.basename(path), text)
        with open(path, encoding="utf-8") as stream:
            wanted = stream.read()
        check(text == wanted, "\n".join(difflib.unified_diff(wanted.splitlines(), text.splitlines(), lineterm="")))


@test
def clean_cluster__nothing_listed_and_0():
    result = scan(deployment("shop", "web", web="nginx:1.27.3"), output="text")
    check_equal(result.status, 0, result)
    check(result.out.startswith("would be refused:\n  on the next change  0 images"), result)


@test
def deployment__once_with_its_pods_and_without_older_replica_sets():
    found = deployment("shop", "web", pods=3, web="nginx:latest")
    found.append(workload("ReplicaSet", "shop", "web-66666", found[0], web="nginx:stable"))
    result = scan(found)
    check_equal(result.refused, {"shop Deployment web web nginx:latest": "recreation"})
    check_equal(result.json["findings"][0]["pods"], 3)
    check_equal(result.json["findings"][0]["path"], "spec.template.spec.containers[0]")
    check_equal(result.json["findings"][0]["outcomes"],
                {"change": "warned", "eviction": "passed", "recreation": "refused"})


@test
def unchanged_enforced__refused_on_a_change():
    result = scan(deployment("shop", "web", web="nginx:latest"),
                  policy=PRODUCTION + "  unchanged: {enforce: release}\n")
    check_equal(result.refused, {"shop Deployment web web nginx:latest": "change recreation"})


@test
def controllers_enforced__refused_on_eviction():
    result = scan(deployment("shop", "web", web="nginx:latest"),
                  policy=PRODUCTION + "controllers: {enforce: release}\n")
    check_equal(result.refused, {"shop Deployment web web nginx:latest": "eviction recreation"})


@test
def injected_sidecar__stands_in_the_pod_alone__refused_on_eviction_where_controllers_are():
    found = deployment("shop", "web", pods=2, web="nginx:1.27.3")
    for one in found[-2:]:
        one["spec"]["containers"].append({"name": "proxy", "image": "istio/proxyv2:latest"})
    check_equal(scan(found).refused, {})
    result = scan(found, policy=PRODUCTION + "controllers: {enforce: release}\n")
    check_equal(result.refused, {"shop Deployment web proxy istio/proxyv2:latest": "eviction"})


@test
def each_built_in_controller__its_pods_come_back():
    kinds = [("ReplicaSet", "apps/v1"), ("StatefulSet", "apps/v1"), ("DaemonSet", "apps/v1"), ("Job", "batch/v1"),
             ("ReplicationController", "v1")]
    found = []
    for kind, version in kinds:
        top = workload(kind, "shop", kind.lower(), version=version, main="a:latest")
        found += [top, pod("shop", kind.lower() + "-1", top, main="a:latest")]
    result = scan(found)
    check_equal(set(result.refused.values()), {"recreation"}, result)
    check_equal(len(result.refused), len(kinds))
    check_equal({f["outcomes"]["eviction"] for f in result.json["findings"]}, {"passed"})


@test
def pod_of_nobody__is_not_brought_back():
    result = scan([pod("shop", "shell", shell="busybox")])
    check_equal(result.json["findings"][0]["outcomes"], {"change": "warned", "recreation": "refused"})


@test
def ephemeral_container__does_not_come_again():
    found = pod("shop", "shell", shell="busybox:1.36.1")
    found["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": "alpine"}]
    result = scan([found])
    check_equal(result.json["findings"][0]["outcomes"], {"change": "warned"})
    check_equal(result.status, 0)


@test
def static_pods_and_what_is_being_deleted__counted():
    static = pod("shop", "etcd-node", etcd="etcd:latest", metadata={
        "annotations": {"kubernetes.io/config.mirror": "1"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "1", "controller": True}]})
    gone = pod("shop", "gone", gone="a:latest", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    result = scan([static, gone])
    check_equal(result.refused, {})
    check_equal(result.json["summary"]["notJudged"],
                {"excludedNamespaces": 0, "staticPods": 1, "objectsBeingDeleted": 1, "otherKinds": 0})


@test
def mode_warn__what_it_will_refuse_is_refused():
    policy = PRODUCTION.replace("grammar: 1\n", "grammar: 1\nmode: warn\n")
    result = scan(deployment("shop", "web", web="nginx:latest"), policy=policy)
    check_equal(result.refused, {"shop Deployment web web nginx:latest": "recreation"})
    check("this is what mode enforce does" in " ".join(
        scan(deployment("shop", "web", web="nginx:latest"), policy=policy, output="text").out.split()))


@test
def exemption__holds_for_the_deployment_and_its_pods():
    policy = PRODUCTION + """\
controllers: {enforce: release}
exemptions:
- name: web
  reason: "known since long"
  permanent: true
  match: {kinds: [Deployment], names: [web]}
"""
    found = deployment("shop", "web", web="nginx:latest") + deployment("shop", "other", web="nginx:latest")
    result = scan(found, policy=policy)
    check_equal(result.refused, {"shop Deployment other web nginx:latest": "eviction recreation"})


@test
def object_of_the_wrong_shape__refused_as_a_whole():
    result = scan([made("apps/v1", "Deployment", "shop", "web", {"template": {"spec": {"containers": "none"}}})])
    check_equal(result.json["findings"][0]["class"], "misshapen")
    check_equal(result.refused, {"shop Deployment web - -": "change recreation"})


@test
def re_creation__agrees_with_check_on_every_object_of_a_person():
    found = [one for one in example() if "ownerReferences" not in one["metadata"] and "deletionTimestamp" not in one["metadata"]
             and one["metadata"].get("namespace") != "kube-system"]
    mine = {(f["kind"], f["namespace"], f["name"], f["path"], f["image"]): f["outcomes"]["recreation"]
            for f in scan(found).json["findings"] if "recreation" in f["outcomes"]}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([TAGMOOR, "check", "-o", "json", write(folder, "all.json", dump(found))],
                              capture_output=True, check=False, timeout=60)
    theirs = {(f["kind"], f["namespace"], f["name"], f["path"], f["image"]): f["outcome"]
              for f in json.loads(done.stdout)["findings"] if "ephemeral" not in f["path"]}
    check(len(theirs) > 5, theirs)
    check_equal(mine, theirs)


# --- owners -----------------------------------------------------------------------------------------


@test
def forged_owner__does_not_hide_a_workload():
    for owner in (made("v1", "Pod", "shop", "other"), made("apps/v1", "Deployment", "shop", "other"),
                  made("example.com/v1", "Thing", "shop", "other"), made("v1", "ConfigMap", "shop", "other")):
        result = scan([workload("Deployment", "shop", "web", owner, web="nginx:latest")])
        check("recreation" in list(result.refused.values())[0], owner["kind"], result)


@test
def owners_in_a_circle__each_is_still_judged():
    one, two = workload("StatefulSet", "shop", "one", a="a:latest"), workload("StatefulSet", "shop", "two", b="b:latest")
    three = workload("StatefulSet", "shop", "three", c="c:latest")
    for owned, owner in ((one, two), (two, three), (three, one)):
        owned["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "StatefulSet", "controller": True,
                                                 "name": owner["metadata"]["name"], "uid": "1"}]
    result = scan([one, two, three])
    check_equal(sorted(key.split()[-1] for key in result.refused), ["a:latest", "b:latest", "c:latest"], result)


@test
def chain_of_twenty_owners__nothing_is_lost():
    found, owner = [], None
    for i in range(20):
        owner = workload("StatefulSet", "shop", f"s{i:02}", owner, **{f"c{i:02}": f"a{i:02}:latest"})
        found.append(owner)
    check_equal(len(scan(found).refused), 20)
    check_equal(len(scan(list(reversed(found))).refused), 20)


@test
def owner_that_is_not_there__named():
    middle = workload("ReplicaSet", "shop", "web-66666", made("apps/v1", "Deployment", "shop", "web"), web="a:latest")
    result = scan([middle, pod("shop", "web-66666-1", middle, web="a:latest")],
                  policy=PRODUCTION + "controllers: {enforce: release}\n")
    check_equal(result.refused, {"shop Deployment web web a:latest": "eviction"})


# --- operators --------------------------------------------------------------------------------------


def podset(name="events", **images):
    owner = made("core.kafka.example.io/v1", "PodSet", "data", name, {})
    return [owner] + [pod("data", f"{name}-{i}", owner, **images) for i in range(2)]


@test
def operator__named_by_its_role_and_the_line_is_ready():
    result = scan(podset(kafka="kafka:latest") + roles(), output="text")
    line = "  - system:serviceaccount:kafka:cluster-operator  # PodSet.core.kafka.example.io: 2 Pods\n"
    check("\ncontrollers:\n  users:\n" + line in result.out, result)
    # Those lines, as they are, behind a policy.
    start = result.out.index("controllers:\n")
    lines = result.out[start:result.out.index("\n\n", start)] + "\n"
    before, after = (scan(podset(kafka="kafka:latest") + roles(), policy=PRODUCTION + more) for more in ("", lines))
    check_equal(before.refused, {"data PodSet events kafka kafka:latest": "eviction"})
    check_equal((after.status, after.refused, after.json["operators"]), (0, {}, []))


@test
def operator_whose_images_pass__is_not_named():
    result = scan(podset(kafka="kafka:3.9.0") + roles())
    check_equal((result.status, result.json["operators"]), (0, []))
    check(any("clusterroles" in a for a in result.addresses), result)


@test
def no_operator__roles_are_not_asked_for():
    result = scan(deployment("shop", "web", web="nginx:latest"))
    check(not any("rbac" in a for a in result.addresses), result.addresses)


@test
def operator_named_by_a_glob__its_pods_pass():
    result = scan(podset(kafka="kafka:latest") + roles(),
                  policy=PRODUCTION + 'controllers: {users: ["system:serviceaccount:kafka:*"]}\n')
    check_equal((result.status, result.refused), (0, {}))


@test
def operator__enforced_though_named__is_not_named_again():
    result = scan(podset(kafka="kafka:latest") + roles(), policy=PRODUCTION +
                  'controllers: {users: ["system:serviceaccount:kafka:*"], enforce: release}\n')
    check_equal(result.refused, {"data PodSet events kafka kafka:latest": "eviction"})
    check_equal(result.json["operators"], [])


@test
def binding_in_a_namespace__counts_there_alone():
    every = ["*"]
    rules = [role("o", ([""], ["pods"], every), (["core.kafka.example.io"], ["podsets/status"], every))]
    here = binding("o", "ClusterRole", "o", "kafka", "operator", namespace="data")
    there = binding("o", "ClusterRole", "o", "kafka", "operator", namespace="elsewhere")
    users = [scan(podset(kafka="a:latest") + rules + [one]).json["operators"][0]["users"] for one in (here, there)]
    check_equal(users, [["system:serviceaccount:kafka:operator"], []])


@test
def role_of_a_namespace__is_found():
    rules = role("o", (["", "core.kafka.example.io"], ["*"], ["*"]), namespace="data")
    bound = binding("o", "Role", "o", "kafka", "operator", namespace="data")
    result = scan(podset(kafka="a:latest") + [rules, bound])
    check_equal(result.json["operators"][0]["users"], ["system:serviceaccount:kafka:operator"])


@test
def rights_in_two_roles__add_up():
    found = [role("a", ([""], ["pods"], ["create"])), role("b", (["core.kafka.example.io"], ["podsets"], ["update"])),
             binding("a", "ClusterRole", "a", "kafka", "operator"), binding("b", "ClusterRole", "b", "kafka", "operator"),
             binding("c", "ClusterRole", "b", "kafka", "other")]
    result = scan(podset(kafka="a:latest") + found)
    check_equal(result.json["operators"][0]["users"], ["system:serviceaccount:kafka:operator"])


@test
def only_administrators__are_a_guess_and_a_comment():
    found = [role("cluster-admin", (["*"], ["*"], ["*"])),
             binding("a", "ClusterRole", "cluster-admin", "olm", "operator"),
             binding("b", "ClusterRole", "cluster-admin", "kube-system", "clusterrole-aggregation-controller")]
    result = scan(podset(kafka="a:latest") + found)
    check_equal((result.json["operators"][0]["users"], result.json["operators"][0]["guess"]),
                (["system:serviceaccount:olm:operator"], True))
    text = scan(podset(kafka="a:latest") + found, output="text").out
    check("  # - system:serviceaccount:olm:operator  # PodSet.core.kafka.example.io: 2 Pods; a guess: it may write everything\n" in text, text)


EVERY = ["create", "update", "patch", "get", "list", "watch"]
KAFKA = "core.kafka.example.io"


def operator_role(name="o", namespace=""):
    return role(name, ([""], ["pods"], EVERY), ([KAFKA], ["podsets", "podsets/status"], EVERY), namespace=namespace)


def proposals(*found, **more):
    """What the text proposes for controllers.users: lines that count, and comments."""
    lines = scan([*found], output="text", **more).out.split("controllers:\n  users:\n")[1].split("\n\n")[0].splitlines()
    return ([line[4:].split("  # ")[0] for line in lines if line.startswith("  - ")],
            [line[4:] for line in lines if line.startswith("  # ")])


def check_comment(found, account, reason):
    """The account is a comment with that reason, in the text and in JSON."""
    named, comments = proposals(*podset(kafka="a:latest"), *found)
    user = f"system:serviceaccount:{account}"
    check_equal(named, [])
    check(any(line.startswith(f"- {user}  # ") and reason in line for line in comments), comments)
    operator = scan(podset(kafka="a:latest") + found).json["operators"][0]
    check(operator["guess"] and reason in operator["doubts"][operator["users"].index(user)], operator)


@test
def account_of_a_tenant__by_a_binding_of_his_namespace__is_a_comment():
    # His Pod names a custom resource as its owner; role and binding are his too.
    check_comment([operator_role(namespace="data"), binding("o", "Role", "o", "data", "mine", namespace="data")],
                  "data:mine", "RoleBinding")
    check_comment([operator_role("cluster"), binding("o", "ClusterRole", "cluster", "data", "mine", namespace="data")],
                  "data:mine", "RoleBinding")
    # One half of the rights in all namespaces, the other by a binding of his own.
    halves = [role("a", ([""], ["pods"], ["create"])), role("b", ([KAFKA], ["podsets", "podsets/status"], EVERY))]
    for own, given in (("a", "b"), ("b", "a")):
        check_comment([*halves, binding("own", "ClusterRole", own, "data", "mine", namespace="data"),
                       binding("given", "ClusterRole", given, "data", "mine")], "data:mine", "RoleBinding")


@test
def account_of_a_tenant__beside_the_operator__does_not_become_a_line():
    mine = [operator_role(namespace="data"), binding("o", "Role", "o", "data", "mine", namespace="data")]
    real = [operator_role("real"), binding("real", "ClusterRole", "real", "kafka", "operator")]
    named, comments = proposals(*podset(kafka="a:latest"), *mine, *real)
    check_equal(named, ["system:serviceaccount:kafka:operator"], comments)
    # A Role that has the name of the operator's ClusterRole says nothing of it.
    alike = [role("real", ([""], ["pods"], ["get"]), namespace="data"), binding("b", "Role", "real", "data", "mine", namespace="data")]
    check_equal(proposals(*podset(kafka="a:latest"), *alike, *real)[0], named)


@test
def several_accounts_with_the_rights__are_comments():
    check_comment([operator_role(), binding("a", "ClusterRole", "o", "kafka", "operator"),
                   binding("b", "ClusterRole", "o", "ci", "deployer")], "ci:deployer", "one of several")
    # What may write every resource of the group may write their status too.
    wide = role("wide", (["", "apps", KAFKA], ["*"], ["*"]))
    check_comment([operator_role(), binding("a", "ClusterRole", "o", "kafka", "operator"),
                   wide, binding("b", "ClusterRole", "wide", "ci", "deployer")], "kafka:operator", "one of several")


@test
def pipelines_without_an_operator__are_comments():
    for resources in (["*"], ["podsets"]):
        wide = role("wide", ([""], ["pods"], EVERY), ([KAFKA], resources, EVERY))
        check_comment([wide, binding("b", "ClusterRole", "wide", "ci", "deployer")], "ci:deployer", "no status")


@test
def rule_for_single_names__is_no_evidence():
    narrow = role("o", ([""], ["pods"], EVERY), ([KAFKA], ["podsets", "podsets/status"], EVERY))
    for rule in narrow["rules"]:
        rule["resourceNames"] = ["one"]
        result = scan(podset(kafka="a:latest") + [narrow, binding("o", "ClusterRole", "o", "kafka", "operator")])
        check_equal(result.json["operators"][0]["users"], [])
        del rule["resourceNames"]


@test
def accounts_that_are_none__are_not_proposed():
    bad = ["*", "a b", "a\n  - evil", "Operator", "", "a:b", "?", "[a]"]
    found = [operator_role()]
    for number, name in enumerate(bad):
        found += [binding(f"a{number}", "ClusterRole", "o", name, "x"), binding(f"b{number}", "ClusterRole", "o", "x", name)]
        found.append(binding(f"c{number}", "ClusterRole", "o", "", ""))
        found[-1]["subjects"] = [{"kind": "User", "name": f"system:serviceaccount:x:{name}"}, {"kind": "Group", "name": name}]
    named, comments = proposals(*podset(kafka="a:latest"), *found)
    check_equal((named, len(comments)), ([], 1), comments)
    check("no role tells whose" in comments[0], comments)


@test
def account_that_is_bound_as_a_user__is_found():
    bound = binding("o", "ClusterRole", "o", "", "")
    bound["subjects"] = [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "system:serviceaccount:kafka:operator"}]
    check_equal(proposals(*podset(kafka="a:latest"), operator_role(), bound)[0], ["system:serviceaccount:kafka:operator"])


@test
def many_candidates__named_in_part_and_counted():
    found = [operator_role()] + [binding(f"b{i}", "ClusterRole", "o", "ci", f"deployer-{i}") for i in range(9)]
    named, comments = proposals(*podset(kafka="a:latest"), *found)
    check_equal((named, len(comments)), ([], 5), comments)
    check("and 5 more accounts" in comments[-1], comments)


@test
def one_operator_in_many_namespaces__is_one_line():
    found = [operator_role(), binding("o", "ClusterRole", "o", "kafka", "operator")]
    for number in range(5):
        owner = made(f"{KAFKA}/v1", "PodSet", f"team-{number}", "events", {})
        found.append(pod(f"team-{number}", "events-0", owner, kafka="a:latest"))
    operators = scan(found).json["operators"]
    check_equal([(o["users"], o["pods"]) for o in operators], [(["system:serviceaccount:kafka:operator"], 5)])


@test
def many_owners_that_a_tenant_writes__cost_little_and_hide_no_operator():
    found = podset(kafka="a:latest") + [operator_role(), binding("o", "ClusterRole", "o", "kafka", "operator")]
    found += [role(f"r{i}", *[(["a"], ["b", "c"], EVERY)] * 10) for i in range(200)]
    found += [binding(f"b{i}", "ClusterRole", f"r{i % 200}", "x", f"a{i}") for i in range(2000)]
    for number in range(3000):
        owner = made(f"g{number}.x.io/v1", "Thing", "aaa", "n", {})
        found.append(pod("aaa", f"p{number}", owner, web="a:latest"))
    start = time.monotonic()
    result = scan(found)
    check(time.monotonic() - start < (200 if IS_SANITIZED else 20), time.monotonic() - start)
    check_equal([o["users"] for o in result.json["operators"] if o["users"]], [["system:serviceaccount:kafka:operator"]])


@test
def owner_that_does_not_control__is_the_operators():
    # As Strimzi and the Operator Lifecycle Manager write them: without `controller: true`.
    for value in (None, False):
        found = podset(kafka="a:latest") + [operator_role(), binding("o", "ClusterRole", "o", "kafka", "operator")]
        for one in found[1:3]:
            reference = one["metadata"]["ownerReferences"][0]
            del reference["controller"]
            if value is not None:
                reference["controller"] = value
            # What Kubernetes owns, or nothing of the cluster does, comes first and says nothing.
            one["metadata"]["ownerReferences"][:0] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "1"},
                                                      {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "b", "uid": "2"}]
        result = scan(found)
        check_equal(result.refused, {"data PodSet events kafka a:latest": "eviction"})
        check_equal([o["users"] for o in result.json["operators"]], [["system:serviceaccount:kafka:operator"]])
        check_equal(result.json["operators"][0]["pods"], 2)


@test
def owner_that_does_not_control__of_a_deployment__is_its_operators():
    csv = made("operators.coreos.com/v1alpha1", "ClusterServiceVersion", "data", "csv", {})
    deployed = workload("Deployment", "data", "web", csv, web="a:latest")
    del deployed["metadata"]["ownerReferences"][0]["controller"]
    rules = [role("olm", (["apps"], ["deployments"], EVERY), (["operators.coreos.com"], ["clusterserviceversions/status"], EVERY)),
             binding("olm", "ClusterRole", "olm", "olm", "olm-operator")]
    result = scan([deployed, *rules])
    check_equal([(o["kind"], o["users"], o["objects"]) for o in result.json["operators"]],
                [("ClusterServiceVersion", ["system:serviceaccount:olm:olm-operator"], 1)])


@test
def owner_of_a_group_of_kubernetes__makes_no_pods():
    rules = [role("o", ([""], ["pods", "pods/status", "configmaps"], EVERY)), binding("o", "ClusterRole", "o", "ci", "deployer")]
    for api, kind in (("v1", "ConfigMap"), ("apps/v1", "Deployment"), ("apps/v1", "ControllerRevision"), ("batch/v1", "CronJob")):
        owned = pod("data", "a", made(api, kind, "data", "o", {}), web="a:latest")
        check_equal(scan([owned, *rules]).json["operators"], [])


@test
def owners_that_are_no_references__say_nothing():
    for references in (None, "x", {}, [None, 1, "x", [], {}, {"kind": 1, "apiVersion": []}], [{"apiVersion": "a.b/v1"}]):
        one = pod("data", "a", web="a:latest")
        one["metadata"]["ownerReferences"] = references
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([TAGMOOR, "scan", write(folder, "dump.json", dump([one]))], capture_output=True, check=False)
        check(done.returncode == 1 and b"a:latest" in done.stdout, references, done)


@test
def roles_that_may_not_be_read__said_and_the_pods_still_refused():
    forbidden = (403, "Forbidden", 'clusterroles is forbidden: User "me" cannot list resource')
    cluster = {"objects": podset(kafka="a:latest") + roles(),
               "failing": {"clusterroles.rbac.authorization.k8s.io": forbidden}}
    result = scan(cluster, output="text")
    check_equal(result.status, 1, result)
    check('Error from server (Forbidden): clusterroles is forbidden: User "me"' in result.err, result)
    check("# PodSet.core.kafka.example.io: 2 Pods; no role tells whose" in result.out, result)
    check("# roles could not be read, so service accounts are missing here" in result.out, result)


@test
def one_operator_of_two_kinds__one_line_of_the_list():
    rules = [role("o", ([""], ["pods"], ["*"]), (["core.kafka.example.io", "kafka.example.io"], ["*", "*/status"], ["*"])),
             binding("o", "ClusterRole", "o", "kafka", "operator")]
    kafka = made("kafka.example.io/v1beta2", "Kafka", "data", "other", {})
    found = podset(kafka="a:latest") + [kafka, pod("data", "other-0", kafka, main="a:latest")] + rules
    lines = [line for line in scan(found, output="text").out.splitlines() if "serviceaccount:kafka" in line]
    check_equal([line[:4] for line in lines], ["  - ", "  # "], lines)


@test
def replica_sets_of_a_resource_that_is_judged__are_folded_and_of_others_judged():
    rollout = made("argoproj.io/v1alpha1", "Rollout", "data", "front", template(containers(front="a:1.2.3")))
    thing = made("kafka.example.io/v1beta2", "Kafka", "data", "thing", {})
    older = workload("ReplicaSet", "data", "front-1", rollout, front="a:old")
    other = workload("ReplicaSet", "data", "thing-1", thing, main="b:latest")
    check_equal(scan([rollout, older, thing, other]).refused, {"data Kafka thing main b:latest": "recreation"})


# --- two policies -----------------------------------------------------------------------------------


@test
def compare__shows_what_changes_and_only_that():
    found = deployment("shop", "web", web="nginx:latest") + deployment("shop", "api", main="api:1.2.3")
    stricter = PRODUCTION.replace("release", "build")
    result = scan(found, policy=stricter, compare=PRODUCTION)
    check_equal(result.status, 1)
    check_equal([(f["name"], f["outcomes"]["recreation"], f["before"]["recreation"]) for f in result.json["findings"]],
                [("api", "refused", "passed")])
    summary = result.json["summary"]["refused"]["recreation"]
    check_equal(summary, {"workloads": 1, "images": 1, "noLonger": 0})
    milder = scan(found, policy=PRODUCTION, compare=stricter)
    check_equal((milder.status, milder.json["summary"]["refused"]["recreation"]),
                (0, {"workloads": 0, "images": 0, "noLonger": 1}))
    same = scan(found, policy=PRODUCTION, compare=PRODUCTION)
    check_equal((same.status, same.json["findings"]), (0, []))


@test
def compare__text_has_both_and_tsv_six_columns():
    found = deployment("shop", "api", main="api:1.2.3")
    stricter = PRODUCTION.replace("release", "build")
    text = scan(found, policy=stricter, compare=PRODUCTION, output="text").out
    check(re.search(r"main: api:1.2.3 +warned +ok +refused\n +before +ok +ok +ok\n", text), text)
    check("would be refused, and is not by the other policy:" in text, text)
    cells = scan(found, policy=stricter, compare=PRODUCTION, output="tsv").out.rstrip("\n").split("\t")
    check_equal(cells[9:], ["warned", "passed", "refused", "passed", "passed", "passed", "1"])


@test
def compare__kinds_that_one_policy_knows_are_listed_for_both():
    more = """\
customResources:
- resource: kafkas.kafka.example.io
  kind: Kafka
  images: [spec.image]
"""
    found = [made("kafka.example.io/v1beta2", "Kafka", "data", "k", {"image": "kafka:latest"})]
    check_equal(scan(found, policy=PRODUCTION).json["findings"], [])
    newly = scan(found, policy=PRODUCTION + more, compare=PRODUCTION)
    check_equal((newly.status, list(newly.refused)), (1, ["data Kafka k - kafka:latest"]), newly)
    freed = scan(found, policy=PRODUCTION, compare=PRODUCTION + more)
    check_equal((freed.status, freed.json["findings"][0]["before"]["recreation"]), (0, "refused"), freed)


# --- namespaces -------------------------------------------------------------------------------------


@test
def all_namespaces__asks_for_lists_of_all():
    result = scan(example())
    check("/apis/apps/v1/deployments?limit=500" in result.addresses, result.addresses)
    check(result.addresses[-1] == "/api/v1/pods?limit=500", "Pods are last:", result.addresses)
    check(not any("/namespaces" in address for address in result.addresses), "labels do not matter here")


@test
def one_namespace__asks_for_nothing_else():
    result = scan(example(), "-n", "shop")
    check(all("/namespaces/shop/" in address for address in result.addresses), result.addresses)
    check_equal({name.split()[0] for name in result.refused}, {"shop"})
    check(len(result.addresses) > 8, result.addresses)


@test
def no_namespace__that_of_the_context():
    for context, wanted in (("play", "play"), ("", "default")):
        result = scan({"objects": example() + [namespace("default")], "namespace": context}, "--warned")
        check(all(f"/namespaces/{wanted}" in address for address in result.addresses), result)
        check_equal(result.calls[0], ["config", "view", "--minify", "-o", "jsonpath={..namespace}"])


@test
def namespace_that_is_none__refused_before_anything_is_asked():
    for name in ("../kube-system", "a b", "Shop", "x" * 64, "a?b"):
        result = scan([], f"--namespace={name}")
        check_equal((result.status, result.out, result.calls), (2, "", []), name)
        check("is no name of a namespace" in result.err, result)


@test
def namespace_that_is_not_there__said_and_2():
    result = scan(example(), "-n", "nope")
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["namespaces"]), result)
    check('namespaces "nope" not found' in result.err and result.err.count("tagmoor: ") == 1, result)
    labels = scan(example(), "-n", "nope", policy=LABELS)
    check_equal((labels.status, labels.err.count("tagmoor: ")), (2, 1), labels)
    warned = scan(example(), "-n", "nope", warning="W1122 10:00:00 exec plugin: this API version is deprecated")
    check_equal((warned.status, [e["list"] for e in warned.json["errors"]]), (2, ["namespaces"]), warned)


@test
def namespace_without_anything__0():
    result = scan([*example(), namespace("idle")], "-n", "idle")
    check_equal((result.status, result.json["errors"]), (0, []), result)
    hidden = {"objects": example(), "failing": {"namespaces": (403, "Forbidden", "namespaces is forbidden")}}
    result = scan(hidden, "-n", "idle")
    check_equal((result.status, result.json["errors"], "forbidden" in result.err), (0, [], False), result)


@test
def namespace_and_all__two_ways():
    result = scan(example(), "-A", "-n", "shop")
    check_equal((result.status, result.err), (2, "tagmoor: scan: -n and -A are two ways to say what to scan: give one\n"))


LABELS = PRODUCTION + """\
- name: sandbox
  namespaceLabels: {environment: [sandbox]}
  enforce: any
"""


@test
def labels_of_namespaces__choose_the_environment():
    check_equal({name for name in scan(example()).refused if name.startswith("play ")},
                {"play Deployment try try_ shop/try:main"})
    result = scan(example(), policy=LABELS)
    check_equal({name for name in result.refused if name.startswith("play ")}, set())
    check("/api/v1/namespaces?limit=500" in result.addresses, result.addresses)
    one = scan(example(), "-n", "play", policy=LABELS)
    check_equal((one.status, one.refused), (0, {}))
    check("/api/v1/namespaces/play" in one.addresses, one.addresses)


@test
def labels_that_may_not_be_read__said_and_2():
    cluster = {"objects": example(), "failing": {"namespaces": (403, "Forbidden", "namespaces is forbidden")}}
    result = scan(cluster, policy=LABELS)
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["namespaces"]), result)
    check("namespaces is forbidden" in result.err and "cannot read namespaces" in result.err, result)


@test
def excluded_namespaces__kube_system_unless_it_is_named():
    found = deployment("kube-system", "dns", dns="dns:latest") + deployment("shop", "web", web="nginx:latest")
    cases = [(["-A"], {"shop"}), (["-n", "kube-system"], {"kube-system"}),
             (["-A", "--exclude", "shop"], {"kube-system"}), (["-A", "--exclude", "shop", "--exclude", "kube-system"], set())]
    for args, wanted in cases:
        check_equal({name.split()[0] for name in scan(found, *args).refused}, wanted, args)
    check_equal(scan(found).json["summary"]["notJudged"]["excludedNamespaces"], 3)


# --- kubectl ----------------------------------------------------------------------------------------


@test
def pages__together_say_what_one_page_says():
    whole = scan(example())
    paged = scan(example(), "-A", "--chunk-size", "2")
    check_equal(paged.json, whole.json)
    check(len(paged.addresses) > len(whole.addresses) + 10, paged.addresses)
    check(any("limit=2&continue=" in address for address in paged.addresses), paged.addresses)


@test
def list_that_expires__says_what_to_do():
    cluster = {"objects": example(), "failing": {
        "pods": (410, "Expired", "The provided continue parameter is too old to display a consistent list result.")}}
    result = scan(cluster, "-A", "--chunk-size", "2")
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["pods"]), result)
    check("scan again, with a larger --chunk-size" in result.err, result)


@test
def list_that_may_not_be_read__passed_on_and_the_others_judged():
    cluster = {"objects": example(), "failing": {
        "deployments.apps": (403, "Forbidden", 'deployments.apps is forbidden: User "me" cannot list')}}
    result = scan(cluster)
    check_equal(result.status, 2)
    check_equal(result.json["errors"], [{"list": "deployments.apps", "text": (
        f"'{KUBECTL}' failed with status 1: Error from server (Forbidden): deployments.apps is forbidden: "
        'User "me" cannot list')[:255]}])
    check('Error from server (Forbidden): deployments.apps is forbidden: User "me" cannot list\n' in result.err, result)
    check("tagmoor: scan: cannot read deployments.apps: '" in result.err, result)
    check("shop CronJob nightly run busybox" in result.refused, result)
    check("could not be read: 1 list, see standard error" in scan(cluster, output="text").out)


@test
def kubectl_that_is_not_there__said():
    result = scan(example(), kubectl="/nowhere/kubectl")
    check_equal((result.status, result.out), (2, ""))
    check_equal(result.err, "tagmoor: scan: cannot run '/nowhere/kubectl': No such file or directory\n")


@test
def kubectl_that_fails_at_once__passed_on_and_nothing_printed():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", "#!/bin/sh\necho 'error: no configuration has been provided' >&2\nexit 1\n")
        os.chmod(path, 0o755)
        result = scan(example(), kubectl=path)
    check_equal((result.status, result.out), (2, ""))
    check(result.err.startswith("error: no configuration has been provided\ntagmoor: scan: "), result)
    check_equal(result.err.splitlines()[1:], [f"tagmoor: scan: '{path}' failed with status 1"])


@test
def kubectl_that_is_killed__said():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", "#!/bin/sh\nkill -9 $$\n")
        os.chmod(path, 0o755)
        result = scan(example(), kubectl=path)
    check(result.status == 2 and "was ended by signal 9" in result.err, result)


@test
def kubectl_that_prints_no_json__said():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", f'#!/bin/sh\ncase "$*" in *pods*) echo "<html>";; *) exec {KUBECTL} "$@";; esac\n')
        os.chmod(path, 0o755)
        result = scan(example(), kubectl=path)
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["pods"]), result)


@test
def noise_of_a_kubectl_that_works__passed_on_and_nothing_else():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", f'#!/bin/sh\necho "W1122 a warning" >&2\nexec {KUBECTL} "$@"\n')
        os.chmod(path, 0o755)
        result = scan(deployment("shop", "web", web="nginx:1.2.3"), kubectl=path)
    check(result.status == 0 and set(result.err.splitlines()) == {"W1122 a warning"}, result)


@test
def noise_of_kubectl__outside_a_terminal__escaped_line_by_line():
    noise = r"::error::x\n\033[31m##[add-mask]y\nno end"
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", f"#!/bin/sh\nprintf '{noise}' >&2\nexec {KUBECTL} \"$@\"\n")
        os.chmod(path, 0o755)
        result = scan(deployment("shop", "web", web="nginx:1.2.3"), kubectl=path)
    check_equal(set(result.err.splitlines()), {r"\x3a:error::x", r"\x1b[31m##\x5badd-mask]y", "no end"}, result)


@test
def options_of_kubectl__passed_to_every_call():
    words = ["--kubeconfig", "/k", "--context", "c", "--as", "me", "--request-timeout", "9s"]
    result = scan(example(), "-A", *words)
    check_equal([call[-8:] for call in result.calls], [words] * len(result.calls))


@test
def group_that_does_not_answer__matters_where_it_holds_images():
    for group, status in (("metrics.k8s.io/v1beta1", 0), ("argoproj.io/v1alpha1", 2), ("apps/v1", 2)):
        text = f"{group}: the server is currently unable to handle the request"
        result = scan({"objects": deployment("shop", "web", web="nginx:1.2.3"),
                       "failing": {"api-resources": (503, "ServiceUnavailable", text)}})
        check_equal(result.status, status, group, result)
        check(text in result.err, result)


@test
def custom_resources_that_the_cluster_lacks__are_not_asked_for():
    result = scan({"objects": example(), "custom": []})
    check(not any("argoproj" in address for address in result.addresses), result.addresses)
    check_equal(result.err, "")


# --- dumps ------------------------------------------------------------------------------------------


@test
def dump__says_what_the_cluster_said():
    live, dead = scan(example()).json, scan_dump(dump(example())).json
    check_equal(dead["findings"], live["findings"])
    check_equal(dead["operators"], live["operators"])
    piped = scan_dump("", stdin=dump(example())).json
    check_equal(piped, dead)


@test
def dump__pods_before_their_owners_and_roles_last():
    found = sorted(example(), key=lambda one: one["kind"] != "Pod")
    check_equal(scan_dump(dump(found)).refused, scan_dump(dump(example())).refused)


@test
def dump_of_several_files__labels_and_roles_of_one_count_for_all():
    groups = {True: [], False: []}
    for one in example():
        groups[one["kind"] in ("Namespace", "ClusterRole", "ClusterRoleBinding", "RoleBinding")].append(one)
    with tempfile.TemporaryDirectory() as folder:
        paths = [write(folder, f"{key}.json", dump(objects)) for key, objects in groups.items()]
        done = subprocess.run([TAGMOOR, "scan", "-o", "json", "--policy", write(folder, "p.yaml", LABELS), *paths[::-1]],
                              capture_output=True, timeout=60, check=False)
    live = scan(example(), policy=LABELS)
    check_equal((Result(done).refused, Result(done).json["operators"]), (live.refused, live.json["operators"]))


@test
def dump__one_namespace_of_it():
    check_equal({name.split()[0] for name in scan_dump(dump(example()), "-n", "data").refused}, {"data"})


@test
def dump__without_the_namespace__said_and_2():
    result = scan_dump(dump(example()), "-n", "nope")
    check_equal((result.status, result.out, result.err),
                (2, "", "tagmoor: scan: the dump holds no object in namespace 'nope': see whether the name is right, and whether "
                        "the dump is of all namespaces (kubectl get -A) or of this one\n"))
    for found in ([namespace("idle")], [dict(namespace("x"), kind="ConfigMap", metadata={"name": "x", "namespace": "idle"})]):
        result = scan_dump(dump(example() + found), "-n", "idle")
        check_equal((result.status, result.json["summary"]["workloads"] if "workloads" in result.json["summary"] else 0), (0, 0), result)


@test
def dump__name_that_is_none__refused():
    for name in ("", "Shop", "a b"):
        check_equal(scan_dump(dump(example()), "-n", name).err, f"tagmoor: scan: --namespace: '{name}' is no name of a namespace\n")


@test
def dump_of_no_kubernetes_object__said_and_2():
    for text in ("{}", "[]", "null", '"x"', '{"a": 1}', '{"kind": "List", "items": [{"a": 1}]}', '{"kind": "Status", "apiVersion": "v1"}'):
        result = scan_dump(text)
        check_equal(result.status, 2, text, result)
        check("no object of Kubernetes" in result.err and "'kubectl get -o json'" in result.err, text, result.err)
    for args in ([], ["-n", "shop"]):
        check_equal(scan_dump('{"kind": "List", "apiVersion": "v1", "items": []}', *args).status, 0, args)
    mixed = scan_dump(json.dumps({"kind": "List", "apiVersion": "v1", "items": [None, *example()]}))
    check_equal((mixed.status, mixed.refused), (2, scan_dump(dump(example())).refused), mixed)


@test
def dump_that_is_no_json__placed_with_a_hint():
    result = scan_dump('{"items":\n [}]')
    check_equal((result.status, result.json["errors"][0]["text"].count("kubectl get -o json")), (2, 1), result)
    check(":2:3: " in result.err and "offset" not in result.err, result)


@test
def dump_that_is_empty__said():
    done = subprocess.run([TAGMOOR, "scan", "-"], input=b"", capture_output=True, check=False, timeout=60)
    check_equal((done.returncode, done.stdout, done.stderr), (2, b"", b"tagmoor: scan: standard input is empty: see whether kubectl failed\n"))


@test
def dump_with_options_for_kubectl__refused():
    for option in ("--context", "--kubeconfig", "--as", "--request-timeout"):
        done = subprocess.run([TAGMOOR, "scan", option, "1", "tests/data/cluster-dump.json"], capture_output=True, check=False, timeout=60)
        check_equal((done.returncode, done.stdout), (2, b""))
        check(done.stderr.startswith(b"tagmoor: scan: %s is for kubectl" % option.encode()), done.stderr)


@test
def dump_that_is_not_there__said():
    done = subprocess.run([TAGMOOR, "scan", "/nowhere.json"], capture_output=True, check=False, timeout=60)
    check_equal((done.returncode, done.stderr), (2, b"tagmoor: scan: cannot open '/nowhere.json': No such file or directory\n"))


@test
def dump_of_a_real_cluster__a_line_a_workload():
    with open("tests/data/cluster-dump.json", encoding="utf-8") as stream:
        result = scan_dump(stream.read(), "--exclude", "none")
    check_equal(result.refused, {
        "kube-system DaemonSet agent agent vendor/agent:7": "recreation",
        "shop CronJob nightly run busybox": "recreation",
        "shop Deployment web web nginx:latest": "recreation",
        "shop Pod shell shell busybox:latest": "recreation",
        "shop PodSet events kafka kafka:latest": "eviction",
    })
    check_equal({f["name"]: f["pods"] for f in result.json["findings"]},
                {"agent": 1, "nightly": 1, "web": 2, "shell": 0, "events": 1})
    check_equal([o["users"] for o in result.json["operators"]], [["system:serviceaccount:shop:cluster-operator"]])


# --- how it is shown --------------------------------------------------------------------------------


@test
def formats_of_check__hold_each_image_once():
    wanted = len(scan(example()).json["findings"])
    sarif = scan(example(), output="sarif").json
    check_equal(len(sarif["runs"][0]["results"]), wanted)
    text = sarif["runs"][0]["results"][0]["message"]["text"]
    check(text.startswith("refused on eviction: kafka:latest is rolling"), text)
    check_equal(len(ElementTree.fromstring(scan(example(), output="junit").out).findall(".//failure")), wanted - 1)
    check_equal(len(scan(example(), output="github").out.splitlines()), wanted)


@test
def warned__lists_what_is_warned_of():
    found = deployment("dev-one", "web", web="nginx:latest")
    hidden, shown = (scan(found, "-A", *more, output="text") for more in ([], ["--warned"]))
    check("nginx" not in hidden.out and "1 would be warned of (--warned lists them)" in hidden.out, hidden)
    check("web: nginx:latest" in shown.out and shown.status == 0, shown)


@test
def control_characters_in_names__do_not_reach_the_terminal():
    bad = "a\x1b[31m\n- b\x9b"
    owner = made("x.io/v1" + bad, "Kind" + bad, "data" + bad, "n" + bad, {})
    found = [workload("Deployment", "shop" + bad, "web" + bad, **{"main" + bad: "nginx:latest" + bad}),
             pod("data" + bad, "p", owner, **{"main" + bad: "nginx:latest"}),
             role("o", ([""], ["pods"], ["*"]), (["x.io"], ["*"], ["*"])),
             binding("o", "ClusterRole", "o", "data" + bad, "op" + bad)]
    for output in ("text", "tsv"):
        result = scan_dump(dump(found), output=output)
        check(result.status == 1 and "nginx" in result.out, result)
        highest = 160 if output == "text" else 127
        check(not any(ord(c) < 32 and c not in "\n\t" or 127 <= ord(c) < highest for c in result.out), repr(result.out))
        check(not any(line.startswith("- b") for line in result.out.splitlines()), result.out)


def on_terminal(words, columns, env=None):
    """Runs on a terminal of so many columns; what it shows."""
    require_terminal()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update({"TERM": "xterm", **(env or {})})
        subprocess.run(["stty", "cols", str(columns), "rows", "40"], check=False)
        os.execv(words[0], words)
    shown = b""
    while select.select([terminal], [], [], 120)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode()


@test
def terminal__colours_within_its_columns_and_none_with_no_color():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "dump.json", dump(deployment("shop", "web", web="registry.example.com/team/some/name:latest")))
        for columns in (80, 120):
            shown = on_terminal([TAGMOOR, "scan", path], columns)
            check("\x1b[1;31mrefused" in shown, repr(shown))
            plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown)
            check(all(len(line) <= columns for line in plain.replace("\r", "").split("\n")), plain)
        check("\x1b[" not in on_terminal([TAGMOOR, "scan", path], 80, {"NO_COLOR": "1"}))
        check("\x1b[" not in on_terminal([TAGMOOR, "scan", path], 80, {"TERM": "dumb"}))


@test
def terminal__progress_while_it_takes_long_and_cleared():
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, Cluster(example()), ["-A"])
        slow = write(folder, "kubectl", f'#!/bin/sh\nsleep 0.3\nexec {KUBECTL} "$@"\n')
        os.chmod(slow, 0o755)
        shown = on_terminal([TAGMOOR, "scan", "-A", "--kubectl", slow], 100, {"FAKE_CLUSTER": folder})
    check("Pods; reading " in shown, repr(shown))
    last = shown.rindex("; reading ")
    check("\r\x1b[K" in shown[last:] and "would be refused" in shown[last:], repr(shown[last:]))


@test
def plugin__by_its_name():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kubectl-tagmoor")
        os.symlink(TAGMOOR, path)
        said = subprocess.run([path, "scan", "--help"], capture_output=True, check=False, timeout=60).stdout.decode()
        check(said.startswith("usage: kubectl tagmoor scan [OPTION]... "), said)
        done = subprocess.run([path, "scan", "--nonsense"], capture_output=True, check=False, timeout=60)
        check(b"see 'kubectl tagmoor scan --help'" in done.stderr, done.stderr)
        check(b"'kubectl tagmoor COMMAND --help'" in subprocess.run([path], capture_output=True, check=False).stderr)


@test
def large_dump__memory_is_at_most_twice_its_size():
    if IS_SANITIZED:
        raise Skip("the sanitizer keeps memory of its own")
    found = []
    for i in range(500):
        found += deployment(f"ns-{i // 50}", f"web-{i}", pods=10, web="nginx:latest" if i % 3 else "nginx:1.27.3")
    for one in found:
        one["metadata"]["annotations"] = {"example.com/long": "x" * 8000}
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "dump.json", dump(found))
        code = ("import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
                "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(done.returncode, used.ru_maxrss)")
        for command in ("scan", "check"):
            done = subprocess.run([sys.executable, "-c", code, TAGMOOR, command, path], capture_output=True, check=True)
            status, kib = (int(word) for word in done.stdout.split())
            size = os.path.getsize(path)
            check_equal(status, 1, command)
            print(f"# {command}: {kib // 1024} MiB for {size // 1024 // 1024} MiB")
            check(size > 40 * 2**20 and kib * 1024 <= 2 * size, command, kib, size)


if "--write" in sys.argv:
    sys.argv.remove("--write")
    sys.argv.append("example__")
    sys.argv[1:] = ["example__", "--write"]
main()

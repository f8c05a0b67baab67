#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor scan` over clusters that a kubectl of our own answers for (tests/scan/kubectl): operators that
should be named in the policy."""
import subprocess
import tempfile
import time

from fake_cluster import binding, containers, deployment, dump, made, pod, role, roles, template, workload
from harness import IS_SANITIZED, PRODUCTION, TAGMOOR, check, check_equal, main, scan, test, write


def podset(name="events", **images):
    owner = made("core.kafka.example.io/v1", "PodSet", "data", name, {})
    return [owner] + [pod("data", f"{name}-{i}", owner, **images) for i in range(2)]


@test
def operator__named_by_its_role_and_the_line_is_ready():
    result = scan(podset(kafka="kafka:latest") + roles(), output="text")
    line = "  - system:serviceaccount:kafka:cluster-operator  # PodSet.core.kafka.example.io: 2 Pods\n"
    check("\ncontrollers:\n  users:\n" + line in result.out, result)
    # Those lines, as they are, after a policy.
    start = result.out.index("controllers:\n")
    lines = result.out[start:result.out.index("\n\n", start)] + "\n"
    before, after = (scan(podset(kafka="kafka:latest") + roles(), policy=PRODUCTION + more) for more in ("", lines))
    check_equal(before.denied, {"data PodSet events kafka kafka:latest": "eviction"})
    check_equal((after.status, after.denied, after.json["operators"]), (0, {}, []))


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
    check_equal((result.status, result.denied), (0, {}))


@test
def operator__enforced_though_named__is_not_named_again():
    result = scan(podset(kafka="kafka:latest") + roles(), policy=PRODUCTION +
                  'controllers: {users: ["system:serviceaccount:kafka:*"], enforce: release}\n')
    check_equal(result.denied, {"data PodSet events kafka kafka:latest": "eviction"})
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
    check("  # - system:serviceaccount:olm:operator  # PodSet.core.kafka.example.io: 2 Pods; a guess: the account may write everything\n" in text, text)


EVERY = ["create", "update", "patch", "get", "list", "watch"]
KAFKA = "core.kafka.example.io"


def operator_role(name="o", namespace=""):
    return role(name, ([""], ["pods"], EVERY), ([KAFKA], ["podsets", "podsets/status"], EVERY), namespace=namespace)


def proposals(*found, **more):
    """What the text proposes for controllers.users: lines that count, and comments."""
    text = scan([*found], output="text", **more).out.split("controllers:\n")[1].split("\n\n")[0]
    keys, *lines = text.splitlines()
    # A key without a value is an error in a policy.
    check_equal(keys, "  users:" if any(line.startswith("  - ") for line in lines) else "#   users:", text)
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
    # An account that may write every resource of the group may write their status too.
    wide = role("wide", (["", "apps", KAFKA], ["*"], ["*"]))
    check_comment([operator_role(), binding("a", "ClusterRole", "o", "kafka", "operator"),
                   wide, binding("b", "ClusterRole", "wide", "ci", "deployer")], "kafka:operator", "one of several")


@test
def pipelines_without_an_operator__are_comments():
    for resources in (["*"], ["podsets"]):
        wide = role("wide", ([""], ["pods"], EVERY), ([KAFKA], resources, EVERY))
        check_comment([wide, binding("b", "ClusterRole", "wide", "ci", "deployer")], "ci:deployer", "not name a status")


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
    check("unknown account" in comments[0], comments)


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
            # An owner that is Kubernetes or not in the cluster comes first and says nothing.
            one["metadata"]["ownerReferences"][:0] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "1"},
                                                      {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "b", "uid": "2"}]
        result = scan(found)
        check_equal(result.denied, {"data PodSet events kafka a:latest": "eviction"})
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
    rules += [role("r", ([""], ["pods"], EVERY), (["rbac.authorization.k8s.io", "networking.k8s.io"], ["*"], EVERY)), binding("r", "ClusterRole", "r", "ci", "admin")]
    for api, kind in (("v1", "ConfigMap"), ("v1", "Node"), ("v1", "Secret"), ("apps/v1", "Deployment"), ("apps/v1", "ControllerRevision"),
                      ("batch/v1", "CronJob"), ("rbac.authorization.k8s.io/v1", "ClusterRole"), ("networking.k8s.io/v1", "Ingress")):
        for controls in (True, False):
            owned = pod("data", "a", made(api, kind, "data", "o", {}), web="a:latest")
            owned["metadata"]["ownerReferences"][0]["controller"] = controls
            result = scan([owned, *rules])
            check_equal(result.json["operators"], [], api, kind, controls)
            check(not any("rbac" in address for address in result.addresses), api, kind, result.addresses)


@test
def owner_of_a_custom_resource_of_k8s_io__has_an_operator():
    rules = [role("o", ([""], ["pods"], EVERY), (["gateway.networking.k8s.io"], ["gateways/status"], EVERY)), binding("o", "ClusterRole", "o", "mesh", "gateways")]
    owned = pod("data", "a", made("gateway.networking.k8s.io/v1", "Gateway", "data", "o", {}), web="a:latest")
    check_equal([o["users"] for o in scan([owned, *rules]).json["operators"]], [["system:serviceaccount:mesh:gateways"]])


@test
def owners_that_are_no_references__say_nothing():
    for references in (None, "x", {}, [None, 1, "x", [], {}, {"kind": 1, "apiVersion": []}], [{"apiVersion": "a.b/v1"}]):
        one = pod("data", "a", web="a:latest")
        one["metadata"]["ownerReferences"] = references
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([TAGMOOR, "scan", write(folder, "dump.json", dump([one]))], capture_output=True, check=False)
        check(done.returncode == 1 and b"a:latest" in done.stdout, references, done)


@test
def roles_that_may_not_be_read__said_and_the_pods_still_denied():
    forbidden = (403, "Forbidden", 'clusterroles is forbidden: User "me" cannot list resource')
    cluster = {"objects": podset(kafka="a:latest") + roles(),
               "failing": {"clusterroles.rbac.authorization.k8s.io": forbidden}}
    result = scan(cluster, output="text")
    check_equal(result.status, 1, result)
    check('Error from server (Forbidden): clusterroles is forbidden: User "me"' in result.err, result)
    check("# PodSet.core.kafka.example.io: 2 Pods; unknown account" in result.out, result)
    check("# roles could not be read, so service accounts are missing" in result.out, result)


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
    check_equal(scan([rollout, older, thing, other]).denied, {"data Kafka thing main b:latest": "recreation"})


main()

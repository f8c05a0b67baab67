#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_vap.py [REFERENCES...] - exported policies decide as tagmoor does.

Run by `make check-vap`, which builds tests/vap/evaluate from the modules of the API server.  Without an argument:
  - every good golden policy and every example of deploy/examples compiles, and the default for the newest Kubernetes;
  - every golden review, with its policy, gets the decision of `tagmoor review`;
  - references of tests/data get the decision of `tagmoor explain`;
  - costs are as recorded, and an object beyond the limit is denied.
With files of references, one a line, only these are compared with the default policy.  With MOOR_SHORT_TESTS=1, a part of each is
checked, which takes a minute; it always has the default policy and the examples.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [TESTS, os.path.join(TESTS, "golden")]
import policies  # noqa: E402
from cases import NOW, all_cases  # noqa: E402
from cli import TAGMOOR  # noqa: E402
from tap import check, check_equal, main, test  # noqa: E402

EVALUATE = os.path.join(os.path.dirname(TESTS), "build/vapevaluate")
OLDEST, NEWEST = "1.30", "1.37"
IS_SHORT = bool(os.environ.get("MOOR_SHORT_TESTS"))
DATA = os.path.join(TESTS, "data")
SHARE = 0.0002  # of references that may be decided in another way
ROLLING = ("none", "rolling")

# The highest cost of a policy, by the number of containers of a new Pod; the limit is 10,000,000.
COSTS = {1: 3200, 10: 32000, 100: 330000, 800: 2650000}
TAGS = ["1.25", "1.2.3", "3.20-alpine", "v1.4.2-debian-12-r5", "2024-01-07", "main-3f2a91c", "latest", "8.0.36-oraclelinux9"]

# Golden reviews that are decided in another way, and why.
OTHERS = {
    "annotations that hold a tag, a repository or JSON": [
        f"annotations/{name}" for name in (
            "datadog", "datadog-all-languages", "istio-overrides", "json-escaped-image", "json-patch-of-an-image", "json-patch-of-the-container",
            "json-patch-with-escapes", "json-two-images", "json-volume", "linkerd-both", "linkerd-repository-changed",
            "linkerd-repository-with-a-tag", "linkerd-version", "linkerd-repository-below-digest")],
    "annotations in custom resources": [f"annotations/{name}" for name in ("of-a-custom-resource-itself", "rollout", "in-one-template-of-several")],
    "a custom resource with many images, whose Pods are evaluated": ["recorded/task-create-apply"] + [
        f"custom/{name}" for name in (
            "alertmanager", "clustertask", "clusterworkflowtemplate", "cronworkflow", "instrumentation", "kafka", "opentelemetrycollector",
            "pipeline", "pipeline_in_a_pipeline", "pipelinerun", "prometheus", "prometheusagent", "ray-raycluster", "ray-rayjob",
            "ray-rayservice", "raycluster_with_a_collector", "raycronjob", "sensor", "sparkapplication", "task", "taskrun",
            "taskrun_with_an_image_volume", "thanosruler", "uniteddeployment", "vmagent", "workflow", "workflow_with_inline_templates",
            "workflowtemplate",
            "fluentdconfig", "hosttailer", "image-in-two-members-other-tag", "image-in-two-members-unchanged", "logging", "solrcloud", "solrprometheusexporter",
            "syslogngconfig", "vlagent", "vlcluster", "vlsingle", "vmagent-image-in-two-members", "vmalert-image-in-two-members",
            "vmalertmanager-image-in-two-members", "vmanomaly", "vmauth-image-in-two-members", "vmcluster-images-in-two-members",
            "vmsingle-image-in-two-members", "vmsingle-same-text-as-one-member", "vmsingle-tag-in-repository", "vtcluster", "vtsingle",
            "zookeepercluster")],
    "a variable that a named operator replaces, of which the webhook warns": [
        f"placeholders/{name}" for name in (
            "one-member-named-operator", "variable-in-own-kind", "variable-in-tag-named-operator", "variable-named-operator",
            "variable-operator-by-glob", "variable-operator-by-word-in-glob", "variable-tekton")],
    "an image that moves between two paths of a custom resource": [
        "custom/update-image-to-other-expression", "custom/update-two-pod-specs-swapped", "custom/own-kind-shares-expression"],
    "an exemption by the workload that a controller creates objects for": [
        f"exemptions/{name}" for name in (
            "job-of-a-cronjob", "pod-of-a-cronjob", "names-generated-later", "pod-of-a-daemonset", "pod-of-a-deployment",
            "replicaset-of-a-deployment", "pod-of-a-replicaset")],
    "a malformed object fails closed": [
        "custom/shape-replica-specs-is-a-list", "custom/update-old-malformed", "malformed/container-null", "malformed/containers-null",
        "revisions/data-is-a-list"],
    "the API server rejects the object, or sends no such request": [
        "malformed/annotation-is-a-number", "malformed/metadata-is-a-string", "objects/no-resource"],
    "a placeholder that a controller leaves in a Pod": [
        f"placeholders/{name}" for name in ("braces-in-pod-by-controller", "in-pod-by-controller", "parentheses-in-pod-by-operator",
                                           "of-the-policy-in-pod-by-controller")],
    "an update that introduces no image, which the API server does not send to the webhook": ["unchanged/unchanged-strict"],
    "names of members in another case, in a ControllerRevision": [
        f"revisions/{name}" for name in ("annotation", "annotation-in-another-case", "keys-in-another-case", "keys-with-long-s")],
}
OTHER_NAMES = {name for names in OTHERS.values() for name in names}


def export(policy, folder, *flags):
    """The exported policy's path, or what was printed instead."""
    path = os.path.join(folder, "export.yaml")
    given = ["--policy", policy] if policy else []
    done = subprocess.run([TAGMOOR, "policy", "export", "vap", *given, *flags], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        return done.stderr
    with open(path, "w", encoding="utf-8") as file:
        file.write(done.stdout)
    return path


def evaluate(path, requests, version=OLDEST):
    """The answers to requests, in their order."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([EVALUATE, path, version], input=lines, capture_output=True, text=True, timeout=1800)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def pod(images, number=0):
    containers = [{"name": f"c{index}", "image": image} for index, image in enumerate(images)]
    return {"id": number, "request": {
        "kind": {"group": "", "version": "v1", "kind": "Pod"}, "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "web", "namespace": "shop", "operation": "CREATE", "userInfo": {"username": "jane@example.com"},
        "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": containers}}}}


def levels(references):
    """The level that tagmoor gives each reference."""
    done = subprocess.run([TAGMOOR, "explain", "-o", "tsv", "-"], input="".join(f"{image}\n" for image in references), capture_output=True,
                          text=True, timeout=600)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    check_equal(len(rows), len(references))
    return [row[2] for row in rows]


def some(items, share):
    """All items, or with MOOR_SHORT_TESTS one of `share`."""
    return items[::share] if IS_SHORT else items


def compare(name, references):
    """Fails if too many references are decided in another way; prints them."""
    references = some(references, 4)
    with tempfile.TemporaryDirectory() as folder:
        found = evaluate(export(None, folder, "--action", "deny"), [pod([image]) for image in references])
    wanted = levels(references)
    wrong = [(image, level) for image, level, answer in zip(references, wanted, found) if bool(answer["deny"]) != (level in ROLLING)]
    for image, level in wrong:
        print(f"# {image}: tagmoor says {level}, the export {'admits' if level in ROLLING else 'denies'} it")
    print(f"# {name}: {len(references)} references, {len(wrong)} decided in another way, cost {max(a['cost'] for a in found)} at most")
    check(len(wrong) <= len(references) * SHARE, f"{len(wrong)} of {len(references)}")


def column(name, index):
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t")[index] for line in file][1:]


def of_sample():
    with open(os.path.join(DATA, "official-tags-sample.tsv"), encoding="utf-8") as file:
        rows = [line.split("\t") for line in file][1:]
    return [f"{row[0]}:{row[1]}" for row in rows]


@test
def tags_with_known_history__exported__decided_as_by_tagmoor():
    compare("official-tags-sample", of_sample())


@test
def vectors__exported__decided_as_by_tagmoor():
    tags = [tag for name in ("tag-vectors.tsv", "tag-vectors-more.tsv") for tag in column(name, 0) if not tag.startswith("(")]
    compare("vectors", [f"registry.example.com/app:{tag}" for tag in tags])


@test
def references_of_the_grammar__exported__decided_as_by_tagmoor():
    compare("reference-cases", [text for text in column("reference-cases.tsv", 2) if text and "\\" not in text and text == text.strip()])


@test
def other_spellings_of_a_registry__exported__match_its_entry():
    compare("registries", [f"{host}/{path}:1.2.3" for path in ("x", "library/postgres", "distroless/base", "pause")
                           for host in ("cgr.dev", "CGR.dev", "cgr.dev:443", "cgr.dev:0443", "docker.io", "index.docker.io:443", "gcr.io",
                                        "GCR.io:00443", "registry.k8s.io", "registry.hub.docker.com", "localhost", "Foo", "my_registry.io", "[::1]:5000")])


@test
def golden_policies__exported__compile():
    golden, examples = (sorted(glob.glob(os.path.join(folder, pattern))) for folder, pattern in
                        ((policies.FOLDER, "good/*.yaml"), (TESTS, "../deploy/examples/policy-*.yaml")))
    check(len(golden) > 35 and len(examples) > 3)
    paths = some(golden, 8) + examples
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            exported = export(path, folder, "--now", NOW)
            if "RE2 has no" in exported:
                print(f"# {os.path.basename(path)}: {exported.strip()}")
                continue
            check(exported.endswith("export.yaml"), f"{path}: {exported}")
            evaluate(exported, [pod(["nginx:1.2.3"])])
        evaluate(export(None, folder), [pod(["nginx:1.2.3"])], NEWEST)


def request_of(case):
    """The request of a golden review; None if no API server can send it."""
    try:
        request = json.loads(case.body).get("request")
    except (ValueError, RecursionError, AttributeError):
        return None
    can_be = isinstance(request, dict) and isinstance(request.get("object"), dict) and len(case.body) < 300000
    return request if can_be else None


def is_denied(case, folder):
    """Whether tagmoor denies the request; None if it answers with an error or no AdmissionReview."""
    done = subprocess.run([TAGMOOR, "review", *case.flags(folder), "-"], input=case.body, capture_output=True, timeout=60)
    if done.returncode == 2 or "response" not in json.loads(done.stdout):
        return None
    return not json.loads(done.stdout)["response"]["allowed"]


def by_policy():
    """The golden reviews without an environment in their path, by policy and time: a policy is compiled once."""
    found = {}
    for case in all_cases().values():
        if case.environment is None and case.name not in OTHER_NAMES:
            found.setdefault((case.policy, case.now), []).append(case)
    return found.values()


def disagreements(cases, folder):
    """How many of the cases with one policy were compared, and those that are decided in another way."""
    given = [(case, denied) for case, denied in ((case, is_denied(case, folder)) for case in cases if request_of(case))
             if denied is not None]
    policy = cases[0].policy_flags(folder)
    exported = export(policy[1] if policy else None, folder, "--now", cases[0].now, "--action", "deny")
    if "RE2 has no" in exported or not given:
        return 0, []
    answers = evaluate(exported, [{"id": case.name, "labels": {}, "request": request_of(case)} for case, _ in given])
    return len(given), [f"{case.name}: tagmoor {'denies' if denied else 'admits'}" for (case, denied), answer in zip(given, answers)
                        if denied != bool(answer["deny"])]


@test
def golden_reviews__exported__decided_as_by_tagmoor():
    wrong, compared = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for cases in some(list(by_policy()), 3):
            count, found = disagreements(cases, folder)
            compared, wrong = compared + count, wrong + found
            for text in found:
                print(f"# {text}", flush=True)
    print(f"# {compared} golden reviews compared")
    check(compared > (50 if IS_SHORT else 300))
    check_equal(wrong, [])


@test
def containers__counted__cost_as_recorded():
    with tempfile.TemporaryDirectory() as folder:
        requests = [pod([f"registry.example.com/team/app{index}:{TAGS[index % len(TAGS)]}" for index in range(count)], count) for count in COSTS]
        for answer in evaluate(export(None, folder, "--action", "deny"), requests):
            print(f"# {answer['id']} containers: {answer['cost']}; {(answer['deny'] or [''])[0][:100]}")
            check(0 < answer["cost"] <= COSTS[answer["id"]], f"{answer['id']} containers cost {answer['cost']}")


@test
def containers__beyond_the_limit__denied():
    with tempfile.TemporaryDirectory() as folder:
        images = [f"registry.example.com/team/app{index}:{'1.2.3-' + 'x-' * 60}" for index in range(4000)]
        answer = evaluate(export(None, folder, "--action", "deny"), [pod(images)])[0]
        print(f"# {answer['deny'][0][:120]}")
        check("cost" in answer["deny"][0], str(answer))


if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
    for given in sys.argv[1:]:
        with open(given, encoding="utf-8") as source:
            compare(given, source.read().splitlines())
    sys.exit(0)
main()

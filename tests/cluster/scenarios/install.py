#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's two commands: an install that refuses nothing and shows everything, then one that refuses; helm test; and the end of it:
uninstalling leaves nothing."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (CHART, LATEST, MODE, PINNED, SELECTOR, TOP, answers, check, check_equal, create, exists, get, helm, image_values,  # noqa: E402
                     install, is_ready, kubectl, main, namespaces, needs_pods, ok, pod, pods, refused, restarts, run, test, uninstall, until,
                     warnings)

KINDS = ["all", "configmap", "secret", "serviceaccount", "role", "rolebinding", "poddisruptionbudget", "networkpolicy", "resourcequota"]
CLUSTER_KINDS = ["validatingwebhookconfiguration", "validatingadmissionpolicy", "clusterrole", "clusterrolebinding", "priorityclass",
                 "customresourcedefinition", "persistentvolume"]
BEFORE = {}
# Without a registry `helm test` runs what the runner packed; a cluster that is given may have no way to the chart's own either.
IMAGE_OF_TEST = os.environ.get("MOOR_TEST_IMAGE", "localhost/kubectl:1" if MODE == "node" else "")
TEST_IMAGE = ["--set", f"tests.image={IMAGE_OF_TEST}"] if IMAGE_OF_TEST else []


def readme_commands():
    """The two commands as the README has them, for this image and this repository."""
    with open(f"{TOP}/README.md", encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r"^    (helm (?:install|upgrade) tagmoor charts/tagmoor(?:.*\\\n)*.*)$", text, re.M)
    check_equal(len(found), 2)
    return [re.sub(r"\\\n\s*", "", command).split()[1:] for command in found]


def for_this_image(words):
    own = dict(zip(("image.repository", "image.digest"), (value.partition("=")[2] for value in image_values()[1::2])))
    return [f"{word.partition('=')[0]}={own[word.partition('=')[0]]}" if word.partition("=")[0] in own else word for word in words]


def cluster_objects():
    return {f"{kind}/{each['metadata']['name']}" for kind in CLUSTER_KINDS for each in get(kind)["items"]}


def denied():
    return refused("create", "deployment", "-n", "shop", "web", f"--image={LATEST}", "--dry-run=server")


@test
@needs_pods
def first_command__three_replicas_ready():
    helm(*for_this_image(readme_commands()[0]), *TEST_IMAGE, "--wait", "--timeout", "150s")
    found = pods("tagmoor", SELECTOR)
    check_equal([is_ready(each) for each in found], [True] * 3)
    ok("get", "pods,service,endpointslices,poddisruptionbudget,networkpolicy,resourcequota", "-n", "tagmoor", "-o", "wide")
    # By digest, as the chart asks for it.
    check(all("@sha256:" in each["spec"]["containers"][0]["image"] for each in found), "not by digest")


@test
@needs_pods
def first_command__the_service_is_asked():
    """The configuration has no URL, and the name that the certificate is for is the Service's."""
    answers()
    for entry in get("validatingwebhookconfiguration", "tagmoor")["webhooks"]:
        check_equal(entry["clientConfig"]["service"]["name"], "tagmoor")
        check_equal(entry["failurePolicy"], "Ignore")  # mode warn keeps nobody from anything, dead or alive
    check_equal(get("-n", "tagmoor", "service", "tagmoor")["spec"]["type"], "ClusterIP")


@test
def mode_warn__a_rolling_image__created_with_a_warning():
    if MODE == "plane":
        install({"mode": "warn"})
    said = ok("create", "deployment", "-n", "shop", "web", f"--image={LATEST}", "--replicas=0")
    check_equal(warnings(said), [f'spec.template.spec.containers[0] (container "pause"): image "{LATEST}" has a mutable tag (channel); environment "production" will require '
                                 "at least a release: use tag <major>.<minor>.<patch>, or a digest"])
    check(exists("-n", "shop", "deployment", "web"), "not created")


@test
def mode_warn__a_development_namespace__created_with_a_warning():
    said = ok("create", "deployment", "-n", "shop-dev", "web", f"--image={LATEST}", "--replicas=0")
    check_equal(warnings(said), [f'spec.template.spec.containers[0] (container "pause"): image "{LATEST}" has a mutable tag (channel); environment "development" recommends at least a release: '
                                 "use tag <major>.<minor>.<patch>, or a digest"])


@test
def mode_warn__warnings_as_errors__exit_status():
    """How a pipeline finds out before anything is enforced."""
    said = kubectl("create", "deployment", "-n", "shop", "strict", f"--image={LATEST}", "--replicas=0", "--warnings-as-errors")
    check_equal(said.status, 1)


@test
def mode_warn__a_pinned_image__silent():
    check_equal(warnings(ok("create", "deployment", "-n", "shop", "pinned", f"--image={PINNED}", "--replicas=0")), [])


@test
@needs_pods
def helm_test__mode_warn__passes():
    said = helm("test", "tagmoor", "-n", "tagmoor")
    check("admitted with a warning, in mode warn: " in said, said)
    check(not exists("-n", "tagmoor", "pod", "tagmoor-test") and not exists("-n", "default", "role", "tagmoor-test"), "the test left something")


@test
@needs_pods
def notes__command_for_findings__lists_the_namespaces():
    text = helm("get", "notes", "tagmoor", "-n", "tagmoor")
    command = re.search(r"^  (kubectl logs .*\|\n(?:    .*\n)+)", text, re.M)[1]
    said = run("sh", "-c", command)
    check_equal(said.status, 0, said.text)
    check(re.search(r"^shop: requests: \d+, images: .*" + re.escape(LATEST), said.text, re.M), said.text)
    check(re.search(r"^shop-dev: ", said.text, re.M), said.text)


@test
def second_command__a_rolling_image__refused():
    if MODE == "plane":
        install({"mode": "enforce"})
    else:
        helm(*for_this_image(readme_commands()[1]), "--wait", "--timeout", "150s")
    entry, message = until("mode enforce", denied)
    check_equal(entry, "users.tagmoor.dev")
    check_equal(message, f'spec.template.spec.containers[0] (container "pause"): image "{LATEST}" has a mutable tag (channel); environment "production" requires at least a release: '
                         "use registry.example.com/pause:<major>.<minor>.<patch>, or registry.example.com/pause@sha256:<digest>")


@test
@needs_pods
def second_command__entries_of_people__fail_closed():
    policies = {entry["name"]: (entry["failurePolicy"], entry["timeoutSeconds"]) for entry in get("validatingwebhookconfiguration", "tagmoor")["webhooks"]}
    check_equal(policies, {"users.tagmoor.dev": ("Fail", 3), "controllers.tagmoor.dev": ("Ignore", 1)})


@test
@needs_pods
def helm_test__mode_enforce__passes():
    said = helm("test", "tagmoor", "-n", "tagmoor")
    check("denied: " in said and "denied the request" in said, said)


@test
@needs_pods
def helm_test__nobody_is_asked__fails():
    """The test can fail: without the webhook configuration what is to be refused is admitted."""
    ok("delete", "validatingwebhookconfiguration", "tagmoor")
    said = run("helm", "test", "tagmoor", "-n", "tagmoor")
    check(said.status != 0 and "was admitted in mode enforce" in said.text, said.text)
    helm("upgrade", "tagmoor", CHART, "-n", "tagmoor", "--reset-then-reuse-values", "--wait", "--timeout", "150s")
    answers()


@test
@needs_pods
def upgrade__certificate__kept():
    before = get("-n", "tagmoor", "secret", "tagmoor-tls")["data"], get("-n", "tagmoor", "secret", "tagmoor-ca")["data"]
    helm("upgrade", "tagmoor", CHART, "-n", "tagmoor", "--reset-then-reuse-values", "--set", "log.level=debug", "--wait", "--timeout", "150s")
    check_equal((get("-n", "tagmoor", "secret", "tagmoor-tls")["data"], get("-n", "tagmoor", "secret", "tagmoor-ca")["data"]), before)
    denied()


@test
@needs_pods
def replicas__restarts__none():
    check_equal(restarts(), 0)


@test
@needs_pods
def uninstall__all_kinds__nothing_left():
    ok("get", "all", "-n", "tagmoor")
    helm("uninstall", "tagmoor", "-n", "tagmoor", "--wait", "--timeout", "120s")

    def left():
        return [line for line in ok("get", ",".join(KINDS), "-n", "tagmoor", "-o", "name", "--ignore-not-found").splitlines()
                if line not in ("configmap/kube-root-ca.crt", "serviceaccount/default")]
    # The Pods end when their lame duck is over.
    until("nothing is left", lambda: not left(), 60)
    ok("delete", "namespace", "tagmoor")
    check_equal(cluster_objects(), BEFORE["cluster"])
    check_equal(warnings(ok("create", "deployment", "-n", "shop", "after", f"--image={LATEST}", "--replicas=0")), [])


# --- without Helm ---------------------------------------------------------------------------------------
@test
@needs_pods
def kubectl_apply_k__cert_manager_does_its_part__warns():
    from cert_manager import KINDS as cert_manager
    from certificates import Authority
    for each in cert_manager:
        ok("apply", "-f", "-", stdin=json.dumps(each))
    ok("wait", "--for=condition=Established", "crd/certificates.cert-manager.io", "crd/issuers.cert-manager.io", "--timeout=60s")
    try:
        until("kinds known", lambda: kubectl("apply", "-k", f"{TOP}/deploy/kubernetes").status == 0, 30)
        own = Authority("own")
        own.sign("leaf", "tagmoor.tagmoor.svc")
        create("tagmoor", own.secret("leaf", "tagmoor-tls"))
        own.inject("tagmoor")
        ok("rollout", "status", "-n", "tagmoor", "deployment/tagmoor", "--timeout=150s")
        answers()
        said = ok("create", "-n", "shop", "--dry-run=server", "-f", "-", stdin=json.dumps(pod("x", LATEST)))
        check('environment "production" will require at least a release' in said, said)
        check_equal(restarts(), 0)
        ok("delete", "-k", f"{TOP}/deploy/kubernetes", "--timeout=120s")
    finally:
        ok("delete", "crd", "certificates.cert-manager.io", "issuers.cert-manager.io", "--ignore-not-found")


def setup():
    uninstall()
    namespaces("shop", "shop-dev")
    BEFORE["cluster"] = cluster_objects()


main(setup)

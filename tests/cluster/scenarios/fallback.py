#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor policy export vap` on the API server: alone, as the only thing that evaluates images, and as the fallback policy of the
chart while tagmoor cannot answer."""
import base64
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402
import ways  # noqa: E402
from harness import (BY_LABEL, LATEST, OLD, PINNED, TOP, add, check, check_equal, create, exists, get, install, kubectl, main,  # noqa: E402
                     namespaces, needs_pods, ok, pod, pods, test, uninstall, until, warnings, write)
from server_process import TAGMOOR  # noqa: E402
from ways import SILENT, WAYS, make_before  # noqa: E402

# name: namespace, the policy that decides, whether it denies
PLACES = {"production": ("shop-prod", "production", True), "unlabelled": ("shop", "production", True), "development": ("shop-dev", "development", False)}
POLICY = json.dumps({"mode": "enforce", **BY_LABEL})
DENIED = r"ValidatingAdmissionPolicy '(\S+)' with binding '\1' denied request: (.*)"
WARNED = r"Validation failed for ValidatingAdmissionPolicy '(\S+)' with binding '\1': (.*)"
KINDS = "validatingadmissionpolicy,validatingadmissionpolicybinding"


def exported(policy, *flags):
    """What `tagmoor policy export vap` prints for a file, or for the default policy."""
    given = ["--policy", policy] if policy else []
    return subprocess.run([TAGMOOR, "policy", "export", "vap", *given, *flags], check=True, stdout=subprocess.PIPE, text=True).stdout


def denial(said):
    """(policy, message) of a denial by a policy."""
    found = re.findall(DENIED, said.text)
    check(said.status != 0 and found, f"not denied by a policy: exit {said.status}: {said.text}")
    return found[-1]


def denied(*arguments, **options):
    return denial(kubectl(*arguments, **options))


def try_pod(namespace, image, *flags, **more):
    """What kubectl prints about a Pod that is not stored."""
    return kubectl("create", "-n", namespace, "--dry-run=server", *flags, "-f", "-", stdin=json.dumps(pod("try", image, **more)), quiet=True)


def wait_for(name, namespace="shop-prod", image=LATEST):
    """Waits until the API server evaluates the policy."""
    until(f"{name} is in force", lambda: f"'{name}'" in try_pod(namespace, image).text, pause=0.2)


def find(container, image):
    return f'"{container}": image "{image}" '


def play(way, place):
    namespace, environment, denies = PLACES[place]
    name = way.function.__name__.replace("_", "-")
    make_before(way, namespace, name)
    said = way.function(namespace, f"{name}-bad", way.image)
    wanted = find(way.container.format(name=f"{name}-bad"), way.image)
    if denies and not way.always:
        policy, message = denial(said)
        check_equal(policy, f"tagmoor-{environment}-deny")
        check(wanted in message and f'environment "{environment}" requires at least a release' in message, message)
    else:
        check_equal(said.status, 0, said.text)
        found = [re.fullmatch(WARNED, text) for text in warnings(said.text)]
        check(len(found) == 1 and found[0] and found[0][1] == f"tagmoor-{environment}-warn" and wanted in found[0][2], said.text)
    said = way.function(namespace, f"{name}-good", way.good)
    check(said.status == 0 and not warnings(said.text), said.text)


def play_silent(function, place):
    said = function(PLACES[place][0])
    check(said.status == 0 and not warnings(said.text), said.text)


def everywhere(function, *arguments):
    """Plays in all namespaces at once, which saves a minute."""
    with concurrent.futures.ThreadPoolExecutor(len(PLACES)) as pool:
        for done in [pool.submit(function, *arguments, place) for place in PLACES]:
            done.result()


for each in WAYS:
    add(f"alone__{each.function.__name__}__{'warned' if each.always else 'denied_in_production'}", everywhere, play, each)
for each in SILENT:
    add(f"alone__{each.__name__}__silent", everywhere, play_silent, each)


# --- what ran before ------------------------------------------------------------------------------------
@test
def alone__policies__have_no_type_error():
    """The controller manager checks the types of every expression that it knows the kind of."""
    def checked():
        found = get("validatingadmissionpolicies")["items"]
        return found if found and all(each.get("status", {}).get("observedGeneration") for each in found) else None
    for each in until("types are checked", checked, 150):
        check_equal(each["status"].get("typeChecking", {}), {}, each["metadata"]["name"])


@test
def alone__what_ran_before__restarted__is_warned_about():
    said = kubectl("rollout", "restart", "-n", "shop-prod", "deployment/before")
    check(said.status == 0 and find("app", LATEST) in said.text and "tagmoor-production-warn" in said.text, said.text)


@test
def alone__what_ran_before__on_another_rolling_image__denied():
    policy, message = denied("set", "image", "-n", "shop-prod", "deployment/before", "app=registry.example.com/pause:stable")
    check(policy == "tagmoor-production-deny" and find("app", "registry.example.com/pause:stable") in message, message)


@test
def alone__pods_of_controllers__come_back():
    """The ReplicaSet makes another Pod on the rolling image, because controller requests are left out."""
    ok("scale", "-n", "shop-prod", "deployment/before", "--replicas=2")
    first = until("Pods", lambda: len(found := pods("shop-prod", "app=before")) >= 2 and found)
    gone = {each["metadata"]["name"] for each in first}
    ok("delete", "pod", "-n", "shop-prod", *gone, "--grace-period=0", "--force")
    others = until("others", lambda: len(found := [each for each in pods("shop-prod", "app=before") if each["metadata"]["name"] not in gone]) >= 2 and found)
    check_equal({each["spec"]["containers"][0]["image"] for each in others}, {LATEST})


@test
def alone__what_ran_before__pinned__silent():
    said = kubectl("set", "image", "-n", "shop-prod", "deployment/before", f"app={PINNED}")
    check(said.status == 0 and not warnings(said.text), said.text)


@test
def alone__900_containers_with_long_tags__denied():
    """Beyond the limit of cost, the API server denies: the tags are as long as a reference allows."""
    tag = "1.2.3-" + "x-" * 60 + "z"
    many = [{"name": f"c{index}", "image": f"registry.example.com/team/app{index}:{tag}"} for index in range(900)]
    said = try_pod("shop-prod", PINNED, containers=many)
    harness.evidence(said.text[:600])
    check(said.status != 0 and "tagmoor-production-deny" in said.text and "cost" in said.text, said.text[:600])
    few = try_pod("shop-prod", PINNED, containers=[{**each, "image": PINNED} for each in many[:100]])
    check(few.status == 0, few.text[:600])


# --- three policies, as a user applies them ---------------------------------------------------------------
EXAMPLES = f"{TOP}/deploy/examples"
BUILD, DIGEST = "registry.example.com/app:main-20250131142530", "@sha256:" + 8 * "01234567"
# policy: namespace of a trial, an image that is denied, one that is admitted
EXPORTS = {
    "default": (None, "shop", LATEST, PINNED),
    "ecr": (f"{EXAMPLES}/policy-commit-and-time-on-ecr.yaml", "shop", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:latest",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api@sha256:" + 8 * "01234567"),
    "own": (f"{EXAMPLES}/policy-own-by-build-others-by-digest.yaml", "shop", "docker.io/library/nginx:1.27.3", "docker.io/library/nginx" + DIGEST),
}


def apply_exported(policy, namespace, bad, good):
    text = exported(policy)
    said = kubectl("apply", "-f", "-", stdin=text, quiet=True)
    harness.evidence(f"$ tagmoor policy export vap {policy or ''} | kubectl apply -f -\n{said.text}")
    created = re.findall(r"^validatingadmissionpolicy\S*\.admissionregistration\.k8s\.io/\S+ (?:created|configured|unchanged)$", said.text, re.M)
    check(said.status == 0 and len(created) == len(said.text.splitlines()) == text.count("\nkind: "), said.text)
    try:
        until("the policy is in force", lambda: re.search(DENIED, try_pod(namespace, bad).text), pause=0.2)
        harness.evidence(try_pod(namespace, bad).text)
        said = try_pod(namespace, good)
        check_equal(said.status, 0, said.text)
    finally:
        kubectl("delete", "-f", "-", stdin=text, quiet=True)


@test
def alone__policy_by_label__deleted__nothing_is_denied():
    kubectl("delete", "-f", "-", stdin=exported(write("policy.yaml", POLICY)), quiet=True)
    until("nothing is denied", lambda: try_pod("shop-prod", LATEST).status == 0, pause=0.2)


for label, row in EXPORTS.items():
    add(f"export_of_policy_{label}__applied__denies_and_admits", apply_exported, *row)


# --- beside the webhook ---------------------------------------------------------------------------------
@test
@needs_pods
def chart__with_an_own_policy__installs_its_export():
    text = f"# policy.yaml {hashlib.sha256(POLICY.encode()).hexdigest()}\n" + exported(write("policy.yaml", POLICY), "--action", "deny")
    install({"mode": "enforce", "replicas": 1, "policyFile": POLICY,
             "fallbackPolicy": {"enabled": True, "webhookFailurePolicy": "Ignore", "text": text}}, wait=True)
    wait_for("tagmoor-production-deny")
    check_equal([each["metadata"]["name"] for each in get("validatingadmissionpolicies")["items"]], ["tagmoor-development-deny", "tagmoor-production-deny"])
    secret = max(len(base64.b64decode(each["data"]["release"])) for each in get("-n", "tagmoor", "secrets", "-l", "owner=helm")["items"])
    harness.evidence(f"{secret} bytes in the Secret of the release")
    print(f"# {secret} bytes in the Secret of the release")
    check(secret < 300_000, secret)


@test
@needs_pods
def beside__mutable_tag__is_denied_once_and_warned_about_once():
    policy, message = denied("create", "-n", "shop-prod", "-f", "-", stdin=json.dumps(pod("beside", LATEST)))
    check(policy == "tagmoor-production-deny" and find("app", LATEST) in message, message)
    said = try_pod("shop-dev", LATEST)
    check(said.status == 0 and len(warnings(said.text)) == 1 and find("app", LATEST).removesuffix(" ")[0] == '"', said.text)
    said = try_pod("shop-prod", PINNED)
    check(said.status == 0 and not warnings(said.text), said.text)


@test
@needs_pods
def beside__no_replica__mutable_tags_are_denied_and_pinned_ones_admitted():
    ok("scale", "-n", "tagmoor", "deployment/tagmoor", "--replicas=0")
    until("no replica", lambda: not pods("tagmoor"))
    policy, _message = denied("create", "-n", "shop-prod", "-f", "-", stdin=json.dumps(pod("beside", LATEST)))
    check_equal(policy, "tagmoor-production-deny")
    said = try_pod("shop-prod", PINNED)
    check_equal(said.status, 0, said.text)


@test
@needs_pods
def beside__webhook_configuration_deleted__mutable_tags_are_denied():
    ok("delete", "validatingwebhookconfiguration", "tagmoor")
    policy, _message = denied("create", "-n", "shop-prod", "-f", "-", stdin=json.dumps(pod("beside", OLD.replace("3.9.0", "edge"))))
    check_equal(policy, "tagmoor-production-deny")


@test
@needs_pods
def chart__uninstalled__leaves_nothing():
    uninstall()
    check_equal([each["metadata"]["name"] for kind in KINDS.split(",") for each in get(kind)["items"]], [])
    until("nothing is denied", lambda: try_pod("shop-prod", LATEST).status == 0, pause=0.2)
    check(not exists("-n", "shop-prod", "pod", "beside"))


def setup():
    uninstall()
    kubectl("delete", KINDS, "--all", quiet=True)
    namespaces("shop", shop_prod={"environment": "prod"}, shop_dev={"environment": "dev"})
    ways.setup(*(namespace for namespace, *_rest in PLACES.values()))
    ok("apply", "-f", "-", stdin=exported(write("policy.yaml", POLICY)), quiet=True)
    for name, namespace in (("production-deny", "shop-prod"), ("development-warn", "shop-dev")):
        wait_for(f"tagmoor-{name}", namespace)


main(setup)

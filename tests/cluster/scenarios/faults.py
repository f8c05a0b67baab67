#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults under a steady stream of creates: what goes wrong with replicas, certificates and policies, and how many requests are lost."""
import base64
import hashlib
import json
import os
import ssl
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from certificates import Authority  # noqa: E402
from harness import (BY_LABEL, CHART, LATEST, MODE, SELECTOR, Stream, answers, check, check_equal, create, evict, get,  # noqa: E402
                     install, is_ready, kubectl, main, namespaces, needs_node, needs_pods, ok, pod, pods, restarts, run,
                     test, uninstall, until)

NS = "shop"
HOST = "tagmoor.tagmoor.svc"


def ready_pods():
    return [each for each in pods("tagmoor", SELECTOR) if is_ready(each)]


def settle():
    until("three replicas", lambda: len(ready_pods()) == 3 and len(get("-n", "tagmoor", "pods", "-l", SELECTOR)["items"]) == 3, 120)


def none_lost(stream):
    check(stream.sent > 50, stream.text)
    check_equal((stream.lost, stream.text), (0, stream.text))


def upgrade(*flags):
    return run("helm", "upgrade", "tagmoor", CHART, "-n", "tagmoor", "--reset-then-reuse-values", "--wait", "--timeout", "150s", *flags)


# --- replicas -------------------------------------------------------------------------------------------------
@test
@needs_pods
def replica__deleted__none_lost():
    with Stream(NS) as stream:
        ok("delete", "-n", "tagmoor", "pod", ready_pods()[0]["metadata"]["name"])
        settle()
    none_lost(stream)


@test
@needs_node
def replica__killed__few_lost_for_a_moment():
    """SIGKILL, as by the kernel for want of memory: what it was answering is lost, and what comes before kubelet has seen it die."""
    victim = ready_pods()[0]
    container = victim["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    with Stream(NS) as stream:
        said = run("ctr", "-n", "k8s.io", "task", "kill", "--signal", "KILL", container)
        check_equal(said.status, 0)
        until("started again", lambda: restarts() == 1 and len(ready_pods()) == 3, 60)
        time.sleep(10)
    check(stream.lost <= stream.sent * 0.1, stream.text)
    check(stream.last_lost_s < 11, f"lost still after 10 s: {stream.text}")
    # So that the count of restarts says something of what follows.
    ok("delete", "-n", "tagmoor", "pod", victim["metadata"]["name"])
    settle()


@test
@needs_pods
def replicas__evicted_one_by_one__none_lost():
    """As `kubectl drain` does, which waits where the disruption budget says so."""
    names = [each["metadata"]["name"] for each in ready_pods()]
    with Stream(NS) as stream:
        for name in names:
            until("the budget allows it", lambda name=name: evict("tagmoor", name).status == 0, 60)
        settle()
    none_lost(stream)
    check(not set(names) & {each["metadata"]["name"] for each in pods("tagmoor")}, "not evicted")


@test
@needs_pods
def disruption_budget__second_at_once__refused():
    names = [each["metadata"]["name"] for each in ready_pods()]
    check_equal(evict("tagmoor", names[0]).status, 0)
    said = evict("tagmoor", names[1])
    check(said.status != 0 and "disruption budget" in said.text, said.text)
    settle()


@test
@needs_pods
def rolling_restart__none_lost():
    with Stream(NS) as stream:
        ok("rollout", "restart", "-n", "tagmoor", "deployment/tagmoor")
        ok("rollout", "status", "-n", "tagmoor", "deployment/tagmoor", "--timeout=150s")
        settle()
    none_lost(stream)


@test
@needs_pods
def upgrade_of_the_release__none_lost():
    secret = get("-n", "tagmoor", "secret", "tagmoor-tls")["data"]
    with Stream(NS) as stream:
        check_equal(upgrade("--set", "log.level=debug").status, 0)
        settle()
    none_lost(stream)
    check_equal(get("-n", "tagmoor", "secret", "tagmoor-tls")["data"], secret)


# --- policies -------------------------------------------------------------------------------------------------
def logged(words):
    return [line for line in ok("logs", "-n", "tagmoor", "-l", SELECTOR, "--tail=200", quiet=True).splitlines() if words in line]


def patch_policy(text):
    ok("patch", "-n", "tagmoor", "configmap", "tagmoor", "-p", json.dumps({"data": {"policy.yaml": text}}))


@test
@needs_pods
def bad_policy__by_helm__stops_before_anything_changes():
    before = get("-n", "tagmoor", "configmap", "tagmoor")["data"]
    with Stream(NS) as stream:
        said = upgrade("--set", "policy.exemptions[0].name=x", "--set", "policy.exemptions[0].reason=no such day", "--set", "policy.exemptions[0].expires=2027-02-30",
                       "--set", "policy.exemptions[0].match.namespaces={shop}")
        check(said.status != 0 and "policy-check" in said.text, said.text)
    none_lost(stream)
    check_equal(get("-n", "tagmoor", "configmap", "tagmoor")["data"], before)
    jobs = get("-n", "tagmoor", "jobs", "-l", "app.kubernetes.io/instance=tagmoor")["items"]
    check_equal(len(jobs), 1)  # what failed is left to be looked at
    reason = ok("logs", "-n", "tagmoor", "job/tagmoor-policy-check")
    check("2027-02-30" in reason, reason)
    check_equal(upgrade().status, 0)  # and the next good one goes through


@test
@needs_pods
def bad_policy__past_helm__the_old_one_stays():
    text = get("-n", "tagmoor", "configmap", "tagmoor")["data"]["policy.yaml"]
    with Stream(NS) as stream:
        patch_policy("version: 1\nenviroments: []\n")
        until("all three said so", lambda: len(logged("enviroments")) >= 3, 120)
        patch_policy(text)
        time.sleep(3)
    none_lost(stream)
    check_equal((restarts(), len(ready_pods())), (0, 3))


@test
@needs_pods
def policy_without_an_environment_in_use__nothing_lost():
    """The webhook configuration asks for /validate/development still: held to the default environment, the stricter one here."""
    text = get("-n", "tagmoor", "configmap", "tagmoor")["data"]["policy.yaml"]
    dev = json.dumps(pod("x", LATEST))
    with Stream(NS) as stream:
        patch_policy("version: 1\nmode: enforce\nenvironments:\n- {name: production, default: true, enforce: release}\n")
        def outcome():
            said = kubectl("create", "-n", "shop-dev", "--dry-run=server", "-f", "-", stdin=dev)
            return said.text if said.status else None
        said = until("development is no longer admitted", outcome, 120)
        print("# " + said.splitlines()[-1], flush=True)
        patch_policy(text)
        until("development is admitted", lambda: not any(outcome() for _ in range(9)), 120)
    none_lost(stream)
    check_equal(restarts(), 0)


# --- certificates ---------------------------------------------------------------------------------------------
def served():
    """Fingerprints of the certificates that the three replicas serve."""
    found = set()
    for each in ready_pods():
        said = run("openssl", "s_client", "-connect", f"{each['status']['podIP']}:8443", "-servername", HOST, stdin="", quiet=True)
        pem = said.text[said.text.index("-----BEGIN"):said.text.index("-----END") + 25]
        found.add(hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem + "\n")).hexdigest())
    return found


def wanted():
    pem = base64.b64decode(get("-n", "tagmoor", "secret", SECRET[0])["data"]["tls.crt"]).decode()
    return {hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[:pem.index("-----END") + 25] + "\n")).hexdigest()}


SECRET = ["tagmoor-tls"]


def exchanged(change):
    """Under the stream: `change`, until all replicas serve what the Secret has; none lost, no Pod restarted."""
    before, names = served(), sorted(each["metadata"]["uid"] for each in ready_pods())
    with Stream(NS) as stream:
        start = time.monotonic()
        change()
        until("all serve the new certificate", lambda: served() == wanted() != before, 120)
        print(f"# served by all replicas after {time.monotonic() - start:.0f} s", flush=True)
    none_lost(stream)
    check_equal(sorted(each["metadata"]["uid"] for each in ready_pods()), names)


@test
@needs_node
def certificate__tls_type_helm__renewed_by_an_upgrade_none_lost():
    """With so many days to go that the certificate of today is one to renew."""
    authority = get("-n", "tagmoor", "secret", "tagmoor-ca")["data"]
    exchanged(lambda: check_equal(upgrade("--set", "tls.helm.renewDays=730").status, 0))
    check_equal(get("-n", "tagmoor", "secret", "tagmoor-ca")["data"], authority)
    check_equal(upgrade("--set", "tls.helm.renewDays=120").status, 0)


@test
@needs_node
def certificate__tls_type_existing_secret__replaced_none_lost():
    own = Authority("company")
    own.sign("first", HOST)
    own.sign("second", HOST)
    create("tagmoor", own.secret("first", "company-tls"))
    switch("existingSecret", "company-tls", own.pem)
    exchanged(lambda: ok("apply", "-n", "tagmoor", "-f", "-", stdin=json.dumps(own.secret("second", "company-tls"))))


@test
@needs_node
def certificate__of_another_authority__both_trusted_meanwhile_none_lost():
    own, other = Authority("company-again"), Authority("other")
    own.sign("leaf", HOST)
    other.sign("leaf", HOST)
    create("tagmoor", own.secret("leaf", "company-tls"), verb="apply")
    switch("existingSecret", "company-tls", own.pem + other.pem)
    until("served", lambda: served() == wanted(), 120)
    exchanged(lambda: ok("apply", "-n", "tagmoor", "-f", "-", stdin=json.dumps(other.secret("leaf", "company-tls"))))


@test
@needs_node
def certificate__tls_type_cert_manager__renewed_none_lost():
    """cert-manager itself is not here: the scenario writes the Secret and injects the CA, as it would."""
    from cert_manager import KINDS
    for each in KINDS:
        ok("apply", "-f", "-", stdin=json.dumps(each))
    ok("wait", "--for=condition=Established", "crd/certificates.cert-manager.io", "crd/issuers.cert-manager.io", "--timeout=60s")
    try:
        own = Authority("cert-manager")
        own.sign("first", HOST)
        own.sign("second", HOST)
        uninstall()
        install({"mode": "enforce", "policy": BY_LABEL, "tls": {"type": "certManager"}}, wait=False)
        SECRET[0] = "tagmoor-tls"
        create("tagmoor", own.secret("first", "tagmoor-tls"))
        own.inject("tagmoor")
        settle()
        answers()
        exchanged(lambda: ok("apply", "-n", "tagmoor", "-f", "-", stdin=json.dumps(own.secret("second", "tagmoor-tls"))))
    finally:
        uninstall()
        ok("delete", "crd", "certificates.cert-manager.io", "issuers.cert-manager.io", "--ignore-not-found")


def switch(kind, secret, bundle):
    """To another source of the certificate, not under load: CA and Pods change one after the other."""
    SECRET[0] = secret
    values = {"mode": "enforce", "policy": BY_LABEL, "tls": {"type": kind, kind: {"name": secret, "caBundle": bundle}}}
    install(values)
    settle()


def setup():
    uninstall()
    namespaces(NS, shop_dev={"environment": "dev"})
    if MODE != "plane":
        install({"mode": "enforce", "policy": BY_LABEL})
        settle()


main(setup)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What only an API server of one's own can be told: the plugin ImagePolicyWebhook, tagmoor by URL beside it, and mutual TLS, each by the
product's own example files.  The first two have a control plane of their own."""
import atexit
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402
from harness import (BIN, BY_LABEL, HERE, LATEST, PINNED, STATE, TOP, Server, check, check_equal, create, get, install, kubectl,  # noqa: E402
                     main, namespaces, needs, needs_node, ok, pods, refused, run, test, uninstall, until, workload, write)

OWN = os.path.join(os.path.dirname(STATE), "image-policy") if STATE else ""
NS = "shop"
needs_own = needs("node", "plane", why="the API server's flags are out of reach")
SERVERS = {}


def plane():
    """Commands go to the control plane of its own from here on; started with the first scenario that needs it."""
    if harness.STATE == OWN:
        return
    Server.certs = os.path.join(harness.SCRATCH, "certs")
    harness.make_certs()
    port = harness.free_port()
    env = dict(os.environ, WEBHOOK_PORT=str(port), WEBHOOK_CA=f"{Server.certs}/ca.crt",
               APISERVER_ARGS=f"--enable-admission-plugins ImagePolicyWebhook --admission-control-config-file {OWN}/conf/tagmoor/image-policy-webhook.yaml")
    atexit.register(lambda: subprocess.run([f"{HERE}/down", OWN], check=False))
    subprocess.run([f"{HERE}/up", OWN, BIN, "plane"], check=True, env=env)
    harness.STATE = OWN
    conf = f"{OWN}/conf/tagmoor"
    SERVERS["image review"] = Server(f"--client-ca-file={conf}/client-ca.crt", "--client-name=kube-apiserver", port=port)
    namespaces(NS, "shop-dev")
    until("the plugin is asked", lambda: kubectl("run", "-n", NS, "x", f"--image={LATEST}", "--dry-run=server").status != 0)


def review(namespace, name, image):
    return kubectl("run", "-n", namespace, name, f"--image={image}")


# --- ImagePolicyWebhook -----------------------------------------------------------------------------------------
@test
@needs_own
def image_policy_webhook__rolling_pod__refused():
    plane()
    said = review(NS, "bad", LATEST)
    check_equal(said.text, f'Error from server (Forbidden): pods "bad" is forbidden: image policy webhook backend denied one or more images: spec.containers[0]: image "{LATEST}" '
                           'has a mutable tag (channel); environment "production" requires at least a release: use registry.example.com/pause:<major>.<minor>.<patch>, or registry.example.com/pause@sha256:<digest>')


@test
@needs_own
def image_policy_webhook__pinned_pod__admitted():
    plane()
    check_equal(review(NS, "good", PINNED).status, 0)


@test
@needs_own
def image_policy_webhook__development_by_name__admitted():
    plane()
    check_equal(review("shop-dev", "bad", LATEST).status, 0)


@test
@needs_own
def image_policy_webhook__ephemeral_container__judged():
    """The plugin does not say that a container is an ephemeral one, so what the policy spares them is not spared."""
    plane()
    check(kubectl("debug", "-n", NS, "good", f"--image={LATEST}", "-c", "shell", "--profile=general", "--quiet").status != 0, "admitted")


@test
@needs_own
def image_policy_webhook__a_controllers_pod__refused_too():
    """Nobody says who asks: nothing is spared, as the documentation says."""
    plane()
    create(NS, workload("ReplicaSet", "web", LATEST))
    until("FailedCreate", lambda: "image policy webhook backend denied" in kubectl("get", "events", "-n", NS).text, 30)
    check_equal(pods(NS, "app=web"), [])


@test
@needs_own
def image_policy_webhook__stranger__not_answered():
    """The example's client certificate is what opens the door."""
    plane()
    said = run("curl", "-sS", "--cacert", f"{Server.certs}/ca.crt", f"https://127.0.0.1:{SERVERS['image review'].port}/readyz")
    check(said.status != 0, said.text)


@test
@needs_own
def image_policy_webhook__nobody_answers__default_allow():
    plane()
    SERVERS["image review"].stop()
    # An image that was not asked for yet: answers are kept.
    check_equal(review(NS, "while-dead", "registry.example.com/pause:edge").status, 0)


# --- by URL -----------------------------------------------------------------------------------------------------
def by_url():
    """deploy/examples/webhook-by-url.yaml, for this server."""
    plane()
    if "by url" in SERVERS:
        return
    SERVERS["by url"] = server = Server()
    with open(f"{TOP}/deploy/examples/webhook-by-url.yaml", encoding="utf-8") as file:
        text = file.read()
    text = text.replace("127.0.0.1:8443", f"127.0.0.1:{server.port}").replace("Q0EgYXMgUEVNLCBpbiBiYXNlNjQ=", server.ca())
    create(NS, workload("Deployment", "before", PINNED, 0))
    ok("apply", "-f", write("webhook-by-url.yaml", text))
    until("asked", lambda: "denied the request" in kubectl("create", "deployment", "-n", NS, "x", f"--image={LATEST}", "--dry-run=server").text)


@test
@needs_own
def webhook_by_url__rolling_deployment__refused():
    by_url()
    entry, message = refused("create", "deployment", "-n", NS, "bad", f"--image={LATEST}")
    check_equal(entry, "users.tagmoor.static.k8s.io")
    check('environment "production" requires at least a release' in message, message)


@test
@needs_own
def webhook_by_url__pinned_and_development__admitted():
    by_url()
    ok("create", "deployment", "-n", NS, "pinned", f"--image={PINNED}")
    ok("create", "deployment", "-n", "shop-dev", "rolling", f"--image={LATEST}")


@test
@needs_own
def webhook_by_url__nobody_answers__controllers_go_on():
    by_url()
    SERVERS["by url"].stop()
    said = kubectl("create", "deployment", "-n", NS, "new", f"--image={PINNED}")
    check(said.status != 0 and 'failed calling webhook "users.tagmoor.static.k8s.io"' in said.text, said.text)
    ok("scale", "-n", NS, "deployment/before", "--replicas=1")
    until("the controllers' ReplicaSet and Pod", lambda: pods(NS, "app=before"), 30)
    ok("label", "-n", NS, "deployment/before", "seen=yes")


# --- mutual TLS, on the node ---------------------------------------------------------------------------------------
def back():
    harness.STATE = STATE


def mutual(*names):
    back()
    with open(f"{STATE}/conf/tagmoor/client-ca.crt", encoding="utf-8") as file:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "client-ca"}, "stringData": {"ca.crt": file.read()}}
    if kubectl("get", "namespace", "tagmoor").status != 0:
        ok("create", "namespace", "tagmoor")
    create("tagmoor", secret, verb="apply")
    install({"mode": "enforce", "policy": BY_LABEL, "mutualTLS": {"caSecret": "client-ca", "names": list(names)}}, wait=False)
    ok("rollout", "status", "-n", "tagmoor", "deployment/tagmoor", "--timeout=150s")
    until("old replicas gone", lambda: len(get("-n", "tagmoor", "pods", "-l", harness.SELECTOR)["items"]) == 3, 60)


@test
@needs_node
def mutual_tls__the_api_servers_certificate__answered():
    """The API server is started with deploy/examples/mutual-tls.yaml and webhooks.kubeconfig."""
    back()
    uninstall()
    namespaces(NS)
    mutual("kube-apiserver")
    harness.answers()
    refused("create", "deployment", "-n", NS, "x", f"--image={LATEST}", "--dry-run=server")
    ok("create", "deployment", "-n", NS, "x", f"--image={PINNED}", "--dry-run=server")


@test
@needs_node
def mutual_tls__no_certificate__not_answered():
    back()
    service = get("-n", "tagmoor", "service", "tagmoor")["spec"]["clusterIP"]
    said = run("curl", "-sSk", "--max-time", "10", f"https://{service}/readyz")
    check(said.status != 0, said.text)
    folder = f"{STATE}/conf/tagmoor"
    said = run("curl", "-sSk", "--max-time", "10", "--cert", f"{folder}/client.crt", "--key", f"{folder}/client.key", f"https://{service}/readyz")
    check_equal(said.status, 0)


@test
@needs_node
def mutual_tls__another_name__not_answered():
    mutual("somebody-else")
    said = kubectl("create", "deployment", "-n", NS, "x", f"--image={PINNED}", "--dry-run=server")
    check(said.status != 0 and "failed calling webhook" in said.text, said.text)
    mutual("kube-apiserver")
    until("answered", lambda: kubectl("create", "deployment", "-n", NS, "x", f"--image={PINNED}", "--dry-run=server").status == 0, 30)


main()

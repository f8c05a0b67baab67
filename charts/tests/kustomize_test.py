#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/kubernetes under overlays that change its namespace and names: every reference follows."""
import os
import re
import tempfile

import yaml

from chart import BIN, TOP, UniqueKeys, add, check, check_equal, main, test, tool

BASE = f"{TOP}/deploy/kubernetes"
OVERLAYS = {
    "nothing": {},
    "namespace": {"namespace": "gates"},
    "prefix": {"namePrefix": "blue-"},
    "suffix": {"nameSuffix": "-2"},
    "namespace_and_prefix": {"namespace": "gates", "namePrefix": "blue-"},
}


def build(overlay, has_names=True):
    """The objects of an overlay as the comment in names/kustomization.yaml describes it, by (kind, name)."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/inner")
        write(f"{folder}/inner", {"resources": [os.path.relpath(BASE, os.path.realpath(f"{folder}/inner"))], **overlay})
        names = [os.path.relpath(f"{BASE}/names", os.path.realpath(folder))] if has_names else []
        write(folder, {"resources": ["inner"], "components": names})
        done = tool(f"{BIN}/kustomize", "build", folder)
    check_equal(done.returncode, 0, done.stderr)
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.load_all(done.stdout, UniqueKeys)}


def write(folder, content):
    with open(f"{folder}/kustomization.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **content}, file)


def one_of(found, kind):
    (name,) = [name for (each, name) in found if each == kind]
    return found[kind, name]


def faults(found):
    """The references to names that no object has."""
    service, hooks = one_of(found, "Service"), one_of(found, "ValidatingWebhookConfiguration")
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    if ("Namespace", namespace) not in found:
        yield f"no Namespace {namespace}"
    for (kind, each), content in found.items():
        if content["metadata"].get("namespace", namespace) != namespace:
            yield f"{kind} {each} is in {content['metadata']['namespace']}"
    yield from faults_of_hooks(found, hooks, name, namespace)
    pod = one_of(found, "Deployment")["spec"]["template"]["spec"]
    references = [("ServiceAccount", pod["serviceAccountName"]), ("ConfigMap", pod["volumes"][0]["configMap"]["name"])]
    for certificate in [content for (kind, _), content in found.items() if kind == "Certificate"]:
        references.append(("Issuer", certificate["spec"]["issuerRef"]["name"]))
        if "dnsNames" in certificate["spec"]:
            if certificate["spec"]["dnsNames"] != [f"{name}.{namespace}.svc", f"{name}.{namespace}", name]:
                yield f"dnsNames {certificate['spec']['dnsNames']}"
        elif certificate["spec"]["commonName"] != f"{name}.{namespace}.svc CA":
            yield f"commonName {certificate['spec']['commonName']}"
    yield from [f"no {kind} {each}" for kind, each in references if (kind, each) not in found]


def faults_of_hooks(found, hooks, name, namespace):
    injected = hooks["metadata"]["annotations"]["cert-manager.io/inject-ca-from"].split("/")
    if injected[0] != namespace or ("Certificate", injected[1]) not in found or not found["Certificate", injected[1]]["spec"].get("dnsNames"):
        yield f"inject-ca-from {injected}"
    for hook in hooks["webhooks"]:
        service = hook["clientConfig"]["service"]
        if (service["name"], service["namespace"]) != (name, namespace):
            yield f"{hook['name']}: Service {service}"
        if hook["namespaceSelector"]["matchExpressions"][0]["values"] != ["kube-system", namespace]:
            yield f"{hook['name']}: {hook['namespaceSelector']}"


def overlay__with_the_component__every_reference_follows(overlay):
    found = build(overlay)
    check_equal(list(faults(found)), [])
    service = one_of(found, "Service")["metadata"]
    check_equal(service["namespace"], overlay.get("namespace", "tagmoor"))
    check_equal(service["name"], overlay.get("namePrefix", "") + "tagmoor" + overlay.get("nameSuffix", ""))


for one, content in OVERLAYS.items():
    add(f"{one}__with_the_component__every_reference_follows", overlay__with_the_component__every_reference_follows, content)


@test
def namespace_and_prefix__without_the_component__the_test_finds_what_is_left():
    found = " ".join(faults(build(OVERLAYS["namespace_and_prefix"], has_names=False)))
    for text in ("inject-ca-from", "dnsNames", "commonName", "kube-system", "no Issuer"):
        check(text in found, text, found)


@test
def base__without_an_overlay__is_complete():
    done = tool(f"{BIN}/kustomize", "build", BASE)
    check_equal(list(faults({(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done.stdout)})), [])


@test
def kustomization__mentions_the_component():
    with open(f"{BASE}/kustomization.yaml", encoding="utf-8") as file:
        check(re.search(r"`namespace`.*names/kustomization.yaml", file.read(), re.S))


main()

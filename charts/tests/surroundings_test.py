#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chart on other platforms and beside other tools."""
import glob
import os
import re

import yaml

from chart import BIN, CHART, add, check, check_equal, check_fails, main, objects, render, template, test, tool

EXAMPLES = sorted(glob.glob(f"{CHART}/examples/*.yaml"))
EVERYTHING = ["--values", f"{CHART}/ci/everything-values.yaml", "--set", "tls.type=certManager"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def pods(rendered):
    """The specification of every Pod that the chart creates, by kind and name."""
    found = {key: one["spec"]["template"]["spec"] for key, one in rendered.items() if key[0] in ("Deployment", "Job")}
    found.update({key: one["spec"] for key, one in rendered.items() if key[0] == "Pod"})
    check_equal(sorted({kind for kind, _ in found}), ["Deployment", "Job", "Pod"])
    return found


def webhooks(rendered, name="tagmoor"):
    return rendered["ValidatingWebhookConfiguration", name]["webhooks"]


# --- platforms ----------------------------------------------------------------------------------


@test
def nodes__by_default__are_linux_for_every_pod():
    for key, pod in pods(render()).items():
        check_equal(pod.get("nodeSelector"), {"kubernetes.io/os": "linux"}, key)


@test
def nodes__with_a_selector__are_still_linux():
    for key, pod in pods(render({"nodeSelector": {"disk": "ssd"}})).items():
        check_equal(pod["nodeSelector"], {"kubernetes.io/os": "linux", "disk": "ssd"}, key)
    for key, pod in pods(render({"nodeSelector": {"kubernetes.io/os": None}})).items():
        check("nodeSelector" not in pod, key)


@test
def security_context__null__is_left_to_the_platform():
    for key, pod in pods(render({"podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None},
                                 "containerSecurityContext": {"readOnlyRootFilesystem": None}})).items():
        check_equal(pod["securityContext"], {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}, key)
        check_equal(pod["containers"][0]["securityContext"], {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}, key)


@test
def security_context__by_default__has_no_privileges():
    for key, pod in pods(render()).items():
        check_equal(pod["securityContext"], {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
                                             "seccompProfile": {"type": "RuntimeDefault"}}, key)
        check_equal(pod["containers"][0]["securityContext"],
                    {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, key)


def example__of_a_platform__lints_and_renders(path):
    flags = ["--set", "tls.helm.withoutCluster=true"]
    done = tool(f"{BIN}/helm", "lint", "--strict", CHART, "--values", path, *flags)
    check_equal(done.returncode, 0, done.stdout, done.stderr)
    objects(tool(f"{BIN}/helm", "template", "tagmoor", CHART, "--namespace", "tagmoor", "--values", path, *flags))
    check(os.path.basename(path) in read(f"{CHART}/README.md"), "not in the README")


check_equal({os.path.basename(path) for path in EXAMPLES} >= {"aks.yaml", "eks-other-cni.yaml", "gke-private.yaml", "k3s.yaml", "openshift.yaml"}, True)
for one in EXAMPLES:
    add(f"{os.path.basename(one)}__lints_and_renders", example__of_a_platform__lints_and_renders, one)


def example(name):
    return objects(tool(f"{BIN}/helm", "template", "tagmoor", CHART, "--namespace", "tagmoor", "--values", f"{CHART}/examples/{name}.yaml",
                        "--set", "tls.helm.withoutCluster=true"))


@test
def openshift__example__leaves_users_and_the_certificate_to_the_platform():
    rendered = example("openshift")
    for key, pod in pods(rendered).items():
        check(not {"runAsUser", "runAsGroup", "fsGroup"} & set(pod["securityContext"]), key, pod["securityContext"])
    secret = rendered["Service", "tagmoor"]["metadata"]["annotations"]["service.beta.openshift.io/serving-cert-secret-name"]
    check(secret in str(rendered["Deployment", "tagmoor"]["spec"]["template"]["spec"]["volumes"]), secret)
    hooks = rendered["ValidatingWebhookConfiguration", "tagmoor"]
    check_equal(hooks["metadata"]["annotations"]["service.beta.openshift.io/inject-cabundle"], "true")
    check(not any("caBundle" in hook["clientConfig"] for hook in hooks["webhooks"]))


@test
def aks__example__switches_the_admissions_enforcer_off():
    hooks = example("aks")["ValidatingWebhookConfiguration", "tagmoor"]
    check_equal(hooks["metadata"]["annotations"]["admissions.enforcer/disabled"], "true")


@test
def gke_private__example__uses_a_port_that_the_firewall_opens():
    container = example("gke-private")["Deployment", "tagmoor"]["spec"]["template"]["spec"]["containers"][0]
    check(10250 in [port["containerPort"] for port in container["ports"]])


@test
def eks_other_cni__example__uses_the_host_network():
    check(example("eks-other-cni")["Deployment", "tagmoor"]["spec"]["template"]["spec"]["hostNetwork"])


# --- namespaces ---------------------------------------------------------------------------------


def excluded__glob__fails_with_the_way_that_works(name):
    check_fails({"webhook": {"excludeNamespaces": [name]}}, f"webhook.excludeNamespaces: '{name}'", "namespaceLabels", "enforce: ignore",
                "webhook.namespaceSelector")


for one in ("openshift-*", "*", "team-?", "kube-[a-z]*", "Upper", "a.b", ""):
    add(f"excluded_{one or 'empty'}__fails_with_the_way_that_works", excluded__glob__fails_with_the_way_that_works, one)


@test
def selector__of_namespaces__is_part_of_every_entry():
    selector = {"matchLabels": {"tagmoor": "yes"}, "matchExpressions": [{"key": "openshift.io/run-level", "operator": "DoesNotExist"}]}
    for hook in webhooks(render({"webhook": {"namespaceSelector": selector}}, EVERYTHING), "gate"):
        found = hook["namespaceSelector"]["matchExpressions"]
        check({"key": "tagmoor", "operator": "In", "values": ["yes"]} in found, hook["name"], found)
        check({"key": "openshift.io/run-level", "operator": "DoesNotExist"} in found, hook["name"], found)
    check_fails({"webhook": {"namespaceSelector": {"labels": {}}}}, "/webhook/namespaceSelector")


@test
def environment__by_label__takes_the_place_of_a_glob():
    """The way that the message names."""
    environments = [{"name": "platform", "namespaceLabels": {"tagmoor.dev/environment": ["platform"]}, "enforce": "ignore", "mode": "audit"},
                    {"name": "production", "default": True, "enforce": "release"}]
    found = {hook["name"]: hook["failurePolicy"] for hook in webhooks(render({"mode": "enforce", "policy": {"environments": environments}}))}
    check_equal(found["platform.users.tagmoor.dev"], "Ignore")
    check_equal(found["users.tagmoor.dev"], "Fail")


# --- labels and annotations beside those of the chart ---------------------------------------------


@test
def labels_and_annotations__same_keys_as_the_chart__appear_once():
    done = template({"commonLabels": {"app.kubernetes.io/version": "x", "app.kubernetes.io/name": "other"},
                     "podLabels": {"sidecar.istio.io/inject": "true", "app.kubernetes.io/instance": "other"},
                     "podAnnotations": {"linkerd.io/inject": "enabled"},
                     "serviceMonitor": {"enabled": True, "labels": {"app.kubernetes.io/version": "m"}},
                     "prometheusRule": {"enabled": True, "labels": {"app.kubernetes.io/version": "m"}},
                     "dashboard": {"enabled": True, "labels": {"app.kubernetes.io/version": "m"}}})
    rendered = objects(done)  # fails if a key appears twice
    deployment = rendered["Deployment", "tagmoor"]
    check_equal(deployment["metadata"]["labels"]["app.kubernetes.io/version"], "x")
    pod = deployment["spec"]["template"]["metadata"]
    check_equal((pod["labels"]["sidecar.istio.io/inject"], pod["annotations"]["linkerd.io/inject"]), ("true", "enabled"))
    check_equal(rendered["ServiceMonitor", "tagmoor"]["metadata"]["labels"]["app.kubernetes.io/version"], "m")
    # Selectors must keep matching.
    for labels in (deployment["metadata"]["labels"], pod["labels"]):
        check_equal((labels["app.kubernetes.io/name"], labels["app.kubernetes.io/instance"]), ("tagmoor", "tagmoor"))


# --- GitOps: what the API server stores is what the chart renders ---------------------------------


@test
def durations__of_certificates__are_canonical():
    for written, stored in (("2160h", "2160h0m0s"), ("90m", "1h30m0s"), ("36h30m", "36h30m0s"), ("3600s", "1h0m0s"), ("1h1s", "1h0m1s")):
        found = render({"tls": {"certManager": {"duration": written}}})
        check_equal(found["Certificate", "tagmoor"]["spec"]["duration"], stored, written)
    for key, one in found.items():
        for name in ("duration", "renewBefore"):
            if key[0] == "Certificate" and name in one["spec"]:
                check(re.fullmatch(r"\d+h\d+m\d+s", one["spec"][name]), key, one["spec"])


@test
def webhooks__fields_with_defaults__are_all_written():
    for hook in webhooks(render()):
        check_equal(set(hook) - {"matchConditions"}, {"name", "failurePolicy", "timeoutSeconds", "matchPolicy", "sideEffects", "admissionReviewVersions",
                                                      "clientConfig", "namespaceSelector", "objectSelector", "rules"})
        check_equal(hook["objectSelector"], {})
        check_equal(set(hook["clientConfig"]["service"]), {"name", "namespace", "path", "port"})
        check(all("scope" in rule for rule in hook["rules"]))
        check("caBundle" not in hook["clientConfig"])


@test
def readme__argocd__has_ignored_differences():
    found = re.search(r"^    ignoreDifferences:\n(?:    .*\n)+", read(f"{CHART}/README.md"), re.M)
    check(found, "no example")
    example_of_readme = yaml.safe_load(found[0])["ignoreDifferences"]
    check_equal(example_of_readme[0]["kind"], "ValidatingWebhookConfiguration")


# --- values that break something ------------------------------------------------------------------


@test
def image_tag__that_moves__fails():
    for tag in ("latest", "main", "edge", "v1", "0"):
        check_fails({"image": {"digest": "", "tag": tag}}, f"image.tag '{tag}'", "image.digest")
    render({"image": {"digest": "", "tag": "0.1.0"}})
    render({"image": {"tag": "latest"}})  # the digest applies


@test
def budget__that_blocks_every_drain__fails():
    for value in (0, "0%", "00%"):
        check_fails({"podDisruptionBudget": {"maxUnavailable": value}}, "podDisruptionBudget.maxUnavailable", "drain")
    render({"podDisruptionBudget": {"maxUnavailable": 0, "enabled": False}})
    render({"podDisruptionBudget": {"maxUnavailable": "34%"}})


main()

# SPDX-License-Identifier: Apache-2.0
"""mutant_values - the texts, kinds and users that mutants.py draws from."""
import csv
import os

import oracle
import oracle_annotations
from oracle_texts import Number, Object

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")


def rows(name):
    with open(os.path.join(DATA, name), newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def unescaped(text):
    return text.replace("\\t", "\t").replace("\\n", "\n")


VECTORS, MORE = rows("tag-vectors.tsv"), rows("tag-vectors-more.tsv")
CASES = rows("reference-cases.tsv")
HEX64 = "0123456789abcdef" * 4
REPOSITORIES = ["nginx", "docker.io/library/busybox", "registry.example.com:5000/shop/web", "localhost/app",
                "[2001:db8::1]:5000/team/app", "my_registry.io/app", "index.docker.io/redis", "App/app",
                "CGR.dev/x", "cgr.dev:0443/x", "registry-1.docker.io/redis", "docker.io:443/library/busybox",
                "Registry.Example.com:05000/shop/web"]
ODD_IMAGES = ["", " ", "\t \n", "\u00a0", "auto", " auto", "later", "nginx ", "nginx:", "nginx@", "nginx:latest@", ":latest",
              "@sha256:" + HEX64, "nginx@sha256:" + HEX64, "nginx:latest@sha256:" + HEX64, "nginx:9@sha512:" + HEX64 * 2,
              "nginx@sha384:" + HEX64 + HEX64[:32], "nginx@sha256:" + HEX64.upper(), "nginx@sha256:" + HEX64[1:],
              "nginx@md5:" + HEX64[:32], "nginx@sha256:" + HEX64 + "0", HEX64, HEX64.upper(), HEX64 + ":1",
              "sha256:" + HEX64, "sha256:abc", "sha512:ABC", "sha256:xyz", "sha256:abc@sha256:" + HEX64, "docker.io/sha256:abc",
              "ko://example.com/cmd", "https://docker.io/nginx:1.2.3", "nginx:" + "1" * 128, "nginx:" + "1" * 129,
              "a" * 247 + ":1.2.3", "a" * 248 + ":1.2.3", "x/" + "a" * 253 + ":1.2.3", "x/" + "a" * 254 + ":1.2.3",
              "r.io/" + "a/" * 2000 + ":1", "nginx:1.2.3\0", "\0", "nginx:1.2.3\u2028", "größe:1", "nginx:1.2.3\U0001f600",
              "{{image}}", "app:$(TAG)", "app:{{tag", "app:)$(", "a:{{\n}}", "a\"b\\c:1", "a\\x41:latest", "NGINX:1.2.3",
              "nginx:1.2.3@sha256", "nginx:-1", "nginx:.1", "nginx:1.2.3+k3s1", "a__b:1.2.3", "a___b:1.2.3", "a..b:1.2.3"]
IMAGES = (ODD_IMAGES + [unescaped(case["input"]) for case in CASES] +
          [f"nginx:{row['tag']}" for row in VECTORS + MORE if row["tag"] != "(none)"])
USERS = oracle.CONTROLLERS + [
    "jane@example.com", "kubernetes-admin", "", "system:node:worker-1", "system:serviceaccount:shop:deployment-controller",
    "system:serviceaccount:kube-system:deployment-controller2", "system:serviceaccount:kube-system:evil-controller",
    "System:kube-controller-manager", "system:kube-controller-manager\0", "system:serviceaccount:argocd:server",
    "system:serviceaccount:argocd-evil:server", "system:serviceaccount:argocd:a/b", "operator@example.com",
    "operator@example_com", "xsystem:serviceaccount:argocd:server"]
NAMESPACES = ["dev", "dev-1", "x-dev", "devx", "prod", "shop", "", "sandbox", "review-12", "Dev", "dev\0", "team-a", "team-ab",
              "kube-system", "development", "dev-a/b", "preview-", "mydevbox"]
SUBRESOURCES = ["", "status", "scale", "ephemeralcontainers", "resize", "binding", "Ephemeralcontainers", "ephemeralcontainers\0"]
KINDS = [("", "Pod", "pods"), ("", "PodTemplate", "podtemplates"), ("apps", "Deployment", "deployments"),
         ("batch", "CronJob", "cronjobs"), ("batch", "Job", "jobs"), ("apps", "ReplicaSet", "replicasets"),
         ("argoproj.io", "Rollout", "rollouts"), ("example.com", "Pod", "pods"), ("", "pod", "pod"),
         ("serving.knative.dev", "Service", "services"), ("", "Service", "services"), ("apps", "StatefulSet", "statefulsets"),
         ("apps", "ControllerRevision", "controllerrevisions"), ("apps.kruise.io", "StatefulSet", "statefulsets"), ("tekton.dev", "Task", "tasks"), ("apps", "Pod", "deployments")]
TEXTS = ["", "x", "\0", "a\nb", "\x1b[31m", "é", "\u2028", "\U0001f600", "name", "web", "y" * 300, "z" * 5000, "\\x41", '"q"']
TOKENS = ["NaN", "Infinity", "-Infinity", "01", "1.", "-", "1e999", "123456789012345678901234567890", "-0", "1E+2", "tru", "nul",
          '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\x41"', '"\\u12g4"', '"a', "", "'x'", '"\x01"', "[1,]", '{"a"}',
          "/*c*/1", '"\\u0000"', "+1", ".5", "1e", '"\\/"', "[" * 60 + "]" * 60]
STEPS = ["request", "object", "oldObject", "kind", "resource", "userInfo", "groups", "spec", "template", "jobTemplate", "containers",
         "initContainers", "ephemeralContainers", "volumes", "image", "reference", "name", "metadata", "annotations",
         "deletionTimestamp", "operation", "subResource", "namespace", "uid", "apiVersion", "username", "group"]


ANNOTATIONS = sorted(oracle_annotations.EXACT) + [
    "admission.datadoghq.com/java-lib.version", "admission.datadoghq.com/web.js-lib.custom-image", "sidecar.example.com/image",
    "config.linkerd.io/proxy-image", "config.linkerd.io/proxy-version", "sidecar.istio.io/proxyImageType"]
VALUES = ["latest", "1.2.3", "auto", "later", "proxyv2", "", " ", "{{x}}", '[{"op":"add","path":"/image","value":"a:latest"}]', '{"a":{"emptyDir":{}}}',
          '{"a":{"Image":{}}}', '[{"IMAGE" : "a:latest"}]', '{"image":"a:1.2.3"}', '{"image":"a:1.2.3","x":{"image":"b"}}', '{"image":""}',
          '{"image":"a\\/b:latest"}', '{"im\\u0061ge":"a:latest"}', "\\", None, Number("1"), Object([])]

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tagmoor-output(5) and the outputs: each has the members, columns, labels and values of the other, and no more."""
import functools
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from xml.etree import ElementTree

from certificates import CERT, FOLDER, KEY, make_ca, make_leaf, path
from harness import ENVIRONMENT, JSON, TAGMOOR, Tagmoor, add, ask, check, check_equal, connect, main, test, tls_context
from reviews import all_cases, audit_log, pod

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "cmd/tagmoor-output.5")
WITH_OWN_KEYS = re.compile(r"(^|\.)(names|environments|repairs)$")
POLICY = """\
version: 1
environments:
- {name: production, default: true, enforce: release, audit: digest}
- {name: development, namespaces: [dev], enforce: any, warn: release}
- {name: quiet, namespaces: [quiet], enforce: any, warn: any, audit: release}
- {name: warned, namespaces: [warned], mode: warn, enforce: digest}
- {name: audited, namespaces: [audited], mode: audit, enforce: digest, images: [{match: ["docker.io/ignored/*"], enforce: ignore, warn: ignore, audit: ignore}]}
- {name: built, namespaces: [built], namespaceLabels: {stage: [built]}, enforce: build}
repositories:
- {match: [docker.io/own/*], reason: tags are never moved, otherwise: release}
- {match: [docker.io/built/*], build: ["v1"], release: ["r1"]}
- {match: [docker.io/rolls/*], rolling: ["v1"], release: ["x"]}
exemptions:
- {name: lasting, reason: until it is rebuilt, permanent: true, match: {namespaces: [exempt]}, enforce: any}
- {name: ending, reason: until it is rebuilt, expires: 2099-01-31, match: {namespaces: [exempt]}, enforce: any}
- {name: temporary, reason: until it is rebuilt, expires: 2099-01-31, match: {namespaces: [temporary]}}
- {name: over, reason: until it is rebuilt, expires: 2020-01-31, match: {namespaces: [over]}}
"""
MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: %s}
spec:
  containers: [{name: web, image: nginx}, {name: other, image: "nginx:1.27.3"}]
---
"""
OTHERS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: plain}
---
apiVersion: example.com/v1
kind: Unknown
metadata: {name: unknown}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: filled}
spec: {template: {spec: {containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: without}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: guessed, namespace: shop}
spec: {chart: {}, values: {image: {repository: nginx, tag: latest}, other: {image: {repository: redis}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: suppressed, namespace: shop}
spec:
  containers:
  - {name: line, image: redis} # tagmoor: ignore OPS-1
---
apiVersion: v1
kind: Pod
metadata: {name: suppressed-too, namespace: shop, annotations: {tagmoor.dev/ignore: OPS-2}}
spec: {containers: [{name: all, image: redis}]}
---
"""


# --- the page ---------------------------------------------------------------------------------------------
class Section:
    """What a section of the page lists: `items` are name -> values, `details` name -> what follows the name."""

    def __init__(self, text):
        self.items, self.details = {}, {}
        self.columns = re.findall(r"^\.It\n\.Va (\S+)$", text, re.M)
        self.rows = [row.split(" Ta ") for row in re.findall(r"^\.It (?!Va |Sy )(.+ Ta .+)$", text, re.M)]
        for item in re.split(r"^\.It Va ", text, flags=re.M)[1:]:
            head, *body = item.split("\n.El\n")[0].split("\n")
            names, _, detail = head.partition(" No ")
            words = re.findall(r"[^\s,;:]+", " ".join(line[4:] for line in body if line.startswith(".Cm ")))
            for name in names.split(" , "):
                check(name not in self.items, "stands twice in the page:", name)
                self.items[name], self.details[name] = set(words), detail


def read_page():
    with open(PAGE, encoding="utf-8") as file:
        parts = re.split(r"^\.S[hs] (.+)\n", file.read(), flags=re.M)
    return {title: Section(text) for title, text in zip(parts[1::2], parts[2::2])}


SECTIONS = read_page()


def flatten(value, at="", found=None):
    """{path: set of the texts of its values}, paths as the page writes them."""
    found = {} if found is None else found
    if isinstance(value, dict):
        for key, member in value.items():
            name = "NAME" if WITH_OWN_KEYS.search(at) else key
            flatten(member, f"{at}.{name}" if at else name, found)
    elif isinstance(value, list):
        for item in value:
            flatten(item, at + "[]", found)
    else:
        found.setdefault(at, set()).add(value if isinstance(value, str) else json.dumps(value))
    return found


def flatten_all(values):
    found = {}
    for value in values:
        flatten(value, "", found)
    return found


def compare(title, found, incomplete=()):
    """Names and values of the page are those found; of an `incomplete` name only some values are seen."""
    documented = SECTIONS[title].items
    check_equal(set(found) - set(documented), set(), "only in the output:", title)
    check_equal(set(documented) - set(found), set(), "only in the page:", title)
    for name, values in documented.items():
        if values:
            check(found[name] <= values, title, name, "only in the output:", found[name] - values)
            check(name in incomplete or values <= found[name], title, name, "only in the page:", values - found[name])


# --- the outputs ------------------------------------------------------------------------------------------
def run(*words, stdin=b"", status=None, where=None):
    done = subprocess.run([TAGMOOR, *words], input=stdin, capture_output=True, timeout=120, env=ENVIRONMENT, cwd=where)
    check(status is None or done.returncode == status, words, done)
    return done.stdout.decode()


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)
    return path(name)


@functools.cache
def policy():
    return write("policy.yaml", POLICY)


@functools.cache
def check_outputs():
    """format -> output of one `check` that has something of each kind."""
    formats = ("json", "tsv", "tsv-header", "sarif", "junit", "github", "codequality", "markdown")
    with tempfile.TemporaryDirectory() as where:
        files = {"findings.yaml": "".join(MANIFEST % ("web", name) for name in ("shop", "dev", "quiet", "temporary", "over")) + OTHERS, "empty.yaml": "",
                 "malformed.yaml": MANIFEST.replace("[{name: web, image: nginx}, ", "x-[") % ("web", "shop"),
                 "broken.yaml": "a: [", "known.yaml": MANIFEST % ("known", "shop"), "notes.yaml": "title: no object\n", "unused.yaml": "# tagmoor: ignore x\n" + MANIFEST % ("unused", "shop"),
                 "known.tsv": "known.yaml\tPod shop/known\tweb\tnginx\nfindings.yaml\tPod a/b\tapp\tx\n",
                 "tree/web/Chart.yaml": "name: web\n", "tree/web/templates/a.yaml": "a: {{ b }}\n", "tree/skipped.yaml": "",
                 "tree/Dockerfile": "FROM nginx\n"}
        for name, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(where, name)), exist_ok=True)
            with open(os.path.join(where, name), "w", encoding="utf-8") as file:
                file.write(text)
        run("check", "--policy", policy(), "--baseline", "known.tsv", *(word for name in formats for word in ("-o", f"{name}=r.{name}")),
            "--verbose", "--exclude", "skipped.yaml", "--exclude", "absent", "missing.yaml", "tree", "-",
            *sorted(name for name in files if name.endswith(".yaml") and "/" not in name),
            status=2, where=where, stdin=("# Source: web/templates/x.yaml\n" + MANIFEST % ("rendered", "shop")).encode())
        found = {}
        for name in formats:
            with open(os.path.join(where, f"r.{name}"), encoding="utf-8") as file:
                found[name] = file.read()
        return found


def check_columns(title, output):
    """The header names the columns of the page, and each line has as many."""
    header, *lines = output.splitlines()
    check_equal(header.split("\t"), SECTIONS[title].columns)
    check(lines and all(len(line.split("\t")) == len(SECTIONS[title].columns) for line in lines), output)


@test
def check_json():
    compare("check: json", flatten(json.loads(check_outputs()["json"])))


@test
def check_tsv__header_page_and_lines_have_the_same_columns():
    check_columns("check: tsv", check_outputs()["tsv-header"])
    check_equal(check_outputs()["tsv-header"].split("\n", 1)[1], check_outputs()["tsv"])


@test
def check_baseline():
    baseline = path("written.tsv")
    run("check", "--write-baseline", baseline, "-", stdin=(MANIFEST % ("web", "shop")).encode(), status=0)
    with open(baseline, encoding="utf-8") as file:
        lines = file.read().splitlines()
    check_equal([lines[1].removeprefix("# ").split("\t"), len(lines[2].split("\t"))], [SECTIONS["check: baseline"].columns, 4])


@test
def sarif():
    document = json.loads(check_outputs()["sarif"])
    rules, results = document["runs"][0]["tool"]["driver"].pop("rules"), document["runs"][0].pop("results")
    # A warning needs more than 25,000 findings; golden/check_formats_test.py has them.
    compare("sarif", flatten(document), incomplete=["runs[].invocations[].toolExecutionNotifications[].level"])
    compare("sarif: rules", flatten_all(rules))
    compare("sarif: results", flatten_all(results))
    words = SECTIONS["CLASSES AND LEVELS"].items
    check_equal({rule["id"] for rule in rules}, words["class"] | words["value"] | words["moved"] | words["fault"])


@test
def junit():
    found = {}
    for element in ElementTree.fromstring(check_outputs()["junit"]).iter():
        found.setdefault(element.tag, set()).update(element.attrib)
    compare("junit", found)


@test
def github():
    found = {}
    *lines, last = check_outputs()["github"].splitlines()
    check(last.startswith("tagmoor: "), last)
    for line in lines:
        command, properties = re.fullmatch(r"::(\w+) ([^:]+)::.+", line).groups()
        found.setdefault(command, set()).update(word.split("=")[0] for word in properties.split(","))
    compare("github", found)


@test
def codequality():
    compare("codequality", flatten(json.loads(check_outputs()["codequality"])))


@test
def markdown__heading_and_columns_of_the_table():
    lines = check_outputs()["markdown"].splitlines()
    check(lines[0].startswith("### tagmoor: "), lines[0])
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    check_equal(cells[0], SECTIONS["markdown"].columns)
    check(len(cells) > 3 and {len(row) for row in cells} == {len(cells[0])}, cells)


@functools.cache
def scan_harness():
    """tests/scan/harness.py, which has the name of the harness here."""
    folder = os.path.join(ROOT, "tests/scan")
    sys.path.append(folder)
    spec = importlib.util.spec_from_file_location("scan_harness", os.path.join(folder, "harness.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scan(output):
    """A cluster whose CronJobs may not be read, compared with an older policy."""
    harness = scan_harness()
    from fake_cluster import deployment, example, roles  # pylint: disable=import-outside-toplevel,import-error
    objects = example() + roles() + deployment("quiet", "pinned", main="api:1.2.3") + deployment("dev", "latest", main="api:latest")
    cluster = {"objects": objects, "failing": {"cronjobs.batch": (403, "Forbidden", "no")}}
    strict = "version: 1\nenvironments:\n- {name: production, default: true, enforce: digest, unchanged: {enforce: digest}}\n" + \
        "- {name: dev, namespaces: [dev], enforce: ignore, warn: ignore, audit: ignore}\n"
    strict += "exemptions: [{name: agent, reason: until it is rebuilt, expires: 2099-01-31, match: {kinds: [CronJob, DaemonSet]}}]\n"
    loose = "version: 1\nenvironments:\n- {name: production, default: true, enforce: any, warn: release, audit: digest}\n" + \
        "- {name: dev, namespaces: [dev], enforce: digest, unchanged: {enforce: digest}}\n"
    return [harness.scan(cluster, "-A", "--summary", policy=policies[0], compare=policies[1], output=output).out
            for policies in ((strict, loose), (loose, strict))]


@test
def scan_json():
    compare("scan: json", flatten_all(map(json.loads, [*scan("json"), scan_harness().scan_moved()])))


@test
def scan_openreports():
    compare("scan: openreports", flatten_all(json.loads(text) for text in (*scan("openreports"), scan_harness().scan_moved("openreports"))))


@test
def scan_tsv__header_page_and_lines_have_the_same_columns():
    check_columns("scan: tsv", scan("tsv-header")[0])


@test
def explain_json():
    references = b"postgres:16.1\nbuilt/app:v1\nrolls/app:v1\nrolls/app:x\nnginx\nnginx:1.27.3\nx y\nown/app:1\napp@sha256:" + b"0" * 64 + b"\n"
    lines = run("explain", "--policy", policy(), "-o", "json", "-", stdin=references).splitlines()
    compare("explain: json", flatten_all(map(json.loads, lines)))


@test
def explain_tsv__header_page_and_lines_have_the_same_columns():
    check_columns("explain: tsv", run("explain", "-o", "tsv-header", "nginx", "x y"))


@test
def policy_check_json():
    with tempfile.TemporaryDirectory() as where:
        for name, text in (("good.yaml", POLICY), ("bad.yaml", "version: 1\nenviroments: []\n"),
                           ("ended.yaml", POLICY.replace("2099", "2020"))):
            with open(os.path.join(where, name), "w", encoding="utf-8") as file:
                file.write(text)
        compare("policy check: json", flatten(json.loads(run("policy", "check", "-o", "json", "good.yaml", "bad.yaml", "ended.yaml", "absent.yaml",
                                                             status=2, where=where))))


@test
def test_json__and_junit():
    with tempfile.TemporaryDirectory() as where:
        for name, text in (("cases.yaml", "- {image: nginx, environment: development, expect: warn}\n- {image: nginx, expect: allow, class: version}\n"
                                          "- {image: nginx, namespace: quiet, expect: audit}\n- {image: 'nginx:1.27.3@sha256:" + "0" * 64 + "', expect: allow}\n"),
                           ("bad.yaml", "- {image: a}\n")):
            with open(os.path.join(where, name), "w", encoding="utf-8") as file:
                file.write(text)
        words = ("test", "--policy", policy(), "cases.yaml", "bad.yaml", "absent.yaml", "-o")
        compare("test: json", flatten(json.loads(run(*words, "json", status=2, where=where))))
        for element in ElementTree.fromstring(run(*words, "junit", status=2, where=where)).iter():
            check(set(element.attrib) <= SECTIONS["junit"].items[element.tag], element.tag, element.attrib)


@test
def decisions__verb_past_and_severity():
    verbs, pasts, severities = map(set, zip(*SECTIONS["DECISIONS"].rows))
    summary = json.loads(check_outputs()["json"])["summary"]
    results = json.loads(check_outputs()["sarif"])["runs"][0]["results"]
    check_equal(verbs, SECTIONS["explain: json"].items["environments.NAME"])
    check_equal(pasts & set(summary), pasts)
    check_equal({result["level"] for result in results} | {"none"}, severities)


# --- the webhook ------------------------------------------------------------------------------------------
def exempted_pod():
    return pod(namespace="exempt", images=["nginx"])


@functools.cache
def answers():
    """(AdmissionReviews, ImageReviews) that `tagmoor review` answers to the golden requests with their own policies."""
    found = {"AdmissionReview": [], "ImageReview": []}
    with tempfile.TemporaryDirectory() as where:
        requests = [(case.body, case.flags(where)) for case in all_cases().values()]
        exempted = json.dumps({"apiVersion": "imagepolicy.k8s.io/v1alpha1", "kind": "ImageReview",
                               "spec": {"containers": [{"image": "nginx"}], "namespace": "exempt"}}).encode()
        requests += [(body, ["--policy", policy()]) for body in (exempted_pod(), exempted)]
        for body, flags in requests:
            out = run("review", *flags, "-", stdin=body)
            if out:
                answer = json.loads(out)
                found[answer["kind"]].append(answer)
    return found


@test
def admission_reviews():
    compare("AdmissionReview", flatten_all(answers()["AdmissionReview"]))


@test
def image_reviews():
    compare("ImageReview", flatten_all(answers()["ImageReview"]))


@test
def annotation_images():
    annotations = [answer["response"].get("auditAnnotations", {}) for answer in answers()["AdmissionReview"]]
    images = [image for annotation in annotations for image in json.loads(annotation.get("images", "[]"))]
    compare("Annotation images", flatten_all(images))


# --- the server -------------------------------------------------------------------------------------------
@functools.cache
def served():
    """(lines of the log, text of the metrics) of a server that evaluated the golden requests and others."""
    ca = make_ca("page-ca")
    client = make_leaf("page-client", "page-ca")
    context = tls_context()
    context.load_cert_chain(*client)
    bodies = [case.body for case in all_cases().values() if len(case.body) < 200000] + [exempted_pod(), pod(images=["nginx:1.2.3"] * 65)]
    for namespace in ("dev", "quiet", "warned", "audited", "built", "temporary", "over"):
        bodies.append(pod(namespace=namespace, images=["nginx", "ignored/app:1"]))
    own_policy = write("served.yaml", POLICY)
    with Tagmoor("--policy", own_policy, "--client-ca-file", ca, "--log-requests", "all", "--log-level", "debug", cert=CERT, key=KEY,
                 metrics="127.0.0.1:0") as server:
        with connect(server, context) as sock:
            for target, body in [*(("/validate", body) for body in bodies), ("/validate/quiet", pod()), ("/validate/none", pod())]:
                ask(sock, "POST", target, body, JSON)
        write("served.yaml", "version: 2\n")
        server.wait_for('"level":"error"', seconds=20)
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10).read().decode()
        check_equal(server.end(), 0)
        return server.json_lines(), metrics


@test
def log__event_lines():
    lines = [line for line in served()[0] if line["msg"] != "review"]
    compare("Event lines", flatten_all(lines), incomplete=("level",))


@test
def log__review_lines():
    common = set(SECTIONS["Event lines"].items)
    found = flatten_all(line for line in served()[0] if line["msg"] == "review")
    check(common <= set(found), common - set(found))
    compare("Review lines", {name: values for name, values in found.items() if name not in common})


def metric_families(text):
    """name -> (type, labels -> values)"""
    found = {}
    for line in text.splitlines():
        declared = re.fullmatch(r"# TYPE (\S+) (\S+)", line)
        if declared:
            name = declared[1]
            found[name] = (declared[2], {})
        elif not line.startswith("#"):
            for label, value in re.findall(r'[{,](\w+)="([^"]*)"', line):
                if label != "le":
                    found[name][1].setdefault(label, set()).add(value)
    return found


@test
def metrics__names_types_and_labels():
    documented = SECTIONS["Metrics"].details
    found = {}
    for name, (kind, labels) in metric_families(served()[1]).items():
        found[name] = kind + (" Brq " + " , ".join(labels) if labels else "")
    check_equal(sorted(set(found.items()) ^ set(documented.items())), [])


@test
def metrics__values_of_labels():
    documented = SECTIONS["Label values"].items
    found = {}
    for _, labels in metric_families(served()[1]).values():
        for label, values in labels.items():
            found.setdefault(label, set()).update(values)
    open_ended = {"environment", "namespace", "kind", "exemption", "worker", "version", "digest", "class"}
    check_equal(set(found) - open_ended, set(documented))
    compare("Label values", {label: values for label, values in found.items() if label in documented}, incomplete=("certificate", "operation"))
    check(found["class"] <= SECTIONS["CLASSES AND LEVELS"].items["class"], found["class"])


# --- exit statuses ----------------------------------------------------------------------------------------
POD = (MANIFEST % ("web", "shop")).encode()
DUMP = b"""{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata":
{"name": "web", "namespace": "shop"}, "spec": {"containers": [{"name": "web", "image": "%s"}]}}]}"""
COMMANDS = {   # what exits with each status: arguments, standard input
    "check": [(["--policy", "/none", "-"], POD), (["-"], POD), (["--environment", "development", "-"], POD)],
    "scan": [(["/none"], b""), (["-"], DUMP % b"nginx:1.27.3"), (["-"], DUMP % b"nginx")],
    "explain": [(["--environment", "production", "nginx"], b""), (["nginx"], b""), ([], b"")],
    "review": [(["-"], pod(images=["nginx"])), (["-"], pod()), (["-"], b"{}")],
    "policy": [(["show"], b""), (["check", "/none"], b"")],
    "test": [(["-"], b"- {image: nginx, expect: deny}"), (["-"], b"- {image: nginx, expect: allow}"), (["-"], b"- {}")],
    "import": [(["ecr", "-"], b'{"repositories": [{"repositoryName": "app", "repositoryUri": "registry.example/app", "imageTagMutability": "IMMUTABLE"}]}'), (["ecr", "-"], b"")],
    "certs": [([FOLDER.name + "/throwaway"], b""), ([], b"")], "replay": [(["-"], audit_log()), (["--fail-on", "deny", "-"], audit_log()), (["-"], b"")], "report": [(["-"], audit_log()), (["-"], b"")],
    "version": [([], b""), (["x"], b"")],
}


def statuses(command):
    documented = {row[0].split()[1]: set(map(int, row[1].split(", "))) for row in SECTIONS["EXIT STATUS"].rows}
    found = {subprocess.run([TAGMOOR, command, *words], input=stdin, capture_output=True, timeout=60, env=ENVIRONMENT).returncode
             for words, stdin in COMMANDS[command]}
    check_equal(found, documented[command], command)


for name in COMMANDS:
    add(f"exit_statuses__{name}", statuses, name)


@test
def exit_statuses__every_command_is_in_the_page():
    commands = re.findall(r"^  (\w+) ", run("--help").split("commands:")[1], re.M)
    check_equal({row[0].split()[1] for row in SECTIONS["EXIT STATUS"].rows}, set(commands))


main()

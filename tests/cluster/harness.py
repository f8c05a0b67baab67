# SPDX-License-Identifier: Apache-2.0
"""What the scenarios share: kubectl and helm with what they printed kept as evidence, the chart installed, TAP.

Where the cluster is comes from the runner (`tests/cluster/run`) by environment: MOOR_CLUSTER is the folder of `up`, or empty for
the KUBECONFIG given; MOOR_CLUSTER_BIN has kubectl and helm; MOOR_EVIDENCE is the folder for what was printed.  MODE is then

    node    everything is possible
    plane   no Pod ever runs: tagmoor runs beside, asked by URL
    given   somebody's cluster: Pods run, its API server and its node are out of reach
"""
import atexit
import base64
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from server_process import TAGMOOR, Tagmoor, free_port  # noqa: E402
from tap import Skip, add, check, check_equal, test  # noqa: E402,F401

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
STATE = os.environ.get("MOOR_CLUSTER", "")
BIN = os.environ["MOOR_CLUSTER_BIN"]
IMAGE = os.environ.get("MOOR_IMAGE", "")  # REPOSITORY@sha256:...
THEME = os.path.basename(sys.argv[0]).removesuffix(".py")
SCRATCH = os.path.join(os.environ["MOOR_EVIDENCE"], THEME + ".files")
CHART = f"{TOP}/charts/tagmoor"
LATEST, OLD, PINNED = "registry.example.com/pause:latest", "registry.example.com/pause:3.9.0", "registry.example.com/pause:3.10.0"

os.makedirs(SCRATCH, exist_ok=True)
EVIDENCE = open(os.path.join(os.environ["MOOR_EVIDENCE"], THEME + ".txt"), "w", encoding="utf-8", buffering=1)


def environment():
    """What `up` wrote down of its cluster."""
    if not STATE:
        return {"MODE": "given"}
    with open(f"{STATE}/env", encoding="utf-8") as file:
        return dict(re.findall(r"(\w+)='?([^'\s]*)", file.read()))


ENV = environment()
MODE = ENV["MODE"]
CALL_S = 180  # no call takes longer, --wait included


def needs(*modes, why):
    """A decorator: in other modes the scenario is skipped, and says why."""
    def decorate(function):
        def run():
            if MODE not in modes:
                raise Skip(why)
            function()
        run.__name__ = function.__name__
        return run
    return decorate


needs_pods = needs("node", "given", why="no Pod runs in a control plane alone")
needs_node = needs("node", why="the node is out of reach, or there is none")


def evidence(text):
    EVIDENCE.write(text if text.endswith("\n") else text + "\n")


def main(setup=None):
    """Plays the scenarios; what `setup` cannot do fails all of them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    tap.main(setup, evidence)


def until(what, condition, seconds=60, pause=0.5):
    """The first true value of condition(), which may raise until then."""
    end = time.monotonic() + seconds
    while True:
        try:
            last = condition()
            if last:
                return last
        except Exception as why:
            last = why
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}; last: {last}")
        time.sleep(pause)


# --- commands -------------------------------------------------------------------------------------------
class Said:
    """What a command printed, both streams as they came, and its exit status."""

    def __init__(self, status, text):
        self.status, self.text = status, text


def reach(arguments):
    """The command line that runs `arguments` where the cluster can be reached."""
    return [f"{HERE}/in", STATE, *arguments] if STATE else arguments


def run(*arguments, stdin=None, quiet=False, env=None):
    if not quiet:
        shown = " ".join(a if re.fullmatch(r"[\w@%+=:,./*-]+", a) else f"'{a}'" for a in arguments)
        evidence(f"$ {shown}" + (f" <<END\n{stdin}\nEND" if stdin else ""))
    environ = dict(os.environ, **(env or {}))
    environ["PATH"] = BIN + ":" + environ["PATH"]
    done = subprocess.run(reach(list(arguments)), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=CALL_S, env=environ, cwd=TOP, check=False)
    if not quiet:
        evidence(done.stdout + (f"-> exit {done.returncode}" if done.returncode else ""))
    return Said(done.returncode, done.stdout.rstrip("\n"))


def kubectl(*arguments, **options):
    return run("kubectl", *arguments, **options)


def ok(*arguments, **options):
    """What kubectl printed, which must have succeeded."""
    said = kubectl(*arguments, **options)
    check(said.status == 0, f"kubectl {' '.join(arguments)}: exit {said.status}: {said.text}")
    return said.text


def get(*arguments):
    """An object or a list, parsed."""
    said = kubectl("get", *arguments, "-o", "json", quiet=True)
    check(said.status == 0, said.text)
    return json.loads(said.text)


def exists(*arguments):
    return kubectl("get", *arguments, quiet=True).status == 0


def helm(*arguments, **options):
    said = run("helm", *arguments, **options)
    check(said.status == 0, f"helm {' '.join(arguments)}: exit {said.status}: {said.text}")
    return said.text


def warnings(text):
    return [line.removeprefix("Warning: ") for line in text.splitlines() if line.startswith("Warning: ")]


DENIED = r'admission webhook "([^"]+)" denied the request: (.*)'


def refused(*arguments, **options):
    """(webhook entry, message) of a command that the webhook must refuse."""
    said = kubectl(*arguments, **options)
    check(said.status != 0, f"not refused: kubectl {' '.join(arguments)}: {said.text}")
    found = re.findall(DENIED, said.text)
    check(found, f"refused, but not by the webhook: {said.text}")
    return found[-1]


# --- objects --------------------------------------------------------------------------------------------
SCHEDULER = None  # who finds a node for the Pods; a name that nobody has leaves them pending


def pod_spec(image, **more):
    spec = {"containers": [{"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"}], "terminationGracePeriodSeconds": 1, **more}
    return spec | ({"schedulerName": SCHEDULER} if SCHEDULER else {})


def pod(name, image, **more):
    return manifest("Pod", name, spec=pod_spec(image, **more))


def manifest(kind, name, version="v1", **body):
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}


def template(name, image):
    return {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image)}


def workload(kind, name, image, replicas=1):
    """An object of a kind that has a Pod template."""
    if kind == "Pod":
        return pod(name, image)
    if kind == "PodTemplate":
        return manifest(kind, name, template=template(name, image))
    if kind in ("Job", "CronJob"):
        job = {"template": template(name, image)}
        job["template"]["spec"]["restartPolicy"] = "Never"
        spec = job if kind == "Job" else {"schedule": "0 3 * * *", "jobTemplate": {"spec": job}}
        return manifest(kind, name, "batch/v1", spec=spec)
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template(name, image)}
    if kind != "DaemonSet":
        spec["replicas"] = replicas
    if kind == "StatefulSet":
        spec["serviceName"] = name
    if kind == "ReplicationController":
        spec["selector"] = {"app": name}
        return manifest(kind, name, spec=spec)
    return manifest(kind, name, "apps/v1", spec=spec)


def definition(plural, group, kind, version):
    """A CustomResourceDefinition that takes anything."""
    return manifest("CustomResourceDefinition", f"{plural}.{group}", "apiextensions.k8s.io/v1", spec={
        "group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
        "versions": [{"name": version, "served": True, "storage": True,
                      "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]})


def create(namespace, *objects, verb="create"):
    return ok(verb, "-n", namespace, "-f", "-", stdin="\n---\n".join(map(json.dumps, objects)))


def namespaces(*names, **labelled):
    """Fresh namespaces; `labelled` are by name their labels."""
    wanted = {name: {} for name in names} | {name.replace("_", "-"): labels for name, labels in labelled.items()}
    drop(*wanted)
    for name, labels in wanted.items():
        ok("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}))
    for name in wanted:
        until("service account", lambda name=name: exists("-n", name, "serviceaccount", "default"), pause=0.1)


def drop(*names):
    ok("delete", "namespace", "--ignore-not-found", *names, "--timeout=150s")


def pods(namespace, selector=None):
    """Those that are not on their way out."""
    listed = get("-n", namespace, "pods", *(["-l", selector] if selector else []))["items"]
    return [each for each in listed if "deletionTimestamp" not in each["metadata"]]


def is_ready(each):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in each.get("status", {}).get("conditions", []))


def restarts(namespace="tagmoor"):
    return sum(c["restartCount"] for each in pods(namespace) for c in each["status"].get("containerStatuses", []))


def evict(namespace, name):
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
    return kubectl("create", "--raw", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", "-f", "-", stdin=json.dumps(body))


# --- tagmoor --------------------------------------------------------------------------------------------
SERVER = None
SELECTOR = "app.kubernetes.io/name=tagmoor"

# Environments by label, as many clusters have them.
BY_LABEL = {"version": 1, "environments": [
    {"name": "development", "namespaceLabels": {"environment": ["dev"]}, "enforce": "any", "warn": "release"},
    {"name": "production", "namespaceLabels": {"environment": ["prod"]}, "default": True, "enforce": "release",
     "ephemeralContainers": {"enforce": "any", "warn": "release"}}]}


def write(name, text):
    path = os.path.join(SCRATCH, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def image_values():
    repository, _, digest = IMAGE.partition("@")
    return ["--set", f"image.repository={repository}", "--set", f"image.digest={digest}"]


def install(values=None, *flags, wait=True):
    """tagmoor with these chart values: by helm, or where no Pod runs the program with the chart's webhook configuration by URL."""
    path = write("values.json", json.dumps(values or {}))
    if MODE == "plane":
        serve(path)
    else:
        helm("upgrade", "--install", "tagmoor", CHART, "-n", "tagmoor", "--create-namespace", *image_values(), "--values", path,
             *(["--wait", "--timeout", "150s"] if wait else []), *flags)
        if wait:
            until("old replicas gone", lambda: len(get("-n", "tagmoor", "pods", "-l", SELECTOR)["items"]) == (values or {}).get("replicas", 3))
    if wait:
        answers()


def answers():
    """Waits until the API server knows the webhook configuration: what nobody would admit is refused or warned of."""
    bad = json.dumps(pod("try", LATEST))
    until("the webhook is asked", lambda: f'"{LATEST}" has a mutable tag' in kubectl(
        "create", "-n", "default", "--dry-run=server", "-f", "-", stdin=bad, quiet=True).text, pause=0.2)


def uninstall():
    global SERVER
    if MODE == "plane":
        ok("delete", "validatingwebhookconfiguration", "tagmoor", "--ignore-not-found")
        if SERVER:
            SERVER.stop()
        SERVER = None
        return
    run("helm", "uninstall", "tagmoor", "-n", "tagmoor", "--ignore-not-found", "--wait", "--timeout", "120s")
    drop("tagmoor")


def make_certs():
    if not os.path.exists(Server.certs):
        subprocess.run([TAGMOOR, "certs", "--ip", "127.0.0.1", Server.certs], check=True, stdout=subprocess.DEVNULL)


class Server(Tagmoor):
    """`tagmoor serve` on this machine."""

    certs = f"{SCRATCH}/certs"

    def __init__(self, *flags, port=None):
        make_certs()
        with open(f"{SCRATCH}/serve.log", "a", encoding="utf-8") as log:
            super().__init__("--log-requests", "all", *flags, cert=f"{self.certs}/tls.crt", key=f"{self.certs}/tls.key",
                             listen=f"127.0.0.1:{port or free_port()}", stderr=log)
        atexit.register(self.stop)

    def ca(self):
        with open(f"{self.certs}/ca.crt", "rb") as file:
            return base64.b64encode(file.read()).decode()

    def stop(self):
        if self.is_running():
            try:
                self.end(20)
            except subprocess.TimeoutExpired:
                self.kill()


def rendered(values_path, *flags):
    """The chart's objects by kind, parsed by kubectl."""
    text = subprocess.run([f"{BIN}/helm", "template", "tagmoor", CHART, "-n", "tagmoor", "--no-hooks", "--kube-version", "1.36.3",
                           "--values", values_path, *flags],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    parsed = kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", stdin=text, quiet=True)
    check(parsed.status == 0, parsed.text)
    decoder, found, rest = json.JSONDecoder(), {}, parsed.text.strip()
    while rest:
        each, end = decoder.raw_decode(rest)
        for item in each.get("items", [each]):
            found[item["kind"]] = item
        rest = rest[end:].strip()
    return found


def serve(values_path):
    global SERVER
    if SERVER:
        SERVER.stop()
    found = rendered(values_path, "--set", "tls.helm.withoutCluster=true")
    SERVER = Server("--policy", write("policy.yaml", found["ConfigMap"]["data"]["policy.yaml"]))
    configuration = found["ValidatingWebhookConfiguration"]
    for entry in configuration["webhooks"]:
        path = entry["clientConfig"].pop("service")["path"]
        entry["clientConfig"].update(url=f"https://127.0.0.1:{SERVER.port}{path}", caBundle=SERVER.ca())
    ok("apply", "-f", "-", stdin=json.dumps(configuration), quiet=True)


# --- a steady stream of creates -----------------------------------------------------------------------------
class Stream:
    """Dry-run creates of Pods, every second one to be refused, while the body of a `with` runs; then .lost and .text."""

    def __init__(self, namespace, rate=40):
        self.namespace, self.rate = namespace, rate

    def __enter__(self):
        config = json.loads(kubectl("config", "view", "--raw", "--flatten", "-o", "json", quiet=True).text)
        self.process = subprocess.Popen(
            reach([sys.executable, f"{HERE}/stream.py", self.namespace, str(self.rate), write("kubeconfig.json", json.dumps(config))]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        check(self.process.stdout.readline() == "started\n", "the stream did not start")
        time.sleep(1)
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            time.sleep(2)
        self.process.stdin.close()
        said = json.loads(self.process.stdout.read())
        self.process.wait(30)
        self.sent, self.lost = said["sent"], sum(said["lost"].values())
        self.text = f"{self.sent} creates in {said['seconds']:.0f} s, {self.lost} lost {said['first'] or ''}; longest {said['longest_ms']:.0f} ms"
        self.last_lost_s = said["last_lost_s"]
        evidence(self.text)
        print("# " + self.text, flush=True)

# SPDX-License-Identifier: Apache-2.0
"""What the tests of `tagmoor scan` share: tests as functions, a run of the program, TAP."""
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from fake_cluster import Cluster, node, running  # noqa: E402
from server_process import IS_SANITIZED, TAGMOOR  # noqa: E402,F401
from tap import Skip, check, check_equal, main, require_terminal, test  # noqa: E402,F401

HERE = os.path.dirname(os.path.abspath(__file__))
KUBECTL = os.path.join(HERE, "kubectl")
DEFAULT = subprocess.run([TAGMOOR, "policy", "show", "--default"], capture_output=True, check=True).stdout.decode()
PRODUCTION = """\
version: 1
grammar: 1
environments:
- name: production
  default: true
  enforce: release
"""
LABELS = PRODUCTION + """\
- name: sandbox
  namespaceLabels: {environment: [sandbox]}
  enforce: any
"""


class Result:
    def __init__(self, done, calls=()):
        self.status, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()
        self.calls = list(calls)

    def __str__(self):
        return f"status {self.status}\n{self.out}\n{self.err}\n{self.calls}"

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"{error}: {self}") from error

    @property
    def denied(self):
        """What is denied: `NAMESPACE KIND NAME CONTAINER IMAGE`, and on which occasions."""
        found = {}
        for image in self.json["findings"]:
            when = " ".join(key for key, value in image["decisions"].items() if value == "deny")
            name = " ".join([image.get("namespace", "-"), image["kind"], image["name"],
                             image.get("container", "-"), image.get("image", "-")])
            if when:
                check(name not in found, "twice:", name)
                found[name] = when
        return found

    @property
    def addresses(self):
        return [call[2] for call in self.calls if call[:2] == ["get", "--raw"]]


def lay_out(folder, cluster, args):
    """Writes what the fake kubectl answers to a scan with these arguments."""
    given = dict(zip(args, [*args[1:], ""]))
    limit = given.get("--chunk-size", "500")
    where = given.get("-n", "" if "-A" in args else cluster.namespace or "default")
    write(folder, "namespace", cluster.namespace)
    write(folder, "table", cluster.table())
    if "api-resources" in cluster.failing:
        write(folder, "table.err", "error: unable to retrieve the complete list of server APIs: " +
              cluster.failing["api-resources"][2] + "\n")
    for name, _, group, version, namespaced, _ in cluster.resources:
        address = f"/apis/{group}/{version}" if group else f"/api/{version}"
        address += f"/namespaces/{where}" if namespaced and where else ""
        lay_out_list(folder, cluster, f"{address}/{name}?limit={limit}")
    if where:
        lay_out_list(folder, cluster, f"/api/v1/namespaces/{where}")


def lay_out_list(folder, cluster, first):
    address = first
    while address:
        status, answer = cluster.get(address)
        os.makedirs(os.path.dirname(folder + address), exist_ok=True)
        if status != 200:
            write(folder, address[1:] + ".json.err", f"Error from server ({answer['reason']}): {answer['message']}\n")
            return
        write(folder, address[1:] + ".json", json.dumps(answer, separators=(",", ":")) + "\n")
        token = answer["metadata"].get("continue")
        address = f"{first}&continue={urllib.parse.quote(token, safe='')}" if token else None


def scan(cluster, *args, policy=None, compare=None, kubectl=KUBECTL, output="json", warning="", **more):
    """Scans a cluster of `fake_cluster.Cluster`'s arguments by the fake kubectl; -A where `args` are none."""
    args = list(args) or ["-A"]
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, Cluster(**cluster) if isinstance(cluster, dict) else Cluster(cluster), args)
        words = [TAGMOOR, "scan", "--kubectl", kubectl, *args, "-o", output]
        for option, text in (("--policy", policy), ("--compare", compare)):
            if text is not None:
                words += [option, write(folder, option[2:] + ".yaml", text)]
        done = subprocess.run(words, env=dict(os.environ, FAKE_CLUSTER=folder, FAKE_WARNING=warning), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=300, check=False, **more)
        calls = []
        if os.path.exists(f"{folder}/log"):
            with open(f"{folder}/log", encoding="utf-8") as log:
                calls = [line.split() for line in log]
        return Result(done, calls)


def scan_dump(text, *args, output="json", stdin=None, policy=None):
    with tempfile.TemporaryDirectory() as folder:
        args += ("--policy", write(folder, "policy.yaml", policy)) if policy is not None else ()
        path = "-" if stdin is not None else write(folder, "dump.json", text)
        done = subprocess.run([TAGMOOR, "scan", path, "-o", output, *args], capture_output=True, timeout=300,
                              input=stdin.encode() if stdin is not None else b"", check=False)
        return Result(done)


def scan_moved(output="json"):
    """A cluster with a moved tag, and an image whose digest is known."""
    pods = [running("shop", f"p{one}", "n1", f"nginx:1.27.{number}", one) for one, number in ("a5", "b5", "c4")]
    return scan([node("n1"), *pods], policy=PRODUCTION.replace("release", "digest"), output=output).out


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path

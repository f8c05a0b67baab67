#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`kubectl tagmoor scan` with the real kubectl, against an API server that serves fake_cluster's objects."""
import contextlib
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading

from fake_cluster import Cluster, example, failure, namespace
from harness import TAGMOOR, Result, check, check_equal, main, scan, test, write

REAL = shutil.which("kubectl")


class Handler(http.server.BaseHTTPRequestHandler):
    """Discovery and lists, as an API server without aggregated discovery gives them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # pylint: disable=invalid-name
        cluster = self.server.cluster
        path = self.path.split("?")[0]
        parts = path.strip("/").split("/")
        self.server.agents.add(self.headers.get("User-Agent", "").split("/")[0])
        if path == "/version":
            self.answer(200, {"major": "1", "minor": "36", "gitVersion": "v1.36.0"})
        elif path == "/api":
            self.answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        elif path == "/apis":
            self.answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups(cluster)})
        elif (parts[0] == "api" and len(parts) == 2) or (parts[0] == "apis" and len(parts) == 3):
            self.answer(200, resources(cluster, "/".join(parts[1:])))
        else:
            self.answer(*cluster.get(self.path))

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):  # pylint: disable=arguments-differ
        pass


def groups(cluster):
    found = {}
    for _, _, group, version, _, _ in cluster.resources:
        if group:
            version = {"groupVersion": f"{group}/{version}", "version": version}
            found[group] = {"name": group, "versions": [version], "preferredVersion": version}
    return list(found.values())


def resources(cluster, wanted):
    found = []
    for name, short, group, version, namespaced, kind in cluster.resources:
        if (f"{group}/{version}" if group else version) == wanted:
            verbs = ["create"] if name == "bindings" else ["create", "get", "list", "watch"]
            found.append({"name": name, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind,
                          "verbs": verbs, **({"shortNames": [short]} if short else {})})
    if not found:
        return failure(404, "NotFound", "no such group")
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": wanted, "resources": found}


class Place:
    """A server, a kubeconfig that leads to it, and a PATH with the plugin and the real kubectl."""

    def __init__(self, folder, cluster):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.cluster, self.server.agents = cluster, set()
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        os.mkdir(f"{folder}/bin")
        os.symlink(TAGMOOR, f"{folder}/bin/kubectl-tagmoor")
        os.symlink(REAL, f"{folder}/bin/kubectl")
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "here",
                  "clusters": [{"name": "c", "cluster": {"server": self.address}}],
                  "users": [{"name": "u", "user": {}}],
                  "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "play"}},
                               {"name": "bare", "context": {"cluster": "c", "user": "u"}}]}
        self.env = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": folder,
                    "KUBECONFIG": write(folder, "config", json.dumps(config))}
        for name in ("LSAN_OPTIONS", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def tagmoor(self, *args):
        """Through kubectl, as people call it."""
        done = subprocess.run([f"{self.env['HOME']}/bin/kubectl", "tagmoor", *args], env=self.env, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        return Result(done)


@contextlib.contextmanager
def place(cluster):
    check(REAL, "kubectl is not on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        made = Place(folder, cluster)
        thread = threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.server.shutdown()
            thread.join()
            made.server.server_close()


@test
def real_kubectl__says_what_the_fake_one_says():
    with place(Cluster(example())) as here:
        result = here.tagmoor("scan", "-A", "-o", "json")
        check_equal((result.status, result.err), (1, ""), result)
        check_equal(result.json, scan(example()).json)
        check(here.server.agents and all(agent.startswith("kubectl") for agent in here.server.agents), here.server.agents)


@test
def real_kubectl__pages_are_asked_of_the_server():
    with place(Cluster(example())) as here:
        result = here.tagmoor("scan", "-A", "-o", "json", "--chunk-size", "4")
        check_equal(result.json, scan(example()).json)
        asked = [address for address in here.server.cluster.asked if address.startswith("/api/v1/pods?")]
        check(len(asked) >= 4 and all("limit=4" in address for address in asked), asked)
        check("continue=" not in asked[0] and all("continue=" in address for address in asked[1:]), asked)


@test
def real_kubectl__namespace_of_the_context_and_another_context():
    with place(Cluster([*example(), namespace("default")])) as here:
        result = here.tagmoor("scan", "-o", "json")
        check_equal({name.split()[0] for name in result.denied}, {"play"}, result)
        check(all("/namespaces/play/" in address for address in here.server.cluster.asked), here.server.cluster.asked)
        here.server.cluster.asked.clear()
        result = here.tagmoor("scan", "-o", "json", "--context", "bare")
        check_equal((result.status, result.json["findings"]), (0, []), result)
        check("/api/v1/namespaces/default/pods?limit=500" in here.server.cluster.asked, here.server.cluster.asked)


@test
def real_kubectl__namespace_that_is_not_there():
    with place(Cluster(example())) as here:
        result = here.tagmoor("scan", "-o", "json", "-n", "nope")
        check_equal((result.status, [error["list"] for error in result.json["errors"]]), (2, ["namespaces"]), result)
        check('namespaces "nope" not found' in result.err, result)


@test
def real_kubectl__what_it_may_not_read_is_passed_on():
    text = 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group ""'
    with place(Cluster(example(), failing={"pods": (403, "Forbidden", text)})) as here:
        result = here.tagmoor("scan", "-A", "-o", "json")
        check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["pods"]), result)
        check(f"Error from server (Forbidden): {text}\n" in result.err, result)


@test
def real_kubectl__list_that_expires():
    text = "The provided continue parameter is too old to display a consistent list result."
    with place(Cluster(example(), failing={"pods": (410, "Expired", text)})) as here:
        result = here.tagmoor("scan", "-A", "-o", "json", "--chunk-size", "4")
        check("scan again with a larger --chunk-size" in result.err and result.status == 2, result)


@test
def real_kubectl__no_server():
    with place(Cluster([])) as here:
        address = here.address
        env = here.env
        env["KUBECONFIG"] = write(env["HOME"], "dead", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}], "users": [],
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": ""}}]}))
        result = here.tagmoor("scan", "-A")
        check_equal((result.status, result.out), (2, ""), result)
        check("127.0.0.1:1" in result.err and "tagmoor: scan: 'kubectl' failed with status 1" in result.err, result, address)


@test
def real_kubectl__no_such_context():
    with place(Cluster([])) as here:
        result = here.tagmoor("scan", "--context", "nowhere")
        check_equal((result.status, result.out), (2, ""), result)
        check("nowhere" in result.err, result)


main()

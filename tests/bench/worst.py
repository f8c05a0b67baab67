#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""worst.py FOLDER [POLICY...] - measures the costliest requests that anyone may send.

For each policy: the CPU of the costliest of several requests, before and after the policy is loaded
again, and the answer to it.  Then the latency of small requests beside 8 clients that send the
costliest request without a pause.  The policies are four that were written to be slow and those of
deploy/examples; FOLDER is for what is made on the way.  Nothing is asserted here: the tests count
matching steps, which do not depend on the machine.
"""
import glob
import http.client
import json
import os
import ssl
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from server_process import TAGMOOR, Tagmoor  # noqa: E402

HEAD = "version: 1\nenvironments:\n- {name: production, default: true, enforce: release}\n"
ATTACKERS, SMALL = 8, 400


def slow_policies():
    """The text of each policy, or None where it is refused: 10,000 globs are too many for a policy."""
    def repositories(count):
        lists = [", ".join(f'"**/team-{i}/*"' for i in range(first, min(first + 200, count))) for first in range(0, count, 200)]
        return "repositories:\n" + "".join(f"- {{match: [{globs}], otherwise: release}}\n" for globs in lists)

    def exemptions(count, globs):
        return "exemptions:\n" + "".join(
            f'- {{name: e{i}, reason: long enough, permanent: true, match: {{images: [' +
            ", ".join(f'"**/vendor-{i}-{j}/*"' for j in range(globs)) + "]}}\n" for i in range(count))
    return {"1,000 repository globs": HEAD + repositories(1000),
            "slow pattern": HEAD + "repositories:\n- {match: ['**'], release: ['([a-z0-9]+-?)+\\d{8}']}\n",
            "250 exemptions of 40 globs": HEAD + exemptions(250, 40),
            "100 exemptions of 40 globs": HEAD + exemptions(100, 40)}


def example_policies():
    policies = {"default": None}
    for path in sorted(glob.glob("deploy/examples/policy-*.yaml")):
        with open(path, encoding="utf-8") as file:
            policies[os.path.basename(path)] = file.read()
    return policies


def review(images, old=None, uid="u", size=0):
    def thing(names):
        spec = {"containers": [{"name": f"c{i}", "image": name} for i, name in enumerate(names)]}
        return {"metadata": {"name": "web", "namespace": "shop", "annotations": {"x": "a" * size}}, "spec": spec}
    return json.dumps({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {"uid": uid, "kind": {"group": "", "kind": "Pod"}, "resource": {"group": "", "resource": "pods"},
                    "name": "web", "namespace": "shop", "operation": "UPDATE" if old else "CREATE",
                    "userInfo": {"username": "jane", "groups": [f"g{i}" for i in range(1024)]},
                    "object": thing(images), "oldObject": thing(old) if old else None}}).encode()


def requests():
    """Requests that are costly in different ways; 4,096 images are judged, more are counted."""
    tag = "a" * 120
    teams = "/".join(f"team-{i}" for i in range(100, 125))
    vendors = "/".join(f"vendor-{i}-{i % 40}" for i in range(20))
    bodies = {}
    for count in (4096, 16384):
        bodies[f"{count} teams"] = review([f"registry.example.com/team-{i % 1000}/x/app-{i}:{tag}{i}" for i in range(count)])
        bodies[f"{count} words"] = review([f"registry.example.com/app-{i}:main-{i}-alpine-jdk-rc-snapshot" for i in range(count)])
        bodies[f"{count} invalid"] = review([f"Registry/App-{i}" for i in range(count)])
    bodies["nested teams"] = review([f"r{i}.example.com/{teams}:{tag}{i}" for i in range(4096)])
    bodies["nested vendors"] = review([f"r{i}.example.com/{vendors}:{tag}{i}" for i in range(4096)])
    bodies["long domains"] = review([f"{'a' * 1200}{i}.example.com/app:{tag}" for i in range(4096)])
    images = [f"registry.example.com/team/app-{i}:{tag}{i}" for i in range(16384)]
    bodies["update"] = review(images, [name + "x" for name in images])
    return {name: body for name, body in bodies.items() if len(body) < 7 << 20}


class Worst(Tagmoor):
    """`tagmoor serve` with one of the policies."""

    def __init__(self, folder, policy):
        self.policy = os.path.abspath(f"{folder}/policy.yaml")
        arguments = []
        if policy is not None:
            with open(self.policy, "w", encoding="utf-8") as file:
                file.write(policy)
            arguments = ["--policy", self.policy]
        super().__init__(*arguments, cert=f"{folder}/certs/tls.crt", key=f"{folder}/certs/tls.key")

    def reload(self):
        with open(self.policy, "a", encoding="utf-8") as file:
            file.write("# again\n")
        self.signal("HUP")
        self.wait_for("policy reloaded", seconds=60)

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=ssl._create_unverified_context(), timeout=600)


def post(connection, body):
    connection.request("POST", "/validate", body, {"Content-Type": "application/json"})
    return json.loads(connection.getresponse().read())["response"]


def measure(server, bodies):
    """(CPU in ms, request, answer) of the costliest; each is sent three times if it is quick."""
    worst = (0, "", "")
    connection = server.connect()
    for name, body in bodies.items():
        times = []
        while len(times) < (3 if sum(times) < 1000 else 1):
            before = 1000 * server.cpu_seconds()
            response = post(connection, body)
            times.append(1000 * server.cpu_seconds() - before)
        message = response.get("status", {}).get("message", "allowed").split("\n")[0]
        if statistics.median(times) > worst[0]:
            worst = (statistics.median(times), name, message[:70])
    connection.close()
    return worst


def attack(server, body, stop):
    connection = server.connect()
    while not stop.is_set():
        try:
            post(connection, body)
        except (OSError, http.client.HTTPException):
            connection = server.connect()
    connection.close()


def latencies(server, body):
    """Latencies of small requests in ms, sorted, each on a connection of a pool as the API server has it."""
    small = review(["registry.example.com/team-1/app:1.2.3"])
    stop = threading.Event()
    threads = [threading.Thread(target=attack, args=(server, body, stop), daemon=True) for _ in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    connection, found = server.connect(), []
    post(connection, small)
    end = time.monotonic() + 20
    while len(found) < SMALL and time.monotonic() < end:
        start = time.monotonic()
        post(connection, small)
        found.append((time.monotonic() - start) * 1000)
    stop.set()
    for thread in threads:
        thread.join(60)
    return sorted(found)


def main():
    folder, *wanted = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/certs/tls.crt"):
        subprocess.run([TAGMOOR, "certs", f"{folder}/certs"], check=True, stdout=subprocess.DEVNULL)
    bodies = requests()
    print(f"{'policy':<46}{'CPU ms':>9}{'reloaded':>10}{'p50 ms':>9}{'p99 ms':>9}  request: answer")
    for name, policy in {**slow_policies(), **example_policies()}.items():
        if wanted and name not in wanted:
            continue
        try:
            server = Worst(folder, policy)
        except AssertionError as error:
            print(f"{name:<46}  refused: {str(error).splitlines()[-1][:100]}", flush=True)
            continue
        before = measure(server, bodies)
        after = before
        if policy is not None:
            server.reload()
            after = measure(server, {before[1]: bodies[before[1]]})
        times = latencies(server, bodies[before[1]])
        print(f"{name:<46}{before[0]:>9.1f}{after[0]:>10.1f}{times[len(times) // 2]:>9.1f}{times[len(times) * 99 // 100]:>9.1f}"
              f"  {before[1]}: {before[2]}", flush=True)
        server.close()


main()

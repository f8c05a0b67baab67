#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench.py - the time that admission adds to a create at the API server: none, a ValidatingAdmissionPolicy that asks for a tag other
than latest, the denying policies of `tagmoor policy export vap`, tagmoor by the chart with 3 replicas behind their Service, and the
last two together.

Dry-run creates of Pods, one after the other on one connection, all ways in turn, so that what disturbs one disturbs all.
Started by `make cluster-bench`; BENCH_CREATES (1000) is how many of each.  Run again where the cluster is to be reached.
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
CREATES = int(os.environ.get("BENCH_CREATES", "1000"))
PINNED, LATEST = "registry.example.com/pause:3.10.0", "registry.example.com/pause:latest"
WHAT = {"bench-none": "no admission", "bench-cel": "policy that knows only latest", "bench-export": "exported policies",
        "bench-tagmoor": "tagmoor", "bench-both": "tagmoor and exported policies"}
PLACES = tuple(WHAT)
REFUSED = {"bench-cel": 422, "bench-export": 403, "bench-tagmoor": 403, "bench-both": 403}

POLICY = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "moor-bench"}, "spec": {
    "failurePolicy": "Fail",
    "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE", "UPDATE"]}]},
    "variables": [{"name": "images", "expression": "object.spec.containers.map(c, c.image) + object.spec.?initContainers.orValue([]).map(c, c.image)"}],
    "validations": [{"expression": "variables.images.all(i, i.contains('@sha256:') || i.matches('.*/?[^/:]+:[^/:]+$') && !i.endsWith(':latest'))",
                     "message": "a tag other than latest, please"}]}}
BINDING = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "moor-bench"}, "spec": {
    "policyName": "moor-bench", "validationActions": ["Deny"],
    "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "bench-cel"}}}}}


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def measure(config_path):
    """Where the API server can be reached: milliseconds of each create, by place and image."""
    from stream import Api
    with open(config_path, encoding="utf-8") as file:
        api = Api(json.load(file))
    connection = api.connect()
    times = {(place, image): [] for place in PLACES for image in (PINNED, LATEST)}
    for number in range(CREATES):
        for place in PLACES:
            for image in (PINNED, LATEST):
                if place == "bench-none" and image == LATEST:
                    continue
                begin = time.perf_counter()
                status, text = api.create(connection, place, image)
                took = time.perf_counter() - begin
                if status != (201 if image == PINNED else REFUSED[place]):
                    sys.exit(f"{place} {image}: {status} {text}")
                if number >= CREATES // 10:  # connections and caches are warm
                    times[place, image].append(took * 1000)
    print(json.dumps([[place, image, values] for (place, image), values in times.items() if values]))


def exported(*without):
    """The denying policies of the default policy, which leave these namespaces out."""
    options = [word for name in without for word in ("--exclude-namespace", name)]
    return subprocess.run([os.path.join(os.environ["MOOR_BUILD"], "tagmoor"), "policy", "export", "vap", "--name", "moor-bench", "--action", "deny",
                           *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def main():
    import harness
    harness.uninstall()
    harness.namespaces(*PLACES)
    harness.ok("apply", "-f", "-", stdin=json.dumps(POLICY) + "\n---\n" + json.dumps(BINDING))
    export = exported("bench-none", "bench-cel", "bench-tagmoor")
    harness.ok("apply", "-f", "-", stdin=export)
    harness.install({"mode": "enforce", "webhook": {"excludeNamespaces": ["bench-none", "bench-cel", "bench-export"]}})
    harness.until("the policy is in force", lambda: "a tag other than latest" in harness.kubectl(
        "run", "-n", "bench-cel", "x", f"--image={LATEST}", "--dry-run=server").text)
    harness.until("the exported policies are in force", lambda: "ValidatingAdmissionPolicy 'moor-bench-" in harness.kubectl(
        "run", "-n", "bench-export", "x", f"--image={LATEST}", "--dry-run=server").text, 180)
    config = harness.write("kubeconfig.json", harness.kubectl("config", "view", "--raw", "--flatten", "-o", "json", quiet=True).text)
    done = subprocess.run(harness.reach([sys.executable, os.path.abspath(__file__), "measure", config]), stdout=subprocess.PIPE, text=True, check=True)
    rows = {(place, image): sorted(values) for place, image, values in json.loads(done.stdout)}
    base = {share: percentile(rows["bench-none", PINNED], share) for share in (0.5, 0.99)}
    with open("/proc/loadavg", encoding="utf-8") as file:
        load = file.read().split()[0]
    print(f"\ncreates of a Pod, dryRun=All, one at a time; milliseconds at the client; {len(rows['bench-none', PINNED])} of each; load {load}, {os.cpu_count()} CPUs\n")
    print(f"{'':42} {'p50':>6} {'p99':>6} {'added p50':>10} {'added p99':>10}")
    for (place, image), values in rows.items():
        name = WHAT[place] + (", admitted" if image == PINNED else ", refused") * (place != "bench-none")
        p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
        print(f"{name:42} {p50:6.2f} {p99:6.2f} {p50 - base[0.5]:10.2f} {p99 - base[0.99]:10.2f}")
    harness.ok("delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "moor-bench")
    harness.ok("delete", "-f", "-", stdin=export)
    harness.uninstall()
    harness.drop(*PLACES)


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(sys.argv[2])
    else:
        main()

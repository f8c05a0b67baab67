#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bodies.py FOLDER - writes the AdmissionReviews that the benchmarks post.

The small ones are recorded from a real kube-apiserver (tests/golden/review/recorded).  The large ones are the
recorded Pod grown in the shape of large Pods that were recorded too: four containers with many env
entries, the managedFields that the API server keeps for each of those, and an annotation that holds
JSON.  The same bytes at every run.
"""
import hashlib
import json
import os
import shutil
import sys

RECORDED = "tests/golden/review/recorded/{}.json"
COPIES = {
    "pod-6kb": "pod-create",
    "pod-denied": "pod-create-run-latest",
    "update-46kb": "deployment-update-edit",
}
LARGE = {"pod-1mb": 1_000_000, "pod-3mb": 3_000_000}
GROWTH = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 3 << 20, 7 << 20]
NAMES = ["payment", "cart", "checkout", "catalog"]
WORDS = ["CATALOG", "TOKEN", "LEDGER", "GATEWAY", "QUEUE", "REPLICA", "STOCK", "SHARD"]
ANNOTATION_MAX = 240_000  # the API server allows 256 KiB of annotations


def go_json(value):
    """As Go's encoder writes it: compact, UTF-8, HTML's characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()


def word(number, step):
    return WORDS[(number * 7 + step * 3 + number // 8) % len(WORDS)]


def env_value(number):
    one, two = word(number, 0).lower(), word(number, 1).lower()
    kinds = [
        f"http://{one}-{two}.{two}.svc.cluster.local:{8000 + number % 100}/api/v{number % 5}?region=eu-west-{number % 3}",
        f"{one}:{two}@tcp(mysql-{number % 7}.db:3306)/{one}?parseTime=true&loc=UTC",
        hashlib.sha256(str(number).encode()).hexdigest(),
        json.dumps({"enabled": True, "weight": number, "owner": f"{one}-team", "note": f'"{two}" été <{number}>'},
                   ensure_ascii=False, separators=(",", ":")),
    ]
    return kinds[(number * 5 + number // 3) % len(kinds)]


def env_name(number):
    return f"{word(number, 0)}_{word(number, 1)}_{number:05d}"


def annotation(length):
    entries = [{"key": env_name(i), "rule": f'match "{word(i, 2)}"', "ratio": i % 100} for i in range(length // 60 + 1)]
    return json.dumps(entries, separators=(",", ":"))[:length]


def grow(request, env_count):
    """Gives the recorded Pod four containers with `env_count` entries altogether."""
    pod = request["request"]["object"]
    model = pod["spec"]["containers"][0]
    containers, fields = [], {}
    for place, name in enumerate(NAMES):
        numbers = range(place, env_count, len(NAMES))
        env = [{"name": env_name(i), "value": env_value(i)} for i in numbers]
        containers.append(dict(model, name=name, image=f"registry.example.com/shop/{name}:{place + 1}.4.2", env=env))
        owned = {'k:{"name":"%s"}' % entry["name"]: {".": {}, "f:name": {}, "f:value": {}} for entry in env}
        fields['k:{"name":"%s"}' % name] = {".": {}, "f:env": {".": {}, **owned}, "f:image": {}, "f:name": {}}
    pod["spec"]["containers"] = containers
    pod["metadata"].setdefault("annotations", {})["example.com/config"] = annotation(min(ANNOTATION_MAX, env_count * 30))
    pod["metadata"]["managedFields"] = [{"manager": "kubectl-create", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
                                         "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:containers": fields}}}]
    return go_json(request)


def recorded(name):
    with open(RECORDED.format(name), encoding="utf-8") as file:
        return json.load(file)


def small(size):
    """The smallest Pod that still is one, filled up with one annotation."""
    request = recorded("pod-create-minimal-untagged")
    pod = request["request"]["object"]
    pod["metadata"] = {"name": "web", "namespace": "shop", "annotations": {"a": ""}}
    pod["spec"] = {"containers": [{"name": "web", "image": "registry.example.com/shop/web:1.4.2"}]}
    pod.pop("status", None)
    request["request"].pop("options", None)
    pod["metadata"]["annotations"]["a"] = "x" * max(0, size - len(go_json(request)))
    return go_json(request)


def of_size(size):
    """A review of the size, or just below it."""
    if size < 8 << 10:
        return small(size)
    count, body = size // 400 + 1, b""
    for _ in range(6):  # all but linear in the number of entries
        body = grow(recorded("pod-create"), count)
        if 0.995 * size < len(body) <= size:
            break
        count = int(count * (0.998 * size - 6000) / (len(body) - 6000))
    return body


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name, source in COPIES.items():
        shutil.copyfile(RECORDED.format(source), f"{out}/{name}.json")
    for name, size in [*LARGE.items(), *((f"grown-{size}", size) for size in GROWTH)]:
        with open(f"{out}/{name}.json", "wb") as file:
            file.write(of_size(size))


if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    main()

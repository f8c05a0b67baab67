#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tagmoor scan -o openreports: Reports that the published custom resource definitions accept, and that stay below 1 MB."""
import copy
import json
import os
import subprocess

import jsonschema
import yaml
from fake_cluster import deployment, example, made, node, running, sha256, template, containers
from harness import HERE, PRODUCTION, TAGMOOR, check, check_equal, main, scan, test

DATA = os.path.join(HERE, "..", "data", "openreports")
DIGEST = PRODUCTION.replace("enforce: release", "enforce: digest")


def closed(schema):
    """The schema, in which an unknown member is an error: the API server would drop it without a word."""
    schema = copy.deepcopy(schema)
    for value in (schema, *schema.get("properties", {}).values()):
        if value.get("type") == "object" and "properties" in value and value is not schema.get("properties", {}).get("metadata"):
            value["additionalProperties"] = False
    for name, value in schema.get("properties", {}).items():
        if name != "metadata":
            schema["properties"][name] = closed(value)
    if "items" in schema:
        schema["items"] = closed(schema["items"])
    return schema


def schemas():
    found = {}
    for name in ("reports", "clusterreports"):
        with open(os.path.join(DATA, f"openreports.io_{name}.yaml"), encoding="utf-8") as file:
            definition = yaml.safe_load(file)
        version, = definition["spec"]["versions"]
        check_equal((definition["spec"]["group"], version["name"]), ("openreports.io", "v1alpha1"))
        found[definition["spec"]["names"]["kind"]] = closed(version["schema"]["openAPIV3Schema"])
    return found


SCHEMAS = schemas()


def reports(objects, *args, policy=PRODUCTION, status=1):
    result = scan(objects, *args, policy=policy, output="openreports")
    check_equal((result.status, result.err), (status, ""), result)
    items = result.json["items"]
    for item in items:
        jsonschema.validate(item, SCHEMAS[item["kind"]])
        check_equal("namespace" in item["metadata"], item["kind"] == "Report")
        summary = {word: sum(one["result"] == word for one in item["results"]) for word in ("pass", "fail", "warn", "error", "skip")}
        check_equal(item["summary"], summary)
        check(item["results"] != [], item)
    names = [(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in items]
    check_equal(len(names), len(set(names)), "twice:", names)
    return items


@test
def schema__is_closed_and_rejects_what_it_does_not_know():
    item, = reports([running("shop", "a", "n1", "redis:7", "a")])
    for change in ({"surprise": 1}, {"results": [{"policy": "x", "colour": "red"}]}, {"results": [{"rule": "x"}]}, {"summary": {"fail": "1"}}):
        try:
            jsonschema.validate({**item, **change}, SCHEMAS["Report"])
        except jsonschema.ValidationError:
            continue
        check(False, "is accepted:", change)


@test
def example__one_report_for_each_namespace_with_violations():
    items = reports(example())
    found = {one["image"]: one for one in scan(example()).json["findings"]}
    check_equal([item["metadata"]["namespace"] for item in items], sorted({one["namespace"] for one in found.values()}))
    results = [one for item in items for one in item["results"]]
    check_equal(sorted(one["properties"]["image"] for one in results), sorted(one["image"] for one in scan(example()).json["findings"]))
    for one in results:
        finding = found[one["properties"]["image"]]
        check_equal((one["rule"], one["policy"], one["properties"]["level"]), (finding["class"], finding["environment"], finding["level"]))
        check_equal(one["resources"][0]["namespace"], finding["namespace"])


@test
def clean_cluster__no_report():
    check_equal(reports(deployment("shop", "web", web="nginx:1.27.5"), status=0), [])


@test
def object_without_a_namespace__in_a_cluster_report():
    policy = PRODUCTION + "customResources:\n- {resource: pools.example.io, kind: Pool, podSpecs: [spec.template.spec]}\n"
    pool = made("example.io/v1", "Pool", "", "p", template(containers(web="nginx:latest")))
    cluster = {"objects": [pool], "custom": [("pools", "", "example.io", "v1", False, "Pool")]}
    item, = reports(cluster, policy=policy)
    check_equal((item["kind"], item["results"][0]["resources"]), ("ClusterReport", [{"kind": "Pool", "name": "p"}]))


@test
def moved_tag__in_each_of_its_namespaces():
    objects = [node("n1"), running("shop", "a", "n1", "nginx:1.27.5", "a"), running("shop", "b", "n1", "nginx:1.27.5", "b"),
               running("web", "c", "n1", "nginx:1.27.5", "b"), running("other", "d", "n1", "redis:7.4.2", "b")]
    items = reports(objects, "-A", status=0)
    check_equal([item["metadata"]["namespace"] for item in items], ["shop", "web"])
    for item in items:
        result, = item["results"]
        check_equal((result["rule"], result["result"]), ("moved", "warn"))
        check("resources" not in result and sha256("a") in result["message"], result)
    items = reports(objects, "-A", "--moved", "--fail-on", "moved")
    check_equal([item["summary"]["fail"] for item in items], [1, 1])


@test
def many_findings__split_below_1_mb():
    # Names and images as long as Kubernetes accepts them.
    objects = [made("apps/v1", "Deployment", "shop", f"{'x' * 240}-{i:05}", template(containers(web=f"example.com/{'a/' * 100}{i}:latest")))
               for i in range(3000)]
    items = reports(objects)
    check_equal([item["metadata"]["name"] for item in items], ["tagmoor"] + [f"tagmoor-{part}" for part in range(2, len(items) + 1)])
    check_equal(sum(item["summary"]["fail"] for item in items), 3000)
    largest = max(len(json.dumps(item)) for item in items)
    check(len(items) > 2 and 600_000 < largest < 1_000_000, len(items), largest)


@test
def long_texts__shortened():
    item, = reports(deployment("shop", "x" * 20_000, pods=0, web="nginx:latest")[:1])
    name = item["results"][0]["resources"][0]["name"]
    check(8000 < len(name) < 9000 and "..." in name, len(name))


@test
def openreports__is_a_format_of_scan_alone():
    done = subprocess.run([TAGMOOR, "explain", "nginx", "-o", "openreports"], capture_output=True, check=False)
    check(done.returncode == 2 and b"unknown format" in done.stderr, done)


main()

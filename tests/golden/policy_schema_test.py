#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor policy schema`: what it refuses the loader refuses, over good and bad policies and thousands of mutations of them."""
import copy
import functools
import glob
import json
import os
import random
import re
import subprocess
import sys

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import BUILD, check, folder, main, tagmoor, test, write
import policies

YAML_JSON = os.path.join(BUILD, "tests/golden/yaml_json")
POLICY_LOADS = os.path.join(BUILD, "tests/golden/policy_loads")
MUTATIONS = 1500

# Bad policies in which a schema sees nothing: the loader alone knows.
LOADER_ONLY = set("""
custom-resource-members-one-over custom-resource-members-over-limit custom-resource-of-kubernetes custom-resource-paths
custom-resource-paths-conflict custom-resource-paths-limits custom-resource-twice exemptions-images exemptions-unknown
flag-yes glob-bracket-open glob-bracket-range glob-of-user glob-too-long globs-too-many images-names key-twice key-twice-in-environment
key-twice-in-levels name-twice reach-after-star reach-all-taken reach-no-namespace-name registry-without-library
repositories-match type-version-fraction type-version-zero-padded
""".split())

STRANGE = [None, "", "x", "X y!", "a" * 600, "line\nbreak", "true", 0, 1, 5, -1, 1.5, 4096, True, False, [], [""], ["x"], [None], ["a"] * 300,
           [{}], {}, {"x": 1}, {"x": ["y"]}, {"name": "x"}, "any", "digest", "2027-03-31", "2027-02-31", "*", "[", "(", "a.b.c"]

def schema():
    status, out, err = tagmoor("policy", "schema")
    check(status == 0 and err == "", err)
    return json.loads(out)


@functools.cache
def accepts():
    """Whether the schema accepts a value, as a function."""
    return jsonschema.Draft202012Validator(schema()).is_valid


@functools.cache
def to_json(text):
    """The YAML text as a value; None if it is no YAML that JSON can express."""
    done = subprocess.run([YAML_JSON], input=text, capture_output=True, timeout=60)
    return json.loads(done.stdout) if done.returncode == 0 else None


def loads(path):
    return tagmoor("policy", "check", path)[0] == 0


def good_files():
    return sorted(glob.glob("tests/golden/policy/good/*.yaml") + glob.glob("deploy/examples/policy-*.yaml") +
                  ["policy/file/default.yaml"])


def paths_of(value):
    """Every place in the value, as the keys that lead there."""
    found, waiting = [], [()]
    while waiting:
        path = waiting.pop()
        found.append(path)
        at = value
        for key in path:
            at = at[key]
        if isinstance(at, dict):
            waiting += [(*path, key) for key in at]
        elif isinstance(at, list):
            waiting += [(*path, index) for index in range(min(len(at), 8))]
    return found


def mutated(value, luck):
    """A copy of the value with one place changed."""
    value = copy.deepcopy(value)
    path = luck.choice([path for path in paths_of(value) if path])
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    key = path[-1]
    what = luck.choice(["replace", "replace", "delete", "add", "rename", "twice"])
    if what == "delete":
        del holder[key]
    elif what == "add" and isinstance(holder, dict):
        holder[luck.choice(["unknown", "default", "mode", "enforce", "match", "permanent", "expires", "images"])] = luck.choice(STRANGE)
    elif what == "rename" and isinstance(holder, dict):
        holder[key + luck.choice(["s", "", "X"])] = holder.pop(key)
    elif what == "twice" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = luck.choice(STRANGE)
    return value


@functools.cache
def mutations():
    luck = random.Random(20261122)
    values = [to_json(policies.read(path)) for path in good_files()]
    small = [value for value in values if len(json.dumps(value)) < 5000]
    return [mutated(luck.choice(small), luck) for _ in range(MUTATIONS)]


def mutable_with(key, more):
    smallest = {"version": 1, "environments": [{"name": "all", "default": True, "enforce": "any"}]}
    return {**smallest, key: more}


@test
def schema__is_one__with_a_description_for_every_key():
    whole = schema()
    jsonschema.Draft202012Validator.check_schema(whole)
    check(whole["$schema"] == "https://json-schema.org/draft/2020-12/schema", whole["$schema"])
    tables = [whole] + [one for name, one in whole["$defs"].items() if name != "text"]
    for table in tables:
        check(table["additionalProperties"] is False and table["description"], table)
        for name, key in table["properties"].items():
            check(key.get("description"), name)


# The section of tagmoor-policy(5) that documents the keys of each table.
SECTIONS = {None: "KEYS", "controllers": "KEYS", "resource": "KEYS", "environment": "ENVIRONMENTS", "levels": "ENVIRONMENTS",
            "images": "ENVIRONMENTS", "repositories": "REPOSITORIES", "exemption": "EXEMPTIONS", "match": "EXEMPTIONS"}


@test
def schema__every_key_is_in_the_section_of_the_man_page_for_its_table():
    whole = schema()
    with open("cmd/tagmoor-policy.5", encoding="utf-8") as page:
        sections = dict(part.split("\n", 1) for part in page.read().split("\n.Sh ")[1:])
    tables = {None: whole, **{name: one for name, one in whole["$defs"].items() if name != "text"}}
    check(set(tables) == set(SECTIONS), sorted(map(str, tables)))
    missing = []
    for table, section in SECTIONS.items():
        named = {word for line in sections[section].splitlines() if re.match(r"\.(It )?Cm ", line) for word in line.split()}
        missing += [f"{section}: {key} of {table}" for key in tables[table]["properties"] if key not in named]
    check(missing == [], missing)


@test
def show__every_key_in_the_good_policy_that_has_it():
    whole = schema()
    shown = set()
    for path in good_files():
        status, out, err = tagmoor("policy", "show", path)
        check(status == 0, path, err)
        shown |= set(re.findall(r"\b(\w+):", re.sub(r'"[^"]*"', "", out)))
    keys = {key for table in [whole, *whole["$defs"].values()] for key in table.get("properties", {})}
    check(keys <= shown, "not shown, or in no good policy:", sorted(keys - shown))


@test
def good_policies__schema_and_loader_accept():
    for path in good_files():
        check(loads(path), path)
        check(accepts()(to_json(policies.read(path))), path)


@test
def bad_policies__schema_refuses_all_but_those_that_only_a_loader_can():
    accepted = set()
    for name, text in policies.bad().items():
        value = to_json(text)
        if value is not None and accepts()(value):
            accepted.add(name)
    accepted = {name for name in accepted if not name.startswith("yaml-")}
    check(accepted == LOADER_ONLY, "marked in vain:", sorted(LOADER_ONLY - accepted), "not marked:", sorted(accepted - LOADER_ONLY))


@test
def mutations__what_the_schema_refuses_the_loader_refuses():
    counts = {}
    texts = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in mutations())
    done = subprocess.run([POLICY_LOADS], input=texts, capture_output=True, timeout=300, text=True, check=True)
    for value, loaded in zip(mutations(), done.stdout.split(), strict=True):
        verdicts = accepts()(value), loaded == "yes"
        counts[verdicts] = counts.get(verdicts, 0) + 1
        check(verdicts != (False, True), "the loader accepts what the schema refuses:", json.dumps(value))
    print(f"# both accept {counts.get((True, True))}, both refuse {counts.get((False, False))}, "
          f"the loader alone refuses {counts.get((True, False))}")
    check(counts.get((True, True), 0) > MUTATIONS / 20 and counts.get((False, False), 0) > MUTATIONS / 3, counts)


@test
def limits__one_over_is_refused_by_both():
    text = "x" * 513
    name = {"name": "n", "reason": "long enough", "match": {"names": ["x"]}}
    for value in [mutable_with("repositories", [{"match": ["a/b"], "rolling": [text]}]),
                  mutable_with("repositories", [{"match": ["a/b"], "versionParts": 10}]),
                  mutable_with("repositories", [{"match": ["a/b"], "otherwise": "digest"}]),
                  mutable_with("placeholders", ["x"] * 257),
                  mutable_with("exemptions", [name]),
                  mutable_with("exemptions", [{**name, "permanent": True, "expires": "2027-03-31"}]),
                  mutable_with("exemptions", [{**name, "permanent": False}]),
                  mutable_with("exemptions", [{**name, "permanent": True, "reason": "7 chars"}]),
                  mutable_with("exemptions", [{**name, "permanent": True, "name": "n" * 64}]),
                  mutable_with("exemptions", [{**name, "permanent": True, "match": {}}]),
                  mutable_with("customResources", [{"resource": "a.b", "kind": "C"}]),
                  mutable_with("customResources", [{"resource": "a", "kind": "C", "images": ["spec.image"]}]),
                  mutable_with("environments", [{"name": "a", "enforce": "any"}]),
                  mutable_with("environments", [{"name": "n" * 64, "default": True, "enforce": "any"}]),
                  mutable_with("environments", [{"name": "a", "default": True, "enforce": "any"}, {"name": "b", "enforce": "any"}]),
                  mutable_with("environments", [{"name": name, "default": True, "enforce": "any"} for name in ("a", "b")])]:
        with folder() as path:
            file = write(path, "policy.yaml", json.dumps(value))
            check(not accepts()(value), "the schema accepts", json.dumps(value)[:300])
            check(not loads(file), "the loader accepts", json.dumps(value)[:300])


@test
def chart__has_this_schema():
    done = subprocess.run([sys.executable, "charts/tools/policy-schema", os.path.join(BUILD, "tagmoor")], capture_output=True, timeout=60)
    check(done.returncode == 0, done.stderr.decode())


main()

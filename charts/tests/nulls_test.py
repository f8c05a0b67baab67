#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Null in each value of the chart: the default, or a clear error.

Each key of values.yaml is null in one rendering.  Keys of different mappings share a rendering, which saves a minute.
"""
import functools

import yaml

from chart import CHART, UniqueKeys, add, check, check_equal, check_fails, main, merged, policy_of, render, test

# Mappings with keys of the user's choice, which lose a key that is null.
FREE = [("nodeSelector",), ("podSecurityContext",), ("containerSecurityContext",), ("resources", "requests"), ("resources", "limits"),
        ("dashboard", "labels"), ("policy",)]
OPTIONAL = ("serviceMonitor", "prometheusRule", "dashboard")
ON = {name: {"enabled": True} for name in OPTIONAL}
# BASE sets these, because their defaults need a cluster.
SET = (("tls",), ("tls", "type"), ("image",), ("image", "digest"))
NEEDED = (("policy", "version"), ("policy", "environments"))

with open(f"{CHART}/values.yaml", encoding="utf-8") as opened:
    VALUES = yaml.load(opened, UniqueKeys)


def keys_of(values, path=()):
    """The path of each key, those of mappings included."""
    for key, value in values.items():
        yield path + (key,)
        if isinstance(value, dict):
            yield from keys_of(value, path + (key,))


def is_free(path):
    return any(path[:len(free)] == free and path != free for free in FREE)


def batches():
    """Lists of paths: of each mapping at most one key, and no key below another; those that lose a key by themselves."""
    children = {}
    for path in keys_of(VALUES):
        if path not in SET + NEEDED:
            children.setdefault((len(path), is_free(path)), {}).setdefault(path[:-1], []).append(path)
    for (depth, _), parents in children.items():
        if depth == 1:
            yield from [[path for path in parents[()] if path[0] == name] for name in OPTIONAL]
            rest = [path for path in parents[()] if path[0] not in OPTIONAL]
            yield from [rest[start::5] for start in range(5)]
        else:
            yield from [[paths[i] for paths in parents.values() if i < len(paths)] for i in range(max(map(len, parents.values())))]


def nulls(paths):
    values = {}
    for path in paths:
        one = None
        for key in reversed(path):
            one = {key: one}
        values = merged(values, one)
    return values


@functools.lru_cache
def default(optional):
    return render({name: ON[name] for name in optional})


def null__in_these_values__is_the_default(paths):
    whole = [path[0] for path in paths if path[0] in OPTIONAL and path[1:] in ((), ("enabled",))]
    optional = tuple(name for name in OPTIONAL if name not in whole)
    rendered = render(merged({name: ON[name] for name in optional}, nulls(paths)))
    if not any(map(is_free, paths)):
        check_equal(rendered, default(optional))


ALL = list(batches())
for each in ALL:
    add("null__" + ",".join(".".join(path) for path in each), null__in_these_values__is_the_default, each)


@test
def batches__together__have_every_key():
    check_equal(sorted([path for paths in ALL for path in paths] + list(SET + NEEDED)), sorted(keys_of(VALUES)))


@test
def null__in_a_required_key_of_the_policy__fails():
    for path in NEEDED:
        check_fails(nulls([path]), f"at '/policy': missing property '{path[1]}'")


@test
def null__tls_and_image__are_the_defaults():
    rendered = render({"tls": {"type": None, "helm": {"withoutCluster": True}}, "image": None})
    check_equal(rendered["Deployment", "tagmoor"]["spec"]["template"]["spec"]["containers"][0]["image"], "localhost/tagmoor:0.1.0")
    check_fails({"tls": None}, "tls.type helm keeps its certificate in the cluster")


@test
def null__everywhere__is_the_default_policy():
    rendered = render({key: None for key in VALUES if key not in ("tls", "image")})
    check_equal(policy_of(rendered), policy_of(render()))
    check("Secret" not in {kind for kind, _ in rendered}, list(rendered))


main()

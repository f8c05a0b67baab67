# SPDX-License-Identifier: Apache-2.0
"""cases - the golden reviews of tests/golden/review, for every test that replays them.

A folder is a topic.  Its `cases.yaml` lists the cases, each a row:

  name         the case is called TOPIC/NAME
  request      a file beside the table that holds the whole request; without it the row is expanded (review_request.py)
  policy       the policy: a text; without a line `version:` it is appended to the inherited one; `default`: the embedded one.
               Absent: the nearest policy.yaml, in this folder or above it; without one, the embedded policy
  environment  the environment in the URL path
  now          the time at which exemptions are evaluated; the constant NOW if absent
  answer       what is expected: a mapping (review_answer.py), or the name of a file with the whole answer

`defaults` of a table are keys of every row that does not say otherwise.
"""
import functools
import os
import re

import yaml

from review_request import KEYS, expand

REVIEWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "review")
OWN_KEYS = {"name", "request", "policy", "environment", "now", "answer"}
NOW = "2027-01-01T00:00:00Z"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML 1.2's scalars: a date, `yes` and `on` are texts."""
    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), "tf")


class Case:
    def __init__(self, table, row):
        self.table, self.row = table, row
        self.folder = os.path.dirname(table)
        self.name = f"{os.path.relpath(self.folder, REVIEWS)}/{row['name']}"
        self.environment, self.now = row.get("environment"), row.get("now", NOW)
        self.answer = row["answer"]
        self.is_recorded = self.name.startswith("recorded/")

    @functools.cached_property
    def body(self):
        """The request's bytes."""
        return read(os.path.join(self.folder, self.row["request"])) if "request" in self.row else expand(self.row)

    @functools.cached_property
    def policy(self):
        """The policy's bytes; None for the embedded one."""
        text = self.row.get("policy", "")
        if text == "default":
            return None
        if text.startswith("version:") or "\nversion:" in text:
            return text.encode()
        inherited = nearest_policy(self.folder)
        return inherited and inherited + text.encode()

    def flags(self, folder):
        """The options of `tagmoor review`, with the policy written into `folder`."""
        flags = ["--now", self.now]
        if self.environment is not None:
            flags += ["--environment", self.environment]
        return flags + self.policy_flags(folder)

    def policy_flags(self, folder):
        if self.policy is None:
            return []
        path = os.path.join(folder, self.name.replace("/", "-") + ".yaml")
        with open(path, "wb") as file:
            file.write(self.policy)
        return ["--policy", path]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def nearest_policy(folder):
    path = os.path.join(folder, "policy.yaml")
    if os.path.exists(path):
        return read(path)
    return None if folder == REVIEWS else nearest_policy(os.path.dirname(folder))


def tables():
    return sorted(os.path.join(folder, "cases.yaml") for folder, _, files in os.walk(REVIEWS) if "cases.yaml" in files)


@functools.cache
def all_cases():
    """Every case, by name."""
    found = {}
    for table in tables():
        with open(table, encoding="utf-8") as file:
            text = yaml.load(file, Loader)
        for row in text["cases"]:
            defaults = {key: value for key, value in text.get("defaults", {}).items() if key not in row}
            case = Case(table, {**defaults, **row})
            if case.name in found or not row.keys() <= OWN_KEYS | KEYS:
                raise ValueError(f"{table}: {row['name']}: the name of another case, or an unknown key: {row.keys() - OWN_KEYS - KEYS}")
            found[case.name] = case
    return dict(sorted(found.items()))


def recorded(name):
    """The path of a request that was recorded from a kube-apiserver."""
    return os.path.join(REVIEWS, "recorded", name + ".json")

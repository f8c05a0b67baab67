# SPDX-License-Identifier: Apache-2.0
"""Renders the chart with helm, for the tests of this folder, which `make check-chart` runs.

The programs are those that `charts/tools/build build/charts` builds; MOOR_BUILD is the folder of tagmoor.
"""
import os
import subprocess
import sys
import tempfile

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests"))
from tap import add, check, check_equal, main, test  # pylint: disable=wrong-import-position,unused-import

CHART = os.path.join(TOP, "charts/tagmoor")
BIN = os.path.join(TOP, "build/charts")
TAGMOOR = os.path.join(TOP, os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor")
DIGEST = "sha256:" + 8 * "01234567"
# Values with which every rendering is complete without a cluster.
BASE = {"tls": {"type": "certManager"}, "image": {"digest": DIGEST}}


class UniqueKeys(yaml.SafeLoader):
    """A loader that rejects a key that appears twice in a mapping, as Flux does."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        check(not twice, f"keys {sorted(twice)} twice in line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def merged(base, more):
    """A copy of `base` with the values of `more`; only mappings are merged."""
    out = dict(base)
    for key, value in more.items():
        out[key] = merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return out


def tool(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


def template(values=None, flags=(), chart=CHART):
    """Runs `helm template` and returns the process.  `values` is added to BASE if the chart is tagmoor's."""
    values = values or {}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(merged(BASE, values) if chart == CHART else values, file)
        file.flush()
        return tool(f"{BIN}/helm", "template", "tagmoor", chart, "--namespace", "gates", "--values", file.name, *flags)


def objects(done):
    """The objects of a rendering by (kind, name); two objects of one name are an error."""
    check_equal(done.returncode, 0, done.stderr)
    found = {}
    for document in yaml.load_all(done.stdout, UniqueKeys):
        if document:
            key = document["kind"], document["metadata"]["name"]
            check(key not in found or "helm.sh/hook" in document["metadata"].get("annotations", {}), key, "twice")
            found[key] = document
    return found


def render(values=None, flags=(), chart=CHART):
    return objects(template(values, flags, chart))


def check_fails(values, *texts, flags=()):
    """Verifies that the chart rejects the values, with each of the texts in the message."""
    done = template(values, flags)
    check(done.returncode != 0, "rendered")
    for text in texts:
        check(text in done.stderr, f"'{text}' is not in:", done.stderr)


def policy_of(rendered, name="tagmoor"):
    return rendered["ConfigMap", name]["data"]["policy.yaml"]

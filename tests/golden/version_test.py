#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The version number is the same wherever it is written: Makefile, Dockerfile, chart, manifests, examples for pipelines."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import check, main, tagmoor, test

# Each file, and the text before its version.
PLACES = {
    "deploy/Dockerfile": r"ARG VERSION=",
    "charts/tagmoor/Chart.yaml": r"(?:(?:^|\n)(?:version|appVersion): \"?|/tagmoor:)",
    "deploy/kubernetes/kustomization.yaml": r"newTag: \"?",
    "deploy/kubernetes/tagmoor.yaml": r"(?:app.kubernetes.io/version: \"|/tagmoor:)",
    ".pre-commit-hooks.yaml": r"/tagmoor:",
    **{path: r"/tagmoor:(?=\d)" for path in glob.glob("deploy/ci/*.y*ml")},
}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def version():
    return re.search(r"^VERSION := (\S+)$", text_of("Makefile"), re.M)[1]


@test
def version__every_file_has_that_of_the_makefile():
    found = {path: re.findall(before + r"(\d+\.\d+\.\d+[-\w.]*)", text_of(path)) for path, before in PLACES.items()}
    for path, versions in found.items():
        check(set(versions) <= {version()}, path, versions)
    for path in ("deploy/Dockerfile", "charts/tagmoor/Chart.yaml", "deploy/kubernetes/kustomization.yaml", "deploy/kubernetes/tagmoor.yaml"):
        check(found[path], "no version is found in", path)
    check(any(found[path] for path in found if path.startswith("deploy/ci/")), "no version is found in deploy/ci")


@test
def version__the_program_prints_that_of_the_makefile():
    status, out, _ = tagmoor("version")
    check(status == 0 and version() in out.split("\n", 1)[0], out)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""krew.py OUT VERSION - writes OUT/tagmoor-krew.yaml, the manifest of the kubectl plugin, with the checksums of the archives in OUT."""
import hashlib
import sys

ADDRESS = "https://github.com/tagmoor/tagmoor/releases/download"
HEAD = """apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: tagmoor
spec:
  version: v{version}
  homepage: https://tagmoor.dev
  shortDescription: Find mutable image tags in clusters and manifests
  description: |
    Lists the images of a cluster whose tag can point to another image, with
    a repair for each, and evaluates manifests with the same policy as the
    admission webhook of tagmoor. The plugin reads with your kubectl and
    changes nothing.
  platforms:
"""
PLATFORM = """  - selector:
      matchLabels:
        os: linux
        arch: {arch}
    uri: {address}/v{version}/{archive}
    sha256: {checksum}
    files:
    - from: {folder}/tagmoor
      to: .
    - from: {folder}/LICENSE
      to: .
    bin: tagmoor
"""


def main(out, version):
    text = HEAD.format(version=version)
    for arch in ("amd64", "arm64"):
        folder = f"tagmoor-{version}-linux-{arch}"
        with open(f"{out}/{folder}.tar.gz", "rb") as file:
            checksum = hashlib.sha256(file.read()).hexdigest()
        text += PLATFORM.format(arch=arch, address=ADDRESS, version=version, folder=folder, archive=f"{folder}.tar.gz",
                                checksum=checksum)
    with open(f"{out}/tagmoor-krew.yaml", "w", encoding="utf-8") as file:
        file.write(text)


main(*sys.argv[1:])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""indexes.py OUT VERSION - writes what package managers need of a release, with the checksums of the archives in OUT:
OUT/tagmoor.yaml, the manifest of the kubectl plugin for krew, and OUT/tagmoor.rb, the formula for Homebrew on Linux."""
import hashlib
import sys

ADDRESS = "https://github.com/tagmoor/tagmoor/releases/download"

KREW = """apiVersion: krew.googlecontainertools.github.com/v1alpha2
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
KREW_PLATFORM = """  - selector:
      matchLabels:
        os: linux
        arch: {arch}
    uri: {address}
    sha256: {checksum}
    files:
    - from: {folder}/tagmoor
      to: .
    - from: {folder}/LICENSE
      to: .
    bin: tagmoor
"""

FORMULA = """class Tagmoor < Formula
  desc "Find mutable image tags in Kubernetes manifests and clusters"
  homepage "https://tagmoor.dev"
  version "{version}"
  license "Apache-2.0"

  depends_on :linux

{platforms}
  def install
    bin.install "tagmoor", "kubectl-tagmoor", "kubectl_complete-tagmoor"
    man1.install "tagmoor.1"
    man5.install "tagmoor-policy.5", "tagmoor-output.5"
    bash_completion.install "completion.bash" => "tagmoor"
    zsh_completion.install "completion.zsh" => "_tagmoor"
  end

  test do
    assert_match "partial-version", shell_output("#{{bin}}/tagmoor explain nginx:1.25")
  end
end
"""
FORMULA_PLATFORM = """  on_{family} do
    url "{address}"
    sha256 "{checksum}"
  end
"""


def archives(out, version):
    """What the templates need of each archive of the command line."""
    for arch, family in (("amd64", "intel"), ("arm64", "arm")):
        folder = f"tagmoor-{version}-linux-{arch}"
        with open(f"{out}/{folder}.tar.gz", "rb") as file:
            checksum = hashlib.sha256(file.read()).hexdigest()
        yield {"arch": arch, "family": family, "folder": folder, "checksum": checksum,
               "address": f"{ADDRESS}/v{version}/{folder}.tar.gz"}


def main(out, version):
    found = list(archives(out, version))
    with open(f"{out}/tagmoor.yaml", "w", encoding="utf-8") as file:
        file.write(KREW.format(version=version) + "".join(KREW_PLATFORM.format(**archive) for archive in found))
    with open(f"{out}/tagmoor.rb", "w", encoding="utf-8") as file:
        platforms = "\n".join(FORMULA_PLATFORM.format(**archive) for archive in found)
        file.write(FORMULA.format(version=version, platforms=platforms))


main(*sys.argv[1:])

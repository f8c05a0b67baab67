#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chart.py HELM OUT VERSION - packs the chart as OUT/tagmoor-chart-VERSION.tgz and as an OCI layout, which `helm push` would upload.

helm decides which files are packed.  The archive is written again with the time SOURCE_DATE_EPOCH, because helm writes its own.
"""
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile

import yaml

TIME = int(os.environ["SOURCE_DATE_EPOCH"])
CONFIG_TYPE = "application/vnd.cncf.helm.config.v1+json"
CHART_TYPE = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


def tar_of(files):
    """A tar archive of {name: bytes} in the order of the names, whose bytes depend on nothing else."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), TIME, 0o644
            tar.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def packed_by(helm):
    """{name: bytes} of the chart as `helm package` selects its files."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([helm, "package", "charts/tagmoor", "-d", folder], check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(f"{folder}/{os.listdir(folder)[0]}") as tar:
            return {member.name: tar.extractfile(member).read() for member in tar.getmembers() if member.isfile()}


def layout_of(chart, archive, version):
    """{name: bytes} of an OCI layout with the chart as its only artifact."""
    blobs = {}

    def add(kind, content, **more):
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content), **more}

    config = add(CONFIG_TYPE, json.dumps(chart, sort_keys=True).encode())
    layer = add(CHART_TYPE, archive)
    annotations = {"org.opencontainers.image.title": chart["name"], "org.opencontainers.image.version": version,
                   "org.opencontainers.image.description": chart["description"]}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": [layer], "annotations": annotations}
    entry = add(MANIFEST_TYPE, json.dumps(manifest, sort_keys=True).encode(),
                annotations={"org.opencontainers.image.ref.name": version})
    index = {"schemaVersion": 2, "manifests": [entry]}
    return {**blobs, "index.json": json.dumps(index, sort_keys=True).encode(), "oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}


def main(helm, out, version):
    files = packed_by(helm)
    chart = yaml.safe_load(files["tagmoor/Chart.yaml"])
    if chart["version"] != version:
        sys.exit(f"chart: Chart.yaml has version {chart['version']}, the Makefile {version}")
    archive = gzip.compress(tar_of(files), 9, mtime=TIME)
    with open(f"{out}/tagmoor-chart-{version}.tgz", "wb") as file:
        file.write(archive)
    with open(f"{out}/tagmoor-chart-{version}-oci.tar", "wb") as file:
        file.write(tar_of(layout_of(chart, archive, version)))


main(*sys.argv[1:])

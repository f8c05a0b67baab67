#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""image-fields on made-up resource definitions: which fields it lists, and what it says of them."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "golden")]
import yaml  # noqa: E402
from cli import TAGMOOR  # noqa: E402
from tap import check_equal, main, test  # noqa: E402

TEXT = {"type": "string"}


def members(**properties):
    return {"type": "object", "properties": properties}


def items(schema):
    return {"type": "array", "items": schema}


def image_fields(plural, group, schema):
    """(exit status, rows) for a definition with the schema."""
    crd = {"kind": "CustomResourceDefinition",
           "spec": {"group": group, "names": {"plural": plural},
                    "versions": [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}]}}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(crd, file)
        file.flush()
        done = subprocess.run([os.path.join(HERE, "image-fields"), file.name], env={**os.environ, "TAGMOOR": TAGMOOR},
                              stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, [line.split("\t") for line in done.stdout.splitlines()]


@test
def fields__of_every_form__listed():
    pod = members(containers=items(members(name=TEXT, image=TEXT, imagePullPolicy=TEXT)),
                  volumes=items(members(rbd=members(image=TEXT), image=members(reference=TEXT))))
    schema = members(status=members(image=TEXT), spec=members(
        template=pod, imageName=TEXT, baseImage=TEXT, imageCount={"type": "integer"}, imagePullSecrets=items(TEXT),
        parts={"type": "object", "additionalProperties": members(image=TEXT)}))
    status, rows = image_fields("things", "example.com", schema)
    check_equal((status, [path for _, path, _ in rows]), (0, [
        "spec.baseImage", "spec.imageName", "spec.parts.*.image", "spec.template.containers[*].image",
        "spec.template.volumes[*].image.reference"]))
    check_equal({state for _, _, state in rows}, {"unknown kind"})


@test
def field_that_no_path_leads_to__missed_and_status_1():
    schema = members(spec=members(cephVersion=members(image=TEXT), otherImage=TEXT))
    check_equal(image_fields("cephclusters", "ceph.rook.io", schema),
                (1, [["cephclusters.ceph.rook.io", "spec.cephVersion.image", "evaluated"],
                     ["cephclusters.ceph.rook.io", "spec.otherImage", "missed"]]))


@test
def image_in_two_members__listed_as_a_pair():
    pair = members(repository=TEXT, tag=TEXT, pullPolicy=TEXT)
    schema = members(spec=members(image=pair, otherImage=pair, chart=members(repository=TEXT, tag={"type": "integer"})))
    check_equal(image_fields("vmauths", "operator.victoriametrics.com", schema),
                (1, [["vmauths.operator.victoriametrics.com", "spec.image.repository:tag", "evaluated"],
                     ["vmauths.operator.victoriametrics.com", "spec.otherImage.repository:tag", "missed"]]))


@test
def field_listed_as_no_image__left_out():
    schema = members(spec=members(image=TEXT, build=members(output=members(image=TEXT))))
    check_equal(image_fields("kafkaconnects", "kafka.strimzi.io", schema),
                (0, [["kafkaconnects.kafka.strimzi.io", "spec.image", "evaluated"]]))


main()

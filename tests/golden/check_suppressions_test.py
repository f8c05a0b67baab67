#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Suppressions that suppress nothing: `tagmoor check` reports them, and only if it is sure."""
import json
import os

from cli import check, check_equal, folder, main, tagmoor, test, write

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec:\n  containers:\n"
BAD, GOOD = "  - {name: a, image: nginx}", "  - {name: a, image: nginx:1.27.3}"
MARK = "# tagmoor: ignore "
ANNOTATED = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {tagmoor.dev/ignore: OPS-1}}\nspec: {containers: [%s]}\n"


def unused(files, *args, stdin=b""):
    """Returns the position and the reason of each unused suppression in files, a mapping of names to texts."""
    with folder() as where:
        for name, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(where, name)), exist_ok=True)
            write(where, name, text)
        _, out, _ = tagmoor("check", "-o", "json", *(args or ["."]), stdin=stdin, cwd=where)
    found = json.loads(out)["unusedSuppressions"]
    check(all(entry["text"].startswith("this suppression suppresses nothing") for entry in found), found)
    return [(entry["file"], entry["line"], entry["column"]) for entry in found]


@test
def comment__a_good_image__unused():
    check_equal(unused({"a.yaml": POD + GOOD + " " + MARK + "OPS-1\n"}), [("a.yaml", 6, 36)])
    check_equal(unused({"a.yaml": POD + "  " + MARK + "OPS-1\n" + GOOD + "\n"}), [("a.yaml", 6, 3)])


@test
def comment__a_bad_image__used():
    for text in (BAD + " " + MARK + "x\n", "  " + MARK + "x\n" + BAD + "\n", "  " + MARK + "x\n  # more\n" + BAD + "\n",
                 BAD + " " + MARK + "x " + MARK + "y\n"):
        check_equal(unused({"a.yaml": POD + text}), [], text)


@test
def comment__elsewhere__unused():
    for text, line in ((BAD + "\n  " + MARK + "below\n", 7), ("  " + MARK + "x\n\n" + BAD + "\n", 6),
                       (BAD + "\n# after the image\n" + MARK + "x\n", 8)):
        check_equal([entry[1] for entry in unused({"a.yaml": POD + text})], [line], text)


@test
def comment__a_nearer_one__unused():
    check_equal(unused({"a.yaml": POD + "  " + MARK + "x\n" + BAD + " " + MARK + "y\n"}), [("a.yaml", 6, 3)])


@test
def comment__without_a_reason__unused_or_an_error():
    check_equal(unused({"a.yaml": POD + GOOD + " " + MARK + "\n"}), [("a.yaml", 6, 36)])
    check_equal(unused({"a.yaml": POD + BAD + " " + MARK + "\n"}), [])


@test
def comment__several_documents__each_by_its_own():
    text = POD + BAD + " " + MARK + "x\n---\n" + POD + GOOD + " " + MARK + "y\n---\n" + POD + BAD + " " + MARK + "z\n"
    check_equal(unused({"a.yaml": text}), [("a.yaml", 13, 36)])


@test
def comment__text_or_a_document_that_is_not_evaluated__not_reported():
    text = POD + BAD + "\n  - {name: 'b # tagmoor: ignore x', image: nginx}\n  - name: c\n    image: nginx\n    args:\n    - |\n      # tagmoor: ignore x\n"
    for name, content in (("a.yaml", text), ("notes.yaml", "a: b " + MARK + "x\n"), ("compose.yaml", "services: {}\n" + MARK + "x\n"),
                          ("a.json", json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a " + MARK + "x"}, "spec": {}})),
                          ("a.yaml", "a: [\n---\n" + POD + GOOD + " " + MARK + "x\n")):
        check_equal(unused({name: content}), [], content)


@test
def comment__dockerfile_and_compose__unused():
    check_equal(unused({"Dockerfile": MARK + "x\nFROM nginx:1.27.3\n" + MARK + "y\nFROM nginx\n"}, "Dockerfile"), [("Dockerfile", 1, 1)])
    check_equal(unused({"compose.yaml": "services:\n  a: {image: nginx:1.27.3} " + MARK + "x\n"}, "compose.yaml"), [("compose.yaml", 2, 28)])


@test
def comment__output_of_helm__not_reported():
    """Another release can need it."""
    check_equal(unused({}, "-", stdin=(POD + GOOD + " " + MARK + "x\n").encode()), [])


@test
def annotation__a_good_image__unused():
    check_equal(unused({"a.yaml": ANNOTATED % "{name: a, image: 'nginx:1.27.3'}"}), [("a.yaml", 3, 55)])
    check_equal(unused({"a.yaml": ANNOTATED % "{name: a, image: nginx}"}), [])


@test
def annotation__of_a_template_that_covers_all__the_outer_one_is_unused():
    text = ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, annotations: {tagmoor.dev/ignore: outer}}\nspec:\n  template:\n"
            "    metadata: {annotations: {tagmoor.dev/ignore: inner}}\n    spec: {containers: [{name: a, image: nginx}]}\n")
    check_equal([entry[1] for entry in unused({"a.yaml": text})], [3])


@test
def no_suppressions__nothing_unused():
    text = POD + GOOD + " " + MARK + "OPS-1\n"
    check_equal(unused({"a.yaml": text}, "--no-suppressions", "."), [])


@test
def text__each_and_a_count__and_the_run_succeeds():
    with folder() as where:
        write(where, "a.yaml", POD + GOOD + " " + MARK + "OPS-1: gone\n")
        status, out, _ = tagmoor("check", "a.yaml", cwd=where)
    check(status == 0 and "a.yaml:6:36: this suppression suppresses nothing: OPS-1: gone\n" in out, status, out)
    check(out.endswith("unused suppressions: 1\n"), out)


main()

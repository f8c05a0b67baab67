#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Inputs in which `tagmoor check` finds nothing, or something that only looks like an object.

Nothing may pass for manifests without findings: each is an error, or counted and said.
"""
import json
import os
import xml.etree.ElementTree as ElementTree

from cli import check, folder, main, tagmoor, test, write

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx:1.2.3}]}\n"
NOTHING = "tagmoor: warning: nothing was evaluated: no image in 1 file\n"
NO_OBJECT = "standard input contains no Kubernetes object"


def listed(*items, **more):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items, **more})


# Standard input, what is said of it, and where.
ERRORS = [
    ("hello\n", NO_OBJECT), ("- a\n- b\n", NO_OBJECT), ("a: 1\n", NO_OBJECT), ("[]", NO_OBJECT), ("{}", NO_OBJECT),
    ("[" + json.dumps({"apiVersion": "v1", "kind": "Pod"}) + "]", NO_OBJECT), ("null", NO_OBJECT), ("~\n", NO_OBJECT),
    ("# nothing\n", NO_OBJECT), ("\n\n", NO_OBJECT), (" ", NO_OBJECT), ("---\n---\n", NO_OBJECT), ("\ufeff", NO_OBJECT),
    ("---\n# a\n---\nnull\n---\n", NO_OBJECT), ("error: the server could not find it\n", NO_OBJECT), ('"a"', NO_OBJECT),
    (POD.replace("apiVersion: v1\n", ""), "<stdin>:1:1: the object has no apiVersion"),
    (POD.replace("apiVersion: v1", "apiVersion: 1"), "<stdin>:1:1: the object has no apiVersion"),
    (POD.replace("apiVersion: v1", "apiVersion: ''"), "<stdin>:1:1: the object has no apiVersion"),
    (POD.replace("apiVersion: v1\nkind: Pod", "kind: Widget"), "<stdin>:1:1: the object has no apiVersion"),
    ("kind: deployment\n", "the object has no apiVersion"), ("kind: List\n", "the object has no apiVersion"),
    (POD.replace("kind: Pod\n", ""), "<stdin>:1:1: the object has no kind"),
    (POD.replace("kind: Pod", "kind: [Pod]"), "<stdin>:1:1: the object has no kind"),
    (POD + "---\n" + POD.replace("kind: Pod\n", ""), "<stdin>:6:1: the object has no kind"),
    ("apiVersion: apps/v1\nspec: {}\n", "the object has no kind"),
    (listed(1), "<stdin>:1:48: an item of this list is not an object"), (listed(None), "an item of this list is not an object"),
    (listed("a"), "an item of this list is not an object"), (listed([]), "an item of this list is not an object"),
    (listed({}), "the object has no apiVersion"), (listed({"kind": "Pod"}), "the object has no apiVersion"),
    (listed({"apiVersion": "v1"}), "the object has no kind"), (listed({"a": 1}), "the object has no apiVersion"),
    (listed(kind="PodList", **{"items": [{}, 1]}), "an item of this list is not an object"),
    (json.dumps({"apiVersion": "v1", "kind": "List", "items": {"a": 1}}), "the items of the list are not a list"),
    (json.dumps({"apiVersion": "v1", "kind": "List", "items": "x"}), "the items of the list are not a list"),
]
# Files of other tools that have keys of the same names are counted; empty lists of a cluster are lists.
COUNTED = [
    ("apiVersion: v2\nname: chart\nversion: 1.0.0\n", "other documents 1 (a.yaml)"),
    ("apiVersion: score.dev/v1b1\nmetadata: {name: a}\n", "other documents 1 (a.yaml)"),
    ("apiVersion: 1\ndatasources: []\n", "other documents 1 (a.yaml)"),
    ("kind: pipeline\nname: drone\nsteps: []\n", "other documents 1 (a.yaml)"),
    ("kind: customsearch#search\n", "other documents 1 (a.yaml)"),
    ("hello\n", "other documents 1 (a.yaml)"), ("[]\n", "other documents 1 (a.yaml)"),
    (POD + "---\nhello\n", "other documents 1 (a.yaml)"),
    ("apiVersion: v1\nkind: Service\n", "kinds without images 1 (Service)"),
]


def run(*args, stdin=b"", **more):
    status, out, err = tagmoor("check", *args, stdin=stdin, **more)
    return status, out, err


@test
def standard_input_without_an_object__an_error_that_all_formats_have():
    for text, said in ERRORS:
        status, out, err = run("-", stdin=text.encode())
        check(status == 2 and said in err, repr(text), status, out, err)
    for name in ("json", "sarif", "junit", "github"):
        status, out, err = run("-o", name, "-", stdin=b"hello\n")
        check(status == 2 and NO_OBJECT in out, name, out, err)
    check(ElementTree.fromstring(run("-o", "junit", "-", stdin=b"hello\n")[1]).get("errors") == "1")


@test
def files_of_other_tools__counted_and_said():
    for text, said in COUNTED:
        with folder() as files:
            write(files, "a.yaml", text)
            for operand in (".", "a.yaml"):
                status, out, err = run(operand, cwd=files)
                check(status == 0 and said in out and err == ("" if POD in text else NOTHING), repr(text), status, out, err)


@test
def lists_without_items__are_no_error():
    for text in (listed(), json.dumps({"apiVersion": "v1", "kind": "List", "items": None}),
                 json.dumps({"apiVersion": "v1", "kind": "PodList", "items": []}), "apiVersion: v1\nkind: List\n"):
        status, out, err = run("-", stdin=text.encode())
        check(status == 0 and err == NOTHING, text, status, out, err)


@test
def directories_without_a_file__errors():
    with folder() as files:
        for name in ("empty", "other", "deep/er", "full", "comments", "loop"):
            os.makedirs(os.path.join(files, name))
        write(files, "other/README.md", "x")
        write(files, "full/a.yaml", POD)
        write(files, "comments/a.yaml", "# x\n")
        os.symlink("../full", os.path.join(files, "loop/again"))
        for name in ("empty", "other", "deep", "empty/", "./other"):
            status, out, err = run(name, cwd=files)
            check(status == 2 and f"directory '{name}' contains no file to evaluate" in err, name, out, err)
            status, out, err = run("full", name, cwd=files)
            check(status == 2 and f"directory '{name}' contains no file to evaluate" in err and "1 allowed" in out, name, out, err)
            status, out, err = run(name, "full", cwd=files)
            check(status == 2 and f"directory '{name}' contains no file" in err and "1 allowed" in out, name, out, err)
            check(f"directory '{name}'" in run("-o", "json", name, cwd=files)[1])
        # A directory without files of its own is no error if its files were given before.
        for operands in (["full", "full"], ["full", "full/."], ["full", "loop"], ["loop", "full"], ["."]):
            status, out, err = run(*operands, cwd=files)
            check(status == 0 and "1 allowed (1 object" in out, operands, out, err)
        status, out, err = run("comments", cwd=files)
        check(status == 2 and "no file contains a document" in err and "empty files 1 (comments/a.yaml)" in out, out, err)
        status, out, err = run("comments", "full", cwd=files)
        check(status == 0 and "empty files 1 (comments/a.yaml)" in out, out, err)


@test
def empty_files__counted_or_an_error_if_there_is_nothing_else():
    for text in ("", "\n", "# x\n", "---\n---\n", "null\n", "~", "\ufeff", "\ufeff# x\n", "%YAML 1.1\n---\n"):
        with folder() as files:
            write(files, "a.yaml", text)
            write(files, "b.yaml", POD)
            status, out, err = run("a.yaml", cwd=files)
            check(status == 2 and "no file contains a document" in err, repr(text), out, err)
            status, out, err = run(".", cwd=files)
            check(status == 0 and "empty files 1 (a.yaml)" in out, repr(text), out, err)
            summary = json.loads(run("-o", "json", ".", cwd=files)[1])["summary"]
            check(summary["notEvaluated"]["emptyFiles"] == {"count": 1, "names": {"a.yaml": 1}}, summary)


@test
def files_that_are_not_regular__said_in_a_directory_and_read_if_named():
    with folder() as files:
        os.mkfifo(os.path.join(files, "pipe.yaml"))
        os.symlink("/dev/zero", os.path.join(files, "zero.yaml"))
        os.symlink("/dev/stdin", os.path.join(files, "stdin.json"))
        write(files, "a.yaml", POD)
        status, out, err = run(".", cwd=files)
        check(status == 2 and err.count("is not a regular file") == 3 and "1 allowed" in out, out, err)
        check(run("/dev/stdin", stdin=POD.encode())[0] == 0)


@test
def pipes_in_place_of_special_files__nothing_waits():
    with folder() as files:
        for name in ("a/Chart.yaml", "b/kustomization.yaml", "c/.tagmoorignore"):
            os.mkdir(os.path.join(files, os.path.dirname(name)))
            write(files, os.path.join(os.path.dirname(name), "pod.yaml"), POD)
            os.mkfifo(os.path.join(files, name))
        for options in ([], ["--render"]):
            status, out, err = run(*options, ".", cwd=files, env={**os.environ, "PATH": files})
            check(status == 2 and err.count("is not a regular file") == 3 and "2 allowed" in out, options, out, err)


@test
def many_errors_of_one_file__listed_in_part():
    status, out, err = run("-", stdin=listed(*[1] * 100000).encode())
    check(status == 2 and len(err.splitlines()) == 21 and "more errors in this file are not listed" in err, err[-500:])
    with folder() as files:
        for name in "ab":
            write(files, f"{name}.json", listed(*[1] * 30))
        err = run(".", cwd=files)[2]
        check([err.count(f" {name}.json:") for name in "ab"] == [21, 21], err)


@test
def runs_without_an_image__fail_if_asked():
    with folder() as files:
        write(files, "a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
        status, out, err = run(".", cwd=files)
        check(status == 0 and err == NOTHING, status, err)
        status, out, err = run("--fail-if-nothing", "-o", "json", ".", cwd=files)
        check(status == 2 and "(--fail-if-nothing)" in err and "nothing was evaluated: no " in err, status, err)
        check(json.loads(out)["errors"][0]["text"].startswith("nothing was evaluated: no image in 1 file"), out)
        write(files, "b.yaml", POD)
        status, out, err = run("--fail-if-nothing", ".", cwd=files)
        check(status == 0 and err == "", status, err)


@test
def baseline_of_nothing__is_an_error_too():
    with folder() as files:
        check(run("--write-baseline", "b", "-", stdin=b"hello\n", cwd=files)[0] == 2)


main()

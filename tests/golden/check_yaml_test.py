#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that kubectl takes and that a plain YAML 1.1 library refuses or reads otherwise, and tags of other tools."""
import json
import os

from cli import check, folder, main, tagmoor, test, write

SPEC = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {b: fd00::, c: 'x:,'}}\nspec: {dnsConfig: {nameservers: [fd00::, a::]}, containers: [{name: a, image: nginx}]}\n"
LINE = SPEC.splitlines()[3]


def findings(*args, **more):
    status, out, err = tagmoor("check", "-o", "json", *args, **more)
    report = json.loads(out)
    return status, [(f["line"], f["column"], f["endColumn"], f.get("image"), f["document"]) for f in report["findings"]], err, report


def check_finding(text, line, column, document=1, name="a.yaml", image="nginx"):
    with folder() as files:
        with open(os.path.join(files, name), "wb") as file:
            file.write(text.encode())
        status, found, err, _ = findings(name, cwd=files)
        check((status, found, err) == (1, [(line, column, column + len(image), image, document)], ""), repr(text), status, found, err)
        out = tagmoor("check", name, cwd=files)[1].splitlines()
        place = next(i for i, row in enumerate(out) if f":{line}:{column}: denied" in row) + 1
        mark = out[place + 1].index("^")
        check(out[place][mark:].startswith(image), "\n".join(out))


@test
def addresses_in_flow_lists__read_and_columns_kept():
    check_finding(SPEC, 4, LINE.index("image: ") + 8)
    check_finding(SPEC.replace("\n", "\r\n"), 4, LINE.index("image: ") + 8)
    check_finding(SPEC.replace("nginx", "a:, b: {c:}, image: nginx").replace("image: a:, b", "b"), 4,
                  LINE.index("image: ") + 8 + len("b: {c:}, "))


@test
def marks_behind_separators__read_and_have_no_column():
    check_finding("---\n\ufeff" + SPEC, 5, LINE.index("image: ") + 8)
    check_finding("a: 1\n--- # b\n\ufeff" + SPEC, 6, LINE.index("image: ") + 8, document=2)
    flow = "{apiVersion: v1, kind: Pod, spec: {containers: [{image: nginx}]}}\n"
    for start, line in (("\ufeff", 1), ("---\n\ufeff", 2), ("a: 1\n---\n\ufeff", 3)):
        check_finding(start + flow, line, flow.index("nginx") + 1, document=2 if "a:" in start else 1)


@test
def mark_before_json__has_no_column():
    text = '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "nginx"}]}}'
    for start, line, column in (("\ufeff", 1, 0), ("\ufeff\n", 2, 0), ("\ufeff  ", 1, 2)):
        with folder() as files:
            write(files, "a.json", start + text)
            status, found, err, _ = findings("a.json", cwd=files)
            wanted = text.index('"nginx"') + 1 + column
            check((status, found) == (1, [(line, wanted, wanted + 7, "nginx", 1)]), repr(start), found, err)
            write(files, "b.json", start + text[:-1])
            err = findings("b.json", cwd=files)[2]
            check(f"b.json:{line}:{len(text) + column}:" in err, repr(start), err)
            write(files, "c.json", start + text.replace('"nginx"', "7"))
            check(findings("c.json", cwd=files)[1][0][:2] == (line, wanted), findings("c.json", cwd=files))


@test
def json_before_a_separator__then_yaml():
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "nginx"}]}}
    text = json.dumps(pod) + "\n" + json.dumps(pod, indent=1) + "\n---\n" + SPEC + "---\n[\n---\n" + SPEC
    lines = text.split("\n")
    at = [i + 1 for i, line in enumerate(lines) if "nginx" in line]
    for name in ("a.json", "a.yaml"):
        with folder() as files:
            write(files, name, text)
            status, found, err, _ = findings(name, cwd=files)
            check((status, [f[0] for f in found], [f[4] for f in found]) == (2, at, [1, 2, 3, 5]), found, err)
            check(f"{name}:{lines.index('[') + 2}:1:" in err, err)


@test
def block_text_at_the_end_without_a_line_end__ends_with_one():
    text = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: |\n      nginx:1.2.3"
    for end in ("", "\n"):
        status, out, _ = tagmoor("check", "-", stdin=(text + end).encode())
        check(status == 1 and r"nginx:1.2.3\x0a" in out, out)


@test
def tag_that_swallows_a_comma__is_an_error():
    # kubectl reads the image nginx here.
    text = "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: !x, nginx}]}}}\n"
    status, out, err = tagmoor("check", "-", stdin=text.encode())
    check(status == 2 and "<stdin>:3:" in err and "a tag without a value" in err, out, err)


@test
def tags_of_compose_and_gitlab__are_no_images_there_and_are_ones_in_manifests():
    with folder() as files:
        write(files, "compose.yaml", "services:\n  a: {image: !reset null}\n  b: {image: !reset nginx}\n  c: !reset {image: nginx}\n"
              "  d: {image: !override redis}\n  e:\n    image: !reset\n  f: &f {image: !reset busybox}\n  g: {<<: *f}\n  h: *f\n")
        write(files, ".gitlab-ci.yml", "image: !reference [.a, image]\nservices: !reference [.a, services]\njob:\n"
              "  image: {name: !reference [.b, image]}\n  services: [!reference [.a, services], 'mysql', {name: !reference [.c, d]}]\n")
        status, found, err, report = findings("--include", "compose,gitlab", ".", cwd=files)
        check((status, [f[3] for f in found], err) == (1, ["mysql", "redis"], ""), found, err)
        left = report["summary"]["notEvaluated"]["unresolvedImages"]
        check(left["count"] > 0 and set(left["names"]) == {"Compose", "GitLabCI"}, left)
        # kubectl does not know these tags: the value is what is applied.
        for name in ("compose.yaml", ".gitlab-ci.yml", "a.yaml"):
            write(files, name, "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: !reset nginx}, {image: !reference redis}]}\n")
            status, found, err, _ = findings("--include", "compose,gitlab", name, cwd=files)
            check((status, [f[3] for f in found], err) == (1, ["nginx", "redis"], ""), name, found, err)


@test
def policy_file__read_with_the_same_colons():
    text = "version: 1\nenvironments:\n- {name: production, default: true, enforce: release, images: [{match: ['[fd00::]:5000/a', x:], enforce: any}]}\n"
    with folder() as files:
        status, _, err = tagmoor("policy", "check", write(files, "p.yaml", text))
        check("not YAML" not in err and ":3:" in err and "'x:'" in err, status, err)
        column = text.splitlines()[2].index("x:]") + 1
        check(f"p.yaml:3:{column}:" in err, err)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What outputs show of text from outside: every code point of Unicode, in every format, command and message.

Each output must parse with a strict parser of its format, and no character that table.py calls hidden may
be in it: neither in its bytes nor in the texts that a parser takes out of it.  No line but those of
`-o github` may be a command to the runner of a GitHub workflow.
"""
import json
import os
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "golden"))
import table  # noqa: E402
from cli import IS_PLAIN_BUILD, TAGMOOR, Skip, check, folder, main, tagmoor, test, write  # noqa: E402

FORMATS = ("text", "json", "sarif", "junit", "github", "tsv", "codequality", "markdown")
TABLE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "policy/base/utf8_table.h")
SURROGATES = range(0xD800, 0xE000)
IS_HIDDEN = [point not in SURROGATES and table.is_hidden(point) for point in range(0x110000)]
POINTS = [chr(point) for point in range(0x110000) if point not in SURROGATES]
HIDDEN = {point for point in POINTS if IS_HIDDEN[ord(point)]}
SPECIAL = set("\\\"'&<>%:,|#[ ")
# A sanitizer is ten times slower: the ends of all runs of hidden characters do there.
TURNS = [point for point in range(1, 0x110000) if IS_HIDDEN[point] != IS_HIDDEN[point - 1]]
ENDS = [chr(point) for turn in TURNS for point in (turn - 1, turn) if point not in SURROGATES]
WANTED = POINTS if IS_PLAIN_BUILD else ENDS
# Code points that every version of Unicode since 3.2 shows must pass unchanged.
SHOWN = {point for point in WANTED if not IS_HIDDEN[ord(point)] and not table.is_hidden(ord(point), unicodedata.ucd_3_2_0)} - SPECIAL


def chunks(points, size):
    return ["".join(points[start:start + size]) for start in range(0, len(points), size)]


def pod(name, container="web", namespace="shop", image="nginx:latest"):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
            "spec": {"containers": [{"name": container, "image": image}]}}


def is_command(line):
    """As the runner's ActionCommand.cs reads a line: V2 behind blanks, V1 anywhere."""
    return line.strip().startswith("::") or "##[" in line


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def strict_json(text):
    def refuse(word):
        raise AssertionError(f"no JSON: {word}")
    return json.loads(text, parse_constant=refuse)


def parse(name, text):
    """The texts that a strict parser takes out of an output of this format."""
    lines = text.split("\n")
    if name == "lines":
        return [part for line in lines[:-1] for part in texts_of(strict_json(line))]
    if name in ("json", "sarif", "codequality"):
        value = strict_json(text)
        if name == "sarif":
            del value["runs"][0]["tool"]  # the program's own text, in lines
        return list(texts_of(value))
    if name == "junit":
        return [part for element in ElementTree.fromstring(text.encode()).iter()
                for part in (*element.attrib.values(), element.text or "", element.tail or "")]
    if name == "github":
        for line in lines[:-2]:
            check(re.fullmatch(r"::(error|warning|notice) [^:]*::.*", line), repr(line[:300]))
        check(re.fullmatch(r"tagmoor: \d+ denied, .*", lines[-2]), repr(lines[-2:]))
    if name == "tsv":
        check(len({line.count("\t") for line in lines[:-1]}) <= 1, "columns differ")
        lines = text.replace("\t", "\n").split("\n")
    return lines


def check_output(name, data, own=""):
    """`own`: what the program puts into texts itself."""
    text = data.decode("utf-8", "strict")
    found = HIDDEN.intersection(set(text)) - {"\n"} - ({"\t"} if name == "tsv" else set())
    check(not found, name, "holds", sorted(map(ascii, found))[:20])
    # Between elements of XML there are line ends of its own.
    found = HIDDEN.intersection(set("".join(part for part in parse(name, text) if part.strip() != ""))) - set(own)
    check(not found, name, "means", sorted(map(ascii, found))[:20])
    if name != "github":
        for line in text.split("\n"):
            check(not is_command(line), name, "a command to a runner:", repr(line[:300]))
    return text


def pods(points):
    """Objects with all these characters, in the names of objects, containers and namespaces in turn."""
    for number, chunk in enumerate(chunks(points, 512)):
        yield pod(*(chunk if number % 3 == place else other for place, other in enumerate(("web", "web", "shop"))))


def everywhere(points):
    return [pod(chunk, chunk, chunk) for chunk in chunks(points, 256)]


def listed(items):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}).encode()


def run(command, *args, formats=FORMATS, stdin=b"", statuses=(1,), **more):
    """Runs it with every format, each to a file, and checks all that it says."""
    with folder() as out:
        outputs = [word for name in formats for word in ("-o", f"{name}={out}/{name}")]
        done = subprocess.run([TAGMOOR, command, *outputs, *args], input=stdin, capture_output=True, timeout=300,
                              check=False, **more)
        check(done.returncode in statuses, done.returncode, done.stderr[:2000])
        check_output("text", done.stderr)
        check_output("text", done.stdout)
        said = {}
        for name in formats:
            with open(f"{out}/{name}", "rb") as file:
                said[name] = check_output("lines" if (command, name) == ("explain", "json") else name, file.read())
        return said


def check_shown(said, names):
    """What can be shown is shown as it is."""
    for name in names:
        missing = SHOWN.difference(said[name])
        check(not missing, name, "lacks", sorted(map(ascii, missing))[:20])


# --- the table ----------------------------------------------------------------------------------------

@test
def table__written_anew__as_it_is():
    with open(TABLE, encoding="utf-8") as file:
        text = file.read()
    version = re.search(r"Unicode ([0-9.]+),", text)[1]
    if version != unicodedata.unidata_version:
        raise Skip(f"Python follows Unicode {unicodedata.unidata_version}, the table {version}")
    check(text == table.table(), "run tests/unicode/table.py >policy/base/utf8_table.h")


# --- every code point -----------------------------------------------------------------------------------

@test
def every_code_point_in_names__escaped_in_all_formats():
    check_shown(run("check", "-", stdin=listed([*pods(WANTED), *everywhere(ENDS)])),
                [name for name in FORMATS if name not in ("github", "codequality", "markdown")])  # which have no containers, or a limit
    run("scan", "-", stdin=listed([*pods(WANTED[::7]), *everywhere(ENDS)]))


@test
def every_end_of_a_run_in_images__escaped_in_all_formats():
    for command in ("check", "scan"):
        run(command, "-", stdin=listed(pod("web", image=chunk) for chunk in chunks(ENDS, 48)))


@test
def check__every_code_point_in_kinds_groups_and_keys__escaped():
    items = [{"apiVersion": f"{chunk}/v1", "kind": chunk} for chunk in chunks(WANTED, 20000)]
    items += [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{chunk: 1, "image": 7}]}}
              for chunk in chunks(ENDS, 500)]
    run("check", "-", stdin="\n".join(map(json.dumps, items)).encode())


@test
def check__hidden_characters_on_the_line_of_an_image__marked():
    raw = [chunk.encode() for chunk in chunks([point for point in ENDS if point >= " " and point not in "\"\\"], 400)]
    lines = b'{"apiVersion":"v1","kind":"Pod","spec":{"containers":[\n' + b",\n".join(
        b'{"name":"a","image":"nginx","x":"##[add-mask]%s"}' % chunk for chunk in raw) + b"]}}"
    said = run("check", "-", stdin=lines)
    check('"name":"a","image":"nginx","x":"##?add-mask]' in said["text"], said["text"][:500])


@test
def check__hidden_characters_in_file_names__escaped():
    points = [point for point in ENDS if point not in "/\0"]
    with folder() as files:
        for number, chunk in enumerate(chunks(points, 40)):
            bad = pod("web") if number % 3 else {"kind": "Pod"}
            write(files, f"{chunk}.json", json.dumps(bad) if number % 4 else "{")
        with open(os.path.join(os.fsencode(files), b"\xff\xc0.json"), "w", encoding="utf-8") as file:
            file.write(json.dumps({"a": 1}))
        for place in (files, "."):
            run("check", place, statuses=(2,), cwd=files)
        status, _, err = tagmoor("check", "--write-baseline", "base", ".", cwd=files)
        check(status == 2, status, err)
        with open(os.path.join(files, "base"), "rb") as file:
            check_output("tsv", file.read().split(b"\n", 2)[2])
        status, _, err = tagmoor("check", "--baseline", "base", ".", cwd=files)
        check("known" in tagmoor("check", "--baseline", "base", ".", cwd=files)[1], err)


@test
def scan__same_name_as_check__shown_alike():
    text = "a\u061c\u200b\u202e\ufeff\uffff\U000e0041\x85\tb"
    shown = r"a\xd8\x9c\xe2\x80\x8b\xe2\x80\xae\xef\xbb\xbf\xef\xbf\xbf\xf3\xa0\x81\x81\xc2\x85\x09b"
    for command in ("check", "scan"):
        for name, said in run(command, "-", stdin=listed([pod(text, text, text)])).items():
            backslash = {"json": r"\\", "sarif": r"\\", "codequality": r"\\", "markdown": "&#92;"}.get(name, "\\")
            escaped = shown.replace("\\", backslash)
            check(said.count(escaped) >= 2, command, name, said)


@test
def explain__every_end_of_a_run__escaped_in_all_formats():
    lines = "\n".join(chunks([point for point in ENDS if point not in "\r\n"], 60))
    run("explain", "-", stdin=lines.encode(), statuses=(0,))


@test
def review__every_end_of_a_run__escaped_in_answers_warnings_and_annotations():
    for enforce in ("any", "build"):
        with folder() as files:
            policy = write(files, "policy.yaml", f"version: 1\nenvironments:\n- {{name: production, default: true, enforce: {enforce}, warn: digest, audit: digest}}\n")
            for chunk in chunks(ENDS, 200):
                containers = [{"name": f"{part}{number}", "image": f"nginx:latest{part}" if number % 2 else "nginx:latest"}
                              for number, part in enumerate(chunks(list(chunk), 12))]
                request = {"uid": "1", "kind": {"group": "", "version": "v1", "kind": "Pod"}, "operation": "CREATE",
                           "resource": {"group": "", "version": "v1", "resource": "pods"}, "namespace": "shop",
                           "userInfo": {"username": "me"},
                           "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}}}
                review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
                done = subprocess.run([TAGMOOR, "review", "--policy", policy, "-"], input=json.dumps(review).encode(), capture_output=True, check=False)
                text = check_output("json", done.stdout, own="\n")
                check("auditAnnotations" in text and "production" in text, text, done.stderr)
                annotations = json.loads(text)["response"]["auditAnnotations"]
                check_output("json", annotations["images"].encode())


# --- commands of a workflow ---------------------------------------------------------------------------

COMMANDS = ("::warning file=a::b", " ::error::x", "\u00a0::debug::x", "\u3000::add-mask::x", "##[error]x", "x ##[add-mask]y",
            ":", "::", "::set-output name=a::b")


@test
def commands_of_a_workflow__in_every_text__in_no_line():
    with folder() as files:
        for number, text in enumerate(COMMANDS):
            write(files, f"{text}.json", json.dumps(pod(text, text, text, text)))
            write(files, f"{text}-broken.yaml", "a: [")
            write(files, f"{text}-other.yaml", f"apiVersion: '{text}/v1'\nkind: '{text}'\n")
            write(files, f"base{number}", f"{text}\t{text}\t{text}\t{text}\n")
        for operands in (["."], [f"./{text}.json" for text in COMMANDS], [f"{text}.json" for text in COMMANDS]):
            said = run("check", "--", *operands, cwd=files, statuses=(1, 2))
            check("nginx" not in said["text"] and r"\x3a:warning file=a" in said["text"], said["text"])
        for number in range(len(COMMANDS)):
            run("check", "--baseline", f"base{number}", ".", cwd=files, statuses=(2,))
        run("scan", "-", stdin=listed(pod(text, text, text, text) for text in COMMANDS), cwd=files)
        run("explain", "-", stdin="\n".join(COMMANDS).encode(), statuses=(0,))
        for text in COMMANDS:
            for args in (["policy", "check"], ["policy", "show"], ["test"], ["review"], ["import", "ecr"], ["check", "--policy"], ["scan"]):
                for name in (f"{text}-other.yaml", f"{text}-broken.yaml", text):
                    done = subprocess.run([TAGMOOR, *args, name, *(["."] if args[0] == "check" else [])], capture_output=True,
                                          check=False, cwd=files)
                    check_output("text", done.stderr)
                    check_output("text", done.stdout)


@test
def addresses_and_ports__no_commands__as_they_are():
    for image in ("[::1]:5000/app:latest", "[fd00::1]/app", "a.b:c"):
        status, out, err = tagmoor("check", "-", stdin=json.dumps(pod("web", image=image)).encode())
        check(status == 1 and image in out and "\\x" not in out, out, err)


main()

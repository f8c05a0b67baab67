#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images of Dockerfiles as tagmoor finds them beside those that BuildKit's own parser finds, over many mutants.

Run by `make check-dockerfile`, which makes a program from the modules of BuildKit.  In a file that BuildKit accepts,
both find the same images in the same instructions, and tagmoor reports no error.  A file that BuildKit rejects is only
read: no build uses it.
"""
import base64
import glob
import json
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [TESTS]
from tap import check, main, test  # noqa: E402

BUILD = os.path.abspath(os.environ.get("MOOR_BUILD", "build/gcc"))
OURS = os.path.join(BUILD, "tests/dockerfile/images")
BUILDKIT = os.path.join(os.path.dirname(TESTS), "build/buildkitimages")
MUTANTS = 20000

IMAGES = ["nginx", "a:1", "quay.io/a/b:2", "scratch", "base", "BASE", "0", "$V", "${V}", "a:${V:-1}", "a:${W-2}", "a${X:+:5}",
          "${V#*.}", "${V##*.}", "${V%.*}", "${V%%.*}", "${V/a/b}", "${V//./_}", "${V//?/z}", "${V/\\./x}", '"nginx:1"', "'n'",
          "a\\:1", "${A:-${B:-c}}", "{{ .x }}", "{{.x}}", "$TARGETARCH", "base-$TARGETARCH", "a${TARGETARCH:+:1}", "${V:?e}", "${Z?e}", "${V:=1}",
          "${V", '"q', "${}", "a$", "a$$b", "${E-d}", "${E:-d}", "${E+d}", "${E:+d}"]
VALUES = ["1", "1.2.3", "", '"x y"', "'$V'", "$V", "${V}-x", "a:1", "base", "\\a", '"a$V"', "${V:-q}", "$TARGETARCH", "{{.v}}"]
STAGES = ["", "", " AS base", " as Build", " AS 1x", " AS", "  x", " AS base-amd64", " # c"]
SOURCES = ["base", "Build", "0", "1", "7", "nginx:1", "$V", '"a b"', "scratch", "'q:1'", "x\\ y", "{{.x}}", "+1", "-1"]
MOUNTS = ["--mount=type=bind,from=", "--mount=from=", "--mount=type=cache,target=/x,FROM=", '--mount="type=bind,from=',
          "--mount='target=/x',from="]
ENDS = ["EOF", "'EOF'", '"EOF"', "-EOF", '-"EOF"', "\\EOF", " EOF", "EOF1", "${x:-EOF}", '"E F"']
OTHERS = ['RUN ["a","<<EOF"]', "CMD a", "# comment", "\t# c", "RUN a \\", "ENV A=b", "  ", "ONBUILD ARG x", "ONBUILD FROM y",
          "\u00a0FROM nb", "FROM\ta:9", "FROM a:8 ", "\\", "RUN x\\\\", "FROM z\\\\"]
HEADS = ["", "", "# syntax=docker/dockerfile:1\n", "# escape=`\n", " # escape=`\n", "#syntax = s:1 x\n", "# check=skip=all\n",
         "#!/bin/x\n", "// syntax=z\n", "# c\n", "# escape=x\n"]
GAPS = [" "] * 6 + [" \\\n"] * 2 + [" \\\n  # c\n  ", " \\ \n\n ", "\\\n"]


def instruction(rnd):
    pick = rnd.choice
    kind = rnd.random()
    if kind < 0.3:
        return f"{pick(['FROM', 'from'])}{pick(GAPS)}{pick(['', '', '--platform=$BUILDPLATFORM '])}{pick(IMAGES)}{pick(STAGES)}"
    if kind < 0.5:
        return f"ARG{pick(GAPS)}{pick(['V', 'W', 'X', 'A', 'E', 'TARGETARCH'])}{pick(['', '='])}{pick(VALUES)}"
    if kind < 0.65:
        return f"{pick(['', 'ONBUILD '])}COPY{pick(GAPS)}{pick(['', '--chown=a '])}--from={pick(SOURCES)} /a /b"
    if kind < 0.8:
        source = pick(["base", "nginx:2", "0", "$V", "scratch", "a,source=/x"])
        return f"{pick(['', 'ONBUILD '])}RUN{pick(GAPS)}{pick(MOUNTS)}{source}{pick(['', chr(34) + ' '])}{pick(GAPS)}true"
    if kind < 0.92:
        second = pick(["", " <<B", " 3<<-B", " it's", ' "q"', " ${x^}", " a<<B", " <<<B"])
        body = pick(["FROM hd\n", "\tFROM hd2\n", "# c\n", "x \\\n"]) + pick(["EOF\n", "\tEOF\n", "E F\n"]) + pick(["", "B\n"])
        return f"{pick(['RUN', 'COPY', 'ENV', 'ONBUILD RUN'])} cat <<{pick(ENDS)}{second} /x\n{body}"
    return pick(OTHERS)


def mutants(seed, count):
    rnd = random.Random(seed)
    for number in range(count):
        text = rnd.choice(HEADS) + rnd.choice(HEADS) + "\n".join(instruction(rnd) for _ in range(rnd.randint(1, 4))) + "\n"
        if number % 4 == 0:
            at = rnd.randrange(len(text))
            text = text[:at] + rnd.choice(list("\\\"'$<\n \t{}#`=-/:,")) + text[at + rnd.randint(0, 1):]
        if number % 10 == 0:
            text = text.replace("\n", "\r\n")
        yield text.encode()


def read_ours(texts):
    row = b"".join(b"%d\n" % len(text) + text for text in texts)
    done = subprocess.run([OURS], input=row, capture_output=True, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_buildkit(texts):
    given = json.dumps([base64.b64encode(text).decode() for text in texts]).encode()
    done = subprocess.run([BUILDKIT], input=given, capture_output=True, check=True, timeout=300)
    return json.loads(done.stdout)


def is_same(ours, theirs):
    # Our program prints bytes, and so does BuildKit in flags, which it takes for Latin-1.
    texts = (theirs["image"], theirs["image"].encode().decode("latin-1"))
    return (ours["where"], ours["state"]) == (theirs["where"], theirs["state"]) and ours["image"] in texts and \
        theirs["start"] <= ours["line"] <= theirs["end"]


def compare(texts):
    """Returns how many images the accepted files have, and checks that both find each of them."""
    count = 0
    for text, ours, theirs in zip(texts, read_ours(texts), read_buildkit(texts), strict=True):
        if "error" in theirs:
            continue
        left = list(ours["images"])
        for image in theirs["images"]:
            same = next((other for other in left if is_same(other, image)), None)
            check(same is not None, "missed", image, ours, text)
            left.remove(same)
            count += 1
        check(not left, "false", left, text)
        check(ours["error"] == "", ours["error"], text)
    return count


def files():
    found = []
    for pattern in ("golden/check/*/files/**/*ockerfile*", "../deploy/**/Dockerfile*", "fuzz/corpus/dockerfile/*"):
        for path in sorted(glob.glob(os.path.join(TESTS, pattern), recursive=True)):
            with open(path, "rb") as file:
                found.append(file.read())
    return found


@test
def files_of_the_project__the_same_images():
    check(compare(files()) > 10)


@test
def mutants__the_same_images():
    count = compare(list(mutants(1, MUTANTS)))
    check(count > MUTANTS // 10, count)


@test
def file_with_another_image__a_difference():
    """The comparison itself can fail."""
    ours, theirs = read_ours([b"FROM a\n"])[0]["images"][0], read_buildkit([b"FROM b\n"])[0]["images"][0]
    check(not is_same(ours, theirs) and is_same(ours, {**theirs, "image": "a"}))


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""YAML as tagmoor reads it beside YAML as kubectl reads it, over files and many mutants of them.

Run by `make check-yaml`, which makes a program that reads as kubectl does from the modules of Kubernetes.  What
kubectl takes, tagmoor must take with the same value, or refuse for a reason that is listed in REFUSED.
What kubectl refuses, tagmoor may take: it judges what nobody can apply.
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
sys.path[:0] = [TESTS, os.path.join(TESTS, "golden")]
import policies  # noqa: E402
from tap import check, main, test  # noqa: E402

BUILD = os.path.abspath(os.environ.get("MOOR_BUILD", "build/gcc"))
OURS = os.path.join(BUILD, "tests/golden/yaml_json")
KUBECTL = os.path.join(os.path.dirname(TESTS), "build/kubectlyaml")
MUTANTS = 20000
sys.setrecursionlimit(20000)

# Texts that kubectl takes and tagmoor refuses, with an error at a position: by a part of its message.
REFUSED = {
    "expected the end of the file here": "kubectl reads the first document of each part between lines `---` and ignores the rest",
    "texts with the tag '!!binary' are not read": "kubectl decodes base64",
    "a tag without a value": "a comma behind a tag is a part of it: `[!x, y]` is a list of one",
    "a key must be a string": "as part of what kubectl ignores",
    "is not closed": "as part of what kubectl ignores",
    "not allowed in this context": "as part of what kubectl ignores",
    "a string cannot start with this character": "as part of what kubectl ignores",
    "while parsing a tag": "such tags too",
    "while scanning a tag": "tags with characters such as `[` and `,`",
    "nested deeper than 1,000 levels": "kubectl reads 10,000",
    "indent with spaces, not tabs": "a tab before a flow list or mapping",
    "found unexpected ':' while scanning a plain scalar": "such a colon behind a quote inside of the scalar: `[x'y':, z]`",
    "control character U+007F": "in YAML; JSON may have it",
    "unsupported directive '%TAG'": "as part of what kubectl ignores",
}
# Texts of which the two may read more or less: the rest of a document after `...` or a line end that is
# none for kubectl's separator, and a byte order mark at the start of a line, which is part of a key there.
LOOSE = ("...", "\x85", "\u2028", "\u2029", "\r---", "\ufeff", "%YAML", "%")

PIECES = ["a", "b", "::", "[", "]", "{", "}", ":", ": ", ",", ", ", "- ", "-", "? ", "|", "|-", ">", "\n", "\n  ", "\n ",
          "  ", " ", "'", '"', "#", " #", "&a ", "*a", "*a ", "!!str ", "!t ", "!", "<<: ", "\t", "1", "0x1F", "~", "null",
          "yes", ".5", "1e3", "---\n", "--- ", "...\n", "\ufeff", "---\n\ufeff", "\\n", "\\x41", "\u00e9", "\u2028", "\x85",
          "\r\n", "=", "@", "`", "%", "!!binary ", "0o7", "012", "1_0", "2001-01-01", "a: b", "[a, b]", "{a: b}", "{a, b}",
          "[a: b]", "\\", "\\u0041", "k: v\n", "- x\n", "!!int ", "!<x> ", "a:b", "http://a:1/x", "fd00::", "::1", "a::",
          "?", "-a", ">-\n", "|2\n", "\x7f", "\U0001f600", "{a:}", "[b:]", '{"c":', "'d':"]


def read_ours(texts):
    row = b"".join(b"%d\n" % len(text) + text for text in texts)
    done = subprocess.run([OURS, "all"], input=row, capture_output=True, check=True, timeout=300)
    found, lines = [], []
    for line in done.stdout.split(b"\n")[:-1]:
        if line == b".":
            found.append(lines)
            lines = []
        else:
            lines.append(line)
    return found


def read_kubectl(texts):
    given = json.dumps([base64.b64encode(text).decode() for text in texts]).encode()
    done = subprocess.run([KUBECTL], input=given, capture_output=True, check=True, timeout=300)
    return json.loads(done.stdout)


def plain(value):
    """Numbers as they are, whatever they were written as."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def is_refused_for_a_reason(text, message):
    return any(part in message for part in REFUSED) or any(part in text for part in LOOSE)


def compare(texts):
    """Returns how many texts both take with the same value, and checks the others."""
    same = 0
    for text, ours, theirs in zip(texts, read_ours(texts), read_kubectl(texts)):
        shown = text.decode(errors="replace")
        refusals = [line.decode(errors="replace") for line in ours if line.startswith(b"!")]
        documents = [plain(json.loads(line)) for line in ours if not line.startswith(b"!")]
        documents = [document for document in documents if document is not None]
        if "error" in theirs or text.lstrip().startswith(b"{"):  # which kubectl reads as JSON first, as `check` does
            continue
        if refusals and documents == [plain(document) for document in theirs["documents"]]:
            continue  # only what kubectl ignores is refused
        if refusals:
            check(is_refused_for_a_reason(shown, refusals[0]), repr(shown), refusals, theirs)
        elif documents != [plain(document) for document in theirs["documents"]]:
            check(any(part in shown for part in LOOSE), repr(shown), documents, theirs)
        else:
            same += 1
    return same


def files():
    found = [*policies.good().values(), *policies.bad().values()]
    for pattern in ("golden/check/*/files/**/*.yaml", "../deploy/**/*.yaml", "../policy/*/*.yaml"):
        for path in sorted(glob.glob(os.path.join(TESTS, pattern), recursive=True)):
            with open(path, "rb") as file:
                found.append(file.read())
    return found


# Fixed, so that the mutants are the same in every run.
BASES = [
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {app: web, 'b': \"c\"}\nspec:\n  containers:\n  - name: web\n"
    "    image: nginx:1.25\n    args: [--port, '80', \"x: y\"]\n    command:\n    - sh\n    - -c\n    - |\n      echo a: b\n      exit 1\n",
    "# a comment\n---\na: &x\n  b: 1\n  c: [1, 2.5, ~, yes]\nd: *x\ne:\n  <<: *x\n  f: >-\n    folded\n    text\n...\n---\ng: !!str 1\nh: !t x\n",
    "items:\n- {addresses: [fd00::, 'fe80::1', a:b], ports: {http: 80, \"https\": 443}}\n- ? key\n  : value\n- - nested\n  - list\n",
]


def mutants(seed, count):
    rnd = random.Random(seed)
    small = BASES
    for number in range(count):
        if number % 3:
            yield "".join(rnd.choice(PIECES) for _ in range(rnd.randint(1, 10))).encode()
            continue
        text = rnd.choice(small)
        start = rnd.randrange(len(text) + 1)
        end = min(len(text), start + rnd.choice([0, 0, 0, 1, 2, 5]))
        yield (text[:start] + rnd.choice(PIECES) + text[end:]).encode()


@test
def files_of_the_project__read_alike():
    check(compare(files()) > 100)


@test
def what_people_write__read_alike():
    texts = ["[fd00::]", "[a::, b]", "x: {a: fd00::, b: [c:]}", "- {a:}", "- {a:,b: 1}", "a: 1\n---\n\ufeffb: 2\nc: 3\n",
             "\ufeffa: 1\nb: 2\n", "a: 1\n--- # x\n\ufeffb: 2\nc: 3", "a: |\n  b", "a: >\n  b\n  c", 'x: {"a":[1],"b":{"c":2}}',
             "- {'a':[1]}", "[&a x, {*a:[1]}]", "a: {!!str <<: {b: c}}", "a: {<<: {b: c}}", "http://a:1/{b}: 1", "a: [b:c]",
             "a: x:{y}\nb: [z]", '["a:,", \'b:]\']', "- {a: 1}\n---\nb: 2\n", '# x\n{"a": 1}\n---\nb: 2\n', "a: !x y", "# \u00e9%TAG\na: 1"]
    check(compare([text.encode() for text in texts]) == len(texts))


@test
def mutants__read_alike_or_refused_for_a_known_reason():
    check(compare(list(mutants(1, MUTANTS))) > MUTANTS // 4)


main()

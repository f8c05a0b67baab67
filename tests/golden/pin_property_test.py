#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tagmoor pin over all files of the tests of `check`: only images change, a second run changes nothing, `check` then agrees.

The lock file has a digest of its own for each reference, so that the digests can be found and removed again.
"""
import hashlib
import os
import re
import shutil

import yaml

from cli import check, folder, main, tagmoor, test

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check")
FORMATS = ["--include", "helm-values,kustomize,dockerfile,compose,gitlab,github,ecs"]
MISSING = re.compile(r"^(.*):\d+:\d+: left .*: the lock has no digest of (\S+)$", re.M)
DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def run(place, lock, *arguments):
    return tagmoor("pin", "--lock", lock, *FORMATS, *arguments, ".", cwd=place)


def write_lock(place, path, *arguments):
    """A lock file for all images that pin would pin; returns the digests."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("# tagmoor lock 1\n")
    status, _, err = run(place, path, "--dry-run", *arguments)
    check(status in (0, 1, 2), err)
    names = {name for _, name in MISSING.findall(err)}
    digests = {name: "sha256:" + hashlib.sha256(name.encode()).hexdigest() for name in names}
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(f"{name} {digest}\n" for name, digest in digests.items())
    return {digest.encode() for digest in digests.values()}


def contents(place):
    out = {}
    for root, _, names in os.walk(place):
        for name in names:
            path = os.path.join(root, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    out[os.path.relpath(path, place)] = file.read()
    return out


def without(data, digests):
    """The bytes without the digests that pin has written."""
    for digest in set(DIGEST.findall(data)) & digests:
        data = data.replace(b"@" + digest, b"").replace(digest, b"")
    return re.sub(rb"(sha(256)?: ?['\"])([0-9a-f]{64})(['\"])",
                  lambda match: match[1] + match[4] if b"sha256:" + match[3] in digests else match[0], data)


def documents(data):
    """All documents as PyYAML reads them, with texts for all scalars; None if it cannot read them."""
    try:
        return list(yaml.load_all(data, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def changes(before, after, path=()):
    """The paths and texts of all scalars that differ; anything else that differs is an error."""
    stack, out = [(before, after, path)], []
    while stack:
        old, new, at = stack.pop()
        check(type(old) is type(new), "another type", at, old, new)
        if isinstance(old, dict):
            check(list(old) == list(new), "other keys", at)
            stack.extend((old[key], new[key], at + (key,)) for key in old)
        elif isinstance(old, list):
            check(len(old) == len(new), "another length", at)
            stack.extend((left, right, at + (index,)) for index, (left, right) in enumerate(zip(old, new)))
        elif old != new:
            out.append((at, old, new))
    return out


def check_tree(name, before, after, digests):
    """Returns how many scalars differ, all of which got a digest, or None if PyYAML does not read the file."""
    old, new = documents(before), documents(after)
    check((old is None) == (new is None), name, "can be read by PyYAML before or after only")
    if old is None:
        return None
    different = changes(old, new)
    for at, left, right in different:
        check(without(right.encode(), digests) == left.encode() or b"sha256:" + right.encode() in digests, name, at, left, right)
    return len(different)


def pin_case(case, *arguments):
    with folder() as outer:
        place, lock = os.path.join(outer, "files"), os.path.join(outer, "images.lock")
        shutil.copytree(os.path.join(CASES, case, "files"), place, symlinks=True)
        digests = write_lock(place, lock, *arguments)
        before = contents(place)
        status, out, err = run(place, lock, *arguments)
        after = contents(place)
        check(list(before) == list(after), "other files", sorted(after))
        pinned = 0
        for name, data in before.items():
            check(without(after[name], digests) == data, name, "more than digests changed")
            if data != after[name] and not name.endswith("ockerfile"):
                pinned += check_tree(name, data, after[name], digests) or 0
        again, said, _ = run(place, lock, *arguments)
        check(contents(place) == after and again == status, "a second run changes something", status, again)
        check(re.search(r"^0 pinned, ", said, re.M), said)
        check_left(place, out, err)
        return pinned, sum(data != after[name] for name, data in before.items())


def check_left(place, out, err):
    """What check still denies is what pin has left."""
    _, tsv, _ = tagmoor("check", *FORMATS, "-o", "tsv", ".", cwd=place)
    left = set(re.findall(r"^(.*?:\d+:\d+): left ", out, re.M))
    for line in tsv.splitlines():
        decision, file, number, column, *_, image, form, _level, _environment, _reason, _repair = line.split("\t")
        if decision == "deny" and image and form != "number-tag":
            check(f"{file}:{number}:{column}" in left, "denied and not left", line, out, err)


@test
def all_files_of_check__only_images_differ():
    total = files = 0
    for case in sorted(os.listdir(CASES)):
        if os.path.isdir(os.path.join(CASES, case, "files")):
            for arguments in [], ["--all", "--digest-in-tag", "--no-suppressions"]:
                pinned, changed = pin_case(case, *arguments)
                total, files = total + pinned, files + changed
    check(total > 200 and files > 100, "hardly anything was pinned", total, files)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
""".tagmoorignore compared with git: for generated lists of patterns and paths, `tagmoor check` reads the files that
`git ls-files --others --exclude-per-directory` lists."""
import os
import random
import subprocess

from cli import check, folder, main, tagmoor, test, write

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n"
NAMES = ["a", "b", "ab", "ba", "abc", "a b", "[a]", "a*", "\\a", "#a", "!b"]
PARTS = ["a", "b", "c", "ab", "*", "?", "**", "***", "[ab]", "[!a]", "[a-c]", "[[:alpha:]]", "\\*", "\\a", "[]a]", "[^b]",
         ".yaml", " ", "#", "!", "\\ ", "[", "]", "-", "\\"]
LISTS = int(os.environ.get("MOOR_LONG_TESTS", "0")) * 400 + (20 if os.environ.get("MOOR_SHORT_TESTS") else 60)


def pattern(rng):
    segments = ["".join(rng.choice(PARTS) for _ in range(rng.choice((1, 1, 2, 3)))) if rng.random() < 0.7
                else rng.choice(NAMES + ["**", "*", "a.yaml"]) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    return rng.choice(("", "", "", "!")) + rng.choice(("", "", "/")) + "/".join(segments) + rng.choice(("", "", "/", " "))


def fill(files, rng):
    """Writes a tree of manifests and some lists, each as .gitignore and as .tagmoorignore."""
    folders = [""] + ["/".join(rng.choice(NAMES) for _ in range(rng.choice((1, 2, 3)))) for _ in range(6)]
    for place in folders:
        os.makedirs(os.path.join(files, place), exist_ok=True)
        for name in rng.sample(NAMES, 4):
            write(files, os.path.join(place, name + ".yaml"), POD)
    lists = {}
    for place in {"", rng.choice(folders)}:
        lists[place] = "".join(pattern(rng) + rng.choice(("\n", "\n", "\r\n")) for _ in range(rng.choice((1, 2, 4))))
        for name in (".gitignore", ".tagmoorignore"):
            write(files, os.path.join(place, name), lists[place])
    return lists


def read_by_git(files):
    listed = subprocess.run(["git", "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"], cwd=files, check=True,
                            capture_output=True, timeout=60).stdout.decode()
    return {name for name in listed.split("\0") if name.endswith(".yaml")}


@test
def generated_lists__the_files_that_git_lists():
    read = excluded = 0
    for seed in range(LISTS):
        rng = random.Random(seed)
        with folder() as files:
            lists = fill(files, rng)
            subprocess.run(["git", "init", "-q", files], check=True, timeout=60)
            wanted = read_by_git(files)
            _, out, _ = tagmoor("check", "-o", "tsv", ".", cwd=files)
            got = {line.split("\t")[1] for line in out.splitlines()}
            check(wanted == got, seed, lists, "git", sorted(wanted - got), "tagmoor", sorted(got - wanted))
            read += len(got)
            excluded += sum(name.endswith(".yaml") for _, _, names in os.walk(files) for name in names) - len(got)
    check(read > LISTS and excluded > LISTS, "the lists exclude everything or nothing", read, excluded)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file that a command writes is there whole, or is what it was: on a full disk, and where the command is killed."""
import os
import resource
import subprocess

from cli import TAGMOOR, Skip, check, folder, main, tagmoor, test, write

MANIFEST = """apiVersion: v1
kind: Pod
metadata: {name: web-%d, namespace: shop}
spec: {containers: [{name: web, image: nginx}]}
---
"""
WRITERS = {
    "baseline": lambda path, manifest: ["check", "--write-baseline", path, manifest],
    "sarif of check": lambda path, manifest: ["check", "-o", f"sarif={path}", manifest],
    "sarif of explain": lambda path, _: ["explain", "-o", f"sarif={path}", *["nginx"] * 300],
    "tsv of explain": lambda path, _: ["explain", "-o", f"tsv={path}", *["nginx"] * 300],
}


def run_short_of_room(arguments, killed):
    """With room for 4096 bytes a file: what comes behind is an error, or a signal that ends the command."""
    return subprocess.run([TAGMOOR, *arguments], capture_output=True, timeout=60, restore_signals=killed,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))


@test
def no_room__said_and_the_file_is_what_it_was():
    for name, arguments in WRITERS.items():
        for killed in (False, True):
            with folder() as place:
                manifest = write(place, "many.yaml", "".join(MANIFEST % i for i in range(300)))
                path = write(place, "out", "# as it was\n")
                done = run_short_of_room(arguments(path, manifest), killed)
                check(done.returncode == (-25 if killed else 2), name, killed, done)
                check(killed or f"cannot write '{path}'" in done.stderr.decode(), name, done.stderr)
                with open(path, encoding="utf-8") as file:
                    check(file.read() == "# as it was\n", name, "killed" if killed else "full")
                check(killed or sorted(os.listdir(place)) == ["many.yaml", "out"], name, os.listdir(place))


@test
def file_that_is_there__keeps_its_rights_and_its_link():
    for name, arguments in WRITERS.items():
        with folder() as place:
            manifest = write(place, "one.yaml", MANIFEST % 1)
            path = write(place, "real", "# as it was\n")
            os.chmod(path, 0o640)
            os.symlink("real", os.path.join(place, "link"))
            status, out, err = tagmoor(*arguments(os.path.join(place, "link"), manifest))
            check(status in (0, 1), name, out, err)
            check(os.path.islink(os.path.join(place, "link")), name, "the link is gone")
            check(os.stat(path).st_mode & 0o777 == 0o640, name, oct(os.stat(path).st_mode))
            with open(path, encoding="utf-8") as file:
                check("as it was" not in file.read(), name)


def sticky(place, name="shared", owner=0):
    """A directory such as /tmp."""
    path = os.path.join(place, name)
    os.mkdir(path)
    os.chown(path, owner, owner)
    os.chmod(path, 0o1777)
    return path


def link(target, path, owner):
    os.symlink(target, path)
    os.lchown(path, owner, owner)
    return path


@test
def link_of_somebody_else_in_a_shared_directory__not_followed():
    if os.geteuid() != 0:
        raise Skip("needs root: files of other users")
    nobody, other = 65534, 65533
    for name, arguments in WRITERS.items():
        with folder() as place:
            manifest = write(place, "one.yaml", MANIFEST % 1)
            victim = write(place, "victim", "# as it was\n")
            shared, owned = sticky(place), sticky(place, "owned", other)
            missing = os.path.join(place, "missing")
            own = link(victim, os.path.join(place, "own"), 0)
            for path in (link(victim, f"{shared}/absolute", nobody), link("../victim", f"{shared}/relative", nobody),
                         link(missing, f"{shared}/dangling", nobody), link(own, f"{shared}/chain", nobody),
                         link(f"{shared}/absolute", os.path.join(place, "to-it"), 0), link(victim, f"{owned}/third", nobody)):
                status, _, err = tagmoor(*arguments(path, manifest))
                check(status == 2 and f"cannot write '{path}': Permission denied" in err, name, path, status, err)
                check(os.path.islink(path) and not os.path.exists(missing), name, path)
                with open(victim, encoding="utf-8") as file:
                    check(file.read() == "# as it was\n", name, path)
            # One's own, that of the directory's owner, and any in a directory of one's own.
            for path in (link(victim, f"{shared}/mine", 0), link(victim, f"{owned}/its-owner", other),
                         link(victim, os.path.join(place, "theirs"), nobody)):
                write(place, "victim", "# as it was\n")
                status, out, err = tagmoor(*arguments(path, manifest))
                check(status in (0, 1) and os.path.islink(path), name, path, out, err)
                with open(victim, encoding="utf-8") as file:
                    check("as it was" not in file.read(), name, path)


@test
def links_in_a_circle__refused():
    with folder() as place:
        os.symlink("b", os.path.join(place, "a"))
        os.symlink("a", os.path.join(place, "b"))
        path = os.path.join(place, "a")
        status, _, err = tagmoor("explain", "-o", f"tsv={path}", "nginx")
        check(status == 2 and "Too many levels of symbolic links" in err, status, err)


@test
def new_file__has_the_rights_that_the_umask_leaves():
    for name, arguments in WRITERS.items():
        with folder() as place:
            path = os.path.join(place, "new")
            tagmoor(*arguments(path, write(place, "one.yaml", MANIFEST % 1)), preexec_fn=lambda: os.umask(0o027))
            check(os.stat(path).st_mode & 0o777 == 0o640, name, oct(os.stat(path).st_mode))


@test
def what_is_no_file__written_as_it_stands():
    for name, arguments in WRITERS.items():
        with folder() as place:
            manifest = write(place, "one.yaml", MANIFEST % 1)
            status, out, err = tagmoor(*arguments("/dev/stdout", manifest))
            check(status in (0, 1) and "nginx" in out, name, out, err)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reload when files cannot be read: no descriptors, no memory, files that are no regular files, a directory that was replaced."""
import os
import resource
import shutil
import time

from certificates import path
from harness import IS_SANITIZED, SLACK, Skip, Tagmoor, check, check_equal, main, test
from reload_files import LAX, NEW, OLD, OLD_CLIENT, STRICT, Files, replace_whole, served, trusting, write
from reviews import judge


@test
def no_descriptors_left__change_is_taken_once_there_are_some():
    write("late.yaml", STRICT)
    pair = path("late.crt"), path("late.key")
    shutil.copy(OLD[0], pair[0])
    shutil.copy(OLD[1], pair[1])
    with Tagmoor("--policy", path("late.yaml"), cert=pair[0], key=pair[1]) as server:
        pid = server.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
        write("late.yaml", LAX)
        shutil.copy(NEW[0], pair[0])
        shutil.copy(NEW[1], pair[1])
        server.wait_for("late.yaml' for changes: Too many open files: trying again", seconds=8)
        # Longer than a change is looked at closely.
        time.sleep(5)
        check_equal(len(server.events("late.yaml' for changes")), 1, "said more than once")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        server.wait_for("policy reloaded: ", seconds=8)
        server.wait_for("certificate reloaded: ", seconds=8)
        check_equal(served(server, OLD, NEW), NEW)
        check(judge(server, context=trusting(NEW)))


@test
def no_memory_left__change_is_taken_once_there_is_some():
    if IS_SANITIZED:
        raise Skip("an instrumented build takes address space of its own")
    write("hungry.yaml", STRICT)
    with Tagmoor("--policy", path("hungry.yaml"), cert=OLD[0], key=OLD[1]) as server:
        pid = server.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (server.memory_kib("VmSize") * 1024 + (1 << 20), before[1]))
        write("hungry.yaml", LAX + "exemptions:\n" + "".join(
            f"- {{name: e{number}, reason: '{'r' * 2500}', permanent: true, match: {{users: [u]}}}}\n" for number in range(250)))
        server.wait_for("hungry.yaml' not reloaded", seconds=8)
        server.wait_for("no memory|Cannot allocate memory", seconds=2)
        time.sleep(3)
        check_equal(len(server.events("not reloaded")), 1, "said more than once")
        check(not judge(server, context=trusting(OLD)))
        resource.prlimit(pid, resource.RLIMIT_AS, before)
        server.wait_for("policy reloaded: ", seconds=15)
        check(judge(server, context=trusting(OLD)))


@test
def fifo_in_place_of_a_file__refused_and_never_waited_for():
    files = Files("pipes")
    names = (files.cert, files.key, files.ca, files.policy)
    with files.serve() as server:
        for number, name in enumerate(names):
            shutil.copy(path(name), path("kept"))
            replace_whole(name, os.mkfifo)
            server.hup("SIGHUP received: ")
            server.wait_for("not reloaded, the previous one is kept", number + 1, seconds=8)
            check_equal(served(server, OLD, client=OLD_CLIENT), OLD)
            replace_whole(name, lambda new: shutil.copy(path("kept"), new))
            server.hup("reloaded: ")
        server.wait_for("not a regular file", 4)
        replace_whole(files.key, os.mkfifo)
        server.signal("HUP")
        time.sleep(0.3)
        start = time.monotonic()
        check_equal(server.end(), 0)
        check(time.monotonic() - start < 2 + SLACK)


@test
def start__what_is_no_regular_file__refused_at_once():
    os.mkfifo(path("waiting"))
    for odd in (path("waiting"), "/dev/zero", path(".")):
        for flags in (["--policy", odd], ["--client-ca-file", odd]):
            server = Tagmoor(*flags, cert=OLD[0], key=OLD[1], wait=False)
            check_equal(server.wait(5), 2, server.log())
            server.wait_for("not a regular file|[Ii]s a directory", seconds=2)
        for pair in ((odd, OLD[1]), (OLD[0], odd)):
            server = Tagmoor(cert=pair[0], key=pair[1], wait=False)
            check_equal(server.wait(5), 2, server.log())
            server.wait_for("not a regular file|[Ii]s a directory", seconds=2)


@test
def directory_replaced__says_so_and_takes_what_is_put_back():
    files = Files("moved")
    with files.serve() as server:
        sandboxed = "file access is not restricted" not in server.log()
        shutil.copytree(path("moved"), path("moved.new"))
        write("moved.new/policy.yaml", LAX)
        os.rename(path("moved"), path("moved.old"))
        os.rename(path("moved.new"), path("moved"))
        if not sandboxed:
            server.wait_for("policy reloaded: ", seconds=8)
            return
        server.wait_for("cannot read 'moved/policy.yaml': the sandbox allows only the directory .*restart the server",
                        seconds=8)
        server.wait_for("certificate 'moved/tls.crt' cannot be read: the sandbox allows only the directory", seconds=8)
        time.sleep(4)
        check_equal(len(server.events("policy 'moved/policy.yaml' not reloaded")), 1)
        check_equal(len(server.events("certificate not reloaded")), 1)
        check(not judge(server, context=trusting(OLD, OLD_CLIENT)))
        # The directory from the start, with the new policy in it.
        os.rename(path("moved"), path("moved.new"))
        os.rename(path("moved.old"), path("moved"))
        write("moved/policy.yaml", LAX)
        server.wait_for("policy reloaded: ", seconds=8)
        server.wait_for("certificate reloaded: ", seconds=8)
        check(judge(server, context=trusting(OLD, OLD_CLIENT)))


@test
def file_that_no_permission_opens__not_blamed_on_the_sandbox():
    write("secret.yaml", STRICT)
    link = path("dangling.yaml")
    os.symlink("secret.yaml", link)
    with Tagmoor("--policy", link, cert=OLD[0], key=OLD[1]) as server:
        os.unlink(path("secret.yaml"))
        server.hup("cannot read '.*dangling.yaml': No such file or directory")
        check("restart the server" not in server.log(), server.log())


main()

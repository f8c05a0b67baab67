#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reload: certificate, key, client CA and policy taken over while the server runs, in each way files are replaced."""
import os
import shutil
import time

from certificates import make_pair, path
from harness import (JSON, Tagmoor, ask, check, check_equal, connect, main, read_response, request_bytes,
                     seconds_until_closed, test)
from reload_files import BAD, LAX, NEW, NEW_CLIENT, OLD, OLD_CLIENT, STRICT, Files, refused, served, trusting, write
from reviews import judge, review


def check_all_replaced(files, replace):
    with files.serve() as server:
        check_equal(served(server, OLD, client=OLD_CLIENT), OLD)
        check(not judge(server, context=trusting(OLD, OLD_CLIENT)))
        kept = connect(server, trusting(OLD, OLD_CLIENT))
        ask(kept, "GET", "/livez")
        replace()
        server.wait_for("certificate reloaded: ", seconds=8)
        server.wait_for("policy reloaded: ", seconds=8)
        check_equal(served(server, NEW, client=NEW_CLIENT), NEW)
        check(judge(server, context=trusting(NEW, NEW_CLIENT)))
        check(refused(server, NEW, OLD_CLIENT))
        # The connection from before is answered once more, by the new policy, and then closed.
        kept.sendall(request_bytes("POST", "/validate", review("nginx"), JSON))
        answer = read_response(kept)
        check_equal((answer.status, answer.headers["connection"]), (200, "close"))
        check(b'"allowed":true' in answer.body.replace(b" ", b""), answer)
        check(seconds_until_closed(kept) < 1)
        check_equal([event for event in server.events() if event[0] == "error"], [])
        check_equal(server.end(), 0)


@test
def all_files__replaced_by_renaming__taken():
    files = Files("renamed")
    check_all_replaced(files, lambda: files.put(NEW, "ca-new", LAX))


@test
def all_files__data_link_swapped_as_the_kubelet_does__taken():
    files = Files("linked", linked=True)
    check_all_replaced(files, lambda: files.put(NEW, "ca-new", LAX))


@test
def all_files__rewritten_in_place_with_their_old_times__taken():
    files = Files("rewritten")

    def replace():
        times = os.stat(path(files.policy))
        files.put(NEW, "ca-new", LAX, in_place=True)
        os.utime(path(files.policy), ns=(times.st_atime_ns, times.st_mtime_ns))

    check_all_replaced(files, replace)


@test
def policy__with_errors__old_one_stays_until_it_is_mended():
    write("policy.yaml", STRICT)
    with Tagmoor("--policy", path("policy.yaml"), cert=OLD[0], key=OLD[1]) as server:
        digest = server.wait_for(r"policy (sha256:\w+)")
        write("policy.yaml", BAD)
        server.wait_for("the previous one is kept: 1 error", seconds=8)
        check_equal([level for level, _ in server.events(r"policy\.yaml:4:30: unknown key 'enfroce'")], ["error"],
                    server.log())
        check(not judge(server, context=trusting(OLD)))
        check_equal(server.wait_reviews()[-1]["policyDigest"], digest)
        server.hup("SIGHUP received: ")
        server.hup("SIGHUP received: ")
        check_equal(len(server.events("the previous one is kept")), 1, "said more than once")
        write("policy.yaml", LAX[:40])
        server.hup("the previous one is kept: 1 error|missing")
        os.unlink(path("policy.yaml"))
        server.hup("cannot read '.*policy.yaml': No such file")
        check(not judge(server, context=trusting(OLD)))
        write("policy.yaml", LAX)
        server.hup("policy reloaded: sha256:")
        check(judge(server, context=trusting(OLD)))


@test
def key_pair__half_replaced__old_one_stays_until_both_are_there():
    pair = path("half.crt"), path("half.key")
    shutil.copy(OLD[0], pair[0])
    shutil.copy(OLD[1], pair[1])
    with Tagmoor(cert=pair[0], key=pair[1]) as server:
        shutil.copy(NEW[0], pair[0])
        server.wait_for("certificate not reloaded, the previous one is kept: key .* does not match", seconds=8)
        check_equal(served(server, NEW, OLD), OLD)
        server.hup("SIGHUP received: ")
        time.sleep(2.2)
        check_equal(len(server.events("not reloaded")), 1, "said more than once")
        shutil.copy(NEW[1], pair[1])
        server.hup("certificate reloaded")
        check_equal(served(server, OLD, NEW), NEW)
        for number, (bad, why) in enumerate((
                (make_pair("nameless", san=None), "no subject alternative name"),
                (make_pair("passed", start="20200101000000Z", end="20200102000000Z"), "expired at 2020-01-02"),
                ((path("half.key"), path("half.key")), "cannot be used"))):
            shutil.copy(bad[1], path("half.tmp"))
            shutil.copy(bad[0], pair[0])
            shutil.copy(path("half.tmp"), pair[1])
            server.hup(f"the previous one is kept: certificate .*{why}")
            check_equal(served(server, OLD, NEW), NEW)
        shutil.copy(OLD[0], pair[0])
        shutil.copy(OLD[1], pair[1])
        server.hup("certificate reloaded")
        check_equal(served(server, NEW, OLD), OLD)


main()

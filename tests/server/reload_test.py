#!/usr/bin/env python3
"""Reload: certificate, key, client CA and policy taken over while the server runs, in each way files are replaced."""
import datetime
import os
import shutil
import ssl
import threading
import time

from harness import (JSON, ask, check, check_equal, connect, main, make_pair, path, read_response, request_bytes,
                     seconds_until_closed, test)
from webhook import Webhook, judge, make_ca, make_leaf, review

OLD, NEW = make_pair("first"), make_pair("second")
make_ca("ca-old")
make_ca("ca-new")
OLD_CLIENT, NEW_CLIENT = make_leaf("client-old", "ca-old"), make_leaf("client-new", "ca-new")
# Of the same length, so that only the content tells them apart.
STRICT = "version: 1\ngrammar: 1\nenvironments:\n- {name: all, default: true, enforce: digest}\n"
LAX = STRICT.replace("digest", "any   ")
BAD = STRICT.replace("enforce", "enfroce")


def write(name, text):
    with open(path(name), "w") as file:
        file.write(text)


def trusting(pair, client=None):
    context = ssl.create_default_context(cafile=pair[0])
    if client:
        context.load_cert_chain(*client)
    return context


def served(server, *pairs, client=None):
    """Which of the pairs a new connection is served with."""
    for pair in pairs:
        try:
            with connect(server, trusting(pair, client)) as sock:
                ask(sock, "GET", "/livez")
                return pair
        except OSError:
            pass
    return None


def refused(server, pair, client):
    try:
        with connect(server, trusting(pair, client)) as sock:
            ask(sock, "GET", "/livez")
    except OSError:
        return True
    return False


class Files:
    """A folder with the four files, to be replaced all at once; `names` are relative to the server's folder."""

    def __init__(self, folder, linked=False):
        self.folder, self.linked, self.generation = folder, linked, 0
        os.mkdir(path(folder))
        self.cert, self.key, self.ca, self.policy = (f"{folder}/{name}" for name in ("tls.crt", "tls.key", "ca.crt", "policy.yaml"))
        self.put(OLD, "ca-old", STRICT)

    def contents(self, pair, ca, policy):
        return {"tls.crt": open(pair[0]).read(), "tls.key": open(pair[1]).read(), "ca.crt": open(path(f"{ca}.crt")).read(),
                "policy.yaml": policy}

    def put(self, pair, ca, policy, in_place=False):
        contents = self.contents(pair, ca, policy)
        if self.linked:
            self.swap(contents)
            return
        for name, text in contents.items():
            target = f"{self.folder}/{name}"
            write(target if in_place else target + ".new", text)
            if not in_place:
                os.rename(path(target + ".new"), path(target))

    def swap(self, contents):
        """As the kubelet does it: a new folder, `..data` points to it, the files to `..data`."""
        self.generation += 1
        inner = f"..{self.generation}"
        os.mkdir(path(f"{self.folder}/{inner}"))
        for name, text in contents.items():
            write(f"{self.folder}/{inner}/{name}", text)
            if not os.path.lexists(path(f"{self.folder}/{name}")):
                os.symlink(f"..data/{name}", path(f"{self.folder}/{name}"))
        os.symlink(inner, path(f"{self.folder}/..data_tmp"))
        os.rename(path(f"{self.folder}/..data_tmp"), path(f"{self.folder}/..data"))
        if self.generation > 1:
            shutil.rmtree(path(f"{self.folder}/..{self.generation - 1}"))

    def serve(self):
        return Webhook("--policy", self.policy, "--client-ca-file", self.ca, "--client-name", "kube-apiserver",
                       cert=self.cert, key=self.key)


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
    with Webhook("--policy", path("policy.yaml"), cert=OLD[0], key=OLD[1]) as server:
        digest = server.wait_for(r"policy (sha256:\w+)")
        write("policy.yaml", BAD)
        server.wait_for("the one in force stays: 1 error", seconds=8)
        check_equal([level for level, _ in server.events(r"policy\.yaml:4:30: unknown key 'enfroce'")], ["error"],
                    server.log())
        check(not judge(server, context=trusting(OLD)))
        check_equal(server.wait_reviews()[-1]["policyDigest"], digest)
        server.hup("SIGHUP: ")
        server.hup("SIGHUP: ")
        check_equal(len(server.events("the one in force stays")), 1, "said more than once")
        write("policy.yaml", LAX[:40])
        server.hup("the one in force stays: 1 error|missing")
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
    with Webhook(cert=pair[0], key=pair[1]) as server:
        shutil.copy(NEW[0], pair[0])
        server.wait_for("certificate not reloaded, the one in force stays: key .* does not belong to", seconds=8)
        check_equal(served(server, NEW, OLD), OLD)
        server.hup("SIGHUP: ")
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
            server.hup(f"the one in force stays: certificate .*{why}")
            check_equal(served(server, OLD, NEW), NEW)
        shutil.copy(OLD[0], pair[0])
        shutil.copy(OLD[1], pair[1])
        server.hup("certificate reloaded")
        check_equal(served(server, NEW, OLD), OLD)


def load(server, context, state, number):
    """Asks over kept connections (even numbers) or new ones until it is stopped; notes what fails."""
    sock = None
    while not state["stop"]:
        try:
            sock = sock or connect(server, context)
            answer = ask(sock, "POST", "/validate", review("nginx"), JSON)
            check_equal(answer.status, 200)
            state["answered"] += 1
            state["closed"] += answer.headers.get("connection") == "close"
            if number % 2 == 1 or answer.headers.get("connection") == "close":
                sock.close()
                sock = None
        except Exception as error:
            state["failed"].append(repr(error))
            sock = None
    if sock:
        sock.close()


@test
def fifty_reloads__under_load__no_request_fails():
    files = Files("loaded", linked=True)
    # Of one CA: with two self-signed certificates of one name a client looks at the first only.
    pairs = [make_leaf(name, "ca-new", "/CN=tagmoor", "DNS:localhost", "serverAuth") for name in ("even", "odd")]
    context = ssl.create_default_context(cafile=path("ca-new.crt"))
    write("ca-both.crt", open(path("ca-old.crt")).read() + open(path("ca-new.crt")).read())
    context.load_cert_chain(*OLD_CLIENT)
    files.put(pairs[0], "ca-both", STRICT)
    with files.serve() as server:
        state = {"stop": False, "answered": 0, "closed": 0, "failed": []}
        clients = [threading.Thread(target=load, args=(server, context, state, number)) for number in range(6)]
        for client in clients:
            client.start()
        for number in range(50):
            files.put(pairs[(number + 1) % 2], "ca-both", (LAX, STRICT)[number % 2])
            server.signal("HUP")
            server.wait_for("certificate reloaded: ", number + 1)
            server.wait_for("policy reloaded: ", number + 1)
        state["stop"] = True
        for client in clients:
            client.join()
        check_equal(state["failed"][:3], [])
        check(state["answered"] > 100 and state["closed"] >= 50, state)
        check_equal([event for event in server.events() if event[0] == "error"], [])
        check_equal(server.end(), 0)
        print(f"# {state['answered']} requests answered, {state['closed']} connections ended by a reload, 0 failed")


def stamp(seconds):
    return (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%SZ")


@test
def certificate__expires_while_serving__not_ready_until_it_is_replaced():
    shutil.copy(NEW[1], path("dying.key"))
    pair = make_pair("dying", start=stamp(-3600), end=stamp(5))
    with Webhook(cert=pair[0], key=pair[1]) as server:
        context = trusting(pair)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with connect(server, context) as sock:
            check_equal(ask(sock, "GET", "/readyz").status, 200)
            server.wait_for("the serving certificate expires at .* in 0 days: renew it")
            end = time.monotonic() + 10
            while ask(sock, "GET", "/readyz").status == 200:
                check(time.monotonic() < end, "still ready")
                time.sleep(0.2)
            check(b"[-]certificate failed: expired" in ask(sock, "GET", "/readyz?verbose").body)
            check_equal(ask(sock, "GET", "/livez").status, 200)
        shutil.copy(OLD[0], pair[0])
        shutil.copy(OLD[1], pair[1])
        server.hup("certificate reloaded")
        check_equal(ask_with(server, trusting(OLD), "/readyz").status, 200)


def ask_with(server, context, target):
    with connect(server, context) as sock:
        return ask(sock, "GET", target)


@test
def certificate__near_its_end__warned_of_at_the_start():
    day = 86400
    for name, start, end, level in (("near", -70, 20, "warn"), ("close", -70, 6, "error"), ("far", -70, 31, None),
                                    ("brief", -1, 2, None), ("brief-near", -3, 1, "warn")):
        pair = make_pair(name, start=stamp(start * day), end=stamp(end * day))
        with Webhook(cert=pair[0], key=pair[1]) as server:
            check_equal([found for found, _ in server.events("certificate expires at")], [level] if level else [], name)


main()

#!/usr/bin/env python3
"""Reload: certificate, key, client CA and policy taken over while the server runs, in each way files are replaced."""
import datetime
import hashlib
import os
import resource
import shutil
import ssl
import subprocess
import threading
import time

from certificates import make_ca, make_leaf, make_pair, path
from harness import (IS_SANITIZED, JSON, SLACK, TAGMOOR, Skip, Tagmoor, ask, check, check_equal, connect, main,
                     read_response, request_bytes, seconds_until_closed, test)
from reviews import judge, review

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
        return Tagmoor("--policy", self.policy, "--client-ca-file", self.ca, "--client-name", "kube-apiserver",
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
    with Tagmoor("--policy", path("policy.yaml"), cert=OLD[0], key=OLD[1]) as server:
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
    with Tagmoor(cert=pair[0], key=pair[1]) as server:
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


def replace_whole(name, make):
    """Puts what `make` makes in the place of the file `name`."""
    make(path(name + ".new"))
    os.rename(path(name + ".new"), path(name))


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
        server.wait_for("late.yaml' cannot be compared .*Too many open files: trying again", seconds=8)
        # Longer than a change is looked at closely.
        time.sleep(5)
        check_equal(len(server.events("late.yaml' cannot be compared")), 1, "said more than once")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        server.wait_for("policy reloaded: ", seconds=8)
        server.wait_for("certificate reloaded: ", seconds=8)
        check_equal(served(server, OLD, NEW), NEW)
        check(judge(server, context=trusting(NEW)))


@test
def no_memory_left__change_is_taken_once_there_is_some():
    if IS_SANITIZED:
        raise Skip("a sanitizer takes address space of its own")
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
            server.hup("SIGHUP: ")
            server.wait_for("not reloaded, the one in force stays", number + 1, seconds=8)
            check_equal(served(server, OLD, client=OLD_CLIENT), OLD)
            replace_whole(name, lambda new: shutil.copy(path("kept"), new))
            server.hup("reloaded: ")
        server.wait_for("it is not a regular file", 4)
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
        sandboxed = "files are not limited" not in server.log()
        shutil.copytree(path("moved"), path("moved.new"))
        write("moved.new/policy.yaml", LAX)
        os.rename(path("moved"), path("moved.old"))
        os.rename(path("moved.new"), path("moved"))
        if not sandboxed:
            server.wait_for("policy reloaded: ", seconds=8)
            return
        server.wait_for("cannot read 'moved/policy.yaml': its directory is not the one from the start .*restart the server",
                        seconds=8)
        server.wait_for("certificate 'moved/tls.crt' cannot be read: its directory is not the one", seconds=8)
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


HALF = "version: 1\ngrammar: 1\nmode: audit\nenvironments:\n- {name: all, default: true, enforce: any}\n"
REST = "exemptions:\n- {name: one, reason: 'half of it', permanent: true, match: {namespaces: [x]}}\n"


@test
def policy_written_in_two_halves__never_taken_by_half():
    write("halves.yaml", STRICT)
    with Tagmoor("--policy", path("halves.yaml"), cert=OLD[0], key=OLD[1]) as server:
        for number, hangups in enumerate((False, True)):
            with open(path("halves.yaml"), "w") as file:
                file.write(HALF)
                file.flush()
                for _ in range(10):
                    if hangups:
                        server.signal("HUP")
                    time.sleep(0.1)
                check(not judge(server, context=trusting(OLD)))
                file.write(REST)
            server.wait_for("policy reloaded: ", 2 * number + 1, seconds=8)
            check_equal(len(server.events("policy reloaded")), 2 * number + 1)
            check(judge(server, context=trusting(OLD)))
            digest = hashlib.sha256((HALF + REST).encode()).hexdigest()
            check_equal(server.wait_reviews(2 + 3 * number)[-1]["policyDigest"], "sha256:" + digest)
            write("halves.yaml", STRICT)
            server.wait_for("policy reloaded: ", 2 * number + 2, seconds=8)
            check(not judge(server, context=trusting(OLD)))


@test
def key_pair_written_in_two_halves__no_half_is_tried():
    pair = path("slow.crt"), path("slow.key")
    shutil.copy(OLD[0], pair[0])
    shutil.copy(OLD[1], pair[1])
    with Tagmoor(cert=pair[0], key=pair[1]) as server:
        texts = [open(name).read() for name in NEW]
        for part in (lambda text: text[:len(text) // 2], lambda text: text):
            for name, text in zip(pair, texts):
                with open(name, "w") as file:
                    file.write(part(text))
                server.signal("HUP")
                time.sleep(0.4)
        server.wait_for("certificate reloaded: ", seconds=8)
        check_equal(server.events("not reloaded"), [])
        check_equal(served(server, OLD, NEW), NEW)


# Loaded before the C library: reading a policy takes half a second longer.
SLOW_READING = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int yaml_parser_initialize(void *parser)
{
    int (*real)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "yaml_parser_initialize");
    const struct timespec half = {.tv_nsec = 500000000};
    nanosleep(&half, 0);
    return real(parser);
}
"""


def build_slow_reading():
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or IS_SANITIZED:
        raise Skip("needs a C compiler, and a server without sanitizers")
    write("slow.c", SLOW_READING)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", path("slow.so"), path("slow.c")], check=True)
    return path("slow.so")


@test
def signals_while_the_policy_loads__sighup_waits_and_sigterm_ends():
    write("slow.yaml", STRICT)
    preload = {"LD_PRELOAD": build_slow_reading()}
    for name in ("HUP", "TERM", "INT"):
        with Tagmoor("--policy", path("slow.yaml"), cert=OLD[0], key=OLD[1], wait=False, environment=preload) as server:
            time.sleep(0.3)
            server.signal(name)
            if name == "HUP":
                server.wait_for("SIGHUP: looking for changed files")
                server.wait_for("listening on")
                server.signal("TERM")
            start = time.monotonic()
            check_equal(server.wait(), 0, name, server.log())
            check(time.monotonic() - start < (0.2 if name != "HUP" else 0) + SLACK)
            check(name == "HUP" or "listening" not in server.log(), server.log())


@test
def standard_error_closed__nothing_is_written_elsewhere():
    command = [TAGMOOR, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--tls-cert-file", OLD[0],
               "--tls-private-key-file", OLD[1], "--lame-duck", "0s", "--policy", path("closed.yaml")]
    write("closed.yaml", STRICT)
    server = subprocess.Popen(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command])
    try:
        end = time.monotonic() + 10
        while True:
            standard = [os.readlink(f"/proc/{server.pid}/fd/{number}") for number in range(3)
                        if os.path.exists(f"/proc/{server.pid}/fd/{number}")]
            sockets = [name for name in os.listdir(f"/proc/{server.pid}/fd")
                       if os.readlink(f"/proc/{server.pid}/fd/{name}").startswith("socket:")]
            if sockets:
                break
            check(time.monotonic() < end, "does not listen")
            time.sleep(0.05)
        check_equal(standard, ["/dev/null"] * 3)
    finally:
        server.terminate()
        check_equal(server.wait(10), 0)


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
def twenty_reloads__under_load__no_request_fails():
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
        for number in range(20):
            files.put(pairs[(number + 1) % 2], "ca-both", (LAX, STRICT)[number % 2])
            server.signal("HUP")
            server.wait_for("certificate reloaded: ", number + 1)
            server.wait_for("policy reloaded: ", number + 1)
        state["stop"] = True
        for client in clients:
            client.join()
        check_equal(state["failed"][:3], [])
        check(state["answered"] > 100 and state["closed"] >= 20, state)
        check_equal([event for event in server.events() if event[0] == "error"], [])
        check_equal(server.end(), 0)
        print(f"# {state['answered']} requests answered, {state['closed']} connections ended by a reload, 0 failed")


def stamp(seconds):
    return (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%SZ")


@test
def certificate__expires_while_serving__not_ready_until_it_is_replaced():
    shutil.copy(NEW[1], path("dying.key"))
    pair = make_pair("dying", start=stamp(-3600), end=stamp(5))
    with Tagmoor(cert=pair[0], key=pair[1]) as server:
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
            server.wait_for("the serving certificate expired at", seconds=5)
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
        with Tagmoor(cert=pair[0], key=pair[1]) as server:
            check_equal([found for found, _ in server.events("certificate expires at")], [level] if level else [], name)


main()

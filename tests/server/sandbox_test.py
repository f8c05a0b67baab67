#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox: what it refuses, file by file and call by call, and that the real server serves within it."""
import ctypes
import glob
import os
import shutil
import struct
import subprocess
import sys
import time

from certificates import CERT, FOLDER, KEY, path
from harness import BUILD, JSON, TAGMOOR, Skip, Tagmoor, ask_once, check, check_equal, main, test

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden"))
from cases import all_cases  # noqa: E402

PROBE = os.path.join(BUILD, "tests/server/sandbox_probe")
NOBODY = 65534


class Confined(Tagmoor):
    """`tagmoor serve`, ready, with metrics."""

    def __init__(self, *flags, **options):
        super().__init__("--lame-duck", "50ms", *flags, metrics="127.0.0.1:0", **options)
        self.wait_for("ready: tagmoor")

    def threads(self):
        """The fields of each thread's status."""
        found = []
        for name in glob.glob(f"/proc/{self.process.pid}/task/*/status"):
            with open(name) as status:
                found.append(dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line))
        return found


def need_sandbox():
    """Skips where the build or this kernel has none."""
    done = subprocess.run([PROBE, "both"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise Skip(f"this kernel has no sandbox: {done.stderr.strip()}")


def probe(what, *files, read=()):
    """What the probe says, as {'main execve': 'ENOSYS', 'read /etc/passwd': 'EACCES', …}."""
    need_sandbox()
    done = subprocess.run([PROBE, what, *files], input="".join(name + "\n" for name in read), capture_output=True, text=True, timeout=20)
    check_equal(done.returncode, 0, done.stderr)
    return dict(line.rsplit(None, 1) for line in done.stdout.splitlines() if line != "ready")


def check_attempts(said, expected):
    for who in ("main", "other"):
        for names, outcome in expected.items():
            for name in names.split():
                check_equal(said[f"{who} {name}"], outcome, f"{who} {name}")


STILL_WORKS = {"tgkill-itself write-to-open-file open-urandom open-proc-self-status": "0"}


# --- what is refused ------------------------------------------------------------------------------
@test
def probe__both_steps__refuse_in_every_thread():
    check_attempts(probe("both", CERT), {
        "execve socket bind connect open-to-write open-to-read-and-write unlink ptrace": "ENOSYS",
        "kill-another tgkill-another fork thread make-code set-limits": "ENOSYS",
        "open-etc-passwd": "EACCES", **STILL_WORKS})


@test
def probe__files_alone__refuse_in_every_thread():
    check_attempts(probe("files", CERT), {
        "execve open-to-write open-to-read-and-write open-etc-passwd": "EACCES", **STILL_WORKS})


@test
def probe__calls_alone__refuse_in_every_thread():
    check_attempts(probe("calls"), {
        "execve socket bind connect open-to-write unlink ptrace kill-another fork thread make-code": "ENOSYS",
        "open-etc-passwd": "0", **STILL_WORKS})


# --- which files stay readable ---------------------------------------------------------------------
class Watched:
    """The probe with the files limited, asked for one file after the other while files change."""

    def __init__(self, *files):
        need_sandbox()
        self.process = subprocess.Popen([PROBE, "files", *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        while self.process.stdout.readline() not in ("ready\n", ""):
            pass

    def read(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def folder(name):
    shutil.rmtree(path(name), ignore_errors=True)
    os.makedirs(path(name))
    return path(name)


def write(name, text="x"):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as file:
        file.write(text)
    return name


def swap_link(target, name):
    os.symlink(target, name + ".new")
    os.rename(name + ".new", name)


def mounted_secret(name):
    """A folder as the kubelet makes it; returns the function that brings in the next version."""
    top = folder(name)
    count = iter(range(100))

    def update():
        version = f"..2026_{next(count)}"
        write(f"{top}/{version}/tls.crt")
        swap_link(version, f"{top}/..data")

    update()
    os.symlink("..data/tls.crt", f"{top}/tls.crt")
    return top, update


@test
def files__replaced__readable():
    top = folder("replaced")
    name = write(f"{top}/tls.crt")
    with Watched(name) as watched:
        check_equal(watched.read(name), "0")
        os.rename(write(f"{top}/next"), name)
        check_equal(watched.read(name), "0")
        check_equal(watched.read(write(path("beside/secret"))), "EACCES")


@test
def files__data_link_swapped__readable():
    top, update = mounted_secret("mounted")
    with Watched(f"{top}/tls.crt") as watched:
        check_equal(watched.read(f"{top}/tls.crt"), "0")
        update()
        check_equal(watched.read(f"{top}/tls.crt"), "0")


@test
def files__path_through_the_data_link__readable_after_a_swap():
    top, update = mounted_secret("through")
    with Watched(f"{top}/..data/tls.crt") as watched:
        check_equal(watched.read(f"{top}/..data/tls.crt"), "0")
        update()
        check_equal(watched.read(f"{top}/..data/tls.crt"), "0")


@test
def files__link_to_an_archive__both_directories_and_no_more():
    top = folder("live")
    write(f"{top}/archive/one/cert1.pem")
    os.makedirs(f"{top}/live/one")
    os.symlink("../../archive/one/cert1.pem", f"{top}/live/one/cert.pem")
    with Watched(f"{top}/live/one/cert.pem") as watched:
        write(f"{top}/archive/one/cert2.pem")
        swap_link("../../archive/one/cert2.pem", f"{top}/live/one/cert.pem")
        check_equal(watched.read(f"{top}/live/one/cert.pem"), "0")
        check_equal(watched.read(write(f"{top}/archive/two/cert1.pem")), "EACCES")


@test
def files__absolute_link_on_the_way__its_neighbours_stay_closed():
    top = folder("absolute")
    write(f"{top}/real/tls.crt")
    os.makedirs(f"{top}/links")
    os.symlink(f"{top}/real", f"{top}/links/run")
    with Watched(f"{top}/links/run/tls.crt") as watched:
        check_equal(watched.read(f"{top}/links/run/tls.crt"), "0")
        check_equal(watched.read(write(f"{top}/links/secret")), "EACCES")


@test
def files__in_the_root_directory__do_not_open_everything():
    said = probe("files", "/no-such-file-of-tagmoor", read=["/etc/passwd", CERT])
    check_equal(said["read /etc/passwd"], "EACCES")
    check_equal(said[f"read {CERT}"], "EACCES")


@test
def files__relative_path__readable():
    name = os.path.relpath(write(f"{folder('relative')}/tls.crt"))
    check_equal(probe("files", name, read=[name])[f"read {name}"], "0")


@test
def files__more_links_than_allowed__an_error():
    need_sandbox()
    top = folder("circle")
    os.symlink("two", f"{top}/one")
    os.symlink("one", f"{top}/two")
    done = subprocess.run([PROBE, "files", f"{top}/one"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check_equal(done.returncode, 2)
    check("Too many levels of symbolic links" in done.stderr, done.stderr)


PROCESS = ("process_open_fds", "process_max_fds", "process_resident_memory_bytes", "process_cpu_seconds_total",
           "process_start_time_seconds")


# --- the real server ---------------------------------------------------------------------------------
def answers(server):
    """Posts recorded reviews; each must be answered as `tagmoor review` answers it."""
    for case in [case for case in all_cases().values() if case.is_recorded and "-create" in case.name][:12]:
        want = subprocess.run([TAGMOOR, "review", "-"], input=case.body, capture_output=True).stdout
        check_equal(ask_once(server, "POST", "/validate", case.body, JSON).body, want, case.name)


@test
def serve__sandboxed__every_thread_confined_and_serving():
    need_sandbox()
    with Confined() as server:
        threads = server.threads()
        check(len(threads) >= 4, len(threads), "threads")
        for thread in threads:
            check_equal((thread["NoNewPrivs"], thread["Seccomp"]), ("1", "2"), thread["Pid"])
        check("sandbox" not in server.log(), server.log())
        answers(server)
        metrics = server.metrics()
        check(all(metrics.get(name, 0) > 0 for name in PROCESS), {name: metrics.get(name) for name in PROCESS})
        check_equal(server.end(), 0)


def executable_and_writable(server):
    with open(f"/proc/{server.process.pid}/maps") as maps:
        return [line for line in maps if "w" in line.split()[1] and "x" in line.split()[1]]


@test
def serve__policy_with_globs_and_patterns__no_memory_to_make_code_in():
    text = ("version: 1\nenvironments: [{name: all, default: true, enforce: release}]\n"
            "repositories: [{match: ['**/team-[a-z]/*', '*.example.com/**'], build: ['[a-f0-9]{7,40}-\\d+']}]\n")
    write(path("code.yaml"), text)
    with Confined("--policy", path("code.yaml")) as server:
        check_equal(executable_and_writable(server), [])
        write(path("code.yaml"), text + "# again\n")
        server.signal("HUP")
        server.wait_for("policy reloaded")
        check_equal(executable_and_writable(server), [])


@test
def serve__sandboxed__started_often__every_thread_begins():
    need_sandbox()
    for _ in range(10):
        with Confined() as server:
            server.metrics()


@test
def serve__sandboxed__stopped_and_continued():
    need_sandbox()
    with Confined() as server:
        for _ in range(3):
            server.signal("STOP")
            time.sleep(0.1)
            server.signal("CONT")
        answers(server)
        server.signal("HUP")
        answers(server)
        check_equal(server.end(), 0)


@test
def serve__no_sandbox__not_confined():
    with Confined("--no-sandbox") as server:
        check_equal({thread["Seccomp"] for thread in server.threads()}, {"0"})
        check("sandbox" not in server.log(), server.log())
        check_equal(server.end(), 0)


@test
def serve__as_nobody__not_dumpable():
    need_sandbox()
    if os.getuid() != 0:
        raise Skip("needs root to become another user")
    for name in (FOLDER.name, CERT, KEY):
        os.chmod(name, 0o755)
    with Confined(user=NOBODY, group=NOBODY, extra_groups=[]) as server:
        check_equal(server.threads()[0]["Uid"].split()[0], str(NOBODY))
        check_equal(os.stat(f"/proc/{server.process.pid}/fd").st_uid, 0, "dumpable")
        answers(server)
        metrics = server.metrics()
        check(all(metrics.get(name, 0) > 0 for name in PROCESS), {name: metrics.get(name) for name in PROCESS})
        check_equal(server.end(), 0)
    with Confined("--no-sandbox", user=NOBODY, group=NOBODY, extra_groups=[]) as server:
        check_equal(os.stat(f"/proc/{server.process.pid}/fd").st_uid, NOBODY, "the check itself")


# --- a kernel without ---------------------------------------------------------------------------------
SECCOMP_NUMBER = {"x86_64": 317, "aarch64": 277}.get(os.uname().machine)


def forbid_sandboxes():
    """In the child: as if the kernel knew neither landlock nor seccomp."""
    def instruction(code, true, false, value):
        return struct.pack("=HBBI", code, true, false, value)
    fail = 0x00050000 | 38  # SECCOMP_RET_ERRNO, ENOSYS
    program = b"".join([instruction(0x20, 0, 0, 0), instruction(0x15, 2, 0, 444), instruction(0x15, 1, 0, SECCOMP_NUMBER),
                        instruction(0x06, 0, 0, 0x7FFF0000), instruction(0x06, 0, 0, fail)])
    kept = ctypes.create_string_buffer(program)
    header = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.create_string_buffer(header), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


@test
def serve__kernel_without__warns_and_serves():
    need_sandbox()
    if SECCOMP_NUMBER is None:
        raise Skip("the number of seccomp() on this machine is not known here")
    with Confined(prepare=forbid_sandboxes) as server:
        log = server.log()
        check_equal(log.count("sandbox: "), 2, log)
        check("landlock is not available in this kernel: file access is not restricted" in log, log)
        check("seccomp: system calls are not restricted" in log, log)
        answers(server)
        check_equal(server.end(), 0)


main()

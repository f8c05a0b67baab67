#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help, man page, completion and README agree on every command and option; what is installed; that completion completes."""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import BUILD, TAGMOOR, Skip, check, folder, main, require_terminal, tagmoor, test, write

PAGE = "cmd/tagmoor.1"
BASH = "cmd/completion.bash"
ZSH = "cmd/completion.zsh"
KUBECTL_COMPLETE = "cmd/kubectl_complete-tagmoor"
PATIENCE_S = 60


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def commands():
    _, out, _ = tagmoor("--help")
    return [line.split()[0] for line in out.split("commands:\n")[1].split("\n\n")[0].splitlines()]


def options(command):
    """The options that --help lists, `-o` beside `--output`."""
    _, out, _ = tagmoor(command, "--help")
    found = set()
    for line in out.split("options:\n")[1].splitlines():
        if match := re.match(r"  (?:(-[a-zA-Z]), )?(--[a-z-]+)", line):
            found |= {word for word in match.groups() if word}
    return found


def page_options():
    """The options in each command's section of the man page."""
    found, command, inside = {}, None, False
    for line in read(PAGE).splitlines():
        words = line.split()
        if line.startswith(".Sh "):
            inside, command = line == ".Sh COMMANDS", None
        elif line.startswith(".Ss ") and inside:
            command = words[1]
            found[command] = set()
        elif line.startswith(".It Fl ") and command:
            found[command] |= {"--" + name for name in re.findall(r"Fl Fl ([a-z-]+)", line)}
            found[command] |= {"-" + letter for letter in re.findall(r"Fl ([a-zA-Z]) ,", line)}
    return found


@test
def help__80_columns():
    for words in [[]] + [[command] for command in commands()]:
        status, out, _ = tagmoor(*words, "--help")
        wide = [line for line in out.splitlines() if len(line) > 80 or line != line.rstrip()]
        check(status == 0 and wide == [], words, wide)


@test
def man_page__every_command_and_option_of_help_and_no_other():
    pages = page_options()
    check(sorted(pages) == sorted(commands()), "man page:", sorted(pages), "help:", sorted(commands()))
    for command in commands():
        expected = options(command) - {"-h", "--help"}
        check(pages[command] == expected, command, "man page alone:", pages[command] - expected, "help alone:", expected - pages[command])


def formats(command):
    """The formats of reports that --help lists, with what they are."""
    _, out, _ = tagmoor(command, "--help")
    return [tuple(line.split(None, 1)) for line in out.split("\nformats:\n")[1].split("\n\n")[0].splitlines()]


@test
def formats__same_in_help_man_page_and_errors():
    expected = formats("check")
    names = [name for name, _ in expected]
    section = read(PAGE).split(".Sh FORMATS\n")[1].split(".Sh ")[0]
    check(re.findall(r"^\.It Cm (\S+)\n(.+)$", section, re.M) == expected, section)
    more = re.findall(r"^\.It Cm (\S+)\n(.+)$", read(PAGE).split(".Sh FORMATS OF SCAN\n")[1].split(".Sh ")[0], re.M)
    check(more != [])
    for command, operand in (("check", "x.yaml"), ("scan", "x.json"), ("explain", "x")):
        all_of_it = expected + (more if command == "scan" else [])
        check(formats(command) == all_of_it, command, formats(command))
        names = [name for name, _ in all_of_it]
        _, _, err = tagmoor(command, "-o", "none", operand)
        check(f"unknown format 'none' in --output: use {', '.join(names[:-1])} or {names[-1]}" in err, err)


def candidates(*words):
    """What the program offers to the shells for the last word, with descriptions, and how to go on."""
    status, out, err = tagmoor("__complete", *words)
    check(status == 0 and err == "", words, status, err)
    *lines, directive = out.splitlines()
    return [tuple(line.split("\t")) for line in lines], directive


@test
def included_formats__same_in_help_man_page_and_completion():
    expected, directive = candidates("check", "--include", "")
    section = read(PAGE).split(".It Fl Fl include")[1].split(".El\n")[0]
    check(directive == ":4" and re.findall(r"^\.It Cm (\S+)\n(.+)$", section, re.M) == expected, section, expected)
    _, out, _ = tagmoor("check", "--help")
    check("evaluate files of other tools too: " + ", ".join(name for name, _ in expected) in " ".join(out.split()), out)


@test
def complete__words_of_a_line():
    for words, expected in [(("check", "--include", "compose,e"), ([("compose,ecs", "task definitions of Amazon ECS")], ":4")),
                            (("check", "--include=compose,gitl"), ([("compose,gitlab", "pipelines of GitLab CI")], ":4")),
                            (("check", "--environment", "x", "--include", "ec"), ([("ecs", "task definitions of Amazon ECS")], ":4")),
                            (("policy", ""), ([("check",), ("show",), ("schema",), ("export",)], ":4")), (("policy", "sch"), ([("schema",)], ":4")),
                            (("policy", "check", ""), ([], ":0")), (("check", "--", "--pol"), ([], ":0")),
                            (("check", "-o", "json="), ([], ":0")), (("certs", "--days", ""), ([], ":4")), (("certs", ""), ([], ":16")),
                            (("review", "--policy", "/dev/zero", "--environment", ""), ([], ":4")),
                            (("serve", "--no-sandbox=x"), ([], ":4")), (("no-such-command", ""), ([], ":4")), ((), ([], ":4"))]:
        check(candidates(*words) == expected, words, candidates(*words))
    check("__complete" not in tagmoor("--help")[1])


@test
def man_pages__lint():
    for page in (PAGE, "cmd/tagmoor-output.5", "cmd/tagmoor-policy.5"):
        said = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, timeout=60).stdout.decode()
        check(said == "", said)


@test
def readme__every_command__and_options_that_there_are():
    text = read("README.md")
    for command in commands():
        check(re.search(rf"tagmoor {command}\b|`{command}`|`{command}[ |]", text), "the README does not name", command)
    unknown = set()
    for line in text.replace("\\\n", " ").splitlines():
        for match in re.finditer(r"tagmoor ([a-z]+)((?: [^|`#]*)?)", line):
            command = match[1]
            if command in commands():
                used = set(re.findall(r"(?<= )(--[a-z-]+)", match[2]))
                unknown |= {f"{command} {word}" for word in used - options(command)}
    check(unknown == set(), unknown)


# --- installing ---------------------------------------------------------------------------------


@test
def make_install__everything_at_its_place():
    with folder() as path:
        done = subprocess.run(["make", "-o", "all", "install", f"OUT={BUILD}", f"DESTDIR={path}", "PREFIX=/usr"],
                              capture_output=True, timeout=120)
        check(done.returncode == 0, done.stdout.decode(), done.stderr.decode())
        found = sorted(os.path.relpath(os.path.join(at, name), path) for at, _, names in os.walk(path) for name in names)
        check(found == ["usr/bin/kubectl-tagmoor", "usr/bin/kubectl_complete-tagmoor", "usr/bin/tagmoor", "usr/lib/systemd/system/tagmoor.service", "usr/share/bash-completion/completions/tagmoor",
                        "usr/share/man/man1/tagmoor.1", "usr/share/man/man5/tagmoor-output.5", "usr/share/man/man5/tagmoor-policy.5",
                        "usr/share/zsh/site-functions/_tagmoor"], found)
        for name in ("tagmoor", "kubectl-tagmoor", "kubectl_complete-tagmoor"):
            check(os.access(os.path.join(path, "usr/bin", name), os.X_OK), name)


@test
def unit__its_group_can_stand_beside_a_dynamic_user():
    # systemd.exec(5): a user is not made for the run where a static group of its name exists.
    with open("deploy/tagmoor.service", encoding="utf-8") as file:
        unit = dict(line.split("=", 1) for line in file.read().splitlines() if "=" in line and line[0] != "#")
    check(unit["DynamicUser"] == "yes" and unit["SupplementaryGroups"] not in ("", "tagmoor"), unit["SupplementaryGroups"])


# --- bash ---------------------------------------------------------------------------------------


def bash(line, where="."):
    """What bash's completion offers at the end of the line, its words taken apart as readline does."""
    words = [word for part in line.split(" ") for word in re.findall(r"=|[^=]+", part) or [""]]
    script = f'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tagmoor; printf "%s\\n" "${{COMPREPLY[@]}}"'
    words[0] = TAGMOOR
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", os.path.abspath(BASH), *words], capture_output=True, timeout=120, cwd=where)
    return set(done.stdout.decode().split()), done.stderr.decode()


@test
def bash__commands_and_every_option():
    offered, said = bash("tagmoor ")
    check(offered == set(commands()) | {"--help", "--version"} and said == "", offered, said)
    for command in commands():
        offered, said = bash(f"tagmoor {command} -")
        check(offered == {word for word in options(command) if word.startswith("--")}, command, offered, said)
    check(bash("tagmoor ex")[0] == {"explain"})
    check(bash("tagmoor no-such-command -")[0] == set())


@test
def bash__values__words_environments_files():
    names = {name for name, _ in formats("check")}
    with folder() as path:
        policy = write(path, "policy.yaml", "version: 1\nenvironments:\n- {name: here, default: true, enforce: any}\n")
        os.mkdir(os.path.join(path, "folder"))
        for line, expected in [("tagmoor check --output ", names), ("tagmoor check -o s", {"sarif"}), ("tagmoor explain -o ", names),
                               ("tagmoor check --output=j", {"json", "junit"}),
                               ("tagmoor check --include ", {"compose", "ecs", "gitlab", "github", "dockerfile", "kustomize",
                                                                     "helm-values"}),
                               ("tagmoor serve --log-level w", {"warn"}), ("tagmoor serve --log-level=", {"error", "warn", "info", "debug"}),
                               ("tagmoor check --environment ", {"development", "production"}),
                               (f"tagmoor check --policy {policy} --environment ", {"here"}),
                               ("tagmoor check --policy pol", {"policy.yaml"}), ("tagmoor check --policy=pol", {"policy.yaml"}),
                               ("tagmoor check -o json=pol", {"policy.yaml"}), ("tagmoor check -o json=", {"policy.yaml", "folder"}),
                               ("tagmoor check ", {"policy.yaml", "folder"}), ("tagmoor check policy.yaml fo", {"folder"}),
                               ("tagmoor certs ", {"folder"}), ("tagmoor scan pol", {"policy.yaml"}), ("tagmoor policy ", {"check", "show", "schema", "export"}),
                               ("tagmoor policy check pol", {"policy.yaml"}), ("tagmoor import ", {"ecr", "gar", "dockerhub", "harbor", "quay"}),
                               ("tagmoor import ecr pol", {"policy.yaml"}), ("tagmoor explain ng", set()),
                               ("tagmoor serve --threads ", set())]:
            offered, said = bash(line, path)
            check(offered == expected, line, offered, said)


# --- kubectl --------------------------------------------------------------------------------------


@test
def bash__a_word_that_is_no_command__runs_and_writes_nothing():
    with tempfile.TemporaryDirectory() as path:
        for word in ("x//;w_written".replace("_", "\t"), "x//;w\twritten\ns/", "x//e;s/", "$(touch${IFS}written)", "`touch\twritten`"):
            offered, said = bash(f"tagmoor {word} ", path)
            check((offered, said, os.listdir(path)) == (set(), "", []), word, offered, said, os.listdir(path))


def install(path):
    """What kubectl finds on the PATH, with bash's completion where `make install` puts it."""
    for source, target in [(TAGMOOR, "bin/kubectl-tagmoor"), (KUBECTL_COMPLETE, "bin/kubectl_complete-tagmoor"),
                           (BASH, "share/bash-completion/completions/tagmoor")]:
        os.makedirs(os.path.dirname(os.path.join(path, target)), exist_ok=True)
        shutil.copy2(source, os.path.join(path, target))
    return dict(os.environ, PATH=f"{path}/bin:/usr/bin:/bin", HOME=path)


def offered_to_kubectl(where, *words):
    """Words and directive, as kubectl asks: the words behind the plugin's name, the last one to be completed."""
    done = subprocess.run([f"{where}/bin/kubectl_complete-tagmoor", *words], env=install(where), capture_output=True, timeout=120, cwd=where)
    check(done.returncode == 0 and done.stderr == b"", words, done)
    *offered, directive = done.stdout.decode().splitlines()
    return {line.split("\t")[0] for line in offered}, directive


@test
def kubectl__commands_and_every_option():
    with folder() as path:
        check(offered_to_kubectl(path, "") == (set(commands()) | {"--help", "--version"}, ":4"), offered_to_kubectl(path, ""))
        for command in commands():
            wanted = {word for word in options(command) if word.startswith("--")}
            check(offered_to_kubectl(path, command, "-") == (wanted, ":4"), command)


@test
def kubectl__values_words_environments_files():
    names = {name for name, _ in formats("check")}
    words, directories, files = ":4", ":16", ":0"
    with folder() as path:
        policy = write(path, "my policy.yaml", "version: 1\nenvironments:\n- {name: here, default: true, enforce: any}\n")
        for given, expected in [(("check", "--output", ""), (names, words)), (("check", "-o", "s"), ({"sarif"}, words)),
                                (("check", "--output=j"), ({"json", "junit"}, words)), (("serve", "--log-level="), ({"error", "warn", "info", "debug"}, words)),
                                (("check", "--environment", ""), ({"development", "production"}, words)),
                                (("check", "--policy", policy, "--environment", ""), ({"here"}, words)),
                                (("check", "--policy", ""), (set(), files)), (("check", "--policy=my"), (set(), files)),
                                (("check", "-o", "json="), (set(), files)), (("check", ""), (set(), files)), (("check", "a=b", ""), (set(), files)),
                                (("scan", ""), (set(), files)), (("certs", ""), (set(), directories)),
                                (("policy", ""), ({"check", "show", "schema", "export"}, words)), (("policy", "check", ""), (set(), files)),
                                (("import", ""), ({"ecr", "gar", "dockerhub", "harbor", "quay"}, words)), (("explain", "ng"), (set(), words)),
                                (("no-such-command", "-"), (set(), words)), (("check", "-x y", "*", "--inc"), ({"--include"}, words))]:
            check(offered_to_kubectl(path, *given) == expected, given, offered_to_kubectl(path, *given))


@test
def kubectl__itself__asks_and_offers_it():
    kubectl = shutil.which("kubectl", path=f"{os.environ['PATH']}:build/cluster/bin")
    version = json.loads(subprocess.run([kubectl, "version", "--client", "-o", "json"], capture_output=True, timeout=60).stdout)
    if int(version["clientVersion"]["minor"].strip("+")) < 26:
        raise Skip("kubectl before 1.26 asks no plugin")
    with folder() as path:
        done = subprocess.run([os.path.abspath(kubectl), "__complete", "tagmoor", "check", "--output", "j"],
                              env=install(path), capture_output=True, timeout=120, cwd=path)
        check([line.split("\t")[0] for line in done.stdout.decode().splitlines()[-3:]] == ["json", "junit", ":4"], done)


# --- interactive shells ------- ------------------------------------------------------------------


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self, arguments, lines, where):
        self.text = ""
        env = {"PATH": os.path.dirname(TAGMOOR) + ":" + os.environ["PATH"], "TERM": "dumb", "HOME": where, "LC_ALL": "C.UTF-8"}
        require_terminal()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(where)
            os.execvpe(arguments[0], arguments, env)
        self.lines = 100
        for line in lines:
            self.run(line)

    def run(self, line):
        """Runs a line, in place of what is typed already, to its end."""
        self.lines += 1
        self.send(f"\x15{line}; echo done-$((1000 + {self.lines}))\n")
        self.wait(f"done-{1000 + self.lines}")

    def send(self, text):
        self.text = ""
        os.write(self.terminal, text.encode())

    def wait(self, wanted):
        end = time.monotonic() + PATIENCE_S
        while wanted not in self.text:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            check(ready, "never saw", repr(wanted), "in", repr(self.text))
            try:
                part = os.read(self.terminal, 65536)
            except OSError:
                part = b""
            check(part, "the shell ended before", repr(wanted), "in", repr(self.text))
            self.text += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[\r\x07]", "", part.decode(errors="replace"))

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def try_shell(arguments, lines):
    with folder() as where:
        write(where, "policy.yaml", "")
        shell = Shell(arguments, [f"PATH={os.path.dirname(TAGMOOR)}:$PATH"] + lines, where)
        try:
            for typed, completed in [("tagmoor expl\t", "tagmoor explain "), ("tagmoor check --base\t", "tagmoor check --baseline"),
                                     ("tagmoor check --output gi\t", "--output github"), ("tagmoor explain --environment prod\t", "production"),
                                     ("tagmoor policy sch\t", "tagmoor policy schema"), ("tagmoor policy check pol\t", "check policy.yaml")]:
                shell.send(typed)
                shell.wait(completed)
                shell.run(":")
        finally:
            shell.close()


@test
def bash__on_a_terminal__completes():
    try_shell(["bash", "--norc", "--noprofile", "-i"], [f"source {os.path.abspath(BASH)}"])


@test
def zsh__on_a_terminal__completes():
    with folder() as functions:
        shutil.copy(ZSH, os.path.join(functions, "_tagmoor"))
        try_shell(["zsh", "-f", "-i"], [f"fpath=({functions} $fpath)", "autoload -Uz compinit", "compinit -u -D"])


@test
def scripts__shellcheck():
    done = subprocess.run(["shellcheck", BASH], capture_output=True, timeout=120)
    check(done.returncode == 0, done.stdout.decode())


main()

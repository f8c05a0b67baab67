#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands as people call them: what they print, where, and with which exit status."""
import base64
import json
import os
import subprocess
import tempfile

from cli import TAGMOOR, check, main, tagmoor, test
from cli import check_fails as check_fails_in_any_words

POD = "tests/golden/review/recorded/pod-create-run-latest.json"


def check_fails(result, text):
    check_fails_in_any_words(result, text)
    check(len(result[2].splitlines()) == 1, "more than one line:", result[2])


# --- the program --------------------------------------------------------------------------------


@test
def no_command__usage_on_standard_error_and_2():
    status, out, err = tagmoor()
    check(status == 2 and out == "" and err.startswith("usage: tagmoor COMMAND"), status, out, err)


@test
def unknown_command__named_with_a_way_on():
    check_fails(tagmoor("apply"), "unknown command 'apply'; see 'tagmoor --help'")
    check_fails(tagmoor("server"), "unknown command 'server' (did you mean 'serve'?); see 'tagmoor --help'")
    check_fails(tagmoor("--policy", "x"), "unknown option '--policy': options follow a command")


@test
def help_with_a_command__that_command_s_help():
    for words in (["help", "check"], ["--help", "check"]):
        check(tagmoor(*words) == tagmoor("check", "--help"), words)
    check_fails(tagmoor("help", "chekc"), "unknown command 'chekc' (did you mean 'check'?)")
    check(tagmoor("help", "help") == tagmoor("--help"))


@test
def help__lists_every_command_within_80_columns():
    status, out, _ = tagmoor("--help")
    check(status == 0, status)
    commands = [line.split()[0] for line in out.split("commands:\n")[1].split("\n\n")[0].splitlines()]
    check({"serve", "explain", "review", "policy", "certs", "version"} <= set(commands), commands)
    for command in commands:
        status, text, err = tagmoor(command, "--help")
        check(status == 0 and text.startswith(f"usage: tagmoor {command}") and err == "", command, text, err)
        check(all(len(line) <= 80 and line == line.rstrip() for line in text.splitlines()), command, text)


@test
def standard_output_full__said_and_2():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([TAGMOOR, "version"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    check(done.returncode == 2 and b"cannot write to standard output" in done.stderr, done)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([TAGMOOR, "policy", "schema"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    check(done.returncode == 2 and b"cannot write to standard output" in done.stderr, done)


@test
def version__names_itself_and_its_libraries():
    status, out, _ = tagmoor("version")
    names = [line.split()[0].rstrip(":") for line in out.splitlines()]
    check(status == 0 and names == ["tagmoor", "commit", "compiler", "libh2o", "openssl", "jansson", "libyaml", "pcre2", "zlib"], out)
    check(tagmoor("--version")[1] == out)
    check_fails(tagmoor("version", "1.2"), "version: unexpected operand '1.2'")


@test
def message__with_what_moves_a_terminal__escaped():
    for words in (["\x1b[31mx\n::error::y"], ["check", "a\x1b[31m\n::error::y"], ["check", "--a\x1b[31m\n::error::y"],
                  ["explain", "--environment", "\x1b[31m\n::error::y", "nginx"], ["check", "--policy", b"\xff\x1b[31m\n::error::y", "x"]):
        _, _, err = tagmoor(*words)
        check(err.startswith("tagmoor: ") and "\x1b" not in err and "\\x1b[31m" in err and len(err.splitlines()) == 1, words, err)


# --- options ------------------------------------------------------------------------------------


@test
def option__unknown__refused():
    check_fails(tagmoor("explain", "--enviroment", "x", "nginx"), "unknown option '--enviroment' (did you mean '--environment'?); see")
    check_fails(tagmoor("check", "--nmaespace=x", "-"), "unknown option '--nmaespace=x' (did you mean '--namespace'?); see")
    check_fails(tagmoor("explain", "--colored", "nginx"), "unknown option '--colored'; see")
    check_fails(tagmoor("explain", "-z", "nginx"), "unknown option '-z'; see")


@test
def plugin__wrong_words__its_own_help_is_named():
    with tempfile.TemporaryDirectory() as folder:
        plugin = os.path.join(folder, "kubectl-tagmoor")
        os.symlink(TAGMOOR, plugin)
        for command in ("check", "explain", "policy", "import", "certs", "test"):
            said = subprocess.run([plugin, command], capture_output=True, timeout=60).stderr.decode()
            check(said.startswith(f"tagmoor: {command}: ") and said.endswith(f"; see 'kubectl tagmoor {command} --help'\n"), said)
        for words in (["serve", "x"], ["version", "x"], ["review", "x", "y"], ["scan", "--x"]):
            said = subprocess.run([plugin, *words], capture_output=True, timeout=60).stderr.decode()
            check(said.endswith(f"; see 'kubectl tagmoor {words[0]} --help'\n"), said)


@test
def option__cut_short_or_with_too_much__said():
    check_fails(tagmoor("scan", "--co", "x"), "ambiguous option '--co': use '--compare' or '--color'; see")
    check_fails(tagmoor("serve", "--max-b=1MiB"), "ambiguous option '--max-b=1MiB': use '--max-body-bytes' or '--max-buffered-bytes'; see")
    check_fails(tagmoor("scan", "--warned=1"), "unexpected argument '1' for option '--warned'; see")
    check_fails(tagmoor("check", *["-o", "json=x"] * 17, "x"), "too many options '--output': at most 16 are allowed; see")
    check(tagmoor("explain", "--env", "production", "nginx:1.2.3")[0] == 0)


@test
def option__behind_an_operand__said_by_its_own_name():
    check_fails(tagmoor("check", "x.yaml", "--nope"), "unknown option '--nope'; see")
    check_fails(tagmoor("check", "x.yaml", "-", "-z"), "unknown option '-z'; see")
    check_fails(tagmoor("check", "x.yaml", "--policy"), "option '--policy' requires an argument; see")
    check_fails(tagmoor("scan", "x.json", "--co", "x"), "ambiguous option '--co': use '--compare' or '--color'; see")
    check_fails(tagmoor("scan", "-A", "x.json", "--warned=1"), "unexpected argument '1' for option '--warned'; see")


@test
def option__namespace_that_is_none__refused():
    for command in ("check", "scan"):
        for name in ("", "a b", "Shop"):
            check_fails(tagmoor(command, "-n", name, POD), f"{command}: --namespace: '{name}' is not a valid namespace name")


@test
def option__without_its_argument__refused():
    check_fails(tagmoor("explain", "--policy"), "option '--policy' requires an argument")


@test
def option__wrong_values__refused_with_what_is_wanted():
    for option, value, wanted in [("--output", "xml", "unknown format 'xml' in --output: use text, "),
                                  ("--threads", "0", "invalid number '0'"),
                                  ("--threads", "two", "invalid number 'two'"),
                                  ("--lame-duck", "5", "use a duration such as"),
                                  ("--lame-duck", "5 s", "use a duration such as"),
                                  ("--lame-duck", "99999999999h", "use a duration such as"),
                                  ("--max-body-bytes", "7MB", "use a size such as"),
                                  ("--max-body-bytes", "0", "use a size such as"),
                                  ("--max-body-bytes", "-1", "use a size such as")]:
        command = "explain" if option == "--output" else "serve"
        check_fails(tagmoor(command, option, value, "nginx"), wanted)


# --- explain ------------------------------------------------------------------------------------


@test
def explain__tsv__one_line_a_reference():
    references = b"nginx\nnginx:1.25\nreg:5000/nginx\napp:abc123\napp:latest-20240107-123456\nnginx@sha256:abc"
    status, out, _ = tagmoor("explain", "-o", "tsv", "-", stdin=references)
    check(status == 0, status)
    check([line.split("\t")[1:3] for line in out.splitlines()] ==
          [["untagged", "rolling"], ["partial-version", "rolling"], ["untagged", "rolling"], ["commit", "build"],
           ["timestamp", "build"], ["invalid", "none"]], out)
    check(out.splitlines()[0].split("\t") == ["nginx", "untagged", "rolling", "docker.io/library/nginx"], out)


@test
def explain__json__an_object_a_line():
    status, out, _ = tagmoor("explain", "-o", "json", "nginx:1.25.3-alpine", "Not Valid!!")
    first, second = [json.loads(line) for line in out.splitlines()]
    check(status == 0 and first["class"] == "version" and first["level"] == "release" and first["baseUnpinned"], first)
    check(first["repository"] == "docker.io/library/nginx" and first["tag"] == "1.25.3-alpine", first)
    check(second["class"] == "invalid" and second["level"] == "none" and second["error"], second)
    check(first["environments"] == {"development": "allow", "production": "allow"}, first)
    check(second["environments"] == {"development": "deny", "production": "deny"}, second)


@test
def explain__text__says_what_each_environment_says():
    status, out, _ = tagmoor("explain", "nginx:latest")
    check(status == 0 and "channel" in out and "rolling" in out, out)
    lines = {line.split()[0]: line for line in out.splitlines()}
    check("warn" in lines["development"] and "deny" in lines["production"], out)
    check("nginx:<major>.<minor>.<patch>" in lines["repair"], out)


@test
def explain__environment_refuses__1():
    check(tagmoor("explain", "--environment", "production", "nginx:latest")[0] == 1)
    check(tagmoor("explain", "--environment", "production", "nginx:1.2.3")[0] == 0)
    check(tagmoor("explain", "--environment", "development", "nginx:latest")[0] == 0)
    check_fails(tagmoor("explain", "--environment", "prod", "nginx"), "the policy has no environment 'prod'")


@test
def explain__hostile_bytes__escaped():
    status, out, _ = tagmoor("explain", "-", stdin=b"ng\x1b[31minx\xff:1\n")
    check(status == 0 and "\x1b" not in out and "\\x1b" in out and "\\xff" in out, out)
    status, out, _ = tagmoor("explain", "-o", "json", "-", stdin=b"ng\x1b[31minx\xff:1\n")
    check(status == 0 and json.loads(out)["class"] == "invalid", out)


@test
def explain__nothing_to_explain__refused():
    check_fails(tagmoor("explain"), "no image: give an IMAGE")


# --- review -------------------------------------------------------------------------------------


@test
def review__from_standard_input__same_answer_as_from_a_file():
    with open(POD, "rb") as stream:
        body = stream.read()
    by_file, by_stdin, by_dash = tagmoor("review", POD), tagmoor("review", stdin=body), tagmoor("review", "-", stdin=body)
    check(by_file[0] == 1 and by_file == by_stdin == by_dash, by_file, by_stdin)
    check(json.loads(by_file[1])["response"]["allowed"] is False)


@test
def review__unreadable_file__said():
    check_fails(tagmoor("review", "no/such/file"), "cannot open 'no/such/file': No such file or directory")
    check_fails(tagmoor("review", "tests"), "cannot read 'tests': Is a directory")
    check_fails(tagmoor("review", POD, POD), "too many operands: give one FILE")


@test
def unreadable_file__long_name__still_why():
    path = "deep/" * 100 + "file"
    for words in (["review"], ["check"], ["policy", "check"], ["scan"]):
        _, _, err = tagmoor(*words, path)
        check(err.endswith("deep/deep/file': No such file or directory\n") and "cannot open '..." in err, words, err)


@test
def review__no_review__named_with_its_file():
    check_fails(tagmoor("review", "Makefile"), "tagmoor: review: Makefile: not an AdmissionReview: ")
    check_fails(tagmoor("review"), "tagmoor: review: standard input: not an AdmissionReview: ")


@test
def review__over_8_mib__refused():
    check_fails(tagmoor("review", "-", stdin=b" " * (8 << 20) + b"{}"), "larger than 8388608 bytes")


# --- policy -------------------------------------------------------------------------------------


@test
def policy__misspelled_word__suggested():
    check_fails(tagmoor("policy", "chekc", "x"), "policy: unknown word 'chekc' (did you mean 'check'?); see 'tagmoor policy --help'")
    check_fails(tagmoor("policy", "shwo"), "did you mean 'show'?")
    for words in (["zzzzzz"], ["check"], ["show", "a", "b"], []):
        check_fails(tagmoor("policy", *words), "expected 'check [--explain-gaps] FILE...'")


@test
def policy_show_default__loads_as_it_is():
    status, out, _ = tagmoor("policy", "show", "--default")
    check(status == 0 and out.startswith("#"), out)
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(out.encode())
        file.flush()
        status, said, err = tagmoor("policy", "check", file.name)
        check(status == 0 and said.startswith(f"{file.name}: valid, sha256:") and err == "", said, err)


@test
def policy_show__loads_again_to_the_same_effect():
    status, out, _ = tagmoor("policy", "show")
    check(status == 0, status)
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(out.encode())
        file.flush()
        status, again, _ = tagmoor("policy", "show", file.name)
        check(status == 0, again)
        effect = [[line for line in text.splitlines() if not line.startswith("#")] for text in (out, again)]
        # The first output already contains the built-in entries, so the second adds them once more.
        check(set(effect[0]) == set(effect[1]), again)


@test
def policy_check__every_error_with_its_place_and_2():
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write("version: 1\nenviroments: []\nmode: loud\n")
        file.flush()
        status, out, err = tagmoor("policy", "check", file.name)
        check(status == 2 and out == "", status, out)
        check(f"{file.name}:2:1: unknown key 'enviroments', did you mean 'environments'?" in err, err)
        check(f"{file.name}:3:7: 'mode' must be one of" in err and "has 2 errors" in err, err)


def gaps(policy):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(policy)
        file.flush()
        status, out, err = tagmoor("policy", "check", "--explain-gaps", file.name)
    check(status == 0, err)
    return out


@test
def policy_check_explain_gaps__what_is_held_to_less():
    out = gaps("""version: 1
environments:
- {name: dev, namespaces: [dev], mode: warn, enforce: any}
- name: production
  default: true
  enforce: build
  images: [{match: [docker.io/library/*], enforce: any}, {match: [docker.io/own/*], enforce: digest}]
  initContainers: {enforce: release}
controllers: {users: ["system:serviceaccount:ops:*"]}
exemptions:
- {name: agent, reason: vendor tags, permanent: true, match: {names: [agent], images: [docker.io/vendor/*, docker.io/other/*]}}
- {name: past, reason: vendor tags, expires: 2001-01-01, match: {names: [agent]}}
placeholders: [auto, later]
repositories:
- {match: ["**"], otherwise: build}
- {match: [docker.io/own/*], otherwise: rolling}
""")
    for line in ("- dev: mode warn: no image is denied", "- dev: enforce 'any': mutable tags are admitted",
                 "- production: images of docker.io/library/* require only 'any'", "- production: initContainers require only 'release'",
                 "- production: images that the old object already had require only 'any'", "- named: system:serviceaccount:ops:*",
                 "- built in: system:kube-controller-manager", "- **: every tag that 'rolling' does not list has level build",
                 "- agent: names agent; images docker.io/vendor/*, docker.io/other/* require only 'any', permanently", "Placeholders: auto, later"):
        check(f"\n{line}\n" in out, line, out)
    check("docker.io/own" not in out and "past" not in out, out)
    check("an operator of controllers.users" in out, out)


@test
def policy_check_explain_gaps__strict_policy__only_what_no_policy_sees():
    out = gaps("""version: 1
environments: [{name: production, default: true, enforce: release, unchanged: {enforce: release}}]
controllers: {users: ["system:serviceaccount:ops:*"], enforce: release}
""")
    check("Relaxed requirements:\n- none\n\nRepositories whose tags" in out and "\n\nNot evaluated:\n- custom resources of kinds" in out, out)
    check("controllers" not in out, out)


@test
def policy_show_explain_gaps__refused():
    check_fails(tagmoor("policy", "show", "--explain-gaps"), "'--explain-gaps' requires 'check'")


@test
def policy__wrong_words__refused():
    for words in ([], ["check"], ["show", "--default", "x"], ["print"], ["check", "--default", "a"]):
        check_fails(tagmoor("policy", *words), "see 'tagmoor policy --help'")


@test
def deploy_examples__are_valid_without_a_warning():
    folder = "deploy/examples"
    policies = sorted(name for name in os.listdir(folder) if name.startswith("policy-"))
    check(len(policies) >= 4, policies)
    for name in policies:
        status, _, err = tagmoor("policy", "check", os.path.join(folder, name))
        # An example keeps its date when that has passed.
        lines = [line for line in err.splitlines() if not line.endswith(" has expired and has no effect: remove it, or extend 'expires'")]
        check(status == 0 and lines == [], name, err)


# --- certs --------------------------------------------------------------------------------------


def openssl(*args):
    return subprocess.run(["openssl", *args], capture_output=True, timeout=60, check=True).stdout.decode()


@test
def certs__default__a_pair_that_verifies():
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "made")
        status, out, err = tagmoor("certs", target)
        check(status == 0 and err == "", err)
        check(sorted(os.listdir(target)) == ["ca.crt", "tls.crt", "tls.key"], os.listdir(target))
        check(os.stat(f"{target}/tls.key").st_mode & 0o777 == 0o600)
        openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", f"{target}/ca.crt", f"{target}/tls.crt")
        names = openssl("x509", "-in", f"{target}/tls.crt", "-noout", "-ext", "subjectAltName")
        check("DNS:localhost" in names and "IP Address:127.0.0.1" in names, names)
        with open(f"{target}/ca.crt", "rb") as ca:
            check(base64.b64decode(out.split(": ")[1]) == ca.read(), out)


@test
def certs__names_given__only_those():
    with tempfile.TemporaryDirectory() as folder:
        status, _, err = tagmoor("certs", "--dns", "a.example", "--ip", "10.0.0.1", "--days", "2", folder)
        check(status == 0, err)
        names = openssl("x509", "-in", f"{folder}/tls.crt", "-noout", "-ext", "subjectAltName")
        check("DNS:a.example, IP Address:10.0.0.1" in names and "localhost" not in names, names)


@test
def certs__two_cas_in_a_bundle__both_verify():
    with tempfile.TemporaryDirectory() as folder:
        for name in "ab":
            check(tagmoor("certs", f"{folder}/{name}")[0] == 0)
        with open(f"{folder}/bundle", "wb") as bundle:
            for name in "ab":
                with open(f"{folder}/{name}/ca.crt", "rb") as ca:
                    bundle.write(ca.read())
        for name in "ab":
            openssl("verify", "-x509_strict", "-CAfile", f"{folder}/bundle", f"{folder}/{name}/tls.crt")
        names = {openssl("x509", "-in", f"{folder}/{name}/ca.crt", "-noout", "-subject") for name in "ab"}
        check(len(names) == 2, names)


@test
def certs__what_cannot_be_made__said_and_nothing_left():
    with tempfile.TemporaryDirectory() as folder:
        check_fails(tagmoor("certs", "--ip", "10.0.0.1.2", folder), "check the names and addresses")
        check(os.listdir(folder) == [], os.listdir(folder))
        check_fails(tagmoor("certs", f"{folder}/a/b"), "cannot create directory")
        check_fails(tagmoor("certs", "--dns", "b\u00fccher.example", folder), "check the names and addresses")
        check_fails(tagmoor("certs", "--dns", "a.example:8443", folder), "check the names and addresses")
        check_fails(tagmoor("certs", "--ip", "fe80::1,DNS:a.example", folder), "check the names and addresses")
        check(os.listdir(folder) == [], os.listdir(folder))
    check_fails(tagmoor("certs"), "certs: expected one DIRECTORY; see")
    check_fails(tagmoor("import"), "import: expected 'ecr|gar|dockerhub|harbor|quay [FILE|-]'; see")
    check_fails(tagmoor("policy"), "policy: expected 'check [--explain-gaps] FILE...', ")


@test
def certs__over_a_key_of_somebody_else__refused():
    with tempfile.TemporaryDirectory() as folder:
        check(tagmoor("certs", folder)[0] == 0)
        check(tagmoor("certs", folder)[0] == 0, "its own are replaced")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=shop.example.com",
                "-keyout", f"{folder}/tls.key", "-out", f"{folder}/tls.crt")
        with open(f"{folder}/tls.key", "rb") as key:
            before = key.read()
        check_fails(tagmoor("certs", folder), "contains a tls.key that 'tagmoor certs' did not create: use another directory")
        os.remove(f"{folder}/tls.crt")
        check_fails(tagmoor("certs", folder), "contains a tls.key")
        with open(f"{folder}/tls.key", "rb") as key:
            check(key.read() == before, "the key was touched")


@test
def certs__no_file_in_place_of_one__refused_at_once():
    for make in (os.mkfifo, lambda name: os.symlink("/dev/zero", name), os.mkdir):
        with tempfile.TemporaryDirectory() as folder:
            make(f"{folder}/tls.crt")
            done = subprocess.run([TAGMOOR, "certs", folder], capture_output=True, text=True, timeout=10)
            check_fails((done.returncode, done.stdout, done.stderr), "contains a tls.crt")


# --- serve: what keeps it from starting ---------------------------------------------------------


# The errors of other commands; in JSON they are lines of the log (server/log_start_test.py).
SERVE = ["serve", "--log-format", "text"]


@test
def serve__without_certificate__names_the_way():
    check_fails(tagmoor(*SERVE), "create both with 'tagmoor certs DIRECTORY'")


@test
def serve__unreadable_files__said():
    with tempfile.TemporaryDirectory() as folder:
        tagmoor("certs", folder)
        pair = ["--tls-cert-file", f"{folder}/tls.crt", "--tls-private-key-file", f"{folder}/tls.key"]
        check_fails(tagmoor(*SERVE, *pair, "--policy", f"{folder}/none.yaml"), "cannot open")
        check_fails(tagmoor(*SERVE, *pair[:2], *pair[:1], f"{folder}/none", *pair[2:]), "none")
        check_fails(tagmoor(*SERVE, *pair, "--listen", "nonsense"), "nonsense")
        check_fails(tagmoor(*SERVE, *pair, "--client-ca-file", f"{folder}/ca.crt", "--client-name", ""), "--client-name is empty")
        check_fails(tagmoor(*SERVE, *pair, "extra"), "unexpected operand 'extra'")


@test
def serve__directory_or_empty_file_for_a_file__said():
    with tempfile.TemporaryDirectory() as folder:
        tagmoor("certs", folder)
        files = {"--tls-cert-file": f"{folder}/tls.crt", "--tls-private-key-file": f"{folder}/tls.key",
                 "--client-ca-file": f"{folder}/ca.crt"}
        for option in files:
            options = [word for pair in {**files, option: folder}.items() for word in pair]
            check_fails(tagmoor(*SERVE, *options), f"'{folder}' is a directory: set {option} to a file in it")
            with open(f"{folder}/empty", "wb"):
                options = [word for pair in {**files, option: f"{folder}/empty"}.items() for word in pair]
            check_fails(tagmoor(*SERVE, *options), f"'{folder}/empty' is empty: set {option} to a file with PEM content")
        pair = [word for option in list(files)[:2] for word in (option, files[option])]
        check_fails(tagmoor(*SERVE, *pair, "--policy", folder), f"cannot read '{folder}': Is a directory")


main()

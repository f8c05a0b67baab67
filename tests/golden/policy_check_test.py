#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor policy check`: several files, and its formats."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import check, check_fails, folder, main, tagmoor, test, write


@test
def policy_check__several_files__each_is_checked():
    with folder() as path:
        good, bad = write(path, "good.yaml", tagmoor("policy", "show", "--default")[1]), write(path, "b,:ad.yaml", "version: 1\nmode: loud\n")
        status, out, err = tagmoor("policy", "check", bad, good, path + "/absent")
        check(status == 2 and out.startswith(f"{good}: valid, sha256:") and out.count("\n") == 1, out)
        check("'mode' must be one of" in err and "cannot open" in err, err)
        check(tagmoor("policy", "check", good, good)[0] == 0)


@test
def policy_check__json_and_github__each_diagnostic_with_its_position():
    ended = "version: 1\nexemptions:\n- {name: old, reason: vendor moves it, expires: 2020-01-01, match: {namespaces: [a]}}\n"
    with folder() as path:
        files = [write(path, "good.yaml", tagmoor("policy", "show", "--default")[1]), write(path, "b,:ad.yaml", "version: 1\nmode: loud\nenviroments: []\n"),
                 write(path, "ended.yaml", ended + "environments: [{name: a, default: true, enforce: any}]\n")]
        status, out, err = tagmoor("policy", "check", "-o", "json", *files)
        report = json.loads(out)
        check(status == 2 and err == "" and report["summary"] == {"valid": 2, "invalid": 1}, out, err)
        good, bad, old = report["files"]
        check(good["valid"] and good["digest"].startswith("sha256:") and good["errors"] == good["warnings"] == [], good)
        check(not bad["valid"] and [(one["line"], one["column"]) for one in bad["errors"]] == [(2, 7), (3, 1)] and bad["errorCount"] == 2, bad)
        check(old["valid"] and "has expired" in old["warnings"][0]["text"] and old["warnings"][0]["line"] == 3, old)
        status, out, err = tagmoor("policy", "check", "-o", "github", *files)
        lines = [line.replace(path, "") for line in out.splitlines()]
        check(status == 2 and err == "" and len(lines) == 6, out, err)
        check(lines[0] == "tagmoor: /good.yaml: valid; errors: 0, warnings: 0", lines)
        check(lines[1].startswith("::error file=/b%2C%3Aad.yaml,line=2,col=7,title=policy::'mode' must be one of"), lines)
        check(lines[4].startswith("::warning file=/ended.yaml,line=3,col=") and lines[5].endswith("ended.yaml: valid; errors: 0, warnings: 1"), lines)


@test
def policy_check__digest__that_of_the_policy_in_force():
    with folder() as path:
        default = tagmoor("policy", "show", "--default")[1]
        plain = "".join(line for line in default.splitlines(True) if not line.lstrip().startswith("#"))
        check(plain != default)
        shown = tagmoor("policy", "show")[1]
        first, rest = shown.split("\n", 1)
        digest = "sha256:" + hashlib.sha256(rest.encode()).hexdigest()
        check(first == f"# in force: {digest}", first, digest)
        for text in (default, plain, shown, rest):
            file = write(path, "policy.yaml", text)
            check(tagmoor("policy", "check", file)[1] == f"{file}: valid, {digest}\n", text)
        check(digest not in tagmoor("policy", "check", write(path, "policy.yaml", default.replace("enforce: release", "enforce: build")))[1])


@test
def policy_check__options_of_another_verb__refused():
    check_fails(tagmoor("policy", "show", "-o", "json"), "'--output' requires 'check'")
    check_fails(tagmoor("policy", "schema", "--explain-gaps"), "'--explain-gaps' requires 'check'")
    check_fails(tagmoor("policy", "check", "--explain-gaps", "-o", "json", "x"), "'--explain-gaps' requires '--output text'")


main()

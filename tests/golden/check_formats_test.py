#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `tagmoor check` writes is what the readers of its formats want.

SARIF by the rules of OASIS SARIF 2.1.0 and of GitHub's ingestion as documented, JUnit XML by Python's own
parser, JSON by its, GitHub annotations by the grammar of workflow commands, and files by what happens to them.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

TAGMOOR = os.path.abspath(os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
POD = """apiVersion: v1
kind: Pod
metadata: {name: "%s", namespace: shop}
spec:
  containers:
  - {name: app, image: "%s"}
---
"""
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def require(holds, text):
    if not holds:
        raise AssertionError(text)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode())
    return path


def check(folder, *args, text=b"", **more):
    return subprocess.run([TAGMOOR, "check", *args], cwd=folder, input=text, capture_output=True, timeout=60, **more)


def sample(folder):
    """Findings of each kind, in files and objects whose names every format has to escape."""
    write(folder, "a b%ü,:.yaml", POD % ("one", "nginx") + POD % ("two", "x:<&>\\\"\\u0001\\n") + POD % ("ok", "nginx:1.27.3"))
    write(folder, "dev.yaml", (POD % ("dev", "redis")).replace("shop", "dev"))
    write(folder, "broken.yaml", "a: [")
    write(folder, "known.tsv", "dev.yaml\tPod dev/dev\tapp\tredis\ngone.yaml\tPod a/b\tapp\tx\n")


def report(folder, name):
    sample(folder)
    done = check(folder, "-o", name, "--baseline", "known.tsv", ".")
    require(done.returncode == 2, f"exit status {done.returncode}: {done.stderr}")
    return done.stdout


@test
def sarif__follows_the_documented_rules(folder):
    log = json.loads(report(folder, "sarif"))
    require(log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json"), "version or schema")
    require(len(log["runs"]) == 1, "one run")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    require(driver["name"] == "tagmoor" and re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"]), "driver")
    require(len({rule["id"] for rule in rules}) == len(rules) > 10, "rule ids are unique")
    for rule in rules:
        require(rule["shortDescription"]["text"] and rule["help"]["text"], f"rule {rule['id']} explains itself")
        require(len(rule["shortDescription"]["text"]) <= 1024, "GitHub's limit of a description")
        require(rule["helpUri"] == f"{driver['informationUri']}/reasons#{rule['id']}", rule["helpUri"])
        require(rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error"), "level")
    require(len(run["results"]) == 3, f"results: {len(run['results'])}")
    for result in run["results"]:
        require(rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex is that of ruleId")
        require(result["level"] in ("none", "note", "warning", "error") and result["message"]["text"], "result")
        require(len(result["locations"]) == 1, "one location")
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        require(re.fullmatch(r"[A-Za-z0-9._~/!$&'()*+,;=@%-]+", place["artifactLocation"]["uri"]), "uri")
        require(not place["artifactLocation"]["uri"].startswith("/"), "relative uri")
        require(region["startLine"] >= 1 and region["startColumn"] >= 1, "region from 1")
        require(region["endLine"] >= region["startLine"] and region["endColumn"] > region["startColumn"], "region ends")
        require(re.fullmatch("[0-9a-f]{32}", result["partialFingerprints"]["tagmoor/v1"]), "fingerprint")
    known = [result for result in run["results"] if "suppressions" in result]
    require(len(known) == 1 and known[0]["suppressions"][0]["kind"] == "external", "what is known is suppressed")
    require(run["invocations"][0]["executionSuccessful"] is False, "a file could not be judged")
    require(len(run["invocations"][0]["toolExecutionNotifications"]) == 2, "the file, and a stale entry")
    require(run["columnKind"] == "unicodeCodePoints", "columns are characters")


@test
def sarif__fingerprint__stays_when_lines_move(folder):
    def prints():
        log = json.loads(check(folder, "-o", "sarif", "a.yaml").stdout)
        return [(r["partialFingerprints"], r["locations"][0]["physicalLocation"]["region"]["startLine"])
                for r in log["runs"][0]["results"]]
    write(folder, "a.yaml", POD % ("one", "nginx"))
    before = prints()
    write(folder, "a.yaml", "# a comment\n" + POD % ("zero", "nginx:1.27.3") + POD % ("one", "nginx"))
    after = prints()
    require(before[0][0] == after[0][0] and before[0][1] != after[0][1], f"{before} {after}")


@test
def sarif__each_rule_has_its_section_of_the_documentation(folder):
    with open(os.path.join(ROOT, "policy/REASONS.md"), encoding="utf-8") as stream:
        parts = re.split(r"^## (.+)\n", stream.read().replace("\n# Faults", "\n## -\n"), flags=re.M)
    sections = {name: text.strip() for name, text in zip(parts[1::2], parts[2::2]) if name != "-"}
    rules = json.loads(report(folder, "sarif"))["runs"][0]["tool"]["driver"]["rules"]
    require({rule["id"] for rule in rules} == set(sections), f"{ {rule['id'] for rule in rules} ^ set(sections)}")
    for rule in rules:
        require(rule["help"]["markdown"].startswith(sections[rule["id"]] + "\n\nIn this text, T is the tag"), rule)
        plain = re.sub(r"\n(?!\n|\* )(?<!\n\n) *", " ", sections[rule["id"]].replace("`", ""))
        require(rule["help"]["text"].startswith(plain), f"{rule['help']['text']}\nis not\n{plain}")


@test
def sarif__more_results_than_code_scanning_accepts__denied_ones_first_and_the_rest_said(folder):
    one = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d","namespace":"%s"},"spec":{"containers":[{"image":"nginx"}]}}'
    items = [one % (i, "dev" if i < 20000 else "shop") for i in range(25003)]
    write(folder, "all.json", '{"apiVersion":"v1","kind":"List","items":[' + ",".join(items) + "]}")
    run = json.loads(check(folder, "-o", "sarif", "all.json").stdout)["runs"][0]
    levels = [result["level"] for result in run["results"]]
    require(levels == ["error"] * 5003 + ["warning"] * 19997, f"{len(levels)}")
    notes = run["invocations"][0]["toolExecutionNotifications"]
    require([note["level"] for note in notes] == ["warning"] and notes[0]["message"]["text"].startswith("3 more findings"), str(notes))


@test
def sarif__equal_findings__fingerprints_of_their_own(folder):
    write(folder, "a.yaml", POD % ("one", "nginx") * 3)
    results = json.loads(check(folder, "-o", "sarif", "a.yaml").stdout)["runs"][0]["results"]
    prints = {result["partialFingerprints"]["tagmoor/v1"] for result in results}
    require(len(results) == len(prints) == 3, str(prints))


@test
def junit__names_stay_when_lines_images_and_counts_change(folder):
    def names():
        root = xml.fromstring(check(folder, "-o", "junit", ".").stdout)
        return {(case.get("classname"), case.get("name")) for case in root.iter("testcase")}
    write(folder, "broken.yaml", "a: [")
    write(folder, "a.yaml", POD % ("one", "nginx"))
    before = names()
    write(folder, "broken.yaml", "a: 1\nb: [")
    write(folder, "a.yaml", "# moved\n" + (POD % ("one", "nginx:latest")).replace("  containers:\n", "  containers:\n  - {name: x, image: 'redis:7.4.1'}\n"))
    after = names()
    require(before == after and len(before) == 3, f"{before} {after}")


@test
def junit__counts_are_those_of_its_cases(folder):
    root = xml.fromstring(report(folder, "junit"))
    require(root.tag == "testsuites", "root")
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in root:
        cases = suite.findall("testcase")
        counts = {"tests": len(cases), "failures": sum(case.find("failure") is not None for case in cases),
                  "errors": sum(case.find("error") is not None for case in cases),
                  "skipped": sum(case.find("skipped") is not None for case in cases)}
        require({key: int(suite.get(key)) for key in counts} == counts, f"{suite.attrib} is not {counts}")
        total = {key: total[key] + counts[key] for key in total}
    require({key: int(root.get(key)) for key in total} == total, f"{root.attrib} is not {total}")
    require(total == {"tests": 5, "failures": 2, "errors": 1, "skipped": 1}, str(total))


@test
def json__has_every_member_of_a_finding(folder):
    data = json.loads(report(folder, "json"))
    wanted = {"file", "line", "column", "endColumn", "document", "kind", "namespace", "name", "path", "container", "image",
              "class", "level", "decision", "environment", "reason", "repair"}
    require(len(data["findings"]) == 3 and all(wanted <= set(f) for f in data["findings"]), str(data["findings"]))
    require(len(data["errors"]) == 1 and len(data["stale"]) == 1, "errors and stale")
    require([f["decision"] for f in data["findings"] if f.get("known")] == ["warn"], "known")


@test
def github__is_one_command_a_line_and_ends_with_the_counts(folder):
    *lines, last = report(folder, "github").decode().splitlines()
    for line in lines:
        require(re.fullmatch(r"::(error|warning|notice) file=[^,:]+(,[a-zA-Z]+=[^,:]*)*::.+", line), line)
    require(len(lines) == 5, str(lines))
    require(last == "tagmoor: 2 denied, 0 warned, 1 allowed, 1 known (4 objects in 3 files); input errors: 1", last)


@test
def codequality__has_what_gitlab_requires(folder):
    issues = json.loads(report(folder, "codequality"))
    for issue in issues:
        require(set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}, str(issue))
        require(set(issue["location"]) == {"path", "lines"} and issue["location"]["lines"]["begin"] >= 1, str(issue))
        require(not issue["location"]["path"].startswith(("/", "./")) and issue["description"], str(issue))
    require(len({issue["fingerprint"] for issue in issues}) == len(issues), "GitLab takes equal fingerprints for one issue")
    require([issue["severity"] for issue in issues] == ["blocker", "critical", "critical", "info"], str(issues))
    require([issue["check_name"] for issue in issues] == ["input-error", "untagged", "invalid", "untagged"], str(issues))
    require(json.loads(check(folder, "-o", "codequality", "-", text=(POD % ("ok", "nginx:1.27.3")).encode()).stdout) == [], "clean")


def markdown_rows(text):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


@test
def markdown__names_are_text_in_their_cells(folder):
    hostile = "a|b`c<img src=x>*d*[e](http://f.g)@user &amp; \\| www.h.i $x$"
    write(folder, "a|b`.yaml", (POD % ("a", "nginx")).replace("app", json.dumps(hostile)).replace("shop", "'@me|'"))
    text = check(folder, "-o", "markdown", ".").stdout.decode()
    head, line, *rows = markdown_rows(text)
    require(len(head) == len(line) == 5 and [len(row) for row in rows] == [5], text)
    require(not re.search(r"<(?!/?code>)|\]\(|://|www\.|(?<![\w;])@(?!</code>)|\*d|\$", text), text)
    require("a&#124;b&#96;c&lt;img src=x&gt;" in text and "&amp;amp;" in text, text)


@test
def markdown__long__the_worst_first_and_the_rest_said(folder):
    one = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d","namespace":"%s"},"spec":{"containers":[{"name":"%s","image":"nginx"}]}}'
    for name in ("web", "w" * 900):
        items = [one % (i, "dev" if i < 1200 else "shop", name) for i in range(1205)]
        write(folder, "all.json", '{"apiVersion":"v1","kind":"List","items":[' + ",".join(items) + "]}")
        text = check(folder, "-o", "markdown", "all.json").stdout.decode()
        rows = [row[0].strip() for row in markdown_rows(text)[2:]]
        require(rows == ["denied"] * 5 + ["warned"] * (len(rows) - 5) and (len(rows) == 1000) == (name == "web") and len(text) < 950000, f"{len(rows)} {len(text)}")
        require(f"\n{1205 - len(rows)} more findings: " in text, text[-300:])


@test
def tsv__has_the_same_columns_in_each_line(folder):
    lines = report(folder, "tsv").decode().splitlines()
    require(len(lines) == 3 and all(len(line.split("\t")) == 16 for line in lines), str(lines))


@test
def tsv_header__names_the_columns_of_the_same_lines(folder):
    header, *lines = report(folder, "tsv-header").decode().splitlines()
    require(lines == report(folder, "tsv").decode().splitlines(), str(lines))
    first = dict(zip(header.split("\t"), lines[0].split("\t")))
    require(len(header.split("\t")) == 16 and first["line"].isdigit() and first["decision"] in ("warn", "deny"), str(first))


@test
def text__a_finding_begins_as_the_message_of_a_compiler(folder):
    """The default `errorformat` of vim and the problem matchers of editors read FILE:LINE:COLUMN: TEXT."""
    lines = report(folder, "text").decode().splitlines()
    heads = [match.groups() for line in lines if (match := re.match(r"(\S.*?):(\d+):(\d+): (denied|warned|audited|known): image ", line))]
    require(heads == [("a b%ü,:.yaml", "6", "24", "denied"), ("a b%ü,:.yaml", "13", "24", "denied"), ("dev.yaml", "6", "24", "known")], str(heads))
    said = check(folder, "-", text=(POD % ("a", "nginx")).encode()).stdout.decode()
    require(said.startswith("<stdin>:6:24: denied: image "), said)


@test
def outputs__several_at_once(folder):
    sample(folder)
    done = check(folder, "-o", "text", "-o", "json=r.json", "--output", "sarif=r.sarif", "dev.yaml")
    require(b"1 warned" in done.stdout and done.returncode == 0, done.stdout)
    for name in ("r.json", "r.sarif"):
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            json.load(stream)


@test
def outputs__two_to_standard_output__refused(folder):
    done = check(folder, "-o", "text", "-o", "json", "-")
    require(done.returncode == 2 and b"=FILE'" in done.stderr, done.stderr)


@test
def outputs__file_that_cannot_be_written__undecided(folder):
    write(folder, "a.yaml", POD % ("ok", "nginx:1.27.3"))
    for output in ("json=absent/r.json", "json=/dev/full"):
        done = check(folder, "-o", output, "a.yaml")
        require(done.returncode == 2 and b"cannot write" in done.stderr, done.stderr)


@test
def baseline__written_then_read__nothing_fails(folder):
    write(folder, "a.yaml", POD % ("b", "nginx") + POD % ("a", "redis") + POD % ("a", "redis"))
    done = check(folder, "--write-baseline", "known.tsv", ".")
    require(done.returncode == 0, f"exit status {done.returncode}")
    with open(os.path.join(folder, "known.tsv"), encoding="utf-8") as stream:
        lines = [line for line in stream.read().splitlines() if not line.startswith("#")]
    require(lines == sorted(lines) and len(lines) == 3, str(lines))
    done = check(folder, "--baseline", "known.tsv", "-o", "json", ".")
    summary = json.loads(done.stdout)["summary"]
    require(done.returncode == 0 and summary["known"] == 3 and summary["denied"] == 0, str(summary))
    write(folder, "a.yaml", "# moved\n" + POD % ("a", "redis") + POD % ("a", "redis") + POD % ("a", "redis"))
    done = check(folder, "--baseline", "known.tsv", "-o", "json", ".")
    data = json.loads(done.stdout)
    require(done.returncode == 1 and data["summary"]["known"] == 2 and data["summary"]["denied"] == 1, str(data["summary"]))
    require(len(data["stale"]) == 1 and "nginx" in data["stale"][0]["text"], str(data["stale"]))


@test
def baseline__over_what_is_none__refused(folder):
    """`--write-baseline *.yaml`, where the shell makes the first file the option's argument."""
    write(folder, "a.yaml", POD % ("a", "nginx"))
    write(folder, "b.yaml", POD % ("b", "nginx"))
    done = check(folder, "--write-baseline", "a.yaml", "b.yaml")
    require(done.returncode == 2 and b"'a.yaml' exists and is not a baseline" in done.stderr, str(done))
    with open(os.path.join(folder, "a.yaml"), encoding="utf-8") as file:
        require(file.read() == POD % ("a", "nginx"), "the manifest was overwritten")
    done = check(folder, "--write-baseline", "-", "b.yaml")
    require(done.returncode == 2 and b"'-' is not a file" in done.stderr and not os.path.exists(os.path.join(folder, "-")), str(done))
    for target in ("empty", "new"):
        write(folder, "empty", "")
        for _ in range(2):
            require(check(folder, "--write-baseline", target, "b.yaml").returncode == 0, target)
        require(check(folder, "--baseline", target, "b.yaml").returncode == 0, target)


@test
def baseline__absent__undecided(folder):
    write(folder, "a.yaml", POD % ("ok", "nginx:1.27.3"))
    require(check(folder, "--baseline", "absent", "a.yaml").returncode == 2, "exit status")


@test
def files__links_in_a_circle__each_file_once(folder):
    write(folder, "d/a.yaml", POD % ("a", "nginx"))
    write(folder, "d/e/b.yml", POD % ("b", "nginx"))
    write(folder, "elsewhere/c.json", '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"nginx"}]}}')
    os.symlink("..", os.path.join(folder, "d/e/up"))
    os.symlink("../elsewhere", os.path.join(folder, "d/link"))
    os.symlink("nowhere.yaml", os.path.join(folder, "d/z.yaml"))
    done = check(folder, "-o", "json", "d")
    files = [finding["file"] for finding in json.loads(done.stdout)["findings"]]
    require(files == ["d/a.yaml", "d/e/b.yml", "d/link/c.json"], str(files))
    require(done.returncode == 2 and b"d/z.yaml" in done.stderr, "a link to nothing is said")


HOSTILE = "a\n::error::x\x1b[31m"


@test
def names__with_line_ends_and_escapes__never_raw(folder):
    """What somebody named so must neither colour a terminal nor be a command to whoever reads the log."""
    def quote(text):
        return json.dumps(text)
    objects = "".join(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {quote(HOSTILE)}, namespace: {quote(HOSTILE)}}}\n"
                      f"spec: {spec}\n---\n" for spec in (f"{{containers: [{{name: {quote(HOSTILE)}, image: {quote(HOSTILE)}}}]}}", "{containers: 1}"))
    objects += "".join(f"apiVersion: {quote(group + 'v1')}\nkind: {quote(HOSTILE)}\n---\n" for group in ("", "example.com" + HOSTILE + "/"))
    write(folder, "d/" + HOSTILE + ".yaml", objects)
    write(folder, "d/b" + HOSTILE + ".yaml", "a: [")
    write(folder, "d/c" + HOSTILE + ".yaml", "a: 1")
    os.symlink("nowhere", os.path.join(folder, "d/e" + HOSTILE + ".yaml"))
    for name in ("text", "tsv", "github"):
        done = check(folder, "-o", name, "d")
        said = (done.stdout + done.stderr).decode()
        require("\x1b" not in said, f"{name}: {said}")
        require(done.returncode == 2, f"{name}: {done}")
        commands = [line for line in done.stdout.decode().splitlines() if line.startswith("::")]
        require(not any("::error::x" in line.partition(" ")[0] for line in commands), f"{name}: {commands}")
        require(len(commands) == (4 if name == "github" else 0), f"{name}: {commands}")
        require(not any(line.startswith("::") for line in done.stderr.decode().splitlines()), f"{name}: {done.stderr}")


@test
def files__named_twice__judged_once(folder):
    for name in ("a.yaml", "b.yaml", "d/a.yaml", "d/e/c.yaml"):
        write(folder, name, POD % ("a", "nginx"))
    os.symlink("d", os.path.join(folder, "link"))
    os.symlink("a.yaml", os.path.join(folder, "other.yaml"))
    os.link(os.path.join(folder, "a.yaml"), os.path.join(folder, "hard.yaml"))
    for words, wanted in [("a.yaml b.yaml a.yaml", "a.yaml b.yaml"), ("./a.yaml a.yaml .//a.yaml", "a.yaml"),
                          (f"a.yaml {folder}/a.yaml d/../a.yaml", "a.yaml"), ("d d/a.yaml d/e/c.yaml", "d/a.yaml d/e/c.yaml"),
                          ("d/e/c.yaml d", "d/e/c.yaml d/a.yaml"), ("d/e d d/e", "d/e/c.yaml d/a.yaml"),
                          ("link/a.yaml d/a.yaml", "link/a.yaml"), ("link d", "link/a.yaml link/e/c.yaml"),
                          # A file with a second name counts as two files: both are applied.
                          ("a.yaml other.yaml hard.yaml", "a.yaml other.yaml hard.yaml"),
                          ("a.yaml d/a.yaml", "a.yaml d/a.yaml")]:
        data = json.loads(check(folder, "-o", "json", *words.split()).stdout)
        files = [finding["file"] for finding in data["findings"]]
        require((files, data["summary"]["files"]) == (wanted.split(), len(files)), f"{words}: {data}")


@test
def files__standard_input_twice__judged_once(folder):
    done = check(folder, "-o", "json", "-", "-", text=(POD % ("a", "nginx")).encode())
    data = json.loads(done.stdout)
    require((done.returncode, len(data["findings"]), data["summary"]["files"], done.stderr) == (1, 1, 1, b""), str(done))


@test
def files__many_operands__in_little_time(folder):
    names = [f"{i}.json" for i in range(20000)]
    for name in names:
        write(folder, name, '{"apiVersion":"v1","kind":"Service"}')
    start = time.monotonic()
    data = json.loads(check(folder, "-o", "json", *names, *names).stdout)
    require(data["summary"]["files"] == len(names), str(data["summary"]))
    require(time.monotonic() - start < 30, "a list that is searched from its begin for each")


@test
def files__git_and_other_endings__not_read(folder):
    for name in (".git/a.yaml", "b.txt", ".yaml", "c.yaml.orig"):
        write(folder, name, POD % ("a", "nginx"))
    data = json.loads(check(folder, "-o", "json", ".").stdout)
    require(data["summary"]["files"] == 0, str(data))


@test
def files__unreadable__the_others_are_judged(folder):
    write(folder, "b.yaml", POD % ("b", "nginx"))
    done = check(folder, "-o", "json", "absent.yaml", "b.yaml")
    data = json.loads(done.stdout)
    require(done.returncode == 2 and len(data["findings"]) == 1 and len(data["errors"]) == 1, str(data))


@test
def stdin__with_namespace_labels__read_once_judged_by_them(folder):
    write(folder, "policy", "version: 1\nenvironments:\n- name: test\n  namespaceLabels: {stage: [test]}\n  enforce: any\n"
                            "- name: production\n  default: true\n  enforce: release\n")
    text = POD % ("a", "nginx") + "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {stage: test}}\n"
    done = check(folder, "--policy", "policy", "-o", "json", "-", text=text.encode())
    require(done.returncode == 0 and json.loads(done.stdout)["summary"]["allowed"] == 1, done.stdout)


@test
def usage__nothing_to_check__undecided(folder):
    done = check(folder)
    require(done.returncode == 2 and b"no file: give a PATH" in done.stderr, done.stderr)


@test
def usage__policy_that_is_none__undecided(folder):
    write(folder, "policy", "version: 7\n")
    require(check(folder, "--policy", "policy", "-").returncode == 2, "exit status")


@test
def closed_output__undecided(folder):
    write(folder, "a.yaml", POD % ("a", "nginx"))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([TAGMOOR, "check", "a.yaml"], cwd=folder, stdout=full, stderr=subprocess.PIPE, timeout=60)
    require(done.returncode == 2 and b"cannot write" in done.stderr, done.stderr)


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, function in enumerate(TESTS, 1):
        name = function.__name__
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(folder)
                print(f"ok {number} - check {name}")
            except (AssertionError, ValueError, KeyError, IndexError, xml.ParseError) as wrong:
                failed += 1
                print("\n".join("# " + line for line in f"{type(wrong).__name__}: {wrong}".splitlines()))
                print(f"not ok {number} - check {name}")
    sys.exit(1 if failed else 0)


main()

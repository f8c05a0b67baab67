#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor explain`: its table, its formats, its speed, and that it says what the judge says."""
import json
import os
import re
import resource
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import IS_PLAIN_BUILD, TAGMOOR, Skip, check, check_fails, folder, main, on_terminal, tagmoor, test, write

POLICY = """\
version: 1
environments:
- {name: trial, namespaces: [trial], enforce: release, mode: warn}
- {name: quiet, namespaces: [quiet], enforce: any, warn: any, audit: build}
- name: production
  default: true
  enforce: build
  images:
  - {match: ["docker.io/others/**"], enforce: digest}
exemptions:
- name: old-agent
  reason: "its vendor moves the tag"
  permanent: true
  match: {images: ["docker.io/vendor/agent:7"]}
- name: night-shift
  reason: "only in one namespace"
  permanent: true
  match: {namespaces: [night], images: ["docker.io/vendor/night:7"]}
"""


def rows(text):
    """The label at the left of each line with the rest of it."""
    return {line[2:].split(" ")[0]: line[2:].partition(" ")[2].strip() for line in text.splitlines() if line.startswith("  ")}


@test
def text__one_reference__parts_class_answers_repair():
    status, out, err = tagmoor("explain", "nginx:1.25")
    check(status == 0 and err == "", err)
    check(out == """\
nginx:1.25
  repository   docker.io/library/nginx
  tag          1.25
  class        partial-version: part of a version: the next release moves the tag
  level        rolling: can point to another image at any time
  environment  decision enforce  warn     audit
  development  warn     any      release  release
  production   deny     release  release  release
  repair       use nginx:1.25.<patch>, or nginx@sha256:<digest>
""", out)


@test
def tsv_header__names_the_columns__also_without_a_reference():
    header = "reference\tclass\tlevel\trepository\n"
    check(tagmoor("explain", "-o", "tsv-header", "-") == (0, header, ""))
    plain = tagmoor("explain", "-o", "tsv", "nginx", "a:1.2.3")[1]
    check(tagmoor("explain", "-o", "tsv-header", "nginx", "a:1.2.3") == (0, header + plain, ""))


@test
def tsv__reference_with_tabs__four_columns_all_the_same():
    _, out, _ = tagmoor("explain", "-o", "tsv", "-", stdin=b"app\tversion\trelease\tx\x1b[31m\xff\n")
    check(out == "app\\x09version\\x09release\\x09x\\x1b[31m\\xff\tinvalid\tnone\t\n", repr(out))


@test
def lines__with_carriage_returns__as_without():
    references = b"nginx:1.2.3\nnginx\n\napp@sha256:abc\nlast:1"
    for output in ("tsv", "json", "text", "sarif"):
        plain, windows = (tagmoor("explain", "-o", output, "-", stdin=text)
                          for text in (references, references.replace(b"\n", b"\r\n")))
        check(plain[0] == 0 and plain == windows, plain, windows)
    status, out, _ = tagmoor("explain", "-o", "tsv", "-", stdin=b"app:1\r2\n")
    check(status == 0 and out.split("\t")[1] == "invalid", out)


@test
def lines__one_too_long__named_the_others_explained_and_2():
    longest = b"x" * 65536
    status, out, err = tagmoor("explain", "-o", "tsv", "-", stdin=b"nginx\n" + longest + b"\nlast:1.2.3\n")
    check(status == 0 and err == "" and out.splitlines()[2].startswith("last:1.2.3\tversion\t"), status, err, out[-200:])
    for text in (b"nginx\n" + longest + b"y\nlast:1.2.3\n", b"nginx\n" + 3 * longest + b"\nlast:1.2.3\n"):
        status, out, err = tagmoor("explain", "-o", "tsv", "-", stdin=text)
        check(status == 2 and err == "tagmoor: explain: standard input:2: the line is longer than 65536 bytes: "
              "write one reference per line\n", status, err)
        check([line.split("\t")[:2] for line in out.splitlines()] == [["nginx", "untagged"], ["last:1.2.3", "version"]], out)


@test
def lines__one_too_long__the_reports_are_written_and_say_it():
    with folder() as where:
        files = {name: os.path.join(where, name) for name in ("tsv", "json", "sarif", "junit")}
        outputs = [word for name, path in files.items() for word in ("-o", f"{name}={path}")]
        status, _, err = tagmoor("explain", *outputs, "-", stdin=b"nginx\n" + b"x" * 70000 + b"\nlast:1.2.3")
        check(status == 2 and "standard input:2:" in err, status, err)
        for name, path in files.items():
            with open(path, encoding="utf-8") as file:
                text = file.read()
            check("nginx" in text, name, text)
            check(("longer than 65536 bytes" in text) == (name in ("sarif", "junit")), name, text)


@test
def lines__a_gigabyte_without_an_end__flat_memory():
    if not IS_PLAIN_BUILD:
        raise Skip("an instrumented build")
    with subprocess.Popen(["head", "-c", "1073741824", "/dev/zero"], stdout=subprocess.PIPE) as zeroes:
        limit = 64 << 20
        done = subprocess.run([TAGMOOR, "explain", "-o", "tsv", "-"], stdin=zeroes.stdout, capture_output=True, timeout=300,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        zeroes.stdout.close()
    check(done.returncode == 2 and done.stdout == b"" and b"standard input:1: the line is longer" in done.stderr, done)


@test
def text__no_reference__why_and_how_to_go_on():
    _, out, _ = tagmoor("explain", "nginx@sha256:abc")
    said = rows(out)
    check(said["invalid"] == "digest of 3 hex digits instead of 64" and said["repair"].startswith("use the form [<registry>/]<repository>:<tag>"), out)
    check(said["level"] == "none: does not identify an image" and "repository" not in said, out)


@test
def text__several_references__a_summary():
    _, out, _ = tagmoor("explain", "nginx:1.25", "nginx:1.25.3", "nginx@sha256:abc")
    check(out.splitlines()[-1] == "3 references; development: 1 denied, 1 warned; production: 2 denied", out)
    _, out, _ = tagmoor("explain", "nginx:1.25.3", "nginx:1.25.4")
    check(out.splitlines()[-1] == "2 references, all allowed", out)


@test
def text__modes_exemptions_and_own_repairs__said():
    with folder() as path:
        policy = write(path, "policy.yaml", POLICY)
        _, out, _ = tagmoor("explain", "--policy", policy, "vendor/agent:7")
        said = rows(out)
        check(said["production"].split() == ["audit", "build", "build", "build", "exempt", "by", "'old-agent'"], out)
        _, out, _ = tagmoor("explain", "--policy", policy, "r.io/app:latest")
        check(rows(out)["trial"].split() == ["warn", "release", "release", "release", "mode", "warn"], out)
        check(rows(out)["quiet"].split() == ["audit", "any", "any", "build"], out)
        check("  repair       trial: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>" in out, out)
        check("  repair       quiet, production: use r.io/app:<commit>-<time>, or r.io/app@sha256:<digest>" in out, out)
        _, out, _ = tagmoor("explain", "--policy", policy, "others/r.io/app:1a6dd44-20240107123456")
        check(rows(out)["production"].split() == ["deny", "digest", "digest", "digest"], out)
        _, out, _ = tagmoor("explain", "--policy", policy, "vendor/night:7")
        check(rows(out)["production"].split()[0] == "deny", out)


ENTRIES = """\
version: 1
environments:
- {name: development, namespaceLabels: {stage: [dev, test]}, enforce: any}
- {name: production, default: true, enforce: release}
repositories:
- match: [other.io/**]
  otherwise: rolling
- match: [no.io/*, "my.io/**"]
  reason: our convention
  rolling: [latest-.*]
  build: ['[0-9a-f]{7}', 'v\\d+']
  versionParts: 2
"""


@test
def entry__its_position_glob_and_what_decided():
    with folder() as path:
        policy = write(path, "policy.yaml", ENTRIES)
        my = {"builtIn": False, "index": 1, "line": 8, "match": "my.io/**"}
        for image, entry, text in [
                ("my.io/a:v12", {**my, "rule": "build", "pattern": "v\\d+"}, "build: pattern v\\d+"),
                ("my.io/a/b:latest-1", {**my, "rule": "rolling", "pattern": "latest-.*"}, "rolling: pattern latest-.*"),
                ("my.io/a:1.2", {**my, "rule": "versionParts"}, "versionParts of the entry"),
                ("my.io/a:1", my, "the form of the reference, which the entry does not change"),
                ("my.io/a@sha256:" + "0" * 64, my, "the form of the reference, which the entry does not change"),
                ("no.io/a:1234567", {**my, "match": "no.io/*", "rule": "build", "pattern": "[0-9a-f]{7}"}, "build: pattern [0-9a-f]{7}"),
                ("other.io/a:1.2.3", {"builtIn": False, "index": 0, "line": 6, "match": "other.io/**", "rule": "otherwise"},
                 "otherwise of the entry"),
                ("postgres:16.1", {"builtIn": True, "index": 0, "match": "docker.io/library/postgres", "rule": "versionParts"},
                 "versionParts of the entry"),
                ("nginx:1.27.3", None, None), ("A", None, None)]:
            _, out, _ = tagmoor("explain", "--policy", policy, "-o", "json", image)
            check(json.loads(out).get("entry") == entry, image, out)
            _, out, _ = tagmoor("explain", "--policy", policy, image)
            check(f"\n  decided by   {text}\n" in out if text else "decided by" not in out, image, out)
            if entry:
                place = "built-in entry" if entry["builtIn"] else f"{policy}:{entry['line']}: repositories[{entry['index']}]"
                check(rows(out)["entry"] == f"{place}, match {entry['match']}", image, out)


@test
def namespace_labels__only_the_environment_that_they_select():
    with folder() as path:
        policy = write(path, "policy.yaml", ENTRIES)
        for labels, environment, expected in [(["stage=dev"], "development", 0), (["a=b,stage=test"], "development", 0),
                                              (["a=b", "stage=dev"], "development", 0), (["stage=prod"], "production", 1),
                                              (["stage="], "production", 1), (["example.com/stage=dev"], "production", 1)]:
            flags = [word for label in labels for word in ("--namespace-labels", label)]
            status, out, err = tagmoor("explain", "--policy", policy, "-o", "json", *flags, "nginx")
            check((status, list(json.loads(out)["environments"]), err) == (expected, [environment], ""), labels, status, out, err)
        for labels, why in [("x", "'x' is not a label"), ("=x", "'=x' is not a label"), ("a=b,", "'' is not a label"), ("a=b c", "'a=b c' is not a label"),
                            ("", "'' is not a label"), ("a=b,a=c", "label 'a' is given twice"),
                            (",".join(f"a{i}=b" for i in range(65)), "more than 64 labels")]:
            for command, operand in (("explain", "nginx"), ("check", "-")):
                check_fails(tagmoor(command, "--namespace-labels", labels, operand), why)
        check_fails(tagmoor("explain", "--namespace-labels", "a=b", "--environment", "production", "nginx"), "mutually exclusive")


@test
def text__terminal__colour_unless_no_color_and_folded():
    _, coloured = on_terminal("explain", "nginx:1.25", columns=60)
    check("\x1b[1;31mdeny\x1b[0m" in coloured and "\x1b[1;33mwarn\x1b[0m" in coloured, coloured)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    check(all(len(line) <= 60 for line in bare.splitlines()), bare)
    _, plain = on_terminal("explain", "nginx:1.25", columns=60, environment={"NO_COLOR": "1"})
    check("\x1b" not in plain and plain == bare, plain)
    _, empty = on_terminal("explain", "nginx:1.25", columns=60, environment={"NO_COLOR": ""})
    check(empty == coloured, empty)
    _, dumb = on_terminal("explain", "nginx:1.25", columns=60, environment={"TERM": "dumb"})
    check(dumb == plain, dumb)
    check("\x1b" not in tagmoor("explain", "nginx:1.25")[1])


@test
def text__80_columns__nothing_is_wider():
    long = "registry.example.com/" + "team/" * 8 + "application"
    _, out = on_terminal("explain", long + ":1.25.3", "nginx:1.25", columns=80, environment={"NO_COLOR": "1"})
    wide = [line for line in out.splitlines() if len(line) > 80 and long not in line]
    check(wide == [], wide)


@test
def text__hostile_bytes__escaped():
    status, out, _ = tagmoor("explain", "-", stdin=b"ng\x1b[31minx\xff:1\n" + b"a" * 5000 + b"\n\x00:1\n")
    check(status == 0 and "\x1b" not in out and "\\x1b" in out and "\\xff" in out and "\x00" not in out, out)
    check("3 references" in out, out)


@test
def output__several__each_where_it_was_sent():
    with folder() as path:
        at = {name: os.path.join(path, name) for name in ("tsv", "json", "sarif", "junit", "github")}
        status, out, err = tagmoor("explain", *[word for name in at for word in ("-o", f"{name}={at[name]}")], "-o", "text", "-",
                                   stdin=b"nginx:1.2.3\n\nnginx:1.25\n")
        check(status == 0 and err == "" and out.startswith("nginx:1.2.3\n"), out, err)
        said = {}
        for name, file in at.items():
            with open(file, encoding="utf-8") as stream:
                said[name] = stream.read()
        check(len(said["tsv"].splitlines()) == 2 and len(said["json"].splitlines()) == 2, said)
        last = json.loads(said["json"].splitlines()[1])
        check(last["environments"] == {"development": "warn", "production": "deny"}, last)
        check(set(last["repairs"]) == {"development", "production"}, last)
        results = json.loads(said["sarif"])["runs"][0]["results"]
        check([result["level"] for result in results] == ["warning", "error"], results)
        region = results[1]["locations"][0]["physicalLocation"]
        check(region["artifactLocation"]["uri"] == "stdin" and region["region"]["startLine"] == 3, region)
        suites = ElementTree.fromstring(said["junit"])
        check(suites.get("failures") == "1" and len(suites.findall(".//failure")) == 1, said["junit"])
        check(said["github"].splitlines()[1].startswith("::error file=-,line=3,col=1,endColumn=11,title=environment production::"),
              said["github"])


@test
def output__wrong__said_and_nothing_printed():
    check_fails(tagmoor("explain", "-o", "xml", "nginx"), "unknown format 'xml' in --output: use text, ")
    check_fails(tagmoor("explain", "-o", "tsv", "-o", "json", "nginx"), "two outputs to standard output")
    check_fails(tagmoor("explain", "-o", "tsv=/dev/null", "-o", "json=/dev/null", "nginx"), "two outputs to '/dev/null': use a file for each")
    check_fails(tagmoor("explain", "-o", "tsv=/no/such/folder/x", "nginx"), "cannot write '/no/such/folder/x'")
    check_fails(tagmoor("explain", "-o", "sarif=/no/such/folder/x", "nginx"), "cannot write '/no/such/folder/x'")
    if os.path.exists("/dev/full"):
        check_fails(tagmoor("explain", "-o", "tsv=/dev/full", "nginx"), "cannot write '/dev/full'")


@test
def environment__refusal_is_1_whatever_the_format():
    for form in ("text", "tsv", "json", "sarif", "junit", "github"):
        check(tagmoor("explain", "-o", form, "--environment", "production", "nginx:1.25", "nginx:1.2.3")[0] == 1, form)
        check(tagmoor("explain", "-o", form, "--environment", "development", "nginx:1.25")[0] == 0, form)
        check(tagmoor("explain", "-o", form, "nginx:1.25")[0] == 0, form)
    with folder() as path:
        policy = write(path, "policy.yaml", POLICY)
        check(tagmoor("explain", "--policy", policy, "--environment", "production", "vendor/agent:7")[0] == 0)
        check(tagmoor("explain", "--policy", policy, "--environment", "trial", "nginx:latest")[0] == 0)


@test
def answers__those_of_the_judge_for_a_pod():
    tags = []
    for name in ("tag-vectors.tsv", "tag-vectors-more.tsv"):
        with open(os.path.join("tests/data", name), encoding="utf-8") as file:
            tags += [line.split("\t")[0] for line in file.read().splitlines()[1:]]
    images = [f"app:{tag}" for tag in tags if tag and not tag.startswith(("(", "#"))]
    images += ["app", "vendor/agent:7", "vendor/night:7", "others/app:1.2.3", "app@sha256:" + "a" * 64, "not a reference"]
    check(len(images) > 150, len(images))
    with folder() as path:
        policy = write(path, "policy.yaml", POLICY)
        _, out, _ = tagmoor("explain", "--policy", policy, "-o", "json", "-", stdin="\n".join(images).encode())
        explained = {line["reference"]: line["environments"] for line in map(json.loads, out.splitlines())}
        manifest = "".join("---\n" + json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
                                                 "spec": {"containers": [{"name": "c", "image": image}]}}) + "\n" for image in images)
        for name in ("trial", "quiet", "production"):
            _, out, _ = tagmoor("check", "--policy", policy, "--environment", name, "-o", "tsv", "-", stdin=manifest.encode())
            judged = {line.split("\t")[10]: line.split("\t")[0] for line in out.splitlines()}
            for image in images:
                check(explained[image][name] == judged.get(image, "allow"), name, image, explained[image], judged.get(image))


@test
def tsv__200000_references__within_a_second_of_cpu():
    if not IS_PLAIN_BUILD:
        raise Skip("an instrumented build")
    with open("tests/data/official-tags-sample.tsv", encoding="utf-8") as file:
        sample = [":".join(line.split("\t")[:2]) for line in file.read().splitlines()[1:]]
    lines = ("\n".join(sample) + "\n").encode() * (200000 // len(sample) + 1)
    for form in ("tsv", "json"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([TAGMOOR, "explain", "-o", form, "-"], input=lines, stdout=subprocess.DEVNULL, timeout=120, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"# {form}: {lines.count(10) / spent:,.0f} references a second of CPU")
        check(form != "tsv" or spent < 1, f"{spent} s")


main()

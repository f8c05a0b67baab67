#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The recipes for pipelines, in deploy/ci and in the README: each runs, and says no where it should."""
import json
import os
import re
import shutil
import subprocess

from cli import BUILD, TAGMOOR, check, folder, main, test, write

YAML_JSON = os.path.abspath(os.path.join(BUILD, "tests/golden/yaml_json"))
RECIPES = os.path.abspath("deploy/ci")
POD = """apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop-prod}
spec:
  containers:
  - {name: web, image: %s}
"""
GOOD, BAD = POD % "nginx:1.27.3", POD % "nginx:latest"
# Behaves as a docker that has the image: the mounted folder is the current one.
DOCKER = """#!/bin/sh
set -eu
[ "$1" = run ]; shift
while [ "$1" != registry.example.com/tagmoor:0.1.0 ]; do
    case $1 in
    --rm) shift ;;
    --user | -w) shift 2 ;;
    -v) [ "$2" = "$PWD:/src" ]; shift 2 ;;
    *) echo "docker: unknown option $1" >&2; exit 125 ;;
    esac
done
shift
exec tagmoor "$@"
"""


def recipe(name):
    with open(os.path.join(RECIPES, name), "rb") as file:
        return json.loads(subprocess.run([YAML_JSON], stdin=file, capture_output=True, timeout=60, check=True).stdout)


def programs(place):
    """A PATH with tagmoor and docker as the recipes find them."""
    bin_ = os.path.join(place, "bin")
    os.mkdir(bin_)
    os.symlink(TAGMOOR, os.path.join(bin_, "tagmoor"))
    os.chmod(write(bin_, "docker", DOCKER), 0o755)
    return dict(os.environ, PATH=bin_ + ":" + os.environ["PATH"], TAGMOOR="registry.example.com/tagmoor:0.1.0")


def repository(place, manifest):
    """A repository with one manifest in k8s/, and the recipe where GitHub looks for it."""
    src = os.path.join(place, "src")
    os.makedirs(os.path.join(src, "k8s"), exist_ok=True)
    write(os.path.join(src, "k8s"), "pod.yaml", manifest)
    os.makedirs(os.path.join(src, ".github/workflows"), exist_ok=True)
    shutil.copy(os.path.join(RECIPES, "github-actions.yml"), os.path.join(src, ".github/workflows"))
    return src


def shell(script, place, manifest, environment):
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=repository(place, manifest), env=environment, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode()


def check_refuses_the_bad_one(script):
    """Returns what it prints of the bad manifest and the folder's files then."""
    with folder() as place:
        environment = programs(place)
        status, out = shell(script, place, GOOD, environment)
        check(status == 0, "the good manifest", script, out)
        status, out = shell(script, place, BAD, environment)
        check(status == 1 and "nginx:latest" in out, "the bad manifest", script, out)
        reports = {}
        for name in os.listdir(os.path.join(place, "src")):
            path = os.path.join(place, "src", name)
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as file:
                    reports[name] = file.read()
        return out, reports


@test
def github_actions__annotates_and_writes_sarif():
    job = recipe("github-actions.yml")["jobs"]["tagmoor"]
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    check(len(scripts) == 2, scripts)
    out, reports = check_refuses_the_bad_one(scripts[0])
    summary = re.fullmatch(r'cat (\S+) >>"\$GITHUB_STEP_SUMMARY"', scripts[1])[1]
    check(reports[summary].startswith("### tagmoor: 1 denied") and "| denied | `k8s/pod.yaml:6:24` |" in reports[summary], reports)
    check("::error file=k8s/pod.yaml,line=6" in out, out)
    uploaded = next(step["with"]["sarif_file"] for step in job["steps"] if "upload-sarif" in step.get("uses", ""))
    check(json.loads(reports[uploaded])["runs"][0]["results"], reports)


@test
def github_actions__what_it_includes_is_among_its_paths():
    script = next(step["run"] for step in recipe("github-actions.yml")["jobs"]["tagmoor"]["steps"] if "run" in step)
    with folder() as place:
        workflows = os.path.join(repository(place, GOOD), ".github/workflows")
        write(workflows, "other.yml", "on: push\njobs:\n  a:\n    container: node:latest\n    steps: []\n")
        status, out = shell(script, place, GOOD, programs(place))
        check(status == 1 and "::error file=.github/workflows/other.yml,line=4" in out, status, out)


@test
def gitlab_ci__writes_the_report_that_it_hands_over():
    job = recipe("gitlab-ci.yml")["images"]
    _, reports = check_refuses_the_bad_one("\n".join(job["script"]))
    handed = job["artifacts"]["reports"]
    check("<failure" in reports[handed["junit"]], reports)
    check([issue["location"] for issue in json.loads(reports[handed["codequality"]])] == [{"path": "k8s/pod.yaml", "lines": {"begin": 6}}], reports)


@test
def argocd_presync__judges_the_folder_that_was_cloned():
    job = recipe("argocd-presync.yaml")
    check(job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PreSync", job["metadata"])
    pod = job["spec"]["template"]["spec"]
    args = [arg.replace("/src/repo/", "") for arg in pod["containers"][0]["args"]]
    check_refuses_the_bad_one("tagmoor " + " ".join(args))
    done = subprocess.run([TAGMOOR, "check", "--environment", "production", os.path.join(RECIPES, "argocd-presync.yaml")],
                          capture_output=True, timeout=60)
    check(done.returncode == 0, done.stdout)


@test
def pre_commit__entry_with_the_files_that_change():
    hook = recipe("pre-commit-config.yaml")["repos"][0]["hooks"][0]
    check(re.search(hook["files"], "k8s/pod.yaml"), hook)
    check_refuses_the_bad_one(hook["entry"] + " k8s/pod.yaml")


@test
def pre_commit__itself():
    script = f"""
        git init -q . 2>/dev/null; git config user.name t; git config user.email t@example.com
        cp {RECIPES}/pre-commit-config.yaml .pre-commit-config.yaml
        git add -A; pre-commit run
    """
    with folder() as place:
        environment = dict(programs(place), PRE_COMMIT_HOME=os.path.join(place, "home"))
        status, out = shell(script, place, GOOD, environment)
        check(status == 0 and "Passed" in out, out)
        status, out = shell(script, place, BAD, environment)
        check(status == 1 and "6:24: denied" in out, out)
        write(os.path.join(place, "src"), ".tagmoorignore", "/k8s/pod.yaml\n")
        status, out = shell(script, place, BAD, environment)
        check(status == 0 and "Passed" in out, out)


@test
def pre_commit__with_a_baseline__on_the_files_of_the_commit():
    with open(f"{RECIPES}/pre-commit-config.yaml", encoding="utf-8") as file:
        text = file.read()
    # The commands are those that the recipe's comment gives.
    quoted = re.findall(r"'([^']+)'", " ".join(re.findall(r"^# (.*)", text, re.M)))
    create, entry = quoted[0], quoted[1].removeprefix("entry: ")
    with folder() as place:
        environment = dict(programs(place), PRE_COMMIT_HOME=os.path.join(place, "home"))
        src = repository(place, BAD)
        write(src, ".pre-commit-config.yaml", text.replace("entry: tagmoor check --force-exclude\n", f"entry: {entry}\n"))
        write(os.path.join(src, "k8s"), "other.yaml", POD % "redis:latest")
        begin = f"""
            git init -q . 2>/dev/null; git config user.name t; git config user.email t@example.com
            {create} > /dev/null; git add -A; git commit -qm all"""
        status, out = shell(begin, place, BAD, environment)
        check(status == 0, out)
        # Only one file is in the commit, and it has a new finding beside the known one.
        write(os.path.join(src, "k8s"), "third.yaml", POD % "nginx:1.27.3")
        commit = "echo '# changed' >> k8s/pod.yaml; git add -A; pre-commit run --verbose"
        status, out = shell(commit, place, BAD, environment)
        check(status == 0 and "1 known" in out and "matches no finding" not in out and "2 files" in out, out)
        status, out = shell("git add -A; pre-commit run", place, POD % "nginx:main", environment)
        check(status == 1 and "nginx:main" in out and "matches no finding" in out and "redis" not in out, out)


GH = """#!/bin/sh
printf '%s\\n' "$@" >>"$RUNNER_TEMP/gh.txt"
"""


@test
def github_pin__commits_the_digests_and_lists_the_images():
    scripts = [step["run"] for step in recipe("github-pin.yml")["jobs"]["pin"]["steps"] if "run" in step]
    check(len(scripts) == 2, scripts)
    with folder() as place:
        environment = dict(programs(place), RUNNER_TEMP=place)
        os.chmod(write(os.path.join(place, "bin"), "gh", GH), 0o755)
        begin = f"""
            git init -q --bare ../origin.git; git init -q . 2>/dev/null; git remote add origin ../origin.git
            git config user.name t; git config user.email t@example.com
            echo 'nginx:latest sha256:{"a" * 64}' >images.lock; git add -A; git commit -qm all"""
        status, out = shell("\n".join([begin, *scripts]), place, BAD, environment)
        check(status == 0 and "1 pinned, 0 left" in out, status, out)
        status, out = shell("git show --format=%s pin-images; git ls-remote origin", place, BAD, environment)
        check("Pin images to digests" in out and f"+  - {{name: web, image: nginx:latest@sha256:{'a' * 64}}}" in out, out)
        check("refs/heads/pin-images" in out, "the branch was not pushed", out)
        with open(os.path.join(place, "gh.txt"), encoding="utf-8") as file:
            check(file.read().startswith("pr\ncreate\n"))
        status, out = shell("echo 'redis:7 sha256:x' >images.lock\n" + scripts[0], place, BAD, environment)
        check(status != 0, "a broken lock file passes", out)


def readme_recipes():
    with open("README.md", encoding="utf-8") as file:
        section = file.read().split("\n## Check manifests\n")[1].split("\n## ")[0]
    return [line.strip() for line in section.splitlines() if line.startswith("    ") and "tagmoor check" in line]


@test
def readme__each_line_that_can_run_here():
    lines = readme_recipes()
    check(len(lines) >= 3, lines)
    for line in lines:
        # The rendered manifest replaces the command that renders it; the rest of the line is unchanged.
        line = re.sub(r"^(helm template|kustomize build|kubectl kustomize) [^|]*\|", "cat k8s/pod.yaml |", line)
        check_refuses_the_bad_one(line)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which files `tagmoor check` excludes: the lists above an operand, operands themselves, --force-exclude, and what the
summary says of patterns that match nothing and of files that need --include."""
import json
import os

from cli import check, check_equal, folder, main, tagmoor, test, write

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n"


def tree(place, *names, **lists):
    """Writes manifests, and a .tagmoorignore for each folder in `lists` (`top` is the folder itself)."""
    for name in names:
        os.makedirs(os.path.dirname(os.path.join(place, name)), exist_ok=True)
        write(place, name, POD)
    for where, text in lists.items():
        write(os.path.join(place, "" if where == "top" else where), ".tagmoorignore", text)


def run(cwd, *args):
    """Returns the files with findings and the summary."""
    _, out, _ = tagmoor("check", "-o", "json", *args, cwd=cwd)
    report = json.loads(out)
    return [finding["file"] for finding in report["findings"]], report["summary"]


def excluded(summary):
    return summary["notEvaluated"]["excluded"]["names"]


def work_tree(place):
    """A Git work tree with folders above and below what is excluded."""
    os.mkdir(os.path.join(place, ".git"))
    tree(place, "k8s/web/a.yaml", "k8s/legacy/b.yaml", "k8s/legacy/deep/c.yaml", top="legacy/\n/k8s/web/x.yaml\n")


@test
def operand__every_spelling__the_lists_above_apply():
    with folder() as top:
        work_tree(top)
        write(os.path.join(top, "k8s/web"), "x.yaml", POD)
        for cwd, operand in (("", "k8s"), ("", "./k8s/"), ("", top + "/k8s"), ("k8s", "."), ("k8s", top + "/k8s"), ("k8s/web", ".."),
                             ("k8s/legacy/deep", "../.."), ("k8s/legacy/deep", top)):
            found, summary = run(os.path.join(top, cwd), operand)
            check_equal([os.path.basename(name) for name in found], ["a.yaml"], cwd, operand)
            check_equal(excluded(summary), {"legacy/": 1, "/k8s/web/x.yaml": 1}, cwd, operand)


@test
def operand__an_excluded_folder_or_one_below_it__excluded():
    with folder() as top:
        work_tree(top)
        for cwd, operand in (("", "k8s/legacy"), ("", "k8s/legacy/deep/"), ("", top + "/k8s/legacy"), ("k8s/legacy/deep", ".")):
            found, summary = run(os.path.join(top, cwd), operand)
            check_equal((found, excluded(summary)), ([], {"legacy/": 1}), cwd, operand)
        found, summary = run(top, "k8s/legacy", "k8s/web")
        check_equal((found, excluded(summary)), (["k8s/web/a.yaml"], {"legacy/": 1}))


@test
def operand__only_excluded_folders__not_a_success():
    with folder() as top:
        work_tree(top)
        status, _, err = tagmoor("check", "k8s/legacy", cwd=top)
        check(status == 2 and "nothing was evaluated" in err, status, err)


@test
def operand__a_file__always_read():
    with folder() as top:
        work_tree(top)
        found, _ = run(top, "k8s/legacy/b.yaml")
        check_equal(found, ["k8s/legacy/b.yaml"])


@test
def lists__above_the_work_tree_or_outside_of_one__not_read():
    with folder() as top:
        tree(top, "repo/a.yaml", "other/a.yaml", "elsewhere/x", top="*.yaml\n")
        os.mkdir(os.path.join(top, "repo/.git"))
        for operand in ("repo", "other"):
            found, _ = run(os.path.join(top, "elsewhere"), os.path.join(top, operand))
            check_equal(len(found), 1, operand)
        # The current directory is above both, so its list applies.
        for operand in ("repo", "other", top + "/repo"):
            found, summary = run(top, operand)
            check_equal((found, excluded(summary)), ([], {"*.yaml": 1}), operand)


@test
def lists__a_work_tree_that_a_file_names__its_top():
    with folder() as top:
        tree(top, "sub/k8s/a.yaml", top="*.yaml\n")
        os.mkdir(os.path.join(top, ".git"))
        write(os.path.join(top, "sub"), ".git", "gitdir: ../.git/modules/sub\n")
        found, _ = run(os.path.join(top, "sub/k8s"), ".")
        check_equal(found, ["a.yaml"])


@test
def lists__a_deeper_one_includes_again__read():
    with folder() as top:
        work_tree(top)
        write(os.path.join(top, "k8s"), ".tagmoorignore", "!legacy/\n")
        found, _ = run(top, "k8s/legacy")
        check_equal(found, ["k8s/legacy/b.yaml", "k8s/legacy/deep/c.yaml"])


@test
def lists__one_above_is_no_file__an_input_error():
    with folder() as top:
        tree(top, "k8s/a.yaml")
        os.mkdir(os.path.join(top, ".git"))
        os.mkfifo(os.path.join(top, ".tagmoorignore"))
        status, _, err = tagmoor("check", ".", cwd=os.path.join(top, "k8s"))
        check(status == 2 and "is not a regular file" in err, status, err)


@test
def exclude__an_operand__a_folder_only():
    with folder() as top:
        tree(top, "a/x.yaml", "b/x.yaml", "b/c/x.yaml")
        found, summary = run(top, "--exclude", "b", "a", "b")
        check_equal((found, excluded(summary)), (["a/x.yaml"], {"b": 1}))
        # A pattern does not concern the folders above an operand, which were named too.
        found, _ = run(top, "--exclude", "b", "b/c", "b/x.yaml")
        check_equal(found, ["b/c/x.yaml", "b/x.yaml"])
        found, _ = run(top, "--exclude", "x.yaml", "b/x.yaml")
        check_equal(found, ["b/x.yaml"])


@test
def force_exclude__operands_that_a_search_would_exclude():
    with folder() as top:
        work_tree(top)
        tree(top, "vendor/v.yaml", ".idea/h.yaml", ".github/g.yaml", "tests/t.yaml", "k8s/tests/u.yaml")
        names = ["k8s/web/a.yaml", "k8s/legacy/b.yaml", "k8s/legacy/deep/c.yaml", "vendor/v.yaml", ".idea/h.yaml", ".github/g.yaml",
                 "tests/t.yaml", "k8s/tests/u.yaml"]
        for prefix in ("", "./", top + "/"):
            found, summary = run(top, "--force-exclude", "--exclude", "tests/", *[prefix + name for name in names])
            check_equal([os.path.relpath(os.path.join(top, name), top) for name in found], ["k8s/web/a.yaml", ".github/g.yaml"])
            check_equal(excluded(summary), {"legacy/": 2, "vendor/": 1, ".*/": 1, "tests/": 2}, prefix)
        # The files of a search, and all of them as operands, are the same.
        searched, _ = run(top, "--exclude", "tests/", ".")
        named, _ = run(top, "--force-exclude", "--exclude", "tests/", *sorted(names))
        check_equal(searched, named)


@test
def force_exclude__everything__a_warning():
    with folder() as top:
        work_tree(top)
        status, out, err = tagmoor("check", "--force-exclude", "k8s/legacy/b.yaml", cwd=top)
        check(status == 0 and "warning: nothing was evaluated" in err, status, out, err)
        check("excluded 1 (legacy/)" in out and "every file is excluded" in err, out, err)
        status, _, err = tagmoor("check", "--force-exclude", "--fail-if-nothing", "k8s/legacy/b.yaml", cwd=top)
        check(status == 2 and "nothing was evaluated: every file is excluded (--fail-if-nothing)" in err, status, err)


@test
def force_exclude__standard_input__read():
    with folder() as top:
        write(top, ".tagmoorignore", "*\n")
        status, out, _ = tagmoor("check", "--force-exclude", "-", stdin=POD.encode(), cwd=top)
        check(status == 1 and "<stdin>:4" in out, status, out)


@test
def exclude__patterns_that_match_nothing__noted():
    with folder() as top:
        tree(top, "tests/a.yaml", "web/b.yaml")
        args = ("--exclude", "tests/", "--exclude", "tset/", "--exclude", "*.txt", ".")
        _, out, _ = tagmoor("check", *args, cwd=top)
        check("note: --exclude 'tset/' matches no file and no folder" in out, out)
        check("note: --exclude '*.txt'" in out and "--exclude 'tests/'" not in out, out)
        _, summary = run(top, *args)
        check_equal(summary["unusedExcludes"], ["tset/", "*.txt"])


@test
def exclude__a_pattern_that_a_later_one_covers__used():
    with folder() as top:
        tree(top, "a.yaml", "b.yaml", "vendor/c.yaml")
        _, summary = run(top, "--exclude", "a.yaml", "--exclude", "*.yaml", "--exclude", "!vendor", ".")
        check_equal(summary["unusedExcludes"], [])


@test
def include__files_that_need_it__counted_by_format():
    with folder() as top:
        tree(top, "a.yaml")
        for name in ("Dockerfile", "b/Dockerfile.dev", "b/Containerfile", "c/Kustomization", "vendor/Dockerfile"):
            os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
            write(top, name, "FROM nginx\n" if "ile" in name else "images: []\n")
        write(top, "compose.yaml", "services: {a: {image: nginx}}\n")
        write(top, "notes.txt", "nothing\n")
        _, summary = run(top, ".")
        check_equal(summary["notEvaluated"]["filesThatNeedInclude"], {"count": 5, "names": {"dockerfile": 3, "compose": 1, "kustomize": 1}})
        _, out, _ = tagmoor("check", ".", cwd=top)
        check("files that need --include 5 (dockerfile 3, kustomize 1, compose 1)" in out, out)
        _, summary = run(top, "--include", "dockerfile", ".")
        check_equal(summary["notEvaluated"]["filesThatNeedInclude"]["names"], {"compose": 1, "kustomize": 1})


@test
def include__values_as_an_operand__counted_for_helm_values():
    with folder() as top:
        write(top, "v.yaml", "image: {repository: example/web, tag: latest}\n")
        write(top, "package.json", '{"name": "web"}\n')
        write(top, "Chart.yaml", "apiVersion: v2\nname: web\n")
        _, out, _ = tagmoor("check", "v.yaml", "package.json", "Chart.yaml", cwd=top)
        check("other documents 2 (package.json 1, Chart.yaml 1); files that need --include 1 (helm-values)" in out, out)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor import gar|dockerhub|harbor|quay`: the documented shapes of their settings, to what explain then says of tags."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import check, check_fails, folder, main, tagmoor, test, write

POLICY = "version: 1\nenvironments:\n- {name: all, default: true, enforce: build}\n"


def run(registry, settings, *options):
    text = settings if isinstance(settings, bytes) else json.dumps(settings).encode()
    return tagmoor("import", registry, *options, stdin=text)


def entries_of(registry, settings, *options):
    """The entries, which every policy must load without a warning, and what is left out."""
    status, out, err = run(registry, settings, *options)
    check(status == 0, err)
    with folder() as path:
        check(tagmoor("policy", "check", write(path, "policy.yaml", POLICY + out))[::2] == (0, ""), out)
    return out, err


def check_levels(entries, levels):
    with folder() as path:
        status, out, err = tagmoor("explain", "--policy", write(path, "policy.yaml", POLICY + entries), "-o", "tsv", "-",
                                   stdin="\n".join(levels).encode())
    check(status == 0 and err == "", err)
    found = {image: line.split("\t")[2] for image, line in zip(levels, out.splitlines())}
    check(found == levels, found, "is not", levels, entries)


# --- Google Artifact Registry ---
def gar(name, immutable, project="shop", location="europe-west1", **more):
    return {"name": f"projects/{project}/locations/{location}/repositories/{name}", "format": "DOCKER", "mode": "STANDARD_REPOSITORY",
            "dockerConfig": {"immutableTags": True} if immutable else {}, **more}


@test
def gar__immutable_and_others__entry_for_the_former():
    out, err = entries_of("gar", [gar("moving", False), gar("fixed", True), gar("eu.gcr.io", True, location="europe"),
                                  gar("charts", True, format="HELM"), gar("old", False, dockerConfig=None),
                                  gar("team", True, project="example.com:shop")])
    check(err == "" and out.count("- match:") == 1, out)
    check_levels(out, {"europe-west1-docker.pkg.dev/shop/fixed/app:latest": "build", "europe-west1-docker.pkg.dev/shop/fixed/a/b:latest": "build",
                       "europe-west1-docker.pkg.dev/shop/moving/app:latest": "rolling", "eu.gcr.io/shop/app:latest": "build",
                       "europe-docker.pkg.dev/shop/eu.gcr.io/app:latest": "build", "gcr.io/shop/app:latest": "rolling",
                       "europe-west1-docker.pkg.dev/example.com/shop/team/app:latest": "build",
                       "europe-west1-docker.pkg.dev/shop/charts/app:latest": "rolling", "europe-west1-docker.pkg.dev/shop/fixed/app": "rolling"})


@test
def gar__any_order__same_entries():
    some = [gar(f"r{number}", True) for number in range(300)]
    check(entries_of("gar", some) == entries_of("gar", some[::-1]))
    check(entries_of("gar", some)[0].count("- match:") == 3)


@test
def gar__remote_or_virtual__left_out_by_name():
    out, err = entries_of("gar", [gar("mirror", True, mode="REMOTE_REPOSITORY")])
    check("# No repository has such tags." in out and "repositories:" not in out, out)
    check("projects/shop/locations/europe-west1/repositories/mirror: 'REMOTE_REPOSITORY' is left out" in err, err)


@test
def gar__other_shapes__refused():
    for settings, text in [([], "no list of repositories"), ({}, "no list of repositories"), ([{}], "item 0 has no 'name'"), ([7], "item 0 has no"),
                           ([gar("a", True), gar("a/b", True)], "item 1 has no 'name'"), ([gar('a"\n- x', True)], "item 0 has no 'name'"),
                           ([gar("", True)], "item 0 has no"), ([gar("*", True)], "item 0 has no"), (b"", "check whether 'gcloud' failed"),
                           (b"[{", "not JSON (run 'gcloud' with --format=json)"), (b'[{"name": "a", "name": "b"}]', "duplicate")]:
        check_fails(run("gar", settings), text)


# --- Docker Hub ---
def hub(name, rules, enabled=True, namespace="shop"):
    return {"namespace": namespace, "name": name, "is_private": False, "immutable_tags_settings": {"enabled": enabled, "rules": rules}}


@test
def dockerhub__rules__build_if_the_whole_tag_matches():
    out, err = entries_of("dockerhub", [hub("app", ["v.*", "[0-9]+\\.[0-9]+"]), hub("off", ["v.*"], enabled=False), hub("all", [".*"], namespace="library")])
    check(err == "", err)
    check_levels(out, {"shop/app:v1": "build", "docker.io/shop/app:v": "build", "shop/app:1.25": "build", "shop/app:dev-v1": "rolling",
                       "shop/app:latest": "rolling", "shop/off:v1": "rolling", "all:latest": "build"})


@test
def dockerhub__one_or_several_documents__same():
    one, two = hub("a", ["v.*"]), hub("b", ["w.*"])
    text = json.dumps(one).encode()
    check(entries_of("dockerhub", one) == entries_of("dockerhub", [one]) == entries_of("dockerhub", b"\n " + text + b"\n"))
    check(entries_of("dockerhub", [one, two]) == entries_of("dockerhub", text + b"\n" + json.dumps(two).encode()))


@test
def dockerhub__rule_with_another_meaning__left_out_by_name():
    rules = ["(?i)v.*", "(?P<a>v)", "\\pL", "[[:alpha:]]+", "v{,3}", "\\Qv\\E", "a\\z", "(?=v)v", "v(", "x" * 513, "", "\u00e4", "v\n", "[a&&b]", "[]a]"]
    out, err = entries_of("dockerhub", hub("app", rules + ["ok{1,2}", "(?:a|b)-[^.]", 7]))
    check(out.count("build: ['ok{1,2}', '(?:a|b)-[^.]']") == 1, out)
    check(err.count("is left out") == len(rules) + 1 and "'(?i)v.*' is left out: it may have another meaning" in err, err)
    check(len(err.splitlines()) == len(rules) + 1, err)
    check("repositories" not in entries_of("dockerhub", hub("app", ["\\pL"]))[0])
    check("'enabled' is left out: it has no rules" in entries_of("dockerhub", hub("app", []))[1])


@test
def dockerhub__quotes_in_a_rule__stay_text():
    check_levels(entries_of("dockerhub", hub("app", ["it's: [a-z]*"]))[0], {"shop/app:latest": "rolling"})


@test
def dockerhub__other_shapes__refused():
    for settings, text in [({"results": []}, "repository 0 has no 'namespace' and 'name'"), ([], "no repository"), ([[]], "repository 0 has no"),
                           ({"namespace": "a", "name": "b"}, "the list of repositories does not contain them"),
                           (hub("a:b", ["v"]), "repository 0 has no 'namespace'"), (hub("a\"b", ["v"]), "repository 0 has no"),
                           (b"{} x", "not JSON"), (b"  ", "no repository")]:
        check_fails(run("dockerhub", settings), text)
    many = run("dockerhub", hub("app", [f"v{number}" for number in range(300)]))[2]
    check(many.count("has at most 256 items") == 44, many)


# --- Harbor ---
HARBOR = ["--project", "harbor.example.com/shop"]


def rule(tags, repositories="**", decoration="matches", scope="repoMatches", **more):
    return {"id": 1, "project_id": 1, "disabled": False, "priority": 0, "action": "immutable", "template": "immutable_template",
            "tag_selectors": [{"kind": "doublestar", "decoration": decoration, "pattern": tags}],
            "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": scope, "pattern": repositories}]}, **more}


@test
def harbor__matches_and_scopes__entries_by_scope():
    out, err = entries_of("harbor", [rule("v*"), rule("{rel-?,1.*}", "{api,web/**}"), rule("main"), rule("x", disabled=True)], *HARBOR)
    check(err == "" and out.count("- match:") == 2, out)
    at = "harbor.example.com/shop"
    check_levels(out, {f"{at}/app:v1": "build", f"{at}/a/b:main": "build", f"{at}/app:latest": "rolling", f"{at}/app:x": "rolling",
                       f"{at}/app:V1": "rolling", "harbor.example.com/other/app:v1": "rolling"})
    out, _ = entries_of("harbor", [rule("{rel-?,1.*}", "{api,web/**}")], *HARBOR)
    check_levels(out, {f"{at}/api:rel-a": "build", f"{at}/web/x/y:1.x": "build", f"{at}/api:rel-ab": "rolling", f"{at}/web:1.2.3": "release",
                       f"{at}/api:1x2": "rolling", f"{at}/apis:rel-a": "rolling"})


@test
def harbor__excludes__others_are_build():
    out, _ = entries_of("harbor", [rule("dev*", decoration="excludes"), rule("dev-fixed")], *HARBOR)
    at = "harbor.example.com/shop/app"
    check_levels(out, {f"{at}:latest": "build", f"{at}:dev": "rolling", f"{at}:dev-fixed": "rolling", at: "rolling"})


@test
def harbor__without_an_equal__left_out_by_name():
    for one, text in [(rule("v*", scope="repoExcludes"), "no globs for repositories that it does not match"), (rule("v[12]"), "another meaning"),
                      (rule("{a,{b}}"), "another meaning"), (rule("a\\*"), "another meaning"), (rule("a'b\n"), "another meaning"),
                      (rule("v*", "a[12]"), "no equal"), (rule("v*", "a**"), "no equal"), (rule("v*", "a,b"), "no equal"), (rule("v*", 'a"b'), "no equal"),
                      (rule("v*", ""), "no equal"), (rule("v*", decoration="maybe"), "unknown"), (rule("v*", tag_selectors=[]), "one selector"),
                      (rule("v*", scope_selectors={}), "one selector"), (rule("v*" * 70), "another meaning"), ({}, "one selector")]:
        out, err = entries_of("harbor", [one], *HARBOR)
        check("repositories:" not in out and err.count("is left out") == 1 and text in err, one, err)


@test
def harbor__other_shapes__refused():
    for settings, text in [({}, "no list of at most 256 rules"), ([rule("v*")] * 257, "no list of at most 256"), ([7], "rule 0 is not an object")]:
        check_fails(run("harbor", settings, *HARBOR), text)
    for project in ("shop", "harbor.example.com", "harbor.example.com/shop:v1", 'a.b/"c', "", "harbor.example.com/"):
        check_fails(run("harbor", [], "--project", project), "name the registry and the project")


# --- Quay ---
QUAY = ["--project", "quay.io/shop"]


@test
def quay__patterns__of_both_kinds():
    policies = {"policies": [{"uuid": "1", "tagPattern": "v[0-9.]+", "tagPatternMatches": True}]}
    out, err = entries_of("quay", policies, *QUAY)
    check(err == "", err)
    check_levels(out, {"quay.io/shop/app:v1": "build", "quay.io/shop/app:latest": "rolling", "quay.io/other/app:v1": "rolling"})
    out, _ = entries_of("quay", policies["policies"] + [{"tagPattern": "dev-.*", "tagPatternMatches": False}], *QUAY)
    check_levels(out, {"quay.io/shop/app:v1": "build", "quay.io/shop/app:latest": "build", "quay.io/shop/app:dev-1": "rolling"})


@test
def quay__pattern_with_another_meaning__left_out_by_name():
    out, err = entries_of("quay", {"policies": [{"tagPattern": "(?s)v.*", "tagPatternMatches": False}]}, *QUAY)
    check("repositories:" not in out and "quay.io/shop: '(?s)v.*' is left out" in err, out, err)


@test
def quay__other_shapes__refused():
    for settings, text in [({}, "no list of 'policies'"), ([{"tagPattern": "a"}], "policy 0 has no 'tagPattern' and 'tagPatternMatches'"),
                           ([{"tagPattern": "", "tagPatternMatches": True}], "policy 0 has no"), ([7], "policy 0 has no")]:
        check_fails(run("quay", settings, *QUAY), text)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor import ecr`: the documented shapes of `aws ecr describe-repositories`, to what explain then says of tags."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import check, check_fails, folder, main, tagmoor, test, write

HOST = "123456789012.dkr.ecr.eu-west-2.amazonaws.com"
DUAL = "123456789012.dkr-ecr.eu-west-2.on.aws"
POLICY = "version: 1\nenvironments:\n- {name: all, default: true, enforce: build}\n"


def repository(name, mode=None, filters=None, **more):
    """As API_Repository and API_ImageTagMutabilityExclusionFilter of the ECR API reference have it."""
    entry = {
        "repositoryArn": f"arn:aws:ecr:eu-west-2:123456789012:repository/{name}",
        "registryId": "123456789012",
        "repositoryName": name,
        "repositoryUri": f"{HOST}/{name}",
        "createdAt": "2025-07-23T10:20:30.123000+01:00",
        "imageTagMutability": mode,
        "imageTagMutabilityExclusionFilters": filters and [{"filterType": "WILDCARD", "filter": one} for one in filters],
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    entry.update(more)
    return {key: value for key, value in entry.items() if value is not None}


ALL = [
    repository("plain", "MUTABLE"),
    repository("older-api"),
    repository("fixed/app", "IMMUTABLE"),
    repository("another-fixed", "IMMUTABLE"),
    repository("moving-latest", "IMMUTABLE_WITH_EXCLUSION", ["latest", "dev-*"]),
    repository("moving-latest-too", "IMMUTABLE_WITH_EXCLUSION", ["dev-*", "latest"]),
    repository("releases", "MUTABLE_WITH_EXCLUSION", ["v*.0", "prod-*-*"]),
]


def run(repositories, whole=True):
    document = {"repositories": repositories} if whole else repositories
    return tagmoor("import", "ecr", stdin=json.dumps(document).encode())


def explained(entries, images, **more):
    with folder() as path:
        status, out, err = tagmoor("explain", "--policy", write(path, "policy.yaml", POLICY + entries), "-o", "tsv", "-",
                                   stdin="\n".join(images).encode(), **more)
    check(status == 0 and err == "", err)
    return [line.split("\t")[1:3] for line in out.splitlines()]


@test
def modes__all_four__entries_sorted_and_shared():
    status, out, err = run(ALL)
    check(status == 0 and err == "", err)
    check(out.split("repositories:\n", 1)[1] == f"""\
- match:
  - "{HOST}/another-fixed"
  - "{DUAL}/another-fixed"
  - "{HOST}/fixed/app"
  - "{DUAL}/fixed/app"
  reason: "Amazon ECR: IMMUTABLE"
  otherwise: build
- match:
  - "{HOST}/moving-latest"
  - "{DUAL}/moving-latest"
  - "{HOST}/moving-latest-too"
  - "{DUAL}/moving-latest-too"
  reason: "Amazon ECR: IMMUTABLE_WITH_EXCLUSION"
  rolling: ['(?i)dev-.*', '(?i)latest']
  otherwise: build
- match:
  - "{HOST}/releases"
  - "{DUAL}/releases"
  reason: "Amazon ECR: MUTABLE_WITH_EXCLUSION"
  build: ['prod-.*-.*', 'v.*\\.0']
""", out)
    check(f"""\
# Mutable repositories, whose tags are classified by their form:
#   {HOST}/older-api
#   {HOST}/plain
repositories:
""" in out, out)
    check(run(list(reversed(ALL)))[1] == out, "the order of the input shows")
    check(run(ALL, whole=False)[1] == out, "a list alone, as --query repositories prints it")
    check(run(ALL + ALL)[1] == out, "what stands twice")
    with folder() as path:
        file = write(path, "repositories.json", json.dumps({"repositories": ALL}, indent=4))
        check(tagmoor("import", "ecr", file)[1] == out)


@test
def entries__in_a_policy__load_without_a_warning_and_say_what_the_registry_does():
    entries = run(ALL)[1]
    for name, tag, level in [("fixed/app", "latest", "build"), ("fixed/app", "anything", "build"), ("fixed/app", "", "rolling"),
                             ("moving-latest", "latest", "rolling"), ("moving-latest", "Latest", "rolling"),
                             ("moving-latest", "latest-2", "build"), ("moving-latest", "dev-7", "rolling"),
                             ("moving-latest", "dev", "build"), ("moving-latest", "my-dev-7", "build"),
                             ("releases", "v1.0", "build"), ("releases", "v100", "rolling"), ("releases", "v1.0.1", "release"),
                             ("releases", "prod-a-b", "build"), ("releases", "PROD-a-b", "rolling"), ("releases", "latest", "rolling"),
                             ("plain", "latest", "rolling"), ("plain", "1.2.3", "release"), ("older-api", "stable", "rolling"),
                             ("fixed/app-other", "latest", "rolling")]:
        image = f"{HOST}/{name}" + (f":{tag}" if tag else "")
        found = explained(entries, [image])[0][1]
        check(found == level, image, found, "instead of", level)


@test
def hosts__every_spelling__same_level():
    uri = "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/app"
    entries = run([repository("app", "IMMUTABLE", repositoryUri=uri)] * 70 + [repository("b", "IMMUTABLE")])[1]
    hosts = ["dkr.ecr.us-gov-west-1.amazonaws.com", "dkr-ecr.us-gov-west-1.on.aws", "dkr.ecr-fips.us-gov-west-1.amazonaws.com",
             "dkr-ecr-fips.us-gov-west-1.on.aws"]
    check(explained(entries, [f"123456789012.{host}/app:latest" for host in hosts]) == [["repository", "build"]] * 4, entries)
    check(explained(entries, ["123456789012.dkr.ecr-fips.eu-west-2.amazonaws.com/b:latest"]) == [["channel", "rolling"]])
    for uri in ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app", "registry.example.com/.dkr.ecr.x.amazonaws.com/app"):
        entries = run([repository("app", "IMMUTABLE", repositoryUri=uri)])
        check(entries[0] == 2 or entries[1].count('  - "') == 1, entries)


@test
def mutable__alone__no_entry_and_a_policy_still():
    entries = run(ALL[:2])[1]
    check(all(line.startswith("#") for line in entries.splitlines()) and entries.count(HOST) == 2, entries)
    check(explained(entries, [f"{HOST}/plain:latest"]) == [["channel", "rolling"]])


@test
def many__64_names_an_entry():
    entries = run([repository(f"app-{number}", "IMMUTABLE") for number in range(600)])[1]
    check(entries.count("- match:") == 10 and entries.count(HOST) == entries.count(DUAL) == 600)
    check(explained(entries, [f"{HOST}/app-599:latest"]) == [["repository", "build"]])


@test
def unknown__refused_by_name():
    for entry, text in [(repository("app", "IMMUTABLE_MOSTLY"), "/app': unknown imageTagMutability 'IMMUTABLE_MOSTLY'"),
                        (repository("app", 7), "unknown imageTagMutability ''"),
                        (repository("app", "IMMUTABLE_WITH_EXCLUSION"), "IMMUTABLE_WITH_EXCLUSION has 1 to 5"),
                        (repository("app", "MUTABLE_WITH_EXCLUSION", ["a", "b", "c", "d", "e", "f"]), "MUTABLE_WITH_EXCLUSION has 1 to 5"),
                        (repository("app", "IMMUTABLE", ["latest"]), "IMMUTABLE has no imageTagMutabilityExclusionFilters"),
                        (repository("app", "MUTABLE", ["latest"]), "MUTABLE has no"),
                        (repository("app", "MUTABLE", imageTagMutabilityExclusionFilters="latest"), "MUTABLE has no"),
                        (repository("app", "IMMUTABLE_WITH_EXCLUSION", ["a'b"]), "invalid filter (1 to 128 letters, digits"),
                        (repository("app", "IMMUTABLE_WITH_EXCLUSION", [""]), "invalid filter (1 to 128"),
                        (repository("app", "IMMUTABLE_WITH_EXCLUSION", ["a" * 129]), "invalid filter (1 to 128"),
                        (repository("app", "IMMUTABLE_WITH_EXCLUSION", imageTagMutabilityExclusionFilters=[
                            {"filterType": "REGEX", "filter": "a"}]), "unknown filterType 'REGEX'"),
                        (repository("app", "IMMUTABLE", repositoryUri="app"), "repositories[0] has no 'repositoryUri'"),
                        (repository("app", "IMMUTABLE", repositoryUri=HOST + "/**"), "repositories[0] has no 'repositoryUri'"),
                        (repository("app", "IMMUTABLE", repositoryUri=HOST + "/app:latest"), "repositories[0] has no 'repositoryUri'"),
                        (repository("app", "IMMUTABLE", repositoryUri=HOST + '/a"\n- x'), "repositories[0] has no 'repositoryUri'"),
                        ({}, "repositories[0] has no 'repositoryUri'"), (7, "repositories[0] has no 'repositoryUri'")]:
        check_fails(run([entry]), text)
    check(run([repository("app", "IMMUTABLE_WITH_EXCLUSION", ["a" * 128, "b", "c", "d", "e"])])[0] == 0)


@test
def input__not_what_aws_prints__said():
    for text, said in [(b"", "import: standard input is empty"), (b'{"repositories": [', "not JSON"), (b"{}", "no list of 'repositories'"),
                       (b'{"repositories": []}', "the list of 'repositories' is empty"), (b"[]", "the list of 'repositories' is empty"), (b'"x"', "not JSON"),
                       (b'{"repositories": {}}', "no list of 'repositories'")]:
        check_fails(tagmoor("import", "ecr", stdin=text), said)
    with folder() as path:
        file = write(path, "repositories.json", '{"repositories":\n x}')
        check_fails(tagmoor("import", "ecr", file), f"import: {file}:2:2: not JSON (run 'aws' with --output json)")
        check_fails(tagmoor("import", "ecr", write(path, "a.json", "{}")), f"import: {path}/a.json: no list of 'repositories'")
    for key in ("nextToken", "NextToken"):
        check_fails(tagmoor("import", "ecr", stdin=json.dumps({"repositories": ALL, key: "abc"}).encode()), "the list is incomplete ('nextToken')")
    check(tagmoor("import", "ecr", stdin=json.dumps({"repositories": ALL, "nextToken": None}).encode())[0] == 0)


@test
def usage__wrong__2():
    for words in ([], ["acr"], ["ecr", "a", "b"], ["ecr", "--project", "a.b/c"], ["harbor"], ["quay"]):
        check_fails(tagmoor("import", *words), "see 'tagmoor import --help'")
    check_fails(tagmoor("import", "ecr", "/no/such"), "cannot open '/no/such'")
    check_fails(tagmoor("import", "ecr", stdin=b" " * ((64 << 20) + 1)), "larger than 67108864 bytes")


main()

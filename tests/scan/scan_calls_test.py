#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor scan` over clusters that a kubectl of our own answers for (tests/scan/kubectl): which calls it
makes, and what follows if one fails."""
import os
import tempfile

from fake_cluster import deployment, example
from harness import KUBECTL, check, check_equal, main, scan, test, write


@test
def pages__together_say_what_one_page_says():
    whole = scan(example())
    paged = scan(example(), "-A", "--chunk-size", "2")
    check_equal(paged.json, whole.json)
    check(len(paged.addresses) > len(whole.addresses) + 10, paged.addresses)
    check(any("limit=2&continue=" in address for address in paged.addresses), paged.addresses)


@test
def list_that_expires__says_what_to_do():
    cluster = {"objects": example(), "failing": {
        "pods": (410, "Expired", "The provided continue parameter is too old to display a consistent list result.")}}
    result = scan(cluster, "-A", "--chunk-size", "2")
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["pods"]), result)
    check("scan again with a larger --chunk-size" in result.err, result)


@test
def list_that_may_not_be_read__passed_on_and_the_others_judged():
    cluster = {"objects": example(), "failing": {
        "deployments.apps": (403, "Forbidden", 'deployments.apps is forbidden: User "me" cannot list')}}
    result = scan(cluster)
    check_equal(result.status, 2)
    check_equal(result.json["errors"], [{"list": "deployments.apps", "text": (
        f"'{KUBECTL}' failed with status 1: Error from server (Forbidden): deployments.apps is forbidden: "
        'User "me" cannot list')[:255]}])
    check('Error from server (Forbidden): deployments.apps is forbidden: User "me" cannot list\n' in result.err, result)
    check("tagmoor: scan: cannot read deployments.apps: '" in result.err, result)
    check("shop CronJob nightly run busybox" in result.denied, result)
    check("could not be read: 1 list, see standard error" in scan(cluster, output="text").out)


@test
def kubectl_that_is_not_there__said():
    result = scan(example(), kubectl="/nowhere/kubectl")
    check_equal((result.status, result.out), (2, ""))
    check_equal(result.err, "tagmoor: scan: cannot run '/nowhere/kubectl': No such file or directory\n")


@test
def kubectl_that_fails_at_once__passed_on_and_nothing_printed():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", "#!/bin/sh\necho 'error: no configuration has been provided' >&2\nexit 1\n")
        os.chmod(path, 0o755)
        result = scan(example(), kubectl=path)
    check_equal((result.status, result.out), (2, ""))
    check(result.err.startswith("error: no configuration has been provided\ntagmoor: scan: "), result)
    check_equal(result.err.splitlines()[1:], [f"tagmoor: scan: '{path}' failed with status 1"])


@test
def kubectl_that_is_killed__said():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", "#!/bin/sh\nkill -9 $$\n")
        os.chmod(path, 0o755)
        result = scan(example(), kubectl=path)
    check(result.status == 2 and "was terminated by signal 9" in result.err, result)


@test
def kubectl_that_prints_no_json__said():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", f'#!/bin/sh\ncase "$*" in *pods*) echo "<html>";; *) exec {KUBECTL} "$@";; esac\n')
        os.chmod(path, 0o755)
        result = scan(example(), kubectl=path)
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["pods"]), result)


@test
def noise_of_a_kubectl_that_works__passed_on_and_nothing_else():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", f'#!/bin/sh\necho "W1122 a warning" >&2\nexec {KUBECTL} "$@"\n')
        os.chmod(path, 0o755)
        result = scan(deployment("shop", "web", web="nginx:1.2.3"), kubectl=path)
    check(result.status == 0 and set(result.err.splitlines()) == {"W1122 a warning"}, result)


@test
def noise_of_kubectl__outside_a_terminal__escaped_line_by_line():
    noise = r"::error::x\n\033[31m##[add-mask]y\nno end"
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "kubectl", f"#!/bin/sh\nprintf '{noise}' >&2\nexec {KUBECTL} \"$@\"\n")
        os.chmod(path, 0o755)
        result = scan(deployment("shop", "web", web="nginx:1.2.3"), kubectl=path)
    check_equal(set(result.err.splitlines()), {r"\x3a:error::x", r"\x1b[31m##\x5badd-mask]y", "no end"}, result)


@test
def options_of_kubectl__passed_to_every_call():
    words = ["--kubeconfig", "/k", "--context", "c", "--as", "me", "--request-timeout", "9s"]
    result = scan(example(), "-A", *words)
    check_equal([call[-8:] for call in result.calls], [words] * len(result.calls))


@test
def group_that_does_not_answer__matters_where_it_holds_images():
    for group, status in (("metrics.k8s.io/v1beta1", 0), ("argoproj.io/v1alpha1", 2), ("apps/v1", 2)):
        text = f"{group}: the server is currently unable to handle the request"
        result = scan({"objects": deployment("shop", "web", web="nginx:1.2.3"),
                       "failing": {"api-resources": (503, "ServiceUnavailable", text)}})
        check_equal(result.status, status, group, result)
        check(text in result.err, result)


@test
def custom_resources_that_the_cluster_lacks__are_not_asked_for():
    result = scan({"objects": example(), "custom": []})
    check(not any("argoproj" in address for address in result.addresses), result.addresses)
    check_equal(result.err, "")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The alerts: as the chart renders them, in the runbook, and each in a test of promtool."""
import re
import tempfile

import yaml

from chart import CHART, TOP, check, check_equal, check_fails, main, render, test, tool

RUNBOOK = f"{TOP}/deploy/runbook.md"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


RULES = yaml.safe_load(read(f"{CHART}/files/alerts.yaml"))["groups"][0]["rules"]


def rendered_rules(values):
    spec = render({"prometheusRule": {"enabled": True, **values}})["PrometheusRule", "tagmoor"]["spec"]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(spec, file)
        file.flush()
        done = tool("promtool", "check", "rules", file.name)
        check_equal(done.returncode, 0, done.stdout, done.stderr)
    return spec["groups"][0]["rules"]


@test
def rules__by_default__are_those_of_the_file():
    check_equal(rendered_rules({}), RULES)


@test
def rules__with_matchers__select_one_cluster_in_every_expression():
    rules = rendered_rules({"matchers": {"cluster": "prod-eu", "env": "a\"b"}})
    for rule in rules:
        selectors = re.findall(r"(?:tagmoor|apiserver)_\w+(\{[^}]*)", rule["expr"])
        check(selectors, rule["expr"])
        for selector in selectors:
            check(selector.startswith('{cluster="prod-eu",env="a\\"b",'), rule["alert"], selector)
        check_equal((rule["labels"]["cluster"], rule["labels"]["env"]), ("prod-eu", 'a"b'))
    check_equal([rule["alert"] for rule in rules], [rule["alert"] for rule in RULES])


@test
def rules__with_another_runbook__name_it():
    for rule in rendered_rules({"runbook": "https://wiki.example.com/tagmoor"}):
        check(re.fullmatch(r"https://wiki\.example\.com/tagmoor#[a-z]+", rule["annotations"]["runbook_url"]), rule["annotations"])


@test
def matchers__of_a_bad_name__fail():
    check_fails({"prometheusRule": {"matchers": {"a-b": "c"}}}, "invalid propertyName 'a-b'")


@test
def expressions__every_selector__has_braces():
    for rule in RULES:
        check_equal(re.findall(r"(?:tagmoor|apiserver)_[a-z_]+(?!\w|\{)", re.sub(r'"[^"]*"', "", rule["expr"])), [], rule["alert"])


@test
def runbook__each_alert__has_a_section():
    sections = dict(re.findall(r"^## (\w+)\n\n(.*?)(?=^## |\Z)", read(RUNBOOK), re.M | re.S))
    anchors = {name.lower(): name for name in sections}
    used = set()
    for rule in RULES:
        anchor = rule["annotations"]["runbook_url"].partition("#")[2]
        check(anchor in anchors, rule["alert"], "has no section in the runbook")
        used.add(anchors[anchor])
        check(rule["alert"].lower().startswith(anchor), rule["alert"], anchor)
        check(len(sections[anchors[anchor]].split()) > 40, anchor, "is too short")
    check_equal(used, set(sections))


@test
def promtool__each_alert__fires_in_a_test_and_is_silent_in_one():
    tests = read(f"{CHART}/tests/alerts.yaml") + read(f"{CHART}/tests/alerts-days.yaml")
    for rule in RULES:
        check(re.search(rf'alertname="{rule["alert"]}"[^\n]*value: [1-9]|alertname: {rule["alert"]}\n', tests), rule["alert"])
    check(tests.count("exp_samples: []") > 10)


@test
def alerts__each__have_a_severity_and_texts():
    for rule in RULES:
        check(rule["labels"]["severity"] in ("info", "warning", "critical"), rule["alert"])
        check(rule["annotations"]["summary"] and rule["annotations"]["description"].endswith("."), rule["alert"])


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Grafana dashboard: variables for cluster and environment, which every query uses."""
import json
import re

from chart import CHART, TOP, check, check_equal, main, render, test


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


DASHBOARD = json.loads(read(f"{CHART}/files/dashboard.json"))
VARIABLES = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def labels_of():
    """The labels of each metric, by tagmoor-output(5)."""
    found = re.findall(r"^\.It Va (tagmoor_\w+) No \w+(?: Brq (.*))?$", read(f"{TOP}/cmd/tagmoor-output.5"), re.M)
    return {name: set(labels.split(" , ")) for name, labels in found}


@test
def variables__cluster_and_environment__have_all_values():
    check_equal(list(VARIABLES), ["datasource", "cluster", "environment"])
    for name in ("cluster", "environment"):
        one = VARIABLES[name]
        check(one["includeAll"] and one["multi"] and one["allValue"] == ".*", one)
        check_equal(one["datasource"]["uid"], "${datasource}")
        check(re.fullmatch(rf"label_values\(tagmoor_\w+(\{{.*\}})?, {name}\)", one["query"]["query"]), one["query"])
    check('cluster=~"$cluster"' in VARIABLES["environment"]["query"]["query"])


@test
def queries__each_selector__has_the_labels_of_the_variables():
    labels = labels_of()
    check("environment" in labels["tagmoor_reviews_total"], labels)
    count = 0
    for expression in EXPRESSIONS:
        for name, selector in re.findall(r"(tagmoor_\w+)(\{[^}]*\})?", expression):
            metric = re.sub(r"_bucket$", "", name)
            check('cluster=~"$cluster"' in selector, expression)
            check_equal('environment=~"$environment"' in selector, "environment" in labels[metric], expression)
            count += 1
    check(count >= len(EXPRESSIONS))


@test
def metrics__of_modes_and_permanent_exemptions__have_a_panel():
    for name in ("tagmoor_policy_mode", "tagmoor_exemption_permanent"):
        check(any(name in expression for expression in EXPRESSIONS), name)


@test
def panels__positions_and_numbers__are_unique():
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    check_equal(len(set(places)), len(places))
    check_equal(len({panel["id"] for panel in DASHBOARD["panels"]}), len(places))


@test
def config_map__contains_the_dashboard():
    found = render({"dashboard": {"enabled": True}})["ConfigMap", "tagmoor-dashboard"]["data"]["tagmoor.json"]
    check_equal(json.loads(found), DASHBOARD)


main()

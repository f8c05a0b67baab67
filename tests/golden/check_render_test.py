#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The lines that `tagmoor check` shows of what helm rendered: those of the template, or none with a number."""
import os

from cli import check, folder, main, tagmoor, test, write

OUTPUT = "---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - image: nginx:main\n"


def run(template):
    with folder() as where:
        os.makedirs(os.path.join(where, "web/templates"))
        write(where, "web/templates/a.yaml", template)
        _, out, _ = tagmoor("check", "-", stdin=OUTPUT.encode(), cwd=where)
    return out.splitlines()


@test
def excerpt__a_line_of_the_template__with_its_number():
    lines = run("a: b\n  image: {{ .Values.image }}\n")
    check(lines[0].startswith("web/templates/a.yaml:2:10: denied"), lines)
    check(lines[1] == "    2 |   image: {{ .Values.image }}" and lines[3].strip() == "rendered as line 8 of standard input", lines)


@test
def excerpt__no_line_of_the_template__a_line_of_the_output_without_a_number():
    lines = run("{{ include \"web.pod\" . }}\n")
    check(lines[0].startswith("web/templates/a.yaml:1:1: denied"), lines)
    check(lines[1] == "      |   - image: nginx:main" and lines[3].strip() == "rendered as line 8 of standard input", lines)


@test
def excerpt__a_line_that_is_too_long_to_keep__none():
    for size, has_excerpt in ((60_000, True), (70_000, False)):
        lines = run("  image: {{ \"%s\" | quote }}\n" % ("x" * size))
        check(lines[0].startswith("web/templates/a.yaml:1:10: denied"), lines[0])
        check(lines[1].startswith("    1 | ") == has_excerpt, size, lines[1][:100])


@test
def missing_tool__one_and_several__what_it_was_needed_for():
    with folder() as where:
        for name, said in (("a", "cannot find 'helm' in PATH, so the chart 'a' is not rendered: "),
                           ("b", "so the chart 'a' and 1 other are not rendered: "), ("c", "so the chart 'a' and 2 others are not rendered: ")):
            os.makedirs(os.path.join(where, name))
            write(where, f"{name}/Chart.yaml", "apiVersion: v2\nname: web\n")
            status, _, err = tagmoor("check", "--render", ".", cwd=where, env={"PATH": where})
            check(status == 2 and said in err, status, err)


main()

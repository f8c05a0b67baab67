#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/layers on made-up trees: a clean one, and one with each kind of fault."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from tap import check, check_equal, main, test  # noqa: E402

CLEAN = {
    "policy/base/buf.h": "void moor_buf_init(void);\n",
    "policy/base/buf.c": '#include "policy/base/buf.h"\nvoid moor_buf_init(void)\n{\n}\n',
    "policy/json/writer.h": '#include "policy/base/buf.h"\n',
    "webhook/http/server.h": '#include <h2o.h>\n#include "policy/base/buf.h"\n',
    "cmd/serve.c": '#include "webhook/http/server.h"\n/* #include "cmd/none.h" */\n',
}


def layers(changes):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **changes}.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([os.path.join(HERE, "..", "layers"), folder], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


def check_found(changes, *parts):
    status, out = layers(changes)
    check_equal(status, 1, out)
    check_equal(len(out.splitlines()), 1, out)
    for part in parts:
        check(part in out, part, "is not in", out)


@test
def clean_tree__passes():
    status, out = layers({})
    check_equal(status, 0, out)


@test
def include_against_the_direction__found():
    check_found({"policy/json/writer.h": '\n#include "cmd/serve.h"\n'}, "policy/json/writer.h:2: policy/json may not include cmd/serve.h")


@test
def include_of_a_room_beside__found():
    check_found({"policy/json/form.h": '#include "policy/image/tag.h"\n'}, "policy/json may not include policy/image/tag.h")


@test
def circle_of_headers__found():
    check_found({"policy/base/arena.h": '#include "policy/base/glob.h"\n', "policy/base/glob.h": '#include "policy/base/arena.h"\n'},
                "cycle", "policy/base/arena, policy/base/glob")


@test
def circle_through_a_source__found():
    check_found({"policy/base/arena.h": "\n", "policy/base/arena.c": '#include "policy/base/glob.h"\n',
                 "policy/base/glob.h": '#include "policy/base/arena.h"\n'}, "cycle")


@test
def function_of_another_source__found():
    check_found({"policy/base/glob.h": "\nvoid moor_buf_free(void);\n", "policy/base/buf_free.c": "void moor_buf_free(void)\n{\n}\n"},
                "policy/base/glob.h:2: moor_buf_free() is defined in policy/base/buf_free.c")


@test
def second_header_with_the_library__found():
    check_found({"webhook/http/loop.h": "#include <h2o.h>\n"}, "<h2o.h>", "webhook/http/loop.h", "webhook/http/server.h")


main()

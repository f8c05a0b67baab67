#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""table.py - writes policy/base/utf8_table.h, the characters that are never printed, to standard output.

The categories come from Python's unicodedata, so the table follows the Unicode version of the Python that
runs this.  Debian 12 has Python 3.11 with Unicode 14.0.0.  An older version escapes more, never less: a
character that it does not know is unassigned (Cn).
"""
import unicodedata

# Controls, format characters, private use, surrogates, unassigned and noncharacters, line and paragraph ends.
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
COLUMNS = 100

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8_table - the code points that outputs show as escapes; written by tests/unicode/table.py.
 *
 * Unicode {version}, general categories {categories}.
 *
 * Hidden and shown code points take turns: each number is the low 16 bits of the first code point
 * of a turn, hidden ones at even indexes of `moor_utf8_turns`, counted from U+0000.
 *
 * Threads:  constant.
 * Memory:   static.
 */
#ifndef MOOR_POLICY_BASE_UTF8_TABLE_H
#define MOOR_POLICY_BASE_UTF8_TABLE_H

#include <stdint.h>

/* clang-format off */
"""


def is_hidden(point, data=unicodedata):
    return data.category(chr(point)) in HIDDEN


def turns():
    """The first code points of all turns; U+0000 is hidden."""
    return [point for point in range(0x110000) if point == 0 or is_hidden(point) != is_hidden(point - 1)]


def rows(numbers):
    line = "   "
    for number in numbers:
        word = f" {number},"
        if len(line) + len(word) > COLUMNS:
            yield line
            line = "   "
        line += word
    yield line


def array(name, numbers):
    return f"static const uint16_t {name}[] = {{\n" + "\n".join(rows(numbers)) + "\n};\n"


def table():
    points = turns()
    planes = [sum(point < plane << 16 for point in points) for plane in range(18)]
    head = HEAD.format(version=unicodedata.unidata_version, categories=", ".join(sorted(HIDDEN)))
    return (head + array("moor_utf8_turns", [f"0x{point & 0xffff:x}" for point in points]) +
            "\n/* The index of each plane's first turn, and the number of all. */\n" +
            array("moor_utf8_planes", planes) + "/* clang-format on */\n\n#endif\n")


if __name__ == "__main__":
    print(table(), end="")

# SPDX-License-Identifier: Apache-2.0
"""yaml_flow - writes a value as YAML in flow style, with quotes only where they are needed."""
import json
import re

PLAIN = re.compile(r"[A-Za-z/$][\w./@*$+=()-]*(?:[: ][\w./@*$+=()-]+)*")
OTHERS = re.compile(r"(?:true|false|null|yes|no|on|off|y|n|~)", re.IGNORECASE)


def scalar(value):
    if isinstance(value, str) and PLAIN.fullmatch(value) and not OTHERS.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=not isinstance(value, str) or not value.isprintable())


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def folded(value, indent, width=120):
    """The same, a member or item a line where it does not fit into one."""
    line = flow(value)
    if len(line) + indent <= width or not isinstance(value, (dict, list)):
        return line
    if isinstance(value, list):
        parts, (first, last) = [folded(item, indent + 2, width) for item in value], "[]"
    else:
        parts, (first, last) = [f"{scalar(key)}: {folded(item, indent + 2, width)}" for key, item in value.items()], "{}"
    return f"{first}\n" + ",\n".join(" " * indent + part for part in parts) + last

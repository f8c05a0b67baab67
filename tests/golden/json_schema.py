"""As much of JSON Schema 2020-12 as `tagmoor policy schema` uses; a keyword that is not known here is an error."""
import re

ANNOTATIONS = {"$schema", "$defs", "title", "description"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": is_number,
    "integer": lambda value: is_number(value) and value == int(value),
    "null": lambda value: value is None,
}


def same(left, right):
    return type(left) is type(right) and left == right


def contains(schema, value, root):
    count = sum(accepts(schema["contains"], item, root) for item in value)
    return schema.get("minContains", 1) <= count <= schema.get("maxContains", len(value))


def additional(schema, value, root):
    more = [key for key in value if key not in schema.get("properties", {})]
    if schema["additionalProperties"] is False:
        return not more
    return all(accepts(schema["additionalProperties"], value[key], root) for key in more)


def resolve(reference, root):
    for name in reference.removeprefix("#/").split("/"):
        root = root[name]
    return root


# keyword: (what it speaks about, whether the value is as it says)
KEYWORDS = {
    "$ref": (None, lambda s, v, r: accepts(resolve(s["$ref"], r), v, r)),
    "type": (None, lambda s, v, r: any(TYPES[t](v) for t in ([s["type"]] if isinstance(s["type"], str) else s["type"]))),
    "enum": (None, lambda s, v, r: any(same(v, word) for word in s["enum"])),
    "const": (None, lambda s, v, r: same(v, s["const"])),
    "anyOf": (None, lambda s, v, r: any(accepts(one, v, r) for one in s["anyOf"])),
    "oneOf": (None, lambda s, v, r: sum(accepts(one, v, r) for one in s["oneOf"]) == 1),
    "minimum": ("number", lambda s, v, r: v >= s["minimum"]),
    "maximum": ("number", lambda s, v, r: v <= s["maximum"]),
    "minLength": ("string", lambda s, v, r: len(v) >= s["minLength"]),
    "maxLength": ("string", lambda s, v, r: len(v) <= s["maxLength"]),
    "pattern": ("string", lambda s, v, r: re.search(s["pattern"].replace("$", r"\Z"), v) is not None),
    "minItems": ("array", lambda s, v, r: len(v) >= s["minItems"]),
    "maxItems": ("array", lambda s, v, r: len(v) <= s["maxItems"]),
    "items": ("array", lambda s, v, r: all(accepts(s["items"], item, r) for item in v)),
    "contains": ("array", contains),
    "minContains": ("array", lambda s, v, r: "contains" in s),
    "maxContains": ("array", lambda s, v, r: "contains" in s),
    "required": ("object", lambda s, v, r: all(key in v for key in s["required"])),
    "properties": ("object", lambda s, v, r: all(accepts(one, v[key], r) for key, one in s["properties"].items() if key in v)),
    "additionalProperties": ("object", additional),
    "minProperties": ("object", lambda s, v, r: len(v) >= s["minProperties"]),
    "maxProperties": ("object", lambda s, v, r: len(v) <= s["maxProperties"]),
    "propertyNames": ("object", lambda s, v, r: all(accepts(s["propertyNames"], key, r) for key in v)),
}


def accepts(schema, value, root=None):
    """Whether the schema accepts the value."""
    root = schema if root is None else root
    for keyword in schema.keys() - ANNOTATIONS:
        kind, holds = KEYWORDS[keyword]
        if (kind is None or TYPES[kind](value)) and not holds(schema, value, root):
            return False
    return True

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Validates JSON documents with python3-jsonschema.

validate.py SCHEMA FILE...       every FILE ("-": standard input) is valid, and has no key that the schema does not describe
validate.py --lines SCHEMA FILE...  every line of every FILE is
validate.py --mutate SCHEMA FILE every way to break FILE (a key lacking, a key too many, a wrong
                                 type, an unknown word) is noticed
validate.py --open SCHEMA FILE   the schema as it is installed allows a key more in each object
validate.py --covers SCHEMA FILE...  each key of the schema has a value in one of the FILEs (*.jsonl: lines)
"""

import copy
import json
import pathlib
import sys
import urllib.parse
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # RefResolver, in later versions
    import jsonschema
    from jsonschema import RefResolver

# urljoin() of RefResolver: a fragment beside a URN is one of that document.
urllib.parse.uses_relative.append("urn")

# Slots of frames that were not sent, and what a list lacks that could ask a PF.
OPTIONAL = {"unread", "error", "vlan_unicast", "vlan_broadcast", "vlan_multicast", "vlan_own", "vlan_free"}

# A word of a command may be empty, and so may a line of the text.
MAY_BE_EMPTY = {"commands", "undo", "lines"}


def close(node):
    """No object takes a key that is not described: what nfprobe may add, the tests must hear of."""
    if isinstance(node, dict):
        if "properties" in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            close(value)
    elif isinstance(node, list):
        for value in node:
            close(value)
    return node


def read(path, strict):
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    return close(schema) if strict else schema


def validator(path, strict=True):
    schema = read(path, strict)
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    # The schema urn:nfprobe:schema:NAME:N is the file nfprobe-NAME.schema.json beside this one.
    beside = lambda uri: read(pathlib.Path(path).parent / f"nfprobe-{uri.split(':')[3]}.schema.json", strict)
    return cls(schema, resolver=RefResolver(schema.get("$id", ""), schema, handlers={"urn": beside}))


def load(path):
    if path == "-":
        return json.load(sys.stdin)
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def documents(path, lines):
    if not lines:
        return [load(path)]
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def check(schema, files, lines=False):
    v = validator(schema)
    bad = 0
    for path in files:
        for document in documents(path, lines):
            for error in v.iter_errors(document):
                where = "/".join(str(p) for p in error.absolute_path)
                print(f"{path}: {where}: {error.message}")
                bad += 1
    return bad


def nodes(value, path=()):
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from nodes(child, path + (key,))
    elif isinstance(value, list):
        # Two of a list stand for the rest: the schema of all is one.
        for i, child in enumerate(value[:2]):
            yield from nodes(child, path + (i,))


def changed(document, path, change):
    result = copy.deepcopy(document)
    node = result
    for key in path:
        node = node[key]
    change(node)
    return result


def breakages(document):
    """(what, broken document) for every object and every leaf of it."""
    for path, value in nodes(document):
        where = "/".join(str(p) for p in path)
        if path and path[-1] == "unread":  # any key, and any reason
            continue
        if isinstance(value, dict):
            yield f"{where}: a key too many", changed(document, path, lambda n: n.update(extra=1))
            for key in value:
                if path and path[-1] == "verdicts":  # those that occur
                    break
                if key in OPTIONAL and (key != "error" or path[:1] == ("pfs",)):
                    continue
                yield f"{where}: no {key}", changed(document, path, lambda n, k=key: n.pop(k))
        if path:
            put = lambda new: changed(
                document, path[:-1], lambda n: n.__setitem__(path[-1], new)
            )
            yield f"{where}: wrong type", put({"wrong": 1})
            if isinstance(value, int) and not isinstance(value, bool):
                yield f"{where}: as text", put(str(value))
                yield f"{where}: negative", put(-1)
            if isinstance(value, str) and not MAY_BE_EMPTY.intersection(path):
                yield f"{where}: empty text", put("")
    for word in ("style", "step", "status", "verdict", "claim", "release", "delivery", "landing"):
        for path, value in nodes(document):
            if path and path[-1] == word and isinstance(value, str):
                yield f"{path}: unknown word", changed(
                    document, path[:-1], lambda n: n.__setitem__(path[-1], "frobnicated")
                )


def mutate(schema, path):
    v = validator(schema)
    document = load(path)
    if not v.is_valid(document):
        print(f"{path} is not valid to begin with")
        return 1
    bad = number = 0
    for what, broken in breakages(document):
        number += 1
        if v.is_valid(broken):
            print(f"not noticed: {what}")
            bad += 1
    print(f"{number} broken documents, {bad} not noticed")
    return bad if number else 1


# Objects whose keys are data.
MAPS = {"unread", "verdicts", "landings"}


def is_open(schema, path):
    v = validator(schema, strict=False)
    document = load(path)
    bad = number = 0
    for where, value in nodes(document):
        if not isinstance(value, dict) or (where and where[-1] in MAPS):
            continue
        number += 1
        more = changed(document, where, lambda n: n.update(added_by_a_later_version=1))
        if not v.is_valid(more):
            print("/".join(map(str, where)), "takes no other key")
            bad += 1
    return bad if number else 1


def target_of(root, reference):
    node = root
    for name in reference.lstrip("#/").split("/"):
        node = node[name]
    return node


def collect(v, schema, value, found):
    """Notes in `found` each key of this file that has a value, by the place of the schema that describes it."""
    if schema.get("$ref", "").startswith("#"):
        collect(v, target_of(v.schema, schema["$ref"]), value, found)
    for part in schema.get("anyOf", []):
        if part.get("type") != "null" and value is not None:
            collect(v, part, value, found)
    if isinstance(value, list) and "items" in schema:
        for item in value:
            collect(v, schema["items"], item, found)
    if isinstance(value, dict):
        for key, child in value.items():
            described = schema.get("properties", {}).get(key)
            if described is not None:
                if child is not None:
                    found.add((id(schema["properties"]), key))
                collect(v, described, child, found)


def described_keys(node, path=""):
    """(place, name, schema) of each key that this file describes."""
    if isinstance(node, dict):
        for key, value in node.get("properties", {}).items():
            yield (id(node["properties"]), key), f"{path}.{key}", value
        for key, value in node.items():
            if key != "properties":
                yield from described_keys(value, f"{path}.{key}" if key not in ("items", "anyOf", "oneOf") else path)
        for key, value in node.get("properties", {}).items():
            yield from described_keys(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from described_keys(value, path + ("." + value["title"] if isinstance(value, dict) and "title" in value else ""))


def covers(schema, files):
    v = validator(schema)
    found = set()
    for path in files:
        for document in documents(path, path.endswith(".jsonl")):
            collect(v, v.schema, document, found)
    every = [(place, name) for place, name, _ in described_keys(v.schema)]
    lacking = [name for place, name in every if place not in found]
    print(*(f"{schema}: no document has {name}" for name in lacking), sep="\n")
    return len(lacking)


if __name__ == "__main__":
    option = sys.argv.pop(1) if sys.argv[1].startswith("--") else ""
    first, rest = sys.argv[1], sys.argv[2:]
    done = {
        "": lambda: check(first, rest),
        "--lines": lambda: check(first, rest, lines=True),
        "--mutate": lambda: mutate(first, *rest),
        "--open": lambda: is_open(first, *rest),
        "--covers": lambda: covers(first, rest),
    }[option]()
    sys.exit(1 if done else 0)

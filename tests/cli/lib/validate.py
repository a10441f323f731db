#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Validates JSON documents with python3-jsonschema.

validate.py SCHEMA FILE...       every FILE ("-": standard input) is valid
validate.py --lines SCHEMA FILE...  every line of every FILE is valid
validate.py --mutate SCHEMA FILE every way to break FILE (a key lacking, a key too many, a wrong
                                 type, an unknown word) is noticed
"""

import copy
import json
import pathlib
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # RefResolver, in later versions
    import jsonschema
    from jsonschema import RefResolver

SIGNED = {"effect_us"}

# Facts of a judgement that nfprobe-output(5) says are absent when they are false: a document without one is valid.
ABSENT_WHEN_FALSE = {
    "carrier_lost", "changed", "leave", "unsettled", "blinked", "healed", "healed_group", "repeated", "repeated_group",
    "promiscuous", "errno", "hint", "disturbed", "stopped", "floods", "unregistered_announced", "second_back",
    "unannounced", "learns_nothing", "reset_cleared",
}


def validator(path):
    with open(path) as f:
        schema = json.load(f)
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    # A reference to another schema means the file beside it.
    base = pathlib.Path(path).absolute().as_uri()
    return cls(schema, resolver=RefResolver(base, schema))


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
        if isinstance(value, dict):
            yield f"{where}: a key too many", changed(document, path, lambda n: n.update(extra=1))
            for key in value:
                if path and path[-1] == "verdicts":  # those that occur
                    break
                if not path and key in ("error", "baseline"):
                    continue
                if key in ABSENT_WHEN_FALSE:
                    continue
                yield f"{where}: no {key}", changed(document, path, lambda n, k=key: n.pop(k))
        if path:
            put = lambda new: changed(
                document, path[:-1], lambda n: n.__setitem__(path[-1], new)
            )
            yield f"{where}: wrong type", put({"wrong": 1})
            if isinstance(value, int) and not isinstance(value, bool):
                yield f"{where}: as text", put(str(value))
                if not SIGNED.intersection(path[-2:]):
                    yield f"{where}: negative", put(-1)
            if isinstance(value, str):
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


if __name__ == "__main__":
    if sys.argv[1] == "--mutate":
        sys.exit(1 if mutate(*sys.argv[2:]) else 0)
    if sys.argv[1] == "--lines":
        sys.exit(1 if check(sys.argv[2], sys.argv[3:], lines=True) else 0)
    sys.exit(1 if check(sys.argv[1], sys.argv[2:]) else 0)

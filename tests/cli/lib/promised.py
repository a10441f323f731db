#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The promises to readers of nfprobe's JSON (COMPATIBILITY in nfprobe-output(5)).

promised.py FOLDER        of schemas: prints each key: its path, its types, whether it may lack, its words
promised.py FOLDER FILE   what of FILE, so printed for an earlier version, FOLDER breaks
"""

import glob
import json
import os
import sys


def types(node):
    """Names of types, words that are allowed (of a type without a name), or another file."""
    if "$ref" in node:
        return [node["$ref"]]
    if "const" in node:
        return [json.dumps(node["const"])]
    if "enum" in node:
        return sorted(json.dumps(word) for word in node["enum"])
    found = node.get("type", [])
    return sorted([found] if isinstance(found, str) else found) + sorted({name for one in node.get("anyOf", ()) for name in types(one)})


def keys(node, path, optional=False):
    yield path, "optional" if optional else "always", types(node)
    for one in node.get("oneOf", ()):  # events
        yield from keys(one, f"{path}({one['properties']['event']['const']})")
    for name, child in node.get("properties", {}).items():
        yield from keys(child, f"{path}.{name}", name not in node.get("required", ()))
    if isinstance(node.get("items"), dict):
        yield from keys(node["items"], path + "[]")


def lines(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*.schema.json"))):
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        for where, presence, found in keys(schema, os.path.basename(path).removesuffix(".schema.json")):
            yield f"{where} {presence} {' '.join(found)}".rstrip()


def parsed(found):
    return {line.split()[0]: (line.split()[1], set(line.split()[2:])) for line in found}


def is_word(name):
    return name.startswith('"')


def broken(now, before):
    for path, (presence, names) in before.items():
        if path not in now:
            yield f"{path} is gone"
            continue
        if presence == "always" and now[path][0] != "always":
            yield f"{path} may lack"
        # Words may be added; another type would be a surprise, and so would a word that is gone.
        new = {name for name in now[path][1] - names if not (is_word(name) and any(map(is_word, names)))}
        gone = {name for name in names - now[path][1] if is_word(name)}
        if new or gone:
            yield f"{path} was {' '.join(sorted(names))}, is {' '.join(sorted(now[path][1]))}"


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print("\n".join(lines(sys.argv[1])))
        sys.exit()
    with open(sys.argv[2], encoding="utf-8") as promise:
        complaints = list(broken(parsed(lines(sys.argv[1])), parsed(promise)))
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)

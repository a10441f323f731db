#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""open_schemas.py DIR SCHEMA...: writes each schema into DIR as it is installed: it takes keys and words that it does not know.

COMPATIBILITY in nfprobe-result(5) promises readers that later versions only add these. The tests use the schemas as they are here.
"""

import json
import pathlib
import sys


def opened(node):
    if isinstance(node, list):
        return [opened(value) for value in node]
    if not isinstance(node, dict):
        return node
    node = {key: opened(value) for key, value in node.items() if (key, value) != ("additionalProperties", False)}
    words = node.get("enum")
    if isinstance(words, list) and any(isinstance(word, str) for word in words):
        del node["enum"]
        node["anyOf"] = [{"enum": words}, {"type": "string", "minLength": 1}]
    return node


def main(folder, *schemas):
    for schema in map(pathlib.Path, schemas):
        target = pathlib.Path(folder) / schema.name
        target.write_text(json.dumps(opened(json.loads(schema.read_text(encoding="utf-8"))), indent=2) + "\n", encoding="utf-8")
        target.chmod(0o644)


if __name__ == "__main__":
    main(*sys.argv[1:])

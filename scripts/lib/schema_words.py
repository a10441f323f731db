#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""schema_words.py WORDS SCHEMAS TO: writes the schemas into the folder TO, with the words that the program's tables have.

WORDS is what scripts/lib/words.c says of each key. null stays where a schema has it; the rest of a schema is written by hand. In what only
the tools write, keys of these names have the words of a result, or of the tools.
"""

import json
import pathlib
import sys
from typing import get_args

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from nfprobe_tools import compare, matrix, rules, sheets  # noqa: E402


# Words that the tools add to those of the program.
OF_A_RESULT = {"style": "/life/*/style", "verdict": "/life/*/verdict", "source": "/source/kind", "multicast": "/vf/styles/*/multicast",
               "from": "/vf/styles/*/steps/*/state", "to": "/vf/styles/*/steps/*/state", "findings": "/sheet/combinations/*/findings/*"}
OF_TOOLS = {"trend": get_args(sheets.Trend), "safe": (rules.YES, rules.NO, rules.UNKNOWN), "what": tuple(rules.IDENTITY),
            "changed": matrix.UPDATES}
COMPARED = {"differences": get_args(compare.Compared), "sheet": get_args(sheets.Compared)}
MORE = {("audit", "/findings/*/code"): ["teaming-unproven", "no-pair"]}


def properties_of(root, node):
    """The words of the object that this part of a schema describes; None: another schema does."""
    for part in node.get("anyOf", []):
        if part.get("type") != "null":
            return properties_of(root, part)
    reference = node.get("$ref")
    if reference is None:
        return node
    if not reference.startswith("#/$defs/"):
        return None
    return properties_of(root, root["$defs"][reference[len("#/$defs/"):]])


def part_of(root, node, path):
    for key in path.strip("/").split("/"):
        node = properties_of(root, node)
        if node is None:
            return None
        node = node["items"] if key == "*" else node["properties"][key]
    return properties_of(root, node)


def apply(name, root, node, words_of):
    given = {}
    for path, words in words_of.items():
        part = part_of(root, node, path)
        # One word alone is a schema's own rule.
        if part is None or part.get("const") in words:
            continue
        put(part, words + MORE.get((name, path), []))
        if given.setdefault(id(part), part["enum"]) != part["enum"]:
            sys.exit(f"{name}: {path} shares its words with a key that has others")


def put(part, words):
    """Two values may have one word."""
    part["enum"] = [*dict.fromkeys(words), *(word for word in part["enum"] if word is None)]


def apply_names(node, words_of):
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        part = value.get("items", value) if isinstance(value, dict) else {}
        if "enum" in part and (key in words_of or key in OF_A_RESULT):
            put(part, words_of[OF_A_RESULT.get(key, key)])
        if isinstance(value, (dict, list)):
            apply_names(value, {**words_of, "compared": COMPARED.get(key, words_of["compared"])})


def main(words, schemas, to):
    words = json.loads(pathlib.Path(words).read_text(encoding="utf-8"))
    for file in pathlib.Path(schemas).glob("*.schema.json"):
        name = file.name[len("nfprobe-"):-len(".schema.json")]
        root = json.loads(file.read_text(encoding="utf-8"))
        if name in words:
            apply(name, root, root, words[name])
        elif name != "event":
            apply_names(root, {**words["result"], **OF_TOOLS, "compared": ()})
        for event in root["oneOf"] if name == "event" else ():
            apply(name, root, event, words["event " + event["properties"]["event"]["const"]])
        (pathlib.Path(to) / file.name).write_text(json.dumps(root, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

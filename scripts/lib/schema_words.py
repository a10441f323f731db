#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""schema_words.py WORDS SCHEMAS TO: writes the schemas into the folder TO, with the words that the program's tables have.

WORDS is what scripts/lib/words.c says of each key. null stays where a schema has it; the rest of a schema is written by hand, and so are
the schemas of what only the tools write.
"""

import json
import pathlib
import sys


# Words that the tools add to those of the program.
MORE = {("audit", "/findings/*/code"): ["teaming-unproven", "no-pair"]}


def properties_of(root, node):
    """Of the object that this part of a schema describes; None: another schema does."""
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
        if part is None:
            continue
        # Two values may have one word.
        words = [*dict.fromkeys(words), *MORE.get((name, path), []), *(word for word in part["enum"] if word is None)]
        if given.setdefault(id(part), words) != words:
            sys.exit(f"{name}: {path} shares its words with a key that has others")
        part["enum"] = words


def main(words, schemas, to):
    words = json.loads(pathlib.Path(words).read_text(encoding="utf-8"))
    for file in pathlib.Path(schemas).glob("*.schema.json"):
        name = file.name[len("nfprobe-"):-len(".schema.json")]
        text = file.read_text(encoding="utf-8")
        root = json.loads(text)
        if name in words:
            apply(name, root, root, words[name])
        for event in root["oneOf"] if name == "event" else ():
            apply(name, root, event, words["event " + event["properties"]["event"]["const"]])
        if name in words or name == "event":
            text = json.dumps(root, indent=2) + "\n"
        (pathlib.Path(to) / file.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

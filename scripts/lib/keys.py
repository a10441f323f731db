#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""keys.py KEYS: prints the keys of a result as the tools have them (nfprobe_tools/keys.py). KEYS is what scripts/lib/words.c says of the
program's tables."""

import json
import pathlib
import sys
import textwrap

HEAD = '''# SPDX-License-Identifier: GPL-2.0-or-later
"""The keys of each object of a result, as the program's tables have them. "make words" writes this file."""

from typing import Dict, NamedTuple, Tuple


class Field(NamedTuple):
    kind: str
    null: bool = False
    words: Tuple[str, ...] = ()
    of: str = ""  # the object that it is, or has several of
    size: int = 0  # in bytes


'''


def field_text(field, path, lists, objects):
    """As Python, with the name of an object that is like it."""
    said = [f'"{field["type"]}"'] + ["null=True"] * field.get("null", False)
    if "words" in field:
        said.append("words=" + list_name(tuple(dict.fromkeys(field["words"])), path, lists))  # two values may have one word
    if field.get("keys"):
        said.append(f'of="{object_text(field["keys"], path, lists, objects)}"')
    said += [f"size={field['size']}"] if "size" in field else []
    return f"Field({', '.join(said)})"


def object_text(keys, path, lists, objects):
    """Adds the object, and all inside it, to @objects: {its text: its path}."""
    rows = [f'"{key}": {field_text(field, f"{path}.{key}", lists, objects)}' for key, field in keys.items()]
    return objects.setdefault(",\n    ".join(rows), path)


def list_name(words, path, lists):
    """That of the first key that has them, with so much of its path that no other list has the name."""
    parts = path.upper().split(".")
    names = ("_".join(parts[-number:]) for number in range(1, len(parts) + 1))
    return lists.setdefault(words, lists.get(words) or next(name for name in names if name not in lists.values()))


def main(keys):
    keys = json.loads(pathlib.Path(keys).read_text(encoding="utf-8"))
    lists, objects = {}, {}
    number = {"type": "number"}
    object_text({"schema": number, "minor": number, "version": {"type": "text"}, **keys["result"]}, "result", lists, objects)
    text = HEAD
    for words, name in lists.items():
        said = textwrap.wrap(", ".join(f'"{word}"' for word in words) + ",", 130, break_on_hyphens=False)
        text += f"{name} = (\n    " + "\n    ".join(said) + "\n)\n"
    text += "OBJECTS: Dict[str, Dict[str, Field]] = {}\n"
    text += "".join(f'OBJECTS["{path}"] = {{\n    {rows},\n}}\n' for rows, path in objects.items())
    sys.stdout.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])

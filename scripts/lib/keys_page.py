#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""keys.py KEYS SCHEMAS PAGE: prints the manual page with the tables of keys that belong into it.

KEYS and SCHEMAS are as schemas.py has them. Each object is a table of its keys, their sentences and their words. Objects that are alike
are one, and what an object has in common with an earlier one is said in a line.
"""
import json
import pathlib
import re
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from schemas import DOCUMENTS, HINT, Sentences, words_of  # noqa: E402

BEGIN, END = '.\\" The tables of keys: make words writes them.\n', '.\\" End of these tables.\n'
HEADS = {"result": "The result", "list": "\\-\\-list", "hear": "\\-\\-hear", "audit": "\\-\\-audit"}
COMMON = 5  # so many keys of another object are worth a reference to it
FEW = 5  # so many words are not
MORE = {"type": "text"}  # a key that no table has


def roff(text):
    return re.sub(r"(?<!\\)-", r"\\-", text.replace("\\", "\\e"))


def wrapped(text):
    """Lines of at most 80 bytes, none of which troff takes for a request."""
    return [re.sub(r"^(?=[.'])", r"\\&", line) for line in textwrap.wrap(roff(text), 80, break_long_words=False, break_on_hyphens=False)]


def objects_of(keys, path, sentences):
    """Each object of a document: (path, [(key, what is said of it, the words that it has)])."""
    rows, inner = [], []
    for key, field in keys.items():
        at = f"{path}.{key}"
        bare = at.replace("[]", "")
        rows.append((key, sentences.find(bare), tuple(words_of(field, bare))))
        if field["type"] == "document" and "properties" in DOCUMENTS[key]:
            inner.append((at, [(part, of["description"], ()) for part, of in DOCUMENTS[key]["properties"].items()]))
        elif "keys" in field and key != "error":
            inner += objects_of(field["keys"], at + "[]" * field["type"].endswith("s"), sentences)
    return [(path, rows), *inner]


def shared_objects(keys, sentences):
    """Those that many objects have."""
    of = {"error": keys["error"], "hint": HINT}
    return [(f"result.{name}", [(key, sentences.find(f"{name}.{key}"), ()) for key in found]) for name, found in of.items()]


def name_of(path):
    """As a reader of that document writes it."""
    return path.partition(".")[2]


def names_of(paths, children):
    """Where one parent has several of them, they are named together; all of its objects are *."""
    parents = {}
    for path in paths:
        parent, _, key = path.rpartition(".")
        parents.setdefault(parent, []).append(key)
    said = []
    for parent, found in parents.items():
        if len(found) > 1 and set(found) == children[parent]:
            said.append(name_of(f"{parent}.*"))
        else:
            said += [name_of(f"{parent}.{key}") for key in found]
    return said


def row_lines(key, sentence, words, shown):
    if not words or len(words) == 1:
        said = sentence
    elif words in shown and len(words) > FEW:
        said = f"{sentence[:-1]} (as {shown[words]})."
    else:
        said = f"{sentence[:-1]} ({', '.join(words)})."
    return [f".IP \\fB{roff(key)}\\fP 20", *wrapped(said)]


def tables(name, objects, seen, shown):
    """The lines of a document's tables. seen: {rows: path} of all objects so far; shown: {words: the key that has them}."""
    children = {}
    for path, _ in objects:
        children.setdefault(path.rpartition(".")[0], set()).add(path.rpartition(".")[2])
    alike = {}
    for path, rows in objects:
        alike.setdefault(tuple(rows), []).append(path)
    lines = [f".SS {HEADS[name]}", ".PD 0"]
    for rows, paths in alike.items():
        head = ", ".join(names_of(paths, children)) if paths != [name] else ""
        if rows in seen and rows and head:
            lines += [".PP", *(f"\\fB{line}\\fP" for line in wrapped(head)), *wrapped(f"has the keys of {seen[rows]}.")]
            continue
        lines += [".PP", *(f"\\fB{line}\\fP" for line in wrapped(head)), ".RS 2"] if head else [".RS 2"]
        left = list(rows)
        for others, path in seen.items():
            if len(others) >= COMMON and set(others) < set(rows):
                lines += [".PP", *wrapped(f"all keys of {path}, and")]
                left = [row for row in rows if row not in others]
        for key, sentence, words in left:
            lines += row_lines(key, sentence, words, shown)
            if len(words) > 1:
                shown.setdefault(words, f"{head}.{key}" if head else key)
        lines.append(".RE")
        seen[rows] = head
    return [*lines, ".PD"]


def main(keys, schemas, page):
    keys = json.loads(pathlib.Path(keys).read_text(encoding="utf-8"))
    sentences = Sentences(pathlib.Path(schemas) / "sentences")
    seen, shown, lines = {}, {}, []
    for name in HEADS:
        objects = objects_of({**dict.fromkeys(("schema", "minor", "version"), MORE), **keys[name], "error": MORE}, name, sentences)
        lines += tables(name, objects + (shared_objects(keys, sentences) if name == "result" else []), seen, shown)
    text = pathlib.Path(page).read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page} has no place for the tables of keys")
    sys.stdout.write(before + begin + "\n".join(lines) + "\n" + end + after)


if __name__ == "__main__":
    main(*sys.argv[1:])

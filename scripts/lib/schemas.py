#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""schemas.py KEYS SCHEMAS TO: makes the JSON schema of each document in the folder TO.

KEYS is what scripts/lib/words.c says of the program's tables. SCHEMAS is scripts/schemas: `sentences` says in a line what a key is, and
the schemas of what only the tools write are there by hand, but for the words of their keys. A sentence belongs to each key whose path
ends like its own, and the longest such path wins. A key without a sentence, and a sentence without a key, is an error.
"""

import json
import pathlib
import sys
from typing import get_args

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from nfprobe_tools import compare, matrix, rules  # noqa: E402

TEXT = {"type": "string", "minLength": 1}
LINES = {"type": "array", "items": {"type": "string"}}
HINT = {"text": {"type": "text", "null": True}, "commands": {"type": "commands"}}
COMMAND = {"anyOf": [{"type": "array", "minItems": 1, "items": {"type": "string"}},
                     {"type": "object", "required": ["write", "to"], "properties": {
                         "write": {"description": "The value that is written.", "type": "string"},
                         "to": {"description": "The file that it is written to.", **TEXT}}}]}
TYPES = {
    "text": TEXT,
    "bool": {"type": "boolean"},
    "mac": {"type": "string", "pattern": "^([0-9a-f]{2}:){5}[0-9a-f]{2}$"},
    "pci_id": {"type": "string", "pattern": "^0x[0-9a-f]{4}$"},
    "time": {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"},
    "texts": {"type": "array", "items": TEXT},
    "hint": {"$ref": "#/$defs/hint"},
    "commands": {"type": "array", "items": {"$ref": "#/$defs/command"}},
}
# JSON that is no struct of the program.
DOCUMENTS = {
    "text": {"type": "object", "required": ["lines", "short"], "properties": {
        "lines": {"description": "The lines that the run prints with -v, 80 columns wide.", **LINES},
        "short": {"description": "So many of them, the first, are all that it prints without.", "type": "integer", "minimum": 0}}},
    "unread": {"type": "object", "minProperties": 1, "additionalProperties": TEXT},
}

# Words that the tools add to those of the program.
OF_A_RESULT = {"style": "life.style", "verdict": "life.verdict", "source": "source.kind", "multicast": "vf.styles.multicast",
               "from": "vf.styles.steps.state", "to": "vf.styles.steps.state"}
OF_TOOLS = {"trend": get_args(compare.Trend), "safe": (rules.YES, rules.NO, rules.UNKNOWN), "what": tuple(rules.IDENTITY),
            "changed": matrix.UPDATES}
COMPARED = {"differences": get_args(compare.Compared)}
MORE = {"audit.findings.code": ["teaming-unproven", "no-pair"]}


class Sentences:
    def __init__(self, path):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        self.of = dict(line.split(": ", 1) for line in lines)
        self.unused = set(self.of)
        for key, words in self.of.items():
            if not key.endswith((".title", ".about")) and (not words.endswith(".") or ". " in words or len(words) > 140):
                sys.exit(f"{key} is not described in one short sentence: {words}")

    def find(self, path):
        parts = path.split(".")
        for i in range(len(parts)):
            key = ".".join(parts[i:])
            if key in self.of:
                self.unused.discard(key)
                return self.of[key]
        return sys.exit(f"{path} has no sentence")


def nullable(node):
    if "enum" in node:
        return {**node, "enum": [*node["enum"], None]}
    if isinstance(node.get("type"), str) and node["type"] not in ("object", "array"):
        return {**node, "type": [node["type"], "null"]}
    return {"anyOf": [node, {"type": "null"}]}


def words_of(field, path):
    return list(dict.fromkeys(field.get("words", []) + MORE.get(path, [])))  # two values may have one word


def node_of(field, path, sentences):
    """What a key may hold."""
    kind, words = field["type"], words_of(field, path)
    if kind == "document":
        node = DOCUMENTS[path.rpartition(".")[2]]
    elif kind == "number":
        node = {"type": "integer", "minimum": field["least"]}
    elif kind == "word":
        node = {"enum": words}
    elif kind == "words":
        node = {"type": "array", "items": {"enum": words}, "uniqueItems": True}
    elif kind == "bytes":
        node = {"type": "string", "pattern": f"^[0-9a-f]{{{2 * field['size']}}}$"}
    elif kind == "object" and path.endswith(".error"):
        node = {"$ref": "#/$defs/error"}
    elif kind in ("object", "objects", "hints"):
        node = object_of(field.get("keys", HINT), path, sentences)
        node = {"type": "array", "items": node} if kind.endswith("s") else node
    else:
        node = TYPES[kind]
    return nullable(node) if field.get("null") else node


def object_of(keys, path, sentences, more=None):
    """more: keys that no table has."""
    properties = {key: {"description": sentences.find(f"{path}.{key}"), **node} for key, node in (more or {}).items()}
    for key, field in keys.items():
        properties[key] = {"description": sentences.find(f"{path}.{key}"), **node_of(field, f"{path}.{key}", sentences)}
    absent = {key for key, field in keys.items() if field.get("absent")}
    return {"type": "object", "required": [key for key in properties if key not in absent], "properties": properties}


def documents(keys, sentences):
    """{name: schema} of what the program writes."""
    numbers = {"schema": {"const": keys["schema"]}, "minor": {"const": keys["minor"]}, "version": TEXT}
    made = {}
    for name in ("result", "list", "audit", "watch", "way"):
        schema = made[name] = object_of(keys[name], name, sentences, numbers)
        if name != "result":
            schema["properties"]["error"] = {"description": sentences.find(f"{name}.error"), "$ref": "#/$defs/error"}
    events = []
    for name, of in keys["event"].items():
        more = {"event": {"const": name}, "time": TYPES["time"]}
        if name == "run":
            more |= {**numbers, "vf": {"type": ["integer", "null"], "minimum": 0}}
        if name == "end":
            more["result"] = {"$ref": urn("result", keys)}
        about = sentences.find(f"event.{name}.about")
        events.append({"title": name, "description": about, **object_of(of, f"event.{name}", sentences, more)})
    made["event"] = {"oneOf": events}
    shared = {"command": COMMAND, "hint": object_of(HINT, "hint", sentences), "error": object_of(keys["error"], "error", sentences)}
    return {name: {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": urn(name, keys),
                   "title": sentences.find(f"{name}.title"), "description": sentences.find(f"{name}.about"), **schema, "$defs": shared}
            for name, schema in made.items()}


def urn(name, keys):
    return f"urn:nfprobe:schema:{name}:{keys['schema']}"


def words_at(keys, path):
    first, _, rest = path.partition(".")
    return words_at(keys[first]["keys"], rest) if rest else keys[first]["words"]


def apply_words(node, known):
    """In what only the tools write, keys of these names have the words of a result, or of the tools."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        part = value.get("items", value) if isinstance(value, dict) else {}
        if "enum" in part and key in known:
            part["enum"] = [*dict.fromkeys(known[key]), *(word for word in part["enum"] if word is None)]
        if isinstance(value, (dict, list)):
            apply_words(value, {**known, "compared": COMPARED.get(key, known["compared"])})


def main(keys, schemas, to):
    keys = json.loads(pathlib.Path(keys).read_text(encoding="utf-8"))
    sentences = Sentences(pathlib.Path(schemas) / "sentences")
    made = documents(keys, sentences)
    if sentences.unused:
        sys.exit(f"no key is meant by: {', '.join(sorted(sentences.unused))}")
    of_a_result = {key: words_at(keys["result"], path) for key, path in OF_A_RESULT.items()}
    for file in pathlib.Path(schemas).glob("*.schema.json"):
        root = json.loads(file.read_text(encoding="utf-8"))
        apply_words(root, {**of_a_result, **OF_TOOLS, "compared": ()})
        made[file.name[len("nfprobe-"):-len(".schema.json")]] = root
    for name, root in made.items():
        (pathlib.Path(to) / f"nfprobe-{name}.schema.json").write_text(json.dumps(root, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

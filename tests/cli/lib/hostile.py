#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hostile.py KIND RECORDING OUT: a recording that is made to cost whoever reads it time or memory.

values: many values in the facts of ladders; facts: in those of the run; nested: values in each other; times: steps that begin at the
end of what a number can hold (late: of what is allowed); warnings: statistics that contradict each other; acks: netlink messages in each other;
commands: those of CI systems, in every text of the facts of the run. Of stored results, as JSON: stored: commands of CI systems.
Little-endian only."""

import json
import struct
import sys

STATS, PACKET, COMMENT = 5, 6, 1
MANY = b"{},[],1,"


def blocks(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        yield kind, data[at + 8:at + length - 4]
        at += length


def block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def stats(interface, *options):
    return block(STATS, struct.pack("<III", interface, 0, 0) + b"".join(options) + bytes(4))


def many(word, size):
    """Statistics with comments of @word that have @size bytes in all."""
    text = b"nfprobe " + word + b" " + MANY * 8000
    return stats(1, option(COMMENT, b"nfprobe " + word + b" [1,")) + b"".join(stats(1, option(COMMENT, text)) for _ in range(size // len(text)))


def rewritten(data, word, change):
    """The blocks, with @change made to the object of each comment of @word."""
    head = b"nfprobe " + word + b" "
    for kind, body in blocks(data):
        at = {PACKET: lambda: 20 + (struct.unpack_from("<I", body, 12)[0] + 3) // 4 * 4, STATS: lambda: 12}.get(kind, lambda: len(body))()
        out, body = body[:at], body[at:]
        while len(body) >= 4:
            code, length = struct.unpack_from("<HH", body)
            value, body = body[4:4 + length], body[4 + (length + 3) // 4 * 4:]
            if code == COMMENT and value.startswith(head):
                value = head + json.dumps(change(json.loads(value[len(head):]))).encode()
            out += option(code, value)
        yield block(kind, out)


def later(start):
    """Each step of a ladder begins at @start."""
    def change(facts):
        for step in facts["steps"]:
            step["start_ms"] = start
        return facts
    return change


COMMANDS = "::error::a ##[set-output name=x] ##vso[task.complete]\r\033[0K section_start:1:x\r\033[0K ::set-output name=a::b"


def commanding(facts):
    result = facts["result"]
    result["pf"]["firmware"] = COMMANDS
    result["kernel"] = COMMANDS
    result["warnings"] = [COMMANDS, "x " * 30 + COMMANDS]
    for style in (style for vf in result["vfs"] for style in vf["styles"]):
        style["source_note"] = style["reason"] = COMMANDS
    return facts


def acks(size):
    """An error message in an error message in .."""
    data = b"".join(struct.pack("<IHHIIi", length, 2, 0, 0, 0, -1) for length in range(size // 20 * 20, 0, -20))
    return block(PACKET, struct.pack("<5I", 0, 0, 0, 16 + len(data), 16 + len(data)) + bytes(16) + data + bytes(4))


def of_json(root):
    for entry in root["entries"]:
        entry["pf"]["firmware"] = COMMANDS
        entry["warnings"] = [COMMANDS]
        for style in (style for vf in entry["vfs"] for style in vf["styles"]):
            style["reason"] = style["from"] = COMMANDS
    return json.dumps(root, separators=(",", ":")).encode()


def make(kind, data):
    if kind.startswith("stored"):
        return of_json(json.loads(data))
    if kind == "values":
        return data + many(b"round", 47 << 20)
    if kind == "facts":
        run = b"".join(block(*found) for found in blocks(data) if b"nfprobe facts" not in found[1])
        return run + many(b"facts+", 15 << 20) + stats(1, option(COMMENT, b"nfprobe facts 1]"))
    if kind == "nested":
        return data + stats(1, option(COMMENT, b"nfprobe window " + b"[" * 65000))
    if kind in ("times", "late"):
        return b"".join(rewritten(data, b"round", later({"times": 18446744073709, "late": 3162240000000}[kind])))
    if kind == "commands":
        return b"".join(rewritten(data, b"facts", commanding))
    if kind == "warnings":
        return data + b"".join(stats(1, option(4, struct.pack("<Q", number))) for number in range(40000))
    return data + acks((16 << 20) - 100)


with open(sys.argv[2], "rb") as file:
    content = file.read()
with open(sys.argv[3], "wb") as file:
    file.write(make(sys.argv[1], content))

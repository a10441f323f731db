#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""without.py INTERFACE IN OUT [PREFIX]: a pcapng file without the packets of an interface, and of those with higher numbers.

INTERFACE 0, the sender's, goes alone. Only interfaces of frames count, and netlink messages stay. With PREFIX, hex digits, only packets go that begin with it. Comments of packets that go
move to the next one, as editors of such files do it. Little-endian only.
"""

import struct
import sys

SECTION, INTERFACE, STATS, PACKET, COMMENT, ETHERNET = 0x0A0D0D0A, 1, 5, 6, 1, 1


def blocks(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or length % 4 or data[at + length - 4:at + length] != struct.pack("<I", length):
            raise ValueError(f"a block of length {length} at {at}")
        yield kind, data[at + 8:at + length - 4]
        at += length


def options(data):
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            return
        end = at + 4 + (length + 3) // 4 * 4
        yield code, data[at:end]
        at = end


def fixed(kind, body):
    """Where the options begin."""
    if kind == PACKET:
        return 20 + (struct.unpack_from("<I", body, 12)[0] + 3) // 4 * 4
    return {SECTION: 16, STATS: 12}.get(kind, 8)


def without(data, number, prefix):
    waiting = b""
    numbers = []  # of the interfaces; None: not of frames
    for kind, body in blocks(data):
        if kind == INTERFACE:
            frames = struct.unpack_from("<H", body)[0] == ETHERNET
            numbers.append(sum(n is not None for n in numbers) if frames else None)
        at = fixed(kind, body)
        found = list(options(body[at:]))
        if kind == PACKET:
            interface = numbers[struct.unpack_from("<I", body)[0]]
            if interface is not None and (interface == number or 0 < number <= interface) and body[20:].startswith(prefix):
                waiting += b"".join(raw for code, raw in found if code == COMMENT)
                continue
        if waiting and kind in (PACKET, STATS):
            found = [(COMMENT, waiting), *found]
            waiting = b""
        body = body[:at] + b"".join(raw for _, raw in found) + bytes(4)
        length = struct.pack("<I", len(body) + 12)
        yield struct.pack("<I", kind) + length + body + length


with open(sys.argv[2], "rb") as file:
    content = file.read()
with open(sys.argv[3], "wb") as file:
    file.writelines(without(content, int(sys.argv[1]), bytes.fromhex("".join(sys.argv[4:]))))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of a recording that are still in what nfprobe-fixture made of it.

usage: leaks.py RECORDING PUBLIC [--host] [WORD]...

Looks in the bytes of PUBLIC for each address that RECORDING has as text, for the host in its section, and for WORDs: names,
serial numbers, addresses. With --host also for what this machine has: its name, netdevs, and their addresses. An address is
looked for as text and as bytes. Prints what is there, and exits with 1 if anything is.
"""

import ipaddress
import json
import os
import re
import socket
import struct
import subprocess
import sys

MAC = re.compile(rb"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
IPV4 = re.compile(rb"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])")
# A comment or a fact; the name in an attribute.
TEXTS = re.compile(rb"[ -~]{12,}|(?<=\0)[ -~]+(?=\0)")
# These are nobody's: zero, groups of a protocol, broadcast, and the address of a VF that cannot be without one.
NOBODYS = re.compile(r"00:00:00:00:00:00|33:33:00:00:.*|01:80:c2:.*|ff:ff:ff:ff:ff:ff")

# The first address of a simulated NIC; also the anonymous name nf, as attributes have it.
NFSIM = b"\0nf\0\0\0"


def host_of(data):
    """The name in shb_hardware, "NAME (MACHINE)"."""
    at, end = 24, struct.unpack_from("<I", data, 4)[0] - 4
    while at + 4 <= end:
        code, length = struct.unpack_from("<HH", data, at)
        if code == 2:
            return data[at + 4:at + 4 + length].decode().split(" (")[0]
        at += 4 + (length + 3) // 4 * 4
    return None


def of_this_machine():
    yield socket.gethostname()
    yield from (name for name in os.listdir("/sys/class/net") if name != "lo")
    for link in json.loads(subprocess.check_output(["ip", "-d", "-j", "address"])):
        yield from (link.get(key, "") for key in ("address", "permaddr"))
        yield from (entry["local"] for entry in link["addr_info"])
    for link in json.loads(subprocess.check_output(["ip", "-d", "-j", "link"])):
        yield from (info.get("address", "") for info in link.get("vfinfo_list", []))


def is_in(data, word):
    """The word is there, as text or as the bytes of an address. A short word may be in random tags by chance, so only texts count."""
    text = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(word.encode()) + rb"(?![0-9A-Za-z])")
    if any(text.search(part) for part in ([data] if len(word) > 5 else TEXTS.findall(data))):
        return True
    if MAC.fullmatch(word.encode()):
        value = bytes.fromhex(word.replace(":", ""))
        return value in data and value != NFSIM
    try:
        return ipaddress.ip_address(word).packed in data
    except ValueError:
        return False


def main():
    recording, public = (open(path, "rb").read() for path in sys.argv[1:3])
    words = {match.decode() for match in MAC.findall(recording) + IPV4.findall(recording)} | {host_of(recording)}
    words.update(word for word in sys.argv[3:] if word != "--host")
    if "--host" in sys.argv[3:]:
        words.update(of_this_machine())
    wanted = sorted(word for word in words if word and not NOBODYS.fullmatch(word) and word not in ("127.0.0.1", "::1", "0.0.0.0"))
    found = [word for word in wanted if is_in(public, word)]
    if len(wanted) < 3:
        sys.exit(f"nothing to look for but {wanted}")
    print("".join(f"{word}\n" for word in found), end="")
    sys.exit(1 if found else 0)


main()

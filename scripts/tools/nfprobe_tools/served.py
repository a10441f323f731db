# SPDX-License-Identifier: GPL-2.0-or-later
"""The entries that the libvirt hook has added to PFs and to their bonds, and what has become of them. Each has a file in LIST,
called PF-MAC or BOND-MAC."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import struct
import time
from typing import Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import Failure, shell
from .files import why
from .text import Note

LIST = "/run/nfprobe-libvirt-hook"
NET = "/sys/class/net"
RECORD_BYTES = 1 << 16  # the hook writes two pages at most
NAME = re.compile("(.+)-((?:[0-9a-f]{2}:){5}[0-9a-f]{2})")
FOREIGN = "belongs to another user, or other users can write to it"

# include/uapi/linux/rtnetlink.h, neighbour.h
RTM_GETNEIGH, RTM_NEWNEIGH = 30, 28
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NDA_LLADDR, NTF_SELF, NUD_PERMANENT = 2, 0x02, 0x80
AF_BRIDGE = 7
REPLY_BYTES, REPLY_SECONDS = 1 << 16, 2  # for all of a reply: the kernel answers at once, unless a driver holds its lock


class Served(NamedTuple):
    missing: Optional[int]  # entries that guests need, and that are gone; None: not known
    notes: Sequence[Note]


UNKNOWN = Served(None, ())


# ---- the PF's filter ----

def attributes(data: bytes) -> Iterator[Tuple[int, bytes]]:
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if not 4 <= length <= len(data):
            return
        yield kind, data[4:length]
        data = data[(length + 3) & ~3:]


def addresses_in(reply: bytes, ifindex: int) -> Tuple[Set[str], bool]:
    """Those of the netdev in one part of the kernel's answer, and whether that was the last part. Raises OSError."""
    found: Set[str] = set()
    while len(reply) >= 16:
        length, kind = struct.unpack_from("=IH", reply)
        message = reply[16:length]
        if kind == NLMSG_DONE or not 16 <= length <= len(reply):
            return found, True
        if kind == NLMSG_ERROR:
            code = -struct.unpack_from("=i", message)[0]
            raise OSError(code, os.strerror(code))
        if kind == RTM_NEWNEIGH and len(message) >= 12:
            _, index, state, flags, _ = struct.unpack_from("=B3xiHBB", message)
            if index == ifindex and flags & NTF_SELF and state == NUD_PERMANENT:
                found.update(value.hex(":") for key, value in attributes(message[12:]) if key == NDA_LLADDR)
        reply = reply[(length + 3) & ~3:]
    return found, False


def own_addresses(ifindex: int) -> Set[str]:
    """The addresses in the netdev's own filter, whoever added them (bridge fdb show: "self permanent"). Raises OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as netlink:
        until = time.monotonic() + REPLY_SECONDS
        netlink.settimeout(REPLY_SECONDS)
        netlink.bind((0, 0))
        netlink.send(struct.pack("=IHHII", 28, RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, 1, 0)
                     + struct.pack("=B3xiHBB", AF_BRIDGE, 0, 0, 0, 0))
        found: Set[str] = set()
        done = False
        while not done:
            netlink.settimeout(max(until - time.monotonic(), 0.001))
            more, done = addresses_in(netlink.recv(REPLY_BYTES), ifindex)
            found |= more
        return found


# ---- the list ----

def is_own(fd: int, kind: int) -> bool:
    """A file that another user could have written is not believed."""
    found = os.fstat(fd)
    return stat.S_IFMT(found.st_mode) == kind and found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def guest_in(folder: int, name: str) -> str:
    """Empty: the hook has not asked for the entry yet, or the file is gone. Raises Failure."""
    path = f"{LIST}/{name}"
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Failure(f"cannot read {path}: {why(error)}") from None
    with open(fd, "rb") as file:
        if not is_own(fd, stat.S_IFREG):
            raise Failure(f"{path} {FOREIGN}")
        text = file.read(RECORD_BYTES)
    try:
        guest = json.loads(text.decode())["guest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return guest if isinstance(guest, str) else ""


def bond_of(ifname: str) -> Optional[str]:
    """The bond that has the PF, and the entries of the standbys on it."""
    if not os.path.exists(f"{NET}/{ifname}/bonding_slave"):
        return None
    return os.path.basename(os.readlink(f"{NET}/{ifname}/master"))


def missing_in(folder: int, ifname: str, name_of: str) -> List[Note]:
    """A sentence for each entry of that netdev that is gone. The file of one goes with it if a guest needs it no more."""
    addresses: Optional[Set[str]] = None
    notes = []
    for name in sorted(os.listdir(folder)):
        match = NAME.fullmatch(name)
        if not match or match[1] != name_of:
            continue
        if addresses is None:
            addresses = own_addresses(socket.if_nametoindex(ifname))
        guest = guest_in(folder, name) if match[2] not in addresses else ""
        if guest:
            notes.append(Note(f"entry missing: guest {guest} needs its address in the filter of {ifname}, where the libvirt hook had "
                              "added it; at libvirt's next event the hook adds it again; type it again:",
                              shell.command("bridge", "fdb", "add", match[2], "dev", ifname, "self", "permanent")))
    return notes


def find(ifname: str, parentdev: str) -> Served:
    """Only root may read the list, and only if it is root's own: to others, and where the PF has no netdev here, nothing is
    known."""
    try:
        ifindex = socket.if_nametoindex(ifname) if ifname else 0
    except OSError:
        ifindex = 0
    if os.geteuid() != 0 or not ifindex:
        return Served(None, [])
    try:
        folder = os.open(LIST, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return Served(0, [])
    except OSError as error:
        return Served(None, [Note(f"cannot open the directory {LIST} (a symbolic link is not taken): {why(error)}")])
    try:
        if not is_own(folder, stat.S_IFDIR):
            raise Failure(f"{LIST} {FOREIGN}")
        bond = bond_of(ifname)
        notes = missing_in(folder, ifname, parentdev) + (missing_in(folder, bond, bond) if bond else [])
        return Served(len(notes), notes)
    except Failure as error:
        return Served(None, [Note(str(error))])
    except OSError as error:
        return Served(None, [Note(f"cannot read the filter of {ifname}: {why(error)}")])
    finally:
        os.close(folder)

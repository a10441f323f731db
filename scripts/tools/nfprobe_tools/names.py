# SPDX-License-Identifier: GPL-2.0-or-later
"""The names of netdevs: udev gives one altnames (ip link property), and managers, dumps and libvirt's XML may have these."""

from __future__ import annotations

import os
import socket
import struct

NET = "/sys/class/net"
# linux/rtnetlink.h, linux/netlink.h, linux/if_link.h
RTM_NEWLINK, RTM_GETLINK, NLM_F_REQUEST, IFLA_ALT_IFNAME = 16, 18, 1, 53
HEADER, MESSAGE, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BxHiII"), struct.Struct("=HH")
SECONDS, BYTES = 5, 256 << 10


def by_altname(name: bytes) -> int:
    """The index of the netdev that has this altname; 0: none. Raises OSError."""
    value = name + b"\0"
    body = MESSAGE.pack(0, 0, 0, 0, 0) + ATTRIBUTE.pack(ATTRIBUTE.size + len(value), IFLA_ALT_IFNAME) + value + b"\0" * (-len(value) % 4)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as route:
        route.settimeout(SECONDS)
        route.send(HEADER.pack(HEADER.size + len(body), RTM_GETLINK, NLM_F_REQUEST, 1, 0) + body)
        answer = route.recv(BYTES)
    if len(answer) < HEADER.size + MESSAGE.size or HEADER.unpack_from(answer)[1] != RTM_NEWLINK:
        return 0
    return int(MESSAGE.unpack_from(answer, HEADER.size)[2])


def own_name(name: str) -> str:
    """The name that its netdev, if it has one in this network namespace, has by itself; else as it is."""
    if not name or ":" in name or "/" in name or "\0" in name or os.path.exists(f"{NET}/{name}"):
        return name
    try:
        return socket.if_indextoname(by_altname(os.fsencode(name)))
    except (OSError, UnicodeError, OverflowError, struct.error):
        return name

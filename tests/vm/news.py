#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what the kernel tells of some netdevs, as `ip monitor link address route neigh` hears it; in the machine.

usage: news.py NETDEV... [ADDRESS...]

Prints "listening" once it hears, and one JSON object a message: its kind, the netdev, and what differs from the last one about
that netdev, by the numbers of the attributes (IFLA_*), and of the bits among the flags; of neighbours and what a bridge has learned,
only of these addresses. Ends with its input.
"""

import json
import os
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import killer  # noqa: E402

# RTMGRP_LINK, _NEIGH, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE
GROUPS = 0x1 | 0x4 | 0x10 | 0x40 | 0x100 | 0x400
KINDS = {16: "link", 17: "link gone", 20: "address", 21: "address gone", 24: "route", 25: "route gone", 28: "neighbour", 29: "neighbour gone"}
IFLA_STATS, IFLA_STATS64, IFLA_AF_SPEC, IFLA_PROMISCUITY, IFLA_ALLMULTI = 7, 23, 26, 30, 61
# Of AF_INET6: STATS, ICMP6STATS; CACHEINFO, whose reachable_time is drawn anew every 300 s (neigh_periodic_work in net/core/neighbour.c).
UNTOLD = {(10, 3), (10, 6), (10, 5)}
RTA_OIF, SO_RCVBUFFORCE = 4, 33


def contents(body):
    """Of a message about a link: its flags, and its attributes but for those that change by themselves."""
    flags = struct.unpack_from("BxHiII", body)[3]
    values = {kind: value for kind, value in killer.attributes(body[16:]) if kind not in (IFLA_STATS, IFLA_STATS64)}
    if IFLA_AF_SPEC in values:
        values[IFLA_AF_SPEC] = {(family, kind): value for family, nested in killer.attributes(values[IFLA_AF_SPEC])
                                for kind, value in killer.attributes(nested) if (family, kind) not in UNTOLD}
    return flags, values


def index_of(kind, body):
    if kind in (16, 17, 28, 29):
        return struct.unpack_from("BxHi", body)[2]
    if kind in (20, 21):
        return struct.unpack_from("BBBBi", body)[4]
    return struct.unpack("i", dict(killer.attributes(body[12:])).get(RTA_OIF, b"\0\0\0\0"))[0]


class News:
    def __init__(self, names, addresses):
        self.addresses = addresses
        self.names = {socket.if_nametoindex(name): name for name in names}
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.socket.bind((0, GROUPS))
        self.last = {index: contents(self.asked(index)) for index in self.names}

    @staticmethod
    def asked(index):
        (body,) = killer.ask(killer.RTM_GETLINK, killer.NLM_F_ACK, struct.pack("BxHiII", 0, 0, index, 0, 0))
        return body

    def told(self, kind, body):
        index = index_of(kind, body)
        if index not in self.names:
            return
        if kind in (28, 29) and dict(killer.attributes(body[12:])).get(killer.NDA_LLADDR, b"").hex(":") not in self.addresses:
            return
        port = body[0] == killer.AF_BRIDGE
        said = {"kind": "port" if port and kind == 16 else KINDS[kind], "netdev": self.names[index], "changed": [], "flags": 0}
        if said["kind"] == "link":
            flags, now = contents(body)
            before, then = self.last[index]
            said["flags"] = flags ^ before
            said["changed"] = sorted(name for name in set(now) | set(then) if now.get(name) != then.get(name))
            self.last[index] = flags, now
        print(json.dumps(said), flush=True)

    def hear(self):
        """All that has come. A message that was lost is an error of the socket."""
        while select.select([self.socket], [], [], 0)[0]:
            data, at = self.socket.recv(1 << 20), 0
            while at + 16 <= len(data):
                length, kind = struct.unpack_from("IH", data, at)
                if kind in KINDS:
                    self.told(kind, data[at + 16 : at + length])
                at += (length + 3) & ~3


def main():
    words = sys.argv[1:]
    news = News([word for word in words if ":" not in word], [word for word in words if ":" in word])
    print("listening", flush=True)
    while sys.stdin not in select.select([news.socket, sys.stdin], [], [])[0]:
        news.hear()
    news.hear()


if __name__ == "__main__":
    main()

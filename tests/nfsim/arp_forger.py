#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody on the wire who answers ARP for another, or as another host that has the same address.

usage: arp_forger.py NETDEV WHAT IP MAC    until its input ends; then prints {"asked": .., "sent": ..}
Hears every ARP probe (sender IP address 0) for IP that is sent there. MAC is whose answers are forged, or the
own one of "second". WHAT is one of the functions below.
"""

import json
import select
import socket
import struct
import sys

ETH_P_ARP = 0x0806
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_IGNORE_OUTGOING, PACKET_MR_PROMISC = 263, 1, 23, 1
REQUEST, REPLY = 1, 2
BROADCAST, NOBODY = b"\xff" * 6, bytes(4)


def reply(to, mac, ip):
    return to + mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, REPLY) + mac + ip + to + NOBODY


# Each: where an answer is to go, whose, and the address -> frames
def guessed(to, mac, ip):
    """All as the neighbour's own answer is."""
    return [reply(to, mac, ip)] * 2


def second(to, mac, ip):
    """A host that has the address, too, and hears everything."""
    return [reply(to, mac, ip)]


class Forger:
    def __init__(self, netdev, what, ip, mac):
        self.ip, self.mac, self.what = socket.inet_aton(ip), bytes.fromhex(mac.replace(":", "")), globals()[what]
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        everything = struct.pack("iHH8s", socket.if_nametoindex(netdev), PACKET_MR_PROMISC, 0, b"")
        self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, everything)
        self.socket.bind((netdev, ETH_P_ARP))
        self.asked = self.sent = 0

    def hear(self):
        data = self.socket.recv(2048)
        operation, target = struct.unpack("!20xH16x4s", data[:42])
        if operation != REQUEST or data[28:32] != NOBODY or target != self.ip:
            return
        self.asked += 1
        for frame in self.what(data[22:28], self.mac, self.ip):
            self.socket.send(frame)
            self.sent += 1

    def live(self):
        while True:
            ready = select.select([self.socket, sys.stdin], [], [])[0]
            if sys.stdin in ready:
                return
            if ready:
                self.hear()


def main():
    forger = Forger(*sys.argv[1:])
    print("ready", flush=True)
    forger.live()
    print(json.dumps({"asked": forger.asked, "sent": forger.sent}))


if __name__ == "__main__":
    main()

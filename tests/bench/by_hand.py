#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The ladder by hand, as people do it without nfprobe: a change, a sender, a sniffer with a time limit.

usage: by_hand.py PF VF WIRE

For each style and step: the change with ip, bridge and sysfs; then frames from WIRE, and a sniffer at the
PF, and after it one at the VF where its netdev is up, each of which ends with the first frame or after 5 s.
That is netfailover_driver_detect's procedure, without the time that a person takes to type it, with a
sender and a sniffer that need no time to start, and without what it leaves out: no settling, no controls,
no second look. Prints where frames were heard as JSON. Changes the host: for a virtual machine.
"""

import json
import os
import select
import socket
import subprocess
import sys
import time

LIMIT = 5.0  # seconds that the sniffer waits for a frame
RATE = 20  # frames a second, so that the first is not waited for
CARRIER = 15.0  # seconds for a VF to get its carrier
ETHERTYPE = 0x88B5
HOST_BOUND = (socket.PACKET_HOST, socket.PACKET_OTHERHOST)
RTMGRP_LINK = 1

ADDRESSES = {
    "macvtap": ("02:00:5e:00:10:01", "02:00:5e:00:10:02"),
    "bridge": ("02:00:5e:00:20:01", "02:00:5e:00:20:02"),
}


def run(*words):
    subprocess.run(words, check=True)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


class Hands:
    def __init__(self, pf, vf, wire):
        self.pf, self.vf, self.wire = pf, vf, wire
        self.device = os.path.realpath(f"/sys/class/net/{pf}/device/virtfn{vf}")
        self.slot = os.path.basename(self.device)
        self.driver = os.path.realpath(f"{self.device}/driver")
        self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sender.bind((wire, 0))
        self.source = self.sender.getsockname()[4]
        self.held = None
        self.timeouts = 0

    # ---- changes ----

    def hold(self, style, mac):
        self.held = (style, mac)
        if style == "macvtap":
            run("bridge", "fdb", "add", mac, "dev", self.pf, "self", "permanent")
        else:
            run("ip", "link", "set", self.pf, "promisc", "on")

    def release(self):
        style, mac = self.held
        self.held = None
        if style == "macvtap":
            run("bridge", "fdb", "del", mac, "dev", self.pf, "self")
        else:
            run("ip", "link", "set", self.pf, "promisc", "off")

    def assign(self, mac):
        run("ip", "link", "set", self.pf, "vf", str(self.vf), "mac", mac)

    def clear(self):
        self.assign("00:00:00:00:00:00")

    def reset(self):
        write(f"{self.device}/reset", "1")

    def bind(self):
        write(f"{self.driver}/bind", self.slot)

    def unbind(self):
        write(f"{self.driver}/unbind", self.slot)

    def netdev(self):
        """The VF's, if it is up."""
        names = os.listdir(f"{self.device}/net") if os.path.isdir(f"{self.device}/net") else []
        for name in names:
            with open(f"/sys/class/net/{name}/flags", encoding="ascii") as file:
                if int(file.read(), 16) & 1:
                    return name
        return None

    def any_netdev(self):
        return os.listdir(f"{self.device}/net")[0]

    def up(self):
        name = self.any_netdev()
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as news:
            news.bind((0, RTMGRP_LINK))
            run("ip", "link", "set", name, "up")
            deadline = time.monotonic() + CARRIER
            while not self.carrier(name):
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([news], [], [], left)[0]:
                    return  # the sniffer will hear nothing
                news.recv(1 << 16)

    @staticmethod
    def carrier(name):
        with open(f"/sys/class/net/{name}/carrier", encoding="ascii") as file:
            return file.read().strip() == "1"

    def down(self):
        run("ip", "link", "set", self.any_netdev(), "down")

    # ---- sender and sniffer ----

    def heard(self, name, mac):
        """Frames are sent until the sniffer has heard one, or has had enough."""
        frame = octets(mac) + self.source + ETHERTYPE.to_bytes(2, "big") + b"by hand" + bytes(39)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sniffer:
            sniffer.bind((name, ETHERTYPE))
            begin = now = time.monotonic()
            while now < begin + LIMIT:
                self.sender.send(frame)
                until = now + 1 / RATE
                while (left := until - time.monotonic()) > 0 and select.select([sniffer], [], [], left)[0]:
                    data, (_, _, kind, _, _) = sniffer.recvfrom(2048)
                    if kind in HOST_BOUND and data[:6] == frame[:6]:
                        return True
                now = time.monotonic()
        self.timeouts += 1
        return False

    def landing(self, mac):
        vf = self.netdev()
        at_pf = self.heard(self.pf, mac)
        at_vf = vf is not None and self.heard(vf, mac)
        return {(0, 0): "nowhere", (1, 0): "pf", (0, 1): "vf", (1, 1): "both"}[at_pf, at_vf]

    def swap(self, style, mac):
        """Another address: first on the VF, then on the PF."""
        self.release()
        self.assign(mac)
        self.reset()
        self.hold(style, mac)

    def ladder(self, style):
        first, second = ADDRESSES[style]
        steps = (
            ("control", first, ()),
            ("standby", first, (lambda: self.hold(style, first),)),
            ("assign", first, (lambda: self.assign(first),)),
            ("attach", first, (self.reset,)),
            ("driver", first, (self.bind,)),
            ("up", first, (self.up,)),
            ("down", first, (self.down,)),
            ("unplug", first, (self.unbind,)),
            ("detach", first, (self.reset,)),
            ("clear", first, (self.clear,)),
            ("reassign", first, (lambda: self.assign(first), self.reset)),
            ("vf-first", second, (lambda: self.swap(style, second),)),
            ("vf-first-up", second, (self.bind, self.up)),
            ("vf-first-unplug", second, (self.unbind,)),
        )
        landings = {}
        for name, mac, changes in steps:
            for change in changes:
                change()
            landings[name] = self.landing(mac)
        self.release()
        self.clear()
        return landings


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.split("\n\n")[1])
    hands = Hands(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    hands.unbind()
    styles = {style: hands.ladder(style) for style in ADDRESSES}
    hands.bind()
    print(json.dumps({"styles": styles, "timeouts": hands.timeouts}))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""The behaviour of the emulated NIC, seen without nfprobe: by ip, bridge, sysfs and raw sockets.

If one of these fails, the emulator or the driver has changed, and nfprobe's own results will too.
"""

import json

from scenario import PF, WIRE, equal

UNREGISTERED = "02:00:5e:00:00:99"
BROADCAST = "ff:ff:ff:ff:ff:ff"
SENT = 50

# Sends a frame to each address in turn, broadcast last, and then waits until the PF has heard that
# broadcast: frames stay in order, so the PF and (over the same emulated wire) the VF have had the others.
# Prints {netdev: {address: frames}}.
LAND = r"""
import json, os, select, socket, struct, sys
wire, receivers, addresses, count = sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(","), int(sys.argv[4])
ETH_P_TEST, SOL_PACKET, PACKET_IGNORE_OUTGOING, WAIT = 0x88B5, 263, 23, 120
run = os.urandom(16)
sockets = {}
for name in receivers:
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.bind((name, ETH_P_TEST))
    sockets[s] = name
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
out.bind((wire, 0))
with open(f"/sys/class/net/{wire}/address") as file:
    source = bytes.fromhex(file.read().strip().replace(":", ""))
seen = {name: dict.fromkeys(addresses, 0) for name in receivers}

def receive(s):
    data = s.recv(2048)
    if data[14:30] == run:
        seen[sockets[s]][":".join(f"{b:02x}" for b in data[:6])] += 1

for number in range(1, count + 1):
    for address in addresses:
        frame = bytes.fromhex(address.replace(":", "")) + source + struct.pack("!H", ETH_P_TEST) + run
        out.send(frame.ljust(60, b"\0"))
    while seen[receivers[0]][addresses[-1]] < number:
        ready = select.select(list(sockets), [], [], WAIT)[0]
        if not ready:
            sys.exit(f"{receivers[0]} did not hear broadcast {number} within {WAIT} s")
        for s in ready:
            receive(s)
while ready := select.select(list(sockets), [], [], 0.5)[0]:  # what the VF is still to be given
    for s in ready:
        receive(s)
print(json.dumps(seen))
"""

HOLD_PROMISC = r"""
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex(sys.argv[1]), 1, 0, b""))
print("held", flush=True)
sys.stdin.read()
"""


class Rig:
    """A VF and an address X of its own; put back on leaving."""

    def __init__(self, host, number, vf=3):
        self.host, self.vf = host, vf
        self.address = f"02:00:5e:00:01:{number:02x}"
        self.holder = None

    def __enter__(self):
        self.host.vf_unbind(self.vf)
        return self

    def __exit__(self, *_):
        self.release()
        # The VF had a random address of its own: without one from the PF it draws another.
        self.host.vf_clear(self.vf)
        if not self.host.vf_netdev(self.vf):
            self.host.vf_bind(self.vf)

    def hold(self, style):
        if style == "macvtap":
            self.host.ok("bridge", "fdb", "add", self.address, "dev", PF, "self", "permanent")
            self.holder = lambda: self.host.ok("bridge", "fdb", "del", self.address, "dev", PF, "self")
        else:
            process = self.host.begin("/usr/bin/python3", "-I", "-c", HOLD_PROMISC, PF, stdin=True)
            process.wait_for("held")
            self.holder = lambda: (process.write(b""), process.wait(120))

    def release(self):
        if self.holder:
            self.holder()
        self.holder = None

    def assign(self):
        self.host.ok("ip", "link", "set", PF, "vf", self.vf, "mac", self.address)

    def up(self):
        netdev = self.bind()
        self.host.ok("ip", "link", "set", netdev, "up")
        self.host.wait_carrier(netdev)

    def bind(self):
        """igbvf that asks while the emulator is starved of CPU takes a random address: ask again."""
        for _ in range(10):
            self.host.vf_bind(self.vf)
            netdev = self.host.vf_netdev(self.vf)
            if self.host.read(f"/sys/class/net/{netdev}/address") == self.address:
                return netdev
            self.host.vf_unbind(self.vf)
        raise AssertionError(f"the VF driver did not take {self.address}, ten times")

    def landing(self):
        """Where frames for X land: pf, vf, both, nowhere, or mixed."""
        netdev = self.host.vf_netdev(self.vf)
        receivers = ",".join([PF] + ([netdev] if netdev else []))
        addresses = ",".join([self.address, UNREGISTERED, BROADCAST])
        out = self.host.ok("/usr/bin/python3", "-I", "-c", LAND, WIRE, receivers, addresses, SENT)
        seen = json.loads(out)
        equal(seen[PF][BROADCAST], SENT, "broadcasts that reached the PF")
        share = {name: counts[self.address] / SENT for name, counts in seen.items()}
        pf, vf = share[PF], share.get(netdev, 0)
        names = {(True, False): "pf", (False, True): "vf", (True, True): "both", (False, False): "nowhere"}
        if any(0.05 < value < 0.8 for value in (pf, vf)):
            return "mixed"
        return names[(pf >= 0.8, vf >= 0.8)]


def walk(host, style, number):
    """The steps of a guest's life that decide, and where frames land in each."""
    with Rig(host, number) as rig:
        row = {}
        rig.hold(style)
        row["standby"] = rig.landing()
        rig.assign()
        host.vf_reset(rig.vf)
        row["attach"] = rig.landing()
        rig.up()
        row["up"] = rig.landing()
        host.vf_unbind(rig.vf)
        row["unplug"] = rig.landing()
        return row


def test_filter(host):
    """the address in the PF's filter: the standby keeps it, the VF gets a copy while it is up"""
    expected = {"standby": "pf", "attach": "pf", "up": "both", "unplug": "pf"}
    equal(walk(host, "macvtap", 1), expected, "landings")


def test_promisc(host):
    """the PF promiscuous: the VF takes the address before it has a driver, and keeps it afterwards"""
    expected = {"standby": "pf", "attach": "nowhere", "up": "vf", "unplug": "nowhere"}
    equal(walk(host, "bridge", 2), expected, "landings")

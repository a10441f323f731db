# SPDX-License-Identifier: GPL-2.0-or-later
"""The entry of the libvirt hook under a real libvirtd, for a guest that migrates in from another NIC."""

import json
import re

from probing import running
from scenario import WIRE, check, equal
from simulated import X
from test_libvirt import PF2, THERE, VF, bridge, bridged, configure, cured, learn, migration, pci, primary, served, stored, target
from virsh import define, done, libvirtd

# The times are measured: by the clock of the host.
MACHINE = {"cmdline": "nfprobe=services", "pfs": 2, "vfs": (7, 2), "icount": "shift=0"}
STYLES = ("bridge", "bridge+fdb+pin")

# Sends frames to an address, which say when.
SEND = """
import select, socket, struct, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((sys.argv[1], 0))
head = bytes.fromhex(sys.argv[2].replace(":", "")) + s.getsockname()[4] + b"\\x88\\xb5"
print("sending", flush=True)
while not select.select([0], [], [], 0.005)[0]:
    s.send(head + struct.pack("!Q", time.monotonic_ns()) + bytes(38))
"""

# Takes the name of something that is to be heard, and answers once it was, or at once where there is no name, with {netdev, and
# "before" or "after" the guest's move: when the first of these frames that came by there was sent, and the last}, and "ran": when
# QEMU announced from its tap (RARP) that the guest runs there.
HEAR = """
import json, os, select, socket, struct, sys, time
PACKET_OUTGOING, RARP = 4, b"\\x80\\x35"
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
heard, wanted = {}, None
print("listening", flush=True)
while True:
    ready = select.select([s, 0], [], [])[0]
    if s in ready:
        data, (name, _, kind, *_) = s.recvfrom(2048)
        if data[12:14] == RARP and name == sys.argv[1] and kind != PACKET_OUTGOING:
            heard.setdefault("ran", time.monotonic_ns())
        elif data[12:14] == b"\\x88\\xb5":
            (sent,) = struct.unpack_from("!Q", data, 14)
            heard.setdefault(name + (" after" if "ran" in heard else " before"), [sent, sent])[1] = sent
    else:
        asked = os.read(0, 64)
        if not asked:
            break
        wanted = asked.decode().strip()
    if wanted is not None and (wanted in heard or not wanted):
        print(json.dumps(heard), flush=True)
        wanted = None
"""
PYTHON = ("/usr/bin/python3", "-I", "-S", "-c")


def asked(hearing, key):
    """Returns what was heard, once @key is in it."""
    hearing.write(key.encode() + b"\n")
    try:
        return json.loads(hearing.line(120))
    except TimeoutError:
        hearing.write(b"\n")
        raise AssertionError(f"nothing of {key} in {hearing.line(120)}") from None


def test_moved(host):
    """a guest that migrates in has its entry once QEMU waits for it: what it does not hear from the wire, and for how long"""
    with bridged(host, cured("learning-off"), STYLES), libvirtd(host, "libvirtd"):
        stored(host, STYLES, PF2)
        bridge(host, "br1", PF2)
        # No VF of that NIC is up: beside one it is not known whether a guest is safe (nfprobe-check(1)), and no entry comes.
        define(host, "helped", "bridge", "bridge='br0'", X, primary(host))
        done(host, "start", "helped")
        served(host, [X], "at the source")
        there = {"folder": "/run/second/list", "pf": PF2}
        with (target(host), running(host, *PYTHON, HEAR, "helped1", ready="listening") as hearing,
              running(host, *PYTHON, SEND, WIRE, X, ready="sending")):
            # The emulated NIC gives the PF its own broadcasts back: from the guest's announcement the bridge would learn that the guest is
            # on the wire, and would keep the neighbour's frames from it.
            configure(host, cured("learning-off"), "/run/second/nfprobe")
            equal(hearing.line(), "listening", "the first line of the one who listens")
            asked(hearing, "helped0 before")
            words = migration(host, "helped", {pci(host, VF): pci(host, 1, PF2), "bridge='br0'": "bridge='br1'"})
            began = host.uptime()
            done(host, *words)
            served(host, [], "at the source, after the guest has left")
            served(host, [X], "at the target", **there)
            equal(learn(host, PF2, "helped1"), ["0", "0"], "who learns at the target")
            heard = asked(hearing, "helped1 after")
            since = float(re.search(r'"since": ([0-9.]+)', host.sh("cat /run/second/list/*")).group(1))
            done(host, "destroy", "helped", at=THERE)
            served(host, [], "after the guest was destroyed there", **there)
            equal(learn(host, PF2), ["1"], "who learns there after that")
    ran, first = (ns / 1e9 for ns in (heard["ran"], heard["helped1 after"][0]))
    check(began < since < ran, f"began {began}, entry {since}, runs {ran}: {heard}")
    return f"migration began; entry {since - began:.2f} s, guest runs {ran - began:.2f} s, first frame heard {first - began:.2f} s after"

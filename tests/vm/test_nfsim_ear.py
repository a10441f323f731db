# SPDX-License-Identifier: GPL-2.0-or-later
"""--hear and the address of a VF in use: what comes from the wire is told from what the VF itself sends, or it is not known."""

import contextlib
import json

from scenario import check, equal
from simulated import BROADCAST, X, one

VF, OTHER = 3, 2
NOT_OURS = "88b6"  # the other EtherType for experiments (IEEE 802); nobody answers

# Until its standard input ends.
SEND = """
import select, socket, sys
sockets = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW) for _ in sys.argv[1].split(",")]
for one, name in zip(sockets, sys.argv[1].split(",")):
    one.bind((name, 0))
print("sending", flush=True)
while not select.select([sys.stdin], [], [], 0.1)[0]:
    for one in sockets:
        one.send(bytes.fromhex(sys.argv[2]))
"""


def frame(source, to=BROADCAST):
    return to.replace(":", "") + source.replace(":", "") + NOT_OURS + "00" * 46


@contextlib.contextmanager
def sending(nic, *ports):
    """Each of these sends a broadcast from X ten times a second."""
    netdevs = ",".join(nic.netdev(port) for port in ports)
    process = nic.host.begin("/usr/bin/python3", "-I", "-S", "-c", SEND, netdevs, frame(X), stdin=True)
    try:
        check(process.wait_for("sending"), f"nobody sends from {netdevs}")
        yield
    finally:
        process.write(b"")
        process.wait(60)


def heard(nic):
    """What --hear says of the addresses of VFs: by number, whether they are from the wire."""
    run = nic.host.nfprobe("--hear", "--json", nic.netdev("pf"))
    equal(run.status, 0, f"status; {run.err}{run.out}")
    return {vf["vf"]: vf["from_wire"] for vf in json.loads(run.out)["pfs"][0]["vfs"] if vf["address"] == X}


def test_hear(host):
    """a guest's address from the wire is named as that; one that its VF, another, or the PF may have sent is not known"""
    with one(host, "stats=1 come=up go=down+unplug+clear arb=both", bound=True) as nic:
        for vf in (VF, OTHER):
            nic.spoofchk(vf, "on")
        nic.assign(VF, X)
        nic.unbind(VF)
        nic.bind(VF)
        for vf in (VF, OTHER):
            nic.up(vf)
            nic.send(vf, frame(nic.address(vf)))  # a counter that is zero may be that of a driver that does not count
        equal(heard(nic), {}, "while nobody sends from it")
        with sending(nic, "wire"):
            equal(heard(nic), {VF: True}, "the wire sends")
        with sending(nic, VF):
            equal(heard(nic), {VF: None}, "the VF sends")
        nic.spoofchk(OTHER, "off")
        with sending(nic, "wire", OTHER):
            equal(heard(nic)[VF], None, "another VF without spoof checking sends")
        nic.spoofchk(OTHER, "on")
        with sending(nic, "wire", "pf"):
            equal(heard(nic), {VF: None}, "the PF sends as well")
        nic.personality("stats=0")
        with sending(nic, "wire"):
            equal(heard(nic), {VF: None}, "a driver that does not count")
        nic.down(VF)
        with sending(nic, "wire"):
            equal(heard(nic), {}, "a VF that is not in use")

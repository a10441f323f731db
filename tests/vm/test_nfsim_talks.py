# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that talks, behind a bridge on simulated NICs: what the bridge learns goes by which broadcasts the NIC brings the PF.

net_failover takes a VF of a PCI device only. The guest is a bond in mode active-backup, which does the same: it sends by the VF
while it has that, and drops what comes by the other (bond_should_deliver_exact_match). Nothing is announced, since it has no IP address.
"""

import contextlib
import json

from probing import PACE, valid
from scenario import CLOCK, check
from simulated import X, one
from talking import foretold, live, talking

MACHINE = CLOCK
VF, OTHER = 3, 1
RESULT = "/tmp/result.json"

SET_UP = f"""modprobe bonding max_bonds=0
    ip link add br0 type bridge ageing_time 100000; ip link set br0 up
    ip link add tap type veth peer name standby
    ip link add port type veth peer name beside
    for name in $1 tap port; do ip link set $name master br0; done
    ip link add failover address {X} type bond mode active-backup miimon 100
    ip link set standby address {X}; ip link set standby master failover
    for name in tap standby port beside failover; do ip link set $name up; done"""
OFF = "for name in $1 tap; do bridge link set dev $name learning off; done"
# The guest is elsewhere, says something, and comes.
MIGRATES = f"""/usr/bin/python3 -I -S -c '
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((sys.argv[1], 0))
s.send(bytes.fromhex("ffffffffffff{X.replace(':', '')}88b5").ljust(60, bytes(1)))' $2
    until bridge fdb show dev $1 | grep -q "^{X} .*master"; do :; done
    """
STICKY = f"bridge fdb replace {X} dev tap master static sticky"

# Which broadcasts the NIC brings the PF (a frame of the VF's to the host teaches the bridge as well), the setting, and what the guest
# hears of the wire/the host/a neighbour/another VF in each state of talking.STATES.
SAFE = "come=up go=down"
ALL, DEAF, PINNED, APART = "20/20/20/20", "0/0/0/0", "20/0/0/20", "20/20/20/0"
LOST = (DEAF, DEAF, ALL, ALL, DEAF, DEAF, DEAF)
UNPLUGGED = (ALL, ALL, PINNED, ALL, DEAF, ALL, ALL)
TABLE = {
    "neither, nor what the VF sends to the host": (f"{SAFE} loop_vf_pf=0 promisc_vf=0", "bridge", "",
                                                   (APART, APART, PINNED, PINNED, APART, APART, APART)),
    # But what the VF sends to the host, which is promiscuous.
    "neither": (f"{SAFE} loop_vf_pf=0", "bridge", "", UNPLUGGED),
    "the VF's": (SAFE, "bridge", "", UNPLUGGED),
    "the VF's, learning off at both ports": (SAFE, "bridge+pin", OFF, (ALL,) * 7),
    "the VF's, learned on the wire before, learning off at both ports": (SAFE, None, MIGRATES + OFF, LOST),
    "the VF's, the same and forgotten": (SAFE, "bridge+pin", f"{MIGRATES}{OFF}; bridge fdb del {X} dev $1 master", (ALL,) * 7),
    "the VF's, sticky": (SAFE, "bridge+pin", STICKY, (ALL, ALL, PINNED, PINNED, ALL, ALL, ALL)),
    "both": (f"{SAFE} loop_pf_pf=1", "bridge", "", LOST),
    "both, learning off at both ports": (f"{SAFE} loop_pf_pf=1", "bridge+pin", OFF, (ALL,) * 7),
}


class Guest:
    def __init__(self, host, nic):
        self.host, self.nic = host, nic

    def assign(self):
        self.nic.assign(VF, X)

    def reset(self):
        self.nic.reset(VF)

    def boot(self):
        self.nic.bind(VF)
        name = self.nic.netdev(VF)
        self.host.sh(f"ip link set {name} master failover; ip link set failover type bond primary {name}")
        self.nic.until("carrier", VF, True)

    def unbind(self):
        self.nic.unbind(VF)

    def clear(self):
        self.nic.clear(VF)


@contextlib.contextmanager
def silent(host):
    """No netdev that comes meanwhile has IPv6, and with it something to say."""
    path = "/proc/sys/net/ipv6/conf/default/disable_ipv6"
    before = host.read(path)
    host.write(path, "1")
    try:
        yield
    finally:
        host.write(path, before)


def test_reflections(host):
    """the bridge loses the guest where the NIC brings the PF the guest's broadcasts: for good, or from unplug until it talks; a bridge
    that does not learn never does, nor one with a sticky entry"""
    report = []
    for name, (personality, style, setting, expected) in TABLE.items():
        with silent(host), one(host, personality) as nic:
            if style:
                nic.bind(VF)
                run = host.nfprobe(nic.netdev("pf"), "--vf", VF, "--from", nic.netdev("wire"), "--style", style, *PACE, f"--json={RESULT}")
                check(run.status in (0, 1), f"{name}: nfprobe's status {run.status}: {run.err}")
                foretold(valid(json.loads(host.read(RESULT)))["vf"]["styles"][0], expected)
                nic.unbind(VF)
            nic.bind(OTHER)
            nic.up(OTHER)
            host.ok("sh", "-ec", f"{SET_UP}\n{setting}", "set_up", nic.netdev("pf"), nic.netdev("wire"))
            try:
                nic.until("operstate", "failover", "up")
                senders = {"host": "br0", "neighbour": "beside", "vf": nic.netdev(OTHER)}
                with talking(host, X, "failover", nic.netdev("wire"), senders, inside=((), ())) as talk:
                    report.append(f"{name}: {live(Guest(host, nic), talk, expected)}")
            finally:
                host.sh("for name in br0 failover tap port; do ip link del $name; done")
    return "\n".join(report)

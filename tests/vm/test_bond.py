# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's PFs in a bond, whose members are two ports of a switch that learns: what is refused, and what ends a run.

test_bond_life.py has the runs.
"""

import contextlib
import json
import re
import signal

from probing import PACE, come_to, meddled, outcome, refused
from scenario import PF, check, equal, long, made
from test_errors import wait_for

PF2 = "eth2"
MACHINE = {"pfs": 2, "vfs": (4, 1), "second_cable": True}

INSIDE = ("ip", "netns", "exec")
UP = "+ ip -n nfprobe link set nfpvf up"
HOST, GUEST, FAR = "192.0.2.1", "192.0.2.2", "192.0.2.9"


def switch(host):
    """sw, whose ports are the other ends of both cables, the netdev src of this host, and a host far."""
    return made(host, f"""ip link add sw type bridge; ip link add src type veth peer name src0; ip netns add far
        ip link add far netns far type veth peer name far0
        for port in eth1 eth3 src0 far0; do ip link set $port master sw; ip link set $port up; done
        ip link set sw up; ip link set src up; ip -n far link set far up; ip -n far address add {FAR}/24 dev far""",
                "ip netns del far; ip link del src; ip link del sw")


@contextlib.contextmanager
def bond(host, mode, *options, bridge=False, active=PF, monitor=True):
    """bond0 of both PFs; under a bridge, which has the host's address then, and a guest."""
    top = "br0" if bridge else "bond0"
    host.sh(f"""ip link add bond0 type bond mode {mode} {'miimon 100' if monitor else ''} {' '.join(map(str, options))}
        for pf in {PF} {PF2}; do ip link set $pf down; ip link set $pf master bond0; done; ip link set bond0 up""")
    for pf in (PF, PF2, "bond0"):
        host.wait_carrier(pf)
    if active != "":
        host.ok("ip", "link", "set", "bond0", "type", "bond", "active_slave", active)
    if bridge:
        # Without the timer that tells of its ports once more, 15 seconds after they came up.
        host.sh(f"""ip link add br0 address $(cat /sys/class/net/bond0/address) type bridge forward_delay 0
            ip link set bond0 master br0; ip link set br0 up; ip netns add guest
            ip link add inner netns guest type veth peer name vnet0; ip link set vnet0 master br0; ip link set vnet0 up
            ip -n guest link set inner up; ip -n guest address add {GUEST}/24 dev inner""")
    host.ok("ip", "address", "add", f"{HOST}/24", "dev", top)
    try:
        yield top
    finally:
        host.sh(f"""{'ip netns del guest; ip link del br0' if bridge else ':'}; ip link del bond0
            for pf in {PF} {PF2}; do ip link set $pf down; ip link set $pf up; done""")
        for pf in (PF, PF2):
            host.wait_carrier(pf)


def address_of(host, netdev, *inside):
    return host.json(*inside, "ip", "-j", "link", "show", netdev)[0]["address"]


@contextlib.contextmanager
def pinged(host, *addresses, outward=False):
    """From far, or far from there, all the time; none may be lost, once the first was answered."""
    at = {HOST: (), GUEST: (*INSIDE, "guest")}
    ways = [(*at[one], "busybox", "ping", FAR) if outward else (*INSIDE, "far", "busybox", "ping", one) for one in addresses]
    running = [host.begin(*way) for way in ways]
    for ping in running:
        check(ping.wait_for("bytes from", 60), "the first ping is not answered")
    yield
    for ping in running:
        ping.signal(signal.SIGINT)
        said = ping.wait(60).out
        sent, heard = map(int, re.search(r"(\d+) packets transmitted, (\d+) packets received", said).groups())
        check(sent - heard <= 1 and sent > 2, f"pings were lost: {said[-300:]}")  # the last is on its way
        # A line that is being written when the signal comes is there twice.
        numbers = sorted(set(map(int, re.findall(r"seq=(\d+)", said))))
        equal((numbers, "duplicates" in said), (list(range(heard)), False), "answers, whether one came twice")


@long
def test_entry_of_a_standby(host):
    """an entry on the bond is at its active member alone, also after a failover"""
    entry = "02:00:00:00:00:99"

    def has(netdev):
        return any(line["mac"] == entry for line in host.json("bridge", "-j", "fdb", "show", "dev", netdev))
    for mode in ("active-backup", "balance-tlb", "balance-alb"):
        with bond(host, mode):
            host.ok("bridge", "fdb", "add", entry, "dev", "bond0", "self", "permanent")
            equal([has(netdev) for netdev in ("bond0", PF, PF2)], [True, True, False], f"the entry in {mode}")
            host.ok("ip", "link", "set", "bond0", "type", "bond", "active_slave", PF2)
            equal([has(netdev) for netdev in ("bond0", PF, PF2)], [True, False, True], f"{mode} after a failover")


@long
def test_other_carrier(host):
    """another member that loses its carrier in mid-run ends the run as well"""
    with switch(host), bond(host, "active-backup"):
        run = host.begin_nfprobe(PF, "--vf", 3, "--from", "src", *PACE, "-v", "--json", hold=UP)
        come_to(run, UP, PF)
        try:
            meddled(run, UP, lambda: (host.vm.set_link("pf1", False),
                                      wait_for(host, f"[ $(cat /sys/class/net/{PF2}/carrier) = 0 ]")))
            out = outcome(run.wait(900), 3)
        finally:
            host.vm.set_link("pf1", True)
            host.wait_carrier(PF2)
        check("another member of bond0" in json.dumps(out["changes_seen"]), f"changes: {out['changes_seen']}")
        equal({style["verdict"] for style in out["vf"]["styles"]}, {"unknown"}, "verdicts")


def test_refused(host):
    """an ARP monitor that validates nothing, a VLAN that the bond does not have; what an inactive member would hand on, or have to ask"""
    with switch(host):
        with bond(host, "active-backup", "arp_interval", 100, "arp_ip_target", FAR, monitor=False):
            refused(host, "--vf", 0, code="pf-in-bond", says="(bond, active-backup)", hint="arp_validate")
        with bond(host, "active-backup"):
            refused(host, "--vf", 0, "--vlan", 100, code="pf-in-bond", says="in which bond0 has no netdev", hint="would take the VLAN")
        with bond(host, "active-backup", "all_slaves_active", 1, active=PF2):
            refused(host, "--vf", 0, code="pf-in-bond", says="(bond, active-backup)", hint="all_slaves_active")
        with bond(host, "active-backup", active=PF2):
            refused(host, "--vf", 0, "--from", "arp:" + FAR, code="source-unusable", says="by which a run sends nothing", hint="must not learn")
        with bond(host, "balance-alb", bridge=True, active=PF2):
            refused(host, "--vf", 0, code="pf-in-bond", says="bond0 is a port of a bridge", hint="Probe the active member")

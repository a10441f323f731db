# SPDX-License-Identifier: GPL-2.0-or-later
"""Is it a pair? What --explain says of a guest's two NICs, by pings: two that it calls no pair lose the guest with its VF, and those
that it calls one, or that the printed change makes one, do not."""

import contextlib
import os
import re

from scenario import PF, TOP, WIRE, check, equal
from simulated import X
from test_audit import FIRST, REMOTE, SERVER, home, namespaces, ping
from test_libvirt import primary
from virsh import GUEST

HOOK = os.path.join(TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook")
VF, V = 3, 100
TAG = f"<vlan><tag id='{V}'/></vlan>"
IN_VLAN, PLAIN = f"eth9.{V}", "eth9"  # of the far end


def explained(host, kind, source, vf):
    """Is it a pair, by --explain, and all that it says."""
    host.write("/run/pair.xml", GUEST.format(name="pair", emulator="/bin/true", kind=kind, source=source, mac=X, primary=vf))
    # Its limits are tested elsewhere (hook_act.bats); here it must not depend on how busy the machine is.
    host.sh(f"""sed -E 's/^(CHECK|ACT)_LIMIT = .*/\\1_LIMIT = 120/; s#^TOOLS = .*#TOOLS = "{TOP}/scripts/tools"#' {HOOK} >/run/hook""")
    path = f"PATH={os.path.dirname(host.nfprobe_path)}:/usr/sbin:/usr/bin:/sbin:/bin"
    said = host.run("env", path, "/usr/bin/python3", "-I", "/run/hook", "--explain", "/run/pair.xml")
    is_pair = "  pair:    yes" in said.out
    equal(said.status == 1, not is_pair, f"status {said.status} of --explain, which says {said.out}{said.err}")
    return is_pair, said.out


def far(host):
    """Somebody on the wire, in no VLAN and in one. Nobody asks for addresses: this NIC brings a PF no broadcast of some VLANs."""
    host.sh(f"""ip link add link {WIRE} name {PLAIN} address {FIRST} netns far type macvlan mode private
        ip -n far link set {PLAIN} up; ip -n far link add link {PLAIN} name {IN_VLAN} type vlan id {V}; ip -n far link set {IN_VLAN} up""")


def heard(host, by, netdev):
    """How many of three pings by that netdev of the far end are answered by the guest's netdev."""
    host.sh(f"""ip -n far addr flush dev {PLAIN}; ip -n far addr flush dev {IN_VLAN}
        ip -n far addr add {REMOTE}/24 dev {by}; ip -n far neigh replace {SERVER} lladdr {X} dev {by}
        ip -n guest addr add {SERVER}/24 dev {netdev}; ip -n guest neigh replace {REMOTE} lladdr {FIRST} dev {netdev}""")
    return ping(host, "far", SERVER)[0]


@contextlib.contextmanager
def vf_of_guest(host, vid):
    """As libvirt sets it up; afterwards as the guest has left it."""
    host.ok("ip", "link", "set", PF, "vf", VF, "mac", X, "vlan", vid)
    host.vf_unbind(VF)
    host.vf_bind(VF)
    netdev = host.vf_netdev(VF)
    host.ok("ip", "link", "set", netdev, "netns", "guest", "name", "primary", "up")
    try:
        host.wait_carrier("primary", inside=("ip", "netns", "exec", "guest"))
        yield "primary"
    finally:
        host.run("ip", "-n", "guest", "link", "set", "primary", "down", "netns", 1, "name", netdev)
        host.ok("ip", "link", "set", PF, "vf", VF, "mac", "00:00:00:00:00:00", "vlan", 0)
        home(host, VF)


@contextlib.contextmanager
def standby(host, kind, on):
    """A macvlan, or the port of a bridge."""
    make = (f"ip link add link {on} name standby address {X} netns guest type macvlan mode bridge" if kind == "direct" else
            f"ip link add pair0 type veth peer name standby address {X} netns guest; ip link set pair0 master {on} up")
    host.sh(f"{make}; ip -n guest link set standby up")
    try:
        yield "standby"
    finally:
        host.sh("ip -n guest link del standby")


def by_both(host, by, kind, on, vid):
    """What the guest hears: by its VF, and by its standby once that is gone."""
    with vf_of_guest(host, vid) as netdev:
        with_vf = heard(host, by, netdev)
    with standby(host, kind, on) as netdev:
        return with_vf, heard(host, by, netdev)


def in_vlan(host, vf):
    return vf.replace("</interface>", f"{TAG}</interface>")


def test_vlans(host):
    """sriov-cni 91, kubevirt 6351: the halves are in different VLANs, either way; the printed netdev, and the printed <source>, cure it"""
    plain = primary(host)
    tagged = in_vlan(host, plain)
    on_pf, on_vlan = f"dev='{PF}' mode='bridge'", f"dev='{PF}.{V}' mode='bridge'"
    with namespaces(host, "far", "guest"):
        far(host)
        is_pair, said = explained(host, "direct", on_pf, tagged)
        check(not is_pair and f"the VF is in VLAN {V}, and its standby on {PF} in no VLAN" in said, said)
        check(f"<source {on_vlan}/>" in said, said)
        equal(by_both(host, IN_VLAN, "direct", PF, V), (3, 0), "answers of a tagged VF, and of a standby without the VLAN")
        host.sh(re.search(r"\((ip link add [^)]*)\)", said).group(1))
        try:
            equal(explained(host, "direct", on_vlan, tagged)[0], True, "is it a pair, as changed")
            equal(by_both(host, IN_VLAN, "direct", f"{PF}.{V}", V), (3, 3), "answers as changed")
            is_pair, said = explained(host, "direct", on_vlan, plain)
            check(not is_pair and f"the VF is in no VLAN, and its standby on {PF}.{V} in VLAN {V}" in said and f"<source {on_pf}/>" in said, said)
            equal(by_both(host, PLAIN, "direct", f"{PF}.{V}", 0), (3, 0), "answers of a VF without the VLAN, and of a tagged standby")
            equal(explained(host, "direct", on_pf, plain)[0], True, "is it a pair, as changed back")
            equal(by_both(host, PLAIN, "direct", PF, 0), (3, 3), "answers as changed back")
        finally:
            host.sh(f"ip link del {PF}.{V}")


def test_bridges(host):
    """a bridge of the VF's VLAN is a pair, and keeps it; one that leads nowhere is none, until it has the printed port"""
    plain = primary(host)
    with namespaces(host, "far", "guest"):
        far(host)
        host.sh(f"""ip link add br9 type bridge; ip link set br9 up
            ip link add link {PF} name {PF}.{V} up type vlan id {V}""")
        try:
            is_pair, said = explained(host, "bridge", "bridge='br9'", plain)
            check(not is_pair and "br9 has no port that leads out" in said and "a standby on a bridge with a port of the VF's network" in said, said)
            equal(by_both(host, PLAIN, "bridge", "br9", 0), (3, 0), "answers of a VF, and behind a bridge that leads nowhere")
            host.sh(f"ip link set {PF}.{V} master br9")
            equal(explained(host, "bridge", "bridge='br9'", in_vlan(host, plain))[0], True, "is it a pair, in one VLAN")
            equal(by_both(host, IN_VLAN, "bridge", "br9", V), (3, 3), "answers in one VLAN")
            host.sh(f"ip link set {PF}.{V} nomaster; ip link set {PF} master br9")
            equal(explained(host, "bridge", "bridge='br9'", plain)[0], True, "is it a pair, by the PF")
            equal(by_both(host, PLAIN, "bridge", "br9", 0), (3, 3), "answers by the PF")
        finally:
            host.sh(f"ip link del br9; ip link del {PF}.{V}")


def test_addresses(host):
    """libvirt gives a <hostdev> no address: the printed command does, and the VF then comes up with its standby's"""
    device = re.search("<address [^>]*>", primary(host)).group()
    hostdev = (f"<hostdev mode='subsystem' type='pci' managed='yes'><source>{device}</source>"
               "<teaming type='transient' persistent='ua-backup0'/></hostdev>")
    is_pair, said = explained(host, "direct", f"dev='{PF}' mode='bridge'", hostdev)
    # igb draws an address for each VF that has none.
    check(not is_pair and re.search(f"VF {VF} of {PF} has (no address assigned|the address [0-9a-f:]+), and its standby {X}", said), said)
    try:
        host.sh(re.search(r"before each start of the guest, (ip link set [^\n;]*)", said).group(1))
        equal(explained(host, "direct", f"dev='{PF}' mode='bridge'", hostdev)[0], True, "is it a pair, as changed")
        host.vf_unbind(VF)
        host.vf_bind(VF)
        equal(host.read(f"/sys/class/net/{host.vf_netdev(VF)}/address").strip(), X, "the address with which the VF comes up")
    finally:
        home(host, VF)

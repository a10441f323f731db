# SPDX-License-Identifier: GPL-2.0-or-later
"""Is it a pair? A guest with net_failover makes one of the NICs that --explain calls a pair, and hears; of others it does not."""

import os
import re

from guest import ADDRESS, HV, guest, macvtap
from scenario import PF, check, equal
from test_pair import TAG, explained

MACHINE = {"failover": True, "vfs": (2,)}
STANDBY = f"dev='{PF}' mode='bridge'"
OTHER = "52:54:00:12:34:59"
HOSTDEV = """<hostdev mode='subsystem' type='pci' managed='yes'><source>{}</source>
    <teaming type='transient' persistent='ua-backup0'/></hostdev>"""
INTERFACE = """<interface type='hostdev' managed='yes'><mac address='{mac}'/><source>{vf}</source>{more}
    <teaming type='transient' persistent='ua-backup0'/></interface>"""


def vf_of(it):
    numbers = re.split("[:.]", os.path.basename(it.device))
    return "<address type='pci' domain='0x{}' bus='0x{}' slot='0x{}' function='0x{}'/>".format(*numbers)


def judged(host, vf):
    return explained(host, "direct", STANDBY, vf, mac=ADDRESS, inside=HV)


def hears(it, heard, what):
    """Its network, or nothing of it at all."""
    result = it.hears({"unicast": True})
    equal((result["good"], bool(result["shares"])), (heard, heard), f"{what}: what the guest hears, {result}")


def test_addresses(host):
    """libvir-list 2020, 2021: of NICs with two addresses the guest makes no pair; with that which the printed command assigns it does"""
    with guest(host, macvtap) as it:
        it.assign(OTHER)
        is_pair, said = judged(host, HOSTDEV.format(vf_of(it)))
        check(not is_pair and f"VF 0 of {PF} has the address {OTHER}, and its standby {ADDRESS}" in said, said)
        host.write("/sys/bus/pci/drivers/igbvf/bind", os.path.basename(it.device))
        netdev = host.ok("ls", f"{it.device}/net").strip()
        equal(host.run("test", "-e", f"/sys/class/net/{netdev}/master").status, 1, "the VF has a master")
        it.unbind()
        command = re.search(r"before each start of the guest, (ip link set [^\n;]*)", said).group(1)
        host.sh(f"ip netns exec hv {command}")
        equal(judged(host, HOSTDEV.format(vf_of(it)))[0], True, "is it a pair, as changed")
        it.boot()  # where its master is failover
        hears(it, True, "by the VF")
        it.unbind()
        hears(it, True, "by the standby")


def test_vlans(host):
    """sriov-cni 91: a guest whose VF alone is in a VLAN hears its network by the standby, and not by the VF, until both are in one"""
    with guest(host, macvtap) as it:
        tagged, plain = (INTERFACE.format(mac=ADDRESS, vf=vf_of(it), more=more) for more in (TAG, ""))
        is_pair, said = judged(host, tagged)
        check(not is_pair and "the VF's <interface> without <vlan>" in said, said)
        hears(it, True, "by the standby")
        for vlan, xml, hear in ((100, tagged, False), (0, plain, True)):
            equal(judged(host, xml)[0], hear, f"is it a pair, with the VF in VLAN {vlan}")
            host.ok(*HV, "ip", "link", "set", PF, "vf", 0, "vlan", vlan)
            it.assign()
            it.boot()
            hears(it, hear, f"by a VF in VLAN {vlan}")
            it.unbind()
            it.clear()
        hears(it, True, "by the standby, at last")

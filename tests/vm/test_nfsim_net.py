# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch of the network at the simulated NIC's wire: what it learns, forgets and passes."""

import ipaddress
import struct

from scenario import CLOCK, equal
from simulated import BROADCAST, UNREGISTERED, X, Y, one

MACHINE = CLOCK
ALL_NODES = "33:33:00:00:00:01"
GROUP = "33:33:ff:00:02:01"


def report(source, *groups):
    """An MLDv2 report that it has joined these (RFC 3810, section 5.2), but for the checksum, as hex."""
    records = b"".join(struct.pack("!BBH16s", 4, 0, 0, ipaddress.ip_address(group).packed) for group in groups)
    message = bytes([58, 0, 5, 2, 0, 0, 1, 0]) + struct.pack("!BBHHH", 143, 0, 0, 0, len(groups)) + records
    header = struct.pack("!IHBB16s16s", 6 << 28, len(message), 0, 1, ipaddress.ip_address("fe80::1").packed, ipaddress.ip_address("ff02::16").packed)
    return (bytes.fromhex("333300000016" + source.replace(":", "") + "86dd") + header + message).hex()


def blink(nic):
    nic.down("pf")
    nic.up("pf")
    nic.until("carrier", "pf", True)


def show(nic, *addresses):
    """The PF sends from them."""
    for address in addresses:
        nic.landing(UNREGISTERED, origin="pf", source=address)


def test_addresses(host):
    """net_suppress, net_learn_ms, net_learn_max: unicast for what it has learned; a blink of the carrier, and it has forgotten"""
    with one(host) as nic:
        nic.hold(X)
        nic.hold(Y)

        def row():
            return [nic.landing(mac) for mac in (X, Y, nic.address("pf"), BROADCAST)]

        equal(row(), ["pf", "pf", "pf", "pf"], "landings")
        nic.personality("net_suppress=1")
        equal(row(), ["nowhere", "nowhere", "pf", "pf"], "landings, net_suppress=1")
        show(nic, X)
        equal(row(), ["pf", "nowhere", "pf", "pf"], "landings, X shown")
        nic.personality("net_learn_max=1")
        show(nic, Y)
        equal(row(), ["pf", "nowhere", "pf", "pf"], "landings, Y shown, too, net_learn_max=1")
        blink(nic)
        equal(row(), ["nowhere", "nowhere", "pf", "pf"], "landings after a blink")
        show(nic, Y, X)
        equal(row(), ["nowhere", "pf", "pf", "pf"], "landings, Y shown first")
        nic.personality("net_learn_max=0 net_learn_ms=120000")
        show(nic, X)
        equal(row(), ["nowhere", "pf", "pf", "pf"], "landings, X shown, net_learn_ms=120000")
        nic.bind(3)
        nic.up(3)
        nic.personality("net_learn_ms=0")
        blink(nic)
        nic.landing(UNREGISTERED, origin=3)
        equal(nic.landing(nic.address(3)), "vf3", "landing of a VF that has sent")


def test_groups(host):
    """net_snoop, net_report_loss: the groups of MLDv2 reports, and all nodes"""
    with one(host) as nic:
        nic.group("pf", True, GROUP)
        nic.group("pf", True, ALL_NODES)

        def row():
            return [nic.landing(mac) for mac in (GROUP, ALL_NODES, BROADCAST)]

        nic.personality("net_snoop=1")
        equal(row(), ["nowhere", "pf", "pf"], "landings, net_snoop=1")
        nic.send("pf", report(X, "ff02::1:ff00:202"))
        equal(row(), ["nowhere", "pf", "pf"], "landings, another group reported")
        nic.send("pf", report(X, "ff02::1:ff00:203", "ff02::1:ff00:201"))
        equal(row(), ["pf", "pf", "pf"], "landings, the group reported behind another one")
        nic.personality("net_report_loss=100")
        blink(nic)
        nic.send("pf", report(X, "ff02::1:ff00:201"))
        equal(row(), ["nowhere", "pf", "pf"], "landings after a blink, net_report_loss=100")


def test_pause(host):
    """net_pause*, net_forward_ms: when it passes nothing"""
    with one(host) as nic:
        nic.promisc("wire", True)
        nic.hold(X)

        def row():
            return [nic.landing(X), nic.landing(BROADCAST), nic.landing(BROADCAST, origin="pf")]

        nic.personality("net_pause_ms=120000")
        equal(row(), ["nowhere"] * 3, "landings")
        nic.personality("net_pause=unicast")
        equal(row(), ["nowhere", "pf", "wire"], "landings, net_pause=unicast")
        nic.personality("net_pause_at_ms=120000")
        equal(row(), ["pf", "pf", "wire"], "landings, net_pause_at_ms=120000")
        nic.personality("net_pause_ms=0 net_forward_ms=120000")
        equal(row(), ["pf", "pf", "wire"], "landings, net_forward_ms=120000")
        blink(nic)
        equal(row(), ["nowhere"] * 3, "landings after a blink")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What stops the frames of a standby before its guest starts, and what does not."""

import pytest

from test_pair import (
    BR0, BR100, ETH0, ETH0_100, ETH1, FILTERING, IN_BR0, IN_BR100, TAP, TRUNK, VLAN, a_host, judged, netdev, proxmox, standby, transient)

IN_BRIDGE = standby("bridge", "bridge='br0'")
BEHIND_FWBR = standby("bridge", "bridge='fwbr1i0'", "<target dev='tap1i0'/>")
ON_VLAN = standby(source="dev='eth0.100' mode='bridge'")
IN_BOND = [IN_BR0._replace(master="bond0"), netdev("bond0", "bond", master="br0"), BR0]
STP = BR0._replace(stp_delay_ms=30000)
BLOCKED = IN_BR0._replace(port_state="blocking")
ISOLATED = standby("bridge", "bridge='br0'", "<port isolated='yes'/>")
SECOND = ETH1._replace(master="br0")
LOOP = ", unless a second path leads around br0, by which frames would go in circles"


def but(netdevs, **changed):
    """These netdevs, and of one: NAME={..}."""
    return [one._replace(**changed.get(one.ifname.replace(".", "_"), {})) for one in netdevs]


STOPS = {
    "a bridge that is down, whatever its ports are":
        ((BR0._replace(up=False), BLOCKED._replace(port_state="disabled")), IN_BRIDGE, "", ["br0 is down (ip link set br0 up)"]),
    "a port that is down": ((BR0, IN_BR0._replace(up=False, carrier=False, port_state="disabled")), IN_BRIDGE, "",
                            ["eth0 is down (ip link set eth0 up)"]),
    "a port that is held": ((BR0, BLOCKED), IN_BRIDGE, "",
                            ["eth0 of br0 does not forward now (blocking) (bridge link set dev eth0 state 3" f"{LOOP})"]),
    "by STP": ((STP, BLOCKED), IN_BRIDGE, "",
               ["eth0 of br0 does not forward now (blocking) (ip link set br0 type bridge stp_state 0 and bridge link set dev eth0 state 3"
                f"{LOOP})"]),
    "with a state of its own": ((BR0, IN_BR0._replace(port_state="disabled")), IN_BRIDGE, "",
                                ["eth0 of br0 does not forward now (disabled) (bridge link set dev eth0 state 3)"]),
    "two isolated ports": ((BR0, IN_BR0._replace(isolated=True)), ISOLATED, "",
                           ["eth0 of br0 is isolated, as the port of the standby is: neither passes the other anything"
                            " (bridge link set dev eth0 isolated off)"]),
    "the veth to a second bridge": (but(proxmox(), fwpr1p0={"up": False}), BEHIND_FWBR, "", ["fwpr1p0 is down (ip link set fwpr1p0 up)"]),
    "its port there": (but(proxmox(), fwpr1p0={"port_state": "blocking"}), BEHIND_FWBR, "",
                       ["fwpr1p0 of br0 does not forward now (blocking) (bridge link set dev fwpr1p0 state 3" f"{LOOP})"]),
    "two isolated ports of it": (but(proxmox(), fwpr1p0={"isolated": True}, eth0={"isolated": True}), BEHIND_FWBR, "",
                                 ["eth0 of br0 is isolated, as the port of the standby is: neither passes the other anything"
                                  " (bridge link set dev eth0 isolated off)"]),
    "two of a way": (but(proxmox(), fwbr1i0={"up": False}, eth0={"up": False}), BEHIND_FWBR, "",
                     ["fwbr1i0 is down (ip link set fwbr1i0 up)", "eth0 is down (ip link set eth0 up)"]),
    "the netdev of a VLAN": (but([ETH0, BR100, IN_BR100], eth0_100={"up": False}), standby("bridge", "bridge='br100'"), VLAN,
                             ["eth0.100 is down (ip link set eth0.100 up)"]),
    "the NIC below that": (but([ETH0, BR100, IN_BR100], eth0={"up": False}), standby("bridge", "bridge='br100'"), VLAN,
                           ["eth0 is down (ip link set eth0 up)"]),
    "the NIC below a macvtap's": (but([ETH0, ETH0_100], eth0={"up": False}), ON_VLAN, VLAN, ["eth0 is down (ip link set eth0 up)"]),
    "the NIC in a bond": (but(IN_BOND, eth0={"up": False}), IN_BRIDGE, "", ["eth0 is down (ip link set eth0 up)"]),
    "the bond": (but(IN_BOND, bond0={"up": False}), IN_BRIDGE, "", ["bond0 is down (ip link set bond0 up)"]),
    "both of two ways": ((BR0, BLOCKED, SECOND._replace(up=False)), IN_BRIDGE, "",
                         ["eth0 of br0 does not forward now (blocking) (bridge link set dev eth0 state 3" f"{LOOP})"]),
    "the only way of its VLAN": ((FILTERING, TRUNK._replace(port_state="blocking"), SECOND), standby("bridge", "bridge='br0'", VLAN), VLAN,
                                 ["eth0 of br0 does not forward now (blocking) (bridge link set dev eth0 state 3" f"{LOOP})"]),
    "the tap of a guest that runs": ((BR0, IN_BR0, TAP._replace(master=None)), standby("bridge", "bridge='br0'", "<target dev='vnet0'/>"),
                                     "", ["vnet0, the guest's tap, is in no bridge (ip link set vnet0 master br0)"]),
}
PASSES = {
    "a port that forwards": ((BR0, IN_BR0._replace(port_state="forwarding")), IN_BRIDGE, "", ""),
    "one that is about to": ((BR0, IN_BR0._replace(port_state="learning")), IN_BRIDGE, "", "eth0 of br0 does not forward yet (learning)"),
    "a delay": ((STP, IN_BR0._replace(port_state="listening")), IN_BRIDGE, "", "br0 holds each new port back for 30 s"),
    "no link, which the VF lacks as well": ((BR0, IN_BR0._replace(port_state="disabled", carrier=False)), IN_BRIDGE, "",
                                            "eth0 of br0 has no link"),
    "a second uplink that forwards": ((STP, BLOCKED, SECOND._replace(port_state="forwarding")), IN_BRIDGE, "", "br0 holds each new"),
    "one isolated port": ((BR0, IN_BR0._replace(isolated=True)), IN_BRIDGE, "", ""),
    "rules": ((BR0._replace(netfilter=True), IN_BR0), IN_BRIDGE, "", "br0 gives frames to netfilter"),
    "another guest's port": ((BR0, IN_BR0, TAP._replace(up=False, port_state="disabled")), IN_BRIDGE, "", ""),
    "another bridge": ((BR0, IN_BR0, BR100._replace(up=False)), IN_BRIDGE, "", ""),
    "the netdev below a macvtap, which libvirt sets up": (but([ETH0, ETH0_100], eth0_100={"up": False}), ON_VLAN, VLAN, ""),
    "the tap where it belongs": ((BR0, IN_BR0, TAP), standby("bridge", "bridge='br0'", "<target dev='vnet0'/>"), "", ""),
}


@pytest.mark.parametrize("name", STOPS)
def test_nothing_passes(name):
    netdevs, half, vlan, expected = STOPS[name]
    runs = " id='3'" if "runs" in name else ""
    one = judged(a_host(*netdevs), half, transient(vlan), runs=runs)[0]
    assert list(map(str, one.stops)) == expected and one.faults == ()


@pytest.mark.parametrize("name", PASSES)
def test_what_does_not_stop(name):
    netdevs, half, vlan, need = PASSES[name]
    one = judged(a_host(*netdevs), half, transient(vlan))[0]
    assert (one.stops, one.faults) == ((), ())
    assert any(said.startswith(need) for said in one.needs) if need else one.needs == ()


def test_the_tap_of_another_guest():
    """A file may name one."""
    netdevs, half, vlan, _ = STOPS["the tap of a guest that runs"]
    assert judged(a_host(*netdevs), half, transient(vlan))[0].stops == ()


@pytest.mark.parametrize("parameters, waits", (
    ("", False), ("<parameter name='CTRL_IP_LEARNING' value='dhcp'/>", True), ("<parameter name='CTRL_IP_LEARNING' value='any'/>", False),
    ("<parameter name='CTRL_IP_LEARNING' value='dhcp'/><parameter name='IP' value='192.0.2.7'/>", False)))
@pytest.mark.parametrize("kind, source", (("bridge", "bridge='br0'"), ("network", "network='elsewhere'")))
def test_a_filter_of_libvirt(kind, source, parameters, waits):
    """A remark: what it drops is not known."""
    ref = f"<filterref filter='clean-traffic'>{parameters}</filterref>"
    one = judged(a_host(BR0, IN_BR0), standby(kind, source, ref), transient())[0]
    assert (one.faults, one.doubts, one.stops, len(one.needs)) == ((), (), (), 1)
    assert one.needs[0].startswith("nwfilter clean-traffic, which is not read, may drop frames on the standby alone")
    assert ("it passes DHCP alone until a lease comes by the tap" in one.needs[0]) == waits

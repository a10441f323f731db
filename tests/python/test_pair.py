# SPDX-License-Identifier: GPL-2.0-or-later
"""Are a guest's two NICs a pair? What people have built, what the documentation of managers has, and what is drawn by lot."""

import os
import random
import sys
import xml.etree.ElementTree as ElementTree

import pytest
import tool

from nfprobe_tools import host, pair, team, text

sys.path.insert(0, os.path.join(tool.TOP, "tests/nfsim"))
import alike  # noqa: E402

from ways import with_ways  # noqa: E402

MAC, OTHER = "52:54:00:00:00:56", "52:54:00:00:00:57"
PF, VF, SECOND = "0000:01:00.0", "0000:01:10.0", "0000:01:10.2"


def netdev(name, kind=None, **more):
    values = {"ifname": name, "kind": kind, "parentdev": None, "vlan": None, "vlan_filtering": False, "default_pvid": None,
              "has_address": False, "up": True, "lower": None, "elsewhere": False, "master": None, "mode": None, "tagged": (),
              "untagged": (), "pvid": None}
    return host.Netdev(**{**values, **more})


def vf(number, device, **more):
    values = dict.fromkeys(host.Vf._fields, None)
    return host.Vf(**{**values, "vf": number, "parentdev": device, "hands_over": False, "unread": {}, "up": False, "vlan": 0, **more})


def a_host(*netdevs, vfs=None):
    pf = dict.fromkeys(host.Pf._fields, None)
    pf.update(ifname="eth0", bus="pci", parentdev=PF, firmware_versions=(), settle_ms=1500, not_with=(), unread={},
              vfs=vfs or (vf(0, VF), vf(1, SECOND, ifname="eth0v1")))
    return host.Host(3, "", "", (host.Pf(**pf),), 0, None, with_ways(netdevs), True)


def in_lag(*netdevs):
    on = a_host(*netdevs)
    return on._replace(pfs=(on.pfs[0]._replace(master="bond0", lag="802.3ad"),))


ETH0 = netdev("eth0", parentdev=PF)
ETH1 = netdev("eth1", parentdev="0000:02:00.0")
ETH0_100 = netdev("eth0.100", "vlan", vlan=100, lower="eth0")
IN_BR0 = netdev("eth0", parentdev=PF, master="br0")
BR0, BR100 = netdev("br0", "bridge"), netdev("br100", "bridge")
IN_BR100 = netdev("eth0.100", "vlan", vlan=100, lower="eth0", master="br100")
VIRBR0 = netdev("virbr0", "bridge", has_address=True)
FILTERING = netdev("br0", "bridge", vlan_filtering=True, default_pvid=1)
TRUNK = netdev("eth0", parentdev=PF, master="br0", untagged=("1",), pvid=1, tagged=("100-200",))
TAP = netdev("vnet0", "tun", master="br0", untagged=("100",), pvid=100)


def standby(kind="direct", source="dev='eth0' mode='bridge'", more="", mac=MAC, model="virtio", teaming="<teaming type='persistent'/>"):
    return (f"<interface type='{kind}'><mac address='{mac}'/><source {source}/>{more}<model type='{model}'/>{teaming}"
            "<alias name='ua-backup0'/></interface>")


def transient(more="", mac=MAC, device=0, names="ua-backup0", teaming=True):
    return (f"<interface type='hostdev'><mac address='{mac}'/><source><address type='pci' domain='0x0000' bus='0x01' slot='0x10'"
            f" function='0x{device}'/></source>{more}" + f"<teaming type='transient' persistent='{names}'/>" * teaming + "</interface>")


HOSTDEV = ("<hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x01' slot='0x10' function='0x0'/></source>"
           "<teaming type='transient' persistent='ua-backup0'/></hostdev>")
PLAIN = HOSTDEV.replace("<teaming type='transient' persistent='ua-backup0'/>", "")
VLAN = "<vlan><tag id='100'/></vlan>"
TAG = f"{VLAN} (libvirt 11 or later)"
POOL_VF = (f"<interface type='network'><mac address='{MAC}'/><source network='pool'/><teaming type='transient' persistent='ua-backup0'/>"
           "</interface>")


def judged(on, *devices, networks=None, assigned=None, machine="machine='q35'", arch="x86_64", runs="",
           pci_class=""):
    """What is said of each pair. @assigned: the addresses of plain <hostdev>s."""
    domain = ElementTree.fromstring(f"<domain{runs}><os><type arch='{arch}' {machine}/></os>"
                                    f"<devices>{''.join(devices)}</devices></domain>")
    named = {name: ElementTree.fromstring(text) for name, text in (networks or {}).items()}
    found = team.teams(domain, named, assigned or {})
    return [pair.judge(one, found, on, pci_class) for one in found]


def faults(*args, **named):
    return " | ".join(f"{fault.what} -> {fault.change}" for one in judged(*args, **named) for fault in one.faults)


WRONG = {
    "the VF in a VLAN, its macvtap in none":
        (a_host(ETH0, ETH0_100), (standby(), transient(VLAN)),
         "the VF is in VLAN 100, and its standby on eth0 in no VLAN of eth0 -> <source dev='eth0.100' mode='bridge'/>"),
    "the same, where there is no netdev of that VLAN":
        (a_host(ETH0), (standby(), transient(VLAN)), "ip link add link eth0 name eth0.100 up type vlan id 100"),
    "a macvtap in a VLAN, its VF in none":
        (a_host(ETH0, ETH0_100), (standby(source="dev='eth0.100' mode='bridge'"), transient()),
         "<source dev='eth0' mode='bridge'/> in the standby's interface; or <vlan><tag id='100'/></vlan> in the VF's"),
    "a bridge in a VLAN, its VF in none":
        (a_host(ETH0, BR100, IN_BR100), (standby("bridge", "bridge='br100'"), transient()),
         "in no VLAN, and its standby on br100 in VLAN 100"),
    "a bridge in none, and there is one of the VF's VLAN":
        (a_host(IN_BR0, BR0, BR100, IN_BR100), (standby("bridge", "bridge='br0'"), transient(VLAN)), "<source bridge='br100'/>"),
    "a VLAN that the PF gives the VF of a <hostdev> (VST)":
        (a_host(ETH0, vfs=(vf(0, VF, vlan=7, address=MAC),)), (standby(), HOSTDEV), "the VF is in VLAN 7"),
    "a tap's own VLAN":
        (a_host(TRUNK, FILTERING, TAP), (standby("bridge", "bridge='br0'", "<target dev='vnet0'/>"), transient()),
         "in no VLAN, and its standby on br0 in VLAN 100"),
    "the default VLAN of a bridge, which leaves untagged":
        (a_host(TRUNK, FILTERING), (standby("bridge", "bridge='br0'"), transient(VLAN)),
         f"in VLAN 100, and its standby on br0 in no VLAN of eth0 -> {TAG} in the standby's interface; or the VF's"),
    "the same, where the NIC's port does not have the VF's yet":
        (a_host(TRUNK._replace(tagged=()), FILTERING), (standby("bridge", "bridge='br0'"), transient(VLAN)),
         f"-> {TAG} and bridge vlan add dev eth0 vid 100 in the standby's interface; or"),
    "the same, by a bond":
        (a_host(ETH0._replace(master="bond0"), TRUNK._replace(ifname="bond0", kind="bond", parentdev=None), FILTERING),
         (standby("bridge", "bridge='br0'"), transient(VLAN)), f"-> {TAG} in the standby's interface; or"),
    "another bridge, which has the VF's VLAN by the NIC's port":
        (a_host(TRUNK, FILTERING, BR100, netdev("eth0.7", "vlan", vlan=7, lower="eth0", master="br100")),
         (standby("bridge", "bridge='br100'"), transient(VLAN)), f"-> <source bridge='br0'/> and {TAG} in the standby's interface; or"),
    "no VLAN to be had but from Open vSwitch":
        (a_host(netdev("eth0", parentdev=PF, master="ovs-system"), netdev("ovs-system", "openvswitch"), BR100,
                netdev("eth0.7", "vlan", vlan=7, lower="eth0", master="br100")),
         (standby("bridge", "bridge='br100'"), transient(VLAN)), "in VLAN 7 of eth0 -> <vlan><tag id='7'/></vlan> in the VF's"),
    "a VLAN that guests of a bridge may have, who lose it to a netdev":
        (a_host(IN_BR0, BR0), (standby("bridge", "bridge='br0'"), transient(VLAN)),
         "(ip link add link eth0 name eth0.100 up type vlan id 100, but guests on br0 that tag VLAN 100 themselves lose it)"),
    "a bond, whose port has no VLAN of its own":
        (a_host(ETH0._replace(master="bond0"), netdev("bond0", "bond")), (standby(source="dev='bond0' mode='bridge'"), transient(VLAN)),
         "-> <source dev='bond0.100' mode='bridge'/> (ip link add link bond0 name bond0.100"),
    "a macvtap of a bridge's port, in another VLAN than the VF":
        (a_host(ETH0, BR100, IN_BR100), (standby(source="dev='eth0.100' mode='bridge'"), transient()),
         "in VLAN 100 of eth0 -> <source dev='eth0' mode='bridge'/> in the standby's interface; or <interface type='bridge'> with"
         " <source bridge='br100'/> and <vlan><tag id='100'/></vlan> in the VF's <interface> | the kernel makes no macvtap of eth0.100,"
         " which is a port of br100 (EBUSY) -> "),
    "a plain <hostdev> of the standby's address, in a VLAN (VST)":
        (a_host(ETH0, vfs=(vf(0, VF, vlan=7, address=MAC),)), (standby(teaming=""), PLAIN), "the VF is in VLAN 7"),
    "the VLAN of a pool":
        (a_host(ETH0), (standby(), POOL_VF), "the VF is in VLAN 100, and its standby on eth0 in no VLAN"),
    "a VLAN that the NIC's port does not have":
        (a_host(TRUNK, FILTERING), (standby("bridge", "bridge='br0'", "<vlan><tag id='7'/></vlan>"), transient()),
         "no port of br0 that leads out has VLAN 7"),
    "the VLAN of a portgroup":
        (a_host(ETH0), (standby(), "<interface type='network'><mac address='52:54:00:00:00:56'/><source network='vfs' portgroup='red'>"
                        "<address type='pci' bus='0x01' slot='0x10' function='0x0'/></source>"
                        "<teaming type='transient' persistent='ua-backup0'/></interface>"), "the VF is in VLAN 100"),
    "two addresses":
        (a_host(ETH0), (standby(mac=OTHER), transient()), f"the VF has the address {MAC}, and its standby {OTHER}"),
    "a <hostdev> without an address":
        (a_host(ETH0), (standby(), HOSTDEV), f"VF 0 of eth0 has no address assigned, and its standby {MAC}"),
    "a <hostdev> that was released":
        (a_host(ETH0, vfs=(vf(0, VF, address=team.RELEASED),)), (standby(), HOSTDEV), "has no address assigned"),
    "a <hostdev> with another":
        (a_host(ETH0, vfs=(vf(0, VF, address=OTHER),)), (standby(), HOSTDEV), f"ip link set dev eth0 vf 0 mac {MAC}"),
    "a bridge of NAT":
        (a_host(ETH0, VIRBR0), (standby("bridge", "bridge='virbr0'"), transient()),
         "virbr0 has no port that leads out, and what the host routes"),
    "the same, before it runs":
        (a_host(ETH0, VIRBR0), (standby("network", "network='default'"), transient()), "virbr0 has no port that leads out"),
    "a bridge with nothing but guests":
        (a_host(ETH0, BR0, TAP), (standby("bridge", "bridge='br0'"), transient()), "br0 has no port that leads out: the guest is cut off"),
    "a macvtap of a bridge's port":
        (a_host(IN_BR0, BR0), (standby(), transient()), "a port of br0 (EBUSY) -> <interface type='bridge'> with <source bridge='br0'/>"),
    "a macvtap of a bond's port":
        (a_host(netdev("eth0", parentdev=PF, master="bond0"), netdev("bond0", "bond")), (standby(), transient()),
         "a port of bond0 (EBUSY) -> <source dev='bond0' mode='bridge'/>"),
    "the same, where the bond is the port of a bridge":
        (a_host(netdev("eth0", parentdev=PF, master="bond0"), netdev("bond0", "bond", master="br0", rx_handler="bridge"), BR0),
         (standby(), transient()),
         "a port of bond0 (EBUSY) -> <interface type='bridge'> with <source bridge='br0'/>"),
    "a LAG":
        (in_lag(netdev("eth0", parentdev=PF, master="bond0"), netdev("bond0", "bond", master="br0", rx_handler="bridge"), BR0),
         (standby("bridge", "bridge='br0'"), transient()),
         "NOT SAFE (LAG): eth0 is a member of bond0 (802.3ad), so the switch chooses the member for each frame: what comes by another one"
         " is lost to a guest that uses its VF -> a VF of a PF that is in no such bond; or a VF of each member of bond0"),
    "a macvtap beside an ipvlan":
        (a_host(netdev("eth0", parentdev=PF, rx_handler="other", rx_handler_note="iv0 is on eth0")), (standby(), transient()),
         "the kernel makes no macvtap of eth0 while iv0 is on eth0 (EBUSY)"),
    "a model that does not fail over":
        (a_host(ETH0), (standby(model="e1000e"), transient()), "the standby is of model e1000e"),
    "a standby that is not said to be one":
        (a_host(ETH0), (standby(teaming=""), transient()), "ua-backup0 has no <teaming type='persistent'/>"),
    "two VFs with one standby":
        (a_host(ETH0), (standby(), transient(), transient(device=2)), "2 VFs name the standby ua-backup0, and QEMU takes one"),
    "a second VF in another VLAN":
        (a_host(ETH0, netdev("eth0v1", parentdev=SECOND), vfs=(vf(0, VF), vf(1, SECOND, ifname="eth0v1", vlan=9))),
         (standby(source="dev='eth0v1' mode='passthrough'"), transient()), "its standby on eth0v1 in VLAN 9"),
    "a bond of the guest's own, in two VLANs":
        (a_host(ETH0), (standby(teaming=""), transient(VLAN, teaming=False)), "the VF is in VLAN 100"),
}
NETWORKS = {"pool": f"<network><name>pool</name><forward mode='hostdev'><pf dev='eth0'/></forward>{VLAN}</network>",
            "vfs": ("<network><name>vfs</name><forward mode='hostdev'><pf dev='eth0'/></forward>"
                    f"<portgroup name='red'>{VLAN}</portgroup></network>"),
            "default": "<network><name>default</name><forward mode='nat'/><bridge name='virbr0'/></network>",
            "lan": "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>",
            "tap": "<network><name>tap</name><forward mode='bridge'><interface dev='eth0'/></forward></network>"}


@pytest.mark.parametrize("name", WRONG)
def test_no_pair(name):
    on, devices, words = WRONG[name]
    said = faults(on, *devices, networks=NETWORKS, assigned={VF: MAC})
    assert words in said, said


# As the documentation of each has it.
HEALTHY = {
    "a macvtap of a VRF's port, which is as free as any":
        (a_host(netdev("eth0", parentdev=PF, master="vrf0", rx_handler="nobody"), netdev("vrf0", "vrf")), (standby(), transient())),
    "a macvtap in passthru mode, which may be this one":
        (a_host(netdev("eth0", parentdev=PF, rx_handler="other", rx_handler_note="mt0 is on eth0 in passthru mode")),
         (standby(), transient())),
    "libvirt: formatdomain, teaming, a bridge": (a_host(IN_BR0, BR0), (standby("bridge", "bridge='br0'"), transient())),
    "libvirt: two networks":
        (a_host(IN_BR0, BR0),
         (standby("network", "network='lan'"), f"<interface type='network'><source network='vfs'/><mac address='{MAC}'/>"
          "<teaming type='transient' persistent='ua-backup0'/></interface>")),
    "libvirt: a network of macvtaps": (a_host(ETH0), (standby("network", "network='tap'"), transient())),
    "libvirt: <hostdev>, with an address that was assigned":
        (a_host(IN_BR0, BR0, vfs=(vf(0, VF, address=MAC),)), (standby("bridge", "bridge='br0'"), HOSTDEV)),
    "the kernel: net_failover.rst, a VF and a macvtap": (a_host(ETH0), (standby(), transient())),
    "KubeVirt: a tap of a pod, whose netdevs are elsewhere":
        (a_host(ETH0, vfs=(vf(0, VF, address=MAC),)), (standby("ethernet", "dev='tap0'"), HOSTDEV)),
    "Neutron: a VF in a VLAN, a bridge of Open vSwitch":
        (a_host(netdev("eth0", parentdev=PF, master="ovs-system"), netdev("br-int", "openvswitch")),
         (standby("bridge", "bridge='br-int'", "<virtualport type='openvswitch'/>"), transient(VLAN))),
    "Neutron: a VF in a VLAN, a bridge of that VLAN":
        (a_host(ETH0, BR100, IN_BR100), (standby("bridge", "bridge='br100'"), transient(VLAN))),
    "Neutron: a macvtap on a second VF":
        (a_host(ETH0, netdev("eth0v1", parentdev=SECOND)), (standby(source="dev='eth0v1' mode='passthrough'"), transient())),
    "oVirt: a network of a VLAN on a bond":
        (a_host(netdev("eth0", parentdev=PF, master="bond0"), ETH1._replace(master="bond0"), netdev("bond0", "bond"),
                netdev("bond0.100", "vlan", vlan=100, lower="bond0", master="red"), netdev("red", "bridge")),
         (standby("bridge", "bridge='red'"), transient(VLAN))),
    "a bridge with VLANs, and a tap in the VF's":
        (a_host(TRUNK, FILTERING, TAP), (standby("bridge", "bridge='br0'", "<target dev='vnet0'/>"), transient(VLAN))),
    "the same, before the guest runs": (a_host(TRUNK, FILTERING), (standby("bridge", "bridge='br0'", VLAN), transient(VLAN))),
    "a list of 0.3.0, without netdevs": (a_host()._replace(have_vlans=False), (standby("bridge", "bridge='br7'"), transient(VLAN))),
    "a VF of another host": (a_host(ETH0), (standby(), transient(device=6))),
    "a pool whose VLAN nobody knows":
        (a_host(ETH0), (standby(), f"<interface type='network'><source network='elsewhere'/><mac address='{MAC}'/>"
                        "<teaming type='transient' persistent='ua-backup0'/></interface>")),
    "a VF without an answer":
        (a_host(ETH0, vfs=(vf(0, VF, unread={"address": "needs CAP_NET_ADMIN"}, vlan=None),)), (standby(), HOSTDEV)),
    "a tunnel to the other hosts":
        (a_host(ETH0, BR0, netdev("vxlan7", "vxlan", master="br0", lower="eth0")), (standby("bridge", "bridge='br0'"), transient())),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_pair(name):
    on, devices = HEALTHY[name]
    found = judged(on, *devices, networks=NETWORKS)
    assert [one.faults for one in found] == [()]
    elsewhere = [remark for one in found for remark in one.remarks]
    assert elsewhere == [] or name.startswith("a tunnel") and "leaves by vxlan7" in elsewhere[0]


def test_remarks():
    down = standby(more="<link state='down'/>")
    assert "the link of the standby is down" in judged(a_host(ETH0), down, transient())[0].remarks[0]
    found = judged(a_host(ETH0), standby(teaming=""), transient(teaming=False))
    assert found[0].faults == () and "no <teaming>: the guest itself" in found[0].remarks[0]
    found = judged(a_host(ETH0, ETH1), standby(source="dev='eth1' mode='bridge'"), transient())
    assert found[0].faults == () and "leaves by eth1, another NIC" in found[0].remarks[0]


@pytest.mark.parametrize("network, more, trusts, static", (
    ("<network><forward mode='bridge'/><bridge name='br0' macTableManager='libvirt'/></network>", "", False, True),
    ("<network trustGuestRxFilters='yes'><forward mode='bridge'><interface dev='eth0'/></forward></network>", "", True, False),
    ("<network trustGuestRxFilters='yes'><forward mode='bridge'><interface dev='eth0'/></forward></network>", " trustGuestRxFilters='no'",
     False, False),
    ("<network><portgroup name='a' default='yes' trustGuestRxFilters='yes'/></network>", "", True, False),
    (None, "", None, False), (None, " trustGuestRxFilters='yes'", True, False),
))
def test_what_a_network_says_for_its_interfaces(network, more, trusts, static):
    """The interface comes first; a network that nobody knows says nothing."""
    devices = standby("network", "network='n'").replace("<interface ", f"<interface{more} ") + transient()
    domain = ElementTree.fromstring(f"<domain><devices>{devices}</devices></domain>")
    half = team.teams(domain, {"n": ElementTree.fromstring(network)} if network else {}, {})[0].standby
    assert (half.trusts, half.static) == (trusts, static)


def test_doubts():
    """A <vlan> that libvirt sets nowhere; its own pair is libvirt's, and one past it nobody's."""
    for on, devices, words in (
            (a_host(ETH0), (standby(more=VLAN), transient()), "<vlan>, which libvirt sets neither at a macvtap"),
            (a_host(IN_BR0, BR0), (standby("bridge", "bridge='br0'", VLAN), transient()), "that filters no VLANs"),
            (a_host(ETH0, netdev("eth0v1", parentdev=SECOND)),
             (standby(source="dev='eth0v1' mode='passthrough'", more=VLAN), transient(VLAN)), ""),
            (a_host(TRUNK, FILTERING), (standby("bridge", "bridge='br0'", VLAN), transient(VLAN)), "")):
        found = judged(on, *devices)[0]
        assert not found.faults and words in "".join(found.doubts) and bool(words) == bool(found.doubts)
    for option, doubt in (("virtio-net-pci,failover=on,id=n", True), ("vfio-pci,failover_pair_id=n", True), ("-no-hpet", False),
                          ('{"driver":"virtio-net-pci","failover":true}', True), ("virtio-net-pci,failover=off,mq=on", False)):
        xml = (f"<domain xmlns:qemu='{team.QEMU[1:-1]}'><qemu:commandline><qemu:arg value={text.xml_value(option)}/></qemu:commandline>"
               "</domain>")
        assert bool(team.past_libvirt(ElementTree.fromstring(xml))) == doubt, option


def test_work_grows_with_the_input():
    """And not with its products, which end with a sentence."""
    with tool.in_time(60):
        for devices in ([standby(teaming="")] * 1000 + [transient(teaming=False)] * 1000, [standby()] + [transient()] * 1000,
                        [standby(teaming="")] + [PLAIN] * 1000):
            with pytest.raises(team.TooMany):
                judged(a_host(ETH0), *devices, assigned={VF: MAC})


def test_ways_that_are_not_listed():
    on = a_host(IN_BR0, BR0)._replace(unread={"ways": "more than 16384"})
    found = judged(on, standby("bridge", "bridge='br0'"), transient(VLAN))[0]
    assert "ways that lead out of this host's netdevs are known: more than 16384" in found.doubts[0] and found.faults == ()


def test_the_vlan_of_a_verdict():
    for on, devices, vlan in ((a_host(ETH0, ETH0_100), (standby(source="dev='eth0.100' mode='bridge'"), transient(VLAN)), 100),
                              (a_host(ETH0), (standby(), transient()), 0),
                              (a_host(ETH0, vfs=(vf(0, VF, vlan=7, address=MAC),)), (standby(), HOSTDEV), 7),
                              (a_host(ETH0, vfs=(vf(0, VF, vlan=None, address=MAC),)), (standby(), HOSTDEV), None)):
        assert judged(on, *devices)[0].vlan == vlan


def test_a_guest_that_tags_itself():
    """A trunk says so; a VF in a VLAN of the PF's has no other, and a native VLAN no tag."""
    trunk = "<vlan trunk='yes'><tag id='42' nativeMode='untagged'/><tag id='47'/></vlan><virtualport type='openvswitch'/>"
    for more, vf_more, inside in ((trunk, "", (47,)), (trunk, VLAN, ()), (VLAN, VLAN, ()), ("", "", ())):
        assert judged(a_host(ETH0), standby("bridge", "bridge='ovsbr0'", more), transient(vf_more))[0].inside == inside


# ---- by lot, against a rule that sends frames ----

def draw_host(lot):
    """A PF, two bridges, VLAN netdevs, a bond, some of them stacked; and which netdevs a standby may be on."""
    filtering = lot.random() < 0.4
    masters = ["br0", "br1", None, None]
    devs = [netdev("eth1", parentdev="0000:02:00.0", master=lot.choice(["br1", None]))]
    bonded = lot.random() < 0.3
    top = "bond0" if bonded else "eth0"
    untagged = tuple(lot.sample(["1", "5", "100"], lot.randint(0, 2)))
    tagged = tuple(lot.sample(["7", "200"] if "100" in untagged else ["7", "90-110", "200"], lot.randint(0, 2)))
    ports = {"untagged": untagged, "tagged": tagged}
    if bonded:
        devs += [netdev("eth0", parentdev=PF, master="bond0"), netdev("bond0", "bond", master=lot.choice(masters), **ports)]
    else:
        devs += [netdev("eth0", parentdev=PF, master=lot.choice(masters), **ports)]
    for vid in (100, 200):
        devs.append(netdev(f"v{vid}", "vlan", vlan=vid, lower=top, master=lot.choice(masters), untagged=("1",), pvid=1))
    devs.append(netdev("vnet0", "tun", master=lot.choice(["br0", "br1", None]), untagged=("100",), pvid=100))
    devs += [netdev("br0", "bridge", vlan_filtering=filtering, default_pvid=1 if filtering else None), netdev("br1", "bridge")]
    return a_host(*devs)


def ways_of(frame, at, on, came_from=""):
    """The slow rule: a frame with these tags is sent to the netdev; with which tags does it leave by the PF?"""
    links = {one.ifname: one for one in on.netdevs}
    one, found = links[at], set()
    if one.kind == "bridge":
        vid = None
        if one.vlan_filtering:
            if came_from in links and links[came_from].master == at:
                vid = links[came_from].pvid
            else:
                vid = one.default_pvid
        for port in on.netdevs:
            if port.master != at or port.ifname == came_from or port.kind == "tun":
                continue
            if not one.vlan_filtering:
                found |= ways_of(frame, port.ifname, on)
            elif any(vid in range(int(t.split("-")[0]), int(t.split("-")[-1]) + 1) for t in port.untagged):
                found |= ways_of(frame, port.ifname, on)
            elif any(vid in range(int(t.split("-")[0]), int(t.split("-")[-1]) + 1) for t in port.tagged):
                found |= ways_of([vid] + frame, port.ifname, on)
    elif one.kind == "vlan":
        found |= ways_of([one.vlan] + frame, one.lower, on)
    elif one.kind == "bond":
        for port in on.netdevs:
            if port.master == at:
                found |= ways_of(frame, port.ifname, on)
    elif at in ("eth0", "eth1"):
        found.add((at, tuple(frame)))
    return found


def is_a_pair(on, place, tap, tag, standby_mac, model, teaming):
    """libvirt's and net_failover's own conditions: one address, a virtio NIC that QEMU calls a standby, one segment."""
    links = {one.ifname: one for one in on.netdevs}
    if standby_mac != MAC or model != "virtio" or not teaming:
        return False
    is_bridge = links[place].kind == "bridge"
    if not is_bridge and links[place].master:
        return False
    ways = ways_of([], place, on, tap if tap and links[tap].master == place else "")
    ours = {tags for name, tags in ways if name == "eth0"}
    return bool(ways) and (not ours or ((tag,) if tag else ()) in ours)


def test_by_lot():
    lot, pairs = random.Random(20261128), 0
    for _ in range(1000):
        on = draw_host(lot)
        place = lot.choice(["eth0", "v100", "v200", "br0", "br1"])
        tap, tag = lot.choice(["", "", "vnet0"]), lot.choice([0, 0, 100, 200, 7])
        mac, model, teaming = lot.choice([MAC] * 9 + [OTHER]), lot.choice(["virtio"] * 9 + ["e1000"]), lot.random() < 0.95
        kind, source = ("bridge", f"bridge='{place}'") if place.startswith("br") else ("direct", f"dev='{place}' mode='bridge'")
        first = standby(kind, source, f"<target dev='{tap}'/>" * bool(tap), mac, model, "<teaming type='persistent'/>" * teaming)
        third = f"<interface type='bridge'><mac address='{OTHER[:-2]}99'/><source bridge='br0'/></interface>"
        devices = [first, transient(f"<vlan><tag id='{tag}'/></vlan>" * bool(tag)), *[third] * lot.randint(0, 1)]
        lot.shuffle(devices)
        said = faults(on, *devices)
        expected = is_a_pair(on, place, tap, tag, mac, model, teaming)
        assert (said == "") == expected, (said, place, tap, tag, on.netdevs)
        for port in on.netdevs:
            if port.master == "br0" and f"link add link {port.ifname} " in said:
                assert not on.netdevs[-2].vlan_filtering, "the bridge loses that VLAN"
        pairs += expected
    assert 100 < pairs < 900


@pytest.mark.parametrize("of_vf, of_standby, doubt", (
    (VLAN, "", "the VF is in VLAN 100, and its standby in no VLAN of Open vSwitch"),
    ("", VLAN, "the VF is in no VLAN, and its standby in VLAN 100 of Open vSwitch"),
    (VLAN, VLAN, ""), ("", "", ""), (VLAN, "<vlan trunk='yes'><tag id='7'/></vlan>", ""),
))
def test_open_vswitch_has_vlans_of_its_own(of_vf, of_standby, doubt):
    """What is in the XML is compared; its port to the NIC may change that, which no list of the kernel has."""
    on = a_host(netdev("eth0", parentdev=PF, master="ovs-system"), netdev("br-int", "openvswitch"))
    switch = standby("bridge", "bridge='br-int'", f"<virtualport type='openvswitch'/>{of_standby}")
    [found] = judged(on, switch, transient(of_vf))
    assert not found.faults and (found.doubts[0].startswith(doubt) if doubt else not found.doubts), found


def proxmox(**more):
    """A second bridge between the tap and the PF's, as Proxmox makes it with firewall=1."""
    return [IN_BR0, BR0._replace(**more), netdev("fwpr1p0", "veth", lower="fwln1i0", master="br0", pvid=100, untagged=("100",)),
            netdev("fwln1i0", "veth", lower="fwpr1p0", master="fwbr1i0"), netdev("fwbr1i0", "bridge"),
            netdev("tap1i0", "tun", master="fwbr1i0")]


BEHIND_FWBR = standby("bridge", "bridge='fwbr1i0'", "<target dev='tap1i0'/>")


def test_a_second_bridge_leads_to_the_pf():
    found = judged(a_host(*proxmox()), BEHIND_FWBR, transient())[0]
    assert (found.faults, found.remarks, found.doubts) == ((), (), ())
    assert found.needs == ("2 bridges are between the standby and eth0, each of which learns where the guest is: one that is pinned is"
                           " pinned at tap1i0 and fwpr1p0",)
    assert "in VLAN 100, and its standby on fwbr1i0 in no VLAN" in faults(a_host(*proxmox()), BEHIND_FWBR, transient(VLAN))


def test_a_second_bridge_of_a_vlan():
    """The first filters VLANs: the guest is in that of the veth."""
    on = [TRUNK if one.ifname == "eth0" else one for one in proxmox(vlan_filtering=True, default_pvid=1)]
    assert judged(a_host(*on), BEHIND_FWBR, transient(VLAN))[0].faults == ()
    assert "in no VLAN, and its standby on fwbr1i0 in VLAN 100" in faults(a_host(*on), BEHIND_FWBR, transient())


def test_a_veth_that_leads_elsewhere():
    pod = netdev("veth0", "veth", master="br0", elsewhere=True)
    assert judged(a_host(IN_BR0, BR0, pod), standby("bridge", "bridge='br0'"), transient())[0].needs == ()


@pytest.mark.parametrize("which", ["the VF", "the standby", "the VF and the standby"])
def test_libvirt_gives_an_address_to_an_interface_without_one(which):
    mac = f"<mac address='{MAC}'/>"
    devices = standby().replace(mac, "" if "standby" in which else mac), transient().replace(mac, "" if "VF" in which else mac)
    assert f"{which} without <mac>" in faults(a_host(ETH0), *devices)
    assert "the standby without <mac>" in faults(a_host(ETH0, vfs=(vf(0, VF, address=MAC),)), standby().replace(mac, ""), HOSTDEV)


@pytest.mark.parametrize("vlan", (0, 100))
@pytest.mark.parametrize("top", ("eth0", "bond0"))
def test_what_a_run_advises_is_a_pair(top, vlan):
    """Of the PF, its bond, and the VLAN of either: the netdev in the XML of the standby, or the port of the bridge whose commands a run
    prints, with a VF in that VLAN; and no pair with a VF in another."""
    option, port = f"--vlan {vlan}" if vlan else "", f"{top}.{vlan}" if vlan else top
    inside, other = (transient(tags) for tags in ((VLAN, "") if vlan else ("", VLAN)))

    def on(**of_port):
        netdevs = [netdev("eth0", parentdev=PF, master=None if top == "eth0" else top)]
        netdevs += [netdev(top, "bond")] if top == "bond0" else []
        netdevs += [netdev(f"{top}.100", "vlan", vlan=100, lower=top)]
        return a_host(*[one._replace(**of_port) if one.ifname == port else one for one in netdevs], netdev("br0", "bridge"))
    styles = ("macvtap", "static-bridge", "bridge+fdb+pin")
    outs = alike.memprobe([f"--style {style} {option} -- come=up go=unplug" for style in styles], *["--bonded"] * (top == "bond0"))
    macvtap, static, entry = (out["advice"] for out in outs)
    [written] = [one["document"] for one in macvtap if one["document"]]
    written = written.replace("GUEST_MAC", MAC).replace("ua-standby", "ua-backup0")
    assert f"dev='{port}'" in written and not faults(on(), written, inside) and faults(on(), written, other)
    in_bridge = standby("bridge", "bridge='br0'")
    assert {"bridge", "link", "set", "dev", port, "learning", "off"} in [set(words) for one in static for words in one["commands"]]
    assert not faults(on(master="br0"), in_bridge, inside) and faults(on(master="br0"), in_bridge, other)
    # The address of a bond's guests is the bond's, and that of a VLAN's guests in the filter of what the VLAN is on.
    assert ["bridge", "fdb", "add", "GUEST_MAC", "dev", top, "self", "permanent"] in [words for one in entry for words in one["commands"]]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Can the two NICs of a guest be a failover pair at all? Rules over the XML of the guest (libvirt, formatdomain.rst, "Teaming a
virtio/hostdev NIC pair") and what `nfprobe --list` says of its host. Pure.

A guest with net_failover pairs two NICs that have one address, one of which is a virtio NIC with VIRTIO_NET_F_STANDBY
(net_failover_slave_pre_register and failover_get_bymac in net/core/failover.c); QEMU sets that feature where the XML has <teaming>. Both
then have to be in one segment, or the guest is in another network once it has lost its VF.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple
from xml.etree.ElementTree import Element

from .host import Host, Netdev, Pf, Vf
from .shell import command
from .text import xml_value

RELEASED = "02:00:00:00:00:00"  # of a VF that libvirt has taken back (altZeroMAC in libvirt's virnetdev.c)
MOST_DEPTH = 16  # of netdevs that are stacked; the kernel allows 8 (MAX_NEST_DEV)
TAP_NAMES = re.compile("(vnet|macvtap|tap)[0-9]+")  # what libvirt and KubeVirt call the taps of guests
SWITCHES = ("openvswitch",)  # whose VLANs the kernel's links do not show

Vlan = Tuple[int, ...]  # tags on the wire, the outermost first; (): none


class Fault(NamedTuple):
    """Why the two are no pair, with what both sides have; and the change that makes them one."""
    what: str
    change: str


class Half(NamedTuple):
    """An <interface> or a <hostdev>. Texts that the XML lacks are empty."""
    element: Element
    kind: str  # the type of an interface, "hostdev" of a device
    mac: str
    model: str
    is_hostdev: bool  # a <hostdev>, whose address and VLAN libvirt leaves as they are
    vlan: Optional[Vlan]  # that libvirt sets; None: it sets none, or more than one
    netdev: str  # under a macvtap, or the bridge
    mode: str  # of a macvtap
    tap: str
    link_down: bool
    switch: bool  # a port of Open vSwitch
    trunk: Vlan  # the tags with which libvirt lets it send


class Team(NamedTuple):
    """The transient half, and the persistent one that it names; None: the XML has none of that alias."""
    vf: Half
    device: Optional[str]  # of the VF, as sysfs writes it; None: of a pool that has not chosen yet
    standby: Optional[Half]
    names: str  # the alias
    by_guest: bool  # two NICs of one address without <teaming>: the guest may make a bond or team of them


class Exit(NamedTuple):
    """Where frames leave this host: by hardware, or by what nobody here can look into."""
    netdev: str
    vlan: Optional[Vlan]  # None: not known
    known: bool  # hardware, or a tunnel


class Judgement(NamedTuple):
    faults: Tuple[Fault, ...]
    remarks: Tuple[str, ...]
    vlan: Optional[int]  # the VLAN of the pair on the wire, 0: none; None: not known
    inside: Vlan = ()  # those in which the guest itself tags, as far as the XML says so


# ---- the XML ----

def pci_address(element: Optional[Element]) -> Optional[str]:
    """The address in <address domain= bus= slot= function=>, as sysfs writes it; None: there is none."""
    if element is None or element.get("type", "pci") != "pci" or element.get("bus") is None:
        return None
    number = [int(element.get(part, "0"), 0) for part in ("domain", "bus", "slot", "function")]
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*number)


def attribute(element: Element, path: str, name: str) -> str:
    found = element.find(path)
    return (found.get(name) or "") if found is not None else ""


def tags_of(element: Element) -> Optional[Vlan]:
    """The VLAN of a <vlan>; None: it is a trunk, or no VLAN that can be read."""
    tags = [int(tag.get("id", "")) for tag in element.findall("tag") if tag.get("id", "").isdigit()]
    return (tags[0],) if len(tags) == 1 and element.get("trunk") != "yes" else None


def trunk_of(element: Optional[Element]) -> Vlan:
    """The tags of a <vlan> that come with a tag; a native one comes without."""
    tags = element.findall("tag") if element is not None else []
    if element is None or element.get("trunk") != "yes" and len(tags) < 2:
        return ()
    return tuple(int(tag.get("id", "")) for tag in tags if tag.get("id", "").isdigit() and tag.get("nativeMode") != "untagged")


def vlan_of(interface: Element, network: Optional[Element]) -> Optional[Element]:
    """The <vlan>: that of the interface comes before that of the portgroup, and this before that of the network
    (virDomainNetGetActualVlan, networkAllocatePort)."""
    group = attribute(interface, "source", "portgroup")
    groups = network.findall("portgroup") if network is not None else []
    chosen = [item for item in groups if item.get("name") == group] if group else [item for item in groups if item.get("default") == "yes"]
    for holder in (interface, *chosen, *([network] if network is not None else [])):
        element = holder.find("vlan")
        if element is not None:
            return element
    return None


class Way(NamedTuple):
    """By which an interface is connected."""
    kind: str
    netdev: str
    mode: str
    switch: bool


def way_of(interface: Element, network: Optional[Element]) -> Way:
    """libvirt shows the interface of a network that runs as what it made of it; before, the network says that."""
    kind, source = interface.get("type", ""), interface.find("source")
    switch = interface.find("virtualport[@type='openvswitch']") is not None
    netdev = ((source.get("dev") if kind == "direct" else source.get("bridge")) or "") if source is not None else ""
    mode = (source.get("mode") or "vepa") if source is not None and kind == "direct" else ""
    if kind == "network" and netdev:
        kind = "bridge"
    if kind != "network" or network is None:
        return Way(kind, netdev, mode, switch)
    switch = switch or network.find("virtualport[@type='openvswitch']") is not None
    forward, bridge = attribute(network, "forward", "mode"), attribute(network, "bridge", "name")
    if forward == "hostdev":
        return Way("hostdev", "", "", False)
    if bridge:
        return Way("bridge", bridge, "", switch)
    if forward in ("bridge", "vepa", "private", "passthrough"):
        return Way("direct", attribute(network, "forward/interface", "dev") or attribute(network, "forward", "dev"), forward, False)
    return Way(kind, "", "", switch)


def half_of(element: Element, networks: Mapping[str, Element]) -> Half:
    name = attribute(element, "source", "network")
    network = networks.get(name)
    way = way_of(element, network)
    is_hostdev = element.tag == "hostdev"
    unknown = element.get("type") == "network" and network is None and element.find("vlan") is None and element.find("actual") is None
    vlan = vlan_of(element, network)
    return Half(element, "hostdev" if is_hostdev else way.kind, attribute(element, "mac", "address").lower(),
                attribute(element, "model", "type"), is_hostdev,
                None if is_hostdev or unknown and not way.netdev else tags_of(vlan) if vlan is not None else (), way.netdev, way.mode,
                attribute(element, "target", "dev"), attribute(element, "link", "state") == "down", way.switch, trunk_of(vlan))


def made_by_guest(halves: Sequence[Half]) -> Iterator[Team]:
    """Two NICs of one address, one of them a VF, that no <teaming> names."""
    for vf in halves:
        device = pci_address(vf.element.find("source/address"))
        for standby in halves:
            if device and vf.mac and standby.mac == vf.mac and standby.kind != "hostdev":
                yield Team(vf, device, standby, "", True)


def teams(domain: Element, networks: Mapping[str, Element]) -> List[Team]:
    """Reads a guest's <domain>. @networks: libvirt's, by name, as far as they are known."""
    elements = domain.findall("devices/interface") + domain.findall("devices/hostdev")
    halves = [half_of(element, networks) for element in elements]
    aliases = {alias.get("name", ""): half for half in halves for alias in half.element.findall("alias")}
    found, rest = [], []
    for half in halves:
        teaming = half.element.find("teaming")
        if teaming is None:
            rest.append(half)
        elif teaming.get("type") == "transient":
            names = teaming.get("persistent", "")
            found.append(Team(half, pci_address(half.element.find("source/address")), aliases.get(names), names, False))
    return found + list(made_by_guest(rest))


def may_have_teams(domain: Element) -> bool:
    """Is there anything to judge? Cheap."""
    macs = [mac.get("address", "").lower() for mac in domain.iterfind("devices/interface/mac")]
    return domain.find("devices/*/teaming") is not None or len(set(macs)) < len(macs)


# ---- what leads where ----

class Links:
    """The netdevs of a host."""

    def __init__(self, host: Host) -> None:
        self.netdevs: Dict[str, Netdev] = {netdev.ifname: netdev for netdev in host.netdevs}
        self.have_vlans = host.have_vlans
        self.ports: Dict[str, List[Netdev]] = {}
        for netdev in host.netdevs:
            self.ports.setdefault(netdev.master or "", []).append(netdev)

    def vids_of(self, bridge: Netdev, half: Optional[Half]) -> Optional[Set[int]]:
        """The VLANs within the bridge of what its port sends without a tag; None: not known."""
        tap = self.netdevs.get(half.tap) if half and half.tap else None
        if half and half.vlan is None:
            return None
        if half and half.vlan:
            return set(half.vlan)
        if tap and tap.master == bridge.ifname:
            return {tap.pvid} if tap.pvid else set()
        return {bridge.default_pvid} if bridge.default_pvid else None

    def out_of_bridge(self, bridge: Netdev, tags: Vlan, half: Optional[Half], depth: int) -> Iterator[Exit]:
        own = half.tap if half else ""
        vids = self.vids_of(bridge, half) if bridge.vlan_filtering else set()
        for port in self.ports.get(bridge.ifname, []):
            if port.ifname == own or port.kind == "tun" and TAP_NAMES.fullmatch(port.ifname):
                continue
            if not bridge.vlan_filtering:
                yield from self.out_of(port.ifname, tags, None, depth + 1)
            elif vids is None or not self.have_vlans:
                yield from (one._replace(vlan=None) for one in self.out_of(port.ifname, tags, None, depth + 1))
            else:
                for vid in vids:
                    if has(port.untagged, vid):
                        yield from self.out_of(port.ifname, tags, None, depth + 1)
                    elif has(port.tagged, vid):
                        yield from self.out_of(port.ifname, (vid, *tags), None, depth + 1)

    def out_of(self, name: str, tags: Vlan, half: Optional[Half] = None, depth: int = 0) -> Iterator[Exit]:
        """Where frames that are sent to this netdev leave the host. @half: whose, if the netdev is its bridge."""
        netdev = self.netdevs.get(name)
        if netdev is None or netdev.elsewhere or depth > MOST_DEPTH:
            yield Exit(name, None, False)
        elif netdev.parentdev:
            yield Exit(name, tags, True)
        elif netdev.kind == "bridge":
            yield from self.out_of_bridge(netdev, tags, half, depth)
        elif netdev.kind == "vlan" and netdev.lower and netdev.vlan:
            yield from self.out_of(netdev.lower, (netdev.vlan, *tags), None, depth + 1)
        elif netdev.kind in ("macvlan", "macvtap", "ipvlan") and netdev.lower:
            yield from self.out_of(netdev.lower, tags, None, depth + 1)
        elif netdev.kind in ("bond", "team"):
            for port in self.ports.get(name, []):
                yield from self.out_of(port.ifname, tags, None, depth + 1)
        elif netdev.kind in ("vxlan", "geneve", "gretap", "ip6gretap", "l2tpeth"):
            yield Exit(name, None, True)
        elif netdev.kind not in ("dummy", "ifb"):
            yield Exit(name, None, False)


def has(ranges: Iterable[str], vid: int) -> bool:
    for text in ranges:
        first, _, last = text.partition("-")
        if int(first) <= vid <= int(last or first):
            return True
    return False


# ---- the rules ----

def vlan_words(vlan: Vlan) -> str:
    return f"VLAN {' in '.join(str(tag) for tag in reversed(vlan))}" if vlan else "no VLAN"


def addresses(team: Team, standby: Half, pf: Optional[Pf], vf: Optional[Vf]) -> Iterator[Fault]:
    """libvirt assigns the address of an <interface>, and none of a <hostdev>."""
    if not team.vf.is_hostdev:
        if team.vf.mac and standby.mac and team.vf.mac != standby.mac:
            yield Fault(f"the VF has the address {team.vf.mac}, and its standby {standby.mac}: the guest pairs NICs of one address",
                        f"<mac address={xml_value(standby.mac)}/> in both")
        return
    if pf is None or vf is None or vf.unread.get("address") or not standby.mac:
        return
    now = "" if vf.address in (None, RELEASED) else vf.address
    if now != standby.mac:
        assign = command("ip", "link", "set", "dev", pf.ifname or "", "vf", str(vf.vf), "mac", standby.mac)
        has_now = f"the address {now}" if now else "no address assigned"
        yield Fault(f"VF {vf.vf} of {pf.ifname} has {has_now}, and its standby {standby.mac}: the guest pairs NICs of one address, and"
                    " libvirt assigns none to a <hostdev>",
                    f"<interface type='hostdev'> in place of <hostdev>, with <mac address={xml_value(standby.mac)}/>;"
                    f" or, before each start of the guest, {assign}")


def naming(team: Team, all_teams: Sequence[Team]) -> Iterator[Fault]:
    """Libvirt and QEMU allow no other: a standby has one VF (failover_add_primary in hw/net/virtio-net.c)."""
    standby = team.standby
    if standby is None:
        return
    teaming = standby.element.find("teaming")
    if standby.element is team.vf.element or standby.kind == "hostdev":
        yield Fault(f"<teaming persistent={xml_value(team.names)}/> names a VF", "persistent= has the alias of the standby, a virtio NIC")
        return
    if teaming is None or teaming.get("type") != "persistent":
        yield Fault(f"{team.names} has no <teaming type='persistent'/>, so that its NIC is no standby in the guest",
                    f"<teaming type='persistent'/> in the interface with the alias {team.names}")
    others = [other for other in all_teams if other.standby is not None and other.standby.element is standby.element]
    if len(others) > 1 and others[0] is team:
        yield Fault(f"{len(others)} VFs name the standby {team.names}, and QEMU takes one", "a standby of its own for each VF")


def model(standby: Half) -> Iterator[Fault]:
    if standby.model and not standby.model.startswith("virtio"):
        yield Fault(f"the standby is of model {standby.model}, and net_failover pairs virtio NICs alone", "<model type='virtio'/>")


def refused_macvtap(standby: Half, links: Links) -> Iterator[Fault]:
    """The kernel gives the frames of a netdev to one user (netdev_rx_handler_register): EBUSY."""
    netdev = links.netdevs.get(standby.netdev)
    if standby.kind == "direct" and netdev and netdev.master:
        master = links.netdevs.get(netdev.master)
        yield Fault(f"the kernel makes no macvtap of {netdev.ifname}, which is a port of {netdev.master} (EBUSY)",
                    f"<interface type='bridge'> with <source bridge={xml_value(netdev.master)}/>"
                    if master is None or master.kind == "bridge" else f"<source dev={xml_value(netdev.master)} mode='bridge'/>")


def way_out(standby: Half, exits: Sequence[Exit], links: Links) -> Iterator[Fault]:
    if exits:
        return
    bridge = links.netdevs[standby.netdev]
    if bridge.kind == "bridge" and bridge.vlan_filtering and links.ports.get(bridge.ifname):
        vids = links.vids_of(bridge, standby) or set()
        yield Fault(f"no port of {standby.netdev} that leads out has {'VLAN ' + str(min(vids)) if vids else 'the VLAN'} of the standby",
                    "that VLAN at the port of the NIC, or <vlan> with one that the port has in the standby's interface")
    else:
        nat = "" if not bridge.has_address else ", and what the host routes for it is another network than the VF's"
        yield Fault(f"{standby.netdev} has no port that leads out{nat}: the guest is cut off once its VF has gone",
                    "a standby on a bridge with a port of the VF's network, or on a macvtap")


def same_vlan(team: Team, vlan: Vlan, ours: Sequence[Exit], pf: Pf, links: Links) -> Iterator[Fault]:
    """@ours: the standby's ways out by this NIC."""
    standby = team.standby
    known = [one for one in ours if one.vlan is not None]
    if standby is None or not known or len(known) < len(ours) or any(one.vlan == vlan for one in known):
        return
    theirs = known[0].vlan or ()
    yield Fault(f"the VF is in {vlan_words(vlan)}, and its standby on {standby.netdev} in {vlan_words(theirs)} of {known[0].netdev}",
                into_vlan(standby, vlan, theirs, pf, links))


def netdev_of_vlan(vlan: Vlan, pf: Pf, links: Links) -> Tuple[str, str]:
    """The netdev on the PF of this VLAN: its name, and the command that makes it, empty if it is there."""
    parent = pf.ifname or ""
    if not vlan:
        return parent, ""
    for netdev in links.netdevs.values():
        if netdev.kind == "vlan" and netdev.lower == parent and (netdev.vlan,) == vlan:
            return netdev.ifname, ""
    name = f"{parent}.{vlan[0]}"[:15]
    return name, command("ip", "link", "add", "link", parent, "name", name, "up", "type", "vlan", "id", str(vlan[0]))


def into_vlan(standby: Half, vlan: Vlan, theirs: Vlan, pf: Pf, links: Links) -> str:
    name, making = netdev_of_vlan(vlan, pf, links)
    made = f" ({making})" if making else ""
    changes = []
    if standby.kind == "direct":
        changes.append(f"<source dev={xml_value(name)} mode={xml_value(standby.mode or 'bridge')}/>{made} in the standby's interface")
    else:
        fitting = [netdev.ifname for netdev in links.netdevs.values() if netdev.kind == "bridge" and not netdev.vlan_filtering
                   and any(one.vlan == vlan and one.netdev == pf.ifname for one in links.out_of(netdev.ifname, ()))]
        changes.append(f"<source bridge={xml_value(fitting[0])}/> in the standby's interface" if fitting else
                       f"a standby on a bridge of {vlan_words(vlan)}, whose port is {name}{made}")
    if len(theirs) == 1:
        changes.append(f"<vlan><tag id='{theirs[0]}'/></vlan> in the VF's <interface>")
    elif not theirs:
        changes.append("the VF's <interface> without <vlan>")
    return "; or ".join(changes)


def vlan_of_vf(half: Half, vf: Optional[Vf]) -> Optional[Vlan]:
    """libvirt sets the VLAN of an <interface> of type hostdev, and 0 without <vlan> (virNetDevSetNetConfig)."""
    if not half.is_hostdev:
        return half.vlan
    if vf is None or vf.vlan is None:
        return None
    return (vf.vlan,) if vf.vlan else ()


def exits_by(pf: Pf, exits: Sequence[Exit]) -> List[Exit]:
    """Those by this NIC: by the PF, or by another VF of it, in whose VLAN (VST) the frames then are."""
    found = [one for one in exits if one.known and one.netdev == pf.ifname]
    for one in exits:
        second = next((vf for vf in pf.vfs if one.known and vf.ifname == one.netdev), None)
        if second:
            vst = None if second.vlan is None else (second.vlan,) if second.vlan else ()
            found.append(one._replace(vlan=None if vst is None or one.vlan is None else (*vst, *one.vlan)))
    return found


def judge(team: Team, all_teams: Sequence[Team], host: Host) -> Judgement:
    """@host: all of it, with its netdevs."""
    standby, links = team.standby, Links(host)
    pf, vf = host.find(team.device) if team.device else (None, None)
    faults, remarks = list(naming(team, all_teams)) if not team.by_guest else [], []
    if standby is None or faults and standby.kind == "hostdev":
        return Judgement(tuple(faults), (), None)
    if team.by_guest:
        remarks.append("two NICs of one address and no <teaming>: the guest itself makes a bond or team of them")
    elif standby.link_down:
        remarks.append("the link of the standby is down: the guest has a standby only once a manager sets it up")
    faults += addresses(team, standby, pf, vf)
    faults += [] if team.by_guest else model(standby)
    faults += refused_macvtap(standby, links)
    vlan = vlan_of_vf(team.vf, vf)
    exits = list(links.out_of(standby.netdev, (), standby)) if standby.netdev in links.netdevs and not standby.switch else None
    if exits is not None:
        faults += way_out(standby, exits, links)
        ours = exits_by(pf, exits) if pf else []
        if pf and vlan is not None:
            faults += same_vlan(team, vlan, ours, pf, links)
        if pf and exits and not ours and all(one.known for one in exits):
            remarks.append(f"the standby leaves by {exits[0].netdev}, another NIC: both must be in one network, which cannot be seen here")
    return Judgement(tuple(faults), tuple(remarks), None if vlan is None or len(vlan) > 1 else vlan[0] if vlan else 0,
                     standby.trunk if vlan == () else ())

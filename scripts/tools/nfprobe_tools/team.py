# SPDX-License-Identifier: GPL-2.0-or-later
"""The two NICs of a guest that may be a pair, as the guest's XML has them (libvirt, formatdomain.rst, "Teaming a virtio/hostdev NIC pair").
Pure."""

from __future__ import annotations

import collections
import re
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from xml.etree.ElementTree import Element

from .qemu import Machine, machine_of

RELEASED = "02:00:00:00:00:00"  # of a VF that libvirt has taken back (altZeroMAC in libvirt's virnetdev.c)
MOST_TEAMS = 64  # that are looked at of a guest: the pairs of an XML are products of what others made
QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"
PAST_LIBVIRT = re.compile(r"failover_pair_id|\bfailover\b[^,]*\b(?:on|yes|true)\b", re.IGNORECASE)

Vlan = Tuple[int, ...]  # tags on the wire, the outermost first; (): none


class Half(NamedTuple):
    """An <interface> or a <hostdev>. Texts that the XML lacks are empty. What libvirt takes then, and what follows for a pair:

    mac               an address of its own for each interface: no pair (addresses())
    model             that of the machine, which is in the XML of a guest that libvirt has (model_of() in qemu.py)
    vlan              none, which is a VLAN like others (same_vlan())
    source mode       vepa (way_of())
    target dev        a name when the guest starts: no entry at the tap is known before
    link state        up
    port isolated     no
    macTableManager   kernel: the bridge learns
    trustGuestRxFilters, from the network if not here
                      no: a macvtap passes no groups
    address domain, slot, function
                      0 (pci_address())
    address of the VF in the guest, controller, its target
                      a place that QEMU takes (qemu.py)
    machine           not known
    teaming persistent
                      libvirt refuses the XML
    alias             libvirt keeps one that begins with "ua-", and makes another of each (naming())
    """
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
    has_vlan: bool  # it has a <vlan>, whatever that comes to
    pool: str  # the PF of which libvirt chooses a VF
    trusts: Optional[bool]  # has trustGuestRxFilters='yes'; None: the network that may say so is not known
    static: bool  # libvirt keeps the table of its bridge


class Team(NamedTuple):
    """The transient half, and the persistent one that it names; None: the XML has none of that alias."""
    vf: Half
    device: Optional[str]  # of the VF, as sysfs writes it; None: of a pool that has not chosen yet
    standby: Optional[Half]
    names: str  # the alias
    by_guest: bool  # two NICs of one address without <teaming>: the guest may make a bond or team of them
    machine: Machine


class TooMany(ValueError):
    """A sentence."""


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


def holders_of(interface: Element, network: Optional[Element]) -> List[Element]:
    """Those that may have a setting: the interface comes before its portgroup, and this before the network (networkAllocatePort)."""
    group = attribute(interface, "source", "portgroup")
    groups = network.findall("portgroup") if network is not None else []
    chosen = [item for item in groups if item.get("name") == group] if group else [item for item in groups if item.get("default") == "yes"]
    return [interface, *chosen, *([network] if network is not None else [])]


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
    holders = holders_of(element, network)
    vlan = next((found for found in (holder.find("vlan") for holder in holders) if found is not None), None)
    trusts = next((value == "yes" for value in (holder.get("trustGuestRxFilters") for holder in holders) if value), None)
    return Half(element, "hostdev" if is_hostdev else way.kind, attribute(element, "mac", "address").lower(),
                attribute(element, "model", "type"), is_hostdev,
                None if is_hostdev or unknown and not way.netdev else tags_of(vlan) if vlan is not None else (), way.netdev, way.mode,
                attribute(element, "target", "dev"), attribute(element, "link", "state") == "down", way.switch, trunk_of(vlan),
                vlan is not None, attribute(network, "forward/pf", "dev") if network is not None and way.kind == "hostdev" else "",
                trusts if trusts is not None or unknown and not way.netdev else False,
                "libvirt" in (attribute(element, "source", "macTableManager"),
                              network is not None and attribute(network, "bridge", "macTableManager")))


def plain_hostdevs(domain: Element) -> List[str]:
    """The devices whose address the XML does not have, and which may be of a pair all the same. Raises TooMany."""
    if domain.find("devices/interface/mac") is None:
        return []
    plain = [element for element in domain.findall("devices/hostdev") if element.find("teaming") is None]
    found = [pci_address(element.find("source/address")) for element in plain]
    if len(found) > MOST_TEAMS:
        raise TooMany(f"the XML has more than {MOST_TEAMS} plain <hostdev>, and is not judged")
    return [device for device in found if device]


def made_by_guest(halves: Sequence[Half], assigned: Mapping[str, str], machine: Machine) -> Iterator[Team]:
    """Two NICs of one address, one of them a VF, that no <teaming> names."""
    standbys: Dict[str, List[Half]] = collections.defaultdict(list)
    for half in halves:
        if half.mac and half.kind != "hostdev":
            standbys[half.mac].append(half)
    for vf in halves:
        device = pci_address(vf.element.find("source/address"))
        for standby in standbys.get(vf.mac or assigned.get(device or "", ""), []) if device else []:
            yield Team(vf, device, standby, "", True, machine)


def teams(domain: Element, networks: Mapping[str, Element], assigned: Mapping[str, str]) -> List[Team]:
    """Reads a guest's <domain>. @networks: libvirt's, by name, as far as they are known. @assigned: the addresses of plain_hostdevs().
    Raises TooMany."""
    elements = domain.findall("devices/interface") + domain.findall("devices/hostdev")
    halves = [half_of(element, networks) for element in elements]
    aliases = {alias.get("name", ""): half for half in halves for alias in half.element.findall("alias")}
    machine, found, rest = machine_of(domain), [], []
    for half in halves:
        teaming = half.element.find("teaming")
        if teaming is None:
            rest.append(half)
        elif teaming.get("type") == "transient":
            names = teaming.get("persistent", "")
            found.append(Team(half, pci_address(half.element.find("source/address")), aliases.get(names), names, False,
                              machine))
    for team in made_by_guest(rest, assigned, machine):
        if len(found) > MOST_TEAMS:
            break
        found.append(team)
    if len(found) > MOST_TEAMS:
        raise TooMany(f"the XML has more than {MOST_TEAMS} pairs, and is not judged")
    return found


def past_libvirt(domain: Element) -> str:
    """Why it is not known which pairs a guest has: QEMU's own options make one. Empty: they make none."""
    values = [argument.get("value", "") for argument in domain.iter(f"{QEMU}arg")]
    values += [f"{item.get('name')}={item.get('value')}" for item in domain.iter(f"{QEMU}property")]
    return ("QEMU's own options in it make a pair (failover=on, failover_pair_id=), which its <interface>s do not show"
            if any(map(PAST_LIBVIRT.search, values)) else "")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Can the two NICs of a guest (team.py) be a failover pair at all? Rules over the XML of the guest and what `nfprobe --list` says of its
host. Pure.

A guest with net_failover pairs two NICs that have one address, one of which is a virtio NIC with VIRTIO_NET_F_STANDBY
(net_failover_slave_pre_register and failover_get_bymac in net/core/failover.c); QEMU sets that feature where the XML has <teaming>. Both
then have to be in one segment, or the guest is in another network once it has lost its VF.
"""

from __future__ import annotations

import re
from itertools import starmap
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import qemu
from .host import Bridge, Host, Netdev, Pf, Vf, WayOut
from .shell import command
from .team import RELEASED, Half, Team, Vlan, attribute
from .text import xml_value
from .words import SHARES

BONDS = ("bond", "team")
SWITCHES = ("openvswitch",)  # whose VLANs the kernel's links do not show
OF_LIBVIRT = re.compile("net[0-9]+")  # the aliases that it gives by itself


class Fault(NamedTuple):
    """Why the two are no pair, with what both sides have; and the change that makes them one, empty if that of another fault does."""
    what: str
    change: str

    def __str__(self) -> str:
        return f"{self.what} ({self.change})" if self.change else self.what


class Exit(NamedTuple):
    """Where frames leave this host: by hardware, or by what nobody here can look into."""
    netdev: str
    vlan: Optional[Vlan]  # None: not known
    known: bool  # hardware, or a tunnel


UNSEEN = Exit("", None, False)  # whatever nfprobe has not listed


class Judgement(NamedTuple):
    faults: Tuple[Fault, ...]
    remarks: Tuple[str, ...]
    vlan: Optional[int]  # the VLAN of the pair on the wire, 0: none; None: not known
    inside: Vlan = ()  # those in which the guest itself tags, as far as the XML says so
    doubts: Tuple[str, ...] = ()  # why it is not known whether they are a pair
    needs: Tuple[str, ...] = ()  # what the bridges between the standby and the PF have against the guest
    stops: Tuple[Fault, ...] = ()  # why nothing passes between the standby and its NIC now, whatever the two are


# ---- what leads where ----

class Links:
    """The netdevs of a host."""

    def __init__(self, host: Host) -> None:
        self.netdevs: Dict[str, Netdev] = {netdev.ifname: netdev for netdev in host.netdevs}
        self.have_vlans = host.have_vlans
        self.unseen = host.unread.get("ways", "")

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

    def exits(self, way: WayOut, at: Netdev, vids: Optional[Set[int]]) -> Iterator[Exit]:
        """Those of a way: of a bridge that filters, where its port lets these VLANs out."""
        tags = None if way.vlans is None else tuple(map(int, way.vlans))
        if at.kind != "bridge" or not at.vlan_filtering:
            yield Exit(way.ifname, tags, way.known)
        elif vids is None or not self.have_vlans:
            yield Exit(way.ifname, None, way.known)
        else:
            port = self.netdevs[way.bridges[0].outer]
            for vid in vids:
                if has(port.untagged, vid):
                    yield Exit(way.ifname, tags, way.known)
                elif has(port.tagged, vid):
                    yield Exit(way.ifname, None if tags is None else (*tags, vid), way.known)

    def ways_of(self, half: Half) -> Iterator[Tuple[WayOut, Exit]]:
        """By which frames that a standby sends to its netdev leave the host."""
        at = self.netdevs[half.netdev]
        vids = self.vids_of(at, half) if at.vlan_filtering else None
        for way in at.ways:
            if not (half.tap and way.bridges and way.bridges[0].outer == half.tap):
                yield from ((way, one) for one in self.exits(way, at, vids))

    def out_of(self, half: Half) -> List[Exit]:
        """Where they leave it."""
        at = self.netdevs[half.netdev]
        if at.kind in ("tun", "macvtap", "veth") and not at.ways:
            return [Exit(half.netdev, None, False)]
        found = dict.fromkeys(one for _, one in self.ways_of(half))
        return [*found, *([UNSEEN] if self.unseen else [])]

    def below(self, name: str, nic: str) -> List[Netdev]:
        """A netdev, those that it is on, and the NIC, as far as they are in this namespace."""
        found, at = [], self.netdevs.get(name)
        while at and at not in found:
            found.append(at)
            at = self.netdevs.get((at.lower if at.kind != "veth" else None) or nic)  # of a veth: its other end
        return found

    def on_top(self, nic: str, vlan: Vlan, *kinds: str) -> Optional[Netdev]:
        """A netdev of such a kind whose frames leave by this NIC with these tags, and pass no bridge."""
        tags = tuple(map(str, vlan))
        return next((one for one in self.netdevs.values() if one.kind in kinds and any(
            (way.ifname, way.vlans, way.bridges) == (nic, tags, ()) for way in one.ways)), None)

    def bridge_with(self, port: str) -> Optional[Netdev]:
        """The bridge that leads out by this port."""
        return next((one for one in self.netdevs.values() if one.kind == "bridge" and any(
            way.bridges[0].outer == port for way in one.ways)), None)

    def bridges_to(self, name: str, pf: str) -> Tuple[Bridge, ...]:
        """Those between a standby's netdev and the PF."""
        at = self.netdevs.get(name)
        return next((way.bridges for way in (at.ways if at else ()) if way.ifname == pf), ())


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
    """libvirt assigns the address of an <interface>, and none of a <hostdev>. An <interface> without <mac> gets one of its own
    (virDomainNetDefParseXML)."""
    halves = [standby] if team.vf.is_hostdev else [team.vf, standby]
    if not all(half.mac for half in halves):
        which = " and ".join(name for name, half in (("the VF", team.vf), ("the standby", standby)) if half in halves and not half.mac)
        yield Fault(f"{which} without <mac>: libvirt gives each an address of its own, and the guest pairs NICs of one address",
                    f"<mac address={xml_value(team.vf.mac or standby.mac or '52:54:00:..')}/> in both")
        return
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


def is_renamed(team: Team) -> bool:
    """Does libvirt drop the standby's alias when the guest starts (virDomainDeviceInfoParseXML)?"""
    return not team.machine.runs and not re.fullmatch("ua-[A-Za-z0-9_-]+", team.names)


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
    if is_renamed(team) and not OF_LIBVIRT.fullmatch(team.names):
        yield Fault(f"libvirt keeps no alias but ua-.., so that {team.names} names no NIC once the guest starts",
                    f"an alias like ua-{team.names}, in both")
    others = [other for other in all_teams if other.standby is not None and other.standby.element is standby.element]
    if len(others) > 1 and others[0] is team:
        yield Fault(f"{len(others)} VFs name the standby {team.names}, and QEMU takes one", "a standby of its own for each VF")


def model(standby: Half, machine: qemu.Machine) -> Iterator[Fault]:
    has = standby.model or qemu.model_of(standby.kind, machine) or ""
    if has and not has.startswith("virtio"):
        of_libvirt = "" if standby.model else ", which libvirt takes without <model>"
        yield Fault(f"the standby is of model {has}{of_libvirt}, and net_failover pairs virtio NICs alone", "<model type='virtio'/>")


def doubts_of_xml(team: Team, standby: Half) -> Iterator[str]:
    """What libvirt has put into the XML of a guest that it knows, and a file may lack."""
    yield from qemu.doubts(team.machine)
    if not standby.model and qemu.model_of(standby.kind, team.machine) is None:
        yield "the standby has no <model>, and that which libvirt then takes depends on the machine: <model type='virtio'/>"
    if is_renamed(team) and OF_LIBVIRT.fullmatch(team.names):
        yield f"whether the alias {team.names}, which libvirt gives anew at each start, is then the standby's: ua-.. stays"


def above(port: Netdev, links: Links) -> str:
    """The change that puts a standby on what the port belongs to: a bridge takes it by a tap, a bond by a macvtap, unless that is a port
    itself."""
    bond = links.on_top(port.ifname, (), *BONDS)
    bridge = links.bridge_with(port.ifname) or (links.bridge_with(bond.ifname) if bond else None)
    if bridge:
        return f"<interface type='bridge'> with <source bridge={xml_value(bridge.ifname)}/>"
    return f"<source dev={xml_value(bond.ifname)} mode='bridge'/>" if bond and bond.rx_handler in SHARES["macvtap"] + (None,) else ""


def lag(pf: Optional[Pf]) -> Iterator[Fault]:
    """As judge_lag (src/verdict/possible.c): known without a run."""
    if pf is None or not pf.lag:
        return
    bond = pf.master or "its bond"
    yield Fault(f"NOT SAFE (LAG): {pf.ifname} is a member of {bond} ({pf.lag}), so the switch chooses the member for each frame: what comes"
                " by another one is lost to a guest that uses its VF",
                f"a VF of a PF that is in no such bond; or a VF of each member of {bond}, which the guest bonds, and no standby; or {bond}"
                " as an active-backup bond, of plain ports to the switch")


def refused_macvtap(standby: Half, links: Links) -> Iterator[Fault]:
    """The kernel gives the frames of a netdev to one user (netdev_rx_handler_register): EBUSY."""
    netdev = links.netdevs.get(standby.netdev)
    if standby.kind != "direct" or netdev is None or netdev.rx_handler in SHARES["macvtap"]:
        return
    if netdev.master:
        yield Fault(f"the kernel makes no macvtap of {netdev.ifname}, which is a port of {netdev.master} (EBUSY)",
                    above(netdev, links))
    elif netdev.rx_handler and "passthru" not in (netdev.rx_handler_note or ""):  # one in that mode may be this guest's
        yield Fault(f"the kernel makes no macvtap of {netdev.ifname} while {netdev.rx_handler_note} (EBUSY)",
                    f"a netdev that nothing else takes the frames of, in <source dev={xml_value(netdev.ifname)}>")


def way_out(standby: Half, exits: Sequence[Exit], links: Links) -> Iterator[Fault]:
    if exits:
        return
    bridge = links.netdevs[standby.netdev]
    if bridge.kind == "bridge" and bridge.vlan_filtering and bridge.ways:
        vids = links.vids_of(bridge, standby) or set()
        yield Fault(f"no port of {standby.netdev} that leads out has {'VLAN ' + str(min(vids)) if vids else 'the VLAN'} of the standby",
                    "that VLAN at the port of the NIC, or <vlan> with one that the port has in the standby's interface")
    else:
        nat = "" if not bridge.has_address else ", and what the host routes for it is another network than the VF's"
        yield Fault(f"{standby.netdev} has no port that leads out{nat}: the guest is cut off once its VF has gone",
                    "a standby on a bridge with a port of the VF's network, or on a macvtap")


def same_vlan(team: Team, vlan: Vlan, ours: Sequence[Exit], pf: Pf, links: Links, refused: Sequence[Fault]) -> Iterator[Fault]:
    """@ours: the standby's ways out by this NIC. @refused: why its macvtap cannot be where it is, and the change, which has to come with
    that of the VF."""
    standby = team.standby
    known = [one for one in ours if one.vlan is not None]
    if standby is None or not known or len(known) < len(ours) or any(one.vlan == vlan for one in known):
        return
    theirs = known[0].vlan or ()
    changes = [into_vlan(standby, vlan, pf, links)]
    if len(theirs) < 2:
        changes.append(" and ".join([*(fault.change for fault in refused), f"<vlan><tag id='{theirs[0]}'/></vlan> in the VF's <interface>"
                                     if theirs else "the VF's <interface> without <vlan>"]))
    yield Fault(f"the VF is in {vlan_words(vlan)}, and its standby on {standby.netdev} in {vlan_words(theirs)} of {known[0].netdev}",
                "; or ".join(filter(None, changes)))


class Place(NamedTuple):
    """The netdev of a VLAN on a PF, or on the bond or team that the PF is a port of."""
    ifname: str
    making: str  # the command that makes it; empty: it is there
    master: Optional[Netdev]  # of which it is a port
    upper: Optional[Netdev]  # of which the PF, or that bond, is a port: that has this VLAN now, where the netdev is still to be made


def place_of(vlan: Vlan, pf: Pf, links: Links) -> Place:
    nic = pf.ifname or ""
    top = links.on_top(nic, (), *BONDS) or links.netdevs.get(nic)
    name = top.ifname if top else nic
    upper = links.netdevs.get(top.master or "") if top else None
    if not vlan:
        return Place(name, "", upper, None)
    netdev = links.on_top(nic, vlan, "vlan")
    if netdev:
        return Place(netdev.ifname, "", links.netdevs.get(netdev.master or ""), None)
    made = f"{name}.{vlan[0]}"[:15]
    return Place(made, command("ip", "link", "add", "link", name, "name", made, "up", "type", "vlan", "id", str(vlan[0])), None, upper)


def may_make(place: Place) -> bool:
    """A netdev of a VLAN takes what comes for that VLAN (vlan_do_receive in net/8021q/vlan_core.c): from the guests of a bridge that
    filters VLANs, and of Open vSwitch."""
    upper = place.upper
    return not place.making or upper is None or not (upper.kind == "bridge" and upper.vlan_filtering or upper.kind in SWITCHES)


def tag_for(bridge: Netdev, vlan: Vlan, place: Place, pf: Pf, links: Links) -> str:
    """What puts a port of a bridge that filters VLANs into the one that has these tags on the wire; empty: nothing does. The bridge does
    not get the VLAN that a netdev on the PF takes."""
    for way in bridge.ways:
        port, tags = links.netdevs[way.bridges[0].outer], tuple(map(int, way.vlans or ()))
        if way.ifname != pf.ifname or way.vlans is None:
            continue
        if tags == vlan and port.untagged:
            if bridge.default_pvid and has(port.untagged, bridge.default_pvid):
                return "no <vlan>"
            return f"<vlan><tag id='{port.untagged[0].partition('-')[0]}'/></vlan> (libvirt 11 or later)"
        if not tags and place.making and not has(port.untagged, vlan[0]):
            adding = ["bridge", "vlan", "add", "dev", port.ifname, "vid", str(vlan[0])]
            first = "" if has(port.tagged, vlan[0]) else f" and {command(*adding)}"
            return f"<vlan><tag id='{vlan[0]}'/></vlan> (libvirt 11 or later){first}"
    return ""


def into_vlan(standby: Half, vlan: Vlan, pf: Pf, links: Links) -> str:
    """The change of the standby's interface that puts it into this VLAN, and takes that from nobody; empty: there is none."""
    place, own = place_of(vlan, pf, links), links.netdevs.get(standby.netdev)
    for bridge in (own, place.master, place.upper):
        if bridge is None or bridge.kind != "bridge" or not bridge.vlan_filtering and bridge is not place.master:
            continue
        tag = tag_for(bridge, vlan, place, pf, links) if bridge.vlan_filtering else ""
        source = f"<source bridge={xml_value(bridge.ifname)}/>" if bridge is not own else ""
        if tag or not bridge.vlan_filtering:
            kind = "<interface type='bridge'> with " if standby.kind == "direct" else ""
            return f"{kind}{' and '.join(filter(None, (source, tag)))} in the standby's interface"
    if not may_make(place):
        return ""
    loses = f", but guests on {place.upper.ifname} that tag {vlan_words(vlan)} themselves lose it" if place.making and place.upper else ""
    made = f" ({place.making}{loses})" if place.making else ""
    if standby.kind == "direct":
        return f"<source dev={xml_value(place.ifname)} mode={xml_value(standby.mode or 'bridge')}/>{made} in the standby's interface"
    return f"a standby on a bridge of {vlan_words(vlan)}, whose port is {place.ifname}{made}"


def vlan_of_vf(half: Half, vf: Optional[Vf]) -> Optional[Vlan]:
    """libvirt sets the VLAN of an <interface> of type hostdev, and 0 without <vlan> (virNetDevSetNetConfig)."""
    if not half.is_hostdev:
        return half.vlan
    if vf is None or vf.vlan is None:
        return None
    return (vf.vlan,) if vf.vlan else ()


def exits_by(pf: Pf, exits: Sequence[Exit], standby: Half) -> List[Exit]:
    """Those by this NIC: by the PF, or by another VF of it, in whose VLAN (VST) the frames then are. libvirt gives a VF that a macvtap
    passes through the <vlan> of the interface."""
    found = [one for one in exits if one.known and one.netdev == pf.ifname]
    siblings = {vf.ifname: vf for vf in pf.vfs if vf.ifname}
    for one in exits:
        second = siblings.get(one.netdev) if one.known else None
        if second:
            vst: Optional[Tuple[int, ...]] = None if second.vlan is None else (second.vlan,) if second.vlan else ()
            vst = standby.vlan if standby.mode == "passthrough" and standby.has_vlan else vst
            found.append(one._replace(vlan=None if vst is None or one.vlan is None else (*vst, *one.vlan)))
    return found


def is_isolated(half: Half) -> bool:
    return attribute(half.element, "port", "isolated") == "yes"


def held(bridge: Netdev, port: Netdev) -> Optional[Fault]:
    """A port that is about to forward, or whose link is out, is no such one."""
    if port.port_state not in ("disabled", "blocking") or not port.carrier:
        return None
    by_stp = bridge.stp_delay_ms is not None
    first = f"{command('ip', 'link', 'set', bridge.ifname, 'type', 'bridge', 'stp_state', '0')} and " if by_stp else ""
    by_somebody = by_stp or port.port_state == "blocking"  # such as STP in a daemon
    unless = f", unless a second path leads around {bridge.ifname}, by which frames would go in circles" if by_somebody else ""
    return Fault(f"{port.ifname} of {bridge.ifname} does not forward now ({port.port_state})",
                 f"{first}{command('bridge', 'link', 'set', 'dev', port.ifname, 'state', '3')}{unless}")


def stops_on(way: WayOut, standby: Half, links: Links) -> Iterator[Fault]:
    """What is so now on a way and lets nothing pass, as src/audit/way.c and forward.c have it: those of a bridge that is down are not
    named."""
    def down(netdev: Netdev) -> Iterator[Fault]:
        if not netdev.up:
            yield Fault(f"{netdev.ifname} is down", command("ip", "link", "set", netdev.ifname, "up"))

    for number, hop in enumerate(way.bridges):
        bridge, inner, outer = links.netdevs[hop.ifname], links.netdevs.get(hop.inner or ""), links.netdevs[hop.outer]
        yield from down(bridge)
        for port in [one for one in (inner, outer) if one and bridge.up]:
            fault = held(bridge, port) if port.up else None
            yield from [fault] if fault else []
            yield from down(port) if port is inner else ()
        if outer.isolated and (inner.isolated if inner else not number and is_isolated(standby)):
            yield Fault(f"{outer.ifname} of {bridge.ifname} is isolated, as the port of the standby is: neither passes the other anything",
                        command("bridge", "link", "set", "dev", outer.ifname, "isolated", "off"))
    last = way.bridges[-1].outer if way.bridges else standby.netdev
    # libvirt sets the netdev below a macvtap up by itself (qemuInterfaceStartDevice).
    for netdev in links.below(last, way.ifname)[0 if way.bridges else 1:]:
        yield from down(netdev)


def stops_of(standby: Half, machine: qemu.Machine, links: Links) -> Tuple[Fault, ...]:
    """None, if one way is open: that is where a bridge with STP sends what it gets."""
    tap = links.netdevs.get(standby.tap) if machine.runs and standby.kind == "bridge" else None
    if tap and tap.kind == "tun" and not tap.master:
        return (Fault(f"{tap.ifname}, the guest's tap, is in no bridge",
                      command("ip", "link", "set", tap.ifname, "master", standby.netdev)),)
    found = [tuple(stops_on(way, standby, links)) for way, one in links.ways_of(standby) if one.known]
    return min(found, key=len, default=())


def needs_of(standby: Half, pf: str, links: Links) -> Iterator[str]:
    """What the bridges between a standby and its PF do to its frames, and its VF passes by: as src/audit/forward.c."""
    hops = links.bridges_to(standby.netdev, pf) if pf and standby.kind == "bridge" else ()
    tap = standby.tap or "TAP"
    for bridge, out in [(links.netdevs[hop.ifname], links.netdevs[hop.outer]) for hop in hops]:
        if bridge.stp_delay_ms:
            off = command("ip", "link", "set", bridge.ifname, "type", "bridge", "stp_state", "0")
            yield (f"{bridge.ifname} holds each new port back for {bridge.stp_delay_ms / 1000:g} s (STP), for which the guest is deaf on"
                   f" its standby after each start; unless a second path leads around it, {off}")
        if out.port_state in ("listening", "learning"):
            yield f"{out.ifname} of {bridge.ifname} does not forward yet ({out.port_state})"
        if out.up and not out.carrier:
            yield f"{out.ifname} of {bridge.ifname} has no link, so that nothing passes it"
        if bridge.snoops:
            yield (f"{bridge.ifname} snoops, and has a querier: the guest is not found by IPv6 on its standby, since it has joined its"
                   f" groups by its VF; once it runs, {command('bridge', 'link', 'set', 'dev', tap, 'mcast_router', '2')}")
        if bridge.netfilter:
            yield f"{bridge.ifname} gives frames to netfilter, whose rules, which are not read, may drop them on the standby alone"
    if len(hops) > 1:
        ports = " and ".join([tap, *(hop.inner or "" for hop in hops[1:])])
        yield (f"{len(hops)} bridges are between the standby and {pf}, each of which learns where the guest is: one that is pinned is"
               f" pinned at {ports}")


def filters_of(standby: Half) -> Iterator[str]:
    """libvirt's nwfilter, at a tap (formatnwfilter.rst). The VF has none."""
    for one in standby.element.findall("filterref"):
        given = {parameter.get("name"): parameter.get("value") for parameter in one.findall("parameter")}
        waits = ("; it passes DHCP alone until a lease comes by the tap (CTRL_IP_LEARNING=dhcp), and the guest may get its own by its VF"
                 if given.get("CTRL_IP_LEARNING") == "dhcp" and "IP" not in given else "")
        yield f"nwfilter {one.get('filter', '')}, which is not read, may drop frames on the standby alone{waits}"


def doubts_of(standby: Half, vlan: Optional[Vlan], exits: Optional[Sequence[Exit]], links: Links) -> Iterator[str]:
    """@vlan: that of the VF."""
    bridge = links.netdevs.get(standby.netdev)
    if standby.switch and None not in (vlan, standby.vlan) and vlan != standby.vlan:
        yield (f"the VF is in {vlan_words(vlan or ())}, and its standby in {vlan_words(standby.vlan or ())} of Open vSwitch: they are a"
               " pair only if its port to the NIC has a tag of its own, which cannot be seen here; else both need the same <vlan>, or none")
    filters = standby.switch or bridge is None or bridge.kind != "bridge" or bridge.vlan_filtering
    if standby.has_vlan and (standby.kind == "direct" and standby.mode != "passthrough" or standby.kind == "bridge" and not filters):
        yield ("the standby's interface has <vlan>, which libvirt sets neither at a macvtap, but in mode passthrough, nor at a bridge that"
               " filters no VLANs: a macvtap, or a bridge, of the netdev of that VLAN takes its place")
    if exits and UNSEEN in exits:
        yield f"not all ways that lead out of this host's netdevs are known: {links.unseen}"


def judge(team: Team, all_teams: Sequence[Team], host: Host, vf_class: str = "") -> Judgement:
    """@host: all of it, with its netdevs. @vf_class: of PCI, as sysfs has it; empty: not known."""
    standby, links = team.standby, Links(host)
    pf, vf = host.find(team.device or team.vf.pool) if team.device or team.vf.pool else (None, None)
    faults, remarks = list(naming(team, all_teams)) if not team.by_guest else [], []
    if standby is None or faults and standby.kind == "hostdev":
        return Judgement(tuple(faults), (), None)
    if team.by_guest:
        remarks.append("two NICs of one address and no <teaming>: the guest itself makes a bond or team of them")
    elif standby.link_down:
        remarks.append("the link of the standby is down: the guest has a standby only once a manager sets it up")
    faults += addresses(team, standby, pf, vf)
    faults += [] if team.by_guest else model(standby, team.machine)
    faults += starmap(Fault, qemu.refusals(team.vf.element, team.machine, vf_class, not team.by_guest))
    faults += lag(pf)
    refused = list(refused_macvtap(standby, links))
    vlan = vlan_of_vf(team.vf, vf)
    exits = links.out_of(standby) if standby.netdev in links.netdevs and not standby.switch else None
    if exits is not None:
        faults += way_out(standby, exits, links)
        ours = exits_by(pf, exits, standby) if pf else []
        apart = list(same_vlan(team, vlan, ours, pf, links, refused)) if pf and vlan is not None and UNSEEN not in exits else []
        faults += apart
        refused = [fault._replace(change="") for fault in refused] if apart else refused
        if pf and exits and not ours and all(one.known for one in exits):
            remarks.append(f"the standby leaves by {exits[0].netdev}, another NIC: both must be in one network, which cannot be seen here")
    return Judgement((*faults, *refused), tuple(remarks), None if vlan is None or len(vlan) > 1 else vlan[0] if vlan else 0,
                     standby.trunk if vlan == () else (),
                     (*(() if team.by_guest else doubts_of_xml(team, standby)), *doubts_of(standby, vlan, exits, links)),
                     (*needs_of(standby, (pf.ifname or "") if pf else "", links), *filters_of(standby)),
                     stops_of(standby, team.machine, links) if exits else ())

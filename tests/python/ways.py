# SPDX-License-Identifier: GPL-2.0-or-later
"""Where frames leave a host, by a rule that sends one of each netdev: slow, and written apart from nfp_ways_find in src/net/ways.c, which
it stands in for where a test draws a host, and to which it is held in tests/cli/list.bats."""

import json
import re
import sys

from nfprobe_tools import host

GUESTS = re.compile("(vnet|macvtap|tap)[0-9]+(i[0-9]+)?")
TUNNELS = ("vxlan", "geneve", "gretap", "ip6gretap", "l2tpeth")


class Frame:
    """A frame that is handed to a netdev without a tag."""

    def __init__(self, netdevs, have_vlans):
        self.netdevs = {one.ifname: one for one in netdevs}
        self.have_vlans = have_vlans

    def ports(self, name):
        return [one for one in self.netdevs.values() if one.master == name]

    def across(self, bridge, inner, vid, seen):
        """By each port but the one that it came from. @vid: within the bridge; None: whatever that is."""
        if bridge.ifname in seen:
            return
        for port in self.ports(bridge.ifname):
            if port.ifname == inner or port.kind == "tun" and GUESTS.fullmatch(port.ifname):
                continue
            for way in self.leave(port, seen | {bridge.ifname}):
                vlans = way.vlans
                if vid is not None and bridge.vlan_filtering and not self.have_vlans:
                    vlans = None
                elif vid is not None and bridge.vlan_filtering and has(port.tagged, vid):
                    vlans = vlans and (*vlans, str(vid)) if vlans is None or vlans else (str(vid),)
                elif vid is not None and bridge.vlan_filtering and not has(port.untagged, vid):
                    continue
                yield way._replace(vlans=vlans, bridges=(host.Bridge(bridge.ifname, inner, port.ifname), *way.bridges))

    def leave(self, one, seen=frozenset()):
        lower = self.netdevs.get(one.lower or "")
        if one.elsewhere:
            yield host.WayOut(one.ifname, None, False, ())
        elif one.parentdev:
            yield host.WayOut(one.ifname, (), True, ())
        elif one.kind in TUNNELS:
            yield host.WayOut(one.ifname, None, True, ())
        elif one.kind in ("vlan", "macvlan", "macvtap", "ipvlan") and lower:
            is_vlan = one.kind == "vlan"
            filters = lower.kind == "bridge" and lower.vlan_filtering
            ways = (self.across(lower, None, one.vlan if is_vlan else lower.default_pvid or 0, seen) if lower.kind == "bridge"
                    else self.leave(lower, seen))
            for way in ways:
                tagged = is_vlan and not filters and way.vlans is not None
                yield way._replace(vlans=(*way.vlans, str(one.vlan))) if tagged else way
        elif one.kind in ("bond", "team"):
            for port in self.ports(one.ifname):
                yield from self.leave(port, seen)
        elif one.kind == "veth" and lower and self.netdevs.get(lower.master or "") and self.netdevs[lower.master].kind == "bridge":
            yield from self.across(self.netdevs[lower.master], lower.ifname, lower.pvid or 0, seen)
        elif one.kind not in ("bridge", "dummy", "ifb") and not (one.kind == "tun" and GUESTS.fullmatch(one.ifname)):
            yield host.WayOut(one.ifname, None, False, ())

    def ways(self, one):
        """The first of each exit, and of a bridge of each of its ports."""
        if one.kind in ("tun", "macvtap", "veth") and not one.parentdev:
            return ()
        found = {}
        for way in self.across(one, None, None, frozenset()) if one.kind == "bridge" else self.leave(one):
            found.setdefault((way.ifname, way.bridges[0].outer if one.kind == "bridge" else ""), way)
        return tuple(found.values())


def has(ranges, vid):
    return any(int(text.partition("-")[0]) <= vid <= int(text.rpartition("-")[2]) for text in ranges)


def with_ways(netdevs, have_vlans=True):
    frame = Frame(netdevs, have_vlans)
    return tuple(one._replace(ways=frame.ways(one)) for one in netdevs)


def main():
    """Is a list what the rule says? Of those that nobody can look into, it has two at the most."""
    listed = host.read_list(sys.stdin.buffer.read(), "the list")
    for one, said in zip(with_ways(listed.netdevs, listed.have_vlans), listed.netdevs):
        known, strange = [way for way in one.ways if way.known], [way for way in one.ways if not way.known]
        if sorted(known) != sorted(way for way in said.ways if way.known):
            sys.exit(f"{one.ifname}: {said.ways}, and not {known}")
        if len([way for way in said.ways if not way.known]) != min(2, len(strange)):
            sys.exit(f"{one.ifname}: {said.ways}, and {len(strange)} that are not known")
    print(json.dumps([one.ifname for one in listed.netdevs if one.ways]))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""The answers that a fit prober must give for a personality, derived without the prober.

`expect(keys, style, source, after)` leads a model of the simulated NIC (nic/keys.def has the meaning of the keys) up the ladder
of nfprobe-verdicts(7) and applies the manual's rules to where frames land. It shares no code and no table with nfprobe.
It returns every answer that is allowed, the expected one first, and for each of the others why.
`sheet(keys, trust, spoofchk)` has the answers to what a VF lets its guest do.
`across({style: answer})` is the answer that follows from two styles of one VF.

Time: only settled states are modelled, since no step may end before what its changes do late has been done.
A personality whose delays are longer than the settling time is `slow`: see `is_slow`.
"""

import contextlib
import copy
import dataclasses

STEPS = ("control standby assign attach driver up alone down unplug detach clear reassign "
         "vf-first vf-first-up vf-first-unplug").split()
DECIDING = ("attach", "up", "unplug", "detach", "clear", "reassign", "vf-first", "vf-first-up", "vf-first-unplug")
VF_STEPS = ("up", "vf-first-up")
DUPLICATE = ("EEXIST", "EINVAL")  # what an assignment is refused with because the PF has the address

DEFAULTS = {
    "come": "assign+reset+driver+up", "come_ms": 0, "go": "clear", "go_ms": 0, "blip_ms": 0, "history": 0,
    "arb": "both", "wipe": 0, "vf_second": "ok", "vf_second_ms": 0, "retry": 0, "pf_second": "ok",
    "pf_retry": 0, "pf_second_promisc": 0, "busy": "ok", "busy_ms": 0, "zero": "ok", "zero_gone": "ok", "uc_max": 256,
    "uc_full": "promisc", "pf_sync_ms": 0, "vf_sync_ms": 0, "l2fw": "absent", "station": "ok", "station_arb": "both",
    "unicast_flt": 1, "unreg_wire": 0, "unreg_vf": 0, "promisc_owned": 0, "promisc_vf": 1,
    "loop_vf_pf": 1, "loop_vf_vf": 1, "loop_pf_vf": 1, "loop_pf_pf": 0, "bcast_pf": 1, "bcast_vf": "up",
    "no_reset": 0, "reset_method": "flr", "wrong_mac": 0, "spoofchk": "on", "trust": "off", "vlan": "strict",
    "pf_vlan": "registered", "pf_vlan_promisc": 1, "pf_vlan_alone": "all", "pf_vlan_pool": 0, "vf_vlan": "registered",
    "mc": "filter", "pf_mc": "filter", "pf_allmulti": "ok", "pf_promisc_mc": 1, "mc_wipe": "never", "mc_steal": 0, "mc_back": "down",
    "uc_blocks_mc": 0, "forget": "never", "forget_on": "never",
    "vf_flt": 0, "vf_uc": 0, "vf_uc_trusted": 0, "vf_allmulti": "trusted", "vf_promisc": "trusted", "vf_overhears": 1,
    "vf_mac": "trusted", "vf_mac_report": 0, "vf_mac_keeps": 0, "antispoof": "works", "vf_keeps": "never",
}


# The state that a standby has of its port: an entry in the filter, promiscuity, all groups; the port is the PF or a second VF.
STYLES = {
    "macvtap": ("pf", True, False, False), "bridge": ("pf", False, True, True), "bridge+fdb": ("pf", True, True, True),
    "static-bridge": ("pf", True, False, True), "vf-bridge": ("second", True, True, True),
}


ADVICE = {  # where one style is safe and another is not
    "macvtap": "use-macvtap-standby", "bridge": "use-bridge-standby", "bridge+fdb": "add-filter-entry",
    "static-bridge": "keep-bridge-static", "vf-bridge": "use-second-vf",
}


class Refused(Exception):
    def __init__(self, errno):
        super().__init__(errno)
        self.errno = errno


def events(text):
    return set() if text == "never" else set(text.split("+"))


class Nic:
    """PF and one VF of the simulated NIC, as far as an address X and a multicast group bear on them."""

    def __init__(self, keys):
        self.keys = {**DEFAULTS, **keys}
        self.come, self.go = events(self.keys["come"]), events(self.keys["go"])
        self.pf = {}  # address: {"dead", "refused", "written"}
        self.promisc = False
        self.overflow = False  # promiscuous since an address was refused, and so it stays
        self.vf_mac = None  # what the PF told the VF
        self.netdev = None  # the address of the VF's netdev while a driver is bound
        self.up = False
        self.filter = None  # the address that the NIC gives to the VF
        self.filter_written = 0
        self.refused = None  # an address whose filter the VF was refused
        self.initialised = False
        self.owed = False
        self.writes = 0
        self.groups = {}  # that the PF has joined: are they still in the NIC's table?
        self.allmulti = False
        self.vf_group = None  # that the VF's netdev has joined
        self.stolen = set()  # groups that the PF does not get because a VF had them
        self.deferred = None  # what a reset has begun and takes some time, if it is not to be done at once
        self.wrong = 1 if self.keys["wrong_mac"] in (1, "1") else 0  # binds that give the netdev another address
        self.second = False  # the standby is on a second VF, which "pf" then stands for
        self.second_takes_all = False
        self.groups_settled = False  # what happens next has happened to the groups already
        self.tagged = False  # the run has a VLAN: a VF that is shown its tag is not served by what it gets
        self.pf_vid = self.vf_vid = False  # have they registered the guest's VLAN?

    def twin(self):
        """A copy that goes another way."""
        twin = copy.copy(self)
        twin.pf = {mac: dict(entry) for mac, entry in self.pf.items()}
        twin.groups, twin.stolen = dict(self.groups), set(self.stolen)
        return twin

    def remembers(self):
        """The state that bears on later ladders once the VF has left. These have other addresses and groups."""
        return (self.filter is not None, self.vf_mac, self.initialised, self.owed, self.overflow, self.wrong)

    def stamp(self):
        self.writes += 1
        return self.writes

    def pf_owns(self, mac):
        return mac in self.pf and not self.pf[mac]["dead"]

    # -- the VF's filter --
    def filter_on(self, mac):
        second = self.keys["vf_second"] != "ok" and not self.keys["vf_second_ms"]
        if second and self.pf_owns(mac):
            self.filter, self.refused = None, mac
            return
        self.filter, self.filter_written, self.refused = mac, self.stamp(), None

    def filter_off(self):
        gone, self.filter = self.filter, None
        entry = self.pf.get(gone)
        if self.keys["pf_retry"] and entry and entry["refused"]:
            entry.update(dead=False, refused=False, written=self.stamp())

    def event(self, name):
        mac = self.vf_mac if name in ("assign", "reset") else self.netdev if name in ("driver", "up") else None
        self.group_event(name)
        if name == "clear":
            self.owed = False
        if name in events(self.keys["forget_on"]) and "mac" in events(self.keys["forget"]):
            self.vf_mac = None
        if name != "clear" and self.vf_mac is None:
            if name == "up":
                self.come_for(self.netdev)
            elif name in ("down", "unplug"):
                self.filter_off()
            return
        if self.waits(name):
            return
        comes = mac is not None and (name in self.come or (self.owed and name not in self.go))
        if mac is not None:
            self.owed = False
        if name == "reset" and self.keys["blip_ms"] and self.filter:
            again = self.filter
            self.filter_off()
            self.take_time(lambda: self.filter_on(again))
            return
        if name in self.go:
            self.refused = None
            if name == "reset" and self.keys["go_ms"] and not comes:
                self.take_time(self.filter_off)
            else:
                self.filter_off()
        if comes:
            self.come_for(mac)

    def take_time(self, effect):
        if self.deferred is None:
            effect()
        else:
            self.deferred.append(effect)

    def group_event(self, name):
        if self.groups_settled:
            return
        if name in events(self.keys["mc_wipe"]):
            self.groups = dict.fromkeys(self.groups, False)
        if name in events(self.keys["mc_back"]):
            self.stolen.clear()

    def come_for(self, mac):
        if self.filter != mac:
            self.filter_on(mac)

    def waits(self, name):
        if name in ("reset", "driver"):
            self.initialised = True
        if not self.keys["history"] or self.initialised:
            return False
        if name == "assign":
            self.owed = "assign" in self.come
        return name in ("assign", "reset", "driver", "up")

    # -- what a host does --
    def set_vf_mac(self, mac):
        self.check_assign(mac)
        self.take_vf_mac(mac)

    def check_assign(self, mac):
        if mac is None and self.keys["zero"] != "ok":
            raise Refused(self.keys["zero"])
        if mac is None and self.keys["zero_gone"] != "ok" and self.vf_mac is not None and self.filter != self.vf_mac:
            raise Refused(self.keys["zero_gone"])
        second = self.keys["vf_second"]
        if second not in ("ok", "silent") and not self.keys["vf_second_ms"] and mac and self.pf_owns(mac):
            raise Refused(second)

    def take_vf_mac(self, mac, wipes=True):
        if self.vf_mac is not None and self.vf_mac != mac:
            self.event("clear")
            self.vf_mac = None
        self.vf_mac = mac
        if mac is None:
            return
        if mac in self.pf and self.keys["wipe"] and wipes:
            self.pf[mac]["dead"] = True
        self.event("assign")

    def assign(self, mac):
        self.set_vf_mac(mac)

    def clear(self):
        """Zero, and where that is refused an address that is nobody's, and zero again."""
        try:
            self.set_vf_mac(None)
        except Refused:
            self.set_vf_mac("parked")
            with contextlib.suppress(Refused):
                self.set_vf_mac(None)

    def reset(self):
        self.event("reset")

    def bind(self):
        if self.keys["wrong_mac"] == "always" or int(self.keys["wrong_mac"]) > 1:
            raise Refused("EADDRNOTAVAIL")
        if self.wrong:  # a fit prober binds again; the NIC sees both, and the driver go in between
            self.wrong -= 1
            self.netdev = "wrong"
            self.event("driver")
            self.event("unplug")
        self.netdev = self.vf_mac or "own"
        self.event("driver")

    def set_up(self, group=None):
        self.up, self.vf_group = True, group
        self.event("up")
        self.vf_vid = True
        if self.keys["mc_steal"] and group and self.vf_joins():
            self.stolen.add(group)

    def set_down(self):
        self.up, self.vf_group = False, None
        self.event("down")

    def vf_joins(self):
        return self.keys["mc"] != "trust" or self.keys["trust"] == "on"

    def unbind(self):
        if self.up:
            self.set_down()
        self.event("unplug")
        self.netdev, self.vf_vid = None, False

    def hold(self, style, mac, group=None):
        port, entry, promisc, all_groups = STYLES[style]
        if port == "second":
            # Only a trusted VF gets more than its own.
            self.second_takes_all = self.keys["trust"] == "on"
            return
        self.promisc = promisc or not self.keys["unicast_flt"]
        self.allmulti = all_groups and group is not None
        if entry and self.keys["unicast_flt"]:
            self.hold_entry(style, mac)
        if not all_groups and group and not self.blocks_groups():
            self.groups[group] = True

    def blocks_groups(self):
        return self.keys["uc_blocks_mc"] and any(entry["refused"] for entry in self.pf.values())

    def hold_entry(self, style, mac):
        if style == "macvtap" and self.keys["l2fw"] == "on" and self.keys["station"] == "ok":
            self.pf[mac] = {"dead": False, "refused": False, "written": self.stamp(), "full": False, "arb": self.keys["station_arb"]}
            return
        second = self.keys["pf_second"] != "ok" and self.filter == mac
        if int(self.keys["uc_max"]) <= 0:
            self.pf[mac] = {"dead": True, "refused": False, "written": 0, "full": True}
            return
        self.pf[mac] = {"dead": second, "refused": second, "written": self.stamp(), "full": False}
        self.overflow = self.overflow or (second and self.keys["pf_second_promisc"] == "stays")

    def release(self, style, mac, group=None):
        self.groups.pop(group, None)
        self.promisc = self.allmulti = self.second_takes_all = False
        if not STYLES[style][1] or STYLES[style][0] != "pf":
            return
        self.pf.pop(mac, None)
        if self.keys["retry"] and self.refused == mac:
            self.come_for(mac)

    # -- the switch --
    def sees_all(self):
        forced = self.keys["pf_second_promisc"] and any(e["refused"] for e in self.pf.values())
        full = self.keys["uc_full"] == "promisc" and any(e["full"] for e in self.pf.values())
        return self.promisc or bool(forced) or self.overflow or full

    def reaches(self, source, receiver):
        if receiver == "vf" and self.tagged and self.keys["vlan"] == "keep":
            return False
        return source == "wire" or bool(self.keys[f"loop_{source}_{receiver}"])

    def land(self, source, mac):
        """Where a frame from `source` to `mac` (None: broadcast) lands: a set of pf, vf."""
        if mac is None:
            got = set()
            if self.port_hears(source):
                got.add("pf")
            if self.keys["bcast_vf"] != "no" and self.up and self.reaches(source, "vf"):
                got.add("vf")
            return got
        if self.second:
            # A promiscuous VF gets what no VF has in a filter.
            owned = self.filter == mac
            heard = self.up if owned else self.second_takes_all
            return {"vf" if owned else "pf"} if heard and self.reaches(source, "vf") else set()
        owners = set()
        if self.pf_owns(mac):
            owners.add("pf")
        if self.filter == mac:
            owners.add("vf")
        owned = "vf" in owners
        if len(owners) == 2:
            arb = self.pf[mac].get("arb", self.keys["arb"])
            if arb == "last":
                arb = "pf" if self.pf[mac]["written"] > self.filter_written else "vf"
            if arb != "both":
                owners = {arb}
        got = {who for who in owners if self.reaches(source, who)}
        if "pf" not in got and self.overhears(source, owned):
            got.add("pf")
            if owned and self.keys["promisc_owned"] == "alone":
                got.discard("vf")
        if not self.up:
            got.discard("vf")
        return got

    def leaves(self, sender, mac):
        """Does unicast that the PF or another VF sends leave for the wire? Not where the switch in the NIC forwards it."""
        return not ((self.filter == mac and self.reaches(sender, "vf")) or (self.pf_owns(mac) and self.reaches(sender, "pf")))

    def port_hears(self, source):
        """Broadcast at the standby's port."""
        if self.second:
            return self.keys["bcast_vf"] != "no" and self.reaches(source, "vf")
        return bool(self.keys["bcast_pf"]) and self.reaches(source, "pf")

    def land_group(self, source, group):
        """Where a frame to a group lands: (who has it, who may or may not have it, as the NIC knows groups by a hash)."""
        got, maybe = set(), set()
        if self.keys["pf_mc"] == "all" or self.groups.get(group):
            got.add("pf")
        if (self.sees_all() and self.keys["pf_promisc_mc"]) or (self.allmulti and self.keys["pf_allmulti"] == "ok"):
            got.add("pf")
        if self.up and (self.keys["mc"] == "all" or (self.vf_joins() and self.vf_group == group)):
            got.add("vf")
        if self.second:
            got = (got - {"pf"}) | ({"pf"} if self.second_takes_all or self.keys["mc"] == "all" else set())
            hashed = {"pf", *(("vf",) if self.up else ())} if self.keys["mc"] == "hash" else set()
            return tuple(some if self.reaches(source, "vf") else set() for some in (got, hashed - got))
        if self.keys["pf_mc"] == "hash":
            maybe.add("pf")
        if self.keys["mc"] == "hash" and self.up:
            maybe.add("vf")
        if group in self.stolen:
            got.discard("pf")
            maybe.discard("pf")
        return tuple({who for who in some if self.reaches(source, who)} for some in (got, maybe - got))

    def in_vlan(self, got, unicast, free=False):
        """Those of `got` that a frame with the tag of the guest's VLAN reaches; free: with one that nobody has registered."""
        keys, pf, vf = self.keys, self.pf_vid and not free, self.vf_vid and not free
        if keys["pf_vlan"] == "all" or (keys["pf_vlan"] == "first" and not self.pf_vid) or (keys["pf_vlan_promisc"] and self.sees_all()):
            at_pf = True
        elif pf:
            at_pf = unicast or vf or keys["pf_vlan_alone"] == "all"
        else:
            at_pf = unicast and vf and keys["pf_vlan_pool"]
        at_vf = vf or keys["vf_vlan"] == "all" or (keys["vf_vlan"] == "first" and not self.vf_vid)
        passes = {who for who, may in (("pf", at_pf), ("vf", at_vf)) if may or keys["vlan"] == "ignore"}
        return frozenset(got) & passes

    def overhears(self, source, owned):
        if source == "pf":
            return False
        if owned:
            return self.sees_all() and self.keys["promisc_owned"] and (source == "wire" or self.keys["promisc_vf"])
        if source == "wire":
            return self.sees_all() or bool(self.keys["unreg_wire"])
        return (self.sees_all() and bool(self.keys["promisc_vf"])) or bool(self.keys["unreg_vf"])


def name_of(receivers):
    return {frozenset(): "nowhere", frozenset({"pf"}): "pf", frozenset({"vf"}): "vf"}.get(frozenset(receivers), "both")


@dataclasses.dataclass
class Seen:
    """The sight of a prober in a step. status: done, skipped, refused."""

    status: str = "done"
    unicast: frozenset = frozenset()
    broadcast: frozenset = frozenset()
    leave: bool = False
    errno: str = ""
    multicast: frozenset = frozenset()
    multicast_maybe: frozenset = frozenset()
    tagged: dict = dataclasses.field(default_factory=dict)  # by kind, the receivers of what has a tag

    def landing(self):
        return name_of(self.unicast)

    def multicast_landings(self):
        """All that are possible."""
        one_more = [frozenset({who}) for who in self.multicast_maybe] + [self.multicast_maybe]
        return frozenset(name_of(self.multicast | more) for more in (frozenset(), *one_more))

    def is_served(self, receiver):
        return receiver in self.unicast & self.broadcast

    def lacks(self, receiver):
        """A receiver that gets the other two kinds does not get multicast."""
        return self.status == "done" and self.is_served(receiver) and receiver not in self.multicast

    def shows_multicast(self, receiver):
        return self.status == "done" and receiver in self.multicast

    def served(self):
        """S: True, False, or None where it was not made."""
        return None if self.status != "done" else "pf" in self.unicast and "pf" in self.broadcast

    def vf_gets(self):
        return None if self.status != "done" else "vf" in self.unicast and "vf" in self.broadcast


SKIPPED, LEAVE = Seen("skipped"), Seen("skipped", leave=True)


class Climb:
    """The ladder on one NIC; `seen` by step."""

    def __init__(self, nic, style, source, hurry=None, multicast=True):
        """hurry: in vf-first the PF takes the address before the NIC has done something that takes it some time: it has made the VF's
        filter after the assignment ("filter"), or what the reset makes of it ("reset")."""
        self.nic, self.style, self.source, self.hurry = nic, style, source, hurry
        self.names = (f"X of {style}", f"Y of {style}")
        nic.second = STYLES[style][0] == "second"
        self.group = f"group of {style}" if multicast else None
        self.x = self.names[0]
        self.seen = {}
        self.no_reset = bool(self.nic.keys["no_reset"]) or self.nic.keys["reset_method"] != "flr"
        self.assigned = self.bound = self.held = False

    def look(self, step):
        self.seen[step] = self.here()

    def here(self):
        groups = self.nic.land_group(self.source, self.group) if self.group else ((), ())
        unicast, broadcast = (self.nic.land(self.source, address) for address in (self.x, None))
        tagged = {"unicast": self.nic.in_vlan(unicast, True), "broadcast": self.nic.in_vlan(broadcast, False),
                  "multicast": self.nic.in_vlan(groups[0], False), "own": self.nic.in_vlan({"pf"}, True),
                  "free": self.nic.in_vlan({"pf"}, True, free=True)}
        return Seen(unicast=frozenset(unicast), broadcast=frozenset(broadcast),
                    multicast=frozenset(groups[0]), multicast_maybe=frozenset(groups[1]), tagged=tagged)

    def do(self, step, *actions):
        """Makes a step; one that is refused is not looked at."""
        # Where the PF could not take the address back, each later step has it try again.
        again = () if self.held or step in ("control", "standby", "alone") else (self.hold_again,)
        for action in (*actions, *again):
            try:
                action()
            except Refused as refusal:
                self.seen[step] = Seen("refused", errno=refusal.errno)
                return False
        self.look(step)
        return True

    def hold(self):
        self.nic.hold(self.style, self.x, self.group)
        self.held = True

    def hold_again(self):
        if not self.held:
            self.hold()

    def release(self):
        self.nic.release(self.style, self.x, self.group)
        self.held = False

    def assign(self):
        self.assigned = False
        self.nic.assign(self.x)
        self.assigned = True

    def assign_accepted(self):
        """The PF has the address already, but had not when the NIC was told of it: nothing of the PF's is wiped."""
        self.nic.take_vf_mac(self.x, wipes=False)
        self.assigned = True

    def settle_groups(self):
        """Only filters are late."""
        for name in (*(["clear"] if self.nic.vf_mac else []), "assign", *([] if self.no_reset else ["reset"])):
            self.nic.group_event(name)
        self.nic.groups_settled = True

    def reset(self):
        if not self.no_reset:
            self.nic.reset()

    def act(self):
        for effect in self.nic.deferred:
            effect()

    def bind(self):
        self.nic.bind()
        self.bound = True

    def set_up(self):
        self.nic.set_up(self.group)

    def unbind(self):
        self.nic.unbind()
        self.bound = False

    def run(self):
        self.look("control")
        if not self.do("standby", self.hold) or not self.seen["standby"].served():
            return
        self.do("assign", self.assign)
        self.with_address()
        self.vf_first()

    def vlan_windows(self):
        """The windows behind the last step while the PF has registered the guest's VLAN, and then no longer has."""
        if not self.held:
            return SKIPPED, SKIPPED
        self.nic.pf_vid = True
        registered = self.here()
        self.nic.pf_vid = False
        return registered, self.here()

    def leave(self):
        """The VF leaves; only what the NIC itself remembers stays."""
        self.release()
        if self.nic.netdev is not None:
            self.unbind()
        if self.nic.vf_mac not in (None, "parked"):
            self.nic.clear()

    def with_address(self):
        if not self.assigned:
            for step in STEPS[STEPS.index("attach"):STEPS.index("vf-first")]:
                if step != "alone":
                    self.seen[step] = SKIPPED
            return
        self.seen["attach"] = LEAVE
        if not self.no_reset:
            self.do("attach", self.reset)
        # A step may be refused because the PF could not take the address back, though the VF is what it should be.
        self.do("driver", self.bind)
        if self.bound:
            self.do("up", self.set_up)
            if self.seen["up"].vf_gets() is not True:
                self.do("alone", self.release)
                try:
                    self.hold()
                except Refused:
                    pass
            self.do("down", self.nic.set_down)
            self.do("unplug", self.unbind)
        else:
            for step in ("up", "down", "unplug"):
                self.seen[step] = SKIPPED
        self.seen["detach"] = LEAVE
        if not self.no_reset:
            self.do("detach", self.reset)
        self.do("clear", self.nic.clear)
        self.seen["reassign"] = LEAVE
        if self.seen["clear"].served() is not False:
            self.do("reassign", self.assign, self.reset)

    def vf_first(self):
        self.release()
        self.x = self.names[1]
        self.assigned = False
        if self.hurry == "reset":
            self.nic.deferred = []
            self.do("vf-first", self.assign, self.reset, self.hold, self.act)
            self.nic.deferred = None
        elif self.hurry:
            self.do("vf-first", lambda: self.nic.check_assign(self.x), self.settle_groups, self.hold, self.assign_accepted, self.reset)
            self.nic.groups_settled = False
        else:
            self.do("vf-first", self.assign, self.reset, self.hold)
        if not self.assigned:
            self.seen["vf-first-up"] = self.seen["vf-first-unplug"] = SKIPPED
            return
        self.do("vf-first-up", self.bind, self.set_up)
        if self.bound:
            self.do("vf-first-unplug", self.unbind)
        else:
            self.seen["vf-first-unplug"] = SKIPPED


# ---- the manual's rules ----


def keeps(seen):
    """S, where a no counts only if broadcast shows that the PF could hear."""
    if seen.status == "done" and seen.served() is False and "pf" not in seen.broadcast:
        return None
    return seen.served()


def boot_step(seen):
    return "assign" if seen["attach"].leave else "attach"


def keeps_again(seen):
    """The VF keeps the address in reassign; an address that is assigned again must have been taken back before."""
    return keeps(seen["reassign"]) if seen["clear"].served() else None


def claim_of(seen):
    early = {step: keeps(seen[step]) for step in (boot_step(seen), "vf-first")}
    early["reassign"] = keeps_again(seen)
    if False in early.values():
        return "assign"
    if any(answer is None and not seen[step].leave for step, answer in early.items()):
        return None
    for step, claim in (("assign", "assign-until-reset"), ("driver", "driver")):
        answer = keeps(seen[step])
        if answer is None:
            return None
        if not answer:
            return claim
    answer = seen["up"].vf_gets()
    return None if answer is None else "up" if answer else "never"


def release_of(seen):
    release = "never"
    for step in ("clear", "detach", "unplug", "down"):
        if seen[step].leave:
            continue
        answer = keeps(seen[step])
        if answer is None:
            return None
        if not answer:
            break
        release = step
    return release


def verdict_of(seen, source, claim):
    standby = seen["standby"]
    if standby.served() is not True:
        heard = standby.status == "done" and "pf" in standby.broadcast
        return "untestable" if heard and source != "wire" else "inconclusive"
    if claim == "assign":
        return "early"
    if seen["assign"].status == "refused" and seen["assign"].errno in DUPLICATE:
        return "refused"
    for step in (*DECIDING, boot_step(seen)):
        here = seen[step]
        if here.leave:
            continue
        if here.status != "done":
            return "inconclusive"
        if not (here.broadcast if step in VF_STEPS else "pf" in here.broadcast):
            return "inconclusive"
    for step in VF_STEPS:
        if seen[step].leave or seen[step].vf_gets():
            continue
        alone = seen.get("alone", SKIPPED)
        heard = any("vf" in here.unicast | here.broadcast | here.multicast
                    for here in (seen.get(s, SKIPPED) for s in (*VF_STEPS, "alone")))
        return "deaf" if alone.vf_gets() or heard else "inconclusive"
    # A standby that is not served after detach or clear is no better off than one that is deaf from unplug on.
    for step in ("unplug", "detach", "clear", "vf-first-unplug"):
        if not seen[step].leave and not keeps(seen[step]):
            return "sticky"
    return "safe"


UNFIT = ("early", "refused", "deaf", "sticky")


def with_multicast(seen):
    """The same, but a receiver that gets the other two kinds and not multicast does not count as one that gets unicast.
    Nobody says so unless the network demonstrably passes multicast."""
    return {step: dataclasses.replace(here, unicast=frozenset(who for who in here.unicast if not here.lacks(who)))
            for step, here in seen.items()}


def is_multicast_shown(seen):
    return seen["standby"].status == "done" and "pf" in seen["standby"].multicast


def multicast_of(seen):
    """Does the guest get its group in each step?"""
    if not is_multicast_shown(seen):
        return "unproven"
    steps = [(seen[step], "vf" if step in VF_STEPS else "pf") for step in STEPS if step in (*DECIDING, boot_step(seen))]
    if any(here.lacks(who) for here, who in steps):
        return "lost"
    # Where the address did not come back, later steps are not made, and show nothing.
    cut_short = any(seen[step].leave for step in ("reassign", "vf-first"))
    shown = seen["standby"].served() and all(here.leave or here.shows_multicast(who) for here, who in steps) and not cut_short
    return "ok" if shown else "unproven"


def delivery_of(seen):
    """The receivers of the frames while the VF is up."""
    got = seen["up"].unicast if seen["up"].status == "done" else ()
    return None if "vf" not in got else "both" if "pf" in got else "vf"


def orders(seen, verdict, claim):
    """When the address may be assigned."""
    refused = verdict == "refused" or (seen["assign"].status == "refused" and seen["assign"].errno in DUPLICATE)
    if claim != "assign" and not refused:
        return set()
    if keeps(seen["vf-first"]) and seen["vf-first-up"].vf_gets() and keeps(seen["vf-first-unplug"]):
        return {"assign-before-standby"}
    if not refused:
        return {"assign-at-hotplug"}
    if seen["vf-first"].status == "refused":
        return {"do-not-use"}  # neither order is taken
    # Only one order is taken, and where the standby is deaf after it, the guest must run already.
    return {"assign-before-standby"} | ({"assign-at-hotplug"} if claim == "assign" else set())


def ends(seen, verdict, release):
    """The advice that gives the address back before a migration."""
    if release in ("detach", "clear", "never"):
        return {{"detach": "detach-before-migration", "clear": "clear-at-unplug", "never": "do-not-use"}[release]}
    if verdict == "sticky":  # only by vf-first-unplug, or else release would be one of these
        return {"clear-at-unplug" if keeps(seen["clear"]) else "do-not-use"}
    return set()


def services(seen, verdict):
    """The advice that gets the VF its frames. vf-first bears on it only where that order must be used."""
    deaf = seen["up"].vf_gets() is False
    if verdict in ("deaf", "refused"):
        deaf = deaf or seen["vf-first-up"].vf_gets() is False
    if not deaf:
        return set()
    return {"release-standby-when-up" if seen["alone"].vf_gets() else "do-not-use"}


def requires_of(seen, of_unicast, verdict, claim, release):
    """Nothing that a management layer does on the ladder gives a VF its groups."""
    if verdict not in UNFIT:
        return frozenset()
    return frozenset(orders(seen, verdict, claim) | ends(seen, verdict, release) | services(of_unicast, verdict))


def best_remedy(styles, without_groups):
    """The first remedy that serves the guest best, and better than a bridge that is not safe does; in a set."""
    def served(style):
        verdict = styles[style][0] if style in styles else None
        return 2 if verdict == "safe" else 1 if verdict == "deaf" and "safe" in without_groups[style] else 0

    best = max(("bridge", "bridge+fdb", "static-bridge"), key=served)
    return {ADVICE[best]} if best != "bridge" and styles["bridge"][0] in (*UNFIT, "slow") else set()


def requires_of_vf(styles, without_groups):
    """The requirements from {style: (verdict, requires)}, the other styles where only those are safe, and a remedy. `without_groups`:
    {style: the verdicts that it may have where the network has no multicast}."""
    safe = {ADVICE[style] for style, (verdict, _) in styles.items() if verdict == "safe"}
    counting = [verdict for verdict, _ in styles.values() if verdict != "not-applicable"]
    advice = safe if any(verdict != "safe" for verdict in counting) else set()
    remedy = best_remedy(styles, without_groups) if "bridge" in styles else set()
    return frozenset(advice.union(remedy, *(requires for _, requires in styles.values())))


@dataclasses.dataclass(frozen=True)
class Answer:
    landings: tuple  # (step, landing) of the steps that were made
    claim: str
    release: str
    verdict: str
    delivery: str = None
    requires: frozenset = frozenset()
    multicast: str = None
    groups: tuple = ()  # (step, the landings that multicast may have) of the steps that were made
    why: str = ""  # for an answer other than the expected one
    vlan: tuple = None  # of the guest's: verdict, step, carried, filters, cured
    by_vlan: bool = False  # safe but for that

    def landing(self, step):
        return dict(self.landings).get(step)


def without(seen, doubts):
    """The same, but nothing is known of the steps whose silence may be the network's."""
    return {step: SKIPPED if step in doubts else here for step, here in seen.items()}


def judge(seen, source, why="", doubts=()):
    full = {step: seen.get(step, SKIPPED) for step in STEPS}
    if "clear" in doubts and full["reassign"].leave:  # for nothing
        full["reassign"] = SKIPPED
    known = without(full, doubts)
    told, verdict = known, verdict_of(known, source, claim_of(known))
    if is_multicast_shown(full):
        stricter = with_multicast(known)
        if (other := verdict_of(stricter, source, claim_of(stricter))) != verdict:
            told, verdict = stricter, other
    claim, release = claim_of(told), release_of(told)
    return Answer(
        landings=tuple((s, full[s].landing()) for s in STEPS if full[s].status == "done"),
        claim=claim, release=release, verdict=verdict, delivery=delivery_of(full),
        requires=requires_of(told, known, verdict, claim, release), multicast=multicast_of(full),
        groups=tuple((s, full[s].multicast_landings()) for s in STEPS if full[s].status == "done"), why=why,
    )


# ---- the guest's VLAN ----

UNTESTED = ("untested", None, "unknown", "unknown", "unknown")


def why_untested(keys, style, source, tagged):
    station = style == "macvtap" and keys.get("l2fw") == "on" and keys.get("station", "ok") == "ok"
    return tagged or source != "wire" or STYLES[style][0] != "pf" or station


def needed(seen, of):
    """The kinds that a guest needs, multicast where that is ok without a tag."""
    return ("unicast", "broadcast", "multicast") if multicast_of(of) == "ok" else ("unicast", "broadcast")


def vlan_of(seen, verdict, windows, doubts):
    """The verdict that must be given of the guest's VLAN."""
    registered, afterwards = windows
    full = {step: seen.get(step, SKIPPED) for step in STEPS}
    certain = without(full, doubts)
    of = with_multicast(certain) if is_multicast_shown(full) else certain
    made = [here for here in full.values() if here.status == "done"]
    known = registered.status == "done" and "pf" in registered.broadcast
    shown = {kind for kind in ("unicast", "broadcast") if any(here.tagged[kind] for here in made)}
    shown |= {kind for kind in ("unicast", "broadcast", "multicast") if known and "pf" in registered.tagged[kind]}
    carried = bool(shown) or any(here.tagged["own"] for here in (*made, *([registered] if known else [])))
    free = any("pf" in here.tagged["free"] for step, here in full.items() if step != "control" and here.status == "done")
    wakes = free and known and "pf" not in registered.tagged["free"]
    filters = ("yes" if wakes else "no" if free else
               "yes" if known and "pf" in registered.tagged["own"] and "pf" not in afterwards.tagged["own"] else "unknown")
    facts = ("yes" if carried else "unknown", filters, cured_of(full, registered if known else SKIPPED))
    if verdict in ("inconclusive", "untestable"):
        return ("unproven", None, *facts)
    steps = [step for step in STEPS if step in (*DECIDING, boot_step(full), "standby", "alone") and step in seen and not full[step].leave]
    fits = {step: vlan_fit(full[step], of[step], "vf" if step in (*VF_STEPS, "alone") else "pf", needed(seen, full), shown) for step in steps}
    for answer, word in ((False, "lost"), (None, "unproven")):
        if answer in fits.values():
            return (word, next(step for step in steps if fits[step] is answer), *facts)
    return ("unproven" if wakes else "ok", None, *facts)


def cured_of(seen, registered):
    """Does the standby get in the VLAN that the PF has registered what it gets without a tag?"""
    if registered.status != "done" or not registered.is_served("pf"):
        return "unknown"
    kinds = [kind for kind in needed(seen, seen) if kind != "multicast" or "pf" in registered.multicast]
    return "yes" if all("pf" in registered.tagged[kind] for kind in kinds) else "no"


def vlan_fit(here, of, who, kinds, shown):
    if here.status != "done":
        return None
    rest = of.vf_gets() if who == "vf" else keeps(of)
    if rest is None:
        return None
    missing = [kind for kind in kinds if who not in here.tagged[kind]]
    if any(kind in shown and (not rest or who in getattr(here, kind)) for kind in missing):
        return False
    return None if missing or not rest else True


def in_vlan(answer, vlan):
    """The answer for a style whose guests have a VLAN: one that is safe otherwise is only as good as in the VLAN."""
    verdict, by_vlan = answer.verdict, answer.verdict == "safe" and vlan[0] != "ok"
    if by_vlan:
        sticky = vlan[1] in ("unplug", "detach", "clear", "vf-first-unplug")
        verdict = "inconclusive" if vlan[0] != "lost" else "sticky" if sticky else "deaf"
    return dataclasses.replace(answer, verdict=verdict, vlan=vlan, by_vlan=by_vlan)


AGAIN = "the prober may have looked again, at an earlier style"


def looked_again(climb):
    """Yields the NIC after each thing that a prober may do behind a ladder to tell the NIC from the network: it makes vf-first anew,
    has a guest use the VF where clearing it does not give the address back, or makes the whole ladder with other addresses."""
    for uses in (False, True):
        one = copy.copy(climb)
        one.nic = climb.nic.twin()
        use = (one.assign, one.bind, one.set_up, one.unbind, one.nic.clear, one.hold) if uses else ()
        with contextlib.suppress(Refused):
            one.nic.clear()
            one.release()
            for action in (*use, one.release, one.assign, one.reset, one.hold, one.nic.clear, one.release, *use):
                action()
        one.leave()
        yield one.nic.twin()
        once_more(one).leave()
        yield one.nic


def once_more(climb):
    """The same ladder, with other addresses, on the NIC as it is."""
    again = Climb(climb.nic, climb.style, climb.source, climb.hurry)
    again.names = tuple(f"{name} once more" for name in again.names)
    again.x = again.names[0]
    again.run()
    return again


def behind(nic, style, source, hurry):
    """[(a NIC behind a ladder in this style, why it is not the usual one)]"""
    climb = Climb(nic, style, source, hurry)
    climb.run()
    more = copy.copy(climb)
    more.nic = nic.twin()
    climb.leave()
    return [(nic, HURRY if hurry else ""), *((other, AGAIN) for other in looked_again(more))]


def nics(keys, source, after, tagged):
    """The NICs that there may be after other styles: [(nic, why it is not the usual one)]."""
    first = Nic(keys)
    first.tagged = tagged
    before = [(first, "")]
    for style in after:
        unlike = {}
        for nic, why in before:
            for hurry in hurries(keys):
                for other, because in behind(nic.twin(), style, source, hurry):
                    unlike.setdefault(other.remembers(), (other, why or because))
        before = list(unlike.values())
    return before


def across(answers):
    """The answers for one VF from {style: answer} on the same network: where one standby gets multicast and another does not, the NIC
    is the cause, and the other standby is deaf to multicast, if its VF got the group."""
    def gets(answer):
        return answer.landing("standby") == "pf" and "pf" in dict(answer.groups).get("standby", ())

    def never_gets(answer):
        may = [set(ones) - {"pf", "both"} for step, ones in answer.groups if step not in (*VF_STEPS, "alone")]
        brought = any(set(ones) <= {"vf", "both"} for step, ones in answer.groups if step in (*VF_STEPS, "alone") and ones)
        return answer.landing("standby") == "pf" and brought and bool(may) and all(may)

    if not any(gets(answer) for answer in answers.values()):
        return answers
    return {style: missed(answer) if never_gets(answer) else answer for style, answer in answers.items()}


def missed(answer):
    verdict = "deaf" if answer.by_vlan or answer.verdict in ("sticky", "slow", "safe") else answer.verdict
    return dataclasses.replace(answer, verdict=verdict, multicast="lost")


HURRY = "in vf-first the PF may have the address before the NIC has made the VF's filter, or taken it away"


def hurries(keys):
    late = {"filter": ("come_ms", "blip_ms", "vf_sync_ms"), "reset": ("blip_ms", "go_ms")}
    return (None, *(what for what, delays in late.items() if any(keys.get(key) for key in delays)))


def expect(keys, style, source="wire", after=(), multicast=True, tagged=False, guest_vlan=False, doubts=()):
    """[the expected answer, other allowed ones...]; after: the styles that were probed before, since the PF was set up.
    multicast: whether the source sends it; tagged: whether the run has a VLAN; guest_vlan: whether it is told one of the guest's;
    doubts: the steps whose silence shows nothing."""
    answers = []
    before = nics(keys, source, after, tagged)
    for hurry in hurries(keys):
        for nic, why in before:
            climb = Climb(nic.twin(), style, source, hurry, multicast)
            climb.run()
            for once in ((), *(lost_once(climb) if source == "wire" else ())):
                shows_nothing = {*doubts, *once}
                answer = judge(climb.seen, source, why or (HURRY if hurry else ""), shows_nothing)
                if guest_vlan:
                    untested = why_untested(keys, style, source, tagged)
                    vlan = UNTESTED if untested else vlan_of(climb.seen, answer.verdict, climb.vlan_windows(), shows_nothing)
                    answer = in_vlan(answer, vlan)
                answers.append(answer if multicast else dataclasses.replace(answer, groups=(), multicast="untested"))
    return answers


SORTS = (("assign", "attach", "reassign", "vf-first"), ("up", "alone", "vf-first-up"), ("unplug", "detach", "clear", "vf-first-unplug"))


def silent_around(seen, step):
    """The steps around this one in which the address, which is the same in all of them, arrives nowhere."""
    ladder = [other for other in STEPS if other.startswith("vf-first") == step.startswith("vf-first")]
    here = ladder.index(step)
    arrivals = [at for at, other in enumerate(ladder) if seen[other].unicast]
    begin = max((at + 1 for at in arrivals if at < here), default=0)
    end = min((at for at in arrivals if at > here), default=len(ladder))
    return ladder[begin:end]


def lost_once(climb):
    """Yields sets of steps that lose the address as an outage of the network would: no other step of their sort does, nor does the same
    one when the ladder is climbed once more, be it at once or after windows of a neighbour."""
    def lost(seen):
        return {step for step, here in seen.items() if step != "control" and here.status == "done" and not here.unicast}

    seen = {step: climb.seen.get(step, SKIPPED) for step in STEPS}
    demanded = lost(seen) & {*DECIDING, boot_step(seen), "alone"}
    lone = {step: around for step in demanded for around in [demanded & set(silent_around(seen, step))]
            if not any(set(sort) & around and set(sort) & demanded - around for sort in SORTS)}
    for windows in (False, True) if lone else ():
        more = copy.copy(climb)
        more.nic = climb.nic.twin()
        if windows:
            more.release()
            more.reset()
        more.leave()
        repeated = lost(once_more(more).seen)
        yield {step for step, around in lone.items() if not around & repeated}


NEAR = "address before a guest"


class Watched(Climb):
    """With the windows in which the PF, or another VF, sends to a guest that is elsewhere; `stays`: do these frames stay in the NIC?"""

    def __init__(self, sender, *words):
        super().__init__(*words)
        self.sender, self.stays = sender, {}

    def watch(self, state, *actions):
        with contextlib.suppress(Refused):
            for action in actions:
                action()
            self.stays[state] = not self.nic.leaves(self.sender, self.x)

    def vf_first(self):
        before, self.x = self.x, NEAR
        self.watch("reset", self.assign, self.reset)
        self.x = before
        super().vf_first()

    def after(self):
        self.watch("unplug", self.release)
        if not self.no_reset:
            self.watch("detach", self.reset)
        self.watch("clear", self.nic.clear)


def neighbours(keys, style="macvtap", sender="pf"):
    """The answers for a guest that is elsewhere and a neighbour that is the PF, or another VF, each (verdict, from, until), in a list like
    that of expect()."""
    return list(dict.fromkeys(near(keys, style, sender, hurry) for hurry in hurries(keys)))


def near(keys, style, sender, hurry):
    climb = Watched(sender, Nic(keys), style, "wire", hurry)
    climb.run()
    if climb.seen.get("vf-first-unplug", SKIPPED).status == "done":
        climb.after()
    states = [state for state in ("reset", "unplug", "detach", "clear") if state != "detach" or not climb.no_reset]
    stays = [climb.stays.get(state) for state in states]
    # A loss that no later state ends may be the network's doing.
    lost = [n for n, stay in enumerate(stays) if stay and (states[n] == "reset" or False in stays[n:])]
    if lost:
        return "lost", states[lost[0]], next((state for state, stay in zip(states[lost[0]:], stays[lost[0]:]) if stay is False), None)
    return "unproven" if True in stays else "untested" if None in stays else "ok", None, None


class Visited(Climb):
    """With the windows in which another VF sends to the guest while it is here; `arrives`: by step, True, False or None."""

    def __init__(self, *words):
        super().__init__(*words)
        self.arrives, self.entry = {}, None

    def look(self, step):
        super().look(step)
        if step in ("standby", "up", "detach") and STYLES[self.style][0] == "pf":
            self.arrives[step] = self.arrival("vf" if step == "up" else "pf", step)
        if step == "standby" and not STYLES[self.style][1]:
            self.entry = self.entry_arrival()

    def has_controls(self):
        return self.nic.port_hears("vf") and self.nic.reaches("vf", "pf")

    def arrival(self, guest, step):
        _, entry, promisc, _ = STYLES[self.style]
        if guest not in self.nic.land("vf", self.x):
            return False if self.has_controls() else None
        others = guest in self.nic.land("vf", "nobody")
        if step == "up" or not promisc:
            return None if others else True  # by a filter, as far as is known
        return True if entry or others else None  # by promiscuity alone

    def entry_arrival(self):
        twin = self.nic.twin()
        if self.nic.keys["unicast_flt"]:
            twin.hold_entry("bridge+fdb", "another")
        if "pf" in twin.land("vf", "another"):
            return "ok"
        return "lost" if self.has_controls() else "unproven"


def here(keys, style, source="wire", after=(), tagged=False):
    """The answers for a guest that is here and another VF that sends, each (verdict, from, until, entry), in a list like that of expect()."""
    return list(dict.fromkeys(visit(nic.twin(), style, source) for nic, _ in nics(keys, source, after, tagged)))


def visit(nic, style, source):
    climb = Visited(nic, style, source)
    climb.run()
    states = [state for state in ("standby", "up", "detach") if state != "detach" or climb.seen.get("detach") is not LEAVE]
    made = [(state, climb.arrives[state]) for state in states if state in climb.arrives]
    lost = [number for number, (_, arrives) in enumerate(made) if arrives is False]
    if lost:
        later = (state for state, arrives in made[lost[-1] + 1:] if arrives)
        return "lost", made[lost[0]][0], next(later, None), climb.entry
    verdict = "unproven" if any(arrives is None for _, arrives in made) else "ok" if len(made) == len(states) else "untested"
    return verdict, None, None, climb.entry


def sheet(keys, trust, spoofchk, vlan=False):
    """What a VF without a VLAN from the PF lets its guest do: {row of the sheet: "yes" or "no"}, of a guest that asks for no more
    than the row says. Nothing is known of what would stay of something that no guest gets: None."""
    keys = {**DEFAULTS, **keys}

    def lets(key):
        return keys[key] == "always" or (keys[key] == "trusted" and trust)

    all_unicast, takes = lets("vf_promisc"), lets("vf_mac")
    room = int(keys["vf_uc_trusted" if trust else "vf_uc"]) if keys["vf_flt"] else 16 if all_unicast else 0
    forged = not spoofchk or keys["antispoof"] == "ignored" or keys["spoofchk"] == "absent"
    inside = bool(keys["loop_vf_vf"])
    left = events(keys["vf_keeps"])
    rows = {
        "forged": forged, "forged-sibling": forged and inside, "unaddressed": False, "second-address": room > 0, "third-address": room > 1,
        "group": keys["mc"] != "trust" or trust, "allmulticast": lets("vf_allmulti"),
        "promiscuous": all_unicast, "overhears": all_unicast and keys["vf_overhears"] and inside,
        "new-address": takes, "old-address": not takes or keys["vf_mac_keeps"],
        "keeps-second": "uc" in left if room > 0 else None, "keeps-new": "mac" in left if takes else None,
        "keeps-groups": "allmulti" in left if lets("vf_allmulti") else None,
        "keeps-promiscuous": "promisc" in left if all_unicast else None,
    }
    if vlan:
        rows |= {"vlan": True, "free-vlan": keys["vlan"] == "ignore" or keys["vf_vlan"] in ("all", "first")}
    return {row: None if yes is None else "yes" if yes else "no" for row, yes in rows.items()}


def is_slow(keys, settle_ms):
    """Does the NIC act later than a landing is watched? Then what it says is only true for so long."""
    turns = int(keys.get("pf_sync_ms", 0)) + int(keys.get("vf_sync_ms", 0))
    return turns >= settle_ms or any(int(keys.get(key, 0)) >= settle_ms for key in ("come_ms", "go_ms", "blip_ms"))

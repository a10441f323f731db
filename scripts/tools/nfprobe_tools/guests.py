# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests of an audit, and what --way .. --watch has counted, as two ways of boxes from the guest to the wire. Pure."""

from __future__ import annotations

from typing import Annotated, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .document import Key, record
from .host import load_document
from .result import Commands, Error, command_lines
from .text import clean, plural

# ---- what nfprobe --audit says of a guest ----


class Stop(NamedTuple):
    """What a hop does to the frames of the guest."""
    code: str
    weight: str  # stops, delays or may
    lost: Tuple[str, ...]
    what: str
    after: Optional[str]
    commands: Commands

    @property
    def is_whole(self) -> bool:
        return self.weight == "stops" and "all" in self.lost


class Hop(NamedTuple):
    kind: str
    ifname: str
    netns: Optional[str]
    bridge: Optional[str]  # of which it is a port
    side: Optional[str]  # in: towards the guest; out: towards the wire
    vlan: Optional[int]
    stops: Tuple[Stop, ...] = ()


class GuestVf(NamedTuple):
    pf: str
    vf: int
    use: Optional[str]
    at_rest: bool
    address: Optional[str]
    vlan: Optional[int]


class Standby(NamedTuple):
    ifname: Optional[str]
    netns: Optional[str]
    address: Optional[str]
    pair: str  # sure, presumed or none


class Guest(NamedTuple):
    name: Optional[str]
    pid: int
    vf: Optional[GuestVf]
    standby: Optional[Standby]
    end: str
    pf: Optional[str]  # at which the way ends; None: at another NIC, or elsewhere
    vlans: Optional[Tuple[int, ...]]  # tags on the wire, the outermost first; None: not known
    hops: Tuple[Hop, ...]  # from the guest to the wire


# ---- what nfprobe --way GUEST --watch says ----

class Heard(NamedTuple):
    unicast: int
    broadcast: int
    groups: int


class WatchedHop(NamedTuple):
    ifname: str
    netns: Optional[str]
    bridge: Optional[str]
    state: str  # unheard, heard or down
    why: Optional[str]
    any_vlan: bool
    to_guest: Annotated[Heard, Key(name="to")]
    from_guest: Annotated[Heard, Key(name="from")]
    tx_dropped: Optional[int] = None


class WatchStop(NamedTuple):
    bound: str
    kinds: Tuple[str, ...]
    after: str
    before: str
    came: int
    what: str


class WatchedVf(NamedTuple):
    pf: str
    vf: int
    in_use: bool
    counts: bool


class Watch(NamedTuple):
    schema: int
    version: str
    answer: str
    text: str
    address: str
    ms: int
    hops: Tuple[WatchedHop, ...]
    stops: Tuple[WatchStop, ...]
    notes: Tuple[str, ...]
    vf_unicast: int
    exit_status: Annotated[int, Key(name="exit")]
    vf: Optional[WatchedVf] = None
    error: Optional[Error] = None


any_watch = record(Watch)


def load_watch(path: str) -> Watch:
    """Reads what --way .. --watch --json wrote to a file. Raises Failure."""
    watch: Watch = load_document(any_watch, path, clean(path))
    return watch


# ---- the picture ----

class Mark(NamedTuple):
    """What a hop does, and the command against it."""
    colour: str
    text: str
    commands: str = ""  # lines


class Box(NamedTuple):
    name: str
    details: List[str]
    marks: Sequence[Mark] = ()
    counts: Sequence[Tuple[str, str]] = ()  # words and colour
    beyond: bool = False  # nothing passes the hop before it

    @property
    def style(self) -> str:
        return "beyond" if self.beyond else "held" if any(mark.colour == "bad" for mark in self.marks) else ""


class Picture(NamedTuple):
    name: str
    who: str  # the same, with its process
    answer: str
    colour: str
    ways: List[Tuple[str, List[Box]]]  # a heading, and its boxes from the guest to the wire
    notes: Sequence[str] = ()


KINDS = {"tap": "tap", "macvtap": "macvtap", "bridge": "bridge", "veth": "end of a veth", "vlan": "netdev of a VLAN",
         "macvlan": "macvlan", "bond": "bond", "switch": "Open vSwitch", "nic": "NIC"}
SIDES = {"in": "towards the guest", "out": "towards the wire"}
ENDS = {"tunnel": "a tunnel", "strange": "whatever nobody on this host looks into", "host": "this host, which routes", "nowhere": "nothing",
        "gone": "no netdev: its macvtap is no more", "unseen": "not seen"}
LOST = {"stops": "bad", "delays": "unsure", "may": "unsure"}
WATCHED = {"stops": "bad", "vf": "bad", "passes": "safe"}


def vlan_words(vlans: Optional[Sequence[int]]) -> str:
    return "VLAN not known" if vlans is None else f"VLAN {' in '.join(str(vlan) for vlan in reversed(vlans))}" if vlans else "no VLAN"


def name_of(hop: Hop) -> str:
    return f"{hop.ifname} of {hop.bridge}" if hop.bridge else hop.ifname


def place_words(bridge: Optional[str], side: Optional[str], netns: Optional[str]) -> Iterator[str]:
    if bridge:
        yield f"port of {bridge}" + (f", {SIDES[side]}" if side in SIDES else "")
    if netns:
        yield netns if " " in netns else f"network namespace {netns}"


def mark_of(stop: Stop) -> Mark:
    after = f"; once {stop.after}:" if stop.after and stop.commands else ""
    may = {"may": "may lose frames: ", "delays": "delays: "}.get(stop.weight, "")
    lost = f" (loses {', '.join(stop.lost)})" if stop.lost and not stop.is_whole else ""
    return Mark(LOST.get(stop.weight, "unsure"), f"{may}{stop.what}{lost}{after}", "\n".join(command_lines(stop.commands)))


def box_of(hop: Hop, beyond: bool) -> Box:
    vlan = [f"VLAN {hop.vlan}"] if hop.vlan else []
    return Box(hop.ifname, [KINDS.get(hop.kind, "netdev"), *place_words(hop.bridge, hop.side, hop.netns), *vlan],
               [mark_of(stop) for stop in hop.stops], (), beyond)


def wire_of(guest: Guest, beyond: bool) -> Box:
    if guest.end == "nic":
        other = [] if guest.vf is None or guest.pf == guest.vf.pf else ["by another NIC than its VF's"]
        return Box("the wire", [vlan_words(guest.vlans), *other], beyond=beyond)
    return Box(ENDS.get(guest.end, "not known"), [], beyond=beyond)


def boxes_of_vf(vf: Optional[GuestVf]) -> List[Box]:
    if vf is None:
        return []
    rests = ["at rest: the guest does not use it"] if vf.at_rest else []
    facts = [*rests, *([f"by {vf.use}"] if vf.use else []), *([vf.address] if vf.address else [])]
    return [Box(f"VF {vf.vf}", [f"of {vf.pf}", *facts]), Box(vf.pf, ["NIC"]),
            Box("the wire", [] if vf.vlan is None else [vlan_words((vf.vlan,) if vf.vlan else ())])]


def answer_of(guest: Guest) -> Tuple[str, str]:
    """One line, and its colour."""
    stops = [(hop, stop) for hop in guest.hops for stop in hop.stops]
    for hop, stop in stops:
        if stop.is_whole:
            return f"STOPS at {name_of(hop)}", "bad"
    if guest.end in ("nowhere", "gone"):
        return f"STOPS{f' at {name_of(guest.hops[-1])}' if guest.hops else ''}", "bad"
    lossy = next((hop for hop, stop in stops if stop.weight == "stops"), None)
    if lossy:
        return f"loses frames at {name_of(lossy)}", "bad"
    if guest.end != "nic":
        return f"leads to {ENDS.get(guest.end, 'what is not known')}", "unsure"
    at = guest.pf or (guest.hops[-1].ifname if guest.hops else "a NIC")
    same = guest.vf is not None and guest.pf == guest.vf.pf
    return f"reaches {at}, {vlan_words(guest.vlans)}", "safe" if same and not stops else "unsure"


def who_of(guest: Guest) -> str:
    return f"{guest.name} (process {guest.pid})" if guest.name else f"process {guest.pid}"


# ---- counts ----

def counts_of(hop: WatchedHop, stops: Sequence[WatchStop]) -> List[Tuple[str, str]]:
    if hop.state != "heard":
        return [(f"{'down all the time' if hop.state == 'down' else 'not listened at'}{f': {hop.why}' if hop.why else ''}", "unsure")]
    found = []
    for bound, words, heard in (("to", "to the guest", hop.to_guest), ("from", "from the guest", hop.from_guest)):
        behind = any(stop.bound == bound and stop.before == hop.ifname for stop in stops)
        found.append((f"{words}: " + ", ".join(f"{number} {kind}" for kind, number in heard._asdict().items()), "bad" if behind else ""))
    if hop.tx_dropped:
        found.append((f"{hop.tx_dropped} dropped by its driver", "unsure"))
    return found


def is_watched(guest: Guest, watch: Watch) -> bool:
    """Begins this guest's way at the netdev where that of the counts does?"""
    return bool(guest.hops and watch.hops) and (guest.hops[0].ifname, guest.hops[0].netns) == (watch.hops[0].ifname, watch.hops[0].netns)


def with_counts(boxes: Iterable[Box], hops: Iterable[Hop], watch: Watch) -> Iterator[Box]:
    at: Dict[Tuple[str, Optional[str]], WatchedHop] = {(hop.ifname, hop.netns): hop for hop in watch.hops}
    for box, hop in zip(boxes, hops):
        heard = at.get((hop.ifname, hop.netns))
        yield box._replace(counts=counts_of(heard, watch.stops)) if heard else box


def watch_words(watch: Watch) -> List[str]:
    taken = [f"the NIC has given {plural(watch.vf_unicast, 'frame')} to its VF meanwhile"] if watch.vf_unicast else []
    return [f"{watch.text}: frames of {watch.address} in {watch.ms / 1000:g} s", *taken, *watch.notes]


# ---- pictures ----

def picture_of(guest: Guest, watch: Optional[Watch] = None) -> Picture:
    answer, colour = answer_of(guest)
    boxes, beyond = [], False
    for hop in guest.hops:
        boxes.append(box_of(hop, beyond))
        beyond = beyond or any(stop.is_whole for stop in hop.stops)
    watched = watch if watch and is_watched(guest, watch) else None
    if watched:
        boxes = list(with_counts(boxes, guest.hops, watched))
    ways = [("VF", boxes_of_vf(guest.vf)), ("standby", [*boxes, wire_of(guest, beyond or guest.end in ("nowhere", "gone"))])]
    presumed = guest.standby is not None and guest.standby.pair == "presumed"
    notes = ["Whether the two are one NIC is presumed: no address says so."] if presumed else []
    return Picture(guest.name or who_of(guest), who_of(guest), answer, colour, [way for way in ways if way[1]],
                   notes + (watch_words(watched) if watched else []))


def picture_of_watch(watch: Watch) -> Picture:
    """Of the counts alone."""
    boxes = [Box(hop.ifname, [*place_words(hop.bridge, None, hop.netns), *(["in whatever VLAN"] if hop.any_vlan else [])],
                 [Mark("bad", stop.what) for stop in watch.stops if stop.before == hop.ifname], counts_of(hop, watch.stops))
             for hop in watch.hops]
    vf = watch.vf
    of_vf = [Box(f"VF {vf.vf}", [f"of {vf.pf}", "in use by the guest" if vf.in_use else "at rest: the guest does not use it"]),
             Box(vf.pf, ["NIC"]), Box("the wire", [])] if vf else []
    ways = [("VF", of_vf), ("standby", [*boxes, Box("the wire", [])])]
    return Picture("the guest", watch.address, watch.text, WATCHED.get(watch.answer, "unsure"), [way for way in ways if way[1]],
                   watch_words(watch)[1:])


def pictures_of(guests: Sequence[Guest], watch: Optional[Watch]) -> Tuple[List[Picture], List[Picture]]:
    """Those to look at, and those whose way is whole. Counts that are of no guest here are one more."""
    found = [(picture_of(guest, watch), watch is not None and is_watched(guest, watch)) for guest in guests]
    if watch and not any(watched for _, watched in found):
        found.insert(0, (picture_of_watch(watch), True))
    is_first = [watched or picture.colour != "safe" for picture, watched in found]
    return ([picture for (picture, _), first in zip(found, is_first) if first],
            [picture for (picture, _), first in zip(found, is_first) if not first])

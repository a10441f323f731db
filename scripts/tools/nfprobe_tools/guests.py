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
    weight: str  # stops: nothing passes; loses: a kind of frames does not; may
    ifname: str  # the hop, or the bridge of which it is a port
    what: str
    after: Optional[str]
    commands: Commands


class Hop(NamedTuple):
    ifname: str
    kind: Optional[str]  # of ip-link(8); None: a NIC
    netns: Optional[str]
    bridge: Optional[str]  # of which it is a port
    inward: bool  # that port is towards the guest
    vlan: Optional[int]  # the outermost tag, 0: none; None: not known
    stops: Tuple[Stop, ...]


class GuestVf(NamedTuple):
    pf: str
    vf: int
    at_rest: bool
    left: bool
    address: Optional[str]
    vlan: Optional[int]


class Standby(NamedTuple):
    ifname: Optional[str]  # None: a macvtap that is no more
    address: Optional[str]
    pair: str  # sure, presumed or address


class Guest(NamedTuple):
    name: Optional[str]
    pid: Optional[int]
    vf: GuestVf
    standby: Optional[Standby]
    end: str
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


KINDS = {"tun": "tap", "veth": "end of a veth", "vlan": "netdev of a VLAN", "openvswitch": "Open vSwitch", None: "NIC"}
ENDS = {"switch": ("Open vSwitch", "goes through Open vSwitch, whose tables are not read"), "nowhere": ("nothing", "leads nowhere"),
        "host": ("this host", "ends in this host, which routes"), "unseen": ("not seen", "is not followed: it has too many netdevs")}
OTHERS = {"nic": "another NIC than its VF's", "other": "where nfprobe cannot look"}
WEIGHTS = {"stops": "bad", "loses": "bad"}
WATCHED = {"stops": "bad", "vf": "bad", "passes": "safe"}


def vlan_words(vlan: Optional[int]) -> List[str]:
    return [f"VLAN {vlan}"] if vlan else []


def name_of(hop: Hop) -> str:
    return f"{hop.ifname} of {hop.bridge}" if hop.bridge else hop.ifname


def place_words(bridge: Optional[str], side: str, netns: Optional[str]) -> Iterator[str]:
    if bridge:
        yield f"port of {bridge}{side}"
    if netns:
        yield netns


def mark_of(stop: Stop, hop: Hop) -> Mark:
    of_bridge = f"{stop.ifname} " if stop.ifname != hop.ifname else ""
    after = f"; once {stop.after}:" if stop.after and stop.commands else ""
    return Mark(WEIGHTS.get(stop.weight, "unsure"), f"{'may: ' if stop.weight == 'may' else ''}{of_bridge}{stop.what}{after}",
                "\n".join(command_lines(stop.commands)))


def box_of(hop: Hop, beyond: bool) -> Box:
    side = ", towards the guest" if hop.inward else ", towards the wire"
    return Box(hop.ifname, [KINDS.get(hop.kind, hop.kind or ""), *place_words(hop.bridge, side, hop.netns), *vlan_words(hop.vlan)],
               [mark_of(stop, hop) for stop in hop.stops], (), beyond)


def end_of(guest: Guest, beyond: bool) -> Box:
    if guest.end in ENDS:
        return Box(ENDS[guest.end][0], [], beyond=beyond or guest.end == "nowhere")
    return Box("the wire", vlan_words(guest.hops[-1].vlan if guest.hops else None), beyond=beyond)


def boxes_of_vf(vf: GuestVf) -> List[Box]:
    has = ["nobody has it now"] if vf.left else ["at rest: the guest does not use it"] if vf.at_rest else []
    return [Box(f"VF {vf.vf}", [f"of {vf.pf}", *has, *([vf.address] if vf.address else [])]), Box(vf.pf, ["NIC"]),
            Box("the wire", vlan_words(vf.vlan))]


def answer_of(guest: Guest) -> Tuple[str, str]:
    """One line, as nfprobe --way has it, and its colour."""
    stops = [(hop, stop) for hop in guest.hops for stop in hop.stops]
    for weight, words in (("stops", "STOPS"), ("loses", "loses frames")):
        for hop, stop in stops:
            if stop.weight == weight:
                return f"{words} at {name_of(hop) if stop.ifname == hop.ifname else stop.ifname}", "bad"
    if guest.standby is None:
        return "no standby was found", "unsure"
    if not guest.hops:
        return ("STOPS: its macvtap is no more", "bad") if guest.end == "none" else ("not known", "unsure")
    last = guest.hops[-1]
    if guest.end != "pf":
        return ENDS[guest.end][1] if guest.end in ENDS else f"leaves by {last.ifname}, {OTHERS.get(guest.end, 'not known')}", "unsure"
    return ", ".join([f"reaches {last.ifname}", *vlan_words(last.vlan)]), "unsure" if stops else "safe"


def who_of(guest: Guest) -> str:
    process = f"process {guest.pid}" if guest.pid is not None else ""
    return f"{guest.name} ({process})" if guest.name and process else guest.name or process or "a guest"


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
        beyond = beyond or any(stop.weight == "stops" for stop in hop.stops)
    watched = watch if watch and is_watched(guest, watch) else None
    if watched:
        boxes = list(with_counts(boxes, guest.hops, watched))
    ways = [("VF", boxes_of_vf(guest.vf))] + ([("standby", [*boxes, end_of(guest, beyond)])] if boxes else [])
    presumed = guest.standby is not None and guest.standby.pair == "presumed"
    notes = ["Whether the two are one NIC is presumed: no address says so."] if presumed else []
    return Picture(guest.name or who_of(guest), who_of(guest), answer, colour, ways, notes + (watch_words(watched) if watched else []))


def picture_of_watch(watch: Watch) -> Picture:
    """Of the counts alone."""
    boxes = [Box(hop.ifname, [*place_words(hop.bridge, "", hop.netns), *(["in whatever VLAN"] if hop.any_vlan else [])],
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

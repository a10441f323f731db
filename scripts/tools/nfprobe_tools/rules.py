# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules by which a result counts: whether it proves anything, whether it still holds, and which of two says more.

Everything here is pure: it reads no file, asks no kernel and prints nothing. nfprobe-check, nfprobe-report and the libvirt
hook all judge by it, so that none of them has rules of its own. nfprobe-verdicts(7) explains them."""

from __future__ import annotations

import collections
import datetime
import itertools
from typing import Callable, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE
from .result import Pf, Result, Style, Transition, Vf, needs_words
from .words import HURTS_NOBODY, LISTENS, PLACES, STYLES, VERDICTS

YES, NO, UNKNOWN = "yes", "no", "unknown"

# Those that say something about the NIC. The others are verdicts on the test.
PROVING = ("early", "refused", "deaf", "sticky", "slow", "safe")
USUAL_STYLES = ("macvtap", "bridge")
SAFE_STEPS = ("safe", "safe-both")  # the rules by which steps are safe
WIRE = "wire"
BY_WIRE = "wire"  # what decided a style that only lacks the wire
WANTS_WIRE = ("standby-untestable",)  # why nothing is known: the source cannot show it
# Errors of a run after which nothing that it found counts.
VOID_ERRORS = ("interrupted", "timeout", "died")

DAY_MS = 86_400_000


# ---- the setup that a result is about ----

# The facts that decide where frames land, by their names in JSON, and in words. If one of them has changed since, nobody knows
# whether the verdict still holds.
IDENTITY = {"device": "PCI device", "subsystem": "PCI subsystem", "board_id": "board.id", "firmware": "firmware",
            "firmware_versions": "firmware version", "kernel": "kernel", "driver": "driver",
            "driver_version": "driver version", "vf_driver": "VF driver", "vf_driver_version": "VF driver version",
            "eswitch_mode": "eswitch mode", "num_vfs": "number of VFs", "l2_fwd_offload": "l2-fwd-offload",
            "trust": "trust of the VF", "spoofchk": "spoofchk of the VF", "vlan": "VLAN of the VF"}
# Many devices have no board.id, and many drivers no eswitch modes.
MAY_BE_NONE = ("board_id", "eswitch_mode", "firmware_versions", "vlan")

# Why a fact of this host is not known: the caller lacks CAP_NET_ADMIN, or the kernel could not say.
NEEDS_PRIVILEGES, UNREADABLE = "privileges", "unreadable"


class Identity(NamedTuple):
    values: Mapping[str, str]  # by the keys of IDENTITY; empty: there is none
    parts: Tuple[Tuple[str, str], ...] = ()  # of the firmware that runs: name and version
    unread: Mapping[str, str] = {}  # NEEDS_PRIVILEGES or UNREADABLE; only of a host as it is now
    others_up: Optional[int] = None  # how many other VFs of the PF; None: not known. Another number is another moment, not another setup


class Difference(NamedTuple):
    what: str
    was: str
    now: str


OF_KERNEL = "the kernel's"


def own_version(version: str, kernel: str) -> str:
    """A driver that comes with the kernel has no version of its own: a new kernel has new drivers, and only the kernel's
    version is reported."""
    return OF_KERNEL if version and version == kernel else version


def pci_id(vendor: int, device: int) -> str:
    return f"{vendor:04x}:{device:04x}" if vendor else ""


def switch(value: Optional[bool]) -> str:
    """Empty: the driver does not report it."""
    return "" if value is None else "on" if value else "off"


def identity_of(pf: Pf, kernel: str, vf: Vf) -> Identity:
    """The setup that a result says it is about, or one of its styles."""
    values = {"device": pci_id(pf.vendor, pf.device), "subsystem": pci_id(pf.subsystem_vendor, pf.subsystem_device),
              "board_id": pf.board_id, "firmware": pf.firmware, "kernel": kernel, "driver": pf.driver,
              "driver_version": own_version(pf.driver_version, kernel), "vf_driver": vf.driver,
              "vf_driver_version": own_version(vf.driver_version, kernel), "eswitch_mode": pf.eswitch_mode,
              "num_vfs": str(pf.num_vfs or 0), "l2_fwd_offload": switch(pf.l2_fwd_offload), "trust": switch(vf.trust),
              "spoofchk": switch(vf.spoofchk), "vlan": str(vf.vlan or "")}
    parts = tuple((part.name, part.running) for part in pf.firmware_versions if part.running)
    return Identity(values, parts, others_up=vf.others_up)


def changed_part(was: Identity, now: Identity) -> str:
    """The first part of the firmware whose version differs; empty: none does."""
    then, today = dict(was.parts), dict(now.parts)
    return next((part for part in (*then, *today) if then.get(part) != today.get(part)), "")


def same(was: Identity, now: Identity, what: str) -> str:
    """Is the fact what it was? UNKNOWN: that takes privileges. A fact that cannot be read for another reason is not."""
    unread = now.unread.get(what)
    if unread:
        return UNKNOWN if unread == NEEDS_PRIVILEGES else NO
    if what == "firmware_versions" and changed_part(was, now):
        return NO
    return YES if was.values.get(what, "") == now.values.get(what, "") else NO


def setup_of(identity: Identity) -> Tuple[Tuple[str, ...], FrozenSet[Tuple[str, str]]]:
    """Equal where nothing differs. All facts of the result are known."""
    return tuple(identity.values.get(what, "") for what in IDENTITY), frozenset(dict(identity.parts).items())


def values_of(was: Identity, now: Identity, what: str) -> Difference:
    """The two values; of several parts of the firmware, the first that differs: "fw.app 1.3.36.0"."""
    part = changed_part(was, now) if what == "firmware_versions" else ""
    if not part:
        return Difference(what, was.values.get(what, ""), now.values.get(what, ""))
    return Difference(what, *(f"{part} {dict(i.parts)[part]}" if part in dict(i.parts) else "" for i in (was, now)))


def differences(was: Identity, now: Identity, leave_out: Sequence[str] = ()) -> List[Difference]:
    return [values_of(was, now, what) for what in IDENTITY if what not in leave_out and same(was, now, what) == NO]


def difference_words(was: Identity, now: Identity, what: str) -> str:
    """ "firmware was 2.1.0, is 2.2.0" """
    found, none = values_of(was, now, what), "none" if what in MAY_BE_NONE else "unknown"
    words = f"{IDENTITY[what]} was {found.was or none}"
    unread = now.unread.get(what)
    if unread == NEEDS_PRIVILEGES:
        return f"{words}; what it is now cannot be read without CAP_NET_ADMIN"
    return f"{words}, and cannot be read now" if unread else f"{words}, is {found.now or none}"


# ---- what --require and --gap-limit ask of a style that is safe, whatever its run was asked ----

class Unmet(NamedTuple):
    """What a style was not shown to meet."""
    safe: str = YES  # NO: it was shown not to; UNKNOWN: nothing shows it
    option: str = ""
    brief: str = ""  # "--require ipv6 not met"
    why: str = ""


MET = Unmet()
REQUIRED = ("ipv6",)
REQUIRE, GAP_LIMIT = "--require", "--gap-limit"
XML_STYLES = ("macvtap",)  # a guest has IPv6 behind it if its XML says so, which no run sees


def meets_ipv6(result: Result, style: Style) -> Tuple[str, str]:
    """With a condition it does not: what the host must do first may be left out."""
    if style.multicast != "ok":
        lost = style.multicast == "lost"
        return NO if lost else UNKNOWN, style.multicast_note or ("IPv6 is lost" if lost else "IPv6 was not tested")
    needs = [one for one in result.conditions_of(style.style) if not one.vlan and "ipv6" in one.whom]
    if style.style in XML_STYLES:
        return NO, f"without trustGuestRxFilters a {style.style} passes no group of the guest, and IPv6 is lost"
    return (NO, f"it has a condition ({needs_words(needs)})") if needs else (YES, "")


def unmet_of(result: Result, style: Style, require: Iterable[str]) -> Unmet:
    if "ipv6" not in require:
        return MET
    safe, why = meets_ipv6(result, style)
    how, brief = {NO: ("is not met", "not met"), UNKNOWN: ("is not known to be met", "not known"), YES: ("", "")}[safe]
    return MET if safe == YES else Unmet(safe, REQUIRE, f"--require ipv6 {brief}", f"--require ipv6 {how}: {why}")


def seconds(ms: float) -> str:
    return f"{ms / 1000:g} s"


def bounds(change: Transition) -> Optional[Tuple[int, int]]:
    """The least and the most that a guest was deaf for at a change; None: it was not measured."""
    error = change.gap_error_us or 0
    return None if change.gap_us is None else (change.gap_us - error, change.gap_us + error)


def gap_unmet(result: Result, style: Style, limit_ms: int) -> Unmet:
    """As check_limit and check_bridge of the program judge it (src/verdict). @style: with its ladder, and safe."""
    limit, limit_us = f"--gap-limit is {seconds(limit_ms)}", 1000 * limit_ms
    changes = [(change.to_step, bounds(change)) for change in style.transitions if change.to_step not in HURTS_NOBODY]
    over, step = max(((most, step) for step, found in changes if found for least, most in [found] if least > limit_us), default=(0, ""))
    if step:
        return Unmet(NO, GAP_LIMIT, f"SLOW: {seconds(over // 1000)}",
                     f"the guest is deaf for up to {seconds(over // 1000)} {PLACES[step]}, and {limit}")
    if style.bridge_gap_ms > limit_ms:
        is_known = style.no_wire or result.source is not None and result.source.kind == WIRE
        heard = style.uplink_hears_vf == YES and is_known
        brief = f"up to {seconds(style.bridge_gap_ms)} unless it is pinned"
        return Unmet(NO if heard else UNKNOWN, GAP_LIMIT, f"SLOW: {brief}" if heard else brief,
                     f"the bridge {'learns' if heard else 'may learn'} where the guest is from what that sends by its VF: from unplug on a "
                     f"guest that is not pinned at its tap is lost until it sends, for up to {seconds(style.bridge_gap_ms)}, and {limit}")
    open_at = next((step for step, found in changes if LISTENS[step] and (found is None or found[1] > limit_us)), "")
    return MET if not open_at else Unmet(UNKNOWN, GAP_LIMIT, "outage not measured", (
        f"whether the guest is deaf for longer than {seconds(limit_ms)} (--gap-limit) {PLACES[open_at]} was not measured"))


def asked_of(result: Result, style: Style, require: Iterable[str], gap_limit_ms: int) -> Unmet:
    """The worst of both."""
    found = [unmet_of(result, style, require), *([gap_unmet(result, style, gap_limit_ms)] if gap_limit_ms else [])]
    return next((one for safe in (NO, UNKNOWN) for one in found if one.safe == safe), MET)


def pinned(style: Style) -> Style:
    """The style for a guest that is pinned at its tap: as the row of its +pin, which a run has only where the bridge failed (nfp_pin)."""
    if style.by_bridge:
        style = style._replace(verdict=style.filter_verdict or UNKNOWN, reason=style.filter_reason, by_bridge=False)
    return style._replace(bridge_verdict="", bridge_gap_ms=0)


# ---- a result ----

class Tested(NamedTuple):
    """One style of one VF, as one run found it. Empty texts are not known. Where void_reason() has one, the verdict is
    unknown, for that reason."""
    run: str  # the file of its run
    start_ms: int  # Unix time; 0: not known
    vf: int
    style: str
    source: str  # wire, vf or pf
    source_name: str  # "eth1"
    vlan: int  # in which it was tested; 0: none
    verdict: str
    reason: str
    multicast: str  # untested, unproven, ok or lost
    multicast_note: str
    settle_ms: int
    identity: Identity
    asked: str = ""  # the source that --from asked for: "auto"
    number: int = 0  # of the run, among those that --save keeps; 0: none
    why: str = ""  # the rule that decided, in a word
    short: bool = False  # the drivers that it had need longer than settle_ms
    ipv4_only: bool = False  # it loses IPv6, and nothing else
    lost_vlan: int = 0  # in which a guest's own frames are lost, of which the verdict does not speak; 0: none
    gap_ms: int = 0  # for which a guest that is not pinned may be lost; 0: there is no such gap
    unmet: Unmet = MET  # of what is asked now, whatever the run was asked
    no_wire: bool = False  # it was told that frames from inside the NIC count
    lacks_wire: bool = False  # nothing but the wire is missing to a verdict of safe

    @property
    def shows_safe(self) -> bool:
        """Is it safe, as far as its frames show?"""
        return self.verdict == "safe" or self.lacks_wire

    def serves(self, ipv6: bool) -> bool:
        """Is it fit for guests that have IPv6, or have none, if its proof counts?"""
        return self.verdict == "safe" or self.ipv4_only and not ipv6

    @property
    def key(self) -> Tuple[int, str, str, int]:
        """Results that differ in this do not supersede each other."""
        return self.vf, self.style, self.source, self.vlan

    @property
    def order(self) -> Order:
        return Order(self.number, self.start_ms)


# How much a result proves of the NIC; a higher one is stronger.
PROVES_NOTHING, PROVES_PART, PROVES_WHOLE = range(3)  # part: unicast and broadcast; whole: IPv6 multicast as well


def void_reason(result: Result) -> str:
    """Why nothing that the run found counts; empty: it does."""
    error, vf = result.error, result.vf
    if not result.restored:
        return "the host could not be restored"
    if error and error.code in VOID_ERRORS:
        return error.message or error.code
    if vf and (vf.error or vf.status != "probed"):
        return (vf.error.message if vf.error else "") or "the probe of the VF failed"
    return ""


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def unix_ms(time: str) -> int:
    """The milliseconds from 1970 to "2026-11-20T10:00:00.123Z"; 0: it is no time."""
    try:
        return max(0, (datetime.datetime.fromisoformat(time[:-1] + "+00:00") - EPOCH) // datetime.timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return 0


def untagged(result: Result, style: Style) -> Style:
    """The style as it is for guests without the VLAN of --guest-vlan. Where the steps are safe and that VLAN alone made the verdict, the
    judges that come after it were not heard (nfprobe-verdicts(7), Allowed verdicts): what each found is asked here."""
    if style.decided_by != "vlan" or style.verdict not in PROVING or style.why not in SAFE_STEPS or not style.guest_vlan:
        return style
    if style.multicast == "lost":
        verdict, reason = "deaf", style.multicast_note or "IPv6 multicast is lost"
    elif style.bridge_verdict not in ("", "safe", "unknown"):
        verdict, reason = style.bridge_verdict, "a bridge that learns loses the guest"
    elif style.bridge_verdict == "unknown":
        verdict, reason = UNKNOWN, "whether the bridge learns the guest is not known"
    elif result.settings.gap_limit_ms:
        verdict, reason = UNKNOWN, f"it is lost in VLAN {style.guest_vlan.vlan}, and without that --gap-limit was not judged"
    else:
        unmet = unmet_of(result, style, result.settings.require)
        verdict, reason = {YES: "safe", NO: "deaf", UNKNOWN: UNKNOWN}[unmet.safe], unmet.why
    return style._replace(verdict=verdict, reason=reason)


def tested_of(result: Result, require: Sequence[str] = (), gap_limit_ms: int = 0, at_tap: bool = False) -> List[Tested]:
    """Each style that a result has, for guests without a VLAN of their own. @require, @gap_limit_ms: what is asked of it beside its
    verdict; a limit needs the ladders. @at_tap: of a guest that is pinned."""
    vf, source, void = result.vf, result.source, void_reason(result)
    if vf is None:
        return []
    start_ms = unix_ms(result.run.start)
    return [Tested(result.file, start_ms, vf.vf, style.style, source.kind if source else "", source.name if source else "",
                   vf.probed_vlan, UNKNOWN if void else style.verdict, void or style.reason, style.multicast,
                   style.multicast_note, result.settings.settle_ms or 0, identity_of(result.pf, result.run.kernel, vf),
                   result.settings.source, result.run.number, style.why, result.settings.settle_short,
                   not void and result.is_ipv4_only(style.style),
                   style.guest_vlan.vlan if style.guest_vlan and without_vlan else 0, style.bridge_gap_ms,
                   asked_of(result, style, require, gap_limit_ms), style.no_wire, not void and style.decided_by == BY_WIRE)
            for without_vlan, style in ((one is not told, pinned(one) if at_tap else one)
                                        for told, one in ((style, untagged(result, style)) for style in vf.styles))]


def hurry(settle_ms: int, short: bool) -> str:
    """Why a state was not watched for long enough to be proved safe; empty: it was."""
    if settle_ms and not short:
        return ""
    return f"each state was watched for only {settle_ms / 1000:g} s, less than the driver may need"


def inside(source: str, source_name: str) -> str:
    """Why frames prove nothing about the wire; empty: that is where they came from."""
    return "" if source == WIRE else f"frames came from {source_name or 'an unknown source'}, not from the wire"


def doubt(source: str, source_name: str, settle_ms: int, short: bool, no_wire: bool) -> str:
    """Why a verdict of safe does not prove that the style is safe; empty: it does. Frames from any source prove that
    a style is not safe; only those from the wire prove that it is, but for who has said that he has none."""
    return ("" if no_wire else inside(source, source_name)) or hurry(settle_ms, short)


def by_no_wire(source: str, source_name: str, no_wire: bool) -> str:
    """How a style is safe that the wire has not proved so; empty: it has."""
    return f"by --allow no-wire: {inside(source, source_name)}" if no_wire and source != WIRE else ""


def doubt_of(result: Result, style: Style) -> str:
    """Why what a style's frames show does not prove that it is safe; empty, too, if they show that it is not."""
    source = result.source
    return "" if style.verdict != "safe" and style.decided_by != BY_WIRE else void_reason(result) or doubt(
        source.kind if source else "", source.name if source else "", result.settings.settle_ms or 0, result.settings.settle_short,
        style.no_wire)


def proof_of(tested: Tested) -> int:
    is_proof = tested.verdict in PROVING or tested.lacks_wire
    if not is_proof or (tested.shows_safe and hurry(tested.settle_ms, tested.short)):
        return PROVES_NOTHING
    return PROVES_WHOLE if tested.multicast in ("ok", "lost") else PROVES_PART


# ---- which results are superseded ----

class Order(NamedTuple):
    """When a run was, among those of its PF: by the number that --save gave it, which no clock makes. One without was put
    into the store by hand: older than any with a number, and among its kind ordered by the clock."""
    number: int  # 0: none
    start_ms: int  # 0: not known


def order_of(result: Result) -> Order:
    return Order(result.run.number, unix_ms(result.run.start))


def order_key(order: Order, run: str, now_ms: int) -> Tuple[int, int, str]:
    """Sorts runs, the oldest first. Where only the clock tells, one from the future was made while that was wrong: what has come
    since must supersede it all the same."""
    return order.number, order.start_ms if order.start_ms <= now_ms else 0, run


def is_older(old: Order, new: Order, now_ms: int) -> bool:
    """Is it certain, since number and clock agree?"""
    return old.number <= new.number and 0 < old.start_ms <= new.start_ms <= now_ms


class Newer:
    """Results that are newer than one, of its key."""

    def __init__(self) -> None:
        self.unsafe = -1  # the strongest proof of what is not safe; -1: there is none
        # For what is safe, without and with other VFs up: the same, and the latest time of what proves so much, or more; 0: there is none
        self.safe = [-1, -1]
        self.latest = [[0, 0, 0], [0, 0, 0]]

    def add(self, tested: Tested, proof: int, now_ms: int) -> None:
        start_ms, beside = tested.order.start_ms, tested.identity.others_up != 0
        if not tested.shows_safe:
            self.unsafe = max(self.unsafe, proof)
            return
        self.safe[beside] = max(self.safe[beside], proof)
        for level in range(proof + 1):
            self.latest[beside][level] = max(self.latest[beside][level], start_ms if start_ms <= now_ms else 0)

    def hides(self, tested: Tested, proof: int) -> bool:
        """Does any of it take the place of this older result?"""
        those = (True,) if tested.identity.others_up else (False, True)  # who was safe alone says less than who was in company
        if self.unsafe >= proof:
            return True
        if proof == PROVES_NOTHING or tested.shows_safe:
            return max(self.safe[beside] for beside in those) >= proof
        return 0 < tested.order.start_ms <= max(self.latest[beside][proof] for beside in those)


def superseded(results: Sequence[Tested], now_ms: int) -> List[bool]:
    """Says of each result whether another of its key supersedes it. A newer result takes the place of an older one unless it proves
    less: neither a narrower nor a weaker result hides anything. A result that proves nothing says nothing beside a proof from the same
    setup, whichever came first. Where a clock was wrong, so that number and time disagree, nothing that is safe hides what is not. No
    two supersede each other, so what does is there in the end, or something that proves as much."""
    proofs = [proof_of(tested) for tested in results]
    proven = {(tested.key, setup_of(tested.identity)) for tested, proof in zip(results, proofs) if proof > PROVES_NOTHING}
    newer: Dict[Tuple[int, str, str, int], Newer] = collections.defaultdict(Newer)
    gone = [False] * len(results)

    def age(i: int) -> Tuple[int, int, str]:
        return order_key(results[i].order, results[i].run, now_ms)

    for _, of_one_age in itertools.groupby(sorted(range(len(results)), key=age, reverse=True), age):
        same_age = list(of_one_age)  # the styles of a run, none of which is newer than another
        for i in same_age:
            tested, proof = results[i], proofs[i]
            beside_proof = proof == PROVES_NOTHING and (tested.key, setup_of(tested.identity)) in proven
            gone[i] = beside_proof or newer[tested.key].hides(tested, proof)
        for i in same_age:
            newer[results[i].key].add(results[i], proofs[i], now_ms)
    return gone


# ---- whether results hold now ----

class Query(NamedTuple):
    now_ms: int
    needed_ms: int  # how long this PF's driver must be watched
    vf: Optional[int] = None  # None: any
    styles: Sequence[str] = USUAL_STYLES  # these count
    others: bool = True  # any other that is stored is shown, too
    vlan: Optional[int] = None  # None: any
    max_age_days: int = 0  # 0: any
    ipv6: bool = True  # the guests have it
    require: Sequence[str] = ()  # of REQUIRED
    gap_limit_ms: int = 0  # 0: none
    at_tap: bool = False  # the guest is pinned there
    impossible: Callable[[str, int], str] = lambda style, vlan: ""  # why the host has no room for a style's standby, in a VLAN
    by_guests: Callable[[int], bool] = lambda vlan: False  # is that for guests of another style, which come and go?


class Standing(NamedTuple):
    """A stored result, and what it says about this host now."""
    tested: Tested
    proof: int
    differences: List[Difference]
    stale: str  # why it says nothing about now; empty: it does
    safe: str
    why: str  # it is not safe, or unknown; or it is, and only by request

    @property
    def unmet(self) -> Unmet:
        """What is asked beside the verdict, where the answer is for that alone."""
        return self.tested.unmet if self.safe != YES and self.why and self.why == self.tested.unmet.why else MET


class StyleAnswer(NamedTuple):
    style: str
    counts: bool  # for the exit status
    safe: str
    standing: Optional[Standing]  # on which that rests; None: nothing is stored
    why: str
    impossible: str = ""  # why the host has no room for its standby, as a clause; empty: it has, or that is not known
    taken: str = ""  # the same, where the answer is that of the result all the same


class Check(NamedTuple):
    styles: List[StyleAnswer]
    entries: List[Standing]
    notes: List[str]
    exit_status: int


def tested_identity(tested: Tested, now: Identity) -> Identity:
    """The setup that was tested: a run in a VLAN has tested the VF in that one, whatever it had before."""
    vlan = str(tested.vlan or "")
    if now.values.get("vlan", "") != vlan:
        return tested.identity
    return tested.identity._replace(values={**tested.identity.values, "vlan": vlan})


def changes(was: Identity, now: Identity) -> List[str]:
    """The differences between two setups, in words. A change of the firmware implies one of its parts, and is named alone."""
    found = [difference.what for difference in differences(was, now)]
    return [difference_words(was, now, what) for what in found if what != "firmware_versions" or "firmware" not in found]


def age_words(start_ms: int, query: Query) -> List[str]:
    days = query.max_age_days
    if not days:
        return []
    if not start_ms or start_ms > query.now_ms:
        return ["its age is not known: the clock was set"]
    return [f"it is older than {days} day{'' if days == 1 else 's'}"] if query.now_ms - start_ms > days * DAY_MS else []


def answer_of(tested: Tested, stale: str, query: Query) -> Tuple[str, str]:
    """Is its style safe now, and why not?"""
    if stale:
        return UNKNOWN, stale
    if not tested.serves(query.ipv6) and not (tested.lacks_wire and tested.unmet.safe == NO):
        return NO if tested.verdict in PROVING else UNKNOWN, tested.reason
    if tested.unmet.safe == NO:  # as a verdict that is not safe: wherever its frames came from
        return NO, tested.unmet.why
    short = tested.short or tested.settle_ms < query.needed_ms
    why = doubt(tested.source, tested.source_name, tested.settle_ms, short, tested.no_wire)
    if why or tested.unmet.safe != YES:
        return (UNKNOWN, why) if why else (tested.unmet.safe, tested.unmet.why)
    return YES, by_no_wire(tested.source, tested.source_name, tested.no_wire)


def company_words(tested: Tested, now: Identity, query: Query) -> List[str]:
    """Some NICs give a standby other frames, or none, while another VF is up: who was safe alone may not be in company. No run asks
    that; measured it was on QEMU's igb, whose promiscuous PF hears nothing then (igb_receive_assign), as
    golden/real/igb-other-vf-up.txt has it."""
    alone = tested.serves(query.ipv6) and tested.identity.others_up == 0
    return [f"no other VF was up, and now {now.others_up} {'is' if now.others_up == 1 else 'are'}"] if alone and now.others_up else []


def standing_of(tested: Tested, now: Identity, query: Query) -> Standing:
    was = tested_identity(tested, now)
    stale = "; ".join(changes(was, now) + age_words(tested.start_ms, query) + company_words(tested, now, query))
    return Standing(tested, proof_of(tested), differences(was, now), stale, *answer_of(tested, stale, query))


def weight(standing: Standing, now_ms: int) -> Tuple[int, int, int, Tuple[int, int, str]]:
    """Sorts what is said about one style; the highest counts. A result that holds now comes first, then one that says that
    the style is not safe, then the wire (what another source cannot prove is no doubt of what the wire has proved), then doubt, then
    the worse verdict, the stronger proof, and the newer one."""
    tested = standing.tested
    rank = (8 * (not standing.stale) + 4 * (standing.safe == NO) + 2 * (tested.source == WIRE) + (standing.safe == UNKNOWN))
    worse = -VERDICTS.index(tested.verdict) if standing.safe == NO else 0
    return rank, worse, standing.proof, order_key(tested.order, tested.run, now_ms)


def unstored_words(results: Iterable[Tested], style: str, query: Query) -> str:
    """A VF may be unlike its siblings: their verdicts are not its own."""
    other = next((t.vf for t in results if t.style == style and t.vf != query.vf), None) if query.vf is not None else None
    return "nothing is stored" + ("" if other is None else f" for VF {query.vf}, only for others, such as VF {other}")


def answer_style(style: str, entries: Sequence[Standing], results: Iterable[Tested], query: Query) -> Optional[StyleAnswer]:
    """None: nobody asked, and nothing is stored."""
    counts, of_style = style in query.styles, [entry for entry in entries if entry.tested.style == style]
    best = max(of_style, key=lambda entry: weight(entry, query.now_ms), default=None)
    vlan = best.tested.vlan if best else query.vlan or 0
    impossible = query.impossible(style, vlan)
    # A style that is not safe stays so when a guest of another one starts: else an alert and a label would come and go with guests.
    # A safe one is no yes meanwhile, since the next guest of that style would not get its standby.
    if impossible and best and best.safe == NO and query.by_guests(vlan):
        return StyleAnswer(style, counts, NO, best, best.why, taken=impossible)
    if impossible and (best or counts):
        return StyleAnswer(style, False, NO, best, f"not possible while {impossible} (EBUSY)", impossible)
    if best:
        return StyleAnswer(style, counts, best.safe, best, best.why)
    return StyleAnswer(style, True, UNKNOWN, None, unstored_words(results, style, query)) if counts else None


def not_now(taken: str) -> str:
    return f"not possible on the host as it is now either, while {taken} (EBUSY)"


def notes_of(answer: StyleAnswer, standing: Standing, now: Identity) -> List[str]:
    """The limits of an answer that rests on @standing."""
    tested, notes = standing.tested, []
    if answer.taken:
        notes.append(f"{answer.style}: {not_now(answer.taken)}")
    if answer.safe == YES and tested.multicast != "ok":
        words = "is not known" if tested.multicast == "unproven" else "was not tested"
        notes.append(f"{answer.style}: IPv6 {words}{': ' if tested.multicast_note else ''}{tested.multicast_note}")
    if answer.safe == YES and tested.lost_vlan:
        notes.append(f"{answer.style}: a guest that tags its frames itself is lost in VLAN {tested.lost_vlan}")
    if standing.unmet.option == REQUIRE and tested.multicast == "ok" and tested.style in XML_STYLES:
        notes.append("no run sees a guest's XML: nfprobe-libvirt-hook --explain GUEST says whether it has trustGuestRxFilters")
    if standing.stale:
        return notes
    was = tested_identity(tested, now)
    notes += [difference_words(was, now, what) for what in IDENTITY if same(was, now, what) == UNKNOWN]
    if not now.values.get("firmware") and "firmware" not in now.unread:
        notes.append("the driver reports no firmware version, so a change of the firmware would not be noticed")
    return notes


def check(results: Sequence[Tested], now: Sequence[Identity], query: Query) -> Check:
    """Do the results say that it is safe now? now: for each, the setup in which it would be tested now."""
    gone = superseded(results, query.now_ms)
    kept = [(tested, identity) for tested, identity, is_gone in zip(results, now, gone) if not is_gone]
    asked = [(tested, identity) for tested, identity in kept if (tested.style in query.styles or query.others)
             and query.vf in (None, tested.vf) and query.vlan in (None, tested.vlan)]
    entries = [standing_of(tested, identity, query) for tested, identity in asked]
    identities = {id(entry): identity for entry, (_, identity) in zip(entries, asked)}
    answers = [answer for answer in (answer_style(style, entries, [tested for tested, _ in kept], query) for style in STYLES)
               if answer is not None]
    notes: List[str] = []
    for answer in answers:
        for note in notes_of(answer, answer.standing, identities[id(answer.standing)]) if answer.standing else ():
            if note not in notes:
                notes.append(note)
    return Check(answers, entries, notes, status_of(answers))


def status_of(answers: Iterable[StyleAnswer]) -> int:
    """What is not possible counts for nothing; where nothing else was asked, no style serves a guest."""
    safe = [answer.safe for answer in answers if answer.counts] or [answer.safe for answer in answers if answer.impossible]
    return EXIT_UNSAFE if NO in safe else EXIT_UNKNOWN if UNKNOWN in safe else EXIT_SAFE


def lacks_the_wire(answer: StyleAnswer) -> bool:
    """Is it not known only since frames came from inside the NIC?"""
    standing = answer.standing
    return (answer.safe == UNKNOWN and standing is not None and not standing.stale and standing.tested.source != WIRE
            and (standing.tested.shows_safe or standing.tested.why in WANTS_WIRE))


def is_due(found: Check, source: str) -> bool:
    """Could another run, with this --from, tell what is not known? One that asks for the same source, of the same setup, would
    find the same."""
    return any(answer.counts and answer.safe == UNKNOWN
               and not (lacks_the_wire(answer) and answer.standing and answer.standing.tested.asked == source)
               for answer in found.styles)


def unread(found: Check, why: str) -> Check:
    """The same, where what is stored cannot be read."""
    return found._replace(styles=[answer if answer.standing or answer.impossible else answer._replace(why=why) for answer in found.styles])


def doubted(found: Check, why: str) -> Check:
    """The same, where something that cannot be read may say otherwise: nothing is safe."""
    answers = [answer._replace(safe=UNKNOWN, why=why) if answer.safe == YES else answer for answer in found.styles]
    return found._replace(styles=answers, exit_status=status_of(answers))

# SPDX-License-Identifier: GPL-2.0-or-later
"""The subject of a report: one result, or what the store says of one PF, which may come from several results."""

from __future__ import annotations

import datetime
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from .result import Condition, Error, Result, Step, Style, Transition, Vf
from .rules import PROVING, by_no_wire, doubt_of
from .words import EXPECTED, HURTS_NOBODY, LISTENS

REACHES = {"pf": {"pf": True, "vf": False}, "vf": {"pf": False, "vf": True}, "both": {"pf": True, "vf": True},
           "nowhere": {"pf": False, "vf": False}}
# A page shows so many results with a drawing and all counts, which are nine tenths of it and of the time that it takes: no browser
# copes with thousands.
WHOLE = 100
# Verdicts that prove nothing of the NIC.
PROVES_NOTHING = ("unknown",)


class Entry(NamedTuple):
    """One style, and the result that has it."""
    result: Result
    vf: Vf
    style: Style
    stale: str = ""  # why a stored one says nothing about now; empty: it does
    taken: str = ""  # why the host has no room for its standby now, though its verdict holds; empty: it has, or it does not

    @property
    def doubt(self) -> str:
        """Why its verdict of safe proves nothing, as nfprobe-check sees it; empty: it does, or has another verdict."""
        return doubt_of(self.result._replace(vf=self.vf), self.style)

    @property
    def by_no_wire(self) -> str:
        """How it is safe though the wire has not said so; empty: it has another verdict, or the wire has."""
        source = self.result.source
        return "" if self.doubt or self.style.verdict != "safe" else by_no_wire(
            source.kind if source else "", source.name if source else "", self.style.no_wire)

    @property
    def verdict(self) -> str:
        """The verdict that it proves: a safe that is in doubt is none."""
        return "unknown" if self.doubt else self.style.verdict

    @property
    def conditions(self) -> Tuple[Condition, ...]:
        return self.result.conditions_of(self.style.style)

    @property
    def gap_ms(self) -> int:
        """A guest that is not pinned at its tap may be lost for so long; 0: it is not safe, or there is no such gap."""
        return self.style.bridge_gap_ms if self.verdict == "safe" else 0

    @property
    def ipv4_only(self) -> bool:
        return self.result.is_ipv4_only(self.style.style)

    @property
    def impossible(self) -> bool:
        """The host has no room for its standby: it says nothing of the NIC."""
        return self.style.decided_by == "host"

    @property
    def counts(self) -> bool:
        return not self.style.is_fix and self.style.verdict != "not-applicable"


class Subject(NamedTuple):
    result: Result  # whose run, PF and settings are named: of several, the newest
    ifname: str
    parentdev: str
    entries: Tuple[Entry, ...]
    exit_status: int
    error: Optional[Error]
    restored: bool
    unstored: Tuple[str, ...] = ()  # "macvtap: nothing is stored"
    entries_missing: Optional[int] = None  # of the guests that the libvirt hook serves; None: not known
    own: bool = False  # nobody but root of this host can have written it

    def vfs(self) -> List[Vf]:
        """Each VF once; without an entry, that of the result."""
        found: Dict[int, Vf] = {entry.vf.vf: entry.vf for entry in reversed(self.entries)}
        if self.result.vf and not self.entries and not self.unstored:
            found[self.result.vf.vf] = self.result.vf
        return [found[number] for number in sorted(found)]

    def of_vf(self, number: int) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.vf.vf == number)


def subject_of(result: Result) -> Subject:
    entries = tuple([Entry(result, result.vf, style) for style in result.styles]) if result.vf else ()
    return Subject(result, result.pf.ifname, result.pf.parentdev, entries, result.exit, result.error, result.restored)


# ---- verdicts ----

def verdict_words(verdict: str, allowed: bool = False, ipv4_only: bool = False) -> Tuple[str, str]:
    """The words, and their colour (text.COLOURS)."""
    words = "IPv4 only" if ipv4_only else verdict.replace("-", " ").upper()
    if verdict == "safe":
        return words, "safe"
    if verdict == "not-applicable":
        return words, ""
    if allowed:
        return f"{words} (allowed)", "unsure"
    return words, "bad" if verdict in PROVING else "unsure"


# ---- times ----

EPOCH = datetime.datetime(1970, 1, 1)


def time_text(ms: int) -> str:
    """ "2026-11-20T10:00:00" """
    try:
        return (EPOCH + datetime.timedelta(milliseconds=ms)).isoformat(timespec="seconds")
    except OverflowError:
        return ""


def duration_words(us: int) -> str:
    ms = us / 1000
    if ms < 9.95:
        return f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 999.5 else f"{ms / 1000:.2f} s"


# ---- steps and transitions ----

def step_of(style: Style, name: str) -> Optional[Step]:
    return next((step for step in style.steps if step.step == name), None)


def reaches(landing: str, at: str) -> Optional[bool]:
    """None: unknown."""
    return REACHES.get(landing, {}).get(at)


UNFIT = {"standby": "the standby is deaf even without a VF", "attach": "the guest boots deaf", "up": "the VF gets nothing",
         "alone": "the VF gets nothing even alone", "unplug": "deaf while migrating", "detach": "deaf without the VF",
         "clear": "deaf for good", "vf-first": "the migrated guest boots deaf",
         "vf-first-up": "the VF gets nothing", "vf-first-rewritten": "the VF gets nothing once the PF has written",
         "vf-first-unplug": "deaf at the next migration",
         "vf-first-back": "the VF gets nothing after a cancelled migration", "vf-first-clear": "deaf once cleared"}


def unfit_words(step: Step) -> str:
    """Says what is wrong if frames do not land as the step demands; empty: nothing is."""
    at, unicast, known = EXPECTED.get(step.step), step.unicast.landing, step.fit != "unknown"
    if step.status != "done" or not at or step.fit == "yes":
        return ""
    if "unsettled" in step.flags:
        return "still changing at the end"
    if not unicast:
        return "no unicast was sent"
    if unicast == "mixed":
        return "some frames arrive, some do not"
    if not reaches(unicast, at):
        return UNFIT[step.step] if known else "unknown"
    if step.broadcast.landing == "mixed":
        return "only some broadcasts arrive"
    if not reaches(step.broadcast.landing, at):
        return "no broadcast"
    return "no IPv6 multicast" if known else "only after it was announced again"


IPV6 = {"untested": "IPv6 was not tested (--skip multicast)", "unproven": "IPv6 is not known", "lost": "IPv6 multicast is lost"}


def ipv6_words(style: Style) -> str:
    """Says whether IPv6 is lost, untested or not proven, unless the reason says it already."""
    if style.multicast not in IPV6 or (style.multicast == "lost" and "multicast" in style.reason):
        return ""
    return IPV6[style.multicast] + (f": {style.multicast_note}" if style.multicast_note else "")


class Outage(NamedTuple):
    longest: Optional[Transition]  # None: one that has no end was not measured
    endless: bool  # the guest is deaf in a settled state


def outage_of(style: Style, receiver: str) -> Optional[Outage]:
    """The longest for which the guest was deaf at a change while it listens to @receiver; of several, the least certain.
    None: it was not measured."""
    def listens(step: str) -> bool:
        return LISTENS[step] == receiver

    gaps = [change for change in style.transitions
            if change.gap_us is not None and listens(change.to_step) and change.to_step not in HURTS_NOBODY]
    endless = receiver == "pf" and style.bridge_verdict == "deaf" or any(
        step.status == "done" and listens(step.step) and step.unicast.landing not in (receiver, "both") for step in style.steps)
    longest = max(gaps, key=lambda change: (change.gap_us or 0, change.gap_error_us or 0), default=None)
    return Outage(longest, endless) if longest or endless else None

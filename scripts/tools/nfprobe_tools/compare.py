# SPDX-License-Identifier: GPL-2.0-or-later
"""Two results of one VF: what changed between them, and what got worse."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Literal, NamedTuple, Optional, TextIO, Tuple

from . import EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, VERSION, Failure, rules
from .result import SCHEMA, Count, Result, Step, Style, Transition, needs_words
from .subject import PROVES_NOTHING, reaches, step_of, verdict_words
from .text import Writer, clean
from .words import EXPECTED, LISTENS, VERDICTS

# A longer gap is worse only if it is longer by more than this: the VF's driver and carrier decide how long it is until the
# guest hears by the VF, which varies.
TOLERANCE_US, TOLERANCE_VF_US = 100_000, 500_000


Compared = Literal["verdict", "landing", "gap"]
Trend = Literal["better", "worse", "changed", "unstable", "new", "gone"]


class Difference(NamedTuple):
    style: str
    compared: Compared
    from_step: str  # empty unless it is a gap
    to_step: str  # empty if it is a verdict
    before: str  # empty: the style is new
    now: str  # empty: it is gone
    trend: Trend
    counts: bool  # for the exit status

    def words(self) -> str:
        if self.compared == "gap":
            return f"{self.from_step} to {self.to_step}"
        return self.to_step if self.compared == "landing" else "verdict"


class Comparison(NamedTuple):
    same: bool
    not_compared: str  # why; empty: they were
    changes: Tuple[str, ...]  # of the setup, in words
    differences: Tuple[Difference, ...]
    exit_status: int
    alike: Tuple[str, ...] = ()  # the styles that are the same in both, with their verdicts
    added: Tuple[str, ...] = ()  # those that only the new one has

    @property
    def worse(self) -> bool:
        return any(difference.counts for difference in self.differences)


# ---- a style ----

def is_part(count: Count, at: int) -> bool:
    """Some of the frames, neither hardly any nor nearly all."""
    return at * 20 > count.sent and at * 5 < count.sent * 4


def is_split(step: Step) -> bool:
    """Each receiver gets only a part, and the other the rest: neither gets its frames."""
    count = step.unicast
    return ("unsettled" not in step.flags and is_part(count, count.pf) and is_part(count, count.vf)
            and count.lost * 20 <= count.sent and count.both * 20 <= count.sent)


def is_served(step: Step, at: str) -> bool:
    """Does it get unicast and broadcast?"""
    return (step.status == "done" and not is_split(step) and reaches(step.unicast.landing, at) is True
            and reaches(step.broadcast.landing, at) is True)


def lacks_multicast(step: Step) -> bool:
    """Does the receiver get unicast and broadcast, and certainly no multicast?"""
    at = EXPECTED.get(step.step, "pf")
    return is_served(step, at) and reaches(step.multicast.landing, at) is False


def without_multicast(style: Style) -> str:
    """The verdict, had multicast not been tested: a style that lacks nothing else is safe."""
    demanded = [step for step in style.steps if step.step in EXPECTED and step.status == "done"]
    unfit = [step for step in demanded if step.fit != "yes"]
    alone = bool(unfit) and all(step.fit == "no" and lacks_multicast(step) for step in unfit)
    if alone and style.multicast == "lost" and style.verdict != "refused":
        return "safe"
    return as_shown(style)


def as_shown(style: Style) -> str:
    """The verdict by what its frames show: both runs had the same kind of source."""
    return "safe" if style.decided_by == rules.BY_WIRE else style.verdict


class Pair:
    """A style that both results have."""

    def __init__(self, then: Style, now: Style, same: bool) -> None:
        self.then, self.now, self.same = then, now, same
        standbys = [step_of(style, "standby") for style in (then, now)]
        landings = [step.multicast.landing if step else "" for step in standbys]
        # Was multicast tested in both, and did both standbys get it, so that the network passes it?
        self.tested = all(landings)
        self.multicast = all(reaches(landing, "pf") is True for landing in landings)
        self.was, self.verdict = (as_shown(style) if self.tested else without_multicast(style) for style in (then, now))
        self.allowed = now.allowed and self.verdict != "safe"
        self.unproved = self.verdict in PROVES_NOTHING and not self.allowed
        self.counts = self.verdict not in PROVES_NOTHING and (same or not self.allowed)

    def difference(self, compared: Compared, from_step: str, to_step: str, before: str, now: str, trend: Trend) -> Difference:
        trend = "unstable" if self.same else trend
        return Difference(self.now.style, compared, from_step, to_step, before, now, trend,
                          self.counts and trend in ("worse", "unstable"))

    def verdicts(self) -> Iterator[Difference]:
        if self.was == self.verdict:
            return
        worse = VERDICTS.index(self.verdict) < VERDICTS.index(self.was)
        trend: Trend = "worse" if worse else "better"
        # A verdict that proves nothing is neither better nor worse than one that does.
        if self.verdict in PROVES_NOTHING or (self.was in PROVES_NOTHING and self.verdict == "not-applicable"):
            trend = "changed"
        yield self.difference("verdict", "", "", self.was, self.verdict, trend)

    # ---- landings ----

    def fit(self, step: Step) -> str:
        return "yes" if not self.multicast and step.fit == "no" and lacks_multicast(step) else step.fit

    def landing_words(self, step: Step) -> str:
        """Names broadcast and multicast only where one of them alone is wrong."""
        at, unicast = EXPECTED.get(step.step), step.unicast.landing or "none"
        if step.status != "done":
            return step.status
        if at and reaches(step.unicast.landing, at) is True and reaches(step.broadcast.landing, at) is not True:
            return f"{unicast}, broadcast {step.broadcast.landing or 'none'}"
        if self.tested and at and lacks_multicast(step):
            return f"{unicast}, multicast {step.multicast.landing}"
        return unicast

    def is_same(self, then: Step, now: Step) -> bool:
        """Where nothing is demanded, broadcast and multicast do not count: they are so few frames that losing one would look
        like a change. Multicast that only one of the standbys got may be the network's doing, and is no more than a change of
        that step."""
        if then.status != now.status:
            return False
        if now.status != "done":
            return True
        if then.unicast.landing != now.unicast.landing:
            return False
        got = [reaches(step.multicast.landing, "pf") is True for step in (then, now)]
        if self.tested and now.step == "standby" and got[0] != got[1]:
            return False
        return now.step not in EXPECTED or self.fit(then) == self.fit(now)

    def landings(self) -> Iterator[Difference]:
        """A step that only one of them has (alone) was not needed in the other."""
        for now in self.now.steps:
            then = step_of(self.then, now.step)
            if then is None or self.is_same(then, now):
                continue
            demands = now.step in EXPECTED
            trend: Trend = "changed"
            if demands and self.fit(then) == "yes" and self.fit(now) == "no":
                trend = "worse"
            elif demands and self.fit(then) != "yes" and self.fit(now) == "yes":
                trend = "better"
            yield self.difference("landing", "", now.step, self.landing_words(then), self.landing_words(now), trend)

    # ---- gaps ----

    def gaps(self) -> Iterator[Difference]:
        for now in self.now.transitions:
            then = gap_of(self.then, now.from_step, now.to_step)
            if then is None or now.gap_us is None:
                continue
            longer = is_longer(now, then)
            if longer or is_longer(then, now):
                yield self.difference("gap", now.from_step, now.to_step, gap_words(then), gap_words(now), "worse" if longer else "better")


def gap_of(style: Style, from_step: str, to_step: str) -> Optional[Transition]:
    return next((change for change in style.transitions
                 if (change.from_step, change.to_step) == (from_step, to_step) and change.gap_us is not None), None)


def is_longer(one: Transition, other: Transition) -> bool:
    """By more than both uncertainties together, the tolerance, and half of what it was."""
    longer, shorter = one.gap_us or 0, other.gap_us or 0
    tolerance = TOLERANCE_VF_US if LISTENS.get(one.to_step) == "vf" else TOLERANCE_US
    uncertain = (one.gap_error_us or 0) + (other.gap_error_us or 0)
    return longer - shorter > max(tolerance, shorter // 2, uncertain)


def gap_words(change: Transition) -> str:
    return f"{(change.gap_us or 0) // 1000}.{(change.gap_us or 0) % 1000 // 100} ms"


# ---- two results ----

def pairs_of(then: Result, now: Result) -> Iterator[Tuple[Optional[Style], Optional[Style]]]:
    """Each style of two results. A style that is a fix in both counts for nothing, since a run may have it or not; what was a fix
    in one and asked for in the other had a ladder in both."""
    old, new = ({style.style: style for style in result.styles if style.verdict != "not-applicable"} for result in (then, now))
    for name in dict.fromkeys((*new, *old)):
        if not all(styles[name].is_fix for styles in (old, new) if name in styles):
            yield old.get(name), new.get(name)


def style_words(result: Result, style: Style) -> str:
    """ "macvtap SAFE (IPv6: set trustGuestRxFilters)" """
    words = verdict_words(style.verdict, style.allowed, result.is_ipv4_only(style.style))[0] + (
        " (not proven)" if rules.doubt_of(result, style) else "")
    needs = needs_words(result.conditions_of(style.style), first=True) if style.verdict == "safe" else ""
    return f"{style.style} {words}{f' ({needs})' if needs else ''}"


def unpaired(style: Style, trend: Literal["new", "gone"], same: bool) -> Difference:
    """It cannot be worse, but a verdict of its own counts; not whether it is repeatable."""
    new = trend == "new"
    counts = new and not same and style.verdict in rules.PROVING and style.verdict != "safe" and not style.allowed
    return Difference(style.style, "verdict", "", "", "" if new else style.verdict, style.verdict if new else "", trend, counts)


NAMES = (("driver", "the driver"), ("driver_version", "the driver's version"), ("firmware", "the firmware"))


def update_of(then: Result, now: Result) -> str:
    """Names the first part that was updated; empty: none was."""
    versions = [(name, getattr(then.pf, key), getattr(now.pf, key)) for key, name in NAMES]
    versions.append(("the kernel", then.run.kernel, now.run.kernel))
    return next((f"{name} was {was or 'unknown'} and is {new or 'unknown'}" for name, was, new in versions if was != new), "")


def asked_of(result: Result) -> str:
    """The options by which a style is judged by more, or by less."""
    vlans = sorted({style.guest_vlan.vlan for style in result.styles if style.guest_vlan})
    limit = result.settings.gap_limit_ms
    words = [*(f"--guest-vlan {vlan}" for vlan in vlans), *(f"--require {what}" for what in result.settings.require),
             *([f"--gap-limit {limit}"] if limit else [])]
    return " ".join(words) or "none of --guest-vlan, --require, --gap-limit"


def why_not(then: Result, now: Result, same: bool) -> str:
    """Why the two cannot be compared; empty: they can."""
    for result, name in ((then, "old"), (now, "new")):
        if not result.styles:
            return f"the {name} result has no verdict"
        void = rules.void_reason(result)
        if void:
            return f"the {name} result counts for nothing: {void}"
    if then.source and now.source and then.source.kind != now.source.kind:
        return f"frames came from another source then ({then.source.kind}, now {now.source.kind})"
    asked = [asked_of(result) for result in (then, now)]
    if asked[0] != asked[1]:
        return f"the runs were not asked alike (old: {asked[0]}; new: {asked[1]})"
    vlans = [result.vf.probed_vlan if result.vf else 0 for result in (then, now)]
    if bool(vlans[0]) != bool(vlans[1]):
        return "one run was on a VLAN, the other on none"
    nics = [rules.pci_id(result.pf.vendor, result.pf.device) for result in (then, now)]
    if all(nics) and nics[0] != nics[1]:
        return f"they are of two kinds of NIC ({nics[0]} and {nics[1]})"
    if then.vf and now.vf and then.vf.vf != now.vf.vf:
        return f"they are of two VFs ({then.vf.vf} and {now.vf.vf})"
    update = update_of(then, now)
    if same and update:
        return f"{update}: leave out --same to see what that changed"
    if not same and not update:
        return ("driver, firmware and kernel are the same in both, so there is nothing whose change could be tested: --same, or --or-same "
                "where they may differ, tests whether the result is repeatable")
    return ""


def compare(then: Result, now: Result, same: bool, or_same: bool = False) -> Comparison:
    """@same: both are of one driver, firmware and kernel. @or_same: they may be."""
    same = same or (or_same and not update_of(then, now))
    reason = why_not(then, now, same)
    changes = changes_of(then, now)
    if reason:
        return Comparison(same, reason, changes, (), EXIT_UNKNOWN)
    found: List[Difference] = []
    alike: List[str] = []
    added: List[str] = []
    paired = unproved = False
    for was, is_now in pairs_of(then, now):
        if was and is_now:
            pair = Pair(was, is_now, same)
            differ = [*pair.verdicts(), *pair.landings(), *pair.gaps()]
            found += differ
            alike += [] if differ else [style_words(now, pair.now)]
            paired, unproved = True, unproved or pair.unproved
        elif is_now:
            found.append(unpaired(is_now, "new", same))
            added.append(style_words(now, is_now))
            unproved = unproved or (as_shown(is_now) in PROVES_NOTHING and not is_now.allowed)
        elif was:
            found.append(unpaired(was, "gone", same))
    reason = "" if paired else "the two have no style in common"
    bad = any(difference.counts for difference in found)
    return Comparison(same, reason, changes, tuple(found), EXIT_UNSAFE if bad else EXIT_UNKNOWN if unproved or reason else EXIT_SAFE,
                      alike=tuple(alike), added=tuple(added))


def changes_of(then: Result, now: Result) -> Tuple[str, ...]:
    """The changes of the setup, of the source and of what was asked. A neighbour that answers ARP shows less than a netdev."""
    words = []
    if then.vf and now.vf:
        was, new = (rules.identity_of(result.pf, result.run.kernel, vf) for result, vf in ((then, then.vf), (now, now.vf)))
        words = rules.changes(was, new)
    if then.source and now.source and then.source.by != now.source.by:
        words.append(f"frames came from {then.source.name} ({then.source.by}), now from {now.source.name} ({now.source.by})")
    return tuple(words)


# ---- text ----

def summary(comparison: Comparison) -> str:
    counting = sum(difference.counts for difference in comparison.differences)
    if comparison.not_compared:
        return f"not comparable: {comparison.not_compared}"
    if counting:
        return (f"not repeatable: {counting} differ" if comparison.same
                else f"worse: {counting} of {len(comparison.differences)}")
    if comparison.exit_status == EXIT_UNKNOWN:
        what = "it is repeatable" if comparison.same else "anything is worse"
        return f"not known whether {what}: a style proves nothing"
    if comparison.added and all(difference.trend == "new" for difference in comparison.differences):
        return f"the same, as far as both were asked; only in new: {', '.join(comparison.added)}"
    if comparison.same and comparison.differences:
        return "repeatable: no difference counts"
    return "nothing is worse" if comparison.differences else "no difference"


def lines_of(comparison: Comparison) -> List[str]:
    """What came of it; and what is the same in both."""
    said, alike = summary(comparison), ", ".join(comparison.alike)
    if not alike or comparison.not_compared:
        return [said]
    return [f"{said}: {alike}, in both"] if said == "no difference" else [f"the same in both: {alike}", said]


def place(result: Result) -> str:
    parts = [result.run.start, result.pf.ifname and f"{result.pf.ifname} of {result.run.host or 'an unknown host'}",
             f"VF {result.vf.vf}" if result.vf else "", result.pf.driver, result.run.kernel and f"Linux {result.run.kernel}",
             result.pf.firmware and f"firmware {result.pf.firmware}"]
    return f"{result.file}: " + ", ".join(filter(None, parts))


def write_text(then: Result, now: Result, comparison: Comparison, out: TextIO) -> None:
    writer = Writer(out, 100)
    writer.line(f"old: {place(then)}", 6)
    writer.line(f"new: {place(now)}", 6)
    for change in comparison.changes:
        writer.line(f"     {change}", 6)
    rows = [("style", "what", "old", "new", "trend")]
    rows += [(d.style, d.words(), d.before or "-", d.now or "-", d.trend.upper() if d.counts else d.trend)
             for d in comparison.differences]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows if comparison.differences else ():
        writer.painted(("  ".join(cell.ljust(width) for cell, width in zip(row, widths)), ""))
    for line in lines_of(comparison):
        writer.line(line, 6)


def as_json(then: Result, now: Result, comparison: Comparison) -> Dict[str, Any]:
    return document_of(then.file, now.file, comparison)


def failure_json(error: Failure, old: str = "", new: str = "", same: bool = False) -> Dict[str, Any]:
    """The document of a comparison that could not be made."""
    return {**document_of(old, new, Comparison(same, str(error), (), (), error.status)), "error": error.as_json()}


def document_of(old: str, new: str, comparison: Comparison) -> Dict[str, Any]:
    return {"schema": SCHEMA, "version": VERSION, "old": clean(old) or None, "new": clean(new) or None, "same": comparison.same,
            "not_compared": comparison.not_compared or None, "changes": list(comparison.changes), "worse": comparison.worse,
            "differences": [{"style": d.style, "compared": d.compared, "from": d.from_step or None, "to": d.to_step or None,
                             "before": d.before or None, "now": d.now or None, "trend": d.trend, "counts": d.counts}
                            for d in comparison.differences],
            "exit": comparison.exit_status}

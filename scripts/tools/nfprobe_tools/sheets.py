# SPDX-License-Identifier: GPL-2.0-or-later
"""Sheets: the rows of one, what it must answer, what is wrong with it, and how two of them differ. Pure."""

from __future__ import annotations

from typing import Dict, Iterator, List, Literal, NamedTuple, Optional, Sequence, Tuple

from . import rules
from .result import Combination, Result
from .words import FINDINGS, ROWS

YES, NO, UNKNOWN = "yes", "no", "unknown"
WORDS = {"forged": "a forged source leaves although spoofchk is on",
         "unaddressed": "without trust it gets unicast that is not for it",
         "kept": "an address that a guest gave the VF stays when it has gone: guests that bond by themselves do that, and may then be"
                 " deaf on a bridge; let the host assign it to the VF, and clear it"}
# The rows that a finding is about.
FORGED, LISTENING, KEPT = ("forged", "forged-sibling"), ("unaddressed", "promiscuous"), ("keeps-second", "keeps-new")
OF_FINDING = {"forged": FORGED, "unaddressed": LISTENING, "kept": KEPT}
IN_VLAN = ("vlan", "free-vlan")

Pair = Tuple[Optional[bool], Optional[bool]]  # trust and spoofchk; None: not reported


def pair_of(c: Combination) -> Pair:
    return c.trust, c.spoofchk


def switch(value: Optional[bool]) -> str:
    return rules.switch(value) or "?"


def pair_words(pair: Pair) -> str:
    return f"trust {switch(pair[0])}, spoofchk {switch(pair[1])}"


def pair_label(pair: Pair) -> str:
    """As the table of nfprobe has it: "off/on"."""
    return f"{switch(pair[0])}/{switch(pair[1])}"


def answers_of(c: Combination) -> Dict[str, str]:
    return {row.row: row.answer for row in c.rows}


def is_answered(c: Combination) -> bool:
    return any(row.answer != UNKNOWN for row in c.rows)


def is_found(c: Combination, row: str) -> bool:
    """Is this row what is wrong?"""
    return answers_of(c).get(row) == YES and any(row in OF_FINDING[finding] for finding in c.findings)


def demands_of(result: Result, c: Combination) -> Dict[str, str]:
    """The answers that --require demands of rows of the present combination."""
    settings = result.settings
    if not c.present:
        return {}
    return {**dict.fromkeys(settings.require_yes, YES), **dict.fromkeys(settings.require_no, NO)}


def decides(c: Combination, row: str) -> bool:
    """Could the row become a finding?"""
    return row in KEPT or (row in FORGED and c.spoofchk is True and not c.unreset) or (row in LISTENING and c.trust is False)


# ---- two sheets ----

Trend = Literal["better", "worse", "changed", "unstable", "new", "gone"]
Compared = Literal["finding", "row", "combination"]


class RowDifference(NamedTuple):
    combination: str
    compared: Compared
    name: str  # of the finding or the row; empty: the whole combination
    before: str
    now: str
    trend: Trend
    counts: bool  # for the exit status

    def words(self) -> str:
        return f"finding: {self.name}" if self.compared == "finding" else self.name or "findings"


class SheetComparison(NamedTuple):
    not_compared: str
    differences: Tuple[RowDifference, ...]
    bad: bool  # a combination that only the new one has is not as it should be
    unproved: bool  # a row that decides is not known any more


class Two:
    """A combination that both results have."""

    def __init__(self, then: Combination, now: Combination, demands: Dict[str, str], left_out: Sequence[str], same: bool) -> None:
        self.then, self.now, self.demands, self.same = then, now, demands, same
        self.was, self.answers = answers_of(then), answers_of(now)
        self.rows = [row for row in ROWS if row in self.was and row in self.answers and row not in left_out]

    def difference(self, compared: Compared, name: str, before: str, now: str, trend: Trend) -> RowDifference:
        trend = "unstable" if self.same else trend
        counts = trend == "worse" or (self.same and now != UNKNOWN)
        return RowDifference(pair_words(pair_of(self.now)), compared, name, before, now, trend, counts)

    def differences(self) -> Iterator[RowDifference]:
        for finding in FINDINGS:
            was, found = finding in self.then.findings, finding in self.now.findings
            if found and not was:
                yield self.difference("finding", finding, NO, YES, "worse")
            elif was and not found:
                lost = self.is_lost(finding)
                yield self.difference("finding", finding, YES, UNKNOWN if lost else NO, "changed" if lost else "better")
        for row in self.rows:
            before, now = self.was[row], self.answers[row]
            if before != now:
                yield self.difference("row", row, before, now, self.trend(row, now))

    def is_lost(self, finding: str) -> bool:
        """It is there no more, and nothing says that it is mended: a row that showed it is not answered with no."""
        return finding in self.then.findings and finding not in self.now.findings and any(
            self.was.get(row) == YES and self.answers.get(row) != NO for row in OF_FINDING[finding])

    def trend(self, row: str, now: str) -> Trend:
        demanded = self.demands.get(row)
        if demanded is None or now == UNKNOWN:
            return "changed"
        return "better" if now == demanded else "worse"

    def is_unproved(self) -> bool:
        return any(map(self.is_lost, FINDINGS)) or any(self.answers.get(row) == UNKNOWN for row in self.demands) or any(
            self.answers[row] == UNKNOWN != self.was[row] and (self.same or decides(self.now, row)) for row in self.rows)


def compare(then: Result, now: Result, same: bool) -> SheetComparison:
    """Compares two results with sheets."""
    if then.sheet is None or now.sheet is None:
        return SheetComparison("one of them is a sheet, and the other is not", (), False, False)
    old = {pair_of(c): c for c in then.sheet.combinations if is_answered(c)}
    new = {pair_of(c): c for c in now.sheet.combinations if is_answered(c)}
    left_out = IN_VLAN if (then.sheet.vlan is None) != (now.sheet.vlan is None) else ()
    twos = [Two(old[pair], c, demands_of(now, c), left_out, same) for pair, c in new.items() if pair in old]
    found: List[RowDifference] = [difference for two in twos for difference in two.differences()]
    added = [c for pair, c in new.items() if pair not in old]
    found += [RowDifference(pair_words(pair_of(c)), "combination", "", "", ", ".join(c.findings) or "nothing found", "new", False)
              for c in added]
    found += [RowDifference(pair_words(pair), "combination", "", ", ".join(c.findings) or "nothing found", "", "gone", False)
              for pair, c in old.items() if pair not in new]
    unmet = [answers_of(c).get(row) for c in added for row, demanded in demands_of(now, c).items()
             if answers_of(c).get(row) != demanded]
    return SheetComparison("" if twos else "the two have no combination of trust and spoofchk in common", tuple(found),
                           any(c.findings for c in added) or any(answer != UNKNOWN for answer in unmet),
                           any(two.is_unproved() for two in twos) or UNKNOWN in unmet)


# ---- many sheets ----

class Merged(NamedTuple):
    """The sheets of one setup in one combination."""
    pair: Pair
    answers: Dict[str, str]  # yes, no, unknown, or both: two runs disagree
    findings: Tuple[str, ...]
    files: Tuple[str, ...]

    def words(self, row: str) -> Tuple[str, str]:
        """The word in a cell, and its colour."""
        answer = self.answers.get(row, UNKNOWN)
        if answer in (YES, "both") and any(row in OF_FINDING[finding] for finding in self.findings):
            return "YES" if answer == YES else "YES/no", "bad"
        return {UNKNOWN: ("?", "unsure"), "both": ("yes/no", "unsure")}.get(answer, (answer, ""))


def merge(found: Sequence[Tuple[str, Combination]]) -> List[Merged]:
    """@found: combinations, and the file of each."""
    groups: Dict[Pair, List[Tuple[str, Combination]]] = {}
    for file, c in found:
        if is_answered(c):
            groups.setdefault(pair_of(c), []).append((file, c))
    merged = []
    for pair, several in groups.items():
        answers = {}
        for row in ROWS:
            known = {answers_of(c).get(row, UNKNOWN) for _, c in several} - {UNKNOWN}
            answers[row] = "both" if len(known) > 1 else next(iter(known), UNKNOWN)
        merged.append(Merged(pair, answers, tuple(f for f in FINDINGS if any(f in c.findings for _, c in several)),
                             tuple(sorted(file for file, _ in several))))
    return merged


def rows_of(several: Sequence[Merged]) -> List[str]:
    """Those that have an answer anywhere."""
    return [row for row in ROWS if any(merged.answers[row] != UNKNOWN for merged in several)]

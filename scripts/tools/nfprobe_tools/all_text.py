# SPDX-License-Identifier: GPL-2.0-or-later
"""The runs of nfprobe-all, and its output: what they have found, for people and as JSON."""

from __future__ import annotations

import enum
import textwrap
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import EXIT_NOT_RESTORED, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, VERSION, Failure
from .host import Pf
from .result import SCHEMA, Error, Result, Style, needs_words
from .rules import MET, NO, PROVING, USUAL_STYLES, YES, Unmet, by_no_wire, inside, unmet_of, void_reason
from .text import clean, harmless
from .words import STYLES

SAFE, ALLOWED, NOT_SAFE, UNKNOWN, NOTHING = "SAFE", "ALLOWED", "NOT SAFE", "UNKNOWN", "-"


class State(enum.Enum):
    WAITS = "waits"
    RUNS = "runs"
    OVER = "over"


@dataclass
class Run:
    """The run on one PF, and what has become of it."""
    pf: Pf
    port: int  # runs with the same number are never at the same time
    counts: bool  # False: the PF has no VFs, so there is nothing to know
    state: State = State.WAITS
    exit: int = EXIT_UNKNOWN
    error: Optional[Error] = None  # why there is no verdict
    document: Optional[Dict[str, Any]] = None  # the result, as the run wrote it
    result: Optional[Result] = None  # the document, as it was read

    @property
    def name(self) -> str:
        return clean(self.pf.ifname or self.pf.parentdev or "?")

    def end(self, status: int, error: Optional[Error] = None) -> None:
        """A PF of which no VF is idle is not known; a VF that was lost later is an error."""
        if error and error.code == "vf-in-use" and not (self.result and self.result.vf):
            status = EXIT_UNKNOWN
        self.state, self.exit, self.error = State.OVER, status, error


# ---- what was found ----

def styles_of(run: Run) -> Tuple[Style, ...]:
    """Those that count: a fix was only tested to see whether it helps."""
    return tuple(style for style in run.result.styles if not style.is_fix) if run.result else ()


def inside_of(run: Run) -> str:
    """Why its frames prove nothing about the wire; empty: they came from there, or --allow no-wire accepts that."""
    source = run.result.source if run.result else None
    return inside(source.kind, source.name) if source and not any(style.no_wire for style in styles_of(run)) else ""


def by_no_wire_of(run: Run) -> str:
    """How what is safe is so though the wire has not said it; empty: it has, or nothing is safe."""
    source = run.result.source if run.result else None
    return next((by_no_wire(source.kind, source.name, style.no_wire) for style in styles_of(run)
                 if source and word_of(run, style) in (SAFE, ALLOWED)), "")


def unmet_by(run: Run, style: Style) -> Unmet:
    """What its run was told to require of a style that is safe, or allowed, by the rule of nfprobe-check. A run makes of that the verdict,
    but for a style that has no such window."""
    accepted = run.result and (style.verdict == "safe" or style.allowed)
    return unmet_of(run.result, style, run.result.settings.require) if run.result and accepted else MET


def unmet_status(run: Run) -> int:
    """The least that the status of a run is."""
    answers = [unmet_by(run, style).safe for style in styles_of(run)]
    return EXIT_UNSAFE if NO in answers else EXIT_SAFE if set(answers) <= {YES} else EXIT_UNKNOWN


def word_of(run: Run, style: Optional[Style]) -> str:
    if not style or style.verdict == "not-applicable":
        return NOTHING
    if style.verdict == "safe" or style.allowed:
        unmet = unmet_by(run, style).safe
        void = run.result and void_reason(run.result)
        good = SAFE if style.verdict == "safe" else ALLOWED
        return NOT_SAFE if unmet == NO else UNKNOWN if inside_of(run) or void or unmet != YES else good
    return NOT_SAFE if style.verdict in PROVING else UNKNOWN


def verdict_of(run: Run) -> str:
    """The words for a NIC's verdict."""
    words = {style.style: word_of(run, style) for style in styles_of(run)}
    known = [word for word in words.values() if word != NOTHING]
    if not known:
        return "not possible" if any(style.decided_by == "host" for style in styles_of(run)) else "not tested"
    best = next((word for word in (SAFE, ALLOWED) if word in known), "")
    if NOT_SAFE in known and best:
        return f"{best} only with {' or '.join(style for style, word in words.items() if word == best)}"
    return next(word for word in (NOT_SAFE, UNKNOWN, ALLOWED, SAFE) if word in known)


def why_of(run: Run) -> str:
    """The verdicts that are not safe, then the run's error, or else why a style is unknown."""
    styles = styles_of(run)
    unmet = list(dict.fromkeys(found.why for found in (unmet_by(run, style) for style in styles) if found.safe == NO))
    codes = [style.verdict.upper() for style in styles if word_of(run, style) == NOT_SAFE and unmet_by(run, style).safe != NO]
    accepted = [f"{style.verdict.upper()} by --allow" for style in styles if word_of(run, style) == ALLOWED]
    safe = [style for style in styles if word_of(run, style) == SAFE]
    needs = [f"{style.style}: {words}" for style in safe if run.result
             for words in [needs_words(run.result.conditions_of(style.style), first=True)] if words]
    impossible = sorted({style.reason for style in styles if style.decided_by == "host"})
    said = [", ".join(sorted(set(codes))), *unmet, *dict.fromkeys(accepted), by_no_wire_of(run), *needs, *impossible]
    if run.error:
        said.append(clean(run.error.message))
    else:
        unknown = [style for style in styles if word_of(run, style) == UNKNOWN][:1]
        said += [(inside_of(run) if style.verdict == "safe" or style.allowed else "") or unmet_by(run, style).why or style.reason
                 or style.verdict for style in unknown]
    return "; ".join(filter(None, said))


def cure_of(run: Run) -> str:
    """The command with which a NIC that is not restored may be; empty: it is, or none is known."""
    return clean(run.error.hint) if run.error and run.exit == EXIT_NOT_RESTORED else ""


def count(runs: Sequence[Run]) -> str:
    """"1 SAFE, 1 SAFE only with macvtap, 1 not tested", the best first."""
    counts: Dict[str, int] = {}
    for run in runs:
        verdict = verdict_of(run) if run.counts else "without VFs"
        counts[verdict] = counts.get(verdict, 0) + 1
    order = (SAFE, f"{SAFE} only", ALLOWED, NOT_SAFE, UNKNOWN, "not possible", "not tested", "without VFs")

    def rank(verdict: str) -> Tuple[int, str]:
        return max(i for i, begin in enumerate(order) if verdict.startswith(begin)), verdict

    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts, key=rank))


def table(runs: Sequence[Run], width: int) -> List[str]:
    """One row for each NIC; the last column takes what is left of the width."""
    styles = [style for style in STYLES if style in USUAL_STYLES or any(style == found.style for run in runs for found in styles_of(run))]
    rows = [["NIC", "VF", "driver", "firmware", *styles, ""]]
    for run in runs:
        vf = run.result.vf if run.result else None
        words = {style.style: word_of(run, style) for style in styles_of(run)}
        rows.append([run.name, str(vf.vf) if vf else NOTHING, clean(run.pf.driver or NOTHING), clean(run.pf.firmware or NOTHING),
                     *[words.get(style, NOTHING) for style in styles], why_of(run)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines = []
    for row, cure in zip(rows, ["", *map(cure_of, runs)]):
        begin = "  " + "  ".join(f"{cell:{wide}}" for cell, wide in zip(row, widths))
        if not row[-1]:
            lines.append(begin.rstrip())
            continue
        room = max(width - len(begin) - 2, 24)
        wrapped = [*textwrap.wrap(row[-1], room, break_on_hyphens=False), *filter(None, [cure])]
        lines += [f"{begin}  {wrapped[0]}", *(" " * (len(begin) + 2) + line for line in wrapped[1:])]
    return lines


def details(run: Run) -> List[str]:
    """The lines about one NIC for -v: what its run printed."""
    return ["", *run.result.text.first] if run.result else []


def report(runs: Sequence[Run], status: int, seconds: float, width: int, verbose: bool) -> str:
    head = f"{len(runs)} NIC{'' if len(runs) == 1 else 's'}, {seconds:.0f} s: {count(runs)}."
    lines = [*textwrap.wrap(head, width), "", *table(runs, width)]
    if verbose:
        for run in runs:
            lines += details(run)
        lines.append("")
    lines.append(f"Exit {status}.{'' if verbose else ' More: -v'}")
    return harmless("\n".join(lines)) + "\n"


def document(runs: Sequence[Run], status: int, error: Optional[Failure] = None) -> Dict[str, Any]:
    """nfprobe-all.schema.json"""
    pfs = []
    for run in runs:
        pf = run.pf
        pfs.append({"ifname": pf.ifname, "bus": pf.bus, "parentdev": pf.parentdev, "vendor": pf.vendor, "device": pf.device,
                    "counts": run.counts, "exit": run.exit, **({"error": run.error.as_json()} if run.error else {}),
                    "result": run.document})
    return {"schema": SCHEMA, "version": VERSION, "pfs": pfs, "exit": status, **({"error": error.as_json()} if error else {})}


def ended(runs: Sequence[Run], run: Run) -> str:
    """"1 of 4 NICs done: eth0 SAFE", of those that there is something to know of."""
    counted = [one for one in runs if one.counts]
    over, why = sum(one.state is State.OVER for one in counted), why_of(run)
    return f"{over} of {len(counted)} NIC{'' if len(counted) == 1 else 's'} done: {run.name} {verdict_of(run)}{f' ({why})' if why else ''}"

# SPDX-License-Identifier: GPL-2.0-or-later
"""The output of nfprobe-all: how far its runs are, and what they have found, for people and as JSON."""

from __future__ import annotations

import textwrap
import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Protocol, Sequence, Tuple

from . import EXIT_NOT_RESTORED, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, VERSION, Failure
from .processes import Screen
from .result import SCHEMA, Result, Style, needs_words
from .rules import MET, NO, PROVING, USUAL_STYLES, YES, Unmet, by_no_wire, inside, unmet_of, void_reason
from .schedule import Job, State
from .text import clean, harmless
from .words import STYLES

REDRAWN_AFTER = 0.2  # seconds: drawing takes time from the runs
SAFE, ALLOWED, NOT_SAFE, UNKNOWN, NOTHING = "SAFE", "ALLOWED", "NOT SAFE", "UNKNOWN", "-"


@dataclass
class Run:
    """A job, and what has become of it."""
    job: Job
    document: Optional[Dict[str, Any]] = None  # the result, as the run wrote it
    result: Optional[Result] = None  # the document, as it was read
    vf: Optional[int] = None  # what it does: the VF, the style and the step that it has begun last
    style: str = ""
    step: str = ""
    until: float = 0  # when that ends, by the monotonic clock
    begun: float = field(default_factory=time.monotonic)
    ended: float = 0

    @property
    def name(self) -> str:
        return clean(self.job.pf.ifname or self.job.pf.parentdev or "?")


# ---- what was found ----

def styles_of(run: Run) -> Tuple[Style, ...]:
    """Those that count: a remedy was only tested to see whether it helps."""
    return tuple(style for style in run.result.styles if not style.remedy) if run.result else ()


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
    if run.job.error:
        said.append(clean(run.job.error.message))
    else:
        unknown = [style for style in styles if word_of(run, style) == UNKNOWN][:1]
        said += [(inside_of(run) if style.verdict == "safe" or style.allowed else "") or unmet_by(run, style).why or style.reason
                 or style.verdict for style in unknown]
    return "; ".join(filter(None, said))


def cure_of(run: Run) -> str:
    """The command with which a NIC that is not restored may be; empty: it is, or none is known."""
    return clean(run.job.error.hint) if run.job.error and run.job.exit == EXIT_NOT_RESTORED else ""


def count(runs: Sequence[Run]) -> str:
    """"1 SAFE, 1 SAFE only with macvtap, 1 not tested", the best first."""
    counts: Dict[str, int] = {}
    for run in runs:
        verdict = verdict_of(run) if run.job.counts else "without VFs"
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
        rows.append([run.name, str(vf.vf) if vf else NOTHING, clean(run.job.pf.driver or NOTHING), clean(run.job.pf.firmware or NOTHING),
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


def details(run: Run, width: int) -> List[str]:
    """The lines about one NIC for -v: the answer of its run, the advice with its moments, and the last line."""
    if not run.result or not run.result.answer:
        return []
    lines = ["", *textwrap.wrap(f"{run.name}: {run.result.answer}", width, subsequent_indent="  ")]
    for advice in run.result.advice:
        lines += textwrap.wrap(advice.lead, width, initial_indent="  ", subsequent_indent="    ")
        lines += [f"      {line}" for line in advice.block()]
    if run.result.failover:
        lines += textwrap.wrap(run.result.failover.text, width, initial_indent="  ", subsequent_indent="    ")
    return lines


def report(runs: Sequence[Run], status: int, seconds: float, width: int, verbose: bool) -> str:
    head = f"{len(runs)} NIC{'' if len(runs) == 1 else 's'}, {seconds:.0f} s: {count(runs)}."
    lines = [*textwrap.wrap(head, width), "", *table(runs, width)]
    if verbose:
        for run in runs:
            lines += details(run, width)
        lines.append("")
    lines.append(f"Exit {status}.{'' if verbose else ' More: -v'}")
    return harmless("\n".join(lines)) + "\n"


def document(runs: Sequence[Run], status: int, error: Optional[Failure] = None) -> Dict[str, Any]:
    """nfprobe-all.schema.json"""
    pfs = []
    for run in runs:
        pf = run.job.pf
        pfs.append({"ifname": pf.ifname, "bus": pf.bus, "parentdev": pf.parentdev, "vendor": pf.vendor, "device": pf.device,
                    "counts": run.job.counts, "exit": run.job.exit, **({"error": run.job.error.as_json()} if run.job.error else {}),
                    "result": run.document})
    return {"schema": SCHEMA, "version": VERSION, "pfs": pfs, "exit": status, **({"error": error.as_json()} if error else {})}


# ---- while they run ----

class View(Protocol):
    period: Optional[float]  # how many seconds may pass without a refresh; None: any number

    def line(self, text: str) -> None:
        """A line that somebody should see now."""

    def ended(self, runs: Sequence[Run], run: Run) -> None:
        """It is over."""

    def refresh(self, runs: Sequence[Run]) -> None:
        """Something has happened, or a second has passed."""

    def close(self) -> None:
        pass


def over(runs: Sequence[Run]) -> str:
    """"1 of 4 NICs done", of those that there is something to know of."""
    counted = [run for run in runs if run.job.counts]
    return f"{sum(run.job.state is State.OVER for run in counted)} of {len(counted)} NIC{'' if len(counted) == 1 else 's'} done"


class Plain:
    """Lines, for a file or a pipe."""

    period: Optional[float] = None

    def __init__(self, screen: Screen, quiet: bool) -> None:
        self.screen, self.quiet = screen, quiet

    def line(self, text: str) -> None:
        self.screen.write(harmless(clean(text)) + "\n")

    def ended(self, runs: Sequence[Run], run: Run) -> None:
        if not self.quiet:
            why = why_of(run)
            self.line(f"nfprobe-all: {over(runs)}: {run.name} {verdict_of(run)}{f' ({why})' if why else ''}")

    def refresh(self, runs: Sequence[Run]) -> None:
        pass

    def close(self) -> None:
        pass


class Live:
    """A table on a terminal that is drawn again and again. It is drawn by whoever calls refresh(): no thread does it."""

    period: Optional[float] = 1

    def __init__(self, screen: Screen, begun: float) -> None:
        self.screen, self.begun, self.drawn, self.lines = screen, begun, 0.0, 0

    def erase(self) -> str:
        """What takes the table away: the cursor goes up to its first line, and all below that is cleared."""
        lines, self.lines = self.lines, 0
        return f"\x1b[{lines}A\r\x1b[J" if lines else ""

    def line(self, text: str) -> None:
        self.screen.write(f"{self.erase()}{harmless(clean(text))}\n")
        self.drawn = 0

    def ended(self, runs: Sequence[Run], run: Run) -> None:
        self.drawn = 0
        self.refresh(runs)

    def row(self, run: Run, now: float) -> Tuple[str, str, str, str]:
        job = run.job
        if job.state is State.WAITS:
            return run.name, "", "waits for its port", ""
        if job.state is State.OVER:
            vf = run.result.vf if run.result else None
            why = why_of(run)
            return run.name, str(vf.vf) if vf else NOTHING, verdict_of(run) + (f" ({why})" if why else ""), ""
        if not run.step:
            return run.name, "", "begins", ""
        return run.name, str(run.vf), f"{run.style}: {run.step}", f"{max(run.until - now, 0):.0f} s"

    def refresh(self, runs: Sequence[Run]) -> None:
        """A line that were wider than the terminal would become two, and a table that is higher scroll away: both are cut."""
        now = time.monotonic()
        if now - self.drawn < REDRAWN_AFTER:
            return
        self.drawn = now
        size = self.screen.size()
        rows = [("NIC", "VF", "", "left in this standby"), *(self.row(run, now) for run in runs)]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]).rstrip() for row in rows]
        lines.append(f"{over(runs)}, {now - self.begun:.0f} s; Ctrl-C ends it and restores the host")
        shown = [harmless(clean(line))[:max(size.columns - 1, 1)] for line in lines[-max(size.lines - 1, 1):]]
        erase, self.lines = self.erase(), len(shown)
        self.screen.write(erase + "".join(f"{line}\n" for line in shown))

    def close(self) -> None:
        self.screen.write(self.erase())


def view_of(screen: Screen, quiet: bool, terminal: str, begun: float) -> View:
    """@terminal: its kind, of the environment."""
    if not quiet and screen.isatty() and terminal not in ("", "dumb", "unknown"):
        return Live(screen, begun)
    return Plain(screen, quiet)

# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfprobe-check prints: one line that answers, a line for each style, and what to do next."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, TextIO

from . import result, rules, store
from .check import Answer
from .text import clean, harmless

# The words of an answer, and their colour on a terminal.
SAFE = {rules.YES: ("SAFE", "\033[1;32m"), rules.NO: ("NOT SAFE", "\033[1;31m"), rules.UNKNOWN: ("UNKNOWN", "\033[1;33m")}
BOLD, PLAIN = "\033[1m", "\033[0m"
LIFE = {"attach": "gets VF", "up": "VF up", "unplug": "migrates", "detach": "VF gone", "clear": "cleared", "reassign": "next",
        "vf_first": "starts", "ipv6": "IPv6"}
CELLS = {"ok": "ok", "lost": "LOST", "refused": "REFUSED", "slow": "SLOW", "unknown": "?", "untested": "-"}


class Writer(NamedTuple):
    out: TextIO
    columns: int = 0  # 0: lines are not wrapped
    colours: bool = False

    def paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self.colours and colour else text

    def line(self, text: str = "", hang: int = 0, head: str = "", painted: str = "") -> None:
        """head: how the line begins, painted or not, which no wrapping breaks; text: the rest."""
        lines = [clean(text)]
        if self.columns and len(head) + len(text) > self.columns:
            import textwrap  # pylint: disable=import-outside-toplevel # it takes time, and few lines need it
            width = max(self.columns, hang + 20)
            lines = textwrap.wrap(" " * len(head) + clean(text), width, subsequent_indent=" " * hang, break_long_words=False,
                                  break_on_hyphens=False, drop_whitespace=True)
            lines[0] = lines[0][len(head):] if lines[0].startswith(" " * len(head)) else lines[0]
        print(harmless(f"{painted or head}{lines[0]}".rstrip()), file=self.out)
        for more in lines[1:]:
            print(harmless(more), file=self.out)


def verdict_words(verdict: str) -> str:
    return verdict.replace("-", " ").upper()


def where(answer: Answer) -> str:
    return clean(f"{answer.name or 'PF'}{'' if answer.vf is None else f' VF {answer.vf}'}")


def brief(style: rules.StyleAnswer) -> str:
    """Why a style is not safe, or not known, in two words."""
    entry = style.standing
    if style.safe == rules.NO and entry:
        return verdict_words(entry.tested.verdict)
    if style.safe == rules.YES and entry:
        return {"ok": "", "unproven": "IPv6 not proven"}.get(entry.tested.multicast, "IPv6 not tested")
    if entry is None:
        return "nothing is stored"
    if entry.differences:
        return f"{rules.IDENTITY[entry.differences[0].what]} {'changed' if ', is ' in entry.stale.split(';')[0] else 'cannot be read'}"
    if entry.stale:
        return "too old" if "older" in entry.stale else "age unknown"
    if entry.tested.verdict == "safe":
        return f"{entry.tested.source_name or 'unknown source'} proves nothing" if entry.tested.source != rules.WIRE else "not proven"
    return verdict_words(entry.tested.verdict).lower()


def first_line(answer: Answer) -> str:
    """ "eth0: macvtap SAFE, bridge UNKNOWN (firmware changed)." """
    parts = []
    for style in answer.check.styles:
        if style.counts:
            why = brief(style)
            parts.append(f"{style.style} {SAFE[style.safe][0]}{f' ({why})' if why else ''}")
    return f"{where(answer)}: {', '.join(parts)}."


def tested_words(tested: rules.Tested, start: str = "") -> str:
    """ "VF 3, 2026-11-20, over the wire" """
    way = "over the wire" if tested.source == rules.WIRE else f"from {tested.source_name or 'an unknown source'}"
    words = (f"VF {tested.vf}", start[:10], way, f"VLAN {tested.vlan}" if tested.vlan else "")
    return ", ".join(filter(None, words))


def style_words(style: rules.StyleAnswer, start: str) -> str:
    entry = style.standing
    if entry is None:
        return style.why
    verdict, reason = verdict_words(entry.tested.verdict), style.why
    if style.safe == rules.YES:
        return tested_words(entry.tested, start)
    if style.safe == rules.NO:
        return f"{verdict}{f': {reason}' if reason else ''} ({tested_words(entry.tested, start)})"
    return f"{verdict} on {start[:10] or 'an unknown day'}{f'; {reason}' if reason else ''} ({tested_words(entry.tested)})"


def print_style(writer: Writer, style: rules.StyleAnswer, start: str, widths: Sequence[int]) -> None:
    words, colour = SAFE[style.safe]
    head = f"  {style.style:<{widths[0]}}  {words:<{widths[1]}}  "
    painted = f"  {writer.paint(f'{style.style:<{widths[0]}}', BOLD)}  {writer.paint(f'{words:<{widths[1]}}', colour)}  "
    writer.line(style_words(style, start), len(head), head, painted)


def print_stored(writer: Writer, read: result.Result) -> None:
    """What a run had to say, as far as its result has it."""
    writer.line()
    writer.line(f"{read.run.start[:10] or 'Stored'}: {read.answer or read.verdict.upper() or 'no verdict'}", 2)
    if read.life:
        width = max(len(row.style) for row in read.life)
        columns = [max(len(title), 7) for title in LIFE.values()]
        titles = "  ".join(f"{title:<{column}}" for title, column in zip(LIFE.values(), columns))
        print(f"  {'standby':<{max(width, 7)}}  {titles}".rstrip(), file=writer.out)
        for row in read.life:
            cells = "  ".join(f"{CELLS[cell]:<{column}}" for cell, column in zip(row.cells, columns))
            print(f"  {row.style:<{max(width, 7)}}  {cells}".rstrip(), file=writer.out)
    for advice in read.advice:
        writer.line(f"{advice.text}{f' ({advice.when})' if advice.when else ''}", 4, "  ")
        if advice.command:
            for line in advice.command.split("\n"):
                print(harmless(f"    {clean(line)}"), file=writer.out)
    writer.line(f"  {read.file}", 2)


def next_step(answer: Answer, folder: str) -> str:
    """The run that answers what is unknown, with its result in the folder that was asked."""
    if not any(style.counts and style.safe == rules.UNKNOWN for style in answer.check.styles):
        return ""
    vf = answer.vf
    if vf is None:
        known = {style.standing.tested.vf for style in answer.check.styles if style.standing and style.counts}
        vf = min(known) if len(known) == 1 else None
    again = "Probe again" if answer.check.entries else "Probe"
    target = "" if folder == store.DIR else f"={folder}"
    return f"{again}: nfprobe {answer.name or 'PF'} --vf {'any' if vf is None else vf} --save{target}"


def print_answer(writer: Writer, answer: Answer, folder: str, quiet: bool, verbose: bool) -> None:
    writer.line(first_line(answer), 2)
    if quiet:
        return
    starts: Dict[str, str] = {file: read.run.start for file, read in answer.results.items()}
    styles = answer.check.styles
    widths = [max((len(style.style) for style in styles), default=0), max((len(SAFE[style.safe][0]) for style in styles), default=0)]
    writer.line()
    for style in styles:
        print_style(writer, style, starts.get(style.standing.tested.run, "") if style.standing else "", widths)
    for note in answer.check.notes:
        writer.line(note, 8, "  Note  ")
    shown: List[str] = []
    for style in styles if verbose else ():
        if style.standing and style.standing.tested.run not in shown:
            shown.append(style.standing.tested.run)
            print_stored(writer, answer.results[style.standing.tested.run])
    if verbose and shown:
        writer.line()
    more = next_step(answer, folder) or ("" if verbose or not answer.results else "More: -v")
    writer.line(f"Exit {answer.exit_status}.{f' {more}' if more else ''}", 2)

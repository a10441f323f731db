# SPDX-License-Identifier: GPL-2.0-or-later
"""The output of nfprobe-check: one line that answers, a line for each style, and what to do next."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Sequence

from . import EXIT_CANNOT, EXIT_UNKNOWN, result, rules, shell, store
from .check import Answer, conditions_of
from .subject import verdict_words
from .text import Note, Writer, clean
from .words import HEADS

# The words of an answer, and their colour on a terminal.
SAFE = {rules.YES: ("SAFE", "safe"), rules.NO: ("NOT SAFE", "bad"), rules.UNKNOWN: ("UNKNOWN", "unsure")}
CELLS = {"ok": "ok", "ok-if": "ok*", "lost": "LOST", "refused": "no VF", "slow": "SLOW", "unknown": "?", "gap": "gap", "untested": "-",
         "": ""}
# What is below a table says of those that do not explain themselves, as the program does (print_legend in src/report/life.c).
MEANINGS = {"lost": "LOST: nothing arrives", "refused": "no VF: the kernel refuses it", "slow": "SLOW: lost for longer than --gap-limit",
            "unknown": "?: not known",
            "gap": "gap: unless pinned, lost until it sends, {} s at most (a bridge's ageing time, not measured; --gap-limit counts it)",
            "ok-if": "*: {}", "untested": "-: not tested"}


class Shown(NamedTuple):
    """The options that decide what is shown."""
    folder: str
    vlan: Optional[int] = None
    due: str = ""  # the source of the run that is asked about; empty: none is
    quiet: bool = False
    verbose: bool = False
    failed: bool = False  # the file of --json could not be written


def where(answer: Answer) -> str:
    return clean(f"{answer.name or 'PF'}{'' if answer.vf is None else f' VF {answer.vf}'}")


def read_of(answer: Answer, style: rules.StyleAnswer) -> Optional[result.Result]:
    """The result on which an answer rests."""
    return answer.results.get(style.standing.tested.run) if style.standing else None


def brief(answer: Answer, style: rules.StyleAnswer) -> str:
    """Says in two words what a style that is safe needs, or why it is not, or not known."""
    entry, read = style.standing, read_of(answer, style)
    if entry and entry.unmet.option and style.why == entry.why:
        return entry.unmet.brief
    if style.safe == rules.NO and entry:
        return verdict_words(entry.tested.verdict, ipv4_only=read is not None and read.is_ipv4_only(style.style))[0]
    if style.safe == rules.YES and entry:
        ipv6 = {"ok": "", "unproven": "IPv6 not known"}.get(entry.tested.multicast, "IPv6 not tested")
        no_wire = "by --allow no-wire" if style.why else ""
        return "; ".join(filter(None, [no_wire, result.needs_words(conditions_of(answer, style), first=True), ipv6]))
    if entry is None:
        return style.why.partition(",")[0].partition(" for ")[0]
    if entry.differences:
        return f"{rules.IDENTITY[entry.differences[0].what]} {'changed' if ', is ' in entry.stale.split(';')[0] else 'cannot be read'}"
    if entry.stale:
        return "too old" if "older" in entry.stale else "other VFs are up" if "other VF" in entry.stale else "age unknown"
    asked_inside = entry.tested.source != rules.WIRE and (entry.tested.shows_safe or entry.tested.why in rules.WANTS_WIRE)
    return f"{entry.tested.source_name or 'unknown source'} proves nothing" if asked_inside else "not proven"


def first_line(answer: Answer) -> str:
    """ "eth0: macvtap SAFE, bridge UNKNOWN (firmware changed)." """
    parts = []
    for style in answer.check.styles:
        if style.impossible:
            parts.append(f"{style.style} NOT POSSIBLE while {style.impossible}")
        elif style.counts:
            why = brief(answer, style)
            parts.append(f"{style.style} {SAFE[style.safe][0]}{f' ({why})' if why else ''}")
    return f"{where(answer)}: {', '.join(parts)}."


def tested_words(tested: rules.Tested, start: str = "") -> str:
    """ "VF 3, 2026-11-20, over the wire" """
    way = "over the wire" if tested.source == rules.WIRE else f"from {tested.source_name or 'an unknown source'}"
    words = (f"VF {tested.vf}", start[:10], way, f"VLAN {tested.vlan}" if tested.vlan else "")
    return ", ".join(filter(None, words))


def style_words(style: rules.StyleAnswer, start: str, needs: str) -> str:
    entry = style.standing
    if entry is None or style.impossible:
        return style.why
    verdict, reason = verdict_words(entry.tested.verdict)[0], style.why
    if style.safe == rules.YES:
        words = f"{tested_words(entry.tested, start)}{'; ' if reason else ''}{reason}"
    elif entry.unmet.option and style.why == entry.why:
        words = f"{reason} ({tested_words(entry.tested, start)})"
    elif style.safe == rules.NO:
        words = f"{verdict}{f': {reason}' if reason else ''} ({tested_words(entry.tested, start)})"
    else:
        words = f"{verdict} on {start[:10] or 'an unknown day'}{f'; {reason}' if reason else ''} ({tested_words(entry.tested)})"
    return f"{words}. Needs: {needs}" if needs and style.safe == rules.YES else words


def print_style(writer: Writer, style: rules.StyleAnswer, start: str, needs: str, widths: Sequence[int]) -> None:
    words, colour = ("NOT POSSIBLE", "") if style.impossible else SAFE[style.safe]
    writer.line(style_words(style, start, needs), sum(widths) + 6, ("  ", ""), (f"{style.style:<{widths[0]}}", "bold"), ("  ", ""),
                (f"{words:<{widths[1]}}", colour), ("  ", ""))


def legend(read: result.Result) -> str:
    """What is below the table of a guest's life."""
    cells = {cell for row in read.life for cell in row.cells}
    most_s = max((style.bridge_gap_ms // 1000 for style in read.styles), default=0)
    fixes = dict.fromkeys(row.style for row in read.life if row.fix and not row.vlan)
    starred = {row.style in rules.XML_STYLES for row in read.life if "ok-if" in row.cells}
    star = ("if the condition of IPv6 is met" if len(starred) > 1
            else "with trustGuestRxFilters" if True in starred else "with all groups at its tap")
    return "; ".join([*(words.format(star if cell == "ok-if" else most_s) for cell, words in MEANINGS.items() if cell in cells),
                      *([f"{', '.join(fixes)}: {'fixes' if len(fixes) > 1 else 'a fix'}, tested"] if fixes else [])])


def print_stored(writer: Writer, read: result.Result) -> None:
    writer.line()
    writer.line(f"{read.run.start[:10] or 'Stored'}, {read.file}:", 2)
    if read.text.first:
        for line in read.text.first:
            writer.painted((f"  {line}".rstrip(), ""))
    else:
        print_result(writer, read)


def print_result(writer: Writer, read: result.Result) -> None:
    """Prints what is left of a run's text where that is not there, since the result was shared: its answer, and its table."""
    writer.line(read.answer or read.verdict.upper() or "no verdict", 2)
    if read.life:
        names = [row.name for row in read.life]
        width = max(map(len, names))
        columns = [max(len(title), 7) for title in HEADS]
        titles = "  ".join(f"{title:<{column}}" for title, column in zip(HEADS, columns))
        print(f"  {'standby':<{max(width, 7)}}  {titles}".rstrip(), file=writer.out)
        for name, row in zip(names, read.life):
            cells = "  ".join(f"{CELLS[cell]:<{column}}" for cell, column in zip(row.cells, columns))
            print(f"  {name:<{max(width, 7)}}  {cells}".rstrip(), file=writer.out)
        writer.line(legend(read), 2, ("  ", ""))


def next_step(answer: Answer, shown: Shown) -> Optional[Note]:
    """The run that answers what is unknown: like those that did, with its result in the folder that was asked. None: nothing is."""
    unknown = [style.style for style in answer.check.styles if style.counts and style.safe == rules.UNKNOWN]
    if not unknown:
        return None
    tested = [style.standing.tested for style in answer.check.styles if style.standing and style.counts]
    vfs, vlans = {run.vf for run in tested}, {run.vlan for run in tested}
    if answer.others and answer.vf is None:
        vfs = {one.vf for one in answer.others if one.vf is not None}
    vf = min(vfs) if len(vfs) == 1 else answer.vf
    vlan = min(vlans) if len(vlans) == 1 else shown.vlan
    wire = any(style.counts and rules.lacks_the_wire(style) for style in answer.check.styles)
    styles = [] if set(unknown) <= set(rules.USUAL_STYLES) else ["--style", ",".join(unknown)]
    options = ["--vf", "any" if vf is None else str(vf), *styles, *(["--vlan", str(vlan)] if vlan else []),
               *(["--from", "arp:IP"] if wire else []),
               "--save" if shown.folder == store.DIR else f"--save={shown.folder}"]
    return Note("Probe again:" if answer.check.entries or answer.others else "Probe:",
                shell.about("nfprobe", answer.name or "PF", *options))


def not_due(answer: Answer, source: str) -> Optional[Note]:
    """Why nothing more can be known; None: it can, or all is."""
    if answer.exit_status != EXIT_UNKNOWN or rules.is_due(answer.check, source):
        return None
    if source != "auto":
        return Note(f"No run is due: --from {source} is not the wire, and would prove no more.")
    return Note("No run is due: --from auto found no source on the wire, and would prove no more. With one:",
                shell.about("nfprobe", answer.name or "PF", "--vf", "any", "--from", "arp:IP", "--save"))


def print_answer(writer: Writer, answer: Answer, shown: Shown) -> None:
    if answer.error:  # which standard error has
        writer.line(f"{where(answer)}: {SAFE[rules.UNKNOWN][0]} (what is stored cannot be used).")
        for note in answer.notes if not shown.quiet else ():
            writer.line(note, 8, ("  Note  ", ""))
        return
    writer.line(first_line(answer), 2)
    why = not_due(answer, shown.due) if shown.due else None
    if why:
        writer.line(why, 2)
    if shown.quiet:
        return
    starts: Dict[str, str] = {file: read.run.start for file, read in answer.results.items()}
    styles = answer.check.styles
    widths = [max((len(style.style) for style in styles), default=0), max((len(SAFE[style.safe][0]) for style in styles), default=0)]
    writer.line()
    for style in styles:
        start = starts.get(style.standing.tested.run, "") if style.standing else ""
        print_style(writer, style, start, result.needs_words(conditions_of(answer, style)), widths)
    for note in answer.notes:
        writer.line(note, 8, ("  Note  ", ""))
    runs = dict.fromkeys(style.standing.tested.run for style in styles if style.standing)
    for run in runs if shown.verbose else ():
        print_stored(writer, answer.results[run])
    if shown.verbose and runs:
        writer.line()
    more = next_step(answer, shown) or Note("" if shown.verbose or not answer.results else "More: -v")
    exits = f"Exit {EXIT_CANNOT if shown.failed else answer.exit_status}."
    writer.line(more._replace(text=f"{exits} {more.text}".rstrip()), 2)

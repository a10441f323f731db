# SPDX-License-Identifier: GPL-2.0-or-later
"""Results, and a matrix of them, as one self-contained page, which loads nothing. Its only script copies a command."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import os
import re
import urllib.parse
from typing import BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import jinja2
from markupsafe import Markup

from . import VERSION, audit, guests, matrix, rules
from .cases import NOT_RESTORED
from .check_text import CELLS, legend
from .result import Advice, Count, Error, Life, Result, Step, Style, Transition, command_lines
from .subject import WHOLE, Entry, Subject, ipv6_words, unfit_words, verdict_words
from .text import clean, harmless, plural
from .timeline import Drawing, draw
from .words import HEADS, MEANINGS, VERDICTS

COLOURS = {"ok": "safe", "ok-if": "safe", "lost": "bad", "refused": "bad", "slow": "bad", "unknown": "unsure", "gap": "unsure",
           "untested": "", "": ""}
KINDS = (("broadcast", "broadcast"), ("multicast", "multicast"), ("unregistered", "unregistered"), ("all nodes", "all_nodes"),
         ("unjoined", "unjoined"))
LEFT_OUT = f"Its drawing and its counts are left out, since {WHOLE} results come before it: nfprobe-report html {{}} shows them"
PIECES = 500
# Where no style sheet is applied, as by Jenkins' default policy, a drawing would be black: the classes of the page say the same.
PAINT = {kind: Markup(attributes) for kind, attributes in {
    "pf": 'fill="#0550ae" stroke="#0550ae"', "vf": 'fill="url(#hatch)" stroke="#8250df"', "lost": 'fill="url(#cross)" stroke="#a40e26"',
    "band": 'fill="#f1f3f5"', "axis": 'fill="none" stroke="#8c959f"', "lead": 'fill="none" stroke="#8c959f" stroke-width="0.7"',
    "lead gap": 'fill="none" stroke="#a40e26"'}.items()}
INDENT = 8  # blanks in front of a line, as XML has
SCRIPT = """
document.querySelectorAll("button[data-copy]").forEach(function (button) { button.hidden = false; });
document.addEventListener("click", function (event) {
  var button = event.target.closest("button[data-copy]");
  if (!button) return;
  var code = button.parentNode.querySelector("code"), range = document.createRange();
  range.selectNodeContents(code);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  var copied = navigator.clipboard ? navigator.clipboard.writeText(code.textContent) : Promise.reject();
  copied.catch(function () { return document.execCommand("copy") || Promise.reject(); })
    .then(function () { button.textContent = "Copied"; }, function () { button.textContent = "Press Ctrl-C"; });
});
"""


class Reason(NamedTuple):
    """Why something is not safe, or not known; read alone, it names the styles of which it is true."""
    label: str
    colour: str
    text: str


class Table(NamedTuple):
    headings: List[str]
    rows: List[List[str]]


class Ladder(NamedTuple):
    """A style in the closed part of the page."""
    style: str
    facts: str
    tables: List[Tuple[str, Table]]


class View(NamedTuple):
    """One result as the page shows it."""
    answer: str
    answer_parts: List[Tuple[str, str]]  # the same, with the classes of its words
    of: str  # host, time and firmware
    error: Optional[Error]
    life: List[Tuple[str, List[Tuple[str, str, str]]]]  # of each style: heading, words and class
    legend: str
    reasons: List[Reason]
    advice: Tuple[Advice, ...]
    own: bool  # commands are this host's own
    notes: List[Tuple[str, str]]  # what it is, and the sentence
    drawing: Optional[Drawing]
    ladders: List[Ladder]
    context: List[str]
    foot: str


# ---- verdicts ----

def reasons_of_entry(entry: Entry) -> Iterator[Reason]:
    """Those that table and answer do not have."""
    style = entry.style
    words, colour = verdict_words(style.verdict, style.allowed, entry.ipv4_only)
    if entry.stale:
        yield Reason("UNKNOWN", "unsure", f"it was {words}; {entry.stale}")
    elif entry.doubt or entry.by_no_wire:
        yield Reason("UNKNOWN" if entry.doubt else words, "unsure", entry.doubt or entry.by_no_wire)
    elif style.verdict != "safe" and style.reason:
        yield Reason(words, colour, style.reason)
    if entry.taken:
        yield Reason("Note", "unsure", rules.not_now(entry.taken))
    if ipv6_words(style):
        yield Reason("IPv6", "bad" if style.multicast == "lost" else "unsure", ipv6_words(style))


def reasons_of(entries: Iterable[Entry]) -> List[Reason]:
    """Each once, with its styles. A fix that does not help is no reason."""
    found: Dict[Reason, List[str]] = {}
    for entry in entries:
        for reason in reasons_of_entry(entry) if not entry.style.is_fix else ():
            found.setdefault(reason, []).append(entry.style.style)
    return [reason._replace(text=f"With {either(styles)}, {reason.text}.") for reason, styles in found.items()]


def either(styles: Sequence[str]) -> str:
    """"macvtap or a bridge[+pin]", as in the text."""
    alone = [style for style in styles if style.partition("+pin")[0] == style or style[:-len("+pin")] not in styles]
    *first, last = [f"{'a ' if style == 'bridge' else ''}{style}{'[+pin]' if f'{style}+pin' in styles else ''}" for style in alone]
    return f"{', '.join(first)} or {last}" if first else last


def answer_of(subject: Subject) -> Tuple[str, str]:
    """The answer that nfprobe has given, and its colour. A result without one has a verdict, or none."""
    result, vf = subject.result, subject.result.vf
    colour = verdict_words(result.verdict)[1] if result.verdict else "unsure"
    if result.verdict == "safe" and any(rules.doubt_of(result, style) or style.no_wire for style in result.styles if not style.is_fix):
        colour = "unsure"
    if not subject.restored:
        colour = "bad"
    name = (subject.ifname or "nfprobe") + (f" VF {vf.vf}" if vf else "")
    return result.answer or f"{name}: {verdict_words(result.verdict)[0] if result.verdict else 'no verdict'}", colour


SAID = re.compile(r"(NOT SAFE|Not SAFE|SAFE|UNKNOWN)\b")
SAID_COLOURS = {"NOT SAFE": "bad", "Not SAFE": "unsure", "SAFE": "safe", "UNKNOWN": "unsure"}


def parts_of(answer: str, colour: str) -> List[Tuple[str, str]]:
    """Each verdict of a style has its own colour, and an answer without any has that of the run. What is safe elsewhere than on the wire
    is not green."""
    found = [part for part in SAID.split(answer) if part]
    if not any(part in SAID_COLOURS for part in found):
        return [(answer, colour)]
    return [(part, "unsure" if part == "SAFE" and colour == "unsure" else SAID_COLOURS.get(part, "")) for part in found]


def of_words(result: Result) -> str:
    """Which of many pages this is."""
    return ", ".join(filter(None, [result.run.host, result.run.start[:10], result.pf.firmware and f"firmware {result.pf.firmware}"]))


def life_of(rows: Iterable[Life]) -> List[Tuple[str, List[Tuple[str, str, str]]]]:
    return [(row.name, [(heading, CELLS[cell], COLOURS[cell]) for heading, cell in zip(HEADS, row.cells)]) for row in rows]


def shown(life: Iterable[Life]) -> Tuple[Life, ...]:
    """Without the rows of fixes that do not help, as in the text. A VLAN's belongs to that of its style."""
    serves = {row.style for row in life if row.serves and not row.vlan}
    return tuple([row for row in life if not row.fix or row.style in serves])


# ---- the numbers ----

def without_empty(headings: List[str], rows: List[List[str]]) -> Table:
    """Without the columns that have nothing."""
    shown = [i for i in range(len(headings)) if any(row[i] not in ("", "-", "0") for row in rows)]
    return Table([headings[i] for i in shown], [[row[i] for i in shown] for row in rows])


def landing_words(count: Count) -> str:
    if not count.landing:
        return "-"
    if count.landing == "mixed":
        return f"PF {count.pf}, VF {count.vf}/{count.sent}"
    return f"{count.landing} {count.sent - count.lost}/{count.sent}"


def note_of(step: Step) -> str:
    found = [unfit_words(step), f"the capture lost {step.drops} frames" if step.drops else "",
             "carrier lost" if "carrier_lost" in step.flags else "",
             "another process changed the host" if "changed" in step.flags and not step.note else "", step.note]
    return "; ".join(filter(None, found))


def step_row(step: Step) -> List[str]:
    count, done = step.unicast, step.status == "done"
    numbers = [count.sent, count.pf, count.vf, count.both, count.lost, count.duplicates]
    return [step.step, count.landing or "-" if done else step.status, *(str(n) if done else "-" for n in numbers),
            *(landing_words(getattr(step.frames, kind)) if done else "-" for _, kind in KINDS),
            f"{step.window_ms / 1000:.2f}" if done else "-", note_of(step)]


def steps_table(style: Style) -> Table:
    return without_empty(["step", "unicast", "sent", "PF", "VF", "both", "lost", "duplicates", *(name for name, _ in KINDS),
                          "seconds", "note"], [step_row(step) for step in style.steps])


def gap_words(change: Transition) -> str:
    if change.gap_us is None:
        return "-"
    return f"{change.gap_us / 1000:.1f}\u00b1{(change.gap_error_us or 0) / 1000:.1f} ms"


def changes_table(style: Style) -> Table:
    return without_empty(["from", "to", "lost", "gap", "duplicates"],
                         [[change.from_step, change.to_step, str(change.lost), gap_words(change), str(change.duplicates)]
                          for change in style.transitions])


def ladder_of(style: Style) -> Ladder:
    facts = [f"{what} {getattr(style, what) or 'unknown'}" for what in ("claim", "release", "delivery")]
    facts += [f"multicast {style.multicast}"] if style.multicast else []
    facts.append(f"bus mastering falls with the driver: {style.bus_master_falls}")
    facts += [style.reason] if style.verdict == "safe" and style.reason else []
    tables = [("Frames in the window of each step", steps_table(style)), ("Unicast between two windows", changes_table(style))]
    return Ladder(style.style, ", ".join(facts), [(title, table) for title, table in tables if table.rows])


# ---- the page ----

def notes_of(subject: Subject) -> List[Tuple[str, str]]:
    result = subject.result
    found = [("Stored", text) for text in subject.unstored]
    for name, texts in (("Changed during the run", result.changes_seen), ("Left behind", result.left_behind),
                        ("Warning", result.warnings)):
        found += [(name, text) for text in texts]
    return found


def context_of(subject: Subject) -> List[str]:
    result, settings, vf = subject.result, subject.result.settings, subject.result.vf
    own = rules.own_version(result.pf.driver_version, result.run.kernel)
    driver = result.pf.driver + (f" {own}" if own and own != "the kernel's" else "")
    source = f"frames from {result.source.name} ({result.source.by})" if result.source else ""
    parts = [[subject.ifname, subject.parentdev, driver, result.pf.firmware and f"firmware {result.pf.firmware}",
              result.run.kernel and f"Linux {result.run.kernel}"],
             [f"VF {vf.vf}", vf.parentdev, vf.driver] if vf else [],
             [source, f"VLAN {settings.vlan}" if settings.vlan else "no VLAN",
              f"each state watched for {(settings.settle_ms or 0) / 1000:g} s"] if source else [],
             [result.run.host and f"on {result.run.host}", result.run.start and f"begun {result.run.start}"]]
    lines = [", ".join(filter(None, part)) for part in parts]
    return [line for line in lines + [result.source.note if result.source else ""] if line]


def view_of(subject: Subject, whole: bool = True) -> View:
    result = subject.result
    answer, colour = answer_of(subject)
    error = subject.error or (result.vf.error if result.vf else None) or (None if subject.restored else NOT_RESTORED)
    styles = [entry.style for entry in subject.entries]
    foot = f"nfprobe {result.version}, run {result.run.id or 'unknown'}, {result.run.duration_ms / 1000:.1f} s, " \
           f"exit status {subject.exit_status}"
    context = context_of(subject) + ([] if whole or not styles else [LEFT_OUT.format(result.file)])
    return View(answer, parts_of(answer, colour), of_words(result), error,
                life_of(shown(result.life)), legend(result._replace(life=shown(result.life))), reasons_of(subject.entries),
                result.advice, subject.own,
                notes_of(subject), draw(styles) if whole else None,
                [ladder_of(style) for style in styles if style.steps]
                if whole else [], context, foot)


def blanks(command: str) -> str:
    """Shows what could push the rest of a line out of sight, or that it ends behind what is seen. What is copied of XML is XML: a few
    blanks in front of a line are none of these."""
    lines = []
    for line in command.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        kept = indent if indent <= INDENT else 0
        lines.append(line[:kept] + re.sub("  +|[\t\N{NO-BREAK SPACE}]| $", lambda found: "\N{OPEN BOX}" * len(found[0]), line[kept:]))
    return "\n".join(lines)


def template(name: str) -> jinja2.Template:
    loader = jinja2.FileSystemLoader(os.path.dirname(os.path.abspath(__file__)))
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    environment.filters["clean"] = clean
    environment.filters["blanks"] = blanks
    return environment.get_template(name)


def write(name: str, out: BinaryIO, facts: Dict[str, object]) -> None:
    """A few at a time of the pieces of which the page is made, so that its size does not decide how much memory it takes."""
    stream = template(name).stream(facts)
    stream.enable_buffering(PIECES)
    for text in stream:
        out.write(harmless(text, "&#{};").encode("utf-8", "replace"))  # a CI system may print the page


def title_of(view: View) -> str:
    return f"{view.answer} ({view.of})" if view.of else view.answer


def write_html(subjects: Iterable[Subject], out: BinaryIO) -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    views = (view_of(subject, number < WHOLE) for number, subject in enumerate(subjects))
    first = next(views, None)
    write("page.html", out, {"script": SCRIPT, "digest": digest, "paint": PAINT, "title": title_of(first) if first else "nfprobe",
                             "heads": tuple(zip(HEADS, MEANINGS)),
                             "views": itertools.chain([first] if first else [], views)})


# ---- the page of an audit ----

def answer_of_audit(found: audit.Audit) -> Tuple[str, str]:
    """The line at its head, and the colour of that."""
    counted = [finding for finding in found.findings if not finding.remark and not finding.accepted]
    names = ", ".join(dict.fromkeys(clean(finding.pf) for finding in counted))
    if counted:
        return f"{names}: {plural(len(counted), 'finding')}", "bad"
    return clean(audit.nothing_words(found)), "unsure" if found.unread else "safe"


SENDS_NOTHING = "Counted at each netdev of the way of one guest, without sending a frame; this says nothing about failover."


def write_watch(watch: guests.Watch, out: BinaryIO) -> None:
    """What has been counted, alone."""
    write("audit.html", out, {
        "title": clean(watch.text), "digest": "", "answer": clean(watch.text), "colour": guests.WATCHED.get(watch.answer, "unsure"),
        "about": SENDS_NOTHING, "groups": [], "lists": [], "pictures": guests.pictures_of((), watch), "plural": plural,
        "foot": f"nfprobe {clean(watch.version)}, exit status {watch.exit_status}"})


def write_audit(found: audit.Audit, out: BinaryIO, watch: Optional[guests.Watch] = None) -> None:
    """In the words of nfprobe-check --audit. The file may be anybody's: no command is offered to be copied."""
    answer, colour = answer_of_audit(found)
    groups = [("Findings", [one for one in found.findings if not one.remark and not one.accepted], "bad"),
              ("Remarks", [one for one in found.findings if one.remark], "unsure"),
              ("Accepted", [one for one in found.findings if one.accepted and not one.remark], "unsure")]
    write("audit.html", out, {
        "title": answer, "digest": "", "answer": answer, "colour": colour, "groups": groups, "plural": plural,
        "about": "Addresses and bridges that make guests lose frames; this says nothing about failover.",
        "pictures": guests.pictures_of(found.guests, watch), "words_of": audit.words_of, "command_lines": command_lines,
        "lists": [("Not seen", [audit.unread_words(one) for one in found.unread]), ("Not asked", found.unasked)],
        "foot": f"nfprobe {clean(found.version)}, of {', '.join(clean(pf.ifname) for pf in found.pfs) or 'no PF'}, "
                f"exit status {found.exit_status}"})


# ---- the page of a matrix ----

@functools.lru_cache(maxsize=None)
def link_to(file: str, base: str) -> str:
    """The link to the ladders of a file, from a page in the folder @base: to the page beside the file, if there is one, or to
    the file itself."""
    page = f"{file[:-5]}.html" if file.endswith(".json") else file
    path = os.path.realpath(page if os.path.isfile(page) else file)
    return urllib.parse.quote(os.fsencode(os.path.relpath(path, base)), safe="-._~/")


def write_matrix(table: matrix.Matrix, base: str, out: BinaryIO) -> None:
    """@base: the folder of the page."""
    write("matrix.html", out, {
        "matrix": table, "all_notes": matrix.notes_of(table), "headings": matrix.HEADINGS, "columns": matrix.columns_of(table.rows),
        "heads_of": matrix.heads_of, "cell_verdict": matrix.cell_verdict, "plural": plural, "version": VERSION,
        "verdict_words": lambda verdict: verdict_words(VERDICTS[verdict]), "link_to": lambda file: link_to(file, base)})

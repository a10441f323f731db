# SPDX-License-Identifier: GPL-2.0-or-later
"""Many results as one table: what each NIC, with its firmware, driver and kernel, was found to be, and what got worse when one
of these was updated."""

from __future__ import annotations

import argparse
import collections
import functools
import re
import sys
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import EXIT_CANNOT, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, VERSION, Failure, rules, shell, worst
from .command import style_list
from .files import why
from .inputs import Inputs, Skipped
from .result import SCHEMA, Result, Vf, needs_words
from .rules import IDENTITY, Identity
from .subject import verdict_words
from .text import Writer, clean, plural
from .words import SOURCES, STYLES, VERDICTS

PCI_IDS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")  # Debian's, Enterprise Linux's

# By their place in VERDICTS and SOURCES.
DEAF, SLOW, UNKNOWN, SAFE, NOT_APPLICABLE = map(VERDICTS.index, ("deaf", "slow", "unknown", "safe", "not-applicable"))
PROOFS = tuple(VERDICTS.index(verdict) for verdict in rules.PROVING)
WIRE = SOURCES.index(rules.WIRE)
BRIDGE, FIXES = "bridge", ("bridge+fdb", "static-bridge")  # that have a ladder; a pin has none
UNTRIED = f"no fix was tried, and {shell.about('nfprobe', 'PF', '--vf', 'any', '--style', BRIDGE, '--save')} tries them"
UPDATES = ("firmware", "driver_version", "kernel")


@functools.lru_cache(maxsize=None)
def version_key(version: str) -> Tuple[Any, ...]:
    """Sorts versions, the oldest first. Numbers count as such, and a release candidate ("6.12-rc3", or Debian's
    "6.12~rc3") is older than its release. As rpm(8) has it, the end is older than text, and text than a number."""
    key: List[Tuple[Any, ...]] = []
    for token in re.finditer(r"(~|-(?=rc[0-9]))|0[xX]0*(?=[0-9a-fA-F])([0-9a-fA-F]*)|0*([0-9]+)|(.)", version, re.DOTALL):
        candidate, digits_hex, digits, char = token.groups()
        if candidate:
            key.append((0,))
        elif digits_hex is not None:
            key.append((3, True, len(digits_hex), digits_hex.lower()))
        elif digits is not None:
            digits = digits.lstrip("0")
            key.append((3, False, len(digits), digits))
        else:
            key.append((2, char))
    return (*key, (1,)), version


# ---- what the table is made of ----

class Found(NamedTuple):
    """One style of one VF in one run, and where it says so. Empty texts are not known."""
    verdict: int
    host: str
    file: str
    run: str
    vf: int
    vlan: int
    start: str
    reason: str
    identity: Identity
    needs: str = ""  # "IPv6: set trustGuestRxFilters"
    ipv4_only: bool = False
    met: str = rules.YES  # what is required of it
    lost_vlan: int = 0  # in which a guest that tags its frames itself is lost, of which the verdict does not speak; 0: none
    untried: bool = False  # a bridge that is not safe, in a run that tried no fix of it


class Column(NamedTuple):
    """NICs filter by different rules with a VLAN tag and without one. The rules of all VLANs are alike."""
    style: int
    source: int  # len(SOURCES): the results do not name it
    tagged: bool

    def label(self) -> str:
        source = (*SOURCES, "unknown source")[self.source]
        return f"{STYLES[self.style]}, {source}{', VLAN' if self.tagged else ''}"


class Model(NamedTuple):
    vendor: int  # PCI ids; 0: not known
    device: int
    subsystem_vendor: int
    subsystem_device: int
    board_id: str


class Versions(NamedTuple):
    driver: str
    firmware: str
    driver_version: str
    kernel: str

    def of(self, update: str) -> Optional[str]:
        """None: not known. A driver that comes with the kernel has no version of its own, which is older than any."""
        version: str = getattr(self, update)
        if update == "driver_version" and version and version == self.kernel:
            return ""
        return version or None

    def driver_label(self) -> str:
        own = f" {self.driver_version}" if self.of("driver_version") else ""
        return f"{self.driver or 'unknown'}{own}"

    def label(self, updates: Sequence[str] = UPDATES) -> str:
        texts = {"firmware": f"firmware {self.firmware or 'unknown'}", "driver_version": self.driver_label(),
                 "kernel": f"Linux {self.kernel or 'unknown'}"}
        return ", ".join(texts[u] for u in UPDATES if u in updates)


class Before(NamedTuple):
    """The result that a cell is worse than: the same column before an update."""
    verdict: int
    versions: Versions
    changed: Tuple[str, ...]  # of UPDATES
    differences: List[Dict[str, Optional[str]]]


def differences(worst: Identity, best: Identity, leave_out: Sequence[str] = ()) -> List[Dict[str, Optional[str]]]:
    """Other known differences between the hosts of two results."""
    return [{"what": found.what, "worst": found.was or None, "best": found.now or None}
            for found in rules.differences(worst, best, leave_out)]


class Cell:
    def __init__(self) -> None:
        self.results: List[Found] = []
        self.before: List[Before] = []
        self.compared = False  # something older proves anything in its column

    def finish(self, column: Column, allow: Set[int]) -> None:
        kept: Dict[Tuple[str, int], Found] = {}
        for result in sorted(self.results):  # of differing verdicts on a VF in a run, the worst
            kept.setdefault((result.run, result.vf), result)
        self.results = list(kept.values())
        self.verdicts = collections.Counter(r.verdict for r in self.results)
        self.runs = len({r.run for r in self.results})
        self.hosts = len({r.host for r in self.results})
        self.verdict = self.results[0].verdict
        proofs = [r for r in self.results if r.verdict in PROOFS]
        self.proof = proofs[0].verdict if proofs else None
        self.conflict = bool(proofs) and proofs[0].verdict != proofs[-1].verdict
        self.differences = differences(proofs[0].identity, proofs[-1].identity) if self.conflict else []
        self.safe = self.is_safe(column, allow)
        self.needs = list(dict.fromkeys(r.needs for r in self.results if r.needs))
        self.lost_vlans = sorted({r.lost_vlan for r in self.results if r.lost_vlan})
        unsafe = [r.untried for r in self.results if r.verdict in PROOFS and r.verdict != SAFE]
        self.untried = UNTRIED if self.safe == "no" and unsafe and all(unsafe) else ""

    def proves(self) -> bool:
        return self.verdict in PROOFS

    def is_safe(self, column: Column, allow: Set[int]) -> str:
        """Any source can prove a NIC unsafe; only the wire can prove it safe."""
        doubts = set(self.verdicts) - allow - {SAFE, NOT_APPLICABLE}
        met = {result.met for result in self.results}
        if doubts & set(PROOFS) or rules.NO in met:
            return "no"
        applies = self.verdict != NOT_APPLICABLE
        return "yes" if column.source == WIRE and applies and not doubts and met == {rules.YES} else "unknown"


class Row:
    def __init__(self, model: Model, versions: Versions) -> None:
        self.model, self.versions = model, versions
        self.cells: Dict[Column, Cell] = collections.defaultdict(Cell)
        self.vendor_name = self.device_name = self.subsystem_name = ""
        self.worse = self.model_worse = False

    def model_label(self) -> str:
        if self.device_name:
            return f"{self.vendor_name} {self.device_name}"
        ids = f"PCI {self.model.vendor:04x}:{self.model.device:04x}"
        return f"{self.vendor_name} {ids}".strip() if self.model.vendor else "a NIC without PCI ids"

    def ids_label(self) -> str:
        model, parts = self.model, []
        if self.device_name:
            parts.append(f"{model.vendor:04x}:{model.device:04x}")
        if model.subsystem_vendor:
            name = f" ({self.subsystem_name})" if self.subsystem_name else ""
            parts.append(f"subsystem {model.subsystem_vendor:04x}:{model.subsystem_device:04x}{name}")
        if model.board_id:
            parts.append(f"board {model.board_id}")
        return ", ".join(parts)

    def style_is_safe(self, style: int, tagged: bool) -> str:
        """yes, no, unknown, or empty if it was not tested. A verdict that the wire has proved is not in doubt because another
        source cannot prove it."""
        cells = [(column, cell) for column, cell in self.cells.items()
                 if (column.style, column.tagged) == (style, tagged) and cell.verdict != NOT_APPLICABLE]
        if any(cell.safe == "no" for _, cell in cells):
            return "no"
        return next((cell.safe for column, cell in cells if column.source == WIRE), "unknown" if cells else "")


class Matrix:
    def __init__(self, require: Sequence[str] = (), gap_limit_ms: int = 0) -> None:
        """@require, @gap_limit_ms: of each style that is safe."""
        self.require, self.gap_limit_ms = require, gap_limit_ms
        self.rows: List[Row] = []
        self.skipped: List[Skipped] = []
        self.files = self.worse = self.conflicts = self.unproven = self.without = 0
        self.exit_status = EXIT_CANNOT
        self.hosts: Set[str] = set()
        self.runs: Set[str] = set()
        self.judged: Set[str] = set()  # the runs that have a verdict
        self.failed: Set[str] = set()  # runs that ended with an error, which that of their VF is, too
        self.row_of: Dict[Tuple[Model, Versions], Row] = {}
        self.identities: Dict[Tuple[Any, ...], Identity] = {}

    def add(self, result: Result) -> None:
        run, pf, vf = result.run.id or result.file, result.pf, result.vf  # a run that failed before it had an id is known nowhere else
        self.files += 1
        self.hosts.add(result.run.host)
        self.runs.add(run)
        if result.error:
            self.failed.add(run)
        if vf is None:
            return
        model = Model(pf.vendor, pf.device, pf.subsystem_vendor, pf.subsystem_device, pf.board_id)
        versions = Versions(pf.driver, pf.firmware, pf.driver_version, result.run.kernel)
        row = self.row_of.setdefault((model, versions), Row(model, versions))
        identity = rules.identity_of(pf, result.run.kernel, vf)
        # Many results share a setup.
        identity = self.identities.setdefault((tuple(identity.values.values()), identity.parts), identity)
        for column, found in verdicts_of(result, vf, run, identity, self.require, self.gap_limit_ms):
            row.cells[column].results.append(found)
            self.judged.add(run)

    def unread(self) -> int:
        return sum(not s.foreign for s in self.skipped)

    def name(self, text: str) -> None:
        """Names the rows by a text in the format of pci.ids(5). Unknown ids, and broken lines, stay nameless."""
        names = pci_names(text, {row.model for row in self.rows})
        for row in self.rows:
            ids = row.model[:4]
            row.vendor_name = names.get(ids[:1], "")
            row.device_name = names.get(ids[:2], "")
            row.subsystem_name = names.get(ids, "")

    # ---- all of it ----

    def finish(self, styles: Sequence[int], allow: Set[int]) -> None:
        for row in self.row_of.values():
            row.cells = {column: row.cells[column] for column in sorted(row.cells) if column.style in styles}
            for column, cell in row.cells.items():
                cell.finish(column, allow)
                self.conflicts += cell.conflict
        self.rows = [row for row in self.row_of.values() if row.cells]
        compare_updates(self.rows)
        self.put_worse_first()
        self.without = len(self.runs - (self.judged - self.failed))
        self.conclude()

    def put_worse_first(self) -> None:
        for row in self.rows:
            worse = sum(bool(cell.before) for cell in row.cells.values())
            self.worse += worse
            row.worse = worse > 0
        worse_models = {row.model for row in self.rows if row.worse}
        for update in reversed(UPDATES):
            self.rows.sort(key=lambda row: version_key(getattr(row.versions, update)), reverse=True)
        self.rows.sort(key=lambda row: (row.model not in worse_models, row.model, not row.worse, row.versions.driver))

    def conclude(self) -> None:
        unsafe = self.worse > 0
        unknown = not self.rows or self.unread() > 0 or self.without > 0
        for row in self.rows:
            answers = [row.style_is_safe(style, tagged) for style in range(len(STYLES)) for tagged in (False, True)]
            unsafe = unsafe or "no" in answers
            unknown = unknown or not any(answers)
            self.unproven += answers.count("unknown")
        if not self.files:
            self.exit_status = worst(skipped.status for skipped in self.skipped if not skipped.foreign)
        elif unsafe:
            self.exit_status = EXIT_UNSAFE
        else:
            self.exit_status = EXIT_UNKNOWN if unknown or self.unproven else EXIT_SAFE

    def models(self) -> Iterator[List[Row]]:
        """The rows of each model, in order."""
        rows: List[Row] = []
        for row in self.rows:
            if rows and rows[0].model != row.model:
                yield rows
                rows = []
            rows.append(row)
        if rows:
            yield rows

    def totals(self) -> str:
        texts = [f"{plural(len(self.runs), 'run')} on {plural(len(self.hosts), 'host')}"]
        if self.without:
            texts.append(f"{self.without} without a verdict")
        if self.unproven:
            texts.append(f"{plural(self.unproven, 'style')} not proven")
        if self.skipped:
            texts.append(f"{plural(len(self.skipped), 'file')} skipped")
        return ", ".join(texts)


def columns_of(rows: Sequence[Row]) -> List[Column]:
    return sorted({column for row in rows for column in row.cells})


# ---- a file ----

def tried_fix(vf: Vf) -> bool:
    return any(style.style in FIXES or (style.is_fix and style.verdict == VERDICTS[SAFE]) for style in vf.styles)


def verdicts_of(result: Result, vf: Vf, run: str, identity: Identity, require: Sequence[str], gap_limit_ms: int
                ) -> Iterator[Tuple[Column, Found]]:
    void = rules.void_reason(result)
    short = rules.hurry(result.settings.settle_ms or 0, result.settings.settle_short)
    source = SOURCES.index(result.source.kind) if result.source else len(SOURCES)
    for told in vf.styles:
        style = rules.untagged(result, told)
        verdict, reason = VERDICTS.index(style.verdict), style.reason
        # What a run does not prove is no more than unknown, whatever is required of it.
        unmet = rules.MET if void or verdict in (UNKNOWN, NOT_APPLICABLE) else rules.asked_of(result, style, require, gap_limit_ms)
        if verdict in PROOFS and void:
            verdict, reason = UNKNOWN, void
        elif verdict == SAFE and short:
            verdict, reason = UNKNOWN, short
        elif verdict == SAFE and unmet.safe != rules.YES:
            verdict = UNKNOWN if unmet.safe == rules.UNKNOWN else SLOW if unmet.option == rules.GAP_LIMIT else DEAF
            reason = unmet.why
        if style.is_fix and verdict != SAFE:  # a fix that does not help counts for nothing
            continue
        yield (Column(STYLES.index(style.style), source, vf.probed_vlan != 0),
               Found(verdict, result.run.host, result.file, run, vf.vf, vf.probed_vlan, result.run.start, sys.intern(reason), identity,
                     sys.intern(needs_words(result.conditions_of(style.style, inside=()))), result.is_ipv4_only(style.style), unmet.safe,
                     style.guest_vlan.vlan if style.guest_vlan and style is not told else 0,
                     style.style == BRIDGE and verdict in PROOFS and not tried_fix(vf)))


def pci_names(text: str, models: Set[Model]) -> Dict[Tuple[int, ...], str]:
    """The names of vendor, (vendor, device), and (vendor, device, subsystem vendor, subsystem device)."""
    wanted = {model[:length] for model in models for length in (1, 2, 4)}
    names: Dict[Tuple[int, ...], str] = {}
    at: Tuple[int, ...] = ()
    for line in text.split("\n"):
        match = re.match(r"(\t?\t?)([0-9a-fA-F]{4}) +(\S.*)", line)
        depth = len(match[1]) if match else line[:2].count("\t")
        if line.startswith("#") or not line.strip():
            continue
        at = at[:depth]
        ids, name = [int(match[2], 16)] if match else [], match[3] if match else ""
        if match and depth == 2:
            match = re.match(r"([0-9a-fA-F]{4}) +(\S.*)", name)
            ids, name = (ids + [int(match[1], 16)], match[2]) if match else ([], "")
        if not ids or len(at) != depth or (at and at not in wanted):
            continue
        if at + tuple(ids) in wanted:
            names[at + tuple(ids)] = clean(name)
        at += tuple(ids)
    return names


# ---- what got worse ----

# Rows that may be compared share a model, a driver, and the first of these updates; among them, the newest comes first
# by the others. An update of one thing says the most; of several at once, only what no such update explains.
SEQUENCES = ((("driver_version", "kernel", "firmware"), 2), (("firmware", "kernel", "driver_version"), 2),
             (("firmware", "driver_version", "kernel"), 2), (("firmware", "driver_version", "kernel"), 0))


def compare_updates(rows: List[Row]) -> None:
    for order, shared in SEQUENCES:
        groups: Dict[Tuple[Any, ...], List[Row]] = collections.defaultdict(list)
        for row in rows:
            groups[(row.model, row.versions.driver, *map(row.versions.of, order[:shared]))].append(row)
        for group in groups.values():
            if not group[0].versions.driver:
                continue
            for update in reversed(order):
                group.sort(key=functools.partial(newest_key, update), reverse=True)
            for i, row in enumerate(group):
                for column, cell in row.cells.items():
                    if cell.proof is not None and (shared or not cell.compared):
                        compare_cell(column, cell, row, group[i + 1:], order)


def newest_key(update: str, row: Row) -> Tuple[Any, ...]:
    version = row.versions.of(update)
    return version is not None, version_key(version or "")


def compare_cell(column: Column, cell: Cell, row: Row, older: List[Row], order: Sequence[str]) -> None:
    """Compares a cell with that of the nearest older row that proves anything in its column."""
    for other in older:
        changed = [u for u in order if row.versions.of(u) != other.versions.of(u)]
        old = other.cells.get(column)
        # An unknown version is neither older nor newer.
        if not changed or old is None or old.proof is None or cell.proof is None or \
                None in (row.versions.of(changed[0]), other.versions.of(changed[0])):
            continue
        cell.compared = True
        if cell.proof < old.proof:
            then = next(r for r in old.results if r.verdict == old.proof)
            leave_out = (*UPDATES, *(("firmware_versions",) if "firmware" in changed else ()))
            cell.before.append(Before(old.proof, other.versions, tuple(u for u in UPDATES if u in changed),
                                      differences(cell.results[0].identity, then.identity, leave_out)))
        return


# ---- words ----

def cell_verdict(cell: Cell) -> Tuple[str, str]:
    """The words, and their colour."""
    if cell.verdict == SAFE and cell.safe != "yes":
        return "SAFE (not proven)", "unsure"
    allowed = cell.safe != "no" if cell.verdict in PROOFS else cell.safe == "yes"
    return verdict_words(VERDICTS[cell.verdict], allowed and cell.verdict != NOT_APPLICABLE, cell.results[0].ipv4_only)


def cell_words(cell: Cell) -> Tuple[str, str]:
    """"EARLY (allowed) 12/3, worse"."""
    words, colour = cell_verdict(cell)
    words += f"{'*' if cell.needs else ''} {cell.runs}/{cell.hosts}"
    if cell.proof is not None and not cell.proves():
        words += f", else {verdict_words(VERDICTS[cell.proof])[0]}"
    return words + (", worse" if cell.before else "") + (", disagree" if cell.conflict else ""), colour


def difference_words(found: List[Dict[str, Optional[str]]], first: str, other: str) -> str:
    texts = [f"{IDENTITY[d['what'] or '']} {d['worst'] or 'none'} ({other} {d['best'] or 'none'})" for d in found]
    return first + ", ".join(texts) if texts else ""


def worse_notes(row: Row) -> Iterator[str]:
    for column, cell in row.cells.items():
        for before in cell.before:
            same = row.versions.label([u for u in UPDATES if u not in before.changed])
            reason = cell.results[0].reason
            yield (f"{same}{', ' if same else ''}{column.label()}: {verdict_words(VERDICTS[before.verdict])[0]} with "
                   f"{before.versions.label(before.changed)}, {verdict_words(VERDICTS[cell.verdict])[0]} with "
                   f"{row.versions.label(before.changed)}{difference_words(before.differences, ', ', 'then')}"
                   f"{': ' if reason else ''}{reason}")


def conflict_notes(row: Row) -> Iterator[str]:
    for column, cell in row.cells.items():
        if cell.conflict:
            counts = ", ".join(f"{cell.verdicts[v]} {verdict_words(VERDICTS[v])[0]}" for v in sorted(cell.verdicts))
            worst = cell.results[0]
            yield (f"{row.versions.label()}, {column.label()}: {counts}; the worst is VF {worst.vf} of "
                   f"{worst.host or 'an unknown host'}, {worst.file}"
                   f"{difference_words(cell.differences, ', which has ', 'the best:')}")


class Notes(NamedTuple):
    title: str
    colour: str
    lines: List[Tuple[str, str]]  # the model, and what is said of it


def notes_of(matrix: Matrix) -> List[Notes]:
    kinds = (("Got worse", "bad", worse_notes), ("Runs disagree", "unsure", conflict_notes))
    found = [Notes(title, colour, [(row.model_label(), note) for row in matrix.rows for note in notes(row)])
             for title, colour, notes in kinds]
    return [notes for notes in found if notes.lines]


def heads_of(row: Row) -> Tuple[str, str, str]:
    return row.versions.firmware or "unknown", row.versions.driver_label(), row.versions.kernel or "unknown"


HEADINGS = ("firmware", "driver", "kernel")  # of heads_of()


# ---- text ----

def print_notes(writer: Writer, matrix: Matrix, quiet: bool) -> None:
    """@quiet: only what got worse."""
    for notes in notes_of(matrix):
        if notes.colour == "bad" or not quiet:
            writer.painted((f"{notes.title}:", notes.colour))
            for model, note in notes.lines:
                writer.line(f"{model}, {note}", 4, ("  ", ""))
            writer.painted()


def footnotes(rows: List[Row]) -> List[str]:
    """Says what the cells with a star need, of which guests no cell speaks, and how a fix is tried."""
    cells = [(column, row.cells[column]) for column in columns_of(rows) for row in rows if column in row.cells]
    lost = [(column, vlan) for column, cell in cells for vlan in cell.lost_vlans]
    return [*dict.fromkeys(f"* {column.label()} needs: {needs}" for column, cell in cells for needs in cell.needs),
            *dict.fromkeys(f"{column.label()}: a guest that tags its frames itself is lost in VLAN {vlan}" for column, vlan in lost),
            *dict.fromkeys(f"{column.label()}: {cell.untried}" for column, cell in cells if cell.untried)]


def print_model(writer: Writer, rows: List[Row]) -> None:
    """The rows of a model as a table; each as a list where the terminal is too narrow, since no verdict may stand below
    another heading."""
    columns = columns_of(rows)
    grid = [[(text, "") for text in (*HEADINGS, *(column.label() for column in columns))]]
    for row in rows:
        cells = (cell_words(row.cells[column]) if column in row.cells else ("-", "") for column in columns)
        grid.append([*((text, "") for text in heads_of(row)), *cells])
    widths = [max(len(line[i][0]) for line in grid) for i in range(len(grid[0]))]
    if not writer.columns or 2 * len(widths) + sum(widths) <= writer.columns:
        for line in grid:
            parts = ((("  ", ""), (text, colour), (" " * (width - len(text)), ""))
                     for (text, colour), width in zip(line, widths))
            writer.painted(*(part for three in parts for part in three))
        return
    for row in rows:
        writer.line(row.versions.label(), 4, ("  ", ""))
        for column, cell in row.cells.items():
            writer.painted((f"    {column.label()}: ", ""), cell_words(cell))


def write_text(matrix: Matrix, writer: Writer, quiet: bool = False, verbose: bool = False) -> None:
    print_notes(writer, matrix, quiet)
    for rows in matrix.models():
        label, ids = rows[0].model_label(), rows[0].ids_label()
        if writer.columns and len(label) + 2 + len(ids) > writer.columns:
            writer.painted((label, "bold"))
            writer.line(ids, 4, ("  ", ""))
        else:
            writer.painted((label, "bold"), (f"  {ids}", ""))
        print_model(writer, rows)
        for line in footnotes(rows):
            writer.line(line, 4, ("  ", ""))
        for row, column, r in results_of(rows if verbose else []):
            writer.line(f"{row.versions.firmware or 'unknown'}, {column.label()}: {verdict_words(VERDICTS[r.verdict])[0]}, "
                        f"{r.host or 'unknown'} VF {r.vf}, {r.start or 'unknown time'}, {r.file}", 6, ("    ", ""))
        writer.painted()
    if not quiet:
        writer.line(f"{matrix.totals()}; in the table: runs/hosts")


def results_of(rows: List[Row]) -> Iterator[Tuple[Row, Column, Found]]:
    for row in rows:
        for column, cell in row.cells.items():
            for result in cell.results:
                yield row, column, result


# ---- JSON ----

def cell_json(column: Column, cell: Cell) -> Dict[str, Any]:
    return {
        "style": STYLES[column.style], "source": (*SOURCES, None)[column.source], "tagged": column.tagged,
        "verdict": VERDICTS[cell.verdict], "safe": cell.safe, "runs": cell.runs, "hosts": cell.hosts,
        "verdicts": {VERDICTS[v]: cell.verdicts[v] for v in sorted(cell.verdicts)},
        "conflict": cell.conflict, "differences": cell.differences,
        "worse_than": [{"verdict": VERDICTS[b.verdict], **{u: getattr(b.versions, u) or None for u in UPDATES},
                        "changed": b.changed, "differences": b.differences} for b in cell.before],
        "results": [{"file": clean(r.file), "host": r.host or None, "start": r.start or None, "vf": r.vf, "vlan": r.vlan,
                     "verdict": VERDICTS[r.verdict], "reason": r.reason or None,
                     "needs": r.needs or None, "lost_vlan": r.lost_vlan or None} for r in cell.results],
    }


def row_json(row: Row) -> Dict[str, Any]:
    ids = {key: f"0x{value:04x}" if value else None for key, value in zip(Model._fields[:4], row.model[:4])}
    names = {key: getattr(row, key) or None for key in ("vendor_name", "device_name", "subsystem_name")}
    versions = {key: getattr(row.versions, key) or None for key in ("firmware", "driver", "driver_version", "kernel")}
    return {**ids, "board_id": row.model.board_id or None, **names, **versions,
            "cells": [cell_json(column, cell) for column, cell in row.cells.items()]}


def as_json(matrix: Matrix, error: Optional[Failure]) -> Dict[str, Any]:
    return {"schema": SCHEMA, "version": VERSION, "rows": [row_json(row) for row in matrix.rows],
            "skipped": [{"file": clean(s.file), "why": s.why, "foreign": s.foreign} for s in matrix.skipped],
            "files": matrix.files, "runs": len(matrix.runs), "hosts": len(matrix.hosts),
            "without_verdict": matrix.without, "worse": matrix.worse, "conflicts": matrix.conflicts,
            "unproven": matrix.unproven, "exit": error.status if error else matrix.exit_status,
            **({"error": error.as_json()} if error else {})}


# ---- files ----

def read_names(matrix: Matrix) -> None:
    for path in PCI_IDS:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                matrix.name(file.read(16 << 20))
            return
        except FileNotFoundError:
            continue
        except OSError as error:
            matrix.skipped.append(Skipped(path, why(error), True))
            return


# ---- the command ----

def split_list(text: str) -> Set[int]:
    numbers = set()
    for word in text.lower().split(","):
        if word not in rules.PROVING or word == "safe":
            why = ": what is not known cannot be allowed" if word == "unknown" else ""
            raise argparse.ArgumentTypeError(f"{clean(word)!r} is not possible{why}: it takes early, refused, deaf, sticky and slow, with "
                                             "commas between them")
        numbers.add(VERDICTS.index(word))
    return numbers


def style_numbers(text: str) -> Sequence[int]:
    return [STYLES.index(name) for name in style_list(text)]


def error_of(matrix: Matrix) -> Optional[Failure]:
    """Why there is no table."""
    if matrix.files:
        return None
    return Failure("no result could be read", status=matrix.exit_status, hint="" if matrix.exit_status == EXIT_UNKNOWN else
                   "It takes what nfprobe --json and --save have written, and in folders every file whose name ends in .json.")


def matrix_of(inputs: Inputs, styles: Sequence[int], allow: Set[int], require: Sequence[str], gap_limit_ms: int) -> Matrix:
    matrix = Matrix(require, gap_limit_ms)
    for result in inputs:
        matrix.add(result)
    matrix.skipped = inputs.skipped
    matrix.finish(styles, allow)
    read_names(matrix)
    return matrix

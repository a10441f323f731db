# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as labels for Kubernetes' Node Feature Discovery, which describe one host, as metrics do, and have one place for each
VF and style: of several results, the newest counts."""

from __future__ import annotations

import re
import time
from typing import BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from . import VERSION, Failure, worst
from .audit import Audit, answer_of
from .result import needs_words
from .rules import DAY_MS, not_now, order_of, untagged, unix_ms
from .subject import Entry, Outage, Subject, outage_of, time_text
from .text import clean, harmless
from .words import STYLES, VERDICTS


class Kept(NamedTuple):
    """An entry without its ladder, which is nine tenths of it."""
    entry: Entry
    outages: Tuple[Tuple[str, Outage], ...]  # by receiver


class Port(NamedTuple):
    """All subjects of a PF as one."""
    subject: Subject  # the newest
    entries: Dict[Tuple[int, str, str, str], Kept]  # the newest of each VF, style and source
    exit_status: int  # the worst
    restored: bool


def entry_key(entry: Entry) -> Tuple[int, str, str, str]:
    source = entry.result.source
    return entry.vf.vf, entry.style.style, source.name if source else "", source.kind if source else ""


def keep(entry: Entry) -> Kept:
    outages = ((name, outage_of(entry.style, receiver)) for receiver, name in (("pf", "standby"), ("vf", "vf")))
    style = untagged(entry.result, entry.style)._replace(steps=(), transitions=())
    vf = entry.vf._replace(styles=())
    conditions = entry.result.conditions_of(style.style, inside=())  # the label is of guests without a VLAN of their own
    return Kept(Entry(entry.result._replace(vf=None, conditions=conditions), vf, style, entry.stale, entry.taken),
                tuple([(name, outage) for name, outage in outages if outage]))


def merge(subjects: Iterable[Subject]) -> List[Port]:
    hosts: Dict[str, None] = {}
    ports: Dict[Tuple[str, str], Port] = {}
    for subject in subjects:
        if subject.result.run.host:
            hosts[subject.result.run.host] = None
        if len(hosts) > 1:
            names = " and ".join(map(clean, hosts))
            raise Failure(f"the results are of several hosts ({names}), and this format describes one")
        key = (subject.ifname, subject.parentdev)
        ports[key] = add(ports.get(key), subject)
    return [ports[key] for key in sorted(ports)]


def began_ms(subject: Subject) -> int:
    return unix_ms(subject.result.run.start)


def add(port: Optional[Port], subject: Subject) -> Port:
    entries = {entry_key(entry): keep(entry) for entry in subject.entries}
    head = subject._replace(entries=(), result=subject.result._replace(vf=None))
    if port is None:
        return Port(head, entries, subject.exit_status, subject.restored)
    status = worst((port.exit_status, subject.exit_status))
    newer = order_of(subject.result) >= order_of(port.subject.result)
    for entry, kept in entries.items():
        old = port.entries.get(entry)
        if old is None or order_of(old.entry.result) <= order_of(kept.entry.result):
            port.entries[entry] = kept
    return Port(head if newer else port.subject, port.entries, status, port.restored and subject.restored)


# ---- a feature file of Node Feature Discovery (its source/local/local.go); labels as in Kubernetes' apimachinery ----

PREFIX = "feature.node.kubernetes.io/nfprobe."
EXPIRY_MS = 30 * DAY_MS  # the labels of a file whose host is probed no more go away
ROUNDS = 3  # a writer that has missed so many is dead
AUDIT_EXPIRY_MS = 15 * 60_000  # and so do those of an audit, which is of one moment: three rounds of the DaemonSet
VALUE_CHARS = 63
# Verdicts of labels and metrics alone: of a style that --allow no-wire has made safe, and of a bridge that is safe for guests that are
# pinned, and loses others for a time. Whoever selects "safe" has seen to neither.
NO_WIRE, IF_PINNED = "safe-by-no-wire", "safe-if-pinned"
FITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def mangle(name: str) -> str:
    """The part of a label that is a name. With the words around it, it is within 63 characters, and neither begins nor ends
    the label."""
    return "".join(char if char in FITS else "_" for char in name)[:15]


def port_lines(port: Port) -> Iterator[str]:
    subject, name = port.subject, mangle(port.subject.ifname)
    yield from (f"# no label: {clean(text)}" for text in subject.unstored)
    if subject.error:
        yield f"# no label: {clean(subject.error.message)}"
    elif not port.restored:
        yield "# no label: the host could not be restored"
    elif is_labelled(port):
        if name != subject.ifname:
            yield f"# {clean(subject.ifname)} is not valid in a label, which names it {name}"
        yield from label_lines(port, name)


def label_lines(port: Port, name: str) -> Iterator[str]:
    for style in STYLES:
        entries = [kept.entry for kept in port.entries.values() if kept.entry.style.style == style]
        stale = next((entry.stale for entry in entries if entry.stale), "")
        counted = [entry for entry in entries if entry.counts]
        # The wire has proved it; that another source cannot is no doubt of that.
        verdicts = [VERDICTS.index(entry.style.verdict) for entry in counted if not entry.doubt]
        doubt = next((entry.doubt for entry in counted if entry.doubt), "")
        # No label is better than one that may be wrong: a scheduler cannot ask why.
        impossible = next((entry.style.reason for entry in entries if entry.impossible), "")
        if stale:
            yield f"# no label: {style}: {clean(stale)}"
        elif verdicts:
            yield f"{PREFIX}{name}.{mangle(style)}={label_of(VERDICTS[min(verdicts)], counted)}"
            yield from needs_lines(f"{PREFIX}{name}.{mangle(style)}.needs", [entry for entry in counted if not entry.doubt])
            vlans = {vlan.vlan for vlan in (entry.style.guest_vlan for entry in counted) if vlan and vlan.verdict == "lost"}
            yield from (f"{PREFIX}{name}.{mangle(style)}.vlan{vlan}=lost" for vlan in sorted(vlans))
        elif doubt or impossible:
            yield f"# no label: {style}: {clean(doubt or impossible)}"
        yield from (f"# {style}: {not_now(entry.taken)}" for entry in counted[:1] if entry.taken)


def label_of(verdict: str, counted: List[Entry]) -> str:
    """The weakest of several VFs, each of which the wire has proved, or a request."""
    proved = {entry.vf.vf for entry in counted if not entry.doubt and not entry.by_no_wire}
    asked = {entry.vf.vf for entry in counted if entry.by_no_wire}
    if verdict != "safe":
        return verdict
    return NO_WIRE if asked - proved else IF_PINNED if any(entry.gap_ms for entry in counted if not entry.doubt) else verdict


CODE = re.compile("[a-z][a-z-]*[a-z]")


def needs_lines(label: str, entries: List[Entry]) -> Iterator[str]:
    """The conditions: their codes, as many as a label holds; and in words."""
    conditions = [one for entry in entries for one in entry.conditions]
    codes = list(dict.fromkeys(one.code if CODE.fullmatch(one.code) else "other" for one in conditions))
    while len(".".join(codes)) > VALUE_CHARS:
        codes = [*codes[:-2], "more"]
    if codes:
        yield f"# needs: {clean(needs_words(conditions))}"
        yield f"{label}={'.'.join(codes)}"


def oldest_ms(ports: List[Port]) -> int:
    """The start of the oldest result that gives a label."""
    return min((unix_ms(entry.result.run.start) for port in ports if is_labelled(port)
                for entry, _ in port.entries.values() if not entry.stale),
               default=min((began_ms(port.subject) for port in ports if is_labelled(port)), default=0))


def is_labelled(port: Port) -> bool:
    return bool(port.entries) and port.restored and not port.subject.error


def write_nfd(subjects: Iterable[Subject], out: BinaryIO, every_ms: int = 0) -> None:
    """@every_ms: what is stored is written again so often, so that labels expire because nobody does any more; 0: it is of files, and
    labels expire because the run is too long ago."""
    ports = merge(subjects)
    lines = [f"# written by nfprobe {VERSION}"]
    for port in ports:
        if is_labelled(port):  # a directive counts from where it is on: each PF has its own
            until = now_ms() + ROUNDS * every_ms if every_ms else oldest_ms([port]) + EXPIRY_MS
            lines.append(f"# +expiry-time={time_text(until)}Z")
        lines += port_lines(port)
    out.write("".join(f"{harmless(line)}\n" for line in lines).encode())


def now_ms() -> int:
    return int(time.time() * 1000)


def write_audit(audit: Audit, out: BinaryIO) -> None:
    """A label for each PF. Whoever audits again writes it again in time."""
    lines = [f"# written by nfprobe {VERSION}", f"# +expiry-time={time_text(now_ms() + AUDIT_EXPIRY_MS)}Z",
             *(f"{PREFIX}{mangle(pf.ifname)}.audit={answer_of(audit, pf.ifname)}" for pf in audit.pfs)]
    out.write("".join(f"{harmless(line)}\n" for line in lines).encode())

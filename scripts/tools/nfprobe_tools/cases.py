# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as test suites, as CI systems have them: a suite for each style, with a case for each step and one for the verdict;
written as JUnit's XML. Suites are written one by one to a file beside the output, which begins with their number,
so that memory does not grow with it."""

from __future__ import annotations

import re
import secrets
import tempfile
from typing import IO, BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set
from xml.etree import ElementTree

from .result import KINDS, Count, Error, Step, Vf, needs_words
from .rules import unix_ms
from .subject import Entry, Subject, ipv6_words, time_text, unfit_words
from .text import harmless
from .words import EXPECTED

PASSED, FAILED, ERROR, SKIPPED, EXCUSED = range(5)
SPOOL_BYTES = 16 << 20


class Hosts:
    """The hosts of all results, which are part of a name as soon as there are two: CI systems tell tests by their names alone. Whether
    there are is known when all is written, to a file beside the output; until then a mark that nobody can guess encloses each."""

    def __init__(self) -> None:
        self.seen: Set[str] = set()
        self.token = secrets.token_hex(8)
        self.found = re.compile(f"{self.token}(.*?){self.token}".encode())

    def mark(self, host: str, between: str) -> str:
        self.seen.add(host)
        return f"{self.token}{host}{between}{self.token}" if host else ""

    def copy(self, spool: IO[bytes], out: BinaryIO) -> None:
        spool.seek(0)
        for line in spool:
            out.write(self.found.sub(rb"\1" if len(self.seen) > 1 else b"", line))


class Case(NamedTuple):
    name: str
    outcome: int
    type: str
    message: str
    output: str = ""
    step: Optional[Step] = None


class Suite(NamedTuple):
    subject: Subject
    vf: Optional[Vf]
    entry: Optional[Entry]
    cases: List[Case]

    def name(self, hosts: Hosts, between: str = " ", vf: str = "VF ") -> str:
        result = self.entry.result if self.entry else self.subject.result
        parts = [hosts.mark(result.run.host, between) + (self.subject.ifname or "nfprobe")]
        if self.vf:
            parts.append(f"{vf}{self.vf.vf}")
            parts += [f"VLAN{vf[2:]}{result.vf.probed_vlan}"] if result.vf and result.vf.probed_vlan else []
        if self.entry:
            parts.append(self.entry.style.style)
        return between.join(parts)


# ---- cases ----

def excuse_of(entry: Entry) -> str:
    """Why a failure of this style is accepted, in one word; empty: it is not."""
    if entry.verdict in ("safe", "not-applicable"):
        return ""
    return "allowed" if entry.style.allowed else "fix" if entry.style.is_fix else ""


def landing_words(step: Step) -> str:
    unfit = unfit_words(step)
    words = (f"{unfit}{': ' if unfit else ''}unicast lands {step.unicast.landing or 'none'}, "
             f"broadcast {step.broadcast.landing or 'none'}")
    if step.multicast.landing:
        words += f", multicast {step.multicast.landing}"
    return words + (f"; {step.note}" if step.note else "")


def step_case(step: Step, excuse: str) -> Case:
    if step.status == "done":
        outcome = {"no": FAILED, "yes": PASSED, "unknown": ERROR}[step.fit] if step.step in EXPECTED else PASSED
        kind, message = "landing", landing_words(step)
    else:
        outcome = SKIPPED if step.status == "skipped" else ERROR
        kind, message = step.status, step.note or step.status
    if excuse and outcome in (FAILED, ERROR):
        outcome, kind = EXCUSED, excuse
    return Case(step.step, outcome, kind, message, "", step)


VERDICT_OUTCOMES = {"safe": PASSED, "not-applicable": SKIPPED, "unknown": ERROR}


def style_cases(entry: Entry) -> List[Case]:
    style, excuse = entry.style, "" if entry.stale else excuse_of(entry)
    outcome, kind = VERDICT_OUTCOMES.get(style.verdict, FAILED), style.verdict
    message, needs = style.verdict, needs_words(entry.conditions)
    if entry.stale:
        outcome, kind, message = ERROR, "stale", f"{entry.stale}; it was {style.verdict}"
    elif entry.doubt:
        outcome, kind, message = ERROR, "unproven", f"{style.verdict}, which proves nothing: {entry.doubt}"
    if excuse:
        outcome, message = EXCUSED, f"{message} ({excuse})"
    message += f": {style.reason}" if style.reason else ""
    message += "; IPv4 only" if entry.ipv4_only else ""
    output = "; ".join(filter(None, (entry.by_no_wire, f"needs: {needs}" if needs else "", ipv6_words(style))))
    return [*(step_case(step, excuse) for step in style.steps), Case("verdict", outcome, kind, message, output)]


NOT_RESTORED = Error("restore", "the host could not be put back as it was", "")


def error_case(subject: Subject, vf: Optional[Vf]) -> Case:
    """The error of a VF or of the run. A VF that was in use, and not named, is skipped."""
    error = (vf.error if vf else subject.error) or NOT_RESTORED
    skipped = vf is not None and vf.status == "in-use" and subject.exit_status != 4
    return Case("probe" if vf else "run", SKIPPED if skipped else ERROR, error.code,
                error.message + (f": {error.hint}" if error.hint else ""))


def suites_of(subject: Subject) -> Iterator[Suite]:
    if subject.error or not subject.restored:
        yield Suite(subject, None, None, [error_case(subject, None)])
    if subject.unstored:
        yield Suite(subject, None, None, [Case("stored", ERROR, "not-stored", "; ".join(subject.unstored))])
    for vf in subject.vfs():
        if vf.error:
            yield Suite(subject, vf, None, [error_case(subject, vf)])
        for entry in subject.of_vf(vf.vf):
            yield Suite(subject, vf, entry, style_cases(entry))


def count_words(kind: str, count: Count) -> str:
    return (f"{kind.replace('_', '-')}: {count.sent} sent, PF {count.pf}, VF {count.vf}, both {count.both}, lost {count.lost}, "
            f"duplicates {count.duplicates}")


def counts_of(step: Step) -> List[str]:
    return [count_words(kind, getattr(step.frames, kind)) for kind in KINDS if getattr(step.frames, kind).sent]


# ---- JUnit: the format has no standard; this is what Jenkins' junit-10.xsd and Maven's surefire have in common ----

ELEMENTS = {FAILED: "failure", ERROR: "error", SKIPPED: "skipped", EXCUSED: "skipped"}


def properties_of(suite: Suite) -> Dict[str, str]:
    subject, entry = suite.subject, suite.entry
    result = entry.result if entry else subject.result
    found = {"version": result.version, "kernel": result.run.kernel, "driver": result.pf.driver,
             "driver_version": result.pf.driver_version, "firmware": result.pf.firmware, "parentdev": subject.parentdev,
             "from": result.source.name if result.source else result.settings.source,
             "source": result.source.kind if result.source else ""}
    found.update(answer=result.answer, failover=result.failover.answer if result.failover else "")
    if suite.vf:
        found.update(vf_driver=suite.vf.driver, vf_parentdev=suite.vf.parentdev)
    if entry:
        found.update(conditions=needs_words(entry.conditions), multicast=entry.style.multicast,
                     multicast_note=entry.style.multicast_note)
    return {name: value for name, value in found.items() if value}


def seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}"


def case_element(suite: Suite, case: Case, hosts: Hosts) -> ElementTree.Element:
    element = ElementTree.Element("testcase", name=case.name, classname=suite.name(hosts, ".", "VF"),
                                  time=seconds(case.step.duration_ms if case.step else 0))
    if case.outcome in ELEMENTS:
        found = ElementTree.SubElement(element, ELEMENTS[case.outcome], type=case.type, message=case.message)
        # Some CI systems show the text alone.
        counts = counts_of(case.step) if case.step and case.step.status == "done" else []
        found.text = "".join(f"{line}\n" for line in [case.message, *counts])
    if case.output:
        ElementTree.SubElement(element, "system-out").text = case.output
    return element


def suite_element(suite: Suite, hosts: Hosts) -> ElementTree.Element:
    outcomes = [case.outcome for case in suite.cases]
    duration = sum(case.step.duration_ms for case in suite.cases if case.step)
    element = ElementTree.Element("testsuite", {
        "name": suite.name(hosts), "tests": str(len(outcomes)), "failures": str(outcomes.count(FAILED)),
        "errors": str(outcomes.count(ERROR)), "time": seconds(duration),
        "skipped": str(outcomes.count(SKIPPED) + outcomes.count(EXCUSED))})
    result = suite.entry.result if suite.entry else suite.subject.result
    steps = suite.entry.style.steps if suite.entry else ()
    begin = unix_ms(result.run.start)
    if begin:  # in UTC, without a zone, as the format has it
        element.set("timestamp", time_text(begin + (steps[0].start_ms if steps else 0)))
    if result.run.host:
        element.set("hostname", result.run.host)
    properties = ElementTree.SubElement(element, "properties")
    for name, value in properties_of(suite).items():
        ElementTree.SubElement(properties, "property", name=name, value=value)
    element.extend(case_element(suite, case, hosts) for case in suite.cases)
    return element


def xml_of(element: ElementTree.Element, level: int = 0) -> bytes:
    ElementTree.indent(element, level=level)
    return harmless(ElementTree.tostring(element, encoding="unicode"), "&#{};").encode()


def write_junit(subjects: Iterable[Subject], out: BinaryIO) -> None:
    tests = failures = errors = duration = 0
    hosts = Hosts()
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
        for subject in subjects:
            duration += subject.result.run.duration_ms
            for suite in suites_of(subject):
                outcomes = [case.outcome for case in suite.cases]
                tests, failures, errors = (tests + len(outcomes), failures + outcomes.count(FAILED),
                                           errors + outcomes.count(ERROR))
                spool.write(b"  " + xml_of(suite_element(suite, hosts), 1) + b"\n")
        head = f'name="nfprobe" tests="{tests}" failures="{failures}" errors="{errors}" time="{seconds(duration)}"'
        out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {head}>\n'.encode())
        hosts.copy(spool, out)
    out.write(b"</testsuites>\n")

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-check --audit: what `nfprobe --audit` finds, with what the libvirt hook knows of it."""

from __future__ import annotations

import importlib
import os
import xml.etree.ElementTree as ElementTree
from typing import Annotated, Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from . import EXIT_CANNOT, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, VERSION, Failure, shell
from .document import Key, record
from .guests import Guest
from .host import INSTALLED, SBIN, ask_json, find_nfprobe, load_document, read_document
from .result import MINOR, SCHEMA, Commands, Error, Write, command_lines
from .text import Writer, clean

HOOK = "nfprobe-libvirt-hook"
GUESTS = "/run/libvirt/qemu"  # an XML file for each that runs
GUEST_BYTES = 8 << 20
TEXT_AT = 18


class Named(NamedTuple):
    """A function that a finding names."""
    vf: Optional[int]
    ifname: Optional[str]
    netns: Optional[str]
    user: Optional[str]


class Finding(NamedTuple):
    code: str
    remark: bool
    pf: str
    parentdev: Optional[str]
    functions: Tuple[Named, ...]
    address: Optional[str]
    vlan: Optional[int]
    what: str
    why: str
    in_doubt: bool
    commands: Commands
    after: Optional[str]
    accepted: bool = False


class Unread(NamedTuple):
    pf: Optional[str]
    what: str
    needs: Optional[str]


class Audited(NamedTuple):
    ifname: str
    parentdev: Optional[str]


class Audit(NamedTuple):
    schema: int
    version: str
    pfs: Tuple[Audited, ...]
    findings: Tuple[Finding, ...]
    unread: Tuple[Unread, ...]
    unasked: Tuple[str, ...]
    exit_status: Annotated[int, Key(name="exit")]
    error: Optional[Error] = None
    guests: Tuple[Guest, ...] = ()


any_audit = record(Audit)


def ask(names: Sequence[str], accept: Sequence[str] = ()) -> Audit:
    """Runs `nfprobe --audit`, and returns what it says. Raises Failure."""
    nfprobe = find_nfprobe()
    accepted = [f"--accept={one}" for one in accept]
    said = ask_json([nfprobe, "--audit", "--json", *accepted, "--", *names])
    audit: Audit = read_document(any_audit, said, f"what {nfprobe} --audit --json said")
    return audit


def load_audit(path: str) -> Audit:
    """Reads what --audit --json wrote to a file. Raises Failure."""
    audit: Audit = load_document(any_audit, path, clean(path))
    return audit


CODES = ("same-address", "idle-address", "bridge-filter", "macvtap-groups", "vlan-netdev", "interrupted-run", "being-probed",
         "vf-address", "vf-link", "filter-left", "bridge-learned", "local-entry", "vf-bridge-port", "bond-backup",
         "left-settings", "vepa", "mtu", "lag", "not-forwarding", "stp-delay", "bridge-snoops", "bridge-netfilter",
         "teaming-unproven", "no-pair")


def numbers(audit: Audit, remarks: bool = False) -> Iterator[Tuple[str, str, int]]:
    """(netdev of the PF, code, how many findings), or how many remarks."""
    for pf in audit.pfs:
        for code in CODES:
            yield pf.ifname, code, sum(finding.pf == pf.ifname and finding.code == code and finding.remark == remarks
                                       for finding in audit.findings if not finding.accepted)


def answer_of(audit: Audit, ifname: str) -> str:
    """One word about a PF."""
    if any(number for pf, _, number in numbers(audit) if pf == ifname):
        return "found"
    return "unknown" if any(unread.pf in (None, ifname) for unread in audit.unread) else "ok"


# ---- what the libvirt hook knows ----

def hook_path() -> str:
    """Empty: it is not installed."""
    here = os.path.dirname(os.path.realpath(__file__))
    own = [here[:-len(INSTALLED)] + "/sbin"] if here.endswith(INSTALLED) else []
    return next((path for path in (f"{folder}/{HOOK}" for folder in (*own, *SBIN)) if os.path.exists(path)), "")


def load_hook(path: str) -> Any:
    """Returns the module of the hook that is installed at @path."""
    del path
    return importlib.import_module("nfprobe_tools.hook")


def domains() -> Iterator[Tuple[str, ElementTree.Element]]:
    """Each guest that runs, with its XML. Raises OSError, ParseError."""
    for name in sorted(os.listdir(GUESTS)):
        if name.endswith(".xml"):
            with open(f"{GUESTS}/{name}", "rb") as file:
                domain = ElementTree.fromstring(file.read(GUEST_BYTES)).find("domain")
            if domain is not None:
                yield domain.findtext("name", name[:-4]), domain


def unproven(hook: Any, guest: str, pair: Any) -> Optional[Finding]:
    try:
        style, safe, why = hook.judge(pair, now=False)[:3]  # what stops now is nfprobe's to say
    except hook.Failed as error:
        style, safe, why = None, "unknown", str(error)
    if safe in ("yes", ""):
        return None
    if safe == "no" and not style:
        return Finding("no-pair", False, clean(pair.netdev or pair.pf), pair.pf, (), clean(pair.standby.mac) or None, None,
                       clean(f"guest {guest} has two NICs that are no pair: {why}"),
                       "the guest does not pair them, or is cut off once its VF has gone", False, (), None)
    missing = hook.missing_entry(pair) if style else []
    asks = safe == "unknown" and style and not missing
    run = (shell.words_about("nfprobe", pair.netdev or pair.pf, "--vf", "any", "--style", style, "--save"),) if asks else ()
    loses = "it may lose its frames when it migrates" if safe == "unknown" else "it loses its frames when it migrates"
    again = f"; its entry at {clean(missing[5])} is missing, type it again" if missing else ""
    return Finding("teaming-unproven", False, clean(pair.netdev or pair.pf), pair.pf, (), clean(pair.standby.mac) or None, None,
                   clean(f"guest {guest} has a team of {why}"), loses + again, False, (tuple(missing),) if missing else run, None)


def teams(pfs: Sequence[Audited]) -> Tuple[List[Finding], List[Unread]]:
    path, found = hook_path(), []
    if not path or not os.path.isdir(GUESTS):
        return [], []
    try:
        hook = load_hook(path)
        for guest, domain in domains():
            for pair in hook.known_pairs(domain):
                finding = unproven(hook, guest, pair) if any(pf.parentdev == pair.pf for pf in pfs) else None
                found += [finding] if finding else []
    except PermissionError:
        return found, [Unread(None, "the guests of libvirt", "root")]
    except (OSError, ImportError, ValueError, ElementTree.ParseError) as error:
        return found, [Unread(None, clean(f"the guests of libvirt: {error}"), None)]
    return found, []


# ---- the answer ----

def status_of(audit: Audit) -> int:
    if any(not finding.remark and not finding.accepted for finding in audit.findings):
        return EXIT_UNSAFE
    return EXIT_UNKNOWN if audit.unread else EXIT_SAFE


def look(names: Sequence[str], accept: Sequence[str] = ()) -> Audit:
    """Raises Failure."""
    audit = ask(names, accept)
    more, unread = teams(audit.pfs)
    audit = audit._replace(findings=(*audit.findings, *more), unread=(*audit.unread, *unread))
    return audit._replace(exit_status=status_of(audit))


def as_json(value: Any) -> Any:
    if isinstance(value, Write):
        return {"write": value.value, "to": value.to}
    if isinstance(value, tuple):
        return {key: as_json(one) for key, one in value._asdict().items()} if hasattr(value, "_asdict") else list(map(as_json, value))
    return value


def document_of(audit: Optional[Audit], error: Optional[Failure] = None) -> Dict[str, Any]:
    """As the document of `nfprobe --audit`."""
    document: Dict[str, Any] = {"schema": SCHEMA, "minor": MINOR, "version": VERSION, "pfs": [], "findings": [], "guests": [],
                                "unread": [], "unasked": [], "exit": error.status if error else EXIT_CANNOT}
    if audit:
        document.update({key: as_json(getattr(audit, key)) for key in ("pfs", "findings", "guests", "unread", "unasked")},
                        exit=audit.exit_status)
    if error:
        document["error"] = {"code": error.code, "message": str(error), "hint": error.hint or None}
    return document


def words_of(finding: Finding) -> List[str]:
    """The sentences below a finding, and what introduces its commands, if it has any."""
    said = [finding.why[:1].upper() + finding.why[1:] + "."]
    if finding.in_doubt:
        said.append("It rests on what could be seen: somebody else may use it.")
    if finding.commands:
        said.append(f"Do nothing now; once {finding.after}:" if finding.after else "Fix it now:")
    return said


def unread_words(unread: Unread) -> str:
    return unread.what + (f", which needs {unread.needs}" if unread.needs else "")


def nothing_words(audit: Audit) -> str:
    """The sentence where nothing counts; empty: something does."""
    if not all(finding.remark or finding.accepted for finding in audit.findings):
        return ""
    remarks = sum(finding.remark for finding in audit.findings)
    accepted = len(audit.findings) - remarks
    seen = f", {'and' if audit.findings else 'but'} not everything was seen" if audit.unread else ""
    found = "no findings" if audit.findings else "nothing was found"
    found += f" but {accepted} accepted" if accepted else ""
    found += f", {remarks} remark{'s' if remarks > 1 else ''}" if remarks else ""
    return f"{', '.join(pf.ifname for pf in audit.pfs)}: {found}{seen}"


def print_audit(writer: Writer, audit: Audit, quiet: bool) -> None:
    for finding in audit.findings:
        colour = "unsure" if finding.remark or finding.accepted else "bad"
        begin = "remark, " if finding.remark else "accepted, " if finding.accepted else ""
        writer.line(f"{begin}{finding.pf}: {finding.what}", TEXT_AT, (finding.code.ljust(TEXT_AT), colour))
        if quiet:
            continue
        for sentence in words_of(finding):
            writer.line(sentence, TEXT_AT, (" " * TEXT_AT, ""))
        for command in command_lines(finding.commands):
            writer.painted((" " * (TEXT_AT + 2), ""), (command, "bold"))
    for unread in audit.unread:
        writer.line(unread_words(unread), TEXT_AT, ("not seen".ljust(TEXT_AT), "unsure"))
    for what in audit.unasked:
        writer.line(what, TEXT_AT, ("not asked".ljust(TEXT_AT), ""))
    nothing = nothing_words(audit)
    if nothing:
        writer.line(nothing)

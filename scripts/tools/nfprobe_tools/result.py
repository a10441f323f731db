# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what nfprobe --json and --save have written: the only module that knows the keys. A Result is typed and frozen, and has
what the tools need; an empty text, or None, is not known."""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import Annotated, Any, Dict, List, NamedTuple, Optional, Tuple, Union

from . import Failure
from .document import (LARGEST, Damaged, Input, Key, Limits, Number, Text, flag, like, lines, parse_json, read_within, record, take_pairs,
                       text, up_to, word)
from .files import why
from .text import clean
from .words import (ANSWERS, CELLS, CLAIMS, DELIVERIES, FINDINGS, IDLE, LANDINGS, MULTICAST, NEIGHBOURS, RELEASES, ROWS, SHEETS, SOURCES,
                    SOURCES_BY, STEPS, STEP_FLAGS, STEP_STATUS, STYLES, TRANSMIT, VERDICTS, VF_STATUS)

SCHEMA = 3
# A result with every style has half a million bytes, and thirty thousand values.
LIMITS = Limits(8 << 20, 400_000)

KINDS = ("unicast", "broadcast", "multicast", "unregistered", "all_nodes", "unjoined")

TIME = r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z"
RUN_ID = r"[0-9a-f]{32}"
PCI_ID = r"0x[0-9a-f]{4}"


class InputError(Failure):
    """The file cannot be used. The text is a sentence that names it. @foreign: it is no result of nfprobe's at all, but may well be
    something else that is in order."""

    def __init__(self, file: str, reason: str, foreign: bool = False) -> None:
        super().__init__(f"cannot use {clean(file)}: {reason}")
        self.file, self.why, self.foreign = file, reason, foreign


# ---- the model ----

def run_id(value: Any) -> str:
    found: str = like(RUN_ID)(value)
    return found if found.strip("0") else ""


def error_code(value: Any) -> str:
    return text(value) or "?"


def pci_id(value: Any) -> int:
    return int(like(PCI_ID)(value) or "0", 16)


def false_if_null(value: Any) -> bool:
    return value is not None and flag(value)


MaybeText = Annotated[str, Key(text, absent="")]
PciId = Annotated[int, Key(pci_id)]  # 0: not known
Vlan = Annotated[int, Key(up_to(4095))]  # 0: none
Verdict = Annotated[str, Key(word(VERDICTS))]
StyleName = Annotated[str, Key(word(STYLES))]
StepName = Annotated[str, Key(word(STEPS))]
Status = Annotated[str, Key(word(STEP_STATUS))]
Answer = Annotated[str, Key(word(ANSWERS))]
RowName = Annotated[str, Key(word(ROWS))]


class Error(NamedTuple):
    code: Annotated[str, Key(error_code)]
    message: Text
    hint: MaybeText = ""

    def as_json(self) -> Dict[str, Optional[str]]:
        return {**self._asdict(), "hint": self.hint or None}


class Run(NamedTuple):
    id: Annotated[str, Key(run_id)]  # 32 hexadecimal digits; empty: it failed before it had one
    start: Annotated[str, Key(like(TIME))]  # "2026-11-20T10:00:00.123Z"
    duration_ms: Number
    host: Text
    kernel: Text
    number: Annotated[int, Key(up_to(999_999_999), absent=0)] = 0  # among those that --save keeps of the PF; 0: none


class FirmwarePart(NamedTuple):
    name: Text
    running: Text


class Pf(NamedTuple):
    ifname: Text
    parentdev: Text
    driver: Text
    driver_version: Text
    firmware: Text
    firmware_versions: Tuple[FirmwarePart, ...]
    vendor: PciId
    device: PciId
    subsystem_vendor: PciId
    subsystem_device: PciId
    board_id: Text
    num_vfs: Optional[int]
    eswitch_mode: Text
    l2_fwd_offload: Optional[bool]


class Settings(NamedTuple):
    source: Annotated[str, Key(text, "from")]  # as --from asked for it
    vlan: Vlan
    settle_ms: Optional[int]
    sheet: Annotated[str, Key(word(SHEETS), absent="")] = ""
    require_yes: Tuple[RowName, ...] = ()
    require_no: Tuple[RowName, ...] = ()


class Source(NamedTuple):
    """Where the frames entered."""
    name: Annotated[str, Key(text, "from")]  # "eth1", "vf:2", "pf"
    kind: Annotated[str, Key(word(SOURCES))]
    by: Annotated[str, Key(word(SOURCES_BY))]  # what it can show
    note: Text


class Count(NamedTuple):
    """The frames of one kind in a window."""
    landing: Annotated[str, Key(word(LANDINGS, null=True))]  # empty: there is none
    sent: Number
    pf: Number
    vf: Number
    both: Number
    lost: Number
    duplicates: Number


COUNTS = itemgetter(*Count._fields)
SIX_NUMBERS = [int] * (len(Count._fields) - 1)
any_count = record(Count)


def read_count(value: Any) -> Count:
    """The most frequent object by far: what is in order takes a short path."""
    try:
        landing, *numbers = COUNTS(value)
        if landing in LANDINGS and list(map(type, numbers)) == SIX_NUMBERS and min(numbers) >= 0 and max(numbers) <= LARGEST:
            return Count(sys.intern(landing), *numbers)
    except (KeyError, TypeError):
        pass
    found: Count = any_count(value)
    return found


Counted = Annotated[Count, Key(read_count)]


def step_flags(step: Dict[str, Any]) -> Tuple[str, ...]:
    return tuple([key for key in STEP_FLAGS if key in step and flag(step[key])])


class Step(NamedTuple):
    step: StepName
    status: Status
    fit: Answer
    start_ms: Number
    duration_ms: Number
    window_ms: Number
    unicast: Counted
    broadcast: Counted
    multicast: Counted
    unregistered: Counted
    all_nodes: Counted
    unjoined: Counted
    drops: Number
    transmit: Annotated[str, Key(word(TRANSMIT, null=True))]
    note: Text
    flags: Annotated[Tuple[str, ...], Key(step_flags, whole=True)]  # of STEP_FLAGS: those that are true


class Transition(NamedTuple):
    from_step: Annotated[str, Key(word(STEPS), "from")]
    to_step: Annotated[str, Key(word(STEPS), "to")]
    lost: Number
    gap_us: Optional[int]
    gap_error_us: Optional[int]
    duplicates: Number


class NearWindow(NamedTuple):
    state: Annotated[str, Key(word(IDLE))]
    leaves: Answer
    unicast_sent: Number
    unicast_heard: Number
    broadcast_sent: Number
    broadcast_heard: Number
    unregistered_sent: Number
    unregistered_heard: Number
    note: Text


class Neighbours(NamedTuple):
    """Whether a guest that is elsewhere gets what its neighbours on the NIC send."""
    verdict: Annotated[str, Key(word(NEIGHBOURS))]
    from_state: Annotated[str, Key(word(IDLE, null=True), "from")]
    until_state: Annotated[str, Key(word(IDLE, null=True), "until")]
    note: Text
    windows: Tuple[NearWindow, ...] = ()

    def words(self) -> str:
        """"lost from reset until clear"."""
        return (self.verdict + (f" from {self.from_state}" if self.from_state else "")
                + (f" until {self.until_state}" if self.until_state else ""))


class HereWindow(NamedTuple):
    state: Annotated[str, Key(word(STEPS))]
    arrives: Answer
    unicast_sent: Number
    unicast_heard: Number
    broadcast_sent: Number
    broadcast_heard: Number
    own_sent: Number
    own_heard: Number
    unregistered_sent: Number
    unregistered_heard: Number
    entry_sent: Number
    entry_heard: Number
    note: Text


class Here(NamedTuple):
    """Whether a guest that is here gets what another VF of the NIC sends."""
    verdict: Annotated[str, Key(word(NEIGHBOURS))]
    from_state: Annotated[str, Key(word(STEPS, null=True), "from")]
    until_state: Annotated[str, Key(word(STEPS, null=True), "until")]
    note: Text
    entry: Annotated[str, Key(word(NEIGHBOURS, null=True))]  # with an entry, where the style has none
    windows: Tuple[HereWindow, ...] = ()

    def words(self) -> str:
        """"lost from standby until up, with an entry ok"."""
        said = ((" from ", self.from_state), (" until ", self.until_state), (", with an entry ", self.entry))
        return self.verdict + "".join(words + state for words, state in said if state)


class Places(NamedTuple):
    elsewhere: Optional[Neighbours] = None
    here: Optional[Here] = None


any_places = record(Places)


def elsewhere(value: Any) -> Optional[Neighbours]:
    return None if value is None else any_places(value).elsewhere


def here(value: Any) -> Optional[Here]:
    return None if value is None else any_places(value).here


Near = Annotated[Optional[Neighbours], Key(elsewhere, absent=None)]


class GuestVlan(NamedTuple):
    """A VLAN in which the guest itself tags (--guest-vlan)."""
    vlan: Vlan
    verdict: Annotated[str, Key(word(NEIGHBOURS, null=True))]


def guest_vlan(value: Any) -> Optional[GuestVlan]:
    return None if value is None else any_guest_vlan(value)


any_guest_vlan = record(GuestVlan)


class Style(NamedTuple):
    style: StyleName
    verdict: Verdict
    allowed: bool
    remedy: Annotated[bool, Key(false_if_null, absent=False)]  # tested since another style is not safe: it does not count
    claim: Annotated[str, Key(word(CLAIMS, null=True))]
    release: Annotated[str, Key(word(RELEASES, null=True))]
    delivery: Annotated[str, Key(word(DELIVERIES, null=True))]
    reason: Text
    # The NIC's filter alone, and what a bridge that learns makes of a guest that talks; empty: it was not asked
    filter_verdict: Annotated[str, Key(word(VERDICTS), absent="")]
    bridge_verdict: Annotated[str, Key(word(VERDICTS, null=True), absent="")]
    transmit: Annotated[str, Key(word(TRANSMIT, null=True))]
    transmit_note: Text
    multicast: Annotated[str, Key(word(MULTICAST, null=True))]
    multicast_note: Text
    neighbours: Near
    here: Annotated[Optional[Here], Key(here, "neighbours", absent=None)]
    bus_master_falls: Answer
    guest_vlan: Annotated[Optional[GuestVlan], Key(guest_vlan, absent=None)]
    steps: Tuple[Step, ...]  # empty, as the transitions, where they were not asked for
    transitions: Tuple[Transition, ...]


class Vf(NamedTuple):
    vf: Annotated[int, Key(up_to(4095))]
    parentdev: Text
    driver: Text
    driver_version: Text
    vlan: Vlan
    probed_vlan: Vlan
    trust: Optional[bool]
    spoofchk: Optional[bool]
    status: Annotated[str, Key(word(VF_STATUS))]
    styles: Tuple[Style, ...]
    neighbours: Near
    error: Optional[Error]
    others_up: Optional[int] = None  # other VFs of the PF, before the run; None: nobody counted


class SheetRow(NamedTuple):
    row: RowName
    answer: Answer
    sent: Number
    heard: Number
    own_sent: Number
    own_heard: Number
    broadcast_sent: Number
    broadcast_heard: Number
    note: Text


class Combination(NamedTuple):
    """The rows that were taken with these settings of the VF."""
    present: bool  # the VF's own
    trust: Optional[bool]
    spoofchk: Optional[bool]
    findings: Tuple[Annotated[str, Key(word(FINDINGS))], ...]
    rows: Tuple[SheetRow, ...]
    note: Text
    unreset: bool = False  # the VF has no reset: what an earlier guest did may show


class Sheet(NamedTuple):
    sibling: Text
    vlan: Optional[int]
    combinations: Tuple[Combination, ...]


Cell = Annotated[str, Key(word(CELLS))]


class Cells(NamedTuple):
    """A row of the table of a guest's life."""
    attach: Cell
    up: Cell
    unplug: Cell
    detach: Cell
    clear: Cell
    reassign: Cell
    vf_first: Cell
    ipv6: Cell


MOMENTS = Cells._fields


class Life(NamedTuple):
    style: StyleName
    cells: Cells


class Advice(NamedTuple):
    text: Text
    command: Annotated[str, Key(lines, absent="")]
    when: MaybeText


def no_name(_: Any) -> str:
    return ""


class Result(NamedTuple):
    file: Annotated[str, Key(no_name, whole=True)]  # its name, which is not in it
    version: Text
    run: Run
    pf: Pf
    settings: Settings
    source: Optional[Source]  # what really sent; None: nothing did
    vf: Optional[Vf]  # None: the run did not get that far
    verdict: Annotated[str, Key(word(VERDICTS, null=True))]
    exit: Annotated[int, Key(up_to(255))]
    warnings: Tuple[Text, ...]
    changes_seen: Tuple[Text, ...]
    left_behind: Tuple[Text, ...]
    restored: bool
    error: Optional[Error] = None
    sheet: Optional[Sheet] = None  # of --sheet, which has no verdict
    answer: MaybeText = ""
    life: Tuple[Life, ...] = ()
    advice: Tuple[Advice, ...] = ()

    @property
    def styles(self) -> Tuple[Style, ...]:
        return self.vf.styles if self.vf else ()


any_result = record(Result)


# ---- a document ----

def take_briefly(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    """Drops ladders, which are nine tenths of a result, as soon as they are read."""
    value = take_pairs(pairs)
    value.update((key, []) for key in ("steps", "transitions") if key in value)
    return value


def parse_object(data: Union[bytes, bytearray], ladders: bool = True) -> Any:
    """Raises Damaged."""
    return parse_json(data, LIMITS, take_pairs if ladders else take_briefly)


def parse(data: Union[bytes, bytearray], file: str, ladders: bool = True) -> Result:
    """The result that @data is. Without @ladders its styles have neither steps nor transitions, which is faster. @file: its
    name, for messages. Raises InputError."""
    try:
        root = parse_object(data, ladders)
        if not isinstance(root, dict) or "run" not in root or type(root.get("schema")) is not int:
            raise InputError(file, "it is no result of nfprobe (--json, --save)", foreign=True)
        if root["schema"] != SCHEMA:
            raise Damaged(f"has schema {root['schema']}, and this reads schema {SCHEMA}: another version of nfprobe wrote it")
        found: Result = any_result(root)
    except Damaged as damage:
        raise InputError(file, f"it is damaged: {damage}" if damage.path else str(damage)) from None
    return found._replace(file=file)


def name_of(source: Input) -> str:
    return "standard input" if source in ("-", 0) else str(source)


def read_file(source: Input, name: str = "") -> bytearray:
    """Raises InputError."""
    name = name or name_of(source)
    try:
        return read_within(source, LIMITS)
    except Damaged as damage:
        raise InputError(name, str(damage)) from None
    except OSError as error:
        raise InputError(name, why(error)) from None
    except ValueError:  # a name with a NUL byte
        raise InputError(name, "it has an impossible name") from None


def load(source: Input, name: str = "", ladders: bool = True) -> Result:
    """The result in such a file. Raises InputError."""
    name = name or name_of(source)
    return parse(read_file(source, name), name, ladders)

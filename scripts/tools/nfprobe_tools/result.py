# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what nfprobe --json and --save have written: the only module that knows the keys. A Result is typed and frozen, and has
what the tools need; an empty text, or None, is not known."""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import Annotated, Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from . import Failure, old, shell
from .document import (LARGEST, Damaged, Input, Key, Limits, Number, Text, each, flag, like, line, lines, parse_json, read_within, record,
                       take_pairs, text, up_to, word)
from .files import why
from .text import clean
from .words import (ANSWERS, CELLS, CLAIMS, DELIVERIES, FINDINGS, IDLE, LANDINGS, MULTICAST, NEIGHBOURS, RELEASES, ROWS, SHEETS, SOURCES,
                    SOURCES_BY, STEPS, STEP_FLAGS, STEP_STATUS, STYLES, TRANSMIT, VERDICTS, VF_STATUS)

SCHEMA = 4
MINOR = 0
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


def vlan_id(value: Any) -> int:
    return 0 if value is None else int(up_to(4095)(value))


def answer(value: Any) -> str:
    found: str = word(ANSWERS, null=True)(value)
    return found or "unknown"


def kind(style: str, fix: str) -> str:
    """A row's kind of standby, as --style would ask for it: "bridge" with the fix "fdb+pin" is as "bridge+fdb+pin" is."""
    return style if not fix else f"static-{style}" if fix == "static" else f"{style}+{fix}"


def row_style(value: Dict[str, Any]) -> str:
    """Whole: the object of a row."""
    if "style" not in value:
        raise Damaged("is missing")
    fix = value.get("fix")
    if not isinstance(value["style"], str) or not isinstance(fix, (str, type(None))):
        raise Damaged("is not a string")
    found = kind(value["style"], fix or "")
    if found not in STYLES:
        raise Damaged(f"is none of {', '.join(STYLES)}")
    return sys.intern(found)


def maybe_row(value: Dict[str, Any]) -> str:
    return "" if value.get("style") is None else row_style(value)


MaybeText = Annotated[str, Key(text, absent="")]
PciId = Annotated[int, Key(pci_id)]  # 0: not known
Vlan = Annotated[int, Key(vlan_id)]  # 0: none
Verdict = Annotated[str, Key(word(VERDICTS))]
StyleName = Annotated[str, Key(row_style, "style", whole=True)]  # with its fix
Fix = Annotated[str, Key(text, absent="")]  # empty: none
StepName = Annotated[str, Key(word(STEPS))]
Status = Annotated[str, Key(word(STEP_STATUS))]
Answer = Annotated[str, Key(answer)]
RowName = Annotated[str, Key(word(ROWS))]
Cell = Annotated[str, Key(word(CELLS))]
Ear = Annotated[str, Key(word(("pf", "vf"), null=True))]  # who listens, or must hear; empty: nobody


class Write(NamedTuple):
    """A value that is written to a file of the kernel's."""
    value: Annotated[str, Key(text, "write")]
    to: Text


any_write = record(Write)
words_of = each(text)


def command(value: Any) -> Union[Write, Tuple[str, ...]]:
    found: Union[Write, Tuple[str, ...]] = any_write(value) if isinstance(value, dict) else words_of(value)
    return found


Commands = Tuple[Annotated[Union[Write, Tuple[str, ...]], Key(command)], ...]


def command_lines(commands: Sequence[Union[Write, Tuple[str, ...]]]) -> List[str]:
    """For a shell."""
    return [shell.write(one.value, one.to) if isinstance(one, Write) else shell.command(*one) for one in commands]


class Hint(NamedTuple):
    """A sentence on what may help, and commands."""
    text: Text
    commands: Commands

    def __str__(self) -> str:
        return " ".join(filter(None, [self.text, "; ".join(command_lines(self.commands))]))


any_hint = record(Hint)


def said(value: Any) -> str:
    """Before schema 4 they were a text."""
    return text(value) if value is None or isinstance(value, str) else str(any_hint(value))


class Error(NamedTuple):
    code: Annotated[str, Key(error_code)]
    message: Text
    hint: Annotated[str, Key(said, absent="")] = ""

    def as_json(self) -> Dict[str, Optional[str]]:
        return {**self._asdict(), "hint": self.hint or None}


def run_number(value: Any) -> int:
    return 0 if value is None else int(up_to(999_999_999)(value))


class Run(NamedTuple):
    id: Annotated[str, Key(run_id)]  # 32 hexadecimal digits; empty: it failed before it had one
    start: Annotated[str, Key(like(TIME))]  # "2026-11-20T10:00:00.123Z"
    duration_ms: Number
    host: Text
    kernel: Text
    number: Annotated[int, Key(run_number)] = 0  # among those that --save keeps; 0: none


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


DEMANDS = ("gap_limit_ms", "require_neighbours", "require_here", "require_ipv6", "require_reach")


def demands(settings: Dict[str, Any]) -> bool:
    return any(settings.get(key) for key in DEMANDS)


class Settings(NamedTuple):
    source: Annotated[str, Key(text, "from")]  # as --from asked for it
    vlan: Vlan
    settle_ms: Optional[int]
    settle_short: bool = False
    sheet: Annotated[str, Key(word(SHEETS, null=True), absent="")] = ""
    require_yes: Tuple[RowName, ...] = ()
    require_no: Tuple[RowName, ...] = ()
    demands: Annotated[bool, Key(demands, whole=True)] = False  # more than that the guest gets its frames (--gap-limit, --require)


class Source(NamedTuple):
    """Where the frames entered."""
    name: Annotated[str, Key(text, "from")]  # "eth1", "vf:2", "pf"
    kind: Annotated[str, Key(word(SOURCES))]
    by: Annotated[str, Key(word(SOURCES_BY))]  # what it can show
    note: Text


class Count(NamedTuple):
    """The frames of one kind in a window, by receiver."""
    sent: Number
    landing: Annotated[str, Key(word(LANDINGS, null=True), absent="")] = ""  # empty: there is none
    pf: Number = 0
    vf: Number = 0
    both: Number = 0
    lost: Number = 0
    duplicates: Number = 0
    heard: Number = 0  # where one receiver alone listens


USUAL = ("landing", "pf", "vf", "both", "lost", "duplicates", "sent")
COUNTS = itemgetter(*USUAL)
SIX_NUMBERS = [int] * (len(USUAL) - 1)
any_count = record(Count)


def read_count(value: Any) -> Count:
    """The most frequent object by far: what is in order takes a short path."""
    try:
        landing, *numbers = COUNTS(value)
        if landing in LANDINGS and list(map(type, numbers)) == SIX_NUMBERS and min(numbers) >= 0 and max(numbers) <= LARGEST:
            pf, vf, both, lost, duplicates, sent = numbers
            return Count(sent, sys.intern(landing), pf, vf, both, lost, duplicates)
    except (KeyError, TypeError):
        pass
    found: Count = any_count(value)
    return found


NO_COUNT = Count(0)
Counted = Annotated[Count, Key(read_count, absent=NO_COUNT)]


class Frames(NamedTuple):
    """By what they are for; which of them a window has depends on what it asks."""
    unicast: Counted = NO_COUNT
    broadcast: Counted = NO_COUNT
    multicast: Counted = NO_COUNT
    unregistered: Counted = NO_COUNT
    all_nodes: Counted = NO_COUNT
    unjoined: Counted = NO_COUNT
    own: Counted = NO_COUNT
    entry: Counted = NO_COUNT
    asked: Counted = NO_COUNT


def step_flags(step: Dict[str, Any]) -> Tuple[str, ...]:
    return tuple([key for key in STEP_FLAGS if key in step and flag(step[key])])


class Step(NamedTuple):
    step: Annotated[str, Key(word(STEPS), "state")]
    status: Status
    demands: Ear
    listens: Ear
    fit: Annotated[str, Key(answer, "answer")]
    start_ms: Number
    duration_ms: Number
    window_ms: Number
    frames: Frames
    drops: Number
    transmit: Annotated[str, Key(word(TRANSMIT, null=True))]
    note: Text
    flags: Annotated[Tuple[str, ...], Key(step_flags, whole=True)]  # of STEP_FLAGS: those that are true

    @property
    def unicast(self) -> Count:
        return self.frames.unicast

    @property
    def broadcast(self) -> Count:
        return self.frames.broadcast

    @property
    def multicast(self) -> Count:
        return self.frames.multicast


class Transition(NamedTuple):
    from_step: Annotated[str, Key(word(STEPS), "from")]
    to_step: Annotated[str, Key(word(STEPS), "to")]
    listens: Ear
    lost: Number
    gap_us: Optional[int]
    gap_error_us: Optional[int]
    duplicates: Number


class Window(NamedTuple):
    """The frames that another VF sent, and who heard them."""
    state: Text
    answer: Answer
    frames: Frames
    note: Text


class Neighbours(NamedTuple):
    """Whether a guest that is elsewhere gets what a neighbour on the NIC sends: the PF, or another VF."""
    verdict: Annotated[str, Key(word(NEIGHBOURS))]
    from_state: Annotated[str, Key(word(IDLE, null=True), "from")]
    until_state: Annotated[str, Key(word(IDLE, null=True), "until")]
    note: Text
    windows: Tuple[Window, ...] = ()
    other_vf: bool = False

    def words(self) -> str:
        """"lost from reset until clear"."""
        return (self.verdict + (f" from {self.from_state}" if self.from_state else "")
                + (f" until {self.until_state}" if self.until_state else ""))


class Here(NamedTuple):
    """Whether a guest that is here gets what another VF of the NIC sends."""
    verdict: Annotated[str, Key(word(NEIGHBOURS))]
    from_state: Annotated[str, Key(word(STEPS, null=True), "from")]
    until_state: Annotated[str, Key(word(STEPS, null=True), "until")]
    note: Text
    entry: Annotated[str, Key(word(NEIGHBOURS, null=True))]  # with an entry, where the style has none
    windows: Tuple[Window, ...] = ()

    def words(self) -> str:
        """"lost from standby until up, with an entry ok"."""
        states = ((" from ", self.from_state), (" until ", self.until_state), (", with an entry ", self.entry))
        return self.verdict + "".join(words + state for words, state in states if state)


class Places(NamedTuple):
    elsewhere: Optional[Neighbours] = None
    here: Optional[Here] = None


any_places = record(Places)


def elsewhere(value: Any) -> Optional[Neighbours]:
    return None if value is None else any_places(value).elsewhere


def here(value: Any) -> Optional[Here]:
    return None if value is None else any_places(value).here


Near = Annotated[Optional[Neighbours], Key(elsewhere, absent=None)]


class Beside(NamedTuple):
    """Whether the standby keeps the address when another VF comes up."""
    verdict: Annotated[str, Key(word(NEIGHBOURS))]
    vf: Text  # the other one
    note: Text
    windows: Tuple[Window, ...] = ()

    @property
    def in_company(self) -> bool:
        """Was the standby seen while that VF was up? One that sends is up all the time, and no window asks."""
        return self.verdict == "ok" or (self.verdict == "untested" and bool(self.vf) and not self.windows)


def beside(value: Any) -> Optional[Beside]:
    return None if value is None else any_beside(value)


any_beside = record(Beside)


class GuestVlan(NamedTuple):
    """A VLAN in which the guest itself tags (--guest-vlan)."""
    vlan: Vlan
    verdict: Annotated[str, Key(word(NEIGHBOURS, null=True))]


def guest_vlan(value: Any) -> Optional[GuestVlan]:
    return None if value is None else any_guest_vlan(value)


any_guest_vlan = record(GuestVlan)


def is_remedy(style: Dict[str, Any]) -> bool:
    return style.get("fix") is not None


class Style(NamedTuple):
    style: StyleName
    fix: Fix
    remedy: Annotated[bool, Key(is_remedy, "fix", whole=True)]  # tested since the style that was asked for is not safe: it does not count
    verdict: Verdict
    allowed: bool
    why: MaybeText  # the rule that decided of the steps, in a word
    decided_by: MaybeText  # the judge whose verdict it is: steps, vlan ..
    claim: Annotated[str, Key(word(CLAIMS, null=True))]
    release: Annotated[str, Key(word(RELEASES, null=True))]
    delivery: Annotated[str, Key(word(DELIVERIES, null=True))]
    reason: Text
    # The NIC's filter alone, and what a bridge that learns makes of a guest that talks; empty: it was not asked
    filter_verdict: Annotated[str, Key(word(VERDICTS, null=True), absent="")]
    bridge_verdict: Annotated[str, Key(word(VERDICTS, null=True), absent="")]
    transmit: Annotated[str, Key(word(TRANSMIT, null=True))]
    transmit_note: Text
    multicast: Annotated[str, Key(word(MULTICAST, null=True))]
    multicast_note: Text
    neighbours: Near
    here: Annotated[Optional[Here], Key(here, "neighbours", absent=None)]
    beside: Annotated[Optional[Beside], Key(beside, "beside_vf", absent=None)]
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
    ours_up: Text = ""  # one that the run has set up itself, "vf:4"


class SheetRow(NamedTuple):
    row: Annotated[str, Key(word(ROWS), "state")]
    answer: Answer
    frames: Frames
    note: Text

    @property
    def sent(self) -> int:
        return self.frames.asked.sent

    @property
    def heard(self) -> int:
        return self.frames.asked.heard


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


# ---- what a person reads of it ----

class Condition(NamedTuple):
    """A row holds only where this has been brought about."""
    style: StyleName
    fix: Fix
    vlan: Vlan
    id: Text
    code: Text
    whom: Annotated[Tuple[Text, ...], Key(None, "for")]  # all, ipv4, ipv6, vlan, neighbours, host, same-standby
    without: Text
    words: Text  # "IPv6: trustGuestRxFilters"
    met_by: Tuple[Text, ...]  # the advice that brings it about; none of what the run has not seen
    shown: Text  # tested, kernel-rule or untested

    @property
    def said(self) -> str:
        """In words. A result that was shared has none."""
        return self.code if self.words in ("", "(removed)") else self.words

    @property
    def is_unseen(self) -> bool:
        """Has the run left out whether it matters?"""
        return self.without == "unknown"

    @property
    def is_first(self) -> bool:
        """Does it belong in the line that says SAFE? What it is for is asked of every guest."""
        return not {"all", "ipv4", "ipv6", "vlan"}.isdisjoint(self.whom)


def needs_words(conditions: Sequence[Condition], first: bool = False) -> str:
    """"IPv6: trustGuestRxFilters; an entry". @first: those alone without which SAFE must not be said."""
    return "; ".join(dict.fromkeys(one.said for one in conditions if one.is_first or not first))


class Tested(NamedTuple):
    by: Text
    states: Tuple[Text, ...]


class Advice(NamedTuple):
    """One thing to do, at one moment."""
    id: Text
    what: Text
    style: Annotated[str, Key(maybe_row, whole=True)]  # empty: of none
    fix: Fix
    vlan: Vlan
    rank: Number
    head: MaybeText
    text: Text
    moment: Text
    not_before: bool
    where: Text
    document: Annotated[str, Key(lines)]
    commands: Commands
    undo: Commands
    fill_in: Tuple[Text, ...]
    lasts: Text
    hook: bool
    tested: Tested
    sentence: Text = ""

    @property
    def said(self) -> str:
        """As the run put it: with its moment, and what goes wrong otherwise. An older result has no sentences."""
        return self.sentence or ": ".join(filter(None, (self.head, self.text))).rstrip(".") + "."

    def block(self) -> List[str]:
        """The lines to type, or to put into a file."""
        return self.document.strip("\n").split("\n") if self.document else command_lines(self.commands)


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


class Outage(NamedTuple):
    state: Text  # measured, endless or unmeasured
    us: Optional[int]
    error_us: Optional[int]
    to: Text
    heard_by: Ear


class Life(NamedTuple):
    style: StyleName
    fix: Fix
    vlan: Vlan  # of the guest, inside
    verdict: Verdict
    serves: Tuple[Text, ...]
    conditions: Tuple[Text, ...]
    cells: Cells
    crash: Cell
    longest_outage: Outage

    @property
    def name(self) -> str:
        return f"{self.style}, VLAN {self.vlan}" if self.vlan else self.style


class Reach(NamedTuple):
    """Whether what a sender sends reaches the guest, and by what that is known."""
    style: StyleName
    fix: Fix
    vlan: Vlan
    sender: Annotated[str, Key(line, "from")]  # wire, other-vf, host or same-standby
    guest: Text  # on-standby, on-vf or elsewhere
    cell: Cell
    shown: Text  # tested, kernel-rule or untested
    rule: Text  # a function of the kernel's
    conditions: Tuple[Text, ...] = ()


class Failover(NamedTuple):
    """The last line of a run: what it means for failover."""
    answer: Text
    text: Text


class Lines(NamedTuple):
    """The text that the run printed, and would have printed with -v."""
    short: Tuple[Annotated[str, Key(line)], ...] = ()
    verbose: Tuple[Annotated[str, Key(line)], ...] = ()


def no_name(_: Any) -> str:
    return ""


def the_schema(root: Dict[str, Any]) -> int:
    return int(root.get("was_schema", SCHEMA))


class Result(NamedTuple):
    file: Annotated[str, Key(no_name, whole=True)]  # its name, which is not in it
    schema: Annotated[int, Key(the_schema, whole=True)]  # as which it was written
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
    left_behind: Tuple[Annotated[str, Key(said)], ...]
    restored: bool
    error: Optional[Error] = None
    sheet: Optional[Sheet] = None  # of --sheet, which has no verdict
    answer: MaybeText = ""
    failover: Optional[Failover] = None
    conditions: Tuple[Condition, ...] = ()
    advice: Tuple[Advice, ...] = ()
    life: Tuple[Life, ...] = ()
    reach: Tuple[Reach, ...] = ()
    text: Lines = Lines()

    @property
    def styles(self) -> Tuple[Style, ...]:
        return self.vf.styles if self.vf else ()

    def conditions_of(self, style: str) -> Tuple[Condition, ...]:
        """What must be brought about."""
        return tuple([one for one in self.conditions if one.style == style and not one.is_unseen])

    def unseen_of(self, style: str) -> Tuple[Condition, ...]:
        return tuple([one for one in self.conditions if one.style == style and one.is_unseen])

    @property
    def footnotes(self) -> List[str]:
        """Below the table of a guest's life: what each row needs."""
        rows = [(row.name, [one for one in self.conditions_of(row.style) if one.vlan == row.vlan]) for row in self.life]
        return [f"* {name} needs: {needs_words(needs)}" for name, needs in rows if needs]

    def is_ipv4_only(self, style: str) -> bool:
        """Does it lose IPv6, and nothing else?"""
        return any(row.style == style and row.serves == ("ipv4",) and row.verdict == "deaf" for row in self.life if not row.vlan)


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
        if root["schema"] == old.SCHEMA:
            root = old.upgraded(root)
        elif root["schema"] != SCHEMA:
            raise Damaged(f"has schema {root['schema']}, and this reads schemas {old.SCHEMA} and {SCHEMA}: another version of nfprobe "
                          "wrote it")
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

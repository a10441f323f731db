# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what nfprobe --json and --save have written. A Result is typed and frozen, and has what the tools need: keys.json says what each
key may be. An empty text, or None, is not known."""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import Annotated, Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from . import EXIT_UNKNOWN, Failure, shell
from .document import (LARGEST, Damaged, Input, Key, Limits, each, flag, keys_at, line, lines, parse_json, read_within, record, some_text,
                       take_pairs, text)
from .files import why
from .text import clean
from .words import STYLES

SCHEMA = 5
MINOR = 0
# A result with every style has half a million bytes, and thirty thousand values.
LIMITS = Limits(8 << 20, 400_000)

KINDS = ("unicast", "broadcast", "multicast", "unregistered", "all_nodes", "unjoined")


class InputError(Failure):
    """The file cannot be used. The text is a sentence that names it. @foreign: it is no result of nfprobe's at all, but may well be
    something else that is in order."""

    def __init__(self, file: str, reason: str, foreign: bool = False) -> None:
        super().__init__(f"cannot use {clean(file)}: {reason}")
        self.file, self.why, self.foreign = file, reason, foreign


class OtherSchema(InputError):
    """A result of another version of nfprobe: what it says is not known, and so is what it is about, until a new run."""

    def __init__(self, file: str, schema: int, pf: str, vf: Optional[int]) -> None:
        again = shell.about("nfprobe", pf or "PF", "--vf", "any" if vf is None else str(vf), "--save")
        super().__init__(file, f"it has schema {schema}, and this version reads schema {SCHEMA}: {again} makes a new one")
        self.schema, self.vf, self.status = schema, vf, EXIT_UNKNOWN


# ---- the model ----

def error_code(value: Any) -> str:
    return text(value) or "?"


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


Text = Annotated[str, Key(text)]
MaybeText = Annotated[str, Key(absent="")]  # an older version does not have it
StyleName = Annotated[str, Key(row_style, "style", whole=True)]  # with its fix
Answer = Annotated[str, Key(null="unknown")]


class Write(NamedTuple):
    """A value that is written to a file of the kernel's."""
    value: Annotated[str, Key(name="write")]
    to: str


any_write = record(Write)
words_of = each(some_text)


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
    return "" if value is None else str(any_hint(value))


class Error(NamedTuple):
    code: Annotated[str, Key(error_code)]
    message: Text
    hint: Annotated[str, Key(said, absent="")] = ""

    def as_json(self) -> Dict[str, Optional[str]]:
        return {**self._asdict(), "hint": self.hint or None}


class Run(NamedTuple):
    id: str  # 32 hexadecimal digits; empty: it failed before it had one
    start: str  # "2026-11-20T10:00:00.123Z"
    duration_ms: int
    host: str
    kernel: str
    number: int = 0  # among those that --save keeps; 0: none


class FirmwarePart(NamedTuple):
    name: str
    running: str


class Pf(NamedTuple):
    ifname: str
    parentdev: str
    driver: str
    driver_version: str
    firmware: str
    firmware_versions: Tuple[FirmwarePart, ...]
    vendor: int
    device: int
    subsystem_vendor: int
    subsystem_device: int
    board_id: str
    num_vfs: Optional[int]
    eswitch_mode: str
    l2_fwd_offload: Optional[bool]


def required(settings: Dict[str, Any]) -> Tuple[str, ...]:
    """What --require asked of a verdict."""
    return ("ipv6",) if settings.get("require_ipv6") else ()


class Settings(NamedTuple):
    source: Annotated[str, Key(name="from")]  # as --from asked for it
    vlan: int
    settle_ms: Optional[int]
    settle_short: bool = False
    gap_limit_ms: int = 0  # 0: none
    require: Annotated[Tuple[str, ...], Key(required, whole=True)] = ()


class Source(NamedTuple):
    """Where the frames entered."""
    name: Annotated[str, Key(name="from")]  # "eth1", "vf:2", "pf"
    kind: str
    by: str  # what it can show
    note: str


USUAL = itemgetter("landing", "pf", "vf", "both", "lost", "duplicates", "sent")
SIX_NUMBERS = [int] * 6
LANDINGS = keys_at("vf.styles.steps.frames.unicast")["landing"]["words"]


class Count(NamedTuple):
    """The frames of one kind in a window, by receiver."""
    sent: int
    landing: MaybeText = ""  # empty: there is none
    pf: int = 0
    vf: int = 0
    both: int = 0
    lost: int = 0
    duplicates: int = 0

    @staticmethod
    def quick(value: Any) -> Optional[Count]:
        """The most frequent object by far: what is in order takes a short path."""
        try:
            landing, *numbers = USUAL(value)
            if landing in LANDINGS and list(map(type, numbers)) == SIX_NUMBERS and min(numbers) >= 0 and max(numbers) <= LARGEST:
                pf, vf, both, lost, duplicates, sent = numbers
                return Count(sent, sys.intern(landing), pf, vf, both, lost, duplicates)
        except (KeyError, TypeError):
            pass
        return None


NO_COUNT = Count(0)


class Frames(NamedTuple):
    """By what they are for; which of them a window has depends on what it asks."""
    unicast: Count = NO_COUNT
    broadcast: Count = NO_COUNT
    multicast: Count = NO_COUNT
    unregistered: Count = NO_COUNT
    all_nodes: Count = NO_COUNT
    unjoined: Count = NO_COUNT


STEP_FLAGS = tuple(key for key, field in keys_at("vf.styles.steps").items() if field["type"] == "bool" and not field.get("null"))


def step_flags(step: Dict[str, Any]) -> Tuple[str, ...]:
    return tuple([key for key in STEP_FLAGS if key in step and flag(step[key])])


class Step(NamedTuple):
    step: Annotated[str, Key(name="state")]
    status: str
    expected: str
    listens: str
    fit: Annotated[str, Key(name="answer", null="unknown")]
    start_ms: int
    duration_ms: int
    window_ms: int
    frames: Frames
    drops: int
    note: str
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
    from_step: Annotated[str, Key(name="from")]
    to_step: Annotated[str, Key(name="to")]
    listens: str
    lost: int
    gap_us: Optional[int]
    gap_error_us: Optional[int]
    duplicates: int


class GuestVlan(NamedTuple):
    """A VLAN in which the guest itself tags (--guest-vlan)."""
    vlan: int
    verdict: str


def has_fix(style: Dict[str, Any]) -> bool:
    return style.get("fix") is not None


class Style(NamedTuple):
    style: StyleName
    fix: MaybeText  # empty: none
    is_fix: Annotated[bool, Key(has_fix, "fix", whole=True)]  # tested since the style that was asked for is not safe: it does not count
    verdict: str
    allowed: bool
    why: MaybeText  # the rule that decided of the steps, in a word
    decided_by: MaybeText  # the judge whose verdict it is: steps, vlan ..
    claim: str
    release: str
    delivery: str
    reason: str
    # The NIC's filter alone, and what a bridge that learns makes of a guest that talks; empty: it was not asked
    filter_verdict: MaybeText
    filter_reason: MaybeText
    bridge_verdict: MaybeText
    by_bridge: Annotated[bool, Key(absent=False)]  # the latter is the verdict
    # A guest that is not pinned at its tap may be lost for so long once its VF is gone; 0: there is no such gap
    bridge_gap_ms: Annotated[int, Key(absent=0)]
    uplink_hears_vf: Annotated[str, Key(null="unknown", absent="unknown")]
    multicast: str
    multicast_note: str
    bus_master_falls: Answer
    guest_vlan: Annotated[Optional[GuestVlan], Key(absent=None)]
    no_wire: Annotated[bool, Key(absent=False)]  # its frames came from inside the NIC, and --allow no-wire accepts that
    steps: Tuple[Step, ...]  # empty, as the transitions, where they were not asked for
    transitions: Tuple[Transition, ...]


class Vf(NamedTuple):
    vf: int
    parentdev: str
    driver: str
    driver_version: str
    vlan: int
    probed_vlan: int
    trust: Optional[bool]
    spoofchk: Optional[bool]
    status: str
    styles: Tuple[Style, ...]
    error: Optional[Error]
    others_up: Optional[int] = None  # other VFs of the PF, before the run; None: nobody counted


# ---- what a person reads of it ----

class Condition(NamedTuple):
    """A row holds only where this has been brought about."""
    style: StyleName
    fix: MaybeText
    vlan: int
    id: str
    code: str
    whom: Annotated[Tuple[str, ...], Key(name="for")]  # all, ipv4, ipv6, vlan, host
    without: str
    words: str  # "IPv6: set trustGuestRxFilters"
    met_by: Tuple[str, ...]  # the advice that brings it about; none of what the run has not seen
    shown: str  # tested, kernel-rule or untested

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
    """"IPv6: set trustGuestRxFilters; an entry". @first: those alone without which SAFE must not be said."""
    return "; ".join(dict.fromkeys(one.said for one in conditions if one.is_first or not first))


class Tested(NamedTuple):
    by: str
    states: Tuple[str, ...]


class Advice(NamedTuple):
    """One thing to do, at one moment."""
    id: str
    what: str
    style: Annotated[str, Key(maybe_row, whole=True)]  # empty: of none
    fix: MaybeText
    vlan: int
    rank: int
    label: str
    sentence: str  # its moment, and what goes wrong otherwise, without a full stop
    moment: str
    not_before: bool
    where: str
    document: Annotated[str, Key(lines)]
    commands: Commands
    undo: Commands
    fill_in: Tuple[str, ...]
    lasts: str
    hook: bool
    tested: Tested

    @property
    def said(self) -> str:
        """As the run put it. A result that was shared has no sentence."""
        return f"{self.sentence}."

    @property
    def lead(self) -> str:
        """The same, before the lines of its block."""
        return f"{self.sentence}:" if self.blocks() else self.said

    def blocks(self) -> List[Tuple[str, List[str]]]:
        """The lines to put into a file, those to type, and those that undo it, each after its name, as far as there are any."""
        document = self.document.strip("\n").split("\n") if self.document else []
        found = (("", document), ("", command_lines(self.commands)), ("undo:", command_lines(self.undo)))
        return [(name, lines) for name, lines in found if lines]


class Cells(NamedTuple):
    """A row of the table of a guest's life."""
    attach: str
    up: str
    unplug: str
    detach: str
    clear: str
    vf_first: str
    ipv6: MaybeText  # empty: all frames are lost


MOMENTS = Cells._fields


class Outage(NamedTuple):
    state: str  # measured, endless or unmeasured
    us: Optional[int]
    error_us: Optional[int]
    to: str
    heard_by: str


class Life(NamedTuple):
    style: StyleName
    fix: MaybeText
    vlan: int  # of the guest, inside
    verdict: str
    serves: Tuple[str, ...]
    conditions: Tuple[str, ...]
    cells: Cells
    longest_outage: Outage

    @property
    def name(self) -> str:
        return f"{self.style}, VLAN {self.vlan}" if self.vlan else self.style


class Failover(NamedTuple):
    """What a run means for failover, in a word."""
    answer: str


class Lines(NamedTuple):
    """The text that the run would have printed with -v; so many lines of it, without."""
    lines: Tuple[Annotated[str, Key(line)], ...] = ()
    short: int = 0

    @property
    def first(self) -> Tuple[str, ...]:
        """What it printed without -v."""
        return self.lines[:self.short]


def no_name(_: Any) -> str:
    return ""


class Result(NamedTuple):
    file: Annotated[str, Key(no_name, whole=True)]  # its name, which is not in it
    version: str
    run: Run
    pf: Pf
    settings: Settings
    source: Optional[Source]  # what really sent; None: nothing did
    vf: Optional[Vf]  # None: the run did not get that far
    verdict: str
    exit: int
    warnings: Tuple[str, ...]
    changes_seen: Tuple[str, ...]
    left_behind: Tuple[Annotated[str, Key(said)], ...]
    restored: bool
    error: Optional[Error] = None
    answer: MaybeText = ""
    failover: Optional[Failover] = None
    conditions: Tuple[Condition, ...] = ()
    advice: Tuple[Advice, ...] = ()
    life: Tuple[Life, ...] = ()
    text: Lines = Lines()

    @property
    def styles(self) -> Tuple[Style, ...]:
        return self.vf.styles if self.vf else ()

    def conditions_of(self, style: str, inside: Optional[Sequence[int]] = None) -> Tuple[Condition, ...]:
        """What must be brought about. @inside: for a guest that itself tags in these VLANs; None: for all that the run was about."""
        return tuple([one for one in self.conditions if one.style == style and not one.is_unseen
                      and (inside is None or not one.vlan or one.vlan in inside)])

    def unseen_of(self, style: str) -> Tuple[Condition, ...]:
        return tuple([one for one in self.conditions if one.style == style and one.is_unseen])

    def is_ipv4_only(self, style: str) -> bool:
        """Does it lose IPv6, and nothing else?"""
        return any(row.style == style and row.serves == ("ipv4",) and row.verdict != "safe" for row in self.life if not row.vlan)


any_result = record(Result, "")


# ---- a document ----

def take_briefly(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    """Drops ladders, which are nine tenths of a result, as soon as they are read."""
    value = take_pairs(pairs)
    value.update((key, []) for key in ("steps", "transitions") if key in value)
    return value


def parse_object(data: Union[bytes, bytearray], ladders: bool = True) -> Any:
    """Raises Damaged."""
    return parse_json(data, LIMITS, take_pairs if ladders else take_briefly)


def other_schema(root: Dict[str, Any], file: str) -> OtherSchema:
    """Of its keys, only what the next run is to be about is looked at, as far as it is there."""
    pf, vf = root.get("pf"), root.get("vf")
    name = pf.get("ifname") if isinstance(pf, dict) else None
    number = vf.get("vf") if isinstance(vf, dict) else None
    return OtherSchema(file, root["schema"], name if isinstance(name, str) else "", number if type(number) is int else None)


def parse(data: Union[bytes, bytearray], file: str, ladders: bool = True) -> Result:
    """The result that @data is. Without @ladders its styles have neither steps nor transitions, which is faster. @file: its
    name, for messages. Raises InputError."""
    try:
        root = parse_object(data, ladders)
        if not isinstance(root, dict) or "run" not in root or type(root.get("schema")) is not int:
            raise InputError(file, "it is no result of nfprobe (--json, --save)", foreign=True)
        if root["schema"] != SCHEMA:
            raise other_schema(root, file)
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

# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what nfprobe --json and --save have written: the only module that knows the keys. A Result is typed and frozen; an
empty text, or None, is not known. Anybody may have written the file, so each value is checked when it is taken, all text
is clean (see text.py), and nothing in it is executed."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from operator import itemgetter
from typing import Any, BinaryIO, Callable, Dict, List, NamedTuple, NoReturn, Optional, Sequence, Tuple, TypeVar, Union

from . import Failure
from .files import why
from .rules import STYLES, VERDICTS
from .text import clean

SCHEMA = 3
# A result with every style has half a million bytes, and thirty thousand values.
FILE_BYTES = 8 << 20
FILE_VALUES = 400_000
TEXT_CHARS = 4096

SOURCES = ("wire", "vf", "pf")
SOURCES_BY = ("netdev", "peer", "arp", "arp-alone", "vf", "pf")
STEPS = ("control", "standby", "assign", "attach", "driver", "up", "alone", "down", "unplug", "detach", "clear", "reassign",
         "vf-first", "vf-first-up", "vf-first-unplug")
STEP_STATUS = ("skipped", "done", "refused")
LANDINGS = ("pf", "vf", "both", "nowhere", "mixed")
ANSWERS = ("no", "yes", "unknown")
TRANSMIT = ("untested", "ok", "dropped")
MULTICAST = ("untested", "unproven", "ok", "lost")
CLAIMS = ("assign", "assign-until-reset", "driver", "up", "never")
RELEASES = ("down", "unplug", "detach", "clear", "never")
DELIVERIES = ("vf", "both")
REQUIRES = ("use-macvtap-standby", "use-bridge-standby", "add-filter-entry", "keep-bridge-static", "use-second-vf",
            "assign-at-hotplug", "assign-before-standby", "release-standby-when-up", "detach-before-migration",
            "clear-at-unplug", "do-not-use")
NEIGHBOURS = ("untested", "unproven", "ok", "lost")
IDLE = ("control", "reset", "unplug", "detach", "clear")
VF_STATUS = ("probed", "in-use", "failed")
# The columns of a guest's life, and what a cell may say.
MOMENTS = ("attach", "up", "unplug", "detach", "clear", "reassign", "vf_first", "ipv6")
CELLS = ("ok", "lost", "refused", "slow", "unknown", "untested")
KINDS = ("unicast", "broadcast", "multicast", "unregistered", "all_nodes", "unjoined")

MAC = r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"
TIME = r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z"
RUN_ID = r"[0-9a-f]{32}"
PCI_ID = r"0x[0-9a-f]{4}"
LARGEST = 1 << 62


class InputError(Failure):
    """The file cannot be used. The text is a sentence that names it."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"cannot use {clean(file)}: {reason}")
        self.file, self.why = file, reason


class NotAResult(InputError):
    """It is no result of nfprobe's at all, but may well be something else that is in order."""


# ---- the model ----

class Error(NamedTuple):
    code: str
    message: str
    hint: str


class Run(NamedTuple):
    id: str  # 32 hexadecimal digits; empty: it failed before it had one
    start: str  # "2026-11-20T10:00:00.123Z"
    duration_ms: int
    settle_ms: int
    host: str
    kernel: str


class FirmwarePart(NamedTuple):
    name: str
    running: str
    stored: str


class Pf(NamedTuple):
    ifname: str
    ifindex: Optional[int]  # None: it could not be read
    parentdev: str
    driver: str
    driver_version: str
    firmware: str
    firmware_versions: Tuple[FirmwarePart, ...]
    vendor: int  # PCI ids; 0: not known
    device: int
    subsystem_vendor: int
    subsystem_device: int
    board_id: str
    num_vfs: Optional[int]
    total_vfs: Optional[int]
    eswitch_mode: str
    l2_fwd_offload: Optional[bool]
    promiscuity: Optional[int]
    master: str
    master_kind: str
    mtu: Optional[int]
    address: str


class Settings(NamedTuple):
    source: str  # as --from asked for it
    vlan: int  # 0: none
    rate: Optional[int]
    settle_ms: Optional[int]
    styles: Tuple[str, ...]
    allow: Tuple[str, ...]
    forced: bool
    multicast: bool
    gap_limit_ms: Optional[int]
    require_neighbours: bool


class Source(NamedTuple):
    """Where the frames entered."""
    name: str  # "eth1", "vf:2", "pf"
    kind: str  # of SOURCES
    by: str  # of SOURCES_BY: what it can show
    note: str


class Count(NamedTuple):
    """The frames of one kind in a window."""
    landing: str  # of LANDINGS; empty: there is none
    sent: int
    pf: int
    vf: int
    both: int
    lost: int
    duplicates: int


class Step(NamedTuple):
    step: str
    status: str
    fit: str
    start_ms: int
    duration_ms: int
    window_ms: int
    unicast: Count
    broadcast: Count
    multicast: Count
    unregistered: Count
    all_nodes: Count
    unjoined: Count
    drops: int
    transmit: str
    bus_master: Optional[bool]
    bus_master_us: Optional[int]
    bus_master_error_us: Optional[int]
    note: str
    errno: int
    hint: str
    flags: Tuple[str, ...]  # of STEP_FLAGS: those that are true


STEP_FLAGS = ("carrier_lost", "changed", "leave", "unsettled", "blinked", "healed", "healed_group", "repeated",
              "repeated_group", "promiscuous")


class Transition(NamedTuple):
    from_step: str
    to_step: str
    asked_us: Optional[int]
    lost: int
    gap_us: Optional[int]
    gap_error_us: Optional[int]
    gap_from: str  # "frame" or "request"
    duplicates: int


class NearWindow(NamedTuple):
    state: str
    status: str
    leaves: str
    unicast_sent: int
    unicast_heard: int
    broadcast_sent: int
    broadcast_heard: int
    unregistered_sent: int
    unregistered_heard: int
    note: str
    leave: bool
    disturbed: bool


class Neighbours(NamedTuple):
    verdict: str  # of NEIGHBOURS
    from_state: str
    until_state: str
    note: str
    windows: Tuple[NearWindow, ...]

    def words(self) -> str:
        """"lost from reset until clear"."""
        return (self.verdict + (f" from {self.from_state}" if self.from_state else "")
                + (f" until {self.until_state}" if self.until_state else ""))


class Style(NamedTuple):
    style: str
    via: str  # "vf:1": the standby's port; empty: the PF
    address: str
    verdict: str
    allowed: bool
    remedy: bool  # tested since another style is not safe: it does not count
    claim: str
    release: str
    delivery: str
    requires: Tuple[str, ...]
    reason: str
    transmit: str
    transmit_note: str
    multicast: str
    multicast_note: str
    neighbours: Optional[Neighbours]
    bus_master_falls: str
    steps: Tuple[Step, ...]  # empty, as the transitions, where they were not asked for
    transitions: Tuple[Transition, ...]
    flags: Tuple[str, ...]  # of STYLE_FLAGS: those that are true


STYLE_FLAGS = ("stopped", "floods", "unregistered_announced", "second_back", "unannounced", "learns_nothing")


class Proof(NamedTuple):
    requires: str
    proved_by: str
    multicast_lost: bool


class Vf(NamedTuple):
    vf: int
    parentdev: str
    driver: str
    driver_version: str
    address: str
    vlan: int
    probed_vlan: int
    trust: Optional[bool]
    spoofchk: Optional[bool]
    status: str
    styles: Tuple[Style, ...]
    verdict: str
    requires: Tuple[str, ...]
    proofs: Tuple[Proof, ...]
    neighbours: Optional[Neighbours]
    error: Optional[Error]


class Life(NamedTuple):
    """A row of the table of a guest's life."""
    style: str
    cells: Tuple[str, ...]  # of CELLS, in the order of MOMENTS


class Advice(NamedTuple):
    text: str
    command: str
    when: str


class Result(NamedTuple):
    file: str
    version: str
    run: Run
    pf: Pf
    settings: Settings
    reflector: str  # its address; empty: there was none
    source: Optional[Source]  # what really sent; None: nothing did
    vf: Optional[Vf]  # None: the run did not get that far
    verdict: str
    exit: int
    warnings: Tuple[str, ...]
    changes_seen: Tuple[str, ...]
    left_behind: Tuple[str, ...]
    restored: bool
    error: Optional[Error]
    answer: str
    life: Tuple[Life, ...]
    advice: Tuple[Advice, ...]

    @property
    def styles(self) -> Tuple[Style, ...]:
        return self.vf.styles if self.vf else ()


# ---- values ----

class Damaged(Exception):
    """The text says why."""


T = TypeVar("T")


class Object:
    """An object of JSON."""

    def __init__(self, value: Any, where: str = "") -> None:
        if not isinstance(value, dict):
            raise Damaged(f"{where or 'it'} is not an object")
        self.value: Dict[str, Any] = value
        self.where = where

    def path(self, key: str) -> str:
        return f"{self.where}{'.' if self.where else ''}{key}"

    def fail(self, key: str, what: str) -> NoReturn:
        raise Damaged(f"{self.path(key)} {what}")

    def any(self, key: str) -> Any:
        if key not in self.value:
            self.fail(key, "is missing")
        return self.value[key]

    def take_text(self, key: str, value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fail(key, "is not a string")
        if len(value) > TEXT_CHARS:
            self.fail(key, f"has more than {TEXT_CHARS} characters")
        return sys.intern(clean(value))

    def text(self, key: str) -> str:
        """An empty text stands for null."""
        return self.take_text(key, self.any(key))

    def maybe_text(self, key: str) -> str:
        return self.take_text(key, self.value.get(key))

    def maybe_lines(self, key: str) -> str:
        """As maybe_text(), but lines stay lines."""
        self.maybe_text(key)
        return "\n".join(map(clean, (self.value.get(key) or "").split("\n")))

    def like(self, key: str, pattern: str) -> str:
        text = self.text(key)
        if text and not re.fullmatch(pattern, text):
            self.fail(key, f"is not like {pattern}")
        return text

    def word(self, key: str, words: Sequence[str]) -> str:
        """One of @words."""
        value = self.any(key)
        if not isinstance(value, str) or value not in words:
            self.fail(key, f"is none of {', '.join(words)}")
        return sys.intern(value)

    def maybe_word(self, key: str, words: Sequence[str]) -> str:
        """Likewise; empty: null."""
        return "" if self.any(key) is None else self.word(key, words)

    def words(self, key: str, words: Sequence[str]) -> Tuple[str, ...]:
        value = self.list(key)
        if any(not isinstance(v, str) or v not in words for v in value):
            self.fail(key, f"has what is none of {', '.join(words)}")
        return tuple(map(sys.intern, value))

    def number(self, key: str, largest: int = LARGEST) -> int:
        value = self.any(key)
        if type(value) is not int or not 0 <= value <= largest:
            self.fail(key, "is not a number, or too large")
        return int(value)

    def maybe_number(self, key: str, largest: int = LARGEST) -> Optional[int]:
        """None: null, or absent."""
        return None if self.value.get(key) is None else self.number(key, largest)

    def flag(self, key: str) -> bool:
        value = self.any(key)
        if not isinstance(value, bool):
            self.fail(key, "is neither true nor false")
        return value

    def maybe_flag(self, key: str) -> Optional[bool]:
        return None if self.value.get(key) is None else self.flag(key)

    def flags(self, keys: Sequence[str]) -> Tuple[str, ...]:
        """Those that are true; one that is absent is false."""
        return tuple(key for key in keys if key in self.value and self.flag(key))

    def pci_id(self, key: str) -> int:
        return int(self.like(key, PCI_ID) or "0", 16)

    def object(self, key: str) -> Object:
        return Object(self.any(key), self.path(key))

    def maybe(self, key: str, read: Callable[[Object], T]) -> Optional[T]:
        return None if self.value.get(key) is None else read(self.object(key))

    def list(self, key: str) -> List[Any]:
        value = self.any(key)
        if not isinstance(value, list):
            self.fail(key, "is not a list")
        return value

    def optional(self, key: str, read: Callable[[Object], T]) -> Optional[T]:
        """Likewise, but a key that is absent is missing."""
        return None if self.any(key) is None else read(self.object(key))

    def each(self, key: str, read: Callable[[Object], T]) -> Tuple[T, ...]:
        return tuple([read(Object(v, f"{self.path(key)}[{i}]")) for i, v in enumerate(self.list(key))])

    def texts(self, key: str) -> Tuple[str, ...]:
        return tuple([self.take_text(f"{key}[{i}]", v) for i, v in enumerate(self.list(key))])


# ---- the parts of a result ----

def read_error(error: Object) -> Error:
    return Error(error.text("code") or "?", error.text("message"), error.maybe_text("hint"))


def read_run(run: Object) -> Run:
    run_id = run.like("id", RUN_ID)
    return Run(run_id if run_id.strip("0") else "", run.like("start", TIME), run.number("duration_ms"), run.number("settle_ms"),
               run.text("host"), run.text("kernel"))


def read_part(part: Object) -> FirmwarePart:
    return FirmwarePart(part.text("name"), part.text("running"), part.maybe_text("stored"))


def read_pf(pf: Object) -> Pf:
    return Pf(pf.text("ifname"), pf.maybe_number("ifindex"), pf.text("parentdev"), pf.text("driver"), pf.text("driver_version"),
              pf.text("firmware"), pf.each("firmware_versions", read_part), pf.pci_id("vendor"), pf.pci_id("device"),
              pf.pci_id("subsystem_vendor"), pf.pci_id("subsystem_device"), pf.text("board_id"), pf.maybe_number("num_vfs"),
              pf.maybe_number("total_vfs"), pf.text("eswitch_mode"), pf.maybe_flag("l2_fwd_offload"),
              pf.maybe_number("promiscuity"), pf.text("master"), pf.text("master_kind"), pf.maybe_number("mtu"),
              pf.like("address", MAC))


def read_settings(settings: Object) -> Settings:
    return Settings(settings.text("from"), settings.number("vlan", 4095), settings.maybe_number("rate"), settings.maybe_number("settle_ms"),
                    settings.words("styles", STYLES), settings.words("allow", VERDICTS), settings.flag("forced"),
                    settings.flag("multicast"), settings.maybe_number("gap_limit_ms"),
                    bool(settings.maybe_flag("require_neighbours")))


COUNTS = itemgetter(*Count._fields)
SIX_NUMBERS = [int] * (len(Count._fields) - 1)


def read_count(step: Object, key: str) -> Count:
    """The most frequent object by far: what is in order takes a short path."""
    try:
        landing, *numbers = COUNTS(step.value[key])
        if landing in LANDINGS and list(map(type, numbers)) == SIX_NUMBERS and min(numbers) >= 0 and max(numbers) <= LARGEST:
            return Count(sys.intern(landing), *numbers)
    except (KeyError, TypeError):
        pass
    count = step.object(key)
    return Count(count.maybe_word("landing", LANDINGS), *[count.number(k) for k in Count._fields[1:]])


def read_step(step: Object) -> Step:
    return Step(step.word("step", STEPS), step.word("status", STEP_STATUS), step.word("fit", ANSWERS), step.number("start_ms"),
                step.number("duration_ms"), step.number("window_ms"), read_count(step, "unicast"), read_count(step, "broadcast"),
                read_count(step, "multicast"), read_count(step, "unregistered"), read_count(step, "all_nodes"),
                read_count(step, "unjoined"), step.number("drops"), step.maybe_word("transmit", TRANSMIT), step.maybe_flag("bus_master"),
                step.maybe_number("bus_master_us"), step.maybe_number("bus_master_error_us"), step.text("note"),
                step.maybe_number("errno") or 0, step.maybe_text("hint"), step.flags(STEP_FLAGS))


def read_transition(change: Object) -> Transition:
    return Transition(change.word("from", STEPS), change.word("to", STEPS), change.maybe_number("asked_us"),
                      change.number("lost"), change.maybe_number("gap_us"), change.maybe_number("gap_error_us"),
                      change.maybe_word("gap_from", ("frame", "request")), change.number("duplicates"))


def read_window(window: Object) -> NearWindow:
    return NearWindow(window.word("state", IDLE), window.word("status", STEP_STATUS), window.word("leaves", ANSWERS),
                      window.number("unicast_sent"), window.number("unicast_heard"), window.number("broadcast_sent"),
                      window.number("broadcast_heard"), window.number("unregistered_sent"), window.number("unregistered_heard"),
                      window.text("note"), bool(window.maybe_flag("leave")), bool(window.maybe_flag("disturbed")))


def read_neighbours(neighbours: Object) -> Neighbours:
    near = neighbours.object("elsewhere")
    return Neighbours(near.word("verdict", NEIGHBOURS), near.maybe_word("from", IDLE), near.maybe_word("until", IDLE),
                      near.text("note"), near.each("windows", read_window) if "windows" in near.value else ())


def read_style(style: Object, ladders: bool) -> Style:
    return Style(style.word("style", STYLES), style.maybe_text("via"), style.like("address", MAC),
                 style.word("verdict", VERDICTS), style.flag("allowed"), bool(style.maybe_flag("remedy")),
                 style.maybe_word("claim", CLAIMS), style.maybe_word("release", RELEASES),
                 style.maybe_word("delivery", DELIVERIES), style.words("requires", REQUIRES), style.text("reason"),
                 style.maybe_word("transmit", TRANSMIT), style.text("transmit_note"), style.maybe_word("multicast", MULTICAST),
                 style.text("multicast_note"), style.maybe("neighbours", read_neighbours),
                 style.word("bus_master_falls", ANSWERS), style.each("steps", read_step) if ladders else (),
                 style.each("transitions", read_transition) if ladders else (), style.flags(STYLE_FLAGS))


def read_source(source: Object) -> Source:
    return Source(source.text("from"), source.word("kind", SOURCES), source.word("by", SOURCES_BY), source.text("note"))


def read_proof(proof: Object) -> Proof:
    return Proof(proof.word("requires", REQUIRES), proof.text("proved_by"), bool(proof.maybe_flag("multicast_lost")))


def read_vf(vf: Object, ladders: bool) -> Vf:
    return Vf(vf.number("vf", 4095), vf.text("parentdev"), vf.text("driver"), vf.text("driver_version"), vf.like("address", MAC),
              vf.number("vlan", 4095), vf.number("probed_vlan", 4095), vf.maybe_flag("trust"), vf.maybe_flag("spoofchk"),
              vf.word("status", VF_STATUS), vf.each("styles", lambda style: read_style(style, ladders)),
              vf.maybe_word("verdict", VERDICTS), vf.words("requires", REQUIRES), vf.each("proofs", read_proof),
              vf.maybe("neighbours", read_neighbours), vf.maybe("error", read_error))


def read_life(row: Object) -> Life:
    cells = row.object("cells")
    return Life(row.word("style", STYLES), tuple([cells.word(moment, CELLS) for moment in MOMENTS]))


def read_advice(advice: Object) -> Advice:
    return Advice(advice.text("text"), advice.maybe_lines("command"), advice.maybe_text("when"))


def read_result(root: Object, file: str, ladders: bool) -> Result:
    reflector = root.maybe("reflector", lambda reflector: reflector.like("address", MAC))
    return Result(file, root.text("version"), read_run(root.object("run")), read_pf(root.object("pf")),
                  read_settings(root.object("settings")), reflector or "", root.optional("source", read_source),
                  root.optional("vf", lambda vf: read_vf(vf, ladders)), root.maybe_word("verdict", VERDICTS), root.number("exit", 255),
                  root.texts("warnings"), root.texts("changes_seen"), root.texts("left_behind"), root.flag("restored"),
                  root.maybe("error", read_error), root.maybe_text("answer"),
                  root.each("life", read_life) if "life" in root.value else (),
                  root.each("advice", read_advice) if "advice" in root.value else ())


# ---- a document ----

def take_pairs(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key appears twice")
    return value


def take_pairs_briefly(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    """Drops ladders, which are nine tenths of a result, as soon as they are read."""
    value = take_pairs(pairs)
    value.pop("steps", None)
    value.pop("transitions", None)
    return value


def take_number(digits: str) -> int:
    """The time that int() takes grows with the square of the digits."""
    if len(digits) > 20:
        raise ValueError("too many digits")
    return int(digits)


# A newer Python has a limit of its own, and is faster without a function.
PARSE_INT = None if hasattr(sys, "get_int_max_str_digits") else take_number


def take_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def parse_json(data: bytes, ladders: bool = True) -> Any:
    """Raises Damaged."""
    if len(data) > FILE_BYTES:
        raise Damaged(f"it is larger than {FILE_BYTES >> 20} MB")
    # A value takes a byte at least, so few files have to be counted.
    if len(data) > FILE_VALUES and sum(map(data.count, (b",", b"[", b"{"))) > FILE_VALUES:
        raise Damaged(f"it has more than {FILE_VALUES} values")
    try:
        return json.loads(data.decode(), object_pairs_hook=take_pairs if ladders else take_pairs_briefly, parse_int=PARSE_INT,
                          parse_constant=take_constant)
    except (ValueError, RecursionError):
        raise Damaged("it is damaged, or not JSON") from None


def parse(data: bytes, file: str, ladders: bool = True) -> Result:
    """The result that @data is. Without @ladders its styles have neither steps nor transitions, which is faster. @file: its
    name, for messages. Raises InputError."""
    try:
        root = parse_json(data, ladders)
        if not isinstance(root, dict) or "run" not in root or type(root.get("schema")) is not int:
            raise NotAResult(file, "it is no result of nfprobe (--json, --save)")
        if root["schema"] != SCHEMA:
            raise Damaged(f"it has schema {root['schema']}, and this reads schema {SCHEMA}: another version of nfprobe wrote it")
        return read_result(Object(root), file, ladders)
    except Damaged as error:
        text = str(error)
        raise InputError(file, text if text.startswith("it ") else f"it is damaged: {text}") from None


def read_bytes(file: BinaryIO) -> bytes:
    """All of it, or more than may be parsed."""
    size = os.fstat(file.fileno()).st_size
    data = file.read(min(size, FILE_BYTES) + 1)
    # The size of a pipe is zero, and a file may be growing.
    return data + file.read(FILE_BYTES + 1 - len(data)) if size < len(data) else data


def name_of(source: Union[str, int]) -> str:
    return "standard input" if source in ("-", 0) else str(source)


def read_file(source: Union[str, int], name: str = "") -> bytes:
    """What is in a file, "-" for standard input, or on a descriptor, which stays open; never more than a little beyond what
    may be parsed. Raises InputError."""
    name = name or name_of(source)
    try:
        if source == "-" or isinstance(source, int):
            with open(0 if source == "-" else source, "rb", closefd=False) as file:
                return read_bytes(file)
        # A device is not opened, which may have side effects; a FIFO is, and is waited for.
        mode = os.stat(source).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            raise InputError(name, "it is no file")
        with open(source, "rb") as file:
            return read_bytes(file)
    except OSError as error:
        raise InputError(name, why(error)) from None
    except ValueError:  # a name with a NUL byte
        raise InputError(name, "it has an impossible name") from None


def load(source: Union[str, int], name: str = "", ladders: bool = True) -> Result:
    """The result in such a file. Raises InputError."""
    name = name or name_of(source)
    return parse(read_file(source, name), name, ladders)

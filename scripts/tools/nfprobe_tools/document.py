# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON as typed and frozen objects: the fields of a NamedTuple say which keys are taken. What each of them may be, keys.json says of an
object of a result, which make writes of the program's tables; of another one, the type of the field.

Anybody may have written the text, so each value is checked when it is taken, and nothing in it is executed. Damaged says what is
wrong with it."""

from __future__ import annotations

import collections.abc
import functools
import json
import os
import re
import stat
import sys
from typing import (Annotated, Any, Callable, Dict, List, Mapping, NamedTuple, NoReturn, Optional, Sequence, Tuple, Union, get_args,
                    get_origin, get_type_hints)

from . import Failure
from .text import clean

TEXT_CHARS = 4096
LARGEST = 1 << 62

Read = Callable[[Any], Any]  # the value of a field, from that of JSON


class Damaged(Failure):
    """@what is wrong with the value at @path."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(f"{path or 'it'} {what}")
        self.what, self.path = what, path

    def inside(self, place: str) -> Damaged:
        dot = "." if self.path and not self.path.startswith("[") else ""
        return Damaged(self.what, f"{place}{dot}{self.path}")


# ---- text as JSON ----

def take_pairs(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key appears twice")
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


class Limits(NamedTuple):
    """How large a document of one kind may be. Values cost more than their bytes: both together keep a reader within 64 MB."""
    bytes: int
    values: int


Input = Union[str, int]  # a path, "-" for standard input, or a descriptor, which stays open
CHUNK_BYTES = 1 << 20


def opened(path: str) -> int:
    """A descriptor. Neither a device, to open which may have side effects, nor a FIFO, for whose writer one would wait, is
    opened; nor does something that has taken the file's place hold anybody up. Raises OSError, Damaged."""
    end, other = os.pipe()
    of_pipes = os.fstat(end).st_dev
    os.close(end)
    os.close(other)

    def look(found: os.stat_result) -> None:
        # Pipes without a name, as /dev/stdin and <(..) of a shell, have a writer already.
        if not stat.S_ISREG(found.st_mode) and not (stat.S_ISFIFO(found.st_mode) and found.st_dev == of_pipes):
            raise Damaged("is neither a file nor standard input")

    look(os.stat(path))
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        look(os.fstat(fd))
        os.set_blocking(fd, True)
    except BaseException:
        os.close(fd)
        raise
    return fd


def read_within(source: Input, limits: Limits) -> bytearray:
    """Raises OSError, Damaged: a text that is too large is not read to its end."""
    fd = 0 if source == "-" else source if isinstance(source, int) else opened(source)
    data, values = bytearray(), 0
    try:
        while True:
            chunk = os.read(fd, min(CHUNK_BYTES, limits.bytes + 1 - len(data)))
            if not chunk:
                return data
            data += chunk
            values += values_in(chunk)
            check_size(len(data), values, limits)
    finally:
        if fd not in (0, source):
            os.close(fd)


def values_in(data: Union[bytes, bytearray]) -> int:
    """At most so many, and one."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def check_size(size: int, values: int, limits: Limits) -> None:
    if size > limits.bytes:
        raise Damaged(f"is larger than {limits.bytes >> 20} MB")
    if values > limits.values:
        raise Damaged(f"has more than {limits.values} values")


def parse_json(data: Union[bytes, bytearray], limits: Limits,
               take: Callable[[List[Tuple[str, Any]]], Dict[str, Any]] = take_pairs) -> Any:
    """Raises Damaged. @take: makes each object of its keys and values."""
    # A value takes a byte at least, so few texts have to be counted.
    check_size(len(data), values_in(data) if len(data) > limits.values else 0, limits)
    try:
        return json.loads(data.decode(), object_pairs_hook=take, parse_int=PARSE_INT, parse_constant=take_constant)
    except (ValueError, RecursionError):
        raise Damaged("is damaged, or not JSON") from None


# ---- values ----

def text(value: Any) -> str:
    """An empty text stands for null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Damaged("is not a string")
    if len(value) > TEXT_CHARS:
        raise Damaged(f"has more than {TEXT_CHARS} characters")
    return sys.intern(clean(value))


def some_text(value: Any) -> str:
    return text(string(value))


def lines(value: Any) -> str:
    """Likewise, but lines stay lines."""
    text(value)
    return "\n".join(map(clean, (value or "").split("\n")))


def line(value: Any) -> str:
    """A line that was printed, which may end in a long command."""
    return "".join(map(text, [string(value)[i:i + TEXT_CHARS] for i in range(0, len(string(value)), TEXT_CHARS)]))


def like(pattern: str) -> Read:
    def read(value: Any) -> str:
        found = text(value)
        if found and not re.fullmatch(pattern, found):
            raise Damaged(f"is not like {pattern}")
        return found
    return read


def word(words: Sequence[str], null: bool = False) -> Read:
    """One of @words. @null: or null, for which an empty text stands."""
    def read(value: Any) -> str:
        if value is None and null:
            return ""
        if not isinstance(value, str) or value not in words:
            raise Damaged(f"is none of {', '.join(words)}")
        return sys.intern(value)
    return read


def number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise Damaged("is not a number, or too large")
    return value


def string(value: Any) -> str:
    if not isinstance(value, str):
        raise Damaged("is not a string")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Damaged("is neither true nor false")
    return value


def texts(value: Any) -> Dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise Damaged("is not an object of strings")
    return value


# ---- objects ----

REQUIRED = object()


class Key(NamedTuple):
    """Annotates a field."""
    read: Union[Read, None] = None  # None: as keys.json says, or the type of the field
    name: str = ""  # where it is not that of the field
    absent: Any = REQUIRED  # the field's value where there is no such key
    null: Any = REQUIRED  # the field's value for null, where it is not the empty one
    whole: bool = False  # @read takes the object that has the field


PLAIN: Dict[Any, Read] = {str: string, int: number, bool: flag}
PATTERNS = {"mac": "[0-9a-f]{2}(:[0-9a-f]{2}){5}", "pci_id": "0x[0-9a-f]{4}",
            "time": r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z"}


Field = Mapping[str, Any]  # what a key may be: its type; null; words; keys, of an object; size, in bytes


def all_keys() -> Field:
    with open(os.path.join(os.path.dirname(__file__), "keys.json"), encoding="utf-8") as file:
        found: Dict[str, Any] = json.load(file)["result"]
    return {"schema": {"type": "number"}, "minor": {"type": "number"}, "version": {"type": "text"}, **found}


RESULT = all_keys()


def pattern(field: Field) -> str:
    return f"[0-9a-f]{{{2 * field['size']}}}" if field["type"] == "bytes" else PATTERNS[field["type"]]


def pci_id(value: Any) -> int:
    return int(like(PATTERNS["pci_id"])(string(value)), 16)


def keys_at(path: str) -> Mapping[str, Field]:
    """Those of an object of a result: vf.styles; empty: its own."""
    found = RESULT
    for key in filter(None, path.split(".")):
        found = found[key]["keys"]
    return found


def reader(hint: Any) -> Read:
    """Returns the reader of a field of this type: a NamedTuple, a plain type, an optional one, a tuple or a mapping of strings."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        key: Key = args[1]
        return key.read or reader(args[0])
    if origin is Union:
        inner = reader(args[0])
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return each(reader(args[0]))
    if origin is collections.abc.Mapping:
        return texts
    return PLAIN[hint] if hint in PLAIN else record(hint)


def described(field: Field, hint: Any, null: Any, path: str) -> Read:
    """Returns the reader of the key at @path: the type of the field says only which value stands for null."""
    optional = get_origin(hint) is Union
    inner = get_args(hint)[0] if optional else hint
    kind: str = field["type"]
    simple: Dict[str, Callable[[], Read]] = {
        "text": lambda: some_text, "bool": lambda: flag, "number": lambda: number, "word": lambda: word(field["words"]),
        "words": lambda: each(word(field["words"])), "texts": lambda: each(some_text), "object": lambda: record(inner, path),
        "objects": lambda: each(record(get_args(inner)[0], path)), "pci_id": lambda: pci_id}
    if kind in simple:
        read = simple[kind]()
    elif kind in PATTERNS or kind == "bytes":
        read = like(pattern(field))
    else:
        return reader(hint)
    if not field.get("null") and not optional:  # what is optional was null in an older version
        return read
    empty = None if optional else {str: "", int: 0}.get(inner, ()) if null is REQUIRED else null
    return lambda value: empty if value is None else read(value)


def each(read: Read) -> Read:
    def read_all(value: Any) -> Tuple[Any, ...]:
        if not isinstance(value, list):
            raise Damaged("is not a list")
        try:
            return tuple([read(item) for item in value])
        except Damaged:
            for i, item in enumerate(value):  # the numbers of the others are not needed
                try:
                    read(item)
                except Damaged as damage:
                    raise damage.inside(f"[{i}]") from None
            raise
    return read_all


@functools.lru_cache(maxsize=None)
def record(kind: Any, path: Optional[str] = None) -> Read:
    """Returns the reader of an object as a NamedTuple, of that at @path of a result. A field that has a default may be absent. A kind
    that is read very often has a way of its own for what is usual: quick()."""
    keys, quick = {} if path is None else keys_at(path), getattr(kind, "quick", None)
    fields = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        key: Key = get_args(hint)[1] if get_origin(hint) is Annotated else Key()
        absent = kind._field_defaults.get(name, REQUIRED) if key.absent is REQUIRED else key.absent
        at = key.name or name
        if at in keys and not key.read:
            plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
            read_field = described(keys[at], plain, key.null, f"{path}.{at}" if path else at)
        else:
            read_field = reader(hint)
        fields.append((at, read_field, absent, key.whole))

    def read(value: Any) -> Any:
        usual = quick(value) if quick else None
        if usual is not None:
            return usual
        if not isinstance(value, dict):
            raise Damaged("is not an object")
        found, at = [], ""
        try:
            for at, read_field, absent, whole in fields:
                if whole:
                    found.append(read_field(value))
                elif at in value:
                    found.append(read_field(value[at]))
                elif absent is REQUIRED:
                    raise Damaged("is missing")
                else:
                    found.append(absent)
        except Damaged as damage:
            raise damage.inside(at) from None
        return kind(*found)
    return read

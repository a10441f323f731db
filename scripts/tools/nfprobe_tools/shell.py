# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for people to paste. Each is a list of words, and becomes a line of a shell here and nowhere else: a netdev, a folder and
a guest have names that others chose."""

from __future__ import annotations

import re
from typing import List, Tuple

from .text import harmless

PLAIN = re.compile("[A-Za-z0-9_./:@%+=,-]+")


def escaped(char: str) -> str:
    """The bytes of a character, in $'..'. What was no UTF-8 (os.fsdecode) is the byte that it was."""
    was_byte = "\udc80" <= char <= "\udcff"
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape" if was_byte else "surrogatepass"))


def word(text: str) -> str:
    """A word as bash reads it, of characters that are printed as they are."""
    if PLAIN.fullmatch(text) and harmless(text) == text:
        return text
    hidden = "#:[" if harmless(text) != text else ""
    if text.isascii() and text.isprintable() and not hidden:
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(f"\\{c}" if c in "'\\" else c if " " <= c <= "~" and c not in hidden else escaped(c) for c in text) + "'"


def command(*words: str) -> str:
    return " ".join(map(word, words))


def write(value: str, file: str) -> str:
    return f"{command('echo', value)} > {word(file)}"


def operand(name: str) -> List[str]:
    """The words for a netdev at the end of a command of nfprobe's: it may be called -h."""
    return ["--", name] if name.startswith("-") else [name]


def words_about(program: str, name: str, *options: str) -> Tuple[str, ...]:
    """One of nfprobe's commands about a netdev."""
    return (program, *options, *operand(name)) if name.startswith("-") else (program, name, *options)


def about(program: str, name: str, *options: str) -> str:
    return command(*words_about(program, name, *options))

# SPDX-License-Identifier: GPL-2.0-or-later
"""Text that others have written, for a terminal, the log of a CI system, HTML and XML."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, NamedTuple, TextIO, Tuple, Union

# The categories Cc, Cf, Zl and Zp of Unicode 16.0, with the gaps in their blocks, and what XML does not allow.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
                         "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe-\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
                         "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]")
SURROGATES = re.compile("[\ud800-\udfff]")
# The text before the character that completes a command of a CI system that prints it: GitHub's runner executes
# "::name::" at the beginning of a line, behind blanks or what may be one, and "##[" anywhere, Azure's agent "##[" and
# "##vso[", GitLab "section_start:" and "section_end:".
COMMAND = re.compile(r"(##(?=\[)|##vso(?=\[)|section_(?:start|end)(?=:)|^[^\n!-~]*:(?=:))(.)", re.MULTILINE | re.IGNORECASE)


def clean(text: str) -> str:
    """The text without what could move the cursor or be no UTF-8."""
    if text.isascii() and text.isprintable():
        return text
    text = UNPRINTABLE.sub(lambda c: " " if c[0] in "\n\t\r" else "?", text)
    return SURROGATES.sub("\ufffd", text)


def xml_value(value: str) -> str:
    """The value of an attribute in XML that is to be pasted."""
    for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ("'", "apos")):
        value = value.replace(char, f"&{name};")
    return f"'{clean(value)}'"


def harmless(text: str, escape: str = "?") -> str:
    """The text without such commands. @escape: of a character, by its number."""
    # Nearly every text has none, which this finds ten times as fast.
    if "::" not in text and "##" not in text and "section_" not in text.lower():
        return text
    return COMMAND.sub(lambda found: found[1] + escape.format(ord(found[2])), text)


def json_text(document: Any) -> str:
    return harmless(json.dumps(document, indent=2), r"\u{:04x}") + "\n"


def plural(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 'es' if what.endswith('s') else 's'}"


def say(program: str, text: str) -> None:
    print(harmless(f"{program}: {clean(text)}"), file=sys.stderr)


def say_hint(text: str) -> None:
    """Prints what may help, below what was said."""
    if text:
        print(harmless(clean(text)), file=sys.stderr)


# The kinds of words, and how a terminal shows each.
COLOURS = {"safe": "\033[1;32m", "bad": "\033[1;31m", "unsure": "\033[1;33m", "bold": "\033[1m"}
PLAIN = "\033[0m"
Painted = Tuple[str, str]  # a text and its colour; "": none


class Note(NamedTuple):
    """A sentence, and a command that belongs at its end (shell.py)."""
    text: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.text}{self.command and ' '}{self.command}"


class Writer(NamedTuple):
    """Text for people."""
    out: TextIO
    columns: int = 0  # 0: lines are not wrapped
    colours: bool = False

    def paint(self, text: str, colour: str) -> str:
        return f"{COLOURS[colour]}{clean(text)}{PLAIN}" if self.colours and colour else clean(text)

    def painted(self, *parts: Painted) -> None:
        """A line that is not wrapped."""
        print(harmless("".join(self.paint(*part) for part in parts).rstrip()), file=self.out)

    def line(self, text: Union[str, Note] = "", hang: int = 0, *head: Painted) -> None:
        """@head: how the line begins, which no wrapping breaks; nor does any break a command."""
        begin = "".join(part for part, _ in head)
        lines = [clean(str(text))]
        if self.columns and len(begin) + len(lines[0]) > self.columns:
            import textwrap  # it takes time, and few lines need it
            words, command = text if isinstance(text, Note) else (text, "")
            lines = textwrap.wrap(" " * len(begin) + clean(words), max(self.columns, len(begin) + 18), subsequent_indent=" " * hang,
                                  break_long_words=False, break_on_hyphens=False)
            if command and len(lines[-1]) + 1 + len(command) <= self.columns:
                lines[-1] += f" {command}"
            elif command:
                lines.append(" " * hang + command)
            lines[0] = lines[0][len(begin):] if lines[0].startswith(" " * len(begin)) else lines[0]
        self.painted(*head, (lines[0], ""))
        for more in lines[1:]:
            self.painted((more, ""))


def writer_to(out: TextIO, color: str = "auto") -> Writer:
    """As wide as the terminal, or as COLUMNS says. @color: of --color."""
    terminal = out.isatty()
    columns = os.environ.get("COLUMNS", "")
    if terminal:
        width = os.get_terminal_size(out.fileno()).columns
    else:
        width = int(columns) if re.fullmatch("[0-9]{2,4}", columns) else 0
    return Writer(out, width, color == "always" or (color == "auto" and terminal and not os.environ.get("NO_COLOR")))

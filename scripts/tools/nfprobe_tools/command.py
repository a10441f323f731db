# SPDX-License-Identifier: GPL-2.0-or-later
"""What the three commands have in common: how they read options, and what they say of a mistake."""

from __future__ import annotations

import argparse
import io
import sys
from typing import Any, Callable, Dict, Mapping, NoReturn, Optional, Sequence

from . import EXIT_USAGE, VERSION, Failure
from .files import replacing, why
from .result import STYLES
from .text import clean, json_text, say


class Parser(argparse.ArgumentParser):
    """Raises Failure for what is typed wrongly, in the words of nfprobe."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def add_version(self) -> None:
        self.add_argument("-V", "--version", action="version", version=f"{self.prog} {VERSION}")

    def error(self, message: str) -> NoReturn:
        words = message[len("argument "):] if message.startswith("argument ") else message
        raise Failure(clean(words), "usage", f"{self.prog} --help lists the options", EXIT_USAGE)

    def parse(self, argv: Sequence[str], alone: Mapping[str, str], too_many: str = "") -> argparse.Namespace:
        """@alone: what options mean whose argument is left out. As getopt_long(3) has it, such an argument follows an "="."""
        end = argv.index("--") if "--" in argv else len(argv)
        words = [*(f"{word}={alone[word]}" if word in alone else word for word in argv[:end]), *argv[end:]]
        args, unknown = self.parse_known_intermixed_args(words)
        self.refuse(unknown, too_many)
        return args

    def refuse(self, unknown: Sequence[str], too_many: str = "") -> None:
        """What is left over. @too_many: why there are no more arguments."""
        if unknown and unknown[0].startswith("-"):
            self.error(f"{unknown[0]} is not an option")
        if unknown:
            self.error(f'"{unknown[0]}" is one argument too many{too_many}')


def style_list(text: str) -> Sequence[str]:
    """The styles that --style names, in the order of STYLES."""
    names = STYLES if text == "all" else text.split(",")
    for name in names:
        if name not in STYLES:
            raise argparse.ArgumentTypeError(f"{clean(name)!r} is unknown: it takes {', '.join(STYLES)}, with commas between them, or all")
    return [style for style in STYLES if style in names]


def within(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
        raise argparse.ArgumentTypeError(f"{clean(text)} is out of range: it takes {least} to {most}")
    return int(text)


def use_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say_failure(program: str, failure: Failure) -> int:
    """Its exit status."""
    for text in filter(None, (str(failure), failure.hint)):
        say(program, text)
    return failure.status


def write_json(document: Dict[str, Any], path: str) -> None:
    """@path: "-" for standard output. Raises OSError."""
    if path == "-":
        sys.stdout.write(json_text(document))
        return
    with replacing(path) as file:
        file.write(json_text(document).encode())


def wants_json(argv: Sequence[str]) -> str:
    """Where JSON goes by options that may be wrong; empty: nobody wants any."""
    options = argv[:argv.index("--")] if "--" in argv else argv
    wanted = ["-" if word == "--json" else word[len("--json="):] for word in options if word == "--json" or word.startswith("--json=")]
    return wanted[-1] if wanted else ""


def run_program(program: str, argv: Sequence[str], parse: Callable[[Sequence[str]], argparse.Namespace],
                work: Callable[[argparse.Namespace], int], document: Optional[Callable[[Failure], Dict[str, Any]]]) -> int:
    """A command from its options to its exit status. Whoever waits for JSON gets @document if the options cannot be read."""
    use_utf8()
    try:
        args = parse(argv)
    except Failure as failure:
        status, path = say_failure(program, failure), wants_json(argv)
        try:
            if path and document:
                write_json(document(failure), path)
                sys.stdout.flush()
        except OSError as error:
            say(program, f"cannot write {path}: {why(error)}")
        return status
    try:
        return work(args)
    except Failure as failure:
        return say_failure(program, failure)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The part that the three commands share: how they read options, and what they say of a mistake."""

from __future__ import annotations

import argparse
import difflib
import errno
import io
import re
import sys
from typing import Any, Callable, Dict, Mapping, NoReturn, Optional, Sequence

from . import EXIT_CANNOT, EXIT_SAFE, EXIT_USAGE, VERSION, Failure
from .files import discard_output, replacing, why
from .text import clean, json_text, say, say_hint
from .rules import REQUIRED
from .words import STYLES

LIKE = 0.75  # how much of a misspelt option is that of the one that was meant
LIBVIRTS = {"direct": "macvtap"}  # as nfprobe takes it
OPERAND = "\0"  # begins a word that is no option, which none of a command line does


def plain(value: Any) -> Any:
    """An argument, or a list of them, without that."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value[len(OPERAND):] if isinstance(value, str) and value.startswith(OPERAND) else value


class Parser(argparse.ArgumentParser):
    """Raises Failure for what is typed wrongly, in the words of nfprobe."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def format_help(self) -> str:
        """An option whose argument may be left out is written as getopt_long(3) takes it: --json[=FILE]."""
        return super().format_help().replace(" [=", "[=")

    def add_version(self) -> None:
        self.add_argument("-V", "--version", action="version", version=f"{self.prog} {VERSION}")

    def error(self, message: str) -> NoReturn:
        words = message[len("argument "):] if message.startswith("argument ") else message
        chosen = re.match(r"\S+: invalid choice: '(.*)' \(choose from ", words)
        meant = difflib.get_close_matches(chosen[1], self.commands(), 1, LIKE) if chosen else []
        if chosen and self.commands():
            raise Failure(clean(f"{chosen[1]} is not a format"), "usage", f"Did you mean {meant[0]}?" if meant else
                          f"It takes {', '.join(self.commands())}.", EXIT_USAGE)
        raise Failure(clean(words), "usage", f"{self.prog} --help lists the options.", EXIT_USAGE)

    def commands(self) -> Dict[str, Parser]:
        """The parsers of its commands, if it has any."""
        found: Dict[str, Parser] = {}
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                found.update(action.choices)
        return found

    def of_command(self, name: str) -> Parser:
        return self.commands()[name]

    def parse(self, argv: Sequence[str], alone: Mapping[str, str], too_many: str = "") -> argparse.Namespace:
        """@alone: what options mean whose argument is left out. As getopt_long(3) has it, such an argument follows an "="."""
        end = argv.index("--") if "--" in argv else len(argv)
        for option, word in zip(argv[:end], argv[1:end]):
            # No interface has a name like that; "--json eth0" may be in order.
            if option in alone and not word.startswith("-") and ("/" in word or word.endswith(".json")):
                raise Failure(f'"{clean(word)}" after {option} is not its value, which follows after "="', "usage",
                              f"Did you mean {option}={clean(word)}?", EXIT_USAGE)
        # A netdev may be called -x, which argparse takes for an option behind "--", too.
        operands = [OPERAND + word if word.startswith("-") else word for word in argv[end + 1:]]
        words = [*(f"{word}={alone[word]}" if word in alone else word for word in argv[:end]), *operands]
        args, unknown = self.parse_known_intermixed_args(words)
        self.refuse(unknown, too_many)
        return argparse.Namespace(**{name: plain(value) for name, value in vars(args).items()})

    def refuse(self, unknown: Sequence[str], too_many: str = "") -> None:
        """Refuses the words that are left over, if any. @too_many: why there are no more arguments."""
        if unknown and unknown[0].startswith("-"):
            self.refuse_option(unknown[0].partition("=")[0])
        if unknown:
            self.error(f'"{plain(unknown[0])}" is one argument too many{too_many}')

    def refuse_option(self, name: str) -> NoReturn:
        """Answers an option that is misspelt with what was probably meant."""
        meant = difflib.get_close_matches(name, self._option_string_actions, 1, LIKE)
        if meant:
            raise Failure(f"{clean(name)} is not an option", "usage", f"Did you mean {meant[0]}?", EXIT_USAGE)
        self.error(f"{name} is not an option")


def style_list(text: str) -> Sequence[str]:
    """The styles that --style names, in the order of STYLES."""
    names = STYLES if text.lower() == "all" else [LIBVIRTS.get(name, name) for name in text.lower().split(",")]
    for name in names:
        if name not in STYLES:
            words = ", ".join(STYLES).replace("macvtap", "macvtap (or direct)")
            raise argparse.ArgumentTypeError(f"{clean(name)!r} is unknown: it takes {words}, with commas between them, or all")
    return [style for style in STYLES if style in names]


def demand_list(text: str) -> Sequence[str]:
    """What --require asks of a verdict."""
    for word in text.lower().split(","):
        if word not in REQUIRED:
            raise argparse.ArgumentTypeError(f"{clean(word)!r} is unknown: it takes {', '.join(REQUIRED)}")
    return REQUIRED


class Once(argparse.Action):
    """One list: of two, argparse would drop the first, and what it demands."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Optional[str] = None) -> None:
        if getattr(namespace, self.dest) != self.default:
            raise Failure(f"{option} is given twice", "usage", "", EXIT_USAGE)
        setattr(namespace, self.dest, values)


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
    if str(failure):
        say(program, str(failure))
    say_hint(failure.hint)
    return failure.status


def cannot_print(program: str, error: OSError, what: str) -> int:
    """The exit status where standard output takes no more. A reader that has gone, such as head(1), has all that it wanted."""
    if error.errno != errno.EPIPE:
        say(program, f"{what} could not be written: {why(error)}")
    discard_output()
    return EXIT_CANNOT


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
            discard_output()
        return status
    except SystemExit:  # --help and --version
        try:
            sys.stdout.flush()
        except OSError as error:
            return cannot_print(program, error, "the help")
        return EXIT_SAFE
    try:
        return work(args)
    except Failure as failure:
        return say_failure(program, failure)

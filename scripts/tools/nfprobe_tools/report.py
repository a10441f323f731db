# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report: results of nfprobe in the formats of other programs. Needs Jinja2 for html and prometheus_client for
prometheus, each of them only there."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import signal
import sys
from typing import BinaryIO, Callable, Dict, Iterable, Iterator, NamedTuple, NoReturn, Sequence

from . import EXIT_CANNOT, EXIT_SAFE, EXIT_USAGE, VERSION, cases, compare, labels, matrix, rules, share
from .check_main import answers_of, days
from .files import replacing, why
from .host import HostError
from .inputs import Inputs
from .result import Damaged, InputError, load, parse, read_file
from .store import DIR as STORE
from .stored import subject_of_answer
from .subject import WHOLE, SeveralHosts, Subject, subject_of
from .text import clean, say

PROGRAM = "nfprobe-report"


class Failure(Exception):
    """The text is a sentence, for the user; the exit status is 4."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, which may quote what others wrote."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        say(PROGRAM, message)
        sys.exit(EXIT_USAGE)


# ---- output ----

@contextlib.contextmanager
def output(path: str) -> Iterator[BinaryIO]:
    """Standard output, or the file. Raises Failure."""
    try:
        if path:
            with replacing(path) as file:
                yield file
            return
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        if path:
            raise Failure(f"cannot write {path}: {why(error)}") from None
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else Python tries again, and complains
        raise Failure(f"the report could not be written: {why(error)}") from None


def text_of(out: BinaryIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="\n", write_through=True)


# ---- formats of results ----

def write_prometheus(subjects: Iterable[Subject], out: BinaryIO) -> None:
    from . import metrics
    metrics.write_prometheus(subjects, out)


def write_html(subjects: Iterable[Subject], out: BinaryIO) -> None:
    from . import page
    page.write_html(subjects, out)


class Format(NamedTuple):
    help: str
    write: Callable[[Iterable[Subject], BinaryIO], None]
    ladders: int = sys.maxsize  # it shows the steps of so many results


FORMATS: Dict[str, Format] = {
    "junit": Format("test suites as XML, for CI systems", cases.write_junit),
    "ktap": Format("test suites as KTAP, version 1", cases.write_ktap),
    "nfd": Format("labels for Kubernetes' Node Feature Discovery", labels.write_nfd, 0),
    "prometheus": Format("metrics for node_exporter's textfile collector", write_prometheus),
    "html": Format("a page", write_html, WHOLE),
}


def say_skipped(inputs: Inputs) -> int:
    for skipped in inputs.skipped:
        if not skipped.foreign:
            say(PROGRAM, f"{skipped.file}: {skipped.why}")
    return EXIT_CANNOT if inputs.unread() else EXIT_SAFE


def stored_subjects(args: argparse.Namespace, inputs: Inputs) -> Iterator[Subject]:
    """Of each PF that is named, or of all; an error is part of the report, and told as well. Raises Failure."""
    args.names = args.files
    try:
        for answer in answers_of(args):
            if answer.error[0]:
                inputs.skip(answer.name or "the store", answer.error[1])
            yield subject_of_answer(answer, inputs.ladders > 0)
    except HostError as error:
        raise Failure(str(error)) from None


def run_format(args: argparse.Namespace) -> int:
    wanted = FORMATS[args.format]
    inputs = Inputs([] if args.stored else args.files or ["-"], wanted.ladders)
    subjects = stored_subjects(args, inputs) if args.stored else (subject_of(result) for result in inputs)
    try:
        # The first is read before the output is begun: without any, a file stays as it was.
        first = next(subjects, None)
        if first is not None:
            with output(args.output) as out:
                wanted.write((subject for some in ([first], subjects) for subject in some), out)
    except SeveralHosts as error:
        raise Failure(str(error)) from None
    except ImportError as error:
        raise Failure(f"{args.format} needs a Python module that is not installed: {error.name}") from None
    return say_skipped(inputs)


# ---- matrix ----

def run_matrix(args: argparse.Namespace) -> int:
    inputs = Inputs(args.files or ["-"], ladders=0, progress=not args.quiet)
    found = matrix.matrix_of(inputs, args.style, args.allow)
    error = matrix.error_of(inputs)
    for skipped in inputs.skipped if inputs.files and not args.quiet else ():
        say(PROGRAM, f"warning: skipped {skipped.file}: {skipped.why}")
    if error:
        say(PROGRAM, error["message"])
        say(PROGRAM, error["hint"])
    if error and args.what != "json":
        return found.exit_status
    with output(args.output) as binary:
        out = text_of(binary)
        if args.what == "json":
            matrix.write_json(found, error, out)
        elif args.what == "html":
            matrix.write_html(found, os.path.realpath(os.path.dirname(args.output) or "."), out)
        else:
            terminal = not args.output and sys.stdout.isatty()
            colours = args.color == "always" or (args.color == "auto" and terminal and "NO_COLOR" not in os.environ)
            writer = matrix.Writer(out, shutil.get_terminal_size().columns if terminal else 0, colours)
            matrix.write_text(found, writer, args.quiet, args.verbose)
        out.flush()
        out.detach()
    return found.exit_status


# ---- compare, share ----

def run_compare(args: argparse.Namespace) -> int:
    if args.old == args.new == "-":
        raise Failure("only one of the two can be standard input")
    try:
        then, now = (load(path) for path in (args.old, args.new))
    except InputError as error:
        raise Failure(str(error)) from None
    found = compare.compare(then, now, args.same)
    with output(args.output) as binary:
        out = text_of(binary)
        (compare.write_json if args.json else compare.write_text)(then, now, found, out)
        out.flush()
        out.detach()
    return found.exit_status


def run_share(args: argparse.Namespace) -> int:
    name = "standard input" if args.file == "-" else args.file
    try:
        data = read_file(args.file)
        parse(data, name)
        shared = share.share(data)
    except Damaged as error:
        raise Failure(f"{clean(name)}: {error}") from None
    except InputError as error:
        raise Failure(str(error)) from None
    with output(args.output) as out:
        out.write(shared.text.encode())
    for line in shared.contains:
        say(PROGRAM, line)
    say(PROGRAM, "the host may still be guessed from the NIC and the time of the run: look through the file before you send it")
    return EXIT_SAFE


# ---- the command ----

def add_files(parser: argparse.ArgumentParser, metavar: str = "FILE") -> None:
    parser.add_argument("files", nargs="*", metavar=metavar,
                        help='what nfprobe --json or --save wrote, or a folder of such files; "-", or none: standard input')
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="replace FILE, whole or not at all")


def parse_options(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog=PROGRAM, description="Writes results of nfprobe in the formats of other programs.",
                    epilog="The manual: nfprobe-tools(8).", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}")
    commands = parser.add_subparsers(dest="format", metavar="FORMAT", required=True, parser_class=Parser)
    for name, wanted in FORMATS.items():
        command = commands.add_parser(name, help=wanted.help, description=f"Writes results as {wanted.help}.")
        add_files(command)
        command.add_argument("--stored", action="store_true",
                             help="what the store has of each PF that is named in place of files, or of all")
        command.add_argument("--store", default=STORE, metavar="DIR", help=f"where that is, in place of {STORE}")
        command.add_argument("--host", metavar="FILE", help="what nfprobe --list --json said of the host, in place of asking this one")
        command.add_argument("--max-age", type=days, default=0, metavar="DAYS", help="an older stored result does not hold")
        command.set_defaults(run=run_format, style=None, vlan=None)
    command = commands.add_parser("matrix", help="many results as one table, with what got worse first")
    add_files(command, "FILE|DIR")
    command.add_argument("--style", type=matrix.style_list, default=range(len(rules.STYLES)), metavar="STYLE[,..]",
                         help="only the columns of these styles")
    command.add_argument("--allow", type=matrix.split_list, default=set(), metavar="VERDICT[,..]",
                         help="verdicts that count as safe for the exit status")
    what = command.add_mutually_exclusive_group()
    what.add_argument("--json", dest="what", action="store_const", const="json", default="text", help="one JSON object")
    what.add_argument("--html", dest="what", action="store_const", const="html", help="a page")
    command.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    volume = command.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="only what got worse, and the table")
    volume.add_argument("-v", "--verbose", action="store_true", help="also each result and its file")
    command.set_defaults(run=run_matrix)
    command = commands.add_parser("compare", help="what changed between two results, and what got worse",
                                  description="Exits 1 if anything got worse, 0 if not, 3 if they cannot be compared.")
    command.add_argument("old", metavar="OLD")
    command.add_argument("new", metavar="NEW")
    command.add_argument("--same", action="store_true", help="both are of one driver, firmware and kernel: any difference counts")
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.add_argument("-o", "--output", default="", metavar="FILE", help="replace FILE, whole or not at all")
    command.set_defaults(run=run_compare, files=[])
    command = commands.add_parser("share", help="a result fit to be published, without names and addresses")
    command.add_argument("file", nargs="?", default="-", metavar="FILE", help='"-", or none: standard input')
    command.add_argument("-o", "--output", default="", metavar="FILE", help="replace FILE, whole or not at all")
    command.set_defaults(run=run_share, files=[])
    args = parser.parse_args(argv)
    if "" in args.files:
        parser.error("a file has an empty name")
    return args


def main(argv: Sequence[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    args = parse_options(argv)
    try:
        status: int = args.run(args)
        return status
    except Failure as error:
        say(PROGRAM, str(error))
        return EXIT_CANNOT

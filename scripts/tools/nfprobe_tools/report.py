# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report: results of nfprobe in the formats of other programs. Needs Jinja2 for html and prometheus_client for
prometheus, each of them only there."""

from __future__ import annotations

import argparse
import contextlib
import errno
import functools
import io
import os
import signal
import sys
import time
from typing import Any, BinaryIO, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, TextIO

from . import (EXIT_CANNOT, EXIT_SAFE, EXIT_UNKNOWN, REPORTS_TO, Failure, audit, cases, check_text, compare, guests, labels, matrix, rights,
               rules, share)
from .check import Answer
from .check_main import NO_PF, answers_of
from .command import Once, Parser, demand_list, run_program, say_failure, style_list, within
from .files import discard_output, replacing, why
from .holds import days, gap_limit, vlan
from .inputs import Inputs
from .document import Damaged
from .result import InputError, Result, load, name_of, parse, read_file
from .store import DIR as STORE
from .stored import subject_of_answer
from .subject import WHOLE, Subject, subject_of
from .text import harmless, json_text, say, writer_to
from .words import STYLES

PROGRAM = "nfprobe-report"


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
        discard_output()
        # A reader that has gone, such as head(1), has all that it wanted.
        raise Failure("" if error.errno == errno.EPIPE else f"the report could not be written: {why(error)}") from None


@contextlib.contextmanager
def text_output(path: str) -> Iterator[TextIO]:
    with output(path) as binary:
        out = io.TextIOWrapper(binary, encoding="utf-8", errors="replace", newline="\n", write_through=True)
        yield out
        out.flush()
        out.detach()


# ---- formats of results ----

def write_prometheus(subjects: Iterable[Subject], out: BinaryIO) -> None:
    from . import metrics
    metrics.write_prometheus(subjects, out)


def write_html(subjects: Iterable[Subject], out: BinaryIO) -> None:
    from . import page
    page.write_html(subjects, out)


def write_audit_metrics(found: audit.Audit, out: BinaryIO) -> None:
    from . import metrics
    metrics.write_audit(found, out)


def write_audit_html(found: audit.Audit, out: BinaryIO) -> None:
    from . import page
    page.write_audit(found, out)


def write_guests(found: Optional[audit.Audit], watch: guests.Watch, out: BinaryIO) -> None:
    from . import page
    if found:
        page.write_audit(found, out, watch)
    else:
        page.write_watch(watch, out)


class Format(NamedTuple):
    help: str
    write: Callable[[Iterable[Subject], BinaryIO], None]
    ladders: int = sys.maxsize  # it shows the steps of so many results
    write_audit: Optional[Callable[[audit.Audit, BinaryIO], None]] = None


FORMATS: Dict[str, Format] = {
    "junit": Format("test suites as XML, for CI systems", cases.write_junit),
    "nfd": Format("labels for Kubernetes' Node Feature Discovery", labels.write_nfd, 0,
                  labels.write_audit),
    "prometheus": Format("metrics for node_exporter's textfile collector", write_prometheus, write_audit=write_audit_metrics),
    "html": Format("a page", write_html, WHOLE, write_audit_html),
}


def say_skipped(inputs: Inputs, foreign: bool = False) -> None:
    for skipped in inputs.skipped:
        if foreign or not skipped.foreign:
            say(PROGRAM, f"{'skipped' if skipped.foreign else 'cannot use'} {skipped.file}: {skipped.why}")


def stored_answers(args: argparse.Namespace) -> List[Answer]:
    """About each PF that is named, or about all. Raises Failure."""
    args.names = args.files
    answers = answers_of(args)
    if not answers:
        raise NO_PF
    return answers


def run_audit(args: argparse.Namespace, write: Callable[[audit.Audit, BinaryIO], None]) -> int:
    found = audit.load_audit(args.audit)
    with output(args.output) as out:
        write(found, out)
    return EXIT_SAFE


def run_watch(args: argparse.Namespace) -> int:
    watch, found = guests.load_watch(args.watch), audit.load_audit(args.audit) if args.audit else None
    with output(args.output) as out:
        write_guests(found, watch, out)
    return EXIT_SAFE


def is_own(args: argparse.Namespace) -> bool:
    """Does root of this host answer for what is read? A folder that is named may have come from anywhere."""
    return bool(args.stored and args.store == STORE and not args.host)


def run_format(args: argparse.Namespace) -> int:
    wanted = FORMATS[args.format]
    if args.format == "html" and args.watch:
        return run_watch(args)
    if wanted.write_audit and args.audit:
        return run_audit(args, wanted.write_audit)
    inputs = Inputs([] if args.stored else args.files or ["-"], wanted.ladders)
    answers = stored_answers(args) if args.stored else []
    for answer in answers:
        if answer.error:
            say_failure(PROGRAM, answer.error)
    subjects = ((subject_of_answer(answer, wanted.ladders > 0, is_own(args)) for answer in answers) if args.stored
                else (subject_of(result) for result in inputs))
    # The first is read before the output is begun: without any, a file stays as it was.
    first = next(subjects, None)
    if first is not None:
        with output(args.output) as out:
            write = wanted.write
            if args.format == "nfd" and args.stored:
                write = functools.partial(labels.write_nfd, every_ms=args.every * 60_000)
            write((subject for some in ([first], subjects) for subject in some), out)
    say_skipped(inputs)
    if any(answer.error for answer in answers):
        return EXIT_CANNOT
    for other in [answer.others[-1] for answer in answers if answer.others]:
        say(PROGRAM, str(other))
    if answers and not any(answer.results for answer in answers):
        if not any(answer.others for answer in answers):
            say(PROGRAM, f"nothing is stored in {args.store}")
        return EXIT_UNKNOWN
    return inputs.exit_status


# ---- matrix ----

def run_matrix(args: argparse.Namespace) -> int:
    inputs = Inputs(args.files or ["-"], ladders=sys.maxsize if args.gap_limit else 0)
    found = matrix.matrix_of(inputs, args.style, args.allow, args.require, args.gap_limit)
    error = matrix.error_of(found)
    if error or not args.quiet:
        say_skipped(inputs, foreign=True)
    if error:
        say_failure(PROGRAM, error)
    if error and args.what != "json":
        return found.exit_status
    if args.what == "html":
        from . import page
        with output(args.output) as binary:
            page.write_matrix(found, os.path.realpath(os.path.dirname(args.output) or "."), binary)
        return found.exit_status
    with text_output(args.output) as out:
        if args.what == "json":
            out.write(json_text(matrix.as_json(found, error)))
        else:
            matrix.write_text(found, writer_to(out, args.color), args.quiet, args.verbose)
    return found.exit_status


# ---- text: what the run printed ----

def run_text(args: argparse.Namespace) -> int:
    read = load(one_file(args))
    printed = read.text.lines if args.verbose else read.text.first
    with text_output(args.output) as out:
        if printed:
            out.writelines(f"{harmless(line)}\n" for line in printed)
        else:  # of one that was shared
            check_text.print_result(writer_to(out, "never"), read)
    return EXIT_SAFE


# ---- compare, share ----

def run_compare(args: argparse.Namespace) -> int:
    try:
        if args.old == args.new == "-":
            raise Failure("only one of the two can be standard input")
        then, now = (load(path) for path in (args.old, args.new))
    except Failure as error:
        if args.json:
            with text_output(args.output) as out:
                out.write(json_text(compare.failure_json(error, name_of(args.old), name_of(args.new), args.same)))
        raise
    found = compare.compare(then, now, args.same, args.or_same)
    with text_output(args.output) as out:
        if args.json:
            out.write(json_text(compare.as_json(then, now, found)))
        else:
            compare.write_text(then, now, found, out)
    return found.exit_status


def is_asked(args: argparse.Namespace, result: Result) -> bool:
    """Is a stored result of the styles and the VLAN that are named?"""
    styles = not args.style or any(style.style in args.style for style in result.styles)
    return styles and (args.vlan is None or bool(result.vf and result.vf.probed_vlan == args.vlan))


def newest_stored(args: argparse.Namespace) -> str:
    """The file of the newest result of the PF. A file that cannot be used may be newer, so it is reported. Raises Failure."""
    answers = [answer for answer in stored_answers(args) if answer.results or answer.others or args.files]
    if len(answers) > 1:
        raise Failure(f"results of {', '.join(answer.name for answer in answers)} are stored: name one of them")
    if answers and answers[0].error:
        raise answers[0].error
    results = [result for result in (answers[0].results.values() if answers else ()) if is_asked(args, result)]
    if not results and answers and answers[0].others:
        raise answers[0].others[-1]
    if not results:
        raise Failure(f"nothing is stored in {args.store}{f' of {answers[0].name}' if answers else ''}", status=EXIT_UNKNOWN)
    for note in answers[0].check.notes:
        if note.startswith("cannot use "):
            say(PROGRAM, note)
    now_ms = int(time.time() * 1000)
    return max(results, key=lambda result: rules.order_key(rules.order_of(result), result.file, now_ms)).file


def one_file(args: argparse.Namespace) -> str:
    return newest_stored(args) if args.stored else str(args.files[0]) if args.files else "-"


def run_share(args: argparse.Namespace) -> int:
    file = one_file(args)
    data = read_file(file)
    parse(data, name_of(file))
    try:
        shared = share.share(data)
    except Damaged as error:
        raise InputError(name_of(file), str(error)) from None
    with output(args.output) as out:
        out.write(shared.text.encode())
    for line in [f"of {file}"] * args.stored + shared.contains:
        say(PROGRAM, line)
    say(PROGRAM, "the host may still be guessed from the NIC and the time of the run: look through the file before you send it")
    say(PROGRAM, f"send it to {REPORTS_TO or 'where the source or the package came from'}, with the name of the card")
    return EXIT_SAFE


# ---- the command ----

def add_files(parser: argparse.ArgumentParser, metavar: str = "FILE") -> None:
    parser.add_argument("files", nargs="*", metavar=metavar,
                        help='what nfprobe --json or --save wrote, or a folder of such files; "-", or none: standard input')
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="replace FILE, whole or not at all")


def add_stored(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--stored", action="store_true", help=what)
    parser.add_argument("--store", default=STORE, metavar="DIR", help=f"where that is, in place of {STORE}")
    parser.add_argument("--host", metavar="FILE", help="what nfprobe --list --json said of the host, in place of asking this one")
    parser.add_argument("--style", type=style_list, metavar="STYLE[,..]", help="with --stored: only these; all: each one")
    parser.add_argument("--vlan", type=vlan, metavar="ID", help="with --stored: only results of this VLAN; 0: of none")
    parser.add_argument("--max-age", type=days, default=0, metavar="DAYS", help="with --stored: an older result does not hold")


DAY_MINUTES = 24 * 60


def minutes(text: str) -> int:
    return within(text, 1, 365 * DAY_MINUTES)


def check_stored(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """What the store is asked means nothing of files."""
    asked = [option for option in ("style", "vlan", "max_age") if getattr(args, option, None) not in (None, 0)]
    if "stored" in args and not args.stored and asked:
        parser.error(f"--{asked[0].replace('_', '-')} makes no sense without --stored")


def make_parser() -> Parser:
    parser = Parser(prog=PROGRAM, description="Writes results of nfprobe in the formats of other programs.",
                    epilog="The manual: nfprobe-report(1).")
    parser.add_version()
    commands = parser.add_subparsers(dest="format", metavar="FORMAT", required=True, parser_class=Parser)
    for name, wanted in FORMATS.items():
        command = commands.add_parser(name, help=wanted.help, description=f"Writes results as {wanted.help}.")
        add_files(command)
        add_stored(command, "what the store has of each PF that is named in place of files, or of all")
        if wanted.write_audit:
            command.add_argument("--audit", metavar="FILE", help="what --audit --json said, in place of results")
        if name == "html":
            command.add_argument("--watch", metavar="FILE", help="what --way GUEST --watch --json said, in place of results, or beside"
                                 " --audit")
        if name == "nfd":
            command.add_argument("--every", type=minutes, default=DAY_MINUTES, metavar="MINUTES", help="how often the labels of --stored "
                                 "are written again: they expire after three times that (default: a day, as the timer has it)")
        command.set_defaults(run=run_format)
    command = commands.add_parser("matrix", help="many results as one table, with what got worse first")
    add_files(command, "FILE|DIR")
    command.add_argument("--style", type=matrix.style_numbers, default=range(len(STYLES)), metavar="STYLE[,..]",
                         help="only the columns of these styles")
    command.add_argument("--allow", type=matrix.split_list, default=set(), metavar="VERDICT[,..]",
                         help="verdicts that count as safe for the exit status")
    command.add_argument("--require", type=demand_list, action=Once, default=(), metavar="WHAT[,..]",
                         help="what a style must also have shown, as nfprobe-check takes it")
    command.add_argument("--gap-limit", type=gap_limit, default=0, metavar="MS", help="a guest that may be lost for longer is not safe")
    what = command.add_mutually_exclusive_group()
    what.add_argument("--json", dest="what", action="store_const", const="json", default="text", help="one JSON object")
    what.add_argument("--html", dest="what", action="store_const", const="html", help="a page")
    command.add_argument("--color", choices=("auto", "always", "never"), default="auto", metavar="WHEN",
                         help="always, never or auto (default: on a terminal)")
    volume = command.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="only what got worse, and the table")
    volume.add_argument("-v", "--verbose", action="store_true", help="also each result and its file")
    command.set_defaults(run=run_matrix)
    command = commands.add_parser("compare", help="the differences of two results, and what got worse",
                                  description="Exits 1 if anything got worse, 0 if not, 3 if they cannot be compared.")
    command.add_argument("old", metavar="OLD")
    command.add_argument("new", metavar="NEW")
    same = command.add_mutually_exclusive_group()
    same.add_argument("--same", action="store_true", help="both are of one driver, firmware and kernel: any difference counts")
    same.add_argument("--or-same", action="store_true", help="where they are, any difference counts; else what got worse")
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.add_argument("-o", "--output", default="", metavar="FILE", help="replace FILE, whole or not at all")
    command.set_defaults(run=run_compare, files=[])
    command = commands.add_parser("text", help="the text that the run printed")
    add_files(command)
    add_stored(command, "the newest result that the store has of the PF that is named in place of a file, or of the only one")
    command.add_argument("-v", "--verbose", action="store_true", help="the text that it would have printed with -v")
    command.set_defaults(run=run_text)
    command = commands.add_parser("share", help="a result fit to be published, without names and addresses")
    add_files(command)
    add_stored(command, "the newest result that the store has of the PF that is named in place of a file, or of the only one")
    command.set_defaults(run=run_share)
    return parser


def parse_options(argv: Sequence[str]) -> argparse.Namespace:
    parser = make_parser()
    args, unknown = parser.parse_known_args(argv)
    more = args.files[1:] if args.run in (run_share, run_text) else []
    parser.of_command(args.format).refuse([*unknown, *more], ": it takes one result")
    check_stored(parser, args)
    if "" in args.files:
        parser.error("a file has an empty name")
    return args


def run(args: argparse.Namespace) -> int:
    if not getattr(args, "stored", False):  # else nfprobe is asked first
        rights.give_up()
    try:
        status: int = args.run(args)
        return status
    except ImportError as error:
        raise Failure(f"{args.format} needs a Python module that is not installed: {error.name}") from None


# Those whose --json has a document for an error, too.
DOCUMENTS: Dict[str, Callable[[Failure], Dict[str, Any]]] = {
    "matrix": lambda error: matrix.as_json(matrix.Matrix(), error), "compare": compare.failure_json}


def main(argv: Sequence[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_program(PROGRAM, argv, parse_options, run, DOCUMENTS.get(argv[0] if argv else ""))


def command() -> int:
    """The command as pip installs it (pyproject.toml)."""
    return main(sys.argv[1:])

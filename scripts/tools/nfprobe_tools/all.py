# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-all: one nfprobe for each PF of this host. Each has a lock, a journal and a supervising process of its own, so it
undoes its changes whatever becomes of this process, from which it gets SIGTERM when that dies."""

from __future__ import annotations

import argparse
import errno
import json
import math
import os
import shutil
import signal
import sys
import time
from typing import Any, BinaryIO, Callable, Dict, List, Optional, Sequence, Tuple

from . import (EXIT_CANNOT, EXIT_NOT_RESTORED, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, EXIT_USAGE, Failure, files, shell, store,
               worst)
from .all_text import Run, View, document, inside_of, report, unmet_status, view_of
from .command import Once, Parser, cannot_print, run_program, say_failure
from .host import NO_PF_HINT, ask, find_nfprobe, hear_command, list_host, read_hearings
from .names import own_name
from .processes import Child, Screen, Signals, Watch
from .document import Damaged
from .result import LIMITS, Error, InputError, parse, parse_object
from .schedule import State, choose_sources, next_job, plan, status_of, stop
from .text import clean, harmless, json_text, say
from .words import STEPS, STYLES

NAME = "nfprobe-all"
NEWLINE = "\n"
WIDTH = 100  # where there is no terminal
HEAR_SECONDS = 300  # it takes three, and on a host that is busy longer
RUN_SECONDS = 3600  # it takes minutes, unless --timeout allows more
RESTORE_SECONDS = 300  # a driver may take 30 to let a VF go, and a device may have several
LINE_BYTES = 64 << 10  # of standard error; a longer line is broken
EVENT_BYTES = LIMITS.bytes + LINE_BYTES  # the last event has the whole result
TOO_LARGE = f"it is larger than {LIMITS.bytes >> 20} MB"
CANNOT_START = (OSError, ValueError)  # the latter of a name that cannot be an argument
KEPT = "macvtap,bridge"  # the usual styles: a bridge that is named has its fix tried, whatever else is safe, which the libvirt hook needs
# Options of nfprobe, which checks them itself; --skip may be given again.
PASSED = {"--style": "STYLE[,..]", "--vlan": "V", "--rate": "PPS", "--settle": "SEC", "--timeout": "SEC", "--allow": "VERDICT[,..]",
          "--gap-limit": "MS", "--require": "WHAT[,..]", "--guest-vlan": "V"}


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


# ---- what a run is told ----

def file_of(folder: str, run: Run) -> str:
    """Named as the store names the folder of a PF."""
    return os.path.join(folder, f"{run.job.pf.bus or 'none'}-{run.job.pf.parentdev or run.job.pf.ifname}.pcapng")


def run_command(nfprobe: str, run: Run, options: argparse.Namespace) -> List[str]:
    command = [nfprobe, "--vf", "any", "--json-stream", *options.passed]
    source = run.job.source or options.source
    if source:
        command.append(f"--from={source}")
    if options.write:
        command.append(f"--write={file_of(options.write, run)}")
    return [*command, "--", run.job.pf.ifname or ""]  # a netdev may be called -h


def restore_command(nfprobe: str, run: Run, options: argparse.Namespace) -> List[str]:
    return [nfprobe, "--restore", *(["--verbose"] if options.verbose else []), "--", run.job.pf.ifname or ""]


# ---- the runs ----

class Task:
    """A process, and what is done when nothing more comes of it. A process that has not ended in time is killed, and not waited for: it may
    be stuck in the kernel. Its status is then None."""

    def __init__(self, child: Child, is_over: Callable[[Child], bool], conclude: Callable[[Child], None], seconds: float) -> None:
        self.child, self.is_over, self.conclude = child, is_over, conclude
        self.until = time.monotonic() + seconds

    def is_late(self) -> bool:
        return time.monotonic() >= self.until


def has_ended(child: Child) -> bool:
    return child.status is not None


def has_ended_for_good(child: Child) -> bool:
    """A run that was killed goes on: its second process undoes its changes, and has ended when nobody has its pipes any more."""
    return child.status is not None and (not child.killed_by or (child.out.ended and child.err.ended))


class Runner:
    def __init__(self, nfprobe: str, runs: Sequence[Run], options: argparse.Namespace, signals: Signals, view: View) -> None:
        self.nfprobe, self.runs, self.options, self.view = nfprobe, runs, options, view
        self.jobs = [run.job for run in runs]
        self.watch = Watch(signals)
        self.tasks: List[Task] = []
        self.said_waits: List[Run] = []

    # -- processes --

    def start(self, command: Sequence[str], out: Optional[Callable[[bytes], None]], err: Callable[[bytes], None],
              is_over: Callable[[Child], bool], conclude: Callable[[Child], None], seconds: float = math.inf) -> None:
        child = Child(command, EXIT_CANNOT, out, err, EVENT_BYTES if out else LINE_BYTES, LINE_BYTES)
        self.watch.children.append(child)
        self.tasks.append(Task(child, is_over, conclude, seconds))

    def step(self) -> None:
        """Waits until something happens, and sees to it."""
        until = min((task.until for task in self.tasks), default=math.inf)
        periods = [*([] if self.view.period is None else [self.view.period]),
                   *([] if until == math.inf else [max(0, until - time.monotonic())])]
        if self.watch.wait(min(periods, default=None)) and not self.watch.signals.by_kernel:
            for child in self.watch.children:
                child.signal(self.watch.signals.caught)
        for task in [task for task in self.tasks if task.is_over(task.child) or task.is_late()]:
            task.child.signal(signal.SIGKILL)
            self.tasks.remove(task)
            self.watch.children.remove(task.child)
            task.child.finish()
            task.conclude(task.child)
        self.view.refresh(self.runs)

    def line_of(self, run: Optional[Run]) -> Callable[[bytes], None]:
        """Passes on what a process says on standard error, with the name of its PF."""
        def pass_on(line: bytes) -> None:
            text = line.decode("utf-8", "replace")
            named = "nfprobe: " if text.startswith("nfprobe: ") else ""
            self.view.line(f"{named}{f'{run.name}: ' if run else ''}{text[len(named):]}")
        return pass_on

    # -- who hears whom --

    def hear(self) -> None:
        """Once, before any run begins: later a netdev may be resetting just when it says hello. Where this fails, and for a PF
        that hears nobody, the runs find their own sources."""
        names = [job.pf.ifname for job in self.jobs if job.state is State.WAITS and job.pf.ifname]
        said: List[bytes] = []
        if not names:
            return
        try:
            self.start(hear_command(self.nfprobe, names, self.options.vlan), said.append, self.line_of(None), has_ended,
                       lambda child: self.conclude_hear(child, b"\n".join(said)), HEAR_SECONDS)
        except CANNOT_START as error:
            self.view.line(f"{NAME}: nfprobe --hear cannot be started: {error}")
        while self.tasks:
            self.step()

    def conclude_hear(self, child: Child, said: bytes) -> None:
        if self.watch.signals.caught:
            return
        try:
            if child.status is None:
                raise Failure(f"nfprobe --hear has not ended within {HEAR_SECONDS:g} s")
            if child.out.cut:
                raise Failure(f"what nfprobe --hear said: {TOO_LARGE}")
            hearings = read_hearings(said, "what nfprobe --hear said")
        except Failure as error:
            self.view.line(f"{NAME}: {error}; each run looks for a source of its own")
            return
        choose_sources(self.jobs, {pf.ifname: pf.heard for pf in hearings.pfs if pf.ifname})

    # -- a run --

    def start_run(self, run: Run) -> None:
        run.job.state, run.begun = State.RUNS, time.monotonic()
        end: List[Dict[str, Any]] = []
        try:
            self.start(run_command(self.nfprobe, run, self.options), lambda line: self.on_event(run, end, line), self.line_of(run),
                       lambda child: self.is_over(run, child), lambda child: self.conclude_run(run, end, child),
                       max(RUN_SECONDS, float(self.options.timeout or 0)) + RESTORE_SECONDS)
        except CANNOT_START as error:
            self.end(run, EXIT_CANNOT, Error("kernel", f"its run cannot be started: {error}"))

    def is_over(self, run: Run, child: Child) -> bool:
        over = has_ended_for_good(child)
        if not over and child.killed_by and run not in self.said_waits:
            self.said_waits.append(run)
            self.view.line(f"{NAME}: {run.name}: its run was killed by {signal_name(child.killed_by)}; "
                           "waiting until its second process has ended")
        return over

    def on_event(self, run: Run, end: List[Dict[str, Any]], line: bytes) -> None:
        try:
            event = parse_object(line)
        except Damaged:
            return
        if not isinstance(event, dict):
            return
        style, step, left, vf = (event.get(key) for key in ("style", "step", "remaining_ms", "vf"))
        if event.get("event") == "end":
            end[:] = [event]
        elif event.get("event") == "step" and style in STYLES and step in STEPS and type(left) is int and type(vf) is int:
            run.vf, run.style, run.step, run.until = vf, str(style), str(step), time.monotonic() + left / 1000

    def end(self, run: Run, status: int, error: Optional[Error]) -> None:
        run.job.end(status, error, chose_vf=run.result is not None and run.result.vf is not None)
        run.ended = time.monotonic()
        self.view.ended(self.runs, run)

    def conclude_run(self, run: Run, end: Sequence[Dict[str, Any]], child: Child) -> None:
        """It ended by itself, or was killed, and then the host is restored if its second process has not done that."""
        if child.killed_by:
            self.restore(run, child.killed_by)
            return
        if child.status is None:
            self.end_not_restored(run, "its run has not ended, and was killed")
            return
        status = child.status
        error: Optional[Error] = None
        try:
            self.read_result(run, end, child.out.cut)
        except InputError as why:
            error = Error("input", f"what its run has written cannot be read: {why.why}")
            status = status if status == EXIT_NOT_RESTORED else EXIT_CANNOT
        if run.result and run.result.error:
            error = run.result.error
        if not error and status not in (EXIT_SAFE, EXIT_UNSAFE, EXIT_UNKNOWN):  # such as a file that could not be written
            error = Error("output", f"its run ended with status {status}, as standard error says")
        if status == EXIT_SAFE and inside_of(run):  # the run did what it was asked, which says nothing of the NIC on the wire
            status = EXIT_UNKNOWN
        if not error:
            status = worst((status, unmet_status(run)))
        self.end(run, status, error)

    def read_result(self, run: Run, end: Sequence[Dict[str, Any]], cut: bool) -> None:
        """Raises InputError."""
        if cut:
            raise InputError(run.name, TOO_LARGE)
        if not end:
            raise InputError(run.name, "it has no end")
        found = end[0].get("result")
        if not isinstance(found, dict):
            raise InputError(run.name, "its end has no result")
        run.result = parse(json.dumps(found).encode(), run.name, ladders=False)
        run.document = found

    def restore(self, run: Run, killed_by: int) -> None:
        try:
            self.start(restore_command(self.nfprobe, run, self.options), None, self.line_of(run), has_ended,
                       lambda child: self.conclude_killed(run, killed_by, child.status == 0), RESTORE_SECONDS)
        except CANNOT_START:
            self.conclude_killed(run, killed_by, False)

    def conclude_killed(self, run: Run, killed_by: int, restored: bool) -> None:
        how = f"its run was killed by {signal_name(killed_by)}"
        if restored:
            self.end(run, EXIT_CANNOT, Error("died", f"{how}; the host was put back as it was"))
        else:
            self.end_not_restored(run, how)

    def end_not_restored(self, run: Run, how: str) -> None:
        again = shell.command("nfprobe", "--restore", *shell.operand(run.job.pf.ifname or ""))
        self.end(run, EXIT_NOT_RESTORED, Error("died", f"{how}, and the host may not be as it was", again))

    # -- all of them --

    def start_runs(self) -> None:
        caught = self.watch.signals.caught
        if caught:
            stop(self.jobs, Error("interrupted", f"stopped by {signal_name(caught)} before its run began"))
        while True:
            job = next_job(self.jobs)
            if not job:
                return
            self.start_run(next(run for run in self.runs if run.job is job))

    def run(self) -> int:
        """The exit status of all."""
        if self.options.source == "auto":
            self.hear()
        self.start_runs()
        while self.tasks:
            self.step()
            self.start_runs()
        status = status_of(self.jobs)
        caught = self.watch.signals.caught
        return 128 + caught if caught and status != EXIT_NOT_RESTORED else status


# ---- the command line ----

SOURCES = ("auto", "arp", "pf", "peer")  # the words of --from that are no netdev, whatever altnames there are


def make_parser() -> Parser:
    parser = Parser(prog=NAME, epilog="nfprobe(8) explains the other options, which each run gets as they are.",
                    description="Probes an idle VF of each PF of this host, all at the same time but for PFs that share a port. The "
                    "manual is nfprobe-all(8).")
    parser.add_version()
    parser.add_argument("--from", dest="source", metavar="WHERE", default="auto",
                        help="the source of the frames: a netdev, arp[:IP], vf:M, pf, or auto (default: a netdev that the PF hears)")
    parser.add_argument("--json", metavar="[=FILE]", help="write all results as JSON to standard output, or to FILE")
    parser.add_argument("--save", metavar="[=DIR]", help="also keep each result on this host, or in DIR")
    parser.add_argument("--write", metavar="DIR", help="write every frame to a file in DIR for each PF, as pcapng")
    parser.add_argument("-n", "--dry-run", action="store_true", help="print the changes that each run would make, and do nothing")
    parser.add_argument("-q", "--quiet", action="store_true", help="print the verdicts only: no progress, no warnings")
    parser.add_argument("-v", "--verbose", action="store_true", help="also the answer, the advice and each change of a run")
    for name, value in PASSED.items():
        parser.add_argument(name, metavar=value, action=Once if name == "--require" else "store", help="see nfprobe(8)")
    parser.add_argument("--skip", metavar="TEST[,..]", action="append", default=[], help="see nfprobe(8)")
    return parser


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser()
    options = parser.parse(arguments, {"--json": "-", "--save": ""},
                           f": {NAME} probes each PF of this host, and nfprobe PF --vf any one of them")
    if options.json == "":
        parser.error("--json= names no file")
    if options.source.startswith("peer:"):
        parser.error("--from peer makes no sense with all PFs: a reflector answers one run")
    if options.write and not os.path.isdir(options.write):
        parser.error(f"--write {clean(options.write)} is no folder: a file is made in it for each PF")
    others = [name for name in ("json", "save", "write", "quiet") if getattr(options, name) not in (None, False)]
    if options.dry_run and others:
        parser.error(f"--{others[0]} makes no sense with --dry-run")
    given = [(name, getattr(options, name[2:].replace("-", "_"))) for name in PASSED]
    if options.source not in SOURCES:
        options.source = own_name(options.source)
    options.passed = [f"{name}={value}" if value else name for name, value in given if value is not None]
    options.passed += [f"--skip={tests}" for tests in options.skip]
    if options.save is not None and options.style is None:
        options.passed.append(f"--style={KEPT}")
    options.checked = list(options.passed)
    if options.save is not None:
        options.passed.append(f"--save={options.save}" if options.save else "--save")
    options.passed += ["--quiet"] if options.quiet else []
    options.passed += ["--verbose"] if options.verbose else []
    return options


def check_options(nfprobe: str, options: argparse.Namespace) -> None:
    """By nfprobe itself, which looks at its options before it finds that this is no PF. Raises Failure."""
    done = ask([nfprobe, "--dry-run", "--vf=any", *options.checked, f"--from={options.source}", "--", "lo"])
    if done.status == EXIT_USAGE:
        said, _, hint = done.err.decode("utf-8", "replace").partition("\n")
        raise Failure(said[len("nfprobe: "):] if said.startswith("nfprobe: ") else said, "usage",
                      hint.strip() or f"{NAME} --help lists the options.", EXIT_USAGE)


def prepare(options: argparse.Namespace) -> Tuple[str, List[Run]]:
    """nfprobe, and the runs that are to be. Raises Failure."""
    nfprobe = find_nfprobe()
    check_options(nfprobe, options)
    host = list_host(quick=True)
    runs = [Run(job) for job in plan(host, options.source)]
    if not runs:
        raise Failure("this host has no SR-IOV PF", "not-a-pf", NO_PF_HINT)
    if not any(run.job.counts for run in runs):
        raise Failure("no PF of this host has VFs", "no-vfs", "nfprobe --list shows them, and how to make VFs")
    return nfprobe, runs


def run_all(options: argparse.Namespace, begun: float) -> Tuple[List[Run], int]:
    nfprobe, runs = prepare(options)
    signals = Signals()
    view = view_of(Screen(sys.stderr.fileno()), options.quiet, os.environ.get("TERM", ""), begun)
    try:
        return runs, Runner(nfprobe, runs, options, signals, view).run()
    finally:
        view.close()


def prune(runs: Sequence[Run], options: argparse.Namespace) -> None:
    """Removes old results: runs that save often would fill the store. A file that stays is no reason for another exit status."""
    devices = [f"{run.job.pf.bus or 'pci'}-{run.job.pf.parentdev}" for run in runs if run.result and run.job.pf.parentdev]
    for text in store.prune(options.save or store.DIR, devices, int(time.time() * 1000))[1] if devices else ():
        say(NAME, text)


def write(text: str, file: Optional[BinaryIO]) -> None:
    """Raises OSError. @file: None: standard output."""
    if file:
        file.write(text.encode())
    elif sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    else:
        sys.stdout.write(text)
        sys.stdout.flush()


def dry_run(options: argparse.Namespace) -> int:
    """What nfprobe says of each PF. Nobody is asked for frames, so that a run may find another source than auto does here."""
    nfprobe, runs = prepare(options)
    statuses: List[int] = []
    for run in runs:
        job = run.job
        if not job.counts:
            continue
        status, said = job.exit, f"{job.error.message}{NEWLINE}" if job.error else ""
        if not job.error:
            done = ask([nfprobe, "--dry-run", "--vf=any", *options.passed, f"--from={options.source}", "--", job.pf.ifname or ""])
            status, said = done.status, (done.out + done.err).decode("utf-8", "replace")
        write(f"{'' if not statuses else NEWLINE}{run.name}:{NEWLINE}{harmless(said)}", None)
        statuses.append(status)
    return worst(statuses)


def run_to(options: argparse.Namespace, file: Optional[BinaryIO]) -> int:
    begun = time.monotonic()
    runs: List[Run] = []
    failed: Optional[Failure] = None
    try:
        runs, status = run_all(options, begun)
    except Failure as failure:
        failed, status = failure, say_failure(NAME, failure)
    if options.save is not None:
        prune(runs, options)
    if options.json:
        text = json_text(document(runs, status, failed))
    elif failed:
        return status
    else:
        width = shutil.get_terminal_size((WIDTH, 24)).columns
        text = report(runs, status, time.monotonic() - begun, width, options.verbose)
    try:
        write(text, file)
    except OSError as error:
        if file:
            say(NAME, f"cannot write the results: {files.why(error)}")
        else:
            cannot_print(NAME, error, "the answer")
        status = status if status == EXIT_NOT_RESTORED else EXIT_CANNOT
    return status


def hold_streams() -> None:
    """If this was begun with one of the standard streams closed, no other file gets its number."""
    fd = os.open(os.devnull, os.O_RDWR)
    while fd <= 2:
        fd = os.open(os.devnull, os.O_RDWR)
    os.close(fd)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)


def work(options: argparse.Namespace) -> int:
    if options.dry_run:
        try:
            return dry_run(options)
        except OSError as error:
            return cannot_print(NAME, error, "the output")
    if options.json in (None, "-"):
        return run_to(options, None)
    status = EXIT_CANNOT
    try:
        with files.replacing(options.json) as file:
            status = run_to(options, file)
    except OSError as error:
        say(NAME, f"cannot write {options.json}: {files.why(error)}")
        status = status if status == EXIT_NOT_RESTORED else EXIT_CANNOT
    return status


def main(arguments: Sequence[str]) -> int:
    hold_streams()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to restore
    return run_program(NAME, arguments, parse_options, work, lambda error: document([], error.status, error))


def command() -> int:
    """The command as pip installs it (pyproject.toml)."""
    return main(sys.argv[1:])

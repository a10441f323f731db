# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-all: one nfprobe for each PF of this host. Each has a lock, a journal and a supervising process of its own, so it
undoes its changes whatever becomes of this process, from which it gets SIGTERM when that dies."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import selectors
import shutil
import signal
import sys
import time
from types import FrameType
from typing import IO, BinaryIO, Callable, List, Optional, Sequence, Tuple

from . import (EXIT_CANNOT, EXIT_NOT_RESTORED, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, EXIT_USAGE, Failure, files, shell, store,
               worst)
from .all_text import Run, State, document, ended, inside_of, report, unmet_status
from .command import Once, Parser, cannot_print, run_program, say_failure, within
from .host import NO_PF_HINT, Host, Pf, ask, find_nfprobe, list_host
from .names import own_name
from .processes import Child
from .result import LIMITS, Error, InputError, parse
from .text import clean, harmless, json_text, say

NAME = "nfprobe-all"
NEWLINE = "\n"
WIDTH = 100  # where there is no terminal
RUN_SECONDS = 3600  # it takes minutes, unless --timeout allows more
RESTORE_SECONDS = 300  # a driver may take 30 to let a VF go, and a device may have several
MANY = 1000  # runs at the same time
CANNOT_START = (OSError, ValueError)  # the latter of a name that cannot be an argument
KEPT = "macvtap,bridge"  # the usual styles: a bridge that is named has its fix tried, whatever else is safe, which the libvirt hook needs
# Options of nfprobe, which checks them itself; --skip may be given again.
PASSED = {"--style": "STYLE[,..]", "--vlan": "V", "--rate": "PPS", "--settle": "SEC", "--timeout": "SEC", "--allow": "VERDICT[,..]",
          "--gap-limit": "MS", "--require": "WHAT[,..]", "--guest-vlan": "V"}


# ---- which PFs ----

def port_of(pfs: Sequence[Pf], index: int, runs: Sequence[Run]) -> int:
    """The port of the first PF before it that must not be probed at the same time, else a port of its own."""
    pf = pfs[index]
    for run in runs:
        if run.pf.ifname in pf.not_with or (run.pf.parentdev is not None and run.pf.parentdev == pf.parentdev):
            return run.port
    return index


def plan(host: Host, source: str) -> List[Run]:
    """A run for each PF. Those without VFs, and the one that is the @source of all others, are over."""
    runs: List[Run] = []
    for index, pf in enumerate(host.pfs):
        run = Run(pf, port_of(host.pfs, index, runs), counts=bool(pf.num_vfs))
        if not run.counts:
            run.end(EXIT_UNKNOWN, Error("no-vfs", "it has no VFs"))
        elif not pf.ifname:
            run.end(EXIT_UNKNOWN, Error("not-a-pf", clean(pf.where or "it has no netdev")))
        elif pf.ifname == source:
            run.end(EXIT_UNKNOWN, Error("source-unusable", "it is the source of the others' frames (--from)"))
        runs.append(run)
    return runs


def next_run(runs: Sequence[Run], at_once: int) -> Optional[Run]:
    """One that may start now; None: none, for now or at all."""
    busy = [run.port for run in runs if run.state is State.RUNS]
    return next((run for run in runs if run.state is State.WAITS and run.port not in busy and len(busy) < at_once), None)


def status_of(runs: Sequence[Run]) -> int:
    return worst(run.exit for run in runs if run.counts)


# ---- what a run is told ----

def file_of(folder: str, run: Run) -> str:
    """Named as the store names the folder of a PF."""
    return os.path.join(folder, f"{run.pf.bus or 'none'}-{run.pf.parentdev or run.pf.ifname}.pcapng")


def run_command(nfprobe: str, run: Run, options: argparse.Namespace) -> List[str]:
    command = [nfprobe, "--vf", "any", "--json", *options.passed, f"--from={options.source}"]
    if options.write:
        command.append(f"--write={file_of(options.write, run)}")
    return [*command, "--", run.pf.ifname or ""]  # a netdev may be called -h


def restore_command(nfprobe: str, run: Run, options: argparse.Namespace) -> List[str]:
    return [nfprobe, "--restore", *(["--verbose"] if options.verbose else []), "--", run.pf.ifname or ""]


# ---- the runs ----

def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def tell(text: str) -> None:
    """What somebody should see now. A reader that has gone is no reason to end the runs."""
    with contextlib.suppress(OSError):
        print(harmless(clean(text)), file=sys.stderr, flush=True)


class Task:
    """A process, when it is killed, and what is done when it is over."""

    def __init__(self, run: Run, child: Child, conclude: Callable[[Child], None], seconds: float) -> None:
        self.run, self.child, self.conclude, self.until = run, child, conclude, time.monotonic() + seconds
        self.said_wait = False


class Runner:
    def __init__(self, nfprobe: str, runs: Sequence[Run], options: argparse.Namespace) -> None:
        self.nfprobe, self.runs, self.options = nfprobe, runs, options
        self.tasks: List[Task] = []
        self.caught = 0  # the first signal
        self.handled = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # by nohup
            self.handled.append(signal.SIGHUP)
        for wanted in self.handled:
            signal.signal(wanted, self.on_signal)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever began this with SIGCHLD ignored would leave nothing to wait for

    def on_signal(self, number: int, frame: Optional[FrameType]) -> None:
        """Passes on the first one. Each run ends by it, and undoes its changes."""
        if not self.caught:
            self.caught = number
            for task in self.tasks:
                task.child.signal(number)

    def start(self, run: Run, command: Sequence[str], mixed: bool, conclude: Callable[[Child], None], seconds: float) -> None:
        """A signal that comes meanwhile is for it as well."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self.handled)
        try:
            child = Child(command, EXIT_CANNOT, lambda line: self.pass_on(run, line), self.handled, mixed)
            self.tasks.append(Task(run, child, conclude, seconds))
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.handled)

    def step(self) -> None:
        """Waits until something happens, and sees to it."""
        with selectors.PollSelector() as selector:
            for task in self.tasks:
                for fd, see_to in task.child.waits():
                    selector.register(fd, selectors.EVENT_READ, see_to)
            ready = selector.select(max(0, min(task.until for task in self.tasks) - time.monotonic()))
        for key, _ in ready:
            key.data()
        for task in [*self.tasks]:
            if task.child.is_over or time.monotonic() >= task.until:
                self.tasks.remove(task)
                task.child.finish()
                task.conclude(task.child)
            elif task.child.status < 0 and not task.said_wait:
                task.said_wait = True
                tell(f"{NAME}: {task.run.name}: its run was killed by {signal_name(-task.child.status)}; "
                     "waiting until its second process has ended")

    @staticmethod
    def pass_on(run: Run, line: bytes) -> None:
        """What a process says on standard error, with the name of its PF."""
        text = line.decode("utf-8", "replace")
        named = "nfprobe: " if text.startswith("nfprobe: ") else ""
        tell(f"{named}{run.name}: {text[len(named):]}")

    # -- a run --

    def start_run(self, run: Run) -> None:
        run.state = State.RUNS
        try:
            self.start(run, run_command(self.nfprobe, run, self.options), False, lambda child: self.conclude_run(run, child),
                       max(RUN_SECONDS, float(self.options.timeout or 0)) + RESTORE_SECONDS)
        except CANNOT_START as error:
            self.end(run, EXIT_CANNOT, Error("kernel", f"its run cannot be started: {error}"))

    def end(self, run: Run, status: int, error: Optional[Error]) -> None:
        run.end(status, error)
        if not self.options.quiet:
            tell(f"{NAME}: {ended(self.runs, run)}")

    def conclude_run(self, run: Run, child: Child) -> None:
        """It ended by itself, or was killed, and then the host is restored if its second process has not done that."""
        if not child.reaped:
            self.end_not_restored(run, "its run has not ended, and was killed")
            return
        if child.status < 0:
            self.restore(run, -child.status)
            return
        status = child.status
        error: Optional[Error] = None
        try:
            self.read_result(run, child.out)
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

    @staticmethod
    def read_result(run: Run, out: IO[bytes]) -> None:
        """Raises InputError."""
        out.seek(0)
        data = out.read(LIMITS.bytes + 1)
        if len(data) > LIMITS.bytes:
            raise InputError(run.name, f"it is larger than {LIMITS.bytes >> 20} MB")
        run.result = parse(data, run.name, ladders=False)
        run.document = json.loads(data)

    def restore(self, run: Run, killed_by: int) -> None:
        try:
            self.start(run, restore_command(self.nfprobe, run, self.options), True,
                       lambda child: self.conclude_killed(run, killed_by, child.reaped and child.status == 0), RESTORE_SECONDS)
        except CANNOT_START:
            self.conclude_killed(run, killed_by, False)

    def conclude_killed(self, run: Run, killed_by: int, restored: bool) -> None:
        how = f"its run was killed by {signal_name(killed_by)}"
        if restored:
            self.end(run, EXIT_CANNOT, Error("died", f"{how}; the host was put back as it was"))
        else:
            self.end_not_restored(run, how)

    def end_not_restored(self, run: Run, how: str) -> None:
        again = shell.command("nfprobe", "--restore", *shell.operand(run.pf.ifname or ""))
        self.end(run, EXIT_NOT_RESTORED, Error("died", f"{how}, and the host may not be as it was", again))

    # -- all of them --

    def start_runs(self) -> None:
        for run in self.runs if self.caught else ():
            if run.state is State.WAITS:
                run.end(EXIT_UNKNOWN, Error("interrupted", f"stopped by {signal_name(self.caught)} before its run began"))
        while True:
            run_now = next_run(self.runs, self.options.jobs)
            if not run_now:
                return
            self.start_run(run_now)

    def run(self) -> int:
        """The exit status of all."""
        self.start_runs()
        while self.tasks:
            self.step()
            self.start_runs()
        status = status_of(self.runs)
        return 128 + self.caught if self.caught and status != EXIT_NOT_RESTORED else status


# ---- the command line ----

SOURCES = ("auto", "arp", "pf", "peer")  # the words of --from that are no netdev, whatever altnames there are


def make_parser() -> Parser:
    parser = Parser(prog=NAME, epilog="nfprobe(8) explains the other options, which each run gets as they are.",
                    description="Probes an idle VF of each PF of this host, one after another. The manual is nfprobe-all(8).")
    parser.add_version()
    parser.add_argument("--from", dest="source", metavar="WHERE", default="auto",
                        help="the source of the frames, for all at the same time: a netdev, arp[:IP], vf:M or pf (default: auto, one after "
                        "another)")
    parser.add_argument("-j", "--jobs", metavar="N", type=lambda text: within(text, 1, MANY),
                        help="so many at the same time, but for PFs that share a port")
    parser.add_argument("--json", metavar="[=FILE]", help="write all results as JSON to standard output, or to FILE")
    parser.add_argument("--save", metavar="[=DIR]", help="also keep each result on this host, or in DIR")
    parser.add_argument("--write", metavar="DIR", help="write every frame to a file in DIR for each PF, as pcapng")
    parser.add_argument("-n", "--dry-run", action="store_true", help="print the changes that each run would make, and do nothing")
    parser.add_argument("-q", "--quiet", action="store_true", help="print the verdicts only: no progress, no warnings")
    parser.add_argument("-v", "--verbose", action="store_true", help="also what each run printed, and each of its changes")
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
    options.jobs = options.jobs or (1 if options.source == "auto" else MANY)
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
    runs = plan(host, options.source)
    if not runs:
        raise Failure("this host has no SR-IOV PF", "not-a-pf", NO_PF_HINT)
    if not any(run.counts for run in runs):
        raise Failure("no PF of this host has VFs", "no-vfs", "nfprobe --list shows them, and how to make VFs")
    return nfprobe, runs


def prune(runs: Sequence[Run], options: argparse.Namespace) -> None:
    """Removes old results: runs that save often would fill the store. A file that stays is no reason for another exit status."""
    devices = [f"{run.pf.bus or 'pci'}-{run.pf.parentdev}" for run in runs if run.result and run.pf.parentdev]
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
    """What nfprobe says of each PF."""
    nfprobe, runs = prepare(options)
    statuses: List[int] = []
    for run in runs:
        if not run.counts:
            continue
        status, said = run.exit, f"{run.error.message}{NEWLINE}" if run.error else ""
        if not run.error:
            done = ask([nfprobe, "--dry-run", "--vf=any", *options.passed, f"--from={options.source}", "--", run.pf.ifname or ""])
            status, said = done.status, (done.out + done.err).decode("utf-8", "replace")
        write(f"{'' if not statuses else NEWLINE}{run.name}:{NEWLINE}{harmless(said)}", None)
        statuses.append(status)
    return worst(statuses)


def run_to(options: argparse.Namespace, file: Optional[BinaryIO]) -> int:
    begun = time.monotonic()
    runs: List[Run] = []
    failed: Optional[Failure] = None
    try:
        nfprobe, runs = prepare(options)
        status = Runner(nfprobe, runs, options).run()
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

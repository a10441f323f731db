# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-all: one nfprobe for each PF of this host. Each has a lock, a journal and a supervising process of its own, so it
undoes its changes whatever becomes of this process, from which it gets SIGTERM when that dies."""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from dataclasses import dataclass
from typing import IO, Any, Dict, Iterator, List, Optional, Sequence, Tuple

from . import EXIT_CANNOT, EXIT_NOT_RESTORED, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, EXIT_USAGE, VERSION, Failure, shell, worst
from .command import Parser, cannot_print, run_program, say_failure, within, write_json
from .files import why
from .host import NO_PF_HINT, Pf, ask, find_nfprobe, list_host
from .names import own_name
from .result import LIMITS, SCHEMA, Error, InputError, Result, parse
from .text import clean, harmless, plural, say

NAME = "nfprobe-all"
MANY = 1000  # runs at the same time
LINE_BYTES = 64 << 10  # a longer line is broken
# A run ends by itself after --timeout, and without that after an hour at most; then it undoes what it did. One that has not ended after
# both is stuck in the kernel, and not waited for.
RUN_SECONDS, UNDO_SECONDS = 3600, 120
KEPT = "macvtap,bridge"  # the usual styles: a bridge that is named has its fix tried, whatever else is safe, which the libvirt hook needs
SOURCES = ("auto", "arp", "pf", "peer")  # the words of --from that are no netdev, whatever altnames there are
# Options of nfprobe, which checks them itself, and may be given several times.
PASSED = {"--style": "STYLE[,..]", "--vlan": "V", "--rate": "PPS", "--settle": "SEC", "--timeout": "SEC", "--allow": "VERDICT[,..]",
          "--gap-limit": "MS", "--require": "WHAT[,..]", "--guest-vlan": "V", "--skip": "TEST[,..]"}
WORDS = {EXIT_SAFE: "safe", EXIT_UNSAFE: "not safe", EXIT_UNKNOWN: "not known", EXIT_CANNOT: "failed", EXIT_NOT_RESTORED: "not restored"}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Run:
    """The run on one PF, and what has become of it."""
    pf: Pf
    exit: Optional[int] = None  # None: it is not over
    error: Optional[Error] = None  # why there is no verdict
    document: Optional[Dict[str, Any]] = None  # the result, as the run wrote it
    result: Optional[Result] = None  # the document, as it was read

    @property
    def counts(self) -> bool:
        """A PF without VFs has nothing to know."""
        return bool(self.pf.num_vfs)

    @property
    def name(self) -> str:
        return clean(self.pf.ifname or self.pf.parentdev or "?")

    @property
    def vf(self) -> str:
        return str(self.result.vf.vf) if self.result and self.result.vf else "-"

    @property
    def said(self) -> str:
        """In a sentence, without the name of the PF."""
        answer = self.result.answer if self.result else ""
        return clean(self.error.message) if self.error else answer.removeprefix(f"{self.name} VF {self.vf}: ")

    def end(self, status: int, error: Optional[Error] = None) -> None:
        """A PF of which no VF is idle is not known; a VF that was lost later is an error."""
        if error and error.code == "vf-in-use" and self.vf == "-":
            status = EXIT_UNKNOWN
        self.exit, self.error = status, error


# ---- which PFs ----

def plan(pfs: Sequence[Pf], source: str) -> List[Run]:
    """A run for each. Those without VFs, and the one that is the @source of all others, are over."""
    runs = [Run(pf) for pf in pfs]
    for run in runs:
        if not run.counts:
            run.end(EXIT_UNKNOWN, Error("no-vfs", "it has no VFs"))
        elif not run.pf.ifname:
            run.end(EXIT_UNKNOWN, Error("not-a-pf", clean(run.pf.where or "it has no netdev")))
        elif run.pf.ifname == source:
            run.end(EXIT_UNKNOWN, Error("source-unusable", "it is the source of the others' frames (--from)"))
    return runs


def share_port(one: Pf, other: Pf) -> bool:
    return one.ifname in other.not_with or (one.parentdev is not None and one.parentdev == other.parentdev)


def by_port(runs: Sequence[Run]) -> List[List[Run]]:
    """In each list those that must not be at the same time, as nfprobe --list says."""
    ports: List[List[Run]] = []
    for run in runs:
        port = next((port for port in ports if any(share_port(other.pf, run.pf) for other in port)), None)
        if port is None:
            port = []
            ports.append(port)
        port.append(run)
    return ports


def status_of(runs: Sequence[Run]) -> int:
    return worst(EXIT_UNKNOWN if run.exit is None else run.exit for run in runs if run.counts)


# ---- the runs ----

def die_with(parent: int, handled: Sequence[int]) -> None:
    """For a process that was just forked: it gets SIGTERM when the thread that forked it ends, which waits for it, or dies with its
    process. A parent that died before the kernel knew of this wish has been replaced by another."""
    for number in handled:
        signal.signal(number, signal.SIG_DFL)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if os.getppid() != parent:
        os._exit(EXIT_CANNOT)


def signal_name(number: int) -> str:
    return signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"


def tell(text: str) -> None:
    """What somebody should see now, in one write. A reader that has gone is no reason to end the runs."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{harmless(clean(text))}\n")
        sys.stderr.flush()


def lines_of(fd: int, command: Sequence[str], until: float) -> Iterator[bytes]:
    """Without their ends, until the last writer has closed it. Raises TimeoutExpired."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    rest = b""
    while True:
        if not poll.poll(max(0, until - time.monotonic()) * 1000):
            raise subprocess.TimeoutExpired(command, until)
        data = os.read(fd, LINE_BYTES)
        *lines, rest = (rest + data).split(b"\n")
        while len(rest) >= LINE_BYTES:
            lines, rest = [*lines, rest[:LINE_BYTES]], rest[LINE_BYTES:]
        for line in lines:
            yield from (line[at:at + LINE_BYTES] for at in range(0, len(line) or 1, LINE_BYTES))
        if not data:
            break
    if rest:
        yield rest


class Runner:
    def __init__(self, nfprobe: str, runs: Sequence[Run], options: argparse.Namespace) -> None:
        self.nfprobe, self.runs, self.options = nfprobe, runs, options
        self.saying, self.lock = threading.Lock(), threading.Lock()  # the latter of what is below
        self.begun: List[subprocess.Popen[bytes]] = []
        self.caught = 0  # the first signal
        self.seconds = int(options.timeout[-1] if options.timeout else RUN_SECONDS) + UNDO_SECONDS
        self.handled = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # by nohup
            self.handled.append(signal.SIGHUP)

    def on_signal(self, number: int, _: object) -> None:
        """Passes on the first one. Each run ends by it, and undoes its changes."""
        with self.lock:
            for process in self.begun if not self.caught else ():
                process.send_signal(number)
            self.caught = self.caught or number

    def follow(self, run: Run, command: Sequence[str], out: Optional[IO[bytes]], seconds: float) -> int:
        """Its status, -N if signal N has killed it, once nobody has its standard error any more: the second process of a run that was
        killed undoes its changes. @out: None: its standard output is for people, too. Raises OSError, TimeoutExpired (it goes on), or
        ValueError of a name that cannot be an argument."""
        parent, until = os.getpid(), time.monotonic() + seconds
        with self.lock:  # a signal that comes meanwhile is for it as well. In a session of its own it gets that of a terminal once
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out or subprocess.PIPE, stderr=subprocess.PIPE if out else subprocess.STDOUT,
                start_new_session=True, preexec_fn=lambda: die_with(parent, self.handled))
            self.begun.append(process)
        said = process.stderr if out else process.stdout
        assert said
        with said:
            for line in lines_of(said.fileno(), command, until):
                text = line.decode("utf-8", "replace")
                named = "nfprobe: " if text.startswith("nfprobe: ") else ""
                tell(f"{named}{run.name}: {text[len(named):]}")
        status = process.wait(max(0, until - time.monotonic()))
        with self.lock:
            self.begun.remove(process)
        return status

    def probe_port(self, runs: Sequence[Run]) -> None:
        """One after another, in a thread."""
        stuck: Optional[Run] = None
        for run in runs:
            if run.exit is not None:
                continue
            try:
                if self.caught:
                    run.end(EXIT_UNKNOWN, Error("interrupted", f"stopped by {signal_name(self.caught)} before its run began"))
                elif stuck:
                    run.end(EXIT_UNKNOWN, Error("interrupted", f"not begun: the run on {stuck.name}, on the same port, has not ended"))
                else:
                    run.end(*self.probe(run))
            except subprocess.TimeoutExpired:
                stuck = run
                how = "may be stuck in the kernel, which a driver holds up (journalctl -k)"
                run.end(EXIT_NOT_RESTORED, Error("timeout", f"its run has not ended after {self.seconds} s, and {how}", self.again(run)))
            except (OSError, ValueError) as error:
                run.end(EXIT_CANNOT, Error("kernel", f"its run cannot be started: {error}"))
            counted = [one for one in self.runs if one.counts]
            with self.saying:
                if not self.options.quiet:
                    over = sum(one.exit is not None for one in counted)
                    tell(f"{NAME}: {over} of {plural(len(counted), 'NIC')} done: {run.name}: {run.said}")

    def probe(self, run: Run) -> Tuple[int, Optional[Error]]:
        """Its exit status, and why there is no verdict."""
        command = [self.nfprobe, "--vf", "any", "--json", *self.options.passed, "--", run.pf.ifname or ""]  # a netdev may be called -h
        with tempfile.TemporaryFile() as out:
            status = self.follow(run, command, out, self.seconds)
            if status < 0:
                return self.restore(run, -status)
            try:
                self.read_result(run, out)
            except InputError as why:
                error = Error("input", f"what its run has written cannot be read: {why.why}")
                return status if status == EXIT_NOT_RESTORED else EXIT_CANNOT, error
        if run.result and run.result.error:
            return status, run.result.error
        if status not in (EXIT_SAFE, EXIT_UNSAFE, EXIT_UNKNOWN):  # such as a file that could not be written
            return status, Error("output", f"its run ended with status {status}, as standard error says")
        return status, None

    @staticmethod
    def read_result(run: Run, out: IO[bytes]) -> None:
        """Raises InputError."""
        out.seek(0)
        data = out.read(LIMITS.bytes + 1)
        run.result = parse(data, run.name, ladders=False)
        run.document = json.loads(data)

    def restore(self, run: Run, number: int) -> Tuple[int, Error]:
        how = f"its run was killed by {signal_name(number)}"
        command = [self.nfprobe, "--restore", *(["--verbose"] if self.options.verbose else []), "--", run.pf.ifname or ""]
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            if self.follow(run, command, None, UNDO_SECONDS) == 0:
                return EXIT_CANNOT, Error("died", f"{how}; the host was put back as it was")
        return EXIT_NOT_RESTORED, Error("died", f"{how}, and the host may not be as it was", self.again(run))

    @staticmethod
    def again(run: Run) -> str:
        return shell.command("nfprobe", "--restore", *shell.operand(run.pf.ifname or ""))

    def run(self) -> int:
        """The exit status of all."""
        for number in self.handled:
            signal.signal(number, self.on_signal)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever began this with SIGCHLD ignored would leave nothing to wait for
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs, initializer=signal.pthread_sigmask,
                                                   initargs=(signal.SIG_BLOCK, self.handled)) as pool:
            for done in [pool.submit(self.probe_port, port) for port in by_port(self.runs)]:
                done.result()
        status = status_of(self.runs)
        return 128 + self.caught if self.caught and status != EXIT_NOT_RESTORED else status


# ---- what was found ----

def report(runs: Sequence[Run], status: int, seconds: float, width: int, verbose: bool) -> str:
    counts = collections.Counter(WORDS.get(run.exit or 0, "stopped") if run.counts else "without VFs" for run in runs)
    rows = [("NIC", "VF", "driver", "firmware", "", "")]
    rows += [(run.name, run.vf, clean(run.pf.driver or "-"), clean(run.pf.firmware or "-"), run.said,
              clean(run.error.hint) if run.error and run.exit == EXIT_NOT_RESTORED else "") for run in runs]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    head = f"{plural(len(runs), 'NIC')}, {seconds:.0f} s: {', '.join(f'{number} {word}' for word, number in counts.items())}."
    lines = [*textwrap.wrap(head, width), ""]
    for *cells, said, again in rows:
        begin = "  " + "  ".join(f"{cell:{wide}}" for cell, wide in zip(cells, widths))
        wrapped = textwrap.wrap(said, max(width - len(begin) - 2, 24), break_on_hyphens=False) or [""]
        lines += [f"{begin}  {wrapped[0]}".rstrip(), *(" " * (len(begin) + 2) + line for line in [*wrapped[1:], again] if line)]
    for run in runs if verbose else ():
        lines += ["", *run.result.text.first] if run.result else []
    lines += [*[""] * verbose, f"Exit {status}.{'' if verbose else ' More: -v'}"]
    return harmless("\n".join(lines)) + "\n"


def document(runs: Sequence[Run], status: int, error: Optional[Failure] = None) -> Dict[str, Any]:
    """nfprobe-all.schema.json"""
    pfs = [{**{key: getattr(run.pf, key) for key in ("ifname", "bus", "parentdev", "vendor", "device")}, "counts": run.counts,
            "exit": run.exit, **({"error": run.error.as_json()} if run.error else {}), "result": run.document} for run in runs]
    return {"schema": SCHEMA, "version": VERSION, "pfs": pfs, "exit": status, **({"error": error.as_json()} if error else {})}


# ---- the command line ----

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
    parser.add_argument("-q", "--quiet", action="store_true", help="print the verdicts only: no progress, no warnings")
    parser.add_argument("-v", "--verbose", action="store_true", help="also what each run printed, and each of its changes")
    for name, value in PASSED.items():
        parser.add_argument(name, metavar=value, action="append", default=[], help="see nfprobe(8)")
    return parser


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser()
    options = parser.parse(arguments, {"--json": "-", "--save": ""},
                           f": {NAME} probes each PF of this host, and nfprobe PF --vf any one of them")
    if options.json == "":
        parser.error("--json= names no file")
    if options.source.startswith("peer:"):
        parser.error("--from peer makes no sense with all PFs: a reflector answers one run")
    if options.source not in SOURCES:
        options.source = own_name(options.source)
    options.jobs = options.jobs or (1 if options.source == "auto" else MANY)
    options.passed = [f"{name}={value}" for name in PASSED for value in getattr(options, name[2:].replace("-", "_"))]
    if options.save is not None and not options.style:
        options.passed.append(f"--style={KEPT}")
    options.passed.append(f"--from={options.source}")
    options.checked = list(options.passed)
    options.passed += [f"--save={options.save}" if options.save else "--save"] if options.save is not None else []
    options.passed += [f"--{name}" for name in ("quiet", "verbose") if getattr(options, name)]
    return options


def prepare(options: argparse.Namespace) -> Tuple[str, List[Run]]:
    """nfprobe, and the runs that are to be. Its options it checks itself, before it finds that this is no PF. Raises Failure."""
    nfprobe = find_nfprobe()
    done = ask([nfprobe, "--dry-run", "--vf=any", *options.checked, "--", "lo"])
    if done.status == EXIT_USAGE:
        said, _, hint = done.err.decode("utf-8", "replace").removeprefix("nfprobe: ").partition("\n")
        raise Failure(said, "usage", hint.strip() or f"{NAME} --help lists the options.", EXIT_USAGE)
    runs = plan(list_host(quick=True).pfs, options.source)
    if not runs:
        raise Failure("this host has no SR-IOV PF", "not-a-pf", NO_PF_HINT)
    if not any(run.counts for run in runs):
        raise Failure("no PF of this host has VFs", "no-vfs", "nfprobe --list shows them, and how to make VFs")
    return nfprobe, runs


def work(options: argparse.Namespace) -> int:
    begun = time.monotonic()
    runs: List[Run] = []
    failed: Optional[Failure] = None
    try:
        nfprobe, runs = prepare(options)
        status = Runner(nfprobe, runs, options).run()
    except Failure as failure:
        failed, status = failure, say_failure(NAME, failure)
    try:
        if options.json:
            write_json(document(runs, status, failed), options.json)
        elif not failed:
            sys.stdout.write(report(runs, status, time.monotonic() - begun, shutil.get_terminal_size((100, 24)).columns, options.verbose))
        sys.stdout.flush()
    except OSError as error:
        status = status if status == EXIT_NOT_RESTORED else EXIT_CANNOT
        if options.json in (None, "-"):
            cannot_print(NAME, error, "the answer")
        else:
            say(NAME, f"cannot write {options.json}: {why(error)}")
    return status


def main(arguments: Sequence[str]) -> int:
    # If this was begun with one of the standard streams closed, no other file gets its number.
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(fd)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to restore
    return run_program(NAME, arguments, parse_options, work, lambda error: document([], error.status, error))


def command() -> int:
    """The command as pip installs it (pyproject.toml)."""
    return main(sys.argv[1:])

# SPDX-License-Identifier: GPL-2.0-or-later
"""The command nfprobe-check."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import List, Optional, Sequence, Tuple, Union

from . import EXIT_CANNOT, EXIT_SAFE, EXIT_UNKNOWN, EXIT_UNSAFE, Failure, audit, holds, rights, rules, store, worst
from .check import Answer, Asked, check_name, check_pf, document_of, failed, nowhere
from .check_text import Shown, first_line, print_answer, where
from .command import Once, Parser, cannot_print, demand_list, run_program, say_failure, style_list, write_json
from .files import why
from .holds import days, gap_limit, vlan
from .host import NO_PF_HINT, Host, Pf, list_host, load_list
from .names import own_name
from .text import clean, harmless, say, writer_to

PROGRAM = "nfprobe-check"


# ---- the command line ----

def make_parser() -> Parser:
    parser = Parser(
        prog=PROGRAM, description="Says whether the results that nfprobe --save has stored of a NIC still hold. Changes nothing, "
        "sends nothing, and needs no privileges.", epilog="Exit: 0 safe, 1 not safe, 2 wrong usage, 3 not known, 4 cannot tell. "
        "The manual: nfprobe-check(1).")
    parser.add_argument("names", nargs="*", metavar="PF|VF", help="a PF, or one VF of it, by its netdev or its PCI address; none: "
                        "every PF of this host")
    parser.add_argument("--style", type=style_list, metavar="STYLE[,..]", help="only these, such as macvtap or bridge; all: each one")
    parser.add_argument("--vlan", type=vlan, metavar="ID", help="only results of this VLAN; 0: of none")
    parser.add_argument("--require", type=demand_list, action=Once, default=(), metavar="WHAT[,..]",
                        help="a safe style must also have shown this, as nfprobe takes it: ipv6")
    parser.add_argument("--gap-limit", type=gap_limit, default=0, metavar="MS", help="a guest that may be lost for longer is not safe, as "
                        "nfprobe takes it: at a change, or by a bridge that learns")
    parser.add_argument("--max-age", type=days, default=0, metavar="DAYS", help="an older result does not hold")
    parser.add_argument("--store", default=store.DIR, metavar="DIR", help=f"the store, in place of {store.DIR}")
    parser.add_argument("--host", metavar="FILE", help="the host, as nfprobe --list --json described it, in place of this one")
    parser.add_argument("--json", metavar="[=FILE]", help="one JSON object, in place of the text or in FILE beside it")
    parser.add_argument("--due", default="", metavar="SOURCE", help="for services: exits with 3 if a run with this --from could tell what "
                        "is not known, else with 0")
    parser.add_argument("--plugin", action="store_true", help="one line, and the exit status, as monitoring plugins have them: OK, "
                        "WARNING, CRITICAL or UNKNOWN")
    parser.add_argument("--prune", action="store_true", help="remove the results that others supersede, of these PFs or of all")
    parser.add_argument("--audit", action="store_true", help="the findings of nfprobe --audit, of the store and of the libvirt hook")
    parser.add_argument("--accept", action="append", default=[], metavar="CODE[:PLACE]", help="with --audit: a finding that does not "
                        "count, as nfprobe --audit takes it")
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="one line for each PF")
    volume.add_argument("-v", "--verbose", action="store_true", help="also what the run of each result printed, and its file")
    parser.add_version()
    return parser


def parse_options(argv: Sequence[str]) -> argparse.Namespace:
    parser = make_parser()
    args = parser.parse(argv, {"--json": "-"})
    for option in ("store", "host", "json"):
        if getattr(args, option) == "":
            parser.error(f"--{option}= names no file" if option != "store" else "--store= names no folder")
    for name in args.names:
        if not name or "/" in name:
            parser.error(f"{clean(name)!r} is neither an interface name nor a PCI address")
    modes = [option for option in ("json", "due", "prune", "audit", "quiet", "verbose") if getattr(args, option)]
    if args.plugin and modes:
        parser.error(f"--{modes[0]} makes no sense with --plugin")
    used = [option for option in ("style", "vlan", "require", "gap_limit", "max_age", "json") if getattr(args, option) not in (None, 0, ())]
    others = [option for option in ("style", "vlan", "require", "gap_limit", "max_age", "host", "prune") if getattr(args, option)]
    if args.audit and others:
        parser.error(f"--{others[0].replace('_', '-')} makes no sense with --audit")
    if args.accept and not args.audit:
        parser.error("--accept needs --audit")
    asked = [option for option in ("require", "gap_limit") if getattr(args, option)]
    if args.due and asked:
        parser.error(f"--{asked[0].replace('_', '-')} makes no sense with --due: another run may well find the same")
    if args.due and (args.json or args.prune or args.audit):
        parser.error("--due makes no sense with --json, --prune or --audit")
    if args.prune and used:
        parser.error(f"--{used[0].replace('_', '-')} makes no sense with --prune")
    return args


# ---- answers ----

def host_of(args: argparse.Namespace, name: str = "") -> Host:
    if not args.host:
        return list_host(name or None, quick=True)
    rights.give_up()
    return load_list(args.host, clean(args.host))


def held_of(args: argparse.Namespace, ifname: str) -> holds.Holds:
    """The defaults of this host, which are about its own store. Raises Failure."""
    return holds.Holds() if args.host or args.store != store.DIR else holds.of_pf(ifname)


class Asking:
    """The question about a PF: the command line's options, and else those that hold on this host."""

    def __init__(self, args: argparse.Namespace, demands: bool) -> None:
        """@demands: may --require and --gap-limit ask for more than a verdict, by the command line or by what holds here?"""
        self.args, self.demands = args, demands

    def of_pf(self, pf: Optional[Pf]) -> Asked:
        """Raises Failure."""
        args, held = self.args, held_of(self.args, (pf.ifname if pf else None) or "")
        styles = held.style if args.style is None else args.style
        asked = Asked(styles or rules.USUAL_STYLES, styles is None, held.vlan if args.vlan is None else args.vlan,
                      args.max_age or held.max_age)
        return asked._replace(require=args.require or held.require,
                              gap_limit_ms=args.gap_limit or held.gap_limit) if self.demands else asked

    def of_name(self, host: Host, name: str) -> Asked:
        return self.of_pf(host.find(name)[0])


def answers_of(args: argparse.Namespace, demands: bool = False) -> List[Answer]:
    """One for each name, or for each PF of the host. Raises Failure."""
    asking = Asking(args, demands)
    if args.host or not args.names:
        host, here = host_of(args), not args.host
        rights.give_up()
        if args.names:
            return [check_name(host, name, args.store, asking.of_name(host, name), here) for name in args.names]
        return [check_pf(pf, None, clean(host.kernel or ""), args.store, asking.of_pf(pf), here, host) for pf in host.pfs
                if pf.ifname or pf.num_vfs]
    hosts: List[Union[Host, Failure]] = []
    args.names = list(map(own_name, args.names))
    for name in args.names:
        try:
            hosts.append(host_of(args, name))
        except Failure as error:
            hosts.append(nowhere(name) if error.code == "no-such-interface" else error)
    rights.give_up()
    return [failed(clean(name), "", None, found) if isinstance(found, Failure)
            else check_name(found, name, args.store, asking.of_name(found, name))
            for name, found in zip(args.names, hosts)]


def print_answers(args: argparse.Namespace, answers: Sequence[Answer], failed: bool) -> None:
    writer = writer_to(sys.stdout)
    shown = [answer for answer in answers if answer.exit_status != EXIT_CANNOT]
    for number, answer in enumerate(shown):
        if number and not args.quiet:
            writer.line()
        print_answer(writer, answer, Shown(args.store, args.vlan, args.due, args.quiet, args.verbose, failed))
    held = dict.fromkeys(words for words in (held_of(args, answer.ifname).words for answer in shown) if words)
    for words in held if not args.quiet else ():
        writer.line(f"by {words}", 8, ("  Note  ", ""))
    if shown and not args.quiet and args.store != store.DIR and not os.path.isdir(args.store):
        writer.line(f"there is no folder {args.store}", 8, ("  Note  ", ""))


def due_of(answer: Answer, source: str) -> int:
    """Where it is known, as where nothing more can be known, no run is due."""
    if answer.exit_status == EXIT_CANNOT:
        return EXIT_CANNOT
    due = answer.exit_status == EXIT_UNKNOWN and (answer.error is not None or rules.is_due(answer.check, source))
    return EXIT_UNKNOWN if due else EXIT_SAFE


# ---- --plugin: the statuses and the line of https://www.monitoring-plugins.org/doc/guidelines.html ----

OK, WARNING, CRITICAL, UNKNOWN = range(4)
PLUGIN_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
PLUGIN_STATUS = {EXIT_SAFE: OK, EXIT_UNSAFE: CRITICAL}
PLUGIN_WORST = (CRITICAL, UNKNOWN, WARNING, OK)


def plugin_state(answer: Answer) -> int:
    """A VF that is safe, and whose guests the PF has lost, is a warning."""
    state = PLUGIN_STATUS.get(answer.exit_status, UNKNOWN)
    return WARNING if state == OK and answer.added.missing else state


def plugin_line(answers: Sequence[Answer], error: Optional[Failure]) -> Tuple[int, str]:
    """The status, and the line, in which "|" begins the numbers."""
    states = [plugin_state(answer) for answer in answers]
    state = UNKNOWN if error or not states else next(one for one in PLUGIN_WORST if one in states)
    said = [str(error)] if error else [f"{where(answer)}: {answer.error}" if answer.error else first_line(answer).rstrip(".")
                                       for answer in answers]
    counts = " ".join(f"{PLUGIN_WORDS[one].lower()}={states.count(one)}" for one in (OK, WARNING, CRITICAL, UNKNOWN))
    words = harmless(clean("; ".join(said))).replace("|", "/")
    return state, f"NFPROBE {PLUGIN_WORDS[state]} - {words} | {counts}"


def say_plugin(answers: Sequence[Answer], error: Optional[Failure]) -> int:
    state, line = plugin_line(answers, error)
    print(line)
    return state


def report(args: argparse.Namespace, answers: Sequence[Answer], error: Optional[Failure] = None) -> int:
    """The exit status."""
    if args.plugin:
        return say_plugin(answers, error)
    failed = False
    status = error.status if error else worst(due_of(answer, args.due) if args.due else answer.exit_status for answer in answers)
    for failure in (error, *(answer.error for answer in answers)):
        if failure and args.json != "-":
            say_failure(PROGRAM, failure)
    try:
        if args.json:
            write_json(document_of(answers, status, error), args.json)
    except OSError as problem:
        say(PROGRAM, f"cannot write {args.json}: {why(problem)}")
        status, failed = EXIT_CANNOT, True
    if args.json != "-":
        print_answers(args, answers, failed)
    return status


NO_PF = Failure("this host has no SR-IOV PF", "no-such-interface", NO_PF_HINT)


def check(args: argparse.Namespace) -> int:
    try:
        answers = answers_of(args, not args.due)
    except Failure as error:
        return report(args, [], error)
    return report(args, answers, None if answers else NO_PF)


# ---- --audit ----

def say_audit(args: argparse.Namespace) -> int:
    found, error = None, None
    try:
        found = audit.look(args.names, args.accept)
    except Failure as failure:
        error = failure
        if args.json != "-":
            say_failure(PROGRAM, failure)
    try:
        if args.json:
            write_json(audit.document_of(found, error), args.json)
    except OSError as problem:
        say(PROGRAM, f"cannot write {args.json}: {why(problem)}")
        return EXIT_CANNOT
    if found and args.json != "-":
        audit.print_audit(writer_to(sys.stdout), found, args.quiet)
    return found.exit_status if found else EXIT_CANNOT


# ---- --prune ----

def devices_of(args: argparse.Namespace) -> List[str]:
    """The folders of the PFs that are named. Raises Failure."""
    devices = []
    for name in args.names if args.host else map(own_name, args.names):
        pf, _ = host_of(args, name).find(name)
        if pf is None or not pf.parentdev:
            raise nowhere(name)
        devices.append(f"{pf.bus or 'pci'}-{pf.parentdev}")
    return devices


def prune(args: argparse.Namespace) -> int:
    devices = devices_of(args)
    rights.give_up()
    removed, errors = store.prune(args.store, devices, int(time.time() * 1000))
    for file in removed if args.verbose else ():
        print(clean(f"removed {file}"))
    for text in errors:
        say(PROGRAM, text)
    return EXIT_CANNOT if errors else EXIT_SAFE


def work(args: argparse.Namespace) -> int:
    try:
        status = say_audit(args) if args.audit else prune(args) if args.prune else check(args)
        sys.stdout.flush()
    except OSError as error:
        status = cannot_print(PROGRAM, error, "the answer")
    return status


def parse_for_plugin(argv: Sequence[str]) -> argparse.Namespace:
    """The status of wrong usage would be CRITICAL."""
    try:
        return parse_options(argv)
    except Failure as failure:
        failure.status = say_plugin([], failure)
        raise


def main(argv: Sequence[str]) -> int:
    return run_program(PROGRAM, argv, parse_for_plugin if "--plugin" in argv else parse_options, work,
                       lambda error: document_of([], error.status, error))


def command() -> int:
    """The command as pip installs it (pyproject.toml)."""
    return main(sys.argv[1:])

# SPDX-License-Identifier: GPL-2.0-or-later
"""The drivers of real cards and their effect on whoever changes a VF, on simulated NICs: right verdicts, and the host as it was.

Each driver is met by whole runs, and by runs that Ctrl-C ends, or that are killed and restored, at the points where its
peculiarity matters (tests/vm/stopper.py). NFPROBE_CARDS="SEED COUNT" draws some of these.
"""

import dataclasses
import itertools
import json
import os
import signal
import sys
import time

from probing import valid
from scenario import TOP, check, drawn, long
from simulated import Module
from bench import Case, differences, is_unclear, slow_enough

sys.path.insert(0, TOP + "/tests/nfsim")
import personalities  # noqa: E402

STOPPER = os.path.join(TOP, "tests/vm/stopper.py")
NICS = 12  # side by side: most of the time they wait
QUICK = ("--from", "nf{number}w", "--rate", "50", "--style", "macvtap", "-v")
ASSIGN, CLEAR = r"mac (?!00:)", r"mac 00:"
ASSIGNED, CLEARED = r"set_vf_mac \S+ (?!00:)", r"set_vf_mac \S+ 00:"

# name: (line of -v, its number, call of the driver)
POINTS = {
    "first unbind": ("/unbind", 1, "remove"),
    "macvlan": ("type macvlan", 1, "remove"),
    "assign": (ASSIGN, 1, ASSIGNED),
    "attach": ("/reset", 1, "reset"),
    "bind": ("/bind", 1, "probe"),
    "unplug": ("/unbind", 2, "remove"),
    "detach": ("/reset", 2, "reset"),
    "clear": (CLEAR, 1, CLEARED),
    "parked": (ASSIGN, 2, ASSIGNED),
    "second bind": ("/bind", 2, "probe"),
}


@dataclasses.dataclass(frozen=True)
class Card:
    points: tuple
    whole: bool = False  # to the end, too: the matrix does not have it so
    settle: str = "0.1"  # of runs that are stopped
    plain: bool = False  # a VF without driver and address
    vlan: bool = True  # a VF in a VLAN
    left: tuple = ()  # a word of each sentence of left_behind, after a whole run
    differs: str = ""  # the beginning of a difference that there may be, and that there is after a whole run
    force: bool = False


PUT_BACK = "was restored through the PF"
NOT_REPORTED = "does not report it, so nfprobe cannot tell"
CARDS = {
    # Those that take long come first, as others are done beside them.
    "mlx5-slow": Card(("first unbind", "bind"), whole=True),
    "i40e-late": Card(("assign", "bind"), whole=True),
    "i40e-lost": Card(("assign", "bind"), whole=True),
    "hns3-periodic": Card(("attach", "clear"), settle="3"),
    "ixgbe-zero-enomem": Card(("attach", "detach", "clear", "parked")),
    "i40e-in-reset": Card(("attach", "bind", "unplug")),
    "i40e-eagain": Card(("assign", "attach", "clear")),
    "ice-in-reset": Card(("assign", "attach", "unplug")),
    "ice-duplicate": Card(("assign", "bind")),
    "ice-duplicate-deaf": Card(("assign",)),
    "mlx5-vlan-protocol": Card(("assign", "bind"), whole=True),
    "bnxt-last-address": Card(("bind", "clear"), whole=True, plain=True, left=("goes on reporting the last one",), differs="/pf/vfs/3/1"),
    # The PF may stay promiscuous in hardware, where only frames show it (test_nfsim_refuse), and --restore sends none.
    "i40e-stays": Card(("second bind",), differs="/filters/0"),
    "i40e-refused": Card(("assign", "second bind"), differs="/filters/0"),
    "i40e-forgets": Card(("unplug", "clear"), whole=True),
    "i40e-reset-shown": Card(("attach", "detach", "clear", "parked")),
    "ice-reset-waits": Card(("assign", "unplug")),
    "qede-late-address": Card(("assign", "bind")),
    "ixgbe-l2fw": Card(("macvlan", "clear"), vlan=False),
    "enic-no-config": Card(("assign", "bind"), whole=True, vlan=False, left=(NOT_REPORTED,), force=True),
    "enetc-no-config": Card(("assign", "bind"), whole=True, vlan=False, left=(NOT_REPORTED,), force=True),
}


class Outcome:
    """A job as bench sees a run."""

    def __init__(self, job):
        self.status, self.out, self.err = job["status"], job["out"], job["err"]

    def json(self):
        return json.loads(self.out)


def case_of(name):
    """The case as it is in memory: one that must be forced is then probed."""
    keys = {key: value for key, value in personalities.ALL[name].keys.items() if key != "no_vf_config"}
    return Case(name, keys, settle_ms=slow_enough(keys), style="macvtap")


def job(name, args, stop=0, point=None):
    card = CARDS[name]
    return {"card": name, "keys": personalities.ALL[name].keys, "args": [*args, *(["--force"] if card.force else [])],
            "signal": stop, "point": point and POINTS[point], "at": point, "plain": card.plain, "vlan": card.vlan}


def jobs(way):
    """Each card to the end (way 0), and stopped at its points: by Ctrl-C and SIGKILL in turn, with the other way what was not done."""
    stops = itertools.cycle((signal.SIGINT, signal.SIGKILL) if way == 0 else (signal.SIGKILL, signal.SIGINT))
    for name, card in CARDS.items():
        if card.whole and way == 0:
            yield job(name, case_of(name).argv("{number}")[3:])
        for point in card.points:
            yield job(name, [*QUICK, "--settle", card.settle], next(stops), point)


def done(host, jobs, nics=NICS):
    """The jobs with what came of them."""
    begun = time.monotonic()
    with Module(host, nics=nics) as module:
        rigs = [module.nic(number=number) for number in range(nics)]
        command = host.begin("/usr/bin/python3", "-I", "-S", STOPPER, host.nfprobe_path, nics, stdin=True)
        command.write(json.dumps(jobs).encode())
        command.write(b"")
        result = command.wait(1200)
        for rig in rigs:
            rig.__exit__(None, None, None)
    check(result.status == 0, result.err)
    told = [json.loads(line) for line in result.out.splitlines()]
    check(len(told) == len(jobs), f"{len(told)} jobs were done, of {len(jobs)}")
    print(f"# {len(told)} runs, {time.monotonic() - begun:.0f} s; the longest: "
          + ", ".join(f"{one['card']} {one['seconds']} s" for one in sorted(told, key=lambda one: -one["seconds"])[:3]), flush=True)
    return told


def differs(one, may):
    """The differences from before, but for those that cannot be undone."""
    expected = CARDS[one["card"]].differs
    lines = [line for line in one["wrong"] if not (may and expected and line.startswith(expected))]
    if may == "must" and expected and lines == one["wrong"]:
        lines.append(f"{expected} is as it was")
    return lines


def sentences(told, wanted):
    if len(told) != len(wanted) or not all(word in line for word, line in zip(wanted, told)):
        yield f"left behind is {told}, not {wanted}"


def wrong_of_whole(one):
    card = CARDS[one["card"]]
    yield from differs(one, "must")
    yield from differences(case_of(one["card"]), Outcome(one))
    if one["status"] in (0, 1, 3):
        out = valid(json.loads(one["out"]))
        if not out["restored"]:
            yield "it was not restored"
        yield from sentences([line["text"] for line in out["left_behind"] if PUT_BACK not in line["text"]], card.left)


def wrong_of_interrupted(one):
    yield from differs(one, "may")
    if one["status"] != 130:
        yield f"status {one['status']}: {one['err']}"


def wrong_of_killed(one):
    yield from differs(one, "may")
    if one["status"] != -signal.SIGKILL:
        yield f"it ended by itself, {one['status']}: {one['err']}"
    (status, out, err), again = one["restored"]
    if status or err:
        yield f"--restore: {status} {out}{err}"
    if again != [0, "nothing to undo\n", ""]:
        yield f"--restore once more: {again}"


WRONG = {0: wrong_of_whole, signal.SIGINT: wrong_of_interrupted, signal.SIGKILL: wrong_of_killed}
HOW = {0: "to the end", signal.SIGINT: "Ctrl-C at", signal.SIGKILL: "killed at"}


def judged(told):
    """(wrong runs with what is wrong, those of them that only the machine made unclear)"""
    wrong = [(one, lines) for one in told if (lines := list(WRONG[one["signal"]](one)))]
    vague = [one for one, lines in wrong if not one["signal"] and lines == list(differences(case_of(one["card"]), Outcome(one)))
             and is_unclear(case_of(one["card"]), Outcome(one))]
    return [pair for pair in wrong if pair[0] not in vague], vague


def meet(host, way):
    wrong, vague = judged(done(host, drawn("NFPROBE_CARDS", list(jobs(way)))))
    if vague:  # once more, with nothing else to do for the machine
        again, still = judged(done(host, [job(one["card"], one["args"]) for one in vague], nics=1))
        wrong += again + [(one, list(WRONG[0](one))) for one in still]
    check(not wrong, "\n".join(f"{one['card']}, {HOW[one['signal']]} {one['at'] or ''}: {line}" for one, lines in wrong for line in lines))


def test_cards(host):
    """each card to the end, and Ctrl-C or SIGKILL and --restore where it matters: right verdicts, the host as it was but for what is said"""
    meet(host, 0)


@long
def test_other_way(host):
    """SIGKILL where that was Ctrl-C, and Ctrl-C where it was SIGKILL: the same"""
    meet(host, 1)

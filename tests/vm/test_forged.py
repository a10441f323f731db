# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of an enemy on the wire, who hears all that nfprobe sends, move no verdict (tests/nfsim/forger.py)."""

import concurrent.futures
import dataclasses
import json

import test_matrix
from scenario import TOP, check, equal

FORGER = TOP + "/tests/nfsim/forger.py"
BOOK = "/tmp/nfprobe-heard"
# The PF of "late" would be served by frames that come at another time; "safe" is safe with either standby.
KEYS = {
    "late": {"come": "assign+reset+driver+up", "go": "down+clear", "arb": "vf"},
    "safe": {"come": "up", "go": "down+unplug+reset+clear", "arb": "vf"},
}
ATTACKS = ("unregistered_id", "wrong_tag", "impossible", "truncated", "twice", "late", "foreign")


def case_of(name, attack):
    return test_matrix.Case(f"{name} under {attack}", KEYS[name])


def under(host, rig, number, case, attack, book=()):
    """nfprobe's result under attack; the enemy must have done something."""
    rig.prepare(number, case)
    enemy = host.begin("/usr/bin/python3", "-I", "-S", FORGER, f"nf{number}w", attack, *book, stdin=True)
    check(enemy.line() == "ready", f"the forger did not begin: {enemy.stderr.decode()}")
    result = host.nfprobe(*case.argv(number), near=True)
    enemy.write(b"")
    done = enemy.wait(120)
    check(done.status == 0, f"the forger: {done.err}")
    did = json.loads(done.out.splitlines()[-1])
    print(f"# {case.name}: {did['heard']} heard, {did['sent'] / did['seconds']:.0f} sent a second", flush=True)
    check(did["heard"] > 1000, f"{case.name}: the enemy heard {did['heard']} frames only")
    check(did["sent"] > 1000 or attack == "record", f"{case.name}: the enemy sent {did['sent']} frames only")
    return result


def test_forged(host):
    """forged, impossible, truncated, replayed and foreign frames during a run change nothing"""
    waiting = [(case_of(name, attack), attack) for attack in ATTACKS for name in KEYS]
    with test_matrix.bench(host, 2) as rig:

        def work(number):
            wrong = []
            while waiting:
                case, attack = waiting.pop(0)
                wrong += test_matrix.differences(case, under(host, rig, number, case, attack))
            return wrong

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            wrong = [line for lines in pool.map(work, range(2)) for line in lines]
    check(not wrong, "\n".join(wrong))


def test_earlier_run(host):
    """all frames of an earlier run, played back during another with the same address, change nothing"""
    with test_matrix.bench(host, 1) as rig:
        host.ok("rm", "-f", BOOK)
        case = dataclasses.replace(case_of("late", "no attack"), mac="02:00:5e:03:00:01")
        first = under(host, rig, 0, case, "record", [BOOK])
        second = under(host, rig, 0, dataclasses.replace(case, name="late under replay"), "replay", [BOOK])
        host.ok("rm", "-f", BOOK)
    equal([result.status for result in (first, second)], [1, 1], "status")
    for one, other in zip(*(result.json()["vf"]["styles"] for result in (first, second))):
        equal(outcome(other), outcome(one), one["style"])


def outcome(style):
    landings = {s["step"]: s["unicast"]["landing"] for s in style["steps"]}
    return [style["verdict"], style["claim"], style["release"], sorted(style["requires"]), landings]

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe says of simulated NICs drawn by lot what a model in another language says (test_matrix.py).

NFPROBE_RANDOM="SEED COUNT" and NFPROBE_SWITCHES draw others; a failing one is shrunk and printed as words that
`echo "default ..." > /sys/bus/nfsim/devices/nfsim0/personality` takes.
"""

import dataclasses
import os
import time

import test_matrix
from test_matrix import lots

MACHINE = test_matrix.MACHINE
SEED = "1"  # a check that passed must pass again; scripts/soak random draws with the clock
RANDOM = 10
SWITCHES = 5
SHRINK_SECONDS = 300
LATE_MS = 900  # the settling time of those that act late


def smallest(host, case):
    """The fewest of its keys with which it still fails."""
    deadline = time.monotonic() + SHRINK_SECONDS
    with test_matrix.bench(host, 1) as rig:

        def fails(keys):
            if time.monotonic() > deadline:
                return False
            fewer = dataclasses.replace(case, keys=keys)
            return any(list(test_matrix.differences(*done)) for done in rig.run([fewer]))

        return dataclasses.replace(case, keys=lots.shrink(case.keys, fails))


def lot(seed, number):
    """Every fourth from a sibling VF, every fifth in a VLAN; one style, or both, one after the other, every third; every tenth slower than its settling time."""
    source, vlan = "vf" if number % 4 == 3 else "wire", 100 if number % 5 == 4 else 0
    if number % 10 == 8:
        keys = lots.numbered_slow(seed, number, test_matrix.SETTLE_MS, source)
        return test_matrix.Case(f"{seed}/{number}", keys, source, style=("macvtap", "bridge")[number % 3 == 0])
    style = ("macvtap,bridge", "macvtap", "bridge")[number % 3]
    keys = lots.numbered(seed, number, LATE_MS, source)
    settle_ms = LATE_MS if any(key in keys for key in lots.DELAYS) else test_matrix.SETTLE_MS
    return test_matrix.Case(f"{seed}/{number}", keys, source, vlan, settle_ms, style=style)


def behind_switch(seed, number):
    """A case from the wire, with one style or both, and with a switch that is drawn as well."""
    case = lot(seed, 20 * number)  # neither from a sibling nor in a VLAN nor slower than its settling time
    keys = case.keys | lots.numbered_switch(seed, number)
    # A silence condemns after three settling times: with this one, they are longer than any pause.
    settle_ms = LATE_MS if "net_pause_ms" in keys else case.settle_ms
    return dataclasses.replace(case, name=f"{seed}/{number}", keys=keys, settle_ms=settle_ms, style=("macvtap,bridge", "macvtap", "bridge")[number % 3])


def draw(host, variable, count, one):
    seed, count = os.environ.get(variable, f"{SEED} {count}").split()
    print(f"# {variable}='{seed} {count}'", flush=True)
    wrong = test_matrix.judge(host, [one(seed, number) for number in range(int(count))])
    if wrong:
        print(f"# the smallest of the first one that still fails: {smallest(host, wrong[0][0])}", flush=True)
    test_matrix.none(wrong)


def test_random(host):
    """personalities drawn by lot, with noise on the wire"""
    draw(host, "NFPROBE_RANDOM", RANDOM, lot)


def test_switches(host):
    """the same behind switches drawn by lot: what is said is true of the NIC, whatever the switch does"""
    draw(host, "NFPROBE_SWITCHES", SWITCHES, behind_switch)

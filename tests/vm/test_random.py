# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe says of simulated NICs drawn by lot what a model in another language says (test_matrix.py).

NFPROBE_RANDOM="SEED COUNT" draws others; a failing one is shrunk and printed as words that
`echo "default ..." > /sys/bus/nfsim/devices/nfsim0/personality` takes.
"""

import dataclasses
import os
import time

import test_matrix
from test_matrix import lots

SEED = "1"  # a check that passed must pass again; scripts/soak random draws with the clock
RANDOM = 40
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
    style = ("all", "macvtap", "bridge")[number % 3]
    keys = lots.numbered(seed, number, LATE_MS, source)
    settle_ms = LATE_MS if any(key in keys for key in lots.DELAYS) else test_matrix.SETTLE_MS
    return test_matrix.Case(f"{seed}/{number}", keys, source, vlan, settle_ms, style=style)


def test_random(host):
    """personalities drawn by lot, with noise on the wire"""
    seed, count = os.environ.get("NFPROBE_RANDOM", f"{SEED} {RANDOM}").split()
    print(f"# NFPROBE_RANDOM='{seed} {count}'", flush=True)
    wrong = test_matrix.judge(host, [lot(seed, number) for number in range(int(count))])
    if wrong:
        print(f"# the smallest of the first one that still fails: {smallest(host, wrong[0][0])}", flush=True)
    test_matrix.none(wrong)

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe says of simulated NICs drawn by lot what is true of them in memory.

NFPROBE_RANDOM="SEED COUNT" draws others; a failing one is shrunk and printed as words that
`echo "default ..." > /sys/bus/nfsim/devices/nfsim0/personality` takes.
"""

import dataclasses
import os
import time

import bench
from bench import alike, lots

SEED = "1"  # a check that passed must pass again; scripts/soak random draws with the clock
RANDOM = 10
SHRINK_SECONDS = 300


def smallest(host, case):
    """The fewest of its keys with which it still fails."""
    deadline = time.monotonic() + SHRINK_SECONDS
    with bench.bench(host, 1) as rig:

        def fails(keys):
            if time.monotonic() > deadline:
                return False
            fewer = dataclasses.replace(case, keys=keys)
            return any(list(bench.differences(*done)) for done in rig.run([fewer]))

        return dataclasses.replace(case, keys=lots.shrink(case.keys, fails))


def test_random(host):
    """personalities drawn by lot, on a wire that loses frames"""
    seed, count = os.environ.get("NFPROBE_RANDOM", f"{SEED} {RANDOM}").split()
    print(f"# NFPROBE_RANDOM='{seed} {count}'", flush=True)
    cases = [alike.lot(seed, number) for number in range(int(count))]
    wrong = bench.judge(host, [dataclasses.replace(case, keys=lots.of_module(case.keys)) for case in cases])
    if wrong:
        print(f"# the smallest of the first one that still fails: {smallest(host, wrong[0][0])}", flush=True)
    bench.none(wrong)

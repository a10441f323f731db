# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs killed at any instant, on simulated NICs side by side and on the emulated one: --restore puts all back.

NFPROBE_KILLS="SEED SIMULATED EMULATED" draws others, and another number of each; a failing one is printed
with all that was drawn for it.
"""

import json
import os
import time

from scenario import TOP, check
from simulated import Module

MACHINE = {"pfs": 2, "vfs": (4, 4)}
KILLER = os.path.join(TOP, "tests/vm/killer.py")
SEED, SIMULATED, EMULATED = "1", 80, 20
NICS = 5  # simulated ones, side by side
# As slow as drivers are, so that a kill finds them in the middle of it.
SLOW = "bind_ms=20 unbind_ms=20 netdev_ms=30 set_ms=10 reset_ms=20"


def shares(pfs, total):
    """Kills from 0 to total, spread over PFs."""
    each, more = divmod(total, len(pfs))
    for number, (pf, wire) in enumerate(pfs):
        count = each + (number < more)
        if count:
            yield json.dumps({"pf": pf, "wire": wire, "begin": 0, "end": count})


def outcomes(host, seed, nics, timeout):
    out = host.ok("/usr/bin/python3", "-I", "-S", KILLER, host.nfprobe_path, seed, *nics, timeout=timeout)
    return [json.loads(line) for line in out.splitlines()]


def test_killed(host):
    """SIGKILL at instants drawn by lot, then --restore, itself killed now and then: all is as it was"""
    seed, simulated, emulated = os.environ.get("NFPROBE_KILLS", f"{SEED} {SIMULATED} {EMULATED}").split()
    simulated, emulated = int(simulated), int(emulated)
    print(f"# NFPROBE_KILLS='{seed} {simulated} {emulated}'", flush=True)
    begun = time.monotonic()
    with Module(host, nics=NICS) as module:
        rigs = [module.nic(SLOW if number % 2 else "", number=number, bound=True) for number in range(NICS)]
        nics = [*shares([(f"nf{n}", f"nf{n}w") for n in range(NICS)], simulated),
                *shares([("eth0", "eth1"), ("eth2", "eth1")], emulated)]
        told = outcomes(host, seed, nics, 120 + 20 * (simulated + emulated))
        for rig in rigs:
            rig.__exit__(None, None, None)
    cpu = told.pop()["cpu"]
    print(f"# CPU {cpu}")
    summary(told, time.monotonic() - begun)
    wrong = [one for one in told if one["wrong"]]
    check(not wrong, "\n".join(json.dumps(one) for one in wrong[:10]))
    check(len(told) == simulated + emulated, f"{len(told)} kills instead of {simulated + emulated}")


def summary(told, took):
    killed = [one for one in told if one.get("status") == -9]
    left = sum(one["journal"] for one in killed)
    wrong = sum(bool(one["wrong"]) for one in told)
    print(f"# kills: {len(killed)} of {len(told)} runs before they ended by themselves, {left} with something to undo; {wrong} wrong; "
          f"{took:.0f} s", flush=True)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody else's traffic to the PF's own address loses no frame while the PF is probed, in either style.

An emulated machine carries what its host lets it: the same traffic without nfprobe comes first, at falling rates until
none of it is lost, and half of that rate is what nfprobe must not disturb.
"""

import contextlib
import json
import os

from probing import outcome, running, unchanged
from scenario import PF, WIRE, Skip, check, equal
from simulated import Module

RATES = (20000, 10000, 5000, 2000, 1000, 500)
CONTROL_SECONDS = 2
STREAM = 1100  # frames a second of nfprobe, and a few


def program(host):
    return os.path.join(os.path.dirname(host.nfprobe_path), "tests/vm/traffic")


@contextlib.contextmanager
def traffic(host, source, to, rate):
    """Meanwhile; what became of it is added to the dict that it gives."""
    mac = host.read(f"/sys/class/net/{to}/address")
    got = {}
    with running(host, program(host), source, to, mac, str(rate), ready="running") as command:
        yield got
    got.update(json.loads(command.result.out.splitlines()[-1]))
    equal(got["dropped_here"], 0, f"frames that the receiver itself has lost: {got}")


def alone(host, source, to, rate, seconds):
    """The fate of the same number of frames without nfprobe."""
    mac = host.read(f"/sys/class/net/{to}/address")
    return json.loads(host.ok(program(host), source, to, mac, rate, int(rate * seconds), timeout=300).splitlines()[-1])


def carried(host, source, to):
    """The greatest of the rates at which nothing is lost without nfprobe."""
    for rate in RATES:
        got = alone(host, source, to, rate, CONTROL_SECONDS)
        if got["lost"] == 0 and got["rate"] > 0.9 * rate:
            return rate
    raise Skip(f"this machine carries not even {RATES[-1]} frames a second to {to}: {got}")


def undisturbed(host, pf, wire, *args):
    rate = carried(host, wire, pf) // 2
    with unchanged(host), traffic(host, wire, pf, rate) as got:
        result = host.nfprobe(pf, "--vf", 3, "--from", wire, *args, "--json")
    check(result.status in (0, 1), f"status {result.status}: {result.err}")
    out = outcome(result, result.status)
    print(f"# {pf}: {got['sent']} frames at {got['rate']:.0f} a second in {got['seconds']:.0f} s, {got['lost']} lost; {out['verdict']}", flush=True)
    if got["lost"]:
        without = alone(host, wire, pf, rate + STREAM, got["seconds"])
        if without["lost"]:
            raise Skip(f"the machine loses frames by itself: {without['lost']} of {without['sent']} without nfprobe, {got} with it")
    equal((got["lost"], got["duplicates"]), (0, 0), f"frames of others that were lost, and doubled, at {rate} a second: {got}")


def test_simulated(host):
    """both styles on a simulated NIC: 10,000 frames a second of somebody else, where the machine carries twice that"""
    with Module(host) as module, module.nic(bound=True):
        undisturbed(host, "nf0", "nf0w", "--settle", "0.3")


def test_emulated(host):
    """both styles on the emulated NIC, by the real driver: no frame is lost when filter, promiscuity and VFs change"""
    undisturbed(host, PF, WIRE, "--settle", "0.3")

# SPDX-License-Identifier: GPL-2.0-or-later
"""The cost of nfprobe-all beside a run on one NIC."""

import json
from statistics import mean

from probing import unchanged
from scenario import equal
from test_all import CARD, NICS, switched
from test_many import COST

# Its clock counts instructions (4 ns each), so that a busy host does not stretch it; it has one processor of that speed.
MACHINE = {"vfs": (0,), "icount": "shift=2"}
OUT = "/tmp/cost"


def cost(host, *command):
    """[seconds, of processor time, of a run's windows], with the usual settling time and rate, in one style"""
    done = host.ok("/usr/bin/python3", "-I", "-S", "-c", COST, *command, f"--save={OUT}", "--style", "macvtap", timeout=500)
    status, seconds, cpu, err = json.loads(done)
    equal(status, 0, f"status of {command}: {err}")
    runs = [json.loads(line)["run"] for line in host.sh(f"for f in {OUT}/*/*; do tr -d '\\n' <$f; echo; rm $f; done").splitlines()]
    return seconds, cpu, mean(run["measured_ms"] for run in runs) / 1000


def beside_one(host, first, last, number):
    """The cost of nfprobe-all, and of one run on the first and on the last, before and after that."""
    host.ok("mkdir", OUT)
    with unchanged(host):
        before = cost(host, host.nfprobe_path, first, "--vf", "any")
        together = cost(host, *host.all_of((f"-j{NICS}",), True))
        after = cost(host, host.nfprobe_path, last, "--vf", "any")
    host.ok("rm", "-r", OUT)
    one = [mean(pair) for pair in zip(before, after)]
    names = ("to the verdict", "processor time", "windows of a run")
    return "\n".join([f"{number}, and one alone, before and after that:",
                      *(f"  {name:26} {all_:5.1f} s  {alone:5.1f} s ({a:.1f}, {b:.1f})  ratio {all_ / alone:.2f}"
                        for name, all_, alone, a, b in zip(names, together, one, before, after))])


def test_cost(host):
    """all NICs, on one switch, take hardly longer than one"""
    with switched(host, NICS):
        return beside_one(host, "nf0", "nf3", f"{NICS} NICs on one switch")


def test_ports(host):
    """nor do the two ports of one card, each of which is the other's source"""
    with switched(host, *CARD):
        return beside_one(host, "nf0", "nf1", "two ports of one card")

# SPDX-License-Identifier: GPL-2.0-or-later
"""--all on the two ports of one card, each of which is the other's only source."""

import contextlib

from probing import valid
from scenario import WIRE, equal
from test_all import at_once, document, shown
from test_all_cost import MACHINE as COUNTED
from test_all_cost import beside_one

MACHINE = {**COUNTED, "pfs": 2, "vfs": (2, 2), "one_card": True}
SOURCES = {"eth0": "eth2", "eth2": "eth0"}
QUICK = ("--settle", "0.5", "--rate", "200")


@contextlib.contextmanager
def no_wire(host):
    host.ok("ip", "link", "set", WIRE, "down")
    yield
    host.ok("ip", "link", "set", WIRE, "up")


def test_ports(host):
    """both at the same time, and each says what it says alone"""
    with no_wire(host):
        before = {pf: shown(valid(host.nfprobe(pf, "--vf", 0, "--from", source, "--json", *QUICK).json())) for pf, source in SOURCES.items()}
        done = host.nfprobe("--all", "--json", *QUICK)
    pfs = document(done, done.status, "eth")
    equal({name: pf["result"]["settings"]["from"] for name, pf in pfs.items()}, SOURCES, "sources")
    equal(len({pf["parentdev"].split(".")[0] for pf in pfs.values()}), 1, "cards")
    equal(at_once(*pfs.values()), True, "at the same time")
    for name, pf in pfs.items():
        equal(shown(pf["result"]), before[name], f"{name}: {pf['result']['warnings']}")


def test_cost(host):
    """two ports take hardly longer than one"""
    with no_wire(host):
        return beside_one(host, *SOURCES, "two ports of one card")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Sources that cannot be used, on a simulated NIC."""

from probing import PACE, refused
from simulated import one

QUICK = ("--vf", 3, *PACE)
SAFE = "come=up go=down+unplug+clear arb=both"


def test_refused(host):
    """a source that cannot be used ends the run before anything is changed"""
    with one(host, SAFE, bound=True) as nic:
        refused(host, *QUICK, "--from", "vf:9", code="source-unusable", says="nf0 has no VF 9", hint="Try: nfprobe nf0", pf="nf0")
        refused(host, *QUICK, "--from", "nosuch0", code="source-unusable", says="--from nosuch0: no such interface", hint="ip link", pf="nf0")
        nic.up(1)
        host.ok("ip", "route", "add", "198.51.100.0/24", "dev", nic.netdev(1))
        refused(host, *QUICK, "--from", "vf:1", code="vf-in-use", says=("VF 1", "is up"), hint="", pf="nf0")
        nic.down(1)

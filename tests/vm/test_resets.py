# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-all: NICs that lose their carrier at each change to a VF, each the other's source."""

from scenario import check, equal, long
from test_all import QUICK, alone, at_once, document, shown, switched

# A processor of its own speed: however busy the host is, only the NICs keep frames from a run.
MACHINE = {"vfs": (0,)}
PERSONALITIES = ("come=up go=down set_reset_ms=150", "arb=vf come=assign set_reset_ms=1200")


def together(found):
    """The JSON of both, once the last change to a VF has given back the carrier; and what each says alone."""
    host, args = found[0].host, ("--settle", "0.5", *QUICK[2:4])
    before = {}
    for pf, source in (("nf0", "nf1"), ("nf1", "nf0")):
        before[pf] = alone(host, pf, source, *args)
        settle(found)
    both = host.nfprobe_all("--json", *args)
    settle(found)
    return document(both, both.status), before


def settle(found):
    for nic in found:
        nic.settled()


@long
def test_resets(host):
    """both say what they say alone"""
    for personality in PERSONALITIES:
        with switched(host, 2, personality) as found:
            pfs, before = together(found)
            check(at_once(*pfs.values()), "not at the same time")
            for name, pf in pfs.items():
                reasons = [style["reason"] for style in pf["result"]["vf"]["styles"]]
                equal(shown(pf["result"]), before[name], f"{personality}, {name}: {reasons} {pf['result']['warnings']}")

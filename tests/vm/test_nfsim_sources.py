# SPDX-License-Identifier: GPL-2.0-or-later
"""The verdicts that depend on the source, on simulated NICs: a run from the wire, and one from a sibling VF."""

from probing import PACE, probe, refused
from scenario import equal, long
from simulated import one

VF = 3
QUICK = ("--vf", VF, *PACE)
SAFE = "come=up go=down+unplug+clear arb=both"
STYLES = ("macvtap", "bridge")

# A NIC, and the verdicts of both styles from the wire and from a sibling, with the exit status of each run.
ROWS = (
    ("come=up go=clear arb=both unreg_vf=1 promisc_owned=1 promisc_vf=0", (("safe", "safe"), 0), (("safe", "sticky"), 1)),
    (f"{SAFE} promisc_vf=0", (("safe", "safe"), 0), (("safe", "untestable"), 3)),
    (f"{SAFE} loop_vf_pf=0", (("safe", "safe"), 0), (("inconclusive", "inconclusive"), 3)),
)


def ladders(host, nic, row):
    keys, *expected = row
    for origin, (verdicts, status) in zip(("nf0w", "vf:1"), expected):
        nic.personality(f"default {keys}")
        out, _ = probe(host, *QUICK, "--from", origin, "--style", ",".join(STYLES), "--skip=remedy", pf="nf0", status=status)
        styles = out["vf"]["styles"]
        equal(out["source"]["from"], origin, f"source, {keys}")
        equal([(s["style"], s["verdict"]) for s in styles], list(zip(STYLES, verdicts)), f"ladders, {keys}")


def test_each_has_its_verdict(host):
    """a NIC that is deaf to VFs while it migrates"""
    with one(host, bound=True) as nic:
        ladders(host, nic, ROWS[0])


@long
def test_more_verdicts(host):
    """a bridge standby that hears the wire and no VF; a VEB that brings the PF nothing"""
    with one(host, bound=True) as nic:
        for row in ROWS[1:]:
            ladders(host, nic, row)


def test_refused(host):
    """a source that cannot be used ends the run before anything is changed"""
    with one(host, SAFE, bound=True) as nic:
        refused(host, *QUICK, "--from", "vf:9", code="source-unusable", says="nf0 has no VF 9", hint="nfprobe nf0 lists", pf="nf0")
        refused(host, *QUICK, "--from", "nosuch0", code="source-unusable", says="--from nosuch0: no such interface", hint="ip link", pf="nf0")
        nic.up(1)
        refused(host, *QUICK, "--from", "vf:1", code="vf-in-use", says=("VF 1", "is up"), hint="", pf="nf0")
        nic.down(1)

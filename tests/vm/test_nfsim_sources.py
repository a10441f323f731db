# SPDX-License-Identifier: GPL-2.0-or-later
"""--from with several sources, on simulated NICs: ladders from each in turn, and one verdict from all."""

import json
import signal

from probing import probe, refused, unchanged, unlocked, words
from scenario import check, equal, long
from simulated import one

VF = 3
QUICK = ("--vf", VF, "--settle", "0.2", "--rate", "200")
SAFE = "come=up go=down+unplug+clear arb=both"
BOTH = ("nf0w", "vf:1")


def verdicts(out, vf=0):
    """The source of the frames, the style and the verdict of each ladder, in order."""
    return [(s["from"], s["source"], s["style"], s["verdict"]) for s in out["vfs"][vf]["styles"]]


def expected(wire, sibling):
    return [(name, source, style, verdict)
            for name, source, row in (("nf0w", "wire", wire), ("vf:1", "vf", sibling))
            for style, verdict in zip(("macvtap", "bridge"), row)]


ROWS = (
    ("come=up go=clear arb=both unreg_vf=1 promisc_owned=1 promisc_vf=0", ("safe", "safe"), ("safe", "sticky"), "sticky", 1),
    (f"{SAFE} promisc_vf=0", ("safe", "safe"), ("safe", "untestable"), "safe", 0),
    (f"{SAFE} loop_vf_pf=0", ("safe", "safe"), ("inconclusive", "inconclusive"), "inconclusive", 3),
)


def ladders(host, nic, row, origins=BOTH):
    keys, wire, sibling, verdict, status = row
    nic.personality(f"default {keys}")
    out, _ = probe(host, *QUICK, "--from", ",".join(origins), pf="nf0", status=status)
    told = expected(wire, sibling)
    equal(sorted(verdicts(out)), sorted(told), f"ladders, {keys}")
    equal([row[0] for row in verdicts(out)], [name for name in origins for _ in range(2)], f"their order, {keys}")
    equal((out["vfs"][0]["verdict"], out["settings"]["from"]), (verdict, ",".join(origins)), f"verdict and sources, {keys}")
    equal(out["settings"]["source"], "wire" if origins[0] == BOTH[0] else "vf", "the first source")


def test_each_has_its_verdict(host):
    """a NIC that is deaf to VFs while it migrates: the verdict of the VF is that of the worst ladder"""
    with one(host, bound=True) as nic:
        ladders(host, nic, ROWS[0])


@long
def test_more_verdicts(host):
    """the other way round the same; a bridge standby that hears the wire and no VF; a VEB that brings the PF nothing"""
    with one(host, bound=True) as nic:
        ladders(host, nic, ROWS[0], BOTH[::-1])
        for row in ROWS[1:]:
            ladders(host, nic, row)


def test_told(host):
    """text, stream and --dry-run name the source of each ladder"""
    with one(host, SAFE, bound=True), unchanged(host):
        args = ("nf0", *QUICK, "--style", "macvtap", "--from", "nf0w,vf:1")
        text = host.nfprobe(*args)
        equal(text.status, 0, "status: " + text.err)
        words(text.out, ("frames from nf0w and vf:1 in turn", "\nfrom the wire (nf0w)\n", "\nfrom a guest on the same NIC (vf:1)\n"), "the text")
        stream = host.nfprobe(*args, "--json-stream")
        events = [json.loads(line) for line in stream.out.splitlines()]
        equal([e["from"] for e in events if e["event"] == "verdict"], list(BOTH), "sources of the verdicts in the stream")
        equal({e["from"] for e in events if e["event"] == "landing"}, set(BOTH), "sources of the landings in the stream")
        plan = host.nfprobe(*args, "--dry-run")
        equal(plan.status, 0, "status of --dry-run: " + plan.err)
        first, second = plan.out.index("With frames from nf0w"), plan.out.index("With frames from vf:1")
        asked, taken = plan.out.index("Does nf0 get unregistered unicast from vf:1?"), "ip link set nf0v1 netns"
        check(asked < plan.out.index(taken) < first, "the sibling is not asked before the first ladder:\n" + plan.out)
        check(second < plan.out.rindex(taken), "the sibling is prepared before its turn comes:\n" + plan.out)


def test_siblings_take_turns(host):
    """two siblings, two VFs, a VLAN: one sibling at a time is taken, and each is as it was at the end"""
    with one(host, SAFE, bound=True) as nic:
        out, err = probe(host, "--vf", "0,3", "--settle", "0.2", "--rate", "200", "--style", "macvtap", "--vlan", 7,
                         "--from", "vf:1,nf0w,vf:2", "-v", pf="nf0")
        for vf in (0, 1):
            equal([row[0] for row in verdicts(out, vf)], ["vf:1", "nf0w", "vf:2"], f"sources of VF {out['vfs'][vf]['vf']}")
            equal({row[3] for row in verdicts(out, vf)}, {"safe"}, f"verdicts of VF {out['vfs'][vf]['vf']}")
        moves = [line.split() for line in err.splitlines() if " netns " in line and ("nf0v1" in line or "nf0v2" in line)]
        check(len(moves) >= 4, f"the siblings did not take turns: {moves}")
        equal([nic.netdev(vf) for vf in (1, 2)], ["nf0v1", "nf0v2"], "netdevs of the siblings")


def test_killed(host):
    """SIGKILL while a sibling is the source for the second time: both siblings and both VFs are put back"""
    with one(host, SAFE, bound=True):
        with unchanged(host):
            run = host.begin_nfprobe("nf0", "--vf", "0,3", "--settle", "0.2", "--rate", 200, "--style", "macvtap", "--vlan", 7,
                                     "--from", "vf:1,vf:2", "-v")
            check(run.wait_for("+ ip link set nf0 vf 3 mac"), "VF 3 was never probed: " + run.stderr.decode())
            run.signal(signal.SIGKILL)
            run.wait(120)
            unlocked(host)
            result = host.nfprobe("--restore")
            equal((result.status, result.err), (0, ""), "--restore")


def test_refused(host):
    """one source of several that cannot be used ends the run before anything is changed"""
    with one(host, SAFE, bound=True) as nic:
        wrong = {
            "nf0w,vf:9": ("nf0 has no VF 9", "nfprobe --list nf0"),
            "nf0w,nosuch0": ("--from nosuch0: no such interface", "ip link"),
            "vf:1,nf0w,nf0v1": ("--from vf:1,nf0w,nf0v1 names nf0v1 twice", ""),
        }
        for sources, (says, hint) in wrong.items():
            refused(host, *QUICK, "--from", sources, code="source-unusable", says=says, hint=hint, pf="nf0")
        nic.up(1)
        refused(host, *QUICK, "--from", "nf0w,vf:1", code="vf-in-use", says=("VF 1", "is up"), hint="", pf="nf0")
        nic.down(1)

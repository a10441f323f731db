# SPDX-License-Identifier: GPL-2.0-or-later
"""A host whose PFs are in a bond, and a guest of it, live on beside runs and kills: no ping is lost, and the kernel tells of no change.

NFPROBE_BOND="SEED COUNT" draws other kills, and makes so many, or so many runs of each kind.
"""

import contextlib
import json
import os
import time

from killer import IFF_PROMISC
from news import IFLA_ALLMULTI, IFLA_PROMISCUITY
from probing import PACE, changes, outcome, refused, style_of, unchanged, words
from scenario import PF, TOP, check, equal, long
import test_bond
from test_bond import GUEST, HOST, PF2, address_of, as_outside, bond, pinged, port_of, switch
from test_igb import EARLY, PROMISC, expect, reset_vf
from test_kills import outcomes, summary

MACHINE = test_bond.MACHINE
SEED, RUNS, KILLS = "1", 1, 4
IFF_ALLMULTI = 0x200


def drawn(count):
    seed, count = os.environ.get("NFPROBE_BOND", f"{SEED} {count}").split()
    print(f"# NFPROBE_BOND='{seed} {count}'", flush=True)
    return seed, int(count)


@contextlib.contextmanager
def host_of(host, mode, bridge):
    """The netdev that has the host's address, and all that stand on PF and bond."""
    with switch(host), bond(host, mode, bridge=bridge) as top:
        if bridge:
            # Else igb gives a VF that is up what comes for the guest, in a bond or not: nobody has registered its address.
            host.sh("bridge fdb add $(ip netns exec guest cat /sys/class/net/inner/address) dev bond0 self")
        yield top, ["bond0", PF2, *(("br0", "vnet0") if bridge else ())]


@contextlib.contextmanager
def told(host, above, touched=True):
    """The kernel tells nothing of what stands on the PF, nor of the bond's other members; of one that is `touched`, what sockets ask of it."""
    news = host.begin("/usr/bin/python3", "-I", "-S", os.path.join(TOP, "tests/vm/news.py"), PF, *above, stdin=True)
    check(news.wait_for("listening"), "no news")
    yield
    news.write(b"")
    said = news.wait(60)
    equal((said.status, said.err), (0, ""), "news")
    heard = [json.loads(line) for line in said.out.splitlines()[1:]]
    equal([one for one in heard if one["netdev"] != PF], [], "news of the bond and what is beside and above the PF")
    allowed = [one for one in heard if one["kind"] == "link" and set(one["changed"]) <= {IFLA_PROMISCUITY, IFLA_ALLMULTI}
               and one["flags"] | IFF_PROMISC | IFF_ALLMULTI == IFF_PROMISC | IFF_ALLMULTI]
    equal([one for one in heard if one not in allowed], [], "changes of the PF")
    equal(bool(heard), touched, f"news of the PF: {heard}")
    print(f"# news of the bond: 0 of {len(heard)}; of {PF}: {len(heard)}", flush=True)


@contextlib.contextmanager
def lived(host, top, above):
    """Host and guest are pinged all the time, and the switch finds the host where it did."""
    own = address_of(host, top)
    with pinged(host, HOST, *([GUEST] if "vnet0" in above else [])):
        at = port_of(host, own)
        with told(host, above):
            yield
        equal(port_of(host, own), at, "the port at which the switch has the host's address")


def run_beside(host, *, top, above):
    with lived(host, top, above), unchanged(host):
        result = host.nfprobe(PF, "--vf", 3, "--from", "src", *PACE, "-v", "--json")
    check(changes(result.err), "no changes")
    return outcome(result, 1)


def test_guest(host):
    """beside a run on the active member, under a bridge: neither the host's pings nor a guest's are lost, and only the PF has news"""
    with host_of(host, "active-backup", bridge=True) as (top, above):
        reset_vf(host)
        out = run_beside(host, top=top, above=above)
        equal((out["pf"]["rx_handler"], style_of(out, "macvtap")["decided_by"]), ("bridge", "host"), "who has the frames")
        expect(style_of(out, "bridge"), PROMISC, EARLY)


def test_lag(host):
    """both PFs in a bond that spreads its frames: a run says so in a second, the list proposes no VF, and nothing is changed"""
    for mode in ("802.3ad", "balance-xor"):
        with bond(host, mode, active=""), told(host, ["bond0", PF2], touched=False), unchanged(host):
            result = host.nfprobe(PF, "--vf", 3, "-v", "--json")
            out = outcome(result, 1)
            check(out["run"]["duration_ms"] < 1000, f"it took {out['run']['duration_ms']} ms")
            equal((out["pf"]["lag"], {style["decided_by"] for style in out["vf"]["styles"]}), (mode, {"lag"}), "LAG, what decides")
            equal((out["vf"]["styles"][0]["filter_verdict"], changes(result.err)), ("unknown", []), "what is known of the filter; changes")
            words(out["answer"], "NOT SAFE", "the answer")
            text = host.nfprobe("--list", PF).out
            words(text, f"NOT SAFE (LAG: {mode})", "the list")
            check("Next:" not in text, f"the list proposes one: {text}")
            member = f"{PF} is a member of bond0 (bond, {mode})"
            refused(host, "--vf", 3, "--sheet", code="pf-in-bond", says=member, hint="says so without a frame")
            dry = host.nfprobe(PF, "--vf", 3, "--dry-run")
            equal(dry.status, 4, "status of --dry-run")
            words(dry.err, member, "--dry-run")


def runs(host, mode):
    with host_of(host, mode, bridge=False) as (top, above):
        count = drawn(RUNS)[1]
        for number in range(count):
            reset_vf(host)
            as_outside(host, run_beside(host, top=top, above=above))
            print(f"# {mode}: run {number + 1} of {count}", flush=True)


@long
def test_active_backup(host):
    """many runs in active-backup, in which nothing stands on the bond"""
    runs(host, "active-backup")


@long
def test_tlb(host):
    """the same in balance-tlb"""
    runs(host, "balance-tlb")


def killed(host, mode, bridge):
    seed, count = drawn(KILLS)
    begun = time.monotonic()
    with host_of(host, mode, bridge) as (top, above):
        with lived(host, top, above):
            said = outcomes(host, f"{seed}/{mode}/{bridge}", [json.dumps({"pf": PF, "wire": "src", "begin": 0, "end": count, "bond": True})],
                            600 + 60 * count)
    said.pop()
    summary(said, time.monotonic() - begun)
    wrong = [one for one in said if one["wrong"]]
    check(not wrong, "\n".join(json.dumps(one) for one in wrong[:10]))
    equal(len(said), count, "kills")


def test_killed(host):
    """runs on the active member of active-backup are killed by lot: nothing is left, the bond is as it was, and no ping is lost"""
    killed(host, "active-backup", False)


def test_killed_under_bridge(host):
    """the same in balance-tlb under a bridge, with a guest"""
    killed(host, "balance-tlb", True)

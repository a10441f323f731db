# SPDX-License-Identifier: GPL-2.0-or-later
"""A host whose PFs are in a bond, and a guest of it, live on beside runs and kills: no ping is lost, the switch finds both where it did,
and the kernel tells of no change.

NFPROBE_BOND="SEED COUNT" draws other kills, and makes so many, and so many runs and failovers, of each kind.
"""

import contextlib
import json
import os
import time

from killer import IFF_PROMISC
from news import IFLA_ALLMULTI, IFLA_PROMISCUITY
from probing import PACE, changes, come_to, meddled, outcome, style_of, unchanged, words
from scenario import PF, TOP, check, equal, long
import test_bond
from test_bond import GUEST, HOST, INSIDE, PF2, UP, address_of, bond, pinged, switch
from test_igb import EARLY, FILTER, PROMISC, SAFE, expect, reset_vf
from test_kills import outcomes, summary

MACHINE = test_bond.MACHINE
SEED, COUNT = "1", 1
IFF_ALLMULTI = 0x200
PORTS = ("eth1", "eth3")  # of the switch, to the PFs


@contextlib.contextmanager
def host_of(host, mode, bridge=False, active=PF):
    """The netdev that has the host's address, and all that stand on PF and bond."""
    with switch(host), bond(host, mode, bridge=bridge, active=active) as top:
        if bridge:
            # Else igb gives a VF that is up what comes for the guest, in a bond or not: nobody has registered its address.
            host.sh("bridge fdb add $(ip netns exec guest cat /sys/class/net/inner/address) dev bond0 self")
        reset_vf(host)
        yield top, ["bond0", PF2, *(("br0", "vnet0") if bridge else ())]


@contextlib.contextmanager
def told(host, above, addresses=(), touched=True):
    """The kernel tells nothing of what stands on the PF, nor of the bond's other members, nor that a bridge or the switch looks for one of
    these addresses elsewhere; of a PF that is `touched`, what sockets ask of it."""
    news = host.begin("/usr/bin/python3", "-I", "-S", os.path.join(TOP, "tests/vm/news.py"), PF, *above, *addresses, stdin=True)
    check(news.wait_for("listening"), "no news")
    yield
    news.write(b"")
    said = news.wait(60)
    equal((said.status, said.err), (0, ""), "news")
    heard = [json.loads(line) for line in said.out.splitlines()[1:]]
    heard = [one for one in heard if one["netdev"] not in PORTS or "neighbour" in one["kind"]]
    equal([one for one in heard if one["netdev"] != PF], [], "news of the bond, what is beside and above the PF, and the switch's table")
    allowed = [one for one in heard if one["kind"] == "link" and set(one["changed"]) <= {IFLA_PROMISCUITY, IFLA_ALLMULTI}
               and one["flags"] | IFF_PROMISC | IFF_ALLMULTI == IFF_PROMISC | IFF_ALLMULTI]
    equal([one for one in heard if one not in allowed], [], "changes of the PF")
    equal(bool(heard), touched, f"news of the PF: {heard}")
    print(f"# news of the bond and of the switch's table: 0 of {len(heard)}; of {PF}: {len(heard)}", flush=True)


@contextlib.contextmanager
def lived(host, top, above):
    """Host and guest are pinged all the time, and the switch finds them where it did."""
    guests = [GUEST] if "vnet0" in above else []
    addresses = [address_of(host, top), *(address_of(host, "inner", *INSIDE, "guest") for _ in guests)]
    with pinged(host, HOST, *guests), told(host, [*above, *PORTS], addresses):
        yield


def run_in(host, *args, status=1):
    with unchanged(host):
        result = host.nfprobe(PF, "--vf", 3, "--from", "src", *PACE, *args, "-v", "--json")
    check(changes(result.err), "no changes")
    return outcome(result, status)


def run_beside(host, *, top, above):
    with lived(host, top, above):
        return run_in(host)


OUTSIDE = {"macvtap": (FILTER, SAFE), "bridge": (PROMISC, EARLY)}  # what these are on igb


def as_outside(out, mode, bridge=False, active=PF, styles=tuple(OUTSIDE)):
    """The verdicts are those outside of a bond, and the answer says what stands on the bond hears of the member."""
    pf, spared = out["pf"], active == PF and mode != "balance-alb"
    equal((pf["bond_mode"], pf["bond_backup"], pf["rx_handler"]), (mode, active != PF, "bridge" if bridge else "nobody"), "the bond")
    equal({style["pf_silent"] for style in out["vf"]["styles"] if style["decided_by"] != "host"}, {not spared}, "the PF was silent")
    hears = "hears only unicast of it" if mode == "balance-alb" else "hears nothing of it until a failover"
    equal(hears in out["answer"], active != PF, out["answer"])
    for name in styles:
        if bridge and name == "macvtap":
            equal(style_of(out, name)["decided_by"], "host", "macvtap under a bridge")
        else:
            expect(style_of(out, name), *OUTSIDE[name])
    if "macvtap" in styles and not bridge:
        check("dev='bond0'" in json.dumps(out["advice"]), "the XML does not name the bond")


def test_guest(host):
    """beside a run on the active member, under a bridge: neither the host's pings nor a guest's are lost, and only the PF has news"""
    with host_of(host, "active-backup", bridge=True) as (top, above):
        as_outside(run_beside(host, top=top, above=above), "active-backup", bridge=True)


def test_inactive(host):
    """an inactive member of active-backup: the same verdicts, and not one frame from the PF"""
    sent = f"/sys/class/net/{PF}/statistics/tx_packets"
    with host_of(host, "active-backup", active=PF2) as (top, above):
        before = host.read(sent)
        out = run_beside(host, top=top, above=above)
        equal(host.read(sent), before, "frames from the PF")
        as_outside(out, "active-backup", active=PF2)


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
            dry = host.nfprobe(PF, "--vf", 3, "--dry-run")
            equal(dry.status, 4, "status of --dry-run")
            words(dry.err, member, "--dry-run")


def kill(host, seed, count):
    begun = time.monotonic()
    said = outcomes(host, seed, [json.dumps({"pf": PF, "wire": "src", "begin": 0, "end": count, "bond": True})], 600 + 60 * count)
    said.pop()
    summary(said, time.monotonic() - begun)
    wrong = [one for one in said if one["wrong"]]
    check(not wrong, "\n".join(json.dumps(one) for one in wrong[:10]))
    equal(len(said), count, "kills")


def fail_over(host, active, addresses, promiscuous):
    """To the other member while a run stands still, which ends it; and back. A PF that the bridge keeps promiscuous has no ladder of
    macvtap, and has got its own broadcasts back by then, as igb does: that a bridge is deaf stays."""
    other = PF if active == PF2 else PF2
    with pinged(host, *addresses, outward=True), unchanged(host):
        run = host.begin_nfprobe(PF, "--vf", 3, "--from", "src", *PACE, "-v", "--json", hold=UP)
        come_to(run, UP, PF)
        meddled(run, UP, lambda: host.ok("ip", "link", "set", "bond0", "type", "bond", "active_slave", other))
        out = outcome(run.wait(900), 1 if promiscuous else 3)
        host.ok("ip", "link", "set", "bond0", "type", "bond", "active_slave", active)
    check("has another active member" in json.dumps(out["changes_seen"]), f"changes: {out['changes_seen']}")
    equal({style["style"]: style["filter_verdict"] for style in out["vf"]["styles"]},
          {"macvtap": "not-applicable" if promiscuous else "unknown", "bridge": "unknown"}, "verdicts on the filter")


def life(host, mode, bridge=False):
    """Runs on a member that is active, and on one that is not, kills of such runs, and failovers in their middle."""
    seed, count = os.environ.get("NFPROBE_BOND", f"{SEED} {COUNT}").split()
    print(f"# NFPROBE_BOND='{seed} {count}'", flush=True)
    # An inactive member of balance-alb is refused under a bridge (test_bond).
    for active in (PF,) if bridge and mode == "balance-alb" else (PF, PF2):
        with host_of(host, mode, bridge, active) as (top, above):
            with lived(host, top, above):
                for number in range(int(count)):
                    reset_vf(host)
                    if not number:
                        as_outside(run_in(host), mode, bridge, active)
                        continue
                    # Of a quarter of that time: one ladder, without what is the same in each.
                    style = "macvtap" if number % 2 and not bridge else "bridge"
                    out = run_in(host, "--style", style, status=int(style == "bridge"))
                    as_outside(out, mode, bridge, active, (style,))
                kill(host, f"{seed}/{mode}/{bridge}/{active}", int(count))
            # A failover of balance-tlb and -alb loses some without a run as well: they swap their members' addresses.
            addresses = [] if mode != "active-backup" else [HOST, GUEST] if bridge else [HOST]
            for _ in range(int(count)):
                fail_over(host, active, addresses, bridge and active == PF)
        print(f"# {count} runs, kills and failovers: {mode}, {active} active{', under a bridge' if bridge else ''}", flush=True)


@long
def test_active_backup(host):
    """each member of active-backup, time and again"""
    life(host, "active-backup")


@long
def test_active_backup_under_bridge(host):
    """the same under a bridge, with a guest"""
    life(host, "active-backup", bridge=True)


@long
def test_tlb(host):
    """each member of balance-tlb"""
    life(host, "balance-tlb")


@long
def test_tlb_under_bridge(host):
    """the same under a bridge, with a guest"""
    life(host, "balance-tlb", bridge=True)


@long
def test_alb(host):
    """each member of balance-alb, which tells the switch of each by itself"""
    life(host, "balance-alb")


@long
def test_alb_under_bridge(host):
    """its active member, under a bridge"""
    life(host, "balance-alb", bridge=True)

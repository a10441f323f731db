# SPDX-License-Identifier: GPL-2.0-or-later
"""The PF as a port of a Linux bridge that has a guest on another port."""

import contextlib
import json

from probing import PACE, probe, style_of
from scenario import PF, check, equal, long
from spy import Listener
from test_igb import EARLY, FILTER, PROMISC, SAFE, expect, reset_vf

# As tested, but for the verdict.
NOT_POSSIBLE = {**SAFE, "verdict": "not-applicable", "filter_verdict": "safe", "decided_by": "host"}
BROADCAST = "ff:ff:ff:ff:ff:ff"


@contextlib.contextmanager
def bridge(host, *options, guest=()):
    """br0 with the PF and tap0, whose other end is what a guest sees."""
    host.ok("ip", "link", "add", "br0", "type", "bridge", *options)
    host.ok("ip", "link", "add", "tap0", "type", "veth", "peer", "name", "guest")
    host.sh(f"for i in {PF} tap0; do ip link set $i master br0; done; for i in br0 tap0 guest; do ip link set $i up; done")
    if guest:
        host.ok("bridge", "link", "set", "dev", "tap0", *guest)
    host.wait_carrier("guest")
    try:
        yield
    finally:
        host.sh("ip link del br0; ip link del tap0")


def guest_sees(listener):
    """The guest sees the test frames that go to many: a bridge floods groups that nobody behind it has reported. (The
    emulated igb brings a promiscuous PF no groups.)"""
    seen = listener.seen.get("guest", {})
    equal({to for to in seen if not to.startswith("33:33:")}, {BROADCAST}, "addresses of test frames that the guest sees")


def promiscuous(host, *args):
    """Both styles of a PF that its bridge keeps promiscuous."""
    reset_vf(host)
    with Listener(host, "guest") as listener:
        out, _ = probe(host, "--vf", 3, *PACE, *args, status=1)
    guest_sees(listener)
    check(listener.seen["guest"][BROADCAST] > 20, f"broadcast does not reach the guest: {listener.seen}")
    filtered = style_of(out, "macvtap")
    equal((filtered["verdict"], filtered["steps"]), ("not-applicable", []), "macvtap: verdict, steps")
    equal((filtered["impossible_while"], filtered["decided_by"]), (f"{PF} is a port of br0", "host"), "what is in macvtap's way, by whom")
    check(f"{PF} is promiscuous already (br0 (bridge))" in filtered["filter_reason"], f"its own reason: {filtered['filter_reason']}")
    equal((out["pf"]["rx_handler"], out["pf"]["rx_handler_note"]), ("bridge", f"{PF} is a port of br0"), "who takes its frames")
    expect(style_of(out, "bridge"), PROMISC, EARLY)
    equal((out["pf"]["master"], out["pf"]["master_kind"], out["verdict"]), ("br0", "bridge", "early"),
          "master, its kind, verdict")
    # Not even learned: the bridge knew them, as the port's own, before the first frame.
    known = host.ok("bridge", "fdb", "show", "br", "br0")
    check(style_of(out, "bridge")["address"] not in known, f"the bridge knows the test address still:\n{known}")


def test_bridge(host):
    """macvtap does not apply and says why, bridge is tested; the guest's port gets broadcast and multicast only"""
    with bridge(host):
        promiscuous(host)


@long
def test_vlan_filtering(host):
    """the same on a bridge that filters VLANs"""
    with bridge(host, "vlan_filtering", 1):
        promiscuous(host)


@long
def test_not_promiscuous(host):
    """a bridge that floods nothing to its only guest leaves the PF's filter on: both styles are tested as without it, and nothing is
    safe by macvtap, which the kernel does not make there"""
    with bridge(host, "vlan_filtering", 1, guest=("learning", "off", "flood", "off")):
        equal(host.json("ip", "-d", "-j", "link", "show", PF)[0]["promiscuity"], 0, "promiscuity of the PF")
        reset_vf(host)
        with Listener(host, "guest") as listener:
            out, _ = probe(host, "--vf", 3, *PACE, status=1)
        guest_sees(listener)
        expect(style_of(out, "macvtap"), FILTER, NOT_POSSIBLE)
        expect(style_of(out, "bridge"), PROMISC, EARLY)
        refused = host.run("ip", "link", "add", "link", PF, "name", "try0", "type", "macvtap")
        check(refused.status != 0 and "busy" in refused.err.lower(), f"the kernel makes a macvtap of a port: {refused.err}")
        # Where nothing else was asked, no standby serves a guest: 1, whatever the NIC does.
        out, _ = probe(host, "--vf", 3, *PACE, "--style", "macvtap", status=1)
        equal((out["verdict"], out["failover"]["answer"]), ("not-applicable", "no"), "verdict, failover")
        check("NOT POSSIBLE with macvtap" in out["answer"], f"the first line: {out['answer']}")


def test_list(host):
    """--list says of what the PF is a port, and who made it promiscuous"""
    with bridge(host):
        result = host.nfprobe("--list", PF)
        check("port of br0 (bridge)" in result.out and "promiscuous by br0 (bridge)" in " ".join(result.out.split()),
              f"it says: {result.out}")
        pf = json.loads(host.nfprobe("--list", PF, "--json").out)["pfs"][0]
        equal((pf["master"], pf["promisc_by"]), ("br0", "br0 (bridge)"), "master, promisc_by")

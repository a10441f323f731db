# SPDX-License-Identifier: GPL-2.0-or-later
"""The results of nfprobe besides the landings, on simulated NICs: the standby's frames, and the PF's counters for the VF."""

import json

from probing import outcome, style_of, valid, words
from scenario import check, equal, long
from simulated import one

VF, SIBLING = 3, 1
ASKED = ("reassign", "vf-first-unplug")  # no later step has the same address


def probe(host, *args, status, origin="nf0w", settle=0.2, rate=200):
    quick = ("--vf", VF, "--settle", settle, "--rate", rate)
    return outcome(host.nfprobe("nf0", *quick, "--from", origin, *args, "--json"), status)


def sending(style):
    """The answers of the steps that ask."""
    return {s["step"]: s["transmit"] for s in style["steps"] if s["transmit"]}


def expect(style, dropped, summary):
    want = {step: "dropped" if step in dropped else "ok" for step in ASKED}
    equal(sending(style), want, f"what the standby sends, {style['style']}")
    equal(style["transmit"], summary, f"transmit, {style['style']}")


def test_transmit_dropped(host):
    """a NIC that drops what the PF sends with the address that a VF was assigned"""
    with one(host, "come=up go=down+unplug+clear arb=both pf_spoof=assigned", bound=True):
        result = host.nfprobe("nf0", "--vf", VF, "--settle", "0.2", "--rate", 200, "--from", "nf0w", "--json=/tmp/witness.json")
        out = valid(json.loads(host.read("/tmp/witness.json")))
        for style in ("macvtap", "bridge"):
            expect(style_of(out, style), ASKED, "dropped")
        equal((out["verdict"], result.status), ("safe", 0), "the verdict, which does not depend on it")
        words(" ".join(result.out.split()),
              ("sending", "nf0 drops what the standby sends with the address in reassign"), "the text")
        out = probe(host, "--style", "macvtap", status=0, origin=f"vf:{SIBLING}")
        expect(style_of(out, "macvtap"), ASKED, "dropped")


def test_transmit_ok(host):
    """NICs that drop nothing, or only while the VF serves the address; and one whose PF the source does not hear"""
    with one(host, "come=up go=down+unplug+clear arb=both pf_spoof=filter", bound=True) as nic:
        out = probe(host, "--style", "macvtap", "--vlan", 100, status=0)
        # A guest that uses its VF sends nothing by the standby: `up` is not asked.
        expect(style_of(out, "macvtap"), [], "ok")
        # The PF's frames to a VF leave by the wire: the sibling hears not even the control.
        nic.personality("loop_pf_vf=0 pf_spoof=assigned")
        style = style_of(probe(host, "--style", "macvtap", status=0, origin=f"vf:{SIBLING}"), "macvtap")
        equal((style["transmit"], style["verdict"]), ("untested", "safe"), "transmit without loopback, verdict")


# A VF takes the address as soon as it is assigned, and keeps it until it is cleared: nobody serves it until it is up.
EARLY = "come=assign+reset+driver+up go=clear arb=vf"
DEAF = {"assign", "attach", "driver", "down", "unplug", "detach", "reassign", "vf-first", "vf-first-unplug"}


def counted(nic, personality, settle):
    """The bridge style on such a NIC, and the steps in which most of what landed nowhere was counted for the VF."""
    nic.personality(f"default {EARLY} {personality}")
    style = style_of(probe(nic.host, "--style", "bridge", status=1, settle=settle, rate=1000), "bridge")
    equal((style["verdict"], style["release"]), ("early", "clear"), "verdict, release")
    nowhere = (s for s in style["steps"] if s["unicast"] and s["unicast"]["landing"] == "nowhere" and s["vf_rx_packets"] is not None)
    return style, {s["step"] for s in nowhere if s["vf_rx_packets"] + s["vf_rx_dropped"] >= 0.8 * s["unicast"]["sent"]}


def test_counters(host):
    """statistics of VFs, of a driver that counts"""
    with one(host, bound=True) as nic:
        style, steps = counted(nic, "stats=1", settle=0.6)
    check(steps <= DEAF and len(steps) >= 4, f"the counter has moved in {sorted(steps)}")
    if "attach" in steps:
        words(style["reason"], ("in step attach the driver counted", "frames for VF 3"), "the reason")
    for step in style["steps"]:
        if step["step"] in steps:
            check(step["vf_rx_dropped"] > step["unicast"]["sent"] / 2, f"dropped, in {step}")


@long
def test_more_counters(host):
    """of two that do not or not that, and of one that looks every 2 s"""
    with one(host, bound=True) as nic:
        blind = counted(nic, "stats=1 stats_down=0", settle=0.3)
        none = counted(nic, "stats=0", settle=0.3)
        late = counted(nic, "stats=1 stats_ms=2000", settle=1)
    # It counts what a VF has taken, not what was for one that nobody serves: silence proves nothing.
    equal((blind[1], blind[0]["release"]), (set(), "clear"), "the counter of what nobody took has moved in; release")
    equal({s["vf_rx_packets"] for s in none[0]["steps"]}, {None}, "frames counted by a driver that does not")
    # A late count may be of an earlier step: it is reported.
    check(any(s["vf_rx_dropped"] for s in late[0]["steps"]), "the counter that lags has not moved at all")

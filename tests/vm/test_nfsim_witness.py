# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfprobe says besides the landings, on simulated NICs: whether what the standby sends leaves the NIC."""

import json

from probing import outcome, style_of, valid, words
from scenario import equal
from simulated import one

VF, SIBLING = 3, 1
ASKED = "assign attach driver up down unplug".split()
QUICK = ("--vf", VF, "--settle", "0.2", "--rate", "200")


def probe(host, *args, status, origin="nf0w"):
    return outcome(host.nfprobe("nf0", *QUICK, "--from", origin, *args, "--json"), status)


def sending(style):
    """The answers of the steps that ask, standby (the control) first."""
    return {s["step"]: s["transmit"] for s in style["steps"] if s["transmit"]}


def expect(style, dropped, summary):
    want = {"standby": "ok", **{step: "dropped" if step in dropped else "ok" for step in ASKED}}
    equal(sending(style), want, f"what the standby sends, {style['style']}")
    equal(style["transmit"], summary, f"transmit, {style['style']}")


def test_transmit_dropped(host):
    """a NIC that drops what the PF sends with the address of a VF: where the VF has a filter for it, or was assigned it"""
    with one(host, "come=up go=down+unplug+clear arb=both pf_spoof=filter", bound=True) as nic:
        result = host.nfprobe("nf0", *QUICK, "--from", "nf0w", "--json=/tmp/witness.json")
        out = valid(json.loads(host.read("/tmp/witness.json")))
        for style in ("filter", "promisc"):
            expect(style_of(out, style), ["up"], "dropped")
        equal((out["verdict"], result.status), ("safe", 0), "the verdict, which does not depend on it")
        words(" ".join(result.out.split()),
              ("sending", "nf0 drops what the standby sends with the address in up"), "the text")
        nic.personality("pf_spoof=assigned")
        out = probe(host, "--style", "macvtap", status=0, origin=f"vf:{SIBLING}")
        expect(style_of(out, "filter"), ASKED, "dropped")


def test_transmit_ok(host):
    """a NIC that drops nothing; and one that does not bring the PF's frames to the source, so that nothing is known"""
    with one(host, "come=up go=down+unplug+clear arb=both", bound=True) as nic:
        out = probe(host, "--style", "macvtap", "--vlan", 100, status=0)
        expect(style_of(out, "filter"), [], "ok")
        # What the PF sends to a VF leaves by the wire: the sibling hears not even the control.
        nic.personality("loop_pf_vf=0 pf_spoof=assigned")
        style = style_of(probe(host, "--style", "macvtap", status=0, origin=f"vf:{SIBLING}"), "filter")
        equal((style["transmit"], style["verdict"]), ("untested", "safe"), "transmit without loopback, verdict")

# SPDX-License-Identifier: GPL-2.0-or-later
"""The results of nfprobe besides the landings, on simulated NICs: the standby's frames."""

import json

from probing import PACE, outcome, style_of, valid, words
from scenario import equal
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
        result = host.nfprobe("nf0", "--vf", VF, *PACE, "--from", "nf0w", "--json=/tmp/witness.json")
        out = valid(json.loads(host.read("/tmp/witness.json")))
        for style in ("macvtap", "bridge"):
            expect(style_of(out, style), ASKED, "dropped")
        equal((out["verdict"], result.status), ("safe", 0), "the verdict, which does not depend on it")
        words(" ".join(result.out.split()),
              ("but MUTE", "The NIC drops what the macvtap standby sends (migrates, next)."), "the text")
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

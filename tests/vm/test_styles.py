# SPDX-License-Identifier: GPL-2.0-or-later
"""Standbys as people build them, on the emulated igb."""

from probing import PACE, ladder_of, probe, style_of, words
from scenario import PF, equal
from test_igb import EARLY, FILTER, FILTER_INSIDE, PROMISC, SAFE, expect, reset_vf

QUICK = ("--vf", "3", *PACE)
# The emulated igb gives a PF, and a second VF, no group that it has not joined itself.
DEAF = {**SAFE, "verdict": "deaf", "multicast": "lost"}


def test_all_styles(host):
    """the five styles: only a bridge without an entry is early, and a second VF is put back"""
    reset_vf(host)
    out, err = probe(host, *QUICK, "--style", "all,vf-bridge:1", "-v", status=1, left=("VF 1 of",))
    expect(style_of(out, "macvtap"), FILTER, SAFE)
    expect(style_of(out, "bridge"), PROMISC, EARLY)
    for name in ("bridge+fdb", "static-bridge"):
        expect(style_of(out, name), FILTER, DEAF)
    # Nothing that is not its own reaches a second VF.
    expect(style_of(out, "vf-bridge"), FILTER_INSIDE, DEAF)
    equal({ladder_of(style): style.get("via") for style in out["vf"]["styles"] if style.get("via")},
          {"vf-bridge": "vf:1", "vf-bridge+pin": "vf:1"}, "the standby's port")
    equal({style["bus_master_falls"] for style in out["vf"]["styles"]}, {"yes"}, "bus mastering falls with the driver")
    words(err, ("vf 1 spoofchk off", "vf 1 spoofchk on"), "the changes")


def test_second_vf(host):
    """vf-bridge: the first idle VF by default; none to spare, and one that cannot be it"""
    # igb does not delete what the second VF had in its filter.
    out, _ = probe(host, *QUICK, "--style", "vf-bridge", "--skip=multicast", status=1, left=("VF 0 of",))
    style = style_of(out, "vf-bridge")
    equal((style.get("via"), style["filter_verdict"], out["verdict"]), ("vf:0", "safe", "deaf"), "its port, the verdict of the filter, of its bridge")
    taken = host.nfprobe(PF, *QUICK, "--style", "vf-bridge:3")
    words(taken.err, ("--style vf-bridge:3: VF 3 is probed itself and cannot be the standby's port",), "a VF that is probed itself")
    equal(taken.status, 4, "status")

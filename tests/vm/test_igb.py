# SPDX-License-Identifier: GPL-2.0-or-later
"""The verdicts of nfprobe on a real driver: igb and igbvf on an emulated Intel 82576.

The expected landings were measured with ip, bridge and raw sockets, without nfprobe. Broadcast always
reached the PF.
"""

from probing import PACE, ladder_of, probe, style_of
from scenario import PF, WIRE, check, equal, long

STEPS = ("control standby assign attach up unplug detach clear "
         "vf-first vf-first-up vf-first-rewritten vf-first-unplug vf-first-back vf-first-clear").split()

FILTER = "pf pf pf pf both pf pf pf pf both both pf both pf".split()
FILTER_INSIDE = ["nowhere"] + FILTER[1:]
PROMISC = ("pf pf nowhere nowhere vf nowhere nowhere pf "
           "nowhere vf vf nowhere vf pf").split()
# The result is the same for every source and VLAN, so the runs take as little time as they can: test_user takes a user's.

# The PF was set down and up, and no VF was reset since.
PROMISC_FRESH = PROMISC[:2] + ["pf"] + PROMISC[3:]

SAFE = {"verdict": "safe", "claim": "up", "release": "unplug", "delivery": "both", "requires": []}
EARLY = {"verdict": "early", "claim": "assign", "release": "clear", "delivery": "vf",
         "requires": ["assign-at-hotplug", "clear-at-unplug"]}


def landings(style, kind="unicast"):
    return {s["state"]: s["frames"][kind]["landing"] for s in style["steps"] if s["status"] == "done"}


def rows(style, row):
    """By step, but for that which an earlier ladder of the run has shown."""
    shown = {s["state"] for s in style["steps"] if s["status"] == "skipped" and s["skip_allowed"]} & {"vf-first-rewritten"}
    return {step: landing for step, landing in zip(STEPS, row) if step not in shown}


def expect(style, row, judgement):
    equal(landings(style), rows(style, row), ladder_of(style) + " landings")
    for step, landing in landings(style, "broadcast").items():
        check(landing in ("pf", "both"), f"{ladder_of(style)} {step}: broadcast landed {landing}")
    equal({key: style[key] for key in judgement}, judgement, ladder_of(style) + " judgement")


def fresh_pf(host):
    """Sets the PF down and up: igb forgets the VFs' filters until each VF is reset."""
    host.ok("ip", "link", "set", PF, "down")
    host.ok("ip", "link", "set", PF, "up")
    host.wait_carrier(PF)


def reset_vf(host, vf=3):
    """A VF driver's reset message: the state that a host is in which has used its VFs."""
    host.vf_unbind(vf)
    host.vf_bind(vf)


def wire(host, *args, fixes, text=None):
    reset_vf(host)
    out, _ = probe(host, "--vf", "3", *args, status=1, fixes=True, text=text)
    num = 4 if fixes else 2
    equal(out["source"]["kind"], "wire", "source")
    equal(out["source"]["from"], WIRE, "from")
    expect(style_of(out, "macvtap"), FILTER, SAFE)
    expect(style_of(out, "bridge"), PROMISC, EARLY)
    equal(out["verdict"], "early", "verdict")
    equal([len(landings(style)) for style in out["vf"]["styles"]], [len(STEPS), *[len(STEPS) - 1] * (num - 1)],
          "steps: the first ladder shows one for all")
    equal(out["vf"]["requires"],
          ["use-macvtap-standby", *(["add-filter-entry", "pin-at-tap"] if fixes else []), "assign-at-hotplug", "clear-at-unplug"],
          "requires of the VF")
    styles = [(ladder_of(style), style["verdict"], style["fix"] is not None) for style in out["vf"]["styles"]]
    equal(styles, [("macvtap", "safe", False), ("bridge", "early", False), ("bridge+fdb", "deaf", True), ("bridge+fdb+pin", "deaf", True)][:num],
          "styles: the entry alone for its bridge, and with a pin for its multicast")
    equal(out["vf"]["others_up"], 0, "other VFs that were up")
    for style in out["vf"]["styles"]:
        equal((style["uplink_hears_itself"], style["uplink_hears_vf"]), ("yes", "yes"), f"what comes back at the PF, {ladder_of(style)}")
    equal([style["bridge_verdict"] for style in out["vf"]["styles"]], [None, "deaf", "deaf", None][:num], "what a bridge makes of it")
    proofs = {proof["requires"]: proof["proved_by"] for proof in out["vf"]["proofs"]}
    equal(proofs, {"use-macvtap-standby": "macvtap", "assign-at-hotplug": "up", "clear-at-unplug": "vf-first-clear",
                   **({"add-filter-entry": "bridge+fdb+pin", "pin-at-tap": "bridge+fdb+pin"} if fixes else {})}, "proofs")


def test_wire(host):
    """from the wire: macvtap is safe, bridge is early, every landing as measured, and what is printed was seen to fix it"""
    wire(host, *PACE, "--style", "macvtap,bridge", fixes=True)


def test_user(host):
    """a user's run, who gives no option: the same in these words, and no fix is tried beside a style that is safe"""
    wire(host, fixes=False, text="igb")


@long
def test_wire_vlan(host):
    """from the wire with --vlan 100: the same rows"""
    reset_vf(host)
    out, _ = probe(host, "--vf", "3", "--vlan", "100", *PACE, status=1)
    equal(out["settings"]["vlan"], 100, "vlan")
    expect(style_of(out, "macvtap"), FILTER, SAFE)
    expect(style_of(out, "bridge"), PROMISC, EARLY)


def test_fresh_pf(host):
    """a PF that was just set down and up hides it until the VF is reset: attach tells"""
    fresh_pf(host)
    out, _ = probe(host, "--vf", "3", "--style", "bridge", *PACE, status=1)
    expect(style_of(out, "bridge"), PROMISC_FRESH, EARLY)


@long
def test_sibling(host):
    """from another VF: the filter row; the bridge style cannot be tested"""
    reset_vf(host)
    out, _ = probe(host, "--vf", "3", "--from", "vf:1", *PACE, status=3)
    equal(out["source"]["kind"], "vf", "source")
    expect(style_of(out, "macvtap"), FILTER_INSIDE, SAFE)
    equal(style_of(out, "bridge")["verdict"], "unknown", "bridge")
    check(style_of(out, "bridge")["reason"], "unknown without a reason")


def test_other_vf_up(host):
    """while another VF is up a promiscuous igb gives the standby nothing: said to be the NIC, not the network"""
    reset_vf(host)
    other = host.vf_netdev(1)
    host.ok("ip", "link", "set", other, "up")
    host.wait_carrier(other)
    try:
        out, _ = probe(host, "--vf", "3", "--from", WIRE, *PACE, status=1, text="igb-other-vf-up")
    finally:
        host.ok("ip", "link", "set", other, "down")
    expect(style_of(out, "macvtap"), FILTER, SAFE)
    style = style_of(out, "bridge")
    equal((style["verdict"], style["filter_verdict"]), ("deaf", "unknown"), "bridge, which gets its own broadcasts back as well")
    equal(landings(style), {"control": "pf", "standby": "nowhere"}, "bridge landings")
    for words in ("the NIC does that, not the network", "while another VF is up"):
        check(words in style["filter_reason"], f"the reason does not say {words!r}: {style['filter_reason']}")

# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest hears what follows from the landings that nfprobe reports, with each style of standby."""

import json
import re

from guest import (ADDRESS, Guest, bridge, guest, macvtap, macvtap_group, static_bridge, vf_bridge,
                   vf_bridge_without, without_driver)
from probing import PACE, ladder_of, valid
from scenario import PF, WIRE, check, equal

MACHINE = {"failover": True, "vfs": (2,)}
RESULT = "/tmp/result.json"

# The guest's life: the state, the actions that lead to it, nfprobe's steps on the way there, and the receiver to which the
# guest listens: net_failover drops what the standby receives while there is a primary (net_failover_handle_frame). So the
# guest is deaf until its driver is gone, and its outage in `unplug` may be longer than the NIC's.
STATES = (
    ("standby", (), ("standby",), "pf"),
    ("assign", ("assign",), ("assign",), "pf"),
    ("attach", ("reset",), ("attach",), "pf"),
    ("up", ("boot",), ("up",), "vf"),
    ("unplug", ("unbind",), ("unplug",), "pf"),
    ("detach", ("reset",), ("detach",), "pf"),
    ("clear", ("clear",), ("clear",), "pf"),
    ("up again", ("assign", "reset", "boot"), ("vf-first-up",), "vf"),
    ("migrates", ("unbind",), ("vf-first-unplug",), "pf"),
    # A migration that was cancelled, without a reset; and a clear before one.
    ("back", ("boot",), ("vf-first-back",), "vf"),
    ("at once", ("unbind", "clear"), ("vf-first-clear",), "pf"),
)

DEAF = {"unicast": False, "broadcast": True}
STALE = {"unicast": True, "broadcast": True}

# The kernel's Documentation/networking/net_failover.rst, word for word: the standby's link is down while the guest has its VF.
# Where nfprobe has no step, the fourth column says what the guest hears. The second VF gets its entry only once the first has
# lost it. `bridge fdb add MAC dev TAP master` makes the address the bridge's own, which static does not. The second VF keeps
# what was deleted: igb refuses E1000_VF_MAC_FILTER_CLR, with which igbvf sends no address (igb_set_vf_mac_filter, since 5.16).
PROCEDURE = (
    ("booted", ("assign", "reset", "boot", "link_down"), ("up",), "vf"),
    ("setlink up", ("link_up",), ("up",), "vf"),
    ("detached", ("unbind", "reset"), (), DEAF),
    ("cleared", ("clear",), (), DEAF),
    ("fdb add", ("fdb_add",), ("clear",), "pf"),
    ("..master", ("fdb_add_master",), (), DEAF),
    ("..static", ("fdb_add_master_static",), ("clear",), "pf"),
    ("fdb del", ("fdb_del",), (), STALE),
    ("attached", ("assign", "reset"), (), STALE),
    ("up", ("boot",), ("up",), "vf"),
    ("setlink down", ("link_down",), ("up",), "vf"),
)


def step_of(style, name):
    return next(step for step in style["steps"] if step["state"] == name)


def by_nfprobe(kind, style, state, by):
    """Whether the guest hears the kind, from the landing that nfprobe reported."""
    landing = step_of(style, state)["frames"][kind]["landing"]
    check(landing in ("pf", "vf", "both", "nowhere"), f"nfprobe: {kind} in {state} landed {landing}")
    return landing in (by, "both")


def by_fix(kind, style, state, by):
    """In each state, which is also what nfprobe reported."""
    check(by_nfprobe(kind, style, state, by), f"nfprobe: the guest does not hear {kind} in {state}")
    return True


def by_macvtap(passes):
    """The guest hears as nfprobe reports, but a macvtap drops groups that it has not joined (macvlan_handle_frame)."""
    return lambda kind, style, state, by: (by == "vf" or passes) and by_nfprobe(kind, style, state, by)


def probed(host, styles=()):
    """A run of these styles, or of the usual ones, with fixes: (its text, its styles). Once per machine."""
    runs = host.vm.__dict__.setdefault("guest_probed", {})
    if styles not in runs:
        with without_driver(host):
            Guest(host).precede()
            words = ("--style", ",".join(styles or ("macvtap", "bridge")))
            result = host.nfprobe(PF, "--vf", 0, "--from", WIRE, *words, *PACE, "-v", f"--json={RESULT}", fixes=not styles)
        check(result.status in (0, 1), f"nfprobe's status {result.status}: {result.err}")
        runs[styles] = (" ".join(result.out.split()), valid(json.loads(host.read(RESULT)))["vf"]["styles"])
    return runs[styles]


def by_run(host, style):
    """nfprobe's result for the style."""
    styles = probed(host, () if style in ("macvtap", "bridge", "bridge+fdb") else ("static-bridge", "vf-bridge"))[1]
    return next(result for result in styles if ladder_of(result) == style)


def line(state, steps, result, style):
    shares = "".join(f"{kind} {heard:3}/{sent:<5}" for kind, (heard, sent, _) in result["shares"].items())
    gaps = {t["to"]: t["gap_us"] for t in style["transitions"]}
    said = ", ".join(f"{step} {gaps[step] / 1000:.0f} ms" if gaps.get(step) is not None else f"{step} -" for step in steps)
    outage = "-" if result["outage"] is None else f"{result['outage']:.0f} ms"
    return f"{state:12} {shares} outage {outage:8} (nfprobe: {said})"


def life(host, standby, style, rules, states=STATES):
    """Goes through the states and returns a table. `rules`: for each kind, whether the guest must hear it; other kinds are
    only reported."""
    nfprobe = by_run(host, style)
    report = []
    with guest(host, standby) as it:
        for state, actions, steps, by in states:
            it.begin_change()
            for action in actions:
                getattr(it, action)()
            expected = {kind: rule(kind, nfprobe, steps[-1], by) for kind, rule in rules.items()} if steps else by
            result = it.hears(expected)
            report.append(line(state, steps, result, nfprobe))
            so_far = "\n".join(report)
            check(result["good"], f"in {state} the guest was to hear (true) or not hear {expected}:\n{so_far}\n{it.fdb()}")
            twice = {kind: result["shares"][kind][2] for kind in BOTH}
            equal(twice, dict.fromkeys(BOTH, 0), f"frames that the guest heard twice in {state}")
    return so_far


BOTH = {"unicast": by_nfprobe, "broadcast": by_nfprobe}
ALL = {**BOTH, "multicast": by_nfprobe}


def test_bridge(host):
    """standby on a bridge: in each state the guest hears what follows from nfprobe's landings"""
    return life(host, bridge, "bridge", ALL)


def test_macvtap(host):
    """standby on a macvtap: the same, but no neighbour solicitation reaches the guest through the standby"""
    return life(host, macvtap, "macvtap", {**BOTH, "multicast": by_macvtap(False)})


def test_macvtap_group(host):
    """standby on a macvtap that has joined the guest's group: solicitations reach the guest in each state"""
    return life(host, macvtap_group, "macvtap", {**BOTH, "multicast": by_macvtap(True)})


def test_fix(host):
    """standby on a bridge, for which nfprobe prints a fix: by that command, unicast and broadcast reach the guest in each state"""
    printed = re.search(f"bridge fdb add GUEST_MAC dev {PF} self permanent", probed(host)[0])
    check(printed, f"no command in:\n{probed(host)[0]}")
    fix = f"ip netns exec hv {printed[0].replace('GUEST_MAC', ADDRESS)}"
    return life(host, lambda host: bridge(host, fix), "bridge+fdb", {**dict.fromkeys(BOTH, by_fix), "multicast": by_nfprobe})


def test_static_bridge(host):
    """standby on static-bridge, whose entry is sticky"""
    return life(host, static_bridge, "static-bridge", ALL)


def test_vf_bridge(host):
    """standby on vf-bridge, which has an entry"""
    return life(host, vf_bridge, "vf-bridge", ALL)


def test_procedure(host):
    """net_failover.rst word for word: the guest is deaf until the second VF's entry comes, and with that of its tap, unless it is static"""
    return life(host, vf_bridge_without, "vf-bridge", ALL, PROCEDURE)

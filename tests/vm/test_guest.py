# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest hears what follows from the landings that nfprobe reports, with a bridge and with a macvtap as its standby."""

from guest import Guest, bridge, guest, macvtap, macvtap_allmulticast, macvtap_group, without_driver
from probing import outcome, style_of
from scenario import PF, WIRE, check, equal

MACHINE = {"failover": True, "vfs": (1,)}
QUICK = ("--settle", "0.5", "--rate", "200")

# The guest's life: the state, the actions that lead to it, nfprobe's steps on the way there, and the receiver to which the
# guest listens: net_failover drops what the standby receives while there is a primary (net_failover_handle_frame). So the
# guest is deaf from nfprobe's step `down` until its driver is gone, and its outage in `unplug` is longer than the NIC's.
STATES = (
    ("standby", (), ("standby",), "pf"),
    ("assign", ("assign",), ("assign",), "pf"),
    ("attach", ("reset",), ("attach",), "pf"),
    ("up", ("boot",), ("driver", "up"), "vf"),
    ("unplug", ("unbind",), ("down", "unplug"), "pf"),
    ("detach", ("reset",), ("detach",), "pf"),
    ("clear", ("clear",), ("clear",), "pf"),
    ("reassign", ("assign", "reset"), ("reassign",), "pf"),
)


def step_of(style, name):
    return next(step for step in style["steps"] if step["step"] == name)


def by_nfprobe(kind, style, state, by):
    """Whether the guest hears the kind, from the landing that nfprobe reported."""
    landing = step_of(style, state)[kind]["landing"]
    check(landing in ("pf", "vf", "both", "nowhere"), f"nfprobe: {kind} in {state} landed {landing}")
    return landing in (by, "both")


def by_macvtap(passes):
    """As nfprobe reports, but a macvtap drops groups that it has not joined (macvlan_handle_frame)."""
    return lambda kind, style, state, by: (by == "vf" or passes) and by_nfprobe(kind, style, state, by)


def probed(host, style):
    """nfprobe's result for the style; probes once per machine."""
    results = host.vm.__dict__.setdefault("guest_probed", {})
    if style not in results:
        with without_driver(host):
            Guest(host).precede()
            result = host.nfprobe(PF, "--vf", 0, "--from", WIRE, "--style", style, *QUICK, "--json")
        check(result.status in (0, 1), f"nfprobe's status {result.status}: {result.err}")
        results[style] = style_of(outcome(result, result.status), style)
    return results[style]


def line(state, steps, result, style):
    shares = "".join(f"{kind} {heard:3}/{sent:<5}" for kind, (heard, sent, _) in result["shares"].items())
    gaps = {t["to"]: t["gap_us"] for t in style["transitions"]}
    said = ", ".join(f"{step} {gaps[step] / 1000:.0f} ms" if gaps.get(step) is not None else f"{step} -" for step in steps)
    outage = "-" if result["outage"] is None else f"{result['outage']:.0f} ms"
    return f"{state:9} {shares} outage {outage:8} (nfprobe: {said})"


def life(host, standby, style, rules):
    """Goes through the states and returns a table. `rules`: for each kind, whether the guest must hear it; other kinds are
    only reported."""
    nfprobe = probed(host, style)
    report = []
    with guest(host, standby) as it:
        for state, actions, steps, by in STATES:
            it.begin_change()
            for action in actions:
                getattr(it, action)()
            expected = {kind: rule(kind, nfprobe, state, by) for kind, rule in rules.items()}
            result = it.hears(expected)
            report.append(line(state, steps, result, nfprobe))
            so_far = "\n".join(report)
            check(result["good"], f"in {state} the guest was to hear (true) or not hear {expected}:\n{so_far}")
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


def test_macvtap_allmulticast(host):
    """standby on a macvtap with allmulticast on: the same"""
    return life(host, macvtap_allmulticast, "macvtap", {**BOTH, "multicast": by_macvtap(True)})

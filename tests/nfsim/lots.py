# SPDX-License-Identifier: GPL-2.0-or-later
"""Personalities drawn by lot, and the smallest one that still shows what a larger one showed.

No noise beyond what landings bear: a receiver has a kind of frame at 80 % and more, lacks it at 5 % and less.
"""

import os
import random
import re

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../nic/keys.def"), encoding="utf-8") as file:
    MEMORY = set(re.findall(r"^KEY\(MEMORY, (\w+)", file.read(), re.MULTILINE))  # the keys that memory alone plays
SETS = {
    "come": ("assign", "reset", "driver", "up"),
    "go": ("down", "unplug", "reset", "clear"),
}
# Key: the values it may have besides its default, and how often it has one of them.
CHOICES = {
    "history": ((1,), 0.1), "clear_needs_reset": ((1,), 0.1),
    "arb": (("vf", "pf", "both", "last"), 0.8),
    "vf_second": (("silent", "EEXIST", "EBUSY", "EPERM"), 0.12), "retry": ((1,), 0.2),
    "pf_second": (("silent", "EEXIST", "EOPNOTSUPP", "ENOSPC"), 0.12), "pf_second_promisc": ((1,), 0.1),
    "busy": (("EAGAIN", "EBUSY"), 0.1), "zero": (("EINVAL", "EADDRNOTAVAIL", "EPERM", "EOPNOTSUPP"), 0.2),
    "fdb": (("EOPNOTSUPP", "EINVAL"), 0.1), "fdb_del": (("static", "any", "none"), 0.3), "unicast_flt": ((0,), 0.1),
    "unreg_wire": ((1,), 0.3), "unreg_vf": ((1,), 0.1),
    "promisc_owned": ((1,), 0.2), "promisc_vf": ((0,), 0.3), "loop_vf_pf": ((0,), 0.1), "loop_vf_vf": ((0,), 0.1),
    "loop_pf_vf": ((0,), 0.1), "loop_pf_pf": ((1,), 0.3), "bcast_vf": (("no", "always"), 0.1),
    "vlan": (("ignore",), 0.2), "spoofchk": (("off", "absent"), 0.2), "trust": (("on", "absent"), 0.2),
    "no_reset": ((1,), 0.1), "reset_method": (("bus",), 0.05), "stats": ((1,), 0.3), "own_report": ((0,), 0.2),
    "rename_ms": ((20,), 0.1), "netdev_ms": ((50,), 0.2), "vf_carrier_ms": ((100, 300), 0.3), "wrong_mac": ((1,), 0.1),
    "set_reset_ms": ((100,), 0.1), "loss": ((0.5, 3), 0.3), "dup": ((0.5, 5), 0.3), "reorder": ((5,), 0.2),
    "delay_us": ((500, 5000), 0.3), "jitter_us": ((200,), 0.2),
}
# The same of multicast.
GROUPS = {
    "mc": (("all", "hash", "trust"), 0.3), "pf_mc": (("all", "hash"), 0.2), "pf_allmulti": (("ignored",), 0.15),
    "pf_promisc_mc": ((0,), 0.3), "mc_forget": (("reset", "down", "reset+unplug"), 0.2),
    "mc_wipe": (("assign", "reset", "down", "assign+clear"), 0.15), "mc_steal": ((1,), 0.2),
    "mc_back": (("up", "unplug", "reset", "clear", "down+reset", "never"), 0.5),
}
# Traits that few drivers have.
RARE = {"rewrites": ((1,), 0.2), "back_needs_reset": ((1,), 0.1), "pf_retry": ((1,), 0.2)}
# The NIC's switch learns from what PF and VF send; every second one floods what it has not learned.
LEARNS = {
    "learns": (("any", "arp", "ipv4", "ipv4+ipv6"), 1), "net_suppress": ((1,), 0.5),
    "unlearn": (("down", "unplug", "reset", "clear", "down+unplug", "down+unplug+reset"), 0.85),
}
FLOODS = {"come": (("never", "up"), 1), "go": (("down+unplug+reset+clear",), 1), "arb": (("both",), 1)}
# The filters of VLANs.
TAGS = {
    "pf_vlan": (("first", "all"), 0.4), "pf_vlan_promisc": ((0,), 0.3), "pf_vlan_alone": (("unicast",), 0.3), "pf_vlan_pool": ((1,), 0.3),
}
# The switch at the wire's other end: what it does at once and in full, and what keeps frames or time from a run.
SWITCH = {"net_suppress": ((1,), 0.7), "net_snoop": ((1,), 0.6)}
HINDRANCES = {
    "net_learn_ms": ((20, 200, 1000), 0.3), "net_learn_max": ((1, 2, 3), 0.3), "net_report_loss": ((1, 10, 50), 0.3),
    "net_forward_ms": ((100, 500, 1500), 0.2), "set_reset_ms": ((20, 100, 300), 0.3),
}
PAUSE = 0.4  # how often it pauses in a run, once
# For a NIC that acts late: others would let the kernel refuse steps, which is another matter.
LATE = ("come", "go", "come_ms", "go_ms", "blip_ms", "arb", "unreg_wire", "unreg_vf", "promisc_owned", "promisc_vf", "zero",
        "no_reset", "bcast_vf", "loss", "dup", "reorder", "delay_us", "seed")
WIRE_FOUND_MS = 3000  # a run that hears nothing for two seconds while it looks for the wire does not begin
DELAYS = ("come_ms", "go_ms", "blip_ms")
NOTICED_MS = 200  # how long a change takes to show: 12 frames at 60 a second, and a machine short of processors


def events(rng, names):
    chosen = [name for name in names if rng.random() < 0.45]
    return "+".join(chosen) or "never"


def draw_some(rng, choices):
    return {key: rng.choice(values) for key, (values, often) in choices.items() if rng.random() < often}


def draw(rng, settle_ms, source="wire"):
    """A personality as a dict; any event may act late, by up to the settling time less what it takes to notice that."""
    keys = {key: events(rng, names) for key, names in SETS.items()}
    for key, (values, often) in CHOICES.items():
        if rng.random() < often:
            keys[key] = rng.choice(values)
    for key in DELAYS:
        if rng.random() < 0.3:
            keys[key] = rng.randrange(1, max(2, settle_ms - NOTICED_MS))
    if "busy" in keys:
        keys["busy_ms"] = rng.randrange(1, 500)
    if source == "vf":  # without these a sibling's frames reach nobody
        keys.pop("loop_vf_pf", None)
    keys["seed"] = rng.randrange(1, 1 << 31)
    return keys


def draw_groups(rng):
    """The NIC's way with multicast. A PF that has not joined a group must not get it by the hash of the group."""
    keys = draw_some(rng, GROUPS)
    if keys.get("pf_mc") == "hash":
        keys = {key: value for key, value in keys.items() if key in ("mc", "pf_mc", "mc_forget")}
    return keys


def draw_switch(rng):
    """A switch; a third of them hinder nothing."""
    hinders = rng.random() < 0.67
    keys = draw_some(rng, SWITCH | (HINDRANCES if hinders else {}))
    if hinders and rng.random() < PAUSE:
        keys |= {"net_pause": rng.choice(("all", "unicast")), "net_pause_at_ms": rng.randrange(WIRE_FOUND_MS, 40000),
                 "net_pause_ms": rng.randrange(300, 2500)}
    return keys


def hinders(keys):
    """May the network keep from a run what the NIC does? With the carrier a switch loses what it has learned, and a NIC that loses groups
    where the carrier goes looks like one that is behind such a switch. A wire that loses frames may lose each report of a group."""
    forgets = "set_reset_ms" in keys and bool(keys.keys() & (SWITCH.keys() | {"mc_wipe", "mc_steal"}))
    unheard = "loss" in keys and "net_snoop" in keys
    return forgets or unheard or bool(keys.keys() & (HINDRANCES.keys() - {"set_reset_ms"} | {"net_pause"}))


def acts_after_ms(keys):
    """The latest."""
    turns = int(keys.get("pf_sync_ms", 0)) + int(keys.get("vf_sync_ms", 0))
    return max(turns, *(int(keys.get(key, 0)) for key in DELAYS))


def draw_slow(rng, settle_ms, source="wire"):
    """A NIC that acts up to five settling times later than its events."""
    keys = draw(rng, settle_ms, source)
    keys = {key: value for key, value in keys.items() if key in LATE}
    for key in rng.sample(DELAYS, rng.randrange(1, len(DELAYS) + 1)):
        keys[key] = rng.randrange(settle_ms, 5 * settle_ms)
    return keys


def numbered_slow(seed, number, settle_ms, source="wire"):
    return draw_slow(random.Random(f"{seed}/{number}/slow"), settle_ms, source)


def numbered(seed, number, settle_ms, source="wire"):
    rare = draw_some(random.Random(f"{seed}/{number}/rare"), RARE)
    return draw(random.Random(f"{seed}/{number}"), settle_ms, source) | draw_groups(random.Random(f"{seed}/{number}/groups")) | rare


def numbered_learner(seed, number):
    rng = random.Random(f"{seed}/{number}/learns")
    return draw_some(rng, FLOODS if rng.random() < 0.5 else {}) | draw_some(rng, LEARNS)


def numbered_switch(seed, number):
    return draw_switch(random.Random(f"{seed}/{number}/switch"))


def numbered_tags(seed, number):
    return draw_some(random.Random(f"{seed}/{number}/tags"), TAGS)


def of_module(keys):
    return {key: value for key, value in keys.items() if key not in MEMORY}


def shrink(keys, fails):
    """Drops keys one after the other as long as `fails(keys)`."""
    for key in list(keys):
        fewer = {name: value for name, value in keys.items() if name != key}
        if fails(fewer):
            keys = fewer
    return keys


def text(keys):
    return " ".join(f"{key}={value}" for key, value in keys.items())

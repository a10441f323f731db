# SPDX-License-Identifier: GPL-2.0-or-later
"""
The VLAN of a guest on QEMU's igb.

Its PF drops each VLAN that nobody registered (VFTA). A VLAN that the PF alone has registered reaches it as unicast, by the
default pool, and not as broadcast: Linux's igb makes no VLVF entry for that (vlvf_bypass in igb_vfta_set), and QEMU's
igb_receive_assign asks VLVF. So nothing cures a standby there, and nfprobe must say so. A bridge that makes the PF
promiscuous is no better: each VLAN comes as unicast, and none as broadcast.
"""

import json

from probing import PACE, ladder_of, valid
from scenario import PF, WIRE, check, equal

RESULT = "/tmp/vlan.json"
V = 100
KINDS = ("unicast", "broadcast")

# Where a guest must hear, by step, and where nfprobe found the VLAN of a macvtap's guest.
AT = {"standby": "pf", "attach": "pf", "up": "vf", "unplug": "pf", "detach": "pf", "clear": "pf",
      "vf-first": "pf", "vf-first-up": "vf", "vf-first-rewritten": "vf", "vf-first-unplug": "pf", "vf-first-back": "vf", "vf-first-clear": "pf"}
DEAF_WITHOUT_VF = {step: "yes" if at == "vf" else "no" for step, at in AT.items()}


def probed(host, *words, vf=1, status=None):
    """A run with the guest's VLAN: (its text, its styles by name). Nothing of it is left on the PF."""
    result = host.nfprobe(PF, "--vf", vf, "--from", WIRE, "--guest-vlan", V, *words, *PACE, f"--json={RESULT}")
    document = valid(json.loads(host.read(RESULT)))
    check(status is None or result.status == status, f"status {result.status}, not {status}: {result.err}{result.out}")
    equal(host.ok("ip", "-o", "link", "show", "type", "macvlan"), "", "macvlans after the run")
    return " ".join(result.out.split()), {ladder_of(style): style for style in document["vf"]["styles"]}


def fits(style):
    return {step["state"]: step["vlan_answer"] for step in style["steps"] if step["state"] in AT}


def landings(style, step, kinds=KINDS):
    frames = next(s for s in style["steps"] if s["state"] == step)["frames"]
    return tuple(frames[f"vlan_{kind}"]["landing"] for kind in kinds)


def test_deaf(host):
    """behind a macvtap and static-bridge the guest is deaf in its VLAN exactly while it has no VF"""
    out, styles = probed(host, "--style", "macvtap,static-bridge", status=1)
    for style in styles.values():
        found = style["guest_vlan"]
        equal((style["verdict"], found["verdict"], found["step"]), ("deaf", "lost", "standby"), style["style"])
        equal(fits(style), DEAF_WITHOUT_VF, "where the guest gets its VLAN")
        equal((found["carried"], found["filters"], found["works_registered"]), ("yes", "yes", "no"), "network, filter, registration")
        registered = found["registered"]["frames"]
        equal([registered[f"vlan_{kind}"]["landing"] for kind in (*KINDS, "own", "free")], ["pf", "nowhere", "pf", "nowhere"],
              "while the PF has registered it")
        equal(found["unregistered"]["frames"]["vlan_own"]["landing"], "nowhere", "the control, when it no longer has")
        for step in style["steps"]:
            if step["state"] in AT:
                check(step["frames"]["unicast"]["landing"] in (AT[step["state"]], "both"), f"{step['state']}: the same without a tag")
    check("deaf in VLAN 100 only" in out, out)
    check("VLAN 100 LOST ok LOST LOST LOST LOST LOST" in out, out)


def test_swallowed(host):
    """a VLAN netdev on the PF that is down swallows the VLAN, in this network namespace or another, whatever the PF gets"""
    host.ok("ip", "link", "add", "link", PF, "name", "swallows", "type", "vlan", "id", V)
    try:
        out, styles = probed(host, "--style", "macvtap", status=1)
        equal(styles["macvtap"]["guest_vlan"]["vlan_netdev"], "swallows", "by whom")
        equal(landings(styles["macvtap"], "standby")[0], "pf", "unicast at the PF all the same")
        check("swallowed by swallows" in out, out)
        host.sh("ip netns add other; ip link set swallows netns other")
        _, styles = probed(host, "--style", "macvtap", status=1)
        found = styles["macvtap"]["guest_vlan"]
        equal((found["verdict"], "not in this network namespace" in found["vlan_netdev"]), ("lost", True), found["vlan_netdev"])
    finally:
        host.sh("ip netns del other || ip link del swallows || true")

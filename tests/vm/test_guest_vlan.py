# SPDX-License-Identifier: GPL-2.0-or-later
"""
The VLAN of a guest on QEMU's igb.

Its PF drops each VLAN that nobody registered (VFTA). A VLAN that the PF alone has registered reaches it as unicast, by the
default pool, and not as broadcast: Linux's igb makes no VLVF entry for that (vlvf_bypass in igb_vfta_set), and QEMU's
igb_receive_assign asks VLVF. So nothing cures a standby there, and nfprobe must say so. A bridge that makes the PF
promiscuous is no better: each VLAN comes as unicast, and none as broadcast.
"""

import contextlib
import json

from probing import PACE, ladder_of, valid
from scenario import PF, WIRE, check, equal, made

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


@contextlib.contextmanager
def sibling(host, vf):
    """A VF in use, whose netdev has registered the VLAN."""
    netdev = host.vf_netdev(vf)
    host.sh(f"ip link set {netdev} up; ip link add link {netdev} name sibling type vlan id {V}")
    try:
        host.wait_carrier(netdev)
        yield
    finally:
        host.sh(f"ip link del sibling; ip link set {netdev} down")


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
    check("VLAN 100 LOST ok LOST LOST LOST LOST LOST LOST" in out, out)


def static_bridge(host):
    """A bridge with the PF as a port that neither learns nor is flooded to, so that the bridge does not keep it promiscuous."""
    return made(host, f"""ip link add br0 type bridge vlan_filtering 1; ip link set {PF} master br0; ip link set br0 up
        bridge link set dev {PF} learning off flood off""", "ip link del br0")


def test_static_bridge(host):
    """the PF on static-bridge takes no macvlan, and registers the VLAN all the same; deaf in it as behind a macvtap"""
    with static_bridge(host):
        out, styles = probed(host, "--style", "static-bridge", status=1)
    found = styles["static-bridge"]["guest_vlan"]
    equal(fits(styles["static-bridge"]), DEAF_WITHOUT_VF, "where the guest gets its VLAN")
    equal((found["verdict"], found["filters"], found["works_registered"]), ("lost", "yes", "no"), "verdict, filter, registration")
    registered = found["registered"]["frames"]
    equal([registered[f"vlan_{kind}"]["landing"] for kind in (*KINDS, "own", "free")], ["pf", "nowhere", "pf", "nowhere"],
          "while the PF has registered it")
    check("Guests with VLAN 100 need another NIC." in out, out)  # rx-vlan-filter is fixed


def test_sibling(host):
    """a sibling that has the VLAN brings the PF unicast, and no broadcast; the run says that there is one"""
    with sibling(host, 2):
        _, styles = probed(host, "--style", "macvtap", status=1)
    style = styles["macvtap"]
    equal(style["guest_vlan"]["sibling_in_use"], True, "sibling_in_use")
    equal(landings(style, "standby"), ("pf", "nowhere"), "unicast and broadcast in its VLAN")
    equal((style["verdict"], style["guest_vlan"]["verdict"]), ("deaf", "lost"), "verdicts")


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


def test_vst(host):
    """a VF with a VLAN from the PF: the guest's is untested, and so the VF is not safe"""
    out, styles = probed(host, "--style", "macvtap", "--vlan", 7, status=3)
    equal((styles["macvtap"]["verdict"], styles["macvtap"]["guest_vlan"]["verdict"]), ("unknown", "untested"), "verdicts")
    check("VST" in out, out)

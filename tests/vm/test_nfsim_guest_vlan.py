# SPDX-License-Identifier: GPL-2.0-or-later
"""
The VLAN of a guest on a simulated NIC whose PF drops what it has not registered, unless it is promiscuous: as igb
(igb_vlan_promisc_enable), ixgbe (ixgbe_vlan_promisc_enable), ice (ice_set_rx_mode, ice_cfg_vlan_pruning) and mlx5
(mlx5e_enable_cvlan_filter, mlx5e_disable_cvlan_filter) do.
"""

import contextlib
import json

from probing import changes, come_to, worker
from scenario import check, equal
from simulated import one

V = 100
SAFE = "come=up go=down+unplug+clear arb=both"
RUN = ("nf0", "--vf", 3, "--from", "nf0w", "--guest-vlan", V, "--settle", "0.5", "--rate", "200")


def styles_of(host, *words, status):
    result = host.nfprobe(*RUN, *words, "--json")
    equal(result.status, status, f"status: {result.err}")
    return {style["style"]: style for style in result.json()["vf"]["styles"]}, result.json()


@contextlib.contextmanager
def commands(host, text, undo):
    host.sh(text)
    try:
        yield
    finally:
        host.sh(undo)


def test_cured(host):
    """a macvtap is deaf in it, a bridge hears it; the printed commands cure the macvtap, and what is left of the run is nothing"""
    with one(host, SAFE, bound=True) as nic:
        styles, document = styles_of(host, "--style", "macvtap,bridge", status=1)
        found = {name: (style["verdict"], style["guest_vlan"]["verdict"], style["guest_vlan"]["filters"],
                        style["guest_vlan"]["cured"]) for name, style in styles.items()}
        equal(found["macvtap"], ("deaf", "lost", "yes", "yes"), "macvtap")
        equal(found["bridge"], ("safe", "ok", "no", "yes"), "bridge")
        printed = next(advice["command"] for advice in document["advice"] if "type macvlan" in (advice["command"] or ""))
        equal(nic.landing("ff:ff:ff:ff:ff:ff"), "pf", "broadcast without a tag after the run")
        with commands(host, printed, "ip link del vlans0"):
            styles, _ = styles_of(host, "--style", "macvtap", status=0)
        equal((styles["macvtap"]["verdict"], styles["macvtap"]["guest_vlan"]["verdict"]), ("safe", "ok"), "by the printed commands")


def test_harm(host):
    """a driver whose first VLAN takes others (i40e): while a guest is on the PF it is registered with --force alone"""
    with one(host, f"{SAFE} driver=i40e", bound=True), commands(host, "ip link add link nf0 name guest0 type macvtap", "ip link del guest0"):
        for words, status, cured in ((), "skipped", "unknown"), (("--force",), "done", "yes"):
            result = host.nfprobe(*RUN, "--style", "macvtap", "-v", *words, "--json=/tmp/harm.json")
            found = json.loads(host.read("/tmp/harm.json"))["vf"]["styles"][0]["guest_vlan"]
            equal((found["while_registered"]["status"], found["cured"]), (status, cured), f"the window, by {words}: {result.out}")
            equal(any("type macvlan mode private" in line for line in changes(result.err)), status == "done", "the change")


def test_killed(host):
    """a run that is killed while the PF has registered the VLAN leaves nothing on the PF"""
    with one(host, SAFE, bound=True):
        before = host.state()
        run = host.begin_nfprobe(*RUN, "--style", "macvtap", "-v")
        come_to(run, "type macvlan mode private", "the run")
        host.sh(f"kill -9 {worker(host, 'nf0')}")
        check(run.wait(180).status != 0, "the run was killed, and says so")
        equal(host.state()["links"], before["links"], "netdevs")
